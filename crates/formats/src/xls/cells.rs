//! The cells of a sheet, record by record, into rows.

use larkspur_model::workbook::{CellError, CellStyle, Rich, Value};

use super::formula::{Home, Speller, cell_error};
use super::globals::{Globals, SheetPlace};
use super::records::{Biff, Records, id};
use super::strings::looks_of;
use super::styles::CellFormats;
use super::survey::{REPORT_RECORDS, Survey, is_cell};
use super::text::{Length, Pieces};
use crate::compound::bytes::{u8_at, u16_at, u32_at};
use crate::sheet_flow::cells::{Cells, EXPANDED_FORMULA_BYTES};
use crate::sheet_flow::rich::Packed;
use crate::{Context, Error, WorkbookSink};

/// Cells of a sheet in no order that are put in order.
const MOST_SORTED: usize = 8 << 20;

/// Reads the cells of a sheet that was looked at before.
pub(super) struct CellReader<'b> {
    pub(super) globals: &'b Globals,
    pub(super) formats: &'b CellFormats,
    /// All styles of the book.
    pub(super) styles: &'b [CellStyle],
    pub(super) cells: Cells<'b>,
    pub(super) expanded_formula_bytes: usize,
}

/// What a formula had come to.
enum Cached {
    Number(f64),
    Text,
    NoText,
    Bool(bool),
    Error(u8),
    Unknown,
}

/// The number that four bytes stand for ([MS-XLS] 2.5.217).
fn rk_number(packed: u32) -> f64 {
    let number = if packed & 2 != 0 {
        f64::from(packed as i32 >> 2)
    } else {
        f64::from_bits(u64::from(packed & !3) << 32)
    };
    if packed & 1 != 0 { number / 100.0 } else { number }
}

fn f64_at(body: &[u8], at: usize) -> Option<f64> {
    let taken = body.get(at..at + 8)?;
    Some(f64::from_le_bytes(taken.try_into().ok()?))
}

fn cached(body: &[u8], at: usize) -> Option<Cached> {
    let number = f64_at(body, at)?;
    if u16_at(body, at + 6) != Some(0xFFFF) {
        return Some(Cached::Number(number));
    }
    let value = u8_at(body, at + 2)?;
    Some(match u8_at(body, at)? {
        0 => Cached::Text,
        1 => Cached::Bool(value != 0),
        2 => Cached::Error(value),
        3 => Cached::NoText,
        _ => Cached::Unknown,
    })
}

impl CellReader<'_> {
    /// Reads all cells of the sheet at `place`.
    pub(super) fn read(
        &mut self,
        place: &SheetPlace,
        survey: &mut Survey,
        records: &mut Records<'_>,
        sink: &mut dyn WorkbookSink,
        context: &mut Context<'_>,
    ) -> Result<(), Error> {
        let order = if survey.is_ordered { Vec::new() } else { sorted(place, survey, records) };
        let mut order = order.into_iter();
        records.seek(place.at);
        records.next();
        let (mut within, mut seen) = (0_u32, 0_u64);
        loop {
            if !survey.is_ordered {
                let Some((_, at)) = order.next() else { break };
                records.seek(at.into());
            }
            let Some(number) = records.next() else { break };
            seen += 1;
            if seen.is_multiple_of(REPORT_RECORDS) {
                let total = records.size_bytes();
                context.progress("read", records.position().min(total), total)?;
            }
            if id::BEGIN.contains(&number) {
                within += 1;
            } else if number == id::EOF {
                let Some(less) = within.checked_sub(1) else { break };
                within = less;
            } else if within == 0 && is_cell(number) {
                self.record(number, survey, records, sink)?;
            }
        }
        self.cells.finish_row(sink)
    }

    fn record(
        &mut self,
        number: u16,
        survey: &mut Survey,
        records: &mut Records<'_>,
        sink: &mut dyn WorkbookSink,
    ) -> Result<(), Error> {
        let body = records.body();
        let (Some(row), Some(column)) = (u16_at(body, 0), u16_at(body, 2)) else { return Ok(()) };
        let (row, column) = (u32::from(row), u32::from(column));
        self.cells.start_row(row, sink)?;
        match number {
            id::MANY_RK => {
                let (many, _) = body.get(4..).unwrap_or_default().as_chunks::<6>();
                for ([low, high, packed @ ..], column) in many.iter().zip(column..) {
                    let style = self.formats.of_number(u16::from_le_bytes([*low, *high]));
                    self.number(column, style, rk_number(u32::from_le_bytes(*packed)), None);
                }
            }
            id::MANY_BLANKS => {
                // The last two bytes say which column is the last.
                let formats = body.get(4..body.len().saturating_sub(2)).unwrap_or_default();
                for ([low, high], column) in formats.as_chunks::<2>().0.iter().zip(column..) {
                    let style = self.formats.of_number(u16::from_le_bytes([*low, *high]));
                    self.cells.add_value(column, style, Value::Empty, None);
                }
            }
            _ => self.one_cell(number, column, survey, records),
        }
        Ok(())
    }

    fn one_cell(
        &mut self,
        number: u16,
        column: u32,
        survey: &mut Survey,
        records: &mut Records<'_>,
    ) {
        let biff = self.globals.biff;
        let body = records.body();
        let (style, at) = if biff == Biff::V2 {
            let (numbers, look) = (u8_at(body, 5).unwrap_or(0), u8_at(body, 6).unwrap_or(0));
            (self.formats.of_attributes([numbers, look]), 7)
        } else {
            (u16_at(body, 4).map_or(0, |number| self.formats.of_number(number)), 6)
        };
        match number {
            id::RK => {
                if let Some(packed) = u32_at(body, at) {
                    self.number(column, style, rk_number(packed), None);
                }
            }
            id::INTEGER => {
                if let Some(integer) = u16_at(body, at) {
                    self.number(column, style, integer.into(), None);
                }
            }
            id::SHARED_STRING => {
                let index = u32_at(body, at).map(|index| index as usize);
                let value = index.and_then(|index| self.globals.strings.get(index));
                self.cells.counts.strings_missing += u64::from(value.is_none());
                let value = value.unwrap_or(Value::Empty);
                self.cells.add_text(column, (style, self.styles), value, None);
            }
            _ if id::NUMBER.contains(&number) => {
                if let Some(number) = f64_at(body, at) {
                    self.number(column, style, number, None);
                }
            }
            _ if id::BLANK.contains(&number) => {
                self.cells.add_value(column, style, Value::Empty, None);
            }
            _ if id::BOOL_OR_ERROR.contains(&number) => {
                let (Some(value), Some(is_error)) = (u8_at(body, at), u8_at(body, at + 1)) else {
                    return;
                };
                let value = if is_error == 0 { Value::Bool(value != 0) } else { error(value) };
                self.cells.add_value(column, style, value, None);
            }
            _ if id::FORMULA.contains(&number) => {
                self.formula(column, style, at, survey, records);
            }
            _ => self.own_text(number, column, (style, at), survey, records),
        }
    }

    /// A text of the cell's own; one that is formatted piece by piece has a record of its own.
    fn own_text(
        &mut self,
        number: u16,
        column: u32,
        (style, at): (u32, usize),
        survey: &mut Survey,
        records: &mut Records<'_>,
    ) {
        let biff = self.globals.biff;
        let length = if biff == Biff::V2 { Length::Short } else { Length::Long };
        let mut text = String::new();
        let mut pieces = Pieces::new(records, at);
        pieces.text(biff, length, &self.globals.page, &mut text);
        let runs = if number == id::RICH_STRING { runs(&mut pieces, biff) } else { Vec::new() };
        let looks = looks_of(&text, &runs, |font| self.formats.look(font));
        let packed = match looks.pack(&text, 0) {
            Packed::Rich(packed) => Some(packed),
            Packed::Plain => None,
            Packed::Dropped => {
                survey.features.unformatted_texts += 1;
                None
            }
        };
        let value = match &packed {
            Some(packed) => Value::Rich(Rich::from_packed(packed)),
            None => Value::Text(&text),
        };
        self.cells.add_text(column, (style, self.styles), value, None);
    }

    fn number(&mut self, column: u32, style: u32, number: f64, formula: Option<&str>) {
        let value = if number.is_finite() {
            Value::Number(self.cells.in_epoch(number, style))
        } else {
            self.cells.counts.values_changed += 1;
            Value::Error(CellError::Number)
        };
        self.cells.add_value(column, style, value, formula);
    }

    fn formula(
        &mut self,
        column: u32,
        style: u32,
        at: usize,
        survey: &mut Survey,
        records: &mut Records<'_>,
    ) {
        let body = records.body();
        let cached = cached(body, at).unwrap_or(Cached::Unknown);
        let (count, from) = match self.globals.biff {
            Biff::V2 => (u8_at(body, 16).map(u16::from), 17),
            Biff::V3 | Biff::V4 => (u16_at(body, 16), 18),
            Biff::V5 | Biff::V8 => (u16_at(body, 20), 22),
        };
        let bytes = body.get(from..).unwrap_or_default();
        let (tokens, extra) =
            bytes.split_at_checked(usize::from(count.unwrap_or(0))).unwrap_or_default();
        let text = self.spell(tokens, extra, column, survey);
        let formula = text.as_deref();
        match cached {
            Cached::Number(number) => self.number(column, style, number, formula),
            Cached::NoText => self.cells.add_value(column, style, Value::Text(""), formula),
            Cached::Bool(value) => {
                self.cells.add_value(column, style, Value::Bool(value), formula);
            }
            Cached::Error(number) => self.cells.add_value(column, style, error(number), formula),
            Cached::Unknown => self.cells.add_value(column, style, Value::Empty, formula),
            Cached::Text => {
                let value = self.cached_text(records);
                self.cells.add_value(column, style, Value::Text(&value), formula);
            }
        }
    }

    /// The text that follows a formula, behind what it shares with others.
    fn cached_text(&self, records: &mut Records<'_>) -> String {
        let mut text = String::new();
        while let Some(number) = records.peek() {
            if id::STRING.contains(&number) {
                records.next();
                let biff = self.globals.biff;
                let length = if biff == Biff::V2 { Length::Short } else { Length::Long };
                Pieces::new(records, 0).text(biff, length, &self.globals.page, &mut text);
                break;
            }
            if number != id::SHARED_FORMULA
                && !id::ARRAY.contains(&number)
                && !id::TABLE.contains(&number)
            {
                break;
            }
            records.next();
        }
        text
    }

    /// The text of a formula in `column` of the row at hand; `None` where there is none to show.
    fn spell(
        &mut self,
        tokens: &[u8],
        extra: &[u8],
        column: u32,
        survey: &mut Survey,
    ) -> Option<String> {
        let home = Home { row: self.cells.row_index(), column };
        let globals = self.globals;
        let speller = Speller { biff: globals.biff, page: &globals.page, scope: &globals.scope };
        let text = match *tokens {
            // A table of results for several inputs; it is counted where it is defined.
            [0x02, ..] => return None,
            [0x01, row_low, row_high, ref named @ ..] => {
                let named = u16_at(named, 0).or_else(|| u8_at(named, 0).map(u16::from))?;
                let row = u16::from_le_bytes([row_low, row_high]);
                let Some(shared) = survey.shared.get(&(row, named)) else {
                    self.cells.counts.formulas_missing += 1;
                    return None;
                };
                if shared.is_array && (u32::from(row), u32::from(named)) != (home.row, column) {
                    return None;
                }
                if self.expanded_formula_bytes > EXPANDED_FORMULA_BYTES {
                    self.cells.counts.formulas_cut += 1;
                    return None;
                }
                let (tokens, extra) = shared.parts();
                let text = speller.spell(tokens, extra, home);
                self.expanded_formula_bytes += text.as_ref().map_or(0, String::len);
                text
            }
            _ => speller.spell(tokens, extra, home),
        };
        survey.features.untold_formulas += u64::from(text.is_none());
        text
    }
}

/// The runs behind a text: the character each starts at, and its font's number.
fn runs(pieces: &mut Pieces<'_, '_>, biff: Biff) -> Vec<(u16, u16)> {
    let number = |pieces: &mut Pieces<'_, '_>| match biff {
        Biff::V8 => pieces.u16(),
        _ => pieces.u8().map(u16::from),
    };
    let count = number(pieces).unwrap_or(0);
    (0..count).map_while(|_| Some((number(pieces)?, number(pieces)?))).collect()
}

fn error(number: u8) -> Value<'static> {
    Value::Error(cell_error(number).unwrap_or(CellError::NotAvailable))
}

/// Where the records with cells stand, by row.
fn sorted(place: &SheetPlace, survey: &mut Survey, records: &mut Records<'_>) -> Vec<(u16, u32)> {
    let mut order: Vec<(u16, u32)> = Vec::new();
    records.seek(place.at);
    records.next();
    let mut within = 0_u32;
    loop {
        let at = records.position();
        let Some(number) = records.next() else { break };
        if id::BEGIN.contains(&number) {
            within += 1;
        } else if number == id::EOF {
            let Some(less) = within.checked_sub(1) else { break };
            within = less;
        } else if within == 0 && is_cell(number) {
            let row = u16_at(records.body(), 0);
            match (row, u32::try_from(at)) {
                (Some(row), Ok(at)) if order.len() < MOST_SORTED => order.push((row, at)),
                _ => survey.features.lost_cells += 1,
            }
        }
    }
    order.sort_by_key(|(row, _)| *row);
    order
}
