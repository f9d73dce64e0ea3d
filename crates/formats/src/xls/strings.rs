//! The shared strings of Excel 97 and later: every distinct text, in the order of their numbers.

use larkspur_model::workbook::{Font, Rich, Value};

use super::records::Records;
use super::styles::StyleParts;
use super::text::{Length, Pieces};
use crate::Error;
use crate::sheet_flow::rich::{Looks, Packed, Room};

/// The shared strings.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    /// Where each string ends within the text.
    ends: Vec<usize>,
    /// The numbers of those that are packed, as their pieces have looks of their own; rising.
    packed: Vec<usize>,
    /// Strings whose looks were too much to keep.
    pub(super) unformatted: u64,
    /// Strings of which some is raised or lowered.
    pub(super) raised: u64,
    room: Room,
}

impl Strings {
    /// The string of a number, as the value of a cell.
    pub(super) fn get(&self, number: usize) -> Option<Value<'_>> {
        let end = *self.ends.get(number)?;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        let text = self.text.get(start..end)?;
        let packed = self.packed.binary_search(&number).is_ok();
        Some(if packed { Value::Rich(Rich::from_packed(text)) } else { Value::Text(text) })
    }

    /// Reads the record at hand and what continues it. How many strings there are is seen, not believed.
    pub(super) fn read(
        records: &mut Records<'_>,
        styles: &StyleParts,
        most_bytes: u64,
    ) -> Result<Self, Error> {
        let mut strings = Self::default();
        let mut pieces = Pieces::new(records, 8);
        while !pieces.is_over() {
            let start = strings.text.len();
            // A string that ends too early is kept as far as it goes.
            let runs = pieces.wide_text(Length::Long, &mut strings.text).unwrap_or_default();
            strings.look(start, &runs, styles);
            strings.ends.push(strings.text.len());
            if strings.text.len() as u64 > most_bytes {
                return Err(Error::TooLarge("the workbook has too much shared text".into()));
            }
        }
        Ok(strings)
    }

    /// Packs the last string, if its pieces have looks of their own.
    fn look(&mut self, start: usize, runs: &[(u16, u16)], styles: &StyleParts) {
        if runs.is_empty() {
            return;
        }
        self.raised += u64::from(runs.iter().any(|(_, font)| styles.is_raised(*font)));
        let text = &self.text[start..];
        let looks = looks_of(text, runs, |font| styles.look(font));
        match self.room.pack(looks, text, 0) {
            Packed::Plain => {}
            Packed::Dropped => self.unformatted += 1,
            Packed::Rich(packed) => {
                self.text.truncate(start);
                self.text.push_str(&packed);
                self.packed.push(self.ends.len());
            }
        }
    }
}

/// The looks of the pieces of `text`, by the character each starts at and its font's number.
pub(super) fn looks_of(
    text: &str,
    runs: &[(u16, u16)],
    look: impl Fn(u16) -> Option<Font>,
) -> Looks {
    let mut looks = Looks::default();
    let mut runs = runs.iter().peekable();
    let mut unit = 0;
    for (at, letter) in text.char_indices() {
        while let Some((_, font)) = runs.next_if(|(from, _)| usize::from(*from) <= unit) {
            looks.begin(at, look(*font));
        }
        unit += letter.len_utf16();
    }
    looks
}
