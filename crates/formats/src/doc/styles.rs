//! The style sheet: what each style says once everything it is based on is taken in, and what a
//! paragraph in it means ([MS-DOC] 2.9.271).

use encoding_rs::Encoding;

use super::character::Character;
use super::fonts::Fonts;
use super::paragraph::Format;
use crate::compound::bytes::{u8_at, u16_at, utf16_at};
use crate::word_flow::look::RunStyle;
use crate::word_flow::properties::{ParagraphProperties, RunProperties};
use crate::word_flow::role::{Role, folded, is_code, is_link, role_of};

/// Styles in one chain; longer ones are circles.
const MOST_BASES: usize = 32;
/// Styles of a sheet ([MS-DOC] 2.9.273).
const MOST_STYLES: usize = 0x0FFE;
/// Index of the style that is none.
const NONE: u16 = 0x0FFF;

/// A style.
#[derive(Debug, Clone, Default)]
pub(super) struct Style {
    names: [String; 2],
    /// Number of the style among those every Word has.
    known: u16,
    base: u16,
    pub(super) paragraph: ParagraphProperties,
    pub(super) run: RunStyle,
    pub(super) role: Role,
    font: Option<u16>,
}

/// All styles, by index.
#[derive(Debug, Default)]
pub(super) struct StyleSheet {
    styles: Vec<Style>,
}

impl StyleSheet {
    /// Reads the sheet; that of Word 6 has names of one byte a character.
    pub(super) fn read(bytes: &[u8], old: Option<&'static Encoding>, fonts: &Fonts) -> Self {
        let head = u16_at(bytes, 0).map_or(0, usize::from);
        let count = u16_at(bytes, 2).map_or(0, usize::from).min(MOST_STYLES);
        let base_bytes = u16_at(bytes, 4).map_or(10, usize::from);
        let mut at = 2 + head;
        let mut styles = Vec::new();
        for _ in 0..count {
            let Some(length) = u16_at(bytes, at).map(usize::from) else { break };
            let end = (at + 2 + length).min(bytes.len());
            let entry = bytes.get(at + 2..end).unwrap_or_default();
            styles.push(read_style(entry, base_bytes, old, fonts).unwrap_or_default());
            // Entries start at even places of the sheet.
            at += 2 + length + length % 2;
        }
        let mut sheet = Self { styles };
        sheet.resolve();
        sheet
    }

    /// Takes into each style what it is based on.
    fn resolve(&mut self) {
        let mut resolved = self.styles.clone();
        for style in &mut resolved {
            style.role = role_of_style(style);
            style.run.code = is_code(&style.names);
            style.run.link = is_link(&style.names) || matches!(style.known, 85 | 86);
            let mut base = style.base;
            for _ in 0..MOST_BASES {
                let Some(found) = self.styles.get(usize::from(base)) else { break };
                style.paragraph = style.paragraph.over(found.paragraph);
                style.run.run = style.run.run.over(found.run.run);
                style.run.code |= is_code(&found.names);
                style.run.link |= is_link(&found.names);
                if style.role == Role::Body {
                    style.role = role_of_style(found);
                }
                base = found.base;
            }
            match (style.role, style.paragraph.outline) {
                (Role::Heading(_), Some(9)) => style.role = Role::Body,
                (Role::Body, Some(level @ 0..=8)) => style.role = Role::Heading(level + 1),
                _ => {}
            }
        }
        self.styles = resolved;
    }

    /// The style of an index; the first one is that of plain text.
    pub(super) fn get(&self, index: u16) -> Option<&Style> {
        self.styles.get(usize::from(index)).or_else(|| self.styles.first())
    }

    /// The style of characters of an index, if that is one.
    pub(super) fn character(&self, index: Option<u32>) -> Option<RunStyle> {
        self.styles.get(index? as usize).map(|style| style.run)
    }

    /// The font of plain text.
    pub(super) fn plain_font(&self) -> Option<u16> {
        self.styles.first()?.font
    }

    /// How characters look where nothing says anything: the font of plain text.
    pub(super) fn defaults(&self) -> RunProperties {
        let face = self.styles.first().and_then(|style| style.run.run.face);
        RunProperties { face, ..RunProperties::default() }
    }
}

/// What a paragraph in this style is: the number says so in every language, else the name may.
fn role_of_style(style: &Style) -> Role {
    match style.known {
        level @ 1..=9 => Role::Heading(level as u8),
        // Entries of a table of contents are text that links to headings.
        19..=27 => Role::Body,
        34 => Role::Caption,
        45 | 101 => Role::Code,
        62 => Role::Title,
        74 => Role::Subtitle,
        84 | 180 | 181 => Role::Quote,
        _ => role_of(&style.names),
    }
}

fn read_style(
    entry: &[u8],
    base_bytes: usize,
    old: Option<&'static Encoding>,
    fonts: &Fonts,
) -> Option<Style> {
    let known = u16_at(entry, 0)? & 0x0FFF;
    let kind_and_base = u16_at(entry, 2)?;
    let (kind, base) = (kind_and_base & 0xF, kind_and_base >> 4);
    let count = u16_at(entry, 4)? & 0xF;
    let mut at = base_bytes;
    let name = if let Some(encoding) = old {
        let length = usize::from(u8_at(entry, at)?);
        let name = entry.get(at + 1..at + 1 + length)?;
        at += 2 + length;
        encoding.decode_without_bom_handling(name).0.into_owned()
    } else {
        let length = usize::from(u16_at(entry, at)?);
        let name = utf16_at(entry, at + 2, length);
        at += 4 + 2 * length;
        name
    };
    let mut style =
        Style { known, base: if base == NONE { u16::MAX } else { base }, ..Style::default() };
    // Further names follow the first one behind commas.
    let mut names = name.split(',').map(folded);
    style.names = [names.next().unwrap_or_default(), names.next().unwrap_or_default()];
    for index in 0..count {
        at += at % 2;
        let Some(length) = u16_at(entry, at).map(usize::from) else { break };
        let end = (at + 2 + length).min(entry.len());
        let sprms = entry.get(at + 2..end).unwrap_or_default();
        at += 2 + length;
        match (kind, index) {
            (1 | 4, 0) | (3, 1) => {
                let mut format = Format::default();
                format.apply(sprms.get(2..).unwrap_or_default(), old.is_some());
                format.settle();
                style.paragraph = format.properties;
            }
            (1, 1) | (2, 0) | (3, 2) => {
                let mut character = Character::default();
                character.apply(sprms, old.is_some(), fonts);
                style.run.run = character.run;
                style.font = character.font;
            }
            _ => {}
        }
    }
    Some(style)
}
