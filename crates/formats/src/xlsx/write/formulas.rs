//! Formulas in cells, and those Excel refuses.

use super::xml::{escape, stands_for_itself};

/// A formula as a cell writes it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Formula<'f> {
    pub(super) text: &'f str,
    /// The area it fills, if it is one for several cells.
    pub(super) area: Option<&'f str>,
}

/// Writes a cell's formula, if it has one.
pub(super) fn write_formula(formula: Option<Formula<'_>>, xml: &mut Vec<u8>) {
    let Some(formula) = formula else { return };
    match formula.area {
        Some(area) => {
            xml.extend_from_slice(b"<f t=\"array\" ref=\"");
            xml.extend_from_slice(area.as_bytes());
            xml.extend_from_slice(b"\">");
        }
        None => xml.extend_from_slice(b"<f>"),
    }
    if stands_for_itself(formula.text) {
        xml.extend_from_slice(formula.text.as_bytes());
    } else {
        let mut escaped = String::with_capacity(formula.text.len() + 16);
        escape(formula.text, &mut escaped);
        xml.extend_from_slice(escaped.as_bytes());
    }
    xml.extend_from_slice(b"</f>");
}

/// Whether a formula names another workbook, `[1]Sheet!A1` or `'[a.xls]Sheet 1'!A1`. Without a part that
/// says which workbook that is, Excel calls the file damaged.
pub(super) fn names_another_workbook(formula: &str) -> bool {
    if memchr::memchr(b'[', formula.as_bytes()).is_none() {
        return false;
    }
    let bytes = formula.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => {
                let length = memchr::memchr(byte, &bytes[at + 1..]).unwrap_or(bytes.len() - at - 1);
                let quoted = &bytes[at + 1..at + 1 + length];
                if byte == b'\'' && quoted.contains(&b'[') {
                    return true;
                }
                at += length + 2;
            }
            b'[' => {
                // The columns of a table stand behind its name.
                let before = at.checked_sub(1).and_then(|before| bytes.get(before));
                let of_table = before.is_some_and(|before| {
                    before.is_ascii_alphanumeric()
                        || matches!(before, b'_' | b'.' | b'\\' | b'?' | b']')
                        || *before >= 0x80
                });
                if !of_table {
                    return true;
                }
                at = table_end(bytes, at);
            }
            _ => at += 1,
        }
    }
    false
}

/// Behind the bracket that closes the one at `at`; an apostrophe escapes what follows it.
fn table_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\'' => at += 1,
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_workbooks_are_told_from_tables() {
        for formula in
            ["[1]Sheet1!A1", "SUM('[a b.xls]S'!A1:B2)", "1+[old.xls]S!A1", "T[[#All],[a]]+[2]S!A1"]
        {
            assert!(names_another_workbook(formula), "{formula}");
        }
        for formula in [
            "A1+B2",
            "SUM(Table1[Sales])",
            "表[[#This Row],[a'[b]]]*2",
            "\"[1]Sheet1!A1\"",
            "'it''s'!A1&\"]\"",
            "T[a",
        ] {
            assert!(!names_another_workbook(formula), "{formula}");
        }
    }
}
