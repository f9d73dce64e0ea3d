//! Rows from chunks: all of a sheet in order, or a window of it.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use larkspur_model::workbook::{Row, Value, Workbook};

use super::chunk::{Pending, UNPACKED_LIMIT, Window, decode};
use super::manifest::{ChunkEntry, INLINE, Manifest};
use crate::{Error, WorkbookSource};

/// Where the chunks lie: a file, or anything else that can read a range of bytes.
pub trait ChunkBytes {
    /// Exactly `length` bytes from `offset` on, out of the file of this number: 0 is the first, n the
    /// n-th of the manifest's [`Manifest::later`].
    fn read(&mut self, file: u32, offset: u64, length: u32) -> io::Result<Vec<u8>>;
}

impl<T: Read + Seek> ChunkBytes for T {
    fn read(&mut self, file: u32, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        if file != 0 {
            return Err(io::ErrorKind::NotFound.into());
        }
        read_at(self, offset, length)
    }
}

/// Several files of chunks, in the manifest's order.
#[derive(Debug)]
pub struct ChunkFiles<T>(pub Vec<T>);

impl<T: Read + Seek> ChunkBytes for ChunkFiles<T> {
    fn read(&mut self, file: u32, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        let file = self.0.get_mut(file as usize).ok_or(io::ErrorKind::NotFound)?;
        read_at(file, offset, length)
    }
}

fn read_at(file: &mut (impl Read + Seek), offset: u64, length: u32) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    // The length may be wrong: memory grows with what is really there.
    file.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() == length as usize {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

/// Reads the cells of a stored workbook; holds one chunk at a time.
pub struct ChunkReader<B> {
    manifest: Arc<Manifest>,
    bytes: B,
    unpacked: Vec<u8>,
    decompressor: Option<zstd::bulk::Decompressor<'static>>,
    pending: Pending,
}

impl<B: ChunkBytes> ChunkReader<B> {
    /// A reader of the chunks in `bytes`.
    pub fn new(manifest: impl Into<Arc<Manifest>>, bytes: B) -> Self {
        Self {
            manifest: manifest.into(),
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

    /// The first row from `row` on whose cell in `column` holds nothing. Chunks that are known to
    /// have something there in every row are not read.
    pub fn first_blank(&mut self, sheet: usize, column: u32, row: u32) -> Result<u32, Error> {
        let Ok(sheet_number) = u32::try_from(sheet) else { return Ok(row) };
        let bit = 1_u64.checked_shl(column).unwrap_or(0);
        let mut next = row;
        let entries = self.manifest.chunks_of(sheet_number, row, u32::MAX).to_vec();
        for entry in entries {
            if entry.last_row < next {
                continue;
            }
            if entry.first_row > next {
                break;
            }
            let end = entry.last_row.saturating_add(1);
            if entry.full & bit != 0 {
                next = end;
                continue;
            }
            let walked = self.window(sheet, next..end, column..column + 1, &mut |row| {
                let there =
                    row.cells().any(|cell| cell.value != Value::Empty || cell.formula.is_some());
                if row.index() != next || !there {
                    return Err(Error::Cancelled);
                }
                next += 1;
                Ok(())
            });
            match walked {
                Ok(()) | Err(Error::Cancelled) if next < end => break,
                Err(Error::Cancelled) | Ok(()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(next)
    }

    fn walk(
        &mut self,
        sheet: usize,
        window: &Window,
        visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Ok(sheet) = u32::try_from(sheet) else { return Ok(()) };
        let entries = self.manifest.chunks_of(sheet, window.rows.start, window.rows.end).to_vec();
        self.walk_entries(&entries, window, visit)
    }

    /// Visits the rows of `window` in these chunks.
    pub(super) fn walk_entries(
        &mut self,
        entries: &[ChunkEntry],
        window: &Window,
        visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        // A visit that failed may have left a row behind.
        self.pending = Pending::default();
        for entry in entries {
            self.unpack(entry)?;
            let manifest = Arc::clone(&self.manifest);
            let renumber = manifest.shifts.renumbering(entry, &manifest.workbook);
            let renumber = renumber.as_ref().map(|it| it as &dyn Fn(&str) -> Option<String>);
            let (unpacked, pending) = (&self.unpacked, &mut self.pending);
            decode(unpacked, entry.first_row, window, renumber, pending, visit)?;
        }
        self.pending.close(visit)
    }

    fn unpack(&mut self, entry: &ChunkEntry) -> Result<(), Error> {
        let stored;
        let packed: &[u8] = if entry.file == INLINE {
            let start = usize::try_from(entry.offset).unwrap_or(usize::MAX);
            let end = start.saturating_add(entry.length as usize);
            let inline = self.manifest.inline.get(start..end);
            inline.ok_or_else(|| Error::damaged("a chunk of cells lies outside of its manifest"))?
        } else {
            stored = self.bytes.read(entry.file, entry.offset, entry.length)?;
            &stored
        };
        if crc32fast::hash(packed) != entry.crc || entry.unpacked as usize > UNPACKED_LIMIT {
            return Err(Error::damaged("a chunk of cells has changed since it was written"));
        }
        let decompressor = match &mut self.decompressor {
            Some(decompressor) => decompressor,
            none => none.insert(zstd::bulk::Decompressor::new()?),
        };
        self.unpacked.clear();
        self.unpacked.reserve(entry.unpacked as usize);
        let length = decompressor
            .decompress_to_buffer(packed, &mut self.unpacked)
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
