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

#[test]
fn corpus_keeps_its_words() {
    let Some(recall) = measures::recall("doc", candidates) else { return };
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
