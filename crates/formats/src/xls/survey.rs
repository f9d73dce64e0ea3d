//! A first look at a sheet: everything but its cells, much of which stands behind them in the file, and
//! whether the cells stand in the order of their rows.

use std::collections::HashMap;

use larkspur_model::workbook::{CellRange, ColumnRun, Sheet};

use super::dropdown::{Rule, rule};
use super::features::Features;
use super::globals::{Globals, SheetPlace};
use super::links::{link, range_at};
use super::records::{Biff, Records, beginning, id};
use super::styles::CellFormats;
use crate::compound::bytes::{u8_at, u16_at};
use crate::sheet_flow::dropdowns::Dropdowns;
use crate::sheet_flow::layout::{add_columns, add_row, join_rows, make_disjoint, width_px};
use crate::sheet_flow::links::runs_script;
use crate::sheet_flow::merges::settle;
use crate::{Context, Error};

/// Merges and links kept of one sheet; spreadsheet programs stop at 65,530 links.
const MOST_AREAS: usize = 200_000;
/// Bytes of the tokens that a sheet's cells share.
const SHARED_BYTES: usize = 32 << 20;
/// Points of a row, where nothing is said.
const ROW_HEIGHT_PT: f64 = 12.75;
/// Columns of a sheet.
const COLUMNS: u32 = 256;
/// Records between two reports.
pub(super) const REPORT_RECORDS: u64 = 4_096;

/// Tokens that several cells share.
#[derive(Debug)]
pub(super) struct SharedTokens {
    /// The tokens, and what stands behind them.
    bytes: Box<[u8]>,
    tokens: usize,
    /// Whether it is one formula for all of them rather than one for each.
    pub(super) is_array: bool,
}

impl SharedTokens {
    pub(super) fn parts(&self) -> (&[u8], &[u8]) {
        self.bytes.split_at(self.tokens)
    }
}

/// What a first look at a sheet showed.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) sheet: Sheet,
    /// Whether no row comes after rows below it.
    pub(super) is_ordered: bool,
    /// Shared tokens by the cell, row and column, that cells which share them name.
    pub(super) shared: HashMap<(u16, u16), SharedTokens>,
    pub(super) features: Features,
    shared_bytes: usize,
    merges: Vec<CellRange>,
    dropdowns: Dropdowns,
    frozen: bool,
    pane: (u16, u16),
    default_height_pt: f64,
    last_row: u16,
    /// The last cell with a formula.
    last_formula: (u16, u16),
}

/// Whether a record holds a cell or several of a row.
pub(super) fn is_cell(number: u16) -> bool {
    matches!(
        number,
        id::RK | id::MANY_RK | id::MANY_BLANKS | id::RICH_STRING | id::SHARED_STRING | id::INTEGER
    ) || [id::BLANK, id::NUMBER, id::LABEL, id::BOOL_OR_ERROR]
        .into_iter()
        .flatten()
        .any(|it| it == number)
        || id::FORMULA.contains(&number)
}

impl Survey {
    /// Looks at the sheet at `place`.
    pub(super) fn of(
        place: &SheetPlace,
        globals: &Globals,
        records: &mut Records<'_>,
        formats: &CellFormats,
        context: &mut Context<'_>,
    ) -> Result<Self, Error> {
        let sheet = Sheet { name: place.name.clone(), hidden: place.hidden, ..Sheet::default() };
        let mut survey = Self {
            sheet,
            is_ordered: true,
            shared: HashMap::new(),
            features: Features::default(),
            shared_bytes: 0,
            merges: Vec::new(),
            dropdowns: Dropdowns::default(),
            frozen: false,
            pane: (0, 0),
            default_height_pt: ROW_HEIGHT_PT,
            last_row: 0,
            last_formula: (0, 0),
        };
        records.seek(place.at);
        records.next();
        let mut within = 0_u32;
        let mut seen = 0_u64;
        survey.features.is_cut_off = true;
        while let Some(number) = records.next() {
            seen += 1;
            if seen.is_multiple_of(REPORT_RECORDS) {
                context.progress(
                    "read",
                    place.at.min(records.size_bytes()),
                    records.size_bytes(),
                )?;
            }
            if id::BEGIN.contains(&number) {
                within += 1;
                if beginning(number, records.body()).is_some() {
                    survey.features.note_chart();
                }
            } else if number == id::EOF {
                let Some(less) = within.checked_sub(1) else {
                    survey.features.is_cut_off = false;
                    break;
                };
                within = less;
            } else if within == 0 {
                if number == id::VALIDATION {
                    survey.validation(globals, records, context.limits.sheet_columns);
                } else {
                    survey.record(number, globals.biff, records.body(), formats);
                }
            }
        }
        survey.finish(context.limits.sheet_columns);
        Ok(survey)
    }

    fn record(&mut self, number: u16, biff: Biff, body: &[u8], formats: &CellFormats) {
        match number {
            id::COLUMNS => self.columns(body, formats),
            id::COLUMN_WIDTH => {
                if let (Some(first), Some(last)) = (u8_at(body, 0), u8_at(body, 1)) {
                    let width = u16_at(body, 2).unwrap_or(0);
                    self.column_run(first.into(), last.into(), width, false);
                }
            }
            id::PANE => {
                let (Some(columns), Some(rows)) = (u16_at(body, 0), u16_at(body, 2)) else {
                    return;
                };
                self.pane = (rows, columns);
            }
            id::MERGES => {
                for index in 0..usize::from(u16_at(body, 0).unwrap_or(0)) {
                    let Some(range) = range_at(body, 2 + index * 8) else { continue };
                    if self.merges.len() < MOST_AREAS {
                        self.merges.push(range);
                    }
                }
            }
            id::LINK => match link(body) {
                Some(link) if runs_script(&link.target) => self.features.scripted_links += 1,
                Some(link) if self.sheet.links.len() < MOST_AREAS => self.sheet.links.push(link),
                _ => self.features.lost_links += 1,
            },
            id::SHARED_FORMULA => self.share(body, u16_at(body, 8), 10, false),
            _ if id::ARRAY.contains(&number) => {
                let (count, at) = match biff {
                    Biff::V2 => (u8_at(body, 7).map(u16::from), 8),
                    Biff::V3 | Biff::V4 => (u16_at(body, 8), 10),
                    Biff::V5 | Biff::V8 => (u16_at(body, 12), 14),
                };
                self.array(body);
                self.share(body, count, at, true);
            }
            _ if id::TABLE.contains(&number) => self.features.data_tables += 1,
            _ if id::ROW.contains(&number) => self.row(body, biff, formats),
            _ if id::DEFAULT_ROW_HEIGHT.contains(&number) => {
                let height = u16_at(body, if biff == Biff::V2 { 0 } else { 2 });
                if let Some(height) = height {
                    self.default_height_pt = f64::from(height & 0x7FFF) / 20.0;
                }
            }
            _ if id::WINDOW.contains(&number) => {
                self.frozen = if biff == Biff::V2 {
                    u8_at(body, 3).is_some_and(|frozen| frozen != 0)
                } else {
                    u16_at(body, 0).is_some_and(|flags| flags & 8 != 0)
                };
            }
            _ if is_cell(number) => {
                let (row, column) = (u16_at(body, 0).unwrap_or(0), u16_at(body, 2).unwrap_or(0));
                self.is_ordered &= row >= self.last_row;
                self.last_row = row;
                if id::FORMULA.contains(&number) {
                    self.last_formula = (row, column);
                }
            }
            _ => self.features.note_record(number, body),
        }
    }

    fn validation(&mut self, globals: &Globals, records: &mut Records<'_>, most_columns: u32) {
        match rule(globals, records) {
            Some(Rule::List(dropdown)) => {
                self.dropdowns.add(dropdown, most_columns, &mut self.sheet);
            }
            Some(Rule::Other) => self.features.other_validations += 1,
            None => self.features.lost_dropdowns += 1,
        }
    }

    fn array(&mut self, body: &[u8]) {
        let [first_row, last_row] = [0, 2].map(|at| u16_at(body, at).map(u32::from));
        let [first_column, last_column] = [4, 5].map(|at| u8_at(body, at).map(u32::from));
        let (Some(first_row), Some(last_row)) = (first_row, last_row) else { return };
        let (Some(first_column), Some(last_column)) = (first_column, last_column) else { return };
        let area = CellRange { first_row, first_column, last_row, last_column };
        if self.sheet.arrays.len() < MOST_AREAS && first_row <= last_row {
            self.sheet.arrays.push(area);
        }
    }

    fn columns(&mut self, body: &[u8], formats: &CellFormats) {
        let (Some(first), Some(last)) = (u16_at(body, 0), u16_at(body, 2)) else { return };
        let hidden = u16_at(body, 8).is_some_and(|flags| flags & 1 != 0);
        self.column_run(first, last, u16_at(body, 4).unwrap_or(0), hidden);
        let style = u16_at(body, 6).map_or(0, |number| formats.of_number(number));
        self.features.styled_columns |= style != 0;
    }

    fn column_run(&mut self, first: u16, last: u16, width: u16, hidden: bool) {
        let (first, last) = (u32::from(first), u32::from(last).min(COLUMNS - 1));
        if first <= last {
            let width_px = (!hidden).then(|| width_px(f64::from(width) / 256.0));
            add_columns(&mut self.sheet.columns, ColumnRun { first, last, width_px, hidden });
        }
    }

    fn row(&mut self, body: &[u8], biff: Biff, formats: &CellFormats) {
        let (Some(row), Some(height)) = (u16_at(body, 0), u16_at(body, 6)) else { return };
        let flags = if biff == Biff::V2 { 0 } else { u16_at(body, 12).unwrap_or(0) };
        let height_pt = f64::from(height & 0x7FFF) / 20.0;
        let hidden = flags & 0x20 != 0 || height == 0;
        let is_own = flags & 0x40 != 0 || (height_pt - self.default_height_pt).abs() > 0.01;
        let is_default = height & 0x8000 != 0;
        let height_pt =
            Some(height_pt).filter(|height| !hidden && !is_default && is_own && *height <= 409.5);
        add_row(&mut self.sheet.rows, row.into(), height_pt, hidden);
        let style = u16_at(body, 14).map_or(0, |number| formats.of_number(number & 0x0FFF));
        self.features.styled_rows |= flags & 0x80 != 0 && style != 0;
    }

    /// Keeps the tokens at `at`, so many bytes, by the first cell of their range and by the cell
    /// before the record: which of them the cells name depends on the writer.
    fn share(&mut self, body: &[u8], count: Option<u16>, at: usize, is_array: bool) {
        let (Some(row), Some(column), Some(count)) = (u16_at(body, 0), u8_at(body, 4), count)
        else {
            return;
        };
        let tokens = usize::from(count);
        let Some(bytes) = body.get(at..).filter(|bytes| bytes.len() >= tokens) else { return };
        for cell in [(row, column.into()), self.last_formula] {
            self.shared_bytes += bytes.len() + size_of::<SharedTokens>();
            if self.shared_bytes <= SHARED_BYTES {
                self.shared.insert(cell, SharedTokens { bytes: bytes.into(), tokens, is_array });
            }
            if is_array {
                break;
            }
        }
    }

    fn finish(&mut self, most_columns: u32) {
        make_disjoint(&mut self.sheet.columns);
        join_rows(&mut self.sheet.rows);
        let (merges, overlapping) = settle(std::mem::take(&mut self.merges), most_columns);
        self.sheet.merges = merges;
        self.features.overlapping_merges = overlapping;
        self.features.lost_dropdowns += self.dropdowns.lost;
        self.sheet.arrays.retain(|area| area.first_column < most_columns);
        self.sheet.links.retain(|link| link.range.first_column < most_columns);
        self.sheet.columns.retain(|run| run.first < most_columns);
        if self.frozen {
            let (rows, columns) = self.pane;
            (self.sheet.frozen_rows, self.sheet.frozen_columns) = (rows.into(), columns.into());
        }
    }
}
