//! Links of a sheet's cells, within the workbook and to elsewhere.

use std::fmt::Write as _;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{CellLink, CellRange, Sheet, column_name};

use super::parts::DOCUMENT_RELATIONSHIPS;
use super::xml::escape;
use super::{COLUMNS, ROWS, note};

/// Links a sheet may have (Excel's specification).
pub(super) const MOST: usize = 65_530;
/// Characters of an address Excel opens.
const ADDRESS: usize = 2_079;

/// A link: an address, a place in it or in this workbook, or both.
pub(in crate::xlsx) struct Link {
    range: String,
    address: String,
    place: String,
}

/// `A1` or `A1:B2`; nothing for a range that begins outside of what a sheet can hold.
pub(super) fn range_name(range: CellRange) -> Option<String> {
    if range.first_row >= ROWS || range.first_column >= COLUMNS {
        return None;
    }
    let last_row = range.last_row.clamp(range.first_row, ROWS - 1);
    let last_column = range.last_column.clamp(range.first_column, COLUMNS - 1);
    let mut name = format!("{}{}", column_name(range.first_column), range.first_row + 1);
    if (last_row, last_column) != (range.first_row, range.first_column) {
        let _ = write!(name, ":{}{}", column_name(last_column), last_row + 1);
    }
    Some(name)
}

/// The links that can be written: those of the sheet, and those its cells brought.
pub(super) fn gather(
    sheet: &Sheet,
    of_cells: &[CellLink],
    name: &str,
    losses: &mut Losses,
) -> Vec<Link> {
    let mut links = Vec::new();
    let mut left_out = 0;
    for link in sheet.links.iter().chain(of_cells) {
        let (address, place) = link.target.split_once('#').unwrap_or((&link.target, ""));
        let (address, place) = (as_address(address), place.to_owned());
        let usable = address.len() + place.len() <= ADDRESS && address.len() + place.len() > 0;
        match range_name(link.range) {
            Some(range) if usable && links.len() < MOST => {
                links.push(Link { range, address, place });
            }
            _ => left_out += 1,
        }
    }
    note(losses, LossKind::FeatureDropped, name, "links that Excel does not accept", left_out);
    links
}

/// An address without the characters addresses cannot hold; Excel calls a file with them damaged.
fn as_address(target: &str) -> String {
    let mut address = String::with_capacity(target.len());
    let mut buffer = [0; 4];
    for character in target.trim().chars() {
        match character {
            '\0'..=' ' | '"' | '<' | '>' | '^' | '`' | '{' | '|' | '}' | '\u{7f}' => {
                for byte in character.encode_utf8(&mut buffer).bytes() {
                    let _ = write!(address, "%{byte:02X}");
                }
            }
            _ => address.push(character),
        }
    }
    address
}

/// The element that names the cells.
pub(super) fn write_element(links: &[Link], xml: &mut String) {
    if links.is_empty() {
        return;
    }
    xml.push_str("<hyperlinks>");
    let mut number = 0;
    for link in links {
        let _ = write!(xml, "<hyperlink ref=\"{}\"", link.range);
        if !link.address.is_empty() {
            number += 1;
            let _ = write!(xml, " r:id=\"rId{number}\"");
        }
        if !link.place.is_empty() {
            xml.push_str(" location=\"");
            escape(&link.place, xml);
            xml.push('"');
        }
        xml.push_str("/>");
    }
    xml.push_str("</hyperlinks>");
}

/// How many links are to an address, which has a relationship.
pub(super) fn addresses(links: &[Link]) -> usize {
    links.iter().filter(|link| !link.address.is_empty()).count()
}

/// The relationships to the addresses, from the first on.
pub(super) fn relationships(links: &[Link], xml: &mut String) {
    let outer = links.iter().filter(|link| !link.address.is_empty());
    for (number, link) in (1..).zip(outer) {
        let _ = write!(
            xml,
            "<Relationship Id=\"rId{number}\" Type=\"{DOCUMENT_RELATIONSHIPS}/hyperlink\" Target=\""
        );
        escape(&link.address, xml);
        xml.push_str("\" TargetMode=\"External\"/>");
    }
}
