//! Tables of texts as a workbook: a heading row that stays in place, then rows that are pulled one by
//! one and forgotten. What does not fit on a sheet goes on the next one.

use std::io::Write;

use larkspur_model::loss::Losses;
use larkspur_model::workbook::{
    Border, Cell, CellStyle, ColumnRun, Font, Horizontal, Row, Sheet, Value, Vertical,
};

use super::write::{Archive, Pool, ROWS, SheetWriter, StyleTable, Tables, parts};
use crate::Error;

/// Pixels of a Latin letter in the usual font; a Chinese one takes two.
const LETTER_PX: f64 = 7.0;
/// The style of a heading.
const HEADING: u32 = 1;

/// A column of a report.
#[derive(Debug, Clone, Copy)]
pub struct ReportColumn {
    /// What stands above it.
    pub heading: &'static str,
    /// Letters of the usual Latin font that fit into it.
    pub letters: u16,
}

/// Where the rows of a report come from.
pub trait ReportSource {
    /// Fills `row`, which is empty, with the next row; `false` where there is none.
    ///
    /// # Errors
    /// What keeps the row from being had; the report is given up.
    fn next(&mut self, row: &mut ReportRow) -> Result<bool, Error>;
}

/// One row of a report, cell by cell.
#[derive(Debug, Default)]
pub struct ReportRow {
    text: String,
    ends: Vec<usize>,
}

impl ReportRow {
    /// Adds a cell with `text`; an empty one stays an empty cell.
    pub fn text(&mut self, text: &str) {
        self.cell(|cell| cell.push_str(text));
    }

    /// Adds a cell whose text `write` appends.
    pub fn cell(&mut self, write: impl FnOnce(&mut String)) {
        write(&mut self.text);
        self.ends.push(self.text.len());
    }

    /// The texts of the cells.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let cell = self.text.get(start..end).unwrap_or_default();
            start = end;
            cell
        })
    }

    /// Empties the row.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    fn fill(&self, row: &mut Row, index: u32) {
        row.start(index);
        for (column, text) in (0..).zip(self.cells()) {
            if !text.is_empty() {
                row.push(Cell { column, style: 0, value: Value::Text(text), formula: None });
            }
        }
    }
}

/// Writes a report called `name` and says how many rows it has, those of headings not counted.
/// Memory does not grow with them.
///
/// # Errors
/// What `source` or `output` gave up on.
pub fn write_report(
    name: &str,
    columns: &[ReportColumn],
    source: &mut dyn ReportSource,
    output: &mut (dyn Write + Send),
) -> Result<u64, Error> {
    write_split(name, columns, source, output, ROWS)
}

/// Writes a report on sheets of so many rows.
fn write_split(
    name: &str,
    columns: &[ReportColumn],
    source: &mut dyn ReportSource,
    output: &mut (dyn Write + Send),
    sheet_rows: u32,
) -> Result<u64, Error> {
    let mut styles = StyleTable::new(&[CellStyle::default(), heading_style()]);
    // Texts of a report are short and Excel's own, so nothing can be lost on the way.
    let mut losses = Losses::new();
    let (sheet, tables) = (sheet_of(name, columns), Tables::default());
    let mut total = 0;
    std::thread::scope(|scope| {
        let mut archive = Archive::new(output, Pool::start(scope));
        archive.whole("[Content_Types].xml", &parts::content_types_of_any_sheets())?;
        archive.whole("_rels/.rels", parts::PACKAGE_RELATIONSHIPS)?;
        let mut sheets = Vec::new();
        let (mut next, mut row) = (ReportRow::default(), Row::new());
        let mut more = source.next(&mut next)?;
        loop {
            let number = sheets.len() + 1;
            let entry = archive.start(&format!("xl/worksheets/sheet{number}.xml"))?;
            let (selected, beside) = (number == 1, (&tables, 0));
            let mut writer =
                SheetWriter::new(entry, &sheet, name, selected, beside, &mut styles, &mut losses)?;
            heading_row(columns, &mut row);
            writer.row(&row)?;
            let mut index = 1;
            while more && index < sheet_rows {
                next.fill(&mut row, index);
                writer.row(&row)?;
                index += 1;
                total += 1;
                next.clear();
                more = source.next(&mut next)?;
            }
            writer.finish(&sheet)?;
            let title = if number == 1 { name.to_owned() } else { format!("{name} ({number})") };
            sheets.push(Sheet { name: title, ..Sheet::default() });
            if !more {
                break;
            }
        }
        let names: Vec<String> = sheets.iter().map(|sheet| sheet.name.clone()).collect();
        archive.whole("xl/workbook.xml", &parts::workbook(&names, &sheets, 0, ("", false)))?;
        archive.whole("xl/_rels/workbook.xml.rels", &parts::relationships(names.len()))?;
        archive.whole("xl/styles.xml", &styles.to_xml(&mut losses))?;
        archive.finish()
    })?;
    Ok(total)
}

fn sheet_of(name: &str, columns: &[ReportColumn]) -> Sheet {
    let runs = (0..).zip(columns).map(|(column, one)| ColumnRun {
        first: column,
        last: column,
        // Excel keeps five pixels of a column to itself.
        width_px: Some(f64::from(one.letters) * LETTER_PX + 5.0),
        hidden: false,
    });
    Sheet { name: name.to_owned(), frozen_rows: 1, columns: runs.collect(), ..Sheet::default() }
}

fn heading_row(columns: &[ReportColumn], row: &mut Row) {
    row.start(0);
    for (column, one) in (0..).zip(columns) {
        row.push(Cell { column, style: HEADING, value: Value::Text(one.heading), formula: None });
    }
}

fn heading_style() -> CellStyle {
    let below = Border { line: "thin".to_owned(), color: "8f959e".to_owned() };
    CellStyle {
        font: Font { bold: true, ..Font::default() },
        fill: "e1eaff".to_owned(),
        horizontal: Horizontal::Center,
        vertical: Vertical::Middle,
        borders: [Border::default(), Border::default(), below, Border::default()],
        ..CellStyle::default()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use larkspur_model::workbook::Workbook;

    use super::*;
    use crate::{Context, Limits, Options, Unwatched, WorkbookSink, by_extension};

    const COLUMNS: &[ReportColumn] = &[
        ReportColumn { heading: "会议ID", letters: 12 },
        ReportColumn { heading: "码率", letters: 20 },
    ];

    struct Count(u32, u32);

    impl ReportSource for Count {
        fn next(&mut self, row: &mut ReportRow) -> Result<bool, Error> {
            if self.0 == self.1 {
                return Ok(false);
            }
            row.cell(|cell| cell.push_str(&self.0.to_string()));
            row.text(if self.0.is_multiple_of(2) { "<50kbps> & 是" } else { "" });
            self.0 += 1;
            Ok(true)
        }
    }

    #[derive(Default)]
    struct Seen {
        book: Workbook,
        rows: Vec<Vec<(u32, bool, String)>>,
    }

    impl WorkbookSink for Seen {
        fn begin(&mut self, styles: &[CellStyle], _: &[String]) -> Result<(), Error> {
            self.book.styles = styles.to_vec();
            Ok(())
        }
        fn begin_sheet(&mut self, _: &Sheet) -> Result<(), Error> {
            self.rows.push(Vec::new());
            Ok(())
        }
        fn row(&mut self, row: &Row) -> Result<(), Error> {
            for cell in row.cells() {
                let Value::Text(text) = cell.value else { panic!("{cell:?}") };
                let bold = self.book.style(cell.style).font.bold;
                let rows = self.rows.last_mut().expect("rows stand in sheets");
                rows.push((cell.column, bold, text.to_owned()));
            }
            Ok(())
        }
        fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
            self.book.sheets.push(sheet.clone());
            Ok(())
        }
        fn finish(&mut self) -> Result<(), Error> {
            Ok(())
        }
    }

    fn read_back(rows: u32, sheet_rows: u32) -> Seen {
        let mut bytes = Vec::new();
        let mut source = Count(0, rows);
        let written = write_split("会议明细", COLUMNS, &mut source, &mut bytes, sheet_rows);
        assert_eq!(written.unwrap(), u64::from(rows));
        let (limits, options, mut watch) = (Limits::default(), Options::default(), Unwatched);
        let mut context = Context::new(&limits, &options, &mut watch);
        let mut seen = Seen::default();
        let read = by_extension("xlsx").unwrap().read_workbook.unwrap();
        read(&mut Cursor::new(bytes), &mut seen, &mut context).unwrap();
        seen
    }

    #[test]
    fn a_report_has_a_frozen_heading_and_its_rows() {
        let seen = read_back(2, ROWS);
        let sheet = &seen.book.sheets[0];
        assert_eq!((sheet.name.as_str(), sheet.frozen_rows), ("会议明细", 1));
        assert!(sheet.columns[1].width_px > sheet.columns[0].width_px);
        let cells: Vec<(u32, bool, &str)> = seen.rows[0]
            .iter()
            .map(|(column, bold, text)| (*column, *bold, text.as_str()))
            .collect();
        let expected = [
            (0, true, "会议ID"),
            (1, true, "码率"),
            (0, false, "0"),
            (1, false, "<50kbps> & 是"),
            (0, false, "1"),
        ];
        assert_eq!(cells, expected);
    }

    #[test]
    fn rows_beyond_a_sheet_go_on_the_next_with_the_heading_again() {
        for (rows, sheets) in [(0, 1), (9, 1), (10, 2), (18, 2), (19, 3)] {
            let seen = read_back(rows, 10);
            let names: Vec<&str> =
                seen.book.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
            assert_eq!(names, ["会议明细", "会议明细 (2)", "会议明细 (3)"][..sheets], "{rows}");
            assert!(seen.rows.iter().all(|cells| cells[0].2 == "会议ID"));
            let numbers = seen.rows.iter().flatten().filter(|cell| cell.0 == 0 && !cell.1).count();
            assert_eq!(numbers, rows as usize);
        }
    }
}
