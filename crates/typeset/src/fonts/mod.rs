//! Which fonts a print may use: the ones built in, and for characters those lack, fonts of the
//! system. What no font has is known before anything is laid out.

mod shipped;
mod system;

use std::collections::BTreeSet;
use std::path::PathBuf;

use typst::text::{Font, FontBook};
use typst::utils::LazyHash;

/// The family of Latin, Greek and Cyrillic text.
pub const LATIN: &str = "Noto Sans";
/// The family of Chinese text.
pub const CHINESE: &str = "Noto Sans S Chinese";
/// The family of code.
pub const MONOSPACE: &str = "JetBrains Mono";
/// The family with arrows, boxes and signs.
pub const SIGNS: &str = "DejaVu Sans Mono";
/// The family of emoji.
pub const EMOJI: &str = "Noto Color Emoji";
/// The family of equations.
pub const MATH: &str = "New Computer Modern Math";

/// The fonts of one print.
pub struct Fonts {
    pub(crate) book: LazyHash<FontBook>,
    pub(crate) faces: Vec<Font>,
    /// Characters that no font has.
    pub missing: BTreeSet<char>,
    /// Files of the system whose fonts are used.
    pub system_files: Vec<PathBuf>,
}

impl Fonts {
    /// The built-in fonts alone.
    pub fn built_in() -> Self {
        Self::choose(&BTreeSet::new(), &[])
    }

    /// Fonts for a text made of `characters`. `directories` and the system's own font folders are
    /// looked through only if the built-in fonts lack one of them.
    pub fn choose(characters: &BTreeSet<char>, directories: &[PathBuf]) -> Self {
        let shipped = shipped::faces();
        let mut missing: BTreeSet<char> = characters
            .iter()
            .copied()
            .filter(|character| needs_glyph(*character) && !shipped::covers(*character))
            .collect();
        let mut faces = shipped.to_vec();
        let mut system_files = Vec::new();
        if !missing.is_empty() {
            for found in system::find(&mut missing, directories) {
                faces.push(found.face);
                system_files.push(found.path);
            }
        }
        system_files.dedup();
        let book = LazyHash::new(FontBook::from_fonts(&faces));
        Self { book, faces, missing, system_files }
    }

    /// Families found on the system, in the order they should be tried.
    pub fn system_families(&self) -> Vec<String> {
        let mut families: Vec<String> = Vec::new();
        for face in self.faces.iter().skip(shipped::faces().len()) {
            if !families.contains(&face.info().family) {
                families.push(face.info().family.clone());
            }
        }
        families
    }
}

/// Whether a character is drawn at all: not white space, a control, or one that only changes its
/// neighbours.
pub fn needs_glyph(character: char) -> bool {
    !(character.is_whitespace()
        || character.is_control()
        || matches!(u32::from(character),
            0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F
            | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F
            | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF))
}

/// One face built into the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaceFact {
    /// Family.
    pub family: String,
    /// Weight and slant, for example `700 italic`.
    pub style: String,
    /// Size of the file.
    pub size_bytes: usize,
}

/// What can be said about fonts without printing anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The faces built in.
    pub built_in: Vec<FaceFact>,
    /// The folders that exist among those given and the system's own.
    pub directories: Vec<PathBuf>,
    /// Whether Chinese can be printed without any font installed.
    pub chinese: bool,
    /// How many characters the built-in faces have together.
    pub characters: usize,
}

/// What is built in, and where further fonts would be looked for.
pub fn report(directories: &[PathBuf]) -> Report {
    let built_in = shipped::faces()
        .iter()
        .map(|face| {
            let info = face.info();
            FaceFact {
                family: info.family.clone(),
                style: format!(
                    "{} {}",
                    info.variant.weight.to_number(),
                    format!("{:?}", info.variant.style).to_lowercase()
                ),
                size_bytes: face.data().len(),
            }
        })
        .collect();
    let mut characters = BTreeSet::new();
    for face in shipped::faces() {
        characters.extend(face.info().coverage.iter());
    }
    Report {
        built_in,
        directories: system::folders(directories),
        chinese: "中文简体，。「」あアㄅ".chars().all(shipped::covers),
        characters: characters.len(),
    }
}

/// The script or block of a character, in words a person can look a font up by.
pub fn script_of(character: char) -> &'static str {
    const BLOCKS: [(u32, u32, &str); 31] = [
        (0x0590, 0x05FF, "Hebrew"),
        (0x0600, 0x08FF, "Arabic"),
        (0x0900, 0x097F, "Devanagari"),
        (0x0980, 0x09FF, "Bengali"),
        (0x0A00, 0x0A7F, "Gurmukhi"),
        (0x0A80, 0x0AFF, "Gujarati"),
        (0x0B80, 0x0BFF, "Tamil"),
        (0x0C00, 0x0C7F, "Telugu"),
        (0x0C80, 0x0CFF, "Kannada"),
        (0x0D00, 0x0D7F, "Malayalam"),
        (0x0D80, 0x0DFF, "Sinhala"),
        (0x0E00, 0x0E7F, "Thai"),
        (0x0E80, 0x0EFF, "Lao"),
        (0x0F00, 0x0FFF, "Tibetan"),
        (0x1000, 0x109F, "Myanmar"),
        (0x10A0, 0x10FF, "Georgian"),
        (0x1100, 0x11FF, "Hangul"),
        (0x1200, 0x139F, "Ethiopic"),
        (0x1780, 0x17FF, "Khmer"),
        (0x1800, 0x18AF, "Mongolian"),
        (0x2100, 0x2BFF, "symbols"),
        (0x2E80, 0x2FDF, "CJK"),
        (0x3000, 0x9FFF, "CJK"),
        (0xA000, 0xA4CF, "Yi"),
        (0xAC00, 0xD7FF, "Hangul"),
        (0xE000, 0xF8FF, "private use"),
        (0xF900, 0xFAFF, "CJK"),
        (0xFB1D, 0xFB4F, "Hebrew"),
        (0xFB50, 0xFEFC, "Arabic"),
        (0x1F000, 0x1FAFF, "emoji"),
        (0x20000, 0x3FFFF, "rare CJK (extension B and later)"),
    ];
    let code = u32::from(character);
    BLOCKS
        .iter()
        .find(|(first, last, _)| (*first..=*last).contains(&code))
        .map_or("other scripts", |(_, _, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_families_are_named_as_the_files_name_themselves() {
        let families: BTreeSet<String> =
            shipped::faces().iter().map(|face| face.info().family.clone()).collect();
        let named = [LATIN, CHINESE, MONOSPACE, SIGNS, EMOJI, MATH];
        assert_eq!(families, named.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(shipped::faces().len(), 11);
    }

    #[test]
    fn chinese_is_whole_without_any_font_installed() {
        let facts = report(&[]);
        assert!(facts.chinese);
        // Every character of GB 2312's first level lies in here.
        let text: BTreeSet<char> =
            ('\u{4e00}'..='\u{9fa5}').chain('\u{3041}'..='\u{3093}').collect();
        assert!(Fonts::choose(&text, &[]).missing.is_empty());
    }

    #[test]
    fn what_no_font_has_is_known_beforehand() {
        let text: BTreeSet<char> = "a中\u{200b}\u{fe0f}\u{f8ff0}".chars().collect();
        let fonts = Fonts::choose(&text, &[]);
        assert_eq!(fonts.missing, BTreeSet::from(['\u{f8ff0}']));
    }

    #[test]
    fn scripts_have_names() {
        assert_eq!(script_of('ש'), "Hebrew");
        assert_eq!(script_of('한'), "Hangul");
        assert_eq!(script_of('\u{20000}'), "rare CJK (extension B and later)");
    }
}
