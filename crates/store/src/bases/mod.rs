//! Bases: which blobs hold what a file brought, their tables, the records that came later. Records of
//! an import stay in the cells of its file, compressed: as rows a csv of 100 MB would take a million
//! inserts and ten times its size. Later ones are packs of the records that one call added, found
//! by their places, so that counting and looking up by id read one row.

mod packs;
mod requests;
mod tables;

use larkspur_model::id::{ObjectToken, TenantId};
use larkspur_model::time::Millis;

use crate::blobs;
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

pub use self::packs::{Pack, copy_packs, insert_pack, pack_at, packs, packs_with_files};
pub(crate) use self::requests::forget as forget_requests;
pub use self::requests::{Repeated, note_request, request};
pub use self::tables::{TableRecord, change_table, hold_table, insert_table, table, tables};

/// A base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseRecord {
    /// Token of the base and its object.
    pub token: ObjectToken,
    /// The tenant.
    pub tenant: TenantId,
    /// Its revision, from 1, one more with each change of its tables.
    pub revision: i64,
    /// The time zone its dates are in, by name.
    pub time_zone: String,
    /// The cells a file brought.
    pub cells: Option<CellBlobs>,
}

/// The blobs of the cells a file brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellBlobs {
    /// Blob that says where in the other one which cells lie.
    pub manifest_key: String,
    /// Blob with the cells in chunks.
    pub cells_key: String,
}

/// Adds `base`, and claims its blobs; `sizes_bytes` are those of manifest and cells.
pub fn insert(
    transaction: &mut Transaction,
    base: &BaseRecord,
    sizes_bytes: [i64; 2],
    now_ms: Millis,
) {
    if let Some(cells) = &base.cells {
        blobs::claim(transaction, &cells.manifest_key, sizes_bytes[0], now_ms);
        blobs::claim(transaction, &cells.cells_key, sizes_bytes[1], now_ms);
    }
    transaction.run(
        "INSERT INTO bases (token, tenant, revision, time_zone, manifest_key, cells_key) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            base.token.as_str(),
            base.tenant.as_str(),
            base.revision,
            base.time_zone.as_str(),
            base.cells.as_ref().map(|cells| cells.manifest_key.as_str()),
            base.cells.as_ref().map(|cells| cells.cells_key.as_str())
        ],
    );
}

/// The base `token` of `tenant`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(
    db: &Db,
    tenant: &TenantId,
    token: &ObjectToken,
) -> Result<Option<BaseRecord>, Error> {
    let sql = "SELECT token, tenant, revision, time_zone, manifest_key, cells_key FROM bases \
               WHERE token = $1 AND tenant = $2";
    let row = db.query_one(sql, params![token.as_str(), tenant.as_str()]).await?;
    let Some(mut row) = row else { return Ok(None) };
    let cells = row.take_opt_text(4)?.zip(row.take_opt_text(5)?);
    Ok(Some(BaseRecord {
        token: row.text(0)?.into(),
        tenant: row.text(1)?.into(),
        revision: row.int(2)?,
        time_zone: row.take_text(3)?,
        cells: cells.map(|(manifest_key, cells_key)| CellBlobs { manifest_key, cells_key }),
    }))
}

/// Gives the base another revision: something about its tables changed.
pub(crate) fn touch(transaction: &mut Transaction, base: &ObjectToken) {
    transaction
        .run("UPDATE bases SET revision = revision + 1 WHERE token = $1", params![base.as_str()]);
}
