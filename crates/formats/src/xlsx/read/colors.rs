//! Colours as styles name them: by value, by theme and tint, or by a number in a palette.

use crate::Error;
use crate::ooxml::{Event, Feed, Scanner};
use crate::sheet_flow::palette::standard_palette;

/// What numbers and themes stand for in one workbook.
#[derive(Debug, Clone)]
pub(super) struct Colors {
    theme: Vec<u32>,
    palette: Vec<u32>,
}

/// The Office theme, in the order in which styles count: light 1, dark 1, light 2, dark 2, accents,
/// link, followed link.
const OFFICE_THEME: [u32; 12] = [
    0xff_ffff, 0x00_0000, 0xe7_e6e6, 0x44_546a, 0x44_72c4, 0xed_7d31, 0xa5_a5a5, 0xff_c000,
    0x5b_9bd5, 0x70_ad47, 0x05_63c1, 0x95_4f72,
];

impl Default for Colors {
    fn default() -> Self {
        Self { theme: OFFICE_THEME.to_vec(), palette: standard_palette() }
    }
}

impl Colors {
    /// Takes the theme's colours from its part.
    pub(super) fn read_theme(&mut self, feed: &mut dyn Feed, depth: usize) -> Result<(), Error> {
        let mut scanner = Scanner::new(feed, depth);
        let mut slot = None;
        loop {
            match scanner.next()? {
                Event::Start => {
                    slot = match scanner.local() {
                        b"lt1" => Some(0),
                        b"dk1" => Some(1),
                        b"lt2" => Some(2),
                        b"dk2" => Some(3),
                        b"accent1" => Some(4),
                        b"accent2" => Some(5),
                        b"accent3" => Some(6),
                        b"accent4" => Some(7),
                        b"accent5" => Some(8),
                        b"accent6" => Some(9),
                        b"hlink" => Some(10),
                        b"folHlink" => Some(11),
                        b"srgbClr" | b"sysClr" => {
                            let value = scanner
                                .attribute(b"lastClr")
                                .or_else(|| scanner.attribute(b"val"))
                                .and_then(|value| u32::from_str_radix(&value, 16).ok());
                            if let (Some(slot), Some(value)) = (slot.take(), value) {
                                self.theme[slot] = value & 0xff_ffff;
                            }
                            None
                        }
                        _ => None,
                    };
                }
                Event::End if scanner.local() == b"clrScheme" => return Ok(()),
                Event::Eof => return Ok(()),
                Event::End | Event::Text => {}
            }
        }
    }

    /// Replaces the palette, entry by entry from the first.
    pub(super) fn set_palette(&mut self, colors: &[u32]) {
        for (slot, &color) in self.palette.iter_mut().zip(colors) {
            *slot = color & 0xff_ffff;
        }
    }

    /// The colour of the element that just started, `rrggbb`; empty for automatic and unknown ones.
    pub(super) fn of(&self, scanner: &Scanner<'_>) -> String {
        let number = |name: &[u8]| scanner.attribute(name)?.trim().parse::<usize>().ok();
        let value = if let Some(value) = scanner.attribute(b"rgb") {
            u32::from_str_radix(value.trim(), 16).ok()
        } else if let Some(index) = number(b"theme") {
            self.theme.get(index).copied()
        } else {
            number(b"indexed").and_then(|index| self.palette.get(index).copied())
        };
        let Some(value) = value else { return String::new() };
        let tint = scanner.attribute(b"tint").and_then(|tint| tint.trim().parse().ok());
        let value = tint.map_or(value, |tint| tinted(value, tint));
        format!("{:06x}", value & 0xff_ffff)
    }
}

/// Lightens (`tint` up to 1) or darkens (down to -1) in the HSL space (ECMA-376 part 1, 18.8.19).
fn tinted(color: u32, tint: f64) -> u32 {
    if tint == 0.0 || !(-1.0..=1.0).contains(&tint) {
        return color;
    }
    let [red, green, blue] = [16, 8, 0].map(|shift| f64::from((color >> shift) as u8) / 255.0);
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    let (light, span) = (f64::midpoint(most, least), most - least);
    let saturation = if span == 0.0 { 0.0 } else { span / (1.0 - (2.0 * light - 1.0).abs()) };
    let sextant = if span == 0.0 {
        0.0
    } else if most <= red {
        ((green - blue) / span).rem_euclid(6.0)
    } else if most <= green {
        (blue - red) / span + 2.0
    } else {
        (red - green) / span + 4.0
    };
    let light = if tint < 0.0 { light * (1.0 + tint) } else { light * (1.0 - tint) + tint };
    let chroma = (1.0 - (2.0 * light - 1.0).abs()) * saturation;
    let second = chroma * (1.0 - (sextant.rem_euclid(2.0) - 1.0).abs());
    let parts = match sextant as u32 {
        0 => [chroma, second, 0.0],
        1 => [second, chroma, 0.0],
        2 => [0.0, chroma, second],
        3 => [0.0, second, chroma],
        4 => [second, 0.0, chroma],
        _ => [chroma, 0.0, second],
    };
    let base = light - chroma / 2.0;
    parts.iter().fold(0, |color, part| {
        color << 8 | ((part + base) * 255.0).round().clamp(0.0, 255.0) as u32
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tints_match_those_that_excel_shows() {
        assert_eq!(tinted(0x44_72c4, 0.799_981_688_894_314_4), 0xda_e3f3);
        assert_eq!(tinted(0xff_ffff, -0.149_998_474_074_526_2), 0xd9_d9d9);
        assert_eq!(tinted(0x00_0000, 0.5), 0x80_8080);
        assert_eq!(tinted(0xed_7d31, -0.249_977_111_117_893), 0xc5_5a11);
        assert_eq!(tinted(0x12_3456, 0.0), 0x12_3456);
    }
}
