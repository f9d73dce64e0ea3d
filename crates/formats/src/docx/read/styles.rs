//! The style sheet: what each style says once everything it is based on is taken in, and what a
//! paragraph in it means.

use std::collections::HashMap;

use super::properties::{
    ParagraphProperties, RunProperties, attribute, number, read_paragraph, read_run, switch,
};
use crate::Error;
use crate::ooxml::{Event, Scanner};

/// Styles in one chain; longer ones are circles.
const MOST_BASES: usize = 64;
/// Styles read; Word itself knows some 4,000.
const MOST_STYLES: usize = 50_000;

/// What a paragraph is by its style.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Role {
    #[default]
    Body,
    /// 1 to 9.
    Heading(u8),
    Title,
    Subtitle,
    Code,
    Quote,
    Caption,
    /// An entry of a table of contents.
    Contents,
}

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

/// Small letters without blanks, lines and dashes, so that `Heading 1` equals `heading1`.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Beginnings of names of heading styles in the languages word processors come in; the level follows.
const HEADINGS: [&str; 30] = [
    "heading",
    "überschrift",
    "berschrift",
    "titre",
    "título",
    "titulo",
    "ttulo",
    "titolo",
    "intestazione",
    "kop",
    "rubrik",
    "overskrift",
    "otsikko",
    "nagłówek",
    "nagwek",
    "nadpis",
    "címsor",
    "cmsor",
    "заголовок",
    "başlık",
    "balk",
    "επικεφαλίδα",
    "标题",
    "標題",
    "見出し",
    "제목",
    "tiêuđề",
    "naslov",
    "antraštė",
    "judul",
];

fn role_of(names: &[String; 2]) -> Role {
    for name in names {
        for start in HEADINGS {
            let level = name.strip_prefix(start).and_then(|rest| rest.chars().next());
            let whole = name.strip_prefix(start).is_some_and(|rest| {
                rest.len() == 1 || rest.get(1..).is_some_and(|rest| rest.starts_with(','))
            });
            if let (Some(level @ '1'..='9'), true) = (level, whole) {
                return Role::Heading(level as u8 - b'0');
            }
        }
        match name.as_str() {
            "title" | "titel" | "titre" | "título" | "titolo" | "标题" | "標題" | "表題"
            | "제목" | "название" => return Role::Title,
            "subtitle"
            | "untertitel"
            | "soustitre"
            | "subtítulo"
            | "sottotitolo"
            | "副标题"
            | "副標題"
            | "副題"
            | "부제"
            | "подзаголовок" => return Role::Subtitle,
            "quote" | "intensequote" | "blockquote" | "blocktext" | "quotations" | "zitat"
            | "citation" | "cita" | "引用" | "明显引用" | "인용" | "цитата" => {
                return Role::Quote;
            }
            "caption" | "beschriftung" | "légende" | "题注" | "標號" | "図表番号"
            | "imagecaption" | "tablecaption" => return Role::Caption,
            _ => {}
        }
        let contents = name.strip_prefix("toc").or_else(|| name.strip_prefix("contents"));
        if contents.is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit()) {
            return Role::Contents;
        }
        if is_code_paragraph(name) {
            return Role::Code;
        }
    }
    Role::Body
}

fn is_code_paragraph(name: &str) -> bool {
    matches!(
        name,
        "code"
            | "codeblock"
            | "sourcecode"
            | "source"
            | "htmlpreformatted"
            | "preformattedtext"
            | "preformatted"
            | "macrotext"
            | "macro"
            | "listing"
            | "codelisting"
            | "program"
            | "programlisting"
            | "verbatim"
            | "codesnippet"
            | "codeparagraph"
            | "代码"
            | "程序代码"
            | "代码块"
            | "ソースコード"
            | "htmlvorformatiert"
            | "htmlpréformaté"
    )
}

fn is_code(names: &[String; 2]) -> bool {
    names.iter().any(|name| {
        matches!(
            name.as_str(),
            "code"
                | "codecharacters"
                | "codechar"
                | "inlinecode"
                | "codeinline"
                | "verbatimchar"
                | "verbatim"
                | "sourcetext"
                | "htmlcode"
                | "htmltypewriter"
                | "htmlkeyboard"
                | "htmlsample"
                | "codetext"
                | "codeintext"
                | "sourcecodechar"
                | "teletype"
                | "行内代码"
        )
    })
}

fn is_link(names: &[String; 2]) -> bool {
    names.iter().any(|name| {
        matches!(name.as_str(), "hyperlink" | "followedhyperlink" | "internetlink" | "超链接")
    })
}

/// Used by the numbering part: the number in an attribute of this name.
pub(super) fn value(scanner: &Scanner<'_>) -> Option<i32> {
    number(scanner, b"val")
}
