//! A workbook as it is read becomes tables: the first row of a sheet the names, the rows below records
//! in chunks. What is remembered of the rows does not grow with them, but for the places of gaps.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Write;

use larkspur_model::base::{Field, ImportedBase, ImportedTable, UiType};
use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{Cell, CellLink, CellRange, CellStyle, Row, Sheet, Value};

use super::column::Column;
use super::decide::{Decision, decide};
use super::shape::{NumberShape, Shape};
use crate::cell_text::CellTexts;
use crate::cells::{ChunkWriter, Manifest};
use crate::{Error, WorkbookSink};

/// Characters a field's or a table's name may have.
const NAME_CHARACTERS: usize = 100;

/// Cells that call pictures, as far as they are remembered: far more than pictures are kept.
const MOST_CALLS: u32 = 100_000;

/// Which records the rows of a sheet became: runs of rows, by their first row and record.
#[derive(Debug, Default)]
pub(super) struct Places {
    runs: Vec<(u32, u32)>,
    records: u32,
    last_row: u32,
}

impl Places {
    fn add(&mut self, row: u32) -> u32 {
        let record = self.records;
        let follows = record > 0 && row == self.last_row + 1;
        if !follows {
            self.runs.push((row, record));
        }
        self.last_row = row;
        self.records += 1;
        record
    }

    /// The first record of the rows from `row` on.
    fn from(&self, row: u32) -> u32 {
        let after = self.runs.partition_point(|(first, _)| *first <= row);
        let Some((first, record)) = after.checked_sub(1).map(|at| self.runs[at]) else { return 0 };
        let end = self.runs.get(after).map_or(self.records, |(_, record)| *record);
        (record + (row - first)).min(end)
    }

    /// The record that a row became.
    pub(super) fn record(&self, row: u32) -> Option<u32> {
        let record = self.from(row);
        let next = self.from(row.saturating_add(1));
        (record < next).then_some(record)
    }

    /// The last row that became one.
    pub(super) const fn last_row(&self) -> Option<u32> {
        if self.records == 0 { None } else { Some(self.last_row) }
    }
}

/// The sheet whose rows come in.
#[derive(Debug, Default)]
struct Current {
    header: Option<Vec<(u32, String)>>,
    columns: Vec<Column>,
    places: Places,
    dropped: u64,
    formulas: u64,
    /// Columns in which cells call pictures by name.
    called: BTreeSet<u32>,
}

/// Where the pictures of a sheet may lie.
#[derive(Debug)]
pub(super) struct Ground {
    /// The sheet's table, where it became one.
    pub(super) table: Option<u32>,
    /// Its rows.
    pub(super) places: Places,
    /// The columns of the table's fields.
    pub(super) columns: Vec<u32>,
    /// Those that hold nothing, or nothing but calls of pictures.
    pub(super) blank: BTreeSet<u32>,
}

/// Takes a workbook.
pub(super) struct BaseSink<W> {
    writer: ChunkWriter<W>,
    shapes: Vec<Shape>,
    texts: CellTexts,
    most_records: u32,
    current: Current,
    pub(super) base: ImportedBase,
    /// What is known of each sheet, for its pictures.
    pub(super) grounds: Vec<Ground>,
    pub(super) losses: Losses,
    /// Cells that call pictures, by the pictures' names.
    pub(super) named: HashMap<String, Vec<(u32, u32, u32)>>,
    calls: u32,
    looks: bool,
}

impl<W: Write> BaseSink<W> {
    pub(super) fn new(output: W, most_records: u32) -> Self {
        Self {
            writer: ChunkWriter::new(output),
            shapes: Vec::new(),
            texts: CellTexts::new(&[]),
            most_records,
            current: Current::default(),
            base: ImportedBase::default(),
            grounds: Vec::new(),
            losses: Losses::new(),
            named: HashMap::new(),
            calls: 0,
            looks: false,
        }
    }

    /// The output, and the manifest of its chunks.
    pub(super) fn into_parts(self) -> Result<(W, Manifest), Error> {
        self.writer.into_parts()
    }

    fn shape(&self, style: u32) -> Shape {
        self.shapes.get(style as usize).copied().unwrap_or(Shape::Number(NumberShape::default()))
    }

    fn take_header(&mut self, row: &Row) {
        let mut header = Vec::with_capacity(row.len());
        for cell in row.cells() {
            let mut name = String::new();
            self.texts.write(&cell, &mut name);
            if !name.is_empty() {
                header.push((cell.column, name));
            }
        }
        if !header.is_empty() {
            self.current.header = Some(header);
        }
    }

    /// The fields of the sheet, from the names and what stood below them.
    fn fields(&mut self, place: &str, sheet: &Sheet) -> Vec<Field> {
        let current = &self.current;
        let header = current.header.as_deref().unwrap_or_default();
        let last = header.last().map_or(0, |(column, _)| *column as usize + 1);
        let count = last.max(current.columns.len());
        let chinese = header.iter().any(|(_, name)| !name.is_ascii());
        let mut taken: HashSet<String> = header.iter().map(|(_, name)| name.clone()).collect();
        let mut used = HashSet::new();
        let mut fields: Vec<Field> = Vec::new();
        let mut named = header.iter().peekable();
        let nothing = Column::default();
        for at in 0..count {
            let column = current.columns.get(at).unwrap_or(&nothing);
            let own = named.next_if(|(column, _)| *column as usize == at).map(|(_, name)| name);
            let own = own.filter(|name| !name.trim().is_empty());
            let called = current.called.contains(&(at as u32));
            if own.is_none() && column.cells == 0 && !called {
                continue;
            }
            let wanted = own.cloned().unwrap_or_else(|| {
                let number = fields.len() + 1;
                if chinese { format!("字段{number}") } else { format!("Field {number}") }
            });
            let name = unique(shortened(&wanted), &mut used, &mut taken);
            if own.is_some_and(|own| *own != name) {
                let detail = format!("a field of this name is called {name}");
                self.losses.add(LossKind::ValueChanged, place, detail);
            }
            let linked = linked(&sheet.links, at as u32, current.places.records);
            let primary = fields.is_empty();
            let decision = decide(&name, column, linked, primary);
            let fits = !primary || decision.ui.may_be_primary();
            let Decision { ui, property, separator } =
                if fits { decision } else { Decision::of(UiType::Text) };
            let column = Some(at as u32);
            fields.push(Field { property, separator, column, ..Field::new(name, ui) });
        }
        fields
    }

    /// The links of the sheet, on the records that their rows became.
    fn move_links(&self, sheet: &Sheet) -> Vec<CellLink> {
        let places = &self.current.places;
        let moved = |link: &CellLink| {
            let CellRange { first_row, last_row, .. } = link.range;
            let (first, end) = (places.from(first_row), places.from(last_row.saturating_add(1)));
            let range = CellRange { first_row: first, last_row: end.checked_sub(1)?, ..link.range };
            (first < end).then(|| CellLink { range, target: link.target.clone() })
        };
        let mut links: Vec<CellLink> = sheet.links.iter().filter_map(moved).collect();
        links.sort_by_key(|link| (link.range.first_row, link.range.first_column));
        links
    }

    fn note_losses(&mut self, place: &str, sheet: &Sheet) {
        let Current { dropped, formulas, .. } = self.current;
        let losses = &mut self.losses;
        if dropped > 0 {
            let detail = format!("records beyond {}", self.most_records);
            losses.add_many(LossKind::CellsCut, place, detail, dropped);
        }
        if formulas > 0 {
            let detail = "formulas; their values are there";
            losses.add_many(LossKind::FeatureDropped, place, detail, formulas);
        }
        let merged = sheet.merges.len() as u64;
        if merged > 0 {
            let detail = "merged cells; the value is in the first of them";
            losses.add_many(LossKind::FormattingDropped, place, detail, merged);
        }
    }
}

/// The name of the picture that a formula of WPS shows in its cell.
fn called_picture(formula: &str) -> Option<&str> {
    let (_, rest) = formula.split_once("DISPIMG(\"")?;
    rest.split_once('"').map(|(name, _)| name)
}

/// `name`, or with a number behind it one that is not among `others`.
pub(super) fn unique_name(name: String, others: impl Iterator<Item = String>) -> String {
    unique(name, &mut others.collect(), &mut HashSet::new())
}

/// Cells of a column that carry a link, of the first `rows` below the names or so.
fn linked(links: &[CellLink], column: u32, rows: u32) -> u64 {
    let covers =
        |link: &&CellLink| (link.range.first_column..=link.range.last_column).contains(&column);
    let cells = |link: &CellLink| {
        u64::from(link.range.last_row - link.range.first_row.min(link.range.last_row)) + 1
    };
    links.iter().filter(covers).map(|link| cells(link).min(u64::from(rows))).sum()
}

fn shortened(name: &str) -> String {
    name.chars().take(NAME_CHARACTERS).collect()
}

/// A name that is not used yet: `name`, or it with a number behind it that no other field has.
fn unique(name: String, used: &mut HashSet<String>, taken: &mut HashSet<String>) -> String {
    if used.insert(name.clone()) {
        return name;
    }
    let mut number = 2_u32;
    loop {
        let next = format!("{name} {number}");
        if taken.insert(next.clone()) && used.insert(next.clone()) {
            return next;
        }
        number += 1;
    }
}

impl<W: Write> WorkbookSink for BaseSink<W> {
    fn begin(&mut self, styles: &[CellStyle], names: &[String]) -> Result<(), Error> {
        self.shapes = styles.iter().map(|style| Shape::of(&style.number_format)).collect();
        self.texts = CellTexts::new(styles);
        let plain = |style: &CellStyle| CellStyle {
            number_format: style.number_format.clone(),
            ..CellStyle::default()
        };
        self.looks = styles.iter().skip(1).any(|style| {
            style.font.bold
                || style.font.italic
                || !style.font.color.is_empty()
                || !style.fill.is_empty()
        });
        // What a base does not show is not kept either.
        let styles: Vec<CellStyle> = styles.iter().map(plain).collect();
        self.writer.begin(&styles, names)
    }

    fn begin_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        self.current = Current::default();
        self.writer.begin_sheet(&Sheet { name: sheet.name.clone(), ..Sheet::default() })
    }

    fn row(&mut self, row: &Row) -> Result<(), Error> {
        if self.current.header.is_none() {
            self.take_header(row);
            return Ok(());
        }
        let holds = row.cells().any(|cell| match cell.value {
            Value::Empty => false,
            Value::Text(text) => !text.is_empty(),
            _ => true,
        });
        if !holds {
            return Ok(());
        }
        if self.current.places.records >= self.most_records {
            self.current.dropped += 1;
            return Ok(());
        }
        for cell in row.cells() {
            let shape = self.shape(cell.style);
            let at = cell.column as usize;
            if self.current.columns.len() <= at {
                self.current.columns.resize_with(at + 1, Column::default);
            }
            if let Some(name) = cell.formula.and_then(called_picture) {
                self.current.called.insert(cell.column);
                let sheet = self.grounds.len() as u32;
                self.calls += 1;
                if self.calls <= MOST_CALLS {
                    let cells = self.named.entry(name.to_owned()).or_default();
                    cells.push((sheet, row.index(), cell.column));
                }
                continue;
            }
            self.current.columns[at].see(&cell, shape);
            self.current.formulas += u64::from(cell.formula.is_some());
        }
        let record = self.current.places.add(row.index());
        if !row.cells().any(|cell| matches!(cell.value, Value::Rich(_))) {
            return self.writer.put(record, row);
        }
        // What a base does not show is not kept.
        self.looks = true;
        let mut plain = Row::new();
        plain.start(row.index());
        for cell in row.cells() {
            match cell.value {
                Value::Rich(rich) => plain.push(Cell { value: Value::Text(&rich.text()), ..cell }),
                _ => plain.push(cell),
            }
        }
        self.writer.put(record, &plain)
    }

    fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        let place = format!("sheet \"{}\"", sheet.name);
        let fields = self.fields(&place, sheet);
        self.note_losses(&place, sheet);
        let links = self.move_links(sheet);
        let index = self.grounds.len() as u32;
        let current = std::mem::take(&mut self.current);
        let records = current.places.records;
        self.writer.end_sheet(&Sheet {
            name: sheet.name.clone(),
            row_count: records,
            column_count: current.columns.len() as u32,
            links,
            ..Sheet::default()
        })?;
        let columns = fields.iter().filter_map(|field| field.column).collect();
        let table = (!fields.is_empty()).then_some(self.base.tables.len() as u32);
        let holds = |column: &u32| {
            current.columns.get(*column as usize).is_some_and(|column| column.cells > 0)
        };
        let own = fields.iter().filter_map(|field| field.column);
        let blank = own.filter(|column| !holds(column)).collect();
        self.grounds.push(Ground { table, places: current.places, columns, blank });
        if table.is_some() {
            let mut used: HashSet<String> =
                self.base.tables.iter().map(|table| table.name.clone()).collect();
            let name = match sheet.name.trim() {
                "" => "Table".to_owned(),
                _ => shortened(&sheet.name),
            };
            let name = unique(name, &mut used, &mut HashSet::new());
            self.base.tables.push(ImportedTable { name, sheet: index, records, fields });
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        if self.calls > MOST_CALLS {
            let detail = "pictures called by cells beyond the limit";
            let more = u64::from(self.calls - MOST_CALLS);
            self.losses.add_many(LossKind::ImagesCut, "", detail, more);
        }
        if self.looks {
            let detail = "fonts and fills of cells; a base has none";
            self.losses.add(LossKind::FormattingDropped, "", detail);
        }
        self.writer.finish()
    }
}
