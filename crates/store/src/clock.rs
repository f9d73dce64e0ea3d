//! How the domain's clock is set: kept here, so that it outlives a restart and other nodes follow.

use larkspur_model::time::ClockSetting;

use crate::db::Db;
use crate::error::Error;
use crate::settings;
use crate::sql::Transaction;

const SETTING: &str = "clock";

/// The setting that was kept last.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(db: &Db) -> Result<Option<ClockSetting>, Error> {
    let Some(text) = settings::get(db, SETTING).await? else { return Ok(None) };
    let damaged = |error: serde_json::Error| Error::corrupt(format!("the setting clock: {error}"));
    serde_json::from_str(&text).map(Some).map_err(damaged)
}

/// Keeps `setting`.
///
/// # Errors
/// None that can happen: a setting always has its text.
pub fn set(transaction: &mut Transaction, setting: ClockSetting) -> Result<(), Error> {
    let text =
        serde_json::to_string(&setting).map_err(|error| Error::corrupt(error.to_string()))?;
    settings::set(transaction, SETTING, &text);
    Ok(())
}
