//! The platform's colours (contract, `docx_enums`) as RRGGBB, which is what Word files hold.

/// Colours of characters and borders, from number 1.
pub(crate) const TEXT: [&str; 7] =
    ["D83931", "DE7802", "B8860B", "2EA121", "245BDB", "6425D0", "646A73"];
/// Colours behind characters and boxes, from number 1: light ones, then strong ones.
pub(crate) const BACKGROUND: [&str; 15] = [
    "FDE2E2", "FEEAD2", "FFFFCC", "D9F5D6", "E1EAFF", "ECE2FE", "DEE0E3", "FBBFBC", "FED4A4",
    "FFF67A", "B7EDB1", "BACEFD", "CDB2FA", "BBBFC4", "F2F3F5",
];
/// Backgrounds of blocks, by the platform's name without `Background`.
pub(crate) const BLOCK: [(&str, &str); 15] = [
    ("LightGray", "F2F3F5"),
    ("LightRed", "FDE2E2"),
    ("LightOrange", "FEEAD2"),
    ("LightYellow", "FFFFCC"),
    ("LightGreen", "D9F5D6"),
    ("LightBlue", "E1EAFF"),
    ("LightPurple", "ECE2FE"),
    ("PaleGray", "F8F9FA"),
    ("DarkGray", "BBBFC4"),
    ("DarkRed", "FBBFBC"),
    ("DarkOrange", "FED4A4"),
    ("DarkYellow", "FFF67A"),
    ("DarkGreen", "B7EDB1"),
    ("DarkBlue", "BACEFD"),
    ("DarkPurple", "CDB2FA"),
];

fn numbered(table: &'static [&'static str], number: Option<u8>) -> Option<&'static str> {
    table.get(usize::from(number?).checked_sub(1)?).copied()
}

/// Colour of characters or a border.
pub(crate) fn text(number: Option<u8>) -> Option<&'static str> {
    numbered(&TEXT, number)
}

/// Colour behind characters or a box.
pub(crate) fn background(number: Option<u8>) -> Option<&'static str> {
    numbered(&BACKGROUND, number)
}

/// Colour behind a block.
pub(crate) fn block(name: &str) -> Option<&'static str> {
    let name = name.strip_suffix("Background")?;
    BLOCK.iter().find(|(known, _)| *known == name).map(|(_, colour)| *colour)
}
