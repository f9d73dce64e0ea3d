//! What is known of a sheet beside its cells, as an edit changes it: areas that move with the rows
//! put in above them, links and array formulas that end where other values are written.

use larkspur_model::workbook::{Anchor, CellRange, DropdownOptions, Row, Sheet, Workbook};

use super::edit::Change;
use super::names;
use super::shifts::{Shift, renumbered};
use crate::Error;

/// Does to the sheets of `book` what `change` does to what lies beside the cells.
pub(super) fn apply(book: &mut Workbook, change: &Change) -> Result<(), Error> {
    let sheet = book.sheets.get_mut(change.sheet);
    let sheet = sheet.ok_or_else(|| Error::damaged("a sheet that is not there"))?;
    if let Some((at, count)) = change.insert {
        let rows = sheet.row_count.max(at).checked_add(count);
        sheet.row_count =
            rows.ok_or_else(|| Error::TooLarge("a sheet with that many rows".to_owned()))?;
        move_down(sheet, at, count);
        let (name, number) = (sheet.name.clone(), change.sheet as u32);
        let shift = Shift { sheet: number, at, count };
        renumber_choices(book, &name, shift);
        names::renumber(book, &name, shift);
    }
    let Some(sheet) = book.sheets.get_mut(change.sheet) else { return Ok(()) };
    names::rename_columns(sheet, &change.rows);
    for row in &change.rows {
        sheet.row_count = sheet.row_count.max(row.index().saturating_add(1));
        let columns = row.cells().last().map_or(0, |cell| cell.column.saturating_add(1));
        sheet.column_count = sheet.column_count.max(columns);
    }
    let links = std::mem::take(&mut sheet.links);
    for link in links {
        let ranges = unwritten(link.range, &change.rows);
        sheet.links.extend(ranges.into_iter().map(|range| {
            let mut left = link.clone();
            left.range = range;
            left
        }));
    }
    sheet.arrays.retain(|area| unwritten(*area, &change.rows) == [*area]);
    Ok(())
}

fn move_down(sheet: &mut Sheet, at: u32, count: u32) {
    let down = |first: &mut u32, last: &mut u32| {
        for end in [first, last] {
            *end = if *end >= at { end.saturating_add(count) } else { *end };
        }
    };
    let links = sheet.links.iter_mut().map(|link| &mut link.range);
    let choices = sheet.dropdowns.iter_mut().flat_map(|dropdown| &mut dropdown.ranges);
    let tables = sheet.tables.iter_mut().map(|table| &mut table.range);
    for range in sheet.merges.iter_mut().chain(links).chain(choices).chain(tables) {
        down(&mut range.first_row, &mut range.last_row);
    }
    for picture in &mut sheet.pictures {
        match &mut picture.anchor {
            Anchor::Cells { from, to, .. } => down(&mut from.row, &mut to.row),
            Anchor::Cell { from, .. } => down(&mut from.row, &mut 0),
            Anchor::Sheet { .. } => {}
        }
    }
    for run in &mut sheet.rows {
        down(&mut run.first, &mut run.last);
    }
    // Rows cannot be put into an array: one that had some is an array no more.
    sheet.arrays.retain(|area| area.last_row < at || area.first_row >= at);
    for area in &mut sheet.arrays {
        down(&mut area.first_row, &mut area.last_row);
    }
}

/// The cells that values to choose from stand in, wherever they are named.
fn renumber_choices(book: &mut Workbook, name: &str, shift: Shift) {
    for (number, sheet) in book.sheets.iter_mut().enumerate() {
        for dropdown in &mut sheet.dropdowns {
            if let DropdownOptions::Formula(formula) = &mut dropdown.options {
                let own = number == shift.sheet as usize;
                if let Some(moved) = renumbered(formula, own, name, shift) {
                    *formula = moved;
                }
            }
        }
    }
}

/// What is left of a range without the cells of `rows`, from the top down.
fn unwritten(range: CellRange, rows: &[Row]) -> Vec<CellRange> {
    let mut left = Vec::new();
    let mut next_row = range.first_row;
    let from = rows.partition_point(|row| row.index() < range.first_row);
    for row in rows[from..].iter().take_while(|row| row.index() <= range.last_row) {
        let written: Vec<u32> = row
            .cells()
            .map(|cell| cell.column)
            .filter(|column| (range.first_column..=range.last_column).contains(column))
            .collect();
        if written.is_empty() {
            continue;
        }
        if next_row < row.index() {
            left.push(CellRange { first_row: next_row, last_row: row.index() - 1, ..range });
        }
        let line = CellRange { first_row: row.index(), last_row: row.index(), ..range };
        let mut next_column = range.first_column;
        for column in written {
            if next_column < column {
                left.push(CellRange { first_column: next_column, last_column: column - 1, ..line });
            }
            next_column = column + 1;
        }
        if next_column <= range.last_column {
            left.push(CellRange { first_column: next_column, ..line });
        }
        next_row = row.index() + 1;
    }
    if next_row <= range.last_row {
        left.push(CellRange { first_row: next_row, ..range });
    }
    left
}

#[cfg(test)]
mod tests {
    use larkspur_model::workbook::{Cell, CellLink, Dropdown, Value};

    use super::*;

    fn range(first_row: u32, first_column: u32, last_row: u32, last_column: u32) -> CellRange {
        CellRange { first_row, first_column, last_row, last_column }
    }

    fn row(index: u32, columns: &[u32]) -> Row {
        let mut row = Row::new();
        row.start(index);
        for &column in columns {
            row.push(Cell { column, style: 0, value: Value::Bool(true), formula: None });
        }
        row
    }

    #[test]
    fn what_is_written_over_is_cut_out_of_a_range() {
        let rows = [row(1, &[0]), row(3, &[2, 4]), row(4, &[1, 2, 3]), row(9, &[2])];
        assert_eq!(
            unwritten(range(2, 1, 6, 3), &rows),
            [range(2, 1, 2, 3), range(3, 1, 3, 1), range(3, 3, 3, 3), range(5, 1, 6, 3)]
        );
        assert_eq!(unwritten(range(2, 0, 2, 0), &rows), [range(2, 0, 2, 0)]);
        assert_eq!(unwritten(range(3, 2, 3, 2), &rows), []);
    }

    #[test]
    fn areas_move_with_their_rows_and_end_where_others_are_written() {
        let link = |range| CellLink { range, target: "https://x.org/".into() };
        let options = DropdownOptions::Formula("one!$A$3:$A$9".into());
        let dropdown = Dropdown { ranges: vec![range(5, 0, 9, 0)], options };
        let sheet = Sheet {
            name: "one".into(),
            row_count: 20,
            column_count: 4,
            links: vec![link(range(4, 1, 4, 1)), link(range(1, 1, 1, 1))],
            arrays: vec![range(0, 2, 1, 2), range(5, 2, 7, 2), range(10, 2, 11, 2)],
            dropdowns: vec![dropdown.clone()],
            ..Sheet::default()
        };
        let other = Sheet { name: "two".into(), dropdowns: vec![dropdown], ..Sheet::default() };
        let mut book = Workbook { sheets: vec![sheet, other], ..Workbook::default() };
        let rows = vec![row(6, &[1]), row(12, &[2, 5])];
        apply(&mut book, &Change { sheet: 0, insert: Some((4, 2)), rows }).unwrap();
        let sheet = &book.sheets[0];
        assert_eq!((sheet.row_count, sheet.column_count), (22, 6));
        assert_eq!(sheet.links, [link(range(1, 1, 1, 1))]);
        assert_eq!(sheet.arrays, [range(0, 2, 1, 2), range(7, 2, 9, 2)]);
        assert_eq!(sheet.dropdowns[0].ranges, [range(7, 0, 11, 0)]);
        let moved = DropdownOptions::Formula("one!$A$3:$A$11".into());
        assert_eq!(
            (&sheet.dropdowns[0].options, &book.sheets[1].dropdowns[0].options),
            (&moved, &moved)
        );
        assert_eq!(book.sheets[1].dropdowns[0].ranges, [range(5, 0, 9, 0)]);
    }
}
