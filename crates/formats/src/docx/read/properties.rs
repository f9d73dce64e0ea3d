//! Properties of paragraphs and runs as their elements say them. What styles add is next door.

use crate::Error;
use crate::ooxml::{Event, Scanner};
use crate::word_flow::fonts::face_of;
use crate::word_flow::palette;
use crate::word_flow::properties::{Justification, Paint, ParagraphProperties, RunProperties};

/// The value of an attribute by its local name, whatever its prefix.
pub(super) fn attribute(scanner: &Scanner<'_>, local: &[u8]) -> Option<String> {
    scanner
        .prefixed_attribute(local)
        .or_else(|| scanner.attribute(local))
        .map(std::borrow::Cow::into_owned)
}

/// A number in an attribute; strict files may give lengths a unit, which is turned into twentieths of
/// a point.
pub(super) fn number(scanner: &Scanner<'_>, local: &[u8]) -> Option<i32> {
    let text = scanner.prefixed_attribute(local).or_else(|| scanner.attribute(local))?;
    let text = text.trim();
    if let Ok(number) = text.parse::<i32>() {
        return Some(number);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    let twips = match text.get(digits.len()..).unwrap_or_default() {
        "pt" => 20.0,
        "in" => 1440.0,
        "cm" => 1440.0 / 2.54,
        "mm" => 144.0 / 2.54,
        "pc" | "pi" => 240.0,
        "" => 1.0,
        _ => return None,
    };
    digits.trim().parse::<f64>().ok().map(|number| (number * twips) as i32)
}

/// Whether a switch element is on: it is without a value.
pub(super) fn switch(scanner: &Scanner<'_>) -> bool {
    let value = scanner.prefixed_attribute(b"val").or_else(|| scanner.attribute(b"val"));
    !matches!(value.as_deref(), Some("0" | "false" | "off" | "none"))
}

/// Reads to the end of the element that just started, telling `visit` of each of its elements that is
/// of the document's own vocabulary; records of earlier formatting are passed over.
pub(super) fn each(
    scanner: &mut Scanner<'_>,
    mut visit: impl FnMut(&Scanner<'_>),
) -> Result<(), Error> {
    let inside = scanner.depth();
    loop {
        match scanner.next()? {
            Event::Start => {
                visit(scanner);
                if scanner.name().ends_with(b"PrChange") {
                    scanner.skip_element()?;
                }
            }
            Event::End if scanner.depth() < inside => return Ok(()),
            Event::End | Event::Text => {}
            Event::Eof => return Err(Error::damaged("an XML part is cut off")),
        }
    }
}

/// Reads the properties of a run; `style` finds a character style.
pub(super) fn read_run(
    scanner: &mut Scanner<'_>,
    style: &dyn Fn(&str) -> Option<u32>,
) -> Result<RunProperties, Error> {
    let mut found = RunProperties::default();
    each(scanner, |scanner| run_element(scanner, &mut found, style))?;
    Ok(found)
}

fn run_element(
    scanner: &Scanner<'_>,
    found: &mut RunProperties,
    style: &dyn Fn(&str) -> Option<u32>,
) {
    match scanner.name() {
        b"b" => found.bold = Some(switch(scanner)),
        b"i" => found.italic = Some(switch(scanner)),
        b"strike" | b"dstrike" => {
            found.strike = Some(switch(scanner) || found.strike == Some(true));
        }
        b"u" => {
            let value = attribute(scanner, b"val");
            found.underline = Some(value.is_some_and(|value| value != "none"));
        }
        b"vanish" => found.hidden = Some(switch(scanner)),
        b"color" => {
            let value = attribute(scanner, b"val").unwrap_or_default();
            let themed = attribute(scanner, b"themeColor");
            found.link_blue = themed.is_some_and(|theme| theme.ends_with("yperlink"))
                || palette::is_link_blue(&value);
            found.color = Some(Paint(palette::text(&value)));
        }
        b"highlight" => {
            let value = attribute(scanner, b"val").unwrap_or_default();
            found.highlight = Some(Paint(palette::highlight(&value)));
        }
        b"shd" => {
            let fill = attribute(scanner, b"fill").unwrap_or_default();
            found.shading = Some(Paint(palette::background(&fill)));
        }
        b"rFonts" => {
            let font = [&b"ascii"[..], b"hAnsi", b"cs"]
                .into_iter()
                .find_map(|name| attribute(scanner, name));
            if let Some(font) = font {
                found.face = Some(face_of(&font));
            }
        }
        b"vertAlign" => {
            let value = attribute(scanner, b"val").unwrap_or_default();
            found.raised = Some(matches!(value.as_str(), "superscript" | "subscript"));
        }
        b"rStyle" => found.style = attribute(scanner, b"val").and_then(|id| style(&id)),
        b"del" | b"moveFrom" => found.deleted = true,
        name if name.ends_with(b"PrChange") => found.changed = true,
        _ => {}
    }
}

/// Reads the properties of a paragraph; `style` finds a paragraph style, `run_style` one of
/// characters.
pub(super) fn read_paragraph(
    scanner: &mut Scanner<'_>,
    style: &dyn Fn(&str) -> Option<u32>,
    run_style: &dyn Fn(&str) -> Option<u32>,
) -> Result<ParagraphProperties, Error> {
    let mut found = ParagraphProperties::default();
    let inside = scanner.depth();
    let mut in_borders = false;
    let mut sides = 0;
    loop {
        match scanner.next()? {
            Event::Start => match scanner.name() {
                b"rPr" => found.mark = read_run(scanner, run_style)?,
                b"pPrChange" | b"sectPr" | b"tabs" => scanner.skip_element()?,
                b"pBdr" => {
                    in_borders = true;
                    (found.ruled, found.boxed, sides) = (Some(false), Some(false), 0);
                }
                b"top" | b"bottom" | b"between" | b"left" | b"right" | b"start" | b"end"
                    if in_borders =>
                {
                    let value = attribute(scanner, b"val").unwrap_or_default();
                    if !matches!(value.as_str(), "" | "none" | "nil") {
                        sides += 1;
                        let across = matches!(scanner.name(), b"top" | b"bottom" | b"between");
                        found.ruled = Some(across || found.ruled == Some(true));
                        found.boxed = Some(sides >= 4);
                    }
                }
                _ => paragraph_element(scanner, &mut found, style),
            },
            Event::End if scanner.depth() < inside => return Ok(found),
            Event::End if scanner.name() == b"pBdr" => in_borders = false,
            Event::End | Event::Text => {}
            Event::Eof => return Err(Error::damaged("an XML part is cut off")),
        }
    }
}

fn paragraph_element(
    scanner: &Scanner<'_>,
    found: &mut ParagraphProperties,
    style: &dyn Fn(&str) -> Option<u32>,
) {
    match scanner.name() {
        b"pStyle" => found.style = attribute(scanner, b"val").and_then(|id| style(&id)),
        b"outlineLvl" => {
            found.outline = number(scanner, b"val").map(|level| level.clamp(0, 9) as u8);
        }
        b"ilvl" => found.level = number(scanner, b"val").map(|level| level.clamp(0, 8) as u8),
        b"numId" => found.list = number(scanner, b"val").map(|id| id.max(0) as u32),
        b"jc" => {
            found.justification =
                attribute(scanner, b"val").as_deref().and_then(|value| match value {
                    "left" | "start" | "both" | "distribute" => Some(Justification::Start),
                    "center" => Some(Justification::Center),
                    "right" | "end" => Some(Justification::End),
                    _ => None,
                });
        }
        b"bidi" => found.right_to_left = Some(switch(scanner)),
        b"ind" => {
            let left = number(scanner, b"left").or_else(|| number(scanner, b"start"));
            found.left = left.or(found.left);
            let hanging = number(scanner, b"hanging")
                .or_else(|| number(scanner, b"hangingChars"))
                .filter(|hanging| *hanging > 0);
            let first = number(scanner, b"firstLine").filter(|first| *first != 0);
            let first = first.or_else(|| number(scanner, b"firstLineChars"));
            found.first_line = hanging.map(|hanging| -hanging).or(first).or(found.first_line);
        }
        b"shd" => {
            let fill = attribute(scanner, b"fill").unwrap_or_default();
            found.fill = Some(Paint(palette::rgb(&fill)));
        }
        _ => {}
    }
}
