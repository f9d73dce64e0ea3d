//! A paragraph as it was collected, before anything decides what it becomes.

use larkspur_model::document::Content;

use super::properties::ParagraphProperties;

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) bold: bool,
    pub(crate) italic: bool,
    pub(crate) strike: bool,
    pub(crate) underline: bool,
    pub(crate) code: bool,
    pub(crate) color: Option<u8>,
    pub(crate) background: Option<u8>,
    /// Number of the link, from 1; 0 for none.
    pub(crate) link: u32,
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    Text(String, Look),
    Equation {
        latex: String,
        /// On a line of its own.
        display: bool,
        look: Look,
    },
    /// A footnote is mentioned.
    Note(String, Look),
    /// A picture or file.
    Placed(Content),
    /// A picture that lies elsewhere.
    Linked {
        address: String,
        words: String,
    },
    /// A box, ticked or not.
    Box(bool, Look),
    /// A horizontal line.
    Rule,
}

/// A paragraph.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paragraph {
    pub(crate) properties: ParagraphProperties,
    pub(crate) pieces: Vec<Piece>,
    pub(crate) bookmarks: Vec<String>,
    /// Bytes of text so far.
    bytes: usize,
}

impl Paragraph {
    /// Appends text; what comes after `most` bytes is dropped.
    pub(crate) fn push(&mut self, text: &str, look: Look, most: usize) {
        if text.is_empty() || self.bytes > most {
            return;
        }
        self.bytes += text.len();
        if let Some(Piece::Text(last, same)) = self.pieces.last_mut()
            && *same == look
        {
            last.push_str(text);
        } else {
            self.pieces.push(Piece::Text(text.to_owned(), look));
        }
    }

    /// Whether there is nothing to see.
    pub(crate) fn is_blank(&self) -> bool {
        self.pieces.iter().all(
            |piece| matches!(piece, Piece::Text(text, _) if text.chars().all(char::is_whitespace)),
        )
    }

    /// Whether something stands in the line: text, a formula, a note; not a picture alone.
    pub(crate) fn has_words(&self) -> bool {
        self.pieces.iter().any(|piece| match piece {
            Piece::Text(text, _) => !text.trim().is_empty(),
            Piece::Placed(_) | Piece::Rule => false,
            _ => true,
        })
    }

    /// All text together.
    pub(crate) fn plain(&self) -> String {
        let mut plain = String::new();
        for piece in &self.pieces {
            if let Piece::Text(text, _) = piece {
                plain.push_str(text);
            }
        }
        plain
    }

    /// Whether all text is in letters of one width, and there is some.
    pub(crate) fn is_monospace(&self) -> bool {
        let mut some = false;
        self.pieces.iter().all(|piece| match piece {
            Piece::Text(text, look) => {
                some |= look.code;
                look.code || text.trim().is_empty()
            }
            _ => false,
        }) && some
    }

    /// Takes the box off the start of a task, with the blanks behind it; answers whether it is
    /// ticked. A line with several boxes is a form, not a task.
    pub(crate) fn take_box(&mut self) -> Option<bool> {
        const BOXES: [char; 3] = ['☐', '☑', '☒'];
        let boxes: usize = self
            .pieces
            .iter()
            .map(|piece| match piece {
                Piece::Box(..) => 1,
                Piece::Text(text, _) => text.matches(BOXES).count(),
                _ => 0,
            })
            .sum();
        if boxes != 1 {
            return None;
        }
        let first = self
            .pieces
            .iter()
            .position(|piece| !matches!(piece, Piece::Text(text, _) if text.trim().is_empty()))?;
        let done = match self.pieces.get(first)? {
            Piece::Box(done, _) => *done,
            Piece::Text(text, _) if text.trim_start().starts_with(BOXES) => {
                !text.trim_start().starts_with('☐')
            }
            _ => return None,
        };
        let mut rest = self.pieces.split_off(first);
        if let Some(Piece::Text(text, _)) = rest.first_mut() {
            let kept = text.trim_start().trim_start_matches(BOXES).to_owned();
            *text = kept;
        } else {
            rest.remove(0);
        }
        let worded = rest
            .iter()
            .any(|piece| !matches!(piece, Piece::Text(text, _) if text.trim().is_empty()));
        if !worded {
            let sign = Piece::Box(done, Look::default());
            self.pieces = vec![sign];
            return None;
        }
        while let Some(Piece::Text(text, _)) = rest.first_mut() {
            let kept = text.trim_start().to_owned();
            *text = kept;
            if text.is_empty() {
                rest.remove(0);
            } else {
                break;
            }
        }
        self.pieces = rest;
        Some(done)
    }
}
