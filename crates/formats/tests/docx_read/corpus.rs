//! The corpus: every file reads, and keeps the words other programs find in it.

use std::fs;
use std::path::PathBuf;

use larkspur_formats::{Error, Limits};

use super::measures::{common, corpus, counts, kept, shown, words};
use super::read;

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

#[test]
fn corpus_keeps_its_words() {
    let Some(corpus) = corpus() else { return };
    let expected = fs::read(corpus.join("expected/docx.json")).expect("the expectations");
    let expected: serde_json::Value = serde_json::from_slice(&expected).expect("JSON");
    let mut files: Vec<PathBuf> = fs::read_dir(corpus.join("docx"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let (mut all, mut all_kept, mut all_common, mut all_long) = (0, 0, 0, 0);
    for path in files {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let outcome = read(&fs::read(&path).expect("readable"), &Limits::default())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(outcome.assets.len(), outcome.document.assets.len(), "{name}");
        let found = words(&shown(&outcome.document));
        let text = |key: &str| expected[&name][key].as_str().unwrap_or_default().to_owned();
        let beside = fs::read_to_string(corpus.join(format!("expected/docx/{name}.md")));
        let candidates = [
            without_markup(&text("pandoc_gfm")),
            text("libreoffice_txt"),
            without_markup(&beside.unwrap_or_default()),
        ];
        let best = candidates
            .iter()
            .map(|text| words(text))
            .filter(|words| !words.is_empty())
            .map(|words| (kept(&words, &found), words))
            .max_by(|(one, left), (other, right)| {
                (one * right.len()).cmp(&(other * left.len())).then(left.len().cmp(&right.len()))
            });
        let Some((kept, words)) = best else {
            println!("{name:44} nothing expected; {} words", found.len());
            continue;
        };
        let common = common(&words, &found);
        println!(
            "{name:44} words {:6} recall {:6.2} % order {:6.2} % blocks {}",
            words.len(),
            100.0 * kept as f64 / words.len() as f64,
            100.0 * common as f64 / words.len().max(found.len()) as f64,
            outcome.document.block_count()
        );
        if std::env::var_os("MISSING")
            .is_some_and(|wanted| name.contains(&*wanted.to_string_lossy()))
        {
            let mut there = counts(&found);
            let missing: Vec<&str> = words
                .iter()
                .map(String::as_str)
                .filter(|word| match there.get_mut(word) {
                    Some(times) if *times > 0 => {
                        *times -= 1;
                        false
                    }
                    _ => true,
                })
                .take(200)
                .collect();
            println!(
                "missing {missing:?}\n{}\n{:#?}",
                super::outline(&outcome.document),
                outcome.losses
            );
        }
        all += words.len();
        all_kept += kept;
        all_common += common;
        all_long += words.len().max(found.len());
    }
    let recall = 100.0 * all_kept as f64 / all as f64;
    println!(
        "total {all} words, recall {recall:.2} %, order {:.2} %",
        100.0 * all_common as f64 / all_long as f64
    );
    assert!(recall >= 98.5, "recall {recall:.2} %");
}

#[test]
fn hostile_files_end_as_they_should() {
    let Some(corpus) = corpus() else { return };
    let mut count = 0;
    for entry in fs::read_dir(corpus.join("hostile")).expect("the folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let outcome = read(&fs::read(&path).expect("readable"), &Limits::default());
        let kind = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        if kind != "docx" {
            // Whatever these are: no panic, and no document out of a workbook or a picture.
            continue;
        }
        count += 1;
        match &outcome {
            Ok(outcome) => println!("{name}: {} blocks", outcome.document.block_count()),
            Err(error) => println!("{name}: {error}"),
        }
        if name.contains("password") {
            assert!(matches!(outcome, Err(Error::Encrypted)), "{name}");
        } else if name.starts_with("truncated") {
            assert!(matches!(outcome, Err(Error::Damaged(_))), "{name}");
        } else if name.starts_with("xxe") {
            let harmless =
                outcome.map_or(true, |outcome| !shown(&outcome.document).contains("root:"));
            assert!(harmless, "{name}");
        }
    }
    println!("{count} hostile files");
}
