//! A change of one sheet: the chunks it touches are written anew, all others stay where they are.
//! Fresh chunks lie in the manifest until there are enough of them for a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use larkspur_model::workbook::{Cell, Row, Value};

use super::chunk::Window;
use super::manifest::{ChunkEntry, INLINE, LaterFile, Manifest};
use super::marks;
use super::pack::{BYTES, CELLS, Packer, ROWS};
use super::read::{ChunkBytes, ChunkReader};
use super::shifts::{Shift, renumbered};
use crate::Error;

/// Bytes of chunks a manifest holds before they become a file.
const INLINE_BYTES: usize = 256 * 1024;
/// Files of edits before the smaller half of them becomes one.
const LATER_FILES: usize = 16;
/// Bytes nothing names any more, beside as many as are in use, before everything moves together.
const DEAD_BYTES: u64 = 1 << 20;

/// A change of one sheet.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Index of the sheet.
    pub sheet: usize,
    /// Rows to put in first: above which one, and how many.
    pub insert: Option<(u32, u32)>,
    /// Cells to put in place of those that are there, whose styles stay; rows and columns rise, and
    /// rows count as they do after the others were put in.
    pub rows: Vec<Row>,
}

/// A piece of a new file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Bytes of a file of the manifest that was changed.
    Of {
        /// The file, by its number in that manifest.
        file: u32,
        /// Bytes before it.
        offset: u64,
        /// Its bytes.
        length: u64,
    },
}

/// What a change came to.
#[derive(Debug)]
pub struct Edited {
    /// The manifest after it.
    pub manifest: Manifest,
    /// The file that has to be there first, under the name that was given; empty where none has to.
    pub file: Vec<Piece>,
    /// Whether that file takes the place of the first one, and of all others.
    pub is_base: bool,
    /// Files of which nothing is in use any more, by their numbers in the manifest that was changed.
    pub dropped: Vec<u32>,
}

/// Does `change`. Should there have to be another file of chunks, it is called `name`.
///
/// # Errors
/// [`Error::Damaged`] for a sheet that is not there and chunks that do not read; [`Error::TooLarge`]
/// for more rows than can be counted.
pub fn edit(
    manifest: &Arc<Manifest>,
    bytes: impl ChunkBytes,
    change: &Change,
    name: &str,
) -> Result<Edited, Error> {
    let mut next = Manifest::clone(manifest);
    let sheet = u32::try_from(change.sheet).unwrap_or(u32::MAX);
    marks::apply(&mut next.workbook, change)?;
    let sheet_name =
        next.workbook.sheets.get(change.sheet).map_or_else(String::new, |it| it.name.clone());
    let shift = change.insert.map(|(at, count)| Shift { sheet, at, count });
    if let Some(shift) = shift {
        next.shifts.push(shift, &manifest.chunks);
    }
    let touched = touched(&manifest.chunks, sheet, change);
    let mut fresh = Fresh::new(sheet, next.shifts.total(), std::mem::take(&mut next.inline));
    let mut reader = ChunkReader::new(Arc::clone(manifest), bytes);
    let mut writes = change.rows.iter().peekable();
    let (mut moved, mut merged) = (Row::new(), Row::new());
    let entries = manifest.chunks.get(touched.clone()).unwrap_or_default();
    reader.walk_entries(entries, &Window::ALL, &mut |row| {
        let row = match shift {
            Some(shift) => {
                shifted(row, shift, sheet_name.as_str(), &mut moved);
                &moved
            }
            None => row,
        };
        while let Some(write) = writes.next_if(|write| write.index() < row.index()) {
            merge(None, write, &mut merged);
            fresh.row(&merged)?;
        }
        match writes.next_if(|write| write.index() == row.index()) {
            None => fresh.row(row),
            Some(write) => {
                merge(Some(row), write, &mut merged);
                fresh.row(&merged)
            }
        }
    })?;
    for write in writes {
        merge(None, write, &mut merged);
        fresh.row(&merged)?;
    }
    let (entries, inline) = fresh.finish()?;
    if let Some(shift) = shift {
        for (place, chunk) in next.chunks.iter_mut().enumerate() {
            let below = chunk.sheet == sheet && chunk.first_row >= shift.at;
            if below && !touched.contains(&place) {
                chunk.first_row = chunk.first_row.saturating_add(shift.count);
                chunk.last_row = chunk.last_row.saturating_add(shift.count);
            }
        }
    }
    next.chunks.splice(touched, entries);
    next.inline = inline;
    next.shifts.forget(&mut next.chunks);
    trim_inline(&mut next);
    Ok(settle(next, name))
}

/// The chunks a change writes anew, by their places: those it writes to, the one rows are put into,
/// and a small neighbour, so that many small changes do not leave many small chunks.
fn touched(chunks: &[ChunkEntry], sheet: u32, change: &Change) -> std::ops::Range<usize> {
    let own_start = chunks.partition_point(|chunk| chunk.sheet < sheet);
    let own_end = chunks.partition_point(|chunk| chunk.sheet <= sheet);
    let (at, count) = change.insert.unwrap_or((u32::MAX, 0));
    let first = change.rows.first().map_or(u32::MAX, Row::index);
    let last = change.rows.last().map_or(0, Row::index);
    // Rows that are put in have no chunk yet, and those behind them other numbers.
    let after = |row: u32| if row >= at { row.saturating_add(count) } else { row };
    let is_touched = |chunk: &ChunkEntry| {
        (chunk.first_row < at && at <= chunk.last_row)
            || (after(chunk.first_row) <= last && after(chunk.last_row) >= first)
    };
    let own = chunks.get(own_start..own_end).unwrap_or_default();
    let mut range = if let Some(start) = own.iter().position(is_touched) {
        let end = own.iter().rposition(is_touched).map_or(start, |end| end) + 1;
        own_start + start..own_start + end
    } else {
        let place = own.partition_point(|chunk| after(chunk.last_row) < first);
        own_start + place..own_start + place
    };
    let cells = change.rows.iter().map(Row::len).sum::<usize>();
    let bytes = change.rows.iter().map(Row::size_bytes).sum::<usize>();
    let has_room = |chunk: &ChunkEntry| {
        chunk.cells > 0
            && chunk.cells as usize + cells <= CELLS
            && chunk.last_row - chunk.first_row + 1 + change.rows.len() as u32 <= ROWS
            && chunk.unpacked as usize + bytes <= BYTES
    };
    if range.start > own_start && has_room(&chunks[range.start - 1]) {
        range.start -= 1;
    } else if range.end < own_end && has_room(&chunks[range.end]) {
        range.end += 1;
    }
    // A row goes on from one chunk to the next: it is written whole.
    while range.start > own_start
        && chunks.get(range.start).is_some_and(|chunk| {
            range.start < range.end && chunks[range.start - 1].last_row == chunk.first_row
        })
    {
        range.start -= 1;
    }
    while range.end < own_end
        && range.start < range.end
        && chunks[range.end - 1].last_row == chunks[range.end].first_row
    {
        range.end += 1;
    }
    range
}

/// `row` with its number and formulas as they are after `shift`, which has not been through them.
fn shifted(row: &Row, shift: Shift, sheet_name: &str, out: &mut Row) {
    let index = row.index();
    out.start(if index >= shift.at { index.saturating_add(shift.count) } else { index });
    for cell in row.cells() {
        let moved = cell.formula.and_then(|formula| renumbered(formula, true, sheet_name, shift));
        out.push(Cell { formula: moved.as_deref().or(cell.formula), ..cell });
    }
}

/// `old` with the cells of `new` in their places, in the styles of `old`.
fn merge(old: Option<&Row>, new: &Row, out: &mut Row) {
    out.start(new.index());
    let mut writes = new.cells().peekable();
    let mut push = |cell: Cell<'_>| {
        if cell.style != 0 || cell.value != Value::Empty || cell.formula.is_some() {
            out.push(cell);
        }
    };
    for cell in old.into_iter().flat_map(Row::cells) {
        while let Some(write) = writes.next_if(|write| write.column < cell.column) {
            push(write);
        }
        match writes.next_if(|write| write.column == cell.column) {
            None => push(cell),
            Some(write) => push(Cell { style: cell.style, ..write }),
        }
    }
    writes.for_each(push);
}

/// Chunks that are written anew, behind those the manifest holds already.
struct Fresh {
    packer: Packer,
    sheet: u32,
    shifts_seen: u32,
    entries: Vec<ChunkEntry>,
    inline: Vec<u8>,
}

impl Fresh {
    fn new(sheet: u32, shifts_seen: u32, inline: Vec<u8>) -> Self {
        Self { packer: Packer::default(), sheet, shifts_seen, entries: Vec::new(), inline }
    }

    fn row(&mut self, row: &Row) -> Result<(), Error> {
        if row.is_empty() {
            return Ok(());
        }
        let Self { packer, sheet, shifts_seen, entries, inline } = self;
        packer.row(row, &mut |entry, packed| {
            keep(entry, packed, (*sheet, *shifts_seen), entries, inline);
            Ok(())
        })
    }

    fn finish(mut self) -> Result<(Vec<ChunkEntry>, Vec<u8>), Error> {
        let Self { packer, sheet, shifts_seen, entries, inline } = &mut self;
        packer.flush(&mut |entry, packed| {
            keep(entry, packed, (*sheet, *shifts_seen), entries, inline);
            Ok(())
        })?;
        Ok((self.entries, self.inline))
    }
}

fn keep(
    entry: ChunkEntry,
    packed: &[u8],
    (sheet, shifts_seen): (u32, u32),
    entries: &mut Vec<ChunkEntry>,
    inline: &mut Vec<u8>,
) {
    let offset = inline.len() as u64;
    entries.push(ChunkEntry { sheet, shifts_seen, file: INLINE, offset, ..entry });
    inline.extend_from_slice(packed);
}

/// Leaves the chunks in the manifest that are in use.
fn trim_inline(manifest: &mut Manifest) {
    let mut inline = Vec::new();
    for chunk in manifest.chunks.iter_mut().filter(|chunk| chunk.file == INLINE) {
        let start = chunk.offset as usize;
        let bytes = manifest.inline.get(start..start + chunk.length as usize).unwrap_or_default();
        chunk.offset = inline.len() as u64;
        inline.extend_from_slice(bytes);
    }
    manifest.inline = inline;
}

/// Drops files nothing of which is in use, and moves chunks into a new one where it is time to.
fn settle(mut next: Manifest, name: &str) -> Edited {
    let mut in_use: BTreeMap<u32, u64> = BTreeMap::new();
    for chunk in &next.chunks {
        *in_use.entry(chunk.file).or_default() += u64::from(chunk.length);
    }
    let used: u64 = in_use.values().sum();
    let stored = next.base_bytes + next.later.iter().map(|file| file.bytes).sum::<u64>();
    let stored_use = used - in_use.get(&INLINE).copied().unwrap_or(0);
    let numbers = 1..=next.later.len() as u32;
    let is_base = stored - stored_use.min(stored) > used + DEAD_BYTES;
    let mut gathered: Vec<u32> = Vec::new();
    if is_base {
        gathered.extend(in_use.keys());
    } else if next.inline.len() > INLINE_BYTES {
        gathered.push(INLINE);
        let mut by_use: Vec<u32> =
            numbers.clone().filter(|file| in_use.contains_key(file)).collect();
        if by_use.len() >= LATER_FILES {
            by_use.sort_by_key(|file| in_use.get(file).copied());
            gathered.extend(by_use.iter().take(LATER_FILES / 2));
        }
    }
    let stays = |file: u32| in_use.contains_key(&file) && !gathered.contains(&file) && !is_base;
    let mut numbering: BTreeMap<u32, u32> = BTreeMap::from([(0, 0), (INLINE, INLINE)]);
    let mut later = Vec::new();
    let mut dropped = if is_base { vec![0] } else { Vec::new() };
    for (number, file) in numbers.zip(&next.later) {
        if stays(number) {
            later.push(file.clone());
            numbering.insert(number, later.len() as u32);
        } else {
            dropped.push(number);
        }
    }
    let into = if is_base { 0 } else { later.len() as u32 + 1 };
    let (file, bytes) = gather(&mut next, &gathered, into, &numbering);
    if is_base {
        next.base_bytes = bytes;
    } else if !file.is_empty() {
        later.push(LaterFile { name: name.to_owned(), bytes });
    }
    if gathered.contains(&INLINE) {
        next.inline = Vec::new();
    }
    next.later = later;
    Edited { manifest: next, file, is_base, dropped }
}

/// Moves the chunks of some files into the file `into`, and gives the others their new numbers.
fn gather(
    manifest: &mut Manifest,
    files: &[u32],
    into: u32,
    numbering: &BTreeMap<u32, u32>,
) -> (Vec<Piece>, u64) {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut end = 0;
    for chunk in &mut manifest.chunks {
        if !files.contains(&chunk.file) {
            chunk.file = numbering.get(&chunk.file).copied().unwrap_or(chunk.file);
            continue;
        }
        let length = u64::from(chunk.length);
        if chunk.file == INLINE {
            let start = chunk.offset as usize;
            let bytes = manifest.inline.get(start..start + chunk.length as usize);
            let bytes = bytes.unwrap_or_default();
            match pieces.last_mut() {
                Some(Piece::Bytes(last)) => last.extend_from_slice(bytes),
                _ => pieces.push(Piece::Bytes(bytes.to_vec())),
            }
        } else {
            match pieces.last_mut() {
                Some(Piece::Of { file, offset, length: before })
                    if *file == chunk.file && *offset + *before == chunk.offset =>
                {
                    *before += length;
                }
                _ => pieces.push(Piece::Of { file: chunk.file, offset: chunk.offset, length }),
            }
        }
        chunk.file = into;
        chunk.offset = end;
        end += length;
    }
    (pieces, end)
}
