//! The online spreadsheet: what is known about its sheets ([`Workbook`]) and one row of cells at a
//! time ([`Row`]). A whole sheet is never held in memory; readers and writers stream rows.

mod names;
pub mod number_format;
mod picture;
mod rich;
mod row;
mod serial_day;

use serde::{Deserialize, Serialize};

pub use self::names::{DefinedName, Table, TableColumn, TableLook};
pub use self::number_format::NumberFormat;
pub use self::picture::{
    Anchor, Corner, EMU_PER_PIXEL, Follows, Picture, PictureAsset, asset_of, asset_token,
};
pub use self::rich::{Rich, RichPart};
pub use self::row::{Cell, CellError, Row, TextSpan, Value};
pub use self::serial_day::{LAST_DISPUTED_DAY, serial_day};

/// Everything about a workbook but its cells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Workbook {
    /// Cell styles; a cell names one by index. Index 0 always exists and is the default style.
    pub styles: Vec<CellStyle>,
    /// The sheets, in order.
    pub sheets: Vec<Sheet>,
    /// Names that stand for formulas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<DefinedName>,
    /// The pictures that float over sheets or stand in cells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assets: Vec<PictureAsset>,
}

/// One sheet without its cells.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sheet {
    /// Name on the tab.
    pub name: String,
    /// Whether the tab is hidden.
    pub hidden: bool,
    /// Rows up to the last one in use.
    pub row_count: u32,
    /// Columns up to the last one in use.
    pub column_count: u32,
    /// Rows that stay in place when scrolling.
    pub frozen_rows: u32,
    /// Columns that stay in place when scrolling.
    pub frozen_columns: u32,
    /// Widths and hidden state of columns that differ from the default, ascending, disjoint.
    pub columns: Vec<ColumnRun>,
    /// Heights and hidden state of rows that differ from the default, ascending, disjoint.
    pub rows: Vec<RowRun>,
    /// Merged areas; they never overlap.
    pub merges: Vec<CellRange>,
    /// Links of cells.
    pub links: Vec<CellLink>,
    /// Areas that one formula fills; it stands in the first cell of each.
    pub arrays: Vec<CellRange>,
    /// Cells that offer values to choose from.
    pub dropdowns: Vec<Dropdown>,
    /// Areas whose columns have names; they never overlap.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<Table>,
    /// Pictures that float over it, the lowest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<Picture>,
}

/// Neighbouring columns that look the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ColumnRun {
    /// First column, from 0.
    pub first: u32,
    /// Last column, inclusive.
    pub last: u32,
    /// Width, pixels at 96 dpi; `None` for the default.
    pub width_px: Option<f64>,
    /// Whether they are hidden.
    pub hidden: bool,
}

/// Neighbouring rows that look the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RowRun {
    /// First row, from 0.
    pub first: u32,
    /// Last row, inclusive.
    pub last: u32,
    /// Height, points; `None` for the default.
    pub height_pt: Option<f64>,
    /// Whether they are hidden.
    pub hidden: bool,
}

/// A rectangle of cells; all ends inclusive, from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellRange {
    /// Top row.
    pub first_row: u32,
    /// Left column.
    pub first_column: u32,
    /// Bottom row.
    pub last_row: u32,
    /// Right column.
    pub last_column: u32,
}

/// A link on a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellLink {
    /// The cells that carry it.
    pub range: CellRange,
    /// Where it leads: an address, `mailto:...`, or `#Sheet!A1` within the workbook.
    pub target: String,
}

/// Values that cells offer to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropdown {
    /// The cells that offer them.
    pub ranges: Vec<CellRange>,
    /// What they offer.
    pub options: DropdownOptions,
}

/// Where the values of a dropdown come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropdownOptions {
    /// They are listed.
    Values(Vec<String>),
    /// They stand in cells, named as in a formula: `Sheet2!$A$1:$A$9`, or they are computed by one.
    Formula(String),
}

/// How a cell looks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CellStyle {
    /// Number format code as spreadsheets write it (`0.00`, `yyyy-mm-dd`); empty for General.
    pub number_format: String,
    /// Font.
    pub font: Font,
    /// Colour behind the cell, `rrggbb`; empty for none.
    pub fill: String,
    /// Place of the text from left to right.
    pub horizontal: Horizontal,
    /// Place of the text from top to bottom.
    pub vertical: Vertical,
    /// Whether long text wraps.
    pub wrap: bool,
    /// Lines around the cell: top, right, bottom, left.
    pub borders: [Border; 4],
}

/// Font of a cell.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Font {
    /// Family; empty for the default.
    pub name: String,
    /// Size, points; 0 for the default.
    pub size_pt: f64,
    /// Bold.
    pub bold: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// Struck through.
    pub strikethrough: bool,
    /// Colour, `rrggbb`; empty for the default.
    pub color: String,
}

/// One line around a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Border {
    /// The kind of line, by its spreadsheet name (`thin`, `medium`, `dashed`, ...); empty for none.
    pub line: String,
    /// Colour, `rrggbb`; empty for the default.
    pub color: String,
}

/// Place of a cell's text from left to right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Horizontal {
    /// Numbers right, text left.
    #[default]
    General,
    /// Left.
    Left,
    /// In the middle.
    Center,
    /// Right.
    Right,
}

/// Place of a cell's text from top to bottom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vertical {
    /// At the bottom.
    #[default]
    Bottom,
    /// In the middle.
    Middle,
    /// At the top.
    Top,
}

impl Workbook {
    /// The style of an index; the default style for an index that does not exist.
    pub fn style(&self, index: u32) -> &CellStyle {
        static DEFAULT: std::sync::LazyLock<CellStyle> =
            std::sync::LazyLock::new(CellStyle::default);
        self.styles.get(index as usize).unwrap_or(&DEFAULT)
    }
}

/// Letters of a column: 0 is `A`, 25 `Z`, 26 `AA`.
pub fn column_name(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().map(|&letter| char::from(letter)).collect()
}

/// Column of some letters: `A` is 0, `aa` 26. `None` for anything but 1 to 6 letters.
pub fn column_index(letters: &str) -> Option<u32> {
    if letters.is_empty() || letters.len() > 6 {
        return None;
    }
    letters
        .bytes()
        .try_fold(0_u32, |column, letter| {
            letter
                .is_ascii_alphabetic()
                .then(|| column * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1)
        })
        .map(|column| column - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn column_letters_go_both_ways() {
        for (index, letters) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (16_383, "XFD")] {
            assert_eq!(column_name(index), letters);
            assert_eq!(column_index(letters), Some(index));
        }
        assert_eq!(column_index("xfd"), Some(16_383));
        assert_eq!((column_index(""), column_index("A1")), (None, None));
    }
}
