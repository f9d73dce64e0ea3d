//! Written workbooks, read back by the reader beside this writer and by another one.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{
    Anchor, Border, Cell, CellError, CellLink, CellRange, CellStyle, ColumnRun, Corner,
    DefinedName, Dropdown, DropdownOptions, Follows, Font, Horizontal, Picture, PictureAsset, Rich,
    RichPart, Row, RowRun, Sheet, Table, TableColumn, TableLook, Value, Vertical, Workbook,
};

use crate::{Context, Error, Limits, Options, Unwatched, WorkbookSink, WorkbookSource};

#[derive(Default, Clone, PartialEq, Debug)]
struct Book {
    workbook: Workbook,
    rows: Vec<Vec<Row>>,
}

impl WorkbookSource for Book {
    fn workbook(&self) -> &Workbook {
        &self.workbook
    }
    fn rows(
        &mut self,
        sheet: usize,
        visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.rows.get(sheet).into_iter().flatten().try_for_each(visit)
    }
}

impl WorkbookSink for Book {
    fn begin(&mut self, styles: &[CellStyle], _: &[String]) -> Result<(), Error> {
        self.workbook.styles = styles.to_vec();
        Ok(())
    }
    fn names(&mut self, names: &[DefinedName]) -> Result<(), Error> {
        self.workbook.names = names.to_vec();
        Ok(())
    }
    fn begin_sheet(&mut self, _: &Sheet) -> Result<(), Error> {
        self.rows.push(Vec::new());
        Ok(())
    }
    fn row(&mut self, row: &Row) -> Result<(), Error> {
        self.rows.last_mut().unwrap().push(row.clone());
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

fn write(book: &Book) -> (Vec<u8>, Losses) {
    let (limits, options, mut monitor) = (Limits::default(), Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut monitor);
    let mut output = Vec::new();
    super::write(&mut book.clone(), &mut output, &mut context).unwrap();
    (output, context.losses)
}

fn read(bytes: Vec<u8>) -> Book {
    let (limits, options, mut monitor) = (Limits::unlimited(), Options::default(), Unwatched);
    let mut context = Context::new(&limits, &options, &mut monitor);
    let mut book = Book::default();
    crate::xlsx::read::read(&mut Cursor::new(bytes), &mut book, &mut context).unwrap();
    book
}

fn row(index: u32, cells: &[Cell<'_>]) -> Row {
    let mut row = Row::new();
    row.start(index);
    for cell in cells {
        row.push(*cell);
    }
    row
}

fn plain(column: u32, value: Value<'_>) -> Cell<'_> {
    Cell { column, style: 0, value, formula: None }
}

fn text_of(column: u32, text: &str) -> Cell<'_> {
    plain(column, Value::Text(text))
}

fn one_sheet(rows: Vec<Row>) -> Book {
    let sheet = Sheet { name: "Sheet1".to_owned(), ..Sheet::default() };
    let workbook =
        Workbook { styles: vec![CellStyle::default()], sheets: vec![sheet], ..Workbook::default() };
    Book { workbook, rows: vec![rows] }
}

/// A sheet with a formula for several cells, and values to choose from.
fn offers() -> Sheet {
    Sheet {
        arrays: vec![CellRange { first_row: 3, first_column: 0, last_row: 5, last_column: 0 }],
        dropdowns: vec![
            Dropdown {
                ranges: vec![
                    CellRange { first_row: 1, first_column: 5, last_row: 8, last_column: 5 },
                    CellRange { first_row: 0, first_column: 6, last_row: 0, last_column: 6 },
                ],
                options: DropdownOptions::Values(vec!["是".to_owned(), "a \"b\" <c>".to_owned()]),
            },
            Dropdown {
                ranges: vec![CellRange {
                    first_row: 8,
                    first_column: 6,
                    last_row: 8,
                    last_column: 6,
                }],
                options: DropdownOptions::Formula("second!$A$1:$A$3".to_owned()),
            },
        ],
        ..Sheet::default()
    }
}

fn rich_book() -> Book {
    let thin = Border { line: "thin".to_owned(), color: "ff0000".to_owned() };
    let styles = vec![
        CellStyle::default(),
        CellStyle { number_format: "0.00%".to_owned(), ..CellStyle::default() },
        CellStyle {
            number_format: "yyyy\"年\"m\"月\"d\"日\"".to_owned(), ..CellStyle::default()
        },
        CellStyle {
            font: Font {
                name: "等线".to_owned(),
                size_pt: 14.0,
                bold: true,
                italic: true,
                underline: true,
                strikethrough: true,
                color: "112233".to_owned(),
            },
            fill: "ffff00".to_owned(),
            horizontal: Horizontal::Center,
            vertical: Vertical::Middle,
            wrap: true,
            borders: [thin.clone(), Border::default(), thin, Border::default()],
            ..CellStyle::default()
        },
    ];
    let first = Sheet {
        name: "订单 & <co>".to_owned(),
        row_count: 9,
        column_count: 7,
        frozen_rows: 1,
        frozen_columns: 2,
        columns: vec![
            ColumnRun { first: 0, last: 1, width_px: Some(120.0), hidden: false },
            ColumnRun { first: 4, last: 4, width_px: None, hidden: true },
        ],
        rows: vec![
            RowRun { first: 1, last: 2, height_pt: Some(30.5), hidden: false },
            RowRun { first: 6, last: 6, height_pt: None, hidden: true },
        ],
        merges: vec![CellRange { first_row: 3, first_column: 0, last_row: 4, last_column: 1 }],
        links: vec![
            CellLink {
                range: CellRange { first_row: 0, first_column: 0, last_row: 0, last_column: 0 },
                target: "https://example.com/?a=1&b=2".to_owned(),
            },
            CellLink {
                range: CellRange { first_row: 1, first_column: 0, last_row: 1, last_column: 0 },
                target: "#second!B2".to_owned(),
            },
        ],
        ..offers()
    };
    let second = Sheet { name: "second".to_owned(), hidden: true, ..Sheet::default() };
    let with_style = |column, style, value| Cell { column, style, value, formula: None };
    let formula = |column, value, formula| Cell { column, style: 0, value, formula: Some(formula) };
    let rows = vec![
        row(
            0,
            &[text_of(0, "客户 <a> & \"b\""), text_of(1, "  blanks  "), text_of(3, "two\nlines")],
        ),
        row(
            1,
            &[
                with_style(0, 1, Value::Number(0.1234)),
                with_style(1, 2, Value::Number(45_322.0)),
                with_style(2, 3, Value::Text("rich")),
                with_style(3, 3, Value::Empty),
                plain(4, Value::Bool(true)),
                plain(5, Value::Bool(false)),
                plain(6, Value::Error(CellError::DivisionByZero)),
            ],
        ),
        row(
            3,
            &[
                formula(0, Value::Number(-1.5e-7), "A1&\"<x>\""),
                formula(1, Value::Text("a<b"), "B1"),
                formula(2, Value::Bool(true), "TRUE()"),
                formula(3, Value::Error(CellError::NotAvailable), "NA()"),
            ],
        ),
        row(
            8,
            &[
                plain(0, Value::Number(0.1 + 0.2)),
                plain(1, Value::Number(9_007_199_254_740_993.0)),
                plain(2, Value::Number(1e300)),
                plain(3, Value::Number(-0.0)),
                plain(4, Value::Number(5e-324)),
            ],
        ),
    ];
    Book {
        workbook: Workbook { styles, sheets: vec![first, second], ..Workbook::default() },
        rows: vec![rows, Vec::new()],
    }
}

#[test]
fn a_workbook_comes_back_as_it_was() {
    let book = rich_book();
    let (bytes, losses) = write(&book);
    assert!(losses.is_empty(), "{losses:?}");
    let back = read(bytes);
    assert_eq!(back.workbook.sheets.len(), 2);
    for (found, expected) in back.workbook.sheets.iter().zip(&book.workbook.sheets) {
        assert_eq!((&found.name, found.hidden), (&expected.name, expected.hidden));
        assert_eq!(found.merges, expected.merges);
        assert_eq!(found.links, expected.links);
        assert_eq!(found.arrays, expected.arrays);
        assert_eq!(found.dropdowns, expected.dropdowns);
        assert_eq!(found.columns.first(), expected.columns.first());
        assert_eq!(found.rows, expected.rows);
        assert_eq!(
            (found.frozen_rows, found.frozen_columns),
            (expected.frozen_rows, expected.frozen_columns)
        );
    }
    let cells = |book: &Book| -> Vec<String> {
        let rows = book.rows.iter().flatten();
        rows.flat_map(|row| {
            row.cells()
                .map(|cell| {
                    let style = book.workbook.style(cell.style);
                    let font = if cell.style == 0 { None } else { Some(style.font.bold) };
                    format!(
                        "{} {} {:?} {:?} {} {:?} {} {:?} {:?}",
                        row.index(),
                        cell.column,
                        cell.value,
                        cell.formula,
                        style.number_format,
                        font,
                        style.fill,
                        style.borders,
                        style.horizontal
                    )
                })
                .collect::<Vec<_>>()
        })
        .collect()
    };
    let (found, expected) = (cells(&back), cells(&book));
    let strip = |line: &String| line.replace("Some(false)", "None");
    assert_eq!(
        found.iter().map(strip).collect::<Vec<_>>(),
        expected.iter().map(strip).collect::<Vec<_>>()
    );
}

#[test]
fn another_reader_finds_the_same() {
    let (bytes, _) = write(&rich_book());
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    assert_eq!(book.sheet_names(), ["订单 & <co>", "second"]);
    let range = book.worksheet_range("订单 & <co>").unwrap();
    assert_eq!(range.get_value((0, 0)), Some(&Data::String("客户 <a> & \"b\"".to_owned())));
    assert_eq!(range.get_value((0, 1)), Some(&Data::String("  blanks  ".to_owned())));
    assert_eq!(range.get_value((1, 0)), Some(&Data::Float(0.1234)));
    assert_eq!(range.get_value((1, 4)), Some(&Data::Bool(true)));
    assert!(matches!(range.get_value((1, 1)), Some(Data::DateTime(_))));
    assert_eq!(range.get_value((3, 1)), Some(&Data::String("a<b".to_owned())));
    let formulas = book.worksheet_formula("订单 & <co>").unwrap();
    assert_eq!(formulas.get_value((3, 0)).map(String::as_str), Some("A1&\"<x>\""));
    let merges = book.merge_cells_by_sheet_name("订单 & <co>").unwrap();
    assert_eq!(merges.len(), 1);
}

#[test]
fn the_same_workbook_gives_the_same_bytes() {
    let rows = (0..30_000_u32)
        .map(|index| {
            let text = format!("text {}", index.wrapping_mul(2_654_435_761));
            row(index, &[plain(0, Value::Number(f64::from(index) / 7.0)), text_of(1, &text)])
        })
        .collect();
    let book = one_sheet(rows);
    let (bytes, _) = write(&book);
    assert_eq!(bytes, write(&book).0);
    // More than one block of the sheet, so that blocks are joined.
    assert!(bytes.len() > 200_000);
    assert_eq!(read(bytes).rows, book.rows);
}

#[test]
fn characters_xml_cannot_hold_survive() {
    for text in [
        "\u{1}\u{0}\u{1f}",
        "a\rb",
        "_x0041_",
        "_x000D_",
        "__x0041_",
        "_x004",
        "\u{fffe}\u{ffff}\u{fffd}",
        "ï¼\u{ef}",
        "\t",
        "\n",
        " ",
        "_",
        "]]>",
        "&amp;",
        "\u{10ffff}",
    ] {
        let book = one_sheet(vec![row(0, &[text_of(0, text)])]);
        assert_eq!(read(write(&book).0).rows, book.rows, "{text:?}");
    }
}

#[test]
fn what_excel_cannot_hold_is_cut_and_noted() {
    let long = "好".repeat(40_000);
    let formula = "1+".repeat(5_000);
    let mut book = one_sheet(vec![
        row(
            0,
            &[
                text_of(0, &long),
                Cell { column: 1, style: 0, value: Value::Number(1.0), formula: Some(&formula) },
                plain(2, Value::Number(f64::NAN)),
                plain(3, Value::Error(CellError::Spill)),
                Cell { column: 4, style: 0, value: Value::Number(5.0), formula: Some("[1]S!A1") },
                plain(16_384, Value::Number(1.0)),
            ],
        ),
        row(1_048_576, &[plain(0, Value::Number(1.0))]),
    ]);
    book.workbook.sheets[0].hidden = true;
    book.workbook.sheets[0].name = "a/b:c'".to_owned();
    book.workbook.sheets.push(Sheet { name: "A_B_C".to_owned(), hidden: true, ..Sheet::default() });
    book.workbook.sheets.push(Sheet { name: "x".repeat(40), ..Sheet::default() });
    book.workbook.sheets[2].hidden = true;
    let values = DropdownOptions::Values(vec!["a,b".to_owned()]);
    let range = CellRange { first_row: 0, first_column: 0, last_row: 0, last_column: 0 };
    let dropdown = Dropdown { ranges: vec![range], options: values };
    book.workbook.sheets[0].dropdowns.push(dropdown);
    let (bytes, losses) = write(&book);
    for what in ["dropdowns that Excel", "other workbooks"] {
        assert!(losses.iter().any(|loss| loss.detail.contains(what)), "{what}");
    }
    for kind in [
        LossKind::CellTextCut,
        LossKind::CellsCut,
        LossKind::ColumnsCut,
        LossKind::ValueChanged,
        LossKind::FeatureDropped,
    ] {
        assert!(losses.contains(kind), "{kind:?}");
    }
    let back = read(bytes);
    let names: Vec<&str> = back.workbook.sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(names, ["a_b_c", "A_B_C (2)", &"x".repeat(31)]);
    assert!(!back.workbook.sheets[0].hidden && back.workbook.sheets[1].hidden);
    let cells: Vec<Cell<'_>> = back.rows[0][0].cells().collect();
    assert_eq!(cells.len(), 5);
    assert_eq!((cells[4].value, cells[4].formula), (Value::Number(5.0), None));
    assert_eq!(cells[0].value, Value::Text(&"好".repeat(32_767)));
    assert_eq!((cells[1].value, cells[1].formula), (Value::Number(1.0), None));
    assert_eq!(cells[2].value, Value::Error(CellError::Number));
}

#[test]
fn a_book_without_sheets_still_opens() {
    let (bytes, _) = write(&Book::default());
    assert_eq!(read(bytes).workbook.sheets.len(), 1);
}

#[test]
fn rich_text_is_written_as_runs_and_its_first_link_as_the_cells() {
    let bold = Font { bold: true, color: "ff0000".into(), ..Font::default() };
    let link = |text: &str, target: &str| RichPart::Link {
        text: text.into(),
        target: target.into(),
        look: None,
    };
    let first = Rich::pack(&[
        RichPart::Text { text: "so ".into(), look: None },
        RichPart::Text { text: "<bold>".into(), look: Some(bold) },
    ]);
    let second = Rich::pack(&[
        link("a", "https://x.org/"),
        link("b", "https://x.org/"),
        link("c", "https://y.org/"),
        RichPart::Image { token: "box".into(), width_px: 1, height_px: 1 },
    ]);
    let rich = |packed| Value::Rich(Rich::from_packed(packed));
    let cells = row(0, &[plain(0, rich(&first)), plain(1, rich(&second))]);
    let sheet = Sheet { name: "s".into(), row_count: 1, column_count: 2, ..Sheet::default() };
    let workbook =
        Workbook { styles: vec![CellStyle::default()], sheets: vec![sheet], ..Workbook::default() };
    let (bytes, losses) = write(&Book { workbook, rows: vec![vec![cells]] });
    let again = read(bytes.clone());
    let texts: Vec<String> = again.rows[0][0]
        .cells()
        .map(|cell| match cell.value {
            Value::Text(text) => text.to_owned(),
            Value::Rich(rich) => rich.text(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(texts, ["so <bold>", "abc"]);
    assert_eq!(again.workbook.sheets[0].links.len(), 1);
    assert_eq!(again.workbook.sheets[0].links[0].target, "https://x.org/");
    let noted: Vec<_> = losses.iter().map(|loss| (loss.detail.as_str(), loss.count)).collect();
    assert_eq!(noted, [("pictures in cells", 1), ("further links of a cell", 1)]);
    let mut part = String::new();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut file = archive.by_name("xl/worksheets/sheet1.xml").unwrap();
    std::io::Read::read_to_string(&mut file, &mut part).unwrap();
    let run = "<r><rPr><b/><sz val=\"11\"/><color rgb=\"FFFF0000\"/><rFont val=\"Calibri\"/></rPr><t>&lt;bold&gt;</t></r>";
    assert!(part.contains(run), "{part}");
}

#[test]
fn a_program_is_told_to_compute_only_where_a_value_is_missing() {
    for (value, told) in [(Value::Number(2.0), false), (Value::Empty, true)] {
        let cells = row(0, &[Cell { formula: Some("1+1"), ..plain(0, value) }]);
        let sheet = Sheet { name: "s".into(), row_count: 1, column_count: 1, ..Sheet::default() };
        let workbook = Workbook {
            styles: vec![CellStyle::default()],
            sheets: vec![sheet],
            ..Workbook::default()
        };
        let (bytes, _) = write(&Book { workbook, rows: vec![vec![cells]] });
        let mut part = String::new();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut file = archive.by_name("xl/workbook.xml").unwrap();
        std::io::Read::read_to_string(&mut file, &mut part).unwrap();
        assert_eq!(part.contains("fullCalcOnLoad"), told, "{part}");
    }
}

fn part_of(bytes: &[u8], name: &str) -> String {
    let mut part = String::new();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut file = archive.by_name(name).unwrap();
    std::io::Read::read_to_string(&mut file, &mut part).unwrap();
    part
}

fn orders() -> Table {
    let column = |name: &str| TableColumn { name: name.into(), ..TableColumn::default() };
    Table {
        name: "Orders".into(),
        range: CellRange { first_row: 1, first_column: 0, last_row: 4, last_column: 1 },
        headings: true,
        totals: true,
        filters: true,
        columns: vec![
            TableColumn { total_label: "Sum".into(), ..column("a\n<b>_x0041_") },
            TableColumn {
                formula: "Orders[[#This Row],[Amount]]*2".into(),
                total: "custom".into(),
                total_formula: "SUM(Orders[Amount])".into(),
                ..column("Amount")
            },
        ],
        look: TableLook { name: "TableStyleLight9".into(), parts: [true, false, true, false] },
    }
}

#[test]
fn names_and_tables_come_back_as_they_were() {
    let name = |name: &str, sheet, formula: &str, hidden| DefinedName {
        name: name.into(),
        sheet,
        formula: formula.into(),
        hidden,
    };
    let second = Table {
        name: "Other".into(),
        range: CellRange { first_row: 7, first_column: 0, last_row: 7, last_column: 0 },
        columns: vec![TableColumn { name: "x".into(), ..TableColumn::default() }],
        ..Table::default()
    };
    let links = vec![CellLink { range: second.range, target: "https://x.org/".into() }];
    let tables = vec![orders(), second];
    let sheet = Sheet { name: "s".into(), tables, links, ..Sheet::default() };
    let formula =
        |column, formula| Cell { formula: Some(formula), ..plain(column, Value::Number(1.0)) };
    let rows = vec![
        row(
            0,
            &[
                formula(0, "SUM(Orders[Amount])*Rate"),
                formula(1, "Gone[Amount]"),
                formula(2, "Orders[None]"),
            ],
        ),
        row(1, &[text_of(0, "a\n<b>_x0041_"), text_of(1, "Amount")]),
    ];
    let workbook = Workbook {
        styles: vec![CellStyle::default()],
        sheets: vec![sheet],
        names: vec![
            name("Rate", None, "0.5&\"<\"", false),
            name("Rate", Some(0), "SUM(Orders[Amount])", true),
            name("_xlnm.Print_Titles", Some(0), "s!$1:$2", false),
            name("orders", Some(7), "1", false),
            name("bad name", None, "1", false),
            name("Outer", None, "[1]s!A1", false),
            name("Missing", None, "Gone[x]", false),
        ],
        ..Workbook::default()
    };
    let (bytes, losses) = write(&Book { workbook: workbook.clone(), rows: vec![rows] });
    let again = read(bytes.clone());
    assert_eq!(again.workbook.sheets[0].tables, workbook.sheets[0].tables);
    assert_eq!(again.workbook.names, workbook.names[..3]);
    assert_eq!(again.workbook.sheets[0].links, workbook.sheets[0].links);
    let formulas: Vec<Option<&str>> = again.rows[0][0].cells().map(|cell| cell.formula).collect();
    assert_eq!(formulas, [Some("SUM(Orders[Amount])*Rate"), None, None]);
    let noted: Vec<(&str, u64)> =
        losses.iter().map(|loss| (loss.detail.as_str(), loss.count)).collect();
    assert_eq!(
        noted,
        [
            ("formulas that refer to tables that are not there; their values are there", 2),
            ("defined names that Excel does not accept", 4),
        ]
    );
    let types = part_of(&bytes, "[Content_Types].xml");
    assert!(types.contains("PartName=\"/xl/tables/table2.xml\""), "{types}");
    let part = part_of(&bytes, "xl/tables/table1.xml");
    assert!(part.contains("<autoFilter ref=\"A2:B4\"/>"), "{part}");
    assert!(part.contains("name=\"a_x000A_&lt;b&gt;_x005F_x0041_\""), "{part}");
    let sheet = part_of(&bytes, "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("<tablePart r:id=\"rId3\"/></tableParts></worksheet>"), "{sheet}");
}

#[test]
fn a_table_has_its_headings_whatever_the_cells_say() {
    let low = Table {
        name: "Low".into(),
        range: CellRange { first_row: 6, first_column: 1, last_row: 9, last_column: 1 },
        headings: true,
        columns: vec![TableColumn { name: "x".into(), ..TableColumn::default() }],
        ..Table::default()
    };
    let sheet = Sheet { name: "s".into(), tables: vec![orders(), low], ..Sheet::default() };
    let rows =
        vec![row(1, &[plain(1, Value::Number(5.0))]), row(8, &[plain(1, Value::Number(1.0))])];
    let workbook =
        Workbook { styles: vec![CellStyle::default()], sheets: vec![sheet], ..Workbook::default() };
    let (bytes, losses) = write(&Book { workbook, rows: vec![rows] });
    let again = read(bytes);
    let found: Vec<u32> = again.rows[0].iter().map(Row::index).collect();
    assert_eq!(found, [1, 6, 8]);
    let texts: Vec<Value<'_>> = again.rows[0][0].cells().map(|cell| cell.value).collect();
    assert_eq!(texts, [Value::Text("a\n<b>_x0041_"), Value::Text("Amount")]);
    assert_eq!(losses.iter().map(|loss| loss.count).sum::<u64>(), 3);
    assert!(losses.contains(LossKind::ValueChanged));
}

#[test]
fn pictures_are_written_where_they_float_and_over_their_cells() {
    let png =
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x80\0\0\0\x50\x08\x06\0\0\0\x1f\x15\xc4\x89".to_vec();
    let asset = |extension: &str, media_type: &str| PictureAsset {
        extension: extension.into(),
        media_type: media_type.into(),
        ..PictureAsset::default()
    };
    let from = Corner { row: 1, column: 2, offset: (3, 4) };
    let anchors = [
        Anchor::Cells { from, to: Corner { row: 5, ..from }, follows: Follows::Never },
        Anchor::Cell { from, size: (5, 6) },
        Anchor::Sheet { at: (1, 2), size: (3, 4) },
    ];
    let floating = |anchor: &Anchor| Picture {
        asset: 0,
        anchor: anchor.clone(),
        name: "<n>".into(),
        description: "d".into(),
    };
    let pictures: Vec<Picture> = anchors.iter().map(floating).collect();
    let tables = vec![orders()];
    let first = Sheet { name: "a".into(), pictures: pictures.clone(), tables, ..Sheet::default() };
    let second = Sheet { name: "b".into(), ..Sheet::default() };
    let third = Sheet { name: "c".into(), ..Sheet::default() };
    let in_cell = Rich::pack(&[RichPart::Image {
        token: larkspur_model::workbook::asset_token(0),
        width_px: 128,
        height_px: 80,
    }]);
    let headings = row(1, &[text_of(0, "a\n<b>_x0041_"), text_of(1, "Amount")]);
    let cell = row(3, &[plain(1, Value::Rich(Rich::from_packed(&in_cell)))]);
    let workbook = Workbook {
        styles: vec![CellStyle::default()],
        sheets: vec![first, second, third],
        assets: vec![
            asset("png", "image/png"),
            asset("heif", "image/heif"),
            asset("gif", "image/gif"),
        ],
        ..Workbook::default()
    };
    let rows = vec![vec![headings], Vec::new(), vec![cell]];
    let (limits, options, mut monitor) = (Limits::default(), Options::default(), Unwatched);
    let mut given = vec![png.clone(), png.clone()];
    let mut context = Context::new(&limits, &options, &mut monitor);
    context.asset_source = Some(&mut given);
    let mut bytes = Vec::new();
    super::write(&mut Book { workbook, rows }, &mut bytes, &mut context).unwrap();
    let noted: Vec<String> = context.losses.iter().map(|loss| loss.detail.clone()).collect();
    assert_eq!(
        noted,
        [
            "pictures of a kind that Excel does not show: image/heif",
            "pictures whose bytes are not there"
        ]
    );
    let mut taken: Vec<Vec<u8>> = Vec::new();
    let mut context = Context::new(&limits, &options, &mut monitor);
    context.assets = Some(&mut taken);
    let mut again = Book::default();
    crate::xlsx::read::read(&mut Cursor::new(bytes), &mut again, &mut context).unwrap();
    assert_eq!(again.workbook.sheets[0].pictures, pictures);
    assert_eq!(again.workbook.sheets[0].tables, [orders()]);
    assert!(again.workbook.sheets[1].pictures.is_empty());
    let [over] = again.workbook.sheets[2].pictures.as_slice() else { panic!("one picture") };
    let corner = Corner { row: 3, column: 1, offset: (0, 0) };
    // A row lets it be 20 pixels high.
    assert_eq!(over.anchor, Anchor::Cell { from: corner, size: (32 * 9_525, 20 * 9_525) });
    assert!(context.losses.is_empty());
    assert_eq!(taken, [png]);
}
