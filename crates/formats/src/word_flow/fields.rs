//! Fields: their code says what they are, their result is what one sees.

/// A field that is open.
#[derive(Debug, Clone, Default)]
pub(crate) struct Field {
    pub(crate) code: String,
    /// The code is over, the result follows.
    pub(crate) shows: bool,
    /// What its code turned out to be.
    pub(crate) kind: Kind,
    /// A box of a form, ticked or not.
    pub(crate) tick: Option<bool>,
}

/// What a field is, as far as it matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Kind {
    #[default]
    Other,
    Link(u32),
}

/// Bytes of the longest code.
pub(crate) const MOST_CODE: usize = 16 << 10;
/// Fields within each other.
pub(crate) const MOST_OPEN: usize = 64;

/// The words of a field's code; quotes hold words together.
fn words(code: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut began) = (false, false);
    let mut letters = code.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\u{201c}' | '\u{201d}' => {
                quoted = !quoted;
                began = true;
            }
            '\\' if quoted && matches!(letters.peek(), Some('\\' | '"')) => {
                word.extend(letters.next());
            }
            letter if letter.is_whitespace() && !quoted => {
                if began || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                began = false;
            }
            letter => word.push(letter),
        }
    }
    if began || !word.is_empty() {
        words.push(word);
    }
    words
}

/// Where the code of a `HYPERLINK` field leads.
pub(crate) fn link(code: &str) -> Option<String> {
    let words = words(code);
    if !words.first()?.eq_ignore_ascii_case("HYPERLINK") {
        return None;
    }
    let (mut address, mut anchor) = (String::new(), String::new());
    let mut at = 1;
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "\\l" => {
                at += 1;
                anchor = words.get(at).cloned().unwrap_or_default();
            }
            "\\o" | "\\t" => at += 1,
            switch if switch.starts_with('\\') && switch.len() == 2 => {}
            _ if address.is_empty() => address.clone_from(word),
            _ => {}
        }
        at += 1;
    }
    match (address.is_empty(), anchor.is_empty()) {
        (true, true) => None,
        (_, true) => Some(address),
        _ => Some(format!("{address}#{anchor}")),
    }
}

/// Code and font of a `SYMBOL` field.
pub(crate) fn symbol(code: &str) -> Option<(u32, String)> {
    let words = words(code);
    if !words.first()?.eq_ignore_ascii_case("SYMBOL") {
        return None;
    }
    let number = words.get(1)?;
    let number = match number.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    let font = words.iter().position(|word| word == "\\f").and_then(|at| words.get(at + 1));
    Some((number, font.cloned().unwrap_or_default()))
}

/// Base text and reading of an `EQ` field that sets one above the other, as older programs spell ruby.
pub(crate) fn ruby(code: &str) -> Option<(String, String)> {
    if !is_equation(code) {
        return None;
    }
    let raised = code.get(code.find("\\s\\up")?..)?;
    let (reading, rest) = raised.get(raised.find('(')? + 1..)?.split_once(')')?;
    let base = rest.trim_start().strip_prefix([',', ';'])?;
    let base = base.get(..base.rfind(')')?)?.trim();
    (!base.is_empty()).then(|| (base.to_owned(), reading.trim().to_owned()))
}

/// Whether the code is that of an `EQ` field.
pub(crate) fn is_equation(code: &str) -> bool {
    code.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("EQ"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_understood() {
        assert_eq!(
            link(r#" HYPERLINK "https://a.example/x y" \o "tip" "#).as_deref(),
            Some("https://a.example/x y")
        );
        assert_eq!(link(r#"HYPERLINK \l "_Toc1" \h"#).as_deref(), Some("#_Toc1"));
        assert_eq!(link(r#"hyperlink "a.htm" \l "b""#).as_deref(), Some("a.htm#b"));
        assert_eq!(link(r"PAGEREF _Toc1 \h"), None);
        assert_eq!(
            ruby("EQ \\* jc2 \\* \"Font:MS Mincho\" \\* hps10 \\o\\ad(\\s\\up 9(とう),東)"),
            Some(("東".to_owned(), "とう".to_owned()))
        );
        assert_eq!(ruby("EQ \\f(1,2)"), None);
        assert_eq!(symbol(r#"SYMBOL 183 \f "Symbol" \s 10"#), Some((183, "Symbol".to_owned())));
    }
}
