//! Comma-separated files beside what Python's reader finds in them: what each cell shows.

use larkspur_formats::{Limits, Unwatched};
use larkspur_model::workbook::{NumberFormat, column_name};
use serde_json::Value as Json;

use crate::compare::Tally;
use crate::kept::{Kept, read_as};

/// Compares a file.
pub(crate) fn compare(name: &str, bytes: &[u8], expected: &Json) -> Tally {
    let mut tally = Tally::default();
    let book = read_as("csv", bytes, &Limits::default(), &mut Unwatched)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let formats: Vec<NumberFormat> =
        book.styles.iter().map(|style| NumberFormat::parse(&style.number_format)).collect();
    let sheet = &book.sheets[0];
    let rows = expected["data"].as_array().expect("rows");
    let shown = |row: usize, column: usize| {
        let cell = sheet.at(&format!("{}{}", column_name(column as u32), row + 1));
        cell.map_or_else(String::new, |cell| match &cell.value {
            Kept::Number(number) => formats[cell.style as usize].format_number(*number),
            Kept::Text(text) => text.clone(),
            Kept::Bool(value) => value.to_string().to_uppercase(),
            other => format!("{other:?}"),
        })
    };
    let mut widths = Vec::new();
    for (row, fields) in rows.iter().enumerate() {
        let fields = fields.as_array().expect("fields");
        widths.push(fields.len());
        for (column, theirs) in fields.iter().enumerate() {
            let (ours, theirs) = (shown(row, column), theirs.as_str().expect("a text"));
            if ours == theirs {
                tally.equal += u64::from(!ours.is_empty());
            } else {
                tally.different.push(format!("{name} {row}:{column}: {ours:?}, not {theirs:?}"));
            }
        }
    }
    // Nothing may stand where the other reader found nothing.
    let total = expected["rows"].as_u64().expect("a number") as usize;
    for cell in &sheet.cells {
        let row = cell.row as usize;
        let beyond = widths.get(row).is_some_and(|width| cell.column as usize >= *width);
        if beyond || row >= total {
            tally.different.push(format!("{name} {row}: {cell:?} beyond the row"));
        }
    }
    tally
}
