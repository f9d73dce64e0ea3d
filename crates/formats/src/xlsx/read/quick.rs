//! The shapes that nearly all rows, cells and strings have, taken from the bytes at hand without
//! events. Whatever looks different, or is not all there yet, is left to the scanner.

use crate::sheet_flow::cells::FORMULA_BYTES;

/// What kind of value a cell says it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    /// Index of a shared string.
    Shared,
    /// Text, the result of a formula.
    Text,
    /// Text within the cell.
    Inline,
    Bool,
    Error,
    /// An ISO date.
    Date,
}

impl Kind {
    /// The kind of a `t` attribute's value (ECMA-376 part 1, 18.18.11).
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"n" => Self::Number,
            b"s" => Self::Shared,
            b"str" => Self::Text,
            b"inlineStr" => Self::Inline,
            b"b" => Self::Bool,
            b"e" => Self::Error,
            b"d" => Self::Date,
            _ => return None,
        })
    }
}

/// A cell of the usual shape.
#[derive(Debug, Clone, Copy)]
pub(super) struct QuickCell<'b> {
    /// Column; `None` where the cell does not say.
    pub(super) column: Option<u32>,
    /// Cell format.
    pub(super) format: u32,
    pub(super) kind: Kind,
    /// Value and formula as written, references unresolved.
    pub(super) value: Option<&'b [u8]>,
    pub(super) formula: Option<&'b [u8]>,
    /// Bytes of the whole cell.
    pub(super) length: usize,
}

/// The cell that `bytes` start with, if it is of the usual shape and its row's digits are `row`.
pub(super) fn cell<'b>(bytes: &'b [u8], row: &[u8]) -> Option<QuickCell<'b>> {
    let mut at = 2;
    let mut cell = QuickCell {
        column: None,
        format: 0,
        kind: Kind::Number,
        value: None,
        formula: None,
        length: 0,
    };
    if !bytes.starts_with(b"<c") {
        return None;
    }
    loop {
        match bytes.get(at)? {
            b' ' => {}
            b'>' => break,
            b'/' if bytes.get(at + 1) == Some(&b'>') => {
                cell.length = at + 2;
                return Some(cell);
            }
            _ => return None,
        }
        let attribute = bytes.get(at + 1..at + 4)?;
        at += 4;
        match attribute {
            b"r=\"" => {
                let (column, letters) = letters(&bytes[at..])?;
                cell.column = Some(column);
                at += letters;
                let end = at + row.len();
                if bytes.get(at..end)? != row || *bytes.get(end)? != b'"' {
                    return None;
                }
                at = end + 1;
            }
            b"s=\"" => {
                let (format, digits) = digits(&bytes[at..])?;
                cell.format = format;
                at += digits + 1;
            }
            b"t=\"" => {
                let length = bytes[at..].iter().take(10).position(|&byte| byte == b'"')?;
                cell.kind = Kind::of(&bytes[at..at + length])?;
                at += length + 1;
            }
            _ => return None,
        }
    }
    let content = &bytes[at + 1..];
    let length = contents(content, &mut cell)?;
    cell.length = at + 1 + length;
    Some(cell)
}

/// Fills in value and formula from what stands between the cell's tags; answers its length up to
/// behind the end tag.
fn contents<'b>(content: &'b [u8], cell: &mut QuickCell<'b>) -> Option<usize> {
    let mut rest = content;
    if let Some(formula) = rest.strip_prefix(b"<f>") {
        let length = memchr::memchr(b'<', formula)?;
        cell.formula = Some(&formula[..length]);
        rest = formula[length..].strip_prefix(b"</f>")?;
    }
    if let Some(value) = rest.strip_prefix(b"<v>") {
        let length = if cell.kind == Kind::Text {
            memchr::memchr(b'<', value)?
        } else {
            value.iter().position(|&byte| byte == b'<')?
        };
        cell.value = Some(&value[..length]);
        rest = value[length..].strip_prefix(b"</v>")?;
    } else if let Some(text) = rest.strip_prefix(b"<is>").and_then(after_text_start) {
        let length = memchr::memchr(b'<', text)?;
        cell.value = Some(&text[..length]);
        rest = text[length..].strip_prefix(b"</t></is>")?;
        if cell.kind != Kind::Inline {
            return None;
        }
    }
    rest = rest.strip_prefix(b"</c>")?;
    Some(content.len() - rest.len())
}

fn after_text_start(bytes: &[u8]) -> Option<&[u8]> {
    bytes.strip_prefix(b"<t>").or_else(|| bytes.strip_prefix(b"<t xml:space=\"preserve\">"))
}

/// Up to three capital letters as a column, and how many those are.
fn letters(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut column = 0;
    for (index, &byte) in bytes.iter().take(4).enumerate() {
        match byte {
            b'A'..=b'Z' if index < 3 => column = column * 26 + u32::from(byte - b'A') + 1,
            b'0'..=b'9' if index > 0 => return Some((column - 1, index)),
            _ => return None,
        }
    }
    None
}

/// Up to seven digits before a quote, and how many those are.
fn digits(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(8).enumerate() {
        match byte {
            b'0'..=b'9' if index < 7 => value = value * 10 + u32::from(byte - b'0'),
            b'"' if index > 0 => return Some((value, index)),
            _ => return None,
        }
    }
    None
}

/// The formula if it can be taken as it stands; empty if there is none.
pub(super) fn plain_formula(formula: Option<&[u8]>) -> Option<&str> {
    let formula = formula.unwrap_or_default();
    if formula.len() > FORMULA_BYTES || memchr::memchr2(b'&', b'\r', formula).is_some() {
        return None;
    }
    std::str::from_utf8(formula).ok()
}

/// The index that up to nine digits make.
pub(super) fn index(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > 9 {
        return None;
    }
    digits.iter().try_fold(0, |index, digit| {
        digit.is_ascii_digit().then(|| index * 10 + usize::from(digit - b'0'))
    })
}

/// The start tag of a row that `bytes` start with, if it says nothing but its number: that, from 1,
/// and the tag's length.
pub(super) fn row_start(bytes: &[u8]) -> Option<(u32, usize)> {
    let (number, length) = digits(bytes.strip_prefix(b"<row r=\"")?)?;
    let mut at = 8 + length + 1;
    loop {
        let rest = &bytes[at..];
        if rest.first()? == &b'>' {
            return Some((number, at + 1));
        }
        // What a row spans and where its text stands changes nothing.
        let value = [&b" spans=\""[..], b" x14ac:dyDescent=\""]
            .iter()
            .find_map(|start| rest.strip_prefix(*start))?;
        let length = value.iter().take(64).position(|&byte| byte == b'"')?;
        at = bytes.len() - value.len() + length + 1;
    }
}

/// The end tag of a row.
pub(super) const ROW_END: &[u8] = b"</row>";

/// The shared string of plain text that `bytes` start with, as written, and the length of it all.
pub(super) fn string_item(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let text = after_text_start(bytes.strip_prefix(b"<si>")?)?;
    let length = memchr::memchr(b'<', text)?;
    let rest = text[length..].strip_prefix(b"</t></si>")?;
    Some((&text[..length], bytes.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_cells_are_taken_and_others_left() {
        let usual = b"<c r=\"AB12\" s=\"7\" t=\"str\"><f>A1&amp;B1</f><v>x y</v></c><c";
        let cell = cell(usual, b"12").unwrap();
        assert_eq!((cell.column, cell.format, cell.kind), (Some(27), 7, Kind::Text));
        assert_eq!(cell.value, Some(&b"x y"[..]));
        assert_eq!(cell.formula, Some(&b"A1&amp;B1"[..]));
        assert_eq!(cell.length, usual.len() - 2);
        for length in 0..usual.len() - 2 {
            assert!(super::cell(&usual[..length], b"12").is_none());
        }
        for other in [
            "<c r='A1'><v>1</v></c>",
            "<c r=\"A2\"><v>1</v></c>",
            "<c r=\"a1\"><v>1</v></c>",
            "<c r=\"A1\" cm=\"1\"><v>1</v></c>",
            "<c r=\"A1\"><f t=\"shared\" si=\"0\"/></c>",
            "<c r=\"A1\"><v>1<!-- --></v></c>",
            "<cell/>",
            "<c r=\"XFDA1\"/>",
            "<c r=\"A1\" t=\"x\"/>",
        ] {
            assert!(super::cell(other.as_bytes(), b"1").is_none(), "{other}");
        }
    }

    #[test]
    fn usual_rows_are_taken_and_others_left() {
        assert_eq!(row_start(b"<row r=\"12\">x"), Some((12, 12)));
        let more = b"<row r=\"1\" spans=\"1:9\" x14ac:dyDescent=\"0.25\">";
        assert_eq!(row_start(more), Some((1, more.len())));
        for other in ["<row>", "<row r=\"1\" ht=\"9\">", "<row r=\"1\"/>", "<row r=\"1\" spans=\"1"]
        {
            assert_eq!(row_start(other.as_bytes()), None, "{other}");
        }
    }
}
