//! Assembles a document from what a reader finds, in reading order: containers are opened and closed,
//! text flows into paragraphs, limits are applied exactly and what they cut is noted. Knows no format.

mod address;
mod image;
mod list;
mod paragraph;
mod table;

use std::collections::HashMap;

use larkspur_model::document::{
    Align, Asset, Block, Callout, Content, Document, Inline, InlineStyle, Text,
};
use larkspur_model::loss::LossKind;

pub(crate) use self::image::{PictureKind, is_safe_link, measure_picture, shown_size};
use self::paragraph::Paragraph;
pub(crate) use self::paragraph::ParagraphKind;
pub(crate) use self::table::CellShape;
use self::table::TableState;
use crate::{AssetSink, Context};

/// The builder. Frames are the containers that are open, the document itself first.
pub(crate) struct DocumentBuilder<'a, 'c> {
    pub(crate) context: &'a mut Context<'c>,
    sink: &'a mut dyn AssetSink,
    assets: Vec<Asset>,
    frames: Vec<Frame>,
    paragraph: Option<Paragraph>,
    /// Style of the text that comes next.
    pub(crate) style: InlineStyle,
    /// Blocks made so far, those still open included.
    count: usize,
    full: bool,
    /// Containers that are open, the document itself not counted.
    open: usize,
    /// Those of them inside one whose content a limit cuts off.
    skipping: usize,
    /// Whether addresses that stand bare in the text become links.
    pub(crate) link_bare_addresses: bool,
    notes: Notes,
}

/// Footnotes: their numbers in order of first mention, and their content.
#[derive(Default)]
struct Notes {
    numbers: HashMap<String, usize>,
    labels: Vec<String>,
    blocks: HashMap<String, Block>,
}

struct Frame {
    kind: FrameKind,
    children: Vec<Block>,
    /// Depth of the blocks directly inside; 1 for the first level of the document.
    depth: usize,
    /// Where paragraphs inside stand, unless they say otherwise.
    align: Align,
}

enum FrameKind {
    /// The document itself, or a container that is no block: what is inside belongs to the parent.
    /// Counts how many such lie directly in each other.
    Group(usize),
    /// A block whose children are what is inside.
    Holder(Content),
    /// A list; its items belong to the parent.
    List {
        ordered: bool,
        /// It stands between the items of another list: its items belong to the one before it.
        inner: bool,
        /// Number the next item has to name: the first, and one after a task, which has none.
        start: Option<u32>,
        /// Number of the next item.
        next: u32,
    },
    /// An item of a list, or a footnote when it has a label. Its own text is its first paragraph.
    Item {
        content: Content,
        /// The text is taken, or something that is no text came first.
        settled: bool,
        /// Too deep: what is inside follows the item instead.
        lifted: bool,
        note: Option<String>,
    },
    Table(Box<TableState>),
    Row,
    Cell(CellShape),
}

impl<'a, 'c> DocumentBuilder<'a, 'c> {
    pub(crate) fn new(sink: &'a mut dyn AssetSink, context: &'a mut Context<'c>) -> Self {
        Self {
            context,
            sink,
            assets: Vec::new(),
            frames: vec![Frame {
                kind: FrameKind::Group(1),
                children: Vec::new(),
                depth: 1,
                align: Align::Left,
            }],
            paragraph: None,
            style: InlineStyle::default(),
            count: 0,
            full: false,
            open: 0,
            skipping: 0,
            link_bare_addresses: false,
            notes: Notes::default(),
        }
    }

    /// Whether the limit of blocks is reached, so that reading on is of no use.
    pub(crate) const fn is_full(&self) -> bool {
        self.full
    }

    /// How many containers are open; for [`Self::close_to`].
    pub(crate) const fn depth(&self) -> usize {
        self.open
    }

    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the document's own frame is never closed")
    }

    /// Takes the right to one more block.
    fn try_count(&mut self) -> bool {
        if self.count >= self.context.limits.blocks {
            if !self.full {
                self.full = true;
                let most = self.context.limits.blocks;
                self.context.lose(
                    LossKind::BlocksCut,
                    "",
                    format!("everything after the first {most} blocks"),
                );
            }
            return false;
        }
        self.count += 1;
        true
    }

    fn uncount(&mut self, blocks: &[Block]) {
        let mut pending: Vec<&Block> = blocks.iter().collect();
        while let Some(block) = pending.pop() {
            self.count -= 1;
            pending.extend(&block.children);
        }
    }

    /// Opens a container whose content is cut off.
    fn skip(&mut self) {
        self.skipping += 1;
        self.open += 1;
    }

    fn push_frame(&mut self, kind: FrameKind, deeper: usize, align: Option<Align>) {
        self.open += 1;
        let top = self.top();
        let (depth, align) = (top.depth + deeper, align.unwrap_or(top.align));
        self.frames.push(Frame { kind, children: Vec::new(), depth, align });
    }

    /// Whether a container that takes `levels` levels may be opened here; notes that it is lifted.
    fn has_room(&mut self, levels: usize) -> bool {
        let most = self.context.limits.block_depth;
        let room = self.top().depth + levels <= most;
        if !room {
            self.context.lose(
                LossKind::FormattingDropped,
                "",
                format!("nesting deeper than {most} levels; the text was moved up"),
            );
        }
        room
    }

    fn opens(&mut self) -> bool {
        self.end_paragraph();
        if self.skipping > 0 || self.full {
            self.skip();
            return false;
        }
        self.settle_around();
        true
    }

    /// Opens a container that is no block of its own; `align` holds for the paragraphs inside.
    pub(crate) fn open_group(&mut self, align: Option<Align>) {
        self.end_paragraph();
        if self.skipping > 0 || self.full {
            self.skip();
            return;
        }
        let align = align.unwrap_or(self.top().align);
        if let Frame { kind: FrameKind::Group(count), align: current, .. } = self.top()
            && *current == align
        {
            *count += 1;
            self.open += 1;
            return;
        }
        self.push_frame(FrameKind::Group(1), 0, Some(align));
    }

    fn open_holder(&mut self, content: Content) {
        if !self.opens() {
            return;
        }
        if !self.has_room(1) {
            self.open_group(None);
        } else if self.try_count() {
            self.push_frame(FrameKind::Holder(content), 1, None);
        } else {
            self.skip();
        }
    }

    /// Opens a frame around quoted blocks.
    pub(crate) fn open_quote(&mut self) {
        self.open_holder(Content::QuoteContainer);
    }

    /// Opens a highlighted box.
    pub(crate) fn open_callout(&mut self, callout: Callout) {
        self.open_holder(Content::Callout(callout));
    }

    /// Opens the content of the footnote that [`Self::note_number`] numbers.
    pub(crate) fn open_note(&mut self, label: &str) {
        if !self.opens() {
            return;
        }
        self.push_item(Content::Ordered(Text::default()), Some(label.to_owned()));
        if let Some(frame) = self.frames.last_mut()
            && matches!(&frame.kind, FrameKind::Item { note: Some(_), .. })
        {
            frame.depth = 2;
        }
    }

    fn push_item(&mut self, content: Content, note: Option<String>) {
        let lifted = note.is_none() && !self.has_room(1);
        if self.try_count() {
            let kind = FrameKind::Item { content, settled: false, lifted, note };
            self.push_frame(kind, usize::from(!lifted), None);
        } else {
            self.skip();
        }
    }

    /// Whether a footnote is mentioned somewhere.
    pub(crate) fn mentions_note(&self, label: &str) -> bool {
        self.notes.numbers.contains_key(label)
    }

    /// Adds a picture or file whose bytes the reader stores itself once the text is read. It breaks
    /// the text it stands in.
    pub(crate) fn placed(&mut self, content: Content) {
        if self.skipping == 0 {
            self.interrupt(Block::new(content));
        }
    }

    /// The number of a footnote that is mentioned here.
    pub(crate) fn note_number(&mut self, label: &str) -> usize {
        if let Some(number) = self.notes.numbers.get(label) {
            return *number;
        }
        let number = self.notes.labels.len() + 1;
        self.notes.numbers.insert(label.to_owned(), number);
        self.notes.labels.push(label.to_owned());
        number
    }

    /// Adds a block without children.
    fn emit(&mut self, block: Block) {
        if self.skipping == 0 && self.try_count() {
            self.top().children.push(block);
        }
    }

    /// Adds a horizontal line.
    pub(crate) fn divider(&mut self) {
        self.end_paragraph();
        if self.skipping == 0 {
            self.settle_around();
            self.emit(Block::new(Content::Divider));
        }
    }

    /// Closes the innermost container.
    pub(crate) fn close(&mut self) {
        self.end_paragraph();
        if self.open == 0 {
            return;
        }
        self.open -= 1;
        if self.skipping > 0 {
            self.skipping -= 1;
            return;
        }
        if let FrameKind::Group(count) = &mut self.top().kind
            && *count > 1
        {
            *count -= 1;
            return;
        }
        let Some(frame) = self.frames.pop() else { return };
        let children = frame.children;
        match frame.kind {
            FrameKind::Group(_) | FrameKind::Row => self.top().children.extend(children),
            FrameKind::List { inner, .. } => self.finish_list(inner, frame.depth, children),
            FrameKind::Item { content, note: Some(label), .. } => {
                self.notes.blocks.insert(label, Block::with_children(content, children));
            }
            FrameKind::Item { content, lifted: true, .. } => {
                let parent = &mut self.top().children;
                parent.push(Block::new(content));
                parent.extend(children);
            }
            FrameKind::Holder(content) | FrameKind::Item { content, .. } => {
                self.top().children.push(Block::with_children(content, children));
            }
            FrameKind::Table(state) => {
                // What stood in the table but in no cell comes before it.
                self.top().children.extend(children);
                self.finish_table(*state);
            }
            FrameKind::Cell(shape) => self.finish_cell(shape, children),
        }
    }

    /// Closes containers until `depth` are open.
    pub(crate) fn close_to(&mut self, depth: usize) {
        for _ in depth..self.open {
            self.close();
        }
    }

    /// The document. Open containers are closed, footnotes stand at its end.
    pub(crate) fn finish(mut self, title: Text) -> Document {
        self.end_paragraph();
        self.close_to(0);
        self.append_notes();
        let blocks = std::mem::take(&mut self.top().children);
        Document { title, blocks, assets: self.assets }
    }

    fn append_notes(&mut self) {
        let mut labels = std::mem::take(&mut self.notes.labels);
        let mut never_mentioned: Vec<String> = self
            .notes
            .blocks
            .keys()
            .filter(|label| !self.notes.numbers.contains_key(*label))
            .cloned()
            .collect();
        never_mentioned.sort_unstable();
        labels.extend(never_mentioned);
        let notes: Vec<(usize, Block)> = (1..)
            .zip(labels)
            .filter_map(|(number, label)| Some((number, self.notes.blocks.remove(&label)?)))
            .collect();
        if notes.is_empty() {
            return;
        }
        self.emit(Block::new(Content::Divider));
        let mut expected = 0;
        for (number, mut note) in notes {
            if number != expected
                && let Some(text) = note.content.text_mut()
            {
                text.style.sequence = u32::try_from(number).ok();
            }
            expected = number + 1;
            self.top().children.push(note);
        }
    }
}

/// An equation, or none where it is blank.
fn equation(latex: &str, style: &InlineStyle) -> Option<Inline> {
    let content = latex.trim();
    (!content.is_empty())
        .then(|| Inline::Equation { content: content.to_owned(), style: style.clone() })
}
