//! What formulas refer to, found in their text: other workbooks, sheets, tables.

use super::pieces::{bracketed_end, is_word, quoted_end, word_end};

/// Whether a formula names another workbook, `[1]Sheet!A1` or `'[a.xls]Sheet 1'!A1`. Without a part that
/// says which workbook that is, Excel calls a file damaged.
pub(crate) fn names_another_workbook(formula: &str) -> bool {
    memchr::memchr(b'[', formula.as_bytes()).is_some()
        && any(formula, &mut |found| matches!(found, Found::OtherBook))
}

/// Whether a formula names a sheet that `is_wanted`.
pub(crate) fn names_sheet(formula: &str, is_wanted: &dyn Fn(&str) -> bool) -> bool {
    memchr::memchr(b'!', formula.as_bytes()).is_some()
        && any(formula, &mut |found| match found {
            Found::Sheets(names) => names.split(':').any(is_wanted),
            _ => false,
        })
}

/// Whether all tables and columns of tables that a formula names are there. `columns` gives the names of a
/// table's columns, in lower case, by the table's name in lower case.
pub(crate) fn knows_tables<'t>(
    formula: &str,
    columns: &dyn Fn(&str) -> Option<&'t [String]>,
) -> bool {
    memchr::memchr(b'[', formula.as_bytes()).is_none()
        || !any(formula, &mut |found| match found {
            Found::Table(name, inner) => {
                columns(&name.to_lowercase()).is_none_or(|columns| !has_columns(inner, columns))
            }
            _ => false,
        })
}

/// Something a formula names.
enum Found<'f> {
    OtherBook,
    /// A sheet, or the first and the last of several with a colon between.
    Sheets(&'f str),
    /// A table, and what stands in the brackets behind it.
    Table(&'f str, &'f str),
}

/// Whether anything that `formula` names is what is looked for.
fn any(formula: &str, is_it: &mut dyn FnMut(Found<'_>) -> bool) -> bool {
    let bytes = formula.as_bytes();
    let mut at = 0;
    // Where the word starts that ends at `at`.
    let mut word = None;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => {
                let end = quoted_end(bytes, at, byte);
                if byte == b'\'' && bytes.get(end) == Some(&b'!') {
                    let inner = formula.get(at + 1..end - 1).unwrap_or_default();
                    let found = if inner.contains('[') {
                        is_it(Found::OtherBook)
                    } else {
                        is_it(Found::Sheets(&inner.replace("''", "'")))
                    };
                    if found {
                        return true;
                    }
                }
                (at, word) = (end, None);
            }
            b'[' => {
                let end = bracketed_end(bytes, at);
                let inner = formula.get(at + 1..(end - 1).max(at + 1)).unwrap_or_default();
                let found = match word {
                    Some(start) => is_it(Found::Table(formula.get(start..at).unwrap_or(""), inner)),
                    None => is_it(Found::OtherBook),
                };
                if found {
                    return true;
                }
                // The word behind another book's number is a sheet or a name of that book.
                let skipped = word_end(bytes, end);
                let own = word.is_some() || bytes.get(skipped) != Some(&b'!');
                (at, word) = (if own { end } else { skipped + 1 }, None);
            }
            b'!' => {
                let name = word.and_then(|start| formula.get(first_of_two(formula, start)..at));
                if name.is_some_and(|name| is_it(Found::Sheets(name))) {
                    return true;
                }
                (at, word) = (at + 1, None);
            }
            _ if is_word(byte) => {
                word = word.or(Some(at));
                at += 1;
            }
            _ => (at, word) = (at + 1, None),
        }
    }
    false
}

/// Where the first of two sheets starts, `One:Two`, whose second is the word at `start`.
fn first_of_two(formula: &str, start: usize) -> usize {
    let Some(before) = formula.get(..start).and_then(|before| before.strip_suffix(':')) else {
        return start;
    };
    before.len() - before.bytes().rev().take_while(|byte| is_word(*byte)).count()
}

/// Whether `columns` has all that stand in the brackets behind a table's name.
fn has_columns(inner: &str, columns: &[String]) -> bool {
    let known = |name: &str| name.starts_with('#') || has_column(name, columns);
    if !inner.trim_start().starts_with('[') {
        return inner.trim().is_empty() || known(inner);
    }
    let bytes = inner.as_bytes();
    let mut at = 0;
    while let Some(start) = memchr::memchr(b'[', bytes.get(at..).unwrap_or_default()) {
        let start = at + start;
        at = bracketed_end(bytes, start);
        if !known(inner.get(start + 1..(at - 1).max(start + 1)).unwrap_or_default()) {
            return false;
        }
    }
    true
}

fn has_column(name: &str, columns: &[String]) -> bool {
    let mut plain = String::with_capacity(name.len());
    let mut letters = name.chars();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\'' { letters.next() } else { Some(letter) });
    }
    let plain = plain.to_lowercase();
    columns.contains(&plain)
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

    #[test]
    fn sheets_are_found_by_their_names() {
        let names = |formula: &str, name: &str| names_sheet(formula, &|found| found == name);
        for (formula, name) in [
            ("SUM(Data!A1:A9)", "Data"),
            ("'It''s'!$A$1", "It's"),
            ("SUM(One:Two!A1)", "One"),
            ("SUM(One:Two!A1)", "Two"),
            ("SUM('One:The two'!A1)", "The two"),
            ("1+工作!A9", "工作"),
        ] {
            assert!(names(formula, name), "{formula}");
        }
        for formula in ["\"Data!\"&A1", "Data+1", "'Data'+1", "My.Data!A1", "[1]Data!A1"] {
            assert!(!names(formula, "Data"), "{formula}");
        }
    }

    #[test]
    fn tables_and_columns_are_there_or_not() {
        let columns = ["amount", "a[b]", "第一列"].map(str::to_owned);
        let known = |name: &str| (name == "orders").then_some(columns.as_slice());
        for formula in [
            "SUM(Orders[Amount])",
            "ORDERS[[#This Row],[amount]]*2",
            "Orders[]+Orders[#Totals]",
            "Orders[[#All],[Amount]:[第一列]]",
            "Orders[a'[b']]",
            "A1+\"x[y]\"",
        ] {
            assert!(knows_tables(formula, &known), "{formula}");
        }
        for formula in ["SUM(Order[Amount])", "Orders[Amounts]", "Orders[[#All],[x]]"] {
            assert!(!knows_tables(formula, &known), "{formula}");
        }
    }
}
