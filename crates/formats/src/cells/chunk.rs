//! One chunk: neighbouring rows, each kind of information in a stream of its own so that like
//! stands beside like, then zstd. Knows nothing of files and indices.

use larkspur_model::workbook::{Cell, CellError, Rich, Row, Value};

use crate::Error;

const STREAMS: usize = 7;

/// The most bytes a chunk may unpack to.
pub(super) const UNPACKED_LIMIT: usize = 256 << 20;

/// Powers of ten by which decimal numbers are scaled to whole ones.
const POWERS: [f64; 8] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7];

/// Whole numbers up to here are exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What a cell holds, the low three bits of its tag.
mod kind {
    pub(super) const EMPTY: u8 = 0;
    pub(super) const INTEGER: u8 = 1;
    pub(super) const NUMBER: u8 = 2;
    pub(super) const TEXT: u8 = 3;
    pub(super) const FALSE: u8 = 4;
    pub(super) const TRUE: u8 = 5;
    pub(super) const ERROR: u8 = 6;
    /// A whole number over a power of ten, whose exponent is in the bits from [`super::SCALE`] on.
    pub(super) const DECIMAL: u8 = 7;
}

/// The style is not that of the cell above.
const STYLE_CHANGED: u8 = 1 << 3;
const HAS_FORMULA: u8 = 1 << 4;
const SCALE: u32 = 5;
/// Of text: it is packed parts.
const RICH: u8 = 1 << 5;

/// What the cell at the same place of the previous row was.
#[derive(Debug, Clone, Copy, Default)]
struct Above {
    style: u32,
    integer: i64,
    scale: u8,
}

/// Gathers rows until the chunk is full.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    rows: Vec<u8>,
    tags: Vec<u8>,
    styles: Vec<u8>,
    integers: Vec<u8>,
    numbers: Vec<u8>,
    lengths: Vec<u8>,
    text: Vec<u8>,
    above: Vec<Above>,
    /// Rows, or pieces of rows, gathered.
    pub(super) row_count: u32,
    /// Index of the first row.
    pub(super) first_row: u32,
    /// Index of the last row.
    pub(super) last_row: u32,
    /// Of the first 64 columns, those that have something in every row from the first to the last.
    pub(super) full: u64,
    /// Whether any cell has a formula.
    pub(super) formulas: bool,
}

impl Encoder {
    /// Cells gathered.
    pub(super) fn cells(&self) -> usize {
        self.tags.len()
    }

    /// Bytes gathered.
    pub(super) fn bytes(&self) -> usize {
        self.streams().iter().map(|stream| stream.len()).sum()
    }

    fn streams(&self) -> [&Vec<u8>; STREAMS] {
        [
            &self.rows,
            &self.tags,
            &self.styles,
            &self.integers,
            &self.numbers,
            &self.lengths,
            &self.text,
        ]
    }

    /// Adds a row, or a piece of one.
    pub(super) fn push<'a>(
        &mut self,
        index: u32,
        cells: impl ExactSizeIterator<Item = Cell<'a>> + Clone,
    ) {
        if self.row_count == 0 {
            self.first_row = index;
            self.last_row = index;
            self.full = u64::MAX;
            self.formulas = false;
        } else if index > self.last_row + 1 {
            self.full = 0;
        }
        write_varint(&mut self.rows, u64::from(index.wrapping_sub(self.last_row)));
        self.last_row = index;
        self.row_count += 1;
        let count = cells.len();
        if self.above.len() < count {
            self.above.resize(count, Above::default());
        }
        let first = cells.clone().next().map_or(0, |cell| cell.column);
        let mut expected = first;
        let mut contiguous = true;
        let mut there = 0;
        for (place, cell) in cells.clone().enumerate() {
            let something = !matches!(cell.value, Value::Empty) || cell.formula.is_some();
            there |= u64::from(something).checked_shl(cell.column).unwrap_or(0);
            contiguous &= cell.column == expected;
            expected = cell.column.wrapping_add(1);
            self.push_cell(place, cell);
        }
        self.full &= there;
        write_varint(&mut self.rows, (count as u64) << 1 | u64::from(!contiguous));
        write_varint(&mut self.rows, u64::from(first));
        if !contiguous {
            let mut before = first;
            for cell in cells.skip(1) {
                write_varint(&mut self.rows, u64::from(cell.column.wrapping_sub(before)));
                before = cell.column;
            }
        }
    }

    fn push_cell(&mut self, place: usize, cell: Cell<'_>) {
        let above = &mut self.above[place];
        let mut tag = match cell.value {
            Value::Empty => kind::EMPTY,
            Value::Number(number) => {
                let integer = number as i64;
                if (integer as f64).to_bits() == number.to_bits() && number.abs() <= EXACT {
                    write_varint(&mut self.integers, zigzag(integer.wrapping_sub(above.integer)));
                    above.integer = integer;
                    kind::INTEGER
                } else if let Some((mantissa, scale)) = as_decimal(number, above.scale) {
                    write_varint(&mut self.integers, zigzag(mantissa));
                    above.scale = scale;
                    kind::DECIMAL | scale << SCALE
                } else {
                    self.numbers.extend_from_slice(&number.to_bits().to_le_bytes());
                    kind::NUMBER
                }
            }
            Value::Text(text) => {
                write_varint(&mut self.lengths, text.len() as u64);
                self.text.extend_from_slice(text.as_bytes());
                kind::TEXT
            }
            Value::Rich(rich) => {
                write_varint(&mut self.lengths, rich.packed().len() as u64);
                self.text.extend_from_slice(rich.packed().as_bytes());
                kind::TEXT | RICH
            }
            Value::Bool(false) => kind::FALSE,
            Value::Bool(true) => kind::TRUE,
            Value::Error(error) => {
                let number = CellError::ALL.iter().position(|known| *known == error).unwrap_or(0);
                self.lengths.push(number as u8);
                kind::ERROR
            }
        };
        if cell.style != above.style {
            tag |= STYLE_CHANGED;
            write_varint(&mut self.styles, u64::from(cell.style));
            above.style = cell.style;
        }
        if let Some(formula) = cell.formula {
            tag |= HAS_FORMULA;
            self.formulas = true;
            write_varint(&mut self.lengths, formula.len() as u64);
            self.text.extend_from_slice(formula.as_bytes());
        }
        self.tags.push(tag);
    }

    /// Writes what was gathered to `unpacked`, not yet compressed, and empties the encoder.
    pub(super) fn finish(&mut self, unpacked: &mut Vec<u8>) {
        unpacked.clear();
        write_varint(unpacked, u64::from(self.row_count));
        for stream in self.streams() {
            write_varint(unpacked, stream.len() as u64);
        }
        for stream in self.streams() {
            unpacked.extend_from_slice(stream);
        }
        for stream in [
            &mut self.rows,
            &mut self.tags,
            &mut self.styles,
            &mut self.integers,
            &mut self.numbers,
            &mut self.lengths,
            &mut self.text,
        ] {
            stream.clear();
        }
        self.above.clear();
        self.row_count = 0;
    }
}

/// The whole number and the power of ten that make up `number` exactly, if there are such.
fn as_decimal(number: f64, hint: u8) -> Option<(i64, u8)> {
    let fits = |scale: u8| {
        let power = POWERS[usize::from(scale)];
        let scaled = number * power;
        // What this rounds wrongly is not exact either.
        let mantissa = (scaled + 0.5_f64.copysign(scaled)) as i64;
        let exact = (mantissa as f64 / power).to_bits() == number.to_bits();
        // Zero with a sign is no whole number.
        let in_range = mantissa != 0 && mantissa.unsigned_abs() < EXACT as u64;
        (exact && in_range).then_some((mantissa, scale))
    };
    if hint > 0
        && let Some(found) = fits(hint)
    {
        return Some(found);
    }
    // What fits a small scale fits the largest as well, unless it is out of its range.
    if number.abs() < EXACT / POWERS[7] && fits(7).is_none() {
        return None;
    }
    (1..=7).find_map(fits)
}

const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

fn write_varint(stream: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        stream.push(number as u8 | 0x80);
        number >>= 7;
    }
    stream.push(number as u8);
}

/// Reads bytes that may be anything.
#[derive(Debug, Clone, Copy)]
struct Stream<'a>(&'a [u8]);

impl<'a> Stream<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn varint(&mut self) -> Option<u64> {
        let first = self.byte()?;
        if first < 0x80 {
            return Some(u64::from(first));
        }
        let mut number = u64::from(first & 0x7f);
        let mut shift = 7;
        loop {
            let byte = self.byte()?;
            if shift > 63 || (shift == 63 && byte > 1) {
                return None;
            }
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
            shift += 7;
        }
    }

    fn small(&mut self) -> Option<u32> {
        u32::try_from(self.varint()?).ok()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }
}

/// Text that may be cut into pieces of any length.
#[derive(Debug, Clone, Copy)]
struct TextStream<'a>(&'a str);

impl<'a> TextStream<'a> {
    fn take(&mut self, length: u64) -> Option<&'a str> {
        let (head, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(head)
    }
}

/// The part of a sheet that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    /// Rows.
    pub(super) rows: std::ops::Range<u32>,
    /// Columns.
    pub(super) columns: std::ops::Range<u32>,
}

impl Window {
    /// Everything.
    pub(super) const ALL: Self = Self { rows: 0..u32::MAX, columns: 0..u32::MAX };

    fn is_all_columns(&self) -> bool {
        self.columns == Self::ALL.columns
    }
}

/// A row that may continue in the next chunk.
#[derive(Debug, Default)]
pub(super) struct Pending {
    row: Row,
    open: bool,
}

impl Pending {
    /// Gives the last row away.
    pub(super) fn close(
        &mut self,
        visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let open = std::mem::take(&mut self.open);
        if open && !self.row.is_empty() { visit(&self.row) } else { Ok(()) }
    }
}

/// How a formula reads after rows were put in; `None` where nothing changes.
pub(super) type Renumber<'a> = Option<&'a dyn Fn(&str) -> Option<String>>;

/// Decodes a chunk and visits the rows of `window` but the last, which stays in `pending`.
pub(super) fn decode(
    unpacked: &[u8],
    first_row: u32,
    window: &Window,
    renumber: Renumber<'_>,
    pending: &mut Pending,
    visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
) -> Result<(), Error> {
    let damaged = || Error::damaged("a chunk of cells is not what it should be");
    let mut decoder = Decoder::new(unpacked).ok_or_else(damaged)?;
    let mut index = first_row;
    for _ in 0..decoder.row_count {
        let header = decoder.header(&mut index).ok_or_else(damaged)?;
        let wanted = window.rows.contains(&index);
        let goes_on = pending.open && pending.row.index() == index;
        if wanted && !goes_on {
            pending.close(visit)?;
            pending.row.start(index);
            pending.open = true;
        }
        let row = wanted.then_some(&mut pending.row);
        decoder.cells(&header, window, renumber, row).ok_or_else(damaged)?;
    }
    Ok(())
}

struct Decoder<'a> {
    row_count: u64,
    rows: Stream<'a>,
    tags: Stream<'a>,
    styles: Stream<'a>,
    integers: Stream<'a>,
    numbers: Stream<'a>,
    lengths: Stream<'a>,
    text: TextStream<'a>,
    above: Vec<Above>,
}

struct Header {
    count: usize,
    contiguous: bool,
    first: u32,
}

impl<'a> Decoder<'a> {
    fn new(unpacked: &'a [u8]) -> Option<Self> {
        let mut all = Stream(unpacked);
        let row_count = all.varint()?;
        let mut lengths = [0_usize; STREAMS];
        for length in &mut lengths {
            *length = usize::try_from(all.varint()?).ok()?;
        }
        let mut next = lengths.into_iter();
        let mut take = || Some(Stream(all.take(next.next()?)?));
        let (rows, tags, styles, integers, numbers, lengths, text) =
            (take()?, take()?, take()?, take()?, take()?, take()?, take()?);
        let text = TextStream(std::str::from_utf8(text.0).ok()?);
        // A row takes at least three bytes of its stream: no loop runs longer than the data.
        if row_count > rows.0.len() as u64 {
            return None;
        }
        let above = Vec::new();
        Some(Self { row_count, rows, tags, styles, integers, numbers, lengths, text, above })
    }

    fn header(&mut self, index: &mut u32) -> Option<Header> {
        *index = index.checked_add(self.rows.small()?)?;
        let count = self.rows.varint()?;
        let contiguous = count & 1 == 0;
        let count = usize::try_from(count >> 1).ok()?;
        let first = self.rows.small()?;
        if count > self.tags.0.len() {
            return None;
        }
        if self.above.len() < count {
            self.above.resize(count, Above::default());
        }
        Some(Header { count, contiguous, first })
    }

    fn cells(
        &mut self,
        header: &Header,
        window: &Window,
        renumber: Renumber<'_>,
        row: Option<&mut Row>,
    ) -> Option<()> {
        let mut row = row;
        let all = window.is_all_columns();
        let mut column = header.first;
        let tags = self.tags.take(header.count)?;
        let mut above = std::mem::take(&mut self.above);
        for (place, (&tag, above)) in tags.iter().zip(&mut above).enumerate() {
            if place > 0 {
                let step = if header.contiguous { 1 } else { self.rows.small()?.max(1) };
                column = column.checked_add(step)?;
            }
            let cell = self.cell(tag, column, above)?;
            if let Some(row) = &mut row
                && (all || window.columns.contains(&column))
            {
                match renumber.zip(cell.formula) {
                    None => row.push(cell),
                    Some((renumber, formula)) => {
                        let moved = renumber(formula);
                        row.push(Cell { formula: moved.as_deref().or(cell.formula), ..cell });
                    }
                }
            }
        }
        self.above = above;
        Some(())
    }

    fn cell(&mut self, tag: u8, column: u32, above: &mut Above) -> Option<Cell<'a>> {
        let value = match tag & 7 {
            kind::EMPTY => Value::Empty,
            kind::INTEGER => {
                let difference = unzigzag(self.integers.varint()?);
                above.integer = above.integer.wrapping_add(difference);
                Value::Number(above.integer as f64)
            }
            kind::NUMBER => {
                let bytes: [u8; 8] = self.numbers.take(8)?.try_into().ok()?;
                Value::Number(f64::from_bits(u64::from_le_bytes(bytes)))
            }
            kind::TEXT => {
                let length = self.lengths.varint()?;
                let text = self.text.take(length)?;
                if tag & RICH == 0 {
                    Value::Text(text)
                } else {
                    Value::Rich(Rich::from_packed(text))
                }
            }
            kind::FALSE => Value::Bool(false),
            kind::TRUE => Value::Bool(true),
            kind::ERROR => Value::Error(*CellError::ALL.get(usize::from(self.lengths.byte()?))?),
            _ => {
                let mantissa = unzigzag(self.integers.varint()?);
                let power = POWERS[usize::from(tag >> SCALE)];
                Value::Number(mantissa as f64 / power)
            }
        };
        if tag & STYLE_CHANGED != 0 {
            above.style = self.styles.small()?;
        }
        let formula = if tag & HAS_FORMULA != 0 {
            let length = self.lengths.varint()?;
            Some(self.text.take(length)?)
        } else {
            None
        };
        Some(Cell { column, style: above.style, value, formula })
    }
}
