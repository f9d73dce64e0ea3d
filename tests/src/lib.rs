//! The kit of the tests that stand above all crates: a server process, a client of the documented
//! API, the corpus. The tests themselves live in `tests/`.

pub mod app;
pub mod client;
pub mod corpus;
pub mod description;
pub mod evidence;
pub mod listening;
pub mod server;

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn repository() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().map_or_else(|| tests.to_owned(), Path::to_owned)
}
