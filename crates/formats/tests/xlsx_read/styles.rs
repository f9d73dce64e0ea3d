//! Styles: number formats, fonts, fills, borders, alignment, colours; and dates of both epochs.

use larkspur_model::workbook::{CellStyle, Horizontal, Vertical};

use crate::build::{Parts, related, sheet, workbook};
use crate::collect::{Kept, KeptBook, read};

const STYLES: &str = "<numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy&quot;年&quot;\"/></numFmts>\
    <fonts><font><sz val=\"11\"/><color theme=\"1\"/><name val=\"等线\"/></font>\
    <font><b/><i val=\"0\"/><u val=\"double\"/><strike/><sz val=\"9.5\"/><color rgb=\"FFFF8000\"/><name val=\"Arial\"/></font></fonts>\
    <fills><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>\
    <fill><patternFill patternType=\"solid\"><fgColor theme=\"4\" tint=\"0.79998168889431442\"/><bgColor indexed=\"64\"/></patternFill></fill></fills>\
    <borders><border><left/><right/><top/><bottom/><diagonal/></border>\
    <border><left style=\"thin\"><color indexed=\"10\"/></left><right/><top style=\"double\"><color auto=\"1\"/></top><bottom/></border></borders>\
    <cellStyleXfs><xf numFmtId=\"9\" fontId=\"1\"/></cellStyleXfs>\
    <cellXfs><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/><xf numFmtId=\"164\" fontId=\"0\"/>\
    <xf numFmtId=\"14\" fontId=\"1\" fillId=\"2\" borderId=\"1\"><alignment horizontal=\"center\" vertical=\"top\" wrapText=\"1\" textRotation=\"90\"/></xf>\
    <xf numFmtId=\"0\" fontId=\"0\" fillId=\"1\" applyFill=\"1\"/><xf numFmtId=\"46\"/><xf numFmtId=\"31\"/></cellXfs>";

fn styled(rows: &str, before_sheets: &str) -> KeptBook {
    let parts = Parts::book(&sheet(rows), "", STYLES).with(
        "xl/workbook.xml",
        workbook(before_sheets, "<sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/>"),
    );
    read(&parts.zip()).expect("as made")
}

#[test]
fn looks_of_cells() {
    let book = styled(
        "<row r=\"1\"><c r=\"A1\" s=\"0\"><v>1</v></c><c r=\"B1\" s=\"1\"><v>1</v></c><c r=\"C1\" s=\"2\"/>\
         <c r=\"D1\" s=\"3\"><v>1</v></c><c r=\"E1\" s=\"99\"><v>1</v></c><c r=\"F1\" s=\"5\"><v>1</v></c></row>",
        "",
    );
    assert_eq!(book.style("A1").font.name, "等线");
    assert_eq!(book.style("A1").font.color, "");
    assert_eq!(book.style("B1").number_format, "yyyy\"年\"");
    let style = book.style("C1");
    assert_eq!(style.number_format, "mm-dd-yy");
    assert_eq!((style.font.bold, style.font.italic), (true, false));
    assert_eq!((style.font.underline, style.font.strikethrough), (true, true));
    assert_eq!((style.font.color.as_str(), style.fill.as_str()), ("ff8000", "dae3f3"));
    assert!((style.font.size_pt - 9.5).abs() < 1e-9);
    let [top, right, bottom, left] = &style.borders;
    assert_eq!((top.line.as_str(), top.color.as_str()), ("double", ""));
    assert_eq!((left.line.as_str(), left.color.as_str()), ("thin", "ff0000"));
    assert_eq!((right.line.as_str(), bottom.line.as_str()), ("", ""));
    assert_eq!(
        (style.horizontal, style.vertical, style.wrap),
        (Horizontal::Center, Vertical::Top, true)
    );
    // The same look under another number, and a number that does not exist, are the default style.
    let places = ["D1", "E1"].map(|place| book.sheets[0].at(place).expect("as made").style);
    assert_eq!(places, [0, 0]);
    assert_eq!(book.style("F1").number_format, "yyyy\"年\"m\"月\"d\"日\"");
    assert_eq!(book.sheets[0].ended.column_count, 6);
    assert_eq!(book.lost("rotated text"), 1);
}

#[test]
fn palettes_and_themes_of_the_book() {
    let styles = format!(
        "{STYLES}<colors><indexedColors><rgbColor rgb=\"00000000\"/><rgbColor rgb=\"00FFFFFF\"/><rgbColor rgb=\"00123456\"/></indexedColors></colors>"
    )
    .replace("indexed=\"10\"", "indexed=\"2\"");
    let parts = Parts::book(&sheet("<row r=\"1\"><c r=\"A1\" s=\"2\"/></row>"), "", &styles)
        .with("xl/_rels/workbook.xml.rels", related(&[
            ("rId1", "worksheet", "worksheets/sheet1.xml", ""),
            ("rId2", "theme", "theme/theme1.xml", ""),
        ]))
        .with("xl/theme/theme1.xml", "<a:theme xmlns:a=\"d\"><a:clrScheme><a:dk1><a:sysClr val=\"windowText\" lastClr=\"000000\"/></a:dk1><a:accent1><a:srgbClr val=\"00FF00\"/></a:accent1></a:clrScheme></a:theme>");
    let book = read(&parts.zip()).expect("as made");
    assert_eq!(book.style("A1").borders[3].color, "123456");
    assert_eq!(book.style("A1").fill, "ccffcc");
}

#[test]
fn a_book_without_styles_has_the_default_one() {
    let book = read(&Parts::rows("<row r=\"1\"><c r=\"A1\" s=\"3\"><v>1</v></c></row>").zip())
        .expect("as made");
    assert_eq!(book.styles, [CellStyle::default()]);
    assert_eq!(book.sheets[0].cells[0].style, 0);
}

#[test]
fn dates_of_both_epochs_count_from_1899() {
    let rows = "<row r=\"1\"><c r=\"A1\" s=\"2\"><v>42735</v></c><c r=\"B1\"><v>42735</v></c><c r=\"C1\" s=\"4\"><v>1.5</v></c>\
         <c r=\"D1\" s=\"2\"><f>A1</f><v>1</v></c><c r=\"E1\" s=\"2\" t=\"d\"><v>2021-01-01T12:00:00</v></c>\
         <c r=\"F1\" t=\"d\"><v>2021-01-01</v></c></row>";
    let later = styled(rows, "<workbookPr date1904=\"1\"/>");
    let usual = styled(rows, "<workbookPr date1904=\"0\"/>");
    let values = |book: &KeptBook| -> Vec<Kept> {
        book.sheets[0].cells.iter().map(|cell| cell.value.clone()).collect()
    };
    let number = Kept::Number;
    let iso = Kept::Text("2021-01-01".to_owned());
    assert_eq!(
        values(&usual),
        [
            number(42_735.0),
            number(42_735.0),
            number(1.5),
            number(1.0),
            number(44_197.5),
            iso.clone()
        ]
    );
    assert_eq!(
        values(&later),
        [number(44_197.0), number(42_735.0), number(1.5), number(1_463.0), number(44_197.5), iso]
    );
}
