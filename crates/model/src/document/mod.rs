//! The online document: a tree of blocks as the platform has it (contract, "docx"). Readers make
//! it, writers print it, the store keeps it. The wire's JSON is made from it elsewhere.

mod embed;
mod language;
mod tree;

use serde::{Deserialize, Serialize};

pub use self::embed::{Embed, Objective};
pub use self::language::CodeLanguage;
pub use self::tree::{Change, Edit, Node, PAGE, Splice, Tree};
use crate::id::{BlockId, Ids};
use crate::time::{Millis, moment_text};

/// A whole document. The page block is the document itself: `title` is its text, `blocks` are its
/// children.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The title, text of the page block; may be empty (the importer then uses the file's name).
    pub title: Text,
    /// The first level of blocks.
    pub blocks: Vec<Block>,
    /// Pictures and files that blocks refer to by [`AssetId`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assets: Vec<Asset>,
}

/// Index of an [`Asset`] in [`Document::assets`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AssetId(pub u32);

impl AssetId {
    /// No asset yet: a picture or file whose bytes are still to come.
    pub const NONE: Self = Self(u32::MAX);
}

/// A picture or file inside a document. Its bytes are kept beside the document, never in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// File name with extension, without a path.
    pub name: String,
    /// Media type, for example `image/png`.
    pub media_type: String,
    /// Size of the bytes.
    pub size_bytes: u64,
    /// Media token; empty until the document is stored.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// Where the source says it lies, for pictures that were asked for as addresses alone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
}

/// One block and what is inside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The block's id; empty until [`Document::assign_ids`].
    #[serde(default, skip_serializing_if = "is_unassigned")]
    pub id: BlockId,
    /// What the block is.
    pub content: Content,
    /// The blocks inside it, in order. For a table: its cells, row by row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Block>,
    /// Ids of comments on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comment_ids: Vec<String>,
}

fn is_unassigned(id: &BlockId) -> bool {
    id.0.is_empty()
}

/// What a block is, with its data. Kinds that hold a [`Text`] print it before their children.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A paragraph.
    Text(Text),
    /// A heading of level 1 to 9.
    Heading {
        /// 1 (largest) to 9.
        level: u8,
        /// The heading itself.
        text: Text,
    },
    /// An item of a bulleted list; deeper items are children.
    Bullet(Text),
    /// An item of a numbered list; deeper items are children.
    Ordered(Text),
    /// A code block; line ends stand in the text as `\n`.
    Code(Text),
    /// A quoted paragraph.
    Quote(Text),
    /// A task; done or not stands in the text's style.
    Todo(Text),
    /// A highlighted box; its text is in its children.
    Callout(Callout),
    /// A horizontal line.
    Divider,
    /// A picture.
    Image(Image),
    /// An attached file.
    File {
        /// The file.
        asset: AssetId,
    },
    /// Columns side by side; children are `GridColumn`.
    Grid,
    /// One column of a grid.
    GridColumn {
        /// Share of the width, 1 to 99.
        width_ratio: u32,
    },
    /// A table; children are `rows * columns` blocks `TableCell`, row by row.
    Table(Table),
    /// A cell of a table. A cell hidden under a merged one is there, and empty.
    TableCell,
    /// A frame around several quoted blocks.
    QuoteContainer,
    /// An embedded page.
    Iframe {
        /// Where it is.
        url: String,
        /// Kind of page, 1 to 15 (contract, `docx_enums.iframe_type`).
        kind: u8,
    },
    /// The frame around a file; its one child is the `File`.
    View {
        /// 1 a card, 2 a preview, 3 within the line (contract, `docx_enums.view_type`).
        kind: u8,
    },
    /// Something that lives elsewhere and is shown in the document.
    Embed(Embed),
}

impl Content {
    /// The block's own text, for kinds that have one.
    pub const fn text(&self) -> Option<&Text> {
        match self {
            Self::Text(text)
            | Self::Heading { text, .. }
            | Self::Bullet(text)
            | Self::Ordered(text)
            | Self::Code(text)
            | Self::Quote(text)
            | Self::Todo(text) => Some(text),
            _ => None,
        }
    }

    /// The picture or file the block shows.
    pub const fn asset_mut(&mut self) -> Option<&mut AssetId> {
        match self {
            Self::Image(image) => Some(&mut image.asset),
            Self::File { asset } => Some(asset),
            _ => None,
        }
    }

    /// The block's own text, to change it.
    pub const fn text_mut(&mut self) -> Option<&mut Text> {
        match self {
            Self::Text(text)
            | Self::Heading { text, .. }
            | Self::Bullet(text)
            | Self::Ordered(text)
            | Self::Code(text)
            | Self::Quote(text)
            | Self::Todo(text) => Some(text),
            _ => None,
        }
    }
}

/// Look of a highlighted box. Colours are the platform's numbers (contract, `docx_enums`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Callout {
    /// 1 to 15.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background_color: Option<u8>,
    /// 1 to 7.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub border_color: Option<u8>,
    /// 1 to 7.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_color: Option<u8>,
    /// Name of the picture in the corner; the platform's default is `gift`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub emoji: String,
}

/// A picture block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// The picture itself.
    pub asset: AssetId,
    /// Shown width, pixels.
    pub width_px: u32,
    /// Shown height, pixels.
    pub height_px: u32,
    /// Place on the line; the platform centres by default.
    pub align: Align,
    /// Text under the picture; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub caption: String,
}

/// Shape of a table block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Rows.
    pub rows: u32,
    /// Columns.
    pub columns: u32,
    /// Width of each column, pixels; empty when the source names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub column_widths_px: Vec<u32>,
    /// Whether the first row is a header, repeated on each page of a print.
    #[serde(default)]
    pub header_row: bool,
    /// Whether the first column is a header.
    #[serde(default)]
    pub header_column: bool,
    /// Merged areas; they never overlap and never leave the table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merges: Vec<Merge>,
}

/// A merged area of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merge {
    /// Row of the top left cell, from 0.
    pub row: u32,
    /// Column of the top left cell, from 0.
    pub column: u32,
    /// Rows covered, at least 1.
    pub row_span: u32,
    /// Columns covered, at least 1.
    pub column_span: u32,
}

/// Text with its paragraph style.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Text {
    /// How the paragraph looks.
    #[serde(skip_serializing_if = "is_default")]
    pub style: TextStyle,
    /// The pieces of the text, in order.
    pub elements: Vec<Inline>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Text {
    /// No text at all.
    pub const EMPTY: Self = Self {
        style: TextStyle {
            align: Align::Left,
            indented: false,
            done: false,
            folded: false,
            language: None,
            wrap: false,
            sequence: None,
            background: String::new(),
        },
        elements: Vec::new(),
    };

    /// One unstyled run; no run at all for an empty `content`.
    pub fn plain(content: impl Into<String>) -> Self {
        let content = content.into();
        let elements = if content.is_empty() { Vec::new() } else { vec![Inline::run(content)] };
        Self { style: TextStyle::default(), elements }
    }

    /// The characters alone: runs, equations as their LaTeX, titles of mentioned documents.
    pub fn to_plain(&self) -> String {
        let mut plain = String::new();
        for element in &self.elements {
            match element {
                Inline::Run { content, .. } | Inline::Equation { content, .. } => {
                    plain.push_str(content);
                }
                Inline::MentionUser { user, .. } => {
                    plain.push('@');
                    plain.push_str(user);
                }
                Inline::MentionDocument { title, .. } => plain.push_str(title),
                Inline::Reminder(reminder) => plain.push_str(&reminder.to_plain()),
            }
        }
        plain
    }

    /// Whether there is nothing to see.
    pub fn is_empty(&self) -> bool {
        self.elements.iter().all(|element| match element {
            Inline::Run { content, .. } | Inline::Equation { content, .. } => content.is_empty(),
            _ => false,
        })
    }

    /// Length in UTF-16 units, the measure of the contract's paragraph limit.
    pub fn utf16_len(&self) -> usize {
        self.to_plain().encode_utf16().count()
    }
}

/// Paragraph style (contract, "Text").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextStyle {
    /// Place on the line.
    #[serde(skip_serializing_if = "is_default")]
    pub align: Align,
    /// Whether the first line is indented.
    #[serde(skip_serializing_if = "is_default")]
    pub indented: bool,
    /// Whether a task is done.
    #[serde(skip_serializing_if = "is_default")]
    pub done: bool,
    /// Whether what is below a heading is folded away.
    #[serde(skip_serializing_if = "is_default")]
    pub folded: bool,
    /// Language of a code block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<CodeLanguage>,
    /// Whether long lines of a code block wrap.
    #[serde(skip_serializing_if = "is_default")]
    pub wrap: bool,
    /// Number of an ordered item where the source starts or restarts a list; `None` continues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
    /// Background of the block, by the platform's name (`LightGrayBackground`, ...); may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub background: String,
}

/// Where a paragraph or picture stands on its line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Align {
    /// At the left; 1 on the wire.
    #[default]
    Left,
    /// In the middle; 2 on the wire.
    Center,
    /// At the right; 3 on the wire.
    Right,
}

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    /// Characters in one style. A hard line break is `\n`.
    Run {
        /// The characters.
        content: String,
        /// Their style.
        #[serde(default, skip_serializing_if = "is_default")]
        style: InlineStyle,
    },
    /// A formula in LaTeX (KaTeX's subset), without delimiters.
    Equation {
        /// The LaTeX.
        content: String,
        /// Its style.
        #[serde(default, skip_serializing_if = "is_default")]
        style: InlineStyle,
    },
    /// A person.
    MentionUser {
        /// The person's id in the tenant; in a document that is to be written, the name.
        user: String,
        /// Its style.
        #[serde(default, skip_serializing_if = "is_default")]
        style: InlineStyle,
    },
    /// Another online document.
    MentionDocument {
        /// Its token.
        token: String,
        /// Its kind (contract, `docx_enums.mention_obj_type`).
        kind: u8,
        /// Its address.
        url: String,
        /// Its title.
        title: String,
        /// What stands for it where it cannot be shown: `FallbackToLink`, `FallbackToText`; may be
        /// empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        fallback: String,
        /// Its style.
        #[serde(default, skip_serializing_if = "is_default")]
        style: InlineStyle,
    },
    /// A date at which somebody is reminded.
    Reminder(Reminder),
}

/// A date in a text (contract, `reminder`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// Who set it, by the id in the tenant.
    pub creator: String,
    /// The date itself.
    pub expire_ms: Millis,
    /// When the reminder comes.
    pub notify_ms: Millis,
    /// Whether it comes at all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub notify: bool,
    /// Whether it is about a day, not about an hour of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub whole_day: bool,
    /// Its style.
    #[serde(default, skip_serializing_if = "is_default")]
    pub style: InlineStyle,
}

impl Reminder {
    /// The date in UTC, with the time where it is not about the whole day.
    pub fn to_plain(&self) -> String {
        let moment = moment_text(self.expire_ms);
        let (day, time) = moment.split_once('T').unwrap_or((&moment, ""));
        match time.get(..5) {
            Some(time) if !self.whole_day => format!("{day} {time}"),
            _ => day.to_owned(),
        }
    }
}

impl Inline {
    /// An unstyled run.
    pub fn run(content: impl Into<String>) -> Self {
        Self::styled(content, InlineStyle::default())
    }

    /// A run in `style`.
    pub fn styled(content: impl Into<String>, style: InlineStyle) -> Self {
        Self::Run { content: content.into(), style }
    }

    /// The style of this piece.
    pub const fn style(&self) -> &InlineStyle {
        match self {
            Self::Run { style, .. }
            | Self::Equation { style, .. }
            | Self::MentionUser { style, .. }
            | Self::MentionDocument { style, .. } => style,
            Self::Reminder(reminder) => &reminder.style,
        }
    }
}

/// Style of a piece of text (contract, `text_element_style`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InlineStyle {
    /// Bold.
    #[serde(skip_serializing_if = "is_default")]
    pub bold: bool,
    /// Italic.
    #[serde(skip_serializing_if = "is_default")]
    pub italic: bool,
    /// Struck through.
    #[serde(skip_serializing_if = "is_default")]
    pub strikethrough: bool,
    /// Underlined.
    #[serde(skip_serializing_if = "is_default")]
    pub underline: bool,
    /// Code within a line.
    #[serde(skip_serializing_if = "is_default")]
    pub inline_code: bool,
    /// Colour of the characters, 1 to 7.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_color: Option<u8>,
    /// Colour behind the characters, 1 to 15.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background_color: Option<u8>,
    /// Where a link leads, as written (the wire percent-encodes it).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Ids of comments on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comment_ids: Vec<String>,
}

impl Block {
    /// A block without an id and without children.
    pub const fn new(content: Content) -> Self {
        Self::with_children(content, Vec::new())
    }

    /// A block without an id, holding `children`.
    pub const fn with_children(content: Content, children: Vec<Self>) -> Self {
        Self { id: BlockId(String::new()), content, children, comment_ids: Vec::new() }
    }

    /// A plain paragraph.
    pub fn paragraph(content: impl Into<String>) -> Self {
        Self::new(Content::Text(Text::plain(content)))
    }
}

impl Document {
    /// Calls `visit` with every block below the page, pre-order, and its depth (1 for the first
    /// level).
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Block, usize)) {
        let mut stack: Vec<(&Block, usize)> =
            self.blocks.iter().rev().map(|block| (block, 1)).collect();
        while let Some((block, depth)) = stack.pop() {
            visit(block, depth);
            stack.extend(block.children.iter().rev().map(|child| (child, depth + 1)));
        }
    }

    /// Blocks below the page.
    pub fn block_count(&self) -> usize {
        let mut count = 0;
        self.walk(&mut |_, _| count += 1);
        count
    }

    /// Gives every block that has none an id.
    pub fn assign_ids(&mut self, ids: &Ids) {
        let mut pending: Vec<&mut Block> = self.blocks.iter_mut().collect();
        while let Some(block) = pending.pop() {
            if block.id.0.is_empty() {
                block.id = BlockId(ids.token());
            }
            pending.extend(block.children.iter_mut());
        }
    }

    /// Calls `change` with the content of every block, in no particular order.
    pub fn change_all(&mut self, change: &mut dyn FnMut(&mut Content)) {
        let mut pending: Vec<&mut Block> = self.blocks.iter_mut().collect();
        while let Some(block) = pending.pop() {
            change(&mut block.content);
            pending.extend(block.children.iter_mut());
        }
    }

    /// Empties the assets that no block names any more; the others keep their places.
    pub fn forget_unnamed_assets(&mut self) {
        let mut named = vec![false; self.assets.len()];
        self.change_all(&mut |content| {
            if let Some(named) =
                content.asset_mut().and_then(|asset| named.get_mut(asset.0 as usize))
            {
                *named = true;
            }
        });
        for (asset, named) in self.assets.iter_mut().zip(named) {
            if !named {
                *asset = Asset::default();
            }
        }
    }

    /// Gives pictures and files whose bytes are still to come an empty asset, for writers, which
    /// take every one to be there.
    pub fn fill_missing_assets(&mut self) {
        let empty = AssetId(self.assets.len() as u32);
        let mut missing = false;
        self.change_all(&mut |content| {
            if let Some(asset) = content.asset_mut().filter(|asset| **asset == AssetId::NONE) {
                *asset = empty;
                missing = true;
            }
        });
        if missing {
            self.assets.push(Asset::default());
        }
    }

    /// All text, one line a block, as `raw_content` answers it.
    pub fn to_plain(&self) -> String {
        let mut plain = self.title.to_plain();
        self.walk(&mut |block, _| {
            if let Some(text) = block.content.text() {
                if !plain.is_empty() {
                    plain.push('\n');
                }
                plain.push_str(&text.to_plain());
            }
        });
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walking_is_pre_order() {
        let list = Block::with_children(
            Content::Bullet(Text::plain("a")),
            vec![Block::new(Content::Bullet(Text::plain("b")))],
        );
        let document = Document {
            title: Text::plain("title"),
            blocks: vec![list, Block::paragraph("c")],
            assets: Vec::new(),
        };
        let mut seen = Vec::new();
        document.walk(&mut |block, depth| {
            seen.push((block.content.text().map(Text::to_plain).unwrap_or_default(), depth));
        });
        assert_eq!(seen, [("a".into(), 1), ("b".into(), 2), ("c".into(), 1)]);
        assert_eq!(document.to_plain(), "title\na\nb\nc");
    }
}
