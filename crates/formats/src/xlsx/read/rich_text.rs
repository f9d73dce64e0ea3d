//! Text that consists of formatted runs, in shared and inline strings.

use larkspur_model::workbook::Font;

use super::colors::Colors;
use super::styles::font_property;
use crate::Error;
use crate::ooxml::{Event, Scanner, decode_xstring};
use crate::sheet_flow::rich::{Looks, Packed, Room};

/// What was noticed about a text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RichText {
    /// Whether it is packed, as its runs have looks of their own.
    pub(super) packed: bool,
    /// Whether such looks were too much to keep.
    pub(super) dropped: bool,
    /// Whether some of it is raised or lowered.
    pub(super) raised: bool,
    /// Whether invalid bytes were replaced.
    pub(super) replaced: bool,
}

/// Appends the text of the element that just started (`si` or `is`), up to its end, with its escapes
/// resolved. Readings that guide pronunciation are not part of it. Beyond `most` bytes text is dropped.
pub(super) fn collect_rich_text(
    scanner: &mut Scanner<'_>,
    out: &mut String,
    most: usize,
    colors: &Colors,
    room: &mut Room,
) -> Result<RichText, Error> {
    let mut rich = RichText::default();
    let mut looks = Looks::default();
    let inside = scanner.depth();
    let from = out.len();
    loop {
        match scanner.next()? {
            Event::Start => match scanner.name() {
                b"t" => {
                    let (start, left) = (out.len(), most.saturating_sub(out.len() - from));
                    rich.replaced |= scanner.collect_text(out, left)?;
                    decode_xstring(out, start);
                }
                b"r" => looks.begin(out.len(), None),
                b"rPr" => {
                    let (look, raised) = read_look(scanner, colors)?;
                    looks.begin(out.len(), Some(look));
                    rich.raised |= raised;
                }
                _ => scanner.skip_element()?,
            },
            Event::End if scanner.depth() < inside => break,
            Event::Eof => return Err(Error::damaged("a text is cut off")),
            Event::End | Event::Text => {}
        }
    }
    match room.pack(looks, &out[from..], from) {
        Packed::Plain => {}
        Packed::Dropped => rich.dropped = true,
        Packed::Rich(packed) => {
            out.truncate(from);
            out.push_str(&packed);
            rich.packed = true;
        }
    }
    Ok(rich)
}

/// Reads the properties of a run, the element that just started, and whether it is raised or lowered.
fn read_look(scanner: &mut Scanner<'_>, colors: &Colors) -> Result<(Font, bool), Error> {
    let (mut font, mut raised) = (Font::default(), false);
    let inside = scanner.depth();
    loop {
        match scanner.next()? {
            Event::Start => raised |= font_property(scanner, colors, &mut font),
            Event::End if scanner.depth() < inside => return Ok((font, raised)),
            Event::Eof => return Err(Error::damaged("a text is cut off")),
            Event::End | Event::Text => {}
        }
    }
}
