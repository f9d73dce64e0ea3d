//! A stream of records: a number, a length, a body ([MS-XLS] 2.1.4). Read through a window, so that no
//! claimed length costs memory.

use crate::compound::Stream;
use crate::compound::bytes::u16_at;

/// Bytes of the window.
const WINDOW_BYTES: usize = 128 << 10;

/// Numbers of records ([MS-XLS] 2.3), those of older versions behind the newest.
pub(super) mod id {
    pub(in crate::xls) const FORMULA: [u16; 3] = [0x0006, 0x0206, 0x0406];
    pub(in crate::xls) const EOF: u16 = 0x000A;
    pub(in crate::xls) const PROTECT: u16 = 0x0012;
    pub(in crate::xls) const EXTERN_SHEET: u16 = 0x0017;
    pub(in crate::xls) const NAME: [u16; 2] = [0x0018, 0x0218];
    pub(in crate::xls) const NOTE: u16 = 0x001C;
    pub(in crate::xls) const DATE_MODE: u16 = 0x0022;
    pub(in crate::xls) const EXTERN_NAME: [u16; 2] = [0x0023, 0x0223];
    pub(in crate::xls) const COLUMN_WIDTH: u16 = 0x0024;
    pub(in crate::xls) const DEFAULT_ROW_HEIGHT: [u16; 2] = [0x0225, 0x0025];
    pub(in crate::xls) const FILE_PASS: u16 = 0x002F;
    pub(in crate::xls) const FONT: [u16; 2] = [0x0031, 0x0231];
    pub(in crate::xls) const CONTINUE: u16 = 0x003C;
    pub(in crate::xls) const WINDOW: [u16; 2] = [0x023E, 0x003E];
    pub(in crate::xls) const PANE: u16 = 0x0041;
    pub(in crate::xls) const CODE_PAGE: u16 = 0x0042;
    pub(in crate::xls) const FONT_COLOR: u16 = 0x0045;
    pub(in crate::xls) const OBJECT: u16 = 0x005D;
    pub(in crate::xls) const COLUMNS: u16 = 0x007D;
    pub(in crate::xls) const BOUND_SHEET: u16 = 0x0085;
    pub(in crate::xls) const SHEET_HEADER: u16 = 0x008F;
    pub(in crate::xls) const PALETTE: u16 = 0x0092;
    pub(in crate::xls) const AUTO_FILTER: u16 = 0x009D;
    pub(in crate::xls) const SCENARIOS: u16 = 0x00AF;
    pub(in crate::xls) const PIVOT: u16 = 0x00B0;
    pub(in crate::xls) const MANY_RK: u16 = 0x00BD;
    pub(in crate::xls) const MANY_BLANKS: u16 = 0x00BE;
    pub(in crate::xls) const RICH_STRING: u16 = 0x00D6;
    pub(in crate::xls) const FORMAT_OF_CELL: [u16; 4] = [0x00E0, 0x0443, 0x0243, 0x0043];
    pub(in crate::xls) const MERGES: u16 = 0x00E5;
    pub(in crate::xls) const SHARED_STRINGS: u16 = 0x00FC;
    pub(in crate::xls) const SHARED_STRING: u16 = 0x00FD;
    pub(in crate::xls) const BOOK: u16 = 0x01AE;
    pub(in crate::xls) const CONDITIONS: [u16; 2] = [0x01B0, 0x0879];
    pub(in crate::xls) const LINK: u16 = 0x01B8;
    pub(in crate::xls) const VALIDATION: u16 = 0x01BE;
    pub(in crate::xls) const BLANK: [u16; 2] = [0x0201, 0x0001];
    pub(in crate::xls) const INTEGER: u16 = 0x0002;
    pub(in crate::xls) const NUMBER: [u16; 2] = [0x0203, 0x0003];
    pub(in crate::xls) const LABEL: [u16; 2] = [0x0204, 0x0004];
    pub(in crate::xls) const BOOL_OR_ERROR: [u16; 2] = [0x0205, 0x0005];
    pub(in crate::xls) const STRING: [u16; 2] = [0x0207, 0x0007];
    pub(in crate::xls) const ROW: [u16; 2] = [0x0208, 0x0008];
    pub(in crate::xls) const ARRAY: [u16; 2] = [0x0221, 0x0021];
    pub(in crate::xls) const TABLE: [u16; 3] = [0x0236, 0x0036, 0x0037];
    pub(in crate::xls) const RK: u16 = 0x027E;
    pub(in crate::xls) const NUMBER_FORMAT: [u16; 2] = [0x041E, 0x001E];
    pub(in crate::xls) const SHARED_FORMULA: u16 = 0x04BC;
    /// Starts of streams within the stream.
    pub(in crate::xls) const BEGIN: [u16; 4] = [0x0809, 0x0409, 0x0209, 0x0009];
}

/// The generations of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Biff {
    /// Excel 2.
    V2,
    /// Excel 3.
    V3,
    /// Excel 4.
    V4,
    /// Excel 5 and 95.
    V5,
    /// Excel 97 to 2003.
    V8,
}

/// What a stream within the stream holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Globals,
    Worksheet,
    Chart,
    Macros,
    /// Several sheets of Excel 4, one after the other.
    Workspace,
    Other,
}

/// The record that starts a stream, if the one at hand is such.
pub(super) fn beginning(number: u16, body: &[u8]) -> Option<(Biff, Kind)> {
    let biff = match number {
        0x0009 => Biff::V2,
        0x0209 => Biff::V3,
        0x0409 => Biff::V4,
        0x0809 if u16_at(body, 0) == Some(0x0600) => Biff::V8,
        0x0809 => Biff::V5,
        _ => return None,
    };
    let kind = match u16_at(body, 2)? {
        0x0005 => Kind::Globals,
        0x0010 => Kind::Worksheet,
        0x0020 => Kind::Chart,
        0x0040 => Kind::Macros,
        0x0100 => Kind::Workspace,
        _ => Kind::Other,
    };
    Some((biff, kind))
}

/// The records of a stream, one after the other from wherever they are wanted.
pub(super) struct Records<'i> {
    stream: Stream<'i>,
    window: Vec<u8>,
    window_at: u64,
    next: u64,
    body: Vec<u8>,
}

impl<'i> Records<'i> {
    pub(super) fn new(stream: Stream<'i>) -> Self {
        Self { stream, window: Vec::new(), window_at: 0, next: 0, body: Vec::new() }
    }

    /// Bytes of the stream.
    pub(super) const fn size_bytes(&self) -> u64 {
        self.stream.len()
    }

    /// Where the next record starts.
    pub(super) const fn position(&self) -> u64 {
        self.next
    }

    /// Goes to a record that starts at `at`.
    pub(super) fn seek(&mut self, at: u64) {
        self.next = at;
    }

    /// The number of the next record, which becomes the one at hand.
    pub(super) fn next(&mut self) -> Option<u16> {
        let (number, length) = self.head()?;
        let at = self.next + 4;
        let mut body = std::mem::take(&mut self.body);
        body.clear();
        body.extend_from_slice(self.bytes(at, length));
        self.body = body;
        // A record beyond the end ends the stream.
        self.next = at + length as u64;
        Some(number)
    }

    /// The number of the next record.
    pub(super) fn peek(&mut self) -> Option<u16> {
        self.head().map(|(number, _)| number)
    }

    /// The body of the record at hand.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    fn head(&mut self) -> Option<(u16, usize)> {
        let head = self.bytes(self.next, 4);
        Some((u16_at(head, 0)?, usize::from(u16_at(head, 2)?)))
    }

    /// Up to `count` bytes at `at`: fewer where the stream ends.
    fn bytes(&mut self, at: u64, count: usize) -> &[u8] {
        let end = at.saturating_add(count as u64);
        let window_end = self.window_at + self.window.len() as u64;
        if at < self.window_at || end > window_end {
            self.window = self.stream.read(at, WINDOW_BYTES);
            self.window_at = at;
        }
        let from = (at - self.window_at) as usize;
        let until = (from + count).min(self.window.len());
        self.window.get(from..until).unwrap_or_default()
    }
}
