//! Files that broke a reader once, most of them found by fuzzing: every reader reads each of them.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use larkspur_formats::{
    Context, Error, FORMATS, Limits, NoAssets, Options, Unwatched, WorkbookSink,
};
use larkspur_model::workbook::{CellStyle, Row, Sheet};

/// Wants every row and keeps none.
struct Nothing;

impl WorkbookSink for Nothing {
    fn begin(&mut self, _: &[CellStyle], _: &[String]) -> Result<(), Error> {
        Ok(())
    }

    fn begin_sheet(&mut self, _: &Sheet) -> Result<(), Error> {
        Ok(())
    }

    fn row(&mut self, _: &Row) -> Result<(), Error> {
        Ok(())
    }

    fn end_sheet(&mut self, _: &Sheet) -> Result<(), Error> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

#[test]
fn no_file_breaks_a_reader_twice() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("readable");
        count += 1;
        for format in FORMATS {
            let (limits, options, mut monitor) = (Limits::default(), Options::default(), Unwatched);
            let mut context = Context::new(&limits, &options, &mut monitor);
            let mut input = Cursor::new(&bytes);
            let document =
                format.read_document.map(|read| read(&mut input, &mut NoAssets, &mut context));
            let mut input = Cursor::new(&bytes);
            let workbook =
                format.read_workbook.map(|read| read(&mut input, &mut Nothing, &mut context));
            let told = (document.map(|it| it.is_ok()), workbook.map(|it| it.is_ok()));
            println!("{} as {}: {told:?}", path.display(), format.name);
        }
    }
    println!("{count} files");
}
