//! The corpus: every file reads, and keeps the words other programs find in it.

use std::fs;
use std::path::PathBuf;

use larkspur_formats::{Error, Limits};

use super::measures::{common, corpus, counts, kept, shown, words};
use super::read;

#[test]
fn corpus_keeps_its_words() {
    let Some(corpus) = corpus() else { return };
    let expected = fs::read(corpus.join("expected/doc.json")).expect("the expectations");
    let expected: serde_json::Value = serde_json::from_slice(&expected).expect("JSON");
    let mut files: Vec<PathBuf> = fs::read_dir(corpus.join("doc"))
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
        let beside = fs::read_to_string(corpus.join(format!("expected/doc/{name}.txt")));
        let candidates =
            [text("antiword_txt"), text("libreoffice_txt"), beside.unwrap_or_default()];
        for text in &candidates {
            let words = words(text);
            if !words.is_empty() {
                print!("{:4}/{:<5}", kept(&words, &found), words.len());
            }
        }
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
        if kind != "doc" {
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
        } else if name.ends_with("-named.doc") {
            assert!(matches!(outcome, Err(Error::Mismatch { .. })), "{name}");
        }
    }
    println!("{count} hostile files");
}
