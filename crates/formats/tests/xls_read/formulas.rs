//! Formulas as text: operators, references, functions, names, what several cells share.

use larkspur_model::workbook::CellRange;

use crate::build::{Book, Stream, short, wide, words};
use crate::kept::{Kept, KeptBook};
use crate::read;

/// A cell that moves, and one that does not, as tokens name them.
const A1: [u8; 5] = [0x44, 0, 0, 0, 0xC0];
const B2_FIXED: [u8; 5] = [0x44, 1, 0, 1, 0];

fn told(tokens: &[u8]) -> Option<String> {
    told_with(tokens, &[])
}

fn told_with(tokens: &[u8], extra: &[u8]) -> Option<String> {
    let sheet = Stream::default().formula_of(4, 4, 1.0_f64.to_le_bytes(), tokens, extra);
    let name = |flags: u16, name: &str| {
        let mut body = words(&[flags]);
        body.extend([0, name.encode_utf16().count() as u8]);
        body.extend(words(&[0, 0, 0]));
        body.extend([0; 4]);
        body.extend(&wide(name)[2..]);
        body
    };
    let globals = Stream::default()
        .with(0x1AE, words(&[2, 0x0401]))
        .with(0x1AE, words(&[1, 0x3A01]))
        .with(0x23, [words(&[0, 0, 0]), short("_xlfn.IFS")].concat())
        .with(0x23, [words(&[0, 0, 0]), short("_xlfn.COUNTIFS")].concat())
        .with(0x1AE, [words(&[1]), wide("\u{1}\u{1}Cdir\u{3}other.xls"), wide("Data")].concat())
        .with(0x17, words(&[5, 0, 0, 0, 1, 0xFFFE, 0xFFFE, 0, 1, 1, 2, 0, 0, 0, 0xFFFF, 0xFFFF]))
        .with(0x18, name(0, "税率"))
        .with(0x18, name(0x20, "\u{6}"));
    let book = Book::default().globals(globals).sheet("S", sheet).sheet("T 2", Stream::default());
    let book = read(&book.finish()).expect("as made");
    assert_eq!(book.sheets[0].value("E5"), Kept::Number(1.0));
    let text = book.sheets[0].formula("E5").map(str::to_owned);
    assert_eq!(book.lost("no notation"), u64::from(text.is_none()));
    text
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn operators_and_constants() {
    let number = |number: f64| [&[0x1F][..], &number.to_le_bytes()].concat();
    let cases: &[(&[u8], &str)] = &[
        (&joined(&[&A1, &B2_FIXED, &[0x03]]), "A1+$B$2"),
        (&joined(&[&A1, &[0x1E, 2, 0, 0x07], &[0x13, 0x14]]), "-A1^2%"),
        (&joined(&[&A1, &A1, &[0x0E, 0x15], &A1, &[0x05]]), "(A1<>A1)*A1"),
        (
            &joined(&[&[0x17, 2, 0, b'a', b'"'], &[0x17, 1, 1, 0x68, 0x88], &[0x08]]),
            "\"a\"\"\"&\"表\"",
        ),
        (&joined(&[&number(0.1), &number(-1e300), &[0x0C]]), "0.1>=-1E+300"),
        (&joined(&[&[0x1D, 1], &[0x1C, 0x2A], &[0x0B]]), "TRUE=#N/A"),
        (&joined(&[&A1, &A1, &[0x10], &A1, &[0x0F], &A1, &[0x11]]), "A1,A1 A1:A1"),
    ];
    for (tokens, text) in cases {
        assert_eq!(told(tokens).as_deref(), Some(*text));
    }
}

#[test]
fn functions() {
    let area = [0x25, 0, 0, 9, 0, 0, 0xC0, 2, 0xC0];
    let cases: &[(&[u8], &str)] = &[
        (&[0x41, 19, 0], "PI()"),
        (&joined(&[&area, &[0x19, 0x10, 0, 0]]), "SUM(A1:C10)"),
        (&joined(&[&A1, &area, &[0x42, 2, 4, 0]]), "SUM(A1,A1:C10)"),
        (&joined(&[&A1, &[0x1E, 1, 0], &[0x41, 27, 0]]), "ROUND(A1,1)"),
        (
            &joined(&[&A1, &[0x19, 2, 0, 0], &A1, &[0x19, 8, 0, 0], &[0x16], &[0x42, 3, 1, 0]]),
            "IF(A1,A1,)",
        ),
        (
            &joined(&[&[0x39, 1, 0, 1, 0, 0, 0], &A1, &[0x1E, 5, 0], &[0x42, 3, 255, 0]]),
            "_xlfn.IFS(A1,5)",
        ),
        (
            &joined(&[&[0x39, 1, 0, 2, 0, 0, 0], &area, &A1, &[0x42, 3, 255, 0]]),
            "COUNTIFS(A1:C10,A1)",
        ),
        (&joined(&[&A1, &[0x19, 4, 1, 0, 0, 0, 0, 0], &A1, &[0x42, 2, 100, 0]]), "CHOOSE(A1,A1)"),
    ];
    for (tokens, text) in cases {
        assert_eq!(told(tokens).as_deref(), Some(*text));
    }
}

#[test]
fn references() {
    let cases: &[(&[u8], &str)] = &[
        (&[0x25, 0, 0, 0xFF, 0xFF, 0, 0, 1, 0xC0], "$A:B"),
        (&[0x25, 2, 0, 3, 0, 0, 0, 255, 0x80], "$3:4"),
        (&[0x3A, 0, 0, 4, 0, 1, 0x40], "S!B$5"),
        (&[0x3B, 2, 0, 0, 0, 1, 0, 0, 0xC0, 1, 0xC0], "'T 2'!A1:B2"),
        (&[0x3A, 3, 0, 0, 0, 0, 0xC0], "[other.xls]Data!A1"),
        (&[0x3A, 4, 0, 0, 0, 0, 0xC0], "#REF!"),
        (&[0x3C, 0, 0, 0, 0, 0, 0], "S!#REF!"),
        (&[0x2A, 0, 0, 0, 0], "#REF!"),
        (&[0x23, 1, 0, 0, 0], "税率"),
        (&[0x23, 2, 0, 0, 0], "Print_Area"),
    ];
    for (tokens, text) in cases {
        assert_eq!(told(tokens).as_deref(), Some(*text));
    }
}

#[test]
fn arrays_within_formulas() {
    let extra = [
        vec![1, 1, 0],
        [&[1][..], &2.5_f64.to_le_bytes()].concat(),
        [&[2][..], &wide("x")].concat(),
        vec![4, 1, 0, 0, 0, 0, 0, 0, 0],
        vec![16, 0x17, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    let told = told_with(&[0x20, 0, 0, 0, 0, 0, 0, 0], &extra);
    assert_eq!(told.as_deref(), Some("{2.5,\"x\";TRUE,#REF!}"));
}

#[test]
fn what_cannot_be_told_is_a_value() {
    for tokens in
        [&[0x18, 1, 2, 3][..], &[0x03], &[0x44, 0], &[0x41, 0xFF, 0x0F], &[0x23, 9, 0, 0, 0]]
    {
        assert_eq!(told(tokens), None, "{tokens:?}");
    }
    // A text that doubles without end.
    let long = joined(&[&[0x17, 255, 0], &[b'x'; 255]]);
    let mut tokens = long.clone();
    for _ in 0..40 {
        tokens.extend(&long);
        tokens.push(0x08);
    }
    assert_eq!(told(&tokens), None);
}

fn shared(named: (u16, u16)) -> KeptBook {
    let share = [&[0x01][..], &words(&[named.0, named.1])].concat();
    // One row up, the same column; and $A$1.
    let tokens = joined(&[&[0x4C, 0xFF, 0xFF, 0, 0xC0], &[0x44, 0, 0, 0, 0], &[0x03]]);
    let head = [words(&[1, 3]), vec![1, 1, 0, 3], words(&[tokens.len() as u16])].concat();
    let sheet = Stream::default()
        .formula(1, 1, 1.0, &share)
        .with(0x4BC, [head, tokens].concat())
        .formula(2, 1, 2.0, &share)
        .formula(3, 1, 3.0, &share);
    read(&Book::of(sheet).finish()).expect("as made")
}

#[test]
fn formulas_that_cells_share() {
    let book = shared((1, 1));
    for (place, text) in [("B2", "B1+$A$1"), ("B3", "B2+$A$1"), ("B4", "B3+$A$1")] {
        assert_eq!(book.sheets[0].formula(place), Some(text), "{place}");
    }
    let book = shared((7, 7));
    assert_eq!(book.lost("shared formula is missing"), 3);
    assert_eq!(book.sheets[0].value("B4"), Kept::Number(3.0));
}

#[test]
fn array_formulas_stand_in_their_first_cell() {
    let share = [&[0x01][..], &words(&[0, 0])].concat();
    let tokens = joined(&[&A1, &[0x1E, 2, 0, 0x05]]);
    let head = [words(&[0, 1]), vec![0, 0], words(&[0, 0, 0, tokens.len() as u16])].concat();
    let sheet = Stream::default()
        .formula(0, 0, 1.0, &share)
        .with(0x221, [head, tokens].concat())
        .formula(1, 0, 2.0, &share);
    let book = read(&Book::of(sheet).finish()).expect("as made");
    let sheet = &book.sheets[0];
    assert_eq!((sheet.formula("A1"), sheet.formula("A2")), (Some("A1*2"), None));
    assert_eq!(sheet.value("A2"), Kept::Number(2.0));
    let area = CellRange { first_row: 0, first_column: 0, last_row: 1, last_column: 0 };
    assert_eq!(sheet.ended.arrays, [area]);
}

#[test]
fn what_formulas_came_to() {
    let cached = |kind: u8, value: u8| [kind, 0, value, 0, 0, 0, 0xFF, 0xFF];
    let sheet = Stream::default()
        .formula_of(0, 0, cached(0, 0), &A1, &[])
        .with(0x207, wide("文"))
        .formula_of(1, 0, cached(1, 1), &A1, &[])
        .formula_of(2, 0, cached(2, 0x17), &A1, &[])
        .formula_of(3, 0, cached(3, 0), &A1, &[])
        .formula_of(4, 0, cached(0, 0), &A1, &[]);
    let book = read(&Book::of(sheet).finish()).expect("as made");
    for (place, value) in [
        ("A1", Kept::Text("文".to_owned())),
        ("A2", Kept::Bool(true)),
        ("A3", Kept::Error("#REF!")),
        ("A4", Kept::Text(String::new())),
        ("A5", Kept::Text(String::new())),
    ] {
        assert_eq!(book.sheets[0].value(place), value, "{place}");
        assert_eq!(book.sheets[0].formula(place), Some("A1"), "{place}");
    }
}

#[test]
fn names_come_with_what_they_stand_for() {
    let name = |flags: u16, sheet: u16, name: &str, tokens: &[u8]| {
        let mut body = words(&[flags]);
        body.extend([0, name.encode_utf16().count() as u8]);
        body.extend(words(&[tokens.len() as u16, 0, sheet]));
        body.extend([0; 4]);
        body.extend(&wide(name)[2..]);
        body.extend(tokens);
        body
    };
    let area = |link: u8| [&[0x3B, link, 0][..], &words(&[0, 8, 1, 2])].concat();
    let rate = [&[0x1F][..], &0.25_f64.to_le_bytes()].concat();
    let globals = Stream::default()
        .with(0x1AE, words(&[3, 0x0401]))
        .with(0x17, words(&[2, 0, 1, 1, 0, 2, 2]))
        .with(0x18, name(0, 0, "税率", &rate))
        .with(0x18, name(1, 2, "Rows", &area(0)))
        .with(0x18, name(0x20, 2, "\u{6}", &area(0)))
        .with(0x18, name(0x0E, 0, "_xlfn.IFS", &[0x1C, 0x1D]))
        .with(0x18, name(0x0E, 0, "Run", &[0x1C, 0x1D]))
        .with(0x18, name(0, 0, "TAX2008", &rate))
        .with(0x18, name(0, 3, "Chart", &rate))
        .with(0x18, name(0, 0, "Lost", &area(1)));
    let sheet = Stream::default().formula(0, 0, 1.0, &[0x23, 6, 0, 0, 0]);
    let book = Book::default()
        .globals(globals)
        .sheet("S", sheet)
        .sheet("T 2", Stream::default())
        .sheet_of("C", 0, 0x20, Stream::default());
    let book = read(&book.finish()).expect("as made");
    let told: Vec<String> = book
        .defined
        .iter()
        .map(|name| format!("{} {:?} {} {}", name.name, name.sheet, name.formula, name.hidden))
        .collect();
    assert_eq!(
        told,
        [
            "税率 None 0.25 false",
            "Rows Some(1) 'T 2'!$B$1:$C$9 true",
            "_xlnm.Print_Area Some(1) 'T 2'!$B$1:$C$9 false",
            "_TAX2008 None 0.25 false",
        ]
    );
    assert_eq!(book.sheets[0].formula("A1"), Some("_TAX2008"));
    assert_eq!((book.lost("call macros"), book.lost("sheets that are left out")), (1, 2));
}
