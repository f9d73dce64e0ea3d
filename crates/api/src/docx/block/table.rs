//! Operations on tables: their look, rows and columns in and out, cells merged and parted.

use larkspur_model::document::{Content, Edit, Merge, Node, Table};
use larkspur_model::id::Ids;

use super::super::edit::Before;
use super::super::grow::{NewBlock, keep_filled};
use super::super::parse::{At, COLUMN_WIDTH_PX, LEAST_COLUMN_WIDTH_PX};
use super::super::{codes, rules};
use super::wire::UpdateInput;
use crate::{ApiError, ErrorCode};

/// What is to be done to a table. Indices count from 0; ends are not included.
#[derive(Debug, Clone, Copy)]
pub(super) enum TableOperation {
    Look { width: Option<(u32, i64)>, header_row: Option<bool>, header_column: Option<bool> },
    InsertRow(i64),
    InsertColumn(i64),
    DeleteRows(i64, i64),
    DeleteColumns(i64, i64),
    Merge { rows: (i64, i64), columns: (i64, i64) },
    Unmerge { row: i64, column: i64 },
}

/// A table while it is changed: its cells row by row.
struct Cells {
    table: Table,
    rows: Vec<Vec<String>>,
}

impl TableOperation {
    /// The operations on tables that a request asks for.
    pub(super) fn read(input: &UpdateInput, at: At<'_>) -> Result<Vec<Self>, ApiError> {
        let number = |value: Option<i64>, what: &str| {
            value.ok_or_else(|| at.wrong(&format!("{what} is required")))
        };
        let mut found = Vec::new();
        if let Some(look) = &input.update_table_property {
            let width = match (look.column_width, look.column_index) {
                (None, _) => None,
                (Some(width), Some(column))
                    if (LEAST_COLUMN_WIDTH_PX..=100_000).contains(&width) =>
                {
                    Some((width as u32, column))
                }
                (Some(_), None) => return Err(at.wrong("column_width takes a column_index")),
                _ => return Err(at.wrong("column_width is 50 pixels or more")),
            };
            let (header_row, header_column) = (look.header_row, look.header_column);
            found.push(Self::Look { width, header_row, header_column });
        }
        if let Some(row) = &input.insert_table_row {
            found.push(Self::InsertRow(number(row.row_index, "row_index")?));
        }
        if let Some(column) = &input.insert_table_column {
            found.push(Self::InsertColumn(number(column.column_index, "column_index")?));
        }
        if let Some(rows) = &input.delete_table_rows {
            let start = number(rows.row_start_index, "row_start_index")?;
            found.push(Self::DeleteRows(start, number(rows.row_end_index, "row_end_index")?));
        }
        if let Some(columns) = &input.delete_table_columns {
            let start = number(columns.column_start_index, "column_start_index")?;
            let end = number(columns.column_end_index, "column_end_index")?;
            found.push(Self::DeleteColumns(start, end));
        }
        if let Some(cells) = &input.merge_table_cells {
            found.push(Self::Merge {
                rows: (
                    number(cells.row_start_index, "row_start_index")?,
                    number(cells.row_end_index, "row_end_index")?,
                ),
                columns: (
                    number(cells.column_start_index, "column_start_index")?,
                    number(cells.column_end_index, "column_end_index")?,
                ),
            });
        }
        if let Some(cell) = &input.unmerge_table_cells {
            found.push(Self::Unmerge {
                row: number(cell.row_index, "row_index")?,
                column: number(cell.column_index, "column_index")?,
            });
        }
        Ok(found)
    }

    /// Does it to the table `id`, and says how many cells that touched.
    pub(super) fn apply(
        self,
        ids: &Ids,
        before: &Before<'_>,
        edit: &mut Edit,
        id: &str,
    ) -> Result<usize, ApiError> {
        let node = edit.tree().get(id);
        let Some((Content::Table(table), node)) = node.map(|node| (&node.content, node)) else {
            return Err(codes::OTHER_BLOCK.because("the operation is for tables, and this is none"));
        };
        let shape = |node: &Node| match &node.content {
            Content::Table(table) => (table.rows, table.columns, node.children.clone()),
            _ => (0, 0, Vec::new()),
        };
        if !before.latest && before.based.get(id).map(&shape) != Some(shape(node)) {
            return Err(codes::OPERATION.because(
                "rows or columns of the table changed since the revision the request is based \
                 on; read it again",
            ));
        }
        let columns = (table.columns as usize).max(1);
        let rows = node.children.chunks(columns).map(<[String]>::to_vec).collect();
        let mut cells = Cells { table: table.clone(), rows };
        let touched = match self {
            Self::Look { width, header_row, header_column } => {
                cells.look(width, header_row, header_column)?;
                0
            }
            Self::InsertRow(at) => cells.insert_row(ids, edit, id, at)?,
            Self::InsertColumn(at) => cells.insert_column(ids, edit, id, at)?,
            Self::DeleteRows(start, end) => cells.delete_rows(edit, id, (start, end))?,
            Self::DeleteColumns(start, end) => cells.delete_columns(edit, id, (start, end))?,
            Self::Merge { rows, columns } => cells.merge(ids, edit, rows, columns)?,
            Self::Unmerge { row, column } => cells.unmerge(ids, edit, row, column)?,
        };
        edit.set_children(id, cells.rows.concat());
        if let Some(node) = edit.change(id) {
            node.content = Content::Table(cells.table);
        }
        Ok(touched)
    }
}

/// Where something new goes: -1 is behind the last.
fn place(at: i64, count: usize, code: ErrorCode) -> Result<usize, ApiError> {
    match usize::try_from(at) {
        Ok(at) if at <= count => Ok(at),
        _ if at == -1 => Ok(count),
        _ => Err(code.because(format!("index {at}: there are {count}; -1 is the end"))),
    }
}

/// A range that must lie in the table, its end not included.
fn range(
    (start, end): (i64, i64),
    count: usize,
    code: ErrorCode,
) -> Result<std::ops::Range<usize>, ApiError> {
    match (usize::try_from(start), usize::try_from(end)) {
        (Ok(start), Ok(end)) if start < end && end <= count => Ok(start..end),
        _ => {
            let why = format!("{start} to {end}: there are {count}, and the end is not included");
            Err(code.because(why))
        }
    }
}

/// A new cell with an empty text in it; its id.
fn new_cell(ids: &Ids, edit: &mut Edit, table: &str) -> String {
    let (cell, text) = (ids.token(), ids.token());
    let parent = table.to_owned();
    let children = vec![text.clone()];
    edit.add(cell.clone(), Node { parent, children, ..Node::new(Content::TableCell) });
    let content = NewBlock::empty_text().content;
    edit.add(text, Node { parent: cell.clone(), ..Node::new(content) });
    cell
}

/// Start and length of a merged area after what is in `gone` went; nothing where all of it did.
fn shrunk(start: u32, span: u32, gone: &std::ops::Range<usize>) -> Option<(u32, u32)> {
    let (from, to) = (gone.start as u32, gone.end as u32);
    let before = to.min(start) - from.min(start);
    let inside = to.clamp(start, start + span) - from.clamp(start, start + span);
    (span > inside).then(|| (start - before, span - inside))
}

impl Cells {
    fn columns(&self) -> usize {
        self.table.columns as usize
    }

    fn look(
        &mut self,
        width: Option<(u32, i64)>,
        header_row: Option<bool>,
        header_column: Option<bool>,
    ) -> Result<(), ApiError> {
        if let Some((width, column)) = width {
            let columns = self.columns();
            let column = range((column, column + 1), columns, codes::COLUMN_RANGE)?.start;
            self.table.column_widths_px.resize(columns, COLUMN_WIDTH_PX);
            self.table.column_widths_px[column] = width;
        }
        self.table.header_row = header_row.unwrap_or(self.table.header_row);
        self.table.header_column = header_column.unwrap_or(self.table.header_column);
        Ok(())
    }

    fn insert_row(
        &mut self,
        ids: &Ids,
        edit: &mut Edit,
        id: &str,
        at: i64,
    ) -> Result<usize, ApiError> {
        let at = place(at, self.rows.len(), codes::ROW_RANGE)?;
        rules::check_table(self.table.rows + 1, self.table.columns)?;
        let row = (0..self.columns()).map(|_| new_cell(ids, edit, id)).collect();
        self.rows.insert(at, row);
        self.table.rows += 1;
        for merge in &mut self.table.merges {
            if merge.row as usize >= at {
                merge.row += 1;
            } else if (merge.row + merge.row_span) as usize > at {
                merge.row_span += 1;
            }
        }
        Ok(self.columns())
    }

    fn insert_column(
        &mut self,
        ids: &Ids,
        edit: &mut Edit,
        id: &str,
        at: i64,
    ) -> Result<usize, ApiError> {
        let at = place(at, self.columns(), codes::COLUMN_RANGE)?;
        rules::check_table(self.table.rows, self.table.columns + 1)?;
        for row in &mut self.rows {
            row.insert(at, new_cell(ids, edit, id));
        }
        if !self.table.column_widths_px.is_empty() {
            self.table.column_widths_px.resize(self.columns(), COLUMN_WIDTH_PX);
            self.table.column_widths_px.insert(at, COLUMN_WIDTH_PX);
        }
        self.table.columns += 1;
        for merge in &mut self.table.merges {
            if merge.column as usize >= at {
                merge.column += 1;
            } else if (merge.column + merge.column_span) as usize > at {
                merge.column_span += 1;
            }
        }
        Ok(self.rows.len())
    }

    fn delete_rows(
        &mut self,
        edit: &mut Edit,
        id: &str,
        asked: (i64, i64),
    ) -> Result<usize, ApiError> {
        let gone = range(asked, self.rows.len(), codes::ROW_RANGE)?;
        if gone.len() == self.rows.len() {
            return Err(codes::OPERATION.because("a table keeps one row; delete the table instead"));
        }
        let old = std::mem::take(&mut self.table.merges);
        let areas = old.into_iter().filter_map(|merge| {
            let (row, row_span) = shrunk(merge.row, merge.row_span, &gone)?;
            if gone.contains(&(merge.row as usize)) {
                let below = gone.end;
                self.move_content(edit, (merge.row, merge.column), (below as u32, merge.column));
            }
            Some(Merge { row, row_span, ..merge })
        });
        let areas: Vec<Merge> = areas.collect();
        self.table.merges = only_areas(areas);
        let cells: Vec<String> = self.rows.drain(gone).flatten().collect();
        edit.remove(id, &cells);
        self.table.rows = self.rows.len() as u32;
        Ok(cells.len())
    }

    fn delete_columns(
        &mut self,
        edit: &mut Edit,
        id: &str,
        asked: (i64, i64),
    ) -> Result<usize, ApiError> {
        let gone = range(asked, self.columns(), codes::COLUMN_RANGE)?;
        if gone.len() == self.columns() {
            let why = "a table keeps one column; delete the table instead";
            return Err(codes::OPERATION.because(why));
        }
        let old = std::mem::take(&mut self.table.merges);
        let areas = old.into_iter().filter_map(|merge| {
            let (column, column_span) = shrunk(merge.column, merge.column_span, &gone)?;
            if gone.contains(&(merge.column as usize)) {
                let beside = gone.end;
                self.move_content(edit, (merge.row, merge.column), (merge.row, beside as u32));
            }
            Some(Merge { column, column_span, ..merge })
        });
        let areas: Vec<Merge> = areas.collect();
        self.table.merges = only_areas(areas);
        let mut cells = Vec::new();
        for row in &mut self.rows {
            cells.extend(row.drain(gone.clone()));
        }
        edit.remove(id, &cells);
        if !self.table.column_widths_px.is_empty() {
            self.table.column_widths_px.resize(self.columns(), COLUMN_WIDTH_PX);
            self.table.column_widths_px.drain(gone);
        }
        self.table.columns = self.rows.first().map_or(0, Vec::len) as u32;
        Ok(cells.len())
    }

    fn cell(&self, row: u32, column: u32) -> Option<&String> {
        self.rows.get(row as usize)?.get(column as usize)
    }

    /// Moves what is in one cell behind what is in another, in which an empty text gives way.
    fn move_content(&self, edit: &mut Edit, from: (u32, u32), to: (u32, u32)) {
        let (Some(from), Some(to)) = (self.cell(from.0, from.1), self.cell(to.0, to.1)) else {
            return;
        };
        if is_empty(edit, from) || from == to {
            return;
        }
        let moved = edit.tree().children(from).to_vec();
        let mut stays = edit.tree().children(to).to_vec();
        if is_empty(edit, to) {
            edit.remove(to, &stays);
            stays.clear();
        }
        for id in &moved {
            if let Some(node) = edit.change(id) {
                node.parent.clone_from(to);
            }
        }
        edit.set_children(from, Vec::new());
        stays.extend(moved);
        edit.set_children(to, stays);
    }

    fn merge(
        &mut self,
        ids: &Ids,
        edit: &mut Edit,
        rows: (i64, i64),
        columns: (i64, i64),
    ) -> Result<usize, ApiError> {
        let rows = range(rows, self.rows.len(), codes::ROW_RANGE)?;
        let columns = range(columns, self.columns(), codes::COLUMN_RANGE)?;
        if rows.len() * columns.len() == 1 {
            return Err(codes::OPERATION.because("one cell alone is not merged"));
        }
        let area = Merge {
            row: rows.start as u32,
            column: columns.start as u32,
            row_span: rows.len() as u32,
            column_span: columns.len() as u32,
        };
        if self.table.merges.iter().any(|other| meets(other, &area) && !holds(&area, other)) {
            return Err(codes::OPERATION
                .because("the cells cut through an area that is merged already; part that first"));
        }
        self.table.merges.retain(|other| !meets(other, &area));
        self.table.merges.push(area);
        for row in rows.clone() {
            for column in columns.clone() {
                let from = (row as u32, column as u32);
                if from != (area.row, area.column) {
                    self.move_content(edit, from, (area.row, area.column));
                    self.fill(ids, edit, from);
                }
            }
        }
        Ok(rows.len() * columns.len())
    }

    fn fill(&self, ids: &Ids, edit: &mut Edit, (row, column): (u32, u32)) {
        if let Some(cell) = self.cell(row, column) {
            keep_filled(edit, ids, cell);
        }
    }

    fn unmerge(
        &mut self,
        ids: &Ids,
        edit: &mut Edit,
        row: i64,
        column: i64,
    ) -> Result<usize, ApiError> {
        let row = range((row, row.saturating_add(1)), self.rows.len(), codes::ROW_RANGE)?.start;
        let asked = (column, column.saturating_add(1));
        let column = range(asked, self.columns(), codes::COLUMN_RANGE)?.start;
        let spot = Merge { row: row as u32, column: column as u32, row_span: 1, column_span: 1 };
        let at = self.table.merges.iter().position(|area| meets(area, &spot));
        let at =
            at.ok_or_else(|| codes::OPERATION.because("the cell is not merged with others"))?;
        let area = self.table.merges.remove(at);
        for row in area.row..area.row + area.row_span {
            for column in area.column..area.column + area.column_span {
                self.fill(ids, edit, (row, column));
            }
        }
        Ok((area.row_span * area.column_span) as usize)
    }
}

/// Areas of one cell are none.
fn only_areas(mut areas: Vec<Merge>) -> Vec<Merge> {
    areas.retain(|area| area.row_span * area.column_span > 1);
    areas
}

/// Whether a cell holds nothing but an empty text, or nothing at all.
fn is_empty(edit: &Edit, cell: &str) -> bool {
    match edit.tree().children(cell) {
        [] => true,
        [only] => edit.tree().get(only).is_some_and(|node| {
            node.children.is_empty()
                && matches!(&node.content, Content::Text(text) if text.is_empty())
        }),
        _ => false,
    }
}

const fn meets(one: &Merge, other: &Merge) -> bool {
    one.row < other.row + other.row_span
        && other.row < one.row + one.row_span
        && one.column < other.column + other.column_span
        && other.column < one.column + one.column_span
}

const fn holds(outer: &Merge, inner: &Merge) -> bool {
    outer.row <= inner.row
        && outer.column <= inner.column
        && inner.row + inner.row_span <= outer.row + outer.row_span
        && inner.column + inner.column_span <= outer.column + outer.column_span
}
