//! What formulas may name: names of the book and of sheets, tables; and what is cut of them.

use larkspur_formats::Limits;
use larkspur_model::workbook::{CellRange, DefinedName, Table};

use crate::build::{MAIN, Parts, related, workbook};
use crate::collect::{KeptBook, read, read_limited};

fn table(attributes: &str, columns: &[&str]) -> String {
    let columns: Vec<String> =
        columns.iter().map(|name| format!("<tableColumn id=\"1\" name=\"{name}\"/>")).collect();
    format!(
        "<table xmlns=\"{MAIN}\" {attributes}><autoFilter ref=\"A1:B2\"/><tableColumns>{}</tableColumns>\
         <tableStyleInfo name=\"TableStyleMedium2\" showRowStripes=\"1\"/></table>",
        columns.concat()
    )
}

fn with_tables(tables: &[String], limits: &Limits) -> KeptBook {
    let row = |row: u32| format!("<row r=\"{row}\"><c><v>1</v></c><c><v>2</v></c></row>");
    let rows: String = (1..=9).map(row).collect();
    let targets: Vec<(String, String)> = (1..=tables.len())
        .map(|number| (format!("t{number}"), format!("../tables/table{number}.xml")))
        .collect();
    let related_to: Vec<(&str, &str, &str, &str)> =
        targets.iter().map(|(id, target)| (id.as_str(), "table", target.as_str(), "")).collect();
    let parts =
        Parts::rows(&rows).with("xl/worksheets/_rels/sheet1.xml.rels", related(&related_to));
    let parts = tables.iter().zip(1..).fold(parts, |parts, (table, number)| {
        parts.with(&format!("xl/tables/table{number}.xml"), table.as_str())
    });
    read_limited(&parts.zip(), limits).expect("as made")
}

fn named(book: &KeptBook) -> Vec<&str> {
    book.sheets[0].ended.tables.iter().map(|table| table.name.as_str()).collect()
}

#[test]
fn names_come_with_their_sheets_and_some_are_lost() {
    let sheets = "<sheet name=\"Chart\" sheetId=\"2\" r:id=\"c\"/><sheet name=\"S\" sheetId=\"1\" r:id=\"a\"/>";
    let names = "<definedNames><definedName name=\"Rate\"> 0.1 &amp; \"x\"</definedName>\
        <definedName name=\"Rate\" localSheetId=\"1\" hidden=\"1\">S!$A$1</definedName>\
        <definedName name=\"Gone\" localSheetId=\"0\">1</definedName>\
        <definedName name=\"Lost\">SUM(Chart!$A$1)</definedName>\
        <definedName name=\"Outer\">[1]S!$A$1</definedName>\
        <definedName name=\"Call\" function=\"1\" vbProcedure=\"1\">1</definedName>\
        <definedName name=\"_xlfn.IFS\" hidden=\"1\">#NAME?</definedName>\
        <definedName name=\"_xlnm.Print_Area\" localSheetId=\"1\">S!$A$1:$B$2</definedName>\
        <definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"1\" hidden=\"1\">S!$A$1</definedName>\
        <definedName name=\"not a name\">1</definedName></definedNames>";
    let parts = Parts::rows("").with("xl/workbook.xml", workbook(names, sheets)).with(
        "xl/_rels/workbook.xml.rels",
        related(&[
            ("a", "worksheet", "worksheets/sheet1.xml", ""),
            ("c", "chartsheet", "chartsheets/sheet1.xml", ""),
        ]),
    );
    let book = read(&parts.zip()).expect("as made");
    let name = |name: &str, sheet, formula: &str, hidden| DefinedName {
        name: name.into(),
        sheet,
        formula: formula.into(),
        hidden,
    };
    assert_eq!(
        book.defined,
        [
            name("Rate", None, "0.1 & \"x\"", false),
            name("Rate", Some(0), "S!$A$1", true),
            name("_xlnm.Print_Area", Some(0), "S!$A$1:$B$2", false),
        ]
    );
    for (what, count) in
        [("sheets that are left out", 2), ("other workbooks", 1), ("macros", 1), ("accepts", 1)]
    {
        assert_eq!(book.lost(what), count, "{what}");
    }
}

#[test]
fn tables_come_with_their_columns() {
    let whole = format!(
        "<table xmlns=\"{MAIN}\" id=\"1\" name=\"n\" displayName=\"Orders\" ref=\"A1:B9\" totalsRowCount=\"1\">\
         <autoFilter ref=\"A1:B8\"><filterColumn colId=\"0\"><filters><filter val=\"1\"/></filters></filterColumn></autoFilter>\
         <tableColumns count=\"2\"><tableColumn id=\"1\" name=\"a_x000a_b\" totalsRowLabel=\"Sum\"/>\
         <tableColumn id=\"2\" name=\"c\" totalsRowFunction=\"custom\"><calculatedColumnFormula>Orders[[#This Row],[c]]*2</calculatedColumnFormula>\
         <totalsRowFormula>SUM(Orders[c])</totalsRowFormula></tableColumn></tableColumns>\
         <tableStyleInfo name=\"Mine\" showRowStripes=\"1\"/></table>"
    );
    let book = with_tables(&[whole], &Limits::default());
    let [table] = book.sheets[0].begun.tables.as_slice() else { panic!("one table") };
    assert_eq!(table.name, "Orders");
    let range = CellRange { first_row: 0, first_column: 0, last_row: 8, last_column: 1 };
    assert_eq!(table.range, range);
    assert!(table.headings && table.totals && table.filters);
    let [first, second] = table.columns.as_slice() else { panic!("two columns") };
    assert_eq!((first.name.as_str(), first.total_label.as_str()), ("a\nb", "Sum"));
    assert_eq!(second.formula, "Orders[[#This Row],[c]]*2");
    assert_eq!(
        (second.total.as_str(), second.total_formula.as_str()),
        ("custom", "SUM(Orders[c])")
    );
    assert_eq!((book.lost("what filters of tables hide"), book.lost("looks of tables")), (1, 1));
    assert_eq!(book.sheets[0].ended.tables, book.sheets[0].begun.tables);
}

#[test]
fn what_is_no_table_is_told() {
    let tables = [
        table("displayName=\"Tab_1\" ref=\"A1:B3\"", &["a", "b"]),
        table("displayName=\"Tab_2\" ref=\"B3:C4\"", &["a", "b"]),
        table("displayName=\"tab_1\" ref=\"A5:B6\"", &["a", "b"]),
        table("displayName=\"Tab_4\" ref=\"A5:B6\"", &["a", "A"]),
        table("displayName=\"Tab_5\" ref=\"A5:B6\"", &["a"]),
        table("displayName=\"A1\" ref=\"A5:B6\"", &["a", "b"]),
        table("displayName=\"Tab_7\"", &["a", "b"]),
        table("displayName=\"Tab_8\" ref=\"A7:B8\" headerRowCount=\"0\"", &["a", "b"]),
    ];
    let book = with_tables(&tables, &Limits::default());
    assert_eq!(named(&book), ["Tab_1", "Tab_8"]);
    assert!(!book.sheets[0].ended.tables[1].headings);
    assert_eq!(book.lost("tables that cannot be kept"), 6);
}

#[test]
fn tables_end_where_the_sheet_is_cut() {
    let tables = [
        table("displayName=\"Tab_1\" ref=\"A1:B3\"", &["a", "b"]),
        table("displayName=\"Tab_2\" ref=\"A4:B9\" totalsRowCount=\"1\"", &["a", "b"]),
        table("displayName=\"Tab_3\" ref=\"C1:D3\"", &["a", "b"]),
    ];
    let limits = Limits { sheet_cells: 12, sheet_columns: 3, ..Limits::default() };
    let book = with_tables(&tables, &limits);
    assert_eq!(named(&book), ["Tab_1", "Tab_2"]);
    let cut: &Table = &book.sheets[0].ended.tables[1];
    assert_eq!((cut.range.last_row, cut.totals), (5, false));
    assert_eq!(book.lost("tables beyond the limits"), 1);
}
