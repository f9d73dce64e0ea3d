//! The pieces of a line: styled runs, links, mentions, equations within text.

use larkspur_model::document::{Inline, InlineStyle, Text};
use larkspur_model::loss::LossKind;

use super::latex;
use super::print::Setter;
use super::source::{is_chinese, is_mostly_chinese, is_skin_tone, is_unprintable, literal};

/// Longest address a link keeps, characters.
const MOST_ADDRESS: usize = 2_000;
/// Longest leaning Chinese text; longer ones stand upright.
const MOST_LEANING: usize = 200;

impl Setter<'_, '_> {
    /// A text as one code expression. Words longer than `word` columns may break anywhere.
    pub(super) fn line(&mut self, text: &Text, word: usize) -> String {
        let mut parts: Vec<String> = Vec::new();
        for element in &text.elements {
            match element {
                Inline::Run { content, style } => self.run(content, style, word, &mut parts),
                Inline::Equation { content, style } => {
                    let math = self.equation(content, false);
                    parts.push(self.styled(math, style, false));
                }
                Inline::MentionUser { user, style } => {
                    let name = literal(&self.clean(&format!("@{user}"), word));
                    parts.push(self.styled(format!("at({name})"), style, false));
                }
                Inline::MentionDocument { title, url, style, .. } => {
                    let shown = if title.is_empty() { url } else { title };
                    let name = literal(&self.clean(shown, word));
                    let body = self.linked(format!("at({name})"), url);
                    parts.push(self.styled(body, style, false));
                }
                Inline::Reminder(reminder) => {
                    let name = literal(&self.clean(&reminder.to_plain(), word));
                    parts.push(self.styled(format!("at({name})"), &reminder.style, false));
                }
            }
        }
        let whole = match parts.len() {
            0 => return "[]".to_owned(),
            _ => format!("{{{}}}", parts.join("; ")),
        };
        let chinese = is_mostly_chinese(text.elements.iter().filter_map(|element| match element {
            Inline::Run { content, .. } => Some(content.as_str()),
            _ => None,
        }));
        match (self.chinese, chinese) {
            (true, false) => format!("lat({whole})"),
            (false, true) => format!("han({whole})"),
            _ => whole,
        }
    }

    fn run(&mut self, content: &str, style: &InlineStyle, word: usize, parts: &mut Vec<String>) {
        for (index, line) in content.split('\n').enumerate() {
            if index > 0 {
                parts.push("br".to_owned());
            }
            if line.is_empty() {
                continue;
            }
            let clean = self.clean(line, word);
            if style.inline_code {
                parts.push(self.styled(format!("k({})", literal(&clean)), style, false));
            } else if style.italic && clean.chars().any(is_chinese) {
                for (chinese, part) in split_scripts(&clean) {
                    let leaning = chinese && part.chars().count() <= MOST_LEANING;
                    if chinese && !leaning {
                        self.lose(
                            LossKind::FormattingDropped,
                            "a long Chinese text in italics stands upright",
                        );
                    }
                    let body = if leaning { lean(part) } else { literal(part) };
                    parts.push(self.styled(body, style, chinese));
                }
            } else {
                for (picture, part) in split_pictures(&clean) {
                    let body =
                        if picture { format!("pic({})", literal(part)) } else { literal(part) };
                    parts.push(self.styled(body, style, false));
                }
            }
        }
    }

    /// Wraps an expression into its style. Chinese has no italics of its own.
    fn styled(&mut self, body: String, style: &InlineStyle, upright: bool) -> String {
        let mut out = body;
        if style.bold {
            out = format!("b({out})");
        }
        if style.italic && !upright {
            out = format!("i({out})");
        }
        if let Some(color @ 1..=7) = style.text_color {
            out = format!("c({color}, {out})");
        }
        if style.underline {
            out = format!("u({out})");
        }
        if style.strikethrough {
            out = format!("s({out})");
        }
        if let Some(color @ 1..=15) = style.background_color {
            out = format!("hi({color}, {out})");
        }
        match &style.link {
            Some(address) => self.linked(out, address),
            None => out,
        }
    }

    pub(super) fn linked(&mut self, body: String, address: &str) -> String {
        let inside = self.anchors.of_link(address).map(|anchor| format!("#{anchor}"));
        match inside.or_else(|| safe_address(address)) {
            Some(address) => format!("l({}, {body})", literal(&address)),
            None if address.is_empty() => body,
            None => {
                self.lose(
                    LossKind::FormattingDropped,
                    "a link to an address that a print must not open",
                );
                body
            }
        }
    }

    /// A formula as an expression; as its LaTeX if it is beyond the translator.
    pub(super) fn equation(&mut self, source: &str, block: bool) -> String {
        let translated = if self.plain {
            Err("refused by the typesetter".to_owned())
        } else {
            latex::translate(source)
        };
        match translated {
            Ok(math) if math.is_empty() => "[]".to_owned(),
            Ok(math) => {
                self.see(source);
                let space = if block { " " } else { "" };
                format!("eq({}, ${space}{math}{space}$)", literal(source))
            }
            Err(fault) => {
                self.lose(
                    LossKind::FeatureDropped,
                    &format!("an equation is shown as its LaTeX: {fault}"),
                );
                format!("k({})", literal(&self.clean(source, 60)))
            }
        }
    }

    /// Text without what no print shows, with places to break long words.
    pub(super) fn clean(&mut self, text: &str, word: usize) -> String {
        self.see(text);
        let mut out = String::with_capacity(text.len());
        let mut dropped = false;
        for character in text.chars() {
            if is_unprintable(character) {
                dropped = true;
            } else if is_skin_tone(character) {
                self.lose(LossKind::FormattingDropped, "skin tones of emoji");
            } else if character == '\t' {
                out.push_str("\u{2003}\u{2003}");
            } else {
                out.push(character);
            }
        }
        if dropped {
            self.lose(
                LossKind::TextReplaced,
                "control characters, which have no look, were left out",
            );
        }
        breakable(&out, word)
    }
}

/// A Chinese text that leans, character by character so that it still breaks into lines.
fn lean(text: &str) -> String {
    let letters: Vec<String> = text
        .chars()
        .map(|character| format!("lean({})", literal(&character.to_string())))
        .collect();
    format!("{{{}}}", letters.join("; "))
}

fn split_scripts(text: &str) -> Vec<(bool, &str)> {
    let mut parts: Vec<(bool, &str)> = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, character) in text.char_indices() {
        let chinese = is_chinese(character);
        if let Some(before) = last
            && before != chinese
        {
            parts.push((before, &text[start..at]));
            start = at;
        }
        last = Some(chinese);
    }
    if let Some(before) = last {
        parts.push((before, &text[start..]));
    }
    parts
}

/// Parts of a text, and which of them ask to be drawn as emoji: a sign before U+FE0F.
fn split_pictures(text: &str) -> Vec<(bool, &str)> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, selector) in text.match_indices('\u{fe0f}') {
        let end = at + selector.len();
        let sign = text[start..at].char_indices().next_back().map_or(at, |(sign, _)| start + sign);
        if sign > start {
            parts.push((false, &text[start..sign]));
        }
        // Digits with U+FE0F are keys only together with what follows them.
        let is_key = text[sign..].starts_with(|c: char| c.is_ascii());
        parts.push((!is_key && sign < at, &text[sign..end]));
        start = end;
    }
    if start < text.len() {
        parts.push((false, &text[start..]));
    }
    parts
}

/// Puts places to break into words longer than `word` letters. Only into scripts whose letters do
/// not join.
fn breakable(text: &str, word: usize) -> String {
    let word = word.max(4);
    let separate = |c: char| !c.is_whitespace() && c < '\u{0530}' && c != '\u{ad}';
    let mut out = String::with_capacity(text.len());
    let mut letters: Vec<char> = Vec::new();
    let flush = |letters: &mut Vec<char>, out: &mut String| {
        let long = letters.len() > word;
        for (at, letter) in letters.iter().enumerate() {
            if long
                && at > 0
                && (at % 4 == 0 || letters.get(at - 1).is_some_and(|c| "/?&=-_.".contains(*c)))
            {
                out.push('\u{200b}');
            }
            out.push(*letter);
        }
        letters.clear();
    };
    for character in text.chars() {
        if separate(character) {
            letters.push(character);
        } else {
            flush(&mut letters, &mut out);
            out.push(character);
        }
    }
    flush(&mut letters, &mut out);
    out
}

/// The address as a print may carry it: percent-encoded, and of a kind that opens a page or a
/// message, never a program or a file.
fn safe_address(address: &str) -> Option<String> {
    let address = address.trim();
    let scheme = address.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase())?;
    if !["http", "https", "mailto", "tel", "ftp", "lark", "feishu"].contains(&scheme.as_str())
        || address.len() > MOST_ADDRESS
    {
        return None;
    }
    let mut out = String::new();
    for byte in address.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            out.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            let _ = write!(out, "%{byte:02X}");
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_made_safe() {
        assert_eq!(
            safe_address("https://example.com/中 文?a=\"").as_deref(),
            Some("https://example.com/%E4%B8%AD%20%E6%96%87?a=%22")
        );
        assert_eq!(safe_address("javascript:alert(1)"), None);
        assert_eq!(safe_address("file:///etc/passwd"), None);
        assert_eq!(safe_address("no scheme"), None);
    }

    #[test]
    fn only_long_words_get_places_to_break() {
        assert_eq!(breakable("short words", 10), "short words");
        assert!(breakable(&"x".repeat(40), 10).contains('\u{200b}'));
        assert_eq!(breakable(&"字".repeat(40), 10), "字".repeat(40));
    }

    #[test]
    fn emoji_are_told_from_signs() {
        assert_eq!(
            split_pictures("a⚠\u{fe0f}b"),
            [(false, "a"), (true, "⚠\u{fe0f}"), (false, "b")]
        );
        assert_eq!(split_pictures("\u{fe0f}"), [(false, "\u{fe0f}")]);
        assert_eq!(split_pictures("plain"), [(false, "plain")]);
    }

    #[test]
    fn scripts_are_told_apart() {
        assert_eq!(split_scripts("ab中文c"), [(false, "ab"), (true, "中文"), (false, "c")]);
    }
}
