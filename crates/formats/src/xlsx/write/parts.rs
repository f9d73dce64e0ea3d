//! The small parts: content types, relationships, the workbook.

use std::fmt::Write as _;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::Sheet;

use super::xml::escape;

pub(super) const DECLARATION: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
pub(super) const MAIN_NAMESPACE: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
pub(super) const DOCUMENT_RELATIONSHIPS: &str =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
pub(super) const RELATIONSHIPS_NAMESPACE: &str =
    "http://schemas.openxmlformats.org/package/2006/relationships";

pub(in crate::xlsx) const PACKAGE_RELATIONSHIPS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/>\
    </Relationships>";

pub(super) fn content_types(sheets: usize, tables: usize, drawn: &str) -> String {
    const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let mut xml = String::from(DECLARATION);
    xml.push_str("<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">");
    xml.push_str("<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>");
    xml.push_str("<Default Extension=\"xml\" ContentType=\"application/xml\"/>");
    // Defaults stand before what overrides them.
    xml.push_str(drawn);
    let mut part = |name: &str, kind: &str| {
        let _ = write!(
            xml,
            "<Override PartName=\"/xl/{name}.xml\" ContentType=\"{SHEET}.{kind}+xml\"/>"
        );
    };
    part("workbook", "sheet.main");
    for number in 1..=sheets {
        part(&format!("worksheets/sheet{number}"), "worksheet");
    }
    part("styles", "styles");
    for number in 1..=tables {
        part(&format!("tables/table{number}"), "table");
    }
    xml.push_str("</Types>");
    xml
}

/// Content types of a workbook with however many sheets: what is not named is one. It can stand at the
/// front of an archive, where readers look first, before the last sheet is written.
pub(in crate::xlsx) fn content_types_of_any_sheets() -> String {
    const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    format!(
        "{DECLARATION}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"{SHEET}.worksheet+xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{SHEET}.sheet.main+xml\"/>\
         <Override PartName=\"/xl/styles.xml\" ContentType=\"{SHEET}.styles+xml\"/></Types>"
    )
}

/// Relationships of the workbook: sheets first, then the styles.
pub(in crate::xlsx) fn relationships(sheets: usize) -> String {
    let mut xml = format!("{DECLARATION}<Relationships xmlns=\"{RELATIONSHIPS_NAMESPACE}\">");
    let mut part = |number: usize, kind: &str, target: &str| {
        let _ = write!(
            xml,
            "<Relationship Id=\"rId{number}\" Type=\"{DOCUMENT_RELATIONSHIPS}/{kind}\" Target=\"{target}\"/>"
        );
    };
    for number in 1..=sheets {
        part(number, "worksheet", &format!("worksheets/sheet{number}.xml"));
    }
    part(sheets + 1, "styles", "styles.xml");
    xml.push_str("</Relationships>");
    xml
}

/// The part of a sheet's relationships.
pub(super) fn relationships_of_sheet(relationships: &str) -> String {
    format!(
        "{DECLARATION}<Relationships xmlns=\"{RELATIONSHIPS_NAMESPACE}\">{relationships}</Relationships>"
    )
}

/// The sheet that is shown first: Excel opens no workbook whose sheets are all hidden.
pub(super) fn first_visible(sheets: &[Sheet], losses: &mut Losses) -> usize {
    sheets.iter().position(|sheet| !sheet.hidden).unwrap_or_else(|| {
        if let Some(first) = sheets.first() {
            let place = format!("sheet \"{}\"", first.name);
            losses.add(LossKind::ValueChanged, place, "is shown, as all sheets were hidden");
        }
        0
    })
}

/// The workbook part. It names the application that wrote the values, as others do: what
/// `LibreOffice` does not know it computes anew, also where that is slow or it cannot. For the same
/// reason it is told to compute only where a formula is `uncomputed`. `defined` are the names, as written.
pub(in crate::xlsx) fn workbook(
    names: &[String],
    sheets: &[Sheet],
    visible: usize,
    (defined, uncomputed): (&str, bool),
) -> String {
    let mut xml = format!(
        "{DECLARATION}<workbook xmlns=\"{MAIN_NAMESPACE}\" xmlns:r=\"{DOCUMENT_RELATIONSHIPS}\">\
         <fileVersion appName=\"xl\"/><workbookPr/><bookViews><workbookView activeTab=\"{visible}\" firstSheet=\"{visible}\"/></bookViews><sheets>"
    );
    for (index, name) in names.iter().enumerate() {
        xml.push_str("<sheet name=\"");
        escape(name, &mut xml);
        let _ = write!(xml, "\" sheetId=\"{}\"", index + 1);
        if index != visible && sheets.get(index).is_some_and(|sheet| sheet.hidden) {
            xml.push_str(" state=\"hidden\"");
        }
        let _ = write!(xml, " r:id=\"rId{}\"/>", index + 1);
    }
    xml.push_str("</sheets>");
    xml.push_str(defined);
    if uncomputed {
        xml.push_str("<calcPr fullCalcOnLoad=\"1\"/>");
    }
    xml.push_str("</workbook>");
    xml
}
