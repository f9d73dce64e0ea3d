//! A base on its way to a file: its tables described, the records that were added written as cells
//! beside those a file brought. Records pass through one pack at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use larkspur_engine::Stop;
use larkspur_formats::WorkbookSink as _;
use larkspur_formats::base::{
    Always, FieldSource, TableSource, ValueReader, heading_style, serial_of, value_style,
};
use larkspur_formats::cells::{ChunkReader, ChunkWriter, Manifest};
use larkspur_model::base::{Field, RecordIds, UiType, Value};
use larkspur_model::id::{AppId, TenantId, UserId};
use larkspur_model::workbook::{
    Cell, CellLink, CellRange, CellStyle, Row, Sheet, Value as CellValue,
};
use larkspur_store::bases::{self, BaseRecord, Pack, TableRecord};
use larkspur_store::{Db, Error, apps, users};

use crate::{stored, zone};

/// Packs read at a time.
const PACKS: usize = 64;

/// What a child reads to write a base.
pub(super) struct Prepared {
    /// JSON of the tables.
    pub(super) tables: PathBuf,
    /// Manifest and cells of the records that were added.
    pub(super) added: (PathBuf, PathBuf),
}

/// Describes the tables of a base and writes the records that were added into `folder`.
pub(super) struct Describing<'a> {
    pub(super) db: &'a Db,
    pub(super) tenant: &'a TenantId,
    pub(super) base: &'a BaseRecord,
    /// Manifest and cells that a file brought, on this machine.
    pub(super) imported: Option<(&'a Path, &'a Path)>,
    pub(super) folder: &'a Path,
}

/// Names that were looked up.
#[derive(Default)]
struct Known {
    people: BTreeMap<String, String>,
    /// What stands first in related records, by table and id.
    related: BTreeMap<(String, String), String>,
    tables: BTreeMap<String, Option<TableRecord>>,
}

impl Describing<'_> {
    pub(super) async fn run(&self, tables: &[TableRecord]) -> Result<Prepared, Stop> {
        let path = |name: &str| self.folder.join(name);
        let file = File::create(path("added-cells")).map_err(Stop::retry)?;
        let mut writer = ChunkWriter::new(io::BufWriter::new(file));
        let mut styles = vec![CellStyle::default(), heading_style()];
        for table in tables {
            styles.extend(table.design.fields.iter().map(value_style));
        }
        writer.begin(&styles, &[]).map_err(Stop::retry)?;
        let mut known = Known::default();
        let mut sources = Vec::with_capacity(tables.len());
        let mut style = 2;
        for table in tables {
            let source = self.table(table, style, &mut writer, &mut known).await;
            sources.push(source.map_err(Stop::retry)?);
            style += table.design.fields.len() as u32;
        }
        writer.finish().map_err(Stop::retry)?;
        let (_, manifest) = writer.into_parts().map_err(Stop::retry)?;
        std::fs::write(path("added-manifest"), manifest.to_bytes().map_err(Stop::retry)?)
            .map_err(Stop::retry)?;
        let json = serde_json::to_vec(&sources).map_err(Stop::retry)?;
        std::fs::write(path("tables.json"), json).map_err(Stop::retry)?;
        let added = (path("added-manifest"), path("added-cells"));
        Ok(Prepared { tables: path("tables.json"), added })
    }

    fn offset_ms(&self) -> i64 {
        zone::offset_ms(&self.base.time_zone)
    }

    async fn table(
        &self,
        table: &TableRecord,
        first_style: u32,
        writer: &mut ChunkWriter<io::BufWriter<File>>,
        known: &mut Known,
    ) -> Result<TableSource, Error> {
        let mut fields = Vec::with_capacity(table.design.fields.len());
        for (field, style) in table.design.fields.iter().zip(first_style..) {
            let always = self.always(field, table, known).await?;
            fields.push(FieldSource { field: field.clone(), style, always });
        }
        let mut sheet = Sheet { name: table.name.clone(), ..Sheet::default() };
        writer.begin_sheet(&sheet).map_err(io::Error::other)?;
        let mut row = Row::new();
        let mut next = table.imported;
        while next < table.record_count {
            let packs = bases::packs(self.db, table, next..table.record_count, PACKS).await?;
            let last = packs.last().map(|pack| pack.first + pack.records.len() as i64);
            next = last.ok_or_else(|| Error::corrupt("base_packs: records are missing"))?;
            for pack in packs {
                self.find_names(table, &pack, known).await?;
                for (place, values) in (pack.first..).zip(&pack.records) {
                    let index = u32::try_from(place - table.imported).unwrap_or(u32::MAX);
                    row.start(index);
                    let record = Added { pack: &pack, place, values };
                    self.fill(&fields, &record, known, &mut row, &mut sheet.links);
                    writer.row(&row).map_err(io::Error::other)?;
                }
            }
        }
        writer.end_sheet(&sheet).map_err(io::Error::other)?;
        Ok(TableSource {
            name: table.name.clone(),
            fields,
            sheet: u32::try_from(table.sheet).unwrap_or(u32::MAX),
            imported: u32::try_from(table.imported).unwrap_or(u32::MAX),
            beside: self.beside(table).await?,
            added: u32::try_from(table.record_count - table.imported).unwrap_or(u32::MAX),
        })
    }

    /// What every imported record has in a field whose values the server gives.
    async fn always(
        &self,
        field: &Field,
        table: &TableRecord,
        known: &mut Known,
    ) -> Result<Option<Always>, Error> {
        let (created_ms, offset_ms) = (table.created_ms, self.offset_ms());
        Ok(match field.ui {
            UiType::CreatedTime | UiType::ModifiedTime => {
                Some(Always::Number(serial_of(created_ms, offset_ms)))
            }
            UiType::CreatedUser | UiType::ModifiedUser => {
                self.find_person(&table.creator, known).await?;
                Some(Always::Text(known.people.get(&table.creator).cloned().unwrap_or_default()))
            }
            UiType::AutoNumber => Some(Always::Counted { created_ms, offset_ms }),
            _ => None,
        })
    }

    /// Names of files that imported records have beside their cells.
    async fn beside(&self, table: &TableRecord) -> Result<Vec<(u32, u32, String)>, Error> {
        let mut beside = Vec::new();
        let mut next = 0;
        while next < table.imported {
            let packs = bases::packs(self.db, table, next..table.imported, PACKS).await?;
            let Some(last) = packs.last() else { break };
            next = last.first + 1;
            for (pack, values) in
                packs.iter().flat_map(|pack| pack.records.iter().map(move |values| (pack, values)))
            {
                for (place, field) in (0..).zip(&table.design.fields) {
                    if let Some(value @ Value::Files(_)) = values.get(&field.id) {
                        let record = u32::try_from(pack.first).unwrap_or(u32::MAX);
                        beside.push((record, place, joined(field, value)));
                    }
                }
            }
        }
        Ok(beside)
    }

    async fn find_person(&self, identity: &str, known: &mut Known) -> Result<(), Error> {
        if known.people.contains_key(identity) {
            return Ok(());
        }
        let name = match identity.split_once(':') {
            Some(("user", id)) => {
                users::get(self.db, self.tenant, &UserId::from(id)).await?.map(|user| user.name)
            }
            Some(("app", id)) => apps::get(self.db, &AppId::from(id)).await?.map(|app| app.name),
            _ => None,
        };
        known.people.insert(identity.to_owned(), name.unwrap_or_default());
        Ok(())
    }

    /// Finds the names of all persons and related records that a pack speaks of.
    async fn find_names(
        &self,
        table: &TableRecord,
        pack: &Pack,
        known: &mut Known,
    ) -> Result<(), Error> {
        let mut identities: BTreeSet<&str> = BTreeSet::from([pack.creator.as_str()]);
        let mut related = BTreeSet::new();
        for field in &table.design.fields {
            for value in pack.records.iter().filter_map(|values| values.get(&field.id)) {
                match (value, &field.property.table_id) {
                    (Value::People(people), _) => {
                        identities.extend(people.iter().map(String::as_str));
                    }
                    (Value::Records(ids), Some(table)) => {
                        related.extend(ids.iter().map(|id| (table.clone(), id.clone())));
                    }
                    _ => {}
                }
            }
        }
        for identity in identities {
            self.find_person(identity, known).await?;
        }
        for (table, id) in related {
            let key = (table, id);
            if !known.related.contains_key(&key) {
                let text = self.first_text(&key.0, &key.1, known).await?;
                known.related.insert(key, text);
            }
        }
        Ok(())
    }

    /// What stands in the first field of a record.
    async fn first_text(&self, table: &str, id: &str, known: &mut Known) -> Result<String, Error> {
        if !known.tables.contains_key(table) {
            let found = bases::table(self.db, &self.base.token, table).await?;
            known.tables.insert(table.to_owned(), found);
        }
        let Some(Some(table)) = known.tables.get(table) else { return Ok(String::new()) };
        let place = RecordIds::new(table.record_key).position(id);
        let place = place.and_then(|place| i64::try_from(place).ok());
        let (Some(place), Some(field)) = (place, table.design.fields.first()) else {
            return Ok(String::new());
        };
        if place >= table.imported {
            let Some(first) = bases::pack_at(self.db, table, place).await? else {
                return Ok(String::new());
            };
            let packs = bases::packs(self.db, table, first..first + 1, 1).await?;
            let values = packs
                .first()
                .and_then(|pack| pack.records.get(usize::try_from(place - pack.first).ok()?));
            let value = values.and_then(|values| values.get(&field.id));
            return Ok(value.map(|value| joined(field, value)).unwrap_or_default());
        }
        let (Some((manifest, cells)), Some(column)) = (self.imported, field.column) else {
            return Ok(String::new());
        };
        let (manifest, cells) = (manifest.to_owned(), cells.to_owned());
        let (sheet, row) = (table.sheet as usize, u32::try_from(place).unwrap_or(u32::MAX));
        stored::blocking(move || {
            let manifest = Manifest::from_bytes(&std::fs::read(manifest)?);
            let manifest = manifest.map_err(io::Error::other)?;
            let mut values = ValueReader::new(&manifest.workbook.styles, 0);
            let mut text = String::new();
            let mut reader = ChunkReader::new(manifest, File::open(cells)?);
            let columns = column..column + 1;
            let read = reader.window(sheet, row..row.saturating_add(1), columns, &mut |row| {
                text = row.cells().next().map(|cell| values.text(&cell)).unwrap_or_default();
                Ok(())
            });
            read.map_err(io::Error::other)?;
            Ok(text)
        })
        .await
    }

    /// Writes a record's values into a row.
    fn fill(
        &self,
        fields: &[FieldSource],
        record: &Added<'_>,
        known: &Known,
        row: &mut Row,
        links: &mut Vec<CellLink>,
    ) {
        let offset_ms = self.offset_ms();
        let person = |identity: &String| known.people.get(identity).cloned().unwrap_or_default();
        for (column, source) in (0..).zip(fields) {
            let field = &source.field;
            let text;
            let value = match (field.ui, record.values.get(&field.id)) {
                (UiType::CreatedTime | UiType::ModifiedTime, _) => {
                    CellValue::Number(serial_of(record.pack.created_ms, offset_ms))
                }
                (UiType::CreatedUser | UiType::ModifiedUser, _) => {
                    text = person(&record.pack.creator);
                    CellValue::Text(&text)
                }
                (UiType::AutoNumber, _) => {
                    let place = record.place.cast_unsigned();
                    text = field.counted(place, record.pack.created_ms, offset_ms);
                    CellValue::Text(&text)
                }
                (_, None) => continue,
                (_, Some(Value::Number(number))) => CellValue::Number(*number),
                (_, Some(Value::Moment(moment))) => {
                    CellValue::Number(serial_of(*moment, offset_ms))
                }
                (_, Some(Value::Flag(flag))) => CellValue::Bool(*flag),
                (_, Some(Value::People(people))) => {
                    text = people.iter().map(person).collect::<Vec<_>>().join(",");
                    CellValue::Text(&text)
                }
                (_, Some(Value::Records(ids))) => {
                    let table = field.property.table_id.clone().unwrap_or_default();
                    let of = |id: &String| known.related.get(&(table.clone(), id.clone())).cloned();
                    text = ids.iter().filter_map(of).collect::<Vec<_>>().join(",");
                    CellValue::Text(&text)
                }
                (_, Some(value)) => {
                    if let Value::Link { link, .. } = value {
                        let at = row.index();
                        let range = CellRange {
                            first_row: at,
                            last_row: at,
                            first_column: column,
                            last_column: column,
                        };
                        links.push(CellLink { range, target: link.clone() });
                    }
                    text = joined(field, value);
                    CellValue::Text(&text)
                }
            };
            row.push(Cell { column, style: source.style, value, formula: None });
        }
    }
}

/// A record that was added.
struct Added<'a> {
    pack: &'a Pack,
    place: i64,
    values: &'a BTreeMap<String, Value>,
}

/// A value in one text.
fn joined(field: &Field, value: &Value) -> String {
    let separator = field.separator.map_or_else(|| ",".to_owned(), String::from);
    match value {
        Value::Text(text) | Value::Link { text, .. } => text.clone(),
        Value::Options(parts) => parts.join(&separator),
        Value::Chats(parts) | Value::People(parts) | Value::Records(parts) => parts.join(","),
        Value::Files(files) => {
            files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(",")
        }
        Value::Number(number) => number.to_string(),
        Value::Moment(moment) => moment.to_string(),
        Value::Flag(flag) => flag.to_string(),
    }
}
