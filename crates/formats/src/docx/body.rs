//! Blocks as paragraphs and tables, appended to the main part.

use std::collections::HashMap;
use std::fmt::Write as _;

use larkspur_model::document::{
    Align, AssetId, Block, Content, Document, Image, Inline, InlineStyle, Text,
};
use larkspur_model::loss::LossKind;

use super::bookmark::Bookmarks;
use super::numbering::{BULLETS, LEVEL_INDENT, LEVELS, Numbering};
use super::parts::Relationships;
use super::picture::{self, Pictures};
use crate::word_flow::colour;
use crate::{AssetSource, Context};

/// Blocks deeper than this stand side by side; no reader makes such documents.
const MOST_DEPTH: usize = 100;
/// Indent of a quote and of what belongs to a paragraph, twentieths of a point.
const QUOTE_INDENT: u32 = 284;

/// The main part on its way.
pub(super) struct Body<'a, 'c> {
    pub(super) out: String,
    pub(super) document: &'a Document,
    pub(super) assets: &'a mut dyn AssetSource,
    pub(super) context: &'a mut Context<'c>,
    pub(super) numbering: Numbering,
    pub(super) relationships: Relationships,
    pub(super) pictures: Pictures,
    pub(super) bookmarks: Bookmarks,
    /// Relationships of links, by address.
    pub(super) links: HashMap<String, String>,
    /// Characters XML cannot hold.
    pub(super) left_out: u64,
}

/// Where blocks stand.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Width of the text here, twentieths of a point.
    pub(super) width: u32,
    /// Indent by quotes, twentieths of a point.
    pub(super) indent: u32,
    /// Items of lists around.
    pub(super) level: usize,
    /// Items of numbered lists around.
    pub(super) numbered: usize,
    pub(super) quoted: bool,
    pub(super) depth: usize,
}

impl Place {
    /// The page itself: A4 less its margins.
    pub(super) const PAGE: Self =
        Self { width: 9_026, indent: 0, level: 0, numbered: 0, quoted: false, depth: 0 };

    fn left(&self) -> u32 {
        self.indent + LEVEL_INDENT * self.level.min(LEVELS) as u32
    }

    fn room(&self) -> u32 {
        self.width.saturating_sub(self.left()).max(600)
    }
}

/// What the blocks before, in the same row of siblings, left behind.
#[derive(Default)]
pub(super) struct Siblings {
    /// The numbered list that goes on.
    list: Option<u32>,
    /// The block before was code: Word draws one frame around neighbours that look the same.
    code: bool,
}

/// Properties of a paragraph; appended in the order of the schema.
#[derive(Clone, Copy, Default)]
struct Properties<'p> {
    style: Option<&'p str>,
    /// Level and instance of a list.
    list: Option<(usize, u32)>,
    border: Option<&'p str>,
    fill: Option<&'p str>,
    left: Option<u32>,
    hanging: u32,
    first_line: bool,
    align: Align,
}

impl Body<'_, '_> {
    /// Appends blocks that stand after each other.
    pub(super) fn blocks(&mut self, blocks: &[Block], place: Place) {
        if place.depth > MOST_DEPTH {
            self.flat(blocks, place);
            return;
        }
        let mut siblings = Siblings::default();
        for block in blocks {
            self.block(block, place, &mut siblings);
        }
    }

    /// The texts of blocks too deep to nest, one paragraph each.
    fn flat(&mut self, blocks: &[Block], place: Place) {
        let mut pending: Vec<&Block> = blocks.iter().rev().collect();
        while let Some(block) = pending.pop() {
            if let Some(text) = block.content.text() {
                self.paragraph(text, &Properties::default(), None);
            }
            pending.extend(block.children.iter().rev());
        }
        let most = place.depth;
        let what = format!("nesting deeper than {most} levels; the text is there");
        self.context.lose(LossKind::FormattingDropped, "", what);
    }

    /// Appends one block with what is inside it.
    pub(super) fn block(&mut self, block: &Block, place: Place, siblings: &mut Siblings) {
        let left = (place.left() > 0).then(|| place.left());
        if !matches!(block.content, Content::Ordered(_)) {
            siblings.list = None;
        }
        let code = matches!(block.content, Content::Code(_));
        if std::mem::replace(&mut siblings.code, code) && code {
            self.gap();
        }
        let inner = Place { depth: place.depth + 1, ..place };
        match &block.content {
            Content::Text(text) => {
                let style = if place.quoted { Some("Quote") } else { list_style(place) };
                let left = if place.quoted { Some(place.left()) } else { left };
                self.text_paragraph(text, Properties { style, left, ..Properties::default() });
                self.blocks(
                    &block.children,
                    Place { indent: place.indent + LEVEL_INDENT, ..inner },
                );
            }
            Content::Heading { level, text } => {
                let style = format!("Heading{}", (*level).clamp(1, 9));
                let bookmark = self.bookmarks.next_heading(block);
                let properties = Properties { style: Some(&style), left, ..Properties::default() };
                self.bookmarked(text, properties, bookmark);
                self.blocks(&block.children, inner);
            }
            Content::Bullet(text) => {
                self.item(text, place, BULLETS);
                self.blocks(&block.children, Place { level: place.level + 1, ..inner });
            }
            Content::Ordered(text) => {
                let list = match (siblings.list, text.style.sequence) {
                    (Some(list), None) => list,
                    (_, start) => {
                        self.numbering.begin(place.level, place.numbered, start.unwrap_or(1))
                    }
                };
                siblings.list = Some(list);
                self.item(text, place, list);
                let numbered = place.numbered + 1;
                self.blocks(&block.children, Place { level: place.level + 1, numbered, ..inner });
            }
            Content::Todo(text) => {
                self.todo(text, place);
                self.blocks(&block.children, Place { level: place.level + 1, ..inner });
            }
            Content::Code(text) => {
                // Keeps the frame around the code within the indent.
                let left = left.map(|left| left + 142);
                let properties = Properties { style: Some("Code"), left, ..Properties::default() };
                self.paragraph(text, &properties, None);
                self.blocks(&block.children, inner);
            }
            Content::Quote(text) => {
                let left = Some(place.left() + QUOTE_INDENT);
                self.text_paragraph(
                    text,
                    Properties { style: Some("Quote"), left, ..Properties::default() },
                );
                self.blocks(&block.children, inner);
            }
            Content::QuoteContainer => {
                let indent = place.indent + QUOTE_INDENT;
                self.blocks(&block.children, Place { indent, quoted: true, ..inner });
            }
            Content::Callout(callout) => self.callout(callout, &block.children, place),
            Content::Divider => self.divider(left),
            Content::Image(image) => self.image(image, place),
            Content::File { asset } => self.file(*asset, place),
            Content::Grid => self.grid(block, place),
            Content::Table(table) => self.table(table, &block.children, place),
            Content::GridColumn { .. } | Content::TableCell | Content::View { .. } => {
                self.blocks(&block.children, inner);
            }
            Content::Embed(embed) => {
                let properties = Properties { left, ..Properties::default() };
                self.paragraph(&embed.stand_in(), &properties, None);
                let what = format!("{}; a paragraph stands for it", embed.name());
                self.context.lose(LossKind::FeatureDropped, "", what);
            }
            Content::Iframe { url, .. } => {
                let style = InlineStyle { link: Some(url.clone()), ..InlineStyle::default() };
                let text = Text { elements: vec![Inline::styled(url, style)], ..Text::default() };
                self.paragraph(&text, &Properties { left, ..Properties::default() }, None);
                let what = "an embedded page; its address is a link now";
                self.context.lose(LossKind::FeatureDropped, "", what);
            }
        }
    }

    /// A paragraph with the properties its text asks for.
    fn text_paragraph(&mut self, text: &Text, properties: Properties<'_>) {
        self.bookmarked(text, properties, None);
    }

    fn bookmarked(&mut self, text: &Text, properties: Properties<'_>, bookmark: Option<usize>) {
        let properties = Properties {
            fill: colour::block(&text.style.background),
            first_line: text.style.indented,
            align: text.style.align,
            ..properties
        };
        self.paragraph(text, &properties, bookmark);
    }

    fn item(&mut self, text: &Text, place: Place, list: u32) {
        let level = place.level.min(LEVELS - 1);
        let indented = place.indent > 0;
        self.text_paragraph(
            text,
            Properties {
                style: Some("ListParagraph"),
                list: Some((level, list)),
                left: indented.then(|| place.indent + LEVEL_INDENT * (level as u32 + 1)),
                hanging: if indented { LEVEL_INDENT } else { 0 },
                ..Properties::default()
            },
        );
    }

    /// A task: a box one can tick, then the text.
    fn todo(&mut self, text: &Text, place: Place) {
        let level = place.level.min(LEVELS - 1) as u32;
        let properties = Properties {
            style: Some("ListParagraph"),
            left: Some(place.indent + LEVEL_INDENT * (level + 1)),
            hanging: LEVEL_INDENT,
            fill: colour::block(&text.style.background),
            align: text.style.align,
            ..Properties::default()
        };
        self.out.push_str("<w:p>");
        properties.push(&mut self.out);
        let (state, sign) = if text.style.done { ("1", "☒") } else { ("0", "☐") };
        self.out.push_str("<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val=\"");
        self.out.push_str(state);
        self.out.push_str(
            "\"/><w14:checkedState w14:val=\"2612\" w14:font=\"MS Gothic\"/>\
             <w14:uncheckedState w14:val=\"2610\" w14:font=\"MS Gothic\"/></w14:checkbox></w:sdtPr>\
             <w:sdtContent><w:r><w:rPr><w:rFonts w:ascii=\"MS Gothic\" w:eastAsia=\"MS Gothic\" \
             w:hAnsi=\"MS Gothic\" w:hint=\"eastAsia\"/></w:rPr><w:t>",
        );
        self.out.push_str(sign);
        self.out.push_str("</w:t></w:r></w:sdtContent></w:sdt><w:r><w:tab/></w:r>");
        self.runs(text);
        self.out.push_str("</w:p>");
    }

    fn paragraph(&mut self, text: &Text, properties: &Properties<'_>, bookmark: Option<usize>) {
        self.out.push_str("<w:p>");
        properties.push(&mut self.out);
        if let Some(number) = bookmark {
            write!(self.out, "<w:bookmarkStart w:id=\"{number}\" w:name=\"_h{number}\"/>")
                .expect("a string takes any text");
        }
        let displayed = properties.align == Align::Center
            && matches!(text.elements[..], [Inline::Equation { .. }]);
        if displayed {
            let before = self.out.len();
            self.runs(text);
            if self.out.get(before..).is_some_and(|math| math.starts_with("<m:oMath>")) {
                self.out.insert_str(before, "<m:oMathPara>");
                self.out.push_str("</m:oMathPara>");
            }
        } else {
            self.runs(text);
        }
        if let Some(number) = bookmark {
            write!(self.out, "<w:bookmarkEnd w:id=\"{number}\"/>")
                .expect("a string takes any text");
        }
        self.out.push_str("</w:p>");
    }

    /// A paragraph of plain text in a style.
    pub(super) fn styled_paragraph(&mut self, style: &str, content: &str) {
        let properties = Properties { style: Some(style), ..Properties::default() };
        self.paragraph(&Text::plain(content), &properties, None);
    }

    /// A thin empty paragraph that keeps two neighbours apart.
    pub(super) fn gap(&mut self) {
        self.out.push_str(
            "<w:p><w:pPr><w:spacing w:before=\"0\" w:after=\"0\" w:line=\"160\" w:lineRule=\"exact\"/></w:pPr></w:p>",
        );
    }

    /// An empty paragraph, such as every cell ends with.
    pub(super) fn empty_paragraph(&mut self) {
        self.out.push_str("<w:p/>");
    }

    fn divider(&mut self, left: Option<u32>) {
        let border = "<w:bottom w:val=\"single\" w:sz=\"6\" w:space=\"1\" w:color=\"BBBFC4\"/>";
        let properties = Properties { border: Some(border), left, ..Properties::default() };
        self.paragraph(&Text::default(), &properties, None);
    }

    fn image(&mut self, image: &Image, place: Place) {
        let left = (place.left() > 0).then(|| place.left());
        let properties = Properties { left, align: image.align, ..Properties::default() };
        let start = self.out.len();
        self.out.push_str("<w:p>");
        properties.push(&mut self.out);
        let asset = self.document.assets.get(image.asset.0 as usize);
        let drawn = self.pictures.draw(
            image,
            asset,
            place.room(),
            &mut self.out,
            self.assets,
            &mut self.relationships,
        );
        match drawn {
            Ok(()) => self.out.push_str("</w:p>"),
            Err(reason) => {
                self.out.truncate(start);
                let name = asset.map(|asset| asset.name.clone()).unwrap_or_default();
                self.context.lose(LossKind::ImageFailed, name, reason);
            }
        }
        if !image.caption.is_empty() {
            let properties = Properties { style: Some("Caption"), ..properties };
            self.paragraph(&Text::plain(image.caption.as_str()), &properties, None);
        }
    }

    /// A file: its name, or what it shows.
    fn file(&mut self, asset: AssetId, place: Place) {
        if let Some(drawing) = picture::drawing(asset, self.assets) {
            self.image(&drawing, place);
            return;
        }
        let left = (place.left() > 0).then(|| place.left());
        let name = self.document.assets.get(asset.0 as usize).map(|asset| asset.name.clone());
        let name = name.unwrap_or_default();
        let properties = Properties { left, ..Properties::default() };
        self.paragraph(&Text::plain(name.as_str()), &properties, None);
        let what = "an attached file; its name is there";
        self.context.lose(LossKind::FeatureDropped, name, what);
    }
}

/// Paragraphs inside an item look like it.
fn list_style(place: Place) -> Option<&'static str> {
    (place.level > 0).then_some("ListParagraph")
}

impl Properties<'_> {
    fn push(&self, into: &mut String) {
        let start = into.len();
        into.push_str("<w:pPr>");
        let head = into.len();
        if let Some(style) = self.style {
            write!(into, "<w:pStyle w:val=\"{style}\"/>").expect("a string takes any text");
        }
        if let Some((level, list)) = self.list {
            write!(
                into,
                "<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{list}\"/></w:numPr>"
            )
            .expect("a string takes any text");
        }
        if let Some(border) = self.border {
            write!(into, "<w:pBdr>{border}</w:pBdr>").expect("a string takes any text");
        }
        if let Some(fill) = self.fill {
            write!(into, "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{fill}\"/>")
                .expect("a string takes any text");
        }
        if self.left.is_some() || self.first_line {
            into.push_str("<w:ind");
            if let Some(left) = self.left {
                write!(into, " w:left=\"{left}\"").expect("a string takes any text");
            }
            if self.hanging > 0 {
                write!(into, " w:hanging=\"{}\"", self.hanging).expect("a string takes any text");
            } else if self.first_line {
                into.push_str(" w:firstLineChars=\"200\" w:firstLine=\"440\"");
            }
            into.push_str("/>");
        }
        match self.align {
            Align::Left => {}
            Align::Center => into.push_str("<w:jc w:val=\"center\"/>"),
            Align::Right => into.push_str("<w:jc w:val=\"right\"/>"),
        }
        if into.len() == head {
            into.truncate(start);
        } else {
            into.push_str("</w:pPr>");
        }
    }
}
