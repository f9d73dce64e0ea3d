//! Markdown into a document. What the parser calls a tag opens or closes something in the builder; raw
//! HTML goes through the HTML flow, so that the two may lie within each other.

use larkspur_model::document::{
    Align, Block, CodeLanguage, Content, Document, Inline, InlineStyle, Text,
};
use larkspur_model::loss::LossKind;
use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::alert::callout;
use super::front_matter;
use crate::document_builder::{CellShape, DocumentBuilder, ParagraphKind, is_safe_link};
use crate::html_flow::{HtmlFlow, Mark};
use crate::text_encoding::read_text;
use crate::{AssetSink, Context, Error, Input, Limits, NoAssets, Unwatched};

/// Events between two words to the monitor.
const EVENTS_PER_REPORT: usize = 4096;

/// Reads a Markdown file; see [`crate::ReadDocument`].
pub(super) fn read(
    input: &mut dyn Input,
    assets: &mut dyn AssetSink,
    context: &mut Context<'_>,
) -> Result<Document, Error> {
    let source = read_text(input, context)?;
    read_source(&source, assets, context)
}

fn read_source(
    source: &str,
    assets: &mut dyn AssetSink,
    context: &mut Context<'_>,
) -> Result<Document, Error> {
    let (settings, body) = front_matter::split(source);
    let mut title = context.options.title.clone();
    if let Some(settings) = settings {
        if !settings.title.is_empty() {
            title = settings.title;
        }
        for name in settings.others {
            context.lose(LossKind::FeatureDropped, "front matter", name);
        }
    }
    let mut reader = Reader {
        builder: DocumentBuilder::new(assets, context),
        html: HtmlFlow::default(),
        marks: Vec::new(),
        raw: String::new(),
        picture: None,
        definition_lists: Vec::new(),
        table: TableShape::default(),
    };
    reader.builder.link_bare_addresses = true;
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM
        | Options::ENABLE_DEFINITION_LIST;
    if has_containers(body) {
        // The parser takes the colons for a definition.
        options.remove(Options::ENABLE_DEFINITION_LIST);
    }
    let total = body.len() as u64;
    for (index, (event, at)) in Parser::new_ext(body, options).into_offset_iter().enumerate() {
        if index % EVENTS_PER_REPORT == 0 {
            reader.builder.context.progress("reading", at.start as u64, total)?;
        }
        if reader.builder.is_full() {
            break;
        }
        reader.event(event);
    }
    Ok(reader.builder.finish(Text::plain(title)))
}

/// Whether a line begins with the three colons of a container (`:::tip`), as makers of handbooks use them;
/// their text stays as it is.
fn has_containers(source: &str) -> bool {
    memchr::memmem::find_iter(source.as_bytes(), ":::").any(|at| {
        let line = source.get(..at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
        line.trim().is_empty()
    })
}

struct Reader<'a, 'c> {
    builder: DocumentBuilder<'a, 'c>,
    html: HtmlFlow,
    marks: Vec<Opened>,
    /// The HTML block being collected.
    raw: String,
    picture: Option<Picture>,
    /// Containers open inside each definition list, its terms not counted.
    definition_lists: Vec<usize>,
    table: TableShape,
}

/// What was open before a tag.
struct Opened {
    html: Mark,
    depth: usize,
    style: InlineStyle,
}

/// A picture whose words are being collected.
struct Picture {
    address: String,
    words: String,
    /// Pictures within its words.
    inner: usize,
}

#[derive(Default)]
struct TableShape {
    align: Vec<Align>,
    column: usize,
    header: bool,
}

impl Reader<'_, '_> {
    fn event(&mut self, event: Event<'_>) {
        if let Some(picture) = &mut self.picture {
            if !picture.take(&event)
                && let Some(picture) = self.picture.take()
            {
                self.builder.image(&picture.address, &picture.words, None, None);
            }
            return;
        }
        let is_tag = matches!(event, Event::Start(_) | Event::End(_) | Event::InlineHtml(_));
        if self.html.is_dropping() && !is_tag {
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.builder.text(&text),
            Event::Code(code) => {
                let style = InlineStyle { inline_code: true, ..self.builder.style.clone() };
                self.builder.styled_text(&code, &style);
            }
            Event::InlineMath(latex) => self.builder.equation(&latex, false),
            Event::DisplayMath(latex) => self.builder.equation(&latex, true),
            Event::Html(html) => self.raw.push_str(&html),
            Event::InlineHtml(html) => self.html.feed(&html, &mut self.builder),
            Event::FootnoteReference(label) => {
                let number = self.builder.note_number(&label);
                self.builder.text(&format!("[{number}]"));
            }
            Event::SoftBreak => self.builder.soft_break(),
            Event::HardBreak => self.builder.hard_break(),
            Event::Rule => self.builder.divider(),
            Event::TaskListMarker(done) => self.builder.mark_todo(done),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Image { dest_url, .. } => {
                let address = dest_url.into_string();
                self.picture = Some(Picture { address, words: String::new(), inner: 0 });
                return;
            }
            Tag::HtmlBlock => {
                self.builder.end_paragraph();
                return;
            }
            _ => {}
        }
        self.marks.push(Opened {
            html: self.html.enter(),
            depth: self.builder.depth(),
            style: self.builder.style.clone(),
        });
        let builder = &mut self.builder;
        match tag {
            Tag::Paragraph => builder.begin_paragraph(ParagraphKind::Text),
            Tag::Heading { level, .. } => {
                builder.begin_paragraph(ParagraphKind::Heading(level as u8));
            }
            Tag::BlockQuote(None) => builder.open_quote(),
            Tag::BlockQuote(Some(kind)) => builder.open_callout(callout(kind)),
            Tag::CodeBlock(kind) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => CodeLanguage::from_fence(info),
                    CodeBlockKind::Indented => None,
                };
                let language = language.unwrap_or(CodeLanguage::PLAIN_TEXT);
                builder.begin_paragraph(ParagraphKind::Code(Some(language)));
                builder.style = InlineStyle::default();
            }
            Tag::List(start) => {
                builder.open_list(start.map(|start| u32::try_from(start).unwrap_or(u32::MAX)));
            }
            Tag::Item => builder.open_item(None),
            Tag::FootnoteDefinition(label) => builder.open_note(&label),
            Tag::DefinitionList => {
                builder.open_list(None);
                self.definition_lists.push(builder.depth());
            }
            Tag::DefinitionListTitle => {
                builder.close_to(self.definition_lists.last().copied().unwrap_or_default());
                builder.open_item(None);
                builder.style.bold = true;
            }
            Tag::DefinitionListDefinition => builder.end_paragraph(),
            Tag::Table(columns) => {
                builder.open_table(columns.len());
                self.table.align = columns.into_iter().map(align).collect();
            }
            Tag::TableHead | Tag::TableRow => {
                builder.open_row();
                self.table.column = 0;
                self.table.header = matches!(tag, Tag::TableHead);
            }
            Tag::TableCell => {
                let align = self.table.align.get(self.table.column).copied().unwrap_or_default();
                builder.open_cell(CellShape::single(self.table.header), align);
                self.table.column += 1;
            }
            Tag::Emphasis => builder.style.italic = true,
            Tag::Strong => builder.style.bold = true,
            Tag::Strikethrough => builder.style.strikethrough = true,
            // The address stands in the text without what makes a link of it.
            Tag::Link { link_type: LinkType::Email, dest_url, .. } => {
                self.start_link(&format!("mailto:{dest_url}"));
            }
            Tag::Link { dest_url, .. } => self.start_link(&dest_url),
            _ => {}
        }
    }

    fn start_link(&mut self, address: &str) {
        if is_safe_link(address) {
            self.builder.style.link = Some(address.to_owned());
        } else if !address.is_empty() {
            self.builder.context.lose(LossKind::FeatureDropped, "", "a link that runs a script");
        }
    }

    fn end(&mut self, tag: TagEnd) {
        if tag == TagEnd::HtmlBlock {
            let raw = std::mem::take(&mut self.raw);
            self.html.feed(&raw, &mut self.builder);
            self.html.stop_dropping(&mut self.builder);
            self.builder.end_paragraph();
            return;
        }
        let Some(opened) = self.marks.pop() else { return };
        self.html.close_to(opened.html, &mut self.builder);
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link => {}
            TagEnd::DefinitionListTitle | TagEnd::DefinitionListDefinition => {
                self.builder.end_paragraph();
            }
            _ => {
                if tag == TagEnd::DefinitionList {
                    self.definition_lists.pop();
                }
                self.builder.end_paragraph();
                self.builder.close_to(opened.depth);
            }
        }
        self.builder.style = opened.style;
    }
}

impl Picture {
    /// Collects the words of an event; false when the picture ends with it.
    fn take(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => {
                self.words.push_str(text);
            }
            Event::SoftBreak | Event::HardBreak => self.words.push(' '),
            Event::Start(Tag::Image { .. }) => self.inner += 1,
            Event::End(TagEnd::Image) if self.inner == 0 => return false,
            Event::End(TagEnd::Image) => self.inner -= 1,
            _ => {}
        }
        true
    }
}

const fn align(alignment: Alignment) -> Align {
    match alignment {
        Alignment::None | Alignment::Left => Align::Left,
        Alignment::Center => Align::Center,
        Alignment::Right => Align::Right,
    }
}

/// Whether a piece of Markdown is read as one paragraph of just these elements.
pub(super) fn reads_back(source: &str, elements: &[Inline]) -> bool {
    let (limits, options) = (Limits::unlimited(), crate::Options::default());
    let mut monitor = Unwatched;
    let mut context = Context::new(&limits, &options, &mut monitor);
    let read = read_source(source, &mut NoAssets, &mut context);
    match read.as_ref().map(|document| document.blocks.as_slice()) {
        Ok([Block { content: Content::Text(text), children, .. }]) => {
            children.is_empty() && text.elements == elements
        }
        _ => false,
    }
}
