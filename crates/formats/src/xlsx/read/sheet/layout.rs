//! Sizes of a sheet's columns and rows, and what stays in place when scrolling.

use larkspur_model::workbook::{ColumnRun, RowRun, Sheet};

use crate::Limits;
use crate::ooxml::Scanner;

/// Runs of rows or columns kept.
const MOST_RUNS: usize = 100_000;
/// Pixels of a digit in the usual font.
const DIGIT_PX: f64 = 7.0;

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
    if (hidden || width_px.is_some()) && columns.len() < MOST_RUNS {
        columns.push(ColumnRun { first, last, width_px, hidden });
    }
    format
}

/// Pixels of a width in characters (ECMA-376 part 1, 18.3.1.13).
fn width_px(characters: f64) -> f64 {
    let characters = characters.clamp(0.0, 255.0);
    ((256.0 * characters + (128.0 / DIGIT_PX).floor()) / 256.0 * DIGIT_PX).floor()
}

/// Sorts the runs and drops what overlaps those before.
pub(super) fn make_disjoint(columns: &mut Vec<ColumnRun>) {
    columns.sort_by_key(|run| run.first);
    let mut free = 0;
    columns.retain_mut(|run| {
        run.first = run.first.max(free);
        let keep = run.first <= run.last;
        if keep {
            free = run.last + 1;
        }
        keep
    });
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
    if !hidden && height_pt.is_none() {
        return;
    }
    if let Some(last) = rows.last_mut()
        && last.last.checked_add(1) == Some(index)
        && (last.height_pt, last.hidden) == (height_pt, hidden)
    {
        last.last = index;
    } else if rows.len() < MOST_RUNS {
        rows.push(RowRun { first: index, last: index, height_pt, hidden });
    }
}

/// Sorts the runs and drops what overlaps those before.
pub(super) fn join_rows(rows: &mut Vec<RowRun>) {
    rows.sort_by_key(|run| run.first);
    let mut free = 0;
    rows.retain(|run| {
        let keep = run.first >= free;
        if keep {
            free = run.last.saturating_add(1);
        }
        keep
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_that_excel_shows() {
        for (characters, pixels) in
            [(9.140_625, 64.0), (8.43, 59.0), (16.570_312_5, 116.0), (0.0, 0.0)]
        {
            assert!((width_px(characters) - pixels).abs() < 0.1, "{characters}");
        }
    }
}
