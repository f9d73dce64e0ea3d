//! Values that cells offer to choose from, as data validations.

use std::fmt::Write as _;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{DropdownOptions, Sheet};

use super::links::range_name;
use super::note;
use super::xml::escape;
use crate::formulas::references::names_another_workbook;

/// Characters of a list of values (Excel's specification).
const LIST_UNITS: usize = 255;
/// Characters of a formula that a list takes its values from.
const FORMULA_UNITS: usize = 8_192;
/// Validations of a sheet (Excel's specification).
const MOST: usize = 65_534;

/// The element, if there is any dropdown that Excel accepts.
pub(super) fn write_element(sheet: &Sheet, name: &str, losses: &mut Losses, xml: &mut String) {
    let (mut written, mut count, mut left_out) = (String::new(), 0, 0);
    for dropdown in &sheet.dropdowns {
        let areas: Vec<String> =
            dropdown.ranges.iter().filter_map(|range| range_name(*range)).collect();
        let formula = match &dropdown.options {
            DropdownOptions::Values(values) => list(values),
            DropdownOptions::Formula(formula) => {
                let fits = formula.chars().map(char::len_utf16).sum::<usize>() <= FORMULA_UNITS;
                (fits && !names_another_workbook(formula)).then(|| formula.clone())
            }
        };
        match formula {
            Some(formula) if !areas.is_empty() && count < MOST => {
                count += 1;
                let _ = write!(
                    written,
                    "<dataValidation type=\"list\" allowBlank=\"1\" showErrorMessage=\"1\" sqref=\"{}\"><formula1>",
                    areas.join(" ")
                );
                escape(&formula, &mut written);
                written.push_str("</formula1></dataValidation>");
            }
            _ => left_out += 1,
        }
    }
    note(losses, LossKind::FeatureDropped, name, "dropdowns that Excel does not accept", left_out);
    if count > 0 {
        let _ = write!(xml, "<dataValidations count=\"{count}\">{written}</dataValidations>");
    }
}

/// Values as a formula lists them; nothing where they cannot be listed.
fn list(values: &[String]) -> Option<String> {
    let text = values.join(",").replace('"', "\"\"");
    let fits = text.chars().map(char::len_utf16).sum::<usize>() <= LIST_UNITS;
    let plain = values.iter().all(|value| !value.contains([',', '\n']));
    (fits && plain && !values.is_empty()).then(|| format!("\"{text}\""))
}
