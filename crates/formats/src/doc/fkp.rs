//! Pages of formatting: which properties characters and paragraphs have, by their place in the stream
//! ([MS-DOC] 2.9.33, 2.9.175).

use crate::compound::Stream;
use crate::compound::bytes::{Plc, u8_at, u16_at, u32_at};

/// Bytes of a page.
const PAGE_BYTES: usize = 512;

/// What pages are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    Characters,
    Paragraphs,
}

/// Formatting of a run of bytes of the stream.
#[derive(Debug, Clone, Copy)]
pub(super) struct Formatted<'p> {
    /// Where the run starts and ends in the stream.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Properties one by one.
    pub(super) sprms: &'p [u8],
    /// For paragraphs, index of the style.
    pub(super) style: u16,
}

/// The pages of one kind, the last one that was asked for at hand.
pub(super) struct Pages {
    about: About,
    old: bool,
    /// Positions where pages start, and their numbers.
    starts: Vec<u32>,
    numbers: Vec<u32>,
    current: Option<usize>,
    page: Vec<u8>,
    /// Runs of the current page.
    runs: usize,
}

impl Pages {
    /// Reads the table of pages.
    pub(super) fn new(about: About, table: &[u8], old: bool) -> Self {
        let plc = Plc::new(table, if old { 2 } else { 4 });
        let starts = (0..=plc.len()).map_while(|index| plc.position(index)).collect();
        let number = |index| {
            let entry = plc.entry(index);
            u32_at(entry, 0).map_or_else(
                || u16_at(entry, 0).map(u32::from),
                |number| Some(number & 0x003F_FFFF),
            )
        };
        let numbers = (0..plc.len()).map_while(number).collect();
        Self { about, old, starts, numbers, current: None, page: Vec::new(), runs: 0 }
    }

    /// Whether the file has no pages of this kind.
    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Where the next page starts.
    pub(super) fn next_start(&self, place: u32) -> u32 {
        let index = self.starts.partition_point(|start| *start <= place);
        self.starts.get(index).copied().unwrap_or(u32::MAX)
    }

    /// The formatting of the byte at `place`; none where the file says nothing about it.
    pub(super) fn find(&mut self, stream: &mut Stream<'_>, place: u32) -> Option<Formatted<'_>> {
        let index = self.starts.partition_point(|start| *start <= place).checked_sub(1)?;
        let number = *self.numbers.get(index)?;
        if self.current != Some(index) {
            self.page = stream.read(u64::from(number) * PAGE_BYTES as u64, PAGE_BYTES);
            self.runs = u8_at(&self.page, PAGE_BYTES - 1).map_or(0, usize::from);
            self.current = Some(index);
        }
        let position = |index: usize| u32_at(&self.page, index * 4).unwrap_or(u32::MAX);
        let (mut low, mut high) = (0, self.runs);
        while low < high {
            let middle = low + (high - low) / 2;
            if position(middle + 1) <= place {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let (start, end) = (position(low), position(low + 1));
        if low >= self.runs || start > place || end <= place {
            return None;
        }
        let (sprms, style) = match self.about {
            About::Characters => (self.characters(low), 0),
            About::Paragraphs => self.paragraphs(low),
        };
        Some(Formatted { start, end, sprms, style })
    }

    fn characters(&self, index: usize) -> &[u8] {
        let spot = (self.runs + 1) * 4 + index;
        let at = u8_at(&self.page, spot).map_or(0, |half| 2 * usize::from(half));
        if at == 0 {
            return &[];
        }
        let length = u8_at(&self.page, at).map_or(0, usize::from);
        self.page.get(at + 1..at + 1 + length).unwrap_or_default()
    }

    fn paragraphs(&self, index: usize) -> (&[u8], u16) {
        let entry = if self.old { 7 } else { 13 };
        let spot = (self.runs + 1) * 4 + index * entry;
        let at = u8_at(&self.page, spot).map_or(0, |half| 2 * usize::from(half));
        if at == 0 {
            return (&[], 0);
        }
        let count = u8_at(&self.page, at).map_or(0, usize::from);
        let (from, length) = if count == 0 && !self.old {
            (at + 2, 2 * u8_at(&self.page, at + 1).map_or(0, usize::from))
        } else {
            (at + 1, (2 * count).saturating_sub(1))
        };
        let end = (from + length).min(self.page.len());
        let style = u16_at(&self.page, from).unwrap_or_default();
        (self.page.get(from + 2..end).unwrap_or_default(), style)
    }
}
