//! Styles without repetitions, and what each shows of a date.

use std::collections::HashMap;

use larkspur_model::workbook::CellStyle;

use super::date::{DateKind, date_kind};

/// Kinds of border lines (ECMA-376 part 1, 18.18.3).
pub(crate) const LINES: [&str; 13] = [
    "thin",
    "medium",
    "dashed",
    "dotted",
    "thick",
    "double",
    "hair",
    "mediumDashed",
    "dashDot",
    "mediumDashDot",
    "dashDotDot",
    "mediumDashDotDot",
    "slantDashDot",
];

/// Different styles kept; spreadsheet programs know about as many.
const MOST_STYLES: usize = 65_000;
/// Characters of the longest number format or font name kept.
const NAME_CHARACTERS: usize = 1_024;

/// Styles, each once.
#[derive(Debug, Default)]
pub(crate) struct StyleList {
    /// The styles; index 0 is the book's default.
    pub(crate) list: Vec<CellStyle>,
    /// For each style what its number format shows.
    pub(crate) kinds: Vec<DateKind>,
    /// Style of each look, spelled out.
    by_look: HashMap<String, u32>,
}

impl StyleList {
    /// The index of a style, which is added if it is new; `None` where there are too many.
    pub(crate) fn add(&mut self, style: CellStyle) -> Option<u32> {
        let look = format!("{style:?}");
        if let Some(&known) = self.by_look.get(&look) {
            return Some(known);
        }
        let index = self.list.len();
        if index >= MOST_STYLES {
            return None;
        }
        self.by_look.insert(look, index as u32);
        self.kinds.push(date_kind(&style.number_format));
        self.list.push(style);
        Some(index as u32)
    }

    /// What the style's number format shows of a date.
    pub(crate) fn date_kind(&self, style: u32) -> DateKind {
        self.kinds.get(style as usize).copied().unwrap_or(DateKind::No)
    }
}

/// A name or number format no longer than is worth keeping.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(NAME_CHARACTERS).collect()
}

/// A number format as styles keep it: General is empty.
pub(crate) fn format_code(code: &str) -> &str {
    if code.eq_ignore_ascii_case("general") { "" } else { code }
}
