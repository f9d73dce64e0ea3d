//! Names that stand for formulas, on their way out of files: which of them can be kept.

use std::collections::HashSet;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{DefinedName, column_index};

use super::cells::FORMULA_BYTES;
use crate::formulas::references::{names_another_workbook, names_sheet};

/// Characters of a name (Excel's specification).
const NAME_CHARACTERS: usize = 255;
/// Names of a book.
const MOST_NAMES: usize = 65_536;
/// Bytes of all names of a book and what they stand for.
const NAMES_BYTES: usize = 8 << 20;
/// Columns of a sheet today.
const COLUMNS: u32 = 16_384;

/// Names that spreadsheets give themselves and that mean something without what else they keep.
const BUILT_IN: [&str; 2] = ["_xlnm.Print_Area", "_xlnm.Print_Titles"];

/// The names of a book while they are read.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) list: Vec<DefinedName>,
    taken: HashSet<(Option<u32>, String)>,
    /// Sheets of the file that are not kept, by their names in lower case.
    pub(crate) lost_sheets: HashSet<String>,
    bytes: usize,
    lost: u64,
    outer: u64,
    unkept: u64,
    macros: u64,
}

/// Whether a name is one that files have for functions of later versions: it says nothing.
pub(crate) fn is_mark(name: &str) -> bool {
    name.starts_with("_xlfn") || name.starts_with("_xlws") || name.starts_with("_xlpm")
}

/// Whether a book or a table can have this name.
pub(crate) fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|first| {
        first.is_ascii_alphabetic() || matches!(first, '_' | '\\') || is_foreign(first)
    });
    let goes_on = letters.all(|letter| {
        letter.is_ascii_alphanumeric()
            || matches!(letter, '_' | '.' | '\\' | '?')
            || is_foreign(letter)
    });
    starts && goes_on && name.chars().count() <= NAME_CHARACTERS && !is_place(name)
}

fn is_built_in(name: &DefinedName) -> bool {
    BUILT_IN.iter().any(|known| known.eq_ignore_ascii_case(&name.name)) && name.sheet.is_some()
}

fn is_foreign(letter: char) -> bool {
    !letter.is_ascii() && !letter.is_whitespace() && !letter.is_control()
}

/// Whether a name would be a cell, `AB12` or `R1C1`.
pub(crate) fn is_place(name: &str) -> bool {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = name.split_at(letters);
    let digits = !row.is_empty() && row.bytes().all(|byte| byte.is_ascii_digit());
    let is_cell = digits
        && row.len() <= 7
        && column_index(column).is_some_and(|column| column < COLUMNS)
        && row.parse().is_ok_and(|row: u32| (1..=1_048_576).contains(&row));
    let upper = name.to_ascii_uppercase();
    let rest = upper.strip_prefix('R').unwrap_or(&upper);
    let rest = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let rest = rest.strip_prefix('C').unwrap_or(rest);
    let is_numbered = rest.bytes().all(|byte| byte.is_ascii_digit());
    is_cell || (is_numbered && upper.starts_with(['R', 'C']))
}

impl Names {
    /// Adds a name, if it can be kept.
    pub(crate) fn add(&mut self, name: DefinedName) {
        if is_mark(&name.name) || (name.name.starts_with("_xlnm.") && !is_built_in(&name)) {
            return;
        }
        let formula = &name.formula;
        let bytes = name.name.len() + formula.len();
        let usable = name.name.starts_with("_xlnm.") || is_name(&name.name);
        let has_room = self.list.len() < MOST_NAMES && self.bytes + bytes <= NAMES_BYTES;
        if names_another_workbook(formula) {
            self.outer += 1;
        } else if names_sheet(formula, &|sheet| self.lost_sheets.contains(&sheet.to_lowercase())) {
            self.lost += 1;
        } else if !usable || !has_room || formula.is_empty() || formula.len() > FORMULA_BYTES {
            self.unkept += 1;
        } else if self.taken.insert((name.sheet, name.name.to_lowercase())) {
            self.bytes += bytes;
            self.list.push(name);
        } else {
            self.unkept += 1;
        }
    }

    /// Notes a name that holds in a sheet that is not kept.
    pub(crate) fn note_lost(&mut self) {
        self.lost += 1;
    }

    /// Notes a name of a macro, or one nobody can spell out.
    pub(crate) fn note_macro(&mut self) {
        self.macros += 1;
    }

    /// Reports what was not kept.
    pub(crate) fn report(&self, losses: &mut Losses) {
        for (what, count) in [
            ("defined names that refer to other workbooks", self.outer),
            ("defined names that refer to sheets that are left out", self.lost),
            ("defined names that call macros or cannot be told", self.macros),
            ("defined names that no spreadsheet accepts", self.unkept),
        ] {
            if count > 0 {
                losses.add_many(LossKind::FeatureDropped, "", what, count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_cells_and_other_things() {
        for name in ["Rate", "税率", "_x", "\\a", "a.b_1", "Tax2008x", "XFE1", "Rate1", "RC_"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["A1", "tax2008", "R1C1", "r", "C", "RC12", "1a", "a b", "a-b", "", "$a"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_kept_is_counted() {
        let mut names =
            Names { lost_sheets: HashSet::from(["gone".to_owned()]), ..Names::default() };
        let name = |name: &str, sheet, formula: &str| DefinedName {
            name: name.into(),
            sheet,
            formula: formula.into(),
            hidden: false,
        };
        for (called, sheet, formula) in [
            ("Rate", None, "0.1"),
            ("RATE", None, "0.2"),
            ("Rate", Some(1), "0.3"),
            ("Lost", None, "Gone!$A$1"),
            ("Outer", None, "[1]S!$A$1"),
            ("_xlfn.IFS", None, "#NAME?"),
            ("_xlnm._FilterDatabase", Some(0), "S!$A$1"),
            ("_xlnm.Print_Area", Some(0), "S!$A$1:$B$2"),
            ("A1", None, "1"),
        ] {
            names.add(name(called, sheet, formula));
        }
        let kept: Vec<&str> = names.list.iter().map(|name| name.formula.as_str()).collect();
        assert_eq!(kept, ["0.1", "0.3", "S!$A$1:$B$2"]);
        let mut losses = Losses::new();
        names.report(&mut losses);
        assert_eq!(losses.iter().map(|loss| loss.count).collect::<Vec<_>>(), [1, 1, 2]);
    }
}
