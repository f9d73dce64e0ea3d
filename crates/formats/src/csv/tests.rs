//! Texts into rows and back: what a cell shows is what the text said.

use std::io::Cursor;

use larkspur_model::loss::LossKind;
use larkspur_model::workbook::{CellStyle, NumberFormat, Row, Sheet, Value, Workbook};
use proptest::prelude::*;

use super::{read, write};
use crate::{Context, Error, Limits, Options, Unwatched, WorkbookSink, WorkbookSource};

/// A book in memory.
#[derive(Default)]
struct Book {
    workbook: Workbook,
    rows: Vec<Row>,
}

impl WorkbookSink for Book {
    fn begin(&mut self, styles: &[CellStyle], _: &[String]) -> Result<(), Error> {
        self.workbook.styles = styles.to_vec();
        Ok(())
    }
    fn begin_sheet(&mut self, _: &Sheet) -> Result<(), Error> {
        Ok(())
    }
    fn row(&mut self, row: &Row) -> Result<(), Error> {
        self.rows.push(row.clone());
        Ok(())
    }
    fn end_sheet(&mut self, sheet: &Sheet) -> Result<(), Error> {
        self.workbook.sheets.push(sheet.clone());
        Ok(())
    }
    fn finish(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

impl WorkbookSource for Book {
    fn workbook(&self) -> &Workbook {
        &self.workbook
    }
    fn rows(
        &mut self,
        _: usize,
        visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.rows.iter().try_for_each(visit)
    }
}

impl Book {
    /// What each cell shows, empty cells included.
    fn shown(&self) -> Vec<Vec<String>> {
        let mut lines = Vec::new();
        for row in &self.rows {
            lines.resize(row.index() as usize, Vec::new());
            let mut line: Vec<String> = Vec::new();
            for cell in row.cells() {
                line.resize(cell.column as usize, String::new());
                let style = self.workbook.style(cell.style);
                line.push(match cell.value {
                    Value::Number(number) => {
                        NumberFormat::parse(&style.number_format).format_number(number)
                    }
                    Value::Text(text) => text.to_owned(),
                    Value::Bool(value) => value.to_string().to_uppercase(),
                    other => format!("{other:?}"),
                });
            }
            lines.push(line);
        }
        lines
    }
}

fn read_with(text: &[u8], limits: &Limits) -> (Book, Vec<LossKind>) {
    let (options, mut monitor) = (Options::default(), Unwatched);
    let mut context = Context::new(limits, &options, &mut monitor);
    let mut book = Book::default();
    read(&mut Cursor::new(text.to_vec()), &mut book, &mut context).unwrap();
    let losses = context.losses.iter().map(|loss| loss.kind).collect();
    (book, losses)
}

fn shown(text: &str) -> Vec<Vec<String>> {
    read_with(text.as_bytes(), &Limits::default()).0.shown()
}

fn written(book: &mut Book) -> String {
    let (limits, options, mut monitor) = (Limits::default(), Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut monitor);
    let mut output = Vec::new();
    write(book, &mut output, &mut context).unwrap();
    String::from_utf8(output).unwrap()
}

fn value_of(field: &str) -> (String, String) {
    let (book, _) = read_with(format!("{field}\tx\n").as_bytes(), &Limits::default());
    let cell = book.rows[0].cells().next().unwrap();
    (format!("{:?}", cell.value), book.workbook.style(cell.style).number_format.clone())
}

#[test]
fn fields_become_values_where_nothing_is_lost() {
    for (field, value, format) in [
        ("0", "Number(0.0)", ""),
        ("-17", "Number(-17.0)", ""),
        ("12345678901", "Number(12345678901.0)", ""),
        ("1.5", "Number(1.5)", ""),
        ("-0.25", "Number(-0.25)", ""),
        ("1.50", "Number(1.5)", "0.00"),
        ("0.0", "Number(0.0)", "0.0"),
        ("123456789012345", "Number(123456789012345.0)", "0"),
        ("3.14159265358979", "Number(3.14159265358979)", "0.00000000000000"),
        ("12.5%", "Number(0.125)", "0.0%"),
        ("1,234", "Number(1234.0)", "#,##0"),
        ("1,234,567.80", "Number(1234567.8)", "#,##0.00"),
        ("TRUE", "Bool(true)", ""),
        ("2024-01-31", "Number(45322.0)", "yyyy-mm-dd"),
        ("2024/1/5", "Number(45296.0)", "yyyy/m/d"),
        ("2024/01/05 08:30", "Number(45296.354166666664)", "yyyy/mm/dd hh:mm"),
        ("2024-01-31T12:00:00", "Number(45322.5)", "yyyy-mm-dd\"T\"hh:mm:ss"),
        ("2024年1月5日", "Number(45296.0)", "yyyy\"年\"m\"月\"d\"日\""),
    ] {
        assert_eq!(value_of(field), (value.to_owned(), format.to_owned()), "{field}");
    }
}

#[test]
fn fields_stay_text_where_a_number_would_show_otherwise() {
    for field in [
        "007",
        "00",
        "-0",
        "-0.0",
        "+5",
        ".5",
        "5.",
        "1e5",
        "1E+05",
        "0x1F",
        "1234567890123456",
        "110101199003070000",
        "1.2.3",
        "1 234",
        "12,34",
        "1234,567",
        "1,23",
        "0,123",
        "５",
        "true",
        "True",
        "=1+1",
        "=cmd|' /C calc'!A0",
        "@SUM(1)",
        "-1+1",
        "+1-800",
        "2024-02-30",
        "2024-13-01",
        "1899-12-31",
        "1900-01-31",
        "24-01-31",
        "2024-1",
        "2010-11",
        "2024-01-31 25:00",
        "2024-01-31T12:00:00Z",
        "2024-01-31 ",
        "10:30",
        "NaN",
        "inf",
        "$5",
        "¥5",
        "5 %",
        "%",
        "-",
        "1-2",
        "#N/A",
        "1.123456789012345678",
    ] {
        let (value, _) = value_of(field);
        assert_eq!(value, format!("Text({field:?})"));
    }
    // Where fields are separated by semicolons, a comma is a decimal point.
    assert_eq!(shown("a;b\n1,234;5\n")[1], ["1,234", "5"]);
    let (book, _) = read_with(b"a;b\n1,234;5\n", &Limits::default());
    assert_eq!(book.rows[1].cells().next().unwrap().value, Value::Text("1,234"));
}

#[test]
fn records_follow_the_quotes_and_line_ends() {
    let check = |text: &str, expected: &[&[&str]]| {
        let expected: Vec<Vec<String>> = expected
            .iter()
            .map(|line| line.iter().map(|field| (*field).to_owned()).collect())
            .collect();
        assert_eq!(shown(text), expected, "{text:?}");
    };
    check("a,b\r\nc,d\r\n", &[&["a", "b"], &["c", "d"]]);
    check("a,b\rc,d", &[&["a", "b"], &["c", "d"]]);
    check("a,b\n\n\nc,d\n", &[&["a", "b"], &[], &[], &["c", "d"]]);
    check("\"a\"\"b\",\"c\r\nd\"\n", &[&["a\"b", "c\r\nd"]]);
    check("\"a\"b,c\n", &[&["ab", "c"]]);
    check("a\"b\",c\n", &[&["a\"b\"", "c"]]);
    check(" \"a\" ,b\n", &[&[" \"a\" ", "b"]]);
    check("a,,\n,b\n", &[&["a"], &["", "b"]]);
    check("a,\"b\nc,d", &[&["a", "b\nc,d"]]);
    check("", &[]);
    check("\"\"", &[]);
    check("\n", &[]);
    check("one,two\nx\u{0}y,b\n", &[&["one", "two"], &["x\u{0}y", "b"]]);
    let (_, losses) = read_with(b"a,\"b\nc,d", &Limits::default());
    assert_eq!(losses, [LossKind::PartDamaged]);
}

#[test]
fn the_delimiter_is_found() {
    for (text, fields) in [
        ("a,b,c\n1,2,3\n", 3),
        ("a;b;c\n1,5;2,5;3,5\n", 3),
        ("a;b\n1,5;2,5\n3,5;4,5\n", 2),
        ("1,5;2,5\n3,5;4,5\n", 2),
        ("a\tb\n\"x, y\"\tz\n", 2),
        ("a|b|c\n1|2|3\n", 3),
        ("sep=|\nx|y,z;w\n", 2),
        ("\"sep=;\"\r\nx;y,z\r\n", 2),
        ("name;age\n\"Doe; John\";5\n", 2),
        ("name\nDoe\nRoe; maybe\nPoe\nMoe\n", 1),
        ("one\ntwo\nthree\n", 1),
        ("a,b\nx;y;z,1\nq,2\n", 2),
        ("title of it all\n\na;b;c\n1;2;3\n4;5;6\n", 1),
        ("", 0),
    ] {
        let first = shown(text).first().map_or(0, Vec::len);
        assert_eq!(first, fields, "{text:?}");
    }
}

#[test]
fn limits_cut_and_say_so() {
    let limits =
        Limits { sheet_columns: 3, sheet_cells: 8, cell_characters: 4, ..Limits::default() };
    let text = "a,b\n一二三四五六,12345678,\"ab\"\"cde\",x\n,,,\nlast,1\nno,room\n";
    let (book, losses) = read_with(text.as_bytes(), &limits);
    assert_eq!(
        book.shown(),
        [vec!["a", "b"], vec!["一二三四", "1234", "ab\"c"]]
            .map(|row| row.into_iter().map(str::to_owned).collect::<Vec<_>>())
    );
    assert_eq!(losses, [LossKind::CellTextCut, LossKind::ColumnsCut, LossKind::CellsCut]);
    let sheet = &book.workbook.sheets[0];
    assert_eq!((sheet.row_count, sheet.column_count), (2, 3));
}

#[test]
fn a_first_record_longer_than_the_sample_is_read() {
    // Whatever the length of what stands before, the sample ends within a character in two of three.
    for before in ["", "a", "ab"] {
        let text = format!("{before}{}", "中".repeat(30_000));
        assert_eq!(shown(&format!("{text},b\n1,2\n")), [[text.as_str(), "b"], ["1", "2"]]);
    }
}

#[test]
fn a_field_longer_than_the_buffer_is_cut_between_characters() {
    let text = format!("\"{}\",b\n", "四".repeat(400_000));
    let (book, losses) = read_with(text.as_bytes(), &Limits::default());
    let shown = book.shown();
    assert_eq!(shown[0][0].chars().count(), 50_000);
    assert_eq!(shown[0][1], "b");
    assert_eq!(losses, [LossKind::CellTextCut]);
}

#[test]
fn sheets_are_written_by_rfc_4180() {
    let (mut book, _) =
        read_with(b"a,b,c\n\n1.50,\"x \"\"y\"\", z\",\"1\n2\"\n,TRUE\n", &Limits::default());
    assert_eq!(written(&mut book), "a,b,c\r\n,,\r\n1.50,\"x \"\"y\"\", z\",\"1\n2\"\r\n,TRUE,\r\n");
    // A sparse sheet ends each line with its last cell.
    book.workbook.sheets[0].column_count = 16_384;
    book.workbook.sheets[0].row_count = 1_048_576;
    assert!(written(&mut book).starts_with("a,b,c\r\n\r\n1.50,"));
}

#[test]
fn numbers_without_a_format_keep_all_digits() {
    let mut book = Book::default();
    book.workbook.styles = ["", "yyyy-mm-dd"]
        .map(|code| CellStyle { number_format: code.to_owned(), ..CellStyle::default() })
        .to_vec();
    book.workbook.sheets.push(Sheet::default());
    let numbers = [0.1 + 0.2, 1e15, 123_456_789_012.5, 1e300, -2.5e-7, 5e-324, 100.0, -0.0];
    for (index, number) in numbers.into_iter().enumerate() {
        let mut row = Row::new();
        row.start(index as u32);
        for (column, style) in [(0, 0), (1, 1)] {
            let value = Value::Number(if style == 1 { -1.5 } else { number });
            row.push(larkspur_model::workbook::Cell { column, style, value, formula: None });
        }
        book.rows.push(row);
    }
    let text = written(&mut book);
    let first: Vec<&str> = text.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(
        first,
        [
            "0.30000000000000004",
            "1000000000000000",
            "123456789012.5",
            "1E+300",
            "-2.5E-07",
            "5E-324",
            "100",
            "0"
        ]
    );
    for (shown, number) in first.iter().zip(numbers) {
        let back: f64 = shown.parse().unwrap();
        assert!((back - number).abs() <= 0.0, "{shown}");
    }
    // No calendar has a day before its first.
    assert!(text.lines().all(|line| line.ends_with(",-1.5")));
}

fn any_field() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,17}",
        "-?[0-9]{1,9}\\.[0-9]{1,12}",
        "-?[0-9]{1,3}(,[0-9]{3}){0,3}(\\.[0-9]{1,3})?%?",
        "[12][0-9]{3}[-/][01]?[0-9][-/][0-3]?[0-9]( [0-2]?[0-9]:[0-5][0-9](:[0-5][0-9](\\.[0-9]{3})?)?)?",
        "[0-9.,:%/年月日TE+ -]{1,14}",
        "[a-z\",;\t\r\n 客户]{0,8}",
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn what_is_shown_is_what_was_written(
        mut rows in proptest::collection::vec(proptest::collection::vec(any_field(), 3), 1..12)
    ) {
        // A mark and zeros at the very start speak of an encoding; the delimiter is given.
        rows.insert(0, ["first", "second", "third"].map(str::to_owned).to_vec());
        let quote = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
        let lines: Vec<String> =
            rows.iter().map(|row| row.iter().map(quote).collect::<Vec<_>>().join(",")).collect();
        let text = format!("\u{feff}{}\n", lines.join("\n"));
        let (mut book, _) = read_with(text.as_bytes(), &Limits::default());
        let mut shown = book.shown();
        shown.resize(rows.len(), Vec::new());
        for line in &mut shown {
            line.resize(3, String::new());
        }
        prop_assert_eq!(&shown, &rows);
        // And a second time, through the written text.
        let text = format!("\u{feff}{}", written(&mut book));
        let (again, _) = read_with(text.as_bytes(), &Limits::default());
        prop_assert_eq!(again.rows, book.rows);
    }

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_with(&bytes, &Limits::default());
    }
}
