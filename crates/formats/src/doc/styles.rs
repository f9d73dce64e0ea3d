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
    /// Bold, italic, struck, hidden: the opposite of what the style it is based on says.
    opposite: [bool; 4],
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
            style.run.run.bold = self.toggled(style, 0, |run| run.bold);
            style.run.run.italic = self.toggled(style, 1, |run| run.italic);
            style.run.run.strike = self.toggled(style, 2, |run| run.strike);
            style.run.run.hidden = self.toggled(style, 3, |run| run.hidden);
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

    /// What a style says of a property that may be the opposite of what it is based on.
    fn toggled(
        &self,
        style: &Style,
        which: usize,
        own: fn(&RunProperties) -> Option<bool>,
    ) -> Option<bool> {
        let mut turned = false;
        let mut next = Some(style);
        for _ in 0..=MOST_BASES {
            let Some(style) = next else { break };
            if let Some(said) = own(&style.run.run) {
                return Some(said ^ turned);
            }
            turned ^= style.opposite[which];
            next = self.styles.get(usize::from(style.base));
        }
        turned.then_some(true)
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
                style.opposite = character.opposite;
                style.font = character.font;
            }
            _ => {}
        }
    }
    Some(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A paragraph style as a sheet of Word 97 has it.
    fn entry(base: u16, run: &[u8]) -> Vec<u8> {
        let mut entry = Vec::new();
        for word in [0x0FFE, 1 | base << 4, 2, 0, 0, 1, u16::from(b'x'), 0, 2, 0] {
            entry.extend(u16::to_le_bytes(word));
        }
        entry.extend((run.len() as u16).to_le_bytes());
        entry.extend(run);
        let mut counted = (entry.len() as u16).to_le_bytes().to_vec();
        counted.extend(&entry);
        counted.resize(counted.len().next_multiple_of(2), 0);
        counted
    }

    fn sheet(entries: &[Vec<u8>]) -> StyleSheet {
        let mut bytes = Vec::new();
        for word in [4, entries.len() as u16, 10] {
            bytes.extend(u16::to_le_bytes(word));
        }
        bytes.extend(entries.concat());
        StyleSheet::read(&bytes, None, &Fonts::default())
    }

    #[test]
    fn a_style_may_say_the_opposite_of_its_base() {
        const HIDDEN: [u8; 3] = [0x3C, 0x08, 0x81];
        const BOLD: [u8; 3] = [0x35, 0x08, 1];
        const OTHERWISE_BOLD: [u8; 3] = [0x35, 0x08, 0x81];
        let sheet = sheet(&[
            entry(NONE, &[]),
            entry(0, &HIDDEN),
            entry(1, &HIDDEN),
            entry(2, &BOLD),
            entry(3, &OTHERWISE_BOLD),
            entry(4, &[]),
        ]);
        let said = |index| sheet.get(index).map(|style| (style.run.run.hidden, style.run.run.bold));
        assert_eq!(said(0), Some((None, None)));
        assert_eq!(said(1), Some((Some(true), None)));
        assert!(said(2).is_some_and(|(hidden, _)| hidden != Some(true)));
        assert_eq!(said(3).and_then(|said| said.1), Some(true));
        assert_eq!(said(5).and_then(|said| said.1), Some(false));
    }
}
