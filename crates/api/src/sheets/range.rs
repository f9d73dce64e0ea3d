//! Ranges as the API writes them: `<sheetId>!A1:B5`, `<sheetId>!A:B`, `<sheetId>!A2:B`, `<sheetId>`
//! (contract, "Sheets").

use larkspur_model::workbook::{CellRange, column_index, column_name};

/// Columns that a range without a last row answers at most.
const OPEN_COLUMNS: u32 = 100;
/// Columns a sheet may have.
const MOST_COLUMNS: u32 = 13_000;
/// Cells, and so rows, a sheet may have.
const MOST_ROWS: u32 = 5_000_000;

/// What is wrong with a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misread {
    /// It names no sheet.
    NoSheet,
    /// What stands for the sheet can be the id of none.
    Sheet,
    /// What stands for the cells is none of the documented forms, or runs backwards.
    Cells,
    /// It names a row or column that no sheet has.
    Outside,
}

/// A range that was read, ends inclusive and from 0; what it leaves open is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedRange {
    pub(crate) sheet: String,
    pub(crate) first_row: u32,
    pub(crate) first_column: u32,
    pub(crate) last_row: Option<u32>,
    pub(crate) last_column: Option<u32>,
}

/// One end of a range: column and, maybe, row.
struct End {
    column: u32,
    row: Option<u32>,
}

impl AskedRange {
    /// Reads a range.
    pub(crate) fn parse(text: &str) -> Result<Self, Misread> {
        let (sheet, cells) = match text.split_once('!') {
            Some((sheet, cells)) => (sheet, Some(cells)),
            None => (text, None),
        };
        if sheet.is_empty() {
            return Err(Misread::NoSheet);
        }
        if sheet.len() > 64 || !sheet.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Misread::Sheet);
        }
        let sheet = sheet.to_owned();
        let Some(cells) = cells.filter(|cells| !cells.is_empty()) else {
            let (first_row, first_column) = (0, 0);
            let (last_row, last_column) = (None, None);
            return Ok(Self { sheet, first_row, first_column, last_row, last_column });
        };
        let (first, last) = if let Some((first, last)) = cells.split_once(':') {
            (End::parse(first)?, End::parse(last)?)
        } else {
            let end = End::parse(cells)?;
            let row = end.row.ok_or(Misread::Cells)?;
            (End { column: end.column, row: Some(row) }, end)
        };
        // `A:B2` names no first row and a last one: nobody documents it.
        if first.row.is_none() && last.row.is_some() {
            return Err(Misread::Cells);
        }
        let first_row = first.row.unwrap_or(0);
        let backwards =
            last.column < first.column || last.row.is_some_and(|last_row| last_row < first_row);
        if backwards {
            return Err(Misread::Cells);
        }
        Ok(Self {
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
    fn parse(text: &str) -> Result<Self, Misread> {
        let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (letters, digits) = text.split_at(letters);
        let column = column_index(letters).ok_or(Misread::Cells)?;
        if column >= MOST_COLUMNS {
            return Err(Misread::Outside);
        }
        if digits.is_empty() {
            return Ok(Self { column, row: None });
        }
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Misread::Cells);
        }
        let row = digits.parse().ok().filter(|row| (1..=MOST_ROWS).contains(row));
        Ok(Self { column, row: Some(row.ok_or(Misread::Outside)? - 1) })
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
        AskedRange::parse(text).ok()?.resolve(20, 300).map(|range| written(&range))
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
    fn other_forms_are_refused_for_what_is_wrong_with_them() {
        for (text, why) in [
            ("", Misread::NoSheet),
            ("!A1:B2", Misread::NoSheet),
            ("a b!A1", Misread::Sheet),
            ("x!1:2", Misread::Cells),
            ("x!A0:B2", Misread::Outside),
            ("x!B1:A2", Misread::Cells),
            ("x!A5:B2", Misread::Cells),
            ("x!A1:B2:C3", Misread::Cells),
            ("x!A", Misread::Cells),
            ("x!A:B2", Misread::Cells),
            ("x!AAAA1:AAAA2", Misread::Outside),
            ("x!A1:B5000001", Misread::Outside),
            ("x!A+1:B2", Misread::Cells),
            ("x!$A$1", Misread::Cells),
        ] {
            assert_eq!(AskedRange::parse(text), Err(why), "{text}");
        }
        assert_eq!(resolved("x!A30:B"), None, "behind the last row, end left open");
    }
}
