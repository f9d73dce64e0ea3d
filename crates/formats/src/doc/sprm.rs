//! Lists of single properties ("sprms", [MS-DOC] 2.2.5): a number that says which, and a value whose
//! length the number knows. Those of Word 6 have numbers of their own; they are told as the later ones.

use crate::compound::bytes::{u8_at, u16_at};

/// A property and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sprm<'b> {
    pub(super) number: u16,
    pub(super) value: &'b [u8],
}

impl Sprm<'_> {
    /// First byte of the value.
    pub(super) fn byte(&self) -> u8 {
        self.value.first().copied().unwrap_or_default()
    }

    /// First two bytes of the value.
    pub(super) fn word(&self) -> u16 {
        u16_at(self.value, 0).unwrap_or_else(|| u16::from(self.byte()))
    }

    /// First two bytes of the value, which may be negative.
    pub(super) fn short(&self) -> i16 {
        self.word() as i16
    }

    /// First four bytes of the value.
    pub(super) fn long(&self) -> u32 {
        crate::compound::bytes::u32_at(self.value, 0).unwrap_or_else(|| u32::from(self.word()))
    }
}

/// Properties one after the other.
pub(super) struct Sprms<'b> {
    rest: &'b [u8],
    old: bool,
}

impl<'b> Sprms<'b> {
    /// Those in `bytes`; of Word 6 and before if `old`.
    pub(super) const fn new(bytes: &'b [u8], old: bool) -> Self {
        Self { rest: bytes, old }
    }

    fn take(&mut self) -> Option<Sprm<'b>> {
        let (number, head, length) = if self.old {
            let (number, length) = of_word_6(u8_at(self.rest, 0)?)?;
            (number, 1, length)
        } else {
            let number = u16_at(self.rest, 0)?;
            (number, 2, length_of(number))
        };
        let (from, until) = match length {
            Length::Fixed(length) => (head, head + length),
            Length::Counted => {
                let count = usize::from(u8_at(self.rest, head)?);
                (head + 1, head + 1 + count)
            }
            Length::CountedTwice => {
                // The count is of two bytes and one too large ([MS-DOC] 2.9.321).
                let count = usize::from(u16_at(self.rest, head)?);
                (head + 2, head + 2 + count.saturating_sub(1))
            }
            Length::Tabs => {
                let count = u8_at(self.rest, head)?;
                let bytes = if count == 255 {
                    let deleted = usize::from(u8_at(self.rest, head + 1)?);
                    let added = usize::from(u8_at(self.rest, head + 2 + 4 * deleted)?);
                    2 + 4 * deleted + 3 * added
                } else {
                    usize::from(count)
                };
                (head + 1, head + 1 + bytes)
            }
        };
        let value = self.rest.get(from..until)?;
        self.rest = self.rest.get(until..)?;
        Some(Sprm { number, value })
    }
}

impl<'b> Iterator for Sprms<'b> {
    type Item = Sprm<'b>;

    fn next(&mut self) -> Option<Sprm<'b>> {
        let taken = self.take();
        if taken.is_none() {
            self.rest = &[];
        }
        taken
    }
}

enum Length {
    Fixed(usize),
    Counted,
    CountedTwice,
    Tabs,
}

fn length_of(number: u16) -> Length {
    match (number, number >> 13) {
        (0xD606 | 0xD608, _) => Length::CountedTwice,
        (0xC615, _) => Length::Tabs,
        (_, 0 | 1) => Length::Fixed(1),
        (_, 2 | 4 | 5) => Length::Fixed(2),
        (_, 3) => Length::Fixed(4),
        (_, 7) => Length::Fixed(3),
        _ => Length::Counted,
    }
}

/// The later number of a property of Word 6, and the length of its value. Properties that are of no
/// use here are told as 0.
#[expect(clippy::match_same_arms, reason = "a line for each property, in their order")]
fn of_word_6(number: u8) -> Option<(u16, Length)> {
    use Length::{Counted, CountedTwice, Fixed, Tabs};
    Some(match number {
        2 => (0x4600, Fixed(2)),
        3 => (0, Counted),
        4 => (0x2602, Fixed(1)),
        5 => (0x2403, Fixed(1)),
        6..=11 => (0, Fixed(1)),
        12 => (0xC63E, Counted),
        13 => (OLD_NUMBERING, Fixed(1)),
        14 => (0, Fixed(1)),
        15 => (0, Counted),
        16 => (0, Fixed(2)),
        17 => (0x840F, Fixed(2)),
        18 => (0x4610, Fixed(2)),
        19 => (0x8411, Fixed(2)),
        20 => (0, Fixed(4)),
        21 | 22 => (0, Fixed(2)),
        23 => (0, Tabs),
        24 => (0x2416, Fixed(1)),
        25 => (0x2417, Fixed(1)),
        26..=28 => (0, Fixed(2)),
        29 => (0, Fixed(1)),
        30..=36 => (0, Fixed(2)),
        37 => (0, Fixed(1)),
        38..=43 => (0, Fixed(2)),
        44 => (0, Fixed(1)),
        45..=49 => (0, Fixed(2)),
        50 | 51 => (0, Fixed(1)),
        64 => (0, Counted),
        65 => (0x0800, Fixed(1)),
        66 => (0x0801, Fixed(1)),
        67 => (0, Fixed(1)),
        68 => (0, Counted),
        69 => (0, Fixed(2)),
        70 => (0, Fixed(4)),
        71 => (0x0806, Fixed(1)),
        72 => (0, Fixed(2)),
        73 => (0, Fixed(3)),
        74 => (OLD_SYMBOL, Counted),
        75 => (0x080A, Fixed(1)),
        80 => (0x4A30, Fixed(2)),
        81 | 82 => (0, Counted),
        83 => (0x2A33, Fixed(0)),
        85 => (0x0835, Fixed(1)),
        86 => (0x0836, Fixed(1)),
        87 => (0x0837, Fixed(1)),
        88..=91 => (0, Fixed(1)),
        92 => (0x083C, Fixed(1)),
        93 => (0x4A4F, Fixed(2)),
        94 => (0x2A3E, Fixed(1)),
        95 => (0, Fixed(3)),
        96 | 97 => (0, Fixed(2)),
        98 => (0x2A42, Fixed(1)),
        99 => (0, Fixed(2)),
        100 => (0, Fixed(1)),
        101 => (0, Fixed(2)),
        102 => (0, Fixed(1)),
        103 => (0, Counted),
        104 => (0x2A48, Fixed(1)),
        105 | 106 | 108 => (0, Counted),
        107 | 109..=112 => (0, Fixed(2)),
        117 => (0x0855, Fixed(1)),
        118 => (0x0856, Fixed(1)),
        119 => (0, Fixed(1)),
        120 => (0, Counted),
        121..=124 => (0, Fixed(2)),
        182..=184 => (0, Fixed(2)),
        185 => (0, Fixed(1)),
        186 => (0x3404, Fixed(1)),
        187 => (0, Fixed(12)),
        188 => (0, CountedTwice),
        189 => (0, Fixed(2)),
        190 => (0xD608, CountedTwice),
        191 => (0, Counted),
        192 => (0, Fixed(4)),
        193 => (0, Fixed(5)),
        194 => (0x7621, Fixed(4)),
        195 => (0x5622, Fixed(2)),
        196 => (0x7623, Fixed(4)),
        197 => (0x5624, Fixed(2)),
        198 => (0x5625, Fixed(2)),
        199 => (0, Fixed(5)),
        200 => (0, Fixed(4)),
        _ => return None,
    })
}

/// How Word 6 numbers a paragraph: no later property is like it.
pub(super) const OLD_NUMBERING: u16 = 0xFFFE;
/// A sign of a font as Word 6 spells it: the font, then one byte.
pub(super) const OLD_SYMBOL: u16 = 0xFFFF;

/// The property that the short number of a piece's change means ([MS-DOC] 2.9.215).
pub(super) fn of_short(number: u8) -> Option<u16> {
    Some(match number {
        0x04 => 0x2602,
        0x05 => 0x2403,
        0x18 => 0x2416,
        0x19 => 0x2417,
        0x41 => 0x0800,
        0x42 => 0x0801,
        0x43 => 0x0802,
        0x47 => 0x0806,
        0x4B => 0x080A,
        0x4D => 0x2A0C,
        0x53 => 0x2A33,
        0x55 => 0x0835,
        0x56 => 0x0836,
        0x57 => 0x0837,
        0x5C => 0x083C,
        0x5E => 0x2A3E,
        0x62 => 0x2A42,
        0x68 => 0x2A48,
        0x73 => 0x2A53,
        0x75 => 0x0855,
        0x76 => 0x0856,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_follow_from_numbers() {
        let bytes = [
            0x35, 0x08, 1, // bold
            0x30, 0x4A, 2, 0, // style of characters
            0x08, 0xD6, 4, 0, 7, 8, 9, // table, counted one too large
            0x3E, 0xC6, 2, 5, 6, // counted
            0x03, 0x6A, 1, 2, 3, 4, // four bytes
            0x15, 0xC6, 255, 1, 0, 0, 0, 0, 1, 9, 9, 9, // tabs that do not fit a byte
            0x36, 0x08, // cut off
        ];
        let found: Vec<(u16, usize)> =
            Sprms::new(&bytes, false).map(|sprm| (sprm.number, sprm.value.len())).collect();
        let expected =
            [(0x0835, 1), (0x4A30, 2), (0xD608, 3), (0xC63E, 2), (0x6A03, 4), (0xC615, 9)];
        assert_eq!(found, expected);
    }

    #[test]
    fn old_numbers_are_told_as_later_ones() {
        let bytes = [85, 1, 24, 1, 190, 3, 0, 5, 5, 93, 2, 0, 254];
        let found: Vec<u16> = Sprms::new(&bytes, true).map(|sprm| sprm.number).collect();
        assert_eq!(found, [0x0835, 0x2416, 0xD608, 0x4A4F]);
    }
}
