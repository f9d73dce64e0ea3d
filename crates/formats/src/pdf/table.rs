//! Tables: column widths fitted to the page, merged areas, a repeated head, bands of columns where a
//! table is wider than paper, groups of rows between which the typesetter may cut.

use std::fmt::Write as _;

use larkspur_model::document::{Align, Block, Content, Merge, Table};
use larkspur_model::loss::LossKind;
use larkspur_typeset::{Piece, Rows};

use super::blocks::{Flow, side};
use super::print::Setter;
use super::source::{is_chinese, points};

/// Columns side by side, at most; further ones follow in a band of their own below.
const MOST_COLUMNS: usize = 14;
/// Rows looked at to guess the widths of columns.
const ROWS_GUESSED_FROM: usize = 200;
/// Space between a cell's edge and its content, points; `inset` in the prelude.
const INSET_X_PT: f64 = 6.0;
const INSET_Y_PT: f64 = 5.5;
/// Rows a repeated head may have.
const MOST_HEAD_ROWS: usize = 5;
/// Weight of a cell beside its characters.
const CELL_WEIGHT: usize = 40;

/// A table checked: every index fits the cells there are.
struct Shape<'a> {
    cells: &'a [Block],
    rows: usize,
    columns: usize,
    /// For each cell: its merged area's size at the area's top left, `None` if hidden under one.
    spans: Vec<Option<(usize, usize)>>,
}

impl<'a> Shape<'a> {
    fn new(block: &'a Block, table: &Table) -> Option<Self> {
        let cells = block.children.as_slice();
        let columns = (table.columns as usize).min(cells.len());
        if columns == 0 {
            return None;
        }
        let rows = cells.len().div_ceil(columns);
        let mut shape = Self { cells, rows, columns, spans: vec![Some((1, 1)); rows * columns] };
        for merge in &table.merges {
            shape.merge(merge);
        }
        Some(shape)
    }

    fn merge(&mut self, merge: &Merge) {
        let (row, column) = (merge.row as usize, merge.column as usize);
        if row >= self.rows || column >= self.columns {
            return;
        }
        let down = (merge.row_span as usize).clamp(1, self.rows - row);
        let across = (merge.column_span as usize).clamp(1, self.columns - column);
        let covered =
            || (row..row + down).flat_map(move |r| (column..column + across).map(move |c| (r, c)));
        let columns = self.columns;
        if covered().any(|(r, c)| self.spans[r * columns + c] != Some((1, 1))) {
            return;
        }
        for (r, c) in covered() {
            self.spans[r * columns + c] = None;
        }
        self.spans[row * columns + column] = Some((down, across));
    }

    fn span(&self, row: usize, column: usize) -> Option<(usize, usize)> {
        self.spans.get(row * self.columns + column).copied().flatten()
    }

    fn cell(&self, row: usize, column: usize) -> &'a [Block] {
        self.cells.get(row * self.columns + column).map_or(&[], |cell| match cell.content {
            Content::TableCell => cell.children.as_slice(),
            _ => std::slice::from_ref(cell),
        })
    }

    /// The row after the last one that merged areas tie to `row`.
    fn group_end(&self, row: usize) -> usize {
        let mut end = row + 1;
        let mut at = row;
        while at < end {
            for column in 0..self.columns {
                if let Some((down, _)) = self.span(at, column) {
                    end = end.max(at + down);
                }
            }
            at += 1;
        }
        end.min(self.rows)
    }

    /// Widths in points that fill at most `width`.
    fn widths(&self, table: &Table, width: f64) -> Vec<f64> {
        let said: Vec<f64> =
            table.column_widths_px.iter().map(|px| f64::from(*px) * 0.75).collect();
        if said.len() == self.columns && said.iter().all(|width| *width > 0.0) {
            return said;
        }
        let mut weights = vec![4.0_f64; self.columns];
        for row in 0..self.rows.min(ROWS_GUESSED_FROM) {
            for (column, weight) in weights.iter_mut().enumerate() {
                if self.span(row, column).is_some_and(|(_, across)| across == 1) {
                    let letters = self.cell(row, column).iter().map(measure).max().unwrap_or(0);
                    *weight = weight.max((letters as f64).clamp(4.0, 44.0));
                }
            }
        }
        let total: f64 = weights.iter().sum();
        weights.iter().map(|weight| width * weight / total).collect()
    }
}

/// Width of a block's text in narrow letters.
fn measure(block: &Block) -> usize {
    block.content.text().map_or(12, |text| {
        text.to_plain().chars().take(60).map(|c| if is_chinese(c) { 2 } else { 1 }).sum()
    })
}

impl Setter<'_, '_> {
    /// A table as one or more pieces.
    pub(super) fn table(&mut self, block: &Block, table: &Table, flow: Flow, out: &mut Vec<Piece>) {
        let Some(shape) = Shape::new(block, table) else { return };
        let all = shape.widths(table, flow.inner_pt());
        let narrow = ((flow.inner_pt() / 30.0) as usize).clamp(1, MOST_COLUMNS);
        let bands = shape.columns.div_ceil(narrow);
        let per_band = shape.columns.div_ceil(bands);
        if bands > 1 {
            self.lose(
                LossKind::FormattingDropped,
                "a table wider than the page is printed in bands of columns below each other",
            );
        }
        for first in (0..shape.columns).step_by(per_band) {
            let last = (first + per_band).min(shape.columns);
            if bands > 1 {
                let label = if self.chinese {
                    format!("note(\"第 {} – {last} 列\")", first + 1)
                } else {
                    format!("note(\"Columns {} – {last}\")", first + 1)
                };
                let weight = label.len();
                out.push(Piece::Block { source: label, weight });
            }
            let band = Band::new(first, last, &all, flow, per_band);
            let rows = self.band(&shape, table, &band, flow);
            out.push(Piece::Rows(rows));
        }
    }

    fn band(&mut self, shape: &Shape<'_>, table: &Table, band: &Band, flow: Flow) -> Rows {
        let mut head_rows = if table.header_row { shape.group_end(0) } else { 0 };
        let filled = head_rows.min(1);
        if head_rows > MOST_HEAD_ROWS || head_rows >= shape.rows {
            head_rows = 0;
        }
        let mut open = format!("tablet({}, {}, (", flow.steps(), points(band.size));
        for width in &band.widths {
            let _ = write!(open, "{}, ", points(*width));
        }
        let _ = write!(
            open,
            "), {}, {}, ",
            head_rows.max(filled),
            table.header_column && band.first == 0
        );
        if head_rows > 0 {
            open.push_str("table.header(");
            for row in 0..head_rows {
                let mark = row == 0;
                self.row(shape, table, band, row, mark, flow, &mut open);
            }
            open.push_str("),\n");
        }
        let mut rows = Vec::new();
        let mut row = head_rows;
        while row < shape.rows {
            let end = shape.group_end(row);
            let mut source = String::new();
            for at in row..end {
                self.row(shape, table, band, at, at == row, flow, &mut source);
            }
            let weight = source.len() + (end - row) * band.widths.len() * CELL_WEIGHT;
            rows.push((source, weight));
            row = end;
        }
        Rows { open, rows, close: ")".to_owned(), inset_pt: INSET_Y_PT }
    }

    #[expect(clippy::too_many_arguments, reason = "a row is a place in all of these")]
    fn row(
        &mut self,
        shape: &Shape<'_>,
        table: &Table,
        band: &Band,
        row: usize,
        mark: bool,
        flow: Flow,
        out: &mut String,
    ) {
        let mut mark = mark;
        for column in band.first..band.last {
            let (span, origin) = match shape.span(row, column) {
                Some((down, across)) => ((down, across.min(band.last - column)), column),
                // An area that began in the band before goes on here.
                None if column == band.first && band.first > 0 => {
                    match reaching(shape, row, column) {
                        Some((down, across)) => ((down, across.min(band.last - column)), column),
                        None => continue,
                    }
                }
                None => continue,
            };
            let width: f64 = band.widths.iter().skip(column - band.first).take(span.1).sum::<f64>();
            let inner = flow.boxed(width - 2.0 * INSET_X_PT).sized(band.size);
            let head = (table.header_row && row == 0) || (table.header_column && column == 0);
            let (body, align) = self.cell(shape.cell(row, origin), inner, head);
            let body = if mark {
                mark = false;
                format!("{{{}; {body}}}", Rows::mark())
            } else {
                body
            };
            let plain_cell = span == (1, 1) && align == Align::Left;
            if plain_cell {
                let _ = write!(out, "{body}, ");
            } else {
                out.push_str("table.cell(");
                if span.0 > 1 {
                    let _ = write!(out, "rowspan: {}, ", span.0);
                }
                if span.1 > 1 {
                    let _ = write!(out, "colspan: {}, ", span.1);
                }
                if align != Align::Left {
                    let _ = write!(out, "align: {} + top, ", side(align));
                }
                let _ = write!(out, "{body}), ");
            }
        }
        out.push('\n');
    }

    /// A cell's content, and how it is aligned if it is one paragraph.
    fn cell(&mut self, blocks: &[Block], flow: Flow, head: bool) -> (String, Align) {
        let (body, align) = match blocks {
            [] => ("[]".to_owned(), Align::Left),
            [Block { content: Content::Text(text), children, .. }]
                if children.is_empty() && text.style.background.is_empty() =>
            {
                (self.line(text, flow.letters()), text.style.align)
            }
            _ => (self.boxed(blocks, flow), Align::Left),
        };
        if head { (format!("b({body})"), align) } else { (body, align) }
    }
}

/// What is left, from `column` on, of a merged area that starts further left in this row.
fn reaching(shape: &Shape<'_>, row: usize, column: usize) -> Option<(usize, usize)> {
    (0..column).rev().find_map(|start| shape.span(row, start).map(|span| (start, span))).and_then(
        |(start, (down, across))| {
            let end = start + across;
            (end > column).then_some((down, end - column))
        },
    )
}

/// The columns of a table that stand side by side.
struct Band {
    first: usize,
    last: usize,
    widths: Vec<f64>,
    /// Size of the text, points.
    size: f64,
}

impl Band {
    fn new(first: usize, last: usize, all: &[f64], flow: Flow, columns: usize) -> Self {
        let mut widths: Vec<f64> = all.iter().take(last).skip(first).copied().collect();
        let total: f64 = widths.iter().sum();
        let room = flow.inner_pt();
        if total > room {
            // Narrow columns keep what they need; the others share the rest.
            let narrow = (room / widths.len() as f64).min(34.0);
            let spare: f64 = widths.iter().map(|w| (w - narrow).max(0.0)).sum();
            let left = room - narrow * widths.len() as f64;
            for w in &mut widths {
                *w = narrow + if spare > 0.0 { (*w - narrow).max(0.0) * left / spare } else { 0.0 };
            }
        } else {
            for w in &mut widths {
                *w = w.max(24.0);
            }
            let total: f64 = widths.iter().sum();
            if total > room {
                for w in &mut widths {
                    *w *= room / total;
                }
            }
        }
        let size = match columns {
            0..=6 => 9.6,
            7..=9 => 8.8,
            10..=12 => 7.8,
            _ => 7.0,
        };
        Self { first, last, widths, size }
    }
}
