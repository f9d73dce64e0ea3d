//! Texts exactly as the API spells them (contract, "Text"): style, elements, the style of each.

use std::collections::HashMap;

use larkspur_model::document::{Align, Content, Inline, InlineStyle, Reminder, Text};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::people::People;

/// What a percent-encoded address keeps, the unreserved characters of `encodeURIComponent`.
const ADDRESS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

pub(super) fn encoded(address: &str) -> String {
    utf8_percent_encode(address, ADDRESS).to_string()
}

pub(super) const fn align(align: Align) -> u8 {
    match align {
        Align::Left => 1,
        Align::Center => 2,
        Align::Right => 3,
    }
}

/// The title: a text without a kind of its own.
pub(super) struct Title<'a> {
    pub(super) text: &'a Text,
    pub(super) people: &'a People,
}

impl Serialize for Title<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("style", &HashMap::<&str, &str>::new())?;
        map.serialize_entry("elements", &elements(self.text, self.people))?;
        map.end()
    }
}

/// The text of a block, whose kind says which styles it has.
pub(super) struct KindText<'a> {
    pub(super) text: &'a Text,
    pub(super) content: &'a Content,
    pub(super) people: &'a People,
}

impl Serialize for KindText<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("style", &Style { text: self.text, content: self.content })?;
        map.serialize_entry("elements", &elements(self.text, self.people))?;
        map.end()
    }
}

/// Every text has an element, if only an empty run (contract: `elements` is required).
fn elements<'a>(text: &'a Text, people: &'a People) -> Vec<Element<'a>> {
    if text.elements.is_empty() {
        return vec![Element::Empty];
    }
    text.elements.iter().map(|element| Element::Inline(element, people)).collect()
}

struct Style<'a> {
    text: &'a Text,
    content: &'a Content,
}

impl Serialize for Style<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let style = &self.text.style;
        let mut map = out.serialize_map(None)?;
        if style.align != Align::Left {
            map.serialize_entry("align", &align(style.align))?;
        }
        if matches!(self.content, Content::Todo(_)) {
            map.serialize_entry("done", &style.done)?;
        }
        if style.folded {
            map.serialize_entry("folded", &true)?;
        }
        if matches!(self.content, Content::Code(_)) {
            map.serialize_entry("language", &style.language.map_or(1, |language| language.0))?;
            map.serialize_entry("wrap", &style.wrap)?;
        }
        if !style.background.is_empty() {
            map.serialize_entry("background_color", &style.background)?;
        }
        if style.indented {
            map.serialize_entry("indentation_level", "OneLevelIndent")?;
        }
        if matches!(self.content, Content::Ordered(_))
            && let Some(number) = style.sequence
        {
            map.serialize_entry("sequence", &number.to_string())?;
        }
        map.end()
    }
}

enum Element<'a> {
    Empty,
    Inline(&'a Inline, &'a People),
}

#[derive(serde::Serialize)]
struct Run<'a> {
    content: &'a str,
    text_element_style: ElementStyle<'a>,
}

#[derive(serde::Serialize)]
struct MentionUser<'a> {
    user_id: &'a str,
    text_element_style: ElementStyle<'a>,
}

#[derive(serde::Serialize)]
struct MentionDocument<'a> {
    token: &'a str,
    obj_type: u8,
    url: String,
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    fallback_type: &'a str,
    text_element_style: ElementStyle<'a>,
}

#[derive(serde::Serialize)]
struct WireReminder<'a> {
    create_user_id: &'a str,
    is_notify: bool,
    is_whole_day: bool,
    expire_time: String,
    notify_time: String,
    text_element_style: ElementStyle<'a>,
}

impl<'a> WireReminder<'a> {
    fn new(reminder: &'a Reminder, people: &'a People) -> Self {
        Self {
            create_user_id: people.shown(&reminder.creator),
            is_notify: reminder.notify,
            is_whole_day: reminder.whole_day,
            expire_time: reminder.expire_ms.to_string(),
            notify_time: reminder.notify_ms.to_string(),
            text_element_style: ElementStyle(&reminder.style),
        }
    }
}

/// The style of nothing in particular.
const PLAIN: &InlineStyle = &InlineStyle {
    bold: false,
    italic: false,
    strikethrough: false,
    underline: false,
    inline_code: false,
    text_color: None,
    background_color: None,
    link: None,
    comment_ids: Vec::new(),
};

impl Serialize for Element<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(1))?;
        let Self::Inline(element, people) = self else {
            let run = Run { content: "", text_element_style: ElementStyle(PLAIN) };
            map.serialize_entry("text_run", &run)?;
            return map.end();
        };
        match element {
            Inline::Run { content, style } => {
                let run = Run { content, text_element_style: ElementStyle(style) };
                map.serialize_entry("text_run", &run)?;
            }
            Inline::Equation { content, style } => {
                let run = Run { content, text_element_style: ElementStyle(style) };
                map.serialize_entry("equation", &run)?;
            }
            Inline::MentionUser { user, style } => {
                let text_element_style = ElementStyle(style);
                let mention = MentionUser { user_id: people.shown(user), text_element_style };
                map.serialize_entry("mention_user", &mention)?;
            }
            Inline::MentionDocument { token, kind, url, title, fallback, style } => {
                let mention = MentionDocument {
                    token,
                    obj_type: *kind,
                    url: encoded(url),
                    title,
                    fallback_type: fallback,
                    text_element_style: ElementStyle(style),
                };
                map.serialize_entry("mention_doc", &mention)?;
            }
            Inline::Reminder(reminder) => {
                map.serialize_entry("reminder", &WireReminder::new(reminder, people))?;
            }
        }
        map.end()
    }
}

struct ElementStyle<'a>(&'a InlineStyle);

#[derive(serde::Serialize)]
struct Link {
    url: String,
}

impl Serialize for ElementStyle<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let style = self.0;
        let mut map = out.serialize_map(None)?;
        for (key, set) in [
            ("bold", style.bold),
            ("italic", style.italic),
            ("strikethrough", style.strikethrough),
            ("underline", style.underline),
            ("inline_code", style.inline_code),
        ] {
            if set {
                map.serialize_entry(key, &true)?;
            }
        }
        if let Some(color) = style.text_color {
            map.serialize_entry("text_color", &color)?;
        }
        if let Some(color) = style.background_color {
            map.serialize_entry("background_color", &color)?;
        }
        if let Some(link) = &style.link {
            map.serialize_entry("link", &Link { url: encoded(link) })?;
        }
        if !style.comment_ids.is_empty() {
            map.serialize_entry("comment_ids", &style.comment_ids)?;
        }
        map.end()
    }
}
