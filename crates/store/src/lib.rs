//! What outlives a restart: the database (SQLite or PostgreSQL, one SQL text), the blobs, and a
//! room for each record. What the records mean is decided on higher floors.

pub mod apps;
pub mod authorizations;
pub mod bases;
pub mod blobs;
pub mod clock;
pub mod console;
pub mod contacts;
pub mod db;
pub mod departments;
pub mod documents;
pub mod error;
pub mod events;
pub mod installations;
pub mod meetings;
pub mod members;
mod meter;
mod migrate;
pub mod named_requests;
pub mod objects;
pub mod rates;
pub mod settings;
pub mod snapshot;
pub mod spreadsheets;
pub mod sql;
mod sweep;
pub mod tasks;
pub mod tenants;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tokens;
pub mod uploads;
pub mod users;
pub mod webhooks;
pub mod wiki;

pub use crate::blobs::{BlobLocation, Blobs};
pub use crate::db::{DatabaseUrl, Db, Durability};
pub use crate::error::Error;
pub use crate::meter::Meter;

/// All that outlives a restart. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    /// The database.
    pub db: Db,
    /// The large bytes its rows speak of.
    pub blobs: Blobs,
}
