//! Names and tables as an edit leaves them: what they stand for moves with the rows, and a heading that
//! is written over names its column anew.

use larkspur_model::workbook::{Row, Sheet, Table, Value, Workbook};

use super::shifts::{Shift, renumbered};

/// Does to names and to the formulas of tables what `shift` of the sheet `name` does to all formulas.
pub(super) fn renumber(book: &mut Workbook, name: &str, shift: Shift) {
    let go = |formula: &mut String, own: bool| {
        if let Some(moved) = renumbered(formula, own, name, shift) {
            *formula = moved;
        }
    };
    for defined in &mut book.names {
        go(&mut defined.formula, false);
    }
    for (number, sheet) in book.sheets.iter_mut().enumerate() {
        let own = number == shift.sheet as usize;
        for column in sheet.tables.iter_mut().flat_map(|table| &mut table.columns) {
            go(&mut column.formula, own);
            go(&mut column.total_formula, own);
        }
    }
}

/// Gives columns the names that are written into their headings. A table whose columns have no names of
/// their own then is none any more.
pub(super) fn rename_columns(sheet: &mut Sheet, rows: &[Row]) {
    sheet.tables.retain_mut(|table| {
        let Some(heading) = table.heading_row() else { return true };
        let found = rows.binary_search_by_key(&heading, Row::index);
        let Some(row) = found.ok().and_then(|at| rows.get(at)) else { return true };
        rename(table, row);
        table.is_sound()
    });
}

fn rename(table: &mut Table, row: &Row) {
    let columns = table.range.first_column..=table.range.last_column;
    for cell in row.cells().filter(|cell| columns.contains(&cell.column)) {
        let place = (cell.column - table.range.first_column) as usize;
        let Some(column) = table.columns.get_mut(place) else { continue };
        column.name = match cell.value {
            Value::Text(text) => text.to_owned(),
            Value::Rich(rich) => rich.text(),
            Value::Number(number) => number.to_string(),
            Value::Bool(value) => if value { "TRUE" } else { "FALSE" }.to_owned(),
            Value::Error(_) | Value::Empty => String::new(),
        };
    }
}

#[cfg(test)]
mod tests {
    use larkspur_model::workbook::{Cell, CellRange, DefinedName, TableColumn};

    use super::*;

    fn table() -> Table {
        let column = |name: &str, formula: &str| TableColumn {
            name: name.into(),
            formula: formula.into(),
            ..TableColumn::default()
        };
        Table {
            name: "T".into(),
            range: CellRange { first_row: 2, first_column: 1, last_row: 9, last_column: 2 },
            headings: true,
            columns: vec![column("a", "Data!A9"), column("b", "B9")],
            ..Table::default()
        }
    }

    #[test]
    fn formulas_of_names_and_tables_move_with_the_rows() {
        let name = |formula: &str| DefinedName {
            name: "n".into(),
            sheet: None,
            formula: formula.into(),
            hidden: false,
        };
        let sheet =
            |name: &str| Sheet { name: name.into(), tables: vec![table()], ..Sheet::default() };
        let mut book = Workbook {
            sheets: vec![sheet("Data"), sheet("Other")],
            names: vec![name("Data!$A$9"), name("A9"), name("Other!A9")],
            ..Workbook::default()
        };
        renumber(&mut book, "Data", Shift { sheet: 0, at: 4, count: 2 });
        let formulas: Vec<&str> = book.names.iter().map(|name| name.formula.as_str()).collect();
        assert_eq!(formulas, ["Data!$A$11", "A9", "Other!A9"]);
        let of_table = |number: usize| {
            let columns = &book.sheets[number].tables[0].columns;
            [columns[0].formula.clone(), columns[1].formula.clone()]
        };
        assert_eq!(of_table(0), ["Data!A11", "B11"]);
        assert_eq!(of_table(1), ["Data!A11", "B9"]);
    }

    #[test]
    fn a_heading_names_its_column_or_ends_the_table() {
        let after = |index: u32, column: u32, value: Value<'_>| {
            let mut row = Row::new();
            row.start(index);
            row.push(Cell { column, style: 0, value, formula: None });
            let mut sheet = Sheet { tables: vec![table()], ..Sheet::default() };
            rename_columns(&mut sheet, &[row]);
            let names = |table: &Table| {
                table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>()
            };
            sheet.tables.first().map(names).unwrap_or_default()
        };
        assert_eq!(after(2, 2, Value::Text("c")), ["a", "c"]);
        assert_eq!(after(2, 1, Value::Number(2024.0)), ["2024", "b"]);
        assert_eq!(after(3, 1, Value::Text("b")), ["a", "b"]);
        assert_eq!(after(2, 0, Value::Empty), ["a", "b"]);
        assert!(after(2, 1, Value::Text("B")).is_empty());
        assert!(after(2, 1, Value::Empty).is_empty());
    }
}
