//! Rows that were put in, and what that does to formulas. Chunks are not rewritten for it: each knows
//! how many shifts its formulas have been through, and goes through the others when it is read.

use larkspur_model::workbook::{Workbook, column_index};
use serde::{Deserialize, Serialize};

use super::manifest::ChunkEntry;
use crate::formulas::pieces::{bracketed_end, is_word, quoted_end, word_end};

/// Rows put into a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shift {
    /// Index of the sheet.
    pub(super) sheet: u32,
    /// The row they were put above.
    pub(super) at: u32,
    /// How many.
    pub(super) count: u32,
}

/// All shifts that some formula may not have been through, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shifts {
    /// Older ones that every formula has been through.
    forgotten: u32,
    kept: Vec<Shift>,
}

impl Shifts {
    /// How many there have been.
    pub(super) fn total(&self) -> u32 {
        self.forgotten.saturating_add(self.kept.len() as u32)
    }

    fn since(&self, seen: u32) -> &[Shift] {
        let from = seen.saturating_sub(self.forgotten) as usize;
        self.kept.get(from..).unwrap_or(&[])
    }

    /// Adds a shift. Where no formula has been through the last one and not through this, the two
    /// are one if the rows lie together.
    pub(super) fn push(&mut self, shift: Shift, chunks: &[ChunkEntry]) {
        let total = self.total();
        let between = || chunks.iter().any(|chunk| chunk.formulas && chunk.shifts_seen == total);
        if let Some(last) = self.kept.last_mut()
            && last.sheet == shift.sheet
            && (last.at..=last.at.saturating_add(last.count)).contains(&shift.at)
            && !between()
        {
            last.count = last.count.saturating_add(shift.count);
            return;
        }
        self.kept.push(shift);
    }

    /// Forgets what all formulas have been through.
    pub(super) fn forget(&mut self, chunks: &mut [ChunkEntry]) {
        let total = self.total();
        for chunk in chunks.iter_mut().filter(|chunk| !chunk.formulas) {
            chunk.shifts_seen = total;
        }
        let oldest = chunks.iter().map(|chunk| chunk.shifts_seen).min().unwrap_or(total);
        let past = oldest.saturating_sub(self.forgotten) as usize;
        self.kept.drain(..past.min(self.kept.len()));
        self.forgotten = self.forgotten.max(oldest);
    }

    /// What a chunk's formulas still have to go through, if anything.
    pub(super) fn renumbering<'a>(
        &'a self,
        entry: &ChunkEntry,
        workbook: &'a Workbook,
    ) -> Option<impl Fn(&str) -> Option<String> + use<'a>> {
        let shifts = self.since(entry.shifts_seen);
        let sheet = entry.sheet;
        (entry.formulas && !shifts.is_empty()).then_some(move |formula: &str| {
            let mut moved: Option<String> = None;
            for shift in shifts {
                let name = workbook.sheets.get(shift.sheet as usize).map_or("", |it| &it.name);
                let text = moved.as_deref().unwrap_or(formula);
                moved = renumbered(text, sheet == shift.sheet, name, *shift).or(moved);
            }
            moved
        })
    }
}

/// `formula` after `shift` in the sheet `name`, which is the formula's `own` or another; `None` where
/// it reads as before.
pub(super) fn renumbered(formula: &str, own: bool, name: &str, shift: Shift) -> Option<String> {
    let bytes = formula.as_bytes();
    let mut out = String::new();
    let (mut at, mut copied) = (0, 0);
    // Whether the reference that comes next is into the sheet; says nothing without a sheet's name.
    let mut named: Option<bool> = None;
    let mut external = false;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at = quoted_end(bytes, at, b'"');
                named = None;
            }
            b'\'' => {
                let end = quoted_end(bytes, at, b'\'');
                let inner = formula.get(at + 1..end - 1).unwrap_or_default().replace("''", "'");
                named = Some(!inner.contains('[') && inner.eq_ignore_ascii_case(name));
                at = end;
            }
            b'[' => {
                at = bracketed_end(bytes, at);
                external = true;
                continue;
            }
            b'!' => at += 1,
            byte if is_word(byte) => {
                let end = word_end(bytes, at);
                let word = &formula[at..end];
                let next = bytes.get(end).copied();
                if next == Some(b'!') {
                    named = Some(!external && word.eq_ignore_ascii_case(name));
                } else if !matches!(next, Some(b'(' | b'['))
                    && (is_cell(word) || is_rows(bytes, word, at, next))
                {
                    if named.unwrap_or(own) && !external {
                        let moved = moved(word, shift);
                        if let Some(moved) = moved {
                            out.push_str(&formula[copied..at]);
                            out.push_str(&moved);
                            copied = end;
                        }
                    }
                    // The other end of a range is in the same sheet.
                    if next != Some(b':') {
                        named = None;
                    }
                } else {
                    named = None;
                }
                at = end;
            }
            byte => {
                if byte != b':' {
                    named = None;
                }
                at += 1;
            }
        }
        external = false;
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&formula[copied..]);
    Some(out)
}

/// Where the row of a cell's name begins: `$B$7` has it at 3.
fn row_start(word: &str) -> Option<usize> {
    let letters = word.strip_prefix('$').unwrap_or(word);
    let count = letters.bytes().take_while(u8::is_ascii_alphabetic).count();
    column_index(&letters[..count]).filter(|column| *column < 16_384)?;
    let start = word.len() - letters.len() + count;
    let digits = word[start..].strip_prefix('$').unwrap_or(&word[start..]);
    is_number(digits).then_some(word.len() - digits.len())
}

fn is_number(digits: &str) -> bool {
    (1..=7).contains(&digits.len())
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && !digits.starts_with('0')
}

fn is_cell(word: &str) -> bool {
    row_start(word).is_some()
}

/// Whether the word is an end of whole rows: `$1:3`.
fn is_rows(bytes: &[u8], word: &str, at: usize, next: Option<u8>) -> bool {
    let bare = |word: &[u8]| -> bool {
        let digits = word.strip_prefix(b"$").unwrap_or(word);
        std::str::from_utf8(digits).is_ok_and(is_number)
    };
    if !bare(word.as_bytes()) {
        return false;
    }
    let other: &[u8] = if next == Some(b':') {
        let start = at + word.len() + 1;
        bytes.get(start..word_end(bytes, start)).unwrap_or_default()
    } else if at > 0 && bytes[at - 1] == b':' {
        let before = &bytes[..at - 1];
        let start = before.len() - before.iter().rev().take_while(|&&byte| is_word(byte)).count();
        &before[start..]
    } else {
        return false;
    };
    bare(other)
}

/// The name of a cell or of a row once rows were put in; `None` where it stays.
fn moved(word: &str, shift: Shift) -> Option<String> {
    let start = row_start(word).unwrap_or_else(|| usize::from(word.starts_with('$')));
    let row: u64 = word[start..].parse().ok()?;
    (row > u64::from(shift.at))
        .then(|| format!("{}{}", &word[..start], row + u64::from(shift.count)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIFT: Shift = Shift { sheet: 0, at: 4, count: 10 };

    #[test]
    fn references_at_or_below_the_new_rows_move() {
        for (before, after) in [
            ("A4+A5", "A4+A15"),
            ("SUM($A$1:$B$9)*a7", "SUM($A$1:$B$19)*a17"),
            ("SUM(A:B)+LOG10(5)", "SUM(A:B)+LOG10(5)"),
            ("SUM(3:7)+SUM($5:$5)", "SUM(3:17)+SUM($15:$15)"),
            ("\"A9\"&A9&\"\"\"A9\"", "\"A9\"&A19&\"\"\"A9\""),
            ("Data!A9+Other!A9+A9", "Data!A19+Other!A9+A19"),
            ("SUM(Other!A1:A9)+A9", "SUM(Other!A1:A9)+A19"),
            ("SUM('Data'!A1:A9)+'It''s'!B9", "SUM('Data'!A1:A19)+'It''s'!B9"),
            ("[1]Data!A9+'[1]Data'!A9", "[1]Data!A9+'[1]Data'!A9"),
            ("Table1[A9]+x.A9+_A9+A9B", "Table1[A9]+x.A9+_A9+A9B"),
            ("T[a']A9]+A9", "T[a']A9]+A19"),
            ("T[a'[b]+A9", "T[a'[b]+A19"),
            ("工作!A9+A9", "工作!A9+A19"),
            ("A9:B10!C9", "A19:B10!C9"),
            ("1.5+9+A09", "1.5+9+A09"),
            ("'", "'"),
        ] {
            let moved = renumbered(before, true, "data", SHIFT);
            assert_eq!(moved.as_deref().unwrap_or(before), after);
        }
        let elsewhere = renumbered("A9+Data!A9", false, "Data", SHIFT);
        assert_eq!(elsewhere.as_deref(), Some("A9+Data!A19"));
    }

    #[test]
    fn neighbouring_shifts_are_one_unless_a_formula_lies_between() {
        let shift = |at, count| Shift { sheet: 0, at, count };
        let mut shifts = Shifts::default();
        shifts.push(shift(7, 1), &[]);
        shifts.push(shift(8, 2), &[]);
        assert_eq!(shifts.kept, [shift(7, 3)]);
        let between = ChunkEntry { formulas: true, shifts_seen: 1, ..ChunkEntry::default() };
        shifts.push(shift(8, 2), &[between]);
        assert_eq!(shifts.kept, [shift(7, 3), shift(8, 2)]);
        let mut chunks = [between, ChunkEntry::default()];
        shifts.forget(&mut chunks);
        assert_eq!((shifts.kept.as_slice(), shifts.total()), (&[shift(8, 2)][..], 2));
        assert_eq!(chunks[1].shifts_seen, 2);
    }
}
