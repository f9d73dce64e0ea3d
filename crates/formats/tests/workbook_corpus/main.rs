//! Every workbook and csv file of the corpus, cell by cell beside what another reader makes of it; and
//! the hostile ones beside the clock.

mod compare;
mod csv;
mod hostile;
#[path = "../kept/mod.rs"]
mod kept;
mod xls;
mod xlsx;

use std::fs;
use std::path::{Path, PathBuf};

use compare::Tally;
use serde_json::Value as Json;

/// Cells that must be equal, of a thousand.
const EQUAL_OF_1000: u64 = 999;

fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    // Worktrees stand one folder deeper.
    let deeper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpus");
    [path, deeper].into_iter().find(|path| path.is_dir())
}

/// The files of a folder, by name.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let name = |path: &Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), fs::read(path).expect("readable"))).collect()
}

fn expected(corpus: &Path, name: &str) -> Json {
    let bytes = fs::read(corpus.join("expected").join(name)).expect("the expectations");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[test]
fn cells_are_those_that_other_readers_find() {
    let Some(corpus) = corpus() else {
        println!("no corpus here: 86 workbooks and csv files could not be compared");
        return;
    };
    let mut all = Tally::default();
    let mut count = 0;
    for (folder, compare) in [
        ("xlsx", xlsx::compare as fn(&str, &[u8], &Json) -> Tally),
        ("xls", xls::compare),
        ("csv", csv::compare),
    ] {
        let expected = expected(&corpus, &format!("{folder}.json"));
        for (name, bytes) in files(&corpus.join(folder)) {
            let tally = compare(&name, &bytes, &expected[&name]);
            println!("{folder:5}{name:42}{tally}");
            all.add(tally);
            count += 1;
        }
    }
    for line in &all.different {
        println!("{line}");
    }
    println!("{count} files: {all}");
    for (why, count) in &all.explained {
        println!("  {count}: {why}");
    }
    assert!(count > 80 && all.equal > 10_000);
    assert!(all.different.is_empty(), "{} cells differ without a reason", all.different.len());
    assert!(all.equal * 1_000 >= all.total() * EQUAL_OF_1000, "{all}");
}
