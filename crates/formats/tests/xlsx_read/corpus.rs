//! Real workbooks against what another reader makes of them, cell by cell, and hostile ones against
//! the clock.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use larkspur_formats::{Error, Limits};
use larkspur_model::workbook::column_name;
use serde_json::Value as Json;

use crate::collect::{Kept, KeptBook, KeptCell, KeptSheet, read, read_limited};

fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    // Worktrees stand one folder deeper.
    let deeper = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/corpus");
    [path, deeper].into_iter().find(|path| path.is_dir())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

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
        (Kept::Text(text), Json::Null) if text.is_empty() => {
            Some("the other reader takes an empty text, the result of a formula, for no value")
        }
        _ => None,
    }
}

fn same_number(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1.0)
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

fn format_code<'b>(book: &'b KeptBook, ours: Option<&KeptCell>) -> &'b str {
    ours.map_or("", |cell| book.styles[cell.style as usize].number_format.as_str())
}

fn same_format(book: &KeptBook, ours: Option<&KeptCell>, theirs: &Json) -> bool {
    theirs.as_str().unwrap_or_default() == format_code(book, ours)
}

#[derive(Default)]
struct Tally {
    equal: u64,
    different: Vec<String>,
    excused: BTreeMap<&'static str, u64>,
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
            *tally.excused.entry(why).or_default() += 1;
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
    let mut merged: Vec<String> = sheet
        .ended
        .merges
        .iter()
        .map(|merge| {
            format!(
                "{}{}:{}{}",
                column_name(merge.first_column),
                merge.first_row + 1,
                column_name(merge.last_column),
                merge.last_row + 1
            )
        })
        .collect();
    let mut theirs: Vec<String> = expected["merged"].as_array().map_or(Vec::new(), |merged| {
        merged.iter().filter_map(|area| Some(area.as_str()?.to_owned())).collect()
    });
    merged.sort();
    theirs.sort();
    if merged != theirs {
        tally.different.push(format!("{name}: merged {merged:?} instead of {theirs:?}"));
    }
}

#[test]
fn real_workbooks_read_as_another_reader_reads_them() {
    let Some(corpus) = corpus() else {
        println!("no corpus here: about 36 workbooks could not be compared");
        return;
    };
    let expected: Json =
        serde_json::from_slice(&fs::read(corpus.join("expected/xlsx.json")).expect("expected"))
            .expect("json");
    let mut tally = Tally::default();
    let mut books = 0;
    for path in files(&corpus.join("xlsx")) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let bytes = fs::read(&path).expect("readable");
        let book = read_limited(&bytes, &Limits::unlimited())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        books += 1;
        let theirs = &expected[&name]["sheets"];
        for sheet in theirs.as_array().into_iter().flatten() {
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
    }
    for line in &tally.different {
        println!("{line}");
    }
    let (different, excused) = (tally.different.len() as u64, tally.excused.values().sum::<u64>());
    println!(
        "{books} workbooks: {} cells equal, {different} different, {excused} excused:",
        tally.equal
    );
    for (why, count) in &tally.excused {
        println!("  {count}: {why}");
    }
    assert!(books > 30 && tally.equal > 4_000);
    let all = tally.equal + different + excused;
    assert!(different * 1_000 <= all, "{different} of {all} cells differ");
}

#[test]
fn hostile_workbooks_end_soon_and_say_what_they_are() {
    let Some(corpus) = corpus() else {
        println!("no corpus here: about 12 hostile workbooks could not be run");
        return;
    };
    for path in files(&corpus.join("hostile")) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let bytes = fs::read(&path).expect("readable");
        let is_zip = bytes.starts_with(b"PK");
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || send.send(read(&bytes).map(|book| book.sheets.len())));
        let result = receive
            .recv_timeout(Duration::from_secs(20))
            .unwrap_or_else(|_| panic!("{name} takes too long"));
        println!("{name}: {result:?}");
        match result {
            Ok(_) | Err(Error::Damaged(_) | Error::TooLarge(_)) => assert!(is_zip, "{name}"),
            Err(Error::Encrypted | Error::Mismatch { .. }) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
}
