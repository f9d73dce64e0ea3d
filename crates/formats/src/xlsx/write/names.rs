//! Names of sheets as Excel accepts them.

use std::collections::HashSet;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::Sheet;

/// UTF-16 units of a name (Excel's specification).
const UNITS: usize = 31;

/// A name for each sheet, at least for one: without forbidden characters, not too long, each of its
/// own whatever its case. Changes are noted.
pub(super) fn sheet_names(sheets: &[Sheet], losses: &mut Losses) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let base = acceptable(&sheet.name).unwrap_or_else(|| format!("Sheet{}", index + 1));
        let mut name = base.clone();
        let mut number = 2;
        while !taken.insert(name.to_lowercase()) {
            let ending = format!(" ({number})");
            name = format!("{}{ending}", cut(&base, UNITS - ending.len()));
            number += 1;
        }
        if name != sheet.name {
            let place = format!("sheet \"{}\"", sheet.name);
            losses.add(LossKind::ValueChanged, place, format!("is named \"{name}\" in the file"));
        }
        names.push(name);
    }
    if names.is_empty() {
        names.push("Sheet1".to_owned());
    }
    names
}

fn acceptable(name: &str) -> Option<String> {
    let allowed: String = name
        .chars()
        .map(|character| match character {
            ':' | '\\' | '/' | '?' | '*' | '[' | ']' | '\u{fffe}' | '\u{ffff}' => '_',
            character if character.is_control() => '_',
            character => character,
        })
        .collect();
    let cut = cut(allowed.trim_matches('\''), UNITS).trim_end_matches('\'');
    // Excel keeps this name for itself.
    let usable = !cut.trim().is_empty() && !cut.eq_ignore_ascii_case("history");
    usable.then(|| cut.to_owned())
}

fn cut(name: &str, units: usize) -> &str {
    let mut used = 0;
    for (at, character) in name.char_indices() {
        used += character.len_utf16();
        if used > units {
            return &name[..at];
        }
    }
    name
}
