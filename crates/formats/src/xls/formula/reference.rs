//! Cells and areas as tokens hold them, and their notation.

use larkspur_model::workbook::column_name;

use super::{Home, Tokens};
use crate::xls::records::Biff;

const COLUMNS: i64 = 256;

/// How a generation writes cells, and the cell that offsets count from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides {
    pub(super) biff: Biff,
    pub(super) home: Home,
}

/// A cell that a formula names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    row: i64,
    column: i64,
    row_moves: bool,
    column_moves: bool,
}

const fn rows(biff: Biff) -> i64 {
    if matches!(biff, Biff::V8) { 65_536 } else { 16_384 }
}

impl Sides {
    /// A cell; `offset` where its moving parts count from the home of the formula.
    pub(super) fn cell(&self, tokens: &mut Tokens<'_>, offset: bool) -> Option<Cell> {
        let row = tokens.u16()?;
        let column = if self.biff == Biff::V8 { tokens.u16()? } else { tokens.u8()?.into() };
        Some(self.make(row, column, offset))
    }

    /// The first and the last cell of an area.
    pub(super) fn area(&self, tokens: &mut Tokens<'_>, offset: bool) -> Option<(Cell, Cell)> {
        let rows = [tokens.u16()?, tokens.u16()?];
        let columns = if self.biff == Biff::V8 {
            [tokens.u16()?, tokens.u16()?]
        } else {
            [tokens.u8()?.into(), tokens.u8()?.into()]
        };
        Some((self.make(rows[0], columns[0], offset), self.make(rows[1], columns[1], offset)))
    }

    fn make(&self, row: u16, column: u16, offset: bool) -> Cell {
        // Which parts move is said beside the column, before Excel 97 beside the row.
        let (flags, row) = if self.biff == Biff::V8 { (column, row) } else { (row, row & 0x3FFF) };
        let mut cell = Cell {
            row: i64::from(row),
            column: i64::from(column & 0xFF),
            row_moves: flags & 0x8000 != 0,
            column_moves: flags & 0x4000 != 0,
        };
        // Beyond an edge of the sheet references go on at the other one.
        if offset && cell.row_moves {
            cell.row = (cell.row + i64::from(self.home.row)).rem_euclid(rows(self.biff));
        }
        if offset && cell.column_moves {
            cell.column = (cell.column + i64::from(self.home.column)).rem_euclid(COLUMNS);
        }
        cell
    }
}

fn push_column(cell: Cell, out: &mut String) {
    out.push_str(if cell.column_moves { "" } else { "$" });
    out.push_str(&column_name(cell.column as u32));
}

fn push_row(cell: Cell, out: &mut String) {
    out.push_str(if cell.row_moves { "" } else { "$" });
    out.push_str(&(cell.row + 1).to_string());
}

/// Appends the notation of a cell.
pub(super) fn push_cell(cell: Cell, out: &mut String) {
    push_column(cell, out);
    push_row(cell, out);
}

/// Appends the notation of an area; whole columns and rows have one of their own.
pub(super) fn push_area(biff: Biff, first: Cell, last: Cell, out: &mut String) {
    let push = if (first.row, last.row) == (0, rows(biff) - 1) {
        push_column
    } else if (first.column, last.column) == (0, COLUMNS - 1) {
        push_row
    } else {
        push_cell
    };
    push(first, out);
    out.push(':');
    push(last, out);
}
