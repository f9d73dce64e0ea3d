//! How cells look: fonts, number formats, colours and what cells refer to them by, as every generation
//! keeps them ([MS-XLS] 2.4.122, 2.4.126, 2.4.353).

use std::collections::HashMap;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{Border, CellStyle, Font, Horizontal, Vertical};

use super::code_page::CodePage;
use super::records::{Biff, Records};
use super::text::{Length, Pieces};
use crate::compound::bytes::{u8_at, u16_at, u32_at};
use crate::sheet_flow::number_formats::built_in;
use crate::sheet_flow::palette::standard_palette;
use crate::sheet_flow::style_list::{LINES, StyleList, format_code, shortened};

#[derive(Debug, Clone, Default)]
struct RawFont {
    font: Font,
    color: u16,
    raised: bool,
}

/// A line by its number, and its colour.
type RawLine = (u8, u16);

/// A cell format as a file describes it.
#[derive(Debug, Clone, Copy, Default)]
struct RawFormat {
    font: u16,
    number_format: u16,
    /// Whether it is a named style, which no cell refers to.
    is_style: bool,
    horizontal: u8,
    vertical: u8,
    wrap: bool,
    rotated: bool,
    indented: bool,
    diagonal: bool,
    /// Top, right, bottom, left.
    lines: [RawLine; 4],
    pattern: u8,
    front: u16,
    back: u16,
}

/// The parts of styles while they are read.
#[derive(Debug)]
pub(super) struct StyleParts {
    biff: Biff,
    palette: Vec<u32>,
    fonts: Vec<RawFont>,
    number_formats: HashMap<u16, String>,
    formats: Vec<RawFormat>,
    /// What cells of Excel 2 say of themselves.
    attributes: HashMap<[u8; 2], u32>,
}

/// How cells refer to styles.
#[derive(Debug, Default)]
pub(super) struct CellFormats {
    formats: Vec<u32>,
    attributes: HashMap<[u8; 2], u32>,
    looks: Vec<Font>,
}

impl CellFormats {
    /// The look of text in the font of a number, where there is such a font.
    pub(super) fn look(&self, font: u16) -> Option<Font> {
        self.looks.get(font_place(font)).cloned()
    }

    /// The style of a cell format's number.
    pub(super) fn of_number(&self, number: u16) -> u32 {
        self.formats.get(usize::from(number)).copied().unwrap_or(0)
    }

    /// The style of what a cell of Excel 2 says of itself.
    pub(super) fn of_attributes(&self, attributes: [u8; 2]) -> u32 {
        self.attributes.get(&attributes).copied().unwrap_or(0)
    }
}

impl StyleParts {
    pub(super) fn new(biff: Biff) -> Self {
        Self {
            biff,
            palette: standard_palette(),
            fonts: Vec::new(),
            number_formats: HashMap::new(),
            formats: Vec::new(),
            attributes: HashMap::new(),
        }
    }

    /// Reads the font at hand. Answers its set of characters, where fonts have one.
    pub(super) fn font(&mut self, records: &mut Records<'_>, page: &CodePage) -> Option<u8> {
        let body = records.body();
        let (height, flags) = (u16_at(body, 0)?, u16_at(body, 2)?);
        let is_old = self.biff < Biff::V5;
        let color = if self.biff == Biff::V2 { 0x7FFF } else { u16_at(body, 4)? };
        let charset = if is_old { None } else { u8_at(body, 12) };
        let bold = if is_old { flags & 1 != 0 } else { u16_at(body, 6)? >= 600 };
        let underline = if is_old { flags & 4 != 0 } else { u8_at(body, 10)? != 0 };
        let raised = !is_old && u16_at(body, 8)? != 0;
        let at = match self.biff {
            Biff::V2 => 4,
            Biff::V3 | Biff::V4 => 6,
            Biff::V5 | Biff::V8 => 14,
        };
        let mut name = String::new();
        Pieces::new(records, at).text(self.biff, Length::Short, page, &mut name);
        let size_pt = f64::from(height) / 20.0;
        let font = Font {
            name: shortened(&name),
            size_pt: if (1.0..=409.0).contains(&size_pt) { size_pt } else { 0.0 },
            bold,
            italic: flags & 2 != 0,
            underline,
            strikethrough: flags & 8 != 0,
            color: String::new(),
        };
        self.fonts.push(RawFont { font, color, raised });
        charset
    }

    /// The look of text in the font of a number, where there is such a font.
    pub(super) fn look(&self, font: u16) -> Option<Font> {
        self.look_at(font_place(font))
    }

    /// Whether text in the font of a number is raised or lowered.
    pub(super) fn is_raised(&self, font: u16) -> bool {
        self.fonts.get(font_place(font)).is_some_and(|raw| raw.raised)
    }

    fn look_at(&self, place: usize) -> Option<Font> {
        let raw = self.fonts.get(place)?;
        Some(Font { color: self.color(raw.color), ..raw.font.clone() })
    }

    /// Reads the colour of the font before, which Excel 2 keeps beside it.
    pub(super) fn font_color(&mut self, body: &[u8]) {
        if let (Some(font), Some(color)) = (self.fonts.last_mut(), u16_at(body, 0)) {
            font.color = color;
        }
    }

    /// Reads the number format at hand.
    pub(super) fn number_format(&mut self, records: &mut Records<'_>, page: &CodePage) {
        let (at, length) = match self.biff {
            Biff::V2 | Biff::V3 => (0, Length::Short),
            Biff::V4 | Biff::V5 => (2, Length::Short),
            Biff::V8 => (2, Length::Long),
        };
        // Old formats count in the order in which they stand.
        let number = if self.biff < Biff::V5 {
            u16::try_from(self.number_formats.len()).ok()
        } else {
            u16_at(records.body(), 0)
        };
        let mut code = String::new();
        Pieces::new(records, at).text(self.biff, length, page, &mut code);
        if let Some(number) = number {
            self.number_formats.insert(number, shortened(&code));
        }
    }

    /// Reads the colours of the palette at hand.
    pub(super) fn set_palette(&mut self, body: &[u8]) {
        let colors = body.get(2..).unwrap_or_default().as_chunks::<4>().0;
        // The first eight colours are nobody's to change.
        for (slot, [red, green, blue, _]) in self.palette.iter_mut().skip(8).zip(colors) {
            *slot = u32::from_be_bytes([0, *red, *green, *blue]);
        }
    }

    /// Reads the cell format at hand.
    pub(super) fn cell_format(&mut self, body: &[u8]) {
        let format = match self.biff {
            Biff::V2 => format_of_2(body),
            Biff::V3 | Biff::V4 => format_of_3_and_4(body, self.biff),
            Biff::V5 => format_of_5(body),
            Biff::V8 => format_of_8(body),
        };
        self.formats.push(format.unwrap_or_default());
    }

    /// Notes what a cell of Excel 2 says of itself.
    pub(super) fn note_attributes(&mut self, attributes: [u8; 2]) {
        self.attributes.entry(attributes).or_default();
    }

    /// Adds the styles to `list`, that of ordinary cells first, and says how cells refer to them.
    pub(super) fn finish(self, list: &mut StyleList, losses: &mut Losses) -> CellFormats {
        let ordinary = self.formats.iter().find(|format| !format.is_style).copied();
        if self.biff == Biff::V2 {
            self.add([0, 0].into(), list, losses);
        } else if let Some(ordinary) = ordinary {
            self.add(ordinary, list, losses);
        } else {
            list.add(CellStyle::default());
        }
        let mut known: Vec<[u8; 2]> = self.attributes.keys().copied().collect();
        known.sort_unstable();
        let formats = &self.formats;
        CellFormats {
            formats: formats.iter().map(|format| self.add(*format, list, losses)).collect(),
            attributes: known
                .into_iter()
                .map(|attributes| (attributes, self.add(attributes.into(), list, losses)))
                .collect(),
            looks: (0..self.fonts.len()).filter_map(|place| self.look_at(place)).collect(),
        }
    }

    fn add(&self, format: RawFormat, list: &mut StyleList, losses: &mut Losses) -> u32 {
        if format.is_style {
            return 0;
        }
        let mut lose = |what: &str| losses.add(LossKind::FormattingDropped, "styles", what);
        let raw = self.fonts.get(font_place(format.font)).cloned().unwrap_or_default();
        let stretched = matches!(format.horizontal, 4..=7) || matches!(format.vertical, 3 | 4);
        let patterned = format.pattern > 1;
        for (found, what) in [
            (raw.raised, "raised and lowered text"),
            (format.rotated, "rotated text"),
            (format.indented, "indents"),
            (stretched, "justified alignment"),
            (format.diagonal, "diagonal borders"),
            (patterned, "pattern fills"),
        ] {
            if found {
                lose(what);
            }
        }
        let code = match self.number_formats.get(&format.number_format) {
            Some(code) => code.as_str(),
            None if self.biff < Biff::V5 => "",
            None => built_in(u32::from(format.number_format)),
        };
        let style = CellStyle {
            number_format: format_code(code).to_owned(),
            font: Font { color: self.color(raw.color), ..raw.font },
            fill: match format.pattern {
                0 => String::new(),
                1 => self.color(format.front),
                _ => self.color(format.back),
            },
            horizontal: match format.horizontal {
                1 | 4 | 5 => Horizontal::Left,
                2 | 6 | 7 => Horizontal::Center,
                3 => Horizontal::Right,
                _ => Horizontal::General,
            },
            vertical: match format.vertical {
                0 | 3 => Vertical::Top,
                1 | 4 => Vertical::Middle,
                _ => Vertical::Bottom,
            },
            wrap: format.wrap,
            borders: format.lines.map(|(line, color)| self.border(line, color)),
        };
        list.add(style).unwrap_or_else(|| {
            lose("cell styles beyond 65,000");
            0
        })
    }

    fn border(&self, line: u8, color: u16) -> Border {
        // Lines are numbered in this order ([MS-XLS] 2.5.15), from 1 on.
        let line = match line {
            0 => "",
            number => LINES.get(usize::from(number) - 1).copied().unwrap_or("thin"),
        };
        if line.is_empty() {
            return Border::default();
        }
        Border { line: line.to_owned(), color: self.color(color) }
    }

    /// The colour of a number, `rrggbb`; empty for the system's own.
    fn color(&self, number: u16) -> String {
        let is_system = matches!(self.biff, Biff::V3 | Biff::V4) && number >= 24;
        let color = self.palette.get(usize::from(number)).filter(|_| !is_system);
        color.map(|color| format!("{color:06x}")).unwrap_or_default()
    }
}

/// Where the font of a number stands among the fonts. Nobody has a font number 4.
fn font_place(number: u16) -> usize {
    let number = usize::from(number);
    if number > 4 { number - 1 } else { number }
}

/// `count` bits of `word` from bit `from` on.
const fn bits(word: u32, from: u32, count: u32) -> u16 {
    (word >> from & ((1 << count) - 1)) as u16
}

/// What a cell of Excel 2 says of itself, or a cell format of its.
impl From<[u8; 2]> for RawFormat {
    fn from([numbers, look]: [u8; 2]) -> Self {
        let line = |flag: u8| if look & flag == 0 { (0, 0) } else { (1, 0) };
        Self {
            font: u16::from(numbers >> 6),
            number_format: u16::from(numbers & 0x3F),
            horizontal: look & 7,
            vertical: 2,
            lines: [line(0x20), line(0x10), line(0x40), line(0x08)],
            pattern: if look & 0x80 == 0 { 0 } else { 2 },
            ..Self::default()
        }
    }
}

fn format_of_2(body: &[u8]) -> Option<RawFormat> {
    let (font, number, look) = (u8_at(body, 0)?, u8_at(body, 2)?, u8_at(body, 3)?);
    Some(RawFormat { font: font.into(), ..RawFormat::from([number & 0x3F, look]) })
}

fn format_of_3_and_4(body: &[u8], biff: Biff) -> Option<RawFormat> {
    let align = u8_at(body, 4)?;
    let (fill, lines) = (u32::from(u16_at(body, 6)?), u32_at(body, 8)?);
    let line = |from: u32| (bits(lines, from, 3) as u8, bits(lines, from + 3, 5));
    Some(RawFormat {
        font: u8_at(body, 0)?.into(),
        number_format: u8_at(body, 1)?.into(),
        is_style: u8_at(body, 2)? & 4 != 0,
        horizontal: align & 7,
        vertical: if biff == Biff::V4 { align >> 4 & 3 } else { 2 },
        wrap: align & 8 != 0,
        rotated: biff == Biff::V4 && align >> 6 != 0,
        lines: [line(0), line(24), line(16), line(8)],
        pattern: bits(fill, 0, 6) as u8,
        front: bits(fill, 6, 5),
        back: bits(fill, 11, 5),
        ..RawFormat::default()
    })
}

fn format_of_5(body: &[u8]) -> Option<RawFormat> {
    let align = u8_at(body, 6)?;
    let (fill, lines) = (u32_at(body, 8)?, u32_at(body, 12)?);
    Some(RawFormat {
        font: u16_at(body, 0)?,
        number_format: u16_at(body, 2)?,
        is_style: u16_at(body, 4)? & 4 != 0,
        horizontal: align & 7,
        vertical: align >> 4 & 7,
        wrap: align & 8 != 0,
        rotated: u8_at(body, 7)? & 3 != 0,
        lines: [
            (bits(lines, 0, 3) as u8, bits(lines, 9, 7)),
            (bits(lines, 6, 3) as u8, bits(lines, 23, 7)),
            (bits(fill, 22, 3) as u8, bits(fill, 25, 7)),
            (bits(lines, 3, 3) as u8, bits(lines, 16, 7)),
        ],
        pattern: bits(fill, 16, 6) as u8,
        front: bits(fill, 0, 7),
        back: bits(fill, 7, 7),
        ..RawFormat::default()
    })
}

fn format_of_8(body: &[u8]) -> Option<RawFormat> {
    let align = u8_at(body, 6)?;
    let (near, far) = (u32_at(body, 10)?, u32_at(body, 14)?);
    let colors = u32::from(u16_at(body, 18)?);
    Some(RawFormat {
        font: u16_at(body, 0)?,
        number_format: u16_at(body, 2)?,
        is_style: u16_at(body, 4)? & 4 != 0,
        horizontal: align & 7,
        vertical: align >> 4 & 7,
        wrap: align & 8 != 0,
        rotated: u8_at(body, 7)? != 0,
        indented: u8_at(body, 8)? & 0x0F != 0,
        diagonal: near >> 30 != 0 && bits(far, 21, 4) != 0,
        lines: [
            (bits(near, 8, 4) as u8, bits(far, 0, 7)),
            (bits(near, 4, 4) as u8, bits(near, 23, 7)),
            (bits(near, 12, 4) as u8, bits(far, 7, 7)),
            (bits(near, 0, 4) as u8, bits(near, 16, 7)),
        ],
        pattern: bits(far, 26, 6) as u8,
        front: bits(colors, 0, 7),
        back: bits(colors, 7, 7),
    })
}
