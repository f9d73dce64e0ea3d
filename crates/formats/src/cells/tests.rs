//! Rows come back from chunks exactly as they went in, and damage is found.

use std::io::Cursor;

use larkspur_model::workbook::{Cell, CellError, CellStyle, Rich, Row, Sheet, Value};
use proptest::prelude::*;

use super::{ChunkReader, ChunkWriter, Manifest};
use crate::{Error, WorkbookSink, WorkbookSource};

type OwnedCell = (u32, u32, OwnedValue, Option<String>);

#[derive(Debug, Clone)]
enum OwnedValue {
    Empty,
    Number(f64),
    Text(String),
    Rich(String),
    Bool(bool),
    Error(usize),
}

impl OwnedValue {
    fn borrow(&self) -> Value<'_> {
        match self {
            Self::Empty => Value::Empty,
            Self::Number(number) => Value::Number(*number),
            Self::Text(text) => Value::Text(text),
            Self::Rich(packed) => Value::Rich(Rich::from_packed(packed)),
            Self::Bool(value) => Value::Bool(*value),
            Self::Error(index) => Value::Error(CellError::ALL[*index % CellError::ALL.len()]),
        }
    }
}

fn row_of(index: u32, cells: &[OwnedCell]) -> Row {
    let mut row = Row::new();
    row.start(index);
    for (column, style, value, formula) in cells {
        let (value, formula) = (value.borrow(), formula.as_deref());
        row.push(Cell { column: *column, style: *style, value, formula });
    }
    row
}

fn store(rows: &[Row]) -> (Vec<u8>, Manifest) {
    let mut writer = ChunkWriter::new(Vec::new());
    writer.begin(&[CellStyle::default()], &["a".to_owned(), "b".to_owned()]).unwrap();
    for name in ["a", "b"] {
        let mut sheet = Sheet { name: name.to_owned(), ..Sheet::default() };
        writer.begin_sheet(&sheet).unwrap();
        for row in rows {
            writer.row(row).unwrap();
        }
        sheet.row_count = rows.last().map_or(0, |row| row.index() + 1);
        writer.end_sheet(&sheet).unwrap();
    }
    writer.finish().unwrap();
    writer.into_parts().unwrap()
}

fn load(manifest: &Manifest, bytes: &[u8], sheet: usize) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    ChunkReader::new(manifest.clone(), Cursor::new(bytes)).rows(sheet, &mut |row| {
        rows.push(row.clone());
        Ok(())
    })?;
    Ok(rows)
}

/// Cells with numbers as bits, which tell NaN from NaN and zero from zero.
fn bits(rows: &[Row]) -> Vec<String> {
    let cell_bits = |cell: Cell<'_>| match cell.value {
        Value::Number(number) => {
            format!("{} {} {:x} {:?}", cell.column, cell.style, number.to_bits(), cell.formula)
        }
        _ => format!("{cell:?}"),
    };
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = row.cells().map(cell_bits).collect();
            format!("{}: {}", row.index(), cells.join("; "))
        })
        .collect()
}

fn any_value() -> impl Strategy<Value = OwnedValue> {
    prop_oneof![
        Just(OwnedValue::Empty),
        any::<u64>().prop_map(|bits| OwnedValue::Number(f64::from_bits(bits))),
        any::<i64>().prop_map(|number| OwnedValue::Number(number as f64)),
        (any::<i32>(), 0..9_i32)
            .prop_map(|(units, scale)| OwnedValue::Number(f64::from(units) / 10_f64.powi(scale))),
        prop_oneof![Just(0.0), Just(-0.0), Just(f64::NAN), Just(f64::INFINITY), Just(5e-324)]
            .prop_map(OwnedValue::Number),
        ".{0,12}".prop_map(OwnedValue::Text),
        ".{0,12}".prop_map(OwnedValue::Rich),
        any::<bool>().prop_map(OwnedValue::Bool),
        any::<usize>().prop_map(OwnedValue::Error),
    ]
}

fn any_rows() -> impl Strategy<Value = Vec<Row>> {
    let cell = (1..4_u32, 0..3_u32, any_value(), proptest::option::of("[A-Z(),1-9]{1,9}"));
    let row = (1..5_u32, proptest::collection::vec(cell, 1..9));
    proptest::collection::vec(row, 0..40).prop_map(|rows| {
        let mut index = 0;
        rows.into_iter()
            .map(|(step, mut cells)| {
                index += step;
                let mut column = 0;
                for cell in &mut cells {
                    column += cell.0;
                    cell.0 = column;
                }
                row_of(index, &cells)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn rows_come_back_bit_for_bit(rows in any_rows()) {
        let (bytes, manifest) = store(&rows);
        let manifest = Manifest::from_bytes(&manifest.to_bytes().unwrap()).unwrap();
        for sheet in 0..2 {
            prop_assert_eq!(bits(&load(&manifest, &bytes, sheet).unwrap()), bits(&rows));
        }
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic(
        rows in any_rows(), place in any::<prop::sample::Index>(), flip in 1..=255_u8
    ) {
        let (mut bytes, manifest) = store(&rows);
        let mut stored = manifest.to_bytes().unwrap();
        if !bytes.is_empty() {
            let at = place.index(bytes.len());
            bytes[at] ^= flip;
            let broken = (0..2).any(|sheet| load(&manifest, &bytes, sheet).is_err());
            prop_assert!(broken);
            // With the checksum made to fit, what is found may be anything but a panic.
            let mut forged = manifest.clone();
            for chunk in &mut forged.chunks {
                let start = chunk.offset as usize;
                chunk.crc = crc32fast::hash(&bytes[start..start + chunk.length as usize]);
            }
            for sheet in 0..2 {
                let _ = load(&forged, &bytes, sheet);
            }
        }
        let at = place.index(stored.len());
        stored[at] ^= flip;
        prop_assert!(Manifest::from_bytes(&stored).is_err());
    }

    #[test]
    fn unpacked_chunks_of_any_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut pending = super::chunk::Pending::default();
        let window = super::chunk::Window::ALL;
        let _ = super::chunk::decode(&bytes, 0, &window, None, &mut pending, &mut |_| Ok(()));
    }
}

#[test]
fn a_window_has_its_cells_and_touches_its_chunks_alone() {
    let rows: Vec<Row> = (0..10_000)
        .map(|index| {
            let cells: Vec<OwnedCell> = (0..5)
                .map(|column| (column, 0, OwnedValue::Number(f64::from(index * 10 + column)), None))
                .collect();
            row_of(index, &cells)
        })
        .collect();
    let (mut bytes, manifest) = store(&rows);
    let touched = manifest.chunks_of(1, 5_000, 5_003).to_vec();
    assert!((1..=2).contains(&touched.len()), "{touched:?}");
    // Everything else may be gone.
    for chunk in manifest.chunks.iter().filter(|chunk| !touched.contains(chunk)) {
        let start = chunk.offset as usize;
        bytes[start..start + chunk.length as usize].fill(0);
    }
    let mut reader = ChunkReader::new(manifest, Cursor::new(&bytes));
    let mut found = Vec::new();
    reader
        .window(1, 5_000..5_003, 1..3, &mut |row| {
            for cell in row.cells() {
                found.push((row.index(), cell.column, format!("{:?}", cell.value)));
            }
            Ok(())
        })
        .unwrap();
    let expected: Vec<_> = (5_000..5_003_u32)
        .flat_map(|row| {
            [1, 2].map(|column| (row, column, format!("Number({}.0)", row * 10 + column)))
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn wide_rows_are_cut_into_chunks_and_joined_again() {
    let text = "x".repeat(50_000);
    let long: Vec<OwnedCell> =
        (0..60).map(|column| (column, 1, OwnedValue::Text(text.clone()), None)).collect();
    let wide: Vec<OwnedCell> = (0..40_000)
        .map(|column| (column * 2, column % 3, OwnedValue::Bool(column % 2 == 0), None))
        .collect();
    let rows = [row_of(0, &long), row_of(1, &wide), row_of(7, &long), row_of(8, &long)];
    let (bytes, manifest) = store(&rows);
    assert!(manifest.chunks.iter().all(|chunk| chunk.unpacked < 400_000));
    assert_eq!(load(&manifest, &bytes, 1).unwrap(), rows);
    let mut reader = ChunkReader::new(manifest, Cursor::new(&bytes));
    let mut seen = 0;
    reader
        .window(0, 1..2, 50_000..60_000, &mut |row| {
            seen += row.len();
            Ok(())
        })
        .unwrap();
    assert_eq!(seen, 5_000);
}

#[test]
fn a_failed_visit_leaves_nothing_behind() {
    let rows = [
        row_of(0, &[(0, 0, OwnedValue::Bool(true), None)]),
        row_of(1, &[(0, 0, OwnedValue::Bool(false), None)]),
    ];
    let (bytes, manifest) = store(&rows);
    let mut reader = ChunkReader::new(manifest, Cursor::new(&bytes));
    assert!(matches!(reader.rows(0, &mut |_| Err(Error::Cancelled)), Err(Error::Cancelled)));
    let mut again = Vec::new();
    reader
        .rows(0, &mut |row| {
            again.push(row.clone());
            Ok(())
        })
        .unwrap();
    assert_eq!(again, rows);
}

/// A manifest in the form before there were edits.
fn unedited(manifest: &Manifest) -> Vec<u8> {
    let mut plain = (manifest.chunks.len() as u32).to_le_bytes().to_vec();
    for chunk in &manifest.chunks {
        let numbers = [chunk.sheet, chunk.first_row, chunk.last_row, chunk.length];
        for number in numbers.into_iter().chain([chunk.unpacked, chunk.crc]) {
            plain.extend_from_slice(&number.to_le_bytes());
        }
        plain.extend_from_slice(&chunk.offset.to_le_bytes());
    }
    plain.extend_from_slice(&serde_json::to_vec(&manifest.workbook).unwrap());
    let packed = zstd::bulk::compress(&plain, 3).unwrap();
    let mut bytes = b"LKWB\x01".to_vec();
    bytes.extend_from_slice(&crc32fast::hash(&packed).to_le_bytes());
    bytes.extend_from_slice(&(plain.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&packed);
    bytes
}

#[test]
fn workbooks_kept_before_there_were_edits_still_load() {
    let rows: Vec<Row> = (0..3_000)
        .map(|index| row_of(index, &[(0, 0, OwnedValue::Number(f64::from(index)), None)]))
        .collect();
    let (bytes, manifest) = store(&rows);
    let old = Manifest::from_bytes(&unedited(&manifest)).unwrap();
    assert_eq!(old.base_bytes, bytes.len() as u64);
    assert_eq!(load(&old, &bytes, 1).unwrap(), rows);
    let mut reader = ChunkReader::new(old, Cursor::new(&bytes));
    assert_eq!(reader.first_blank(1, 0, 5).unwrap(), 3_000);
}
