//! A document as GitHub's Markdown. What Markdown has no words for is written as HTML that both GitHub
//! and the reader here understand: underlining, aligned paragraphs, tables with merged cells. Pictures
//! stand in the text as `data:` addresses, because a Markdown file has no folder of its own.

use std::io::{Read as _, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use larkspur_model::document::{
    Align, Asset, Block, Content, Document, Image, Inline, InlineStyle, Text,
};
use larkspur_model::loss::LossKind;

use super::alert::kind_of;
use super::inline::{Marks, Spot, destination, longest_run, render};
use super::read::reads_back;
use crate::{AssetSource, Context, Error};

/// Blocks deeper than this stand side by side; no reader makes such documents.
const MOST_DEPTH: usize = 100;
/// A larger picture is named instead of shown: editors choke on longer lines.
const MOST_PICTURE_BYTES: u64 = 16 << 20;

/// Writes a Markdown file; see [`crate::WriteDocument`].
pub(super) fn write(
    document: &Document,
    assets: &mut dyn AssetSource,
    output: &mut dyn Write,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let title = document.title.to_plain();
    if says_more(&title, document, context) {
        let quoted = title.replace('"', "'").replace(['\n', '\r'], " ");
        writeln!(output, "---\ntitle: \"{quoted}\"\n---\n")?;
    }
    let mut writer = Writer { assets, context, known: &document.assets };
    let total = document.blocks.len() as u64;
    let mut siblings = Siblings::default();
    for (done, block) in (0..).zip(&document.blocks) {
        if done % 256 == 0 {
            writer.context.progress("writing", done, total)?;
        }
        let mut text = String::new();
        writer.block(block, 0, &mut siblings, &mut text);
        output.write_all(text.as_bytes())?;
    }
    if !document.blocks.is_empty() {
        output.write_all(b"\n")?;
    }
    Ok(())
}

/// Whether the title is more than what a reader would take it for anyway.
fn says_more(title: &str, document: &Document, context: &Context<'_>) -> bool {
    let heads = |block: &Block| match &block.content {
        Content::Heading { text, .. } => text.to_plain().trim() == title.trim(),
        _ => false,
    };
    !title.trim().is_empty()
        && title != context.options.title
        && !document.blocks.first().is_some_and(heads)
}

struct Writer<'a, 'c> {
    assets: &'a mut dyn AssetSource,
    context: &'a mut Context<'c>,
    known: &'a [Asset],
}

/// What the block before, in the same row of siblings, was.
#[derive(Default)]
struct Siblings {
    last: Last,
    /// Number of the last numbered item, and the sign after it.
    number: u32,
    parenthesis: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Nothing,
    Bullet,
    Ordered,
    Other,
}

impl Writer<'_, '_> {
    fn blocks(&mut self, blocks: &[Block], depth: usize) -> String {
        let mut text = String::new();
        if depth > MOST_DEPTH {
            self.flat(blocks, &mut text);
            return text;
        }
        let mut siblings = Siblings::default();
        for block in blocks {
            self.block(block, depth, &mut siblings, &mut text);
        }
        text
    }

    /// The texts of blocks too deep to nest.
    fn flat(&mut self, blocks: &[Block], into: &mut String) {
        let mut pending: Vec<&Block> = blocks.iter().rev().collect();
        while let Some(block) = pending.pop() {
            if let Some(text) = block.content.text() {
                if !into.is_empty() {
                    into.push_str("\n\n");
                }
                into.push_str(&self.inline(text, Spot::Paragraph));
            }
            pending.extend(block.children.iter().rev());
        }
        let what = format!("nesting deeper than {MOST_DEPTH} levels; the text is there");
        self.context.lose(LossKind::FormattingDropped, "", what);
    }

    /// Appends one block with what is inside it, and before it what keeps it from its neighbour.
    fn block(&mut self, block: &Block, depth: usize, siblings: &mut Siblings, into: &mut String) {
        let (text, kind) = match &block.content {
            Content::Bullet(text) => (self.item("- ", text, block, depth), Last::Bullet),
            Content::Todo(text) => {
                let mark = if text.style.done { "- [x] " } else { "- [ ] " };
                (self.item(mark, text, block, depth), Last::Bullet)
            }
            Content::Ordered(text) => {
                let restart = siblings.last != Last::Ordered || text.style.sequence.is_some();
                if restart {
                    let again = siblings.last == Last::Ordered;
                    siblings.parenthesis = again && !siblings.parenthesis;
                    siblings.number = text.style.sequence.unwrap_or(1);
                    if again {
                        siblings.last = Last::Other;
                    }
                } else {
                    siblings.number = siblings.number.saturating_add(1);
                }
                let sign = if siblings.parenthesis { ')' } else { '.' };
                let number = siblings.number.min(999_999_999);
                let mark = format!("{number}{sign} ");
                (self.item(&mark, text, block, depth), Last::Ordered)
            }
            _ => (self.other(block, depth), Last::Other),
        };
        if text.is_empty() {
            return;
        }
        if siblings.last != Last::Nothing {
            let goes_on = siblings.last == kind && kind != Last::Other;
            into.push_str(if goes_on { "\n" } else { "\n\n" });
        }
        into.push_str(&text);
        siblings.last = kind;
    }

    fn item(&mut self, mark: &str, text: &Text, block: &Block, depth: usize) -> String {
        self.note_align(text);
        let mut own = self.inline(text, Spot::Paragraph);
        if own.is_empty() && mark.contains('[') {
            // A task has to hold something to be one.
            own.push_str("<br>");
        }
        let inside = self.blocks(&block.children, depth + 1);
        // What stands in the item is indented by the mark, not by the box of a task.
        let indent = " ".repeat(mark.find(' ').unwrap_or(1) + 1);
        let mut item = String::from(mark);
        item.push_str(&indented(&own, &indent));
        if inside.is_empty() {
            item.truncate(item.trim_end().len());
            return item;
        }
        if own.is_empty() && !mark.contains('[') {
            item.push_str(&indented(&inside, &indent));
            return item;
        }
        item.truncate(item.trim_end().len());
        let tight = block.children.first().is_some_and(|child| match &child.content {
            Content::Bullet(text) | Content::Todo(text) => !text.is_empty(),
            Content::Ordered(text) => !text.is_empty() && text.style.sequence.unwrap_or(1) == 1,
            _ => false,
        });
        item.push_str(if tight { "\n" } else { "\n\n" });
        item.push_str(&indent);
        item.push_str(&indented(&inside, &indent));
        item
    }

    fn other(&mut self, block: &Block, depth: usize) -> String {
        let own = match &block.content {
            Content::Text(text) => self.paragraph(text),
            Content::Heading { level, text } => {
                if *level > 6 {
                    let what = format!("a heading of level {level} is one of level 6 now");
                    self.context.lose(LossKind::FormattingDropped, "", what);
                }
                let marks = "#".repeat(usize::from((*level).clamp(1, 6)));
                let line = self.inline(text, Spot::Heading);
                aligned(text.style.align, format!("{marks} {line}").trim_end().to_owned())
            }
            Content::Code(text) => {
                if text.elements.iter().any(|run| *run.style() != InlineStyle::default()) {
                    let what = "the looks of text within code";
                    self.context.lose(LossKind::FormattingDropped, "", what);
                }
                code(text)
            }
            Content::Quote(text) => {
                let text = self.inline(text, Spot::Paragraph);
                return join(&prefixed(&text), &self.blocks(&block.children, depth + 1));
            }
            Content::QuoteContainer => {
                return prefixed(&self.blocks(&block.children, depth + 1));
            }
            Content::Callout(callout) => {
                let inside = self.blocks(&block.children, depth + 1);
                let kind = kind_of(callout);
                // The mark alone of an item would go on with the line before.
                let text_first = inside.starts_with(char::is_alphanumeric) && {
                    let line = inside.lines().next().unwrap_or_default();
                    line.contains(' ') || !line.ends_with(['.', ')'])
                };
                let gap = if text_first || inside.is_empty() { "" } else { "\n" };
                return prefixed(&format!("[!{kind}]\n{gap}{inside}"));
            }
            Content::Divider => "***".to_owned(),
            Content::Image(image) => aligned(
                if image.align == Align::Center { Align::Left } else { image.align },
                self.image(image),
            ),
            Content::File { asset } => {
                let name = self.known.get(asset.0 as usize).map_or("", |asset| asset.name.as_str());
                let what = "an attached file; its name is there";
                self.context.lose(LossKind::FeatureDropped, name, what);
                render(&[Inline::run(name)], Spot::Paragraph, Marks::Markdown)
            }
            Content::Iframe { url, .. } => {
                let what = "an embedded page; its address is a link now";
                self.context.lose(LossKind::FeatureDropped, "", what);
                format!("[{}]({})", url.replace(['[', ']'], ""), destination(url, Spot::Paragraph))
            }
            Content::Embed(embed) => {
                let what = format!("{}; a paragraph stands for it", embed.name());
                self.context.lose(LossKind::FeatureDropped, "", what);
                self.paragraph(&embed.stand_in())
            }
            Content::Table(table) => return self.table(table, &block.children, depth),
            Content::Grid => {
                let what = "columns side by side stand below each other";
                self.context.lose(LossKind::FormattingDropped, "", what);
                String::new()
            }
            _ => String::new(),
        };
        if block.children.is_empty() {
            return own;
        }
        join(&own, &self.blocks(&block.children, depth + 1))
    }

    fn paragraph(&mut self, text: &Text) -> String {
        if let ([Inline::Equation { content, .. }], Align::Center) =
            (text.elements.as_slice(), text.style.align)
        {
            let lines: Vec<&str> =
                content.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
            return format!("$$\n{}\n$$", lines.join("\n"));
        }
        let line = self.inline(text, Spot::Paragraph);
        if line.is_empty() { line } else { aligned(text.style.align, line) }
    }

    /// The text with its styles; with tags for marks if Markdown would read the marks differently.
    pub(super) fn inline(&mut self, text: &Text, spot: Spot) -> String {
        self.note_styles(text);
        let written = render(&text.elements, spot, Marks::Markdown);
        let styled = text.elements.len() > 1
            || text.elements.iter().any(|element| *element.style() != InlineStyle::default());
        if !styled || spot != Spot::Paragraph || reads_back(&written, &text.elements) {
            return written;
        }
        let tagged = render(&text.elements, spot, Marks::Html);
        if reads_back(&tagged, &text.elements) { tagged } else { written }
    }

    fn note_styles(&mut self, text: &Text) {
        for element in &text.elements {
            let style = element.style();
            if style.text_color.is_some() {
                self.context.lose(LossKind::FormattingDropped, "", "the colour of text");
            }
            if style.background_color.is_some_and(|colour| colour != 3) {
                let what = "the colour behind text; it is marked";
                self.context.lose(LossKind::FormattingDropped, "", what);
            }
            if matches!(element, Inline::MentionUser { .. }) {
                self.context.lose(LossKind::FeatureDropped, "", "a mentioned person is text now");
            }
            if matches!(element, Inline::Reminder(_)) {
                self.context.lose(LossKind::FeatureDropped, "", "a reminder is its date now");
            }
        }
        if !text.style.background.is_empty() {
            self.context.lose(LossKind::FormattingDropped, "", "the colour behind a paragraph");
        }
    }

    fn note_align(&mut self, text: &Text) {
        if text.style.align != Align::Left {
            let what = "the alignment of an item of a list";
            self.context.lose(LossKind::FormattingDropped, "", what);
        }
    }

    fn image(&mut self, image: &Image) -> String {
        let asset = self.known.get(image.asset.0 as usize);
        let name = asset.map(|asset| asset.name.clone()).unwrap_or_default();
        let size = asset.map_or(0, |asset| asset.size_bytes);
        if let Some(address) = asset.map(|it| &it.address).filter(|address| !address.is_empty()) {
            let words = [Inline::run(image.caption.as_str())];
            let words = render(&words, Spot::Heading, Marks::Markdown);
            return format!("![{words}]({})", destination(address, Spot::Paragraph));
        }
        let mut bytes = Vec::new();
        let read = self
            .assets
            .open(image.asset)
            .and_then(|reader| reader.take(MOST_PICTURE_BYTES + 1).read_to_end(&mut bytes));
        if read.is_err() || bytes.is_empty() || bytes.len() as u64 > MOST_PICTURE_BYTES {
            let what = match read {
                Ok(0) => "a picture without bytes".to_owned(),
                Ok(_) => format!("a picture of {size} bytes is too large for a line of text"),
                Err(error) => format!("a picture cannot be read: {error}"),
            };
            self.context.lose(LossKind::ImageFailed, name.as_str(), what);
            let words = if image.caption.is_empty() { name } else { image.caption.clone() };
            return render(&[Inline::run(words)], Spot::Paragraph, Marks::Markdown);
        }
        let media_type = asset.map_or("image/png", |asset| asset.media_type.as_str());
        let address = format!("data:{media_type};base64,{}", STANDARD.encode(&bytes));
        let natural = imagesize::blob_size(&bytes).is_ok_and(|size| {
            (size.width, size.height) == (image.width_px as usize, image.height_px as usize)
        });
        if natural {
            let words =
                render(&[Inline::run(image.caption.as_str())], Spot::Heading, Marks::Markdown);
            return format!("![{words}]({address})");
        }
        let words = image.caption.replace('&', "&amp;").replace('"', "&quot;").replace('\n', " ");
        let (width, height) = (image.width_px, image.height_px);
        format!("<img src=\"{address}\" width=\"{width}\" height=\"{height}\" alt=\"{words}\">")
    }
}

/// Two pieces with a blank line between, if both are there.
fn join(first: &str, second: &str) -> String {
    match (first.is_empty(), second.is_empty()) {
        (true, _) => second.to_owned(),
        (_, true) => first.to_owned(),
        _ => format!("{first}\n\n{second}"),
    }
}

/// A piece within an element that moves it to its place.
fn aligned(align: Align, piece: String) -> String {
    let place = match align {
        Align::Left => return piece,
        Align::Center => "center",
        Align::Right => "right",
    };
    format!("<div align=\"{place}\">\n\n{piece}\n\n</div>")
}

/// Lines after the first, unless blank, behind `indent`.
fn indented(text: &str, indent: &str) -> String {
    let mut lines = text.split('\n');
    let mut into = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        into.push('\n');
        if !line.is_empty() {
            into.push_str(indent);
            into.push_str(line);
        }
    }
    into
}

/// Lines behind the mark of a quote.
fn prefixed(text: &str) -> String {
    let mut into = String::with_capacity(text.len() + 16);
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            into.push('\n');
        }
        into.push_str(if line.is_empty() { ">" } else { "> " });
        into.push_str(line);
    }
    into
}

fn code(text: &Text) -> String {
    let content = text.to_plain().replace("\r\n", "\n").replace('\r', "\n");
    let fence = "`".repeat(longest_run(&content, '`').max(2) + 1);
    let language = text.style.language.map(larkspur_model::document::CodeLanguage::to_fence);
    let language = language.unwrap_or_default();
    let end = if content.is_empty() { "" } else { "\n" };
    format!("{fence}{language}\n{content}{end}{fence}")
}

mod table;
