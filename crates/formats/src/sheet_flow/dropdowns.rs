//! Values that cells offer to choose from: how files write them, and how many are kept.

use larkspur_model::workbook::{Dropdown, DropdownOptions, Sheet};

/// Areas with dropdowns kept of one sheet.
const MOST_AREAS: usize = 100_000;
/// Bytes of the values of a sheet's dropdowns.
const MOST_BYTES: usize = 8 << 20;

/// The dropdowns of a sheet while it is read.
#[derive(Debug, Default)]
pub(crate) struct Dropdowns {
    areas: usize,
    bytes: usize,
    /// Dropdowns that are not kept.
    pub(crate) lost: u64,
}

impl Dropdowns {
    /// Adds a dropdown to the sheet, if there is room for it and it offers anything.
    pub(crate) fn add(&mut self, mut dropdown: Dropdown, most_columns: u32, sheet: &mut Sheet) {
        dropdown.ranges.retain(|range| range.first_column < most_columns);
        self.areas += dropdown.ranges.len();
        self.bytes += match &dropdown.options {
            DropdownOptions::Values(values) => values.iter().map(|value| value.len() + 24).sum(),
            DropdownOptions::Formula(formula) => formula.len(),
        };
        let is_empty = match &dropdown.options {
            DropdownOptions::Values(values) => values.is_empty(),
            DropdownOptions::Formula(formula) => formula.is_empty(),
        };
        if self.areas > MOST_AREAS || self.bytes > MOST_BYTES || is_empty {
            self.lost += 1;
        } else if !dropdown.ranges.is_empty() {
            sheet.dropdowns.push(dropdown);
        }
    }
}

/// What a list offers by its formula, a text of values between commas or else cells.
pub(crate) fn options(formula: &str) -> DropdownOptions {
    let quoted = formula.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match quoted {
        Some(text) => DropdownOptions::Values(
            text.replace("\"\"", "\"").split(',').map(|value| value.trim().to_owned()).collect(),
        ),
        None => DropdownOptions::Formula(formula.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_values_or_cells() {
        let values = |values: &[&str]| {
            DropdownOptions::Values(values.iter().map(|&value| value.to_owned()).collect())
        };
        assert_eq!(options("\"是, 否,\"\"x\"\"\""), values(&["是", "否", "\"x\""]));
        let cells = DropdownOptions::Formula("Sheet2!$A$1:$A$3".to_owned());
        assert_eq!(options(" Sheet2!$A$1:$A$3 "), cells);
    }
}
