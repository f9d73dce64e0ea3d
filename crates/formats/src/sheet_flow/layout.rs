//! Sizes and visibility of rows and columns, as runs of neighbours that look the same.

use larkspur_model::workbook::{ColumnRun, RowRun};

/// Runs of rows or columns kept.
const MOST_RUNS: usize = 100_000;
/// Pixels of a digit in the usual font.
const DIGIT_PX: f64 = 7.0;

/// Pixels of a width in characters (ECMA-376 part 1, 18.3.1.13).
pub(crate) fn width_px(characters: f64) -> f64 {
    let characters = characters.clamp(0.0, 255.0);
    ((256.0 * characters + (128.0 / DIGIT_PX).floor()) / 256.0 * DIGIT_PX).floor()
}

/// Adds columns, if there is anything to say about them.
pub(crate) fn add_columns(columns: &mut Vec<ColumnRun>, run: ColumnRun) {
    if (run.hidden || run.width_px.is_some()) && columns.len() < MOST_RUNS {
        columns.push(run);
    }
}

/// Adds the row below those before, if there is anything to say about it.
pub(crate) fn add_row(rows: &mut Vec<RowRun>, index: u32, height_pt: Option<f64>, hidden: bool) {
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
pub(crate) fn make_disjoint(columns: &mut Vec<ColumnRun>) {
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

/// Sorts the runs and drops what overlaps those before.
pub(crate) fn join_rows(rows: &mut Vec<RowRun>) {
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
