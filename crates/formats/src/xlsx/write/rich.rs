//! Text with looks and links of its own, as the runs of an inline string.

use larkspur_model::workbook::{Rich, RichPart};

use super::styles::run_look;
use super::xml::{needs_preserve, write_cell_text};
use super::{TEXT_UNITS, units};

/// What became of a cell's parts.
#[derive(Default)]
pub(super) struct Written {
    /// Where the cell leads: to the first place one of its parts does.
    pub(super) target: Option<String>,
    /// Whether text was cut off.
    pub(super) cut: bool,
    /// Pictures, which a run cannot hold: tokens, widths and heights.
    pub(super) pictures: Vec<(String, (u32, u32))>,
    /// Links behind the first one, which a cell cannot hold.
    pub(super) links: u64,
}

/// Appends the rest of a cell that holds `rich`, from its type on.
pub(super) fn write(rich: Rich<'_>, xml: &mut Vec<u8>) -> Written {
    let mut written = Written::default();
    let mut left = TEXT_UNITS;
    let start = xml.len();
    xml.extend_from_slice(b" t=\"inlineStr\"><is>");
    let empty = xml.len();
    for part in rich.parts() {
        let mut text = part.text();
        let length = units(text);
        if length > left {
            text = super::sheet::cut(text, left);
            written.cut = true;
        }
        left -= length.min(left);
        let look = match &part {
            RichPart::Text { look, .. } => look.as_ref(),
            RichPart::Link { look, target, .. } => {
                match &written.target {
                    None => written.target = Some(target.clone()),
                    // A link of several looks stands in several parts.
                    Some(first) => written.links += u64::from(first != target),
                }
                look.as_ref()
            }
            RichPart::Image { token, width_px, height_px } => {
                written.pictures.push((token.clone(), (*width_px, *height_px)));
                None
            }
            RichPart::Person { .. } | RichPart::Document { .. } | RichPart::File { .. } => None,
        };
        if text.is_empty() {
            continue;
        }
        xml.extend_from_slice(b"<r>");
        if let Some(look) = look {
            xml.extend_from_slice(run_look(look).as_bytes());
        }
        xml.extend_from_slice(b"<t");
        if needs_preserve(text) {
            xml.extend_from_slice(b" xml:space=\"preserve\"");
        }
        xml.push(b'>');
        write_cell_text(text, xml);
        xml.extend_from_slice(b"</t></r>");
    }
    if xml.len() == empty {
        // A picture alone, which floats over the cell.
        xml.truncate(start);
        xml.extend_from_slice(b"/>");
        return written;
    }
    xml.extend_from_slice(b"</is></c>");
    written
}
