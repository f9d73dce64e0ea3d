//! What cells say, in every spelling that XML and the format allow.

use crate::build::{MAIN, Parts, sheet};
use larkspur_model::workbook::{CellRange, RichPart};

use crate::collect::{Kept, KeptBook, read};
use crate::kept::KeptSheet;

fn text(text: &str) -> Kept {
    Kept::Text(text.to_owned())
}

fn rows(rows: &str) -> KeptSheet {
    read(&Parts::rows(rows).zip()).expect("as made").sheets.remove(0)
}

fn with_strings(rows: &str, strings: &str) -> KeptBook {
    read(&Parts::book(&sheet(rows), strings, "").zip()).expect("as made")
}

#[test]
fn every_kind_of_value() {
    let book = with_strings(
        "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"B1\" t=\"n\"><v>-1.5E3</v></c>\
         <c r=\"C1\" t=\"s\"><v>1</v></c><c r=\"D1\" t=\"str\"><v>a&lt;b</v></c>\
         <c r=\"E1\" t=\"inlineStr\"><is><t>in</t></is></c><c r=\"F1\" t=\"b\"><v>1</v></c>\
         <c r=\"G1\" t=\"b\"><v>0</v></c><c r=\"H1\" t=\"e\"><v>#N/A</v></c>\
         <c r=\"I1\" t=\"e\"><v>#BLOCKED!</v></c><c r=\"J1\"><v>x</v></c><c r=\"K1\"/>\
         <c r=\"L1\" t=\"s\"><v>9</v></c><c r=\"M1\" t=\"s\"><v>2</v></c></row>",
        "<si><t>zero</t></si><si><t xml:space=\"preserve\"> one </t></si><si><t/></si>",
    );
    let sheet = &book.sheets[0];
    let values: Vec<Kept> = sheet.cells.iter().map(|cell| cell.value.clone()).collect();
    assert_eq!(
        values,
        [
            Kept::Number(1.0),
            Kept::Number(-1500.0),
            text(" one "),
            text("a<b"),
            text("in"),
            Kept::Bool(true),
            Kept::Bool(false),
            Kept::Error("#N/A"),
            text("#BLOCKED!"),
            text("x"),
            text(""),
        ]
    );
    assert_eq!((sheet.ended.row_count, sheet.ended.column_count), (1, 13));
    assert_eq!(book.lost("not of their kind"), 2);
    assert_eq!(book.lost("whose text is missing"), 1);
}

#[test]
fn spellings_that_mean_the_same() {
    let usual = rows(
        "<row r=\"1\"><c r=\"A1\" s=\"0\" t=\"str\"><f>B1&amp;1</f><v>x</v></c><c r=\"C1\"><v>12</v></c></row>",
    );
    for other in [
        "<row r='1' ><c t='str'  s = '0'\n r='A1' ><f>B1&#38;1</f><v>x</v></c ><c r='C1'><v> 12\n</v></c></row>",
        "<row><c r=\"A1\" t=\"str\"><f><![CDATA[B1&1]]></f><v><![CDATA[x]]></v></c><c r=\"C1\"><v>1<!-- -->2</v></c></row>",
        "<row r=\"1\" spans=\"1:3\"><!-- c --><c t=\"str\"><f>B1&amp;1</f><v>x</v></c><?p i?><c/><c><v>12</v></c></row>",
        "<row r=\"1\"><c r=\"C1\"><v>12</v></c><c r=\"A1\" t=\"str\"><v>x</v><f>B1&amp;1</f></c></row>",
        "<row r=\"1\"><c r=\"A1\"><v>old</v></c><c r=\"C1\"><v>12</v></c><c r=\"A1\" t=\"str\"><f>B1&amp;1</f><v>x</v></c></row>",
        "<row r=\"1\"><c r=\"A1\" t=\"str\"><f>B1&amp;1</f><v>x</v></c></row><row r=\"1\"><c r=\"C1\"><v>12</v></c></row>",
        "<row r=\"1\"><c r=\"$A$1\" t=\"str\" cm=\"1\"><f>B1&amp;1</f><v>x</v><extLst><c><v>no</v></c></extLst></c><q:c xmlns:q=\"other\"/><c r=\"c1\"><v>+12.0</v></c></row>",
    ] {
        let sheet = rows(other);
        assert_eq!(sheet.cells, usual.cells, "{other}");
        assert_eq!(sheet.ended, usual.ended, "{other}");
    }
}

#[test]
fn prefixed_and_strict_and_wide_documents() {
    let usual = rows("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>表</v></c></row>");
    let prefixed = format!(
        "<x:worksheet xmlns:x=\"{MAIN}\" xmlns=\"other\"><x:sheetData><x:row r=\"1\"><c r=\"B1\"><v>9</v></c>\
         <x:c r=\"A1\" t=\"str\"><x:v>表</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    );
    let strict = sheet("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>表</v></c></row>")
        .replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main");
    let bare = strict.replace(" xmlns=\"http://purl.oclc.org/ooxml/spreadsheetml/main\"", "");
    let alternative = sheet(
        "<mc:AlternateContent xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\">\
         <mc:Choice Requires=\"x\"><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></mc:Choice>\
         <mc:Fallback><row r=\"1\"><c r=\"A1\" t=\"str\"><v>表</v></c></row></mc:Fallback></mc:AlternateContent>",
    );
    for other in [&prefixed, &strict, &bare, &alternative] {
        let book = read(&Parts::book(other, "", "").zip()).expect("as made");
        assert_eq!(book.sheets[0].cells, usual.cells, "{other}");
    }
    let wide: Vec<u8> = std::iter::once(0xfeff)
        .chain(strict.replace("UTF-8", "UTF-16").encode_utf16())
        .flat_map(u16::to_be_bytes)
        .collect();
    let book =
        read(&Parts::rows("").with("xl/worksheets/sheet1.xml", wide).zip()).expect("as made");
    assert_eq!(book.sheets[0].cells, usual.cells);
}

#[test]
fn rows_without_numbers_and_rows_out_of_order() {
    let sheet = rows(
        "<row><c><v>1</v></c></row><row r=\"5\"><c><v>5</v></c></row><row><c r=\"B6\"><v>6</v></c></row>\
         <row><c r=\"C9\"><v>9</v></c><c><v>10</v></c></row>",
    );
    let places: Vec<(u32, u32)> = sheet.cells.iter().map(|cell| (cell.row, cell.column)).collect();
    assert_eq!(places, [(0, 0), (4, 0), (5, 1), (8, 2), (8, 3)]);

    let parts = Parts::rows(
        "<row r=\"3\"><c r=\"A3\"><v>3</v></c></row><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>\
         <row r=\"4\"><c r=\"A4\"><v>4</v></c></row>",
    );
    let book = read(&parts.zip()).expect("as made");
    let rows: Vec<u32> = book.sheets[0].cells.iter().map(|cell| cell.row).collect();
    assert_eq!(rows, [2, 3]);
    assert_eq!(book.lost("after rows below them"), 1);
}

#[test]
fn texts_of_runs_with_escapes_and_readings() {
    let book = with_strings(
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c>\
         <c r=\"C1\" t=\"inlineStr\"><is><r><rPr><b/></rPr><t>in</t></r><r><t xml:space=\"preserve\"> two</t></r>\
         <rPh sb=\"0\" eb=\"1\"><t>no</t></rPh></is></c>\
         <c r=\"D1\" t=\"str\"><v>a_x000D_\nb_x005F_x000D_</v></c><c r=\"E1\" t=\"s\"><v>2</v></c></row>",
        "<si><r><t>課</t></r><r><rPr><sz val=\"9\"/></rPr><t>きく</t></r><rPh sb=\"0\" eb=\"1\"><t>カ</t></rPh><phoneticPr fontId=\"1\"/></si>\
         <si><t>_x0041_&#x1F600;\r\n</t></si><si/>",
    );
    let sheet = &book.sheets[0];
    assert_eq!(sheet.value("A1"), text("課きく"));
    assert_eq!(sheet.value("B1"), text("A😀\n"));
    assert_eq!(sheet.value("C1"), text("in two"));
    assert_eq!(sheet.value("D1"), text("a\r\nb_x000D_"));
    assert_eq!(sheet.value("E1"), text(""));
    assert_eq!(book.lost("formatting within a cell's text"), 0);
    let looks = |place: &str| {
        let parts = sheet.at(place).expect("a cell").parts.clone();
        let told: Vec<String> = parts
            .iter()
            .map(|part| match part {
                RichPart::Text { text, look } => {
                    let look = look.as_ref().map(|look| (look.bold, look.size_pt));
                    format!("{text} {look:?}")
                }
                other => format!("{other:?}"),
            })
            .collect();
        told
    };
    assert_eq!(looks("A1"), ["課 None", "きく Some((false, 9.0))"]);
    assert_eq!(looks("C1"), ["in Some((true, 0.0))", " two None"]);
    assert!(looks("B1").is_empty());
}

#[test]
fn a_look_of_the_whole_text_counts_where_the_cell_has_another() {
    let bold = "<rPr><b/><sz val=\"9\"/><rFont val=\"X\"/></rPr>";
    let strings = format!(
        "<si><r>{bold}<t>a</t></r></si><si><r>{bold}<t>b</t></r><r>{bold}<t>c</t></r></si>\
         <si><r><rPr><vertAlign val=\"superscript\"/></rPr><t>d</t></r></si><si><r><t>e</t></r></si>"
    );
    let cell = |place, style, string| {
        format!("<c r=\"{place}\" s=\"{style}\" t=\"s\"><v>{string}</v></c>")
    };
    let row =
        ["A1", "B1", "C1", "D1", "E1"].into_iter().zip([(0, 0), (1, 0), (1, 1), (0, 2), (0, 3)]);
    let row: String = row.map(|(place, (style, string))| cell(place, style, string)).collect();
    let styles = "<fonts><font/><font><b/><sz val=\"9\"/><name val=\"X\"/></font></fonts>\
                  <cellXfs><xf fontId=\"0\"/><xf fontId=\"1\"/></cellXfs>";
    let parts = Parts::book(&sheet(&format!("<row r=\"1\">{row}</row>")), &strings, styles);
    let book = read(&parts.zip()).expect("as made");
    let sheet = &book.sheets[0];
    let rich = |place: &str| sheet.at(place).expect("a cell").parts.len();
    assert_eq!(["A1", "B1", "C1", "D1", "E1"].map(rich), [1, 0, 0, 0, 0]);
    assert_eq!(["A1", "B1", "C1"].map(|place| sheet.value(place)), ["a", "a", "bc"].map(text));
    assert_eq!(book.lost("raised and lowered text within a cell"), 1);
}

#[test]
fn a_rich_text_is_cut_where_a_plain_one_is() {
    let long = "字".repeat(50_000);
    let parts = Parts::rows(&format!(
        "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><r><rPr><b/></rPr><t>{long}x</t></r><r><t>y</t></r></is></c>\
         <c r=\"B1\" t=\"inlineStr\"><is><r><rPr><b/></rPr><t>x</t></r><r><t>{long}</t></r></is></c></row>"
    ));
    let book = read(&parts.zip()).expect("as made");
    let sheet = &book.sheets[0];
    assert_eq!(sheet.value("A1"), text(&long));
    assert!(sheet.at("A1").expect("a cell").parts.is_empty());
    assert_eq!((book.lost("limit of characters"), book.lost("formatting within")), (2, 2));
}

#[test]
fn formulas_of_every_kind() {
    let parts = Parts::rows(
        "<row r=\"1\"><c r=\"A1\"><f>1+1</f></c><c r=\"B1\"><f t=\"shared\" ref=\"B1:B3\" si=\"7\">A1*$C$1</f><v>4</v></c>\
         <c r=\"C1\"><f t=\"array\" ref=\"C1:C2\">A1:A2</f><v>2</v></c><c r=\"D1\" t=\"str\"><f>IF(A1&gt;1,\"\",1)</f><v></v></c></row>\
         <row r=\"2\"><c r=\"B2\"><f t=\"shared\" si=\"7\"/><v>5</v></c><c r=\"C2\"><v>3</v></c>\
         <c r=\"D2\"><f t=\"dataTable\" ref=\"D2:D3\" dt2D=\"0\" r1=\"A1\"/><v>1</v></c></row>\
         <row r=\"3\"><c r=\"B3\"><f t=\"shared\" si=\"7\"></f><v>6</v></c><c r=\"C3\"><f t=\"shared\" si=\"8\"/><v>1</v></c></row>",
    );
    let book = read(&parts.zip()).expect("as made");
    let sheet = &book.sheets[0];
    assert_eq!((sheet.formula("A1"), sheet.value("A1")), (Some("1+1"), Kept::Empty));
    assert_eq!(sheet.formula("B1"), Some("A1*$C$1"));
    assert_eq!((sheet.formula("B2"), sheet.value("B2")), (Some("A2*$C$1"), Kept::Number(5.0)));
    assert_eq!(sheet.formula("B3"), Some("A3*$C$1"));
    assert_eq!((sheet.formula("C1"), sheet.formula("C2")), (Some("A1:A2"), None));
    assert_eq!((sheet.formula("D1"), sheet.value("D1")), (Some("IF(A1>1,\"\",1)"), text("")));
    assert_eq!((sheet.formula("D2"), sheet.value("D2")), (None, Kept::Number(1.0)));
    assert_eq!((sheet.formula("C3"), sheet.value("C3")), (None, Kept::Number(1.0)));
    let area = CellRange { first_row: 0, first_column: 2, last_row: 1, last_column: 2 };
    assert_eq!(sheet.ended.arrays, [area]);
    assert_eq!(book.lost("data tables"), 1);
    assert_eq!(book.lost("shared formula is missing"), 1);
}

#[test]
fn bytes_that_are_no_text_are_replaced_and_told() {
    let mut xml = sheet("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>a").into_bytes();
    let end = xml.len() - "</sheetData></worksheet>".len();
    xml.truncate(end);
    xml.extend_from_slice(b"\xff\xfe!</v></c></row></sheetData></worksheet>");
    let book = read(&Parts::rows("").with("xl/worksheets/sheet1.xml", xml).zip()).expect("as made");
    assert_eq!(book.sheets[0].value("A1"), text("a\u{fffd}\u{fffd}!"));
    assert_eq!(book.lost("no UTF-8"), 1);
}

/// Cells that straddle the buffers between the two threads read like any others.
#[test]
fn a_sheet_of_many_buffers() {
    let mut xml = String::new();
    for row in 1..=60_000_u32 {
        // Texts that do not pack well make the part large enough for a thread of its own.
        let noise = u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let row = format!(
            "<row r=\"{row}\"><c r=\"A{row}\"><v>{row}</v></c><c r=\"B{row}\" t=\"str\"><v>表{noise:x}&amp;</v></c></row>"
        );
        xml += &row;
    }
    let sheet = rows(&xml);
    assert_eq!(sheet.cells.len(), 120_000);
    for pair in sheet.cells.chunks(2) {
        let row = pair[0].row + 1;
        let noise = u64::from(row).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        assert_eq!(pair[0].value, Kept::Number(f64::from(row)));
        assert_eq!(pair[1].value, text(&format!("表{noise:x}&")));
    }
}
