//! Files of Word read as one generation of them, and measured against what other programs find there.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use larkspur_formats::{Context, Error, Limits, Options, Unwatched, by_extension};
use larkspur_model::document::Document;
use larkspur_model::loss::Losses;

use super::{common, corpus, counts, kept, outline, shown, words};

/// A document that was read, with its pictures.
pub(crate) struct Outcome {
    pub(crate) document: Document,
    pub(crate) assets: Vec<Vec<u8>>,
    pub(crate) losses: Losses,
}

/// Reads `bytes` with the reader of an extension.
pub(crate) fn read_as(extension: &str, bytes: &[u8], limits: &Limits) -> Result<Outcome, Error> {
    let options = Options { title: "untitled".to_owned(), ..Options::default() };
    let mut monitor = Unwatched;
    let mut context = Context::new(limits, &options, &mut monitor);
    let mut assets = Vec::new();
    let reader = by_extension(extension).and_then(|format| format.read_document);
    let document = reader.expect("a reader")(&mut Cursor::new(bytes), &mut assets, &mut context)?;
    Ok(Outcome { document, assets, losses: context.losses })
}

/// The texts others find in a file: of the corpus, the file's name, what is expected of it.
pub(crate) type Candidates = fn(&Path, &str, &serde_json::Value) -> Vec<String>;

/// Share of words, percent, below which a file has to have its reason.
const EXPLAINED_BELOW: f64 = 98.0;

/// Reads every file of an extension and prints how many words it keeps, of the text it comes closest
/// to. Percent over all files; `None` where the corpus is not at hand. Fails where a file keeps few and
/// `reasons` does not say why. With `MISSING` set to a part of a name, prints what is missing in that
/// file.
pub(crate) fn recall(
    extension: &str,
    candidates: Candidates,
    reasons: &[(&str, &str)],
) -> Option<f64> {
    let corpus = corpus()?;
    // Of some formats all that is expected stands in files of its own.
    let expected: serde_json::Value = fs::read(corpus.join(format!("expected/{extension}.json")))
        .map_or_else(
            |_| serde_json::Value::Null,
            |bytes| serde_json::from_slice(&bytes).expect("JSON"),
        );
    let mut files: Vec<PathBuf> = fs::read_dir(corpus.join(extension))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let (mut all, mut all_kept, mut all_common, mut all_long) = (0, 0, 0, 0);
    for path in files {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let outcome = read_as(extension, &fs::read(&path).expect("readable"), &Limits::default())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(outcome.assets.len(), outcome.document.assets.len(), "{name}");
        let found = words(&shown(&outcome.document));
        let best = candidates(&corpus, &name, &expected[&name])
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
        let share = 100.0 * kept as f64 / words.len() as f64;
        let reason = reasons.iter().find(|(of, _)| *of == name).map(|(_, reason)| *reason);
        assert_eq!(
            share < EXPLAINED_BELOW,
            reason.is_some(),
            "{name} keeps {share:.2} % of its words; the reason: {reason:?}"
        );
        println!(
            "{name:44} words {:6} recall {:6.2} % order {:6.2} % blocks {}",
            words.len(),
            share,
            100.0 * common as f64 / words.len().max(found.len()) as f64,
            outcome.document.block_count()
        );
        if let Some(reason) = reason {
            println!("    {reason}");
        }
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
            println!("missing {missing:?}\n{}\n{:#?}", outline(&outcome.document), outcome.losses);
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
    Some(recall)
}

/// Reads every hostile file with the reader of an extension: no panic, whatever it is. Files that
/// bear the extension are handed to `check`.
pub(crate) fn hostile(extension: &str, check: fn(&str, Result<Outcome, Error>)) {
    let Some(corpus) = corpus() else { return };
    let mut count = 0;
    for entry in fs::read_dir(corpus.join("hostile")).expect("the folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let outcome = read_as(extension, &fs::read(&path).expect("readable"), &Limits::default());
        if path.extension().is_none_or(|ending| ending != extension) {
            continue;
        }
        count += 1;
        match &outcome {
            Ok(outcome) => println!("{name}: {} blocks", outcome.document.block_count()),
            Err(error) => println!("{name}: {error}"),
        }
        check(&name, outcome);
    }
    println!("{count} hostile files");
}
