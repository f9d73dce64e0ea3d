//! Paragraphs and tables, in order, into the builder: which paragraph is a heading, an item, code or a
//! quote, and which neighbours belong together.

use std::collections::HashMap;

use larkspur_model::document::{Align, Document, Inline, InlineStyle, Text, TextStyle};
use larkspur_model::loss::LossKind;

use super::anchors::lead_links;
use super::numbering::{Item, Marker};
use super::palette;
use super::paragraph::{Look, Paragraph, Piece};
use super::properties::{Justification, ParagraphProperties};
use super::role::Role;
use crate::anchors::slug;
use crate::document_builder::{CellShape, DocumentBuilder, ParagraphKind, is_safe_link};

/// Twentieths of a point by which indents may differ and still be the same.
const TOLERANCE: i32 = 60;
/// Links of a document that are told apart.
const MOST_LINKS: usize = 1_000_000;

/// Shape of a table as its head says it.
#[derive(Debug, Clone, Default)]
pub(crate) struct TableShape {
    pub(crate) widths_px: Vec<u32>,
    /// The first row, the first column are headers.
    pub(crate) headed: (bool, bool),
}

/// What happens next around the paragraphs of the text.
pub(crate) enum Step {
    OpenTable(TableShape),
    OpenRow,
    OpenCell(CellShape),
    CloseCell,
    CloseRow,
    CloseTable,
}

/// What a paragraph is once its style and its list are asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) role: Role,
    /// Its own properties, its style's, the defaults.
    pub(crate) all: ParagraphProperties,
    /// Indent it names itself, twentieths of a point.
    pub(crate) own_left: Option<i32>,
    pub(crate) item: Option<Item>,
}

/// The builder, and what is open in it.
pub(crate) struct Flow<'a, 'c> {
    pub(crate) builder: DocumentBuilder<'a, 'c>,
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
    last_caption: String,
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

impl<'a, 'c> Flow<'a, 'c> {
    pub(crate) fn new(builder: DocumentBuilder<'a, 'c>) -> Self {
        Self {
            builder,
            place: Place::default(),
            around: Vec::new(),
            nested: 0,
            joins: false,
            tables: 0,
            links: Vec::new(),
            link_numbers: HashMap::new(),
            anchors: HashMap::new(),
            anchor_counts: HashMap::new(),
            begun: false,
            last_caption: String::new(),
        }
    }

    /// The number of a link.
    pub(crate) fn link(&mut self, address: &str) -> u32 {
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
            comment_ids: Vec::new(),
        }
    }

    /// Writes what comes next.
    pub(crate) fn take(&mut self, step: Step) {
        match step {
            Step::OpenTable(_) if self.tables > 0 || self.nested > 0 => {
                self.nested += 1;
                self.joins = false;
                let what = "a table within a table; its text is there";
                self.builder.context.lose(LossKind::FormattingDropped, "", what);
            }
            Step::OpenTable(shape) => {
                self.close_place();
                self.begun = true;
                self.tables += 1;
                self.builder.open_table(shape.widths_px.len());
                self.builder.shape_table(shape.widths_px, shape.headed);
            }
            Step::OpenRow if self.nested > 0 => self.joins = false,
            Step::OpenRow => self.builder.open_row(),
            Step::OpenCell(_) | Step::CloseRow if self.nested > 0 => {}
            Step::OpenCell(shape) => {
                self.builder.open_cell(shape, Align::Left);
                let base = self.builder.depth();
                let inside = Place { base, ..Place::default() };
                self.around.push(std::mem::replace(&mut self.place, inside));
            }
            Step::CloseCell if self.nested > 0 => self.joins = self.builder.has_text(),
            Step::CloseCell => {
                self.close_place();
                if let Some(around) = self.around.pop() {
                    self.place = around;
                    self.builder.close();
                }
            }
            Step::CloseRow => self.builder.close(),
            Step::CloseTable if self.nested > 0 => {
                self.nested -= 1;
                self.joins = false;
                self.builder.end_paragraph();
            }
            Step::CloseTable => {
                self.tables = self.tables.saturating_sub(1);
                self.builder.close();
            }
        }
    }

    /// Begins a footnote.
    pub(crate) fn begin_note(&mut self, label: &str) {
        self.close_place();
        self.builder.open_note(label);
        self.place.base = self.builder.depth();
    }

    /// Ends a footnote.
    pub(crate) fn close_note(&mut self) {
        if self.place.base > 0 {
            self.close_place();
            self.builder.close();
            self.place.base = 0;
        }
    }

    /// Ends whatever the text left open.
    pub(crate) fn end_text(&mut self) {
        self.builder.end_paragraph();
        self.builder.close_to(0);
        self.around.clear();
        self.place = Place::default();
        (self.tables, self.nested) = (0, 0);
    }

    /// The document; links to bookmarks in headings lead to the headings' anchors.
    pub(crate) fn finish(self, title: Text) -> Document {
        let mut document = self.builder.finish(title);
        lead_links(&mut document, &self.anchors);
        document
    }

    /// Ends what is open where paragraphs go, and answers how deep that is in the builder.
    pub(crate) fn clear_place(&mut self) -> usize {
        self.close_place();
        self.place.base
    }

    fn close_place(&mut self) {
        self.builder.end_paragraph();
        self.builder.close_to(self.place.base);
        self.place.lists.clear();
        self.place.quote = false;
        self.place.code = None;
    }

    /// Writes a paragraph.
    pub(crate) fn take_paragraph(&mut self, mut paragraph: Paragraph, standing: Standing) {
        let Standing { role, all, own_left, item } = standing;
        let blank = paragraph.is_blank();
        let last_caption =
            if blank { String::new() } else { std::mem::take(&mut self.last_caption) };
        let shows_number = item.is_some_and(|item| item.marker != Marker::None);
        if blank && !(shows_number && matches!(role, Role::Body | Role::Quote)) {
            self.take_blank(&paragraph, all, role);
            return;
        }
        let first = !std::mem::replace(&mut self.begun, true);
        let text_style = text_style(all, role);
        match role {
            Role::Heading(_) | Role::Title if !paragraph.has_words() => {
                self.close_place();
                self.plain(&paragraph, text_style);
            }
            Role::Heading(level) => {
                if item.is_some_and(|item| item.marker == Marker::Number) {
                    let what = "the number before a heading: headings of the document have none";
                    self.builder.context.lose(LossKind::FormattingDropped, "", what);
                }
                self.heading(&paragraph, level, text_style);
            }
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
                } else if !(self.joins && self.builder.has_text()) {
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
        match &mut self.place.code {
            Some(blank) if role == Role::Code => {
                *blank += 1 + paragraph.plain().matches('\n').count();
                return;
            }
            code => *code = None,
        }
        if self.place.quote {
            self.close_place();
        }
    }

    fn heading(&mut self, paragraph: &Paragraph, level: u8, style: TextStyle) {
        self.close_place();
        self.builder.begin_styled(ParagraphKind::Heading(level.clamp(1, 9)), style);
        self.pieces(paragraph, Align::Left);
        self.builder.end_paragraph();
        let plain = Text { elements: vec![Inline::run(paragraph.plain())], ..Text::default() };
        let slug = slug(&plain);
        let times = self.anchor_counts.entry(slug.clone()).or_default();
        let anchor = if *times == 0 { slug } else { format!("{slug}-{times}") };
        *times += 1;
        for bookmark in &paragraph.bookmarks {
            self.anchors.insert(bookmark.clone(), anchor.clone());
        }
    }

    /// A line of code; it joins the code before it.
    fn code(&mut self, paragraph: &Paragraph, all: ParagraphProperties) {
        if let Some(blank) = self.place.code.replace(0) {
            self.builder.text(&"\n".repeat(blank + 1));
        } else {
            self.close_for(all.left.unwrap_or_default());
            self.builder.begin_paragraph(ParagraphKind::Code(None));
            self.place.code = Some(0);
        }
        for piece in &paragraph.pieces {
            match piece {
                Piece::Text(text, _) => self.builder.text(text),
                other => self.single(other, Align::Left),
            }
        }
    }

    fn quote(&mut self) {
        if !self.place.quote {
            self.close_place();
            self.builder.open_quote();
            self.place.quote = true;
        }
    }

    /// A paragraph that is no item: it stays in the item whose text it stands under.
    fn close_for(&mut self, left: i32) {
        self.builder.end_paragraph();
        self.place.code = None;
        if self.place.quote {
            self.close_place();
        }
        if left <= 0 {
            self.close_lists(0);
            return;
        }
        let kept = self
            .place
            .lists
            .iter()
            .rposition(|list| left + TOLERANCE >= list.left)
            .map_or(0, |at| at + 1);
        self.close_lists(kept);
    }

    fn close_lists(&mut self, kept: usize) {
        while self.place.lists.len() > kept {
            self.place.lists.pop();
            self.builder.close();
            self.builder.close();
        }
    }

    fn item(&mut self, item: Item, left: i32, list: Option<u32>) {
        self.builder.end_paragraph();
        self.place.code = None;
        if self.place.quote {
            self.close_place();
        }
        let ordered = item.marker == Marker::Number;
        let mut sibling = false;
        while let Some(top) = self.place.lists.last() {
            let same = list.is_some() && top.list == list;
            let (above, equal) = if same {
                (item.level < top.level, item.level == top.level)
            } else {
                (left < top.left - TOLERANCE, (left - top.left).abs() <= TOLERANCE)
            };
            if above {
                let kept = self.place.lists.len() - 1;
                self.close_lists(kept);
                continue;
            }
            sibling = equal;
            break;
        }
        if sibling {
            let kind = self.place.lists.last().map(|top| top.ordered);
            let is_box = matches!(item.marker, Marker::Box(_));
            if kind == Some(ordered) || is_box {
                self.builder.close();
            } else {
                let kept = self.place.lists.len() - 1;
                self.close_lists(kept);
                sibling = false;
            }
        }
        if sibling {
            let Some(top) = self.place.lists.last_mut() else { return };
            let goes_on = item.number == top.next;
            top.next = item.number.saturating_add(1);
            (top.list, top.level, top.left) = (list, item.level, left);
            self.builder.open_item((ordered && !goes_on).then_some(item.number));
        } else {
            self.builder.open_list(ordered.then_some(item.number));
            let next = item.number.saturating_add(1);
            let level = item.level;
            self.place.lists.push(OpenList { list, level, left, ordered, next });
            self.builder.open_item(None);
        }
        if let Marker::Box(done) = item.marker {
            self.builder.mark_todo(done);
        }
    }

    fn plain(&mut self, paragraph: &Paragraph, style: TextStyle) {
        let align = style.align;
        if std::mem::take(&mut self.joins) && self.builder.has_text() {
            self.builder.styled_text("\t", &InlineStyle::default());
        } else {
            self.builder.begin_styled(ParagraphKind::Text, style);
        }
        self.pieces(paragraph, align);
        if self.nested == 0 {
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
                let style = self.style(*look);
                self.builder.styled_text(text, &style);
            }
            Piece::Equation { latex, display, look } => {
                self.builder.style = self.style(*look);
                self.builder.equation(latex, *display);
                self.builder.style = InlineStyle::default();
            }
            Piece::Note(label, look) => {
                let number = self.builder.note_number(label);
                let style = self.style(*look);
                self.builder.styled_text(&format!("[{number}]"), &style);
            }
            Piece::Placed(content) => {
                let mut content = content.clone();
                if let larkspur_model::document::Content::Image(image) = &mut content {
                    image.align = align;
                    self.last_caption.clone_from(&image.caption);
                }
                self.builder.placed(content);
            }
            Piece::Linked { address, words } => {
                self.builder.image(address, words, None, None);
            }
            Piece::Box(done, look) => {
                let style = self.style(*look);
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
