//! What cells show, beside what Excel itself wrote when it saved the same workbooks as csv.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Cursor;
use std::path::{Path, PathBuf};

use larkspur_formats::{Context, Limits, Options, Unwatched, by_extension, cells};
use larkspur_model::workbook::NumberFormat;
use proptest::prelude::*;

/// The corpus beside the workspace, where there is one.
fn corpus() -> Option<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../../../shared/corpus", "../../../../shared/corpus"]
        .map(|place| crates.join(place))
        .into_iter()
        .find(|folder| folder.is_dir());
    if found.is_none() {
        println!("the corpus is not here: no workbook was compared with what Excel shows");
    }
    found
}

/// Lines of a csv, as they come out of one sheet of a workbook.
fn lines_of(path: &Path, sheet: usize) -> Vec<Vec<String>> {
    let limits = Limits::unlimited();
    let options = Options { sheet: Some(sheet), ..Options::default() };
    let mut monitor = Unwatched;
    let mut context = Context::new(&limits, &options, &mut monitor);
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let read = by_extension(extension).and_then(|format| format.read_workbook).expect("is read");
    let write = by_extension("csv").and_then(|format| format.write_workbook).expect("is written");
    let mut input = File::open(path).expect("is there");
    let mut output = Vec::new();
    let between = Cursor::new(Vec::new());
    cells::convert((read, &mut input), between, (write, &mut output), &mut context)
        .expect("is converted");
    split(std::str::from_utf8(&output).expect("is UTF-8"))
}

/// A plain reading of quoted and unquoted fields.
fn split(text: &str) -> Vec<Vec<String>> {
    let mut lines = vec![vec![String::new()]];
    let mut quoted = false;
    let mut letters = text.chars().filter(|letter| *letter != '\r').peekable();
    while let Some(letter) = letters.next() {
        let line = lines.last_mut().expect("never empty");
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                line.last_mut().expect("never empty").push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => line.push(String::new()),
            '\n' if !quoted => lines.push(vec![String::new()]),
            letter => line.last_mut().expect("never empty").push(letter),
        }
    }
    lines
}

/// Why a cell may show something else than in the Excel that saved the file.
fn explained(expected: &str, found: &str) -> Option<&'static str> {
    if expected.starts_with("####") {
        return Some("dates before the first: the number is written");
    }
    if found.is_empty() {
        return Some("formulas saved without a value");
    }
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let looks_dated = |text: &str| digits(text) > 0 && text.contains(['/', '-', ':', ' ']);
    // `mm-dd-yy` by number, and the formats "of the system": Excel takes them from the computer.
    let of_the_system = looks_dated(expected)
        && looks_dated(found)
        && (found.matches('-').count() == 2 || found.contains(", ") || found.ends_with('M'));
    of_the_system.then_some("dates and times in the format of the computer")
}

#[test]
fn cells_show_what_excel_shows() {
    let Some(folder) = corpus() else { return };
    let expected = fs::read(folder.join("expected/xlsx.json")).expect("is there");
    let expected: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&expected).expect("is JSON");
    let (mut equal, mut reasons, mut wrong) = (0, BTreeMap::new(), Vec::new());
    for (name, file) in &expected {
        let Some(sheets) = file["excel_csv"].as_object() else { continue };
        for (sheet, text) in sheets {
            let index = sheet.parse().expect("is a number");
            let found = lines_of(&folder.join("xlsx").join(name), index);
            let lines = split(text.as_str().expect("is text"));
            for (row, line) in lines.iter().enumerate() {
                for (column, field) in line.iter().enumerate() {
                    let shown = found.get(row).and_then(|line| line.get(column));
                    let shown = shown.map_or("", String::as_str);
                    // What Windows-1252 has no character for, Excel saved as an underscore.
                    let same = shown.chars().count() == field.chars().count()
                        && shown.chars().zip(field.chars()).all(|(ours, theirs)| {
                            ours == theirs || (theirs == '_' && !ours.is_ascii())
                        });
                    if same {
                        equal += usize::from(!field.is_empty());
                    } else if let Some(reason) = explained(field, shown) {
                        *reasons.entry(reason).or_insert(0) += 1;
                    } else {
                        let place = format!("{name}, sheet {sheet}, {row}:{column}");
                        wrong.push(format!("{place}: {shown:?}, Excel {field:?}"));
                    }
                }
            }
        }
    }
    println!(
        "beside Excel: {equal} cells equal, {} different, and explained: {reasons:?}",
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #[test]
    fn any_code_shows_any_number(code in ".{0,40}", bits in any::<u64>(), text in ".{0,20}") {
        let format = NumberFormat::parse(&code);
        format.format_number(f64::from_bits(bits));
        format.format_number((bits % 3_000_000) as f64 / 7.0);
        format.format_text(&text);
    }

    #[test]
    fn codes_of_the_usual_signs_show_any_number(
        code in "[0#?.,%E+/@;hmsydaAMP/\\[\\]\"_* \\\\$年月日-]{0,24}", bits in any::<u64>()
    ) {
        let format = NumberFormat::parse(&code);
        format.format_number(f64::from_bits(bits));
        format.format_number((bits % 3_000_000) as f64 / 7.0);
        format.format_text("text");
    }

    #[test]
    fn decimals_are_rounded_from_the_digits(units in 0..10_000_000_000_000_u64, places in 0..4_usize) {
        // Six decimals in, up to three out: whole arithmetic on the digits must agree.
        let number = units as f64 / 1e6;
        let code = format!("0.{}", "0".repeat(places));
        let step = 10_u64.pow(6 - places as u32);
        let rounded = units.div_euclid(step) + u64::from(units % step >= step / 2);
        let scale = 10_u64.pow(places as u32);
        let expected = match places {
            0 => format!("{rounded}."),
            _ => format!("{}.{:0places$}", rounded / scale, rounded % scale),
        };
        prop_assert_eq!(NumberFormat::parse(&code).format_number(number), expected);
    }
}
