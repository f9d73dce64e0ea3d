//! Names of sheets and of formulas as Excel accepts them.

use std::collections::HashSet;
use std::fmt::Write as _;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{DefinedName, Sheet};

use super::sheet::{FORMULA_UNITS, units};
use super::tables::Tables;
use super::xml::escape;
use crate::formulas::references::names_another_workbook;
use crate::sheet_flow::names::is_name;

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

/// The element of the names that stand for formulas, in a book of so many sheets.
pub(super) fn defined_names(
    names: &[DefinedName],
    sheets: usize,
    tables: &Tables,
    losses: &mut Losses,
) -> String {
    let mut taken = HashSet::new();
    let mut xml = String::new();
    let mut left_out = 0;
    for name in names {
        let formula = &name.formula;
        let built_in = name.name.strip_prefix("_xlnm.");
        let accepted = built_in
            .map_or_else(|| is_name(&name.name), |name| name.starts_with("Print_"))
            && name.sheet.is_none_or(|sheet| (sheet as usize) < sheets)
            && !formula.is_empty()
            && units(formula) <= FORMULA_UNITS
            && !names_another_workbook(formula)
            && tables.know(formula)
            && taken.insert((name.sheet, name.name.to_lowercase()));
        if !accepted {
            left_out += 1;
            continue;
        }
        let _ = write!(xml, "<definedName name=\"{}\"", name.name);
        if let Some(sheet) = name.sheet {
            let _ = write!(xml, " localSheetId=\"{sheet}\"");
        }
        xml.push_str(if name.hidden { " hidden=\"1\">" } else { ">" });
        escape(formula, &mut xml);
        xml.push_str("</definedName>");
    }
    if left_out > 0 {
        let what = "defined names that Excel does not accept";
        losses.add_many(LossKind::FeatureDropped, "", what, left_out);
    }
    if xml.is_empty() { xml } else { format!("<definedNames>{xml}</definedNames>") }
}
