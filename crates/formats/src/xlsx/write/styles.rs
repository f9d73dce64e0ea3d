//! Styles: those that cells use, each part of them once.

use std::collections::HashMap;
use std::fmt::Write as _;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{Border, CellStyle, Font, Horizontal, Vertical};

use super::parts::{DECLARATION, MAIN_NAMESPACE};
use super::xml::escape;
use crate::sheet_flow::style_list::LINES;

/// Cell formats of a workbook (Excel's specification).
const MOST: usize = 65_000;
/// The first number of formats that a file defines itself.
const FIRST_OWN_FORMAT: usize = 164;
const UNUSED: u32 = u32::MAX;

/// Formats every reader knows by number (ECMA-376 part 1, 18.8.30).
const BUILT_IN: [(&str, usize); 28] = [
    ("", 0),
    ("0", 1),
    ("0.00", 2),
    ("#,##0", 3),
    ("#,##0.00", 4),
    ("0%", 9),
    ("0.00%", 10),
    ("0.00E+00", 11),
    ("# ?/?", 12),
    ("# ??/??", 13),
    ("mm-dd-yy", 14),
    ("d-mmm-yy", 15),
    ("d-mmm", 16),
    ("mmm-yy", 17),
    ("h:mm AM/PM", 18),
    ("h:mm:ss AM/PM", 19),
    ("h:mm", 20),
    ("h:mm:ss", 21),
    ("m/d/yy h:mm", 22),
    ("#,##0_);(#,##0)", 37),
    ("#,##0_);[Red](#,##0)", 38),
    ("#,##0.00_);(#,##0.00)", 39),
    ("#,##0.00_);[Red](#,##0.00)", 40),
    ("mm:ss", 45),
    ("[h]:mm:ss", 46),
    ("mm:ss.0", 47),
    ("##0.0E+0", 48),
    ("@", 49),
];

/// Which of the workbook's styles are in use, and as which number.
pub(in crate::xlsx) struct StyleTable {
    styles: Vec<CellStyle>,
    numbers: Vec<u32>,
    used: Vec<u32>,
    refused: bool,
}

impl StyleTable {
    pub(in crate::xlsx) fn new(styles: &[CellStyle]) -> Self {
        let mut table = Self {
            styles: styles.to_vec(),
            numbers: vec![UNUSED; styles.len()],
            used: Vec::new(),
            refused: false,
        };
        if table.styles.is_empty() {
            table.styles.push(CellStyle::default());
            table.numbers.push(UNUSED);
        }
        table.index_of(0);
        table
    }

    /// The number of a style in the file; that of the default style for one that does not exist.
    pub(super) fn index_of(&mut self, style: u32) -> u32 {
        let Some(number) = self.numbers.get_mut(style as usize) else { return 0 };
        if *number == UNUSED {
            if self.used.len() >= MOST {
                self.refused = true;
                return 0;
            }
            *number = self.used.len() as u32;
            self.used.push(style);
        }
        *number
    }

    /// The part that describes the styles in use.
    pub(in crate::xlsx) fn to_xml(&self, losses: &mut Losses) -> String {
        if self.refused {
            let detail = "styles beyond the 65,000 that Excel can hold";
            losses.add(LossKind::FormattingDropped, "", detail);
        }
        let mut formats = Part::default();
        let mut fonts = Part::default();
        let mut fills = Part::default();
        let mut borders = Part::default();
        fonts.add(font_xml(&Font::default()));
        fills.add("<fill><patternFill patternType=\"none\"/></fill>".to_owned());
        fills.add("<fill><patternFill patternType=\"gray125\"/></fill>".to_owned());
        borders.add(border_xml(&Default::default()));
        let mut cells = String::new();
        for style in self.used.iter().filter_map(|&style| self.styles.get(style as usize)) {
            let format = format_number(&style.number_format, &mut formats, losses);
            let fill = match color(&style.fill) {
                Some(color) => fills.add(format!(
                    "<fill><patternFill patternType=\"solid\"><fgColor rgb=\"FF{color}\"/><bgColor indexed=\"64\"/></patternFill></fill>"
                )),
                None => 0,
            };
            let font = fonts.add(font_xml(&style.font));
            let border = borders.add(border_xml(&style.borders));
            write_cell_format(style, [format, font, fill, border], &mut cells);
        }
        let mut xml = format!("{DECLARATION}<styleSheet xmlns=\"{MAIN_NAMESPACE}\">");
        if !formats.items.is_empty() {
            formats.write("numFmts", &mut xml);
        }
        fonts.write("fonts", &mut xml);
        fills.write("fills", &mut xml);
        borders.write("borders", &mut xml);
        let _ = write!(
            xml,
            "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
             <cellXfs count=\"{}\">{cells}</cellXfs>\
             <cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>",
            self.used.len()
        );
        xml
    }
}

/// Elements of one kind, each once.
#[derive(Default)]
struct Part {
    items: Vec<String>,
    known: HashMap<String, usize>,
}

impl Part {
    fn add(&mut self, item: String) -> usize {
        let next = self.items.len();
        *self.known.entry(item).or_insert_with_key(|item| {
            self.items.push(item.clone());
            next
        })
    }

    fn write(&self, name: &str, xml: &mut String) {
        let _ = write!(xml, "<{name} count=\"{}\">", self.items.len());
        self.items.iter().for_each(|item| xml.push_str(item));
        let _ = write!(xml, "</{name}>");
    }
}

fn write_cell_format(
    style: &CellStyle,
    [format, font, fill, border]: [usize; 4],
    xml: &mut String,
) {
    let _ = write!(
        xml,
        "<xf numFmtId=\"{format}\" fontId=\"{font}\" fillId=\"{fill}\" borderId=\"{border}\" xfId=\"0\""
    );
    for (apply, number) in [
        ("applyNumberFormat", format),
        ("applyFont", font),
        ("applyFill", fill),
        ("applyBorder", border),
    ] {
        if number > 0 {
            let _ = write!(xml, " {apply}=\"1\"");
        }
    }
    let horizontal = match style.horizontal {
        Horizontal::General => "",
        Horizontal::Left => " horizontal=\"left\"",
        Horizontal::Center => " horizontal=\"center\"",
        Horizontal::Right => " horizontal=\"right\"",
    };
    let vertical = match style.vertical {
        Vertical::Bottom => "",
        Vertical::Middle => " vertical=\"center\"",
        Vertical::Top => " vertical=\"top\"",
    };
    let wrap = if style.wrap { " wrapText=\"1\"" } else { "" };
    if horizontal.is_empty() && vertical.is_empty() && wrap.is_empty() {
        xml.push_str("/>");
    } else {
        let _ = write!(xml, " applyAlignment=\"1\"><alignment{horizontal}{vertical}{wrap}/></xf>");
    }
}

fn format_number(code: &str, formats: &mut Part, losses: &mut Losses) -> usize {
    let code = if code.eq_ignore_ascii_case("general") { "" } else { code };
    if let Some((_, number)) = BUILT_IN.iter().find(|(known, _)| *known == code) {
        return *number;
    }
    if !is_acceptable(code) {
        let detail = format!("number format {code:?}, which Excel does not accept");
        losses.add(LossKind::FormattingDropped, "", detail);
        return 0;
    }
    if let Some(&number) = formats.known.get(code) {
        return number;
    }
    let next = FIRST_OWN_FORMAT + formats.items.len();
    let mut item = format!("<numFmt numFmtId=\"{next}\" formatCode=\"");
    escape(code, &mut item);
    item.push_str("\"/>");
    formats.items.push(item);
    formats.known.insert(code.to_owned(), next);
    next
}

/// Whether Excel takes a code without calling the file damaged: everything that opens closes, and
/// there are at most four sections.
fn is_acceptable(code: &str) -> bool {
    let mut characters = code.chars();
    let mut sections = 1;
    while let Some(character) = characters.next() {
        let closed = match character {
            '"' => characters.by_ref().any(|character| character == '"'),
            '[' => characters.by_ref().any(|character| character == ']'),
            '\\' | '_' | '*' => characters.next().is_some(),
            ';' => {
                sections += 1;
                true
            }
            character => !character.is_control(),
        };
        if !closed {
            return false;
        }
    }
    code.chars().count() <= 255 && sections <= 4
}

/// A colour as files write it, if it is one.
fn color(color: &str) -> Option<String> {
    (color.len() == 6 && color.bytes().all(|digit| digit.is_ascii_hexdigit()))
        .then(|| color.to_ascii_uppercase())
}

fn font_xml(font: &Font) -> String {
    look_xml(font, "font", "name")
}

/// The look of a piece of text within a cell.
pub(super) fn run_look(font: &Font) -> String {
    look_xml(font, "rPr", "rFont")
}

/// The same properties go by two names.
fn look_xml(font: &Font, element: &str, name_element: &str) -> String {
    let mut xml = format!("<{element}>");
    for (set, element) in [
        (font.bold, "<b/>"),
        (font.italic, "<i/>"),
        (font.strikethrough, "<strike/>"),
        (font.underline, "<u/>"),
    ] {
        if set {
            xml.push_str(element);
        }
    }
    let size = if (1.0..=409.0).contains(&font.size_pt) { font.size_pt } else { 11.0 };
    let _ = write!(xml, "<sz val=\"{size}\"/>");
    if let Some(color) = color(&font.color) {
        let _ = write!(xml, "<color rgb=\"FF{color}\"/>");
    }
    let _ = write!(xml, "<{name_element} val=\"");
    let name = if font.name.is_empty() { "Calibri" } else { &font.name };
    // Longer names are an error to Excel.
    escape(&name.chars().take(31).collect::<String>(), &mut xml);
    let _ = write!(xml, "\"/></{element}>");
    xml
}

fn border_xml(borders: &[Border; 4]) -> String {
    let [top, right, bottom, left] = borders;
    let mut xml = String::from("<border>");
    for (name, border) in [("left", left), ("right", right), ("top", top), ("bottom", bottom)] {
        if LINES.contains(&border.line.as_str()) {
            let _ = write!(xml, "<{name} style=\"{}\">", border.line);
            match color(&border.color) {
                Some(color) => {
                    let _ = write!(xml, "<color rgb=\"FF{color}\"/>");
                }
                None => xml.push_str("<color auto=\"1\"/>"),
            }
            let _ = write!(xml, "</{name}>");
        } else {
            let _ = write!(xml, "<{name}/>");
        }
    }
    xml.push_str("<diagonal/></border>");
    xml
}
