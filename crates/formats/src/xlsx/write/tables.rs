//! Tables: which of them Excel accepts, their parts, and that their headings say what they must.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{Cell, Row, Table, TableColumn, Value, Workbook};

use super::links::range_name;
use super::parts::{DECLARATION, MAIN_NAMESPACE};
use super::sheet::units;
use super::xml::{escape, escape_name};
use super::{COLUMNS, ROWS, note};
use crate::formulas::references::{knows_tables, names_another_workbook};
use crate::sheet_flow::names::is_name;

/// Characters of a column's name (Excel's specification).
const NAME_UNITS: usize = 255;

/// The tables of a book that are written.
#[derive(Debug, Default)]
pub(in crate::xlsx) struct Tables {
    /// By sheet, each with the number of its part.
    of_sheets: Vec<Vec<(usize, Table)>>,
    /// The names of their columns, by their own; all in lower case.
    columns: HashMap<String, Vec<String>>,
    count: usize,
}

impl Tables {
    /// Those of `book` that Excel accepts; the others are noted.
    pub(super) fn of(book: &Workbook, names: &[String], losses: &mut Losses) -> Self {
        let of_book = book.names.iter().filter(|name| name.sheet.is_none());
        let mut taken: HashSet<String> = of_book.map(|name| name.name.to_lowercase()).collect();
        let mut tables = Self::default();
        for (sheet, name) in book.sheets.iter().zip(names) {
            let mut kept = Vec::new();
            for table in &sheet.tables {
                let lower = table.name.to_lowercase();
                if !is_accepted(table) || !taken.insert(lower.clone()) {
                    note(losses, LossKind::FeatureDropped, name, "tables Excel does not accept", 1);
                    continue;
                }
                let columns = table.columns.iter().map(|column| column.name.to_lowercase());
                tables.columns.insert(lower, columns.collect());
                tables.count += 1;
                kept.push((tables.count, table.clone()));
            }
            tables.of_sheets.push(kept);
        }
        tables
    }

    /// How many there are.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Those of a sheet, each with the number of its part.
    pub(super) fn of_sheet(&self, sheet: usize) -> &[(usize, Table)] {
        self.of_sheets.get(sheet).map_or(&[], Vec::as_slice)
    }

    /// Whether all tables that a formula names are there with the columns it names. Otherwise Excel calls
    /// a file damaged.
    pub(super) fn know(&self, formula: &str) -> bool {
        knows_tables(formula, &|name| self.columns.get(name).map(Vec::as_slice))
    }
}

fn is_accepted(table: &Table) -> bool {
    let names = || table.columns.iter().map(|column| units(&column.name));
    table.is_sound()
        && is_name(&table.name)
        && table.range.last_row < ROWS
        && table.range.last_column < COLUMNS
        && names().all(|units| units <= NAME_UNITS)
}

/// The part of a table.
pub(super) fn part(number: usize, table: &Table, tables: &Tables) -> String {
    let mut xml = format!("{DECLARATION}<table xmlns=\"{MAIN_NAMESPACE}\" id=\"{number}\"");
    for attribute in ["name", "displayName"] {
        let _ = write!(xml, " {attribute}=\"{}\"", table.name);
    }
    let _ = write!(xml, " ref=\"{}\"", area(table, 0));
    if !table.headings {
        xml.push_str(" headerRowCount=\"0\"");
    }
    xml.push_str(if table.totals { " totalsRowCount=\"1\">" } else { " totalsRowShown=\"0\">" });
    if table.headings && table.filters {
        let _ = write!(xml, "<autoFilter ref=\"{}\"/>", area(table, u32::from(table.totals)));
    }
    let _ = write!(xml, "<tableColumns count=\"{}\">", table.columns.len());
    for (id, column) in (1..).zip(&table.columns) {
        write_column(id, column, tables, &mut xml);
    }
    xml.push_str("</tableColumns>");
    if !table.look.name.is_empty() {
        let _ = write!(xml, "<tableStyleInfo name=\"{}\"", table.look.name);
        let parts = ["FirstColumn", "LastColumn", "RowStripes", "ColumnStripes"];
        for (part, shown) in parts.iter().zip(table.look.parts) {
            let _ = write!(xml, " show{part}=\"{}\"", u8::from(shown));
        }
        xml.push_str("/>");
    }
    xml.push_str("</table>");
    xml
}

/// The area of a table without its last `without` rows; a table is an area also where it is a cell.
fn area(table: &Table, without: u32) -> String {
    let mut range = table.range;
    range.last_row -= without;
    let name = range_name(range).unwrap_or_default();
    if name.contains(':') { name } else { format!("{name}:{name}") }
}

fn write_column(id: u32, column: &TableColumn, tables: &Tables, xml: &mut String) {
    let usable = |formula: &&str| {
        !formula.is_empty() && !names_another_workbook(formula) && tables.know(formula)
    };
    let formula = Some(column.formula.as_str()).filter(usable);
    let total = Some(column.total_formula.as_str()).filter(usable);
    let _ = write!(xml, "<tableColumn id=\"{id}\" name=\"");
    escape_name(&column.name, xml);
    xml.push('"');
    if !column.total_label.is_empty() {
        xml.push_str(" totalsRowLabel=\"");
        escape_name(&column.total_label, xml);
        xml.push('"');
    }
    let is_custom = column.total == "custom";
    if !column.total.is_empty() && (!is_custom || total.is_some()) {
        let _ = write!(xml, " totalsRowFunction=\"{}\"", column.total);
    }
    xml.push('>');
    for (element, formula) in
        [("calculatedColumnFormula", formula), ("totalsRowFormula", total.filter(|_| is_custom))]
    {
        if let Some(formula) = formula {
            let _ = write!(xml, "<{element}>");
            escape(formula, xml);
            let _ = write!(xml, "</{element}>");
        }
    }
    xml.push_str("</tableColumn>");
}

/// Headings of tables that a sheet's rows have to say: Excel calls a file damaged whose cells say others.
#[derive(Debug, Default)]
pub(super) struct Headings {
    rows: BTreeMap<u32, BTreeMap<u32, String>>,
    /// Cells that said something else.
    pub(super) changed: u64,
}

impl Headings {
    pub(super) fn of(tables: &[(usize, Table)]) -> Self {
        let mut headings = Self::default();
        for (_, table) in tables {
            if let Some(row) = table.heading_row() {
                let names = table.columns.iter().map(|column| column.name.clone());
                let row = headings.rows.entry(row).or_default();
                row.extend((table.range.first_column..).zip(names));
            }
        }
        headings
    }

    /// The first row with headings that were not asked for yet.
    pub(super) fn next_row(&self) -> Option<u32> {
        self.rows.first_key_value().map(|(row, _)| *row)
    }

    /// The first row with headings, with all it has to say, as it is written; `row` is what it is.
    pub(super) fn take(&mut self, row: Option<&Row>) -> Row {
        let mut said = Row::new();
        let Some((index, mut names)) = self.rows.pop_first() else { return said };
        said.start(index);
        for cell in row.into_iter().flat_map(Row::cells) {
            while let Some((column, name)) = names.pop_first() {
                if column >= cell.column {
                    names.insert(column, name);
                    break;
                }
                self.say(column, &name, &mut said);
            }
            match names.remove(&cell.column) {
                Some(name) if !says(&cell, &name) => {
                    self.changed += 1;
                    said.push(Cell { value: Value::Text(&name), formula: None, ..cell });
                }
                _ => said.push(cell),
            }
        }
        for (column, name) in names {
            self.say(column, &name, &mut said);
        }
        said
    }

    fn say(&mut self, column: u32, name: &str, row: &mut Row) {
        self.changed += 1;
        row.push(Cell { column, style: 0, value: Value::Text(name), formula: None });
    }
}

fn says(cell: &Cell<'_>, name: &str) -> bool {
    cell.formula.is_none()
        && match cell.value {
            Value::Text(text) => text == name,
            Value::Rich(rich) => rich.text() == name,
            _ => false,
        }
}

/// The relationships of a sheet to its tables, whose numbers follow `first`.
pub(super) fn relationships(tables: &[(usize, Table)], first: usize, xml: &mut String) {
    for (id, (number, _)) in (first..).zip(tables) {
        let kind = super::parts::DOCUMENT_RELATIONSHIPS;
        let _ = write!(
            xml,
            "<Relationship Id=\"rId{id}\" Type=\"{kind}/table\" Target=\"../tables/table{number}.xml\"/>"
        );
    }
}

/// The element of a sheet that names its tables.
pub(super) fn write_element(tables: &[(usize, Table)], first: usize, xml: &mut String) {
    if tables.is_empty() {
        return;
    }
    let _ = write!(xml, "<tableParts count=\"{}\">", tables.len());
    for id in first..first + tables.len() {
        let _ = write!(xml, "<tablePart r:id=\"rId{id}\"/>");
    }
    xml.push_str("</tableParts>");
}

#[cfg(test)]
mod tests {
    use larkspur_model::workbook::{CellRange, column_name};

    use super::*;

    #[test]
    fn headings_say_what_the_columns_are_called() {
        let column = |name: &str| TableColumn { name: name.into(), ..TableColumn::default() };
        let range = |first_row, last_row| CellRange {
            first_row,
            first_column: 1,
            last_row,
            last_column: 3,
        };
        let table = |first_row| Table {
            range: range(first_row, first_row + 1),
            headings: true,
            columns: ["a", "b", "c"].map(column).to_vec(),
            ..Table::default()
        };
        let mut headings = Headings::of(&[(1, table(4)), (2, table(8))]);
        assert_eq!(headings.next_row(), Some(4));
        let mut row = Row::new();
        row.start(4);
        for (column, value) in [
            (0, Value::Number(1.0)),
            (2, Value::Number(2.0)),
            (3, Value::Text("c")),
            (9, Value::Text("x")),
        ] {
            row.push(Cell { column, style: 7, value, formula: None });
        }
        let shown = |row: &Row| {
            let cells = row
                .cells()
                .map(|cell| format!("{}{} {:?}", column_name(cell.column), cell.style, cell.value));
            cells.collect::<Vec<_>>().join(", ")
        };
        let said = headings.take(Some(&row));
        assert_eq!(
            shown(&said),
            "A7 Number(1.0), B0 Text(\"a\"), C7 Text(\"b\"), D7 Text(\"c\"), J7 Text(\"x\")"
        );
        assert_eq!((said.index(), headings.changed), (4, 2));
        let said = headings.take(None);
        assert_eq!(
            (said.index(), said.len(), headings.changed, headings.next_row()),
            (8, 3, 5, None)
        );
    }
}
