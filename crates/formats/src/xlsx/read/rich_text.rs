//! Text that consists of formatted runs, in shared and inline strings.

use crate::Error;
use crate::ooxml::{Event, Scanner};

/// What was noticed about a text.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RichText {
    /// Whether it consists of runs with formats of their own.
    pub(super) formatted: bool,
    /// Whether invalid bytes were replaced.
    pub(super) replaced: bool,
}

/// Appends the text of the element that just started (`si` or `is`), up to its end. Readings that
/// guide pronunciation are not part of it. Beyond `most` bytes text is dropped.
pub(super) fn collect_rich_text(
    scanner: &mut Scanner<'_>,
    out: &mut String,
    most: usize,
) -> Result<RichText, Error> {
    let mut rich = RichText::default();
    let inside = scanner.depth();
    let from = out.len();
    loop {
        match scanner.next()? {
            Event::Start => match scanner.name() {
                b"t" => {
                    let left = most.saturating_sub(out.len() - from);
                    rich.replaced |= scanner.collect_text(out, left)?;
                }
                b"r" => {}
                b"rPr" => {
                    rich.formatted = true;
                    scanner.skip_element()?;
                }
                _ => scanner.skip_element()?,
            },
            Event::End if scanner.depth() < inside => return Ok(rich),
            Event::Eof => return Err(Error::damaged("a text is cut off")),
            Event::End | Event::Text => {}
        }
    }
}
