//! Cells on their way into rows: values by kind, styles, and the limits of a sheet.
//!
//! What counts against the limit of cells is the used area: rows times columns up to the last cell
//! that has a value or a formula; a cell that is merely formatted does not stretch it. Rows stream,
//! so the area grows with the cells as they come: a cell that would stretch it beyond the limit is
//! cut, all others are kept.

use std::collections::{BTreeMap, HashMap};

use larkspur_model::workbook::{Cell, CellError, Row, Value};

use super::date::{DateKind, EPOCH_1904_DAYS, parse_iso};
use super::formula::shift_into;
use super::number::parse_number;
use super::quick::Kind;
use super::strings::SharedStrings;
use super::styles::Styles;
use crate::{Error, Limits, WorkbookSink};

/// Rows any spreadsheet has at most.
pub(super) const MOST_ROWS: u32 = 1_048_576;
/// Bytes of text one row may carry; beyond it texts are cut. Rows are held in memory one at a time.
const ROW_TEXT_BYTES: usize = 64 << 20;
/// Bytes of the texts of a sheet's shared formulas.
const SHARED_FORMULA_BYTES: usize = 32 << 20;
/// Bytes of what a sheet's shared formulas read like in all their cells.
const EXPANDED_FORMULA_BYTES: usize = 512 << 20;
/// Bytes of the longest formula kept; spreadsheet programs stop at 8,192 characters.
pub(super) const FORMULA_BYTES: usize = 32 << 10;

/// Bytes of a cell's text that are worth reading: whatever is longer has a character too many.
pub(super) fn text_bytes(limits: &Limits) -> usize {
    limits.cell_characters.saturating_add(1).saturating_mul(4)
}

/// What was cut or changed in a sheet's cells, by how often.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) columns_cut: u64,
    pub(super) cells_cut: u64,
    pub(super) texts_cut: u64,
    pub(super) styles_cut: u64,
    pub(super) values_changed: u64,
    pub(super) strings_missing: u64,
    pub(super) formulas_missing: u64,
    pub(super) formulas_cut: u64,
    pub(super) rows_disordered: u64,
}

/// A cell as the file describes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawCell<'a> {
    pub(super) column: u32,
    pub(super) format: u32,
    pub(super) kind: Kind,
    pub(super) value: Option<&'a str>,
    pub(super) formula: Option<&'a str>,
}

#[derive(Debug)]
struct OwnedCell {
    style: u32,
    value: OwnedValue,
    formula: Option<String>,
}

#[derive(Debug)]
enum OwnedValue {
    Text(String),
    Other(Value<'static>),
}

struct SharedFormula {
    row: u32,
    column: u32,
    text: Box<str>,
}

/// The cells of the sheet at hand.
pub(super) struct Cells<'b> {
    /// Away only while one of its texts is added.
    strings: Option<&'b mut SharedStrings>,
    styles: &'b Styles,
    limits: &'b Limits,
    from_1904: bool,
    row: Row,
    ready: Row,
    /// Columns the row at hand may use; 0 for a row that is not wanted.
    allowed: u32,
    next_column: u32,
    /// The last column in `row`.
    last_column: Option<u32>,
    /// Whether the row at hand comes after rows below it.
    is_late: bool,
    /// Cells that come after others right of them.
    strays: BTreeMap<u32, OwnedCell>,
    stray_bytes: usize,
    row_begun: bool,
    /// The last row that was handed on: whatever is not below it comes too late.
    handed_on: Option<u32>,
    /// Columns and rows in use so far.
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) counts: Counts,
    shared_formulas: HashMap<u32, SharedFormula>,
    shared_formula_bytes: usize,
    expanded_formula_bytes: usize,
    /// Bytes of text handed on since the last report.
    pub(super) text_handed_on: usize,
}

impl<'b> Cells<'b> {
    pub(super) fn new(
        strings: &'b mut SharedStrings,
        styles: &'b Styles,
        limits: &'b Limits,
        from_1904: bool,
    ) -> Self {
        Self {
            strings: Some(strings),
            styles,
            limits,
            from_1904,
            row: Row::new(),
            ready: Row::new(),
            allowed: 0,
            next_column: 0,
            last_column: None,
            is_late: false,
            strays: BTreeMap::new(),
            stray_bytes: 0,
            row_begun: false,
            handed_on: None,
            columns: 0,
            rows: 0,
            counts: Counts::default(),
            shared_formulas: HashMap::new(),
            shared_formula_bytes: 0,
            expanded_formula_bytes: 0,
            text_handed_on: 0,
        }
    }

    /// The row that cells go into, from 0.
    pub(super) fn row_index(&self) -> u32 {
        self.row.index()
    }

    /// The column behind the last cell.
    pub(super) fn next_column(&self) -> u32 {
        self.next_column
    }

    /// Whether the row at hand has no cell yet.
    pub(super) fn row_is_fresh(&self) -> bool {
        self.row.is_empty() && self.strays.is_empty() && self.next_column == 0
    }

    /// Starts the row `index`; the one before is handed on. A row of the same index goes on where
    /// that one ended. A row above it comes too late and is left out.
    pub(super) fn start_row(
        &mut self,
        index: u32,
        sink: &mut dyn WorkbookSink,
    ) -> Result<(), Error> {
        self.next_column = 0;
        self.is_late = self.handed_on.is_some_and(|last| index <= last)
            || (self.row_begun && index < self.row.index());
        if self.is_late {
            self.counts.rows_disordered += 1;
            return Ok(());
        }
        if self.row_begun && index == self.row.index() {
            return Ok(());
        }
        self.finish_row(sink)?;
        self.row.start(index);
        self.row_begun = true;
        self.last_column = None;
        let by_area = self.limits.sheet_cells / (u64::from(index) + 1);
        let by_area = u32::try_from(by_area).unwrap_or(u32::MAX);
        self.allowed = if self.columns > by_area || index >= MOST_ROWS {
            0
        } else {
            by_area.min(self.limits.sheet_columns)
        };
        Ok(())
    }

    /// Renames the row at hand, which has no cells yet and whose index was only assumed.
    pub(super) fn correct_row(
        &mut self,
        index: u32,
        sink: &mut dyn WorkbookSink,
    ) -> Result<(), Error> {
        self.row_begun = false;
        self.start_row(index, sink)
    }

    /// Hands the row at hand on, if it has any cell.
    pub(super) fn finish_row(&mut self, sink: &mut dyn WorkbookSink) -> Result<(), Error> {
        if !self.strays.is_empty() {
            self.sort_in_strays();
        }
        if self.row.is_empty() {
            return Ok(());
        }
        self.text_handed_on += self.row.text_bytes();
        sink.row(&self.row)?;
        let index = self.row.index();
        self.handed_on = Some(index);
        self.row.start(index);
        Ok(())
    }

    fn sort_in_strays(&mut self) {
        self.ready.start(self.row.index());
        let mut strays = std::mem::take(&mut self.strays).into_iter().peekable();
        let push = |column: u32, stray: &OwnedCell, row: &mut Row| {
            let value = match &stray.value {
                OwnedValue::Text(text) => Value::Text(text),
                OwnedValue::Other(value) => *value,
            };
            row.push(Cell { column, style: stray.style, value, formula: stray.formula.as_deref() });
        };
        for cell in self.row.cells() {
            while let Some((column, stray)) = strays.next_if(|(column, _)| *column < cell.column) {
                push(column, &stray, &mut self.ready);
            }
            // Of two cells in one place the later counts.
            match strays.next_if(|(column, _)| *column == cell.column) {
                Some((column, stray)) => push(column, &stray, &mut self.ready),
                None => self.ready.push(cell),
            }
        }
        for (column, stray) in strays {
            push(column, &stray, &mut self.ready);
        }
        std::mem::swap(&mut self.row, &mut self.ready);
        self.stray_bytes = 0;
    }

    /// Adds a cell to the row at hand.
    pub(super) fn add(&mut self, cell: RawCell<'_>) {
        let style = self.styles.of_format(cell.format);
        let value = match (cell.value, cell.kind) {
            (Some(text), Kind::Number) => self.number(text, style),
            (Some(text), Kind::Shared) => {
                self.add_shared(cell.column, style, text, cell.formula);
                return;
            }
            (Some(text), Kind::Text | Kind::Inline) => Value::Text(text),
            (Some(text), Kind::Bool) => Value::Bool(matches!(text.trim(), "1" | "true" | "TRUE")),
            (Some(text), Kind::Error) => {
                CellError::from_text(text.trim()).map_or_else(|| self.changed(text), Value::Error)
            }
            (Some(text), Kind::Date) => self.date(text, style),
            (None, _) => Value::Empty,
        };
        self.add_value(cell.column, style, value, cell.formula);
    }

    fn add_shared(&mut self, column: u32, style: u32, index: &str, formula: Option<&str>) {
        self.add_string(column, style, index.trim().parse().ok(), formula);
    }

    /// Adds a cell whose value is the shared string of an index, if there is such.
    pub(super) fn add_string(
        &mut self,
        column: u32,
        style: u32,
        index: Option<usize>,
        formula: Option<&str>,
    ) {
        let Some(strings) = self.strings.take() else { return };
        let text = index.and_then(|index| strings.get(index));
        self.counts.strings_missing += u64::from(text.is_none());
        self.add_value(column, style, text.map_or(Value::Empty, Value::Text), formula);
        self.strings = Some(strings);
    }

    fn changed<'t>(&mut self, text: &'t str) -> Value<'t> {
        self.counts.values_changed += 1;
        Value::Text(text)
    }

    fn number<'t>(&mut self, text: &'t str, style: u32) -> Value<'t> {
        match parse_number(text.as_bytes()) {
            Some(number) => Value::Number(self.in_epoch(number, style)),
            None if text.trim().is_empty() => Value::Empty,
            None => self.changed(text),
        }
    }

    /// A number as it counts from 1899-12-30.
    pub(super) fn in_epoch(&self, number: f64, style: u32) -> f64 {
        if self.from_1904 && self.styles.date_kind(style) == DateKind::Calendar {
            number + EPOCH_1904_DAYS
        } else {
            number
        }
    }

    fn date<'t>(&mut self, text: &'t str, style: u32) -> Value<'t> {
        match parse_iso(text) {
            // Without a date's format a date would show as a mere number.
            Some(days) if self.styles.date_kind(style) != DateKind::No => Value::Number(days),
            Some(_) => self.changed(text),
            None => parse_number(text.as_bytes()).map_or_else(|| self.changed(text), Value::Number),
        }
    }

    /// Adds a cell whose value is known.
    pub(super) fn add_value(
        &mut self,
        column: u32,
        style: u32,
        value: Value<'_>,
        formula: Option<&str>,
    ) {
        self.next_column = self.next_column.max(column.saturating_add(1));
        let formula = formula.filter(|formula| !formula.is_empty());
        let has_content = value != Value::Empty || formula.is_some();
        if self.is_late || (!has_content && style == 0) {
            return;
        }
        if column >= self.allowed {
            self.count_cut(column, has_content);
            return;
        }
        let value = match value {
            Value::Text(text) => Value::Text(self.cut_text(text)),
            other => other,
        };
        if has_content {
            self.columns = self.columns.max(column + 1);
            self.rows = self.row.index() + 1;
        }
        if self.last_column.is_some_and(|last| last >= column) {
            self.keep_stray(column, style, value, formula);
        } else {
            self.row.push(Cell { column, style, value, formula });
            self.last_column = Some(column);
        }
    }

    fn count_cut(&mut self, column: u32, has_content: bool) {
        if !has_content {
            self.counts.styles_cut += 1;
        } else if column >= self.limits.sheet_columns {
            self.counts.columns_cut += 1;
        } else {
            self.counts.cells_cut += 1;
        }
    }

    fn cut_text<'t>(&mut self, text: &'t str) -> &'t str {
        let most = self.limits.cell_characters;
        let mut end = text.len();
        if end > most {
            end = text.char_indices().nth(most).map_or(end, |(end, _)| end);
        }
        let room = ROW_TEXT_BYTES.saturating_sub(self.row.text_bytes() + self.stray_bytes);
        if end > room {
            end = text.floor_char_boundary(room);
        }
        self.counts.texts_cut += u64::from(end < text.len());
        &text[..end]
    }

    fn keep_stray(&mut self, column: u32, style: u32, value: Value<'_>, formula: Option<&str>) {
        let value = match value {
            Value::Text(text) => OwnedValue::Text(text.to_owned()),
            Value::Empty => OwnedValue::Other(Value::Empty),
            Value::Number(number) => OwnedValue::Other(Value::Number(number)),
            Value::Bool(value) => OwnedValue::Other(Value::Bool(value)),
            Value::Error(error) => OwnedValue::Other(Value::Error(error)),
        };
        if let OwnedValue::Text(text) = &value {
            self.stray_bytes += text.len();
        }
        self.stray_bytes += formula.map_or(0, str::len);
        let formula = formula.map(str::to_owned);
        self.strays.insert(column, OwnedCell { style, value, formula });
    }

    /// Remembers the formula that the cell in `column` shares under the number `index`.
    pub(super) fn share_formula(&mut self, index: u32, column: u32, text: &str) {
        if self.shared_formula_bytes + text.len() > SHARED_FORMULA_BYTES {
            return;
        }
        self.shared_formula_bytes += text.len() + size_of::<SharedFormula>();
        let row = self.row.index();
        self.shared_formulas.insert(index, SharedFormula { row, column, text: text.into() });
    }

    /// Appends the formula shared under `index` as it reads in `column` of the row at hand.
    pub(super) fn push_shared_formula(&mut self, index: u32, column: u32, out: &mut String) {
        match self.shared_formulas.get(&index) {
            Some(_) if self.expanded_formula_bytes > EXPANDED_FORMULA_BYTES => {
                self.counts.formulas_cut += 1;
            }
            Some(shared) => {
                let rows = i64::from(self.row.index()) - i64::from(shared.row);
                let columns = i64::from(column) - i64::from(shared.column);
                shift_into(&shared.text, rows, columns, out);
                self.expanded_formula_bytes += out.len();
            }
            None => self.counts.formulas_missing += 1,
        }
    }
}
