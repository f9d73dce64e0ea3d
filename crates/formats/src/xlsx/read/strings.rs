//! The shared strings: every distinct text of the workbook, one after the other in one buffer.

use super::quick;
use super::rich_text::collect_rich_text;
use crate::Error;
use crate::ooxml::{Event, Feed, Scanner, decode_into, decode_xstring};

/// Most strings. Empty ones cost a few bytes of file and of memory each.
const MOST_STRINGS: usize = 32 << 20;

/// The shared strings.
#[derive(Debug, Default)]
pub(super) struct SharedStrings {
    text: String,
    ends: Vec<u32>,
    /// Strings whose text is formatted piece by piece.
    pub(super) formatted: u64,
    /// Whether invalid bytes were replaced.
    pub(super) replaced: bool,
}

impl SharedStrings {
    /// The string of an index.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[start as usize..end as usize])
    }

    /// Reads the strings' part. Of each string no more than `string_bytes` are kept, or somewhat
    /// more; all together may take `most_bytes`.
    pub(super) fn read(
        feed: &mut dyn Feed,
        depth: usize,
        string_bytes: usize,
        most_bytes: u64,
    ) -> Result<Self, Error> {
        let mut strings = Self::default();
        let most_bytes = most_bytes.min(u64::from(u32::MAX) / 2);
        let mut scanner = Scanner::new(feed, depth);
        loop {
            while let Some((raw, length)) = quick::string_item(scanner.lookahead()) {
                if raw.len() > string_bytes {
                    break;
                }
                let start = strings.text.len();
                strings.replaced |= decode_into(raw, &mut strings.text);
                scanner.advance(length);
                strings.end_string(start, most_bytes)?;
            }
            match scanner.next()? {
                Event::Start if scanner.name() == b"si" => {
                    let start = strings.text.len();
                    let rich = collect_rich_text(&mut scanner, &mut strings.text, string_bytes)?;
                    strings.formatted += u64::from(rich.formatted);
                    strings.replaced |= rich.replaced;
                    strings.end_string(start, most_bytes)?;
                }
                Event::Start if scanner.depth() > 1 => scanner.skip_element()?,
                Event::Eof => return Ok(strings),
                _ => {}
            }
        }
    }

    fn end_string(&mut self, start: usize, most_bytes: u64) -> Result<(), Error> {
        decode_xstring(&mut self.text, start);
        if self.text.len() as u64 > most_bytes || self.ends.len() >= MOST_STRINGS {
            return Err(Error::TooLarge("the workbook has too much shared text".into()));
        }
        self.ends.push(self.text.len() as u32);
        Ok(())
    }
}
