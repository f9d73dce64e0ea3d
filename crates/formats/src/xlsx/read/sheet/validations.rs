//! Data validations: lists become dropdowns, other rules are noted. Newer programs keep those that name
//! other sheets in an extension, whose elements have prefixes.

use larkspur_model::workbook::{CellRange, Dropdown, Sheet};

use crate::Error;
use crate::ooxml::{Event, Scanner};
use crate::sheet_flow::cells::FORMULA_BYTES;
use crate::sheet_flow::dropdowns::{Dropdowns, options};
use crate::sheet_flow::merges::parse_range;

/// Bytes of the list of areas of one validation.
const AREAS_BYTES: usize = 1 << 20;

/// The validations of a sheet while they are read.
#[derive(Debug, Default)]
pub(super) struct Validations {
    pub(super) dropdowns: Dropdowns,
    /// Rules other than lists.
    pub(super) others: u64,
}

fn ranges(text: &str) -> Vec<CellRange> {
    text.split_ascii_whitespace().filter_map(parse_range).collect()
}

impl Validations {
    /// Reads the validation that just started, up to its end.
    pub(super) fn read(
        &mut self,
        scanner: &mut Scanner<'_>,
        most_columns: u32,
        sheet: &mut Sheet,
    ) -> Result<(), Error> {
        let is_list = scanner.attribute(b"type").as_deref() == Some("list");
        // A list that is not offered merely checks what is typed.
        let is_offered =
            !matches!(scanner.attribute(b"showDropDown").as_deref(), Some("1" | "true"));
        let mut areas = ranges(&scanner.attribute(b"sqref").unwrap_or_default());
        let mut formula = String::new();
        let mut text = String::new();
        let mut formula_within = None;
        let inside = scanner.depth();
        loop {
            match scanner.next()? {
                Event::Start => match scanner.local() {
                    b"formula1" => formula_within = Some(scanner.depth()),
                    // In the extension the formula stands in an element of its own.
                    b"f" if formula_within.is_some() => {}
                    b"sqref" => {
                        text.clear();
                        scanner.collect_text(&mut text, AREAS_BYTES)?;
                        areas = ranges(&text);
                    }
                    _ => scanner.skip_element()?,
                },
                Event::Text if formula_within.is_some() && formula.len() < FORMULA_BYTES => {
                    scanner.push_text(&mut formula);
                }
                Event::End if scanner.depth() < inside => break,
                Event::Eof => return Err(Error::damaged("a sheet is cut off")),
                Event::End => {
                    formula_within = formula_within.filter(|depth| scanner.depth() >= *depth);
                }
                Event::Text => {}
            }
        }
        if is_list && is_offered {
            let dropdown = Dropdown { ranges: areas, options: options(&formula) };
            self.dropdowns.add(dropdown, most_columns, sheet);
        } else {
            self.others += 1;
        }
        Ok(())
    }
}
