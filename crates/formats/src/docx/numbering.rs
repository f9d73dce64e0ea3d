//! Lists: one definition for bullets, three for numbers (which sort of number a level starts with), and
//! an instance for each run of numbered items, so that each counts for itself.

use std::fmt::Write as _;

/// Levels Word knows.
pub(super) const LEVELS: usize = 9;
/// Indent of one level, twentieths of a point.
pub(super) const LEVEL_INDENT: u32 = 420;
/// The instance of all bulleted lists.
pub(super) const BULLETS: u32 = 1;

/// Signs of bullets and sorts of numbers, by level, over and over.
const SIGNS: [&str; 3] = ["•", "◦", "▪"];
const SORTS: [&str; 3] = ["decimal", "lowerLetter", "lowerRoman"];

/// The instances of numbered lists.
#[derive(Default)]
pub(super) struct Numbering {
    instances: String,
    count: u32,
}

impl Numbering {
    /// A new list whose items stand at `level` and count from `start`. `depth` is how many numbered
    /// lists are around it; it decides between 1, a and i.
    pub(super) fn begin(&mut self, level: usize, depth: usize, start: u32) -> u32 {
        let level = level.min(LEVELS - 1);
        let definition = 1 + (depth + 3 * LEVELS - level) % 3;
        self.count += 1;
        let number = BULLETS + self.count;
        write!(
            self.instances,
            "<w:num w:numId=\"{number}\"><w:abstractNumId w:val=\"{definition}\"/>\
             <w:lvlOverride w:ilvl=\"{level}\"><w:startOverride w:val=\"{start}\"/></w:lvlOverride></w:num>"
        )
        .expect("a string takes any text");
        number
    }

    /// The part `numbering.xml`.
    pub(super) fn to_part(&self) -> String {
        let mut part = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:numbering xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">",
        );
        for definition in 0..=SORTS.len() {
            write!(
                part,
                "<w:abstractNum w:abstractNumId=\"{definition}\"><w:nsid w:val=\"4C41524{definition}\"/>\
                 <w:multiLevelType w:val=\"hybridMultilevel\"/>"
            )
            .expect("a string takes any text");
            for level in 0..LEVELS {
                let (sort, text) = match definition {
                    0 => ("bullet", SIGNS[level % 3].to_owned()),
                    _ => (SORTS[(level + definition - 1) % 3], format!("%{}.", level + 1)),
                };
                let left = LEVEL_INDENT * (level as u32 + 1);
                write!(
                    part,
                    "<w:lvl w:ilvl=\"{level}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{sort}\"/>\
                     <w:lvlText w:val=\"{text}\"/><w:lvlJc w:val=\"left\"/>\
                     <w:pPr><w:ind w:left=\"{left}\" w:hanging=\"{LEVEL_INDENT}\"/></w:pPr></w:lvl>"
                )
                .expect("a string takes any text");
            }
            part.push_str("</w:abstractNum>");
        }
        write!(part, "<w:num w:numId=\"{BULLETS}\"><w:abstractNumId w:val=\"0\"/></w:num>")
            .expect("a string takes any text");
        part.push_str(&self.instances);
        part.push_str("</w:numbering>");
        part
    }
}
