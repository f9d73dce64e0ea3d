//! The caps every reader obeys: what the platform documents, and what keeps a hostile file from
//! exhausting the process.

use serde::{Deserialize, Serialize};

/// Limits of one conversion. The default is what the platform documents (contract, `import_extra`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Blocks of a document; the rest is cut.
    pub blocks: usize,
    /// Depth of blocks within each other; deeper ones are lifted.
    pub block_depth: usize,
    /// Cells of one table of a document; further rows are cut.
    pub table_cells: usize,
    /// Columns of one table of a document.
    pub table_columns: usize,
    /// UTF-16 units of one paragraph.
    pub paragraph_units: usize,
    /// Pictures of a document or workbook.
    pub images: usize,
    /// Worksheets of a workbook.
    pub sheets: usize,
    /// Columns of a worksheet.
    pub sheet_columns: u32,
    /// Cells of a worksheet, empty ones within its used area counted (rows times columns).
    pub sheet_cells: u64,
    /// Characters of a cell.
    pub cell_characters: usize,
    /// Fields of a table of a base.
    pub base_fields: u32,
    /// Records of a table of a base.
    pub base_records: u32,
    /// Bytes one entry of a container may inflate to.
    pub entry_bytes: u64,
    /// Bytes all entries of a container may inflate to.
    pub container_bytes: u64,
    /// Entries of a container.
    pub container_entries: usize,
    /// How many times its packed size an entry may inflate to, once it is past 16 MiB.
    pub inflate_ratio: u64,
    /// Elements within each other in an XML or HTML part.
    pub markup_depth: usize,
    /// Bytes of decoded shared strings kept in memory.
    pub shared_string_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            blocks: 20_000,
            block_depth: 50,
            table_cells: 2_000,
            table_columns: 100,
            paragraph_units: 100_000,
            images: 4_000,
            sheets: 300,
            sheet_columns: 13_000,
            sheet_cells: 5_000_000,
            cell_characters: 50_000,
            base_fields: 300,
            base_records: 5_000_000,
            entry_bytes: 16 << 30,
            container_bytes: 32 << 30,
            container_entries: 20_000,
            inflate_ratio: 1_000,
            markup_depth: 256,
            shared_string_bytes: 1 << 30,
        }
    }
}

impl Limits {
    /// The limits of a file that becomes a base: its columns are fields, its rows records, its sheets
    /// tables (contract, "Bitable").
    #[must_use]
    pub fn of_base(&self) -> Self {
        Self {
            sheets: self.sheets.min(larkspur_model::base::TABLES),
            sheet_columns: self.base_fields,
            sheet_cells: u64::MAX,
            cell_characters: larkspur_model::base::CELL_CHARACTERS,
            ..self.clone()
        }
    }

    /// No limits of the platform; those that keep the process alive stay.
    pub fn unlimited() -> Self {
        Self {
            blocks: usize::MAX,
            table_cells: usize::MAX,
            table_columns: 16_384,
            paragraph_units: usize::MAX,
            images: usize::MAX,
            sheets: usize::MAX,
            sheet_columns: 16_384,
            sheet_cells: u64::MAX,
            cell_characters: usize::MAX,
            base_fields: 16_384,
            ..Self::default()
        }
    }
}
