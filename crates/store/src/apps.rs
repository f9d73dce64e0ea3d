//! Apps: who may call. The secret is kept as a salted hash; making and comparing it is `platform`'s.

use larkspur_model::id::{AppId, TenantId};
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// What kind of app it is (contract, `x-app-types`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppKind {
    /// Made by the tenant for itself.
    Custom,
    /// From the store, used by many tenants (`isv`).
    Store,
}

impl AppKind {
    /// The number stored in the database. Never renumber.
    pub const fn number(self) -> i64 {
        match self {
            Self::Custom => 0,
            Self::Store => 1,
        }
    }

    fn from_number(number: i64) -> Result<Self, Error> {
        match number {
            0 => Ok(Self::Custom),
            1 => Ok(Self::Store),
            _ => Err(Error::corrupt("apps.kind")),
        }
    }
}

/// An app.
#[derive(Clone, PartialEq, Eq)]
pub struct App {
    /// `cli_` and 16 hexadecimal digits.
    pub id: AppId,
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Name for people.
    pub name: String,
    /// What it is for, for people; may be empty.
    pub description: String,
    /// Custom or store.
    pub kind: AppKind,
    /// Random text mixed into the hash of the secret.
    pub secret_salt: String,
    /// Hash of the secret, hexadecimal.
    pub secret_hash: String,
    /// Scopes it was granted, separated by spaces; `*` for all.
    pub scopes: String,
    /// Addresses a user's sign-in may come back to.
    pub redirect_uris: Vec<String>,
    /// Whether it may call at all.
    pub enabled: bool,
    /// When it came to be.
    pub created_ms: Millis,
}

impl std::fmt::Debug for App {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("App")
            .field("id", &self.id)
            .field("tenant", &self.tenant)
            .field("kind", &self.kind)
            .field("enabled", &self.enabled)
            .finish_non_exhaustive()
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, name, kind, secret_salt, secret_hash, scopes, enabled, created_ms, \
             description, redirect_uris FROM apps ",
            $rest
        )
    };
}

fn read(row: &Row) -> Result<App, Error> {
    Ok(App {
        id: row.text(0)?.into(),
        tenant: row.text(1)?.into(),
        name: row.text(2)?.to_owned(),
        kind: AppKind::from_number(row.int(3)?)?,
        secret_salt: row.text(4)?.to_owned(),
        secret_hash: row.text(5)?.to_owned(),
        scopes: row.text(6)?.to_owned(),
        enabled: row.flag(7)?,
        created_ms: row.int(8)?,
        description: row.text(9)?.to_owned(),
        redirect_uris: row.text(10)?.lines().map(str::to_owned).collect(),
    })
}

/// Adds `app`; [`Error::Duplicate`] at the commit where the id is taken.
pub fn insert(transaction: &mut Transaction, app: &App) {
    transaction.run(
        "INSERT INTO apps (id, tenant, name, kind, secret_salt, secret_hash, scopes, enabled, \
         created_ms, description, redirect_uris) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            app.id.as_str(),
            app.tenant.as_str(),
            app.name.as_str(),
            app.kind.number(),
            app.secret_salt.as_str(),
            app.secret_hash.as_str(),
            app.scopes.as_str(),
            app.enabled,
            app.created_ms,
            app.description.as_str(),
            app.redirect_uris.join("\n")
        ],
    );
}

/// Replaces the secret of the app `id`; [`Error::Conflict`] `app` where there is none.
pub fn set_secret(transaction: &mut Transaction, id: &AppId, salt: &str, hash: &str) {
    transaction.require(
        "app",
        1,
        "UPDATE apps SET secret_salt = $2, secret_hash = $3 WHERE id = $1",
        params![id.as_str(), salt, hash],
    );
}

/// Lets the app `id` call, or no longer; [`Error::Conflict`] `app` where there is none.
pub fn set_enabled(transaction: &mut Transaction, id: &AppId, enabled: bool) {
    transaction.require(
        "app",
        1,
        "UPDATE apps SET enabled = $2 WHERE id = $1",
        params![id.as_str(), enabled],
    );
}

/// Grants the app `id` exactly `scopes` (separated by spaces, `*` for all); [`Error::Conflict`]
/// `app` where there is none.
pub fn set_scopes(transaction: &mut Transaction, id: &AppId, scopes: &str) {
    transaction.require(
        "app",
        1,
        "UPDATE apps SET scopes = $2 WHERE id = $1",
        params![id.as_str(), scopes],
    );
}

/// Sets the addresses a sign-in of the app `id` may come back to; [`Error::Conflict`] `app` where
/// there is none.
pub fn set_redirect_uris(transaction: &mut Transaction, id: &AppId, redirect_uris: &[String]) {
    transaction.require(
        "app",
        1,
        "UPDATE apps SET redirect_uris = $2 WHERE id = $1",
        params![id.as_str(), redirect_uris.join("\n")],
    );
}

/// Says anew what the app `id` is called and for; [`Error::Conflict`] `app` where there is none.
pub fn describe(transaction: &mut Transaction, id: &AppId, name: &str, description: &str) {
    transaction.require(
        "app",
        1,
        "UPDATE apps SET name = $2, description = $3 WHERE id = $1",
        params![id.as_str(), name, description],
    );
}

/// The app `id`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(db: &Db, id: &AppId) -> Result<Option<App>, Error> {
    let rows = db.query(select!("WHERE id = $1"), params![id.as_str()]).await?;
    rows.first().map(read).transpose()
}

/// At most `limit` apps of all tenants behind the id `after`, by id; from the first where it is
/// empty.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(db: &Db, after: &str, limit: i64) -> Result<Vec<App>, Error> {
    let sql = select!("WHERE id > $1 ORDER BY id LIMIT $2");
    db.query(sql, params![after, limit]).await?.iter().map(read).collect()
}

/// All apps of `tenant`, by id.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn of_tenant(db: &Db, tenant: &TenantId) -> Result<Vec<App>, Error> {
    let sql = select!("WHERE tenant = $1 ORDER BY id");
    db.query(sql, params![tenant.as_str()]).await?.iter().map(read).collect()
}
