//! Paragraphs and tables, in order, into the builder: which paragraph is a heading, an item, code or a
//! quote, and which neighbours belong together.

use std::collections::HashMap;

use larkspur_model::document::{Align, Inline, InlineStyle, Text, TextStyle};
use larkspur_model::loss::LossKind;

use super::body::{Body, Chunk};
use super::numbering::{Item, Marker};
use super::palette;
use super::paragraph::{Look, Paragraph, Piece};
use super::properties::{Justification, ParagraphProperties};
use super::styles::Role;
use crate::document_builder::{CellShape, ParagraphKind, is_safe_link};
use crate::html_flow::HtmlFlow;

/// Twentieths of a point by which indents may differ and still be the same.
const TOLERANCE: i32 = 60;
/// Links of a document that are told apart.
const MOST_LINKS: usize = 1_000_000;

/// Shape of a table as its head says it.
#[derive(Debug, Clone, Default)]
pub(super) struct TableShape {
    pub(super) widths_px: Vec<u32>,
    /// The first row, the first column are headers.
    pub(super) headed: (bool, bool),
}

/// What happens next in the text.
pub(super) enum Step {
    Paragraph(Box<Paragraph>),
    OpenTable(TableShape),
    OpenRow,
    OpenCell(CellShape),
    CloseCell,
    CloseRow,
    CloseTable,
    /// Text of another format, by relationship.
    Chunk(String),
}

/// What is open in the builder.
#[derive(Default)]
pub(super) struct Flow {
    /// Steps that wait for the paragraph around a text box.
    pub(super) later: Vec<Step>,
    /// The place that is written to, and those around it.
    place: Place,
    around: Vec<Place>,
    /// Tables within a cell, which no cell of the platform holds.
    nested: usize,
    /// The next cell of a table within a cell goes on in the line of the one before.
    joins: bool,
    /// Tables open in the builder.
    tables: usize,
    links: Vec<String>,
    link_numbers: HashMap<String, u32>,
    /// Anchors of headings, by bookmark.
    anchors: HashMap<String, String>,
    anchor_counts: HashMap<String, usize>,
    /// Something was written.
    begun: bool,
    /// Words of the picture that was the last thing written.
    pub(super) last_caption: String,
}

/// What is open where paragraphs go.
#[derive(Default)]
struct Place {
    base: usize,
    lists: Vec<OpenList>,
    quote: bool,
    /// Code is open, and blank lines that may belong to it.
    code: Option<usize>,
}

struct OpenList {
    list: Option<u32>,
    level: u8,
    left: i32,
    ordered: bool,
    next: u32,
}

impl Flow {
    /// The number of a link.
    pub(super) fn link(&mut self, address: &str) -> u32 {
        let address = address.trim();
        if !is_safe_link(address) || self.links.len() >= MOST_LINKS {
            return 0;
        }
        let links = &mut self.links;
        *self.link_numbers.entry(address.to_owned()).or_insert_with_key(|address| {
            links.push(address.clone());
            links.len() as u32
        })
    }

    fn style(&self, look: Look) -> InlineStyle {
        InlineStyle {
            bold: look.bold,
            italic: look.italic,
            strikethrough: look.strike,
            underline: look.underline,
            inline_code: look.code,
            text_color: look.color,
            background_color: look.background,
            link: (look.link as usize)
                .checked_sub(1)
                .and_then(|index| self.links.get(index))
                .cloned(),
        }
    }

    /// Anchors of headings, by the bookmarks that stand in them.
    pub(super) fn take_anchors(&mut self) -> HashMap<String, String> {
        std::mem::take(&mut self.anchors)
    }
}

impl Body<'_, '_, '_> {
    /// Writes what comes next.
    pub(super) fn take(&mut self, step: Step) {
        match step {
            Step::Paragraph(paragraph) => self.take_paragraph(*paragraph),
            Step::OpenTable(_) if self.flow.tables > 0 || self.flow.nested > 0 => {
                self.flow.nested += 1;
                self.flow.joins = false;
                let what = "a table within a table; its text is there";
                self.builder.context.lose(LossKind::FormattingDropped, "", what);
            }
            Step::OpenTable(shape) => {
                self.close_place();
                self.flow.begun = true;
                self.flow.tables += 1;
                self.builder.open_table(shape.widths_px.len());
                self.builder.shape_table(shape.widths_px, shape.headed);
            }
            Step::OpenRow if self.flow.nested > 0 => self.flow.joins = false,
            Step::OpenRow => self.builder.open_row(),
            Step::OpenCell(_) | Step::CloseRow if self.flow.nested > 0 => {}
            Step::OpenCell(shape) => {
                self.builder.open_cell(shape, Align::Left);
                let base = self.builder.depth();
                let inside = Place { base, ..Place::default() };
                self.flow.around.push(std::mem::replace(&mut self.flow.place, inside));
            }
            Step::CloseCell if self.flow.nested > 0 => self.flow.joins = self.builder.has_text(),
            Step::CloseCell => {
                self.close_place();
                if let Some(around) = self.flow.around.pop() {
                    self.flow.place = around;
                    self.builder.close();
                }
            }
            Step::CloseRow => self.builder.close(),
            Step::CloseTable if self.flow.nested > 0 => {
                self.flow.nested -= 1;
                self.flow.joins = false;
                self.builder.end_paragraph();
            }
            Step::CloseTable => {
                self.flow.tables = self.flow.tables.saturating_sub(1);
                self.builder.close();
            }
            Step::Chunk(id) => self.take_chunk(&id),
        }
    }

    /// Begins a footnote.
    pub(super) fn begin_note(&mut self, label: &str) {
        self.close_place();
        self.builder.open_note(label);
        self.flow.place.base = self.builder.depth();
    }

    /// Ends a footnote.
    pub(super) fn close_note(&mut self) {
        if self.flow.place.base > 0 {
            self.close_place();
            self.builder.close();
            self.flow.place.base = 0;
        }
    }

    /// Ends whatever the text left open.
    pub(super) fn end_text(&mut self) {
        self.builder.end_paragraph();
        self.builder.close_to(0);
        self.flow.around.clear();
        self.flow.place = Place::default();
        (self.flow.tables, self.flow.nested) = (0, 0);
        self.tables = super::table::Tables::default();
    }

    fn close_place(&mut self) {
        self.builder.end_paragraph();
        self.builder.close_to(self.flow.place.base);
        self.flow.place.lists.clear();
        self.flow.place.quote = false;
        self.flow.place.code = None;
    }

    fn take_chunk(&mut self, id: &str) {
        self.close_place();
        match self.chunks.remove(id) {
            Some(Chunk::Html(source)) => {
                let mut html = HtmlFlow::default();
                let mark = html.enter();
                html.feed(&source, &mut self.builder);
                html.stop_dropping(&mut self.builder);
                html.close_to(mark, &mut self.builder);
                self.builder.close_to(self.flow.place.base);
            }
            Some(Chunk::Plain(text)) => {
                for line in text.lines() {
                    self.builder.begin_paragraph(ParagraphKind::Text);
                    self.builder.text(line);
                }
                self.builder.end_paragraph();
            }
            Some(Chunk::Missing) | None => {
                let what = "an included document of a kind that is not read within others";
                self.builder.context.lose(LossKind::FeatureDropped, "", what);
            }
        }
    }

    fn take_paragraph(&mut self, mut paragraph: Paragraph) {
        let style = self.styles.paragraph(paragraph.properties.style);
        let mut role = style.map_or(Role::Body, |style| style.role);
        match paragraph.properties.outline {
            Some(level @ 0..=8) if role != Role::Title => role = Role::Heading(level + 1),
            Some(9) if matches!(role, Role::Heading(_)) => role = Role::Body,
            _ => {}
        }
        let own_left = paragraph.properties.left;
        let all = paragraph
            .properties
            .over(style.map(|style| style.paragraph).unwrap_or_default())
            .over(self.styles.paragraph_defaults);
        let item = all.list.filter(|list| *list > 0).and_then(|list| {
            let id = self.styles.id_of(paragraph.properties.style);
            self.numbering.count(list, all.level, id)
        });
        let blank = paragraph.is_blank();
        let last_caption =
            if blank { String::new() } else { std::mem::take(&mut self.flow.last_caption) };
        let shows_number = item.is_some_and(|item| item.marker != Marker::None);
        if blank && !(shows_number && matches!(role, Role::Body | Role::Quote)) {
            self.take_blank(&paragraph, all, role);
            return;
        }
        if role == Role::Contents {
            self.note_contents();
            return;
        }
        let first = !std::mem::replace(&mut self.flow.begun, true);
        let text_style = text_style(all, role);
        match role {
            Role::Heading(level) => self.heading(&paragraph, level, text_style),
            Role::Title => {
                let same = paragraph.plain().trim() == self.builder.context.options.title.trim();
                if !(first && same) {
                    self.heading(&paragraph, 1, text_style);
                }
            }
            Role::Caption
                if !last_caption.is_empty() && paragraph.plain().trim() == last_caption => {}
            Role::Code => self.code(&paragraph, all),
            Role::Body if item.is_none() && is_drawn_code(&paragraph, all) => {
                self.code(&paragraph, all);
            }
            _ => {
                let item = item.filter(|item| item.marker != Marker::None);
                if let Some(item) = item {
                    let left = own_left.unwrap_or(item.left);
                    self.item(item, left, all.list);
                } else if let Some(done) = paragraph.take_box() {
                    let marker = Marker::Box(done);
                    let left = all.left.unwrap_or_default();
                    self.item(Item { marker, number: 0, level: 0, left }, left, None);
                } else if role == Role::Quote {
                    self.quote();
                } else if !(self.flow.joins && self.builder.has_text()) {
                    self.close_for(all.left.unwrap_or_default());
                }
                self.plain(&paragraph, text_style);
            }
        }
    }

    fn take_blank(&mut self, paragraph: &Paragraph, all: ParagraphProperties, role: Role) {
        if all.ruled == Some(true) && all.boxed != Some(true) && role != Role::Code {
            self.close_for(all.left.unwrap_or_default());
            self.builder.divider();
            return;
        }
        match &mut self.flow.place.code {
            Some(blank) if role == Role::Code => {
                *blank += 1 + paragraph.plain().matches('\n').count();
                return;
            }
            code => *code = None,
        }
        if self.flow.place.quote {
            self.close_place();
        }
    }

    fn heading(&mut self, paragraph: &Paragraph, level: u8, style: TextStyle) {
        self.close_place();
        self.builder.begin_styled(ParagraphKind::Heading(level.clamp(1, 9)), style);
        self.pieces(paragraph, Align::Left);
        self.builder.end_paragraph();
        let plain = Text { elements: vec![Inline::run(paragraph.plain())], ..Text::default() };
        let slug = super::super::bookmark::slug(&plain);
        let times = self.flow.anchor_counts.entry(slug.clone()).or_default();
        let anchor = if *times == 0 { slug } else { format!("{slug}-{times}") };
        *times += 1;
        for bookmark in &paragraph.bookmarks {
            self.flow.anchors.insert(bookmark.clone(), anchor.clone());
        }
    }

    /// A line of code; it joins the code before it.
    fn code(&mut self, paragraph: &Paragraph, all: ParagraphProperties) {
        if let Some(blank) = self.flow.place.code.replace(0) {
            self.builder.text(&"\n".repeat(blank + 1));
        } else {
            self.close_for(all.left.unwrap_or_default());
            self.builder.begin_paragraph(ParagraphKind::Code(None));
            self.flow.place.code = Some(0);
        }
        for piece in &paragraph.pieces {
            match piece {
                Piece::Text(text, _) => self.builder.text(text),
                other => self.single(other, Align::Left),
            }
        }
    }

    fn quote(&mut self) {
        if !self.flow.place.quote {
            self.close_place();
            self.builder.open_quote();
            self.flow.place.quote = true;
        }
    }

    /// A paragraph that is no item: it stays in the item whose text it stands under.
    fn close_for(&mut self, left: i32) {
        self.builder.end_paragraph();
        self.flow.place.code = None;
        if self.flow.place.quote {
            self.close_place();
        }
        if left <= 0 {
            self.close_lists(0);
            return;
        }
        let kept = self
            .flow
            .place
            .lists
            .iter()
            .rposition(|list| left + TOLERANCE >= list.left)
            .map_or(0, |at| at + 1);
        self.close_lists(kept);
    }

    fn close_lists(&mut self, kept: usize) {
        while self.flow.place.lists.len() > kept {
            self.flow.place.lists.pop();
            self.builder.close();
            self.builder.close();
        }
    }

    fn item(&mut self, item: Item, left: i32, list: Option<u32>) {
        self.builder.end_paragraph();
        self.flow.place.code = None;
        if self.flow.place.quote {
            self.close_place();
        }
        let ordered = item.marker == Marker::Number;
        let mut sibling = false;
        while let Some(top) = self.flow.place.lists.last() {
            let same = list.is_some() && top.list == list;
            let (above, equal) = if same {
                (item.level < top.level, item.level == top.level)
            } else {
                (left < top.left - TOLERANCE, (left - top.left).abs() <= TOLERANCE)
            };
            if above {
                let kept = self.flow.place.lists.len() - 1;
                self.close_lists(kept);
                continue;
            }
            sibling = equal;
            break;
        }
        if sibling {
            let kind = self.flow.place.lists.last().map(|top| top.ordered);
            let is_box = matches!(item.marker, Marker::Box(_));
            if kind == Some(ordered) || is_box {
                self.builder.close();
            } else {
                let kept = self.flow.place.lists.len() - 1;
                self.close_lists(kept);
                sibling = false;
            }
        }
        if sibling {
            let Some(top) = self.flow.place.lists.last_mut() else { return };
            let goes_on = item.number == top.next;
            top.next = item.number.saturating_add(1);
            (top.list, top.level, top.left) = (list, item.level, left);
            self.builder.open_item((ordered && !goes_on).then_some(item.number));
        } else {
            self.builder.open_list(ordered.then_some(item.number));
            let next = item.number.saturating_add(1);
            let level = item.level;
            self.flow.place.lists.push(OpenList { list, level, left, ordered, next });
            self.builder.open_item(None);
        }
        if let Marker::Box(done) = item.marker {
            self.builder.mark_todo(done);
        }
    }

    fn plain(&mut self, paragraph: &Paragraph, style: TextStyle) {
        let align = style.align;
        if std::mem::take(&mut self.flow.joins) && self.builder.has_text() {
            self.builder.styled_text("\t", &InlineStyle::default());
        } else {
            self.builder.begin_styled(ParagraphKind::Text, style);
        }
        self.pieces(paragraph, align);
        if self.flow.nested == 0 {
            self.builder.end_paragraph();
        }
    }

    fn pieces(&mut self, paragraph: &Paragraph, align: Align) {
        for piece in &paragraph.pieces {
            self.single(piece, align);
        }
    }

    fn single(&mut self, piece: &Piece, align: Align) {
        match piece {
            Piece::Text(text, look) => {
                let style = self.flow.style(*look);
                self.builder.styled_text(text, &style);
            }
            Piece::Equation { latex, display, look } => {
                self.builder.style = self.flow.style(*look);
                self.builder.equation(latex, *display);
                self.builder.style = InlineStyle::default();
            }
            Piece::Note(label, look) => {
                let number = self.builder.note_number(label);
                let style = self.flow.style(*look);
                self.builder.styled_text(&format!("[{number}]"), &style);
            }
            Piece::Placed(content) => {
                let mut content = content.clone();
                if let larkspur_model::document::Content::Image(image) = &mut content {
                    image.align = align;
                    self.flow.last_caption.clone_from(&image.caption);
                }
                self.builder.placed(content);
            }
            Piece::Linked { address, words } => {
                self.builder.image(address, words, None, None);
            }
            Piece::Box(done, look) => {
                let style = self.flow.style(*look);
                self.builder.styled_text(if *done { "☒" } else { "☐" }, &style);
            }
            Piece::Rule => self.builder.divider(),
        }
    }
}

/// Whether a paragraph looks like code: letters of one width on a shade or in a frame.
fn is_drawn_code(paragraph: &Paragraph, all: ParagraphProperties) -> bool {
    (all.fill.and_then(|paint| paint.0).is_some_and(|fill| fill != [255; 3])
        || all.boxed == Some(true))
        && paragraph.is_monospace()
}

/// Alignment, indent and background of a paragraph.
fn text_style(all: ParagraphProperties, role: Role) -> TextStyle {
    let right_to_left = all.right_to_left == Some(true);
    let align = match (all.justification, right_to_left) {
        (Some(Justification::Center), _) => Align::Center,
        (Some(Justification::End), false) | (Some(Justification::Start) | None, true) => {
            Align::Right
        }
        _ => Align::Left,
    };
    let plain = matches!(role, Role::Body | Role::Quote | Role::Heading(_));
    TextStyle {
        align,
        indented: role == Role::Body && all.first_line.is_some_and(|first| first > 0),
        background: all
            .fill
            .and_then(|paint| paint.0)
            .filter(|_| plain)
            .and_then(palette::block)
            .unwrap_or_default(),
        ..TextStyle::default()
    }
}
