//! Reads a workbook and forgets it, or writes its first sheet as csv: what reader and writer alone
//! take, without a process around them.

use std::fs::File;

use larkspur_formats::csv::CsvWriter;
use larkspur_formats::{
    Context, Error, Limits, Options, Unwatched, WorkbookSink, by_extension, pipelined,
};
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
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: read_workbook BOOK.xlsx [SHEET.csv]")?;
    let extension = path.rsplit('.').next().unwrap_or_default();
    let read =
        by_extension(extension).and_then(|format| format.read_workbook).ok_or("no reader")?;
    let (limits, options, mut watch) = (Limits::unlimited(), Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut watch);
    let mut input = File::open(&path)?;
    if let Some(output) = arguments.next() {
        let mut writer = CsvWriter::new(File::create(output)?, &[], false);
        pipelined(&mut writer, |sink| read(&mut input, sink, &mut context))?;
    } else {
        let mut count = Count::default();
        read(&mut input, &mut count, &mut context)?;
        println!("{} rows, {} cells, {} bytes of text", count.rows, count.cells, count.text_bytes);
    }
    for loss in &context.losses {
        println!("{} x {:?}: {} {}", loss.count, loss.kind, loss.place, loss.detail);
    }
    Ok(())
}
