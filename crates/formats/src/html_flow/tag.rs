//! What each start tag does.

use html5ever::tokenizer::Tag;
use larkspur_model::document::{Align, CodeLanguage, InlineStyle};
use larkspur_model::loss::LossKind;

use super::style::{apply_declarations, paragraph_align};
use super::{HtmlFlow, OpenTag};
use crate::document_builder::{CellShape, DocumentBuilder, ParagraphKind, is_safe_link};

/// What has to be undone when a tag is closed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// A style; text to be added at its end.
    Inline(&'static str),
    /// Containers, and the paragraph.
    Block,
}

const TABLE_BARRIER: &[&str] = &["table"];
const FLOW_BARRIER: &[&str] =
    &["td", "th", "table", "li", "dd", "div", "blockquote", "section", "article", "details"];

pub(super) fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|found| &*found.value)
}

/// The number an attribute starts with: `120`, `120px`. Shares of the page are no number.
fn number(tag: &Tag, name: &str) -> Option<u32> {
    let text = attribute(tag, name)?.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if text.ends_with('%') { None } else { text.get(..digits)?.parse().ok() }
}

impl HtmlFlow {
    pub(super) fn start_tag(&mut self, tag: &Tag, builder: &mut DocumentBuilder<'_, '_>) {
        let name = &*tag.name;
        if self.dropping.is_some() {
            if !is_void(name) {
                self.push(tag, Effect::Inline(""), builder);
            }
            return;
        }
        if self.void_tag(tag, builder) {
            return;
        }
        match name {
            "script" | "style" | "template" | "svg" | "canvas" | "object" => {
                let what = format!("an HTML element <{name}> and what was in it");
                builder.context.lose(LossKind::FeatureDropped, "", what);
                self.start_dropping(tag, builder);
            }
            "title" | "rp" => self.start_dropping(tag, builder),
            "iframe" | "video" | "audio" => {
                embedded(tag, builder);
                self.start_dropping(tag, builder);
            }
            _ if is_block(name) => {
                self.imply_ends(name, builder);
                builder.end_paragraph();
                if self.push(tag, Effect::Block, builder) {
                    self.begin_block(tag, builder);
                }
            }
            _ => {
                let after = match name {
                    "q" => "”",
                    "rt" => ")",
                    _ => "",
                };
                if self.push(tag, Effect::Inline(after), builder) {
                    begin_inline(tag, builder);
                }
            }
        }
    }

    /// Puts a tag on the stack; false if that is full.
    fn push(&mut self, tag: &Tag, effect: Effect, builder: &DocumentBuilder<'_, '_>) -> bool {
        if self.open.len() >= builder.context.limits.markup_depth {
            self.overflow += 1;
            return false;
        }
        let style = builder.style.clone();
        let name = tag.name.to_string();
        self.open.push(OpenTag { name, effect, style, depth: builder.depth() });
        true
    }

    fn start_dropping(&mut self, tag: &Tag, builder: &DocumentBuilder<'_, '_>) {
        let below = self.open.len();
        if self.push(tag, Effect::Inline(""), builder) {
            self.dropping = Some(below);
        }
    }

    /// Tags that never have an end; true if this was one.
    fn void_tag(&mut self, tag: &Tag, builder: &mut DocumentBuilder<'_, '_>) -> bool {
        match &*tag.name {
            "br" => builder.hard_break(),
            "hr" => {
                self.imply_ends("hr", builder);
                builder.divider();
            }
            "img" => {
                let source = attribute(tag, "src").unwrap_or_default().trim();
                let alternative = attribute(tag, "alt").unwrap_or_default();
                if !source.is_empty() || !alternative.is_empty() {
                    let (width, height) = (number(tag, "width"), number(tag, "height"));
                    builder.image(source, alternative, width, height);
                }
            }
            "input" => {
                let kind = attribute(tag, "type").unwrap_or_default();
                if kind.eq_ignore_ascii_case("checkbox") && self.is_open(&["li"], &["td", "th"]) {
                    builder.mark_todo(attribute(tag, "checked").is_some());
                }
            }
            name => return is_void(name),
        }
        true
    }

    /// Closes what HTML closes by itself before this start tag.
    fn imply_ends(&mut self, name: &str, builder: &mut DocumentBuilder<'_, '_>) {
        let found = match name {
            "li" => self.find(&["li"], &["ul", "ol", "td", "th", "table"]),
            "dt" | "dd" => {
                let names: &[&str] = if name == "dt" { &["dt", "dd"] } else { &["dd"] };
                let found = self.find(names, &["dl", "td", "th", "table"]);
                // The definition stays within the item of its term.
                let outer = self.find(&["dt"], &["dl", "td", "th", "table"]);
                if name == "dt" { outer.or(found) } else { found }
            }
            "td" | "th" => self.find(&["td", "th", "caption"], TABLE_BARRIER),
            "tr" => self
                .find(&["tr"], TABLE_BARRIER)
                .or_else(|| self.find(&["td", "th", "caption"], TABLE_BARRIER)),
            "thead" | "tbody" | "tfoot" => self
                .find(&["thead", "tbody", "tfoot"], TABLE_BARRIER)
                .or_else(|| self.find(&["tr", "caption"], TABLE_BARRIER)),
            _ => self.find(&["p", "h1", "h2", "h3", "h4", "h5", "h6"], FLOW_BARRIER),
        };
        self.close_found(found, builder);
    }

    fn begin_block(&mut self, tag: &Tag, builder: &mut DocumentBuilder<'_, '_>) {
        let align = paragraph_align(tag);
        match &*tag.name {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = tag.name.as_bytes().get(1).map_or(1, |digit| digit - b'0');
                match align {
                    Some(align) => builder.begin_aligned(ParagraphKind::Heading(level), align),
                    None => builder.begin_paragraph(ParagraphKind::Heading(level)),
                }
            }
            "ul" | "menu" | "dir" | "dl" => builder.open_list(None),
            "ol" => builder.open_list(Some(number(tag, "start").unwrap_or(1))),
            "li" => builder.open_item(number(tag, "value")),
            "dt" => {
                builder.open_item(None);
                builder.style.bold = true;
            }
            "dd" => {
                builder.open_group(None);
                builder.style.bold = false;
            }
            "blockquote" => builder.open_quote(),
            "pre" | "listing" | "xmp" => {
                builder.begin_paragraph(ParagraphKind::Code(Some(code_language(tag))));
            }
            "table" if is_presentation(tag) => builder.open_group(align),
            "table" => {
                builder.open_table(0);
                if self.is_page && !has_border(tag) {
                    builder.suspect_layout();
                }
            }
            "tr" if self.is_open(TABLE_BARRIER, &["td", "th"]) => builder.open_row(),
            "td" | "th" if self.is_open(TABLE_BARRIER, &[]) => {
                if !self.is_open(&["tr"], TABLE_BARRIER) {
                    builder.open_row();
                }
                let span = |name| number(tag, name).unwrap_or(1).clamp(1, 10_000);
                let shape = CellShape {
                    row_span: span("rowspan"),
                    column_span: span("colspan"),
                    header: &*tag.name == "th",
                    continues: false,
                };
                builder.open_cell(shape, align.unwrap_or(Align::Left));
            }
            "thead" | "tbody" | "tfoot" | "colgroup" => {}
            "summary" => {
                builder.open_group(align);
                builder.style.bold = true;
            }
            "center" => builder.open_group(Some(Align::Center)),
            _ => builder.open_group(align),
        }
        apply_declarations(attribute(tag, "style").unwrap_or_default(), &mut builder.style);
    }
}

/// Whether the page says that the table is there for its looks (WAI-ARIA 1.2, 5.4).
fn is_presentation(tag: &Tag) -> bool {
    let role = attribute(tag, "role").unwrap_or_default().trim();
    role.eq_ignore_ascii_case("presentation") || role.eq_ignore_ascii_case("none")
}

fn has_border(tag: &Tag) -> bool {
    attribute(tag, "border").is_some_and(|width| width.trim() != "0")
}

/// The language named by `class="language-x"` or `lang="x"`.
fn code_language(tag: &Tag) -> CodeLanguage {
    let class = attribute(tag, "class").unwrap_or_default();
    class
        .split_ascii_whitespace()
        .map(|name| name.trim_start_matches("language-").trim_start_matches("lang-"))
        .chain(attribute(tag, "lang"))
        .find_map(CodeLanguage::from_fence)
        .unwrap_or(CodeLanguage::PLAIN_TEXT)
}

fn begin_inline(tag: &Tag, builder: &mut DocumentBuilder<'_, '_>) {
    let in_code = builder.in_code();
    let style: &mut InlineStyle = &mut builder.style;
    match &*tag.name {
        "b" | "strong" => style.bold = true,
        "i" | "em" | "cite" | "var" | "dfn" => style.italic = true,
        "u" | "ins" => style.underline = true,
        "s" | "strike" | "del" => style.strikethrough = true,
        "code" if in_code => {
            let language = code_language(tag);
            if language != CodeLanguage::PLAIN_TEXT && !builder.has_text() {
                builder.set_code_language(language);
            }
        }
        "code" | "kbd" | "samp" | "tt" => style.inline_code = true,
        "mark" => style.background_color = Some(3),
        "a" => {
            let target = attribute(tag, "href").unwrap_or_default().trim();
            if is_safe_link(target) {
                style.link = Some(target.to_owned());
            } else if !target.is_empty() {
                builder.context.lose(LossKind::FeatureDropped, "", "a link that runs a script");
            }
        }
        "q" => builder.text("“"),
        "rt" => builder.text("("),
        "sub" | "sup" => {
            let what = format!("<{}>: the text stands on the line", &*tag.name);
            builder.context.lose(LossKind::FormattingDropped, "", what);
        }
        _ => {}
    }
    apply_declarations(attribute(tag, "style").unwrap_or_default(), &mut builder.style);
}

/// A film or page inside the text becomes a link to it.
fn embedded(tag: &Tag, builder: &mut DocumentBuilder<'_, '_>) {
    let source = attribute(tag, "src").unwrap_or_default().trim();
    if is_safe_link(source) {
        let style = InlineStyle { link: Some(source.to_owned()), ..builder.style.clone() };
        builder.styled_text(source, &style);
    }
    let what = format!("an HTML element <{}>; its address is a link now", &*tag.name);
    builder.context.lose(LossKind::FeatureDropped, "", what);
}

fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
            | "bgsound"
            | "frame"
    )
}

fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "colgroup"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "head"
            | "header"
            | "hgroup"
            | "html"
            | "legend"
            | "li"
            | "listing"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "xmp"
            | "option"
            | "optgroup"
    )
}
