//! Cells as the file describes them on their way into rows: shared strings, shared formulas, dates.

use std::collections::HashMap;

use larkspur_model::workbook::{CellError, Rich, Value};

use super::formula::shift_into;
use super::number::parse_number;
use super::quick::Kind;
use super::strings::SharedStrings;
use super::styles::Styles;
use crate::Limits;
use crate::sheet_flow::cells::{Cells, EXPANDED_FORMULA_BYTES};
use crate::sheet_flow::date::{DateKind, parse_iso};

/// Bytes of the texts of a sheet's shared formulas.
const SHARED_FORMULA_BYTES: usize = 32 << 20;

/// A cell as the file describes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawCell<'a> {
    pub(super) column: u32,
    pub(super) format: u32,
    pub(super) kind: Kind,
    pub(super) value: Option<&'a str>,
    /// Whether the value is packed text with looks of its own.
    pub(super) packed: bool,
    pub(super) formula: Option<&'a str>,
}

struct SharedFormula {
    row: u32,
    column: u32,
    text: Box<str>,
}

/// The cells of the sheet at hand.
pub(super) struct SheetCells<'b> {
    pub(super) flow: Cells<'b>,
    strings: &'b mut SharedStrings,
    styles: &'b Styles,
    shared_formulas: HashMap<u32, SharedFormula>,
    shared_formula_bytes: usize,
    expanded_formula_bytes: usize,
}

impl<'b> SheetCells<'b> {
    pub(super) fn new(
        strings: &'b mut SharedStrings,
        styles: &'b Styles,
        limits: &'b Limits,
        from_1904: bool,
    ) -> Self {
        Self {
            flow: Cells::new(&styles.list.kinds, limits, from_1904),
            strings,
            styles,
            shared_formulas: HashMap::new(),
            shared_formula_bytes: 0,
            expanded_formula_bytes: 0,
        }
    }

    /// Adds a cell to the row at hand.
    pub(super) fn add(&mut self, cell: RawCell<'_>) {
        let style = self.styles.of_format(cell.format);
        let value = match (cell.value, cell.kind) {
            (Some(text), _) if cell.packed => {
                let value = Value::Rich(Rich::from_packed(text));
                let styled = (style, self.styles.list.list.as_slice());
                self.flow.add_text(cell.column, styled, value, cell.formula);
                return;
            }
            (Some(text), Kind::Number) => self.number(text, style),
            (Some(text), Kind::Shared) => {
                let index = text.trim().parse().ok();
                self.add_string(cell.column, style, index, cell.formula);
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
        self.flow.add_value(cell.column, style, value, cell.formula);
    }

    /// Adds a cell whose value is the shared string of an index, if there is such.
    pub(super) fn add_string(
        &mut self,
        column: u32,
        style: u32,
        index: Option<usize>,
        formula: Option<&str>,
    ) {
        let value = index.and_then(|index| self.strings.get(index));
        self.flow.counts.strings_missing += u64::from(value.is_none());
        let (flow, styles) = (&mut self.flow, &self.styles.list.list);
        flow.add_text(column, (style, styles), value.unwrap_or(Value::Empty), formula);
    }

    /// Adds a cell that a picture fills.
    pub(super) fn add_picture(&mut self, column: u32, format: u32, packed: &str) {
        let style = self.styles.of_format(format);
        self.flow.add_value(column, style, Value::Rich(Rich::from_packed(packed)), None);
    }

    fn changed<'t>(&mut self, text: &'t str) -> Value<'t> {
        self.flow.counts.values_changed += 1;
        Value::Text(text)
    }

    fn number<'t>(&mut self, text: &'t str, style: u32) -> Value<'t> {
        match parse_number(text.as_bytes()) {
            Some(number) => Value::Number(self.flow.in_epoch(number, style)),
            None if text.trim().is_empty() => Value::Empty,
            None => self.changed(text),
        }
    }

    fn date<'t>(&mut self, text: &'t str, style: u32) -> Value<'t> {
        match parse_iso(text) {
            // Without a date's format a date would show as a mere number.
            Some(days) if self.styles.list.date_kind(style) != DateKind::No => Value::Number(days),
            Some(_) => self.changed(text),
            None => parse_number(text.as_bytes()).map_or_else(|| self.changed(text), Value::Number),
        }
    }

    /// Remembers the formula that the cell in `column` shares under the number `index`.
    pub(super) fn share_formula(&mut self, index: u32, column: u32, text: &str) {
        if self.shared_formula_bytes + text.len() > SHARED_FORMULA_BYTES {
            return;
        }
        self.shared_formula_bytes += text.len() + size_of::<SharedFormula>();
        let row = self.flow.row_index();
        self.shared_formulas.insert(index, SharedFormula { row, column, text: text.into() });
    }

    /// Appends the formula shared under `index` as it reads in `column` of the row at hand.
    pub(super) fn push_shared_formula(&mut self, index: u32, column: u32, out: &mut String) {
        match self.shared_formulas.get(&index) {
            Some(_) if self.expanded_formula_bytes > EXPANDED_FORMULA_BYTES => {
                self.flow.counts.formulas_cut += 1;
            }
            Some(shared) => {
                let rows = i64::from(self.flow.row_index()) - i64::from(shared.row);
                let columns = i64::from(column) - i64::from(shared.column);
                shift_into(&shared.text, rows, columns, out);
                self.expanded_formula_bytes += out.len();
            }
            None => self.flow.counts.formulas_missing += 1,
        }
    }
}
