//! The style sheet of a workbook: cell formats as the model's styles, without repetitions.

use std::collections::HashMap;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{Border, CellStyle, Font, Horizontal, Vertical};

use super::colors::Colors;
use crate::Error;
use crate::ooxml::{Event, Scanner, Whole, decode_xstring};
use crate::sheet_flow::number_formats::built_in;
use crate::sheet_flow::style_list::{StyleList, format_code, shortened};

/// Fonts, fills, borders and number formats kept of each kind.
const MOST_PARTS: usize = 100_000;
/// Cell formats a cell may refer to.
const MOST_FORMATS: usize = 1_000_000;

/// Styles and how cells refer to them.
#[derive(Debug)]
pub(super) struct Styles {
    /// The styles; index 0 is the book's default.
    pub(super) list: StyleList,
    /// For each cell format of the file its style.
    formats: Vec<u32>,
}

impl Default for Styles {
    fn default() -> Self {
        let mut list = StyleList::default();
        list.add(CellStyle::default());
        Self { list, formats: vec![0] }
    }
}

impl Styles {
    /// The style of a cell format's number.
    pub(super) fn of_format(&self, format: u32) -> u32 {
        self.formats.get(format as usize).copied().unwrap_or(0)
    }

    /// Reads the style sheet, an XML part in UTF-8.
    pub(super) fn read(
        xml: Vec<u8>,
        depth: usize,
        colors: &mut Colors,
        losses: &mut Losses,
    ) -> Result<Self, Error> {
        if memchr::memmem::find(&xml, b"indexedColors").is_some() {
            let palette = read_palette(xml.clone(), depth)?;
            colors.set_palette(&palette);
        }
        let mut sheet = StyleSheet::new(colors, losses);
        let mut whole = Whole::new(xml);
        let mut scanner = Scanner::new(&mut whole, depth);
        loop {
            match scanner.next()? {
                Event::Start => match scanner.name() {
                    b"numFmt" => sheet.number_format(&scanner),
                    b"fonts" => sheet.fonts(&mut scanner)?,
                    b"fills" => sheet.fills(&mut scanner)?,
                    b"borders" => sheet.borders(&mut scanner)?,
                    b"cellXfs" => sheet.cell_formats(&mut scanner)?,
                    b"styleSheet" | b"numFmts" => {}
                    _ => scanner.skip_element()?,
                },
                Event::Eof => break,
                Event::End | Event::Text => {}
            }
        }
        Ok(sheet.finish())
    }
}

fn read_palette(xml: Vec<u8>, depth: usize) -> Result<Vec<u32>, Error> {
    let mut whole = Whole::new(xml);
    let mut scanner = Scanner::new(&mut whole, depth);
    let mut palette = Vec::new();
    loop {
        match scanner.next()? {
            Event::Start if scanner.name() == b"rgbColor" && palette.len() < 256 => {
                let value = scanner.attribute(b"rgb").unwrap_or_default();
                palette.push(u32::from_str_radix(value.trim(), 16).unwrap_or(0));
            }
            Event::Eof => return Ok(palette),
            _ => {}
        }
    }
}

/// The parts of the style sheet while it is read.
struct StyleSheet<'c> {
    colors: &'c Colors,
    losses: &'c mut Losses,
    number_formats: HashMap<u32, String>,
    fonts: Vec<Font>,
    fills: Vec<String>,
    borders: Vec<[Border; 4]>,
    styles: Styles,
    /// Style of each combination of parts met.
    by_parts: HashMap<FormatParts, u32>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
struct FormatParts {
    number_format: u32,
    font: u32,
    fill: u32,
    border: u32,
    horizontal: u8,
    vertical: u8,
    wrap: bool,
}

const HORIZONTALS: [Horizontal; 4] =
    [Horizontal::General, Horizontal::Left, Horizontal::Center, Horizontal::Right];
const VERTICALS: [Vertical; 3] = [Vertical::Bottom, Vertical::Middle, Vertical::Top];

impl<'c> StyleSheet<'c> {
    fn new(colors: &'c Colors, losses: &'c mut Losses) -> Self {
        Self {
            colors,
            losses,
            number_formats: HashMap::new(),
            fonts: Vec::new(),
            fills: Vec::new(),
            borders: Vec::new(),
            styles: Styles { list: StyleList::default(), formats: Vec::new() },
            by_parts: HashMap::new(),
        }
    }

    fn finish(self) -> Styles {
        if self.styles.list.list.is_empty() { Styles::default() } else { self.styles }
    }

    fn lose(&mut self, what: &str) {
        self.losses.add(LossKind::FormattingDropped, "styles", what);
    }

    fn number_format(&mut self, scanner: &Scanner<'_>) {
        let id = attribute_number(scanner, b"numFmtId");
        if let (Some(id), Some(code)) = (id, scanner.attribute(b"formatCode"))
            && self.number_formats.len() < MOST_PARTS
        {
            let mut code = code.into_owned();
            decode_xstring(&mut code, 0);
            self.number_formats.insert(id, shortened(&code));
        }
    }

    fn fonts(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let depth = scanner.depth();
        let mut font = Font::default();
        loop {
            match scanner.next()? {
                Event::Start => {
                    if scanner.name() == b"font" {
                        font = Font::default();
                    } else if font_property(scanner, self.colors, &mut font) {
                        self.lose("raised and lowered text");
                    }
                }
                Event::End if scanner.depth() < depth => return Ok(()),
                Event::End if scanner.name() == b"font" && self.fonts.len() < MOST_PARTS => {
                    self.fonts.push(std::mem::take(&mut font));
                }
                Event::Eof => return Ok(()),
                Event::End | Event::Text => {}
            }
        }
    }

    fn fills(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let depth = scanner.depth();
        let (mut pattern, mut front, mut back) = (String::new(), String::new(), String::new());
        loop {
            match scanner.next()? {
                Event::Start => match scanner.name() {
                    b"fill" => {
                        pattern.clear();
                        front.clear();
                        back.clear();
                    }
                    b"patternFill" => {
                        let name = scanner.attribute(b"patternType").unwrap_or_default();
                        pattern = shortened(&name);
                    }
                    b"gradientFill" => "gradient".clone_into(&mut pattern),
                    b"fgColor" => front = self.colors.of(scanner),
                    b"bgColor" => back = self.colors.of(scanner),
                    // The first stop of a gradient stands for all of it.
                    b"color" if front.is_empty() => front = self.colors.of(scanner),
                    _ => {}
                },
                Event::End if scanner.depth() < depth => return Ok(()),
                Event::End if scanner.name() == b"fill" && self.fills.len() < MOST_PARTS => {
                    let fill = match pattern.as_str() {
                        "" | "none" => String::new(),
                        "solid" => std::mem::take(&mut front),
                        // Every file has this one as its second fill, used or not.
                        "gray125" if back.is_empty() && self.fills.len() == 1 => String::new(),
                        "gradient" => {
                            self.lose("gradient fills");
                            std::mem::take(&mut front)
                        }
                        _ => {
                            self.lose("pattern fills");
                            std::mem::take(&mut back)
                        }
                    };
                    self.fills.push(fill);
                }
                Event::Eof => return Ok(()),
                Event::End | Event::Text => {}
            }
        }
    }

    fn borders(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let depth = scanner.depth();
        let mut lines: [Border; 4] = <[Border; 4]>::default();
        let mut side = None;
        loop {
            match scanner.next()? {
                Event::Start => {
                    let name = scanner.name();
                    side = match name {
                        b"top" => Some(0),
                        b"right" | b"end" => Some(1),
                        b"bottom" => Some(2),
                        b"left" | b"start" => Some(3),
                        b"color" => side,
                        _ => None,
                    };
                    let line = scanner
                        .attribute(b"style")
                        .filter(|line| line != "none")
                        .map(|line| shortened(&line));
                    match (name, side, line) {
                        (b"border", ..) => lines = <[Border; 4]>::default(),
                        (b"color", Some(side), _) => lines[side].color = self.colors.of(scanner),
                        (b"diagonal", _, Some(_)) => self.lose("diagonal borders"),
                        (_, Some(side), Some(line)) => lines[side].line = line,
                        _ => {}
                    }
                }
                Event::End if scanner.depth() < depth => return Ok(()),
                Event::End if scanner.name() == b"border" && self.borders.len() < MOST_PARTS => {
                    for line in &mut lines {
                        if line.line.is_empty() {
                            line.color.clear();
                        }
                    }
                    self.borders.push(std::mem::take(&mut lines));
                }
                Event::Eof => return Ok(()),
                Event::End | Event::Text => {}
            }
        }
    }

    fn cell_formats(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let depth = scanner.depth();
        let mut parts = FormatParts::default();
        loop {
            match scanner.next()? {
                Event::Start => match scanner.name() {
                    b"xf" => {
                        let number = |name| attribute_number(scanner, name).unwrap_or(0);
                        parts = FormatParts {
                            number_format: number(b"numFmtId"),
                            font: number(b"fontId"),
                            fill: number(b"fillId"),
                            border: number(b"borderId"),
                            ..FormatParts::default()
                        };
                    }
                    b"alignment" => self.alignment(scanner, &mut parts),
                    _ => {}
                },
                Event::End if scanner.depth() < depth => return Ok(()),
                Event::End if scanner.name() == b"xf" => self.cell_format(parts),
                Event::Eof => return Ok(()),
                Event::End | Event::Text => {}
            }
        }
    }

    fn alignment(&mut self, scanner: &Scanner<'_>, parts: &mut FormatParts) {
        let text = |name| scanner.attribute(name).unwrap_or_default();
        let (horizontal, vertical) = (text(b"horizontal"), text(b"vertical"));
        parts.horizontal = match &*horizontal {
            "left" | "fill" | "justify" => 1,
            "center" | "centerContinuous" | "distributed" => 2,
            "right" => 3,
            _ => 0,
        };
        parts.vertical = match &*vertical {
            "center" | "distributed" => 1,
            "top" | "justify" => 2,
            _ => 0,
        };
        parts.wrap = matches!(&*text(b"wrapText"), "1" | "true");
        let number = |name| attribute_number(scanner, name).unwrap_or(0);
        let (rotated, indented) = (number(b"textRotation") > 0, number(b"indent") > 0);
        let stretched =
            matches!(&*horizontal, "fill" | "justify" | "centerContinuous" | "distributed")
                || matches!(&*vertical, "justify" | "distributed");
        for (found, what) in
            [(rotated, "rotated text"), (indented, "indents"), (stretched, "justified alignment")]
        {
            if found {
                self.lose(what);
            }
        }
    }

    fn cell_format(&mut self, parts: FormatParts) {
        if self.styles.formats.len() >= MOST_FORMATS {
            return;
        }
        let style = if let Some(&style) = self.by_parts.get(&parts) {
            style
        } else {
            let style = self.style_of(parts);
            self.by_parts.insert(parts, style);
            style
        };
        self.styles.formats.push(style);
    }

    fn style_of(&mut self, parts: FormatParts) -> u32 {
        let code = self.number_formats.get(&parts.number_format);
        let code = code.map_or_else(|| built_in(parts.number_format), String::as_str);
        let style = CellStyle {
            number_format: format_code(code).to_owned(),
            font: self.fonts.get(parts.font as usize).cloned().unwrap_or_default(),
            fill: self.fills.get(parts.fill as usize).cloned().unwrap_or_default(),
            horizontal: HORIZONTALS[usize::from(parts.horizontal)],
            vertical: VERTICALS[usize::from(parts.vertical)],
            wrap: parts.wrap,
            borders: self.borders.get(parts.border as usize).cloned().unwrap_or_default(),
        };
        self.styles.list.add(style).unwrap_or_else(|| {
            self.lose("cell styles beyond 65,000");
            0
        })
    }
}

/// Reads a property of a font or of a run of text, the element that just started. Says whether it is one
/// that fonts here do not have.
pub(super) fn font_property(scanner: &Scanner<'_>, colors: &Colors, font: &mut Font) -> bool {
    let on = || !matches!(scanner.attribute(b"val").as_deref(), Some("0" | "false" | "none"));
    match scanner.name() {
        b"b" => font.bold = on(),
        b"i" => font.italic = on(),
        b"u" => font.underline = on(),
        b"strike" => font.strikethrough = on(),
        b"name" | b"rFont" => {
            font.name = shortened(&scanner.attribute(b"val").unwrap_or_default());
        }
        b"sz" => {
            let size = scanner.attribute(b"val");
            font.size_pt = size
                .and_then(|size| size.trim().parse().ok())
                .filter(|size| (1.0..=409.0).contains(size))
                .unwrap_or(0.0);
        }
        // The theme's dark colour is the default of text.
        b"color"
            if scanner.attribute(b"theme").as_deref() == Some("1")
                && scanner.attribute(b"tint").is_none() => {}
        b"color" => font.color = colors.of(scanner),
        b"vertAlign" => return true,
        _ => {}
    }
    false
}

fn attribute_number(scanner: &Scanner<'_>, name: &[u8]) -> Option<u32> {
    scanner.attribute(name)?.trim().parse().ok()
}
