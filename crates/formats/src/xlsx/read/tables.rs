//! Tables: their parts (ECMA-376 part 1, 18.5.1.2), and what becomes of them where cells are cut.

use std::collections::HashSet;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{CellRange, Sheet, Table, TableColumn, TableLook};

use crate::Error;
use crate::ooxml::{Event, Package, Relationship, Scanner, Whole, decode_xstring};
use crate::sheet_flow::cells::FORMULA_BYTES;
use crate::sheet_flow::merges::parse_range;
use crate::sheet_flow::names::is_name;

/// Tables of a book.
const MOST_TABLES: usize = 10_000;
/// Bytes of all tables' texts.
const TABLES_BYTES: usize = 16 << 20;
/// How totals are computed, by the names files use.
const TOTALS: [&str; 9] =
    ["sum", "min", "max", "average", "count", "countNums", "stdDev", "var", "custom"];

/// The tables of a book while they are read.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Names of tables and of the book, in lower case.
    taken: HashSet<String>,
    bytes: usize,
}

impl Tables {
    /// None yet in a book that has these names.
    pub(super) fn beside<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        Self { taken: names.map(str::to_lowercase).collect(), bytes: 0 }
    }

    /// Reads the tables that a sheet is related to.
    pub(super) fn read(
        &mut self,
        relationships: &[Relationship],
        package: &mut Package<'_>,
        depth: usize,
        sheet: &mut Sheet,
        losses: &mut Losses,
    ) -> Result<(), Error> {
        let place = format!("sheet \"{}\"", sheet.name);
        for relationship in relationships.iter().filter(|it| it.kind == "table" && !it.external) {
            let found = match package.find(&relationship.target) {
                Some(part) => {
                    let mut reader = TableReader::default();
                    reader.read(package.read_xml(part)?, depth)?;
                    reader.report(&place, losses);
                    reader.finish().filter(|table| self.fits(table, sheet))
                }
                None => None,
            };
            match found {
                Some(table) => sheet.tables.push(table),
                None => losses.add(LossKind::PartDamaged, &*place, "tables that cannot be kept"),
            }
        }
        Ok(())
    }

    fn fits(&mut self, table: &Table, sheet: &Sheet) -> bool {
        let text = |column: &TableColumn| {
            let TableColumn { name, formula, total, total_formula, total_label } = column;
            [name, formula, total, total_formula, total_label]
                .map(String::len)
                .iter()
                .sum::<usize>()
        };
        let bytes: usize = table.columns.iter().map(text).sum();
        let apart = |other: &Table| !meet(&table.range, &other.range);
        let fits = table.is_sound()
            && is_name(&table.name)
            && sheet.tables.iter().all(apart)
            && self.bytes + bytes <= TABLES_BYTES
            && self.taken.len() < MOST_TABLES + sheet.tables.len()
            && self.taken.insert(table.name.to_lowercase());
        self.bytes += bytes;
        fits
    }
}

fn meet(one: &CellRange, other: &CellRange) -> bool {
    one.first_row <= other.last_row
        && other.first_row <= one.last_row
        && one.first_column <= other.last_column
        && other.first_column <= one.last_column
}

/// Leaves the tables that lie in what a sheet kept: up to `columns`, and where cells were cut up to
/// `rows`. A table goes as far as the rows do; how many are left out is answered.
pub(super) fn cut_tables(sheet: &mut Sheet, columns: u32, rows: Option<u32>) -> u64 {
    let before = sheet.tables.len();
    sheet.tables.retain_mut(|table| {
        if let Some(rows) = rows.filter(|rows| table.range.last_row >= *rows) {
            table.range.last_row = rows.saturating_sub(1);
            table.totals = false;
        }
        table.range.last_column < columns && table.is_sound()
    });
    (before - sheet.tables.len()) as u64
}

/// A table's part while it is read.
#[derive(Default)]
struct TableReader {
    table: Table,
    has_range: bool,
    filtered: bool,
    queried: bool,
    own_look: bool,
}

impl TableReader {
    fn read(&mut self, xml: Vec<u8>, depth: usize) -> Result<(), Error> {
        let mut whole = Whole::new(xml);
        let mut scanner = Scanner::new(&mut whole, depth);
        loop {
            match scanner.next()? {
                Event::Start => match scanner.local() {
                    b"table" => self.start(&scanner),
                    b"autoFilter" => self.table.filters = true,
                    b"filterColumn" | b"sortState" => {
                        self.filtered = true;
                        scanner.skip_element()?;
                    }
                    b"tableColumn" => self.column(&scanner),
                    b"calculatedColumnFormula" => {
                        let formula = formula(&mut scanner)?;
                        if let Some(column) = self.table.columns.last_mut() {
                            column.formula = formula;
                        }
                    }
                    b"totalsRowFormula" => {
                        let formula = formula(&mut scanner)?;
                        if let Some(column) = self.table.columns.last_mut() {
                            column.total_formula = formula;
                        }
                    }
                    b"tableStyleInfo" => self.look(&scanner),
                    b"tableColumns" => {}
                    _ => scanner.skip_element()?,
                },
                Event::Eof => return Ok(()),
                Event::End | Event::Text => {}
            }
        }
    }

    fn start(&mut self, scanner: &Scanner<'_>) {
        let count = |name: &[u8], usual: u32| -> u32 {
            scanner.attribute(name).and_then(|count| count.trim().parse().ok()).unwrap_or(usual)
        };
        let name = scanner.attribute(b"displayName").or_else(|| scanner.attribute(b"name"));
        let range = scanner.attribute(b"ref").and_then(|range| parse_range(&range));
        self.has_range = range.is_some();
        self.queried = scanner.attribute(b"tableType").is_some_and(|kind| kind != "worksheet");
        self.table = Table {
            name: plain(&name.unwrap_or_default()),
            range: range.unwrap_or_default(),
            headings: count(b"headerRowCount", 1) > 0,
            totals: count(b"totalsRowCount", 0) > 0,
            ..Table::default()
        };
    }

    fn column(&mut self, scanner: &Scanner<'_>) {
        if self.table.columns.len() > 16_384 {
            return;
        }
        let text = |name| plain(&scanner.attribute(name).unwrap_or_default());
        let mut total = text(b"totalsRowFunction");
        if !TOTALS.contains(&total.as_str()) {
            total.clear();
        }
        self.table.columns.push(TableColumn {
            name: text(b"name"),
            total,
            total_label: text(b"totalsRowLabel"),
            ..TableColumn::default()
        });
    }

    fn look(&mut self, scanner: &Scanner<'_>) {
        let name = scanner.attribute(b"name").unwrap_or_default();
        let flag = |name| matches!(scanner.attribute(name).as_deref(), Some("1" | "true" | "on"));
        let parts =
            [&b"showFirstColumn"[..], b"showLastColumn", b"showRowStripes", b"showColumnStripes"];
        let known = ["TableStyleLight", "TableStyleMedium", "TableStyleDark"].iter().any(|kind| {
            name.strip_prefix(kind).is_some_and(|number| {
                (1..=2).contains(&number.len()) && number.bytes().all(|it| it.is_ascii_digit())
            })
        });
        self.own_look = !known && !name.is_empty();
        if known {
            self.table.look = TableLook { name: name.into_owned(), parts: parts.map(flag) };
        }
    }

    fn report(&self, place: &str, losses: &mut Losses) {
        for (is_there, kind, what) in [
            (self.filtered, LossKind::FeatureDropped, "what filters of tables hide"),
            (self.queried, LossKind::FeatureDropped, "queries"),
            (self.own_look, LossKind::FormattingDropped, "looks of tables that the file defines"),
        ] {
            if is_there {
                losses.add(kind, place, what);
            }
        }
    }

    fn finish(self) -> Option<Table> {
        self.has_range.then_some(self.table)
    }
}

fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    decode_xstring(&mut text, 0);
    text
}

/// The text of the element that just started; nothing where it is too long.
fn formula(scanner: &mut Scanner<'_>) -> Result<String, Error> {
    let mut text = String::new();
    scanner.collect_text(&mut text, FORMULA_BYTES + 1)?;
    Ok(if text.len() > FORMULA_BYTES { String::new() } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_end_where_the_cells_do() {
        let table = |first_row, last_row, totals| Table {
            name: format!("T{first_row}"),
            range: CellRange { first_row, first_column: 0, last_row, last_column: 0 },
            headings: true,
            totals,
            columns: vec![TableColumn { name: "a".into(), ..TableColumn::default() }],
            ..Table::default()
        };
        let tables = vec![table(0, 5, false), table(8, 20, true), table(9, 11, false)];
        let mut sheet = Sheet { tables, ..Sheet::default() };
        assert_eq!(cut_tables(&mut sheet.clone(), 1, None), 0);
        assert_eq!(cut_tables(&mut sheet.clone(), 0, None), 3);
        assert_eq!(cut_tables(&mut sheet, 1, Some(10)), 1);
        let kept: Vec<(u32, bool)> =
            sheet.tables.iter().map(|table| (table.range.last_row, table.totals)).collect();
        assert_eq!(kept, [(5, false), (9, false)]);
    }
}
