//! Tables as their elements come: shape, rows and cells, told to the flow as steps.

use super::body::Body;
use super::properties::{attribute, each, number, switch};
use super::styles::StyleSheet;
use crate::Error;
use crate::document_builder::CellShape;
use crate::ooxml::Scanner;
use crate::word_flow::flow::{Step, TableShape};

/// Twentieths of a point in a pixel at 96 to the inch.
const TWIPS_PER_PIXEL: i32 = 15;
/// Columns whose widths are kept.
const MOST_WIDTHS: usize = 1_000;

/// The tables that are open, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Tables(Vec<Table>);

#[derive(Debug, Default)]
struct Table {
    shape: TableShape,
    opened: bool,
    rows: usize,
    row: Row,
    cell: Option<CellShape>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Row {
    opened: bool,
    header: bool,
    deleted: bool,
    /// Columns left free before the first cell.
    before: u32,
}

impl Tables {
    pub(super) fn open(&mut self) {
        self.0.push(Table::default());
    }

    /// Ends the innermost table; answers whether it was opened in the flow.
    pub(super) fn close(&mut self) -> bool {
        self.0.pop().is_some_and(|table| table.opened)
    }

    pub(super) fn read_properties(
        &mut self,
        scanner: &mut Scanner<'_>,
        styles: &StyleSheet,
    ) -> Result<(), Error> {
        let (mut style, mut row, mut column) = (None, false, false);
        each(scanner, |scanner| match scanner.name() {
            b"tblStyle" => style = attribute(scanner, b"val"),
            b"tblLook" => {
                let bits = attribute(scanner, b"val")
                    .and_then(|bits| u32::from_str_radix(&bits, 16).ok())
                    .unwrap_or_default();
                let flag = |name: &[u8], bit: u32| {
                    attribute(scanner, name).map_or(bits & bit != 0, |value| {
                        matches!(value.as_str(), "1" | "true" | "on")
                    })
                };
                (row, column) = (flag(b"firstRow", 0x20), flag(b"firstColumn", 0x80));
            }
            _ => {}
        })?;
        let found = styles.table(style.as_deref());
        if let Some(table) = self.0.last_mut() {
            table.shape.headed = (
                row && found.is_some_and(|style| style.first_row),
                column && found.is_some_and(|style| style.first_column),
            );
        }
        Ok(())
    }

    pub(super) fn read_grid(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let mut widths = Vec::new();
        each(scanner, |scanner| {
            if scanner.name() == b"gridCol" && widths.len() < MOST_WIDTHS {
                let width = number(scanner, b"w").unwrap_or_default().max(0);
                widths.push((width / TWIPS_PER_PIXEL) as u32);
            }
        })?;
        if let Some(table) = self.0.last_mut() {
            if widths.contains(&0) {
                widths.clear();
            }
            table.shape.widths_px = widths;
        }
        Ok(())
    }

    pub(super) fn open_row(&mut self) {
        if let Some(table) = self.0.last_mut() {
            table.row = Row::default();
        }
    }

    /// Reads the properties of a row; answers whether it was deleted.
    pub(super) fn read_row(&mut self, scanner: &mut Scanner<'_>) -> Result<bool, Error> {
        let mut row = Row::default();
        each(scanner, |scanner| match scanner.name() {
            b"tblHeader" => row.header = switch(scanner),
            b"del" => row.deleted = true,
            b"gridBefore" => {
                row.before = number(scanner, b"val").unwrap_or_default().clamp(0, 100) as u32;
            }
            _ => {}
        })?;
        if let Some(table) = self.0.last_mut() {
            table.row = row;
        }
        Ok(row.deleted)
    }

    pub(super) fn is_row_deleted(&self) -> bool {
        self.0.last().is_some_and(|table| table.row.deleted)
    }

    /// Ends a row; answers whether it was opened in the flow.
    pub(super) fn close_row(&mut self) -> bool {
        self.0.last_mut().is_some_and(|table| {
            table.cell = None;
            std::mem::take(&mut table.row.opened)
        })
    }

    /// Reads the properties of the cell that was just begun.
    pub(super) fn read_cell(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let (mut span, mut continues) = (1, false);
        each(scanner, |scanner| match scanner.name() {
            b"gridSpan" => span = number(scanner, b"val").unwrap_or(1).clamp(1, 1_000) as u32,
            b"vMerge" => continues = attribute(scanner, b"val").as_deref() != Some("restart"),
            _ => {}
        })?;
        if let Some(Table { cell: Some(cell), .. }) = self.0.last_mut() {
            cell.column_span = span;
            cell.continues = continues;
        }
        Ok(())
    }
}

impl Body<'_, '_, '_> {
    /// Begins a cell; it is opened in the flow once its properties are known.
    pub(super) fn open_row_and_cell(&mut self) {
        let Some(table) = self.tables.0.last_mut() else { return };
        let mut steps = Vec::new();
        if !std::mem::replace(&mut table.opened, true) {
            steps.push(Step::OpenTable(std::mem::take(&mut table.shape)));
        }
        if !std::mem::replace(&mut table.row.opened, true) {
            steps.push(Step::OpenRow);
            for _ in 0..table.row.before {
                steps.push(Step::OpenCell(CellShape::single(table.row.header)));
                steps.push(Step::CloseCell);
            }
            table.rows += 1;
        }
        // Only the first row heads a table of the platform.
        table.cell = Some(CellShape::single(table.row.header && table.rows == 1));
        for step in steps {
            self.step(step);
        }
    }

    /// Opens the cell that was begun, if one was.
    pub(super) fn open_pending_cell(&mut self) {
        if let Some(cell) = self.tables.0.last_mut().and_then(|table| table.cell.take()) {
            self.step(Step::OpenCell(cell));
        }
    }
}
