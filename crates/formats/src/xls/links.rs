//! Links of cells ([MS-XLS] 2.4.140, [MS-OSHARED] 2.3.7).

use larkspur_model::workbook::{CellLink, CellRange};

use crate::compound::bytes::{u16_at, u32_at, utf16_at};

/// Characters of the longest link kept.
const LINK_CHARACTERS: usize = 8 << 10;
/// What says that an address follows, and what that a path does.
const ADDRESS: [u8; 16] =
    [0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82, 0, 0xAA, 0, 0x4B, 0xA9, 0x0B];
const FILE: [u8; 16] = [3, 3, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];

/// A range of rows and columns as most records write it.
pub(super) fn range_at(body: &[u8], at: usize) -> Option<CellRange> {
    let [first_row, last_row, first_column, last_column] =
        [0, 2, 4, 6].map(|offset| u16_at(body, at + offset).map(u32::from));
    let range = CellRange {
        first_row: first_row?,
        first_column: first_column?,
        last_row: last_row?,
        last_column: last_column?,
    };
    (range.first_row <= range.last_row && range.first_column <= range.last_column).then_some(range)
}

/// The link of a record's body; `None` for one that leads nowhere or cannot be read.
pub(super) fn link(body: &[u8]) -> Option<CellLink> {
    let range = range_at(body, 0)?;
    let flags = u32_at(body, 28)?;
    let mut at = 32;
    // A text to show, and a frame to show the target in.
    for flag in [0x10, 0x80] {
        if flags & flag != 0 {
            text(body, &mut at)?;
        }
    }
    let mut target = String::new();
    if flags & 1 != 0 {
        target = if flags & 0x100 != 0 { text(body, &mut at)? } else { moniker(body, &mut at)? };
    }
    if flags & 8 != 0 {
        let place = text(body, &mut at)?;
        if !place.is_empty() {
            target.push('#');
            target.push_str(place.trim_start_matches('#'));
        }
    }
    (!target.is_empty() && target.len() <= LINK_CHARACTERS).then_some(CellLink { range, target })
}

/// A text behind its number of characters, a zero the last of them.
fn text(body: &[u8], at: &mut usize) -> Option<String> {
    let count = u32_at(body, *at)? as usize;
    if count > LINK_CHARACTERS {
        return None;
    }
    let text = utf16_at(body, *at + 4, count);
    *at += 4 + count * 2;
    Some(until_zero(&text))
}

fn moniker(body: &[u8], at: &mut usize) -> Option<String> {
    let kind = body.get(*at..*at + 16)?;
    *at += 16;
    if kind == ADDRESS {
        let bytes = u32_at(body, *at)? as usize;
        let text = utf16_at(body, *at + 4, bytes.min(2 * LINK_CHARACTERS) / 2);
        *at = at.checked_add(4)?.checked_add(bytes)?;
        return Some(until_zero(&text));
    }
    if kind != FILE {
        return None;
    }
    let ups = usize::from(u16_at(body, *at)?);
    let bytes = u32_at(body, *at + 2)? as usize;
    let short = body.get(*at + 6..at.checked_add(6)?.checked_add(bytes)?)?;
    *at += 6 + bytes + 24;
    let longer = u32_at(body, *at)? as usize;
    *at += 4;
    // The name in full stands behind the one in the system's code page, if that was not enough.
    let path = if longer > 6 {
        let bytes = u32_at(body, *at)? as usize;
        let path = utf16_at(body, *at + 6, bytes.min(2 * LINK_CHARACTERS) / 2);
        *at = at.checked_add(longer)?;
        path
    } else {
        short.iter().map(|&byte| char::from(byte)).collect()
    };
    Some("..\\".repeat(ups.min(100)) + &until_zero(&path))
}

fn until_zero(text: &str) -> String {
    text.split('\0').next().unwrap_or_default().to_owned()
}
