//! The shared strings: every distinct text of the workbook, in the order of their numbers.

mod arena;

use larkspur_model::workbook::{Rich, Value};

use self::arena::Arena;
use super::colors::Colors;
use super::quick;
use super::rich_text::collect_rich_text;
use crate::Error;
use crate::ooxml::{Event, Feed, Scanner, decode_into, decode_xstring};
use crate::sheet_flow::rich::Room;

/// Most strings. Empty ones cost a few bytes of file and of memory each.
const MOST_STRINGS: usize = 16 << 20;

/// The shared strings.
#[derive(Debug, Default)]
pub(super) struct SharedStrings {
    texts: Arena,
    bytes: u64,
    /// The numbers of those that are packed, as their pieces have looks of their own; rising.
    packed: Vec<u32>,
    /// Strings whose looks were too much to keep.
    pub(super) unformatted: u64,
    /// Strings of which some is raised or lowered.
    pub(super) raised: u64,
    room: Room,
    /// Whether invalid bytes were replaced.
    pub(super) replaced: bool,
}

impl SharedStrings {
    /// The string of an index, as the value of a cell.
    pub(super) fn get(&mut self, index: usize) -> Option<Value<'_>> {
        let packed = !self.packed.is_empty()
            && u32::try_from(index).is_ok_and(|index| self.packed.binary_search(&index).is_ok());
        let text = self.texts.get(index)?;
        Some(if packed { Value::Rich(Rich::from_packed(text)) } else { Value::Text(text) })
    }

    /// Reads the strings' part. Of each string no more than `string_bytes` are kept, or somewhat
    /// more; all together may take `most_bytes`.
    pub(super) fn read(
        feed: &mut dyn Feed,
        depth: usize,
        string_bytes: usize,
        most_bytes: u64,
        colors: &Colors,
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
                decode_xstring(strings.texts.open(), start);
                strings.end_string(start, most_bytes)?;
            }
            match scanner.next()? {
                Event::Start if scanner.name() == b"si" => {
                    let open = strings.texts.open();
                    let start = open.len();
                    let room = &mut strings.room;
                    let rich = collect_rich_text(&mut scanner, open, string_bytes, colors, room)?;
                    if rich.packed {
                        strings.packed.push(strings.texts.len() as u32);
                    }
                    strings.unformatted += u64::from(rich.dropped);
                    strings.raised += u64::from(rich.raised);
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
        self.bytes += (self.texts.open().len() - start) as u64;
        if self.bytes > most_bytes || self.texts.len() >= MOST_STRINGS {
            return Err(Error::TooLarge("the workbook has too much shared text".into()));
        }
        self.texts.end_text()
    }
}
