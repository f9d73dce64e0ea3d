//! Holds the house to its own rules: the map in `ARCHITECTURE.md` equals the tree, floors import
//! only downwards, sibling rooms do not import each other, every file says what lives in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use larkspur_tests::repository;

/// A line of the map: a folder, and what is said about it.
struct Room {
    path: String,
    /// Its siblings may import it.
    shared: bool,
    /// It holds rooms of its own, and what they share.
    area: bool,
}

fn architecture() -> String {
    fs::read_to_string(repository().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there")
}

/// The lines of the fenced block that is labelled `label`.
fn fenced<'a>(text: &'a str, label: &str) -> Vec<&'a str> {
    let fence = format!("```{label}");
    let lines: Vec<&str> = text
        .lines()
        .skip_while(|line| *line != fence)
        .skip(1)
        .take_while(|line| *line != "```")
        .collect();
    assert!(!lines.is_empty(), "ARCHITECTURE.md has no block ```{label}");
    lines
}

fn map() -> Vec<Room> {
    fenced(&architecture(), "map")
        .into_iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (path, about) = line.split_once("  ").unwrap_or((line, ""));
            assert!(about.trim().len() > 10, "the map says nothing about {path}");
            Room {
                path: path.trim_end_matches('/').to_owned(),
                shared: about.trim_start().starts_with("(shared)"),
                area: about.trim_start().starts_with("(area)"),
            }
        })
        .collect()
}

fn folders(under: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(under)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn rust_files(under: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut pending = vec![under.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() {
                if name != "target" && name != "node_modules" {
                    pending.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn relative(path: &Path) -> String {
    let path = path.strip_prefix(repository()).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

/// The rooms of a crate: the folders of its source. A folder that the map calls an `(area)` holds
/// rooms of its own, such as `drive/` with `drive/import_task`.
fn rooms_of(crate_folder: &Path) -> Vec<PathBuf> {
    let areas: BTreeSet<String> =
        map().into_iter().filter(|room| room.area).map(|room| room.path).collect();
    let mut rooms = folders(&crate_folder.join("src"));
    let inner: Vec<PathBuf> = rooms
        .iter()
        .filter(|room| areas.contains(&relative(room)))
        .flat_map(|area| folders(area))
        .collect();
    rooms.extend(inner);
    rooms
}

fn crates() -> Vec<PathBuf> {
    folders(&repository().join("crates"))
}

#[test]
fn the_map_names_every_room_and_nothing_else() {
    let mut tree: BTreeSet<String> = crates().iter().map(|path| relative(path)).collect();
    tree.extend(crates().iter().flat_map(|path| rooms_of(path)).map(|room| relative(&room)));
    for top in folders(&repository()) {
        let name = relative(&top);
        if !name.starts_with('.')
            && !["target", "crates"].contains(&name.as_str())
            && !ignored(&name)
        {
            tree.insert(name);
        }
    }
    let rooms: Vec<String> = map().into_iter().map(|room| room.path).collect();
    let map: BTreeSet<String> = rooms.iter().cloned().collect();
    assert_eq!(rooms.len(), map.len(), "rooms that stand twice on the map: {rooms:#?}");
    let unmapped: Vec<_> = tree.difference(&map).collect();
    let vanished: Vec<_> = map.difference(&tree).collect();
    assert!(unmapped.is_empty(), "rooms the map does not name: {unmapped:?}");
    assert!(vanished.is_empty(), "rooms on the map that are not there: {vanished:?}");
}

fn ignored(name: &str) -> bool {
    let ignore = fs::read_to_string(repository().join(".gitignore")).unwrap_or_default();
    ignore.lines().any(|line| line.trim_matches('/') == name)
}

#[test]
fn floors_import_only_what_is_below_them() {
    let architecture = architecture();
    let allowed: BTreeMap<&str, BTreeSet<&str>> = fenced(&architecture, "floors")
        .into_iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(floor, below)| (floor.trim(), below.split_whitespace().collect()))
        .collect();
    for folder in crates() {
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let below = allowed
            .get(name.as_str())
            .unwrap_or_else(|| panic!("ARCHITECTURE.md does not say what {name} may import"));
        let manifest =
            fs::read_to_string(folder.join("Cargo.toml")).expect("a crate has a manifest");
        let dependencies = manifest.split("[dependencies]").nth(1).unwrap_or_default();
        let dependencies = dependencies.split("[dev-dependencies]").next().unwrap_or_default();
        for line in dependencies.lines() {
            let dependency = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if let Some(dependency) = dependency.strip_prefix("larkspur-") {
                assert!(
                    below.contains(dependency),
                    "{name} imports {dependency}, which is not below it"
                );
            }
        }
    }
}

#[test]
fn sibling_rooms_do_not_import_each_other() {
    let shared: BTreeSet<String> =
        map().into_iter().filter(|room| room.shared || room.area).map(|room| room.path).collect();
    let mut found = Vec::new();
    for folder in crates() {
        let rooms = rooms_of(&folder);
        let source = folder.join("src");
        for room in &rooms {
            let others: Vec<String> = rooms
                .iter()
                .filter(|other| *other != room && !shared.contains(&relative(other)))
                // A room may use what its area shares, an area declares its rooms.
                .filter(|other| !room.starts_with(other) && !other.starts_with(room))
                .filter_map(|other| other.strip_prefix(&source).ok())
                .map(|other| format!("crate::{}", other.to_string_lossy().replace('/', "::")))
                .collect();
            for file in rust_files(room) {
                let text = fs::read_to_string(&file).unwrap_or_default();
                for other in &others {
                    let imports = text.match_indices(other.as_str()).any(|(at, _)| {
                        let next = text[at + other.len()..].chars().next();
                        !next.is_some_and(|next| next.is_alphanumeric() || next == '_')
                    });
                    if imports {
                        found.push(format!("{} imports {other}", relative(&file)));
                    }
                }
            }
        }
    }
    assert!(found.is_empty(), "imports between sibling rooms:\n{}", found.join("\n"));
}

#[test]
fn every_file_says_what_lives_in_it() {
    let mut silent = Vec::new();
    for file in ["crates", "tests", "benches", "fuzz"]
        .iter()
        .flat_map(|folder| rust_files(&repository().join(folder)))
    {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let first = text.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") || first.len() < 20 {
            silent.push(relative(&file));
        }
    }
    assert!(silent.is_empty(), "files without a head line:\n{}", silent.join("\n"));
}

#[test]
fn nothing_is_left_for_later_or_switched_off() {
    // Written in pieces so that this file does not find itself.
    let marks = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["todo", "!("].concat(),
        ["unimplemented", "!("].concat(),
        ["#[", "ignore"].concat(),
        ["#[", "allow("].concat(),
        ["#![", "allow("].concat(),
    ];
    let names = ["util", "utils", "common", "helper", "helpers", "misc", "types"];
    let mut found = Vec::new();
    for file in ["crates", "tests", "benches"]
        .iter()
        .flat_map(|folder| rust_files(&repository().join(folder)))
    {
        let text = fs::read_to_string(&file).unwrap_or_default();
        for (number, line) in text.lines().enumerate() {
            for mark in &marks {
                let at_word = line.find(mark.as_str()).is_some_and(|at| {
                    !line[..at].chars().next_back().is_some_and(char::is_alphanumeric)
                });
                if at_word {
                    found.push(format!("{}:{}: {mark}", relative(&file), number + 1));
                }
            }
        }
        let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if names.contains(&stem) {
            found.push(format!("{}: a name that says nothing", relative(&file)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_task_family_has_its_six_files() {
    let api = repository().join("crates/api/src");
    let families: Vec<PathBuf> = crates()
        .iter()
        .filter(|folder| folder.ends_with("api"))
        .flat_map(|folder| rooms_of(folder))
        .filter(|room| room.join("job.rs").exists())
        .collect();
    assert!(families.len() >= 2, "no task families under {}", relative(&api));
    for family in families {
        for file in ["mod.rs", "wire.rs", "codes.rs", "submit.rs", "job.rs", "view.rs"] {
            assert!(family.join(file).exists(), "{} lacks {file}", relative(&family));
        }
    }
}

#[test]
fn cargo_run_means_the_server() {
    let readme = fs::read_to_string(repository().join("README.md")).expect("README.md is there");
    assert!(readme.contains("\ncargo run --release -- demo\n"), "another first command");
    let told = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(repository().join("Cargo.toml"))
        .output()
        .expect("cargo runs");
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).expect("JSON");
    let defaults = told["workspace_default_members"].as_array().expect("a list");
    let binaries: Vec<_> = told["packages"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|package| defaults.contains(&package["id"]))
        .flat_map(|package| package["targets"].as_array().expect("a list"))
        .filter(|target| target["kind"][0] == "bin")
        .map(|target| target["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(binaries, ["larkspur"], "`cargo run` cannot choose");
}
