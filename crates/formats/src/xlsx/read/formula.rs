//! Shared formulas: one text for many cells, whose relative references move with the cell.

use larkspur_model::workbook::{column_index, column_name};

use crate::formulas::pieces::{bracketed_end, is_word, quoted_end, word_end};

/// Rows and columns that a reference may name.
const ROWS: i64 = 1_048_576;
const COLUMNS: i64 = 16_384;

/// Appends `formula` as it reads `rows` further down and `columns` further right. Absolute parts
/// stay; a reference that leaves the sheet becomes `#REF!`.
pub(super) fn shift_into(formula: &str, rows: i64, columns: i64, out: &mut String) {
    if rows == 0 && columns == 0 {
        out.push_str(formula);
        return;
    }
    let bytes = formula.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            quote @ (b'"' | b'\'') => quoted_end(bytes, at, quote),
            b'[' => bracketed_end(bytes, at),
            byte if is_word(byte) => {
                let end = word_end(bytes, at);
                at = push_word(formula, at, end, rows, columns, out);
                continue;
            }
            _ => at + 1,
        };
        out.push_str(&formula[at..end]);
        at = end;
    }
}

/// Appends the word from `at` to `end`, moved if it is a reference, and says where to go on.
fn push_word(
    formula: &str,
    at: usize,
    end: usize,
    rows: i64,
    columns: i64,
    out: &mut String,
) -> usize {
    let bytes = formula.as_bytes();
    let word = &formula[at..end];
    let next = bytes.get(end).copied();
    // `A1(` calls a function, `A1!` names a sheet, `A1[` a table.
    if matches!(next, Some(b'(' | b'!' | b'[')) {
        out.push_str(word);
        return end;
    }
    if let Some((column, row)) = cell_parts(word) {
        match (moved(column, columns, COLUMNS), moved(row, rows, ROWS)) {
            (Some(column), Some(row)) => {
                push_column(column, out);
                push_row(row, out);
            }
            _ => out.push_str("#REF!"),
        }
        return end;
    }
    // Whole columns and rows: `A:C`, `$1:3`.
    if next == Some(b':') && (at == 0 || bytes[at - 1] != b':') {
        let last = word_end(bytes, end + 1);
        let other = &formula[end + 1..last];
        let opens = matches!(bytes.get(last), Some(b'(' | b'!' | b'['));
        if let (false, Some(first), Some(other)) = (opens, column_part(word), column_part(other)) {
            push_range(first, other, columns, COLUMNS, push_column, out);
            return last;
        }
        if let (false, Some(first), Some(other)) = (opens, row_part(word), row_part(other)) {
            push_range(first, other, rows, ROWS, push_row, out);
            return last;
        }
    }
    out.push_str(word);
    end
}

/// A coordinate, from 0, and whether it is absolute.
type Coordinate = (i64, bool);

fn push_range(
    first: Coordinate,
    last: Coordinate,
    by: i64,
    most: i64,
    push: fn(Coordinate, &mut String),
    out: &mut String,
) {
    if let (Some(first), Some(last)) = (moved(first, by, most), moved(last, by, most)) {
        push(first, out);
        out.push(':');
        push(last, out);
    } else {
        out.push_str("#REF!");
    }
}

fn moved((value, absolute): Coordinate, by: i64, most: i64) -> Option<Coordinate> {
    let value = if absolute { value } else { value + by };
    (0..most).contains(&value).then_some((value, absolute))
}

fn push_column((column, absolute): Coordinate, out: &mut String) {
    if absolute {
        out.push('$');
    }
    out.push_str(&column_name(column as u32));
}

fn push_row((row, absolute): Coordinate, out: &mut String) {
    if absolute {
        out.push('$');
    }
    out.push_str(&(row + 1).to_string());
}

fn cell_parts(word: &str) -> Option<(Coordinate, Coordinate)> {
    let from = usize::from(word.starts_with('$'));
    let letters = word[from..].bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = word.split_at(from + letters);
    Some((column_part(column)?, row_part(row)?))
}

fn column_part(word: &str) -> Option<Coordinate> {
    let letters = word.strip_prefix('$').unwrap_or(word);
    if letters.len() > 3 {
        return None;
    }
    let column = i64::from(column_index(letters)?);
    (column < COLUMNS).then_some((column, letters.len() < word.len()))
}

fn row_part(word: &str) -> Option<Coordinate> {
    let digits = word.strip_prefix('$').unwrap_or(word);
    let plain = (1..=7).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let row: i64 = plain.then(|| digits.parse().ok())??;
    (1..=ROWS).contains(&row).then_some((row - 1, digits.len() < word.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_references_move_and_nothing_else_does() {
        for (formula, shifted) in [
            ("A1+B$2*$C3-$D$4", "B3+C$2*$C5-$D$4"),
            ("SUM(A1:A5*b1:B5)", "SUM(B3:B7*C3:C7)"),
            ("\"A1\"&A1&\"a \"\"B2\"\" b\"", "\"A1\"&B3&\"a \"\"B2\"\" b\""),
            ("'A1 it''s B2'!A1+Sheet1!A1+A1!A1", "'A1 it''s B2'!B3+Sheet1!B3+A1!B3"),
            ("LOG10(A1)+ATAN2(A1,1)", "LOG10(B3)+ATAN2(B3,1)"),
            ("Table1[[#This Row],[A1]]+A1", "Table1[[#This Row],[A1]]+B3"),
            ("[1]Feuil8!A1+T[a']b]+A1", "[1]Feuil8!B3+T[a']b]+B3"),
            ("SUM(A:A)+SUM($B:C)+SUM(1:1)+SUM(2:$3)", "SUM(B:B)+SUM($B:D)+SUM(3:3)+SUM(4:$3)"),
            ("XFD1+A1048576", "#REF!+#REF!"),
            ("XFE1+A1048577+ABCD1+A1B+_A1+A_1+表A1", "XFE1+A1048577+ABCD1+A1B+_A1+A_1+表A1"),
            ("1E5+1.5+TRUE+#REF!", "1E5+1.5+TRUE+#REF!"),
            ("A1:INDEX(A:A,3)", "B3:INDEX(B:B,3)"),
            ("a]b", "a]b"),
        ] {
            let mut out = String::new();
            shift_into(formula, 2, 1, &mut out);
            assert_eq!(out, shifted, "{formula}");
        }
        let mut out = String::new();
        shift_into("A1+B2", -1, -1, &mut out);
        assert_eq!(out, "#REF!+A1");
    }
}
