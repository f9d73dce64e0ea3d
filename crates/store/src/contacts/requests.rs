//! Requests that named themselves with a `client_token`.

use larkspur_model::id::{AppId, TenantId};
use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// A request that was made before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated {
    /// SHA-256 of what was asked for.
    pub digest: String,
    /// Id of what it made.
    pub made: String,
}

/// The request an app made in `tenant` under this token.
pub async fn request(
    db: &Db,
    tenant: &TenantId,
    app: &AppId,
    token: &str,
) -> Result<Option<Repeated>, Error> {
    let sql = "SELECT digest, made FROM contact_requests \
               WHERE tenant = $1 AND app = $2 AND token = $3";
    let row = db.query_one(sql, params![tenant.as_str(), app.as_str(), token]).await?;
    row.map(|mut row| Ok(Repeated { digest: row.take_text(0)?, made: row.take_text(1)? }))
        .transpose()
}

/// Notes what a request made; [`Error::Duplicate`] at the commit where the token is taken.
pub fn note_request(
    transaction: &mut Transaction,
    (tenant, app): (&TenantId, &AppId),
    token: &str,
    made: &Repeated,
    now_ms: Millis,
) {
    transaction.run(
        "INSERT INTO contact_requests (tenant, app, token, digest, made, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![tenant.as_str(), app.as_str(), token, &made.digest, &made.made, now_ms],
    );
}

/// Forgets requests from before `before_ms`.
pub(crate) fn forget(transaction: &mut Transaction, before_ms: Millis) {
    transaction.run("DELETE FROM contact_requests WHERE created_ms < $1", params![before_ms]);
}
