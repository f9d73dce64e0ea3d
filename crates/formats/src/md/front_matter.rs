//! The block of settings between two lines `---` that many programs put before a Markdown text.

/// What the settings say that a document can carry.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FrontMatter {
    /// The title; empty if there is none.
    pub(super) title: String,
    /// Names of the settings, the title's left out.
    pub(super) others: Vec<String>,
}

/// The settings, if the text begins with some, and the text after them.
pub(super) fn split(source: &str) -> (Option<FrontMatter>, &str) {
    let Some(rest) = source.strip_prefix("---").and_then(after_line_end) else {
        return (None, source);
    };
    let mut block = FrontMatter::default();
    let mut any = false;
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        at += line.len();
        let line = line.trim_end();
        if any && matches!(line, "---" | "...") {
            return (Some(block), rest.get(at..).unwrap_or_default());
        }
        if line.is_empty() || line.starts_with(['#', ' ', '\t', '-']) {
            // Blank, remark, or the rest of a setting of several lines; not before the first one.
            if !any && !line.starts_with('#') {
                break;
            }
            continue;
        }
        let Some((name, value)) = setting(line) else { break };
        any = true;
        if name.eq_ignore_ascii_case("title") {
            block.title = unquoted(value);
        } else if block.others.len() < 100 {
            block.others.push(name.to_owned());
        }
    }
    (None, source)
}

fn after_line_end(text: &str) -> Option<&str> {
    let text = text.trim_start_matches([' ', '\t']);
    text.strip_prefix("\r\n").or_else(|| text.strip_prefix('\n'))
}

fn setting(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let named = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.'));
    let spaced = value.is_empty() || value.starts_with([' ', '\t']);
    (named && spaced && !name.is_empty() && name.len() <= 80).then(|| (name.trim(), value.trim()))
}

fn unquoted(value: &str) -> String {
    for quote in ['"', '\''] {
        let inner = value.strip_prefix(quote).and_then(|rest| rest.split_once(quote));
        if let Some((inner, _)) = inner {
            return inner.to_owned();
        }
    }
    value.split(" #").next().unwrap_or_default().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_told_from_lines_and_headings() {
        let (settings, rest) = split("---\ntitle: \"A: b\"\ntags:\n  - x\n---\n# H\n");
        let settings = settings.unwrap();
        assert_eq!((settings.title.as_str(), rest), ("A: b", "# H\n"));
        assert_eq!(settings.others, ["tags"]);
        for text in ["---\nfoo\n---\nbar", "---\n\n---\n", "--- x", "---\nkey: open\n", "----\n"] {
            assert_eq!(split(text), (None, text));
        }
    }
}
