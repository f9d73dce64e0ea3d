//! The pieces of a text as runs, links and formulas.

use std::fmt::Write as _;

use larkspur_model::document::{Inline, InlineStyle, Text};
use larkspur_model::loss::LossKind;

use super::body::Body;
use super::markup::{as_uri, push_escaped};
use super::math::to_office_math;
use crate::word_flow::colour;

impl Body<'_, '_> {
    /// Appends all pieces of `text`.
    pub(super) fn runs(&mut self, text: &Text) {
        for element in &text.elements {
            let style = element.style();
            let closing = self.open_link(style.link.as_deref());
            match element {
                Inline::Run { content, .. } => self.run(content, style),
                Inline::Equation { content, .. } => self.formula(content),
                Inline::MentionUser { user, .. } => self.run(&format!("@{user}"), style),
                Inline::MentionDocument { url, title, .. } if style.link.is_none() => {
                    let inner = self.open_link(Some(url));
                    let linked = InlineStyle { link: Some(url.clone()), ..style.clone() };
                    self.run(title, &linked);
                    self.out.push_str(inner);
                }
                Inline::MentionDocument { title, .. } => self.run(title, style),
                Inline::Reminder(reminder) => {
                    let what = "a reminder is its date now";
                    self.context.lose(LossKind::FeatureDropped, "", what);
                    self.run(&reminder.to_plain(), style);
                }
            }
            self.out.push_str(closing);
        }
    }

    /// Opens a link; answers what closes it.
    fn open_link(&mut self, link: Option<&str>) -> &'static str {
        let Some(link) = link.filter(|link| !link.trim().is_empty()) else { return "" };
        if let Some(bookmark) = self.bookmarks.of_link(link) {
            write!(self.out, "<w:hyperlink w:anchor=\"_h{bookmark}\" w:history=\"1\">")
                .expect("a string takes any text");
            return "</w:hyperlink>";
        }
        let uri = as_uri(link);
        let relationships = &mut self.relationships;
        let id = self.links.entry(uri).or_insert_with_key(|uri| relationships.link(uri));
        self.out.push_str("<w:hyperlink r:id=\"");
        self.out.push_str(id);
        self.out.push_str("\" w:history=\"1\">");
        "</w:hyperlink>"
    }

    /// Appends characters in one style; line ends and tabs become their elements.
    pub(super) fn run(&mut self, content: &str, style: &InlineStyle) {
        if content.is_empty() {
            return;
        }
        self.out.push_str("<w:r>");
        push_run_properties(style, &mut self.out);
        self.characters(content);
        self.out.push_str("</w:r>");
    }

    /// Appends characters inside a run.
    pub(super) fn characters(&mut self, content: &str) {
        let mut rest = content;
        loop {
            let end = rest.find(['\n', '\t']).unwrap_or(rest.len());
            let (text, later) = rest.split_at(end);
            if !text.is_empty() {
                self.out.push_str("<w:t xml:space=\"preserve\">");
                self.left_out += push_escaped(&mut self.out, text);
                self.out.push_str("</w:t>");
            }
            match later.chars().next() {
                None => break,
                Some('\n') => self.out.push_str("<w:br/>"),
                Some(_) => self.out.push_str("<w:tab/>"),
            }
            rest = later.get(1..).unwrap_or_default();
        }
    }

    fn formula(&mut self, latex: &str) {
        match to_office_math(latex) {
            Ok(math) => self.out.push_str(&math),
            Err(unknown) => {
                self.out.push_str(
                    "<w:r><w:rPr><w:rFonts w:ascii=\"Cambria Math\" w:hAnsi=\"Cambria Math\"/></w:rPr>",
                );
                self.characters(latex);
                self.out.push_str("</w:r>");
                self.context.lose(
                    LossKind::FormattingDropped,
                    "",
                    format!("a formula Word cannot show stands as LaTeX ({unknown})"),
                );
            }
        }
    }
}

/// Properties of a run, in the order of the schema.
fn push_run_properties(style: &InlineStyle, into: &mut String) {
    if *style == InlineStyle::default() {
        return;
    }
    into.push_str("<w:rPr>");
    if style.inline_code {
        into.push_str("<w:rStyle w:val=\"CodeCharacters\"/>");
    } else if style.link.is_some() {
        into.push_str("<w:rStyle w:val=\"Hyperlink\"/>");
    }
    for (set, element) in [
        (style.bold, "<w:b/><w:bCs/>"),
        (style.italic, "<w:i/><w:iCs/>"),
        (style.strikethrough, "<w:strike/>"),
    ] {
        if set {
            into.push_str(element);
        }
    }
    if let Some(colour) = colour::text(style.text_color) {
        into.push_str("<w:color w:val=\"");
        into.push_str(colour);
        into.push_str("\"/>");
    }
    if style.underline {
        into.push_str("<w:u w:val=\"single\"/>");
    }
    if let Some(colour) = colour::background(style.background_color) {
        into.push_str("<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"");
        into.push_str(colour);
        into.push_str("\"/>");
    }
    into.push_str("</w:rPr>");
}
