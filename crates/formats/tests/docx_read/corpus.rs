//! The corpus: every file reads, and keeps the words other programs find in it.

use std::fs;
use std::path::Path;

use larkspur_formats::Error;
use serde_json::Value;

use super::measures::{self, shown};

/// Markdown without what is markup only: tags, addresses of links and pictures, escapes.
fn without_markup(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(character) = rest.chars().next() {
        let tag = rest.starts_with('<')
            && rest.get(1..2).is_some_and(|next| {
                next.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!')
            });
        if tag && let Some(end) = rest.find('>') {
            rest = &rest[end + 1..];
            text.push(' ');
        } else if rest.starts_with("](")
            && let Some(end) = rest.find(')')
        {
            rest = &rest[end + 1..];
            text.push(' ');
        } else if rest.starts_with("&nbsp;") {
            rest = &rest[6..];
            text.push(' ');
        } else if character == '\\' {
            rest = &rest[1..];
            if let Some(next) = rest.chars().next() {
                text.push(next);
                rest = &rest[next.len_utf8()..];
            }
        } else {
            // Emphasis within a word does not divide it.
            if character != '*' {
                text.push(character);
            }
            rest = &rest[character.len_utf8()..];
        }
    }
    text
}

/// Why a file keeps fewer words than others find in it.
const REASONS: &[(&str, &str)] = &[
    ("docxrs-comment-in-revision.docx", "its only word was inserted and deleted: nothing is left"),
    ("tika-features.docx", "hidden text stays hidden; the other program shows it"),
    (
        "tika-override-numbering.docx",
        "numbers of several levels (2.18.2.1) are one number an item, its place tells the others",
    ),
];

fn candidates(corpus: &Path, name: &str, expected: &Value) -> Vec<String> {
    let text = |key: &str| expected[key].as_str().unwrap_or_default().to_owned();
    let beside = fs::read_to_string(corpus.join(format!("expected/docx/{name}.md")));
    vec![
        without_markup(&text("pandoc_gfm")),
        text("libreoffice_txt"),
        without_markup(&beside.unwrap_or_default()),
    ]
}

#[test]
fn corpus_keeps_its_words() {
    let Some(recall) = measures::recall("docx", candidates, REASONS) else { return };
    assert!(recall >= 99.5, "recall {recall:.2} %");
}

#[test]
fn hostile_files_end_as_they_should() {
    measures::hostile("docx", |name, outcome| {
        if name.contains("password") {
            assert!(matches!(outcome, Err(Error::Encrypted)), "{name}");
        } else if name.starts_with("truncated") {
            assert!(matches!(outcome, Err(Error::Damaged(_))), "{name}");
        } else if name.starts_with("xxe") {
            let harmless =
                outcome.map_or(true, |outcome| !shown(&outcome.document).contains("root:"));
            assert!(harmless, "{name}");
        }
    });
}
