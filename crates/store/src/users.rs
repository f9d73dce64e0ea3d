//! Users of a tenant. Their `open_id` and `union_id` are made from `number` by `platform`.

use larkspur_model::id::{TenantId, UserId};
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The tenant.
    pub tenant: TenantId,
    /// Id within the tenant.
    pub id: UserId,
    /// A number no other user of the server has; the ids that differ by app are made from it.
    pub number: i64,
    /// Name for people.
    pub name: String,
    /// Whether the user administers the tenant.
    pub admin: bool,
    /// Whether the user may call.
    pub enabled: bool,
    /// When the user came to be.
    pub created_ms: Millis,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT tenant, id, number, name, admin, enabled, created_ms FROM users ", $rest)
    };
}

fn read(row: &Row) -> Result<User, Error> {
    Ok(User {
        tenant: row.text(0)?.into(),
        id: row.text(1)?.into(),
        number: row.int(2)?,
        name: row.text(3)?.to_owned(),
        admin: row.flag(4)?,
        enabled: row.flag(5)?,
        created_ms: row.int(6)?,
    })
}

/// Adds `user`; [`Error::Duplicate`] at the commit where the id or the number is taken.
pub fn insert(transaction: &mut Transaction, user: &User) {
    transaction.run(
        "INSERT INTO users (tenant, id, number, name, admin, enabled, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            user.tenant.as_str(),
            user.id.as_str(),
            user.number,
            user.name.as_str(),
            user.admin,
            user.enabled,
            user.created_ms
        ],
    );
}

/// The user `id` of `tenant`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(db: &Db, tenant: &TenantId, id: &UserId) -> Result<Option<User>, Error> {
    let sql = select!("WHERE tenant = $1 AND id = $2");
    db.query(sql, params![tenant.as_str(), id.as_str()]).await?.first().map(read).transpose()
}

/// The user with this number, in whatever tenant.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn by_number(db: &Db, number: i64) -> Result<Option<User>, Error> {
    db.query(select!("WHERE number = $1"), params![number]).await?.first().map(read).transpose()
}
