//! Links within the document: headings that some link names by its anchor get a bookmark.

use std::collections::HashMap;

use larkspur_model::document::{Block, Content, Document};

use crate::anchors::{anchor_of, linked_headings};

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
        let mut bookmarks = Self::default();
        linked_headings(document, &mut |_, anchor| {
            let number = bookmarks.anchors.len();
            bookmarks.headings.push(anchor.is_some().then_some(number));
            bookmarks.anchors.extend(anchor.map(|anchor| (anchor, number)));
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
