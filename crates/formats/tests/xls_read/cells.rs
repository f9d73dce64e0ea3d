//! Cells of every kind, their texts over the ends of records, their order.

use larkspur_formats::{Error, Limits, Unwatched};
use larkspur_model::workbook::RichPart;

use crate::build::{Book, Stream, wide, words};
use crate::kept::{Kept, read_as};
use crate::read;

fn text(text: &str) -> Kept {
    Kept::Text(text.to_owned())
}

#[test]
fn every_kind_of_cell() {
    let packed = |number: u32| number.to_le_bytes();
    let sheet = Stream::default()
        .number(0, 0, 0, 1.5)
        .label(0, 1, "表 a")
        .with(0x205, [words(&[0, 2, 0]), vec![1, 0]].concat())
        .with(0x205, [words(&[0, 3, 0]), vec![0x07, 1]].concat())
        .with(0x27E, [words(&[0, 4, 0]), packed(12_345 << 2 | 3).to_vec()].concat())
        .with(
            0xBD,
            [
                words(&[1, 0, 0]),
                packed((-7_i32 << 2) as u32 | 2).to_vec(),
                words(&[0]),
                packed(0x3FF8_0000).to_vec(),
                words(&[1]),
            ]
            .concat(),
        )
        .with(0xBE, words(&[1, 2, 0, 0, 3]))
        .with(0x203, [words(&[1, 5, 0]), f64::NAN.to_le_bytes().to_vec()].concat());
    let book = read(&Book::of(sheet).finish()).expect("as made");
    let sheet = &book.sheets[0];
    for (place, value) in [
        ("A1", Kept::Number(1.5)),
        ("B1", text("表 a")),
        ("C1", Kept::Bool(true)),
        ("D1", Kept::Error("#DIV/0!")),
        ("E1", Kept::Number(123.45)),
        ("A2", Kept::Number(-7.0)),
        ("B2", Kept::Number(1.5)),
        ("C2", Kept::Empty),
        ("F2", Kept::Error("#NUM!")),
    ] {
        assert_eq!(sheet.value(place), value, "{place}");
    }
    assert_eq!((sheet.ended.row_count, sheet.ended.column_count), (2, 6));
    assert_eq!(book.lost("not of their kind"), 1);
}

/// Shared strings cut after `cut` bytes; where a text is cut, the rest of it begins with its flags.
fn shared(cut: usize, again: Option<u8>) -> Vec<u8> {
    // From the second letter on another font, behind the third one that does not exist.
    let rich = [words(&[3]), vec![0x0C], words(&[2]), vec![4, 0, 0, 0]].concat();
    let runs = words(&[1, 1, 9, 9]);
    let strings = [
        wide("first"),
        [rich, b"abc".to_vec(), runs, vec![7; 4]].concat(),
        wide("表😀"),
        vec![0, 0, 0],
        wide("last"),
    ]
    .concat();
    let body = [vec![5, 0, 0, 0, 5, 0, 0, 0], strings].concat();
    let (head, tail) = body.split_at(cut);
    let tail = [again.map_or(Vec::new(), |flags| vec![flags]), tail.to_vec()].concat();
    let globals = Stream::default()
        .font(10, 0, 0x7FFF, 400, "Arial")
        .font(20, 2, 10, 700, "宋体")
        .with(0xFC, head)
        .with(0x3C, tail);
    let sheet = (0..6_u16)
        .fold(Stream::default(), |sheet, index| sheet.with(0xFD, words(&[index, 0, 0, index, 0])));
    Book::of(sheet).globals(globals).finish()
}

#[test]
fn shared_strings_go_on_in_the_next_record() {
    // Within the characters of the first text, the runs and the rest of the second, the third.
    for (cut, again) in
        [(8 + 3 + 4, Some(1)), (8 + 13 + 9 + 2, Some(0)), (8 + 13 + 9 + 5, None), (52, Some(1))]
    {
        let book = read(&shared(cut, again)).expect("as made");
        let sheet = &book.sheets[0];
        for (place, value) in
            [("A1", "first"), ("A2", "abc"), ("A3", "表😀"), ("A4", ""), ("A5", "last")]
        {
            assert_eq!(sheet.value(place), text(value), "{place}, cut at {cut}");
        }
        assert_eq!(sheet.value("A6"), Kept::Empty);
        assert_eq!(book.lost("text is missing"), 1);
        let parts: Vec<String> = sheet
            .at("A2")
            .expect("a cell")
            .parts
            .iter()
            .map(|part| match part {
                RichPart::Text { text, look: Some(look) } => {
                    format!("{text} {} {} {} {}", look.name, look.size_pt, look.bold, look.color)
                }
                other => other.text().to_owned(),
            })
            .collect();
        assert_eq!(parts, ["a", "bc 宋体 20 true ff0000"]);
    }
}

#[test]
fn rows_come_in_order_whatever_the_file_does() {
    let sheet = Stream::default()
        .number(5, 1, 0, 51.0)
        .number(0, 2, 0, 2.0)
        .number(5, 0, 0, 50.0)
        .number(0, 0, 0, 0.5)
        .formula_of(3, 0, [0, 0, 0, 0, 0, 0, 0xFF, 0xFF], &[0x17, 1, 0, b'x'], &[])
        .with(0x207, wide("cached"))
        .number(0, 0, 0, 7.0);
    let book = read(&Book::of(sheet).finish()).expect("as made");
    let sheet = &book.sheets[0];
    // Of two cells in one place the later counts.
    for (place, value) in [("A1", 7.0), ("C1", 2.0), ("A6", 50.0), ("B6", 51.0)] {
        assert_eq!(sheet.value(place), Kept::Number(value), "{place}");
    }
    assert_eq!(sheet.value("A4"), text("cached"));
    assert!(book.losses.is_empty(), "{:?}", book.losses);
}

#[test]
fn both_containers_and_both_epochs() {
    let sheet = || Stream::default().number(0, 0, 0, 100.0).number(0, 1, 1, 100.0);
    let globals = |epoch| {
        Stream::default().with(0x22, words(&[epoch])).format(0, 0, [0; 14]).format(0, 14, [0; 14])
    };
    for (epoch, date) in [(0, 100.0), (1, 1562.0)] {
        let book = Book::of(sheet()).globals(globals(epoch));
        for bytes in [book.finish(), book.in_container("/Workbook"), book.in_container("/Book")] {
            let book = read(&bytes).expect("as made");
            assert_eq!(book.sheets[0].value("A1"), Kept::Number(100.0));
            assert_eq!(book.sheets[0].value("B1"), Kept::Number(date));
            assert_eq!(book.style("B1").number_format, "mm-dd-yy");
        }
    }
}

#[test]
fn sheets_that_hold_no_cells_are_left_out() {
    let book = Book::default()
        .sheet_of("Chart", 0, 0x20, Stream::default())
        .sheet_of("表", 1, 0x10, Stream::default().number(0, 0, 0, 1.0))
        .sheet_of("Macros", 2, 0x40, Stream::default())
        .sheet_of("Deep", 2, 0x10, Stream::default());
    let book = read(&book.finish()).expect("as made");
    assert_eq!(book.names, ["表", "Deep"]);
    assert!(book.sheets.iter().all(|sheet| sheet.begun.hidden));
    assert_eq!([book.lost("chart sheet"), book.lost("macro sheet")], [1, 1]);
}

#[test]
fn limits_cut_where_they_say() {
    let sheet = Stream::default()
        .number(0, 0, 0, 1.0)
        .number(0, 4, 0, 2.0)
        .label(1, 0, "longer")
        .number(9, 3, 0, 3.0);
    let limits = Limits {
        sheets: 1,
        sheet_columns: 4,
        sheet_cells: 20,
        cell_characters: 3,
        ..Limits::default()
    };
    let bytes = Book::of(sheet).sheet("T", Stream::default()).finish();
    let book = read_as("xls", &bytes, &limits, &mut Unwatched).expect("as made");
    let sheet = &book.sheets[0];
    assert_eq!(sheet.value("A2"), text("lon"));
    assert_eq!((sheet.ended.row_count, sheet.ended.column_count), (2, 1));
    for what in ["columns beyond", "rows times columns", "limit of characters", "worksheets"] {
        assert_eq!(book.lost(what), 1, "{what}");
    }
}

#[test]
fn what_is_not_a_workbook_says_so() {
    let globals = Stream::default().with(0x2F, [1, 0, 1, 0]);
    let locked = Book::of(Stream::default()).globals(globals).finish();
    assert!(matches!(read(&locked), Err(Error::Encrypted)));
    let document = Book::of(Stream::default()).in_container("/WordDocument");
    assert!(matches!(read(&document), Err(Error::Mismatch { .. })));
    for name in ["/EncryptedPackage", "/ENCRYPTEDPACKAGE"] {
        let package = Book::of(Stream::default()).in_container(name);
        assert!(matches!(read(&package), Err(Error::Encrypted)));
        let other = read_as("xlsx", &package, &Limits::default(), &mut Unwatched);
        assert!(matches!(other, Err(Error::Encrypted)));
    }
    for bytes in [&b"PK\x03\x04"[..], b"<html><table>", b"a,b\n", b"", b"%PDF-1.4"] {
        assert!(matches!(read(bytes), Err(Error::Mismatch { .. })), "{bytes:?}");
    }
    assert!(matches!(read(&Book::default().finish()), Err(Error::Damaged(_))));
}

#[test]
fn a_text_of_its_own_may_have_looks() {
    let globals = Stream::default().font(10, 0, 0x7FFF, 400, "Arial").font(20, 2, 10, 700, "B");
    let sheet = Stream::default()
        .with(0xD6, [words(&[0, 0, 0]), wide("plain bold"), words(&[1, 6, 1])].concat())
        .with(0xD6, [words(&[1, 0, 0]), wide("cut off"), words(&[9, 3])].concat());
    let book = Book::of(sheet).globals(globals).finish();
    let book = read_as("xls", &book, &Limits::default(), &mut Unwatched).expect("as made");
    let parts = &book.sheets[0].at("A1").expect("a cell").parts;
    let bold: Vec<(&str, bool)> = parts
        .iter()
        .map(|part| match part {
            RichPart::Text { text, look } => {
                (text.as_str(), look.as_ref().is_some_and(|look| look.bold))
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(bold, [("plain ", false), ("bold", true)]);
    assert_eq!(book.sheets[0].value("A2"), Kept::Text("cut off".into()));
}
