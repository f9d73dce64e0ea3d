//! Ranges as the API writes them: `<sheetId>!A1:B5`, `<sheetId>!A:B`, `<sheetId>!A2:B`, `<sheetId>`
//! (contract, "Sheets").

use larkspur_model::workbook::{CellRange, column_index, column_name};

/// Columns that a range without a last row answers at most.
const OPEN_COLUMNS: u32 = 100;
/// Columns a sheet may have.
const MOST_COLUMNS: u32 = 13_000;
/// Cells, and so rows, a sheet may have.
const MOST_ROWS: u32 = 5_000_000;

/// A range that was read, ends inclusive and from 0; what it leaves open is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedRange {
    pub(crate) sheet: String,
    first_row: u32,
    first_column: u32,
    last_row: Option<u32>,
    last_column: Option<u32>,
}

/// One end of a range: column and, maybe, row.
struct End {
    column: u32,
    row: Option<u32>,
}

impl AskedRange {
    /// Reads a range; `None` for what is none, or leaves the largest sheet there can be.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (sheet, cells) = match text.split_once('!') {
            Some((sheet, cells)) => (sheet, Some(cells)),
            None => (text, None),
        };
        if sheet.is_empty() || sheet.len() > 64 {
            return None;
        }
        let sheet = sheet.to_owned();
        let Some(cells) = cells.filter(|cells| !cells.is_empty()) else {
            let (first_row, first_column) = (0, 0);
            return Some(Self {
                sheet,
                first_row,
                first_column,
                last_row: None,
                last_column: None,
            });
        };
        let (first, last) = if let Some((first, last)) = cells.split_once(':') {
            (End::parse(first)?, End::parse(last)?)
        } else {
            let end = End::parse(cells)?;
            let row = end.row?;
            (End { column: end.column, row: Some(row) }, end)
        };
        // `A:B2` names no first row and a last one: nobody documents it.
        if first.row.is_none() && last.row.is_some() {
            return None;
        }
        let first_row = first.row.unwrap_or(0);
        let backwards =
            last.column < first.column || last.row.is_some_and(|last_row| last_row < first_row);
        (!backwards).then_some(Self {
            sheet,
            first_row,
            first_column: first.column,
            last_row: last.row,
            last_column: Some(last.column),
        })
    }

    /// The cells it means in a sheet of this size; `None` if it starts behind the last cell in use and
    /// leaves open where it ends.
    pub(crate) fn resolve(&self, row_count: u32, column_count: u32) -> Option<CellRange> {
        let mut last_column = self.last_column.unwrap_or(column_count.saturating_sub(1));
        let last_row = self.last_row.unwrap_or(row_count.saturating_sub(1));
        if self.last_row.is_none() && self.last_column.is_some() {
            last_column = last_column.min(self.first_column + OPEN_COLUMNS - 1);
        }
        let range = CellRange {
            first_row: self.first_row,
            first_column: self.first_column,
            last_row,
            last_column,
        };
        (last_row >= self.first_row && last_column >= self.first_column).then_some(range)
    }
}

impl End {
    fn parse(text: &str) -> Option<Self> {
        let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (letters, digits) = text.split_at(letters);
        let column = column_index(letters).filter(|column| *column < MOST_COLUMNS)?;
        if digits.is_empty() {
            return Some(Self { column, row: None });
        }
        let row: u32 = digits.parse().ok().filter(|row| (1..=MOST_ROWS).contains(row))?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(Self { column, row: Some(row - 1) })
    }
}

/// `A1:B5` of a range.
pub(crate) fn written(range: &CellRange) -> String {
    format!(
        "{}{}:{}{}",
        column_name(range.first_column),
        u64::from(range.first_row) + 1,
        column_name(range.last_column),
        u64::from(range.last_row) + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(text: &str) -> Option<String> {
        AskedRange::parse(text)?.resolve(20, 300).map(|range| written(&range))
    }

    #[test]
    fn the_documented_forms_are_read() {
        for (text, cells) in [
            ("Q7PlXT!A1:B2", "A1:B2"),
            ("Q7PlXT!b2:c9", "B2:C9"),
            ("Q7PlXT!A:B", "A1:B20"),
            ("Q7PlXT!A2:B", "A2:B20"),
            ("Q7PlXT!A:ZZ", "A1:CV20"),
            ("Q7PlXT", "A1:KN20"),
            ("Q7PlXT!C3", "C3:C3"),
            ("Q7PlXT!A1:B500", "A1:B500"),
        ] {
            assert_eq!(resolved(text).as_deref(), Some(cells), "{text}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "!A1:B2",
            "x!1:2",
            "x!A0:B2",
            "x!B1:A2",
            "x!A5:B2",
            "x!A1:B2:C3",
            "x!A",
            "x!A:B2",
            "x!AAAA1:AAAA2",
            "x!A1:B5000001",
            "x!A+1:B2",
            "x!$A$1",
        ] {
            assert_eq!(AskedRange::parse(text), None, "{text}");
        }
        assert_eq!(resolved("x!A30:B"), None, "behind the last row, end left open");
    }
}
