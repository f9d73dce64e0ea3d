//! Tables on their way: cells placed on the grid around spans, limits of cells and columns, rows made
//! equally long.

use larkspur_model::document::{Align, Block, Content, Merge, Table};
use larkspur_model::loss::LossKind;

use super::{DocumentBuilder, FrameKind};

/// What a cell covers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellShape {
    /// Rows covered, at least 1.
    pub(crate) row_span: u32,
    /// Columns covered, at least 1.
    pub(crate) column_span: u32,
    /// Whether the cell heads its row or column.
    pub(crate) header: bool,
    /// Whether the cell goes on below the one above it, which then reaches down to here. What is
    /// inside joins the content of that one.
    pub(crate) continues: bool,
}

impl CellShape {
    /// A cell that covers one place.
    pub(crate) const fn single(header: bool) -> Self {
        Self { row_span: 1, column_span: 1, header, continues: false }
    }
}

/// A cell and what is in it.
type Cell = (CellShape, Vec<Block>);
/// A row of the grid; a place without a cell of its own is `None`.
type GridRow = Vec<Option<Cell>>;

#[derive(Default)]
pub(super) struct TableState {
    rows: Vec<Vec<Cell>>,
    /// Widest row so far, spans counted; or what the source says.
    columns: usize,
    cells_cut: bool,
    columns_cut: bool,
    widths_px: Vec<u32>,
    headed: (bool, bool),
    /// It may be there for the looks of a page.
    suspect: bool,
}

impl TableState {
    /// Whether the table is there for the looks of a page: it has tables in it, and heads nothing.
    fn is_layout(&self) -> bool {
        let cells = || self.rows.iter().flatten();
        let is_table = |block: &Block| matches!(block.content, Content::Table(_));
        self.suspect
            && !cells().any(|(shape, _)| shape.header)
            && cells().any(|(_, children)| children.iter().any(is_table))
    }
}

impl DocumentBuilder<'_, '_> {
    /// Opens a table; `columns` where the source says how many it has.
    pub(crate) fn open_table(&mut self, columns: usize) {
        if !self.opens() {
            return;
        }
        if !self.has_room(2) {
            self.open_group(None);
            return;
        }
        if !self.try_count() {
            self.skip();
            return;
        }
        let columns_cut = columns > self.context.limits.table_columns;
        let columns = columns.min(self.context.limits.table_columns);
        let state = TableState { columns, columns_cut, ..TableState::default() };
        self.push_frame(FrameKind::Table(Box::new(state)), 1, Some(Align::Left));
    }

    /// Names the widths of the columns of the table that was just opened, and whether its first row
    /// and first column are headers whatever their cells say.
    pub(crate) fn shape_table(&mut self, widths_px: Vec<u32>, headed: (bool, bool)) {
        if let Some(state) = self.opened_table() {
            state.widths_px = widths_px;
            state.headed = headed;
        }
    }

    /// Lets the table that was just opened be none where it turns out to be there for its looks: what
    /// is in it follows each other then.
    pub(crate) fn suspect_layout(&mut self) {
        if let Some(state) = self.opened_table() {
            state.suspect = true;
        }
    }

    /// The table that was just opened, unless a limit made it something else.
    fn opened_table(&mut self) -> Option<&mut TableState> {
        match &mut self.frames.last_mut()?.kind {
            FrameKind::Table(state) if self.skipping == 0 => Some(state),
            _ => None,
        }
    }

    /// Opens a row of the table that is open; a group elsewhere.
    pub(crate) fn open_row(&mut self) {
        if !self.opens() {
            return;
        }
        let most = self.context.limits.table_cells;
        let FrameKind::Table(state) = &mut self.top().kind else {
            self.open_group(None);
            return;
        };
        let cut =
            state.cells_cut || (state.rows.len() + 1).saturating_mul(state.columns.max(1)) > most;
        state.cells_cut = cut;
        if cut {
            self.skip();
            return;
        }
        state.rows.push(Vec::new());
        self.push_frame(FrameKind::Row, 0, None);
    }

    /// Opens a cell of the row that is open; a group elsewhere.
    pub(crate) fn open_cell(&mut self, shape: CellShape, align: Align) {
        if !self.opens() {
            return;
        }
        if !matches!(self.top().kind, FrameKind::Row) {
            self.open_group(Some(align));
            return;
        }
        let most = self.context.limits.table_columns;
        let table = self.frames.len().checked_sub(2).and_then(|at| self.frames.get_mut(at));
        if let Some(FrameKind::Table(state)) = table.map(|frame| &mut frame.kind) {
            let used: u64 = state
                .rows
                .last()
                .map_or(0, |row| row.iter().map(|(shape, _)| u64::from(shape.column_span)).sum());
            if used >= most as u64 {
                state.columns_cut = true;
                self.skip();
                return;
            }
        }
        if self.try_count() {
            self.push_frame(FrameKind::Cell(shape), 1, Some(align));
        } else {
            self.skip();
        }
    }

    pub(super) fn finish_cell(&mut self, shape: CellShape, children: Vec<Block>) {
        let table = self.frames.len().checked_sub(2).and_then(|at| self.frames.get_mut(at));
        if let Some(FrameKind::Table(state)) = table.map(|frame| &mut frame.kind)
            && let Some(row) = state.rows.last_mut()
        {
            row.push((shape, children));
            let used: u64 = row.iter().map(|(shape, _)| u64::from(shape.column_span)).sum();
            let most = self.context.limits.table_columns as u64;
            state.columns = state.columns.max(used.min(most) as usize);
        }
    }

    pub(super) fn finish_table(&mut self, mut state: TableState) {
        let ended_early = self.full;
        state.rows.retain(|row| !row.is_empty());
        if ended_early && let Some(row) = state.rows.pop() {
            // The row that was cut off in the middle.
            self.drop_cells(row);
        }
        if state.is_layout() {
            self.note_table_cuts(&state);
            let cells: Vec<Cell> = state.rows.into_iter().flatten().collect();
            self.count -= cells.len() + 1;
            self.top().children.extend(cells.into_iter().flat_map(|(_, children)| children));
            return;
        }
        let limits = self.context.limits;
        let mut grid = Grid::place(std::mem::take(&mut state.rows), limits.table_columns);
        state.columns_cut |= grid.columns_cut;
        grid.columns = grid.columns.max(state.columns).min(limits.table_columns);
        let most_rows = limits.table_cells.checked_div(grid.columns).unwrap_or(0);
        if grid.rows.len() > most_rows {
            state.cells_cut = true;
        }
        let room = limits.blocks - self.count.min(limits.blocks);
        while grid.rows.len() > most_rows || grid.missing() > room {
            let Some(row) = grid.rows.pop() else { break };
            let cells = row.into_iter().flatten().collect();
            self.drop_cells(cells);
        }
        let dropped = std::mem::take(&mut grid.dropped);
        self.drop_cells(dropped);
        self.note_table_cuts(&state);
        if grid.rows.is_empty() || grid.columns == 0 {
            self.count -= 1;
            return;
        }
        self.count += grid.missing();
        let mut block = grid.into_block();
        if let Content::Table(table) = &mut block.content {
            table.header_row |= state.headed.0;
            table.header_column |= state.headed.1;
            let mut widths = std::mem::take(&mut state.widths_px);
            widths.truncate(table.columns as usize);
            if widths.len() == table.columns as usize {
                table.column_widths_px = widths;
            }
        }
        self.top().children.push(block);
    }

    fn drop_cells(&mut self, cells: Vec<Cell>) {
        for (_, children) in cells {
            self.uncount(&children);
            self.count -= 1;
        }
    }

    fn note_table_cuts(&mut self, state: &TableState) {
        if state.cells_cut {
            let most = self.context.limits.table_cells;
            self.context.lose(
                LossKind::TableCellsCut,
                "",
                format!("rows of a table of more than {most} cells"),
            );
        }
        if state.columns_cut {
            let most = self.context.limits.table_columns;
            self.context.lose(
                LossKind::TableColumnsCut,
                "",
                format!("columns of a table of more than {most} columns"),
            );
        }
    }
}

/// Cells at their places.
struct Grid {
    rows: Vec<GridRow>,
    columns: usize,
    columns_cut: bool,
    /// Cells that found no place.
    dropped: Vec<Cell>,
}

impl Grid {
    /// Places cells as HTML does: each at the first free place of its row, places covered from above
    /// skipped.
    fn place(rows: Vec<Vec<Cell>>, most_columns: usize) -> Self {
        let mut grid =
            Self { rows: Vec::new(), columns: 0, columns_cut: false, dropped: Vec::new() };
        // For each column, how many further rows are covered from above.
        let mut covered: Vec<u32> = Vec::new();
        let height = rows.len();
        for (row_index, cells) in rows.into_iter().enumerate() {
            let mut row: GridRow = Vec::new();
            let mut next = covered.clone();
            for rows in &mut next {
                *rows = rows.saturating_sub(1);
            }
            for (mut shape, mut children) in cells {
                if shape.continues && grid.lengthen(row_index, row.len(), shape, &mut children) {
                    grid.dropped.push((shape, Vec::new()));
                    row.resize_with(row.len() + shape.column_span as usize, || None);
                    continue;
                }
                while covered.get(row.len()).is_some_and(|rows| *rows > 0) {
                    row.push(None);
                }
                let column = row.len();
                if column >= most_columns {
                    grid.columns_cut = true;
                    grid.dropped.push((shape, children));
                    continue;
                }
                let free = (column..most_columns)
                    .take(shape.column_span as usize)
                    .take_while(|at| covered.get(*at).is_none_or(|rows| *rows == 0))
                    .count();
                grid.columns_cut |= shape.column_span as usize > most_columns - column;
                shape.column_span = shape.column_span.clamp(1, free.max(1) as u32);
                shape.row_span = shape.row_span.clamp(1, (height - row_index) as u32);
                let end = column + shape.column_span as usize;
                next.resize(next.len().max(end), 0);
                next[column..end].fill(shape.row_span - 1);
                row.push(Some((shape, children)));
                row.resize_with(end, || None);
            }
            grid.columns = grid
                .columns
                .max(row.len())
                .max(covered.iter().rposition(|rows| *rows > 0).map_or(0, |at| at + 1));
            covered = next;
            grid.rows.push(row);
        }
        grid
    }

    /// Lets the cell above the place that `shape` continues reach down to `row`, if there is one of
    /// the same width that reaches the row before.
    fn lengthen(
        &mut self,
        row: usize,
        column: usize,
        shape: CellShape,
        children: &mut Vec<Block>,
    ) -> bool {
        for above in (0..row).rev() {
            let Some(cells) = self.rows.get_mut(above) else { return false };
            let Some(place) = cells.get_mut(column) else { return false };
            let Some((origin, content)) = place else { continue };
            let fits =
                origin.column_span == shape.column_span && above + origin.row_span as usize == row;
            if fits {
                origin.row_span += 1;
                content.append(children);
            }
            return fits;
        }
        false
    }

    /// Places that need an empty cell of their own.
    fn missing(&self) -> usize {
        let there: usize = self.rows.iter().map(|row| row.iter().flatten().count()).sum();
        self.rows.len() * self.columns - there
    }

    fn into_block(self) -> Block {
        let (rows, columns) = (self.rows.len(), self.columns);
        let is_header = |cell: Option<&Option<Cell>>| {
            cell.is_some_and(|cell| cell.as_ref().is_none_or(|(shape, _)| shape.header))
        };
        let header_row = self.rows.first().is_some_and(|row| {
            row.iter().flatten().count() > 0 && row.iter().all(|cell| is_header(Some(cell)))
        });
        let header_column = rows > usize::from(header_row)
            && self.rows.iter().skip(usize::from(header_row)).all(|row| is_header(row.first()));
        let mut merges = Vec::new();
        let mut children = Vec::with_capacity(rows * columns);
        for (row_index, mut row) in self.rows.into_iter().enumerate() {
            row.resize_with(columns, || None);
            for (column_index, cell) in row.into_iter().enumerate() {
                let blocks = cell.map_or_else(Vec::new, |(shape, blocks)| {
                    let row_span = shape.row_span.min((rows - row_index) as u32);
                    let column_span = shape.column_span.min((columns - column_index) as u32);
                    if row_span > 1 || column_span > 1 {
                        let (row, column) = (row_index as u32, column_index as u32);
                        merges.push(Merge { row, column, row_span, column_span });
                    }
                    blocks
                });
                children.push(Block::with_children(Content::TableCell, blocks));
            }
        }
        let table = Table {
            rows: rows as u32,
            columns: columns as u32,
            column_widths_px: Vec::new(),
            header_row,
            header_column,
            merges,
        };
        Block::with_children(Content::Table(table), children)
    }
}
