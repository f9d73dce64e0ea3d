//! Requests that named themselves with a `client_token`.

use larkspur_model::id::ObjectToken;
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
    /// What it made, in the caller's own words.
    pub made: String,
}

/// The request that was made about `base` under this token.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn request(db: &Db, base: &ObjectToken, token: &str) -> Result<Option<Repeated>, Error> {
    let sql = "SELECT digest, made FROM base_requests WHERE base = $1 AND token = $2";
    let row = db.query_one(sql, params![base.as_str(), token]).await?;
    row.map(|mut row| Ok(Repeated { digest: row.take_text(0)?, made: row.take_text(1)? }))
        .transpose()
}

/// Notes what a request made; [`Error::Duplicate`] at the commit where the token is taken.
pub fn note_request(
    transaction: &mut Transaction,
    base: &ObjectToken,
    token: &str,
    made: &Repeated,
    now_ms: Millis,
) {
    transaction.run(
        "INSERT INTO base_requests (base, token, digest, made, created_ms) \
         VALUES ($1, $2, $3, $4, $5)",
        params![base.as_str(), token, &made.digest, &made.made, now_ms],
    );
}

/// Forgets requests from before `before_ms`.
pub(crate) fn forget(transaction: &mut Transaction, before_ms: Millis) {
    transaction.run("DELETE FROM base_requests WHERE created_ms < $1", params![before_ms]);
}
