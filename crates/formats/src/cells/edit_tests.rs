//! Edits of stored workbooks, against a plain table of cells that is edited beside them.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use larkspur_model::workbook::{
    Cell, CellLink, CellRange, CellStyle, Rich, Row, RowRun, Sheet, Value,
};
use proptest::prelude::*;

use super::{Change, ChunkBytes, ChunkReader, ChunkWriter, Manifest, Piece, edit};
use crate::{WorkbookSink, WorkbookSource};

/// Files of chunks in memory, as a caller keeps them.
#[derive(Clone, Default)]
struct Files {
    base: Vec<u8>,
    later: BTreeMap<String, Vec<u8>>,
}

/// A workbook and its files.
struct Kept {
    manifest: Arc<Manifest>,
    files: Files,
    made: u32,
}

/// The files as one manifest numbers them.
struct Numbered<'a>(&'a Files, Vec<String>);

impl Numbered<'_> {
    fn file(&self, number: u32) -> io::Result<&Vec<u8>> {
        match number {
            0 => Ok(&self.0.base),
            later => {
                self.0.later.get(&self.1[later as usize - 1]).ok_or(io::ErrorKind::NotFound.into())
            }
        }
    }
}

impl ChunkBytes for Numbered<'_> {
    fn read(&mut self, file: u32, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        let start = offset as usize;
        Ok(self.file(file)?[start..start + length as usize].to_vec())
    }
}

impl Kept {
    fn new(rows: &[Row]) -> Self {
        let mut writer = ChunkWriter::new(Vec::new());
        writer.begin(&[CellStyle::default()], &[]).unwrap();
        for name in ["one", "two"] {
            let sheet = Sheet { name: name.into(), ..Sheet::default() };
            writer.begin_sheet(&sheet).unwrap();
            for row in rows {
                writer.row(row).unwrap();
            }
            writer.end_sheet(&sheet).unwrap();
        }
        let (base, manifest) = writer.into_parts().unwrap();
        let files = Files { base, ..Files::default() };
        Self { manifest: Arc::new(manifest), files, made: 0 }
    }

    fn numbered(&self) -> Numbered<'_> {
        Numbered(&self.files, self.manifest.later.iter().map(|file| file.name.clone()).collect())
    }

    fn apply(&mut self, change: &Change) {
        self.made += 1;
        let name = format!("file-{}", self.made);
        let edited = edit(&self.manifest, self.numbered(), change, &name).unwrap();
        let mut bytes = Vec::new();
        for piece in &edited.file {
            match piece {
                Piece::Bytes(piece) => bytes.extend_from_slice(piece),
                Piece::Of { file, offset, length } => {
                    let start = *offset as usize;
                    let numbered = self.numbered();
                    let file = numbered.file(*file).unwrap();
                    bytes.extend_from_slice(&file[start..start + *length as usize]);
                }
            }
        }
        let names = self.numbered().1;
        for number in edited.dropped.iter().filter(|number| **number > 0) {
            self.files.later.remove(&names[*number as usize - 1]).unwrap();
        }
        assert_eq!(edited.is_base, edited.dropped.contains(&0));
        if edited.is_base {
            self.files.base = bytes;
        } else if !edited.file.is_empty() {
            self.files.later.insert(name, bytes);
        }
        // What is kept is what was written down.
        let stored = edited.manifest.to_bytes().unwrap();
        let manifest = Manifest::from_bytes(&stored).unwrap();
        assert_eq!(manifest, edited.manifest);
        assert_eq!(manifest.base_bytes, self.files.base.len() as u64);
        for file in &manifest.later {
            assert_eq!(self.files.later[&file.name].len() as u64, file.bytes);
        }
        assert_eq!(manifest.later.len(), self.files.later.len());
        self.manifest = Arc::new(manifest);
    }

    fn rows(&self, sheet: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut reader = ChunkReader::new(Arc::clone(&self.manifest), self.numbered());
        reader
            .rows(sheet, &mut |row| {
                rows.push(row.clone());
                Ok(())
            })
            .unwrap();
        rows
    }

    fn first_blank(&self, column: u32, row: u32) -> u32 {
        let mut reader = ChunkReader::new(Arc::clone(&self.manifest), self.numbered());
        reader.first_blank(0, column, row).unwrap()
    }
}

fn row_of(index: u32, cells: &[(u32, Value<'_>, Option<&str>)]) -> Row {
    let mut row = Row::new();
    row.start(index);
    for (column, value, formula) in cells {
        row.push(Cell { column: *column, style: 0, value: *value, formula: *formula });
    }
    row
}

fn numbers(rows: std::ops::Range<u32>, columns: u32) -> Vec<Row> {
    rows.map(|index| {
        let cells: Vec<_> = (0..columns)
            .map(|column| (column, Value::Number(f64::from(index * 10 + column)), None))
            .collect();
        row_of(index, &cells)
    })
    .collect()
}

/// What a change means, cell by cell.
type Table = BTreeMap<(u32, u32), f64>;

fn apply_plainly(table: &mut Table, change: &Change) {
    if let Some((at, count)) = change.insert {
        let moved = std::mem::take(table).into_iter().map(|((row, column), value)| {
            ((if row >= at { row + count } else { row }, column), value)
        });
        *table = moved.collect();
    }
    for row in &change.rows {
        for cell in row.cells() {
            match cell.value {
                Value::Number(number) => table.insert((row.index(), cell.column), number),
                _ => table.remove(&(row.index(), cell.column)),
            };
        }
    }
}

fn table_of(rows: &[Row]) -> Table {
    let mut table = Table::new();
    apply_plainly(&mut table, &Change { rows: rows.to_vec(), ..Change::default() });
    table
}

fn any_change() -> impl Strategy<Value = Change> {
    let cell = (0..30_u32, proptest::option::of(0..1000_u32));
    let row = (0..3_u32, proptest::collection::btree_map(0..8_u32, cell, 1..6));
    let rows = proptest::collection::vec(row, 1..6);
    (0..3000_u32, rows, 0..3_u8).prop_map(|(start, rows, kind)| {
        let mut index = start;
        let rows: Vec<Row> = rows
            .into_iter()
            .map(|(gap, cells)| {
                index += gap + 1;
                let cells: Vec<_> = cells
                    .into_iter()
                    .map(|(column, (_, value))| {
                        let value = value.map_or(Value::Empty, |it| Value::Number(f64::from(it)));
                        (column, value, None)
                    })
                    .collect();
                row_of(index, &cells)
            })
            .collect();
        let insert = (kind == 0).then(|| (rows[0].index(), index - rows[0].index() + 1));
        Change { sheet: 0, insert, rows }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn edits_do_what_they_do_to_a_plain_table(
        count in 0..2500_u32, changes in proptest::collection::vec(any_change(), 1..12)
    ) {
        let rows = numbers(0..count, 3);
        let (mut kept, mut table) = (Kept::new(&rows), table_of(&rows));
        for change in &changes {
            kept.apply(change);
            apply_plainly(&mut table, change);
            for column in [0, 2, 5] {
                let mut blank = change.rows[0].index().saturating_sub(1);
                let asked = blank;
                while table.contains_key(&(blank, column)) {
                    blank += 1;
                }
                prop_assert_eq!(kept.first_blank(column, asked), blank);
            }
        }
        prop_assert_eq!(table_of(&kept.rows(0)), table);
        prop_assert_eq!(kept.rows(1), rows);
    }
}

#[test]
fn an_edit_touches_its_chunk_alone_and_rows_put_in_move_no_bytes() {
    let mut kept = Kept::new(&numbers(0..100_000, 5));
    let before = kept.manifest.chunks.clone();
    let written = row_of(50_000, &[(2, Value::Text("new"), None)]);
    kept.apply(&Change { rows: vec![written], ..Change::default() });
    let same =
        |a: &super::ChunkEntry, b: &super::ChunkEntry| a.file == b.file && a.offset == b.offset;
    let stayed = kept.manifest.chunks.iter().zip(&before).filter(|(a, b)| same(a, b)).count();
    assert_eq!((stayed, kept.manifest.chunks.len()), (before.len() - 1, before.len()));
    let top = numbers(0..2, 5);
    kept.apply(&Change { insert: Some((0, 2)), rows: top, ..Change::default() });
    let moved = kept.manifest.chunks.iter().filter(|chunk| chunk.file == 0).count();
    assert_eq!(moved, before.len() - 1);
    let rows = kept.rows(0);
    assert_eq!((rows.len(), rows.last().unwrap().index()), (100_002, 100_001));
    assert_eq!(kept.first_blank(4, 0), 100_002);
}

#[test]
fn styles_links_merges_and_rich_text_stay_with_their_cells() {
    let packed = Rich::pack(&[]);
    let mut styled = Row::new();
    styled.start(3);
    styled.push(Cell {
        column: 0,
        style: 0,
        value: Value::Rich(Rich::from_packed(&packed)),
        formula: None,
    });
    styled.push(Cell { column: 1, style: 7, value: Value::Number(1.0), formula: Some("A1+A4") });
    styled.push(Cell { column: 2, style: 9, value: Value::Number(1.0), formula: None });
    let mut kept = Kept::new(std::slice::from_ref(&styled));
    let mut manifest = Manifest::clone(&kept.manifest);
    let range = CellRange { first_row: 1, first_column: 0, last_row: 3, last_column: 0 };
    let sheet = &mut manifest.workbook.sheets[0];
    sheet.merges = vec![range];
    sheet.links = vec![CellLink { range: CellRange { first_row: 3, ..range }, target: "x".into() }];
    sheet.rows = vec![RowRun { first: 0, last: 3, height_pt: Some(9.0), hidden: false }];
    kept.manifest = Arc::new(manifest);
    let cells = [(2, Value::Empty, None), (3, Value::Empty, None)];
    let written = row_of(6, &cells);
    kept.apply(&Change { insert: Some((2, 3)), rows: vec![written], ..Change::default() });
    let rows = kept.rows(0);
    let cells: Vec<_> = rows[0].cells().collect();
    assert_eq!((rows.len(), rows[0].index(), cells.len()), (1, 6, 3));
    assert_eq!(cells[0].value, Value::Rich(Rich::from_packed("[]")));
    assert_eq!((cells[1].style, cells[1].formula), (7, Some("A1+A7")));
    // Emptied, its look stays; where there was none, nothing is.
    assert_eq!((cells[2].style, cells[2].value), (9, Value::Empty));
    let sheet = &kept.manifest.workbook.sheets[0];
    assert_eq!((sheet.merges[0].first_row, sheet.merges[0].last_row), (1, 6));
    assert_eq!((sheet.links[0].range.first_row, sheet.links[0].range.last_row), (6, 6));
    assert_eq!((sheet.rows[0].first, sheet.rows[0].last), (0, 6));
}

#[test]
fn formulas_that_are_not_written_anew_follow_the_rows_put_in_when_they_are_read() {
    let mut rows = numbers(0..5_000, 3);
    rows.push(row_of(5_000, &[(0, Value::Number(1.0), Some("SUM(C1:C5000)+one!A2"))]));
    let mut kept = Kept::new(&rows);
    for _ in 0..3 {
        kept.apply(&Change { insert: Some((1, 1)), ..Change::default() });
    }
    kept.apply(&Change { insert: Some((4_000, 2)), ..Change::default() });
    let formula = |sheet: usize, kept: &Kept| {
        let rows = kept.rows(sheet);
        rows.last().unwrap().cells().next().unwrap().formula.unwrap().to_owned()
    };
    assert_eq!(formula(0, &kept), "SUM(C1:C5005)+one!A5");
    assert_eq!(formula(1, &kept), "SUM(C1:C5000)+one!A5");
    // Written anew it has been through all of them, and goes through later ones alone.
    let beside = row_of(5_005, &[(1, Value::Number(2.0), Some("A5006"))]);
    kept.apply(&Change { rows: vec![beside], ..Change::default() });
    kept.apply(&Change { insert: Some((0, 1)), ..Change::default() });
    assert_eq!(formula(0, &kept), "SUM(C2:C5006)+one!A6");
    let last = kept.rows(0).last().unwrap().clone();
    assert_eq!(last.cells().nth(1).unwrap().formula, Some("A5007"));
}

#[test]
fn files_of_many_edits_are_put_together_and_the_dead_are_dropped() {
    let mut kept = Kept::new(&numbers(0..20_000, 5));
    let mut table: BTreeMap<u32, String> = BTreeMap::new();
    let mut most = 0;
    for turn in 0..600_u32 {
        // Text that does not pack well.
        let text: String = (0..8_000_u32)
            .map(|at| char::from(b'!' + ((at ^ turn).wrapping_mul(2_654_435_761) >> 25) as u8 % 90))
            .collect();
        let row = (turn * 7_919) % 20_000;
        let written = row_of(row, &[(3, Value::Text(&text), None)]);
        kept.apply(&Change { rows: vec![written], ..Change::default() });
        table.insert(row, text);
        most = most.max(kept.files.later.len());
    }
    assert!((2..=16).contains(&most), "{most}");
    let stored = kept.files.base.len() + kept.files.later.values().map(Vec::len).sum::<usize>();
    let used: usize = kept.manifest.chunks.iter().map(|chunk| chunk.length as usize).sum();
    assert!(stored < 3 * used + (1 << 20), "{stored} bytes for {used}");
    let rows = kept.rows(0);
    for (row, text) in &table {
        let cell = rows[*row as usize].cells().nth(3).unwrap();
        assert_eq!(cell.value, Value::Text(text));
    }
    // All in one file, as a copy has it.
    let joined = Manifest::clone(&kept.manifest).joined();
    let mut all = kept.files.base.clone();
    for file in &kept.manifest.later {
        all.extend_from_slice(&kept.files.later[&file.name]);
    }
    let mut copied = Vec::new();
    ChunkReader::new(joined, io::Cursor::new(all))
        .rows(0, &mut |row| {
            copied.push(row.clone());
            Ok(())
        })
        .unwrap();
    assert_eq!(copied, rows);
}

#[test]
fn rows_too_wide_for_one_chunk_are_written_whole() {
    let wide: Vec<_> =
        (0..40_000).map(|column| (column, Value::Number(f64::from(column)), None)).collect();
    let rows = [row_of(3, &wide), row_of(4, &wide), row_of(5, &wide)];
    let (mut kept, mut table) = (Kept::new(&rows), table_of(&rows));
    let written = row_of(14, &[(7, Value::Number(-1.0), None), (39_000, Value::Empty, None)]);
    let changes = [
        Change { insert: Some((4, 10)), ..Change::default() },
        Change { rows: vec![written], ..Change::default() },
    ];
    for change in &changes {
        kept.apply(change);
        apply_plainly(&mut table, change);
    }
    assert_eq!(table_of(&kept.rows(0)), table);
}
