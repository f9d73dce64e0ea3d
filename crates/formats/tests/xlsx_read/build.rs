//! Makes workbooks of given parts, so that tests can say exactly what is in a file, wrong or right.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::{Compression, write::DeflateEncoder};

/// A zip archive in the making.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts(Vec<(String, Vec<u8>)>);

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
pub(crate) const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

impl Parts {
    /// An archive without parts.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// A workbook of one sheet: the sheet's XML, and the shared strings' and styles' where given.
    pub(crate) fn book(sheet: &str, strings: &str, styles: &str) -> Self {
        Self::none()
            .with("[Content_Types].xml", format!("{HEAD}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"))
            .with("_rels/.rels", related(&[("rId1", "officeDocument", "xl/workbook.xml", "")]))
            .with("xl/workbook.xml", workbook("", "<sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/>"))
            .with(
                "xl/_rels/workbook.xml.rels",
                related(&[
                    ("rId1", "worksheet", "worksheets/sheet1.xml", ""),
                    ("rId2", "sharedStrings", "sharedStrings.xml", ""),
                    ("rId3", "styles", "/xl/styles.xml", ""),
                ]),
            )
            .with("xl/worksheets/sheet1.xml", format!("{HEAD}{sheet}"))
            .with("xl/sharedStrings.xml", format!("{HEAD}<sst xmlns=\"{MAIN}\">{strings}</sst>"))
            .with("xl/styles.xml", format!("{HEAD}<styleSheet xmlns=\"{MAIN}\">{styles}</styleSheet>"))
    }

    /// A workbook of one sheet with these rows and nothing else.
    pub(crate) fn rows(rows: &str) -> Self {
        Self::book(&sheet(rows), "", "")
    }

    /// Adds or replaces a part.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), bytes.into()));
        self
    }

    /// The parts by name.
    pub(crate) fn into_parts(self) -> Vec<(String, Vec<u8>)> {
        self.0
    }

    /// The archive, packed.
    pub(crate) fn zip(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut directory = Vec::new();
        for (name, bytes) in &self.0 {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).expect("memory takes all");
            let packed = encoder.finish().expect("memory takes all");
            let mut sizes = Vec::new();
            for field in [crc32fast::hash(bytes), packed.len() as u32, bytes.len() as u32] {
                sizes.extend_from_slice(&field.to_le_bytes());
            }
            let name_length = (name.len() as u16).to_le_bytes();
            directory.extend_from_slice(b"PK\x01\x02\x14\0\x14\0\0\x08\x08\0\0\0\0\0");
            directory.extend_from_slice(&sizes);
            directory.extend_from_slice(&name_length);
            directory.extend_from_slice(&[0; 12]);
            directory.extend_from_slice(&(file.len() as u32).to_le_bytes());
            directory.extend_from_slice(name.as_bytes());
            file.extend_from_slice(b"PK\x03\x04\x14\0\0\x08\x08\0\0\0\0\0");
            file.extend_from_slice(&sizes);
            file.extend_from_slice(&name_length);
            file.extend_from_slice(&[0; 2]);
            file.extend_from_slice(name.as_bytes());
            file.extend_from_slice(&packed);
        }
        let start = file.len() as u32;
        file.extend_from_slice(&directory);
        file.extend_from_slice(b"PK\x05\x06\0\0\0\0");
        let count = (self.0.len() as u16).to_le_bytes();
        file.extend_from_slice(&count);
        file.extend_from_slice(&count);
        file.extend_from_slice(&(directory.len() as u32).to_le_bytes());
        file.extend_from_slice(&start.to_le_bytes());
        file.extend_from_slice(&[0; 2]);
        file
    }
}

/// A worksheet with these rows.
pub(crate) fn sheet(rows: &str) -> String {
    format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>")
}

/// A workbook part.
pub(crate) fn workbook(before: &str, sheets: &str) -> String {
    format!(
        "{HEAD}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONSHIPS}\">{before}<sheets>{sheets}</sheets></workbook>"
    )
}

/// A relationships part of ids, kinds, targets and modes.
pub(crate) fn related(relationships: &[(&str, &str, &str, &str)]) -> String {
    let mut xml = format!(
        "{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
    );
    for (id, kind, target, mode) in relationships {
        let mode = if mode.is_empty() { String::new() } else { format!(" TargetMode=\"{mode}\"") };
        let kind = format!("{RELATIONSHIPS}/{kind}");
        write!(xml, "<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"{mode}/>")
            .expect("memory takes all");
    }
    xml + "</Relationships>"
}
