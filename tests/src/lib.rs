//! The kit of the tests that stand above all crates. What a test needs in order to look at the
//! whole house lives here; the tests themselves live in `tests/`.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn repository() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().map_or_else(|| tests.to_owned(), Path::to_owned)
}
