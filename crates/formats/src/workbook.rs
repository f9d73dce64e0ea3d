//! How workbooks stream: a reader pushes rows into a [`WorkbookSink`], a writer pulls them from a
//! [`WorkbookSource`], [`pump`] joins the two.

use larkspur_model::workbook::{CellStyle, DefinedName, Row, Sheet, Workbook};

use crate::Error;

/// Takes a workbook as it is read: `begin`, perhaps `names`, then for each sheet `begin_sheet`, its rows,
/// `end_sheet`; `finish` last.
pub trait WorkbookSink {
    /// The styles of the whole book and the names of its sheets, before anything else.
    fn begin(&mut self, styles: &[CellStyle], sheet_names: &[String]) -> Result<(), Error>;

    /// What formulas of the book may name, right behind `begin` where there are names. Who keeps no
    /// formulas has no use for them.
    fn names(&mut self, _: &[DefinedName]) -> Result<(), Error> {
        Ok(())
    }

    /// The next sheet, as far as it is known before its rows: name, hidden, column widths, frozen
    /// panes, tables. Merges, links and the used area follow with `end_sheet`.
    fn begin_sheet(&mut self, sheet: &Sheet) -> Result<(), Error>;

    /// The next row that has any cell; indices rise.
    fn row(&mut self, row: &Row) -> Result<(), Error>;

    /// All about the sheet whose rows just ended.
    fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), Error>;

    /// Nothing follows.
    fn finish(&mut self) -> Result<(), Error>;

    /// Whether the rows of the sheet that just began are wanted; a reader may skip them if not.
    fn wants_rows(&self) -> bool {
        true
    }
}

/// Gives a workbook to be written.
pub trait WorkbookSource {
    /// Everything about the book but its cells.
    fn workbook(&self) -> &Workbook;

    /// Calls `visit` with every row of a sheet that has any cell; indices rise.
    fn rows(
        &mut self,
        sheet: usize,
        visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error>;
}

/// Sends all of `source` into `sink`.
pub fn pump(source: &mut dyn WorkbookSource, sink: &mut dyn WorkbookSink) -> Result<(), Error> {
    let book = source.workbook().clone();
    let names: Vec<String> = book.sheets.iter().map(|sheet| sheet.name.clone()).collect();
    sink.begin(&book.styles, &names)?;
    if !book.names.is_empty() {
        sink.names(&book.names)?;
    }
    for (index, sheet) in book.sheets.iter().enumerate() {
        sink.begin_sheet(sheet)?;
        if sink.wants_rows() {
            source.rows(index, &mut |row| sink.row(row))?;
        }
        sink.end_sheet(sheet)?;
    }
    sink.finish()
}
