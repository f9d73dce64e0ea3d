//! Word 97-2003 files at the border of the crate: hand-built ones, damaged ones, and the corpus against
//! what other programs read in it.

mod build;
mod cases;
mod corpus;
mod hostile;
#[path = "../measures/mod.rs"]
mod measures;

use std::io::Cursor;

use larkspur_formats::{Context, Error, Limits, Options, Unwatched, by_extension};
use larkspur_model::document::Document;
use larkspur_model::loss::Losses;

use measures::outline;

/// A document that was read, with its pictures.
struct Outcome {
    document: Document,
    assets: Vec<Vec<u8>>,
    losses: Losses,
}

fn read(bytes: &[u8], limits: &Limits) -> Result<Outcome, Error> {
    let options = Options { title: "untitled".to_owned(), ..Options::default() };
    let mut monitor = Unwatched;
    let mut context = Context::new(limits, &options, &mut monitor);
    let mut assets = Vec::new();
    let reader = by_extension("doc").and_then(|format| format.read_document).expect("a reader");
    let document = reader(&mut Cursor::new(bytes), &mut assets, &mut context)?;
    Ok(Outcome { document, assets, losses: context.losses })
}
