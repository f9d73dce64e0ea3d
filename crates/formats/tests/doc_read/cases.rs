//! What single features become.

use larkspur_formats::{Error, Limits};
use larkspur_model::document::Content;
use larkspur_model::loss::LossKind;

use super::build::{Build, counted, list, plc, row, sprms};
use super::{Outcome, outline, read};

/// A picture of one point.
const DOT: &[u8] = &[
    0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xDE,
];
const BOLD: (u16, &[u8]) = (0x0835, &[1]);
const SPECIAL: (u16, &[u8]) = (0x0855, &[1]);

fn opened(build: Build) -> Outcome {
    read(&build.finish(), &Limits::default()).expect("readable")
}

fn becomes(build: Build, expected: &str) -> Outcome {
    let outcome = opened(build);
    let expected: Vec<&str> = expected.trim_matches('\n').lines().collect();
    let found = outline(&outcome.document);
    let found: Vec<&str> = found.lines().collect();
    assert_eq!(found, expected, "{:#?}", outcome.losses);
    outcome
}

fn lost(outcome: &Outcome, words: &str) -> bool {
    outcome.losses.iter().any(|loss| loss.detail.contains(words))
}

#[test]
fn styles_say_what_paragraphs_are() {
    let build = Build::new()
        .style(1, "Επικεφαλίδα 1", 1, 0, &[], &sprms(&[BOLD]))
        .style(0x0FFE, "标题 2", 1, 0, &[], &[])
        .style(0x0FFE, "Mine", 1, 1, &[], &[])
        .style(0x0FFE, "Source Code,Listing", 1, 0, &[], &[])
        .style(0x0FFE, "Section", 1, 0, &sprms(&[(0x2640, &[2])]), &[])
        .style(180, "Zitat", 1, 0, &[], &[])
        .p(1, &[], "one")
        .p(2, &[], "two")
        .p(3, &[], "based on one")
        .p(5, &[], "by outline")
        .p(0, &sprms(&[(0x2640, &[4])]), "by its own outline")
        .p(1, &sprms(&[(0x2640, &[9])]), "no heading after all")
        .p(4, &[], "let a = 1;")
        .p(4, &[], "let b = 2;")
        .p(6, &[], "said")
        .p(0, &[], "plain");
    becomes(
        build,
        "h1 one\nh2 two\nh1 based on one\nh3 by outline\nh5 by its own outline\ntext no heading after all\n\
         code let a = 1;⏎let b = 2;\n>\n  text said\ntext plain",
    );
}

#[test]
fn runs_look_as_their_properties_and_styles_say() {
    let build = Build::new()
        .style(0x0FFE, "Loud", 1, 0, &[], &sprms(&[BOLD]))
        .style(0x0FFE, "Strong", 2, 0, &[], &sprms(&[BOLD]))
        .run("b", &sprms(&[BOLD]))
        .run("i", &sprms(&[(0x0836, &[1])]))
        .run("u", &sprms(&[(0x2A3E, &[1])]))
        .run("s", &sprms(&[(0x0837, &[1])]))
        .run("red", &sprms(&[(0x6870, &[255, 0, 0, 0])]))
        .run("marked", &sprms(&[(0x2A0C, &[7])]))
        .run("style", &sprms(&[(0x4A30, &[2, 0])]))
        .run("gone", &sprms(&[(0x083C, &[1])]))
        .end("\r", 0, &[])
        .run("loud", &[])
        .run("not", &sprms(&[(0x0835, &[0x81])]))
        .run("both", &sprms(&[(0x4A30, &[2, 0])]))
        .end("\r", 1, &[]);
    let outcome = becomes(
        build,
        "text {b}b {i}i {u}u {s}s {t1}red {g10}marked {b}style\ntext {b}loud notboth",
    );
    assert!(lost(&outcome, "hidden text"));
}

#[test]
fn what_a_style_hides_a_run_may_show() {
    let vanish = |value: u8| sprms(&[(0x083C, &[value])]);
    let build = Build::new()
        .style(0x0FFE, "Hidden Text", 1, 0, &[], &vanish(1))
        .style(1, "heading 1", 1, 0, &[], &vanish(1))
        .run("hidden", &[])
        .run("too", &vanish(0x80))
        .run("shown", &vanish(0x81))
        .run("off", &vanish(0))
        .end("\r", 1, &[])
        .run("Title", &vanish(0x81))
        .end("\r", 2, &[])
        .run("plain", &vanish(0x80))
        .run("opposite", &vanish(0x81))
        .end("\r", 0, &[]);
    becomes(build, "text shownoff\nh1 Title\ntext plain");
}

#[test]
fn lists_nest_and_count() {
    let at = |level: u8| sprms(&[(0x260A, &[level]), (0x460B, &[1, 0])]);
    let levels = [(0, "\u{0}.", 360), (23, "\u{b7}", 720), (2, "\u{2})", 1080)];
    let build = Build::new()
        .lists(list(&levels))
        .p(0, &at(0), "one")
        .p(0, &at(1), "dot")
        .p(0, &at(2), "roman")
        .p(0, &at(0), "two")
        .p(0, &[], "between")
        .p(0, &at(0), "three")
        .p(0, &sprms(&[(0x460B, &[0, 0])]), "none");
    becomes(build, "1. one\n  - dot\n    1. roman\n+ two\ntext between\n3. three\ntext none");
}

#[test]
fn tables_have_the_columns_of_all_rows() {
    let build = Build::new()
        .cell("a")
        .cell("b")
        .row(&[&sprms(&[(0x3404, &[1])])[..], &row(&[0, 1500, 3000], &[0, 0x60])].concat())
        .cell("wide")
        .row(&row(&[0, 3010], &[]))
        .cell("c")
        .cell("d")
        .row(&row(&[0, 1500, 3000], &[0x60, 0]))
        .cell("")
        .cell("e")
        .row(&row(&[0, 1500, 3000], &[0x20, 0]))
        .p(0, &[], "after");
    let outcome = becomes(
        build,
        "table 4x2 headed 1,0+1x2 2,0+2x1\n  cell\n    text a\n  cell\n    text b\n  cell\n    text wide\n  cell\n  \
         cell\n    text c\n  cell\n    text d\n  cell\n  cell\n    text e\ntext after",
    );
    let Content::Table(table) = &outcome.document.blocks[0].content else { panic!("no table") };
    assert_eq!(table.column_widths_px, [100, 100]);
}

#[test]
fn tables_in_cells_become_lines() {
    let inner = |marks: &[(u16, &[u8])]| {
        sprms(&[&[(0x2416, &[1][..]), (0x6649, &[2, 0, 0, 0])], marks].concat())
    };
    let build = Build::new()
        .run("x", &[])
        .end("\r", 0, &inner(&[(0x244B, &[1])]))
        .run("y", &[])
        .end("\r", 0, &inner(&[(0x244B, &[1])]))
        .end("\r", 0, &inner(&[(0x244B, &[1]), (0x244C, &[1])]))
        .cell("outer")
        .row(&row(&[0, 3000], &[]));
    let outcome = becomes(build, "table 1x1\n  cell\n    text x\ty\n    text outer");
    assert!(lost(&outcome, "a table within a table"));
}

#[test]
fn fields_become_links_or_their_results() {
    let build = Build::new()
        .style(1, "heading 1", 1, 0, &[], &[])
        .p(1, &[], "Top")
        .p(0, &[], "\u{13} HYPERLINK \"https://a.example/\" \u{14}there\u{15}, \u{13} DATE \u{14}today\u{15}")
        .p(0, &[], "\u{13} HYPERLINK \\l \"up\" \u{14}up\u{15}")
        .p(0, &[], "\u{13} EQ \\o\\ad(\\s\\up 9(とう),東)\u{15}")
        .table(21, [&[0xFF, 0xFF, 1, 0, 0, 0][..], &counted("up")].concat())
        .table(22, plc(&[1, 3], &[0; 4]));
    becomes(
        build,
        "h1 Top\ntext {@https://a.example/}there , today\ntext {@#top}up\ntext 東(とう)",
    );
}

#[test]
fn notes_follow_and_comments_are_told() {
    let mut comment = vec![0; 30];
    comment[20] = 0;
    let build = Build::new()
        .run("see", &[])
        .run("\u{2}", &sprms(&[SPECIAL]))
        .run(" and", &[])
        .run("\u{5}", &sprms(&[SPECIAL]))
        .end("\r", 0, &[])
        .story(1)
        .run("\u{2}", &sprms(&[SPECIAL]))
        .p(0, &[], " the note")
        .story(4)
        .run("\u{5}", &sprms(&[SPECIAL]))
        .p(0, &[], "why?")
        .table(2, plc(&[3, 10], &[1, 0]))
        .table(3, plc(&[0, 11, 12], &[]))
        .table(4, plc(&[8, 10], &comment))
        .table(5, plc(&[0, 6, 7], &[]))
        .table(36, counted("Ann"));
    let outcome = becomes(build, "text see[1] and\n---\n1.  the note");
    assert!(lost(&outcome, "a comment by Ann: why?"));
}

#[test]
fn pictures_and_signs_are_taken() {
    let mut build = Build::new()
        .run("\u{1}", &sprms(&[(0x6A03, &[0, 0, 0, 0]), SPECIAL]))
        .run("(", &sprms(&[(0x6A09, &[9, 0, 0xB7, 0xF0]), SPECIAL]))
        .end("\r", 0, &[]);
    let record = |head: u16, kind: u16, content: &[u8]| {
        let length = (content.len() as u32).to_le_bytes();
        [&head.to_le_bytes()[..], &kind.to_le_bytes(), &length, content].concat()
    };
    let blip = record(0x6E00, 0xF01E, &[&[0; 17][..], DOT].concat());
    let entry = record(0x0062, 0xF007, &[&[0; 36][..], &blip].concat());
    let content = [record(0x0F, 0xF004, &[]), entry].concat();
    let mut head = vec![0; 68];
    head[..4].copy_from_slice(&(68 + content.len() as u32).to_le_bytes());
    head[4] = 68;
    head[6] = 0x64;
    // 600 by 300 twentieths of a point, doubled.
    for (at, number) in [(28, 600_u16), (30, 300), (32, 2_000), (34, 2_000)] {
        head[at..at + 2].copy_from_slice(&number.to_le_bytes());
    }
    build.data = [head, content].concat();
    let outcome = becomes(build, "image 80x40 ");
    assert_eq!(outcome.assets, [DOT]);
    assert!(outcome.losses.contains(LossKind::TextReplaced));
}

#[test]
fn changes_are_accepted() {
    let build = Build::new()
        .run("kept ", &[])
        .run("new", &sprms(&[(0x0801, &[1])]))
        .run("old", &sprms(&[(0x0800, &[1])]))
        .run("\r", &sprms(&[(0x0800, &[1])]));
    let outcome = becomes(build.p(0, &[], " joined"), "text kept new joined");
    assert!(lost(&outcome, "a deletion") && lost(&outcome, "an insertion"));
}

#[test]
fn characters_of_one_byte_and_changed_pieces_are_read() {
    let build = Build::new().narrow().change(0x55, 1).p(0, &[], "caf\u{e9} \u{80}");
    becomes(build, "text {b}café €");
}

#[test]
fn what_is_no_word_file_is_told_apart() {
    let mut build = Build::new().p(0, &[], "secret");
    build.flags = 0x0100;
    assert!(matches!(read(&build.finish(), &Limits::default()), Err(Error::Encrypted)));
    for (bytes, found) in [
        (&b"{\\rtf1 hello}"[..], "a rich text document"),
        (b"<html><body>hello", "an HTML page"),
        (b"hello", "plain text"),
        (b"", "an empty file"),
    ] {
        match read(bytes, &Limits::default()) {
            Err(Error::Mismatch { expected: "doc", found: what }) => assert_eq!(what, found),
            other => panic!("{found}: {:?}", other.map(|outcome| outcome.document)),
        }
    }
    let good = Build::new().p(0, &[], "text").finish();
    let cut = read(&good[..700], &Limits::default());
    assert!(matches!(cut, Err(Error::Damaged(_))));
}
