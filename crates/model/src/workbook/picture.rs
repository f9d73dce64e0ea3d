//! Pictures of a spreadsheet: their bytes lie elsewhere, known by a token; sheets say where they float.

use serde::{Deserialize, Serialize};

/// A picture's bytes, wherever they are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PictureAsset {
    /// Token by which the server keeps it; empty while it has none yet.
    pub token: String,
    /// Media type.
    pub media_type: String,
    /// File name ending.
    pub extension: String,
    /// Bytes.
    pub size_bytes: u64,
}

/// A picture that floats over a sheet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Which of the workbook's pictures it is.
    pub asset: u32,
    /// Where it floats.
    pub anchor: Anchor,
    /// Its name, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it shows, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// What a floating picture holds on to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Anchor {
    /// Two corners: it moves and grows with the cells between them.
    Cells {
        /// Its upper left corner.
        from: Corner,
        /// Its lower right corner.
        to: Corner,
        /// Whether it follows the cells: `twoCell` wholly, `oneCell` moving alone, `absolute` not at all.
        follows: Follows,
    },
    /// One corner: it moves with the cell.
    Cell {
        /// Its upper left corner.
        from: Corner,
        /// Width and height, English metric units.
        size: (i64, i64),
    },
    /// A place on the sheet.
    Sheet {
        /// Distance from the left and the upper edge, English metric units.
        at: (i64, i64),
        /// Width and height, English metric units.
        size: (i64, i64),
    },
}

/// How a picture between two cells follows them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Follows {
    /// It moves and grows with them.
    #[default]
    Wholly,
    /// It moves with them.
    Moving,
    /// It stays.
    Never,
}

/// A point in a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corner {
    /// Row, from 0.
    pub row: u32,
    /// Column, from 0.
    pub column: u32,
    /// Distance from the cell's left and upper edge, English metric units.
    pub offset: (i64, i64),
}

/// English metric units of a pixel at 96 to the inch.
pub const EMU_PER_PIXEL: i64 = 9_525;

/// The token of a picture in a cell, as cells keep it: which of the workbook's pictures it is. The cells
/// stay as they are where a copy of the workbook gets pictures of its own.
pub fn asset_token(asset: u32) -> String {
    format!("asset:{asset}")
}

/// Which of the workbook's pictures a token of a cell means.
pub fn asset_of(token: &str) -> Option<u32> {
    token.strip_prefix("asset:")?.parse().ok()
}

impl Anchor {
    /// Its upper left corner, where that is in a cell.
    pub const fn from(&self) -> Option<Corner> {
        match self {
            Self::Cells { from, .. } | Self::Cell { from, .. } => Some(*from),
            Self::Sheet { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_cells_name_their_pictures() {
        assert_eq!(asset_of(&asset_token(7)), Some(7));
        assert_eq!((asset_of("boxcn"), asset_of("asset:x")), (None, None));
    }
}
