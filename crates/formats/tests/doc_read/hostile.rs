//! Files that want to do harm, and good ones with bytes changed.

use larkspur_formats::Limits;
use larkspur_model::loss::LossKind;
use proptest::prelude::*;

use super::build::{Build, list, plc, row, sprms};
use super::read;

/// Every kind of table in little room.
fn build() -> Build {
    let item = sprms(&[(0x260A, &[0]), (0x460B, &[1, 0])]);
    let mut build = Build::new()
        .style(1, "heading 1", 1, 0, &[], &sprms(&[(0x0835, &[1])]))
        .lists(list(&[(0, "\u{0}.", 360), (23, "\u{b7}", 720)]))
        .p(1, &[], "Heading")
        .p(0, &item, "item")
        .p(0, &[], "\u{13} HYPERLINK \"https://a.example/\" \u{14}there\u{15}")
        .cell("a")
        .cell("b")
        .row(&row(&[0, 1500, 3000], &[0x60, 1]))
        .run("\u{1}\u{8}\u{2}", &sprms(&[(0x6A03, &[0, 0, 0, 0]), (0x0855, &[1])]))
        .end("\r", 0, &[])
        .story(1)
        .p(0, &[], "a note")
        .story(6)
        .p(0, &[], "a box")
        .table(2, plc(&[50, 51], &[1, 0]))
        .table(3, plc(&[0, 6, 7], &[]))
        .table(40, plc(&[49, 51], &[9; 26]))
        .table(56, plc(&[0, 6, 7], &[9; 44]))
        .table(
            50,
            [
                &[0x0F, 0, 0, 0xF0, 0, 0, 0, 0, 0][..],
                &[0x0F, 0, 2, 0xF0, 8, 0, 0, 0, 0x0F, 0, 4, 0xF0, 0, 0, 0, 0],
            ]
            .concat(),
        );
    build.data = vec![7; 200];
    build.data[..8].copy_from_slice(&[200, 0, 0, 0, 68, 0, 0x64, 0]);
    build
}

#[test]
fn the_file_itself_is_read() {
    let outcome = read(&build().finish(), &Limits::default()).expect("readable");
    assert!(outcome.document.block_count() > 5);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_neither_panic_nor_hang(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut bytes = build().finish();
        for (place, byte) in flips {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read(&bytes, &Limits::default());
    }

    #[test]
    fn changed_numbers_of_the_head_neither_panic_nor_hang(
        place in 0_usize..0x320,
        number in prop_oneof![Just(0_u32), Just(1), Just(0x7FFF_FFFF), Just(u32::MAX), any::<u32>()],
    ) {
        let mut bytes = build().finish();
        let head = memchr::memmem::find(&bytes, &[0xEC, 0xA5, 0xC1, 0]).expect("the head");
        bytes[head + place..head + place + 4].copy_from_slice(&number.to_le_bytes());
        let _ = read(&bytes, &Limits::default());
    }
}

#[test]
fn pieces_that_repeat_the_file_end() {
    let many = 20_000_u32;
    let positions: Vec<u32> = (0..=many).map(|index| index * 1_000).collect();
    let piece = [&[0, 0][..], &0x600_u32.to_le_bytes(), &[0, 0]].concat();
    let table = plc(&positions, &piece.repeat(many as usize));
    let table = [&[2], &(table.len() as u32).to_le_bytes()[..], &table].concat();
    let bytes = Build::new().p(0, &[], &"x".repeat(1_000)).table(33, table).finish();
    let outcome = read(&bytes, &Limits::unlimited()).expect("readable");
    assert!(outcome.document.to_plain().len() <= 2 * bytes.len());
    assert!(outcome.losses.contains(LossKind::PartDamaged));
}

#[test]
fn limits_hold() {
    let limits = Limits { blocks: 50, paragraph_units: 10, table_cells: 8, ..Limits::default() };
    let mut build = Build::new();
    for _ in 0..20 {
        build = build.cell("a").cell("b").row(&row(&[0, 1500, 3000], &[]));
    }
    for _ in 0..60 {
        build = build.p(0, &[], "0123456789abc");
    }
    let outcome = read(&build.finish(), &limits).expect("readable");
    assert_eq!(outcome.document.block_count(), 50);
    assert!(outcome.document.to_plain().lines().skip(1).all(|line| line.len() <= 10));
    assert!(outcome.losses.contains(LossKind::TableCellsCut));
}
