//! HTML, whole or in pieces between other text, into a document: tags open and close containers and
//! styles of the builder. Keeps a bounded stack of open tags instead of a tree, so that hostile input
//! costs no more than its length.

mod style;
mod tag;

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use larkspur_model::document::InlineStyle;

use self::tag::Effect;
use crate::document_builder::DocumentBuilder;

/// The tags that are open.
#[derive(Default)]
pub(crate) struct HtmlFlow {
    open: Vec<OpenTag>,
    /// Tags below this one belong to a container of the text around and cannot be closed from here.
    floor: usize,
    /// Start tags that found the stack full.
    overflow: usize,
    /// How many tags were open when the one began whose content is left out.
    dropping: Option<usize>,
    /// Tables may be there for the looks of a page.
    is_page: bool,
}

struct OpenTag {
    name: String,
    effect: Effect,
    /// Style before the tag.
    style: InlineStyle,
    /// Containers open before the tag.
    depth: usize,
}

/// What was open at some point, to go back to.
#[derive(Clone, Copy)]
pub(crate) struct Mark {
    open: usize,
    floor: usize,
}

impl HtmlFlow {
    /// For a page of its own, unlike the HTML that people write into other text.
    pub(crate) fn of_page() -> Self {
        Self { is_page: true, ..Self::default() }
    }

    /// Shields the tags that are open now from what follows, until [`Self::close_to`].
    pub(crate) fn enter(&mut self) -> Mark {
        let mark = Mark { open: self.open.len(), floor: self.floor };
        self.floor = mark.open;
        mark
    }

    /// Closes the tags opened since `mark`.
    pub(crate) fn close_to(&mut self, mark: Mark, builder: &mut DocumentBuilder<'_, '_>) {
        self.close_found(Some(mark.open), builder);
        self.floor = mark.floor;
        self.overflow = 0;
    }

    /// Takes a piece of HTML; tags it leaves open stay open.
    pub(crate) fn feed(&mut self, source: &str, builder: &mut DocumentBuilder<'_, '_>) {
        let runner = Runner(RefCell::new((self, builder)));
        let tokenizer = Tokenizer::new(runner, TokenizerOpts::default());
        let queue = BufferQueue::default();
        // The tokenizer's buffers count bytes in 32 bits.
        let mut rest = source;
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(rest.floor_char_boundary(rest.len().min(1 << 20)));
            queue.push_back(StrTendril::from_slice(piece));
            let _ = tokenizer.feed(&queue);
            rest = later;
        }
        tokenizer.end();
    }

    /// Whether what stands here is left out, like the content of `<svg>`.
    pub(crate) const fn is_dropping(&self) -> bool {
        self.dropping.is_some()
    }

    /// Ends leaving out, for text after a piece of HTML that forgot its end tag.
    pub(crate) fn stop_dropping(&mut self, builder: &mut DocumentBuilder<'_, '_>) {
        self.close_found(self.dropping, builder);
    }

    fn text(&self, text: &str, builder: &mut DocumentBuilder<'_, '_>) {
        match self.dropping {
            Some(_) => {}
            None if builder.in_code() => builder.text(text),
            None => builder.collapsed_text(text),
        }
    }

    /// Where the innermost open tag of one of `names` is, not looking beyond one of `barriers`.
    fn find(&self, names: &[&str], barriers: &[&str]) -> Option<usize> {
        for (at, tag) in self.open.iter().enumerate().skip(self.floor).rev() {
            if names.contains(&tag.name.as_str()) {
                return Some(at);
            }
            if barriers.contains(&tag.name.as_str()) {
                return None;
            }
        }
        None
    }

    fn is_open(&self, names: &[&str], barriers: &[&str]) -> bool {
        self.find(names, barriers).is_some()
    }

    /// Closes all tags from `at` on.
    fn close_found(&mut self, at: Option<usize>, builder: &mut DocumentBuilder<'_, '_>) {
        while at.is_some_and(|at| self.open.len() > at) {
            let Some(tag) = self.open.pop() else { return };
            if self.dropping.is_some_and(|below| self.open.len() <= below) {
                self.dropping = None;
            }
            match tag.effect {
                Effect::Inline("") => {}
                Effect::Inline(after) => builder.text(after),
                Effect::Block => {
                    builder.end_paragraph();
                    builder.close_to(tag.depth);
                }
            }
            builder.style = tag.style;
        }
    }

    fn end_tag(&mut self, tag: &Tag, builder: &mut DocumentBuilder<'_, '_>) {
        if self.overflow > 0 {
            self.overflow -= 1;
            return;
        }
        let name = &*tag.name;
        let found = match name {
            "br" => {
                builder.hard_break();
                None
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.find(&["h1", "h2", "h3", "h4", "h5", "h6"], &["td", "th", "table"])
            }
            "table" => self.find(&["table"], &[]),
            "tr" | "thead" | "tbody" | "tfoot" | "td" | "th" => self.find(&[name], &["table"]),
            "li" => self.find(&["li"], &["ul", "ol", "td", "th", "table"]),
            _ => self.find(&[name], &["td", "th", "table"]),
        };
        self.close_found(found, builder);
    }
}

/// Joins the tokenizer, which only has a shared reference to its sink, with the state.
struct Runner<'r, 'a, 'c>(RefCell<(&'r mut HtmlFlow, &'r mut DocumentBuilder<'a, 'c>)>);

impl TokenSink for Runner<'_, '_, '_> {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        let (flow, builder) = &mut *state;
        match token {
            Token::CharacterTokens(text) => flow.text(&text, builder),
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => flow.end_tag(&tag, builder),
            Token::TagToken(tag) => {
                flow.start_tag(&tag, builder);
                return match &*tag.name {
                    "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                    "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                        TokenSinkResult::RawData(RawKind::Rawtext)
                    }
                    "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
                    _ => TokenSinkResult::Continue,
                };
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}
