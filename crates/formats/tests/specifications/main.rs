//! The examples of CommonMark's and GitHub's specifications: each has the text of the HTML that the
//! reference implementation makes of it, and is the same document after a round trip.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its examples has failed")]

mod differences;
mod reference;

use std::fmt::Write as _;

use larkspur_formats::{Context, Limits, Options, Unwatched, by_extension};
use larkspur_model::document::{Content, Document};

use self::differences::{ROUND_TRIP, TEXT};

/// One line of a file: section, extensions, Markdown, HTML.
type Example = (String, String, String, String);

const SUITES: [(&str, &str, usize); 3] = [
    ("CommonMark", include_str!("commonmark-0.31.2.jsonl"), 652),
    ("GFM", include_str!("gfm-0.29.jsonl"), 673),
    ("cmark-gfm", include_str!("cmark-gfm-extensions.jsonl"), 28),
];

fn read(source: &str) -> (Document, Vec<Vec<u8>>) {
    let (limits, options) = (Limits::default(), Options::default());
    let mut monitor = Unwatched;
    let mut context = Context::new(&limits, &options, &mut monitor);
    let reader = by_extension("md").and_then(|format| format.read_document).unwrap();
    let mut assets = Vec::new();
    let mut input = std::io::Cursor::new(source.as_bytes());
    let document = reader(&mut input, &mut assets, &mut context).unwrap();
    (document, assets)
}

fn written(document: &Document, assets: &mut Vec<Vec<u8>>) -> String {
    let (limits, options) = (Limits::default(), Options::default());
    let mut monitor = Unwatched;
    let mut context = Context::new(&limits, &options, &mut monitor);
    let writer = by_extension("md").and_then(|format| format.write_document).unwrap();
    let mut bytes = Vec::new();
    writer(document, assets, &mut bytes, &mut context).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Words that a reader of the document sees, captions of pictures among them.
fn text_of(document: &Document) -> String {
    let mut text = String::new();
    document.walk(&mut |block, _| {
        if let Some(own) = block.content.text() {
            text.push('\n');
            text.push_str(&own.to_plain());
        }
        if let Content::Image(image) = &block.content {
            text.push('\n');
            text.push_str(&image.caption);
        }
    });
    reference::normalised(&text)
}

/// Calls `check` with each example; its complaints, those left out that `known` has a reason for.
fn complaints(
    known: &[(&str, usize, &str)],
    check: impl Fn(&str, &str) -> Option<String>,
) -> (String, usize) {
    let (mut complaints, mut count) = (String::new(), 0);
    for (suite, lines, examples) in SUITES {
        assert_eq!(lines.lines().count(), examples, "{suite}");
        for (number, line) in (1..).zip(lines.lines()) {
            let (section, _, markdown, html): Example = serde_json::from_str(line).unwrap();
            let reason = known.iter().find(|entry| (entry.0, entry.1) == (suite, number));
            match (check(&markdown, &html), reason) {
                (Some(what), None) => {
                    count += 1;
                    writeln!(complaints, "{suite} {number} ({section})\n{markdown:?}\n{what}\n")
                        .unwrap();
                }
                (None, Some(_)) => {
                    count += 1;
                    writeln!(complaints, "{suite} {number}: the difference is gone").unwrap();
                }
                _ => {}
            }
        }
    }
    (complaints, count)
}

#[test]
fn every_example_has_the_text_of_its_html() {
    let (complaints, count) = complaints(TEXT, |markdown, html| {
        let actual = text_of(&read(markdown).0);
        let expected = reference::text(html);
        (actual != expected).then(|| format!("  html {expected:?}\n  ours {actual:?}"))
    });
    assert_eq!(count, 0, "{complaints}");
}

#[test]
fn every_example_is_the_same_document_after_a_round_trip() {
    let (complaints, count) = complaints(ROUND_TRIP, |markdown, _| {
        let (first, mut assets) = read(markdown);
        let through = written(&first, &mut assets);
        let (second, _) = read(&through);
        (first != second).then(|| {
            let differs = first.blocks.iter().zip(&second.blocks).find(|(old, new)| old != new);
            let counts = (first.blocks.len(), second.blocks.len());
            format!("  written {through:?}\n  {counts:?} {differs:?}")
        })
    });
    assert_eq!(count, 0, "{complaints}");
}
