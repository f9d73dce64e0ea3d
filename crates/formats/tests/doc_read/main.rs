//! Word 97-2003 files at the border of the crate: hand-built ones, damaged ones, and the corpus against
//! what other programs read in it.

mod build;
mod cases;
mod corpus;
mod hostile;
#[path = "../measures/mod.rs"]
mod measures;

use larkspur_formats::{Error, Limits};

use measures::{Outcome, outline};

fn read(bytes: &[u8], limits: &Limits) -> Result<Outcome, Error> {
    measures::read_as("doc", bytes, limits)
}
