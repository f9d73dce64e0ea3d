//! Tables, columns side by side, and highlighted boxes, which are tables of one cell.

use std::fmt::Write as _;

use larkspur_model::document::{Block, Callout, Content, Table};

use super::body::{Body, Place};
use crate::word_flow::colour;

/// Twentieths of a point in a pixel at 96 to the inch.
const TWIPS_PER_PIXEL: u64 = 15;
/// The margins at both sides of a cell together.
const CELL_MARGINS: u32 = 216;
const MOST_COLUMNS: usize = 63;

impl Body<'_, '_> {
    /// Appends a table.
    pub(super) fn table(&mut self, table: &Table, cells: &[Block], place: Place) {
        let columns = table.columns as usize;
        let rows = cells.len().checked_div(columns).unwrap_or(0).min(table.rows as usize);
        if rows == 0 {
            return;
        }
        let widths = column_widths(table, place.width.saturating_sub(place.indent).max(1_000));
        let grid = Coverage::of(table, rows, columns);
        self.begin_table(
            "TableGrid",
            &widths,
            place,
            Some((table.header_row, table.header_column)),
        );
        for row in 0..rows {
            self.out.push_str("<w:tr><w:trPr><w:cantSplit/>");
            if table.header_row && row == 0 {
                self.out.push_str("<w:tblHeader/>");
            }
            self.out.push_str("</w:trPr>");
            let mut column = 0;
            while column < columns {
                let cell = grid.at(row, column);
                let width: u32 = widths.iter().skip(column).take(cell.columns).sum();
                let header = (table.header_row && row == 0) || (table.header_column && column == 0);
                self.begin_cell(width, cell, header.then_some("F2F3F5"));
                let inside = cells.get(row * columns + column).filter(|_| !cell.continued);
                self.cell_content(inside.map_or(&[], |cell| &cell.children), width, place);
                self.out.push_str("</w:tc>");
                column += cell.columns;
            }
            self.out.push_str("</w:tr>");
        }
        self.end_table();
        if columns > MOST_COLUMNS {
            let what = format!("a table of {columns} columns; Word shows {MOST_COLUMNS}");
            self.context.lose(larkspur_model::loss::LossKind::FormattingDropped, "", what);
        }
    }

    /// Appends a highlighted box.
    pub(super) fn callout(&mut self, callout: &Callout, children: &[Block], place: Place) {
        let width = place.width.saturating_sub(place.indent).max(1_000);
        let border = colour::text(callout.border_color).unwrap_or("BBBFC4");
        let fill = colour::background(callout.background_color).unwrap_or("F2F3F5");
        self.begin_table_with("TableNormal", &[width], place, None, Some(border));
        self.out.push_str("<w:tr>");
        self.begin_cell(width, Cell::single(), Some(fill));
        if let Some(sign) = picture_of(&callout.emoji) {
            self.out.push_str("<w:p><w:pPr><w:keepNext/></w:pPr>");
            self.run(sign, &larkspur_model::document::InlineStyle::default());
            self.out.push_str("</w:p>");
        }
        self.cell_content(children, width, place);
        self.out.push_str("</w:tc></w:tr>");
        self.end_table();
    }

    /// Appends columns side by side.
    pub(super) fn grid(&mut self, grid: &Block, place: Place) {
        let shares: Vec<u64> = grid
            .children
            .iter()
            .map(|column| match column.content {
                Content::GridColumn { width_ratio } => u64::from(width_ratio.clamp(1, 99)),
                _ => 50,
            })
            .collect();
        let all: u64 = shares.iter().sum();
        if all == 0 {
            return;
        }
        let width = u64::from(place.width.saturating_sub(place.indent).max(1_000));
        let widths: Vec<u32> = shares.iter().map(|share| (share * width / all) as u32).collect();
        self.begin_table("TableNormal", &widths, place, None);
        self.out.push_str("<w:tr>");
        for (column, width) in grid.children.iter().zip(&widths) {
            self.begin_cell(*width, Cell::single(), None);
            self.cell_content(&column.children, *width, place);
            self.out.push_str("</w:tc>");
        }
        self.out.push_str("</w:tr>");
        self.end_table();
    }

    fn begin_table(
        &mut self,
        style: &str,
        widths: &[u32],
        place: Place,
        headers: Option<(bool, bool)>,
    ) {
        self.begin_table_with(style, widths, place, headers, None);
    }

    fn begin_table_with(
        &mut self,
        style: &str,
        widths: &[u32],
        place: Place,
        headers: Option<(bool, bool)>,
        border: Option<&str>,
    ) {
        let all: u32 = widths.iter().sum();
        let out = &mut self.out;
        write!(
            out,
            "<w:tbl><w:tblPr><w:tblStyle w:val=\"{style}\"/><w:tblW w:w=\"{all}\" w:type=\"dxa\"/>"
        )
        .expect("a string takes any text");
        if place.indent > 0 {
            write!(out, "<w:tblInd w:w=\"{}\" w:type=\"dxa\"/>", place.indent)
                .expect("a string takes any text");
        }
        if let Some(colour) = border {
            out.push_str("<w:tblBorders>");
            for side in ["top", "left", "bottom", "right"] {
                write!(
                    out,
                    "<w:{side} w:val=\"single\" w:sz=\"6\" w:space=\"0\" w:color=\"{colour}\"/>"
                )
                .expect("a string takes any text");
            }
            out.push_str("</w:tblBorders>");
        }
        out.push_str("<w:tblLayout w:type=\"fixed\"/>");
        if border.is_some() {
            out.push_str(
                "<w:tblCellMar><w:top w:w=\"80\" w:type=\"dxa\"/><w:left w:w=\"160\" w:type=\"dxa\"/>\
                 <w:bottom w:w=\"80\" w:type=\"dxa\"/><w:right w:w=\"160\" w:type=\"dxa\"/></w:tblCellMar>",
            );
        }
        let (row, column) = headers.unwrap_or_default();
        write!(
            out,
            "<w:tblLook w:val=\"{:04X}\" w:firstRow=\"{}\" w:lastRow=\"0\" w:firstColumn=\"{}\" w:lastColumn=\"0\" w:noHBand=\"1\" w:noVBand=\"1\"/></w:tblPr><w:tblGrid>",
            0x0600 + 0x20 * u32::from(row) + 0x80 * u32::from(column),
            u32::from(row),
            u32::from(column),
        )
        .expect("a string takes any text");
        for width in widths {
            write!(out, "<w:gridCol w:w=\"{width}\"/>").expect("a string takes any text");
        }
        out.push_str("</w:tblGrid>");
    }

    /// Ends a table. A paragraph follows, else Word would join it with a table that comes next.
    fn end_table(&mut self) {
        self.out.push_str("</w:tbl>");
        self.gap();
    }

    fn begin_cell(&mut self, width: u32, cell: Cell, fill: Option<&str>) {
        let out = &mut self.out;
        write!(out, "<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>")
            .expect("a string takes any text");
        if cell.columns > 1 {
            write!(out, "<w:gridSpan w:val=\"{}\"/>", cell.columns)
                .expect("a string takes any text");
        }
        if cell.continued {
            out.push_str("<w:vMerge/>");
        } else if cell.starts {
            out.push_str("<w:vMerge w:val=\"restart\"/>");
        }
        if let Some(fill) = fill {
            write!(out, "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{fill}\"/>")
                .expect("a string takes any text");
        }
        out.push_str("</w:tcPr>");
    }

    /// What is in a cell; it ends with a paragraph, as the schema wants.
    fn cell_content(&mut self, blocks: &[Block], width: u32, place: Place) {
        let inside = Place {
            width: width.saturating_sub(CELL_MARGINS).max(300),
            depth: place.depth + 1,
            ..Place::PAGE
        };
        let before = self.out.len();
        self.blocks(blocks, inside);
        if self.out.len() == before {
            self.empty_paragraph();
        }
    }
}

/// The sign of a box's picture, for the names that have one.
fn picture_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "information_source" => "ℹ️",
        "bulb" => "💡",
        "exclamation" => "❗",
        "warning" => "⚠️",
        "no_entry" => "⛔",
        "gift" => "🎁",
        "star" => "⭐",
        "fire" => "🔥",
        "pushpin" => "📌",
        "memo" => "📝",
        "white_check_mark" => "✅",
        "question" => "❓",
        _ => return None,
    })
}

/// Widths of the columns in twentieths of a point; wider tables than the place are shrunk.
fn column_widths(table: &Table, room: u32) -> Vec<u32> {
    let columns = (table.columns as usize).max(1);
    let named: Vec<u64> = if table.column_widths_px.len() == columns {
        let twips = |width: &u32| (u64::from(*width) * TWIPS_PER_PIXEL).clamp(150, 31_680);
        table.column_widths_px.iter().map(twips).collect()
    } else {
        vec![(u64::from(room) / columns as u64).max(150); columns]
    };
    let all: u64 = named.iter().sum();
    let room = u64::from(room);
    named
        .into_iter()
        .map(|width| if all > room { (width * room / all).max(100) } else { width } as u32)
        .collect()
}

/// How a place of a table shows.
#[derive(Clone, Copy)]
struct Cell {
    /// Columns it takes.
    columns: usize,
    /// The upper end of a merged area of several rows.
    starts: bool,
    /// Below the upper end of one.
    continued: bool,
}

impl Cell {
    const fn single() -> Self {
        Self { columns: 1, starts: false, continued: false }
    }
}

/// Which places a merged area covers.
struct Coverage {
    columns: usize,
    places: Vec<Cell>,
}

impl Coverage {
    /// Areas that overlap an earlier one or leave the table are left out.
    fn of(table: &Table, rows: usize, columns: usize) -> Self {
        let mut places = vec![Cell::single(); rows * columns];
        let mut taken = vec![false; rows * columns];
        for merge in &table.merges {
            let (top, left) = (merge.row as usize, merge.column as usize);
            let bottom = top.saturating_add(merge.row_span as usize);
            let right = left.saturating_add(merge.column_span as usize);
            if bottom > rows || right > columns || bottom <= top || right <= left {
                continue;
            }
            let area =
                || (top..bottom).flat_map(|row| (left..right).map(move |at| row * columns + at));
            if area().any(|place| taken[place]) {
                continue;
            }
            for place in area() {
                taken[place] = true;
            }
            for row in top..bottom {
                places[row * columns + left] = Cell {
                    columns: right - left,
                    starts: bottom - top > 1 && row == top,
                    continued: row > top,
                };
            }
        }
        Self { columns, places }
    }

    fn at(&self, row: usize, column: usize) -> Cell {
        self.places.get(row * self.columns + column).copied().unwrap_or(Cell::single())
    }
}
