//! Documents at the border of the crate: bytes to model and model to bytes, against golden files found
//! by walking `golden/`. `UPDATE=1` rewrites them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use larkspur_formats::{Context, Error, Format, Limits, Options, Unwatched, by_extension};
use larkspur_model::document::{Content, Document};
use larkspur_model::loss::{LossKind, Losses};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

struct Outcome {
    document: Document,
    /// Bytes of the pictures, by index.
    assets: Vec<Vec<u8>>,
    losses: Losses,
}

fn read_with(format: &Format, bytes: &[u8], limits: &Limits) -> Result<Outcome, Error> {
    let options = Options { title: "untitled".to_owned(), ..Options::default() };
    let mut monitor = Unwatched;
    let mut context = Context::new(limits, &options, &mut monitor);
    let mut assets = Vec::new();
    let reader = format.read_document.expect("the format reads documents");
    let document = reader(&mut Cursor::new(bytes), &mut assets, &mut context)?;
    Ok(Outcome { document, assets, losses: context.losses })
}

fn read(extension: &str, bytes: &[u8]) -> Outcome {
    let format = by_extension(extension).expect("a known format");
    read_with(format, bytes, &Limits::default()).expect("readable")
}

fn golden_folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.expect("a readable folder").path()).collect())
        .unwrap_or_default();
    found.sort();
    found
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

/// Compares with the golden file, or writes it when `UPDATE` is set.
fn check(path: &Path, actual: &str, differences: &mut String) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, actual).expect("a writable golden file");
        return;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected != actual {
        let line = expected.lines().zip(actual.lines()).position(|(old, new)| old != new);
        let line = line.unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
        writeln!(
            differences,
            "{} line {}:\n  golden {:?}\n  actual {:?}",
            path.display(),
            line + 1,
            expected.lines().nth(line).unwrap_or_default(),
            actual.lines().nth(line).unwrap_or_default()
        )
        .expect("a string takes any text");
    }
}

#[test]
fn readers_match_their_goldens() {
    let mut differences = String::new();
    let mut count = 0;
    for path in files(&golden_folder("read")) {
        if extension(&path) == "json" {
            continue;
        }
        count += 1;
        let outcome = read(extension(&path), &fs::read(&path).unwrap());
        let value = serde_json::json!({
            "document": outcome.document,
            "losses": outcome.losses,
        });
        assert_eq!(outcome.assets.len(), outcome.document.assets.len());
        let actual = serde_json::to_string_pretty(&value).unwrap() + "\n";
        check(&path.with_added_extension("json"), &actual, &mut differences);
    }
    assert!(count > 0, "no golden files");
    assert!(differences.is_empty(), "{differences}");
}

/// The corpus beside the workspace, where there is one.
fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let linked = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpus");
    let found = [folder, linked].into_iter().find(|folder| folder.is_dir());
    if found.is_none() {
        println!("the corpus is not here: none of its md and txt files was read");
    }
    found
}

/// All a reader of the document sees.
fn shown(document: &Document) -> String {
    let mut shown = document.to_plain();
    document.walk(&mut |block, _| {
        if let Content::Image(image) = &block.content {
            shown.push(' ');
            shown.push_str(&image.caption);
        }
    });
    shown
}

/// How often each letter is there: words are cut differently by styles, letters are not.
fn letters(text: &str) -> BTreeMap<char, usize> {
    let mut letters = BTreeMap::new();
    for letter in text.chars().filter(|letter| letter.is_alphabetic()) {
        *letters.entry(letter).or_default() += 1;
    }
    letters
}

/// Every kind of content within the limits of the model, children where they belong.
fn assert_sound(document: &Document, limits: &Limits) {
    assert!(document.block_count() <= limits.blocks);
    document.walk(&mut |block, depth| {
        assert!(depth <= limits.block_depth, "too deep");
        if let Some(text) = block.content.text() {
            assert!(text.utf16_len() <= limits.paragraph_units);
        }
        if let Content::Table(table) = &block.content {
            assert_eq!(block.children.len(), (table.rows * table.columns) as usize);
            assert!(block.children.iter().all(|cell| cell.content == Content::TableCell));
            assert!(block.children.len() <= limits.table_cells);
            assert!(table.columns as usize <= limits.table_columns);
            let mut covered = vec![false; block.children.len()];
            for merge in &table.merges {
                assert!(merge.row + merge.row_span <= table.rows);
                assert!(merge.column + merge.column_span <= table.columns);
                for row in merge.row..merge.row + merge.row_span {
                    for column in merge.column..merge.column + merge.column_span {
                        let place = &mut covered[(row * table.columns + column) as usize];
                        assert!(!*place, "merged areas overlap");
                        *place = true;
                    }
                }
            }
        }
        if let Content::Image(image) = &block.content {
            assert!((image.asset.0 as usize) < document.assets.len());
        }
    });
}

#[test]
fn markdown_corpus_keeps_its_text() {
    let Some(corpus) = corpus() else { return };
    let mut count = 0;
    for path in files(&corpus.join("md")) {
        let bytes = fs::read(&path).unwrap();
        let outcome = read("md", &bytes);
        assert_sound(&outcome.document, &Limits::default());
        count += 1;
        if extension(&path) == "txt" {
            continue; // suites; their examples are compared one by one
        }
        // What the parser calls text, HTML aside, has to be there.
        let source = String::from_utf8_lossy(&bytes);
        let mut events = String::new();
        let dialect = pulldown_cmark::Options::ENABLE_TABLES
            | pulldown_cmark::Options::ENABLE_FOOTNOTES
            | pulldown_cmark::Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
            | pulldown_cmark::Options::ENABLE_DEFINITION_LIST;
        let mut settings = false;
        for event in Parser::new_ext(&source, dialect) {
            match event {
                Event::Start(Tag::MetadataBlock(_)) => settings = true,
                Event::End(TagEnd::MetadataBlock(_)) => settings = false,
                Event::Text(text) | Event::Code(text) if !settings => events.push_str(&text),
                _ => {}
            }
        }
        let there = letters(&shown(&outcome.document));
        for (letter, times) in letters(&events) {
            let kept = there.get(&letter).copied().unwrap_or_default();
            assert!(kept >= times, "{}: {letter:?} {kept} of {times} times", path.display());
        }
    }
    assert!(count >= 10, "only {count} files");
}

fn losses_of(extension: &str, source: &str, limits: &Limits) -> Outcome {
    let format = by_extension(extension).expect("a known format");
    let outcome = read_with(format, source.as_bytes(), limits).expect("readable");
    assert_sound(&outcome.document, limits);
    outcome
}

#[test]
fn limits_cut_exactly() {
    let limits = Limits::default();
    let outcome = losses_of("md", &"line\n\n".repeat(20_000), &limits);
    assert_eq!(outcome.document.block_count(), 20_000);
    assert!(!outcome.losses.contains(LossKind::BlocksCut));
    let outcome = losses_of("md", &"- line\n".repeat(20_001), &limits);
    assert_eq!(outcome.document.block_count(), 20_000);
    assert!(outcome.losses.contains(LossKind::BlocksCut));

    let row = |columns: usize| format!("|{}\n", " x |".repeat(columns));
    let rule = |columns: usize| format!("|{}\n", "---|".repeat(columns));
    let table = |rows: usize, columns: usize| {
        row(columns) + &rule(columns) + &row(columns).repeat(rows - 1)
    };
    for (rows, columns, cells, cut, wide) in [
        (200, 10, 2_000, false, false),
        (201, 10, 2_000, true, false),
        (300, 7, 1_995, true, false),
        (20, 100, 2_000, false, false),
        (20, 101, 2_000, false, true),
    ] {
        let html = format!("<table>{}</table>", "<tr>".to_owned() + &"<td>x".repeat(columns));
        let html = html
            .replace("</table>", &("<tr>".to_owned() + &"<td>x".repeat(columns)).repeat(rows - 1));
        for source in [table(rows, columns), html] {
            let outcome = losses_of("md", &source, &limits);
            assert_eq!(outcome.document.blocks.len(), 1);
            assert_eq!(outcome.document.blocks[0].children.len(), cells, "{rows} x {columns}");
            assert_eq!(outcome.losses.contains(LossKind::TableCellsCut), cut);
            assert_eq!(outcome.losses.contains(LossKind::TableColumnsCut), wide);
            assert_eq!(outcome.document.block_count(), cells * 2 + 1);
        }
    }

    let outcome = losses_of("md", &"😀".repeat(50_000), &limits);
    assert!(!outcome.losses.contains(LossKind::ParagraphCut));
    let outcome = losses_of("md", &format!("a{}", "😀".repeat(50_000)), &limits);
    assert!(outcome.losses.contains(LossKind::ParagraphCut));
    assert_eq!(outcome.document.blocks[0].content.text().unwrap().utf16_len(), 99_999);
}

#[test]
fn containers_are_no_definitions() {
    let plain = |source: &str| read("md", source.as_bytes()).document.to_plain();
    assert_eq!(plain(":::tip\nkeep\n:::\n"), "untitled\n:::tip keep :::");
    assert_eq!(plain("term\n: meaning\n"), "untitled\nterm\nmeaning");
}

#[test]
fn without_the_platforms_limits_nothing_is_cut() {
    let limits = Limits::unlimited();
    let row = format!("|{}\n", " x |".repeat(150));
    let source = format!("{row}|{}\n{}", "---|".repeat(150), row.repeat(29));
    for source in [source.clone(), format!("{source}\n").repeat(2), "line\n\n".repeat(30_000)] {
        let outcome = losses_of("md", &source, &limits);
        assert!(outcome.losses.is_empty());
    }
    let html = "<table><tr><td colspan=9999 rowspan=9999>x<td>y<tr><td>z</table>";
    assert!(losses_of("md", html, &limits).document.to_plain().ends_with('z'));
}

#[test]
fn hostile_nesting_neither_overflows_nor_hangs() {
    let limits = Limits::default();
    for source in [
        ">".repeat(10_000) + " deep",
        "- ".repeat(10_000) + "deep",
        "1. ".repeat(5_000) + "deep",
        "> - ".repeat(5_000) + "deep",
        "<div>".repeat(20_000) + "deep",
        "<ul><li>".repeat(20_000) + "deep",
        "<table><tr><td>".repeat(10_000) + "deep",
        "<b><p>".repeat(20_000) + "deep",
        "[".repeat(10_000) + "deep",
        "*a **b ".repeat(5_000) + "deep",
        "![".repeat(5_000) + "deep" + &"](x)".repeat(5_000),
        "<svg>".repeat(10_000) + "\n\ndeep",
        "$".repeat(10_000) + "deep",
        "x ".to_owned() + &"`".repeat(5_000) + "deep",
    ] {
        let outcome = losses_of("md", &source, &limits);
        assert!(outcome.document.to_plain().contains("deep"), "{:?}", source.get(..20));
    }
}

/// Examples of the parser's own suites: Markdown, a line `.`, HTML. The words of the HTML are the words
/// of the document.
#[test]
fn examples_of_the_suites_have_the_words_of_their_html() {
    let Some(corpus) = corpus() else { return };
    let fence = "`".repeat(32);
    let mut differences = Vec::new();
    let mut count = 0;
    for path in files(&corpus.join("md")) {
        let source = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        for example in source.split(&format!("{fence} example")).skip(1) {
            let (head, rest) = example.split_once('\n').unwrap();
            let Some((markdown, html)) = rest.split(&fence).next().unwrap().split_once("\n.\n")
            else {
                continue;
            };
            if !head.trim().is_empty() {
                continue; // another dialect than the one read here
            }
            count += 1;
            let markdown = markdown.replace('→', "\t");
            // Our notes carry their number as items of a list.
            let html = html
                .split(r#"<sup class="footnote-definition-label">"#)
                .map(|part| part.split_once("</sup>\n").map_or(part, |(_, rest)| rest))
                .collect::<Vec<_>>()
                .join("");
            let expected = letters(&shown(&read("html", html.as_bytes()).document));
            let actual = letters(&shown(&read("md", markdown.as_bytes()).document));
            if expected != actual {
                differences.push(format!("{markdown}\n-- {expected:?}\n-- {actual:?}\n"));
            }
        }
    }
    // Heading attributes, which are text here, and rules newer than the parser.
    assert!(count == 0 || count > 250, "only {count} examples");
    assert!(differences.len() <= 5, "of {count}:\n{}", differences.join("\n"));
}

fn write_with(
    extension: &str,
    document: &Document,
    assets: &mut Vec<Vec<u8>>,
) -> (Vec<u8>, Losses) {
    let (limits, options) =
        (Limits::default(), Options { title: "untitled".to_owned(), ..Options::default() });
    let mut monitor = Unwatched;
    let mut context = Context::new(&limits, &options, &mut monitor);
    let mut bytes = Vec::new();
    let format = by_extension(extension).expect("a known format");
    let writer = format.write_document.expect("the format writes documents");
    writer(document, assets, &mut bytes, &mut context).expect("writable");
    (bytes, context.losses)
}

/// The parts of a container that a person can read, one after the other.
fn parts_as_text(container: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(container)).expect("a container");
    let mut text = String::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an entry");
        let name = entry.name().expect("a name in UTF-8").into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("readable");
        let content = String::from_utf8(bytes)
            .unwrap_or_else(|bytes| format!("{} bytes", bytes.as_bytes().len()));
        let fixed =
            ["styles.xml", "settings.xml", "app.xml"].iter().any(|part| name.ends_with(part));
        let content = if fixed { "..." } else { &content };
        writeln!(text, "== {name} ==\n{}\n", content.replace("><", ">\n<"))
            .expect("a string takes any text");
    }
    text
}

#[test]
fn writers_match_their_goldens() {
    let mut differences = String::new();
    let mut count = 0;
    for path in files(&golden_folder("read")).into_iter().chain(files(&golden_folder("write"))) {
        let source = extension(&path).to_owned();
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        let folder = golden_folder("write");
        if !matches!(source.as_str(), "md" | "json") || stem.contains('.') {
            continue;
        }
        if path.starts_with(&folder) && source == "md" {
            continue;
        }
        count += 1;
        let mut outcome = read(&source, &fs::read(&path).unwrap());
        for target in ["md", "txt", "docx"] {
            let (bytes, losses) = write_with(target, &outcome.document, &mut outcome.assets);
            let again = write_with(target, &outcome.document, &mut outcome.assets).0;
            assert_eq!(bytes, again, "the same document gives the same bytes");
            let mut text = if target == "docx" {
                parts_as_text(&bytes)
            } else {
                String::from_utf8(bytes).unwrap()
            };
            for loss in &losses {
                writeln!(text, "LOSS {:?} {} {}", loss.kind, loss.detail, loss.count).unwrap();
            }
            let ending = if target == "docx" { "docx.xml" } else { target };
            check(&folder.join(format!("{stem}.{source}.{ending}")), &text, &mut differences);
        }
    }
    assert!(count > 0, "no golden files");
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn markdown_and_json_come_back_as_they_were() {
    for path in files(&golden_folder("read")) {
        if extension(&path) != "md" {
            continue;
        }
        let mut first = read("md", &fs::read(&path).unwrap());
        for through in ["md", "json"] {
            let (bytes, _) = write_with(through, &first.document, &mut first.assets);
            let second = read(through, &bytes);
            assert_eq!(first.assets, second.assets);
            for (old, new) in first.document.blocks.iter().zip(&second.document.blocks) {
                assert_eq!(old, new, "{} through {through}", path.display());
            }
            assert_eq!(first.document, second.document);
        }
    }
}

#[test]
fn texts_of_the_corpus_are_decoded_and_kept() {
    let Some(corpus) = corpus() else { return };
    let expected: serde_json::Value = fs::read(corpus.join("expected/txt.json"))
        .map(|bytes| serde_json::from_slice(&bytes).unwrap())
        .unwrap_or_default();
    let mut count = 0;
    for path in files(&corpus.join("txt")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let outcome = read("txt", &fs::read(&path).unwrap());
        assert_sound(&outcome.document, &Limits::default());
        let Some(text) = expected[name]["text"].as_str() else { continue };
        count += 1;
        let lines: Vec<&str> = text
            .trim_start_matches('\u{feff}')
            .split(['\n', '\r', '\u{2028}', '\u{2029}', '\u{c}'])
            .map(str::trim_end)
            .filter(|line| !line.trim().is_empty())
            .collect();
        let actual: Vec<String> = outcome
            .document
            .blocks
            .iter()
            .map(|block| block.content.text().unwrap().to_plain())
            .collect();
        assert_eq!(actual, lines, "{name}");
    }
    println!("{count} texts compared");
}
