//! Requests that named themselves with a key: the same one again does nothing and gets the same answer.
//! What a request is for, and what its answer is, is known above.

use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// A request's name: whose it is, and the key it chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestName {
    /// The tenant.
    pub tenant: String,
    /// The app.
    pub app: String,
    /// `app:<id>` or `user:<id>`.
    pub creator: String,
    /// The key.
    pub key: String,
}

/// A request that was answered before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// SHA-256 of what was asked for.
    pub digest: String,
    /// What it was answered.
    pub answer: Vec<u8>,
}

/// The request of this name.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(db: &Db, name: &RequestName) -> Result<Option<Answered>, Error> {
    let sql = "SELECT digest, answer FROM named_requests \
               WHERE tenant = $1 AND app = $2 AND creator = $3 AND name = $4";
    let RequestName { tenant, app, creator, key } = name;
    let row = db.query_one(sql, params![tenant, app, creator, key]).await?;
    row.map(|mut row| Ok(Answered { digest: row.take_text(0)?, answer: row.take_bytes(1)? }))
        .transpose()
}

/// Notes what a request is answered; [`Error::Duplicate`] at the commit where its name is taken.
pub fn note(transaction: &mut Transaction, name: &RequestName, answered: Answered, now_ms: Millis) {
    let RequestName { tenant, app, creator, key } = name;
    let Answered { digest, answer } = answered;
    transaction.run(
        "INSERT INTO named_requests (tenant, app, creator, name, digest, answer, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![tenant, app, creator, key, digest, answer, now_ms],
    );
}

/// Forgets requests from before `before_ms`.
pub(crate) fn forget(transaction: &mut Transaction, before_ms: Millis) {
    transaction.run("DELETE FROM named_requests WHERE created_ms < $1", params![before_ms]);
}
