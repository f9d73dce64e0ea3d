//! XML as text: escaping, and characters that XML cannot hold.

/// Appends `text` as character data or the value of an attribute. Answers how many characters were left
/// out because no XML may contain them.
pub(super) fn push_escaped(into: &mut String, text: &str) -> u64 {
    let mut left_out = 0;
    let mut done = 0;
    for (at, character) in text.char_indices() {
        let replacement = match character {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\t' | '\n' => continue,
            '\r' | '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                left_out += u64::from(character != '\r');
                ""
            }
            _ => continue,
        };
        into.push_str(text.get(done..at).unwrap_or_default());
        into.push_str(replacement);
        done = at + character.len_utf8();
    }
    into.push_str(text.get(done..).unwrap_or_default());
    left_out
}

/// `text` escaped.
pub(super) fn escaped(text: &str) -> String {
    let mut into = String::with_capacity(text.len() + 8);
    push_escaped(&mut into, text);
    into
}

/// An address as the target of a relationship, which has to be a URI: what a URI cannot hold is percent
/// encoded.
pub(super) fn as_uri(address: &str) -> String {
    use std::fmt::Write as _;
    let address = address.trim();
    let mut uri = String::with_capacity(address.len() + 8);
    let mut fragment = false;
    let authority = address.find("://").map_or(0..0, |at| {
        let start = at + 3;
        let rest = address.get(start..).unwrap_or_default();
        start..start + rest.find(['/', '?', '#']).unwrap_or(rest.len())
    });
    for (at, byte) in address.bytes().enumerate() {
        let hex = |offset| address.as_bytes().get(at + offset).is_some_and(u8::is_ascii_hexdigit);
        let allowed = match byte {
            b'%' => hex(1) && hex(2),
            b'#' => !std::mem::replace(&mut fragment, true),
            b'[' | b']' => authority.contains(&at),
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(&byte),
        };
        if allowed {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").expect("a string takes any text");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_and_uris_cannot_hold() {
        assert_eq!(escaped("a<b>&\"\u{1}\tz"), "a&lt;b&gt;&amp;&quot;\tz");
        assert_eq!(
            as_uri("https://a.example/路 径?q=[1]#x#y"),
            "https://a.example/%E8%B7%AF%20%E5%BE%84?q=%5B1%5D#x%23y"
        );
        assert_eq!(as_uri("http://[::1]:80/100%"), "http://[::1]:80/100%25");
    }
}
