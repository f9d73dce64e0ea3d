//! Rows into packed chunks of the right size. Where the bytes go is the caller's business.

use larkspur_model::workbook::Row;

use super::chunk::{Encoder, UNPACKED_LIMIT};
use super::manifest::ChunkEntry;
use crate::Error;

/// Rows a chunk holds at most.
pub(super) const ROWS: u32 = 1_024;
/// Cells a chunk holds, but for the last row's.
pub(super) const CELLS: usize = 16_384;
/// Bytes a chunk holds before it is packed, but for the last cell's.
pub(super) const BYTES: usize = 256 * 1024;

/// Takes a chunk: what is known of it but its place, and its bytes.
pub(super) type Store<'a> = &'a mut dyn FnMut(ChunkEntry, &[u8]) -> Result<(), Error>;

/// Gathers rows and hands on chunks.
#[derive(Default)]
pub(super) struct Packer {
    encoder: Encoder,
    unpacked: Vec<u8>,
    packed: Vec<u8>,
    compressor: Option<zstd::bulk::Compressor<'static>>,
}

impl Packer {
    fn is_full(&self) -> bool {
        self.encoder.row_count >= ROWS
            || self.encoder.cells() >= CELLS
            || self.encoder.bytes() >= BYTES
    }

    /// Adds a row.
    pub(super) fn row(&mut self, row: &Row, store: Store<'_>) -> Result<(), Error> {
        self.row_as(row.index(), row, store)
    }

    /// Adds the cells of a row under another index.
    pub(super) fn row_as(&mut self, index: u32, row: &Row, store: Store<'_>) -> Result<(), Error> {
        if row.len() <= CELLS && row.text_bytes() <= BYTES {
            self.encoder.push(index, row.cells());
            return if self.is_full() { self.flush(store) } else { Ok(()) };
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
            self.encoder.push(index, next.iter().copied());
            if self.is_full() {
                self.flush(store)?;
            }
        }
    }

    /// Hands on what is left.
    pub(super) fn flush(&mut self, store: Store<'_>) -> Result<(), Error> {
        if self.encoder.row_count == 0 {
            return Ok(());
        }
        let entry = ChunkEntry {
            first_row: self.encoder.first_row,
            last_row: self.encoder.last_row,
            full: self.encoder.full,
            formulas: self.encoder.formulas,
            cells: self.encoder.cells() as u32,
            ..ChunkEntry::default()
        };
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
        let entry = ChunkEntry {
            length: self.packed.len() as u32,
            unpacked: self.unpacked.len() as u32,
            crc: crc32fast::hash(&self.packed),
            ..entry
        };
        store(entry, &self.packed)
    }
}
