//! Runs of text as HTML. Everything that a document brings is escaped here.

use std::fmt::{self, Write as _};

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Puts `text` into `out` so that a browser shows it and does nothing else with it.
pub(super) fn push(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}

/// Puts what the page itself says into `out`.
pub(super) fn put(out: &mut String, text: fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a text takes everything");
}

/// The address of a link where it may be followed: pages and mail, nothing that a browser would run.
pub(super) fn followed(url: &str) -> Option<String> {
    let url = percent_decode_str(url).decode_utf8_lossy();
    let url = url.trim();
    let scheme = url.split_once(':')?.0.to_ascii_lowercase();
    ["http", "https", "mailto"].contains(&scheme.as_str()).then(|| url.to_owned())
}

/// The elements of a text block.
pub(super) fn elements(out: &mut String, text: &Value) {
    for element in text["elements"].as_array().into_iter().flatten() {
        one(out, element);
    }
}

fn one(out: &mut String, element: &Value) {
    if let Some(run) = element.get("text_run") {
        styled(out, run["content"].as_str().unwrap_or_default(), &run["text_element_style"]);
    } else if let Some(equation) = element.get("equation") {
        out.push_str("<code class=\"math\">");
        push(out, equation["content"].as_str().unwrap_or_default().trim());
        out.push_str("</code>");
    } else if let Some(mention) = element.get("mention_doc") {
        let title = mention["title"].as_str().unwrap_or_default();
        link(out, mention["url"].as_str().unwrap_or_default(), |out| push(out, title));
    } else if let Some(mention) = element.get("mention_user") {
        out.push('@');
        push(out, mention["user_id"].as_str().unwrap_or_default());
    } else if let Some(file) = element.get("file") {
        push(out, file["file_token"].as_str().unwrap_or_default());
    }
}

/// What the marks of a run are written as.
const MARKS: [(&str, &str); 5] = [
    ("bold", "strong"),
    ("italic", "em"),
    ("underline", "u"),
    ("strikethrough", "s"),
    ("inline_code", "code"),
];

fn styled(out: &mut String, content: &str, style: &Value) {
    let set: Vec<&str> = MARKS
        .iter()
        .filter(|(mark, _)| style[*mark].as_bool() == Some(true))
        .map(|(_, tag)| *tag)
        .collect();
    let mut classes = String::new();
    for (key, class) in [("text_color", 'c'), ("background_color", 'b')] {
        if let Some(number) = style[key].as_u64() {
            put(&mut classes, format_args!("{class}{number} "));
        }
    }
    let inner = |out: &mut String| {
        for tag in &set {
            put(out, format_args!("<{tag}>"));
        }
        if !classes.is_empty() {
            put(out, format_args!("<span class=\"{}\">", classes.trim_end()));
        }
        push(out, content);
        if !classes.is_empty() {
            out.push_str("</span>");
        }
        for tag in set.iter().rev() {
            put(out, format_args!("</{tag}>"));
        }
    };
    match style["link"]["url"].as_str() {
        Some(url) => link(out, url, inner),
        None => inner(out),
    }
}

/// A link around something; that alone, where the address is not to be followed.
pub(super) fn link(out: &mut String, url: &str, inner: impl FnOnce(&mut String)) {
    let Some(url) = followed(url) else { return inner(out) };
    out.push_str("<a rel=\"noopener noreferrer nofollow\" target=\"_blank\" href=\"");
    push(out, &url);
    out.push_str("\">");
    inner(out);
    out.push_str("</a>");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_of_a_document_becomes_markup() {
        let mut out = String::new();
        let run = |content: &str, style: Value| json!({"text_run": {"content": content, "text_element_style": style}});
        let bad = "<script>alert(1)</script>\"'&";
        elements(
            &mut out,
            &json!({"elements": [
                run(bad, json!({"bold": true, "text_color": 1})),
                run("x", json!({"link": {"url": "javascript%3Aalert(1)"}})),
                run("y", json!({"link": {"url": "https%3A%2F%2Fa.example%2F%22onclick%3D%22x"}})),
                json!({"equation": {"content": "<b>"}}),
                json!({"mention_doc": {"title": "<i>", "url": " JavaScript:x"}}),
            ]}),
        );
        assert!(!out.contains("<script") && !out.contains("javascript") && !out.contains("<b>"));
        assert!(out.contains("<strong><span class=\"c1\">&lt;script&gt;"), "{out}");
        assert!(out.contains("href=\"https://a.example/&quot;onclick=&quot;x\""), "{out}");
    }
}
