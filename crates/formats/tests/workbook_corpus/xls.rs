//! Workbooks of Excel 2 to 2003 beside what xlrd finds in them: values, merges.

use larkspur_formats::{Limits, Unwatched};
use larkspur_model::workbook::{CellRange, column_name};
use serde_json::Value as Json;

use crate::compare::{Tally, compare_merges, format_code, same_number};
use crate::kept::{Kept, KeptBook, KeptCell, KeptSheet, read_as};

/// Days between the two epochs.
const EPOCH_1904_DAYS: f64 = 1462.0;

fn same(book: &KeptBook, ours: Option<&KeptCell>, theirs: &Json, from_1904: bool) -> bool {
    let Some(cell) = ours else { return false };
    match (&cell.value, theirs["t"].as_str()) {
        (Kept::Text(text), Some("text")) => theirs["v"].as_str() == Some(text),
        (Kept::Bool(value), Some("bool")) => theirs["v"].as_u64() == Some(u64::from(*value)),
        (Kept::Number(number), Some(kind @ ("number" | "date"))) => {
            let other = theirs["v"].as_f64().expect("a number");
            let later = from_1904 && format_code(book, ours).contains(['y', 'd']);
            let other = if later { other + EPOCH_1904_DAYS } else { other };
            same_number(*number, other) && (kind == "number" || !format_code(book, ours).is_empty())
        }
        _ => false,
    }
}

fn compare_sheet(
    book: &KeptBook,
    sheet: &KeptSheet,
    expected: &Json,
    from_1904: bool,
    name: &str,
    tally: &mut Tally,
) {
    let cells = expected["cells"].as_object().expect("cells");
    for (place, theirs) in cells {
        let ours = sheet.at(place);
        if same(book, ours, theirs, from_1904) {
            tally.equal += 1;
        } else {
            let code = format_code(book, ours);
            tally.different.push(format!("{name} {place}: {ours:?} {code} instead of {theirs}"));
        }
    }
    for cell in sheet.cells.iter().filter(|cell| cell.value != Kept::Empty) {
        let place = format!("{}{}", column_name(cell.column), cell.row + 1);
        if cell.value != Kept::Text(String::new()) && !cells.contains_key(&place) {
            tally.different.push(format!("{name} {place}: {cell:?} instead of nothing"));
        }
    }
    let merged = expected["merged"].as_array().into_iter().flatten().map(|area| {
        let [first_row, row_end, first_column, column_end] =
            [0, 1, 2, 3].map(|at| area[at].as_u64().expect("a number") as u32);
        CellRange { first_row, first_column, last_row: row_end - 1, last_column: column_end - 1 }
    });
    compare_merges(sheet, merged.collect(), name, tally);
}

/// Compares a file.
pub(crate) fn compare(name: &str, bytes: &[u8], expected: &Json) -> Tally {
    let mut tally = Tally::default();
    let book = read_as("xls", bytes, &Limits::unlimited(), &mut Unwatched)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let from_1904 = expected["date1904"] == true;
    let sheets = expected["sheets"].as_array().expect("sheets");
    assert_eq!(book.sheets.len(), sheets.len(), "{name}");
    for (ours, theirs) in book.sheets.iter().zip(sheets) {
        let title = theirs["name"].as_str().expect("a name");
        // A file that is a sheet has no name for it.
        if ours.begun.name.replace(' ', "") != title.replace(' ', "") {
            tally.different.push(format!("{name}: {} instead of {title}", ours.begun.name));
        }
        compare_sheet(&book, ours, theirs, from_1904, &format!("{name} {title}"), &mut tally);
    }
    tally
}
