//! Drawings ([MS-ODRAW]): shapes that float, what they show, and the store of their pictures. Records lie
//! within each other; they are walked with a stack of ends.

use std::collections::HashMap;

use super::picture::{Blip, BlipKind, Which};
use crate::compound::bytes::{Plc, i32_at, u8_at, u16_at, u32_at, utf16_at};

/// Shapes and pictures of a file that are kept.
const MOST_SHAPES: usize = 200_000;
/// Records within each other.
const MOST_DEPTH: usize = 32;
/// Bytes of a record's head.
const HEAD: usize = 8;
/// Bytes of a picture's entry in the store, before its name.
const ENTRY_BYTES: usize = 36;
/// Characters of a description.
const MOST_WORDS: usize = 2_000;

/// A record: what it is, and where its content lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) kind: u16,
    /// Twelve bits whose meaning depends on the kind.
    pub(super) instance: u16,
    /// It holds records.
    pub(super) container: bool,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The record whose head is at `at`; its end may be beyond the bytes.
pub(super) fn record(bytes: &[u8], at: usize) -> Option<Record> {
    let head = u16_at(bytes, at)?;
    let kind = u16_at(bytes, at + 2)?;
    let length = u32_at(bytes, at + 4)? as usize;
    let start = at + HEAD;
    let end = start.checked_add(length)?;
    Some(Record { kind, instance: head >> 4, container: head & 0xF == 0xF, start, end })
}

/// What a shape shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) id: u32,
    /// Number of its picture in the store, from 1; 0 for none.
    pub(super) picture: u32,
    /// Its description.
    pub(super) words: String,
    /// Words drawn as a picture.
    pub(super) lettering: String,
}

impl Shape {
    /// Takes what the properties of a shape say ([MS-ODRAW] 2.3).
    pub(super) fn take_properties(&mut self, bytes: &[u8], count: usize) {
        let count = count.min(bytes.len() / 6);
        let mut beyond = 6 * count;
        for index in 0..count {
            let (Some(number), Some(value)) =
                (u16_at(bytes, 6 * index), u32_at(bytes, 6 * index + 2))
            else {
                return;
            };
            let long = number & 0x8000 != 0;
            let text = || utf16_at(bytes, beyond, (value as usize / 2).min(MOST_WORDS));
            match number & 0x3FFF {
                0x0104 if !long => self.picture = value,
                0x00C0 if long => self.lettering = ended(&text()),
                0x0381 if long => self.words = ended(&text()),
                _ => {}
            }
            if long {
                beyond = beyond.saturating_add(value as usize);
            }
        }
    }
}

fn ended(text: &str) -> String {
    text.split('\0').next().unwrap_or_default().to_owned()
}

/// A shape that floats, at its place in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anchor {
    pub(super) shape: u32,
    /// Width and height, twentieths of a point.
    pub(super) size: (u32, u32),
}

/// All that floats.
#[derive(Debug, Default)]
pub(super) struct Drawings {
    anchors: HashMap<u32, Anchor>,
    /// Shapes by the outermost one they are grouped in.
    shapes: HashMap<u32, Vec<Shape>>,
    store: Vec<Option<Blip>>,
}

impl Drawings {
    /// Reads the table of places and that of drawings.
    pub(super) fn read(places: &[u8], drawings: &[u8]) -> Self {
        let mut found = Self::default();
        let plc = Plc::new(places, 26);
        for index in 0..plc.len().min(MOST_SHAPES) {
            let (Some(place), Some(shape)) = (plc.position(index), u32_at(plc.entry(index), 0))
            else {
                break;
            };
            let edge = |at| i32_at(plc.entry(index), at).unwrap_or_default();
            let length = |from: i32, to: i32| to.saturating_sub(from).max(0) as u32;
            let size = (length(edge(4), edge(12)), length(edge(8), edge(16)));
            found.anchors.insert(place, Anchor { shape, size });
        }
        found.read_records(drawings);
        found
    }

    fn read_records(&mut self, bytes: &[u8]) {
        let Some(first) = record(bytes, 0).filter(|first| first.kind == 0xF000) else { return };
        self.walk(bytes, first.start, first.end.min(bytes.len()));
        let mut at = first.end;
        // Each drawing stands behind a byte that says whether it is of the text or of the headers.
        while let Some(drawing) = record(bytes, at.saturating_add(1)) {
            if drawing.kind != 0xF002 {
                break;
            }
            if u8_at(bytes, at) == Some(0) {
                self.walk(bytes, drawing.start, drawing.end.min(bytes.len()));
            }
            at = drawing.end;
        }
    }

    fn walk(&mut self, bytes: &[u8], start: usize, end: usize) {
        let mut ends = vec![end];
        let mut at = start;
        // The groups that are open: where they end, and the shape they are.
        let mut groups: Vec<(usize, Option<u32>)> = Vec::new();
        let mut count = 0;
        while let Some(until) = ends.last().copied() {
            let Some(found) = record(bytes, at).filter(|found| found.start <= until) else {
                at = until;
                ends.pop();
                continue;
            };
            let stop = found.end.min(until);
            while groups.last().is_some_and(|(end, _)| *end <= found.start - HEAD) {
                groups.pop();
            }
            at = stop;
            match found.kind {
                0xF007 if self.store.len() < MOST_SHAPES => self.store.push(stored(bytes, found)),
                0xF004 if count < MOST_SHAPES => {
                    count += 1;
                    let shape = read_shape(bytes, found.start, stop);
                    // The outermost group is the page itself.
                    if let Some((_, own)) = groups.last_mut() {
                        own.get_or_insert(shape.id);
                    }
                    let outer = groups.get(1).and_then(|(_, id)| *id).unwrap_or(shape.id);
                    self.shapes.entry(outer).or_default().push(shape);
                }
                _ if found.container && ends.len() < MOST_DEPTH => {
                    if found.kind == 0xF003 {
                        groups.push((stop, None));
                    }
                    ends.push(stop);
                    at = found.start;
                }
                _ => {}
            }
            if at >= until && ends.last() == Some(&until) {
                ends.pop();
            }
        }
    }

    /// What floats at a place of the text.
    pub(super) fn anchor(&self, place: u32) -> Option<Anchor> {
        self.anchors.get(&place).copied()
    }

    /// Takes the shapes of an anchor: no two places share them.
    pub(super) fn take_shapes(&mut self, id: u32) -> Vec<Shape> {
        self.shapes.remove(&id).unwrap_or_default()
    }

    /// A picture of the store, by number from 1.
    pub(super) fn picture(&self, number: u32) -> Option<Blip> {
        *self.store.get((number as usize).checked_sub(1)?)?
    }
}

/// The picture of an entry of the store: in it, or further on in the stream of the text.
fn stored(bytes: &[u8], entry: Record) -> Option<Blip> {
    let name = usize::from(u8_at(bytes, entry.start + 33)?);
    let inside = entry.start + ENTRY_BYTES + name;
    if entry.end > inside + HEAD
        && let Some(found) = record(bytes, inside)
    {
        let kind = BlipKind::of(found)?;
        let bytes = (found.end - found.start) as u32;
        return Some(Blip { which: Which::Drawings, at: found.start as u64, bytes, kind });
    }
    let size = u32_at(bytes, entry.start + 20)?;
    let place = u32_at(bytes, entry.start + 28)?;
    if place == u32::MAX || size == 0 {
        return None;
    }
    Some(Blip { which: Which::Text, at: u64::from(place), bytes: size, kind: BlipKind::Record })
}

/// What the records of a shape say.
pub(super) fn read_shape(bytes: &[u8], start: usize, end: usize) -> Shape {
    let mut shape = Shape::default();
    let mut at = start;
    while let Some(found) = record(bytes, at).filter(|found| found.start <= end) {
        let stop = found.end.min(end);
        let content = bytes.get(found.start..stop).unwrap_or_default();
        match found.kind {
            0xF00A => shape.id = u32_at(content, 0).unwrap_or_default(),
            0xF00B => shape.take_properties(content, usize::from(found.instance)),
            _ => {}
        }
        at = stop.max(at + HEAD);
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record_of(head: u16, kind: u16, content: &[u8]) -> Vec<u8> {
        let mut bytes = head.to_le_bytes().to_vec();
        bytes.extend(kind.to_le_bytes());
        bytes.extend((content.len() as u32).to_le_bytes());
        bytes.extend(content);
        bytes
    }

    fn shape(id: u32, picture: u32) -> Vec<u8> {
        let mut head = id.to_le_bytes().to_vec();
        head.extend([0; 4]);
        let mut properties = 0x4104_u16.to_le_bytes().to_vec();
        properties.extend(picture.to_le_bytes());
        let inner = [record_of(2, 0xF00A, &head), record_of(0x13, 0xF00B, &properties)].concat();
        record_of(0xF, 0xF004, &inner)
    }

    #[test]
    fn shapes_are_found_by_their_outermost_group() {
        let group = record_of(0xF, 0xF003, &[shape(10, 0), shape(11, 1)].concat());
        let page = record_of(0xF, 0xF003, &[shape(1, 0), group, shape(12, 2)].concat());
        let mut entry = vec![0; ENTRY_BYTES];
        entry[20] = 9;
        entry[28] = 77;
        let store = record_of(0xF, 0xF001, &record_of(2, 0xF007, &entry));
        let mut bytes = record_of(0xF, 0xF000, &store);
        bytes.push(0);
        bytes.extend(record_of(0xF, 0xF002, &page));
        let mut found = Drawings::read(&[], &bytes);
        let mut pictures =
            |id| found.take_shapes(id).iter().map(|shape| shape.picture).collect::<Vec<_>>();
        assert_eq!([pictures(10), pictures(12)], [vec![0, 1], vec![2]]);
        assert_eq!(found.picture(1).map(|blip| (blip.at, blip.bytes)), Some((77, 9)));
        for end in 0..bytes.len() {
            Drawings::read(&[], &bytes[..end]);
        }
    }
}
