//! Tables of bases: fields and views in one piece, which changes whole and only for whoever read the
//! last one.

use larkspur_model::base::Design;
use larkspur_model::id::ObjectToken;
use larkspur_model::time::Millis;

use super::touch;
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRecord {
    /// The base it is in.
    pub base: ObjectToken,
    /// `tbl` and 13 characters.
    pub id: String,
    /// Its place among the tables of the base.
    pub position: i64,
    /// Its name, which no other table of the base has.
    pub name: String,
    /// Its revision, from 1, one more with each change.
    pub revision: i64,
    /// Its fields and views.
    pub design: Design,
    /// What the ids of its records are made with.
    pub record_key: u64,
    /// Which sheet of the base's cells holds its first records.
    pub sheet: i64,
    /// How many of them those are.
    pub imported: i64,
    /// Who made the table, and the records in those cells.
    pub creator: String,
    /// When that was.
    pub created_ms: Millis,
    /// All its records; the next one's place.
    pub record_count: i64,
}

fn json(design: &Design) -> Vec<u8> {
    serde_json::to_vec(design).expect("a design has no keys but texts")
}

/// Adds a table. The commit fails with [`Error::Duplicate`] where its name, or its place, is taken.
pub fn insert_table(transaction: &mut Transaction, table: &TableRecord) {
    transaction.run(
        "INSERT INTO base_tables (base, table_id, position, name, revision, design, record_key, \
         sheet, imported, creator, created_ms, record_count) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            table.base.as_str(),
            table.id.as_str(),
            table.position,
            table.name.as_str(),
            table.revision,
            json(&table.design),
            table.record_key.cast_signed(),
            table.sheet,
            table.imported,
            table.creator.as_str(),
            table.created_ms,
            table.record_count
        ],
    );
    touch(transaction, &table.base);
}

/// Changes a table that was read as `before`: `design` where there is another one, and so many more
/// records. The commit fails with [`Error::Conflict`] `table` where somebody else has changed it.
pub fn change_table(
    transaction: &mut Transaction,
    before: &TableRecord,
    design: Option<&Design>,
    more_records: i64,
) {
    let (base, id) = (before.base.as_str(), before.id.as_str());
    match design {
        Some(design) => {
            transaction.require(
                "table",
                1,
                "UPDATE base_tables SET revision = revision + 1, design = $4, \
                 record_count = record_count + $5 \
                 WHERE base = $1 AND table_id = $2 AND revision = $3",
                params![base, id, before.revision, json(design), more_records],
            );
            touch(transaction, &before.base);
        }
        None => {
            transaction.require(
                "table",
                1,
                "UPDATE base_tables SET revision = revision + 1, \
                 record_count = record_count + $4 \
                 WHERE base = $1 AND table_id = $2 AND revision = $3",
                params![base, id, before.revision, more_records],
            );
        }
    }
}

/// Makes the commit fail with [`Error::Conflict`] `table` where somebody has changed the table since it
/// was read as `before`.
pub fn hold_table(transaction: &mut Transaction, before: &TableRecord) {
    transaction.require(
        "table",
        1,
        "UPDATE base_tables SET revision = revision \
         WHERE base = $1 AND table_id = $2 AND revision = $3",
        params![before.base.as_str(), before.id.as_str(), before.revision],
    );
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT base, table_id, position, name, revision, design, record_key, sheet, imported, \
             creator, created_ms, record_count FROM base_tables ",
            $rest
        )
    };
}

fn read(row: &Row) -> Result<TableRecord, Error> {
    Ok(TableRecord {
        base: row.text(0)?.into(),
        id: row.text(1)?.to_owned(),
        position: row.int(2)?,
        name: row.text(3)?.to_owned(),
        revision: row.int(4)?,
        design: serde_json::from_slice(row.bytes(5)?)
            .map_err(|_| Error::corrupt("base_tables.design"))?,
        record_key: row.int(6)?.cast_unsigned(),
        sheet: row.int(7)?,
        imported: row.int(8)?,
        creator: row.text(9)?.to_owned(),
        created_ms: row.int(10)?,
        record_count: row.int(11)?,
    })
}

/// The tables of `base`, in order.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn tables(db: &Db, base: &ObjectToken) -> Result<Vec<TableRecord>, Error> {
    let sql = select!("WHERE base = $1 ORDER BY position");
    let rows = db.query(sql, params![base.as_str()]).await?;
    rows.iter().map(read).collect()
}

/// The table `id` of `base`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn table(db: &Db, base: &ObjectToken, id: &str) -> Result<Option<TableRecord>, Error> {
    let sql = select!("WHERE base = $1 AND table_id = $2");
    let row = db.query_one(sql, params![base.as_str(), id]).await?;
    row.as_ref().map(read).transpose()
}
