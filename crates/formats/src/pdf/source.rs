//! How text of a document stands in Typst source: as string literals only, so that none of it can
//! become markup.

use std::fmt::Write as _;

/// A string literal that evaluates to `text`.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A length in points.
pub(super) fn points(length: f64) -> String {
    format!("{length:.2}pt")
}

/// Characters that no print shows: controls but line ends and tabs, and what Unicode says is no
/// character.
pub(super) fn is_unprintable(character: char) -> bool {
    let code = u32::from(character);
    (character.is_control() && character != '\n' && character != '\t')
        || (code & 0xFFFE) == 0xFFFE
        || (0xFDD0..=0xFDEF).contains(&code)
}

/// A modifier that only changes the tone of an emoji's skin.
pub(super) fn is_skin_tone(character: char) -> bool {
    ('\u{1F3FB}'..='\u{1F3FF}').contains(&character)
}

/// Whether text in this character is set as Chinese is.
pub(super) fn is_chinese(character: char) -> bool {
    matches!(u32::from(character),
        0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF | 0x20000..=0x3FFFF)
}

/// Whether most letters are Chinese; a few Chinese words weigh as much as a line of Latin ones.
pub(super) fn is_mostly_chinese<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    let (mut chinese, mut other) = (0_usize, 0_usize);
    for character in texts.flat_map(str::chars) {
        if is_chinese(character) {
            chinese += 1;
        } else if character.is_alphabetic() {
            other += 1;
        }
    }
    chinese * 5 > other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_holds_anything() {
        assert_eq!(literal("a\"b\\#[c]\n\u{7}"), "\"a\\\"b\\\\#[c]\\n\\u{7}\"");
        assert!(is_unprintable('\u{1}') && is_unprintable('\u{ffff}') && !is_unprintable('\n'));
    }
}
