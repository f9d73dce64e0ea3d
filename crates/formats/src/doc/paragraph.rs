//! Formatting of paragraphs: single properties laid over what is there, their place in tables included.

use super::character::{numbered_shade, shade};
use super::sprm::{OLD_NUMBERING, Sprm, Sprms};
use super::table::RowShape;
use crate::word_flow::properties::{Justification, Paint, ParagraphProperties};

/// Tables within each other that are told apart.
pub(super) const MOST_DEPTH: u32 = 16;
/// Lists from here on are marks of earlier versions, no lists.
const MOST_LIST: u16 = 0x07FE;

/// A paragraph's formatting.
#[derive(Debug, Clone, Default)]
pub(super) struct Format {
    pub(super) properties: ParagraphProperties,
    /// Index of the style.
    pub(super) style: u16,
    /// How many tables are around it.
    pub(super) depth: u32,
    /// It ends a row, a cell within a cell, a row there.
    pub(super) row_end: bool,
    pub(super) inner_cell: bool,
    pub(super) inner_row_end: bool,
    /// What the end of a row says about the row.
    pub(super) row: RowShape,
    /// Where in the stream of data the properties lie instead.
    pub(super) elsewhere: Option<u32>,
    /// How Word 6 numbers it.
    pub(super) old_number: u8,
    sides: u8,
    level_shift: i8,
}

impl Format {
    pub(super) fn of_style(style: u16) -> Self {
        Self { style, ..Self::default() }
    }

    /// Lays the properties in `sprms` over what is there.
    pub(super) fn apply(&mut self, sprms: &[u8], old: bool) {
        for sprm in Sprms::new(sprms, old) {
            self.apply_one(sprm, old);
        }
    }

    /// Lays one property over what is there.
    pub(super) fn apply_one(&mut self, sprm: Sprm<'_>, old: bool) {
        let on = sprm.byte() != 0;
        let properties = &mut self.properties;
        match sprm.number {
            0x4600 => self.style = sprm.word(),
            0x2602 => self.level_shift = sprm.byte() as i8,
            0x2403 | 0x2461 => {
                let logical = sprm.number == 0x2461;
                let right_to_left = properties.right_to_left == Some(true) && !logical;
                properties.justification = Some(match (sprm.byte(), right_to_left) {
                    (1, _) => Justification::Center,
                    (2, false) | (0, true) => Justification::End,
                    _ => Justification::Start,
                });
            }
            0x2441 => properties.right_to_left = Some(on),
            0x260A => properties.level = (sprm.byte() < 9).then(|| sprm.byte()),
            0x460B => {
                let list = sprm.word();
                properties.list = Some(if list <= MOST_LIST { u32::from(list) } else { 0 });
            }
            0x2640 => properties.outline = Some(sprm.byte().min(9)),
            0x840F | 0x845E | 0x845D => properties.left = Some(i32::from(sprm.short())),
            0x4610 => {
                let left = properties.left.unwrap_or_default();
                properties.left = Some((left + i32::from(sprm.short())).max(0));
            }
            0x8411 | 0x8460 => properties.first_line = Some(i32::from(sprm.short())),
            0x442D => properties.fill = Some(Paint(numbered_shade(sprm.word()))),
            0xC64D => properties.fill = Some(Paint(shade(sprm.value))),
            0x6424 | 0xC64E => self.side(sprm, 0, true),
            0x6425 | 0xC64F => self.side(sprm, 1, false),
            0x6426 | 0xC650 => self.side(sprm, 2, true),
            0x6427 | 0xC651 => self.side(sprm, 3, false),
            0x2416 => self.depth = if on { self.depth.max(1) } else { 0 },
            0x6649 => self.depth = sprm.long().min(MOST_DEPTH),
            0x664A => {
                let deeper = i64::from(self.depth) + i64::from(sprm.long() as i32);
                self.depth = deeper.clamp(0, i64::from(MOST_DEPTH)) as u32;
            }
            0x2417 => self.row_end = on,
            0x244B => self.inner_cell = on,
            0x244C => self.inner_row_end = on,
            0x6645 | 0x6646 => self.elsewhere = Some(sprm.long()),
            OLD_NUMBERING => self.old_number = sprm.byte(),
            number if number >> 10 & 7 == 5 => self.row.apply(sprm, old),
            _ => {}
        }
    }

    /// A line at a side of the paragraph; 0 is above, then around against the clock.
    fn side(&mut self, sprm: Sprm<'_>, side: u8, across: bool) {
        // The older kind has width and kind of line first, the later one the colour.
        let at = if sprm.value.len() > 4 { 5 } else { 1 };
        let kind = sprm.value.get(at).copied().unwrap_or_default();
        let there = kind != 0 && kind != 0xFF;
        let bit = 1 << side;
        self.sides = if there { self.sides | bit } else { self.sides & !bit };
        let properties = &mut self.properties;
        if across || properties.ruled.is_none() {
            properties.ruled = Some(self.sides & 0b101 != 0);
        }
        properties.boxed = Some(self.sides == 0b1111);
    }

    /// Level of the list once the whole is known.
    pub(super) fn settle(&mut self) {
        if self.level_shift != 0
            && let Some(level) = self.properties.level
        {
            let shifted = i16::from(level) + i16::from(self.level_shift);
            self.properties.level = Some(shifted.clamp(0, 8) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_tables_and_lists_are_read() {
        let mut format = Format::of_style(3);
        format.apply(
            &[
                0x16, 0x24, 1, 0x49, 0x66, 2, 0, 0, 0, 0x4B, 0x24, 1, 0x0B, 0x46, 5, 0, 0x0A, 0x26,
                1, 0x0F, 0x84, 0xD0, 2,
            ],
            false,
        );
        assert_eq!((format.depth, format.inner_cell, format.row_end), (2, true, false));
        assert_eq!((format.properties.list, format.properties.level), (Some(5), Some(1)));
        assert_eq!(format.properties.left, Some(720));
        format.apply(&[0x0B, 0x46, 0xFF, 0xFF], false);
        assert_eq!(format.properties.list, Some(0));
    }

    #[test]
    fn lines_are_told_from_boxes() {
        let mut format = Format::default();
        format.apply(&[0x26, 0x64, 4, 1, 0, 0], false);
        assert_eq!((format.properties.ruled, format.properties.boxed), (Some(true), Some(false)));
        for side in [0x24, 0x25, 0x27] {
            format.apply(&[side, 0x64, 4, 1, 0, 0], false);
        }
        assert_eq!(format.properties.boxed, Some(true));
    }
}
