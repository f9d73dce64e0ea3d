//! Links to bookmarks that stand in headings.

use std::collections::HashMap;

use larkspur_model::document::{Block, Document, Inline};

/// Lets links to bookmarks in headings lead to the headings' anchors.
pub(crate) fn lead_links(document: &mut Document, anchors: &HashMap<String, String>) {
    if anchors.is_empty() {
        return;
    }
    let mut pending: Vec<&mut Block> = document.blocks.iter_mut().collect();
    while let Some(block) = pending.pop() {
        for element in block.content.text_mut().map_or(&mut [][..], |text| &mut text.elements[..]) {
            let (Inline::Run { style, .. } | Inline::Equation { style, .. }) = element else {
                continue;
            };
            if let Some(link) = &mut style.link
                && let Some(anchor) = link.strip_prefix('#').and_then(|name| anchors.get(name))
            {
                *link = format!("#{anchor}");
            }
        }
        pending.extend(block.children.iter_mut());
    }
}
