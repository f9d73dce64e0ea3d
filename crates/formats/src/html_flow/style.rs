//! What of an element's `style` and `align` a document can show.

use html5ever::tokenizer::Tag;
use larkspur_model::document::{Align, InlineStyle};

use super::tag::attribute;

/// Where an element wants its paragraphs.
pub(super) fn paragraph_align(tag: &Tag) -> Option<Align> {
    let declared = declarations(attribute(tag, "style").unwrap_or_default())
        .find(|(name, _)| *name == "text-align")
        .map(|(_, value)| value);
    match declared.or_else(|| attribute(tag, "align"))?.trim().to_ascii_lowercase().as_str() {
        "center" | "middle" => Some(Align::Center),
        "right" | "end" => Some(Align::Right),
        "left" | "start" | "justify" => Some(Align::Left),
        _ => None,
    }
}

fn declarations(style: &str) -> impl Iterator<Item = (&str, &str)> {
    style
        .split(';')
        .filter_map(|declaration| declaration.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()))
}

/// Bold, italic, underlined and struck through, as declared.
pub(super) fn apply_declarations(declared: &str, style: &mut InlineStyle) {
    for (name, value) in declarations(declared) {
        match name {
            "font-weight" => {
                style.bold =
                    value.parse::<u32>().map_or(value.starts_with("bold"), |weight| weight >= 600);
            }
            "font-style" => style.italic = matches!(value, "italic" | "oblique"),
            "text-decoration" | "text-decoration-line" => {
                style.underline |= value.contains("underline");
                style.strikethrough |= value.contains("line-through");
            }
            _ => {}
        }
    }
}
