//! Tables: GitHub's form where it can say all there is, else HTML with Markdown in its cells.

use larkspur_model::document::{Align, Block, Content, Merge, Table};

use super::super::inline::Spot;
use super::Writer;

impl Writer<'_, '_> {
    pub(super) fn table(&mut self, table: &Table, cells: &[Block], depth: usize) -> String {
        let columns = table.columns as usize;
        let rows = cells.len().checked_div(columns).unwrap_or(0).min(table.rows as usize);
        if rows == 0 {
            return String::new();
        }
        let simple = table.header_row && !table.header_column && table.merges.is_empty();
        let aligns = if simple { column_aligns(cells, columns) } else { None };
        match aligns {
            Some(aligns) => self.piped(cells, rows, &aligns),
            None => self.tagged(table, cells, rows, columns, depth),
        }
    }

    fn piped(&mut self, cells: &[Block], rows: usize, aligns: &[Align]) -> String {
        let columns = aligns.len();
        let mut out = String::new();
        for (index, row) in cells.chunks(columns).take(rows).enumerate() {
            if index > 0 {
                out.push('\n');
            }
            out.push('|');
            for cell in row {
                let text = cell.children.first().and_then(|child| child.content.text());
                let text = text.map(|text| self.inline(text, Spot::Cell)).unwrap_or_default();
                out.push(' ');
                out.push_str(&text);
                out.push_str(if text.is_empty() { "|" } else { " |" });
            }
            if index == 0 {
                out.push_str("\n|");
                for align in aligns {
                    out.push_str(match align {
                        Align::Left => " --- |",
                        Align::Center => " :---: |",
                        Align::Right => " ---: |",
                    });
                }
            }
        }
        out
    }

    fn tagged(
        &mut self,
        table: &Table,
        cells: &[Block],
        rows: usize,
        columns: usize,
        depth: usize,
    ) -> String {
        let mut out = String::from("<table>");
        for row in 0..rows {
            out.push_str("\n<tr>");
            for column in 0..columns {
                let area = area_at(&table.merges, row, column);
                if area.is_some_and(|area| !is_corner(area, row, column)) {
                    continue;
                }
                let header = (table.header_row && row == 0) || (table.header_column && column == 0);
                let name = if header { "th" } else { "td" };
                out.push_str("\n<");
                out.push_str(name);
                if let Some(area) = area {
                    for (attribute, span) in
                        [("rowspan", area.row_span), ("colspan", area.column_span)]
                    {
                        if span > 1 {
                            out.push_str(
                                &[" ", attribute, "=\"", &span.to_string(), "\""].concat(),
                            );
                        }
                    }
                }
                out.push('>');
                let inside = cells.get(row * columns + column);
                let inside = inside.map(|cell| self.blocks(&cell.children, depth + 1));
                if let Some(inside) = inside.filter(|inside| !inside.is_empty()) {
                    out.push_str("\n\n");
                    out.push_str(&inside);
                    out.push_str("\n\n");
                }
                out.push_str("</");
                out.push_str(name);
                out.push('>');
            }
            out.push_str("\n</tr>");
        }
        out.push_str("\n</table>");
        out
    }
}

/// Where each column stands, if every cell is at most one paragraph and those of a column agree.
fn column_aligns(cells: &[Block], columns: usize) -> Option<Vec<Align>> {
    let mut aligns: Vec<Option<Align>> = vec![None; columns];
    for row in cells.chunks(columns) {
        for (cell, column) in row.iter().zip(&mut aligns) {
            match cell.children.as_slice() {
                [] => {}
                [Block { content: Content::Text(text), children, .. }] if children.is_empty() => {
                    if column.is_some_and(|align| align != text.style.align) {
                        return None;
                    }
                    *column = Some(text.style.align);
                }
                _ => return None,
            }
        }
    }
    Some(aligns.into_iter().map(Option::unwrap_or_default).collect())
}

fn area_at(merges: &[Merge], row: usize, column: usize) -> Option<&Merge> {
    merges.iter().find(|area| {
        let (top, left) = (area.row as usize, area.column as usize);
        (top..top.saturating_add(area.row_span as usize)).contains(&row)
            && (left..left.saturating_add(area.column_span as usize)).contains(&column)
    })
}

const fn is_corner(area: &Merge, row: usize, column: usize) -> bool {
    area.row as usize == row && area.column as usize == column
}
