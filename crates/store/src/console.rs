//! What opens the console: links that do so once, and sessions. What is handed out is known by its hash
//! alone.

use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// What a pass is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// It opens one session and is gone.
    Link,
    /// It opens every page until it expires.
    Session,
}

impl Pass {
    const fn number(self) -> i64 {
        match self {
            Self::Link => 0,
            Self::Session => 1,
        }
    }
}

/// Adds a pass that holds until `expires_ms`, of the machine's clock.
pub fn add(transaction: &mut Transaction, pass: Pass, hash: &str, expires_ms: Millis) {
    transaction.run(
        "INSERT INTO console_passes (hash, kind, expires_ms) VALUES ($1, $2, $3)",
        params![hash, pass.number(), expires_ms],
    );
}

/// Uses up a link that holds at `now_ms`; [`Error::Conflict`] `link` at the commit where there is none.
pub fn use_up(transaction: &mut Transaction, hash: &str, now_ms: Millis) {
    transaction.require(
        "link",
        1,
        "DELETE FROM console_passes WHERE hash = $1 AND kind = 0 AND expires_ms > $2",
        params![hash, now_ms],
    );
}

/// Takes a session away.
pub fn remove(transaction: &mut Transaction, hash: &str) {
    transaction.run("DELETE FROM console_passes WHERE hash = $1 AND kind = 1", params![hash]);
}

/// Takes all links away, so that the next one is the only one.
pub fn remove_links(transaction: &mut Transaction) {
    transaction.run("DELETE FROM console_passes WHERE kind = 0", params![]);
}

/// Takes everything away: whoever is signed in must do so again.
pub fn remove_all(transaction: &mut Transaction) {
    transaction.run("DELETE FROM console_passes", params![]);
}

/// Whether a session of this hash holds at `now_ms`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn is_session(db: &Db, hash: &str, now_ms: Millis) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM console_passes WHERE hash = $1 AND kind = 1 AND expires_ms > $2";
    Ok(db.query_one(sql, params![hash, now_ms]).await?.is_some())
}

/// Forgets what no longer holds at `now_ms`.
pub(crate) fn forget_expired(transaction: &mut Transaction, now_ms: Millis) {
    transaction.run("DELETE FROM console_passes WHERE expires_ms <= $1", params![now_ms]);
}
