//! A sink that keeps a whole workbook, and how to read one into it.

use std::io::Cursor;

use larkspur_formats::{Context, Error, Limits, Monitor, Options, WorkbookSink, by_extension};
use larkspur_model::loss::Losses;
use larkspur_model::workbook::{CellStyle, DefinedName, RichPart, Row, Sheet, Value};

/// A value that owns its text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kept {
    Empty,
    Number(f64),
    Text(String),
    Bool(bool),
    Error(&'static str),
}

/// A cell by its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeptCell {
    pub(crate) row: u32,
    pub(crate) column: u32,
    pub(crate) style: u32,
    pub(crate) value: Kept,
    pub(crate) formula: Option<String>,
    /// The pieces of its text, where these have looks of their own.
    pub(crate) parts: Vec<RichPart>,
}

/// A sheet and its cells.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeptSheet {
    pub(crate) begun: Sheet,
    pub(crate) ended: Sheet,
    pub(crate) cells: Vec<KeptCell>,
}

impl KeptSheet {
    /// The cell at a place like `B7`.
    pub(crate) fn at(&self, place: &str) -> Option<&KeptCell> {
        let letters = place.bytes().take_while(u8::is_ascii_alphabetic).count();
        let column = larkspur_model::workbook::column_index(&place[..letters])?;
        let row: u32 = place[letters..].parse().ok()?;
        self.cells.iter().find(|cell| (cell.row, cell.column) == (row - 1, column))
    }
}

/// A workbook and what was lost on the way.
#[derive(Debug, Default)]
pub(crate) struct KeptBook {
    pub(crate) styles: Vec<CellStyle>,
    pub(crate) names: Vec<String>,
    pub(crate) defined: Vec<DefinedName>,
    pub(crate) sheets: Vec<KeptSheet>,
    pub(crate) losses: Losses,
    pub(crate) finished: bool,
}

impl WorkbookSink for KeptBook {
    fn begin(&mut self, styles: &[CellStyle], sheet_names: &[String]) -> Result<(), Error> {
        assert!(!styles.is_empty() && self.styles.is_empty());
        (self.styles, self.names) = (styles.to_vec(), sheet_names.to_vec());
        Ok(())
    }

    fn names(&mut self, names: &[DefinedName]) -> Result<(), Error> {
        assert!(self.defined.is_empty() && self.sheets.is_empty());
        self.defined = names.to_vec();
        Ok(())
    }

    fn begin_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        self.sheets.push(KeptSheet { begun: sheet.clone(), ..KeptSheet::default() });
        Ok(())
    }

    fn row(&mut self, row: &Row) -> Result<(), Error> {
        let sheet = self.sheets.last_mut().expect("a sheet has begun");
        let last = sheet.cells.last().map(|cell| cell.row);
        assert!(last.is_none_or(|last| last < row.index()), "rows rise");
        assert!(!row.is_empty(), "rows have cells");
        for cell in row.cells() {
            let before = sheet.cells.last().filter(|before| before.row == row.index());
            assert!(before.is_none_or(|before| before.column < cell.column), "columns rise");
            assert!((cell.style as usize) < self.styles.len(), "styles exist");
            sheet.cells.push(KeptCell {
                row: row.index(),
                column: cell.column,
                style: cell.style,
                value: match cell.value {
                    Value::Empty => Kept::Empty,
                    Value::Number(number) => Kept::Number(number),
                    Value::Text(text) => Kept::Text(text.to_owned()),
                    Value::Rich(rich) => Kept::Text(rich.text()),
                    Value::Bool(value) => Kept::Bool(value),
                    Value::Error(error) => Kept::Error(error.text()),
                },
                formula: cell.formula.map(str::to_owned),
                parts: if let Value::Rich(rich) = cell.value { rich.parts() } else { Vec::new() },
            });
        }
        Ok(())
    }

    fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        self.sheets.last_mut().expect("a sheet has begun").ended = sheet.clone();
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.finished = true;
        Ok(())
    }
}

/// Reads a file of the format that `extension` names.
pub(crate) fn read_as(
    extension: &str,
    bytes: &[u8],
    limits: &Limits,
    monitor: &mut dyn Monitor,
) -> Result<KeptBook, Error> {
    let read = by_extension(extension).and_then(|format| format.read_workbook).expect("is read");
    let options = Options::default();
    let mut context = Context::new(limits, &options, monitor);
    let mut book = KeptBook::default();
    read(&mut Cursor::new(bytes), &mut book, &mut context)?;
    book.losses = context.losses;
    assert!(book.finished);
    Ok(book)
}
