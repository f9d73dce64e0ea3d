//! The workbook around the sheets: which there are, what they are, and parts under odd names.

use larkspur_formats::Error;

use crate::build::{Parts, related, sheet, workbook};
use crate::collect::{Kept, read};

#[test]
fn sheets_in_order_hidden_ones_and_others() {
    let sheets = "<sheet name=\"二\" sheetId=\"9\" state=\"veryHidden\" r:id=\"b\"/><sheet name=\"Chart\" sheetId=\"2\" r:id=\"c\"/>\
        <sheet name=\"A &amp; B\" sheetId=\"1\" r:id=\"a\"/><sheet name=\"gone\" sheetId=\"3\" r:id=\"d\"/><sheet name=\"M\" sheetId=\"4\" r:id=\"e\"/>";
    let parts = Parts::rows("")
        .with("xl/workbook.xml", workbook("<definedNames><definedName name=\"rate\">1</definedName><definedName name=\"_xlnm.Print_Area\">S!$A$1</definedName></definedNames>", sheets))
        .with("xl/_rels/workbook.xml.rels", related(&[
            ("a", "worksheet", "worksheets/sheet1.xml", ""),
            ("b", "worksheet", "worksheets/sheet2.xml", ""),
            ("c", "chartsheet", "chartsheets/sheet1.xml", ""),
            ("d", "worksheet", "worksheets/none.xml", ""),
            ("e", "xlMacrosheet", "macrosheets/sheet1.xml", ""),
            ("f", "vbaProject", "vbaProject.bin", ""),
        ]))
        .with("xl/worksheets/sheet2.xml", sheet("<row r=\"1\"><c r=\"A1\"><v>2</v></c></row>"));
    let book = read(&parts.zip()).expect("as made");
    assert_eq!(book.names, ["二", "A & B"]);
    assert_eq!(
        book.sheets.iter().map(|sheet| sheet.begun.hidden).collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(book.sheets[0].value("A1"), Kept::Number(2.0));
    for (what, count) in [
        ("chart sheet", 1),
        ("macro sheet", 1),
        ("does not contain", 1),
        ("defined names", 0),
        ("macros", 1),
    ] {
        assert_eq!(book.lost(what), count, "{what}");
    }
}

#[test]
fn parts_are_found_under_odd_names() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>";
    let plain = Parts::book(&sheet(rows), "<si><t>x</t></si>", "");
    let renamed = |change: fn(&str) -> String| {
        plain_parts(rows)
            .into_iter()
            .fold(Parts::none(), |parts, (name, bytes)| parts.with(&change(&name), bytes))
    };
    let odd = [
        plain.zip(),
        renamed(|name| name.replace('/', "\\")).zip(),
        renamed(str::to_uppercase).zip(),
        renamed(|name| format!("/{name}")).zip(),
        // Something before the archive, as self-extracting ones have, and something behind it.
        [b"PK\x03\x04 not yet".to_vec(), plain.zip()].concat(),
        [plain.zip(), b"trailing".to_vec()].concat(),
    ];
    for (index, zip) in odd.iter().enumerate() {
        let book = read(zip).unwrap_or_else(|error| panic!("{index}: {error}"));
        assert_eq!(book.sheets[0].value("A1"), Kept::Text("x".into()), "{index}");
    }
}

fn plain_parts(rows: &str) -> Vec<(String, Vec<u8>)> {
    Parts::book(&sheet(rows), "<si><t>x</t></si>", "").into_parts()
}

#[test]
fn other_files_are_named_for_what_they_are() {
    let types = |kind: &str| {
        format!(
            "<Types><Override PartName=\"/word/document.xml\" ContentType=\"application/{kind}\"/></Types>"
        )
    };
    let word = Parts::none()
        .with(
            "[Content_Types].xml",
            types("vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"),
        )
        .with("_rels/.rels", related(&[("a", "officeDocument", "word/document.xml", "")]))
        .with("word/document.xml", "<w/>");
    let open = Parts::none().with("mimetype", "application/vnd.oasis.opendocument.spreadsheet");
    let binary = Parts::none()
        .with("[Content_Types].xml", "<Types/>")
        .with("_rels/.rels", related(&[("a", "officeDocument", "xl/workbook.bin", "")]))
        .with("xl/workbook.bin", "\u{83}");
    for (bytes, words) in [
        (word.zip(), "Word"),
        (open.zip(), "OpenDocument spreadsheet"),
        (binary.zip(), "xlsb"),
        (Parts::none().with("a.txt", "a").zip(), "zip archive"),
        (b"a,b\n1,2\n".to_vec(), "plain text"),
        (b"<!DOCTYPE html><html>".to_vec(), "HTML"),
        (b"%PDF-1.7".to_vec(), "PDF"),
        (Vec::new(), "empty"),
    ] {
        match read(&bytes) {
            Err(Error::Mismatch { expected: "xlsx", found }) => {
                assert!(found.contains(words), "{found}");
            }
            other => panic!("{words}: {other:?}"),
        }
    }
}

#[test]
fn broken_books_are_damaged() {
    let good = Parts::rows("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>");
    let with = |name: &str, bytes: &str| good.zip_with(name, bytes);
    let cut = good.zip();
    for (bytes, why) in [
        (cut[..cut.len() * 2 / 3].to_vec(), "a file cut off"),
        (with("xl/workbook.xml", "<workbook/>"), "no sheets"),
        (
            with("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row><c><v>1</v></c>"),
            "a sheet cut off",
        ),
        (
            with(
                "xl/worksheets/sheet1.xml",
                "<worksheet><sheetData></row></sheetData></worksheet>",
            ),
            "tags",
        ),
        (
            with("xl/sharedStrings.xml", "<!DOCTYPE sst [<!ENTITY a \"b\">]><sst/>"),
            "a document type",
        ),
        (with("xl/styles.xml", "<styleSheet><fonts></styleSheet>"), "broken styles"),
    ] {
        let result = read(&bytes);
        assert!(matches!(result, Err(Error::Damaged(_))), "{why}: {result:?}");
    }
}

impl Parts {
    fn zip_with(&self, name: &str, bytes: &str) -> Vec<u8> {
        self.clone().with(name, bytes).zip()
    }
}
