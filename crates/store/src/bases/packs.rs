//! Packs of records: what one call added.

use std::collections::BTreeMap;
use std::ops::Range;

use larkspur_model::base::Value;
use larkspur_model::id::ObjectToken;
use larkspur_model::time::Millis;

use super::TableRecord;
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// Records of neighbouring places, made together.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    /// The place of the first.
    pub first: i64,
    /// Each one's values, by the ids of the fields.
    pub records: Vec<BTreeMap<String, Value>>,
    /// Who made them.
    pub creator: String,
    /// When that was.
    pub created_ms: Millis,
}

impl Pack {
    /// How many files are in the records.
    fn files(&self) -> i64 {
        let values = self.records.iter().flat_map(BTreeMap::values);
        values
            .map(|value| if let Value::Files(files) = value { files.len() as i64 } else { 0 })
            .sum()
    }

    fn json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.records).expect("values have no keys but texts")
    }
}

/// Adds a pack to a table of `base`. The commit fails with [`Error::Duplicate`] where its first place
/// is taken.
pub fn insert_pack(transaction: &mut Transaction, base: &ObjectToken, table: &str, pack: &Pack) {
    transaction.run(
        "INSERT INTO base_packs (base, table_id, first, records, files, creator, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            base.as_str(),
            table,
            pack.first,
            pack.json(),
            pack.files(),
            pack.creator.as_str(),
            pack.created_ms
        ],
    );
}

fn read(row: &Row) -> Result<Pack, Error> {
    Ok(Pack {
        first: row.int(0)?,
        records: serde_json::from_slice(row.bytes(1)?)
            .map_err(|_| Error::corrupt("base_packs.records"))?,
        creator: row.text(2)?.to_owned(),
        created_ms: row.int(3)?,
    })
}

/// The first packs, at most `most`, whose first record is at one of `places`, in order.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn packs(
    db: &Db,
    table: &TableRecord,
    places: Range<i64>,
    most: usize,
) -> Result<Vec<Pack>, Error> {
    let sql = "SELECT first, records, creator, created_ms FROM base_packs \
               WHERE base = $1 AND table_id = $2 AND first >= $3 AND first < $4 \
               ORDER BY first LIMIT $5";
    let params =
        params![table.base.as_str(), table.id.as_str(), places.start, places.end, most as i64];
    db.query_large(sql, params).await?.iter().map(read).collect()
}

/// Where the pack begins that holds the record at `place`, or would.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn pack_at(db: &Db, table: &TableRecord, place: i64) -> Result<Option<i64>, Error> {
    let sql = "SELECT first FROM base_packs WHERE base = $1 AND table_id = $2 AND first <= $3 \
               ORDER BY first DESC LIMIT 1";
    let params = params![table.base.as_str(), table.id.as_str(), place];
    let row = db.query_one(sql, params).await?;
    row.map(|row| row.int(0)).transpose()
}

/// The packs of a table that have files in them, in order.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn packs_with_files(db: &Db, table: &TableRecord) -> Result<Vec<Pack>, Error> {
    let sql = "SELECT first, records, creator, created_ms FROM base_packs \
               WHERE base = $1 AND table_id = $2 AND files > 0 ORDER BY first";
    let params = params![table.base.as_str(), table.id.as_str()];
    db.query_large(sql, params).await?.iter().map(read).collect()
}

/// Copies the packs of all tables of `from` that have no files in them to the tables of the same ids
/// in `to`.
pub fn copy_packs(transaction: &mut Transaction, from: &ObjectToken, to: &ObjectToken) {
    transaction.run(
        "INSERT INTO base_packs (base, table_id, first, records, files, creator, created_ms) \
         SELECT $2, table_id, first, records, files, creator, created_ms FROM base_packs \
         WHERE base = $1 AND files = 0",
        params![from.as_str(), to.as_str()],
    );
}
