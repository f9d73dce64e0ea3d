//! One sheet: its view, columns, rows with their cells, merges and links.

use std::collections::HashMap;
use std::fmt::Write as _;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{
    Cell, CellError, CellLink, CellRange, Picture, Rich, Row, RowRun, Sheet, Value, asset_of,
    column_name,
};

use super::archive::EntryWriter;
use super::drawings;
use super::dropdowns;
use super::formulas::{Formula, write_formula};
use super::links::{self, range_name};
use super::parts::{DECLARATION, DOCUMENT_RELATIONSHIPS, MAIN_NAMESPACE};
use super::rich;
use super::styles::StyleTable;
use super::tables::{self, Headings, Tables};
use super::xml::{Piece, needs_preserve, write_cell_text};
use super::{COLUMNS, ROWS, TEXT_UNITS, note};
use crate::Error;
use crate::decimal_text::write_hundredths;
use crate::formulas::references::names_another_workbook;

/// Characters of a formula (Excel's specification).
pub(super) const FORMULA_UNITS: usize = 8_192;
/// Rows without cells that are written for their height or because they are hidden.
const EMPTY_ROWS: u32 = 200_000;
/// Pixels of a digit in the usual font, by which column widths count.
const DIGIT_PX: f64 = 7.0;

/// What could not be written as it is, counted.
#[derive(Default)]
struct Cuts {
    text: u64,
    rows: u64,
    columns: u64,
    numbers: u64,
    errors: u64,
    formulas: u64,
    outer_formulas: u64,
    table_formulas: u64,
    row_sizes: u64,
    pictures: u64,
    links: u64,
}

/// A picture that stands in a cell: row and column, which of the workbook's, width and height.
type InCell = ((u32, u32), u32, (u32, u32));

/// What other parts have to say of a sheet that is written.
pub(in crate::xlsx) struct Written {
    /// Its relationships to other parts and to addresses.
    pub(super) relationships: String,
    /// Whether it has a formula without a value.
    pub(super) uncomputed: bool,
    /// What floats over it, with what stood in its cells.
    pub(super) pictures: Vec<Picture>,
}

/// Writes a sheet's part.
pub(in crate::xlsx) struct SheetWriter<'a, 'b, 'c> {
    entry: EntryWriter<'a, 'b>,
    name: &'c str,
    styles: &'c mut StyleTable,
    losses: &'c mut Losses,
    runs: Vec<RowRun>,
    /// The first of `runs` that is not past.
    run: usize,
    next_row: u32,
    empty_rows: u32,
    /// Areas that one formula fills, by the cell where it stands.
    arrays: HashMap<(u32, u32), String>,
    /// The start of a cell in each column, up to its letters.
    starts: Vec<Piece>,
    /// The row's number from 1, and the quote behind it.
    row_number: Piece,
    /// Links that cells brought.
    links: Vec<CellLink>,
    /// The book's tables, and which sheet this is.
    tables: (&'c Tables, usize),
    headings: Headings,
    /// Pictures that stand in cells: where, which, width and height.
    in_cells: Vec<InCell>,
    cuts: Cuts,
    /// Whether there is a formula without a value.
    uncomputed: bool,
}

impl<'a, 'b, 'c> SheetWriter<'a, 'b, 'c> {
    pub(in crate::xlsx) fn new(
        mut entry: EntryWriter<'a, 'b>,
        sheet: &Sheet,
        name: &'c str,
        selected: bool,
        tables: (&'c Tables, usize),
        styles: &'c mut StyleTable,
        losses: &'c mut Losses,
    ) -> Result<Self, Error> {
        let mut xml = String::from(DECLARATION);
        let _ = write!(
            xml,
            "<worksheet xmlns=\"{MAIN_NAMESPACE}\" xmlns:r=\"{DOCUMENT_RELATIONSHIPS}\">"
        );
        if sheet.row_count > 0 && sheet.column_count > 0 {
            let row = sheet.row_count.min(ROWS);
            let column = column_name(sheet.column_count.min(COLUMNS) - 1);
            let _ = write!(xml, "<dimension ref=\"A1:{column}{row}\"/>");
        }
        write_view(sheet, selected, &mut xml);
        xml.push_str("<sheetFormatPr defaultRowHeight=\"15\"/>");
        write_columns(sheet, &mut xml);
        xml.push_str("<sheetData>");
        entry.buffer.extend_from_slice(xml.as_bytes());
        entry.flush_full()?;
        Ok(Self {
            entry,
            name,
            styles,
            losses,
            runs: sheet.rows.clone(),
            run: 0,
            next_row: 0,
            empty_rows: 0,
            arrays: arrays_of(sheet),
            starts: Vec::new(),
            row_number: Piece::default(),
            links: Vec::new(),
            tables,
            headings: Headings::of(tables.0.of_sheet(tables.1)),
            in_cells: Vec::new(),
            cuts: Cuts::default(),
            uncomputed: false,
        })
    }

    /// Writes a row with cells; indices rise.
    pub(in crate::xlsx) fn row(&mut self, row: &Row) -> Result<(), Error> {
        let index = row.index();
        if self.headings.next_row().is_none_or(|next| next > index) {
            return self.write_row(row);
        }
        self.headings_before(index)?;
        if self.headings.next_row() == Some(index) {
            let said = self.headings.take(Some(row));
            return self.write_row(&said);
        }
        self.write_row(row)
    }

    /// Writes headings of tables in rows above `end` that have no cells.
    fn headings_before(&mut self, end: u32) -> Result<(), Error> {
        while self.headings.next_row().is_some_and(|next| next < end) {
            let said = self.headings.take(None);
            self.write_row(&said)?;
        }
        Ok(())
    }

    fn write_row(&mut self, row: &Row) -> Result<(), Error> {
        let index = row.index();
        if index >= ROWS || index < self.next_row {
            self.cuts.rows += 1;
            return Ok(());
        }
        self.empty_rows_before(index)?;
        self.next_row = index + 1;
        self.start_row(index);
        self.entry.buffer.push(b'>');
        let mut next_column = 0;
        for cell in row.cells() {
            if cell.column >= COLUMNS || cell.column < next_column {
                self.cuts.columns += 1;
                continue;
            }
            next_column = cell.column + 1;
            self.cell(index, &cell);
        }
        self.entry.buffer.extend_from_slice(b"</row>");
        self.entry.flush_full()
    }

    /// The size and visibility of a row, if there is anything to say; rows are asked for in order.
    fn run_of(&mut self, index: u32) -> Option<RowRun> {
        while self.runs.get(self.run).is_some_and(|run| run.last < index) {
            self.run += 1;
        }
        self.runs.get(self.run).copied().filter(|run| run.first <= index)
    }

    /// Writes the rows before `end` that have no cells but a height, or are hidden.
    fn empty_rows_before(&mut self, end: u32) -> Result<(), Error> {
        while self.next_row < end.min(ROWS) {
            let Some(run) = self.runs.get(self.run).copied() else { break };
            if run.last < self.next_row {
                self.run += 1;
                continue;
            }
            let first = run.first.max(self.next_row);
            if first >= end {
                break;
            }
            let last = run.last.min(end - 1).min(ROWS - 1);
            for index in first..=last {
                if self.empty_rows >= EMPTY_ROWS {
                    self.cuts.row_sizes += u64::from(last - index) + 1;
                    break;
                }
                self.empty_rows += 1;
                self.start_row(index);
                self.entry.buffer.extend_from_slice(b"/>");
                self.entry.flush_full()?;
            }
            self.next_row = last + 1;
        }
        Ok(())
    }

    /// Writes the tag of a row up to its closing bracket.
    fn start_row(&mut self, index: u32) {
        self.row_number = Piece::new(itoa::Buffer::new().format(index + 1).as_bytes(), b"\"");
        let run = self.run_of(index);
        let xml = &mut self.entry.buffer;
        xml.extend_from_slice(b"<row r=\"");
        self.row_number.append_to(xml);
        let Some(run) = run else { return };
        if let Some(height) = run.height_pt.filter(|height| (0.0..=409.5).contains(height)) {
            let attribute = format!(" ht=\"{height}\" customHeight=\"1\"");
            xml.extend_from_slice(attribute.as_bytes());
        }
        if run.hidden {
            xml.extend_from_slice(b" hidden=\"1\"");
        }
    }

    fn cell(&mut self, row: u32, cell: &Cell<'_>) {
        let column = cell.column as usize;
        while self.starts.len() <= column {
            let letters = column_name(self.starts.len() as u32);
            self.starts.push(Piece::new(b"<c r=\"", letters.as_bytes()));
        }
        let style = self.styles.index_of(cell.style);
        let xml = &mut self.entry.buffer;
        self.starts[column].append_to(xml);
        self.row_number.append_to(xml);
        if style != 0 {
            xml.extend_from_slice(b" s=\"");
            xml.extend_from_slice(itoa::Buffer::new().format(style).as_bytes());
            xml.push(b'"');
        }
        let formula = cell.formula.filter(|formula| {
            let fits = !formula.is_empty() && fits(formula, FORMULA_UNITS);
            let is_outer = names_another_workbook(formula);
            let is_known = self.tables.0.know(formula);
            self.cuts.formulas += u64::from(!fits);
            self.cuts.outer_formulas += u64::from(fits && is_outer);
            self.cuts.table_formulas += u64::from(fits && !is_outer && !is_known);
            fits && !is_outer && is_known
        });
        let place = (self.next_row - 1, cell.column);
        let area = formula.and_then(|_| self.arrays.get(&place)).cloned();
        let formula = formula.map(|text| Formula { text, area: area.as_deref() });
        let xml = &mut self.entry.buffer;
        match cell.value {
            Value::Empty if formula.is_none() => xml.extend_from_slice(b"/>"),
            Value::Empty => {
                self.uncomputed = true;
                xml.push(b'>');
                write_formula(formula, xml);
                xml.extend_from_slice(b"</c>");
            }
            Value::Number(number) if number.is_finite() => {
                xml.push(b'>');
                write_formula(formula, xml);
                xml.extend_from_slice(b"<v>");
                write_number(number, xml);
                xml.extend_from_slice(b"</v></c>");
            }
            Value::Number(_) => {
                self.cuts.numbers += 1;
                write_typed(b"e", formula, CellError::Number.text(), xml);
            }
            Value::Bool(value) => write_typed(b"b", formula, if value { "1" } else { "0" }, xml),
            Value::Error(error @ (CellError::Spill | CellError::Calculation)) => {
                // Files know these by an attribute of its own part; the plain type has no such error.
                self.cuts.errors += u64::from(error != CellError::Value);
                write_typed(b"e", formula, CellError::Value.text(), xml);
            }
            Value::Error(error) => write_typed(b"e", formula, error.text(), xml),
            Value::Text(text) => self.text(text, formula),
            // The result of a formula has one look.
            Value::Rich(rich) if formula.is_some() => self.text(&rich.text(), formula),
            Value::Rich(rich) => self.rich(row, cell.column, rich),
        }
    }

    fn rich(&mut self, row: u32, column: u32, rich: Rich<'_>) {
        let written = rich::write(rich, &mut self.entry.buffer);
        self.cuts.text += u64::from(written.cut);
        for (token, size) in written.pictures {
            match asset_of(&token) {
                Some(asset) => self.in_cells.push(((row, column), asset, size)),
                None => self.cuts.pictures += 1,
            }
        }
        self.cuts.links += written.links;
        if let Some(target) = written.target {
            if self.links.len() < links::MOST {
                let (first_row, last_row) = (row, row);
                let (first_column, last_column) = (column, column);
                let range = CellRange { first_row, first_column, last_row, last_column };
                self.links.push(CellLink { range, target });
            } else {
                self.cuts.links += 1;
            }
        }
    }

    fn text(&mut self, text: &str, formula: Option<Formula<'_>>) {
        let text = if fits(text, TEXT_UNITS) {
            text
        } else {
            self.cuts.text += 1;
            cut(text, TEXT_UNITS)
        };
        let xml = &mut self.entry.buffer;
        if formula.is_some() {
            xml.extend_from_slice(b" t=\"str\">");
            write_formula(formula, xml);
            xml.extend_from_slice(b"<v>");
            write_cell_text(text, xml);
            xml.extend_from_slice(b"</v></c>");
            return;
        }
        xml.extend_from_slice(b" t=\"inlineStr\"><is><t");
        if needs_preserve(text) {
            xml.extend_from_slice(b" xml:space=\"preserve\"");
        }
        xml.push(b'>');
        write_cell_text(text, xml);
        xml.extend_from_slice(b"</t></is></c>");
    }

    /// Writes what follows the cells, ends the part and gives the links it names.
    pub(in crate::xlsx) fn finish(mut self, sheet: &Sheet) -> Result<Written, Error> {
        self.headings_before(ROWS)?;
        self.empty_rows_before(ROWS)?;
        let links = links::gather(sheet, &self.links, self.name, self.losses);
        let mut xml = String::from("</sheetData>");
        let merges: Vec<String> = sheet
            .merges
            .iter()
            .filter_map(|merge| range_name(*merge))
            .filter(|name| name.contains(':'))
            .collect();
        if !merges.is_empty() {
            let _ = write!(xml, "<mergeCells count=\"{}\">", merges.len());
            for merge in merges {
                let _ = write!(xml, "<mergeCell ref=\"{merge}\"/>");
            }
            xml.push_str("</mergeCells>");
        }
        dropdowns::write_element(sheet, self.name, self.losses, &mut xml);
        links::write_element(&links, &mut xml);
        let (all, number) = self.tables;
        let (own, first) = (all.of_sheet(number), links::addresses(&links) + 1);
        let over = |(cell, asset, size): &InCell| drawings::over_cell(sheet, *cell, *asset, *size);
        let mut pictures = sheet.pictures.clone();
        pictures.extend(self.in_cells.iter().map(over));
        let drawing = first + own.len();
        if !pictures.is_empty() {
            let _ = write!(xml, "<drawing r:id=\"rId{drawing}\"/>");
        }
        tables::write_element(own, first, &mut xml);
        xml.push_str("</worksheet>");
        self.entry.buffer.extend_from_slice(xml.as_bytes());
        self.entry.end()?;
        note_cuts(self.losses, self.name, &self.cuts);
        let headings = "headings of tables that say what their columns are called";
        note(self.losses, LossKind::ValueChanged, self.name, headings, self.headings.changed);
        let mut relationships = String::new();
        links::relationships(&links, &mut relationships);
        tables::relationships(own, first, &mut relationships);
        if !pictures.is_empty() {
            let _ = write!(
                relationships,
                "<Relationship Id=\"rId{drawing}\" Type=\"{DOCUMENT_RELATIONSHIPS}/drawing\" Target=\"../drawings/drawing{}.xml\"/>",
                number + 1
            );
        }
        Ok(Written { relationships, uncomputed: self.uncomputed, pictures })
    }
}

fn arrays_of(sheet: &Sheet) -> HashMap<(u32, u32), String> {
    sheet
        .arrays
        .iter()
        .filter_map(|area| Some(((area.first_row, area.first_column), range_name(*area)?)))
        .collect()
}

fn note_cuts(losses: &mut Losses, name: &str, cuts: &Cuts) {
    let rows = "rows beyond the 1,048,576 that Excel can hold";
    let columns = "cells right of the 16,384 columns that Excel can hold";
    let formulas = "formulas longer than Excel accepts; their values are there";
    let errors = "errors #SPILL! and #CALC! are written as #VALUE!";
    for (kind, detail, count) in [
        (LossKind::CellTextCut, "text beyond the 32,767 characters of an Excel cell", cuts.text),
        (LossKind::CellsCut, rows, cuts.rows),
        (LossKind::ColumnsCut, columns, cuts.columns),
        (LossKind::ValueChanged, "numbers that are none are written as #NUM!", cuts.numbers),
        (LossKind::ValueChanged, errors, cuts.errors),
        (LossKind::FeatureDropped, formulas, cuts.formulas),
        (
            LossKind::FeatureDropped,
            "formulas that refer to other workbooks; their values are there",
            cuts.outer_formulas,
        ),
        (
            LossKind::FeatureDropped,
            "formulas that refer to tables that are not there; their values are there",
            cuts.table_formulas,
        ),
        (LossKind::FormattingDropped, "sizes of rows without cells", cuts.row_sizes),
        (LossKind::FeatureDropped, "pictures in cells", cuts.pictures),
        (LossKind::FeatureDropped, "further links of a cell", cuts.links),
    ] {
        note(losses, kind, name, detail, count);
    }
}

/// Whether a text has at most so many UTF-16 units.
fn fits(text: &str, most: usize) -> bool {
    text.len() <= most || units(text) <= most
}

/// The UTF-16 units of a text.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

pub(super) fn cut(text: &str, units: usize) -> &str {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        used += character.len_utf16();
        if used > units {
            return &text[..at];
        }
    }
    text
}

/// Writes the rest of a cell whose type has a name.
fn write_typed(kind: &[u8], formula: Option<Formula<'_>>, value: &str, xml: &mut Vec<u8>) {
    xml.extend_from_slice(b" t=\"");
    xml.extend_from_slice(kind);
    xml.extend_from_slice(b"\">");
    write_formula(formula, xml);
    xml.extend_from_slice(b"<v>");
    xml.extend_from_slice(value.as_bytes());
    xml.extend_from_slice(b"</v></c>");
}

/// Appends the fewest digits that read back as the same number.
fn write_number(number: f64, xml: &mut Vec<u8>) {
    let integer = number as i64;
    // Zero keeps its sign only through its digits.
    if integer.unsigned_abs() < 1 << 53 && (integer as f64).to_bits() == number.to_bits() {
        xml.extend_from_slice(itoa::Buffer::new().format(integer).as_bytes());
    } else if !write_hundredths(number, xml) {
        xml.extend_from_slice(ryu::Buffer::new().format_finite(number).as_bytes());
    }
}

fn write_view(sheet: &Sheet, selected: bool, xml: &mut String) {
    xml.push_str("<sheetViews><sheetView");
    if selected {
        xml.push_str(" tabSelected=\"1\"");
    }
    xml.push_str(" workbookViewId=\"0\"");
    let (rows, columns) = (sheet.frozen_rows.min(ROWS - 1), sheet.frozen_columns.min(COLUMNS - 1));
    if rows == 0 && columns == 0 {
        xml.push_str("/></sheetViews>");
        return;
    }
    xml.push_str("><pane");
    if columns > 0 {
        let _ = write!(xml, " xSplit=\"{columns}\"");
    }
    if rows > 0 {
        let _ = write!(xml, " ySplit=\"{rows}\"");
    }
    let pane = match (rows, columns) {
        (_, 0) => "bottomLeft",
        (0, _) => "topRight",
        _ => "bottomRight",
    };
    let corner = format!("{}{}", column_name(columns), rows + 1);
    let _ = write!(xml, " topLeftCell=\"{corner}\" activePane=\"{pane}\" state=\"frozen\"/>");
    let _ = write!(xml, "<selection pane=\"{pane}\" activeCell=\"{corner}\" sqref=\"{corner}\"/>");
    xml.push_str("</sheetView></sheetViews>");
}

fn write_columns(sheet: &Sheet, xml: &mut String) {
    let mut columns = String::new();
    let mut free = 0;
    for run in &sheet.columns {
        let (first, last) = (run.first.max(free), run.last.min(COLUMNS - 1));
        if first > last {
            continue;
        }
        free = last + 1;
        let _ = write!(columns, "<col min=\"{}\" max=\"{}\"", first + 1, last + 1);
        let width = run.width_px.filter(|width| width.is_finite()).map(|width| width / DIGIT_PX);
        // A column without a width of its own has the default one, which must still be said.
        let _ = write!(columns, " width=\"{}\"", width.unwrap_or(9.140_625).clamp(0.0, 255.0));
        if width.is_some() {
            columns.push_str(" customWidth=\"1\"");
        }
        if run.hidden {
            columns.push_str(" hidden=\"1\"");
        }
        columns.push_str("/>");
    }
    if !columns.is_empty() {
        xml.push_str("<cols>");
        xml.push_str(&columns);
        xml.push_str("</cols>");
    }
}
