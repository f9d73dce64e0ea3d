//! The text as it comes, character by character: runs of one formatting, marks that end paragraphs, cells
//! and rows, and what stands for something else.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::{Encoding, WINDOWS_1252};
use larkspur_model::loss::LossKind;

use super::character::Character;
use super::drawing::Drawings;
use super::fkp::Pages;
use super::fonts::Fonts;
use super::paragraph::Format;
use super::picture::Blip;
use super::pieces::{Change, Piece, Pieces};
use super::sprm::{Sprm, of_short};
use super::stories::{Stop, Stories};
use super::styles::StyleSheet;
use super::table::Gathered;
use super::telling::{Gathering, Part, Told};
use crate::Error;
use crate::compound::Stream;
use crate::compound::bytes::u16_at;
use crate::word_flow::fields::Field;
use crate::word_flow::flow::Flow;
use crate::word_flow::media::Media;
use crate::word_flow::numbering::Numbering;

/// Characters taken at once.
const RUN: u32 = 16 << 10;
/// Runs between two words to the monitor.
const RUNS_PER_REPORT: usize = 4_096;
/// Bytes of properties that lie in the stream of data.
const MOST_PROPERTIES: usize = 16 << 10;

/// The reader of the text.
pub(super) struct Walker<'i, 'a, 'c> {
    pub(super) flow: Flow<'a, 'c>,
    pub(super) text: Stream<'i>,
    pub(super) data: Option<Stream<'i>>,
    pub(super) pieces: Pieces,
    pub(super) characters: Pages,
    pub(super) paragraphs: Pages,
    pub(super) fonts: Fonts,
    pub(super) styles: StyleSheet,
    pub(super) numbering: Numbering,
    pub(super) stories: Stories,
    pub(super) drawings: Drawings,
    pub(super) media: Media<Blip>,
    /// Of characters that take one byte.
    pub(super) encoding: &'static Encoding,
    /// Spelled as in Word 6.
    pub(super) old: bool,
    /// The file says nothing about paragraphs, so marks have to speak for themselves.
    pub(super) unformatted: bool,
    /// Bytes of text a paragraph keeps.
    pub(super) most_bytes: usize,
    pub(super) state: State,
    /// Shapes whose text boxes follow the paragraph.
    pub(super) boxes: Vec<u32>,
    /// Number of the last item as Word 6 counts them.
    pub(super) old_number: u32,
    /// What a text box holds, while one is read.
    pub(super) captured: Option<Vec<Told>>,
    /// The run that was looked up last: where it lies, what was done to it, how it looks.
    known: Option<(Range<u32>, Change, Character)>,
    runs: usize,
}

/// What is open in a story.
#[derive(Default)]
pub(super) struct State {
    pub(super) gathering: Gathering,
    pub(super) fields: Vec<Field>,
    pub(super) tables: Vec<Gathered>,
}

/// The parts of a file that a walker reads in.
pub(super) struct Parts<'i> {
    pub(super) text: Stream<'i>,
    pub(super) data: Option<Stream<'i>>,
    pub(super) pieces: Pieces,
    pub(super) characters: Pages,
    pub(super) paragraphs: Pages,
    pub(super) fonts: Fonts,
    pub(super) styles: StyleSheet,
    pub(super) numbering: Numbering,
    pub(super) stories: Stories,
    pub(super) drawings: Drawings,
    pub(super) encoding: &'static Encoding,
    pub(super) old: bool,
    pub(super) unformatted: bool,
}

impl<'i, 'a, 'c> Walker<'i, 'a, 'c> {
    pub(super) fn new(flow: Flow<'a, 'c>, parts: Parts<'i>) -> Self {
        let units = flow.builder.context.limits.paragraph_units;
        Self {
            flow,
            text: parts.text,
            data: parts.data,
            pieces: parts.pieces,
            characters: parts.characters,
            paragraphs: parts.paragraphs,
            fonts: parts.fonts,
            styles: parts.styles,
            numbering: parts.numbering,
            stories: parts.stories,
            drawings: parts.drawings,
            media: Media::default(),
            encoding: parts.encoding,
            old: parts.old,
            unformatted: parts.unformatted,
            most_bytes: units.saturating_mul(3).saturating_add(16),
            state: State::default(),
            boxes: Vec::new(),
            old_number: 0,
            captured: None,
            known: None,
            runs: 0,
        }
    }

    /// Reads a part of the text to its end, or until the document is full.
    pub(super) fn walk(&mut self, range: Range<u32>) -> Result<(), Error> {
        let mut position = range.start;
        let mut stop = self.stories.stops.partition_point(|(place, _)| *place < position);
        while position < range.end && !self.flow.builder.is_full() {
            while let Some((place, what)) = self.stories.stops.get(stop)
                && *place <= position
            {
                let what = what.clone();
                self.stop(what);
                stop += 1;
            }
            let Some(piece) = self.pieces.at(position) else { break };
            if piece.start > position {
                position = piece.start;
                continue;
            }
            let offset = u64::from(position - piece.start) * u64::from(piece.width());
            let Ok(place) = u32::try_from(u64::from(piece.at) + offset) else { break };
            let (character, until, same) = self.character_at(place, piece.change);
            let next_stop = self.stories.stops.get(stop).map_or(u32::MAX, |(place, _)| *place);
            let count = (until.saturating_sub(place) / piece.width())
                .clamp(1, RUN)
                .min(piece.end.min(range.end).min(next_stop) - position);
            let length = (count * piece.width()) as usize;
            let bytes = self.text.read(u64::from(place), length);
            if bytes.len() < length {
                let what = "text that its file says it has is missing";
                self.flow.builder.context.lose(LossKind::PartDamaged, "", what);
            }
            if !same {
                self.state.gathering.close_run();
            }
            self.run(&bytes, &Run { position, place, piece, character });
            // A piece whose bytes are missing is passed over at once.
            position = if bytes.is_empty() { piece.end } else { position + count };
            self.runs += 1;
            if self.runs.is_multiple_of(RUNS_PER_REPORT) {
                let total = u64::from(self.stories.text.end);
                self.flow.builder.context.progress("reading", u64::from(position), total)?;
            }
        }
        self.finish_story();
        Ok(())
    }

    fn stop(&mut self, what: Stop) {
        match what {
            Stop::Note(label) => {
                let look = self.known.as_ref().map(|(_, _, look)| *look).unwrap_or_default();
                // The sign of a note looks like the text around it.
                let look =
                    Character { run: look.run, opposite: look.opposite, ..Character::default() };
                self.state.gathering.push(Part::Note(label), &look);
            }
            Stop::Bookmark(name) => {
                if self.state.gathering.bookmarks.len() < 1_000 {
                    self.state.gathering.bookmarks.push(name);
                }
            }
        }
    }

    /// Formatting of the character at `place`, where its run ends, and whether it is the same run as
    /// before.
    fn character_at(&mut self, place: u32, change: Change) -> (Character, u32, bool) {
        if let Some((range, same, character)) = &self.known
            && range.contains(&place)
            && *same == change
        {
            return (*character, range.end, true);
        }
        let mut character = Character::default();
        let range = match self.characters.find(&mut self.text, place) {
            Some(found) => {
                character.apply(found.sprms, self.old, &self.fonts);
                found.start..found.end
            }
            None => place..self.characters.next_start(place),
        };
        self.change_character(change, &mut character);
        let end = range.end;
        self.known = Some((range, change, character));
        (character, end, false)
    }

    fn change_character(&self, change: Change, character: &mut Character) {
        match change {
            Change::None => {}
            Change::Short(number, value) => {
                if let Some(number) = of_short(number) {
                    character.apply_one(Sprm { number, value: &[value] }, &self.fonts);
                }
            }
            Change::Long(index) => {
                if let Some(sprms) = self.pieces.changes.get(usize::from(index)) {
                    character.apply(sprms, self.old, &self.fonts);
                }
            }
        }
    }

    /// Takes the characters of a run.
    fn run(&mut self, bytes: &[u8], run: &Run) {
        let width = run.piece.width() as usize;
        let mut from = 0;
        let controls = |at: usize| {
            bytes.get(at..).unwrap_or_default().chunks_exact(width).position(|unit| {
                let code = if width == 2 {
                    u16_at(unit, 0)
                } else {
                    unit.first().map(|byte| u16::from(*byte))
                };
                code.is_some_and(|code| {
                    code < 0x20 || (code == 0x28 && run.character.sign.is_some())
                })
            })
        };
        while from < bytes.len() {
            let at = controls(from).map_or(bytes.len(), |index| from + index * width);
            if at > from {
                self.characters_of(bytes.get(from..at).unwrap_or_default(), run);
            }
            let Some(code) = bytes.get(at).copied() else { break };
            let index = (at / width) as u32;
            let place = run.place.saturating_add(at as u32);
            self.control(code, run.position + index, place, run);
            from = at + width;
        }
    }

    fn characters_of(&mut self, bytes: &[u8], run: &Run) {
        if self.is_deleted(&run.character) {
            return;
        }
        let text: Cow<'_, str> = if run.piece.wide {
            encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0
        } else if self.old {
            let named = run.character.font.and_then(|font| self.fonts.encoding(font));
            named.unwrap_or(self.encoding).decode_without_bom_handling(bytes).0
        } else {
            WINDOWS_1252.decode_without_bom_handling(bytes).0
        };
        if run.character.inserted {
            self.note_change("an insertion, accepted");
        }
        self.state.gathering.push_text(&text, &run.character, true, self.most_bytes);
    }

    fn is_deleted(&mut self, character: &Character) -> bool {
        if character.deleted {
            self.note_change("a deletion, accepted");
        }
        character.deleted
    }

    fn note_change(&mut self, what: &str) {
        self.flow.builder.context.lose(LossKind::FeatureDropped, "tracked changes", what);
    }

    /// Takes a character that stands for something ([MS-DOC] 2.4.1, 2.6.1).
    fn control(&mut self, code: u8, position: u32, place: u32, run: &Run) {
        match code {
            0x0D | 0x07 => return self.end_paragraph(code, place, run),
            0x0C if self.ends_at(place, run) => return self.end_paragraph(code, place, run),
            _ => {}
        }
        let character = &run.character;
        if self.is_deleted(character) {
            return;
        }
        let most = self.most_bytes;
        let gathering = &mut self.state.gathering;
        let text = match code {
            0x09 => "\t",
            0x0A | 0x0B | 0x0C | 0x0E if !gathering.parts.is_empty() => "\n",
            0x1E => "\u{2011}",
            _ => "",
        };
        if !text.is_empty() {
            gathering.push_text(text, character, true, most);
            return;
        }
        match code {
            0x13 => gathering.push(Part::FieldBegin, character),
            0x14 => gathering.push(Part::FieldSeparator, character),
            0x15 => gathering.push(Part::FieldEnd, character),
            0x28 => {
                if let Some((font, code)) = character.sign {
                    gathering.push(Part::Sign(font, code), character);
                }
            }
            0x01 => match character.picture {
                Some(place) if character.data => gathering.push(Part::Form(place), character),
                Some(place) => gathering.push(Part::Picture(place), character),
                None if self.old && character.special => self.note_old_picture(),
                None => {}
            },
            0x08 if self.old => self.note_old_picture(),
            0x08 => gathering.push(Part::Anchor(position), character),
            _ => {}
        }
    }

    fn note_old_picture(&mut self) {
        let what = "a picture or drawing of a file of Word 95 or before";
        self.flow.builder.context.lose(LossKind::ImageFailed, "", what);
    }

    /// Whether a paragraph ends with the character at `place`.
    fn ends_at(&mut self, place: u32, run: &Run) -> bool {
        if self.unformatted {
            return true;
        }
        let end = self.paragraphs.find(&mut self.text, place).map(|found| found.end);
        end == place.checked_add(run.piece.width())
    }

    fn end_paragraph(&mut self, code: u8, place: u32, run: &Run) {
        if self.unformatted && code == 0x07 {
            self.end_bare_cell();
            return;
        }
        let format = self.format_at(place, run.piece.change);
        let is_mark = code == 0x07;
        let depth = if is_mark { format.depth.max(1) } else { format.depth };
        self.enter(depth);
        let most_rows = self.flow.builder.context.limits.table_cells;
        if (is_mark && format.row_end) || format.inner_row_end {
            self.state.gathering = Gathering::default();
            let deleted = run.character.deleted
                && self.state.tables.last().is_some_and(Gathered::is_row_blank);
            if deleted {
                self.note_change("a deleted row, accepted");
            }
            match self.state.tables.last_mut() {
                Some(table) if deleted => table.drop_row(),
                Some(table) => table.end_row(format.row, most_rows),
                None => {}
            }
            return;
        }
        let ends_cell = is_mark || format.inner_cell;
        if run.character.deleted && !ends_cell {
            // The next paragraph goes on in this one.
            self.note_change("a deleted end of a paragraph, accepted");
            return;
        }
        self.tell_paragraph(&format);
        if ends_cell && let Some(table) = self.state.tables.last_mut() {
            table.end_cell();
        }
    }

    /// A mark of a cell in a file that says nothing about cells: two in a row end the line.
    fn end_bare_cell(&mut self) {
        let gathering = &mut self.state.gathering;
        let ends =
            matches!(gathering.parts.last(), Some((Part::Text(text), _)) if text.ends_with('\t'));
        if ends || gathering.parts.is_empty() {
            self.tell_paragraph(&Format::default());
        } else {
            gathering.push_text("\t", &Character::default(), false, self.most_bytes);
        }
    }

    pub(super) fn tell_paragraph(&mut self, format: &Format) {
        let paragraph = self.paragraph(format);
        self.tell(Told::Paragraph(Box::new(paragraph)));
        if self.captured.is_none() {
            for shape in std::mem::take(&mut self.boxes) {
                for content in self.stories.boxes.remove(&shape).unwrap_or_default() {
                    self.tell_box(content);
                }
            }
        }
    }

    /// Formatting of the paragraph whose mark is at `place`.
    fn format_at(&mut self, place: u32, change: Change) -> Format {
        let mut format = Format::default();
        if let Some(found) = self.paragraphs.find(&mut self.text, place) {
            format = Format::of_style(found.style);
            format.apply(found.sprms, self.old);
        }
        if let Some(at) = format.elsewhere.take()
            && let Some(data) = &mut self.data
        {
            let head = data.read(u64::from(at), 2);
            let length = u16_at(&head, 0).map_or(0, usize::from).min(MOST_PROPERTIES);
            let sprms = data.read(u64::from(at) + 2, length);
            format.apply(&sprms, self.old);
        }
        match change {
            Change::None => {}
            Change::Short(number, value) => {
                if let Some(number) = of_short(number) {
                    format.apply_one(Sprm { number, value: &[value] }, self.old);
                }
            }
            Change::Long(index) => {
                if let Some(sprms) = self.pieces.changes.get(usize::from(index)) {
                    format.apply(sprms, self.old);
                }
            }
        }
        format.settle();
        format
    }
}

/// Characters of one formatting that lie together.
struct Run {
    /// Of the first one, in the text and in the stream.
    position: u32,
    place: u32,
    piece: Piece,
    character: Character,
}
