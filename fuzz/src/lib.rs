//! What every target does: reads bytes as a format, and holds the reader to its promises. Files that are
//! archives are changed within their parts, as no reader looks into an archive whose sums are wrong.

use std::io::{Cursor, Read as _, Write as _};

use larkspur_formats::{Context, Error, Limits, Options, Unwatched, WorkbookSink, by_extension};
use larkspur_model::workbook::{CellStyle, DefinedName, Row, Sheet, Table};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Bytes of a part that are taken along.
const PART_BYTES: u64 = 1 << 20;

/// Reads a document; what it finds is thrown away.
pub fn document(extension: &str, bytes: &[u8]) {
    let read = by_extension(extension).and_then(|format| format.read_document).expect("a reader");
    let (limits, options, mut monitor) = (Limits::default(), Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut monitor);
    let mut assets: Vec<Vec<u8>> = Vec::new();
    if let Ok(document) = read(&mut Cursor::new(bytes), &mut assets, &mut context) {
        assert_eq!(document.assets.len(), assets.len());
        assert!(document.block_count() <= limits.blocks);
    }
}

/// Reads a workbook; what it finds is held to the order that sinks rely on.
pub fn workbook(extension: &str, bytes: &[u8]) {
    let read = by_extension(extension).and_then(|format| format.read_workbook).expect("a reader");
    let (limits, options, mut monitor) = (Limits::default(), Options::default(), Unwatched);
    let mut assets: Vec<Vec<u8>> = Vec::new();
    let mut context = Context::new(&limits, &options, &mut monitor);
    context.assets = Some(&mut assets);
    let mut strict = Strict::default();
    if read(&mut Cursor::new(bytes), &mut strict, &mut context).is_ok() {
        assert!(strict.finished && strict.assets <= context.pictures.len());
        assert!(context.pictures.len() <= limits.images);
    }
}

/// Holds a reader to what sinks rely on.
#[derive(Default)]
struct Strict {
    styles: usize,
    names: usize,
    sheets: usize,
    next_row: u32,
    columns: u32,
    /// Pictures that there must be, by what sheets name.
    assets: usize,
    finished: bool,
}

impl WorkbookSink for Strict {
    fn begin(&mut self, styles: &[CellStyle], sheet_names: &[String]) -> Result<(), Error> {
        assert!(!styles.is_empty());
        (self.styles, self.names) = (styles.len(), sheet_names.len());
        Ok(())
    }

    fn names(&mut self, names: &[DefinedName]) -> Result<(), Error> {
        let sheets = self.names;
        assert!(self.sheets == 0 && names.iter().all(|name| !name.formula.is_empty()));
        let in_sheets = |name: &DefinedName| name.sheet.is_none_or(|it| (it as usize) < sheets);
        assert!(names.iter().all(in_sheets));
        Ok(())
    }

    fn begin_sheet(&mut self, _: &Sheet) -> Result<(), Error> {
        self.sheets += 1;
        (self.next_row, self.columns) = (0, 0);
        assert!(self.sheets <= self.names);
        Ok(())
    }

    fn row(&mut self, row: &Row) -> Result<(), Error> {
        assert!(row.index() >= self.next_row && !row.is_empty());
        self.next_row = row.index() + 1;
        let mut next_column = 0;
        for cell in row.cells() {
            assert!(cell.column >= next_column && (cell.style as usize) < self.styles);
            next_column = cell.column + 1;
        }
        self.columns = self.columns.max(next_column);
        Ok(())
    }

    fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        assert!(sheet.row_count <= self.next_row && sheet.column_count <= self.columns);
        assert!(sheet.tables.iter().all(Table::is_sound));
        let named = sheet.pictures.iter().map(|picture| picture.asset as usize + 1);
        self.assets = self.assets.max(named.max().unwrap_or(0));
        let runs = sheet.columns.windows(2).all(|pair| pair[0].last < pair[1].first);
        assert!(runs && sheet.rows.windows(2).all(|pair| pair[0].last < pair[1].first));
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.finished = true;
        Ok(())
    }
}

/// Changes one part of an archive, or the bytes themselves where they are none.
pub fn mutate_archive(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    // Now and then the archive itself is what is wrong.
    if !seed.is_multiple_of(16)
        && let Some(changed) = changed_archive(&data[..size], seed)
        && changed.len() <= max_size.min(data.len())
    {
        data[..changed.len()].copy_from_slice(&changed);
        return changed.len();
    }
    libfuzzer_sys::fuzzer_mutate(data, size, max_size)
}

fn changed_archive(bytes: &[u8], seed: u32) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let chosen = seed as usize / 16 % archive.len().max(1);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for index in 0..archive.len().min(200) {
        let part = archive.by_index(index).ok()?;
        let name = part.name().ok()?.into_owned();
        let mut content = Vec::new();
        part.take(PART_BYTES).read_to_end(&mut content).ok()?;
        if index == chosen {
            let size = content.len();
            let most = size + 256;
            content.resize(most, 0);
            let size = libfuzzer_sys::fuzzer_mutate(&mut content, size, most);
            content.truncate(size);
        }
        writer.start_file(name, stored).ok()?;
        writer.write_all(&content).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}
