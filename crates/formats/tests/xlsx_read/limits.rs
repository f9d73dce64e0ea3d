//! The documented limits, and what keeps a file from exhausting the process.

use larkspur_formats::{Error, Limits, Monitor};

use crate::build::{Parts, related, sheet, workbook};
use crate::collect::{Kept, read_limited, read_watched};

fn small() -> Limits {
    Limits { sheets: 2, sheet_columns: 4, sheet_cells: 20, cell_characters: 3, ..Limits::default() }
}

#[test]
fn columns_beyond_the_limit_are_cut() {
    let parts = Parts::rows(
        "<row r=\"1\"><c r=\"D1\"><v>1</v></c><c r=\"E1\"><v>2</v></c><c r=\"XFD1\"><v>3</v></c></row>",
    );
    let book = read_limited(&parts.zip(), &small()).expect("as made");
    assert_eq!(book.sheets[0].cells.len(), 1);
    assert_eq!(book.sheets[0].ended.column_count, 4);
    assert_eq!(book.lost("columns beyond the limit"), 2);
}

#[test]
fn the_used_area_never_grows_beyond_the_limit() {
    // Three columns and 20 cells: six whole rows; then a lone cell far below, then one that fits.
    let mut rows = String::new();
    for row in 1..=8 {
        let row = format!("<row r=\"{row}\"><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c></row>");
        rows += &row;
    }
    let book = read_limited(&Parts::rows(&rows).zip(), &small()).expect("as made");
    let ended = &book.sheets[0].ended;
    assert_eq!((ended.row_count, ended.column_count), (6, 3));
    assert_eq!(book.lost("rows times columns"), 6);

    let rows = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"6\"><c r=\"A6\"><v>1</v></c><c r=\"C6\"><v>1</v></c><c r=\"D6\"><v>1</v></c></row>\
        <row r=\"1048576\"><c r=\"A1048576\"><v>9</v></c></row>";
    let book = read_limited(&Parts::rows(rows).zip(), &small()).expect("as made");
    let ended = &book.sheets[0].ended;
    assert_eq!((ended.row_count, ended.column_count), (6, 3));
    assert_eq!(book.lost("rows times columns"), 2);
}

#[test]
fn formats_of_empty_cells_take_no_room() {
    let styles =
        "<fonts><font/><font><b/></font></fonts><cellXfs><xf/><xf fontId=\"1\"/></cellXfs>";
    let rows = "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"D1\" s=\"1\"/><c r=\"XFD1\" s=\"1\"/></row>\
        <row r=\"20\"><c r=\"A20\"><v>1</v></c><c r=\"B20\" s=\"1\"/></row>";
    let book =
        read_limited(&Parts::book(&sheet(rows), "", styles).zip(), &small()).expect("as made");
    let ended = &book.sheets[0].ended;
    assert_eq!((ended.row_count, ended.column_count), (20, 1));
    assert_eq!(book.sheets[0].cells.len(), 3);
    assert_eq!(book.lost("formats of empty cells"), 2);
}

#[test]
fn long_texts_are_cut_by_characters() {
    let strings = "<si><t>表表表</t></si><si><t>表😀表表</t></si>";
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>\
        <c r=\"C1\" t=\"inlineStr\"><is><t>abcd</t></is></c></row>";
    let book =
        read_limited(&Parts::book(&sheet(rows), strings, "").zip(), &small()).expect("as made");
    let first = &book.sheets[0];
    assert_eq!(first.value("A1"), Kept::Text("表表表".into()));
    assert_eq!(first.value("B1"), Kept::Text("表😀表".into()));
    assert_eq!(first.value("C1"), Kept::Text("abc".into()));
    assert_eq!(book.lost("limit of characters"), 2);

    let runs = format!("<si>{}</si>", "<r><t>表表</t></r>".repeat(10_000));
    let rows = rows.replace("<is><t>abcd</t></is>", "<is><t>abc</t></is>");
    let book =
        read_limited(&Parts::book(&sheet(&rows), &runs, "").zip(), &small()).expect("as made");
    assert_eq!(book.sheets[0].value("A1"), Kept::Text("表表表".into()));
    assert_eq!(book.lost("limit of characters"), 1);
}

#[test]
fn formulas_without_end_are_dropped() {
    let long = "A1+".repeat(40_000);
    let rows = format!(
        "<row r=\"1\"><c r=\"A1\"><f>{long}</f><v>1</v></c><c r='B1'><f>{long}</f><v>2</v></c></row>"
    );
    let book = read_limited(&Parts::rows(&rows).zip(), &small()).expect("as made");
    let sheet = &book.sheets[0];
    assert_eq!((sheet.formula("A1"), sheet.formula("B1")), (None, None));
    assert_eq!(sheet.value("B1"), Kept::Number(2.0));
    assert_eq!(book.lost("too long"), 2);
}

#[test]
fn sheets_beyond_the_limit_are_left_out() {
    let parts = Parts::rows("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>")
        .with(
            "xl/workbook.xml",
            workbook("", &"<sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/>".repeat(5)),
        )
        .with(
            "xl/_rels/workbook.xml.rels",
            related(&[("rId1", "worksheet", "worksheets/sheet1.xml", "")]),
        );
    let book = read_limited(&parts.zip(), &small()).expect("as made");
    assert_eq!((book.names.len(), book.sheets.len()), (2, 2));
    assert_eq!(book.lost("worksheets beyond the limit"), 3);
}

#[test]
fn a_far_corner_alone_is_a_small_sheet() {
    let rows = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"1048576\"><c r=\"XFD1048576\"><v>2</v></c></row>";
    let book = read_limited(&Parts::rows(rows).zip(), &Limits::default()).expect("as made");
    assert_eq!((book.sheets[0].ended.row_count, book.sheets[0].ended.column_count), (1, 1));
    let book = read_limited(&Parts::rows(rows).zip(), &Limits::unlimited()).expect("as made");
    assert_eq!(
        (book.sheets[0].ended.row_count, book.sheets[0].ended.column_count),
        (1 << 20, 1 << 14)
    );
    assert_eq!(book.sheets[0].cells.len(), 2);
}

#[test]
fn bombs_are_refused() {
    let zeros = vec![b' '; 40 << 20];
    let parts = Parts::rows("").with("xl/worksheets/sheet1.xml", zeros);
    let tight = Limits { inflate_ratio: 100, ..Limits::default() };
    assert!(matches!(read_limited(&parts.zip(), &tight), Err(Error::TooLarge(_))));
    let tight = Limits { entry_bytes: 1 << 20, ..Limits::default() };
    assert!(matches!(read_limited(&parts.zip(), &tight), Err(Error::TooLarge(_))));
    let tight = Limits { container_bytes: 1 << 20, ..Limits::default() };
    assert!(matches!(read_limited(&parts.zip(), &tight), Err(Error::TooLarge(_))));
    let tight = Limits { container_entries: 3, ..Limits::default() };
    assert!(matches!(read_limited(&Parts::rows("").zip(), &tight), Err(Error::TooLarge(_))));
    let strings = "<si><t>0123456789</t></si>".repeat(1_000);
    let tight = Limits { shared_string_bytes: 5_000, ..Limits::default() };
    let parts = Parts::book(&sheet(""), &strings, "");
    assert!(matches!(read_limited(&parts.zip(), &tight), Err(Error::TooLarge(_))));
    let deep = "<a>".repeat(300) + &"</a>".repeat(300);
    assert!(matches!(
        read_limited(&Parts::rows(&deep).zip(), &Limits::default()),
        Err(Error::TooLarge(_))
    ));
}

/// Stops after some reports.
struct Impatient(u32);

impl Monitor for Impatient {
    fn progress(&mut self, _: &'static str, done: u64, total: u64) -> Result<(), Error> {
        assert!(done <= total);
        self.0 = self.0.checked_sub(1).ok_or(Error::Cancelled)?;
        Ok(())
    }
}

#[test]
fn work_stops_when_asked_to() {
    // One long text a thousand times in each of many rows: little to read, much to hand on.
    let strings = format!("<si><t>{}</t></si>", "表".repeat(40_000));
    let rows = format!("<row>{}</row>", "<c t=\"s\"><v>0</v></c>".repeat(100)).repeat(300);
    let zip = Parts::book(&sheet(&rows), &strings, "").zip();
    for reports in [0, 1, 3, 30] {
        let result = read_watched(&zip, &Limits::default(), &mut Impatient(reports));
        assert!(matches!(result, Err(Error::Cancelled)), "after {reports}");
    }
}
