//! Writes a report of a participant's quality, a million minutes unless told otherwise, with our writer
//! or with `rust_xlsxwriter` (constant memory): rows a second, processor time, peak memory.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

use larkspur_formats::{Error, ReportColumn, ReportRow, ReportSource, write_report};
use rust_xlsxwriter::{Format, Workbook};

type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "usage: report ours|rust_xlsxwriter OUT.xlsx [ROWS]";
const COLUMNS: usize = 35;
/// Rows of a sheet but the heading.
const SHEET_ROWS: u64 = 1_048_575;

/// Units of the columns after the time, as the report has them.
const UNITS: [&str; 5] = ["kbps", "ms", "ms", "%", "%"];

/// The text of a cell: a time, or a number with a unit that changes from row to row.
fn cell(row: u64, column: usize, text: &mut String) {
    use std::fmt::Write as _;
    if column == 0 {
        let (hour, minute) = (row / 60 % 24, row % 60);
        let _ = write!(text, "2026.11.21 {hour:02}:{minute:02}:00 (GMT+08:00)");
        return;
    }
    let value = (row * 31 + column as u64 * 17) % [900, 60, 9, 6, 9][(column - 1) % 5];
    let _ = write!(text, "{value}{}", UNITS[(column - 1) % 5]);
}

struct Rows {
    next: u64,
    end: u64,
}

impl ReportSource for Rows {
    fn next(&mut self, row: &mut ReportRow) -> Result<bool, Error> {
        if self.next == self.end {
            return Ok(false);
        }
        for column in 0..COLUMNS {
            row.cell(|text| cell(self.next, column, text));
        }
        self.next += 1;
        Ok(true)
    }
}

fn ours(path: &str, rows: u64) -> Result<(), Failure> {
    let columns = [ReportColumn { heading: "音频-丢包平均（接收）", letters: 24 }; COLUMNS];
    let mut file = BufWriter::with_capacity(1 << 18, File::create(path)?);
    write_report("参会人会议质量数据", &columns, &mut Rows { next: 0, end: rows }, &mut file)?;
    Ok(file.flush()?)
}

fn theirs(path: &str, rows: u64) -> Result<(), Failure> {
    let mut book = Workbook::new();
    let heading = Format::new().set_bold();
    let mut text = String::new();
    let mut row = 0;
    while row < rows {
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_freeze_panes(1, 0)?;
        for column in 0..COLUMNS as u16 {
            sheet.set_column_width(column, 24)?;
            sheet.write_string_with_format(0, column, "音频-丢包平均（接收）", &heading)?;
        }
        let end = rows.min(row + SHEET_ROWS);
        for (line, number) in (1..).zip(row..end) {
            for column in 0..COLUMNS {
                text.clear();
                cell(number, column, &mut text);
                sheet.write_string(line, column as u16, &text)?;
            }
        }
        row = end;
    }
    book.save(path)?;
    Ok(())
}

/// A line of `/proc/self/status`, without its unit.
fn status(field: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (Some(who), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err(USAGE.into());
    };
    let rows: u64 = arguments.next().map_or(Ok(1_000_000), |rows| rows.parse())?;
    #[expect(clippy::disallowed_methods, reason = "a measurement wants real time")]
    let start = Instant::now();
    match who.as_str() {
        "ours" => ours(&path, rows)?,
        "rust_xlsxwriter" => theirs(&path, rows)?,
        _ => return Err(USAGE.into()),
    }
    let wall = start.elapsed().as_secs_f64();
    let peak = status("VmHWM").unwrap_or_default() / 1_024;
    let size = std::fs::metadata(&path)?.len() as f64 / 1e6;
    let speed = rows as f64 / wall;
    println!("{who}: {rows} rows in {wall:.2} s, {speed:.0} rows/s, peak {peak} MiB, {size:.0} MB");
    Ok(())
}
