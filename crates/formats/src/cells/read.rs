//! Rows from chunks: all of a sheet in order, or a window of it.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;

use larkspur_model::workbook::{Row, Workbook};

use super::chunk::{Pending, UNPACKED_LIMIT, Window, decode};
use super::manifest::{ChunkEntry, Manifest};
use crate::{Error, WorkbookSource};

/// Where the chunks lie: a file, or anything else that can read a range of bytes.
pub trait ChunkBytes {
    /// Exactly `length` bytes from `offset` on.
    fn read(&mut self, offset: u64, length: u32) -> io::Result<Vec<u8>>;
}

impl<T: Read + Seek> ChunkBytes for T {
    fn read(&mut self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        self.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        // The length may be wrong: memory grows with what is really there.
        self.take(u64::from(length)).read_to_end(&mut bytes)?;
        if bytes.len() == length as usize {
            Ok(bytes)
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

/// Reads the cells of a stored workbook; holds one chunk at a time.
pub struct ChunkReader<B> {
    manifest: Manifest,
    bytes: B,
    unpacked: Vec<u8>,
    decompressor: Option<zstd::bulk::Decompressor<'static>>,
    pending: Pending,
}

impl<B: ChunkBytes> ChunkReader<B> {
    /// A reader of the chunks in `bytes`.
    pub fn new(manifest: Manifest, bytes: B) -> Self {
        Self {
            manifest,
            bytes,
            unpacked: Vec::new(),
            decompressor: None,
            pending: Pending::default(),
        }
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Visits the rows of a window of a sheet that have any cell in it, with those cells; only the
    /// chunks that hold them are read.
    pub fn window(
        &mut self,
        sheet: usize,
        rows: Range<u32>,
        columns: Range<u32>,
        visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.walk(sheet, &Window { rows, columns }, visit)
    }

    fn walk(
        &mut self,
        sheet: usize,
        window: &Window,
        visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Ok(sheet) = u32::try_from(sheet) else { return Ok(()) };
        // A visit that failed may have left a row behind.
        self.pending = Pending::default();
        let entries = self.manifest.chunks_of(sheet, window.rows.start, window.rows.end).to_vec();
        for entry in &entries {
            self.unpack(entry)?;
            decode(&self.unpacked, entry.first_row, window, &mut self.pending, visit)?;
        }
        self.pending.close(visit)
    }

    fn unpack(&mut self, entry: &ChunkEntry) -> Result<(), Error> {
        let packed = self.bytes.read(entry.offset, entry.length)?;
        if crc32fast::hash(&packed) != entry.crc || entry.unpacked as usize > UNPACKED_LIMIT {
            return Err(Error::damaged("a chunk of cells has changed since it was written"));
        }
        let decompressor = match &mut self.decompressor {
            Some(decompressor) => decompressor,
            none => none.insert(zstd::bulk::Decompressor::new()?),
        };
        self.unpacked.clear();
        self.unpacked.reserve(entry.unpacked as usize);
        let length = decompressor
            .decompress_to_buffer(&packed, &mut self.unpacked)
            .map_err(|_| Error::damaged("a chunk of cells does not unpack"))?;
        if length != entry.unpacked as usize {
            return Err(Error::damaged("a chunk of cells has another size than written"));
        }
        Ok(())
    }
}

impl<B: ChunkBytes> WorkbookSource for ChunkReader<B> {
    fn workbook(&self) -> &Workbook {
        &self.manifest.workbook
    }

    fn rows(
        &mut self,
        sheet: usize,
        visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.walk(sheet, &Window::ALL, visit)
    }
}
