//! Rows into chunks.

use std::io::Write;

use larkspur_model::workbook::{CellStyle, Row, Sheet, Workbook};

use super::chunk::{Encoder, UNPACKED_LIMIT};
use super::manifest::{ChunkEntry, Manifest};
use crate::{Error, WorkbookSink};

/// Rows a chunk holds at most.
const ROWS: u32 = 1_024;
/// Cells a chunk holds, but for the last row's.
const CELLS: usize = 16_384;
/// Bytes a chunk holds before it is packed, but for the last cell's.
const BYTES: usize = 256 * 1024;

/// Writes a workbook's cells, chunk after chunk, and keeps the index for the manifest.
pub struct ChunkWriter<W> {
    output: W,
    offset: u64,
    encoder: Encoder,
    unpacked: Vec<u8>,
    packed: Vec<u8>,
    compressor: Option<zstd::bulk::Compressor<'static>>,
    manifest: Manifest,
}

impl<W: Write> ChunkWriter<W> {
    /// Chunks go to `output` from its present end on; offsets count from here.
    pub fn new(output: W) -> Self {
        Self {
            output,
            offset: 0,
            encoder: Encoder::default(),
            unpacked: Vec::new(),
            packed: Vec::new(),
            compressor: None,
            manifest: Manifest::default(),
        }
    }

    /// The output and the manifest, once the workbook is finished.
    pub fn into_parts(mut self) -> Result<(W, Manifest), Error> {
        self.flush_chunk()?;
        self.output.flush()?;
        Ok((self.output, self.manifest))
    }

    fn is_full(&self) -> bool {
        self.encoder.row_count >= ROWS
            || self.encoder.cells() >= CELLS
            || self.encoder.bytes() >= BYTES
    }

    fn flush_chunk(&mut self) -> Result<(), Error> {
        if self.encoder.row_count == 0 {
            return Ok(());
        }
        let (first_row, last_row) = (self.encoder.first_row, self.encoder.last_row);
        self.encoder.finish(&mut self.unpacked);
        if self.unpacked.len() > UNPACKED_LIMIT {
            return Err(Error::TooLarge("the text of one cell".to_owned()));
        }
        let compressor = match &mut self.compressor {
            Some(compressor) => compressor,
            none => none.insert(zstd::bulk::Compressor::new(1)?),
        };
        self.packed.clear();
        self.packed.reserve(zstd::zstd_safe::compress_bound(self.unpacked.len()));
        compressor.compress_to_buffer(&self.unpacked, &mut self.packed)?;
        self.output.write_all(&self.packed)?;
        self.manifest.chunks.push(ChunkEntry {
            sheet: (self.manifest.workbook.sheets.len() as u32).saturating_sub(1),
            first_row,
            last_row,
            offset: self.offset,
            length: self.packed.len() as u32,
            unpacked: self.unpacked.len() as u32,
            crc: crc32fast::hash(&self.packed),
        });
        self.offset += self.packed.len() as u64;
        Ok(())
    }
}

impl<W: Write> WorkbookSink for ChunkWriter<W> {
    fn begin(&mut self, styles: &[CellStyle], _: &[String]) -> Result<(), Error> {
        self.manifest.workbook = Workbook { styles: styles.to_vec(), sheets: Vec::new() };
        Ok(())
    }

    fn begin_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        self.flush_chunk()?;
        self.manifest.workbook.sheets.push(sheet.clone());
        Ok(())
    }

    fn row(&mut self, row: &Row) -> Result<(), Error> {
        if row.len() <= CELLS && row.text_bytes() <= BYTES {
            self.encoder.push(row.index(), row.cells());
            return if self.is_full() { self.flush_chunk() } else { Ok(()) };
        }
        // A row too wide for one chunk goes on in the next, some cells at a time.
        let piece = if row.text_bytes() <= BYTES { 1_024 } else { 1 };
        let mut cells = row.cells();
        let mut next: Vec<_> = Vec::with_capacity(piece);
        loop {
            next.clear();
            next.extend(cells.by_ref().take(piece));
            if next.is_empty() {
                return Ok(());
            }
            self.encoder.push(row.index(), next.iter().copied());
            if self.is_full() {
                self.flush_chunk()?;
            }
        }
    }

    fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        self.flush_chunk()?;
        if let Some(last) = self.manifest.workbook.sheets.last_mut() {
            *last = sheet.clone();
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.flush_chunk()?;
        Ok(self.output.flush()?)
    }
}
