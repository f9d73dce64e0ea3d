//! The first sheet of a workbook to csv with a plain calamine cell loop: the yardstick for
//! `larkspur convert book.xlsx sheet.csv`.

use std::fs::File;
use std::io::{BufReader, BufWriter};

use calamine::{DataRef, Reader, Xlsx, open_workbook};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (Some(input), Some(output)) = (arguments.next(), arguments.next()) else {
        return Err("usage: calamine_csv BOOK.xlsx SHEET.csv".into());
    };
    let mut book: Xlsx<BufReader<File>> = open_workbook(input)?;
    let name = book.sheet_names().first().cloned().ok_or("no sheet")?;
    let mut out = csv::WriterBuilder::new()
        .flexible(true)
        .from_writer(BufWriter::with_capacity(1 << 20, File::create(output)?));
    let mut cells = book.worksheet_cells_reader(&name)?;
    let (mut row, mut column) = (0, 0);
    let mut text = String::new();
    while let Some(cell) = cells.next_cell()? {
        let (at_row, at_column) = cell.get_position();
        while row < at_row {
            out.write_record(None::<&[u8]>)?;
            (row, column) = (row + 1, 0);
        }
        while column < at_column {
            out.write_field("")?;
            column += 1;
        }
        text.clear();
        show(cell.get_value(), &mut text)?;
        out.write_field(&text)?;
        column += 1;
    }
    out.write_record(None::<&[u8]>)?;
    out.flush()?;
    Ok(())
}

fn show(value: &DataRef<'_>, text: &mut String) -> Result<(), std::fmt::Error> {
    use std::fmt::Write as _;
    match value {
        DataRef::Int(number) => write!(text, "{number}"),
        DataRef::Float(number) => write!(text, "{number}"),
        DataRef::String(string) => text.write_str(string),
        DataRef::SharedString(string) => text.write_str(string),
        DataRef::Bool(value) => text.write_str(if *value { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(moment) => match moment.as_datetime() {
            Some(moment) => write!(text, "{moment}"),
            None => write!(text, "{}", moment.as_f64()),
        },
        DataRef::Error(error) => write!(text, "{error}"),
        DataRef::DateTimeIso(moment) | DataRef::DurationIso(moment) => text.write_str(moment),
        DataRef::Empty => Ok(()),
    }
}
