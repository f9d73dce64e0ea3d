//! Files that want to do harm, and good ones with bytes changed.

use larkspur_formats::{Error, Limits};

use super::build::Build;
use super::read;

#[test]
fn depth_costs_no_stack() {
    let limits = Limits::default();
    let deep = |open: &str, close: &str, times: usize| {
        format!("{}<w:p><w:r><w:t>x</w:t></w:r></w:p>{}", open.repeat(times), close.repeat(times))
    };
    for (open, close) in [
        ("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>"),
        ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"),
        ("<w:p><w:r><w:pict><w:txbxContent>", "</w:txbxContent></w:pict></w:r></w:p>"),
        ("<w:p><w:ins>", "</w:ins></w:p>"),
    ] {
        read(&Build::new(&deep(open, close, 100)).finish(), &limits).expect("readable");
        let outcome = read(&Build::new(&deep(open, close, 50_000)).finish(), &limits);
        assert!(matches!(outcome, Err(Error::TooLarge(_))), "{open}");
    }
    let math = format!(
        "<w:p><m:oMath>{}{}</m:oMath></w:p>",
        "<m:rad><m:e>".repeat(900),
        "</m:e></m:rad>".repeat(900)
    );
    read(&Build::new(&math).finish(), &limits).expect("readable");
}

#[test]
fn document_types_are_refused_and_circles_end() {
    let body = Build::new("<w:p/>").part("s", "styles", "styles.xml", b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"/>");
    assert!(matches!(read(&body.finish(), &Limits::default()), Err(Error::Damaged(_))));
    let body = Build::new("<w:p><w:pPr><w:pStyle w:val=\"a\"/></w:pPr><w:r><w:t>x</w:t></w:r></w:p>").styles(
        "<w:style w:styleId=\"a\"><w:basedOn w:val=\"b\"/></w:style><w:style w:styleId=\"b\"><w:basedOn w:val=\"a\"/></w:style>",
    );
    let outcome = read(&body.finish(), &Limits::default()).expect("readable");
    assert_eq!(outcome.document.block_count(), 1);
}

#[test]
fn limits_hold() {
    let limits = Limits { blocks: 50, paragraph_units: 10, ..Limits::default() };
    let body = "<w:p><w:r><w:t>0123456789abc</w:t></w:r></w:p>".repeat(60);
    let outcome = read(&Build::new(&body).finish(), &limits).expect("readable");
    assert_eq!(outcome.document.block_count(), 50);
    assert!(outcome.document.to_plain().lines().skip(1).all(|line| line.len() == 10));
}

#[test]
fn changed_bytes_neither_panic_nor_hang() {
    let body = "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr><w:r><w:t>a</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl><w:p><m:oMath><m:r><m:t>x</m:t></m:r></m:oMath></w:p>";
    let good = Build::new(body)
        .numbering("<w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num>")
        .finish();
    // A xorshift: any spread of places will do, the same each time.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % most as u64) as usize
    };
    let mut read_well = 0;
    for _ in 0..3_000 {
        let mut bytes = good.clone();
        for _ in 0..=next(4) {
            let at = next(bytes.len());
            bytes[at] ^= 1 << next(8);
        }
        if next(4) == 0 {
            bytes.truncate(next(bytes.len()));
        }
        read_well += usize::from(read(&bytes, &Limits::default()).is_ok());
    }
    // The markup itself, where checksums do not catch the change.
    for _ in 0..3_000 {
        let mut bytes = body.as_bytes().to_vec();
        let (at, length) = (next(bytes.len()), next(20));
        let end = (at + length).min(bytes.len());
        bytes.drain(at..end);
        let changed = String::from_utf8_lossy(&bytes).into_owned();
        read_well += usize::from(read(&Build::new(&changed).finish(), &Limits::default()).is_ok());
    }
    assert!(read_well > 0, "not one changed file could be read");
}
