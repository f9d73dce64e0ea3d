//! Cells on their way into rows: values by kind, styles, and the limits of a sheet.
//!
//! What counts against the limit of cells is the used area: rows times columns up to the last cell
//! that has a value or a formula; a cell that is merely formatted does not stretch it. Rows stream,
//! so the area grows with the cells as they come: a cell that would stretch it beyond the limit is
//! cut, all others are kept.

use std::collections::BTreeMap;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{Cell, CellStyle, Rich, Row, Value};

use super::date::{DateKind, EPOCH_1904_DAYS};
use super::rich::plain_in;
use crate::{Error, Limits, WorkbookSink};

/// Bytes of the longest formula kept; spreadsheet programs stop at 8,192 characters.
pub(crate) const FORMULA_BYTES: usize = 32 << 10;
/// Bytes of what a sheet's shared formulas read like in all their cells.
pub(crate) const EXPANDED_FORMULA_BYTES: usize = 512 << 20;
/// Rows any spreadsheet has at most.
const MOST_ROWS: u32 = 1_048_576;
/// Bytes of text one row may carry; beyond it texts are cut. Rows are held in memory one at a time.
const ROW_TEXT_BYTES: usize = 64 << 20;
/// Bytes of a cell's text that are worth reading: whatever is longer has a character too many.
pub(crate) fn text_bytes(limits: &Limits) -> usize {
    limits.cell_characters.saturating_add(1).saturating_mul(4)
}

/// What was cut or changed in a sheet's cells, by how often.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) columns_cut: u64,
    pub(crate) cells_cut: u64,
    pub(crate) texts_cut: u64,
    pub(crate) styles_cut: u64,
    pub(crate) values_changed: u64,
    pub(crate) strings_missing: u64,
    pub(crate) formulas_missing: u64,
    pub(crate) formulas_cut: u64,
    pub(crate) rows_disordered: u64,
}

impl Counts {
    /// Reports what was counted in the sheet that `place` names.
    pub(crate) fn report(&self, place: &str, losses: &mut Losses) {
        for (kind, what, count) in [
            (LossKind::ColumnsCut, "cells in columns beyond the limit", self.columns_cut),
            (LossKind::CellsCut, "cells beyond the limit of rows times columns", self.cells_cut),
            (LossKind::CellTextCut, "texts beyond the limit of characters", self.texts_cut),
            (
                LossKind::FormattingDropped,
                "formats of empty cells beyond the limits",
                self.styles_cut,
            ),
            (LossKind::ValueChanged, "values that are not of their kind", self.values_changed),
            (LossKind::PartDamaged, "cells whose text is missing", self.strings_missing),
            (LossKind::PartDamaged, "cells whose shared formula is missing", self.formulas_missing),
            (LossKind::FeatureDropped, "shared formulas beyond 512 MiB of text", self.formulas_cut),
            (LossKind::PartDamaged, "rows that come after rows below them", self.rows_disordered),
        ] {
            if count > 0 {
                losses.add_many(kind, place, what, count);
            }
        }
    }
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
    Rich(String),
    Other(Value<'static>),
}

/// The cells of the sheet at hand.
pub(crate) struct Cells<'b> {
    /// What the number format of each style shows.
    kinds: &'b [DateKind],
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
    pub(crate) columns: u32,
    pub(crate) rows: u32,
    pub(crate) counts: Counts,
    /// Bytes of text handed on since the last report.
    pub(crate) text_handed_on: usize,
}

impl<'b> Cells<'b> {
    /// No cell yet of a sheet in a book whose styles show dates as `kinds` says.
    pub(crate) fn new(kinds: &'b [DateKind], limits: &'b Limits, from_1904: bool) -> Self {
        Self {
            kinds,
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
            text_handed_on: 0,
        }
    }

    /// The row that cells go into, from 0.
    pub(crate) fn row_index(&self) -> u32 {
        self.row.index()
    }

    /// The column behind the last cell.
    pub(crate) fn next_column(&self) -> u32 {
        self.next_column
    }

    /// Whether the row at hand has no cell yet.
    pub(crate) fn row_is_fresh(&self) -> bool {
        self.row.is_empty() && self.strays.is_empty() && self.next_column == 0
    }

    /// Starts the row `index`; the one before is handed on. A row of the same index goes on where
    /// that one ended. A row above it comes too late and is left out.
    pub(crate) fn start_row(
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
    pub(crate) fn correct_row(
        &mut self,
        index: u32,
        sink: &mut dyn WorkbookSink,
    ) -> Result<(), Error> {
        self.row_begun = false;
        self.start_row(index, sink)
    }

    /// Hands the row at hand on, if it has any cell.
    pub(crate) fn finish_row(&mut self, sink: &mut dyn WorkbookSink) -> Result<(), Error> {
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
                OwnedValue::Rich(packed) => Value::Rich(Rich::from_packed(packed)),
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

    /// A number as it counts from 1899-12-30.
    pub(crate) fn in_epoch(&self, number: f64, style: u32) -> f64 {
        if self.from_1904 && self.kinds.get(style as usize) == Some(&DateKind::Calendar) {
            number + EPOCH_1904_DAYS
        } else {
            number
        }
    }

    /// Adds a cell of text, one whose pieces all look as the cell does without their looks. `styled` is
    /// its style and all of them.
    pub(crate) fn add_text(
        &mut self,
        column: u32,
        styled: (u32, &[CellStyle]),
        value: Value<'_>,
        formula: Option<&str>,
    ) {
        let (style, all) = styled;
        if let Value::Rich(rich) = value
            && let Some(own) = all.get(style as usize)
            && let Some(text) = plain_in(rich, &own.font)
        {
            self.add_value(column, style, Value::Text(&text), formula);
        } else {
            self.add_value(column, style, value, formula);
        }
    }

    /// Adds a cell whose value is known.
    pub(crate) fn add_value(
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
        let plain;
        let value = match value {
            Value::Text(text) => Value::Text(self.cut_text(text)),
            Value::Rich(rich) if self.is_too_long(rich) => {
                plain = rich.text();
                Value::Text(self.cut_text(&plain))
            }
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

    /// Whether text with looks cannot stay as it is. What has no more bytes has no more characters.
    fn is_too_long(&self, rich: Rich<'_>) -> bool {
        let (bytes, most) = (rich.packed().len(), self.limits.cell_characters);
        let room = ROW_TEXT_BYTES.saturating_sub(self.row.text_bytes() + self.stray_bytes);
        bytes > room || (bytes > most && rich.text().chars().count() > most)
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
            Value::Rich(rich) => OwnedValue::Rich(rich.packed().to_owned()),
            Value::Empty => OwnedValue::Other(Value::Empty),
            Value::Number(number) => OwnedValue::Other(Value::Number(number)),
            Value::Bool(value) => OwnedValue::Other(Value::Bool(value)),
            Value::Error(error) => OwnedValue::Other(Value::Error(error)),
        };
        if let OwnedValue::Text(text) | OwnedValue::Rich(text) = &value {
            self.stray_bytes += text.len();
        }
        self.stray_bytes += formula.map_or(0, str::len);
        let formula = formula.map(str::to_owned);
        self.strays.insert(column, OwnedCell { style, value, formula });
    }
}
