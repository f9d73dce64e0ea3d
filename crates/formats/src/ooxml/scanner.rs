//! XML as a stream of tags and text over buffers of UTF-8. It knows namespaces, CDATA, comments and
//! compatibility blocks, checks that tags match, and never follows a document type.

mod namespaces;

use std::borrow::Cow;

use self::namespaces::{Namespaces, Space};
use super::feed::Feed;
use super::text::{decode_into, decoded};
use crate::Error;

/// Bytes of the longest tag.
const TAG_BYTES: usize = 1 << 20;
/// Usual prefixes of extensions to documents whose markup is understood here as far as it matters.
/// Charts, ink and models of newer kinds are not among them: their fallback is a picture.
const KNOWN_EXTENSIONS: [&str; 14] = [
    "wps", "wpg", "wpc", "wp14", "w14", "w15", "w16", "w16se", "w16sdtdh", "a14", "v", "o", "w10",
    "pic",
];

/// What comes next in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// An element starts; see [`Scanner::name`] and [`Scanner::attribute`].
    Start,
    /// An element ends; self-closing ones too.
    End,
    /// Some text, perhaps not all that stands together; see [`Scanner::push_text`].
    Text,
    /// Nothing follows.
    Eof,
}

/// Reads one XML part.
pub(crate) struct Scanner<'f> {
    feed: &'f mut dyn Feed,
    bytes: Vec<u8>,
    at: usize,
    end: usize,
    /// The current tag, between the angle brackets and without slashes.
    tag: (usize, usize),
    /// The current element's local name.
    local: (usize, usize),
    text: (usize, usize),
    text_is_raw: bool,
    in_cdata: bool,
    closes_itself: bool,
    space: Space,
    namespaces: Namespaces,
    open_names: Vec<u8>,
    open: Vec<(u32, Space)>,
    depth_limit: usize,
    /// For each compatibility block that is open, whether one of its alternatives was taken; `None`
    /// where fallbacks are taken always.
    alternatives: Option<Vec<bool>>,
}

impl<'f> Scanner<'f> {
    /// Reads from `feed`, which gives UTF-8; deeper nesting than `depth_limit` is refused.
    pub(crate) fn new(feed: &'f mut dyn Feed, depth_limit: usize) -> Self {
        Self {
            feed,
            bytes: Vec::new(),
            at: 0,
            end: 0,
            tag: (0, 0),
            local: (0, 0),
            text: (0, 0),
            text_is_raw: false,
            in_cdata: false,
            closes_itself: false,
            space: Space::Foreign,
            namespaces: Namespaces::default(),
            open_names: Vec::new(),
            open: Vec::new(),
            depth_limit,
            alternatives: None,
        }
    }

    /// From now on takes the first alternative for newer readers that needs nothing but what is
    /// known, and the fallback only where there is none.
    pub(crate) fn take_choices(&mut self) {
        self.alternatives = Some(Vec::new());
    }

    /// The next event. Alternatives for newer readers are passed over in favour of their fallback,
    /// unless [`Self::take_choices`] says otherwise.
    pub(crate) fn next(&mut self) -> Result<Event, Error> {
        loop {
            let event = self.next_raw()?;
            if self.space != Space::Compatibility || !matches!(event, Event::Start | Event::End) {
                return Ok(event);
            }
            if self.passes_over(event) {
                self.skip_open_element()?;
            }
        }
    }

    /// Whether the element of a compatibility block that just started is to be passed over.
    fn passes_over(&mut self, event: Event) -> bool {
        let local = &self.bytes[self.local.0..self.local.1];
        let known = |requires: &str| {
            requires.split_ascii_whitespace().all(|prefix| KNOWN_EXTENSIONS.contains(&prefix))
        };
        let Some(taken) = &mut self.alternatives else {
            return event == Event::Start && local == b"Choice";
        };
        match (event, local) {
            (Event::Start, b"AlternateContent") => taken.push(false),
            (Event::End, b"AlternateContent") => {
                taken.pop();
            }
            (Event::Start, b"Choice" | b"Fallback") => {
                let is_choice = local == b"Choice";
                let requires = self.attribute(b"Requires").unwrap_or_default();
                let wanted = !is_choice || known(&requires);
                let taken = self.alternatives.as_mut().and_then(|taken| taken.last_mut());
                return taken.is_none_or(|taken| !wanted || std::mem::replace(taken, true));
            }
            _ => {}
        }
        false
    }

    /// The local name of the element that just started or ended, if it is of the document's own
    /// vocabulary; empty for others.
    pub(crate) fn name(&self) -> &[u8] {
        if self.space == Space::Main { self.local() } else { b"" }
    }

    /// The local name of the element that just started or ended, in whatever namespace.
    pub(crate) fn local(&self) -> &[u8] {
        &self.bytes[self.local.0..self.local.1]
    }

    /// Elements open now, the one that just started included.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// The value of an attribute without prefix of the element that just started.
    pub(crate) fn attribute(&self, name: &[u8]) -> Option<Cow<'_, str>> {
        self.attributes().find(|(found, _)| *found == name).map(|(_, value)| decoded(value))
    }

    /// The value of an attribute with any prefix, by its local name.
    pub(crate) fn prefixed_attribute(&self, local: &[u8]) -> Option<Cow<'_, str>> {
        self.attributes()
            .find(|(found, _)| {
                found.iter().position(|&byte| byte == b':').is_some_and(|colon| {
                    &found[colon + 1..] == local && &found[..colon] != b"xmlns"
                })
            })
            .map(|(_, value)| decoded(value))
    }

    /// Names and raw values of the attributes of the element that just started.
    pub(crate) fn attributes(&self) -> Attributes<'_> {
        let tag = &self.bytes[self.tag.0..self.tag.1];
        let name = tag.iter().position(|&byte| is_space(byte)).unwrap_or(tag.len());
        Attributes { rest: &tag[name..] }
    }

    /// Appends the text of the last event; answers whether invalid bytes were replaced.
    pub(crate) fn push_text(&self, out: &mut String) -> bool {
        let raw = &self.bytes[self.text.0..self.text.1];
        if self.text_is_raw { super::text::push_bytes(raw, out) } else { decode_into(raw, out) }
    }

    /// Passes over the rest of the element that just started.
    pub(crate) fn skip_element(&mut self) -> Result<(), Error> {
        self.skip_open_element()
    }

    fn skip_open_element(&mut self) -> Result<(), Error> {
        let inside = self.open.len();
        loop {
            match self.next_raw()? {
                Event::End if self.open.len() < inside => return Ok(()),
                Event::Eof => return Err(cut_off()),
                _ => {}
            }
        }
    }

    /// Appends all text directly within the element that just started, up to its end; the text of
    /// child elements is left out. What comes after `most` bytes is dropped. Answers whether invalid
    /// bytes were replaced.
    pub(crate) fn collect_text(&mut self, out: &mut String, most: usize) -> Result<bool, Error> {
        let mut replaced = false;
        let limit = out.len().saturating_add(most);
        loop {
            match self.next()? {
                Event::Text if out.len() < limit => replaced |= self.push_text(out),
                Event::Text => {}
                Event::Start => self.skip_element()?,
                Event::End => return Ok(replaced),
                Event::Eof => return Err(cut_off()),
            }
        }
    }

    /// Lets the feed's owner hear that work goes on.
    pub(crate) fn tick(&mut self) -> Result<(), Error> {
        self.feed.tick()
    }

    /// The bytes at hand that come next, when the scanner stands between tags and elements without
    /// prefix are the document's own; a reader may take whole elements from them by
    /// [`Self::advance`].
    pub(crate) fn lookahead(&self) -> &[u8] {
        if self.closes_itself || self.in_cdata || self.namespaces.unprefixed() != Some(Space::Main)
        {
            return &[];
        }
        &self.bytes[self.at..self.end]
    }

    /// Passes over `count` bytes of [`Self::lookahead`], which must be whole elements.
    pub(crate) fn advance(&mut self, count: usize) {
        self.at = self.end.min(self.at + count);
    }

    /// Passes over `count` bytes of [`Self::lookahead`], which are the start tag of an element of
    /// the document's own vocabulary with this name and without namespace declarations.
    pub(crate) fn advance_into(&mut self, count: usize, name: &[u8]) {
        self.advance(count);
        self.open.push((self.open_names.len() as u32, Space::Main));
        self.open_names.extend_from_slice(name);
    }

    /// Passes over `count` bytes of [`Self::lookahead`], which are the end tag of the innermost
    /// element; `false`, and nothing done, if that has another name.
    pub(crate) fn advance_out(&mut self, count: usize, name: &[u8]) -> bool {
        let matches =
            self.open.last().is_some_and(|&(start, _)| &self.open_names[start as usize..] == name);
        if matches {
            self.advance(count);
            self.pop();
        }
        matches
    }

    fn next_raw(&mut self) -> Result<Event, Error> {
        if self.closes_itself {
            self.closes_itself = false;
            self.pop();
            return Ok(Event::End);
        }
        loop {
            if self.in_cdata {
                if let Some(event) = self.next_cdata()? {
                    return Ok(event);
                }
                continue;
            }
            if self.at == self.end {
                // A buffer may come empty: that of an empty part, or of a mere byte order mark.
                if self.refill()? {
                    continue;
                }
                return if self.open.is_empty() { Ok(Event::Eof) } else { Err(cut_off()) };
            }
            if self.bytes[self.at] != b'<' {
                if let Some(event) = self.next_text()? {
                    return Ok(event);
                }
                continue;
            }
            self.need(2)?;
            match self.bytes[self.at + 1] {
                b'/' => return self.end_tag(),
                b'?' => self.skip_past(b"?>")?,
                b'!' => self.declaration()?,
                _ => return self.start_tag(),
            }
        }
    }

    fn next_text(&mut self) -> Result<Option<Event>, Error> {
        let rest = &self.bytes[self.at..self.end];
        let length = match memchr::memchr(b'<', rest) {
            Some(length) => length,
            None => whole_text(rest),
        };
        if length == 0 {
            // What is left is the start of a character or reference.
            if !self.refill()? {
                self.at = self.end;
            }
            return Ok(None);
        }
        self.text = (self.at, self.at + length);
        self.text_is_raw = false;
        self.at += length;
        Ok((!self.open.is_empty()).then_some(Event::Text))
    }

    fn next_cdata(&mut self) -> Result<Option<Event>, Error> {
        let rest = &self.bytes[self.at..self.end];
        let (length, after) = match memchr::memmem::find(rest, b"]]>") {
            Some(length) => (length, 3),
            None => (whole_text(&rest[..rest.len().saturating_sub(2)]), 0),
        };
        if length == 0 && after == 0 {
            if !self.refill()? {
                return Err(cut_off());
            }
            return Ok(None);
        }
        self.text = (self.at, self.at + length);
        self.text_is_raw = true;
        self.at += length + after;
        self.in_cdata = after == 0;
        Ok((length > 0 && !self.open.is_empty()).then_some(Event::Text))
    }

    fn declaration(&mut self) -> Result<(), Error> {
        self.need(4)?;
        if self.bytes[self.at..self.end].starts_with(b"<!--") {
            self.at += 4;
            return self.skip_past(b"-->");
        }
        self.need(9)?;
        let rest = &self.bytes[self.at..self.end];
        if rest.starts_with(b"<![CDATA[") {
            self.at += 9;
            self.in_cdata = true;
            return Ok(());
        }
        if rest.starts_with(b"<!DOCTYPE") {
            // ECMA-376 part 2, 6.2.5: parts hold no document type. Entities come with those.
            return Err(Error::damaged("an XML part has a document type declaration"));
        }
        Err(Error::damaged("an XML part has markup that is none"))
    }

    fn skip_past(&mut self, mark: &[u8]) -> Result<(), Error> {
        loop {
            let rest = &self.bytes[self.at..self.end];
            if let Some(found) = memchr::memmem::find(rest, mark) {
                self.at += found + mark.len();
                return Ok(());
            }
            self.at = (self.end + 1).saturating_sub(mark.len()).max(self.at);
            if !self.refill()? {
                return Err(cut_off());
            }
        }
    }

    fn start_tag(&mut self) -> Result<Event, Error> {
        let close = self.tag_end()?;
        let start = self.at + 1;
        self.closes_itself = close > start && self.bytes[close - 1] == b'/';
        self.tag = (start, close - usize::from(self.closes_itself));
        self.at = close + 1;
        let tag = &self.bytes[self.tag.0..self.tag.1];
        let length = tag.iter().position(|&byte| is_space(byte)).unwrap_or(tag.len());
        if length == 0 {
            return Err(Error::damaged("an XML part has a tag without a name"));
        }
        if self.open.len() >= self.depth_limit {
            return Err(Error::TooLarge("elements of an XML part are nested too deep".into()));
        }
        let colon = memchr::memchr(b':', &tag[..length]);
        self.local = (start + colon.map_or(0, |colon| colon + 1), start + length);
        if length < tag.len() && memchr::memmem::find(tag, b"xmlns").is_some() {
            let attributes = Attributes { rest: &self.bytes[start + length..self.tag.1] };
            self.namespaces.bind(attributes, self.open.len() + 1)?;
        }
        let prefix = &self.bytes[start..start + colon.unwrap_or(0)];
        self.space = match (self.open.is_empty(), colon, self.namespaces.unprefixed()) {
            (true, ..) => self.namespaces.enter_root(prefix),
            (_, None, Some(space)) => space,
            _ => self.namespaces.of(prefix),
        };
        self.open.push((self.open_names.len() as u32, self.space));
        self.open_names.extend_from_slice(&self.bytes[start..start + length]);
        Ok(Event::Start)
    }

    fn end_tag(&mut self) -> Result<Event, Error> {
        let close = self.tag_end()?;
        let name = self.bytes[self.at + 2..close].trim_ascii_end();
        let start = self.at + 2;
        let Some(&(open, space)) = self.open.last() else {
            return Err(Error::damaged("an XML part ends an element that is not open"));
        };
        if &self.open_names[open as usize..] != name {
            return Err(Error::damaged("the tags of an XML part do not match"));
        }
        let colon = memchr::memchr(b':', name).map_or(0, |colon| colon + 1);
        self.local = (start + colon, start + name.len());
        self.tag = (start, start);
        self.space = space;
        self.at = close + 1;
        self.pop();
        Ok(Event::End)
    }

    fn pop(&mut self) {
        let depth = self.open.len();
        if let Some((start, _)) = self.open.pop() {
            self.open_names.truncate(start as usize);
        }
        self.namespaces.leave(depth);
    }

    /// Where the tag that starts here has its `>`; attribute values may hold others.
    fn tag_end(&mut self) -> Result<usize, Error> {
        let mut offset = 1;
        let mut quote = 0;
        loop {
            for (index, &byte) in self.bytes[self.at + offset..self.end].iter().enumerate() {
                if quote != 0 {
                    if byte == quote {
                        quote = 0;
                    }
                } else if byte == b'>' {
                    return Ok(self.at + offset + index);
                } else if byte == b'"' || byte == b'\'' {
                    quote = byte;
                } else if byte == b'<' {
                    return Err(Error::damaged("an XML part has a tag within a tag"));
                }
            }
            offset = self.end - self.at;
            if offset > TAG_BYTES {
                return Err(Error::TooLarge("a tag of an XML part is too long".into()));
            }
            if !self.refill()? {
                return Err(cut_off());
            }
        }
    }

    /// Makes sure that `count` bytes are at hand.
    fn need(&mut self, count: usize) -> Result<(), Error> {
        while self.end - self.at < count {
            if !self.refill()? {
                return Err(cut_off());
            }
        }
        Ok(())
    }

    /// Gets more bytes behind those not yet passed; `false` at the end.
    fn refill(&mut self) -> Result<bool, Error> {
        let tail = self.end - self.at;
        // The buffer cannot go back to the feed while its tail is needed, so the one spent before
        // goes instead; here the tail moves first into the headroom of the new one.
        let kept = if tail > 0 { self.bytes[self.at..self.end].to_vec() } else { Vec::new() };
        let spent = std::mem::take(&mut self.bytes);
        let Some(mut chunk) = self.feed.next(spent)? else {
            (self.at, self.end) = (0, tail);
            self.bytes = kept;
            return Ok(false);
        };
        if tail <= chunk.start {
            self.at = chunk.start - tail;
            chunk.bytes[self.at..chunk.start].copy_from_slice(&kept);
            (self.end, self.bytes) = (chunk.end, chunk.bytes);
        } else {
            let mut joined = kept;
            joined.extend_from_slice(&chunk.bytes[chunk.start..chunk.end]);
            (self.at, self.end, self.bytes) = (0, joined.len(), joined);
        }
        Ok(true)
    }
}

fn cut_off() -> Error {
    Error::damaged("an XML part is cut off")
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// How much of `rest`, which text goes on behind, ends neither within a character nor within a
/// reference.
fn whole_text(rest: &[u8]) -> usize {
    let tail = rest.len().saturating_sub(12);
    let mut length = rest.len();
    if let Some(at) = memchr::memrchr(b'&', &rest[tail..])
        && memchr::memchr(b';', &rest[tail + at..]).is_none()
    {
        length = tail + at;
    }
    if rest[..length].ends_with(b"\r") {
        length -= 1;
    }
    let character = (1..=3.min(length)).find(|&back| rest[length - back] & 0xc0 != 0x80);
    match character {
        Some(back) => {
            let lead = rest[length - back];
            let need = match lead {
                0xc0..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xff => 4,
                _ => 1,
            };
            if need > back { length - back } else { length }
        }
        None => length,
    }
}

/// Names and raw values of a tag's attributes.
#[derive(Debug, Clone)]
pub(crate) struct Attributes<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.trim_ascii_start();
        let equals = memchr::memchr(b'=', rest)?;
        let name = rest[..equals].trim_ascii_end();
        let value = rest[equals + 1..].trim_ascii_start();
        let (&quote, value) = value.split_first()?;
        if quote != b'"' && quote != b'\'' {
            self.rest = &[];
            return None;
        }
        let length = memchr::memchr(quote, value)?;
        self.rest = &value[length + 1..];
        Some((name, &value[..length]))
    }
}

#[cfg(test)]
mod tests;
