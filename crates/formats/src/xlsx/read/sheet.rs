//! One worksheet: what stands before its rows, the rows, and what follows them.

mod features;
mod layout;
mod validations;

use std::collections::HashMap;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{CellLink, CellRange, Sheet, Value};

use self::features::Features;
use self::validations::Validations;
use super::cells::{RawCell, SheetCells};
use super::colors::Colors;
use super::number::parse_number;
use super::pictures::Pictures;
use super::quick::{self, Kind, QuickCell};
use super::rich_text::collect_rich_text;
use super::styles::Styles;
use super::tables::cut_tables;
use crate::ooxml::{Event, Feed, Relationship, Scanner, decode_into, decode_xstring};
use crate::sheet_flow::cells::{FORMULA_BYTES, text_bytes};
use crate::sheet_flow::layout as runs;
use crate::sheet_flow::links::runs_script;
use crate::sheet_flow::merges::{parse_cell, parse_range, settle};
use crate::sheet_flow::rich::Room;
use crate::{Error, Limits, WorkbookSink};

/// Merges and links kept of one sheet; spreadsheet programs stop at 65,530 links.
const MOST_AREAS: usize = 200_000;
/// Bytes of the longest link kept.
const LINK_BYTES: usize = 8 << 10;
/// Text handed on between two reports.
const REPORT_BYTES: usize = 4 << 20;

/// What lies beside a sheet in its package.
pub(super) struct Beside<'b> {
    pub(super) relationships: Vec<Relationship>,
    pub(super) pictures: &'b Pictures,
    /// Whether its drawing holds what is not read.
    pub(super) leaves_drawing: bool,
}

/// What a sheet's reader is given beside its bytes.
pub(super) struct SheetReader<'b> {
    pub(super) sheet: Sheet,
    pub(super) cells: SheetCells<'b>,
    pub(super) styles: &'b Styles,
    colors: &'b Colors,
    pictures: &'b Pictures,
    pub(super) limits: &'b Limits,
    pub(super) links: HashMap<String, Relationship>,
    pub(super) losses: Losses,
    features: Features,
    validations: Validations,
    merges: Vec<CellRange>,
    default_height_pt: Option<f64>,
    value: String,
    formula: String,
    replaced: bool,
    areas_cut: u64,
}

/// How a sheet's `row` element says where it is.
#[derive(Debug, Clone, Copy)]
struct RowPlace {
    /// The row's number from 1, in digits.
    digits: [u8; 10],
    length: usize,
    /// Whether the row says so itself.
    stated: bool,
}

impl RowPlace {
    fn new(index: u32, stated: bool) -> Self {
        let mut place = Self { digits: [0; 10], length: 0, stated };
        let mut rest = index.saturating_add(1);
        let mut at = place.digits.len();
        while rest > 0 {
            at -= 1;
            place.digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        place.digits.rotate_left(at);
        place.length = 10 - at;
        place
    }

    fn digits(&self) -> &[u8] {
        &self.digits[..self.length]
    }
}

impl<'b> SheetReader<'b> {
    /// Prepares to read a sheet whose relationships are `links`.
    pub(super) fn new(
        sheet: Sheet,
        cells: SheetCells<'b>,
        (styles, colors): (&'b Styles, &'b Colors),
        limits: &'b Limits,
        beside: Beside<'b>,
    ) -> Self {
        let Beside { relationships, pictures, leaves_drawing } = beside;
        let mut features = Features::default();
        features.note_relationships(&relationships, leaves_drawing);
        let links = relationships
            .into_iter()
            .filter(|relationship| relationship.kind == "hyperlink")
            .map(|relationship| (relationship.id.clone(), relationship))
            .collect();
        Self {
            sheet,
            cells,
            styles,
            colors,
            pictures,
            limits,
            links,
            losses: Losses::new(),
            features,
            validations: Validations::default(),
            merges: Vec::new(),
            default_height_pt: None,
            value: String::new(),
            formula: String::new(),
            replaced: false,
            areas_cut: 0,
        }
    }

    /// Reads the sheet from `feed`, which gives UTF-8, and tells the sink all about it.
    pub(super) fn read(
        &mut self,
        feed: &mut dyn Feed,
        sink: &mut dyn WorkbookSink,
    ) -> Result<(), Error> {
        let mut scanner = Scanner::new(feed, self.limits.markup_depth);
        let mut begun = false;
        loop {
            match scanner.next()? {
                Event::Start if scanner.depth() == 1 => {}
                Event::Start if scanner.name() == b"sheetData" => {
                    if !begun {
                        self.begin(sink)?;
                        begun = true;
                    }
                    if !sink.wants_rows() {
                        break;
                    }
                    self.read_rows(&mut scanner, sink)?;
                }
                Event::Start => self.read_other(&mut scanner)?,
                Event::Eof => break,
                Event::End | Event::Text => {}
            }
        }
        if !begun {
            self.begin(sink)?;
        }
        self.finish();
        sink.end_sheet(&self.sheet)
    }

    fn begin(&mut self, sink: &mut dyn WorkbookSink) -> Result<(), Error> {
        runs::make_disjoint(&mut self.sheet.columns);
        sink.begin_sheet(&self.sheet)
    }

    fn read_other(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        match scanner.name() {
            b"sheetViews" | b"sheetView" | b"cols" | b"mergeCells" | b"hyperlinks"
            | b"dataValidations" => {}
            b"dataValidation" => {
                let most_columns = self.limits.sheet_columns;
                self.validations.read(scanner, most_columns, &mut self.sheet)?;
            }
            b"pane" => layout::read_pane(scanner, &mut self.sheet),
            b"sheetFormatPr" => {
                self.default_height_pt = layout::float(scanner, b"defaultRowHeight");
            }
            b"col" => {
                let style = layout::read_columns(scanner, self.limits, &mut self.sheet.columns);
                self.features.styled_columns |= self.styles.of_format(style) != 0;
            }
            b"mergeCell" => {
                let range = scanner.attribute(b"ref").and_then(|text| parse_range(&text));
                match range {
                    Some(range) if self.merges.len() < MOST_AREAS => self.merges.push(range),
                    _ => self.areas_cut += 1,
                }
            }
            b"hyperlink" => self.read_link(scanner),
            b"extLst" => {
                let (validations, sheet) = (&mut self.validations, &mut self.sheet);
                let most_columns = self.limits.sheet_columns;
                self.features.read_extensions(scanner, &mut |scanner| {
                    validations.read(scanner, most_columns, sheet)
                })?;
            }
            name => {
                self.features.note_element(name);
                scanner.skip_element()?;
            }
        }
        Ok(())
    }

    fn read_link(&mut self, scanner: &Scanner<'_>) {
        let Some(range) = scanner.attribute(b"ref").and_then(|text| parse_range(&text)) else {
            self.areas_cut += 1;
            return;
        };
        let outer = scanner
            .prefixed_attribute(b"id")
            .and_then(|id| self.links.get(&*id))
            .map(|relationship| relationship.target.clone());
        let inner = scanner.attribute(b"location").filter(|place| !place.is_empty());
        let mut target = outer.unwrap_or_default();
        if let Some(inner) = inner {
            target.push('#');
            target.push_str(inner.trim_start_matches('#'));
        }
        if runs_script(&target) {
            self.features.scripted_links += 1;
        } else if target.is_empty()
            || target.len() > LINK_BYTES
            || self.sheet.links.len() >= MOST_AREAS
        {
            self.areas_cut += 1;
        } else {
            self.sheet.links.push(CellLink { range, target });
        }
    }

    fn read_rows(
        &mut self,
        scanner: &mut Scanner<'_>,
        sink: &mut dyn WorkbookSink,
    ) -> Result<(), Error> {
        let inside = scanner.depth();
        let mut next_row = 0_u32;
        loop {
            if let Some((number, length)) = quick::row_start(scanner.lookahead())
                && number > 0
            {
                scanner.advance_into(length, b"row");
                self.cells.flow.start_row(number - 1, sink)?;
                self.read_row(scanner, RowPlace::new(number - 1, true), sink)?;
                next_row = number;
            } else {
                match scanner.next()? {
                    Event::Start if scanner.name() == b"row" => {
                        let index = layout::row_index(scanner);
                        let place = RowPlace::new(index.unwrap_or(next_row), index.is_some());
                        self.cells.flow.start_row(index.unwrap_or(next_row), sink)?;
                        self.read_row_layout(scanner, index.unwrap_or(next_row));
                        let read = self.read_row(scanner, place, sink)?;
                        next_row = read.saturating_add(1);
                    }
                    Event::Start => scanner.skip_element()?,
                    Event::End if scanner.depth() < inside => break,
                    Event::Eof => return Err(Error::damaged("a sheet is cut off")),
                    Event::End | Event::Text => {}
                }
            }
            if self.cells.flow.text_handed_on > REPORT_BYTES {
                self.cells.flow.text_handed_on = 0;
                scanner.tick()?;
            }
        }
        self.cells.flow.finish_row(sink)
    }

    fn read_row_layout(&mut self, scanner: &Scanner<'_>, index: u32) {
        layout::read_row(scanner, index, self.default_height_pt, &mut self.sheet.rows);
        let styled = layout::flag(scanner, b"customFormat")
            && layout::number(scanner, b"s").is_some_and(|s| self.styles.of_format(s) != 0);
        self.features.styled_rows |= styled;
    }

    /// Reads the cells of the row that just started, up to its end. Answers which row it was.
    fn read_row(
        &mut self,
        scanner: &mut Scanner<'_>,
        mut place: RowPlace,
        sink: &mut dyn WorkbookSink,
    ) -> Result<u32, Error> {
        let inside = scanner.depth();
        loop {
            while let Some(cell) = quick::cell(scanner.lookahead(), place.digits()) {
                let length = cell.length;
                self.add_quick(cell);
                scanner.advance(length);
            }
            if scanner.lookahead().starts_with(quick::ROW_END)
                && scanner.depth() == inside
                && scanner.advance_out(quick::ROW_END.len(), b"row")
            {
                return Ok(self.cells.flow.row_index());
            }
            match scanner.next()? {
                Event::Start if scanner.name() == b"c" => {
                    self.read_cell(scanner, &mut place, sink)?;
                }
                Event::Start => scanner.skip_element()?,
                Event::End if scanner.depth() < inside => return Ok(self.cells.flow.row_index()),
                Event::Eof => return Err(Error::damaged("a row is cut off")),
                Event::End | Event::Text => {}
            }
        }
    }

    fn add_quick(&mut self, cell: QuickCell<'_>) {
        let column = cell.column.unwrap_or(self.cells.flow.next_column());
        if self.add_plain(column, &cell) {
            return;
        }
        self.value.clear();
        self.formula.clear();
        if let Some(value) = cell.value {
            self.replaced |= decode_into(value, &mut self.value);
            if matches!(cell.kind, Kind::Text | Kind::Inline) {
                decode_xstring(&mut self.value, 0);
            }
        }
        if let Some(formula) = cell.formula {
            self.replaced |= decode_into(formula, &mut self.formula);
            self.limit_formula();
        }
        if let Some(packed) = self.pictures.called(&self.formula).filter(|_| cell.formula.is_some())
        {
            self.cells.add_picture(column, cell.format, packed);
            return;
        }
        self.cells.add(RawCell {
            column,
            format: cell.format,
            kind: cell.kind,
            value: cell.value.map(|_| self.value.as_str()),
            packed: false,
            formula: cell.formula.map(|_| self.formula.as_str()),
        });
    }

    /// Adds a cell whose value can be taken from the bytes as they stand; `false` for any other.
    fn add_plain(&mut self, column: u32, cell: &QuickCell<'_>) -> bool {
        let (Some(value), Some(formula)) = (cell.value, quick::plain_formula(cell.formula)) else {
            return false;
        };
        let style = self.styles.of_format(cell.format);
        if self.pictures.has_named() && self.pictures.called(formula).is_some() {
            return false;
        }
        let formula = Some(formula);
        match (cell.kind, value) {
            (Kind::Number, _) => {
                let Some(number) = parse_number(value) else { return false };
                let number = self.cells.flow.in_epoch(number, style);
                self.cells.flow.add_value(column, style, Value::Number(number), formula);
            }
            (Kind::Shared, _) => {
                let Some(index) = quick::index(value) else { return false };
                self.cells.add_string(column, style, Some(index), formula);
            }
            (Kind::Bool, [digit @ (b'0' | b'1')]) => {
                let value = Value::Bool(*digit == b'1');
                self.cells.flow.add_value(column, style, value, formula);
            }
            (Kind::Text | Kind::Inline, _) => {
                if memchr::memchr3(b'&', b'\r', b'_', value).is_some() {
                    return false;
                }
                let Ok(text) = std::str::from_utf8(value) else { return false };
                self.cells.flow.add_value(column, style, Value::Text(text), formula);
            }
            _ => return false,
        }
        true
    }

    fn limit_formula(&mut self) {
        if self.formula.len() > FORMULA_BYTES {
            self.formula.clear();
            self.features.long_formulas += 1;
        }
    }

    /// Reads the cell that just started, whatever its shape.
    fn read_cell(
        &mut self,
        scanner: &mut Scanner<'_>,
        place: &mut RowPlace,
        sink: &mut dyn WorkbookSink,
    ) -> Result<(), Error> {
        let stated = scanner.attribute(b"r").and_then(|text| parse_cell(&text));
        if let Some((_, row)) = stated
            && !place.stated
            && self.cells.flow.row_is_fresh()
            && row > self.cells.flow.row_index()
        {
            // The row does not say where it is, but its first cell does.
            self.cells.flow.correct_row(row, sink)?;
            *place = RowPlace::new(row, true);
        }
        let column = stated.map_or(self.cells.flow.next_column(), |(column, _)| column);
        let format = layout::number(scanner, b"s").unwrap_or(0);
        let kind = scanner.attribute(b"t").and_then(|name| Kind::of(name.trim().as_bytes()));
        let kind = kind.unwrap_or(Kind::Number);
        let value = layout::number(scanner, b"vm");
        let picture = value.and_then(|value| self.pictures.values.get(&value));
        self.features.rich_values |= value.is_some() && picture.is_none();
        self.value.clear();
        self.formula.clear();
        let (mut has_value, mut packed) = (false, false);
        let inside = scanner.depth();
        loop {
            match scanner.next()? {
                Event::Start => match scanner.name() {
                    b"v" => {
                        self.value.clear();
                        let most = text_bytes(self.limits);
                        self.replaced |= scanner.collect_text(&mut self.value, most)?;
                        if matches!(kind, Kind::Text | Kind::Inline) {
                            decode_xstring(&mut self.value, 0);
                        }
                        (has_value, packed) = (true, false);
                    }
                    b"f" => self.read_formula(scanner, column)?,
                    b"is" => {
                        let most = text_bytes(self.limits);
                        self.value.clear();
                        // Nothing of it outlives its cell, so that there is always room.
                        let mut room = Room::default();
                        let (text, colors) = (&mut self.value, self.colors);
                        let rich = collect_rich_text(scanner, text, most, colors, &mut room)?;
                        self.features.unformatted_texts += u64::from(rich.dropped);
                        self.features.raised_texts += u64::from(rich.raised);
                        self.replaced |= rich.replaced;
                        (has_value, packed) = (true, rich.packed);
                    }
                    _ => scanner.skip_element()?,
                },
                Event::End if scanner.depth() < inside => break,
                Event::Eof => return Err(Error::damaged("a cell is cut off")),
                Event::End | Event::Text => {}
            }
        }
        if let Some(packed) =
            picture.map(String::as_str).or_else(|| self.pictures.called(&self.formula))
        {
            self.cells.add_picture(column, format, packed);
            return Ok(());
        }
        self.cells.add(RawCell {
            column,
            format,
            kind,
            value: has_value.then_some(self.value.as_str()),
            packed,
            formula: Some(self.formula.as_str()),
        });
        Ok(())
    }

    fn read_formula(&mut self, scanner: &mut Scanner<'_>, column: u32) -> Result<(), Error> {
        let kind = scanner.attribute(b"t").unwrap_or_default().into_owned();
        let shared = layout::number(scanner, b"si");
        let area = scanner.attribute(b"ref").and_then(|area| parse_range(&area));
        self.formula.clear();
        self.replaced |= scanner.collect_text(&mut self.formula, FORMULA_BYTES + 1)?;
        let given = self.formula.trim_start();
        if given.len() < self.formula.len() {
            self.formula = given.to_owned();
        }
        self.limit_formula();
        match (kind.as_str(), shared) {
            ("shared", Some(shared)) if self.formula.is_empty() => {
                self.cells.push_shared_formula(shared, column, &mut self.formula);
            }
            ("shared", Some(shared)) => self.cells.share_formula(shared, column, &self.formula),
            ("array", _) => {
                let here = |area: &CellRange| {
                    (area.first_row, area.first_column) == (self.cells.flow.row_index(), column)
                };
                match area.filter(here) {
                    Some(area) if self.sheet.arrays.len() < MOST_AREAS => {
                        self.sheet.arrays.push(area);
                    }
                    _ => self.areas_cut += 1,
                }
            }
            ("dataTable", _) => {
                self.features.data_tables += 1;
                self.formula.clear();
            }
            _ => {}
        }
        Ok(())
    }

    /// Everything that can only be said once all is read.
    fn finish(&mut self) {
        self.sheet.row_count = self.cells.flow.rows;
        self.sheet.column_count = self.cells.flow.columns;
        runs::join_rows(&mut self.sheet.rows);
        let most_columns = self.limits.sheet_columns;
        let (merges, overlapping) = settle(std::mem::take(&mut self.merges), most_columns);
        self.sheet.merges = merges;
        self.sheet.links.retain(|link| link.range.first_column < most_columns);
        self.sheet.arrays.retain(|area| area.first_column < most_columns);
        let is_cut = self.cells.flow.counts.cells_cut > 0;
        let rows = is_cut.then_some(self.cells.flow.rows);
        let tables_cut = cut_tables(&mut self.sheet, most_columns, rows);
        let place = format!("sheet \"{}\"", self.sheet.name);
        self.cells.flow.counts.report(&place, &mut self.losses);
        for (kind, what, count) in [
            (LossKind::PartDamaged, "merges that overlap others", overlapping),
            (LossKind::PartDamaged, "merges and links that cannot be kept", self.areas_cut),
            (
                LossKind::PartDamaged,
                "dropdowns that cannot be kept",
                self.validations.dropdowns.lost,
            ),
            (
                LossKind::FeatureDropped,
                "data validations other than lists",
                self.validations.others,
            ),
            (LossKind::FeatureDropped, "tables beyond the limits of the sheet", tables_cut),
            (LossKind::TextReplaced, "bytes that are no UTF-8", u64::from(self.replaced)),
        ] {
            if count > 0 {
                self.losses.add_many(kind, place.as_str(), what, count);
            }
        }
        self.features.report(&place, &mut self.losses);
    }
}
