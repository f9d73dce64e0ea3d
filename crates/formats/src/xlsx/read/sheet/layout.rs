//! Sizes of a sheet's columns and rows, and what stays in place when scrolling.

use larkspur_model::workbook::{ColumnRun, RowRun, Sheet};

use crate::Limits;
use crate::ooxml::Scanner;
use crate::sheet_flow::layout::{add_columns, add_row, width_px};

/// A whole number among the attributes of the element that just started.
pub(super) fn number(scanner: &Scanner<'_>, name: &[u8]) -> Option<u32> {
    scanner.attribute(name)?.trim().parse().ok()
}

/// A finite number among the attributes of the element that just started.
pub(super) fn float(scanner: &Scanner<'_>, name: &[u8]) -> Option<f64> {
    scanner.attribute(name)?.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

/// A flag among the attributes of the element that just started.
pub(super) fn flag(scanner: &Scanner<'_>, name: &[u8]) -> bool {
    matches!(scanner.attribute(name).as_deref(), Some("1" | "true" | "on"))
}

/// The row that the `row` element that just started says it is, from 0.
pub(super) fn row_index(scanner: &Scanner<'_>) -> Option<u32> {
    number(scanner, b"r")?.checked_sub(1)
}

/// Reads `pane`: how much of the sheet is frozen.
pub(super) fn read_pane(scanner: &Scanner<'_>, sheet: &mut Sheet) {
    let frozen = scanner.attribute(b"state");
    if !matches!(frozen.as_deref(), Some("frozen" | "frozenSplit")) {
        return;
    }
    let count = |name| {
        float(scanner, name).filter(|count| (0.0..1_048_576.0).contains(count)).unwrap_or(0.0)
            as u32
    };
    sheet.frozen_columns = count(b"xSplit");
    sheet.frozen_rows = count(b"ySplit");
}

/// Reads `col`; answers its cell format.
pub(super) fn read_columns(
    scanner: &Scanner<'_>,
    limits: &Limits,
    columns: &mut Vec<ColumnRun>,
) -> u32 {
    let format = number(scanner, b"style").unwrap_or(0);
    let first = number(scanner, b"min").and_then(|first| first.checked_sub(1));
    let Some(first) = first.filter(|&first| first < limits.sheet_columns) else { return format };
    let last = number(scanner, b"max").map_or(first, |last| last.saturating_sub(1));
    let last = last.clamp(first, limits.sheet_columns - 1);
    let hidden = flag(scanner, b"hidden");
    let width_px = float(scanner, b"width").filter(|_| !hidden).map(width_px);
    add_columns(columns, ColumnRun { first, last, width_px, hidden });
    format
}

/// Reads height and visibility of the `row` that just started.
pub(super) fn read_row(
    scanner: &Scanner<'_>,
    index: u32,
    default_height_pt: Option<f64>,
    rows: &mut Vec<RowRun>,
) {
    let hidden = flag(scanner, b"hidden");
    let height_pt = float(scanner, b"ht")
        .filter(|height| (0.0..=409.5).contains(height))
        .filter(|_| !hidden)
        .filter(|height| flag(scanner, b"customHeight") || Some(*height) != default_height_pt);
    add_row(rows, index, height_pt, hidden);
}
