//! The `larkspur` program as a library: configuration, the server wired together, a client of the
//! documented API, and one file for each command.

mod bulk;
pub mod client;
mod commands;
mod company;
pub mod config;
pub mod server;
pub mod terminal;
pub mod tls;
mod trouble;
mod workbook_json;

pub use self::commands::main;
pub use self::trouble::{Attempt, Trouble};
