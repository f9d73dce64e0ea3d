//! Areas of cells: their notation, and merged ones without overlaps.

use std::collections::BTreeMap;

use larkspur_model::workbook::{CellRange, column_index};

/// A cell's column and row, both from 0, by its notation `B7`; `$` signs do not matter.
pub(crate) fn parse_cell(text: &str) -> Option<(u32, u32)> {
    let text = text.trim();
    let letters_from = usize::from(text.starts_with('$'));
    let letters = text[letters_from..].bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = text[letters_from..].split_at(letters);
    let row = row.strip_prefix('$').unwrap_or(row);
    let plain = !row.is_empty() && row.bytes().all(|byte| byte.is_ascii_digit());
    let row: u32 = plain.then(|| row.parse().ok())??;
    Some((column_index(column)?, row.checked_sub(1)?))
}

/// An area by its notation, `B7` or `B7:C9`, corners in any order.
pub(crate) fn parse_range(text: &str) -> Option<CellRange> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    let ((left, top), (right, bottom)) = (parse_cell(first)?, parse_cell(last)?);
    Some(CellRange {
        first_row: top.min(bottom),
        first_column: left.min(right),
        last_row: top.max(bottom),
        last_column: left.max(right),
    })
}

/// The merges as a sheet keeps them: of more than a cell, within the columns, none over another; and
/// how many do overlap.
pub(crate) fn settle(merges: Vec<CellRange>, most_columns: u32) -> (Vec<CellRange>, u64) {
    let (merges, overlapping) = without_overlaps(merges);
    let kept = merges
        .into_iter()
        .filter(|merge| merge.first_column < most_columns)
        .map(|merge| CellRange { last_column: merge.last_column.min(most_columns - 1), ..merge })
        .filter(|merge| {
            (merge.first_row, merge.first_column) != (merge.last_row, merge.last_column)
        })
        .collect();
    (kept, overlapping)
}

/// The merges that overlap none before them, by row and column; and how many do overlap.
fn without_overlaps(mut merges: Vec<CellRange>) -> (Vec<CellRange>, u64) {
    merges.sort_unstable_by_key(|merge| {
        (merge.first_row, merge.first_column, merge.last_row, merge.last_column)
    });
    merges.dedup();
    // Kept merges that may reach the row at hand, by first column: last column and last row. Their
    // columns are disjoint, so those in the way of a merge are neighbours.
    let mut reaching: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    let mut overlapping = 0;
    merges.retain(|merge| {
        let mut ended = Vec::new();
        for (&first, &(last, bottom)) in reaching.range(..=merge.last_column).rev() {
            if last < merge.first_column {
                break;
            }
            if bottom >= merge.first_row {
                overlapping += 1;
                return false;
            }
            ended.push(first);
        }
        for first in ended {
            reaching.remove(&first);
        }
        reaching.insert(merge.first_column, (merge.last_column, merge.last_row));
        true
    });
    (merges, overlapping)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_are_understood() {
        let range = parse_range("$C$9:A2").unwrap();
        assert_eq!((range.first_column, range.first_row), (0, 1));
        assert_eq!((range.last_column, range.last_row), (2, 8));
        for text in ["", "A", "1", "A0", "A1:", "A1:B", "A-1", "ABCDEFG1", "A99999999999"] {
            assert_eq!(parse_range(text), None, "{text}");
        }
    }

    #[test]
    fn overlapping_merges_are_left_out() {
        let ranges = |texts: &[&str]| texts.iter().filter_map(|text| parse_range(text)).collect();
        let (kept, dropped) = without_overlaps(ranges(&[
            "A1:B2", "C1:D1", "B2:C3", "A3:B3", "C2:D9", "A9:C9", "A1:B2", "A10:D10", "E1:E20",
            "D10:F12",
        ]));
        assert_eq!(dropped, 3);
        assert_eq!(kept, ranges(&["A1:B2", "C1:D1", "E1:E20", "C2:D9", "A3:B3", "A10:D10"]));
    }
}
