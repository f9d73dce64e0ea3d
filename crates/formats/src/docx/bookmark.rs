//! Links within the document: headings that some link names by its anchor get a bookmark.

use std::collections::{HashMap, HashSet};

use larkspur_model::document::{Block, Content, Document};

use crate::word_flow::anchors::slug;

/// Bookmarks by anchor, and by heading in the order of the document.
#[derive(Default)]
pub(super) struct Bookmarks {
    anchors: HashMap<String, usize>,
    /// For each heading, the number of its bookmark if a link leads there.
    headings: Vec<Option<usize>>,
    passed: usize,
}

impl Bookmarks {
    /// Finds the anchors links name and the headings they mean.
    pub(super) fn of(document: &Document) -> Self {
        let mut wanted: HashSet<String> = HashSet::new();
        document.walk(&mut |block, _| {
            for element in block.content.text().map_or(&[][..], |text| text.elements.as_slice()) {
                if let Some(anchor) = element.style().link.as_deref().and_then(anchor_of) {
                    wanted.insert(anchor);
                }
            }
        });
        let mut bookmarks = Self::default();
        if wanted.is_empty() {
            return bookmarks;
        }
        let mut seen: HashMap<String, usize> = HashMap::new();
        document.walk(&mut |block, _| {
            let Content::Heading { text, .. } = &block.content else { return };
            let slug = slug(text);
            let times = seen.entry(slug.clone()).or_default();
            let anchor = if *times == 0 { slug } else { format!("{slug}-{times}") };
            *times += 1;
            let number = bookmarks.anchors.len();
            let meant = wanted.contains(&anchor) && !bookmarks.anchors.contains_key(&anchor);
            bookmarks.headings.push(meant.then_some(number));
            if meant {
                bookmarks.anchors.insert(anchor, number);
            }
        });
        bookmarks
    }

    /// The bookmark of the next heading of the document.
    pub(super) fn next_heading(&mut self, block: &Block) -> Option<usize> {
        if !matches!(block.content, Content::Heading { .. }) {
            return None;
        }
        self.passed += 1;
        self.headings.get(self.passed - 1).copied().flatten()
    }

    /// The bookmark a link leads to, if it leads to one.
    pub(super) fn of_link(&self, link: &str) -> Option<usize> {
        self.anchors.get(&anchor_of(link)?).copied()
    }
}

fn anchor_of(link: &str) -> Option<String> {
    let anchor = link.strip_prefix('#')?;
    Some(percent_decoded(anchor).to_lowercase())
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        let hex = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let (b'%', Some(value)) = (byte, hex) {
            bytes.push(value);
            at += 3;
        } else {
            bytes.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
