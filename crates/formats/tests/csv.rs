//! Comma-separated files that want to do harm, and a sink that has enough.

use std::fs::{self, File};
use std::io::Cursor;
use std::path::{Path, PathBuf};

use larkspur_formats::{
    Context, Error, Limits, Options, Unwatched, WorkbookSink, WorkbookSource, by_extension, cells,
};
use larkspur_model::workbook::{NumberFormat, Value};

fn corpus() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let beside = workspace.join("../shared/corpus");
    if beside.is_dir() { beside } else { workspace.join("../../shared/corpus") }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .map(|entries| entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect())
        .unwrap_or_default();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
    files.sort();
    files
}

/// Reads a file into chunks and gives back what every cell of them shows.
fn shown(path: &Path) -> Result<Vec<Vec<String>>, Error> {
    let (limits, options, mut monitor) = (Limits::default(), Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut monitor);
    let read = by_extension("csv").and_then(|format| format.read_workbook).expect("csv is read");
    let (bytes, manifest) = cells::spool(read, &mut File::open(path)?, Vec::new(), &mut context)?;
    let formats: Vec<NumberFormat> = manifest
        .workbook
        .styles
        .iter()
        .map(|style| NumberFormat::parse(&style.number_format))
        .collect();
    let mut reader = cells::ChunkReader::new(manifest, Cursor::new(bytes));
    let mut lines: Vec<Vec<String>> = Vec::new();
    reader.rows(0, &mut |row| {
        lines.resize(row.index() as usize, Vec::new());
        let mut line = Vec::new();
        for cell in row.cells() {
            line.resize(cell.column as usize, String::new());
            line.push(match cell.value {
                Value::Number(number) => formats[cell.style as usize].format_number(number),
                Value::Text(text) => text.to_owned(),
                Value::Bool(value) => value.to_string().to_uppercase(),
                other => format!("{other:?}"),
            });
        }
        lines.push(line);
        Ok(())
    })?;
    Ok(lines)
}

#[test]
fn hostile_files_do_no_harm() {
    for path in files(&corpus().join("hostile")) {
        let lines = shown(&path);
        println!("{}: {:?}", path.display(), lines.as_ref().map(Vec::len));
        // Formulas and commands stay text.
        for cell in lines.iter().flatten().flatten() {
            assert!(!cell.starts_with("Error("), "{cell}");
        }
    }
}

#[test]
fn a_sink_that_stops_ends_the_reading() {
    struct Stops;
    impl WorkbookSink for Stops {
        fn begin(
            &mut self,
            _: &[larkspur_model::workbook::CellStyle],
            _: &[String],
        ) -> Result<(), Error> {
            Ok(())
        }
        fn begin_sheet(&mut self, _: &larkspur_model::workbook::Sheet) -> Result<(), Error> {
            Ok(())
        }
        fn row(&mut self, _: &larkspur_model::workbook::Row) -> Result<(), Error> {
            Err(Error::Cancelled)
        }
        fn end_sheet(&mut self, _: &larkspur_model::workbook::Sheet) -> Result<(), Error> {
            Ok(())
        }
        fn finish(&mut self) -> Result<(), Error> {
            Ok(())
        }
    }
    let (limits, options, mut monitor) = (Limits::default(), Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut monitor);
    let read = by_extension("CSV").and_then(|format| format.read_workbook).unwrap();
    let result = read(&mut Cursor::new(b"a,b\n1,2\n".to_vec()), &mut Stops, &mut context);
    assert!(matches!(result, Err(Error::Cancelled)));
}
