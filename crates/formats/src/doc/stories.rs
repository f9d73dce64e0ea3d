//! What stands beside the text: notes, comments, text boxes, headers, and where the text refers to them.

use std::collections::HashMap;
use std::ops::Range;

use super::fib::Fib;
use crate::compound::bytes::{Plc, u16_at, u32_at, utf16_at};

/// Notes, bookmarks and comments of a file that are kept.
const MOST_STOPS: usize = 500_000;
/// Authors of comments.
const MOST_AUTHORS: usize = 10_000;
/// Characters of a bookmark's name ([MS-DOC] 2.9.278 allows 40).
const MOST_NAME: usize = 100;
/// Headers and footers that are looked at.
const MOST_HEADERS: usize = 1_000;
/// Stories of headers before those of pages: what separates notes from the text.
const SEPARATORS: usize = 6;

/// Something that belongs to a place of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    Note(String),
    Bookmark(String),
}

/// A footnote or endnote.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) label: String,
    pub(super) content: Range<u32>,
}

/// A comment.
#[derive(Debug)]
pub(super) struct Comment {
    pub(super) author: String,
    pub(super) content: Range<u32>,
}

/// All that stands beside the text.
#[derive(Debug, Default)]
pub(super) struct Stories {
    /// The text itself.
    pub(super) text: Range<u32>,
    /// By place, ascending.
    pub(super) stops: Vec<(u32, Stop)>,
    pub(super) notes: Vec<Note>,
    /// Text boxes by the shape they are drawn in.
    pub(super) boxes: HashMap<u32, Vec<Range<u32>>>,
    pub(super) comments: Vec<Comment>,
    /// Headers and footers of pages.
    pub(super) headers: Vec<Range<u32>>,
}

/// Bytes of the tables that say so.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) footnotes: [Vec<u8>; 2],
    pub(super) endnotes: [Vec<u8>; 2],
    pub(super) comments: [Vec<u8>; 2],
    pub(super) authors: Vec<u8>,
    pub(super) headers: Vec<u8>,
    pub(super) boxes: Vec<u8>,
    pub(super) bookmarks: [Vec<u8>; 2],
}

/// Starts of the stories, from their lengths.
struct Starts {
    footnotes: u32,
    headers: u32,
    macros: u32,
    comments: u32,
    endnotes: u32,
    boxes: u32,
    header_boxes: u32,
}

impl Starts {
    fn of(fib: &Fib) -> Self {
        let lengths = fib.lengths;
        let footnotes = lengths.text;
        let headers = footnotes.saturating_add(lengths.footnotes);
        let macros = headers.saturating_add(lengths.headers);
        let comments = macros.saturating_add(lengths.macros);
        let endnotes = comments.saturating_add(lengths.comments);
        let boxes = endnotes.saturating_add(lengths.endnotes);
        let header_boxes = boxes.saturating_add(lengths.boxes);
        Self { footnotes, headers, macros, comments, endnotes, boxes, header_boxes }
    }
}

impl Stories {
    pub(super) fn read(fib: &Fib, tables: &Tables) -> Self {
        let starts = Starts::of(fib);
        let mut stories = Self { text: 0..fib.lengths.text, ..Self::default() };
        let room = starts.footnotes..starts.headers;
        stories.read_notes('f', &tables.footnotes, &room);
        let room = starts.endnotes..starts.boxes;
        stories.read_notes('e', &tables.endnotes, &room);
        stories.read_comments(tables, &(starts.comments..starts.endnotes));
        stories.read_boxes(&tables.boxes, &(starts.boxes..starts.header_boxes));
        stories.read_bookmarks(&tables.bookmarks);
        stories.stops.sort_by_key(|(place, _)| *place);
        let headers = Plc::new(&tables.headers, 0);
        let room = starts.headers..starts.macros;
        let spans =
            (SEPARATORS..headers.len().min(MOST_HEADERS)).map(|index| span(&headers, index, &room));
        stories.headers = spans.flatten().filter(|span| span.len() > 1).collect();
        stories
    }

    fn read_notes(&mut self, sort: char, tables: &[Vec<u8>; 2], room: &Range<u32>) {
        let (places, texts) = (Plc::new(&tables[0], 2), Plc::new(&tables[1], 0));
        for index in 0..places.len().min(MOST_STOPS) {
            let Some(place) = places.position(index) else { break };
            let Some(content) = span(&texts, index, room) else { break };
            let label = format!("{sort}{index}");
            self.stops.push((place, Stop::Note(label.clone())));
            self.notes.push(Note { label, content });
        }
    }

    fn read_comments(&mut self, tables: &Tables, room: &Range<u32>) {
        let (places, texts) = (Plc::new(&tables.comments[0], 30), Plc::new(&tables.comments[1], 0));
        let mut authors = Vec::new();
        let mut at = 0;
        while let Some(length) = u16_at(&tables.authors, at).map(usize::from)
            && authors.len() < MOST_AUTHORS
        {
            authors.push(utf16_at(&tables.authors, at + 2, length.min(MOST_NAME)));
            at += 2 + 2 * length;
        }
        for index in 0..places.len().min(MOST_STOPS) {
            let Some(content) = span(&texts, index, room) else { break };
            let author =
                u16_at(places.entry(index), 20).and_then(|at| authors.get(usize::from(at)));
            self.comments.push(Comment { author: author.cloned().unwrap_or_default(), content });
        }
    }

    fn read_boxes(&mut self, table: &[u8], room: &Range<u32>) {
        let plc = Plc::new(table, 22);
        for index in 0..plc.len().min(MOST_STOPS) {
            let shape = u32_at(plc.entry(index), 14).unwrap_or_default();
            if let Some(content) = span(&plc, index, room)
                && content.len() > 1
            {
                self.boxes.entry(shape).or_default().push(content);
            }
        }
    }

    fn read_bookmarks(&mut self, tables: &[Vec<u8>; 2]) {
        let (names, places) = (&tables[0], Plc::new(&tables[1], 4));
        // Two bytes that say characters take two bytes, the count, a length of 0 for what goes along.
        let mut at = 6;
        for index in 0..places.len().min(MOST_STOPS) {
            let Some(length) = u16_at(names, at).map(usize::from) else { break };
            let name = utf16_at(names, at + 2, length.min(MOST_NAME));
            at += 2 + 2 * length;
            let Some(place) = places.position(index) else { break };
            self.stops.push((place, Stop::Bookmark(name)));
        }
    }
}

/// Span number `index` of a table whose positions count from the start of `room`.
fn span(texts: &Plc<'_>, index: usize, room: &Range<u32>) -> Option<Range<u32>> {
    let start = room.start.checked_add(texts.position(index)?)?.min(room.end);
    let end = room.start.checked_add(texts.position(index + 1)?)?.min(room.end);
    (start <= end).then_some(start..end)
}
