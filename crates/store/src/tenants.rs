//! Tenants, and how many nodes each has in its drive.

use larkspur_model::id::TenantId;
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// 16 hexadecimal digits.
    pub id: TenantId,
    /// Name for people.
    pub name: String,
    /// Folders, files and documents in its drive; kept by [`crate::objects`].
    pub node_count: i64,
    /// When it came to be.
    pub created_ms: Millis,
}

fn read(row: &Row) -> Result<Tenant, Error> {
    Ok(Tenant {
        id: row.text(0)?.into(),
        name: row.text(1)?.to_owned(),
        node_count: row.int(2)?,
        created_ms: row.int(3)?,
    })
}

/// Adds `tenant`; one with this id that is there already stays as it is.
pub fn insert(transaction: &mut Transaction, tenant: &Tenant) {
    transaction.run(
        "INSERT INTO tenants (id, name, node_count, created_ms) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id) DO NOTHING",
        params![tenant.id.as_str(), tenant.name.as_str(), tenant.node_count, tenant.created_ms],
    );
}

/// Adds `tenant`; [`Error::Duplicate`] at the commit where the id is taken.
pub fn insert_new(transaction: &mut Transaction, tenant: &Tenant) {
    transaction.run(
        "INSERT INTO tenants (id, name, node_count, created_ms) VALUES ($1, $2, $3, $4)",
        params![tenant.id.as_str(), tenant.name.as_str(), tenant.node_count, tenant.created_ms],
    );
}

/// Renames the tenant `id`; [`Error::Conflict`] `tenant` where there is none.
pub fn rename(transaction: &mut Transaction, id: &TenantId, name: &str) {
    let sql = "UPDATE tenants SET name = $2 WHERE id = $1";
    transaction.require("tenant", 1, sql, params![id.as_str(), name]);
}

/// The tenant `id`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(db: &Db, id: &TenantId) -> Result<Option<Tenant>, Error> {
    let sql = "SELECT id, name, node_count, created_ms FROM tenants WHERE id = $1";
    db.query(sql, params![id.as_str()]).await?.first().map(read).transpose()
}

/// At most `limit` tenants behind the id `after`, by id; from the first where it is empty.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(db: &Db, after: &str, limit: i64) -> Result<Vec<Tenant>, Error> {
    let sql = "SELECT id, name, node_count, created_ms FROM tenants WHERE id > $1 \
               ORDER BY id LIMIT $2";
    db.query(sql, params![after, limit]).await?.iter().map(read).collect()
}
