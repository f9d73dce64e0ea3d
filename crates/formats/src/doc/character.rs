//! Formatting of characters: single properties laid over what is there.

use super::fonts::Fonts;
use super::sprm::{OLD_SYMBOL, Sprm, Sprms};
use crate::word_flow::palette;
use crate::word_flow::properties::{Paint, RunProperties};

/// What a run says of itself, beside how it looks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Character {
    pub(super) run: RunProperties,
    /// Bold, italic, struck, hidden: the opposite of what the styles say.
    pub(super) opposite: [bool; 4],
    /// Characters below 32 and a few others stand for something.
    pub(super) special: bool,
    /// It stands for data of a field that is not shown.
    pub(super) data: bool,
    pub(super) inserted: bool,
    pub(super) deleted: bool,
    /// Where in the stream of data the picture lies.
    pub(super) picture: Option<u32>,
    /// Number of the font.
    pub(super) font: Option<u16>,
    /// Number of a font, and the code of its sign.
    pub(super) sign: Option<(u16, u16)>,
}

/// Colours by number ([MS-DOC] 2.9.119), from 1.
const COLOURS: [[u8; 3]; 16] = [
    [0, 0, 0],
    [0, 0, 255],
    [0, 255, 255],
    [0, 255, 0],
    [255, 0, 255],
    [255, 0, 0],
    [255, 255, 0],
    [255, 255, 255],
    [0, 0, 128],
    [0, 128, 128],
    [0, 128, 0],
    [128, 0, 128],
    [128, 0, 0],
    [128, 128, 0],
    [128, 128, 128],
    [192, 192, 192],
];

/// Names of the highlighters, by the same numbers (ISO/IEC 29500-1, 17.18.40).
const HIGHLIGHTS: [&str; 16] = [
    "black",
    "blue",
    "cyan",
    "green",
    "magenta",
    "red",
    "yellow",
    "white",
    "darkBlue",
    "darkCyan",
    "darkGreen",
    "darkMagenta",
    "darkRed",
    "darkYellow",
    "darkGray",
    "lightGray",
];

fn numbered(number: u8) -> Option<[u8; 3]> {
    COLOURS.get(usize::from(number).checked_sub(1)?).copied()
}

fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("{red:02X}{green:02X}{blue:02X}")
}

/// A colour of red, green, blue and a byte that is not 0 where none is meant.
fn named(bytes: &[u8]) -> Option<[u8; 3]> {
    match bytes {
        [red, green, blue, 0, ..] => Some([*red, *green, *blue]),
        _ => None,
    }
}

/// The colour behind something ([MS-DOC] 2.9.249).
pub(super) fn shade(value: &[u8]) -> Option<[u8; 3]> {
    let pattern = crate::compound::bytes::u16_at(value, 8)?;
    match pattern {
        1 => named(value),
        0xFFFF => None,
        _ => named(value.get(4..)?),
    }
}

/// The colour behind something, by numbers ([MS-DOC] 2.9.250).
pub(super) fn numbered_shade(value: u16) -> Option<[u8; 3]> {
    if value == 0xFFFF {
        return None;
    }
    let (front, back, pattern) = (value & 0x1F, (value >> 5) & 0x1F, value >> 10);
    numbered(if pattern == 1 { front } else { back } as u8)
}

impl Character {
    /// Lays the properties in `sprms` over what is there.
    pub(super) fn apply(&mut self, sprms: &[u8], old: bool, fonts: &Fonts) {
        for sprm in Sprms::new(sprms, old) {
            self.apply_one(sprm, fonts);
        }
    }

    /// Lays one property over what is there.
    pub(super) fn apply_one(&mut self, sprm: Sprm<'_>, fonts: &Fonts) {
        let on = sprm.byte() != 0;
        let run = &mut self.run;
        match sprm.number {
            0x0800 => self.deleted = on,
            0x0801 => self.inserted = on,
            0x0806 => self.data = on,
            0x0855 => self.special = on,
            0x0835 => toggle(&mut run.bold, &mut self.opposite[0], sprm.byte()),
            0x0836 => toggle(&mut run.italic, &mut self.opposite[1], sprm.byte()),
            0x0837 | 0x2A53 => toggle(&mut run.strike, &mut self.opposite[2], sprm.byte()),
            0x083C => toggle(&mut run.hidden, &mut self.opposite[3], sprm.byte()),
            0x2A3E => run.underline = Some(on),
            0x2A48 => run.raised = Some(on),
            0x2A42 => paint(run, numbered(sprm.byte())),
            0x6870 => paint(run, named(sprm.value)),
            0x2A0C => {
                let name = usize::from(sprm.byte()).checked_sub(1);
                let name = name.and_then(|index| HIGHLIGHTS.get(index));
                run.highlight = Some(Paint(name.and_then(|name| palette::highlight(name))));
            }
            0x4866 => {
                let found = numbered_shade(sprm.word());
                run.shading = Some(Paint(found.and_then(|found| palette::background(&hex(found)))));
            }
            0xCA71 => {
                let found = shade(sprm.value);
                run.shading = Some(Paint(found.and_then(|found| palette::background(&hex(found)))));
            }
            0x4A4F => {
                self.font = Some(sprm.word());
                run.face = Some(fonts.face(sprm.word()));
            }
            0x4A30 => run.style = Some(u32::from(sprm.word())),
            0x6A03 => {
                self.picture = Some(sprm.long());
                self.special = true;
            }
            0x6A09 => {
                let code = crate::compound::bytes::u16_at(sprm.value, 2).unwrap_or_default();
                self.sign = Some((sprm.word(), code));
                self.special = true;
            }
            OLD_SYMBOL => {
                let code = sprm.value.get(2).copied().map_or(0, u16::from);
                self.sign = Some((sprm.word(), code));
                self.special = true;
            }
            // Back to what the style says; marks of the text itself stay.
            0x2A33 => {
                *run = RunProperties { style: run.style, ..RunProperties::default() };
                self.opposite = [false; 4];
            }
            _ => {}
        }
    }
}

fn paint(run: &mut RunProperties, colour: Option<[u8; 3]>) {
    let colour = colour.map(hex).unwrap_or_default();
    run.link_blue = palette::is_link_blue(&colour);
    run.color = Some(Paint(palette::text(&colour)));
}

/// A property that may refer to what the styles say ([MS-DOC] 2.9.327).
fn toggle(own: &mut Option<bool>, opposite: &mut bool, value: u8) {
    (*own, *opposite) = match value {
        0x80 => (None, false),
        0x81 => (None, true),
        other => (Some(other != 0), false),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_are_laid_over_each_other() {
        let mut found = Character::default();
        let sprms = [
            0x35, 0x08, 1, 0x36, 0x08, 0x81, 0x3E, 0x2A, 1, 0x42, 0x2A, 6, 0x0C, 0x2A, 7, 0x55,
            0x08, 1,
        ];
        found.apply(&sprms, false, &Fonts::default());
        assert_eq!((found.run.bold, found.run.italic), (Some(true), None));
        assert_eq!((found.opposite, found.special), ([false, true, false, false], true));
        assert_eq!(found.run.color.and_then(|paint| paint.0), Some(1));
        assert_eq!(found.run.highlight.and_then(|paint| paint.0), Some(10));
        found.apply(&[0x33, 0x2A, 0, 0x35, 0x08, 0], false, &Fonts::default());
        assert_eq!((found.run.bold, found.run.underline), (Some(false), None));
    }

    #[test]
    fn shades_are_colours() {
        assert_eq!(numbered_shade(7 << 5), Some([255, 255, 0]));
        assert_eq!(numbered_shade(6 | 1 << 10), Some([255, 0, 0]));
        assert_eq!([numbered_shade(0), numbered_shade(0xFFFF)], [None, None]);
        assert_eq!(shade(&[0, 0, 0, 255, 1, 2, 3, 0, 0, 0]), Some([1, 2, 3]));
    }
}
