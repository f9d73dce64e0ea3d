//! Settings that the server makes once and keeps, such as its secret. Configuration of an operator
//! is no setting and does not live here.

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// The value of the setting `name`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(db: &Db, name: &str) -> Result<Option<String>, Error> {
    let rows = db.query("SELECT value FROM settings WHERE name = $1", params![name]).await?;
    rows.first().map(|row| row.text(0).map(str::to_owned)).transpose()
}

/// Sets `name` to `value` unless it has a value already: several nodes may start at once, and the
/// first one's value stands.
pub fn keep(transaction: &mut Transaction, name: &str, value: &str) {
    transaction.run(
        "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        params![name, value],
    );
}

/// Sets `name` to `value`, whatever it was before.
pub fn set(transaction: &mut Transaction, name: &str, value: &str) {
    transaction.run(
        "INSERT INTO settings (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![name, value],
    );
}

/// Sets `name` to `value`; [`Error::Conflict`] `setting` where it has a value already.
pub fn claim(transaction: &mut Transaction, name: &str, value: &str) {
    transaction.require(
        "setting",
        1,
        "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        params![name, value],
    );
}
