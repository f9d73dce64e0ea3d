//! The text of the HTML that a reference implementation made: what a browser would show of it.

use std::cell::RefCell;

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// Tags that words do not run through.
const BREAKS: &[&str] = &[
    "br",
    "p",
    "div",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "hr",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
    "section",
];

#[derive(Default)]
struct Shown {
    text: String,
    /// The element whose content is not shown.
    hidden: Option<String>,
}

#[derive(Default)]
struct Sink(RefCell<Shown>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut shown = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) if shown.hidden.is_none() => shown.text.push_str(&text),
            Token::TagToken(tag) => return shown.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Shown {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        if BREAKS.contains(&name) {
            self.text.push('\n');
        }
        if tag.kind == TagKind::EndTag {
            if self.hidden.as_deref() == Some(name) {
                self.hidden = None;
            }
            return TokenSinkResult::Continue;
        }
        let attribute = |wanted: &str| {
            let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == wanted);
            found.map(|attribute| attribute.value.to_string()).unwrap_or_default()
        };
        match name {
            // The words of a picture; without any, the place where it lies is all there is to say.
            "img" if attribute("alt").is_empty() => self.text.push_str(&attribute("src")),
            "img" => self.text.push_str(&attribute("alt")),
            "script" | "style" => {
                self.hidden = Some(name.to_owned());
                let kind = if name == "script" { RawKind::ScriptData } else { RawKind::Rawtext };
                return TokenSinkResult::RawData(kind);
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

/// The text, blanks normalised.
pub(crate) fn text(html: &str) -> String {
    let tokenizer = Tokenizer::new(Sink::default(), TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(html.into());
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    normalised(&tokenizer.sink.0.borrow().text)
}

/// Words with a single blank between them.
pub(crate) fn normalised(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
