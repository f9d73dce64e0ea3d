//! Workbooks of Excel 2007 and later beside what openpyxl finds in them: values, formulas, formats,
//! merges; where it finds nothing, beside the values that calamine finds.

use std::collections::HashSet;
use std::io::Cursor;

use calamine::{Data, Reader as _};
use larkspur_formats::{Limits, Unwatched};
use larkspur_model::workbook::{CellRange, column_index, column_name};
use serde_json::Value as Json;

use crate::compare::{Tally, compare_merges, format_code, same_number};
use crate::kept::{Kept, KeptBook, KeptCell, KeptSheet, read_as};

/// Why a cell may differ from the other reader's, by what can be seen of both.
fn excuse(book: &KeptBook, ours: Option<&KeptCell>, theirs: &Json) -> Option<&'static str> {
    let value = &theirs["v"];
    let our_value = ours.map_or(&Kept::Empty, |cell| &cell.value);
    match (our_value, value) {
        (Kept::Text(text), Json::String(other))
            if text.replace("\r\n", "\n") == other.replace("_x000D_", "") =>
        {
            Some("the other reader leaves escapes of control characters as they are")
        }
        (Kept::Number(_), Json::Number(_))
            if same_value(our_value, value)
                && theirs["nf"].is_null()
                && format_code(book, ours).contains(['年', '月', '时']) =>
        {
            Some("the other reader does not know the built-in formats of East Asian locales")
        }
        (Kept::Number(_), _)
            if same_value(our_value, value)
                && theirs["nf"].as_str() == Some("mmss.0")
                && format_code(book, ours) == "mm:ss.0" =>
        {
            Some("the other reader knows a built-in format as the standard says, not as Excel does")
        }
        _ => None,
    }
}

/// Days since 1899-12-30 of a date as the other reader writes it.
fn days(text: &str) -> Option<f64> {
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (Some(date), Some(time)),
        None if text.contains(':') => (None, Some(text)),
        None => (Some(text), None),
    };
    let day = |date: &str| {
        let parts: Vec<i64> = date.split('-').filter_map(|part| part.parse().ok()).collect();
        let [year, month, day] = parts[..] else { return None };
        // Days before a year and a month, counted the slow and sure way.
        let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let before: i64 = (1600..year).map(|year| 365 + i64::from(leap(year))).sum();
        let lengths = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let within: i64 = lengths.iter().take(month as usize - 1).sum::<i64>() + day - 1;
        Some(before + within - 109_571)
    };
    let seconds = |time: &str| {
        time.split(':')
            .filter_map(|part| part.parse::<f64>().ok())
            .fold(0.0, |sum, part| sum * 60.0 + part)
    };
    let whole = date.map_or(Some(0), day)? as f64;
    Some(whole + time.map_or(0.0, seconds) / 86_400.0)
}

fn same_value(ours: &Kept, theirs: &Json) -> bool {
    match (ours, theirs) {
        (Kept::Empty, Json::Null) => true,
        // The other reader has no empty texts, which formulas may come to.
        (Kept::Text(text), Json::Null) if text.is_empty() => true,
        (Kept::Text(text), Json::String(other)) => text == other,
        (Kept::Error(text), Json::String(other)) => text == other,
        (Kept::Bool(value), Json::Bool(other)) => value == other,
        (Kept::Number(number), Json::Number(other)) => {
            other.as_f64().is_some_and(|other| same_number(*number, other))
        }
        (Kept::Number(number), Json::Object(date)) => {
            let seconds = date.get("seconds").and_then(Json::as_f64);
            if let Some(seconds) = seconds {
                return (number * 86_400.0 - seconds).abs() < 0.01;
            }
            let other = date.get("date").and_then(Json::as_str).and_then(days);
            // The other reader corrects for the day that 1900 did not have.
            let wanted =
                other.map(|other| if (1.0..61.0).contains(number) { other - 1.0 } else { other });
            [other, wanted]
                .into_iter()
                .flatten()
                .any(|other| (number - other).abs() * 86_400.0 < 0.6)
        }
        _ => false,
    }
}

fn same_formula(ours: Option<&str>, theirs: &Json) -> bool {
    match (ours, theirs.as_str()) {
        (None, None) => true,
        (Some(ours), Some(theirs)) => Some(ours) == theirs.strip_prefix('='),
        _ => false,
    }
}

fn same_format(book: &KeptBook, ours: Option<&KeptCell>, theirs: &Json) -> bool {
    theirs.as_str().unwrap_or_default() == format_code(book, ours)
}

fn compare_sheet(
    book: &KeptBook,
    sheet: &KeptSheet,
    expected: &Json,
    name: &str,
    tally: &mut Tally,
) {
    let cells = expected["cells"].as_object().expect("cells");
    for (place, theirs) in cells {
        let ours = sheet.at(place);
        let value = ours.map_or(&Kept::Empty, |cell| &cell.value);
        let formula = ours.and_then(|cell| cell.formula.as_deref());
        if same_value(value, &theirs["v"])
            && same_formula(formula, &theirs["f"])
            && same_format(book, ours, &theirs["nf"])
        {
            tally.equal += 1;
        } else if let Some(why) = excuse(book, ours, theirs) {
            tally.explain(why);
        } else {
            let code = format_code(book, ours);
            tally.different.push(format!("{name} {place}: {ours:?} {code} instead of {theirs}"));
        }
    }
    if expected["truncated"].is_null() {
        for cell in &sheet.cells {
            let place = format!("{}{}", column_name(cell.column), cell.row + 1);
            let content = cell.value != Kept::Empty || cell.formula.is_some();
            if content && !cells.contains_key(&place) {
                tally.different.push(format!("{name} {place}: {cell:?} instead of nothing"));
            }
        }
    }
    let hidden = expected["state"] != "visible";
    if sheet.begun.hidden != hidden {
        tally.different.push(format!("{name}: hidden {}", sheet.begun.hidden));
    }
    let merged = expected["merged"].as_array().into_iter().flatten();
    compare_merges(sheet, merged.filter_map(|area| range(area.as_str()?)).collect(), name, tally);
}

/// An area by its notation, `B7:C9`.
fn range(text: &str) -> Option<CellRange> {
    let cell = |text: &str| {
        let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
        let row: u32 = text[letters..].parse().ok()?;
        Some((row - 1, column_index(&text[..letters])?))
    };
    let (first, last) = text.split_once(':')?;
    let ((first_row, first_column), (last_row, last_column)) = (cell(first)?, cell(last)?);
    Some(CellRange { first_row, first_column, last_row, last_column })
}

/// Compares a file.
pub(crate) fn compare(name: &str, bytes: &[u8], expected: &Json) -> Tally {
    let mut tally = Tally::default();
    let book = read_as("xlsx", bytes, &Limits::unlimited(), &mut Unwatched)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    for sheet in expected["sheets"].as_array().into_iter().flatten() {
        // Sheets of charts have no cells to compare.
        let Some(title) = sheet["name"].as_str().filter(|_| sheet["cells"].is_object()) else {
            continue;
        };
        match book.sheets.iter().find(|ours| ours.begun.name == title) {
            Some(ours) => {
                compare_sheet(&book, ours, sheet, &format!("{name} {title}"), &mut tally);
            }
            None if sheet["cells"].as_object().is_some_and(serde_json::Map::is_empty) => {}
            None => tally.different.push(format!("{name}: no sheet {title}")),
        }
    }
    if expected["sheets"].as_array().is_none_or(Vec::is_empty) {
        compare_calamine(&book, bytes, name, &mut tally);
    }
    tally
}

/// Compares with a third reader, where the usual one failed.
fn compare_calamine(book: &KeptBook, bytes: &[u8], name: &str, tally: &mut Tally) {
    let mut other = calamine::Xlsx::new(Cursor::new(bytes))
        .unwrap_or_else(|error| panic!("{name}: the third reader fails: {error}"));
    for sheet in &book.sheets {
        let title = &sheet.begun.name;
        let range = other
            .worksheet_range(title)
            .unwrap_or_else(|error| panic!("{name} {title}: the third reader fails: {error}"));
        let (top, left) = range.start().unwrap_or_default();
        let mut seen = HashSet::new();
        for (row, column, theirs) in range.used_cells() {
            let place = format!("{}{}", column_name(left + column as u32), top + row as u32 + 1);
            let ours = sheet.at(&place).map_or(&Kept::Empty, |cell| &cell.value);
            let same = match (ours, theirs) {
                (Kept::Number(number), Data::Int(other)) => same_number(*number, *other as f64),
                (Kept::Number(number), Data::Float(other)) => same_number(*number, *other),
                (Kept::Number(number), Data::DateTime(other)) => {
                    same_number(*number, other.as_f64())
                }
                (Kept::Text(text), Data::String(other)) => text == other,
                (Kept::Bool(value), Data::Bool(other)) => value == other,
                (Kept::Error(error), Data::Error(other)) => *error == other.to_string(),
                _ => false,
            };
            if same {
                tally.equal += 1;
            } else {
                tally.different.push(format!("{name} {title} {place}: {ours:?} not {theirs:?}"));
            }
            seen.insert(place);
        }
        for cell in sheet.cells.iter().filter(|cell| cell.value != Kept::Empty) {
            let place = format!("{}{}", column_name(cell.column), cell.row + 1);
            if !seen.contains(&place) {
                tally
                    .different
                    .push(format!("{name} {title} {place}: {cell:?} instead of nothing"));
            }
        }
    }
}
