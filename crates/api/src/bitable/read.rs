//! Records out of the store: those of the cells a file brought, with what stands beside them, then
//! the packs that were added. One walk serves pages, single records and searches.

use std::collections::BTreeMap;
use std::ops::Range;

use larkspur_formats::Error as FormatError;
use larkspur_formats::base::ValueReader;
use larkspur_model::base::{Field, RecordIds, UiType, Value};
use larkspur_model::workbook::Row;
use larkspur_store::Error;
use larkspur_store::bases::{self, TableRecord};

use super::load::{self, Links};
use super::open::OpenTable;
use crate::Services;
use crate::stored;

/// Packs read at a time.
const PACKS: usize = 64;

/// A record.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Record {
    /// Its place in the table.
    pub(super) place: i64,
    /// Its values, field by field.
    pub(super) values: Vec<Option<Value>>,
    /// Who made it.
    pub(super) creator: String,
    /// When that was.
    pub(super) created_ms: i64,
}

/// What walks over records.
pub(super) trait Visitor: Send + 'static {
    /// Sees a record; `false` ends the walk.
    fn visit(&mut self, record: Record) -> bool;
}

/// Keeps all records.
impl Visitor for Vec<Record> {
    fn visit(&mut self, record: Record) -> bool {
        self.push(record);
        true
    }
}

/// The ids of a table's records.
pub(super) const fn ids(table: &TableRecord) -> RecordIds {
    RecordIds::new(table.record_key)
}

/// The id of the record at a place.
pub(super) fn id_of(table: &TableRecord, place: i64) -> String {
    ids(table).id(place.cast_unsigned())
}

/// The place of the record of an id, if the table has it.
pub(super) fn place_of(table: &TableRecord, id: &str) -> Option<i64> {
    let place = i64::try_from(ids(table).position(id)?).ok()?;
    (place < table.record_count).then_some(place)
}

/// Shows `visitor` the records of `places`, in order, as far as it wants, and gives it back. Values of
/// fields that are not `wanted` may be missing.
pub(super) async fn walk<V: Visitor>(
    services: &Services,
    opened: &OpenTable,
    places: Range<i64>,
    wanted: Option<&[bool]>,
    visitor: V,
) -> Result<V, Error> {
    let table = &opened.table;
    let places = places.start.max(0)..places.end.min(table.record_count);
    let (mut visitor, mut goes_on) = (visitor, true);
    let imported = places.start..places.end.min(table.imported);
    if !imported.is_empty() {
        (visitor, goes_on) = walk_imported(services, opened, imported, wanted, visitor).await?;
    }
    let mut next = places.start.max(table.imported);
    if !goes_on || next >= places.end {
        return Ok(visitor);
    }
    let db = &services.store.db;
    let missing = || Error::corrupt("base_packs: records are missing");
    let mut from = bases::pack_at(db, table, next).await?.ok_or_else(missing)?;
    while goes_on && next < places.end {
        let packs = bases::packs(db, table, from..places.end, PACKS).await?;
        from =
            packs.last().map(|pack| pack.first + pack.records.len() as i64).ok_or_else(missing)?;
        for pack in packs {
            for (place, values) in (pack.first..).zip(&pack.records) {
                if !goes_on || !(next..places.end).contains(&place) {
                    continue;
                }
                let mut record = blank(table, place, &pack.creator, pack.created_ms);
                fill(&table.design.fields, values, &mut record);
                compute(&table.design.fields, opened.offset_ms(), &mut record);
                goes_on = visitor.visit(record);
            }
        }
        next = from;
    }
    Ok(visitor)
}

fn blank(table: &TableRecord, place: i64, creator: &str, created_ms: i64) -> Record {
    let values = vec![None; table.design.fields.len()];
    Record { place, values, creator: creator.to_owned(), created_ms }
}

fn fill(fields: &[Field], values: &BTreeMap<String, Value>, record: &mut Record) {
    for (field, slot) in fields.iter().zip(&mut record.values) {
        if let Some(value) = values.get(&field.id) {
            *slot = Some(value.clone());
        }
    }
}

/// The values the server gives.
fn compute(fields: &[Field], offset_ms: i64, record: &mut Record) {
    for (field, slot) in fields.iter().zip(&mut record.values) {
        *slot = match field.ui {
            UiType::CreatedTime | UiType::ModifiedTime => Some(Value::Moment(record.created_ms)),
            UiType::CreatedUser | UiType::ModifiedUser => {
                Some(Value::People(vec![record.creator.clone()]))
            }
            UiType::AutoNumber => {
                let place = record.place.cast_unsigned();
                Some(Value::Text(field.counted(place, record.created_ms, offset_ms)))
            }
            _ => continue,
        };
    }
}

/// Cells on their way to records.
struct Importing<V> {
    visitor: V,
    goes_on: bool,
    reader: ValueReader,
    links: Links,
    table: TableRecord,
    /// The field of each column, of those that are wanted.
    columns: Vec<Option<usize>>,
    beside: BTreeMap<i64, BTreeMap<String, Value>>,
    offset_ms: i64,
}

impl<V: Visitor> Importing<V> {
    fn row(&mut self, row: &Row) -> bool {
        let place = i64::from(row.index());
        let table = &self.table;
        let mut record = blank(table, place, &table.creator, table.created_ms);
        for cell in row.cells() {
            let Some(at) = self.columns.get(cell.column as usize).copied().flatten() else {
                continue;
            };
            let field = &table.design.fields[at];
            let link = self.links.at(row.index(), cell.column);
            record.values[at] = self.reader.value(field, &cell, link);
        }
        if let Some(values) = self.beside.get(&place) {
            fill(&table.design.fields, values, &mut record);
        }
        compute(&table.design.fields, self.offset_ms, &mut record);
        self.goes_on = self.visitor.visit(record);
        self.goes_on
    }
}

async fn walk_imported<V: Visitor>(
    services: &Services,
    opened: &OpenTable,
    places: Range<i64>,
    wanted: Option<&[bool]>,
    visitor: V,
) -> Result<(V, bool), Error> {
    let table = &opened.table;
    let cells = opened.base.cells.as_ref();
    let cells = cells.ok_or_else(|| Error::corrupt("bases.cells_key: imported records without"))?;
    let manifest = load::manifest(services, &cells.manifest_key).await?;
    let sheet = usize::try_from(table.sheet).unwrap_or(usize::MAX);
    let mut columns = Vec::new();
    for (at, field) in table.design.fields.iter().enumerate() {
        if let Some(column) = field.column.map(|column| column as usize)
            && wanted.is_none_or(|wanted| wanted[at])
        {
            columns.resize(columns.len().max(column + 1), None);
            columns[column] = Some(at);
        }
    }
    let mut importing = Importing {
        visitor,
        goes_on: true,
        reader: ValueReader::new(&manifest.workbook.styles, opened.offset_ms()),
        links: Links::of(&manifest, sheet),
        table: table.clone(),
        columns,
        beside: beside(services, table, &places).await?,
        offset_ms: opened.offset_ms(),
    };
    let mut reader = load::reader(services, cells, &manifest);
    let row = |place: i64| u32::try_from(place).unwrap_or(u32::MAX);
    let rows = row(places.start)..row(places.end);
    stored::blocking(move || {
        let walked = reader.window(sheet, rows, 0..u32::MAX, &mut |row| {
            if importing.row(row) { Ok(()) } else { Err(FormatError::Cancelled) }
        });
        match walked {
            Ok(()) | Err(FormatError::Cancelled) => Ok((importing.visitor, importing.goes_on)),
            Err(error) => Err(std::io::Error::other(error)),
        }
    })
    .await
}

/// What imported records have beside their cells: pictures, a few thousand at most.
async fn beside(
    services: &Services,
    table: &TableRecord,
    places: &Range<i64>,
) -> Result<BTreeMap<i64, BTreeMap<String, Value>>, Error> {
    let mut beside = BTreeMap::new();
    let mut next = places.start;
    loop {
        let packs = bases::packs(&services.store.db, table, next..places.end, PACKS).await?;
        // Packs beside cells hold one record each, so the next one starts behind the last.
        let Some(last) = packs.last().map(|pack| pack.first) else { return Ok(beside) };
        for pack in packs {
            beside.extend((pack.first..).zip(pack.records));
        }
        next = last + 1;
    }
}

/// The records at `places`, which rise, as far as there are any.
pub(super) async fn at(
    services: &Services,
    opened: &OpenTable,
    places: &[i64],
) -> Result<Vec<Record>, Error> {
    let mut records = Vec::with_capacity(places.len());
    let mut from = 0;
    while let Some(&first) = places.get(from) {
        // Neighbours are read in one walk.
        let run = places[from..].iter().zip(first..).take_while(|(place, next)| *place == next);
        let count = run.count().max(1);
        let range = first..first + count as i64;
        records = walk(services, opened, range, None, records).await?;
        from += count;
    }
    Ok(records)
}
