//! Text as XML may hold it.

use std::fmt::Write as _;

/// Appends text between tags or in an attribute; characters XML cannot hold are left out.
pub(super) fn escape(text: &str, xml: &mut String) {
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\n' => xml.push_str("&#10;"),
            '\r' => xml.push_str("&#13;"),
            '\t' => xml.push_str("&#9;"),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => xml.push(character),
        }
    }
}

/// Appends a name to an attribute, in which what XML cannot hold and line breaks are written as in cells.
pub(super) fn escape_name(name: &str, xml: &mut String) {
    let mut plain = String::with_capacity(name.len());
    for (at, letter) in name.char_indices() {
        match letter {
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(plain, "_x{:04X}_", u32::from(letter));
            }
            '_' if is_escape(&name.as_bytes()[at..]) => plain.push_str("_x005F_"),
            letter => plain.push(letter),
        }
    }
    escape(&plain, xml);
}

/// Whether [`escape`] leaves a text as it is. The look at all bytes is cheap; some texts that could
/// stay are not recognized.
pub(super) fn stands_for_itself(text: &str) -> bool {
    text.bytes().all(|byte| CLASSES[usize::from(byte)] == PLAIN || byte == b'_')
        && !text.bytes().any(|byte| matches!(byte, b'"' | b'\n' | b'\t'))
}

/// A few bytes that are written again and again. They are copied with their unused rest, which is
/// cut off again: a copy of fixed size is a move of one register.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Piece {
    bytes: [u8; 16],
    length: usize,
}

impl Piece {
    /// The two parts joined; what exceeds 16 bytes is left out.
    pub(super) fn new(first: &[u8], second: &[u8]) -> Self {
        let mut piece = Self::default();
        for (slot, &byte) in piece.bytes.iter_mut().zip(first.iter().chain(second)) {
            *slot = byte;
            piece.length += 1;
        }
        piece
    }

    pub(super) fn append_to(&self, xml: &mut Vec<u8>) {
        let end = xml.len() + self.length;
        xml.extend_from_slice(&self.bytes);
        xml.truncate(end);
    }
}

/// Appends the text of a cell (ECMA-376 part 1, 22.9.2.19): what XML cannot hold becomes `_xHHHH_`,
/// and text that looks like that has its underscore written so.
pub(super) fn write_cell_text(text: &str, xml: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut start = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        let class = CLASSES[usize::from(byte)];
        if class == PLAIN {
            continue;
        }
        let replacement: &[u8] = match byte {
            b'&' => b"&amp;",
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'_' if is_escape(&bytes[at..]) => b"_x005F_",
            0xEF if matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE])) => b"_xFFFE_",
            0xEF if matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBF])) => b"_xFFFF_",
            b'_' | 0xEF => continue,
            _ => {
                xml.extend_from_slice(&bytes[start..at]);
                start = at + 1;
                xml.extend_from_slice(b"_x00");
                xml.push(b'0' + (byte >> 4));
                xml.push(b"0123456789ABCDEF"[usize::from(byte & 15)]);
                xml.push(b'_');
                continue;
            }
        };
        xml.extend_from_slice(&bytes[start..at]);
        xml.extend_from_slice(replacement);
        start = at + if byte == 0xEF { 3 } else { 1 };
    }
    xml.extend_from_slice(&bytes[start..]);
}

const PLAIN: u8 = 0;
const SPECIAL: u8 = 1;

/// Bytes that may need something else in their place.
const CLASSES: [u8; 256] = {
    let mut classes = [PLAIN; 256];
    let mut byte = 0;
    while byte < 0x20 {
        classes[byte] = SPECIAL;
        byte += 1;
    }
    classes[b'\t' as usize] = PLAIN;
    classes[b'\n' as usize] = PLAIN;
    classes[b'&' as usize] = SPECIAL;
    classes[b'<' as usize] = SPECIAL;
    classes[b'>' as usize] = SPECIAL;
    classes[b'_' as usize] = SPECIAL;
    classes[0xEF] = SPECIAL;
    classes
};

/// Whether `_xHHHH_` stands here.
fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'_', b'x' | b'X', a, b, c, d, b'_', ..]
        if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()))
}

/// Whether blanks at the ends of a text, or line breaks, need `xml:space="preserve"`.
pub(super) fn needs_preserve(text: &str) -> bool {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let bytes = text.as_bytes();
    bytes.first().is_some_and(blank) || bytes.last().is_some_and(blank) || text.contains('\n')
}
