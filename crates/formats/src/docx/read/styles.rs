//! The style sheet: what each style says once everything it is based on is taken in, and what a
//! paragraph in it means.

use std::collections::HashMap;

use super::properties::{attribute, number, read_paragraph, read_run, switch};
use crate::Error;
use crate::ooxml::{Event, Scanner};
use crate::word_flow::look::RunStyle;
use crate::word_flow::properties::{ParagraphProperties, RunProperties};
use crate::word_flow::role::{Role, folded, is_code, is_link, role_of};

/// Styles in one chain; longer ones are circles.
const MOST_BASES: usize = 64;
/// Styles read; Word itself knows some 4,000.
const MOST_STYLES: usize = 50_000;

/// A style.
#[derive(Debug, Clone, Default)]
pub(super) struct Style {
    /// Names in small letters without blanks, the shown one and the id.
    names: [String; 2],
    id: String,
    base: Option<String>,
    pub(super) paragraph: ParagraphProperties,
    pub(super) run: RunProperties,
    pub(super) role: Role,
    /// For characters: code. For characters: a link.
    pub(super) code: bool,
    pub(super) link: bool,
    /// For tables: the first row, the first column look different.
    pub(super) first_row: bool,
    pub(super) first_column: bool,
}

impl Style {
    /// What it says as a style of characters.
    pub(super) const fn as_run_style(&self) -> RunStyle {
        RunStyle { run: self.run, link: self.link, code: self.code }
    }
}

/// All styles.
#[derive(Debug, Default)]
pub(super) struct StyleSheet {
    styles: Vec<Style>,
    paragraphs: HashMap<String, u32>,
    characters: HashMap<String, u32>,
    tables: HashMap<String, u32>,
    lists: HashMap<String, u32>,
    default_paragraph: Option<u32>,
    default_table: Option<u32>,
    /// What holds where no style says anything.
    pub(super) run_defaults: RunProperties,
    pub(super) paragraph_defaults: ParagraphProperties,
}

impl StyleSheet {
    /// Reads the part `styles`.
    pub(super) fn read(scanner: &mut Scanner<'_>) -> Result<Self, Error> {
        let mut sheet = Self::default();
        // Styles name others before those are read, so names of run styles are found later.
        loop {
            match scanner.next()? {
                Event::Start => match scanner.name() {
                    b"rPrDefault" | b"pPrDefault" | b"docDefaults" | b"styles" => {}
                    b"rPr" => sheet.run_defaults = read_run(scanner, &|_| None)?,
                    b"pPr" => {
                        sheet.paragraph_defaults = read_paragraph(scanner, &|_| None, &|_| None)?;
                    }
                    b"style" => sheet.read_style(scanner)?,
                    _ => scanner.skip_element()?,
                },
                Event::Eof => break,
                Event::End | Event::Text => {}
            }
        }
        sheet.resolve();
        Ok(sheet)
    }

    fn read_style(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let kind = attribute(scanner, b"type").unwrap_or_default();
        let id = attribute(scanner, b"styleId").unwrap_or_default();
        let default = scanner.prefixed_attribute(b"default").is_some_and(|value| value != "0");
        let mut style = Style { id: id.clone(), ..Style::default() };
        style.names[1] = folded(&id);
        let inside = scanner.depth();
        loop {
            match scanner.next()? {
                Event::Start => match scanner.name() {
                    b"name" => {
                        style.names[0] = folded(&attribute(scanner, b"val").unwrap_or_default());
                    }
                    b"basedOn" => style.base = attribute(scanner, b"val"),
                    b"rPr" => style.run = read_run(scanner, &|_| None)?,
                    b"pPr" => style.paragraph = read_paragraph(scanner, &|_| None, &|_| None)?,
                    b"tblStylePr" => {
                        let which = attribute(scanner, b"type").unwrap_or_default();
                        let bold = conditional_bold(scanner)?;
                        style.first_row |= bold && which == "firstRow";
                        style.first_column |= bold && which == "firstCol";
                    }
                    _ => scanner.skip_element()?,
                },
                Event::End if scanner.depth() < inside => break,
                Event::End | Event::Text => {}
                Event::Eof => return Err(Error::damaged("an XML part is cut off")),
            }
        }
        if self.styles.len() >= MOST_STYLES {
            return Ok(());
        }
        let index = self.styles.len() as u32;
        let ids = match kind.as_str() {
            "character" => &mut self.characters,
            "table" => &mut self.tables,
            "numbering" => &mut self.lists,
            _ => &mut self.paragraphs,
        };
        ids.entry(id).or_insert(index);
        if default {
            match kind.as_str() {
                "paragraph" => self.default_paragraph = Some(index),
                "table" => self.default_table = Some(index),
                _ => {}
            }
        }
        self.styles.push(style);
        Ok(())
    }

    /// Takes into each style what it is based on.
    fn resolve(&mut self) {
        let maps = [&self.paragraphs, &self.characters, &self.tables, &self.lists];
        let mut resolved = self.styles.clone();
        for map in maps {
            for index in map.values() {
                let Some(style) = resolved.get_mut(*index as usize) else { continue };
                style.role = role_of(&style.names);
                style.code = is_code(&style.names);
                style.link = is_link(&style.names);
                let mut base = style.base.clone();
                for _ in 0..MOST_BASES {
                    let Some(next) = base.as_ref().and_then(|id| map.get(id)) else { break };
                    let Some(found) = self.styles.get(*next as usize) else { break };
                    style.paragraph = style.paragraph.over(found.paragraph);
                    style.run = style.run.over(found.run);
                    style.first_row |= found.first_row;
                    style.first_column |= found.first_column;
                    style.code |= is_code(&found.names);
                    style.link |= is_link(&found.names);
                    if style.role == Role::Body {
                        style.role = role_of(&found.names);
                    }
                    base.clone_from(&found.base);
                }
                if let (Role::Heading(_), Some(9)) = (style.role, style.paragraph.outline) {
                    style.role = Role::Body;
                } else if let (Role::Body, Some(level @ 0..=8)) =
                    (style.role, style.paragraph.outline)
                {
                    style.role = Role::Heading(level + 1);
                }
            }
        }
        self.styles = resolved;
    }

    fn get(&self, index: Option<u32>) -> Option<&Style> {
        self.styles.get(index? as usize)
    }

    /// The paragraph style of an index, or the default one.
    pub(super) fn paragraph(&self, index: Option<u32>) -> Option<&Style> {
        self.get(index.or(self.default_paragraph))
    }

    /// The character style of an index.
    pub(super) fn character(&self, index: Option<u32>) -> Option<&Style> {
        self.get(index)
    }

    /// The table style of an id, or the default one.
    pub(super) fn table(&self, id: Option<&str>) -> Option<&Style> {
        let index = id.and_then(|id| self.tables.get(id)).copied();
        self.get(index.or(self.default_table))
    }

    /// Index of a paragraph style.
    pub(super) fn paragraph_index(&self, id: &str) -> Option<u32> {
        self.paragraphs.get(id).copied()
    }

    /// Index of a character style.
    pub(super) fn character_index(&self, id: &str) -> Option<u32> {
        self.characters.get(id).copied()
    }

    /// The instance of a list that a numbering style is about.
    pub(super) fn list_of(&self, id: &str) -> Option<u32> {
        self.get(self.lists.get(id).copied())?.paragraph.list
    }

    /// The id of a paragraph style.
    pub(super) fn id_of(&self, index: Option<u32>) -> &str {
        self.paragraph(index).map_or("", |style| &style.id)
    }
}

/// Whether the conditional format that just started makes text bold.
fn conditional_bold(scanner: &mut Scanner<'_>) -> Result<bool, Error> {
    let mut bold = false;
    super::properties::each(scanner, |scanner| {
        if scanner.name() == b"b" {
            bold = switch(scanner);
        }
    })?;
    Ok(bold)
}

/// Used by the numbering part: the number in an attribute of this name.
pub(super) fn value(scanner: &Scanner<'_>) -> Option<i32> {
    number(scanner, b"val")
}
