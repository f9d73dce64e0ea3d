//! A workbook's rows into one file of chunks, as they come.

use std::io::Write;

use larkspur_model::workbook::{CellStyle, DefinedName, Row, Sheet, Workbook};

use super::manifest::{ChunkEntry, Manifest};
use super::pack::Packer;
use crate::{Error, WorkbookSink};

/// Writes a workbook's cells, chunk after chunk, and keeps the index for the manifest.
pub struct ChunkWriter<W> {
    packer: Packer,
    file: ChunkFile<W>,
}

/// Where chunks go, and what is known of them.
struct ChunkFile<W> {
    output: W,
    manifest: Manifest,
}

impl<W: Write> ChunkFile<W> {
    fn store(&mut self, entry: ChunkEntry, packed: &[u8]) -> Result<(), Error> {
        self.output.write_all(packed)?;
        let sheet = (self.manifest.workbook.sheets.len() as u32).saturating_sub(1);
        let offset = self.manifest.base_bytes;
        self.manifest.chunks.push(ChunkEntry { sheet, offset, ..entry });
        self.manifest.base_bytes += packed.len() as u64;
        Ok(())
    }
}

impl<W: Write> ChunkWriter<W> {
    /// Chunks go to `output` from its present end on; offsets count from here.
    pub fn new(output: W) -> Self {
        let file = ChunkFile { output, manifest: Manifest::default() };
        Self { packer: Packer::default(), file }
    }

    /// The output and the manifest, once the workbook is finished.
    pub fn into_parts(mut self) -> Result<(W, Manifest), Error> {
        self.flush_chunk()?;
        self.file.output.flush()?;
        Ok((self.file.output, self.file.manifest))
    }

    /// Adds the cells of `row` as the row `index`; indices rise.
    pub fn put(&mut self, index: u32, row: &Row) -> Result<(), Error> {
        self.packer.row_as(index, row, &mut |entry, packed| self.file.store(entry, packed))
    }

    fn flush_chunk(&mut self) -> Result<(), Error> {
        self.packer.flush(&mut |entry, packed| self.file.store(entry, packed))
    }
}

impl<W: Write> WorkbookSink for ChunkWriter<W> {
    fn begin(&mut self, styles: &[CellStyle], _: &[String]) -> Result<(), Error> {
        self.file.manifest.workbook = Workbook { styles: styles.to_vec(), ..Workbook::default() };
        Ok(())
    }

    fn names(&mut self, names: &[DefinedName]) -> Result<(), Error> {
        self.file.manifest.workbook.names = names.to_vec();
        Ok(())
    }

    fn begin_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        self.flush_chunk()?;
        self.file.manifest.workbook.sheets.push(sheet.clone());
        Ok(())
    }

    fn row(&mut self, row: &Row) -> Result<(), Error> {
        self.packer.row(row, &mut |entry, packed| self.file.store(entry, packed))
    }

    fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        self.flush_chunk()?;
        if let Some(last) = self.file.manifest.workbook.sheets.last_mut() {
            *last = sheet.clone();
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.flush_chunk()?;
        Ok(self.file.output.flush()?)
    }
}
