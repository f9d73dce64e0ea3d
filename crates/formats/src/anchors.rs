//! Links within a document (`#name`): which heading each leads to.

use std::collections::HashSet;

use larkspur_model::document::{Content, Document, Text};

/// A heading's anchor as GitHub makes it.
pub(crate) fn slug(text: &Text) -> String {
    text.to_plain()
        .trim()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .flat_map(char::to_lowercase)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// The anchor a link within the document names.
pub(crate) fn anchor_of(link: &str) -> Option<String> {
    let anchor = link.strip_prefix('#')?;
    Some(percent_decoded(anchor).to_lowercase())
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        let hex = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let (b'%', Some(value)) = (byte, hex) {
            bytes.push(value);
            at += 3;
        } else {
            bytes.push(*byte);
            at += 1;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Calls `take` with each heading in the order of the document, and with its anchor where some link leads
/// there. Not called at all where no link leads anywhere.
pub(crate) fn linked_headings<'d>(
    document: &'d Document,
    take: &mut dyn FnMut(&'d Text, Option<String>),
) {
    let mut wanted: HashSet<String> = HashSet::new();
    document.walk(&mut |block, _| {
        for element in block.content.text().map_or(&[][..], |text| text.elements.as_slice()) {
            wanted.extend(element.style().link.as_deref().and_then(anchor_of));
        }
    });
    if wanted.is_empty() {
        return;
    }
    let mut seen = std::collections::HashMap::<String, usize>::new();
    document.walk(&mut |block, _| {
        let Content::Heading { text, .. } = &block.content else { return };
        let slug = slug(text);
        let times = seen.entry(slug.clone()).or_default();
        let anchor = if *times == 0 { slug } else { format!("{slug}-{times}") };
        *times += 1;
        let meant = wanted.remove(&anchor);
        take(text, meant.then_some(anchor));
    });
}
