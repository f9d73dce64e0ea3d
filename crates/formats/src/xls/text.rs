//! Texts in records, which may go on in the records behind ([MS-XLS] 2.5.293, 2.5.294).

use super::code_page::CodePage;
use super::records::{Biff, Records, id};

/// Reads the record at hand and those that continue it as one run of bytes.
pub(super) struct Pieces<'r, 'i> {
    records: &'r mut Records<'i>,
    at: usize,
}

/// How many characters a text says it has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Length {
    /// In one byte.
    Short,
    /// In two bytes.
    Long,
    /// Elsewhere, and it is this.
    Known(usize),
}

impl<'r, 'i> Pieces<'r, 'i> {
    /// From byte `at` of the record at hand on.
    pub(super) fn new(records: &'r mut Records<'i>, at: usize) -> Self {
        Self { records, at }
    }

    /// Whether nothing is left in the record at hand and none continues it.
    pub(super) fn is_over(&mut self) -> bool {
        self.rest().is_none()
    }

    /// What is left of the record at hand, or the next that continues it; never empty.
    fn rest(&mut self) -> Option<&[u8]> {
        while self.at >= self.records.body().len() {
            if self.records.peek() != Some(id::CONTINUE) {
                return None;
            }
            self.records.next()?;
            self.at = 0;
        }
        self.records.body().get(self.at..)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        let byte = *self.rest()?.first()?;
        self.at += 1;
        Some(byte)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.u8()?, self.u8()?]))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        let (low, high) = (self.u16()?, self.u16()?);
        Some(u32::from(high) << 16 | u32::from(low))
    }

    /// Passes over `count` bytes.
    pub(super) fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            let here = self.rest()?.len().min(count);
            self.at += here;
            count -= here;
        }
        Some(())
    }

    /// Up to `count` bytes: fewer where they end.
    pub(super) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut taken = Vec::new();
        while taken.len() < count {
            let Some(rest) = self.rest() else { break };
            let here = rest.len().min(count - taken.len());
            taken.extend_from_slice(&rest[..here]);
            self.at += here;
        }
        taken
    }

    fn length(&mut self, length: Length) -> Option<usize> {
        Some(match length {
            Length::Short => usize::from(self.u8()?),
            Length::Long => usize::from(self.u16()?),
            Length::Known(length) => length,
        })
    }

    /// Appends a text as its generation writes it. Says whether it is formatted piece by piece.
    pub(super) fn text(
        &mut self,
        biff: Biff,
        length: Length,
        page: &CodePage,
        out: &mut String,
    ) -> Option<bool> {
        if biff == Biff::V8 {
            return self.wide_text(length, out).map(|runs| !runs.is_empty());
        }
        let length = self.length(length)?;
        let bytes = self.bytes(length);
        page.decode_into(&bytes, out);
        Some(false)
    }

    /// Appends a text of Unicode characters, kept in one byte each where all of them fit. Answers which
    /// fonts its pieces are in: the character each starts at, and the font's number.
    pub(super) fn wide_text(
        &mut self,
        length: Length,
        out: &mut String,
    ) -> Option<Vec<(u16, u16)>> {
        let length = self.length(length)?;
        // Some writers end an empty text before its flags.
        if length == 0 && self.is_over() {
            return Some(Vec::new());
        }
        let flags = self.u8()?;
        let runs = if flags & 8 != 0 { usize::from(self.u16()?) } else { 0 };
        let more = if flags & 4 != 0 { self.u32()? as usize } else { 0 };
        if !self.characters(length, flags & 1 != 0, out) {
            return None;
        }
        let mut pieces = Vec::new();
        for _ in 0..runs {
            pieces.push((self.u16()?, self.u16()?));
        }
        self.skip(more)?;
        Some(pieces)
    }

    /// Appends characters; where a record ends within them, the next begins with how they go on. Says
    /// whether all were there.
    fn characters(&mut self, count: usize, mut wide: bool, out: &mut String) -> bool {
        let mut units: Vec<u16> = Vec::new();
        let mut whole = true;
        while units.len() < count {
            if self.at >= self.records.body().len() {
                if self.rest().is_none() {
                    whole = false;
                    break;
                }
                wide = self.u8().is_some_and(|flags| flags & 1 != 0);
                continue;
            }
            let rest = self.records.body().get(self.at..).unwrap_or_default();
            let wanted = count - units.len();
            if wide {
                let (pairs, odd) = rest.as_chunks::<2>();
                let taken = pairs.len().min(wanted);
                units.extend(pairs[..taken].iter().map(|pair| u16::from_le_bytes(*pair)));
                // Half a character at the end of a record says nothing.
                let over = if taken == pairs.len() && taken < wanted { odd.len() } else { 0 };
                self.at += taken * 2 + over;
            } else {
                let taken = rest.len().min(wanted);
                units.extend(rest[..taken].iter().map(|byte| u16::from(*byte)));
                self.at += taken;
            }
        }
        let characters = char::decode_utf16(units);
        out.extend(characters.map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
        whole
    }
}
