//! The shared strings: every distinct text of the workbook, in the order of their numbers.

mod arena;

use self::arena::Arena;
use super::quick;
use super::rich_text::collect_rich_text;
use crate::Error;
use crate::ooxml::{Event, Feed, Scanner, decode_into, decode_xstring};

/// Most strings. Empty ones cost a few bytes of file and of memory each.
const MOST_STRINGS: usize = 16 << 20;

/// The shared strings.
#[derive(Debug, Default)]
pub(super) struct SharedStrings {
    texts: Arena,
    bytes: u64,
    /// Strings whose text is formatted piece by piece.
    pub(super) formatted: u64,
    /// Whether invalid bytes were replaced.
    pub(super) replaced: bool,
}

impl SharedStrings {
    /// The string of an index.
    pub(super) fn get(&mut self, index: usize) -> Option<&str> {
        self.texts.get(index)
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
        let mut scanner = Scanner::new(feed, depth);
        loop {
            while let Some((raw, length)) = quick::string_item(scanner.lookahead()) {
                if raw.len() > string_bytes {
                    break;
                }
                let start = strings.texts.open().len();
                strings.replaced |= decode_into(raw, strings.texts.open());
                scanner.advance(length);
                strings.end_string(start, most_bytes)?;
            }
            match scanner.next()? {
                Event::Start if scanner.name() == b"si" => {
                    let open = strings.texts.open();
                    let start = open.len();
                    let rich = collect_rich_text(&mut scanner, open, string_bytes)?;
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
        let open = self.texts.open();
        decode_xstring(open, start);
        self.bytes += (open.len() - start) as u64;
        if self.bytes > most_bytes || self.texts.len() >= MOST_STRINGS {
            return Err(Error::TooLarge("the workbook has too much shared text".into()));
        }
        self.texts.end_text()
    }
}
