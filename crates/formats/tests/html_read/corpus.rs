//! The corpus: every page reads, and keeps the words that other converters keep of it.

use std::fs;
use std::path::Path;

use larkspur_formats::Limits;
use serde_json::Value;

use super::measures;

/// What others made of a page is Markdown: its words are those that show.
fn candidates(corpus: &Path, name: &str, _: &Value) -> Vec<String> {
    let markdown = fs::read(corpus.join(format!("expected/html/{name}.md"))).unwrap_or_default();
    let outcome = measures::read_as("md", &markdown, &Limits::default());
    vec![outcome.map(|outcome| measures::shown(&outcome.document)).unwrap_or_default()]
}

/// Why a page keeps fewer words than others find in it.
const REASONS: &[(&str, &str)] = &[
    ("docling-rich-cells.html", "the other writes a merged heading twice, and the sign H2O apart"),
    (
        "html2md-list.html",
        "the other numbers lists that stand in lists without an item around them",
    ),
    ("html2md-link.html", "the other leaves marks between words that run together on the page"),
];

#[test]
fn corpus_keeps_its_words() {
    let Some(recall) = measures::recall("html", candidates, REASONS) else { return };
    assert!(recall >= 93.0, "recall {recall:.2} %");
}

#[test]
fn hostile_files_do_no_harm() {
    measures::hostile("html", |_, _| ());
}
