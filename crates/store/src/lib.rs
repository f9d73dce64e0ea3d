//! What outlives a restart: the database (SQLite or PostgreSQL, one SQL text), the blobs, and a
//! room for each record. What the records mean is decided on higher floors.

pub mod db;
pub mod error;
mod migrate;
pub mod sql;
pub mod tasks;

pub use crate::db::{DatabaseUrl, Db, Durability};
pub use crate::error::Error;
