//! The generations before Excel 97: bytes in a code page, other layouts of the same records.

use crate::build::{Stream, words};
use crate::kept::{Kept, KeptBook};
use crate::read;

fn bytes(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u16).to_le_bytes()[..], text].concat()
}

/// A book of Excel 5 with one sheet, whose name is in the book's code page.
fn excel_5(globals: Stream, name: &[u8], sheet: &Stream) -> KeptBook {
    let begin = |kind| Stream::default().with(0x809, words(&[0x500, kind, 0, 0]));
    let mut stream = begin(5);
    stream.bytes.extend(globals.bytes);
    let at = (stream.bytes.len() + 4 + 7 + name.len() + 4) as u32;
    let bound = [&at.to_le_bytes()[..], &[0, 0, name.len() as u8], name].concat();
    let mut stream = stream.with(0x85, bound).with(0x0A, []);
    stream.bytes.extend(begin(0x10).bytes);
    stream.bytes.extend(&sheet.bytes);
    read(&stream.with(0x0A, []).bytes).expect("as made")
}

#[test]
fn texts_are_in_the_code_page_of_the_book() {
    let label =
        |text: &[u8]| Stream::default().with(0x204, [words(&[0, 0, 0]), bytes(text)].concat());
    for (page, text, meant) in [
        (936, &b"\xb1\xed"[..], "表"),
        (932, b"\x95\x5c", "表"),
        (1251, b"\xc4\xe0", "Да"),
        (10029, b"\x88", "ą"),
        (32768, b"\x8a", "ä"),
    ] {
        let globals = Stream::default().with(0x42, words(&[page]));
        let book = excel_5(globals, text, &label(text));
        assert_eq!(book.names, [meant], "{page}");
        assert_eq!(book.sheets[0].value("A1"), Kept::Text(meant.to_owned()), "{page}");
    }
    // Without a code page, the characters of the first font say which it is.
    let font = [words(&[200, 0, 0x7FFF, 400, 0]), vec![0, 0, 134, 0, 1, b'a']].concat();
    let book = excel_5(Stream::default().with(0x31, font), b"\xb1\xed", &label(b"\xb1\xed"));
    assert_eq!(book.names, ["表"]);
}

#[test]
fn formulas_of_excel_5() {
    let formula = |tokens: &[u8]| {
        let mut body = words(&[2, 2, 0]);
        body.extend(1.0_f64.to_le_bytes());
        body.extend(words(&[0, 0, 0, tokens.len() as u16]));
        body.extend(tokens);
        Stream::default().with(0x06, body)
    };
    let outer = |token: u8, cell: &[u8]| {
        [&[token][..], &words(&[0xFFFF]), &[0; 8], &words(&[0, 0]), cell].concat()
    };
    for (tokens, text) in [
        (vec![0x44, 0, 0xC0, 0, 0x44, 1, 0, 1, 0x03], "A1+$B$2"),
        ([&[0x25, 0, 0x40, 0xFF, 0x7F, 0, 1][..], &[0x42, 1, 4, 0]].concat(), "SUM(A:B)"),
        (outer(0x3A, &[0, 0xC0, 0]), "S!A1"),
        (vec![0x17, 2, b'a', 0xE4], "\"aä\""),
        (vec![0x41, 19, 0], "PI()"),
    ] {
        let book = excel_5(Stream::default(), b"S", &formula(&tokens));
        assert_eq!(book.sheets[0].formula("C3"), Some(text));
    }
}

#[test]
fn sheets_of_excel_2_to_4_are_files() {
    let two = Stream::default()
        .with(0x09, words(&[2, 0x10]))
        .with(0x1E, [7, b'G', b'e', b'n', b'e', b'r', b'a', b'l'])
        .with(0x1E, [4, b'0', b'.', b'0', b'0'])
        .with(0x24, [0, 2, 0, 10])
        .with(0x02, [&words(&[0, 0])[..], &[0, 0, 0, 7, 0]].concat())
        .with(0x04, [&words(&[0, 1])[..], &[0, 0, 0, 2, b'a', 0xE4]].concat())
        .with(0x03, [&words(&[1, 0])[..], &[0, 1, 3], &1.5_f64.to_le_bytes()].concat())
        .with(
            0x06,
            [
                &words(&[1, 1])[..],
                &[0, 0, 0],
                &2.0_f64.to_le_bytes(),
                &[0, 9, 0x44, 0, 0xC0, 0, 0x1E, 2, 0, 0x05, 0x14],
            ]
            .concat(),
        )
        .with(0x0A, []);
    let book = read(&two.bytes).expect("as made");
    let sheet = &book.sheets[0];
    assert_eq!(sheet.value("A1"), Kept::Number(7.0));
    assert_eq!(sheet.value("B1"), Kept::Text("aä".to_owned()));
    assert_eq!((sheet.value("A2"), sheet.formula("B2")), (Kept::Number(1.5), Some("A1*2%")));
    assert_eq!(book.style("A2").number_format, "0.00");
    assert_eq!(sheet.begun.columns[0].last, 2);

    for (number, version) in [(0x209_u16, 3), (0x409, 4)] {
        let sheet = Stream::default()
            .with(number, words(&[version, 0x10, 0]))
            .with(0x204, [words(&[0, 0, 0]), bytes(b"old")].concat())
            .number(0, 1, 0, 2.5)
            .with(0x0A, []);
        let book = read(&sheet.bytes).expect("as made");
        assert_eq!(book.sheets[0].value("A1"), Kept::Text("old".to_owned()));
        assert_eq!(book.sheets[0].value("B1"), Kept::Number(2.5));
    }
}

#[test]
fn a_workspace_of_excel_4_holds_several_sheets() {
    let sheet = |number: f64| {
        Stream::default()
            .with(0x409, words(&[4, 0x10, 0]))
            .number(0, 0, 0, number)
            .with(0x0A, [])
            .bytes
    };
    let header = |name: &[u8], length: usize| {
        [&(length as u32).to_le_bytes()[..], &[name.len() as u8], name].concat()
    };
    let (one, two) = (sheet(1.0), sheet(2.0));
    let mut stream =
        Stream::default().with(0x409, words(&[4, 0x100, 0])).with(0x8F, header(b"One", one.len()));
    stream.bytes.extend(&one);
    let mut stream = stream.with(0x8F, header(b"Two", two.len()));
    stream.bytes.extend(&two);
    let book = read(&stream.with(0x0A, []).bytes).expect("as made");
    assert_eq!(book.names, ["One", "Two"]);
    assert_eq!(book.sheets[1].value("A1"), Kept::Number(2.0));
}
