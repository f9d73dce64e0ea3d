//! How cells of two readers are compared, and why some of them may differ.

use std::collections::BTreeMap;
use std::fmt;

use larkspur_model::workbook::CellRange;

use crate::kept::{KeptBook, KeptCell, KeptSheet};

/// How many cells are equal, and how the others differ.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) equal: u64,
    pub(crate) different: Vec<String>,
    pub(crate) explained: BTreeMap<&'static str, u64>,
}

impl Tally {
    /// Takes over what another file gave.
    pub(crate) fn add(&mut self, other: Self) {
        self.equal += other.equal;
        self.different.extend(other.different);
        for (why, count) in other.explained {
            *self.explained.entry(why).or_default() += count;
        }
    }

    /// Notes a cell that differs for a reason.
    pub(crate) fn explain(&mut self, why: &'static str) {
        *self.explained.entry(why).or_default() += 1;
    }

    /// Cells compared.
    pub(crate) fn total(&self) -> u64 {
        self.equal + self.different.len() as u64 + self.explained.values().sum::<u64>()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (total, explained) = (self.total(), self.explained.values().sum::<u64>());
        let share = if total == 0 { 100.0 } else { 100.0 * self.equal as f64 / total as f64 };
        let different = self.different.len();
        write!(
            formatter,
            "{:6} cells equal of {total:6} ({share:.2} %), {explained} explained, {different} not",
            self.equal
        )
    }
}

/// Whether two numbers are the same but for how they were computed or written.
pub(crate) fn same_number(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0)
}

/// The number format of a cell; empty where there is none.
pub(crate) fn format_code<'b>(book: &'b KeptBook, ours: Option<&KeptCell>) -> &'b str {
    ours.map_or("", |cell| book.styles[cell.style as usize].number_format.as_str())
}

/// Compares the merged areas of a sheet.
pub(crate) fn compare_merges(
    sheet: &KeptSheet,
    mut theirs: Vec<CellRange>,
    name: &str,
    tally: &mut Tally,
) {
    let key = |range: &CellRange| (range.first_row, range.first_column);
    let mut ours = sheet.ended.merges.clone();
    ours.sort_by_key(key);
    theirs.sort_by_key(key);
    if ours != theirs {
        tally.different.push(format!("{name}: merged {ours:?} instead of {theirs:?}"));
    }
}
