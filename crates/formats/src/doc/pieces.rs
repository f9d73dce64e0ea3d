//! The piece table: where in the stream the characters of the text lie, in what encoding, and what was
//! done to them since they were written there ([MS-DOC] 2.9.38).

use super::fib::{Fib, Generation};
use crate::compound::bytes::{Plc, u8_at, u16_at, u32_at};

/// Lists of properties a piece can name.
const MOST_CHANGES: usize = 1 << 15;

/// A run of characters that lie together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Positions of characters, the end not included.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where the first one lies in the stream.
    pub(super) at: u32,
    /// Characters take two bytes each.
    pub(super) wide: bool,
    /// What was done to the characters afterwards.
    pub(super) change: Change,
}

impl Piece {
    /// Bytes of a character.
    pub(super) const fn width(&self) -> u32 {
        if self.wide { 2 } else { 1 }
    }
}

/// Formatting that was laid over a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Change {
    #[default]
    None,
    /// One property, by its short number, and its value.
    Short(u8, u8),
    /// A list of properties, by index.
    Long(u16),
}

impl Change {
    fn read(bits: u16) -> Self {
        match bits {
            0 => Self::None,
            bits if bits & 1 == 1 => Self::Long(bits >> 1),
            bits => Self::Short((bits >> 1) as u8 & 0x7F, (bits >> 8) as u8),
        }
    }
}

/// The text as the table has it.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pub(super) list: Vec<Piece>,
    /// Lists of properties that pieces refer to.
    pub(super) changes: Vec<Vec<u8>>,
    /// Pieces that claim more characters than there can be were cut.
    pub(super) cut: bool,
}

impl Pieces {
    /// Reads the table out of its bytes. `most` characters are in the file at the most: pieces may name
    /// the same bytes over and over.
    pub(super) fn read(bytes: &[u8], generation: Generation, wide: bool, most: u64) -> Self {
        let mut found = Self::default();
        let mut at = 0;
        while u8_at(bytes, at) == Some(1) {
            let Some(length) = u16_at(bytes, at + 1).map(usize::from) else { return found };
            let list = bytes.get(at + 3..at + 3 + length).unwrap_or_default();
            if found.changes.len() < MOST_CHANGES {
                found.changes.push(list.to_vec());
            }
            at += 3 + length;
        }
        if u8_at(bytes, at) != Some(2) {
            return found;
        }
        let length = u32_at(bytes, at + 1).unwrap_or_default() as usize;
        let rest = bytes.get(at + 5..).unwrap_or_default();
        let plc = Plc::new(rest.get(..length).unwrap_or(rest), 8);
        let mut left = most;
        for index in 0..plc.len() {
            let (Some(start), Some(end)) = (plc.position(index), plc.position(index + 1)) else {
                break;
            };
            let entry = plc.entry(index);
            let place = u32_at(entry, 2).unwrap_or_default();
            let narrow = place & 0x4000_0000 != 0;
            let (at, wide) = match (generation, narrow) {
                (Generation::Word97, true) => ((place & 0x3FFF_FFFF) / 2, false),
                (Generation::Word97, false) => (place, true),
                _ => (place, wide),
            };
            if start != found.list.last().map_or(start, |last| last.end) || end <= start {
                found.cut |= end < start;
                continue;
            }
            let length = u64::from(end - start).min(left);
            found.cut |= length < u64::from(end - start);
            left -= length;
            if length == 0 {
                break;
            }
            let change = Change::read(u16_at(entry, 6).unwrap_or_default());
            let end = start + length as u32;
            found.list.push(Piece { start, end, at, wide, change });
        }
        found
    }

    /// The text of a file without the table: it lies in one piece.
    pub(super) fn whole(fib: &Fib, most: u64) -> Self {
        let wide = fib.wide;
        let named = u64::from(fib.text_end.saturating_sub(fib.text_start)).min(most);
        let named = if wide { named / 2 } else { named };
        let length = fib.lengths.total().max(1).min(named) as u32;
        let piece = Piece { start: 0, end: length, at: fib.text_start, wide, change: Change::None };
        Self { list: vec![piece], ..Self::default() }
    }

    /// The piece that holds the character at `position`, or the next one behind it.
    pub(super) fn at(&self, position: u32) -> Option<Piece> {
        let index = self.list.partition_point(|piece| piece.end <= position);
        self.list.get(index).copied()
    }
}

/// Reads the table, or makes one up where the file has none.
pub(super) fn read(fib: &Fib, bytes: &[u8], stream_bytes: u64) -> Pieces {
    if fib.generation == Generation::Word97 || fib.complex {
        let pieces = Pieces::read(bytes, fib.generation, fib.wide, stream_bytes);
        if !pieces.list.is_empty() {
            return pieces;
        }
    }
    Pieces::whole(fib, stream_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(pieces: &[(u32, u32, u16)]) -> Vec<u8> {
        let mut bytes = vec![1, 2, 0, 9, 9, 2];
        bytes.extend((4 + 12 * pieces.len() as u32).to_le_bytes());
        bytes.extend(0_u32.to_le_bytes());
        for (end, _, _) in pieces {
            bytes.extend(end.to_le_bytes());
        }
        for (_, place, change) in pieces {
            bytes.extend([0, 0]);
            bytes.extend(place.to_le_bytes());
            bytes.extend(change.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn pieces_say_where_and_how_characters_lie() {
        let bytes = table(&[(5, 0x4000_0800, 0), (9, 0x600, 0x0101 | 2)]);
        let found = Pieces::read(&bytes, Generation::Word97, false, 1_000);
        assert_eq!(found.changes, [[9, 9]]);
        let [first, second] = found.list[..] else { panic!("{found:?}") };
        assert_eq!((first.start, first.end, first.at, first.wide), (0, 5, 0x400, false));
        assert_eq!((second.start, second.end, second.at, second.wide), (5, 9, 0x600, true));
        assert_eq!(second.change, Change::Long(0x81));
        assert_eq!([found.at(4), found.at(5), found.at(9)], [Some(first), Some(second), None]);
    }

    #[test]
    fn pieces_that_claim_too_much_are_cut() {
        let many: Vec<_> = (1..1_000).map(|end| (end * 100, 0x4000_0000, 0)).collect();
        let found = Pieces::read(&table(&many), Generation::Word97, false, 250);
        assert!(found.cut);
        assert_eq!(found.list.iter().map(|piece| piece.end - piece.start).sum::<u32>(), 250);
    }
}
