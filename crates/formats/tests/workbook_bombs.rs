//! Workbooks that are small as files and want to be large in memory: each has the outcome that is
//! documented for it, and the process stays small.

use std::io::{Cursor, Write};

use larkspur_formats::{Context, Error, Limits, Options, Unwatched, WorkbookSink, by_extension};
use larkspur_model::loss::Losses;
use larkspur_model::workbook::{CellStyle, Row, Sheet};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Most memory the process may ever hold, MiB; a converting child has about twice as much.
const MOST_MIB: u64 = 400;

/// A part by name, and what writes it.
type Part<'p> = (&'p str, &'p dyn Fn(&mut dyn Write));
type Parts<'p> = &'p [Part<'p>];

/// Counts what it is given and keeps nothing.
#[derive(Default)]
struct Count {
    styles: usize,
    sheets: Vec<Sheet>,
    cells: usize,
}

impl WorkbookSink for Count {
    fn begin(&mut self, styles: &[CellStyle], _: &[String]) -> Result<(), Error> {
        self.styles = styles.len();
        Ok(())
    }

    fn begin_sheet(&mut self, _: &Sheet) -> Result<(), Error> {
        Ok(())
    }

    fn row(&mut self, row: &Row) -> Result<(), Error> {
        self.cells += row.len();
        Ok(())
    }

    fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        self.sheets.push(sheet.clone());
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// A workbook of one sheet; `parts` take the place of its own.
fn workbook(parts: Parts<'_>) -> Vec<u8> {
    const OWN: [(&str, &str); 4] = [
        (
            "_rels/.rels",
            "<Relationships><Relationship Id=\"r\" Type=\"http://x/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns:r=\"x\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"http://x/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
             <Relationship Id=\"r2\" Type=\"http://x/styles\" Target=\"styles.xml\"/>\
             <Relationship Id=\"r3\" Type=\"http://x/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData/></worksheet>"),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (name, content) in OWN {
        if !parts.iter().any(|(other, _)| *other == name) {
            zip.start_file(name, options).expect("in memory");
            zip.write_all(content.as_bytes()).expect("in memory");
        }
    }
    for (name, write) in parts {
        zip.start_file(*name, options).expect("in memory");
        write(&mut zip);
    }
    zip.finish().expect("in memory").into_inner()
}

fn put(out: &mut dyn Write, text: &str) {
    out.write_all(text.as_bytes()).expect("in memory");
}

/// `before`, then `count` texts, then `after`.
fn many<'p>(
    before: &'p str,
    count: u32,
    text: impl Fn(u32) -> String + 'p,
    after: &'p str,
) -> impl Fn(&mut dyn Write) + 'p {
    move |out| {
        put(out, before);
        for index in 0..count {
            put(out, &text(index));
        }
        put(out, after);
    }
}

fn read(bytes: &[u8]) -> (Result<Count, Error>, Losses) {
    let read = by_extension("xlsx").and_then(|format| format.read_workbook).expect("is read");
    let (limits, options, mut monitor) = (Limits::default(), Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut monitor);
    let mut count = Count::default();
    let result = read(&mut Cursor::new(bytes), &mut count, &mut context);
    (result.map(|()| count), context.losses)
}

/// The most memory this process has held, MiB; `None` where the system does not say.
fn peak_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? / 1024)
}

fn check(name: &str, parts: Parts<'_>, is_right: impl Fn(&Result<Count, Error>, &Losses) -> bool) {
    let bytes = workbook(parts);
    let (result, losses) = read(&bytes);
    let told = match &result {
        Ok(count) => format!("{} styles, {} cells", count.styles, count.cells),
        Err(error) => error.to_string(),
    };
    println!("{name}: {} bytes: {told}; peak {:?} MiB", bytes.len(), peak_mib());
    assert!(is_right(&result, &losses), "{name}: {told} {losses:?}");
}

const SHEET: &str = "xl/worksheets/sheet1.xml";

fn too_large(result: &Result<Count, Error>, _: &Losses) -> bool {
    matches!(result, Err(Error::TooLarge(_)))
}

fn damaged(result: &Result<Count, Error>, _: &Losses) -> bool {
    matches!(result, Err(Error::Damaged(_)))
}

fn lost(losses: &Losses, words: &str) -> bool {
    losses.iter().any(|loss| loss.detail.contains(words))
}

#[test]
fn small_files_that_want_to_be_large() {
    let blanks = " ".repeat(1 << 16);
    check(
        "a part that inflates a thousandfold",
        &[(SHEET, &many("<worksheet>", 2_000, |_| blanks.clone(), "</worksheet>"))],
        too_large,
    );
    check(
        "elements within elements",
        &[(SHEET, &many("<worksheet>", 100_000, |_| "<a>".into(), ""))],
        too_large,
    );
    check(
        "entities of entities",
        &[(
            SHEET,
            &many(
                "<!DOCTYPE w [<!ENTITY a \"aaaaaaaaaa\">",
                20,
                |index| format!("<!ENTITY b{index} \"&a;&a;&a;&a;\">"),
                "]><worksheet>&b19;</worksheet>",
            ),
        )],
        damaged,
    );
    check(
        "a dimension of all cells there can be",
        &[(
            SHEET,
            &many(
                "<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>",
                1,
                |_| "<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>".into(),
                "</sheetData></worksheet>",
            ),
        )],
        |result, losses| {
            result.as_ref().is_ok_and(|count| count.cells == 0) && lost(losses, "columns beyond")
        },
    );
    check(
        "rows that are nothing but high",
        &[(
            SHEET,
            &many(
                "<worksheet><sheetData>",
                1_048_576,
                |row| {
                    format!("<row r=\"{}\" ht=\"{}\" customHeight=\"1\"/>", row + 1, row % 99 + 1)
                },
                "</sheetData></worksheet>",
            ),
        )],
        |result, _| result.as_ref().is_ok_and(|count| count.sheets[0].rows.len() <= 100_000),
    );
    check(
        "merges over merges",
        &[(
            SHEET,
            &many(
                "<worksheet><sheetData/><mergeCells>",
                500_000,
                |index| format!("<mergeCell ref=\"A{}:ZZ{}\"/>", index + 1, index + 90_000),
                "</mergeCells></worksheet>",
            ),
        )],
        |result, losses| {
            result.as_ref().is_ok_and(|count| count.sheets[0].merges.len() < 10)
                && lost(losses, "overlap")
        },
    );
    check(
        "a million cell formats",
        &[(
            "xl/styles.xml",
            &many(
                "<styleSheet><fonts>",
                1_000_000,
                |index| match index {
                    0..200_000 => {
                        format!("<font><sz val=\"{}\"/></font>", f64::from(index) / 500.0)
                    }
                    200_000 => "</fonts><cellXfs>".into(),
                    _ => format!("<xf fontId=\"{}\" numFmtId=\"{}\"/>", index % 99_991, index % 7),
                },
                "</cellXfs></styleSheet>",
            ),
        )],
        |result, losses| {
            result.as_ref().is_ok_and(|count| count.styles == 65_000) && lost(losses, "65,000")
        },
    );
    check(
        "shared strings without letters",
        &[("xl/sharedStrings.xml", &many("<sst>", 18_000_000, |_| "<si/>".into(), "</sst>"))],
        too_large,
    );
}

#[test]
fn more_small_files_that_want_to_be_large() {
    check(
        "one long formula for many cells",
        &[(
            SHEET,
            &many(
                "<worksheet><sheetData>",
                60_000,
                |row| match row {
                    0 => format!(
                        "<row r=\"1\"><c r=\"A1\"><f t=\"shared\" si=\"0\" ref=\"A1:A60000\">{}B1</f><v>1</v></c></row>",
                        "B1+".repeat(5_400)
                    ),
                    row => format!(
                        "<row r=\"{0}\"><c r=\"A{0}\"><f t=\"shared\" si=\"0\"/><v>1</v></c></row>",
                        row + 1
                    ),
                },
                "</sheetData></worksheet>",
            ),
        )],
        |result, losses| {
            result.as_ref().is_ok_and(|count| count.cells == 60_000) && lost(losses, "512 MiB")
        },
    );
    check(
        "values to choose from for every cell",
        &[(
            SHEET,
            &many(
                "<worksheet><sheetData/><dataValidations>",
                150_000,
                |row| {
                    let row = row + 1;
                    format!(
                        "<dataValidation type=\"list\" sqref=\"A{row}\"><formula1>\"a,b\"</formula1></dataValidation>"
                    )
                },
                "</dataValidations></worksheet>",
            ),
        )],
        |result, losses| {
            result.as_ref().is_ok_and(|count| count.sheets[0].dropdowns.len() <= 100_000)
                && lost(losses, "dropdowns that cannot be kept")
        },
    );
    check(
        "an attribute without end",
        &[(SHEET, &many("<worksheet a=\"", 3_000_000, |_| "0123456789".into(), "\"/>"))],
        |result, _| matches!(result, Err(Error::TooLarge(_) | Error::Damaged(_))),
    );
    let names: Vec<String> = (0..20_001).map(|index| format!("x/{index}")).collect();
    let nothing = |_: &mut dyn Write| {};
    let parts: Vec<Part<'_>> =
        names.iter().map(|name| (name.as_str(), &nothing as &dyn Fn(&mut dyn Write))).collect();
    check("parts without number", &parts, too_large);
    if let Some(peak) = peak_mib() {
        assert!(peak <= MOST_MIB, "the process held {peak} MiB");
    }
}
