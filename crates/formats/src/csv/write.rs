//! Writes one sheet as comma-separated values: RFC 4180 in UTF-8, lines end with CRLF.

use std::io::Write;

use larkspur_model::workbook::{Cell, CellStyle, Row, Sheet, Value};

use crate::cell_text::CellTexts;
use crate::decimal_text::write_shortest;
use crate::{Context, Error, WorkbookSink, WorkbookSource};

const BUFFER_BYTES: usize = 128 * 1024;
/// Cells of a sheet up to which short rows are filled with empty fields. Beyond that a sheet is
/// sparse, and its rows end with their last cell.
const FILLED_CELLS: u64 = 20_000_000;
/// Rows between two reports of progress.
const PROGRESS_ROWS: u32 = 20_000;

/// Writes the sheet of `options.sheet`, or the first one, as its cells are shown.
///
/// Numbers without a format keep all their digits; the others, dates and times are written as they
/// are displayed. All rows have as many fields as the sheet has columns.
pub fn write(
    source: &mut dyn WorkbookSource,
    output: &mut (dyn Write + Send),
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let chosen = context.options.sheet.unwrap_or(0);
    let book = source.workbook();
    let mut writer = CsvWriter::new(output, &book.styles, context.options.byte_order_mark);
    let Some(sheet) = book.sheets.get(chosen) else {
        return if chosen == 0 {
            writer.end()
        } else {
            Err(Error::Unsupported(format!("the workbook has no sheet {}", chosen + 1)))
        };
    };
    writer.shape(sheet);
    let total = u64::from(sheet.row_count);
    let mut next_report = PROGRESS_ROWS;
    source.rows(chosen, &mut |row| {
        if row.index() >= next_report {
            next_report = row.index().saturating_add(PROGRESS_ROWS);
            context.progress("write", u64::from(row.index()), total)?;
        }
        writer.write_row(row)
    })?;
    writer.end()?;
    context.progress("write", total, total)
}

/// Writes rows as lines. As a [`WorkbookSink`] it writes one of the sheets it is
/// given.
pub struct CsvWriter<W: Write> {
    output: W,
    buffer: Vec<u8>,
    texts: CellTexts,
    shown: String,
    columns: u32,
    rows: u32,
    next_row: u32,
    /// Which of the sheets given is written, and how many were given.
    chosen: usize,
    sheets: usize,
}

impl<W: Write> CsvWriter<W> {
    /// Lines go to `output`; `styles` are the workbook's.
    pub fn new(output: W, styles: &[CellStyle], byte_order_mark: bool) -> Self {
        let mut writer = Self {
            output,
            buffer: Vec::with_capacity(BUFFER_BYTES + 4_096),
            texts: CellTexts::new(styles),
            shown: String::new(),
            columns: 0,
            rows: 0,
            next_row: 0,
            chosen: 0,
            sheets: 0,
        };
        if byte_order_mark {
            writer.buffer.extend_from_slice("\u{feff}".as_bytes());
        }
        writer
    }

    /// As a sink: writes the sheet of this index instead of the first.
    #[must_use]
    pub fn with_sheet(mut self, index: usize) -> Self {
        self.chosen = index;
        self
    }

    /// Fills all lines up to the sheet's used area, unless it is too sparse for that.
    fn shape(&mut self, sheet: &Sheet) {
        let cells = u64::from(sheet.column_count) * u64::from(sheet.row_count);
        if cells <= FILLED_CELLS {
            self.columns = sheet.column_count;
            self.rows = sheet.row_count;
        }
    }

    /// Writes a row, and empty ones for those left out before it.
    pub fn write_row(&mut self, row: &Row) -> Result<(), Error> {
        while self.next_row < row.index() {
            self.end_line(0)?;
        }
        let mut column = 0;
        for cell in row.cells() {
            while column < cell.column {
                self.buffer.push(b',');
                column += 1;
            }
            self.write_cell(&cell);
        }
        self.end_line(column)
    }

    /// Ends a line whose last field is that of `column`.
    fn end_line(&mut self, column: u32) -> Result<(), Error> {
        for _ in column.saturating_add(1)..self.columns {
            self.buffer.push(b',');
        }
        self.buffer.extend_from_slice(b"\r\n");
        self.next_row += 1;
        if self.buffer.len() >= BUFFER_BYTES {
            self.output.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    fn write_cell(&mut self, cell: &Cell<'_>) {
        match (cell.value, self.texts.format(cell.style)) {
            // Most cells; neither is written anywhere but into its line.
            (Value::Number(number), None) => write_shortest(&mut self.buffer, number),
            (Value::Text(text), None) => write_field(&mut self.buffer, text),
            _ => {
                self.shown.clear();
                self.texts.write(cell, &mut self.shown);
                write_field(&mut self.buffer, &self.shown);
            }
        }
    }

    fn end(&mut self) -> Result<(), Error> {
        while self.next_row < self.rows {
            self.end_line(0)?;
        }
        self.output.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(self.output.flush()?)
    }
}

/// Whether a field has a quote, a comma or a line end in it. All bytes of a block are looked at
/// without a branch between them, which the processor does many at a time.
fn needs_quotes(bytes: &[u8]) -> bool {
    let special = |found: u8, &byte: &u8| {
        let [quote, comma] = [byte == b'"', byte == b','].map(u8::from);
        let [feed, end] = [byte == b'\n', byte == b'\r'].map(u8::from);
        found | quote | comma | feed | end
    };
    let (blocks, rest) = bytes.as_chunks::<16>();
    blocks.iter().any(|block| block.iter().fold(0, special) != 0)
        || rest.iter().fold(0, special) != 0
}

/// Appends a field, in quotes where it needs them.
fn write_field(buffer: &mut Vec<u8>, field: &str) {
    let bytes = field.as_bytes();
    let quoted = needs_quotes(bytes);
    if !quoted {
        buffer.extend_from_slice(bytes);
        return;
    }
    buffer.push(b'"');
    let mut rest = bytes;
    while let Some(quote) = memchr::memchr(b'"', rest) {
        buffer.extend_from_slice(&rest[..=quote]);
        buffer.push(b'"');
        rest = &rest[quote + 1..];
    }
    buffer.extend_from_slice(rest);
    buffer.push(b'"');
}

impl<W: Write> WorkbookSink for CsvWriter<W> {
    fn begin(&mut self, styles: &[CellStyle], _: &[String]) -> Result<(), Error> {
        self.texts = CellTexts::new(styles);
        Ok(())
    }

    fn begin_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        self.sheets += 1;
        if self.wants_rows() {
            self.shape(sheet);
        }
        Ok(())
    }

    fn row(&mut self, row: &Row) -> Result<(), Error> {
        if self.wants_rows() { self.write_row(row) } else { Ok(()) }
    }

    fn end_sheet(&mut self, _: &Sheet) -> Result<(), Error> {
        if self.wants_rows() { self.end() } else { Ok(()) }
    }

    fn finish(&mut self) -> Result<(), Error> {
        self.end()
    }

    fn wants_rows(&self) -> bool {
        self.sheets == self.chosen + 1
    }
}
