//! Real files of other projects, read in place beside the repository. Where the folder is absent,
//! tests say plainly what they could not run.

use std::fs;
use std::path::PathBuf;

use crate::repository;

/// A file of the corpus.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Where it is.
    pub path: PathBuf,
    /// Folder and name, for messages: `xlsx/orders.xlsx`.
    pub name: String,
    /// The name's ending in lower case, without the dot.
    pub extension: String,
}

/// Every file in the named folders of the corpus, sorted; `None` where there is no corpus here.
pub fn samples(folders: &[&str]) -> Option<Vec<Sample>> {
    let root = repository().parent()?.join("shared/corpus");
    if !root.is_dir() {
        println!("the corpus is not here: no file of {folders:?} could be run");
        return None;
    }
    let mut found = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(root.join(folder)).ok()?.flatten() {
            let path = entry.path();
            if !path.is_file() {
                continue;
            }
            let file_name = entry.file_name().to_string_lossy().into_owned();
            let extension = path
                .extension()
                .map(|extension| extension.to_string_lossy().to_ascii_lowercase())
                .unwrap_or_default();
            found.push(Sample { path, name: format!("{folder}/{file_name}"), extension });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Some(found)
}
