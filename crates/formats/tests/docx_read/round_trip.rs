//! Documents through our own writer and back.

use std::fmt::Write as _;
use std::fs;

use larkspur_formats::{Context, Limits, Options, Unwatched, by_extension};
use larkspur_model::document::{
    Align, Asset, AssetId, Block, Content, Document, Image, Table, Text,
};

use super::measures::corpus;
use super::{outline, read};

fn written(document: &Document, assets: &mut Vec<Vec<u8>>) -> Vec<u8> {
    let (limits, options) = (Limits::default(), Options::default());
    let mut monitor = Unwatched;
    let mut context = Context::new(&limits, &options, &mut monitor);
    let mut bytes = Vec::new();
    let writer = by_extension("docx").and_then(|format| format.write_document).expect("a writer");
    writer(document, assets, &mut bytes, &mut context).expect("writable");
    bytes
}

#[test]
fn what_markdown_says_survives_word() {
    let source = "# One\n\nplain **bold** *italic* ~~gone~~ `code` [link](https://a.example/)\n\n- a\n  - b\n\n    under b\n- c\n\n3. three\n4. four\n   - inner\n\n- [ ] open\n- [x] done\n\n> quoted\n\n---\n\n```\nlet a;\n\nlet b;\n```\n\n| h | i |\n|---|---|\n| 1 | 2 |\n\n$x^{2}$ and [up](#one)\n\n$\\begin{aligned} a&=b \\\\ &=c \\end{aligned}$\n\n$\\operatorname*{best}_{x}f,\\quad\\text{if }y\\ z$\n";
    let mut monitor = Unwatched;
    let (limits, options) =
        (Limits::default(), Options { title: "untitled".into(), ..Options::default() });
    let mut context = Context::new(&limits, &options, &mut monitor);
    let mut assets: Vec<Vec<u8>> = Vec::new();
    let reader = by_extension("md").and_then(|format| format.read_document).expect("a reader");
    let mut input = std::io::Cursor::new(source.as_bytes());
    let document = reader(&mut input, &mut assets, &mut context).expect("readable");
    let again = read(&written(&document, &mut assets), &limits).expect("readable");
    assert_eq!(outline(&again.document), outline(&document));
}

#[test]
fn metafiles_are_pictures_in_word_and_files_again() {
    // A drawing of Windows with a frame of an inch by half an inch; and a picture that is flat.
    let mut metafile = vec![0xD7, 0xCD, 0xC6, 0x9A, 0, 0, 0, 0, 0, 0];
    metafile.extend([0xA0, 0x05, 0xD0, 0x02, 0xA0, 0x05, 0, 0, 0, 0, 0, 0]);
    let mut gif = b"GIF89a".to_vec();
    gif.extend([1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2C]);
    gif.extend([0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]);
    let file = |name: &str| Asset { name: name.to_owned(), ..Asset::default() };
    let flat = Image {
        asset: AssetId(1),
        width_px: 9_000,
        height_px: 2,
        align: Align::Left,
        caption: "one\n\ntwo".to_owned(),
    };
    let document = Document {
        title: Text::default(),
        blocks: vec![
            Block::new(Content::File { asset: AssetId(0) }),
            Block::new(Content::Image(flat)),
        ],
        assets: vec![file("sketch.wmf"), file("line.gif")],
    };
    let mut assets = vec![metafile, gif];
    let bytes = written(&document, &mut assets);
    let again = read(&bytes, &Limits::default()).expect("readable");
    assert_eq!(outline(&again.document), "file image1.wmf\nimage 601x1 one\n\ntwo\n");
    assert_eq!(again.assets, assets);
}

/// Where a round differs, and why that is right: the file, how many blocks differ, the reason.
const DIFFERENCES: &[(&str, usize, &str)] = &[
    (
        "poi-attachments.docx",
        1,
        "a link leads to a URI in Word: letters that only an IRI can hold are percent-encoded",
    ),
    (
        "tika-override-numbering.docx",
        2,
        "an item after one that skipped a level names its number; it has that one anyway",
    ),
];

/// Width of the text on our page, pixels.
const PAGE_PX: u32 = 602;

/// Whether all that differs is that a table or picture wider than its place was made smaller, or that a
/// table without widths of its own got some: a table in Word has to name them.
fn fits_the_page(old: &Content, new: &Content) -> bool {
    match (old, new) {
        (Content::Table(old), Content::Table(new)) => {
            let (wide, narrow): (u32, u32) =
                (old.column_widths_px.iter().sum(), new.column_widths_px.iter().sum());
            let shrunk =
                |(before, after): (&u32, &u32)| (before * narrow / wide).abs_diff(*after) <= 2;
            let alike = old.column_widths_px.iter().zip(&new.column_widths_px).all(shrunk);
            let rest = Table { column_widths_px: new.column_widths_px.clone(), ..old.clone() };
            rest == *new && narrow <= PAGE_PX && (wide == 0 || (wide >= PAGE_PX && alike))
        }
        (Content::Image(old), Content::Image(new)) => {
            let height = old.height_px * new.width_px / old.width_px;
            let rest = Image { width_px: new.width_px, height_px: new.height_px, ..old.clone() };
            rest == *new && new.width_px < old.width_px && height.abs_diff(new.height_px) <= 1
        }
        _ => false,
    }
}

/// Blocks in reading order, each with its depth and without its children.
fn flat(document: &Document) -> Vec<(usize, &Content)> {
    let mut flat = Vec::new();
    document.walk(&mut |block, depth| flat.push((depth, &block.content)));
    flat
}

/// What differs between two documents, a line for each block; and how many were made to fit the page.
fn differences(first: &Document, second: &Document) -> (Vec<String>, usize) {
    let (one, other) = (flat(first), flat(second));
    let (mut found, mut fitted) = (Vec::new(), 0);
    if one.len() != other.len() {
        found.push(format!("{} blocks, then {}", one.len(), other.len()));
    }
    for (number, (old, new)) in one.iter().zip(&other).enumerate() {
        if old.0 == new.0 && fits_the_page(old.1, new.1) {
            fitted += 1;
        } else if old != new {
            found.push(format!("block {number}\n    first  {old:?}\n    second {new:?}"));
        }
    }
    if first.title != second.title {
        found.push(format!("title {:?}, then {:?}", first.title, second.title));
    }
    (found, fitted)
}

#[test]
fn the_corpus_is_the_same_after_a_round() {
    let Some(corpus) = corpus() else { return };
    let mut files: Vec<_> = fs::read_dir(corpus.join("docx"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let (mut same, mut fitted, mut wrong) = (0, 0, String::new());
    for path in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut first = read(&fs::read(path).expect("readable"), &Limits::default())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let second = read(&written(&first.document, &mut first.assets), &Limits::default())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let (mut found, fits) = differences(&first.document, &second.document);
        fitted += fits;
        if first.assets != second.assets {
            found.push("bytes of pictures".to_owned());
        }
        let known = DIFFERENCES.iter().find(|entry| entry.0 == name);
        if found.len() == known.map_or(0, |known| known.1) {
            same += usize::from(found.is_empty());
            if let Some((_, count, reason)) = known {
                println!("{name}: {count} blocks differ: {reason}");
            }
            continue;
        }
        writeln!(wrong, "{name}: {} differ", found.len()).expect("a string takes any text");
        for line in found.iter().take(4) {
            writeln!(wrong, "  {line}").expect("a string takes any text");
        }
    }
    println!(
        "{same} of {} files are the same after a round; {fitted} tables and pictures in them were \
         made to fit the page",
        files.len()
    );
    assert!(wrong.is_empty(), "{wrong}");
}
