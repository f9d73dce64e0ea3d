//! Columns, rows, panes, merges and links.

use larkspur_model::workbook::{CellRange, ColumnRun, RowRun};

use crate::build::{MAIN, Parts, related};
use crate::collect::{KeptBook, read};

fn worksheet(before: &str, rows: &str, after: &str) -> KeptBook {
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let xml = format!(
        "<worksheet xmlns=\"{MAIN}\" xmlns:r=\"{relations}\">{before}<sheetData>{rows}</sheetData>{after}</worksheet>"
    );
    let parts = Parts::book(&xml, "", "").with(
        "xl/worksheets/_rels/sheet1.xml.rels",
        related(&[
            ("rId1", "hyperlink", "https://example.com/a?b=1&amp;c=2", "External"),
            ("rId2", "comments", "../comments1.xml", ""),
            ("rId3", "drawing", "../drawings/drawing1.xml", ""),
            ("rId4", "hyperlink", "javascript:alert(1)", "External"),
        ]),
    );
    read(&parts.zip()).expect("as made")
}

#[test]
fn columns_rows_and_panes() {
    let book = worksheet(
        "<dimension ref=\"A1:XFD1048576\"/><sheetViews><sheetView workbookViewId=\"0\">\
         <pane xSplit=\"1\" ySplit=\"2\" topLeftCell=\"B3\" activePane=\"bottomRight\" state=\"frozen\"/></sheetView></sheetViews>\
         <sheetFormatPr defaultRowHeight=\"15\"/>\
         <cols><col min=\"4\" max=\"16384\" width=\"9.140625\" hidden=\"1\"/><col min=\"1\" max=\"2\" width=\"20.7109375\" customWidth=\"1\"/>\
         <col min=\"2\" max=\"3\" width=\"5\"/></cols>",
        "<row r=\"1\" ht=\"15\"><c r=\"A1\"><v>1</v></c></row><row r=\"2\" ht=\"30\" customHeight=\"1\"/>\
         <row r=\"3\" ht=\"30\" customHeight=\"1\"/><row r=\"4\" hidden=\"1\"/>",
        "",
    );
    let sheet = &book.sheets[0].ended;
    assert_eq!((sheet.frozen_columns, sheet.frozen_rows), (1, 2));
    assert_eq!((sheet.row_count, sheet.column_count), (1, 1));
    let run = |first, last, width_px, hidden| ColumnRun { first, last, width_px, hidden };
    assert_eq!(
        sheet.columns,
        [run(0, 1, Some(145.0), false), run(2, 2, Some(35.0), false), run(3, 12_999, None, true)]
    );
    assert_eq!(
        sheet.rows,
        [
            RowRun { first: 1, last: 2, height_pt: Some(30.0), hidden: false },
            RowRun { first: 3, last: 3, height_pt: None, hidden: true },
        ]
    );
    assert_eq!(book.sheets[0].begun.columns, sheet.columns);
}

#[test]
fn merges_and_links() {
    let book = worksheet(
        "",
        "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>",
        "<mergeCells count=\"3\"><mergeCell ref=\"A1:B2\"/><mergeCell ref=\"B2:C3\"/><mergeCell ref=\"D1\"/><mergeCell ref=\"?\"/></mergeCells>\
         <hyperlinks><hyperlink ref=\"A1\" r:id=\"rId1\" location=\"top\"/><hyperlink ref=\"B1:B2\" location=\"'S'!A9\" display=\"x\"/>\
         <hyperlink ref=\"C1\" r:id=\"rId4\"/></hyperlinks>",
    );
    let sheet = &book.sheets[0].ended;
    let area = CellRange { first_row: 0, first_column: 0, last_row: 1, last_column: 1 };
    assert_eq!(sheet.merges, [area]);
    let links: Vec<(u32, &str)> =
        sheet.links.iter().map(|link| (link.range.first_column, link.target.as_str())).collect();
    assert_eq!(links, [(0, "https://example.com/a?b=1&c=2#top"), (1, "#'S'!A9")]);
    assert_eq!(book.lost("merges that overlap"), 1);
    assert_eq!(book.lost("run a script"), 1);
}

#[test]
fn what_has_no_place_in_the_model_is_told() {
    let book = worksheet(
        "<sheetProtection sheet=\"1\"/><cols><col min=\"1\" max=\"1\" width=\"9\"/></cols>",
        "",
        "<autoFilter ref=\"A1:B2\"/><conditionalFormatting sqref=\"A1\"><cfRule/></conditionalFormatting>\
         <dataValidations count=\"1\"><dataValidation/></dataValidations>\
         <extLst><ext><x14:sparklineGroups xmlns:x14=\"u\"><x14:sparkline/></x14:sparklineGroups></ext></extLst>",
    );
    for feature in [
        "protection",
        "filters",
        "conditional formats",
        "data validations other than lists",
        "sparklines",
        "comments",
        "drawings",
    ] {
        assert_eq!(book.lost(feature), 1, "{feature}");
    }
}

#[test]
fn lists_to_choose_from_are_dropdowns() {
    let book = worksheet(
        "",
        "",
        "<dataValidations count=\"4\">\
         <dataValidation type=\"list\" allowBlank=\"1\" sqref=\"A1:A9 C3\"><formula1>\"是,否, 待定\"</formula1></dataValidation>\
         <dataValidation type=\"list\" sqref=\"B1\"><formula1>$D$1:$D$3</formula1><formula2>x</formula2></dataValidation>\
         <dataValidation type=\"list\" showDropDown=\"1\" sqref=\"B2\"><formula1>\"a\"</formula1></dataValidation>\
         <dataValidation type=\"whole\" sqref=\"B3\"><formula1>1</formula1></dataValidation></dataValidations>\
         <extLst><ext uri=\"{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}\" xmlns:x14=\"urn:a\" xmlns:xm=\"urn:b\">\
         <x14:dataValidations count=\"1\"><x14:dataValidation type=\"list\"><x14:formula1><xm:f>Sheet2!$A$1:$A$2</xm:f></x14:formula1>\
         <xm:sqref>E5 ZZZZ9</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>",
    );
    let told: Vec<String> = book.sheets[0]
        .ended
        .dropdowns
        .iter()
        .map(|dropdown| {
            let ranges: Vec<(u32, u32, u32)> = dropdown
                .ranges
                .iter()
                .map(|range| (range.first_row, range.first_column, range.last_row))
                .collect();
            format!("{ranges:?} {:?}", dropdown.options)
        })
        .collect();
    assert_eq!(
        told,
        [
            "[(0, 0, 8), (2, 2, 2)] Values([\"是\", \"否\", \"待定\"])",
            "[(0, 1, 0)] Formula(\"$D$1:$D$3\")",
            "[(4, 4, 4)] Formula(\"Sheet2!$A$1:$A$2\")",
        ]
    );
    assert_eq!(book.lost("other than lists"), 2);
}
