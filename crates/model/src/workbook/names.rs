//! What formulas may name beside cells: names that stand for formulas, and tables.

use serde::{Deserialize, Serialize};

use super::CellRange;

/// A name that stands for a formula: a constant, an area, something computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefinedName {
    /// The name. Those that spreadsheets give themselves begin with `_xlnm.`: `_xlnm.Print_Area`.
    pub name: String,
    /// Index of the sheet it holds in; `None` where it holds in the whole book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<u32>,
    /// What it stands for, without the leading `=`; references that move count from the cell `A1`.
    pub formula: String,
    /// Whether programs hide it from people.
    #[serde(default, skip_serializing_if = "is_no")]
    pub hidden: bool,
}

/// An area whose columns have names that formulas use: `Orders[Amount]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its cells, headings and totals among them.
    pub range: CellRange,
    /// Whether the first row holds the names of the columns.
    pub headings: bool,
    /// Whether the last row holds totals.
    pub totals: bool,
    /// Whether the headings offer filters.
    pub filters: bool,
    /// Its columns, as many as the range has.
    pub columns: Vec<TableColumn>,
    /// How it looks beside what its cells look like.
    pub look: TableLook,
}

/// A column of a table. What is empty is not written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableColumn {
    /// Its name, the text of its heading.
    pub name: String,
    /// The formula that new rows get.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub formula: String,
    /// How its total is computed, by the name files use: `sum`, `average`, `custom`, ...
    #[serde(skip_serializing_if = "String::is_empty")]
    pub total: String,
    /// The formula of a custom total.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub total_formula: String,
    /// The text in place of a total.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub total_label: String,
}

/// One of the looks that every spreadsheet program knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableLook {
    /// Its name, `TableStyleMedium2`; empty for none.
    pub name: String,
    /// Whether the first column, the last column, rows in turn, columns in turn stand out.
    pub parts: [bool; 4],
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_no(flag: &bool) -> bool {
    !*flag
}

impl Table {
    /// The row of its headings, where it has some.
    pub const fn heading_row(&self) -> Option<u32> {
        if self.headings { Some(self.range.first_row) } else { None }
    }

    /// Whether columns, headings and totals fit into the range, and every column has a name of its own,
    /// whatever its case.
    pub fn is_sound(&self) -> bool {
        let range = &self.range;
        let rows = u64::from(range.last_row.wrapping_sub(range.first_row)) + 1;
        let columns = u64::from(range.last_column.wrapping_sub(range.first_column)) + 1;
        let mut names: Vec<String> =
            self.columns.iter().map(|column| column.name.to_lowercase()).collect();
        names.sort_unstable();
        range.first_row <= range.last_row
            && range.first_column <= range.last_column
            && rows > u64::from(self.headings) + u64::from(self.totals)
            && columns == self.columns.len() as u64
            && names.first().is_some_and(|first| !first.is_empty())
            && names.windows(2).all(|pair| pair[0] != pair[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_sound_or_not() {
        let column = |name: &str| TableColumn { name: name.into(), ..TableColumn::default() };
        let range = CellRange { first_row: 1, first_column: 2, last_row: 3, last_column: 3 };
        let table = Table {
            range,
            headings: true,
            totals: true,
            columns: vec![column("a"), column("b")],
            ..Table::default()
        };
        assert!(table.is_sound());
        assert_eq!(table.heading_row(), Some(1));
        let short = CellRange { last_row: 2, ..range };
        assert!(!Table { range: short, ..table.clone() }.is_sound());
        assert!(Table { range: short, totals: false, ..table.clone() }.is_sound());
        for names in [vec!["a", "A"], vec!["a", ""], vec!["a"], vec!["a", "b", "c"], vec![]] {
            let columns = names.into_iter().map(column).collect();
            assert!(!Table { columns, ..table.clone() }.is_sound());
        }
    }
}
