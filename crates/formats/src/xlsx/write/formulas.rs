//! Formulas in cells.

use super::xml::{escape, stands_for_itself};

/// A formula as a cell writes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Formula<'f> {
    pub(super) text: &'f str,
    /// The area it fills, if it is one for several cells.
    pub(super) area: Option<&'f str>,
}

/// Writes a cell's formula, if it has one.
pub(super) fn write_formula(formula: Option<Formula<'_>>, xml: &mut Vec<u8>) {
    let Some(formula) = formula else { return };
    match formula.area {
        Some(area) => {
            xml.extend_from_slice(b"<f t=\"array\" ref=\"");
            xml.extend_from_slice(area.as_bytes());
            xml.extend_from_slice(b"\">");
        }
        None => xml.extend_from_slice(b"<f>"),
    }
    if stands_for_itself(formula.text) {
        xml.extend_from_slice(formula.text.as_bytes());
    } else {
        let mut escaped = String::with_capacity(formula.text.len() + 16);
        escape(formula.text, &mut escaped);
        xml.extend_from_slice(escaped.as_bytes());
    }
    xml.extend_from_slice(b"</f>");
}
