//! Tables: what the end of a row says of the row, and rows kept until the whole table is there, because
//! only all rows together show its columns.

use super::sprm::Sprm;
use super::telling::Told;
use crate::compound::bytes::{i16_at, u8_at, u16_at};
use crate::document_builder::CellShape;
use crate::word_flow::flow::{Step, TableShape};

/// Twentieths of a point in a pixel at 96 to the inch.
const TWIPS_PER_PIXEL: i32 = 15;
/// Cells of a row ([MS-DOC] 2.9.322 allows 63).
const MOST_CELLS: usize = 64;
/// Twentieths of a point by which edges of cells may differ and still be the same.
const TOLERANCE: i16 = 30;

/// How a cell belongs to its neighbours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Merge {
    /// It goes on in the cells to the right that are `joined`.
    leads: bool,
    /// It belongs to the cell to the left.
    joined: bool,
    /// It belongs to the cell above.
    continues: bool,
}

/// A row as its end says it.
#[derive(Debug, Clone, Default)]
pub(super) struct RowShape {
    /// Edges of the cells, twentieths of a point; one more than cells.
    edges: Vec<i16>,
    merges: Vec<Merge>,
    header: bool,
}

impl RowShape {
    /// Lays a property of the row over what is there.
    pub(super) fn apply(&mut self, sprm: Sprm<'_>, old: bool) {
        match sprm.number {
            0xD608 => self.define(sprm.value, old),
            0x3404 => self.header = sprm.byte() != 0,
            0x5624 | 0x5625 => {
                let merges = sprm.number == 0x5624;
                for (index, merge) in self.cells(sprm.value).enumerate() {
                    merge.leads = merges && index == 0;
                    merge.joined = merges && index > 0;
                }
            }
            0xD62B => {
                let [index, flags, ..] = sprm.value else { return };
                if let Some(merge) = self.merges.get_mut(usize::from(*index)) {
                    merge.continues = flags & 3 == 1;
                }
            }
            0x7623 => {
                let width = i16_at(sprm.value, 2).unwrap_or_default();
                let (first, end) = self.span(sprm.value);
                for index in first..end {
                    self.widen(index, width);
                }
            }
            0x7621 => {
                let [first, count, ..] = sprm.value else { return };
                let width = i16_at(sprm.value, 2).unwrap_or_default();
                let at = usize::from(*first).min(self.merges.len());
                for _ in 0..*count {
                    if self.merges.len() >= MOST_CELLS || self.edges.is_empty() {
                        break;
                    }
                    self.merges.insert(at, Merge::default());
                    let edge = self.edges[at];
                    self.edges.insert(at, edge);
                    self.widen(at, width);
                }
            }
            0x5622 => {
                let (first, end) = self.span(sprm.value);
                for _ in first..end {
                    self.widen(first, 0);
                    self.merges.remove(first);
                    self.edges.remove(first + 1);
                }
            }
            _ => {}
        }
    }

    fn define(&mut self, value: &[u8], old: bool) {
        let count = u8_at(value, 0).map_or(0, usize::from).min(MOST_CELLS);
        self.edges = (0..=count).map_while(|index| i16_at(value, 1 + 2 * index)).collect();
        let count = self.edges.len().saturating_sub(1);
        let first = 1 + 2 * (count + 1);
        let size = if old { 10 } else { 20 };
        self.merges = (0..count)
            .map(|index| {
                let flags = u16_at(value, first + size * index).unwrap_or_default();
                Merge {
                    leads: flags & 1 != 0,
                    joined: flags & 2 != 0,
                    continues: !old && flags & 0x60 == 0x20,
                }
            })
            .collect();
    }

    /// First cell and the one after the last, as most properties name them.
    fn span(&self, value: &[u8]) -> (usize, usize) {
        let number = |at| u8_at(value, at).map_or(0, usize::from).min(self.merges.len());
        (number(0), number(1).max(number(0)))
    }

    fn cells(&mut self, value: &[u8]) -> std::slice::IterMut<'_, Merge> {
        let (first, end) = self.span(value);
        self.merges[first..end].iter_mut()
    }

    /// Gives a cell this width; those to the right move.
    fn widen(&mut self, index: usize, width: i16) {
        let (Some(left), Some(right)) = (self.edges.get(index), self.edges.get(index + 1)) else {
            return;
        };
        let shift = left.saturating_add(width).saturating_sub(*right);
        for edge in self.edges.iter_mut().skip(index + 1) {
            *edge = edge.saturating_add(shift);
        }
    }
}

/// A table whose rows are still coming.
#[derive(Default)]
pub(super) struct Gathered {
    rows: Vec<(RowShape, Vec<Vec<Told>>)>,
    cells: Vec<Vec<Told>>,
    cell: Vec<Told>,
}

/// A cell where it stands between the edges of the whole table.
struct Placed {
    shape: CellShape,
    content: Vec<Told>,
}

impl Gathered {
    /// Adds something to the cell that is open; `most` is how many rows can be of use.
    pub(super) fn add(&mut self, told: Told, most: usize) {
        if self.rows.len() <= most {
            self.cell.push(told);
        }
    }

    pub(super) fn end_cell(&mut self) {
        if self.cells.len() < 4 * MOST_CELLS {
            self.cells.push(std::mem::take(&mut self.cell));
        }
    }

    pub(super) fn end_row(&mut self, shape: RowShape, most: usize) {
        if !self.cell.is_empty() {
            self.end_cell();
        }
        let cells = std::mem::take(&mut self.cells);
        // One row more than fits, so that the cut is noticed.
        if self.rows.len() <= most && !cells.is_empty() {
            self.rows.push((shape, cells));
        }
    }

    /// Whether the row that is open shows nothing.
    pub(super) fn is_row_blank(&self) -> bool {
        let is_blank = |told: &Told| matches!(told, Told::Paragraph(found) if found.0.is_blank());
        self.cells.iter().flatten().chain(&self.cell).all(is_blank)
    }

    /// Forgets the row that is open.
    pub(super) fn drop_row(&mut self) {
        self.cells.clear();
        self.cell.clear();
    }

    /// The table as steps.
    pub(super) fn finish(mut self, most_columns: usize) -> Vec<Told> {
        if !self.cells.is_empty() || !self.cell.is_empty() {
            self.end_row(RowShape::default(), usize::MAX);
        }
        let columns = self.columns(most_columns);
        let widths_px = columns
            .windows(2)
            .map(|pair| (i32::from(pair[1]) - i32::from(pair[0])) / TWIPS_PER_PIXEL)
            .map(|width| width.max(1) as u32)
            .collect();
        let mut told =
            vec![Told::Step(Step::OpenTable(TableShape { widths_px, headed: (false, false) }))];
        for (index, (shape, cells)) in self.rows.into_iter().enumerate() {
            told.push(Told::Step(Step::OpenRow));
            // Only the first row heads a table of the platform.
            let header = shape.header && index == 0;
            for cell in place(&shape, cells, &columns, header) {
                told.push(Told::Step(Step::OpenCell(cell.shape)));
                told.extend(cell.content);
                told.push(Told::Step(Step::CloseCell));
            }
            told.push(Told::Step(Step::CloseRow));
        }
        told.push(Told::Step(Step::CloseTable));
        told
    }

    /// Edges of the columns of the whole table; none where rows do not say or say too many.
    fn columns(&self, most: usize) -> Vec<i16> {
        let mut edges: Vec<i16> =
            self.rows.iter().flat_map(|(shape, _)| shape.edges.iter().copied()).collect();
        edges.sort_unstable();
        let mut columns: Vec<i16> = Vec::new();
        for edge in edges {
            let apart = |last: &i16| edge.saturating_sub(*last) > TOLERANCE;
            if columns.last().is_none_or(apart) {
                columns.push(edge);
            }
        }
        if columns.len() > most.saturating_add(1) {
            columns.clear();
        }
        columns
    }
}

/// Index of the column that starts at `edge`.
fn column_at(columns: &[i16], edge: i16) -> usize {
    columns.partition_point(|column| *column <= edge).saturating_sub(1)
}

fn place(shape: &RowShape, cells: Vec<Vec<Told>>, columns: &[i16], header: bool) -> Vec<Placed> {
    let mut placed: Vec<Placed> = Vec::new();
    let known = !columns.is_empty() && shape.edges.len() > cells.len();
    let mut next = 0;
    for (index, content) in cells.into_iter().enumerate() {
        let merge = shape.merges.get(index).copied().unwrap_or_default();
        let mut span = 1;
        if known {
            let left = column_at(columns, shape.edges[index]);
            let right = column_at(columns, shape.edges[index + 1]).max(left + 1);
            // Columns that no cell of this row takes.
            for _ in next..left {
                placed.push(Placed { shape: CellShape::single(header), content: Vec::new() });
            }
            span = right.saturating_sub(next.max(left)).max(1) as u32;
            next = right.max(next + 1);
        }
        if merge.joined
            && !merge.leads
            && let Some(before) = placed.last_mut()
        {
            before.shape.column_span += span;
            before.content.extend(content);
            continue;
        }
        let shape = CellShape {
            column_span: span,
            continues: merge.continues,
            ..CellShape::single(header)
        };
        placed.push(Placed { shape, content });
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(edges: &[i16], flags: &[u16]) -> (RowShape, Vec<Vec<Told>>) {
        let mut value = vec![(edges.len() - 1) as u8];
        value.extend(edges.iter().flat_map(|edge| edge.to_le_bytes()));
        for index in 0..edges.len() - 1 {
            let mut cell = [0; 20];
            let flags = flags.get(index).copied().unwrap_or_default();
            cell[..2].copy_from_slice(&flags.to_le_bytes());
            value.extend(cell);
        }
        let mut shape = RowShape::default();
        shape.apply(Sprm { number: 0xD608, value: &value }, false);
        let cells = (1..edges.len()).map(|_| Vec::new()).collect();
        (shape, cells)
    }

    fn spans(rows: Vec<(RowShape, Vec<Vec<Told>>)>) -> Vec<(u32, bool)> {
        Gathered { rows, ..Gathered::default() }
            .finish(100)
            .into_iter()
            .filter_map(|told| match told {
                Told::Step(Step::OpenCell(shape)) => Some((shape.column_span, shape.continues)),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn edges_of_all_rows_make_the_columns() {
        let rows = vec![row(&[-108, 2000, 4000], &[]), row(&[-100, 4010], &[])];
        assert_eq!(spans(rows), [(1, false), (1, false), (2, false)]);
        let rows = vec![row(&[0, 100, 200, 300], &[1, 2, 0]), row(&[0, 100, 200, 300], &[0x60])];
        assert_eq!(spans(rows)[..2], [(2, false), (1, false)]);
        let rows = vec![row(&[0, 1000, 2000], &[0x60]), row(&[0, 1000, 2000], &[0x20])];
        assert_eq!(spans(rows)[2], (1, true));
        let rows = vec![row(&[0, 1000, 2000], &[]), row(&[1000, 2000], &[])];
        assert_eq!(spans(rows).len(), 4);
    }

    #[test]
    fn cells_are_joined_moved_and_taken_away() {
        let (mut shape, _) = row(&[0, 100, 200, 300], &[]);
        shape.apply(Sprm { number: 0x5624, value: &[0, 2] }, false);
        assert!(shape.merges[0].leads && shape.merges[1].joined && !shape.merges[2].joined);
        shape.apply(Sprm { number: 0x7623, value: &[0, 1, 150, 0] }, false);
        assert_eq!(shape.edges, [0, 150, 250, 350]);
        shape.apply(Sprm { number: 0x5622, value: &[1, 2] }, false);
        assert_eq!(shape.edges, [0, 150, 250]);
        shape.apply(Sprm { number: 0x7621, value: &[9, 1, 50, 0] }, false);
        assert_eq!(shape.edges, [0, 150, 250, 300]);
        shape.apply(Sprm { number: 0x5622, value: &[0, 99] }, false);
        assert!(shape.merges.is_empty());
    }
}
