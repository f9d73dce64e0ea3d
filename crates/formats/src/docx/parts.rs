//! The parts of the package that are the same in every document, and the small ones around them.

use std::fmt::Write as _;

use super::markup::escaped;

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// `[Content_Types].xml`.
pub(super) const CONTENT_TYPES: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">",
    "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>",
    "<Default Extension=\"xml\" ContentType=\"application/xml\"/>",
    "<Default Extension=\"png\" ContentType=\"image/png\"/>",
    "<Default Extension=\"jpeg\" ContentType=\"image/jpeg\"/>",
    "<Default Extension=\"gif\" ContentType=\"image/gif\"/>",
    "<Default Extension=\"bmp\" ContentType=\"image/bmp\"/>",
    "<Default Extension=\"tiff\" ContentType=\"image/tiff\"/>",
    "<Default Extension=\"emf\" ContentType=\"image/x-emf\"/>",
    "<Default Extension=\"wmf\" ContentType=\"image/x-wmf\"/>",
    "<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>",
    "<Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/>",
    "<Override PartName=\"/word/numbering.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml\"/>",
    "<Override PartName=\"/word/settings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml\"/>",
    "<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>",
    "<Override PartName=\"/docProps/app.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.extended-properties+xml\"/>",
    "</Types>",
);

/// `_rels/.rels`.
pub(super) const PACKAGE_RELATIONSHIPS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    "<Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/>",
    "<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>",
    "<Relationship Id=\"rId3\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties\" Target=\"docProps/app.xml\"/>",
    "</Relationships>",
);

/// `docProps/app.xml`.
pub(super) const APPLICATION: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\">",
    "<Application>Larkspur</Application></Properties>",
);

/// `word/settings.xml`: today's layout rules, and no compression of what was typed.
pub(super) const SETTINGS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<w:settings xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" ",
    "xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\">",
    "<w:zoom w:percent=\"100\"/><w:defaultTabStop w:val=\"420\"/>",
    "<w:characterSpacingControl w:val=\"compressPunctuation\"/>",
    "<w:compat><w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"15\"/></w:compat>",
    "<m:mathPr><m:mathFont m:val=\"Cambria Math\"/></m:mathPr>",
    "<w:themeFontLang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/>",
    "<w:decimalSymbol w:val=\".\"/><w:listSeparator w:val=\",\"/>",
    "</w:settings>",
);

/// `docProps/core.xml`.
pub(super) fn core(title: &str) -> String {
    format!(
        "{HEAD}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title></cp:coreProperties>",
        escaped(title)
    )
}

/// A paragraph style: id, shown name, what it is based on, what follows, properties.
fn paragraph_style(id: &str, name: &str, next: &str, paragraph: &str, run: &str) -> String {
    let properties = |tag: &str, inner: &str| match inner {
        "" => String::new(),
        _ => format!("<w:{tag}>{inner}</w:{tag}>"),
    };
    format!(
        "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/>\
         <w:next w:val=\"{next}\"/><w:qFormat/>{}{}</w:style>",
        properties("pPr", paragraph),
        properties("rPr", run),
    )
}

/// Sizes of the headings, half points, from the first level.
const HEADING_SIZES: [u32; 9] = [36, 32, 28, 26, 24, 22, 22, 22, 22];

/// `word/styles.xml`. Fonts name a Chinese face beside the Latin one, so that Word never guesses.
pub(super) fn styles() -> String {
    let mut part = format!(
        "{HEAD}<w:styles xmlns:w=\"{MAIN}\"><w:docDefaults><w:rPrDefault><w:rPr>\
         <w:rFonts w:ascii=\"Calibri\" w:eastAsia=\"Microsoft YaHei\" w:hAnsi=\"Calibri\" w:cs=\"Calibri\"/>\
         <w:sz w:val=\"22\"/><w:szCs w:val=\"22\"/><w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\" w:bidi=\"ar-SA\"/>\
         </w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after=\"120\" w:line=\"288\" w:lineRule=\"auto\"/></w:pPr></w:pPrDefault></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/></w:style>\
         <w:style w:type=\"character\" w:default=\"1\" w:styleId=\"DefaultParagraphFont\"><w:name w:val=\"Default Paragraph Font\"/><w:uiPriority w:val=\"1\"/><w:semiHidden/><w:unhideWhenUsed/></w:style>\
         <w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/><w:uiPriority w:val=\"99\"/><w:semiHidden/><w:unhideWhenUsed/>\
         <w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/><w:tblCellMar><w:top w:w=\"0\" w:type=\"dxa\"/><w:left w:w=\"108\" w:type=\"dxa\"/><w:bottom w:w=\"0\" w:type=\"dxa\"/><w:right w:w=\"108\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style>\
         <w:style w:type=\"numbering\" w:default=\"1\" w:styleId=\"NoList\"><w:name w:val=\"No List\"/><w:uiPriority w:val=\"99\"/><w:semiHidden/><w:unhideWhenUsed/></w:style>"
    );
    part.push_str(&paragraph_style(
        "Title",
        "Title",
        "Normal",
        "<w:keepNext/><w:spacing w:before=\"0\" w:after=\"240\"/><w:contextualSpacing/>",
        "<w:b/><w:bCs/><w:sz w:val=\"48\"/><w:szCs w:val=\"48\"/>",
    ));
    for (level, size) in (1..).zip(HEADING_SIZES) {
        let outline = level - 1;
        part.push_str(&paragraph_style(
            &format!("Heading{level}"),
            &format!("heading {level}"),
            "Normal",
            &format!("<w:keepNext/><w:keepLines/><w:spacing w:before=\"280\" w:after=\"120\"/><w:outlineLvl w:val=\"{outline}\"/>"),
            &format!("<w:b/><w:bCs/><w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>"),
        ));
    }
    for (id, name, paragraph, run) in [
        (
            "ListParagraph",
            "List Paragraph",
            "<w:spacing w:after=\"60\"/><w:ind w:left=\"420\"/>",
            "",
        ),
        (
            "Quote",
            "Quote",
            "<w:pBdr><w:left w:val=\"single\" w:sz=\"18\" w:space=\"10\" w:color=\"BBBFC4\"/></w:pBdr><w:ind w:left=\"284\"/>",
            "<w:color w:val=\"646A73\"/>",
        ),
        (
            "Code",
            "Code",
            "<w:pBdr><w:top w:val=\"single\" w:sz=\"4\" w:space=\"6\" w:color=\"DEE0E3\"/><w:left w:val=\"single\" w:sz=\"4\" w:space=\"6\" w:color=\"DEE0E3\"/><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"6\" w:color=\"DEE0E3\"/><w:right w:val=\"single\" w:sz=\"4\" w:space=\"6\" w:color=\"DEE0E3\"/></w:pBdr><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"F5F6F7\"/><w:spacing w:before=\"120\" w:after=\"120\" w:line=\"264\" w:lineRule=\"auto\"/><w:ind w:left=\"142\" w:right=\"142\"/>",
            "<w:rFonts w:ascii=\"Consolas\" w:eastAsia=\"Microsoft YaHei\" w:hAnsi=\"Consolas\" w:cs=\"Consolas\"/><w:noProof/><w:sz w:val=\"19\"/><w:szCs w:val=\"19\"/>",
        ),
        (
            "Caption",
            "caption",
            "<w:spacing w:after=\"160\"/>",
            "<w:color w:val=\"646A73\"/><w:sz w:val=\"18\"/><w:szCs w:val=\"18\"/>",
        ),
    ] {
        part.push_str(&paragraph_style(id, name, id, paragraph, run));
    }
    part.push_str(
        "<w:style w:type=\"character\" w:styleId=\"Hyperlink\"><w:name w:val=\"Hyperlink\"/><w:basedOn w:val=\"DefaultParagraphFont\"/><w:uiPriority w:val=\"99\"/><w:unhideWhenUsed/><w:rPr><w:color w:val=\"245BDB\"/><w:u w:val=\"single\"/></w:rPr></w:style>\
         <w:style w:type=\"character\" w:customStyle=\"1\" w:styleId=\"CodeCharacters\"><w:name w:val=\"Code Characters\"/><w:basedOn w:val=\"DefaultParagraphFont\"/><w:qFormat/><w:rPr><w:rFonts w:ascii=\"Consolas\" w:eastAsia=\"Microsoft YaHei\" w:hAnsi=\"Consolas\" w:cs=\"Consolas\"/><w:noProof/><w:sz w:val=\"20\"/><w:szCs w:val=\"20\"/><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"F2F3F5\"/></w:rPr></w:style>\
         <w:style w:type=\"table\" w:styleId=\"TableGrid\"><w:name w:val=\"Table Grid\"/><w:basedOn w:val=\"TableNormal\"/><w:uiPriority w:val=\"39\"/><w:pPr><w:spacing w:after=\"0\"/></w:pPr><w:tblPr><w:tblBorders>\
         <w:top w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"BBBFC4\"/><w:left w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"BBBFC4\"/><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"BBBFC4\"/><w:right w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"BBBFC4\"/><w:insideH w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"BBBFC4\"/><w:insideV w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"BBBFC4\"/>\
         </w:tblBorders><w:tblCellMar><w:top w:w=\"40\" w:type=\"dxa\"/><w:left w:w=\"108\" w:type=\"dxa\"/><w:bottom w:w=\"40\" w:type=\"dxa\"/><w:right w:w=\"108\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr>\
         <w:tblStylePr w:type=\"firstRow\"><w:rPr><w:b/><w:bCs/></w:rPr><w:tcPr><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"F2F3F5\"/></w:tcPr></w:tblStylePr>\
         <w:tblStylePr w:type=\"firstCol\"><w:rPr><w:b/><w:bCs/></w:rPr><w:tcPr><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"F2F3F5\"/></w:tcPr></w:tblStylePr>\
         </w:style></w:styles>",
    );
    part
}

/// What the document refers to outside its own part.
#[derive(Default)]
pub(super) struct Relationships {
    entries: String,
    count: u32,
}

impl Relationships {
    fn add(&mut self, kind: &str, target: &str, external: bool) -> String {
        self.count += 1;
        let id = format!("rId{}", self.count + 10);
        write!(
            self.entries,
            "<Relationship Id=\"{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{}\"{}/>",
            escaped(target),
            if external { " TargetMode=\"External\"" } else { "" },
        )
        .expect("a string takes any text");
        id
    }

    /// A link to a URI; answers the id to refer to it.
    pub(super) fn link(&mut self, uri: &str) -> String {
        self.add("hyperlink", uri, true)
    }

    /// A picture in the package; answers the id to refer to it.
    pub(super) fn picture(&mut self, target: &str) -> String {
        self.add("image", target, false)
    }

    /// `word/_rels/document.xml.rels`.
    pub(super) fn to_part(&self) -> String {
        let mut part = format!(
            "{HEAD}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
        );
        for (id, kind) in [(1, "styles"), (2, "numbering"), (3, "settings")] {
            write!(
                part,
                "<Relationship Id=\"rId{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{kind}.xml\"/>"
            )
            .expect("a string takes any text");
        }
        part.push_str(&self.entries);
        part.push_str("</Relationships>");
        part
    }
}
