//! Character data of XML: references, line ends and invalid bytes; and the `_xHHHH_` escapes that
//! Office strings carry on top.

use std::borrow::Cow;

/// Appends character data as text. References that do not resolve stay as they are written (nothing
/// but the five predefined names ever resolves); line ends become line feeds. Answers whether
/// invalid bytes had to be replaced.
pub(crate) fn decode_into(raw: &[u8], out: &mut String) -> bool {
    if memchr::memchr2(b'&', b'\r', raw).is_none() {
        return push_bytes(raw, out);
    }
    let mut replaced = false;
    let mut rest = raw;
    while let Some(at) = memchr::memchr2(b'&', b'\r', rest) {
        replaced |= push_bytes(&rest[..at], out);
        if rest[at] == b'\r' {
            out.push('\n');
            rest = &rest[at + 1..];
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            continue;
        }
        let reference = memchr::memchr(b';', &rest[at..rest.len().min(at + 12)])
            .and_then(|length| Some((resolve(&rest[at + 1..at + length])?, length)));
        if let Some((character, length)) = reference {
            out.push(character);
            rest = &rest[at + length + 1..];
        } else {
            out.push('&');
            rest = &rest[at + 1..];
        }
    }
    replaced | push_bytes(rest, out)
}

/// Character data as text; see [`decode_into`].
pub(crate) fn decoded(raw: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(raw) {
        Ok(text) if memchr::memchr2(b'&', b'\r', raw).is_none() => Cow::Borrowed(text),
        _ => {
            let mut text = String::with_capacity(raw.len());
            decode_into(raw, &mut text);
            Cow::Owned(text)
        }
    }
}

/// Appends bytes that hold no references; answers whether some were no UTF-8.
pub(crate) fn push_bytes(bytes: &[u8], out: &mut String) -> bool {
    if let Ok(text) = std::str::from_utf8(bytes) {
        out.push_str(text);
        return false;
    }
    for piece in bytes.utf8_chunks() {
        out.push_str(piece.valid());
        if !piece.invalid().is_empty() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
    true
}

fn resolve(name: &[u8]) -> Option<char> {
    Some(match name {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', digits @ ..] => {
            let digits = std::str::from_utf8(digits).ok()?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => digits.parse(),
            };
            match code.ok()? {
                0 => char::REPLACEMENT_CHARACTER,
                code => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
            }
        }
        _ => return None,
    })
}

/// Resolves the `_xHHHH_` escapes in the part of `text` that starts at `from`: UTF-16 units that XML
/// cannot carry (ECMA-376 part 1, 22.9.2.19, `ST_Xstring`). A lone surrogate becomes U+FFFD.
pub(crate) fn decode_xstring(text: &mut String, from: usize) {
    if memchr::memmem::find(&text.as_bytes()[from..], b"_x").is_none() {
        return;
    }
    let raw = text.split_off(from);
    let mut rest = raw.as_str();
    let mut units: Vec<u16> = Vec::new();
    let flush = |units: &mut Vec<u16>, text: &mut String| {
        text.extend(
            char::decode_utf16(units.drain(..))
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)),
        );
    };
    while let Some(at) = rest.find("_x") {
        if at > 0 {
            flush(&mut units, text);
            text.push_str(&rest[..at]);
        }
        let unit = rest
            .get(at + 2..at + 7)
            .and_then(|escape| escape.strip_suffix('_'))
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u16::from_str_radix(digits, 16).ok());
        if let Some(unit) = unit {
            units.push(unit);
            rest = &rest[at + 7..];
        } else {
            flush(&mut units, text);
            text.push_str("_x");
            rest = &rest[at + 2..];
        }
    }
    flush(&mut units, text);
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_resolve_and_unknown_ones_stay() {
        let text = decoded(b"a&lt;&#65;&#x8868;&amp;lt;&unknown;&;& \r\n\r&#0;");
        assert_eq!(text, "a<A表&lt;&unknown;&;& \n\n\u{fffd}");
        assert_eq!(decoded(b"&#13;"), "\r");
        let mut out = String::new();
        assert!(decode_into(b"a\xffb&amp;", &mut out));
        assert_eq!(out, "a\u{fffd}b&");
    }

    #[test]
    fn office_escapes_resolve_once() {
        for (raw, plain) in [
            ("ABC_x000D_\nDEF", "ABC\r\nDEF"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x00e4__x", "ä_x"),
            ("_xD83D__xDE00_!", "😀!"),
            ("_xD83D_!", "\u{fffd}!"),
            ("a_xyz_x12_", "a_xyz_x12_"),
            ("_x表表表", "_x表表表"),
        ] {
            let mut text = format!("_x0041_{raw}");
            decode_xstring(&mut text, 7);
            assert_eq!(text, format!("_x0041_{plain}"));
        }
    }
}
