//! Where store apps are installed: an app of the store acts in a tenant only while it is.

use larkspur_model::id::{AppId, TenantId};
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// A store app in one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The app.
    pub app: AppId,
    /// The tenant that installed it.
    pub tenant: TenantId,
    /// Whether the tenant lets it act at the moment.
    pub enabled: bool,
    /// When it was installed first.
    pub created_ms: Millis,
}

fn read(row: &Row) -> Result<Installation, Error> {
    Ok(Installation {
        app: row.text(0)?.into(),
        tenant: row.text(1)?.into(),
        enabled: row.flag(2)?,
        created_ms: row.int(3)?,
    })
}

/// Installs the app in the tenant; where it is installed already, only `enabled` is set.
pub fn put(transaction: &mut Transaction, installation: &Installation) {
    let Installation { app, tenant, enabled, created_ms } = installation;
    transaction.run(
        "INSERT INTO installations (app, tenant, enabled, created_ms) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (app, tenant) DO UPDATE SET enabled = excluded.enabled",
        params![app.as_str(), tenant.as_str(), *enabled, *created_ms],
    );
}

/// The installation of `app` in `tenant`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(db: &Db, app: &AppId, tenant: &TenantId) -> Result<Option<Installation>, Error> {
    let sql = "SELECT app, tenant, enabled, created_ms FROM installations \
               WHERE app = $1 AND tenant = $2";
    db.query(sql, params![app.as_str(), tenant.as_str()]).await?.first().map(read).transpose()
}

/// Where `app` is installed, by tenant.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn of_app(db: &Db, app: &AppId) -> Result<Vec<Installation>, Error> {
    let sql = "SELECT app, tenant, enabled, created_ms FROM installations \
               WHERE app = $1 ORDER BY tenant";
    db.query(sql, params![app.as_str()]).await?.iter().map(read).collect()
}
