//! A base as a workbook that is written: a sheet a table, the names of the fields above the records.
//! What a file brought goes out as it came, what was added later behind it.

use std::collections::BTreeMap;

use larkspur_model::base::{Field, UiType};
use larkspur_model::workbook::{
    Cell, CellLink, CellRange, CellStyle, ColumnRun, Font, Row, Sheet, Value, Workbook,
};
use serde::{Deserialize, Serialize};

use super::shape;
use crate::cells::{ChunkBytes, ChunkReader};
use crate::{Error, WorkbookSource};

/// Links a sheet of a workbook takes (Excel's specification).
const MOST_LINKS: usize = 65_530;

/// A table to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableSource {
    /// Its name.
    pub name: String,
    /// Its fields.
    pub fields: Vec<FieldSource>,
    /// Which sheet of the cells that a file brought holds its first records, and how many those are.
    pub sheet: u32,
    /// How many those are.
    pub imported: u32,
    /// What some of those records have beside their cells, by record and place of the field.
    pub beside: Vec<(u32, u32, String)>,
    /// How many records were added; they are in the sheet of the added cells that has the table's place.
    pub added: u32,
}

/// A field to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldSource {
    /// The field.
    pub field: Field,
    /// The style of its values, of those of the added cells.
    pub style: u32,
    /// What every imported record has in it, where the server gives its values.
    pub always: Option<Always>,
}

/// A value the server gives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Always {
    /// A number, or the serial number of a date.
    Number(f64),
    /// A text.
    Text(String),
    /// The record's own number, in the form the field has.
    Counted {
        /// When the records were made.
        created_ms: i64,
        /// How far the base's zone is ahead of UTC.
        offset_ms: i64,
    },
}

/// The style of the names, of those of the added cells.
pub const HEADING: u32 = 1;

/// The style of a heading.
pub fn heading_style() -> CellStyle {
    CellStyle { font: Font { bold: true, ..Font::default() }, ..CellStyle::default() }
}

/// The style of values of a field that no file brought.
pub fn value_style(field: &Field) -> CellStyle {
    let property = &field.property;
    let number_format = match field.ui.number() {
        2 => number_code(
            property.formatter.as_deref().unwrap_or("0"),
            property.currency_code.as_deref(),
        ),
        5 | 1001 | 1002 => {
            let form = property.date_formatter.as_deref().unwrap_or("yyyy/MM/dd");
            form.replace("MM", "mm").replace("HH", "hh")
        }
        _ => String::new(),
    };
    CellStyle { number_format, ..CellStyle::default() }
}

/// The number format of a form of numbers.
fn number_code(form: &str, currency: Option<&str>) -> String {
    let sign = match currency {
        Some("CNY" | "JPY") => "\"¥\"",
        Some("USD") => "\"$\"",
        Some("EUR") => "\"€\"",
        Some("GBP") => "\"£\"",
        _ => "",
    };
    let code = match form {
        "%" => "0%".to_owned(),
        "¥" => "\"¥\"0".to_owned(),
        "$" => "\"$\"0".to_owned(),
        form => form.replace("1,000", "#,##0").replace('¥', "\"¥\"").replace('$', "\"$\""),
    };
    format!("{sign}{code}")
}

/// Gives a base's tables as sheets.
pub struct BaseSource<A, B> {
    tables: Vec<TableSource>,
    workbook: Workbook,
    imported: Option<ChunkReader<A>>,
    added: ChunkReader<B>,
    /// Styles of the imported cells, before those of the added ones.
    offset: u32,
    /// Whether dates and money that a file wrote as text become numbers.
    typed: bool,
}

impl<A: ChunkBytes, B: ChunkBytes> BaseSource<A, B> {
    /// The base of these tables. `typed` is for formats that have dates and numbers: what a file wrote
    /// as text in a field of such is written as one.
    ///
    /// # Errors
    /// Where cells are damaged.
    pub fn new(
        tables: Vec<TableSource>,
        mut imported: Option<ChunkReader<A>>,
        added: ChunkReader<B>,
        typed: bool,
    ) -> Result<Self, Error> {
        let styles = imported.as_ref().map(|reader| reader.manifest().workbook.styles.as_slice());
        let mut styles = styles.unwrap_or_default().to_vec();
        let offset = styles.len() as u32;
        styles.extend_from_slice(&added.manifest().workbook.styles);
        let mut sheets = Vec::with_capacity(tables.len());
        for (at, table) in tables.iter().enumerate() {
            let mut links = Vec::new();
            if let Some(reader) = imported.as_mut().filter(|_| typed) {
                imported_links(reader, table, &mut links)?;
            }
            let later = added.manifest().workbook.sheets.get(at);
            for link in later.map(|sheet| sheet.links.as_slice()).unwrap_or_default() {
                links.push(below(link, 1 + table.imported));
            }
            links.truncate(MOST_LINKS);
            sheets.push(sheet_of(table, links));
        }
        let workbook = Workbook { styles, sheets, ..Workbook::default() };
        Ok(Self { tables, workbook, imported, added, offset, typed })
    }
}

fn below(link: &CellLink, rows: u32) -> CellLink {
    let CellRange { first_row, last_row, .. } = link.range;
    let range = CellRange { first_row: first_row + rows, last_row: last_row + rows, ..link.range };
    CellLink { range, target: link.target.clone() }
}

/// Links that a file brought, and addresses that stand in link fields as they are.
fn imported_links<A: ChunkBytes>(
    reader: &mut ChunkReader<A>,
    table: &TableSource,
    links: &mut Vec<CellLink>,
) -> Result<(), Error> {
    let own = reader.manifest().workbook.sheets.get(table.sheet as usize);
    let own = own.map(|sheet| sheet.links.clone()).unwrap_or_default();
    let mut linked = std::collections::HashSet::new();
    for (place, source) in (0..).zip(&table.fields) {
        let Some(column) = source.field.column else { continue };
        let of_column =
            |link: &&CellLink| (link.range.first_column..=link.range.last_column).contains(&column);
        for link in own.iter().filter(of_column) {
            linked.insert((link.range.first_row, column));
            let range = CellRange { first_column: place, last_column: place, ..link.range };
            links.push(below(&CellLink { range, target: link.target.clone() }, 1));
        }
        if source.field.ui != UiType::Url {
            continue;
        }
        let sheet = table.sheet as usize;
        reader.window(sheet, 0..table.imported, column..column + 1, &mut |row| {
            let full = links.len() >= MOST_LINKS || linked.contains(&(row.index(), column));
            if let (false, Some(Cell { value: Value::Text(text), .. })) = (full, row.cells().next())
            {
                let row = row.index() + 1;
                let range = CellRange {
                    first_row: row,
                    last_row: row,
                    first_column: place,
                    last_column: place,
                };
                links.push(CellLink { range, target: text.to_owned() });
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn sheet_of(table: &TableSource, links: Vec<CellLink>) -> Sheet {
    let width = |field: &Field| match field.ui {
        UiType::Checkbox | UiType::Rating | UiType::Progress => 70.0,
        UiType::Text | UiType::Url | UiType::Attachment => 190.0,
        _ => 130.0,
    };
    let runs = (0..).zip(&table.fields).map(|(column, source)| ColumnRun {
        first: column,
        last: column,
        width_px: Some(width(&source.field)),
        hidden: false,
    });
    Sheet {
        name: table.name.clone(),
        row_count: 1 + table.imported + table.added,
        column_count: table.fields.len() as u32,
        frozen_rows: 1,
        columns: runs.collect(),
        links,
        ..Sheet::default()
    }
}

/// Puts the cells of an imported record where their fields are.
struct Arranged<'a> {
    table: &'a TableSource,
    /// The place of the field of each column.
    places: Vec<Option<u32>>,
    beside: BTreeMap<(u32, u32), &'a str>,
    /// Places of fields the server gives values of.
    given: Vec<(u32, &'a FieldSource, &'a Always)>,
    offset: u32,
    typed: bool,
    row: Row,
}

impl<'a> Arranged<'a> {
    fn new(table: &'a TableSource, offset: u32, typed: bool) -> Self {
        let mut places = Vec::new();
        let mut given = Vec::new();
        for (place, source) in (0..).zip(&table.fields) {
            if let Some(column) = source.field.column {
                let column = column as usize;
                places.resize(places.len().max(column + 1), None);
                places[column] = Some(place);
            }
            if let Some(always) = &source.always {
                given.push((place, source, always));
            }
        }
        let beside = table
            .beside
            .iter()
            .map(|(record, place, text)| ((*record, *place), text.as_str()))
            .collect();
        Self { table, places, beside, given, offset, typed, row: Row::new() }
    }

    fn arrange(&mut self, row: &Row) -> &Row {
        let record = row.index();
        self.row.start(record + 1);
        let mut next = 0;
        for cell in row.cells() {
            let Some(place) = self.places.get(cell.column as usize).copied().flatten() else {
                continue;
            };
            self.fill(record, next, place);
            next = place + 1;
            let cell = self.retyped(cell, place);
            self.row.push(Cell { column: place, formula: None, ..cell });
        }
        self.fill(record, next, self.table.fields.len() as u32);
        &self.row
    }

    /// Adds what stands in the fields from `first` up to `end` though there is no cell.
    fn fill(&mut self, record: u32, first: u32, end: u32) {
        if first >= end || (self.given.is_empty() && self.beside.is_empty()) {
            return;
        }
        for place in first..end {
            if let Some(text) = self.beside.get(&(record, place)) {
                let value = Value::Text(text);
                self.row.push(Cell { column: place, style: 0, value, formula: None });
            } else if let Some((_, source, always)) =
                self.given.iter().find(|(given, ..)| *given == place)
            {
                let style = self.offset + source.style;
                let counted;
                let value = match always {
                    Always::Number(number) => Value::Number(*number),
                    Always::Text(text) => Value::Text(text),
                    Always::Counted { created_ms, offset_ms } => {
                        let place = u64::from(record);
                        counted = source.field.counted(place, *created_ms, *offset_ms);
                        Value::Text(&counted)
                    }
                };
                self.row.push(Cell { column: place, style, value, formula: None });
            }
        }
    }

    fn retyped<'c>(&self, cell: Cell<'c>, place: u32) -> Cell<'c> {
        let Value::Text(text) = cell.value else { return cell };
        let source = &self.table.fields[place as usize];
        if !self.typed {
            return cell;
        }
        let number = match source.field.ui.number() {
            2 => shape::money(text).map(|(number, _)| number),
            5 => shape::date(text).map(|(serial, _)| serial),
            _ => None,
        };
        number.map_or(cell, |number| Cell {
            value: Value::Number(number),
            style: self.offset + source.style,
            ..cell
        })
    }
}

impl<A: ChunkBytes, B: ChunkBytes> WorkbookSource for BaseSource<A, B> {
    fn workbook(&self) -> &Workbook {
        &self.workbook
    }

    fn rows(
        &mut self,
        sheet: usize,
        visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some(table) = self.tables.get(sheet) else { return Ok(()) };
        let mut row = Row::new();
        for (column, source) in (0..).zip(&table.fields) {
            let value = Value::Text(&source.field.name);
            row.push(Cell { column, style: self.offset + HEADING, value, formula: None });
        }
        visit(&row)?;
        let mut arranged = Arranged::new(table, self.offset, self.typed);
        if let Some(reader) = self.imported.as_mut().filter(|_| table.imported > 0) {
            let rows = 0..table.imported;
            reader.window(table.sheet as usize, rows, 0..u32::MAX, &mut |row| {
                visit(arranged.arrange(row))
            })?;
        }
        let offset = self.offset;
        self.added.rows(sheet, &mut |added| {
            row.start(1 + table.imported + added.index());
            for cell in added.cells() {
                row.push(Cell { style: offset + cell.style, ..cell });
            }
            visit(&row)
        })
    }
}
