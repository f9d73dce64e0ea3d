//! Pictures: those that stand in the text, and the bytes of all of them out of the streams.

use std::io::{Cursor, Read};

use flate2::read::ZlibDecoder;

use super::drawing::{Record, Shape, read_shape, record};
use crate::compound::Stream;
use crate::compound::bytes::{i32_at, u8_at, u16_at, u32_at};
use crate::word_flow::media::{Opened, Pictures};

/// Bytes at the start of a picture's data that are looked at for what it is.
const HEAD_BYTES: usize = 16 << 10;
/// Records of a picture that are looked at.
const MOST_RECORDS: usize = 100;
/// Bytes a drawing may always inflate to, and how many times its size beyond that.
const INFLATED_BYTES: u64 = 16 << 20;
const INFLATE_RATIO: u64 = 100;
/// Bytes read at once.
const PART_BYTES: usize = 256 << 10;

/// A stream pictures lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Which {
    Text,
    Data,
    /// The part of the stream of tables that drawings are in.
    Drawings,
}

/// How the bytes of a picture are to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum BlipKind {
    /// A record of a kind that shows once it is read.
    Record,
    /// A file behind so many bytes.
    File(u8),
    /// A picture of Windows without the head of its file.
    Bitmap(u8),
    /// A packed drawing behind so many bytes: its sizes, then the drawing.
    Drawing(u8, &'static str),
    /// As it is.
    Plain,
}

/// Where a picture lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Blip {
    pub(super) which: Which,
    pub(super) at: u64,
    pub(super) bytes: u32,
    pub(super) kind: BlipKind,
}

impl BlipKind {
    /// How the content of this record is to be taken ([MS-ODRAW] 2.2.23); none if it is no picture.
    pub(super) fn of(found: Record) -> Option<Self> {
        // One mark of 16 bytes, or two.
        let marks = if found.instance & 1 == 1 { 32 } else { 16 };
        match found.kind {
            0xF01A => Some(Self::Drawing(marks, "emf")),
            0xF01B => Some(Self::Drawing(marks, "wmf")),
            0xF01C => Some(Self::Drawing(marks, "pict")),
            0xF01D | 0xF01E | 0xF029 | 0xF02A => Some(Self::File(marks + 1)),
            0xF01F => Some(Self::Bitmap(marks + 1)),
            _ => None,
        }
    }

    /// Whether it is a drawing no browser shows.
    pub(super) const fn is_drawing(self) -> bool {
        matches!(self, Self::Drawing(..))
    }
}

/// A picture that stands in the text.
#[derive(Debug, Default)]
pub(super) struct Inline {
    pub(super) blips: Vec<Blip>,
    pub(super) shape: Shape,
    /// Width and height, twentieths of a point.
    pub(super) size: (u32, u32),
    pub(super) cropped: bool,
}

/// Reads what lies at `at` in the stream of data ([MS-DOC] 2.9.192).
pub(super) fn read_inline(data: &mut Stream<'_>, at: u32) -> Option<Inline> {
    let bytes = data.read(u64::from(at), HEAD_BYTES);
    let all = usize::try_from(i32_at(&bytes, 0)?).ok()?;
    let head = usize::from(u16_at(&bytes, 4)?);
    let kind = u16_at(&bytes, 6)?;
    let shown = |goal: usize, scale: usize| -> Option<u32> {
        let goal = u64::from(u16_at(&bytes, goal)?);
        let scale = u64::from(u16_at(&bytes, scale)?);
        Some((goal * if scale == 0 { 1_000 } else { scale } / 1_000) as u32)
    };
    let mut found = Inline {
        size: (shown(28, 32)?, shown(30, 34)?),
        cropped: (36..44).step_by(2).any(|side| u16_at(&bytes, side).is_some_and(|cut| cut != 0)),
        ..Inline::default()
    };
    let mut place = head;
    match kind {
        0x64 => {}
        0x66 => place += 1 + usize::from(u8_at(&bytes, head)?),
        _ => {
            found.blips.push(Blip {
                which: Which::Data,
                at: u64::from(at) + head as u64,
                bytes: all.saturating_sub(head) as u32,
                kind: BlipKind::Plain,
            });
            return Some(found);
        }
    }
    let base = u64::from(at);
    for _ in 0..MOST_RECORDS {
        if place >= all {
            break;
        }
        // Pictures may be long: the next record lies beyond what was read.
        let near = data.read(base + place as u64, 256);
        let Some(next) = record(&near, 0) else { break };
        let end = place.saturating_add(next.end).min(all);
        match next.kind {
            0xF004 => {
                let content = data.read(base + place as u64, (end - place).min(HEAD_BYTES));
                found.shape = read_shape(&content, next.start, content.len());
            }
            0xF007 => {
                // The entry's own head and name, then the picture.
                let name = usize::from(u8_at(&near, next.start + 33).unwrap_or_default());
                place += next.start + 36 + name;
                continue;
            }
            _ => {
                if let Some(kind) = BlipKind::of(next) {
                    let bytes = (end - place).saturating_sub(next.start) as u32;
                    let at = base + (place + next.start) as u64;
                    found.blips.push(Blip { which: Which::Data, at, bytes, kind });
                }
            }
        }
        place = end.max(place + 8);
    }
    Some(found)
}

/// The streams as the place of pictures.
pub(super) struct Streams<'s, 'i> {
    pub(super) text: &'s mut Stream<'i>,
    pub(super) data: Option<&'s mut Stream<'i>>,
    pub(super) drawings: &'s [u8],
    /// Pictures opened so far.
    pub(super) opened: usize,
}

impl Streams<'_, '_> {
    fn read(&mut self, which: Which, at: u64, count: usize) -> Vec<u8> {
        match which {
            Which::Text => self.text.read(at, count),
            Which::Data => self.data.as_mut().map(|data| data.read(at, count)).unwrap_or_default(),
            Which::Drawings => {
                let rest = usize::try_from(at).ok().and_then(|at| self.drawings.get(at..));
                let rest = rest.unwrap_or_default();
                rest[..count.min(rest.len())].to_vec()
            }
        }
    }
}

impl Pictures<Blip> for Streams<'_, '_> {
    fn open(&mut self, blip: Blip) -> Result<Opened<'_>, String> {
        self.opened += 1;
        let mut name = format!("image{}", self.opened);
        let mut blip = blip;
        if blip.kind == BlipKind::Record {
            let near = self.read(blip.which, blip.at, 16);
            let found = record(&near, 0)
                .and_then(|found| Some((found, BlipKind::of(found)?)))
                .ok_or("a picture of an unknown kind")?;
            let (inner, kind) = found;
            let bytes = (inner.end - inner.start).min(u32::MAX as usize) as u32;
            blip = Blip { at: blip.at + inner.start as u64, bytes, kind, ..blip };
        }
        let head = self.read(blip.which, blip.at, 128);
        if head.is_empty() {
            return Err("a picture that is not in the file".to_owned());
        }
        let skipped = match blip.kind {
            BlipKind::File(skipped) | BlipKind::Bitmap(skipped) => u64::from(skipped),
            BlipKind::Drawing(marks, _) => u64::from(marks) + 34,
            BlipKind::Record | BlipKind::Plain => 0,
        };
        let packed = blip.kind_is_packed(&head);
        let bitmap = match blip.kind {
            BlipKind::Bitmap(skipped) => file_head(&head, usize::from(skipped), blip.bytes),
            _ => Vec::new(),
        };
        let left = u64::from(blip.bytes).saturating_sub(skipped);
        let at = blip.at + skipped;
        let part = Part { streams: self, which: blip.which, at, left };
        let bytes: Box<dyn Read + '_> = if packed {
            let most = INFLATED_BYTES.saturating_add(left.saturating_mul(INFLATE_RATIO));
            Box::new(ZlibDecoder::new(part).take(most))
        } else {
            Box::new(Cursor::new(bitmap).chain(part))
        };
        if let BlipKind::Drawing(_, ending) = blip.kind {
            name = format!("{name}.{ending}");
        }
        Ok(Opened { name, named: String::new(), bytes })
    }
}

impl Blip {
    fn kind_is_packed(&self, head: &[u8]) -> bool {
        match self.kind {
            BlipKind::Drawing(marks, _) => u8_at(head, usize::from(marks) + 32) == Some(0),
            _ => false,
        }
    }
}

/// The head of a file for a picture of Windows that has none: where the points start depends on the
/// number of colours.
fn file_head(head: &[u8], skipped: usize, bytes: u32) -> Vec<u8> {
    let info = u32_at(head, skipped).unwrap_or_default();
    let depth = u16_at(head, skipped + 14).unwrap_or_default();
    let used = u32_at(head, skipped + 32).unwrap_or_default();
    let colours = match (depth, used) {
        (1..=8, 0) => 1 << depth,
        (1..=8, used) => used.min(256),
        _ => 0,
    };
    let masks = if u32_at(head, skipped + 16) == Some(3) && info == 40 { 12 } else { 0 };
    let size = bytes.saturating_sub(skipped as u32).saturating_add(14);
    let start = 14_u32.saturating_add(info).saturating_add(4 * colours).saturating_add(masks);
    let mut made = b"BM".to_vec();
    made.extend(size.to_le_bytes());
    made.extend([0; 4]);
    made.extend(start.to_le_bytes());
    made
}

/// A part of a stream.
struct Part<'p, 's, 'i> {
    streams: &'p mut Streams<'s, 'i>,
    which: Which,
    at: u64,
    left: u64,
}

impl Read for Part<'_, '_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count =
            buffer.len().min(PART_BYTES).min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let taken = self.streams.read(self.which, self.at, count);
        buffer[..taken.len()].copy_from_slice(&taken);
        self.at += taken.len() as u64;
        self.left -= taken.len() as u64;
        Ok(taken.len())
    }
}
