//! Styles, sizes, panes, merges, links.

use larkspur_model::workbook::{CellRange, Horizontal, Vertical};

use crate::build::{Book, Stream, wide, words};
use crate::read;

#[test]
fn styles_are_those_that_cells_refer_to() {
    let mut look = [0_u8; 14];
    // Centred, wrapped, at the top; thin black lines left and right, a double red one at the top.
    look[0] = 0x02 | 0x08;
    look[4..8].copy_from_slice(&(1 | 1 << 4 | 6 << 8 | 8 << 16 | 8_u32 << 23).to_le_bytes());
    look[8..12].copy_from_slice(&(0x0A | 1_u32 << 26).to_le_bytes());
    look[12..14].copy_from_slice(&(0x0D_u16 | 64 << 7).to_le_bytes());
    let mut standard = [0_u8; 14];
    standard[0] = 0x20;
    let globals = Stream::default()
        .font(10, 0, 0x7FFF, 400, "Arial")
        .font(10, 0, 0x7FFF, 400, "Arial")
        .font(10, 0, 0x7FFF, 400, "Arial")
        .font(10, 0, 0x7FFF, 400, "Arial")
        .font(14, 0x0A, 10, 700, "宋体")
        .with(0x41E, [words(&[200]), wide("yyyy\"年\"m\"月\"")].concat())
        .with(0xE0, [words(&[0, 0, 0xFFF5]), vec![0; 14]].concat())
        .format(0, 0, standard)
        .format(5, 200, look)
        .with(0x92, [words(&[3]), vec![0; 8], vec![0x12, 0x34, 0x56, 0]].concat());
    let sheet = Stream::default().number(0, 0, 1, 1.0).number(0, 1, 2, 2.0);
    let book = read(&Book::of(sheet).globals(globals).finish()).expect("as made");
    assert_eq!(book.styles.len(), 2);
    assert_eq!((book.style("A1").font.name.as_str(), book.style("A1").font.bold), ("Arial", false));
    assert_eq!(book.sheets[0].at("A1").expect("a cell").style, 0);
    let style = book.style("B1");
    assert_eq!(style.number_format, "yyyy\"年\"m\"月\"");
    let font = &style.font;
    assert_eq!((font.name.as_str(), font.size_pt), ("宋体", 14.0));
    assert!(font.bold && font.italic && font.strikethrough && !font.underline);
    // The palette of the file says what colour number 10 is.
    assert_eq!((font.color.as_str(), style.fill.as_str()), ("123456", "ffff00"));
    assert_eq!((style.horizontal, style.vertical), (Horizontal::Center, Vertical::Top));
    assert!(style.wrap);
    let lines: Vec<&str> = style.borders.iter().map(|border| border.line.as_str()).collect();
    assert_eq!(lines, ["double", "thin", "", "thin"]);
    assert_eq!(style.borders[0].color, "123456");
}

#[test]
fn sizes_panes_and_merges() {
    let row =
        |index: u16, height: u16, flags: u16| words(&[index, 0, 1, height, 0, 0, flags, 0x0F]);
    let sheet = Stream::default()
        .with(0x225, words(&[0, 255]))
        .with(0x7D, words(&[0, 1, 10 * 256, 0, 0, 0]))
        .with(0x7D, words(&[3, 256, 10 * 256, 0, 1, 0]))
        .with(0x208, row(0, 600, 0x40))
        .with(0x208, row(1, 255, 0))
        .with(0x208, row(2, 300, 0x20))
        .number(0, 0, 0, 1.0)
        .with(0x23E, words(&[0x6BE, 0, 0]))
        .with(0x41, words(&[1, 2, 2, 1, 0]))
        .with(0xE5, words(&[3, 0, 1, 0, 1, 1, 2, 1, 1, 5, 5, 0, 3]));
    let book = read(&Book::of(sheet).finish()).expect("as made");
    let sheet = &book.sheets[0].begun;
    let columns: Vec<_> =
        sheet.columns.iter().map(|run| (run.first, run.last, run.width_px, run.hidden)).collect();
    assert_eq!(columns, [(0, 1, Some(70.0), false), (3, 255, None, true)]);
    let rows: Vec<_> =
        sheet.rows.iter().map(|run| (run.first, run.last, run.height_pt, run.hidden)).collect();
    assert_eq!(rows, [(0, 0, Some(30.0), false), (2, 2, None, true)]);
    assert_eq!((sheet.frozen_rows, sheet.frozen_columns), (2, 1));
    let range = |first_row, first_column, last_row, last_column| CellRange {
        first_row,
        first_column,
        last_row,
        last_column,
    };
    assert_eq!(sheet.merges, [range(0, 0, 1, 1), range(5, 0, 5, 3)]);
    assert_eq!(book.lost("overlap"), 1);
}

#[test]
fn links_lead_to_addresses_files_and_places() {
    let texts = |text: &str| {
        let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
        [&(units.len() as u32).to_le_bytes()[..], &words(&units)].concat()
    };
    let address = |text: &str| {
        let units: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let head: [u8; 16] = [
            0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11, 0x8C, 0x82, 0, 0xAA, 0, 0x4B, 0xA9,
            0x0B,
        ];
        [&head[..], &(units.len() as u32 * 2).to_le_bytes(), &words(&units)].concat()
    };
    let file = {
        let head = [3, 3, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
        let name = b"b.xls\0";
        [&head[..], &[1, 0], &6_u32.to_le_bytes(), name, &[0; 24], &[0; 4]].concat()
    };
    let link = |row: u16, flags: u32, rest: &[u8]| {
        let head = [words(&[row, row, 0, 1]), vec![0; 16], 2_u32.to_le_bytes().to_vec()].concat();
        [&head[..], &flags.to_le_bytes(), rest].concat()
    };
    let shown = [texts("shown"), address("https://例.example/?a=1"), texts("top")].concat();
    let sheet = Stream::default()
        .with(0x1B8, link(0, 0x1B, &shown))
        .with(0x1B8, link(1, 0x08, &texts("'T 2'!A1")))
        .with(0x1B8, link(2, 0x01, &file))
        .with(0x1B8, link(3, 0x03, &address("javascript:alert(1)")))
        .with(0x1B8, link(4, 0x03, &[1, 2, 3]));
    let book = read(&Book::of(sheet).finish()).expect("as made");
    let links: Vec<_> = book.sheets[0]
        .begun
        .links
        .iter()
        .map(|link| (link.range.first_row, link.target.as_str()))
        .collect();
    assert_eq!(links, [(0, "https://例.example/?a=1#top"), (1, "#'T 2'!A1"), (2, "..\\b.xls")]);
    assert_eq!([book.lost("run a script"), book.lost("links that cannot")], [1, 1]);
}

#[test]
fn what_the_model_has_no_place_for_is_told() {
    let object = |kind: u16| words(&[0x15, 0x12, kind, 1]);
    let sheet = Stream::default()
        .with(0x1C, words(&[0, 0, 0, 1]))
        .with(0x5D, object(0x19))
        .with(0x5D, object(0x08))
        .with(0x1BE, [1, 0, 0, 0])
        .with(0x1B0, [])
        .with(0xB0, [])
        .with(0x9D, [])
        .with(0x12, words(&[1]));
    let book = read(&Book::of(sheet).finish()).expect("as made");
    let lost: Vec<&str> = book.losses.iter().map(|loss| loss.detail.as_str()).collect();
    assert_eq!(
        lost,
        [
            "comments",
            "conditional formats",
            "drawings (pictures, charts, shapes)",
            "filters",
            "pivot tables",
            "protection",
            "data validations other than lists",
        ]
    );
}

#[test]
fn lists_to_choose_from_are_dropdowns() {
    let rule = |flags: u32, tokens: &[u8], ranges: &[u16]| {
        let texts = [wide("a"), wide(""), wide(""), wide("表")].concat();
        let formula = [&words(&[tokens.len() as u16, 0])[..], tokens].concat();
        let count = words(&[ranges.len() as u16 / 4]);
        [&flags.to_le_bytes()[..], &texts, &formula, &words(&[0, 0]), &count, &words(ranges)]
            .concat()
    };
    let area = [0x25, 0, 0, 2, 0, 3, 0, 3, 0];
    let sheet = Stream::default()
        .with(0x1BE, rule(0x83, &[0x17, 3, 0, b'x', 0, b'y'], &[0, 8, 0, 0, 2, 2, 2, 2]))
        .with(0x1BE, rule(0x03, &area, &[1, 1, 1, 1]))
        .with(0x1BE, rule(0x203, &area, &[1, 1, 1, 1]))
        .with(0x1BE, rule(0x03, &[0x18], &[1, 1, 1, 1]));
    let book = read(&Book::of(sheet).finish()).expect("as made");
    let options: Vec<String> = book.sheets[0]
        .begun
        .dropdowns
        .iter()
        .map(|dropdown| format!("{} {:?}", dropdown.ranges.len(), dropdown.options))
        .collect();
    assert_eq!(options, ["2 Values([\"x\", \"y\"])", "1 Formula(\"$D$1:$D$3\")"]);
    assert_eq!([book.lost("other than lists"), book.lost("dropdowns that")], [1, 1]);
}
