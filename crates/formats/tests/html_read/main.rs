//! The reader of HTML: pages of others measured by their words, and tables that are none.

mod corpus;
mod lists;
#[path = "../measures/mod.rs"]
mod measures;
mod tables;

use larkspur_formats::Limits;

use measures::{Outcome, outline};

fn read(html: &str) -> Outcome {
    measures::read_as("html", html.as_bytes(), &Limits::default()).expect("readable")
}

/// What becomes of a page, as an outline.
fn becomes(html: &str) -> String {
    outline(&read(html).document).trim_end().to_owned()
}
