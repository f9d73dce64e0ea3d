//! The shared strings of Excel 97 and later: every distinct text, in the order of their numbers.

use super::code_page::CodePage;
use super::records::{Biff, Records};
use super::text::{Length, Pieces};
use crate::Error;

/// The shared strings.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    /// Where each string ends within the text.
    ends: Vec<usize>,
    /// Strings whose text is formatted piece by piece.
    pub(super) formatted: u64,
}

impl Strings {
    /// The string of a number.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }

    /// Reads the record at hand and what continues it. How many strings there are is seen, not believed.
    pub(super) fn read(records: &mut Records<'_>, most_bytes: u64) -> Result<Self, Error> {
        let mut strings = Self::default();
        let mut pieces = Pieces::new(records, 8);
        let page = CodePage::default();
        while !pieces.is_over() {
            let formatted = pieces.text(Biff::V8, Length::Long, &page, &mut strings.text);
            // A string that ends too early is kept as far as it goes.
            strings.ends.push(strings.text.len());
            strings.formatted += u64::from(formatted == Some(true));
            if strings.text.len() as u64 > most_bytes {
                return Err(Error::TooLarge("the workbook has too much shared text".into()));
            }
        }
        Ok(strings)
    }
}
