//! Damage of any kind at any place: the reader ends, in time, and never by a panic.

use larkspur_formats::{Error, Limits, Monitor};
use larkspur_model::loss::LossKind;
use proptest::prelude::*;

use crate::build::{Book, Stream, short, wide, words};
use crate::kept::read_as;
use crate::read;

/// Every kind of record in little room.
fn book() -> Book {
    let strings = [vec![2, 0, 0, 0, 2, 0, 0, 0], wide("one"), wide("表")].concat();
    let globals = Stream::default()
        .font(10, 0, 8, 400, "Arial")
        .with(0x41E, [words(&[164]), wide("0.0")].concat())
        .format(0, 0, [1; 14])
        .format(0, 164, [0x22; 14])
        .with(0x1AE, words(&[1, 0x0401]))
        .with(0x17, words(&[1, 0, 0, 0]))
        .with(0x18, [words(&[0]), vec![0, 1], vec![0; 10], vec![0, b'n']].concat())
        .with(0x23, [words(&[0, 0, 0]), short("x")].concat())
        .with(0xFC, &strings[..12])
        .with(0x3C, [&[1][..], &strings[12..]].concat());
    let share = [&[0x01][..], &words(&[1, 1])].concat();
    let head = [words(&[1, 2]), vec![1, 1, 0, 2, 6, 0]].concat();
    let sheet = Stream::default()
        .with(0x7D, words(&[0, 3, 2_560, 0, 0, 0]))
        .with(0x208, words(&[0, 0, 4, 300, 0, 0, 0x40, 0x0F]))
        .number(0, 0, 1, 3.5)
        .with(0xFD, words(&[0, 1, 0, 1, 0]))
        .with(0xBD, words(&[0, 2, 0, 6, 0, 1, 7, 0, 3]))
        .formula(1, 1, 1.0, &share)
        .with(0x4BC, [head, vec![0x4C, 0xFF, 0xFF, 0, 0xC0, 0x14]].concat())
        .formula_of(2, 1, [0, 0, 0, 0, 0, 0, 0xFF, 0xFF], &share, &[])
        .with(0x207, wide("cached"))
        .formula(3, 0, 2.0, &[0x25, 0, 0, 9, 0, 0, 0xC0, 2, 0xC0, 0x42, 1, 4, 0])
        .with(0x23E, words(&[8, 0]))
        .with(0x41, words(&[1, 1, 1, 1]))
        .with(0xE5, words(&[1, 5, 6, 0, 1]));
    Book::of(sheet).globals(globals)
}

#[test]
fn the_book_itself_is_read() {
    let book = read(&book().in_container("/Workbook")).expect("as made");
    assert!(book.sheets[0].cells.len() >= 7);
    let damage = [LossKind::PartDamaged, LossKind::ValueChanged, LossKind::TextReplaced];
    assert!(!damage.into_iter().any(|kind| book.losses.contains(kind)), "{:?}", book.losses);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_neither_panic_nor_hang(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        contained in any::<bool>(),
    ) {
        let book = book();
        let mut bytes = if contained { book.in_container("/Workbook") } else { book.finish() };
        for (place, byte) in flips {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read(&bytes);
    }

    #[test]
    fn records_in_any_order(
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..60),
        head in 0..4_usize,
    ) {
        let bytes = book().finish();
        let mut records = Vec::new();
        let mut at = 0;
        while at + 4 <= bytes.len() {
            let end = at + 4 + usize::from(u16::from_le_bytes([bytes[at + 2], bytes[at + 3]]));
            records.push(&bytes[at..end]);
            at = end;
        }
        // Each generation makes something else of the same records.
        let heads: [&[u8]; 4] = [
            &[0x09, 0, 4, 0, 2, 0, 0x10, 0],
            &[0x09, 2, 4, 0, 3, 0, 0x10, 0],
            &[0x09, 4, 4, 0, 4, 0, 0, 1],
            &[0x09, 8, 4, 0, 0, 5, 0x05, 0],
        ];
        let mixed = picks.iter().map(|pick| records[pick.index(records.len())]);
        let mixed: Vec<u8> = std::iter::once(heads[head]).chain(mixed).flatten().copied().collect();
        let _ = read(&mixed);
    }

    #[test]
    fn tokens_of_any_kind(tokens in prop::collection::vec(any::<u8>(), 0..80), old in any::<bool>()) {
        let sheet = Stream::default().formula_of(0, 0, [0; 8], &tokens, &tokens);
        let bytes = if old {
            let begin = Stream::default().with(0x809, words(&[0x500, 0x10, 0, 0]));
            [begin.bytes, sheet.bytes].concat()
        } else {
            Book::of(sheet).finish()
        };
        let _ = read(&bytes);
    }
}

/// Stops at once.
struct Impatient;

impl Monitor for Impatient {
    fn progress(&mut self, stage: &'static str, done: u64, total: u64) -> Result<(), Error> {
        assert!(done <= total);
        if stage == "read" { Err(Error::Cancelled) } else { Ok(()) }
    }
}

#[test]
fn work_stops_when_asked_to() {
    let sheet = (0..9_000).fold(Stream::default(), |sheet, row| sheet.number(row, 0, 0, 1.0));
    let bytes = Book::of(sheet).finish();
    let result = read_as("xls", &bytes, &Limits::default(), &mut Impatient);
    assert!(matches!(result, Err(Error::Cancelled)));
}

#[test]
fn lengths_that_lie_cost_nothing() {
    let claims = [&u32::MAX.to_le_bytes()[..], &u32::MAX.to_le_bytes(), &[0xFF, 0xFF, 1, b'a']];
    let globals = Stream::default().with(0xFC, claims.concat());
    let sheet = Stream::default()
        .with(0xE5, words(&[0xFFFF, 0, 1, 0, 1]))
        .with(0x204, words(&[0, 0, 0, 0xFFFF, 1]))
        .with(0x1B8, [[0xFF; 32].as_slice(), &[0xFF; 8]].concat());
    let book = read(&Book::of(sheet).globals(globals).finish()).expect("as made");
    assert_eq!(book.sheets[0].ended.row_count, 1);
}

#[test]
fn strings_beyond_the_limit_are_refused() {
    let text = wide(&"x".repeat(4_000));
    let strings = [vec![9, 0, 0, 0, 9, 0, 0, 0], text].concat();
    let globals = Stream::default().with(0xFC, strings);
    let limits = Limits { shared_string_bytes: 1_000, ..Limits::default() };
    let bytes = Book::of(Stream::default()).globals(globals).finish();
    let result = read_as("xls", &bytes, &limits, &mut larkspur_formats::Unwatched);
    assert!(matches!(result, Err(Error::TooLarge(_))));
}

#[test]
fn more_styles_than_programs_know_are_few() {
    let globals = (0..u16::MAX).fold(Stream::default(), |globals, index| {
        let mut look = [0; 14];
        look[12..14].copy_from_slice(&(index & 0x3FFF).to_le_bytes());
        look[11] = 4;
        globals.format(index % 7, index, look)
    });
    let sheet = Stream::default().number(0, 0, u16::MAX - 1, 1.0);
    let book = read(&Book::of(sheet).globals(globals).finish()).expect("as made");
    assert!(book.styles.len() <= 65_000);
}
