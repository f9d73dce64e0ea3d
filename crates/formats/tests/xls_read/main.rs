//! Workbooks of Excel 2 to 2003 as bytes in, rows out: hand-made ones, broken ones, hostile ones.

#[path = "../kept/ask.rs"]
mod ask;
mod build;
mod cells;
mod formulas;
mod hostile;
#[path = "../kept/mod.rs"]
mod kept;
mod looks;
mod old;

use larkspur_formats::{Error, Limits, Unwatched};

use kept::{KeptBook, read_as};

/// Reads with the documented limits.
fn read(bytes: &[u8]) -> Result<KeptBook, Error> {
    read_as("xls", bytes, &Limits::default(), &mut Unwatched)
}
