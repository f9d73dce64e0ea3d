//! Fonts of the system, looked for when a text has characters that the built-in fonts lack. Of each
//! file only the table of characters is read until it turns out to be useful.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use ttf_parser::cmap;
use typst::foundations::Bytes;
use typst::text::Font;

/// Files looked at, at most.
const MOST_FILES: usize = 5_000;
/// Folders below each other.
const MOST_DEPTH: usize = 6;
/// Bytes of a table of characters, at most.
const MOST_CMAP_BYTES: u32 = 8 << 20;
/// Bytes of a font file, at most.
const MOST_FILE_BYTES: u64 = 128 << 20;
/// Faces taken, at most.
const MOST_FACES: usize = 24;

/// A face worth using.
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) face: Font,
}

/// The folders that exist: those given first, then the system's own.
pub(crate) fn folders(given: &[PathBuf]) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = given.to_vec();
    for usual in [
        "/usr/share/fonts",
        "/usr/local/share/fonts",
        "/System/Library/Fonts",
        "/Library/Fonts",
        "C:\\Windows\\Fonts",
    ] {
        all.push(PathBuf::from(usual));
    }
    if let Some(home) = std::env::var_os("HOME").map(PathBuf::from) {
        all.push(home.join(".local/share/fonts"));
        all.push(home.join(".fonts"));
    }
    all.retain(|folder| folder.is_dir());
    all
}

/// Finds faces for `missing`, taking out of it what they have. The same folders give the same faces.
pub(crate) fn find(missing: &mut BTreeSet<char>, directories: &[PathBuf]) -> Vec<Found> {
    let mut found = Vec::new();
    for path in candidates(directories) {
        if missing.is_empty() || found.len() >= MOST_FACES {
            break;
        }
        let Some((index, covered)) = useful_face(&path, missing) else { continue };
        let Ok(data) = fs::read(&path) else { continue };
        if let Some(face) = Font::new(Bytes::new(data), index) {
            missing.retain(|character| !covered.contains(character));
            found.push(Found { path, face });
        }
    }
    found
}

/// Font files, upright and regular ones of each folder first.
fn candidates(directories: &[PathBuf]) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for folder in folders(directories) {
        let mut files = Vec::new();
        collect(&folder, MOST_DEPTH, &mut files);
        files.sort_by_cached_key(|path| (rank(path), path.clone()));
        all.extend(files);
        if all.len() >= MOST_FILES {
            all.truncate(MOST_FILES);
            break;
        }
    }
    all
}

fn rank(path: &Path) -> u8 {
    let name = path.file_stem().map(|name| name.to_string_lossy().to_lowercase());
    match name {
        Some(name) if ["bold", "italic", "oblique"].iter().any(|word| name.contains(word)) => 2,
        Some(name) if name.contains("regular") => 0,
        _ => 1,
    }
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if files.len() >= MOST_FILES {
            return;
        }
        let path = entry.path();
        if path.is_dir() {
            if depth > 0 {
                collect(&path, depth - 1, files);
            }
        } else if path.extension().is_some_and(|ending| {
            ["ttf", "otf", "ttc", "otc"].iter().any(|known| ending.eq_ignore_ascii_case(known))
        }) {
            files.push(path);
        }
    }
}

/// The first face of a file that has any of `missing`, and which of them.
fn useful_face(path: &Path, missing: &BTreeSet<char>) -> Option<(u32, BTreeSet<char>)> {
    let mut file = File::open(path).ok()?;
    let size = file.metadata().ok()?.len();
    if size > MOST_FILE_BYTES {
        return None;
    }
    let mut head = [0; 12];
    file.read_exact(&mut head).ok()?;
    let starts: Vec<u32> = if &head[..4] == b"ttcf" {
        let count = u32::from_be_bytes([head[8], head[9], head[10], head[11]]).min(64);
        (0..count).map_while(|_| read_u32(&mut file)).collect()
    } else {
        vec![0]
    };
    for (index, start) in starts.into_iter().enumerate() {
        let Some(table) = character_table(&mut file, start) else { continue };
        let Some(table) = cmap::Table::parse(&table) else { continue };
        let covered: BTreeSet<char> = missing
            .iter()
            .copied()
            .filter(|character| {
                table.subtables.into_iter().any(|subtable| {
                    subtable.is_unicode()
                        && subtable
                            .glyph_index(u32::from(*character))
                            .is_some_and(|glyph| glyph.0 != 0)
                })
            })
            .collect();
        if !covered.is_empty() {
            return Some((index as u32, covered));
        }
    }
    None
}

/// The bytes of the `cmap` table of the face that starts at `start`.
fn character_table(file: &mut File, start: u32) -> Option<Vec<u8>> {
    file.seek(SeekFrom::Start(u64::from(start) + 4)).ok()?;
    let mut head = [0; 8];
    file.read_exact(&mut head).ok()?;
    for _ in 0..u16::from_be_bytes([head[0], head[1]]).min(128) {
        let mut record = [0; 16];
        file.read_exact(&mut record).ok()?;
        if &record[..4] == b"cmap" {
            let offset = u32::from_be_bytes([record[8], record[9], record[10], record[11]]);
            let length = u32::from_be_bytes([record[12], record[13], record[14], record[15]]);
            if length > MOST_CMAP_BYTES {
                return None;
            }
            file.seek(SeekFrom::Start(u64::from(offset))).ok()?;
            let mut table = Vec::new();
            file.take(u64::from(length)).read_to_end(&mut table).ok()?;
            return Some(table);
        }
    }
    None
}

fn read_u32(file: &mut File) -> Option<u32> {
    let mut bytes = [0; 4];
    file.read_exact(&mut bytes).ok()?;
    Some(u32::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_fonts_fills_what_is_missing() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("broken.ttf"), b"ttcf\0\0\0\0\xff\xff\xff\xff")
            .expect("write");
        let face = include_bytes!("../../fonts/DejaVuSansMono.ttf");
        fs::write(folder.path().join("Some-Regular.TTF"), face).expect("write");
        let mut missing = BTreeSet::from(['a', '\u{f0000}']);
        let found = find(&mut missing, &[folder.path().to_owned()]);
        assert_eq!(missing, BTreeSet::from(['\u{f0000}']));
        assert_eq!(
            found.first().map(|face| face.path.file_name()),
            Some(Some("Some-Regular.TTF".as_ref()))
        );
    }
}
