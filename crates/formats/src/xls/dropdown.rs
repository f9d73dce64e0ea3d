//! Data validations that offer a list ([MS-XLS] 2.4.93).

use larkspur_model::workbook::{CellRange, Dropdown, DropdownOptions};

use super::formula::{Home, Speller};
use super::globals::Globals;
use super::records::Records;
use super::text::{Length, Pieces};
use crate::sheet_flow::dropdowns::options;

/// The kind of rule that a list is.
const LIST: u32 = 3;

/// What a rule asks of a value.
#[derive(Debug)]
pub(super) enum Rule {
    /// To be one of a list, which is offered.
    List(Dropdown),
    /// Something else.
    Other,
}

/// The rule of the record at hand; `None` for one that cannot be read.
pub(super) fn rule(globals: &Globals, records: &mut Records<'_>) -> Option<Rule> {
    let mut pieces = Pieces::new(records, 0);
    let flags = pieces.u32()?;
    // A list that is not offered merely checks what is typed.
    if flags & 0xF != LIST || flags & 0x200 != 0 {
        return Some(Rule::Other);
    }
    // What is said about a value that is asked for, or wrong.
    for _ in 0..4 {
        pieces.text(globals.biff, Length::Long, &globals.page, &mut String::new())?;
    }
    let mut formulas = [Vec::new(), Vec::new()];
    for formula in &mut formulas {
        let length = usize::from(pieces.u16()?);
        pieces.skip(2)?;
        *formula = pieces.bytes(length);
    }
    let mut ranges = Vec::new();
    for _ in 0..pieces.u16()? {
        let (first_row, last_row) = (u32::from(pieces.u16()?), u32::from(pieces.u16()?));
        let (first_column, last_column) = (u32::from(pieces.u16()?), u32::from(pieces.u16()?));
        if first_row <= last_row && first_column <= last_column {
            ranges.push(CellRange { first_row, first_column, last_row, last_column });
        }
    }
    let first = ranges.first()?;
    let home = Home { row: first.first_row, column: first.first_column };
    let speller = Speller { biff: globals.biff, page: &globals.page, scope: &globals.scope };
    let [formula, _] = formulas;
    let text = speller.spell(&formula, &[], home)?;
    let options = if flags & 0x80 == 0 {
        DropdownOptions::Formula(text)
    } else {
        options(&text.replace('\0', ","))
    };
    Some(Rule::List(Dropdown { ranges, options }))
}
