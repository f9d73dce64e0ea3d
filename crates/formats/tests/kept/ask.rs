//! What tests of single cells ask a kept workbook.

use larkspur_model::workbook::CellStyle;

use crate::kept::{Kept, KeptBook, KeptSheet};

impl KeptSheet {
    /// The value at a place; empty where there is no cell.
    pub(crate) fn value(&self, place: &str) -> Kept {
        self.at(place).map_or(Kept::Empty, |cell| cell.value.clone())
    }

    /// The formula at a place.
    pub(crate) fn formula(&self, place: &str) -> Option<&str> {
        self.at(place)?.formula.as_deref()
    }
}

impl KeptBook {
    /// The style of the cell at a place of the first sheet.
    pub(crate) fn style(&self, place: &str) -> &CellStyle {
        let cell = self.sheets[0].at(place).expect("the cell exists");
        &self.styles[cell.style as usize]
    }

    /// Whether a loss was noted whose text holds `words`, and how often.
    pub(crate) fn lost(&self, words: &str) -> u64 {
        self.losses.iter().filter(|loss| loss.detail.contains(words)).map(|loss| loss.count).sum()
    }
}
