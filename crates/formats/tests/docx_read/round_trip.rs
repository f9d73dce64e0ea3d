//! Documents through our own writer and back.

use std::fs;
use std::path::Path;

use larkspur_formats::{Context, Limits, Options, Unwatched, by_extension};
use larkspur_model::document::Document;

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
    let source = "# One\n\nplain **bold** *italic* ~~gone~~ `code` [link](https://a.example/)\n\n- a\n  - b\n\n    under b\n- c\n\n3. three\n4. four\n   - inner\n\n- [ ] open\n- [x] done\n\n> quoted\n\n---\n\n```\nlet a;\n\nlet b;\n```\n\n| h | i |\n|---|---|\n| 1 | 2 |\n\n$x^{2}$ and [up](#one)\n";
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
fn a_second_round_changes_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = ["../../../shared/corpus/docx", "../../../../shared/corpus/docx"]
        .map(|path| root.join(path))
        .into_iter()
        .find(|folder| folder.is_dir());
    let Some(folder) = folder else {
        println!("the corpus is not here: none of its docx files made the round");
        return;
    };
    let (mut same, mut all) = (0, 0);
    for entry in fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        let mut first =
            read(&fs::read(&path).expect("readable"), &Limits::default()).expect("readable");
        let second = read(&written(&first.document, &mut first.assets), &Limits::default())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (one, other) = (outline(&first.document), outline(&second.document));
        all += 1;
        same += usize::from(one == other);
        if one != other {
            let line = one.lines().zip(other.lines()).position(|(one, other)| one != other);
            let line = line.unwrap_or_else(|| one.lines().count().min(other.lines().count()));
            println!(
                "{} line {line}:\n  first  {:?}\n  second {:?}",
                path.file_name().unwrap_or_default().to_string_lossy(),
                one.lines().nth(line).unwrap_or_default(),
                other.lines().nth(line).unwrap_or_default()
            );
        }
    }
    println!("{same} of {all} files read the same after a round");
    assert!(same * 2 > all, "only {same} of {all} files read the same after a round");
}
