//! Reads a workbook and forgets it: what the reader alone takes.

use std::fs::File;

use larkspur_formats::{Context, Error, Limits, Options, Unwatched, WorkbookSink, by_extension};
use larkspur_model::workbook::{CellStyle, Row, Sheet};

type Failure = Box<dyn std::error::Error>;

#[derive(Default)]
struct Count {
    cells: u64,
    rows: u64,
    text_bytes: u64,
}

impl WorkbookSink for Count {
    fn begin(&mut self, _: &[CellStyle], _: &[String]) -> Result<(), Error> {
        Ok(())
    }
    fn begin_sheet(&mut self, _: &Sheet) -> Result<(), Error> {
        Ok(())
    }
    fn row(&mut self, row: &Row) -> Result<(), Error> {
        self.rows += 1;
        self.cells += row.len() as u64;
        self.text_bytes += row.text_bytes() as u64;
        Ok(())
    }
    fn end_sheet(&mut self, _: &Sheet) -> Result<(), Error> {
        Ok(())
    }
    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

fn main() -> Result<(), Failure> {
    let path = std::env::args().nth(1).ok_or("usage: read_workbook BOOK.xlsx")?;
    let extension = path.rsplit('.').next().unwrap_or_default();
    let read =
        by_extension(extension).and_then(|format| format.read_workbook).ok_or("no reader")?;
    let (limits, options, mut watch) = (Limits::unlimited(), Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut watch);
    let mut count = Count::default();
    read(&mut File::open(&path)?, &mut count, &mut context)?;
    println!("{} rows, {} cells, {} bytes of text", count.rows, count.cells, count.text_bytes);
    for loss in &context.losses {
        println!("{} x {:?}: {} {}", loss.count, loss.kind, loss.place, loss.detail);
    }
    Ok(())
}
