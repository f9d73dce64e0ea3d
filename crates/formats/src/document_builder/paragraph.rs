//! Text on its way into a paragraph: runs, line breaks, equations, and the limit of its length.

use larkspur_model::document::{
    Align, Block, CodeLanguage, Content, Inline, InlineStyle, Text, TextStyle,
};
use larkspur_model::loss::LossKind;

use super::address::link_addresses;
use super::{DocumentBuilder, FrameKind, equation};

/// What a paragraph becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParagraphKind {
    /// Plain text, or the text of the item it stands in.
    Text,
    /// A heading of this level.
    Heading(u8),
    /// A code block.
    Code(Option<CodeLanguage>),
}

pub(super) struct Paragraph {
    kind: ParagraphKind,
    text: Text,
    /// UTF-16 units so far.
    units: usize,
    /// The limit is reached; what follows is dropped.
    cut: bool,
    /// Blank space of the source that becomes a space, or nothing, once text follows.
    gap: Gap,
    /// Style of the text that the blank space belongs to.
    gap_style: InlineStyle,
    /// Pictures that stood within; a heading cannot hold them.
    after: Vec<Block>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Space,
    /// A line end of the source; nothing between two Chinese or Japanese characters.
    LineEnd,
}

impl Paragraph {
    fn new(kind: ParagraphKind, align: Align) -> Self {
        let style = match kind {
            ParagraphKind::Code(language) => TextStyle { language, ..TextStyle::default() },
            _ => TextStyle { align, ..TextStyle::default() },
        };
        Self {
            kind,
            text: Text { style, elements: Vec::new() },
            units: 0,
            cut: false,
            gap: Gap::None,
            gap_style: InlineStyle::default(),
            after: Vec::new(),
        }
    }

    fn last_char(&self) -> Option<char> {
        match self.text.elements.last()? {
            Inline::Run { content, .. } => content.chars().next_back(),
            _ => Some('x'),
        }
    }

    /// Whether `text` fits; else what of it does.
    fn fit<'t>(&mut self, text: &'t str, most: usize) -> &'t str {
        // Each byte of UTF-8 is at most one unit of UTF-16.
        if self.units + text.len() <= most {
            self.units += text.bytes().map(units_begun).sum::<usize>();
            return text;
        }
        for (at, character) in text.char_indices() {
            if self.units + character.len_utf16() > most {
                self.cut = true;
                return text.get(..at).unwrap_or_default();
            }
            self.units += character.len_utf16();
        }
        text
    }

    fn append(&mut self, text: &str, style: &InlineStyle) {
        if text.is_empty() {
            return;
        }
        if let Some(Inline::Run { content, style: last }) = self.text.elements.last_mut()
            && last == style
        {
            content.push_str(text);
        } else {
            self.text.elements.push(Inline::styled(text, style.clone()));
        }
    }

    /// Takes blanks off the end, and runs that held nothing else.
    fn trim_end(&mut self) {
        while let Some(Inline::Run { content, style }) = self.text.elements.last_mut() {
            if style.inline_code {
                break;
            }
            let kept = content.trim_end_matches([' ', '\t', '\n', '\r']).len();
            content.truncate(kept);
            if kept > 0 {
                break;
            }
            self.text.elements.pop();
        }
    }
}

/// Units of UTF-16 of the character that a byte of UTF-8 begins; none for a byte within one.
fn units_begun(byte: u8) -> usize {
    usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0)
}

/// Whether a line end next to this character is no word boundary: Chinese and Japanese are written
/// without spaces.
fn is_spaceless(character: char) -> bool {
    matches!(u32::from(character),
        0x2E80..=0x312F | 0x3190..=0xA4CF | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFFEF
        | 0x20000..=0x3FFFF | 0x2018..=0x201D | 0x2026 | 0x2014)
}

impl DocumentBuilder<'_, '_> {
    /// Begins a paragraph; ends the one that is open.
    pub(crate) fn begin_paragraph(&mut self, kind: ParagraphKind) {
        self.end_paragraph();
        let align = self.top().align;
        self.paragraph = Some(Paragraph::new(kind, align));
    }

    /// Begins a paragraph that stands at `align`.
    pub(crate) fn begin_aligned(&mut self, kind: ParagraphKind, align: Align) {
        self.begin_paragraph(kind);
        if let Some(paragraph) = &mut self.paragraph {
            paragraph.text.style.align = align;
        }
    }

    /// Begins a paragraph with this alignment, indent and background.
    pub(crate) fn begin_styled(&mut self, kind: ParagraphKind, style: TextStyle) {
        self.begin_paragraph(kind);
        if let Some(paragraph) = &mut self.paragraph {
            paragraph.text.style = TextStyle { language: paragraph.text.style.language, ..style };
        }
    }

    fn open_paragraph(&mut self) -> &mut Paragraph {
        let align = self.top().align;
        self.paragraph.get_or_insert_with(|| Paragraph::new(ParagraphKind::Text, align))
    }

    /// Whether text would go into a code block, where blanks count.
    pub(crate) fn in_code(&self) -> bool {
        matches!(&self.paragraph, Some(Paragraph { kind: ParagraphKind::Code(_), .. }))
    }

    /// Gives the code block that is open its language.
    pub(crate) fn set_code_language(&mut self, language: CodeLanguage) {
        if let Some(paragraph) = &mut self.paragraph {
            paragraph.text.style.language = Some(language);
        }
    }

    /// Whether a paragraph is open that already holds something.
    pub(crate) fn has_text(&self) -> bool {
        self.paragraph.as_ref().is_some_and(|paragraph| !paragraph.text.elements.is_empty())
    }

    /// Text as it is, in the current style; begins a paragraph if none is open.
    pub(crate) fn text(&mut self, text: &str) {
        let style = std::mem::take(&mut self.style);
        self.styled_text(text, &style);
        self.style = style;
    }

    /// Text as it is, in `style`.
    pub(crate) fn styled_text(&mut self, text: &str, style: &InlineStyle) {
        if text.is_empty() || self.skipping > 0 {
            return;
        }
        let most = self.context.limits.paragraph_units;
        let paragraph = self.open_paragraph();
        if paragraph.cut {
            return;
        }
        let gap = std::mem::replace(&mut paragraph.gap, Gap::None);
        if gap != Gap::None
            && let Some(before) = paragraph.last_char()
        {
            let after = text.chars().next().unwrap_or(' ');
            let joins = gap == Gap::LineEnd && is_spaceless(before) && is_spaceless(after);
            if !joins && !matches!(before, '\n' | ' ') && paragraph.fit(" ", most) == " " {
                let style = std::mem::take(&mut paragraph.gap_style);
                paragraph.append(" ", &style);
            }
        }
        let fitting = paragraph.fit(text, most);
        paragraph.append(fitting, style);
        if paragraph.cut {
            self.context.lose(
                LossKind::ParagraphCut,
                "",
                format!("a paragraph of more than {most} UTF-16 units"),
            );
        }
    }

    /// Text in which a run of blanks stands for one space, as in HTML.
    pub(crate) fn collapsed_text(&mut self, text: &str) {
        let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}');
        let mut rest = text;
        while !rest.is_empty() {
            let word_at = rest.find(|c| !is_blank(c)).unwrap_or(rest.len());
            if word_at > 0 {
                let line_end = rest[..word_at].contains('\n');
                self.gap(if line_end { Gap::LineEnd } else { Gap::Space });
            }
            let words = &rest[word_at..];
            // Words with single spaces between them go in at once.
            let mut until = words.len();
            let mut previous_space = false;
            for (at, character) in words.char_indices() {
                let space = is_blank(character);
                if space && (character != ' ' || previous_space) {
                    until = if previous_space { at - 1 } else { at };
                    break;
                }
                previous_space = space;
            }
            if until == words.len() && previous_space {
                until -= 1;
            }
            self.text(&words[..until]);
            rest = &words[until..];
        }
    }

    fn gap(&mut self, gap: Gap) {
        if let Some(paragraph) = &mut self.paragraph
            && !paragraph.text.elements.is_empty()
            && paragraph.gap != Gap::LineEnd
        {
            paragraph.gap = gap;
            paragraph.gap_style = self.style.clone();
        }
    }

    /// A line end of the source within a paragraph.
    pub(crate) fn soft_break(&mut self) {
        self.gap(Gap::LineEnd);
    }

    /// A line end of the paragraph itself.
    pub(crate) fn hard_break(&mut self) {
        if let Some(paragraph) = &mut self.paragraph {
            paragraph.gap = Gap::None;
        }
        if self.has_text() {
            self.styled_text("\n", &InlineStyle::default());
        }
    }

    /// An equation. A displayed one gets a line of its own where the place allows that.
    pub(crate) fn equation(&mut self, latex: &str, display: bool) {
        if self.skipping > 0 {
            return;
        }
        let Some(element) = equation(latex, &self.style) else { return };
        let kind = self.open_paragraph().kind;
        let align = self.open_paragraph().text.style.align;
        let own_line = display
            && kind == ParagraphKind::Text
            && !matches!(
                self.top().kind,
                FrameKind::Item { settled: false, .. } | FrameKind::Cell(_)
            );
        if own_line {
            self.begin_aligned(kind, Align::Center);
        }
        let most = self.context.limits.paragraph_units;
        let paragraph = self.open_paragraph();
        if paragraph.gap != Gap::None && !paragraph.text.elements.is_empty() {
            paragraph.append(" ", &InlineStyle::default());
        }
        paragraph.gap = Gap::None;
        let units = latex.encode_utf16().count();
        if paragraph.cut || paragraph.units + units > most {
            paragraph.cut = true;
            self.context.lose(
                LossKind::ParagraphCut,
                "",
                format!("a paragraph of more than {most} UTF-16 units"),
            );
        } else {
            paragraph.units += units;
            paragraph.text.elements.push(element);
        }
        if own_line {
            self.begin_aligned(kind, align);
        }
    }

    /// Adds a block that breaks the text it stands in: before it and after it are paragraphs of
    /// their own; within a heading it follows the heading.
    pub(super) fn interrupt(&mut self, block: Block) {
        match &mut self.paragraph {
            Some(paragraph) if paragraph.kind != ParagraphKind::Text => paragraph.after.push(block),
            Some(paragraph) => {
                let (kind, align) = (paragraph.kind, paragraph.text.style.align);
                self.end_paragraph();
                self.settle_around();
                self.emit(block);
                self.begin_aligned(kind, align);
            }
            None => {
                self.settle_around();
                self.emit(block);
            }
        }
    }

    /// Something that is no text stands in the current item, perhaps within groups: its own text
    /// cannot follow any more.
    pub(super) fn settle_around(&mut self) {
        for frame in self.frames.iter_mut().rev() {
            match &mut frame.kind {
                FrameKind::Group(_) => {}
                FrameKind::Item { settled, .. } => {
                    *settled = true;
                    return;
                }
                _ => return,
            }
        }
    }

    /// Ends the paragraph that is open, if one is. A paragraph without anything in it vanishes.
    pub(crate) fn end_paragraph(&mut self) {
        let Some(mut paragraph) = self.paragraph.take() else { return };
        if self.skipping > 0 {
            return;
        }
        let kind = paragraph.kind;
        if matches!(kind, ParagraphKind::Code(_)) {
            if let Some(Inline::Run { content, .. }) = paragraph.text.elements.last_mut()
                && content.ends_with('\n')
            {
                content.pop();
            }
        } else {
            paragraph.trim_end();
            if self.link_bare_addresses {
                link_addresses(&mut paragraph.text);
            }
        }
        let text = paragraph.text;
        let empty = text.elements.is_empty();
        match kind {
            ParagraphKind::Text if empty => {}
            ParagraphKind::Text => self.emit_text(text),
            ParagraphKind::Heading(_) if empty && !paragraph.after.is_empty() => {}
            ParagraphKind::Heading(level) => {
                self.settle_around();
                self.emit(Block::new(Content::Heading { level, text }));
            }
            ParagraphKind::Code(_) => {
                self.settle_around();
                self.emit(Block::new(Content::Code(text)));
            }
        }
        for block in paragraph.after {
            self.emit(block);
        }
    }

    /// Puts a paragraph where it belongs: into the item it opens, or as a block.
    fn emit_text(&mut self, text: Text) {
        for frame in self.frames.iter_mut().rev() {
            match &mut frame.kind {
                FrameKind::Group(_) => {}
                FrameKind::Item { content, settled, .. } if !*settled => {
                    *settled = true;
                    if let Some(own) = content.text_mut() {
                        own.elements = text.elements;
                        own.style.align = text.style.align;
                        own.style.indented = text.style.indented;
                        own.style.background = text.style.background;
                    }
                    return;
                }
                _ => break,
            }
        }
        self.emit(Block::new(Content::Text(text)));
    }
}
