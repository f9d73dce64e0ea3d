//! The corpus: every file reads, and keeps the words other programs find in it.

use std::fs;
use std::path::Path;

use larkspur_formats::Error;
use serde_json::Value;

use super::measures;

fn candidates(corpus: &Path, name: &str, expected: &Value) -> Vec<String> {
    let text = |key: &str| expected[key].as_str().unwrap_or_default().to_owned();
    let beside = fs::read_to_string(corpus.join(format!("expected/doc/{name}.txt")));
    vec![text("antiword_txt"), text("libreoffice_txt"), beside.unwrap_or_default()]
}

/// Why a file keeps fewer words than others find in it.
const REASONS: &[(&str, &str)] = &[
    (
        "poi-fields.doc",
        "marks of notes are numbers in brackets, which the others run into the words",
    ),
    (
        "tika-override-numbering.doc",
        "items are numbered; the others write the sort of number out (0th, 1st, ii, 01)",
    ),
    ("wordextractor-13-notes.doc", "the other program writes i for the mark of an endnote"),
    ("wordextractor-14-revisions.doc", "deleted text is left out, as the text itself demands"),
];

#[test]
fn corpus_keeps_its_words() {
    let Some(recall) = measures::recall("doc", candidates, REASONS) else { return };
    assert!(recall >= 98.5, "recall {recall:.2} %");
}

#[test]
fn hostile_files_end_as_they_should() {
    measures::hostile("doc", |name, outcome| {
        if name.contains("password") {
            assert!(matches!(outcome, Err(Error::Encrypted)), "{name}");
        } else if name.ends_with("-named.doc") {
            assert!(matches!(outcome, Err(Error::Mismatch { .. })), "{name}");
        }
    });
}
