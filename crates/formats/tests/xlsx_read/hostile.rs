//! Damage of any kind at any place: the reader ends, in time, and never by a panic.

use proptest::prelude::*;

use crate::build::{Parts, sheet};
use crate::collect::read;

/// Every kind of part and cell in little room.
fn parts() -> Parts {
    let rows = "<row r=\"1\" ht=\"20\" customHeight=\"1\"><c r=\"A1\" s=\"1\" t=\"s\"><v>0</v></c><c r=\"B1\"><f t=\"shared\" si=\"0\" ref=\"B1:B2\">A1+$C$3</f><v>1.5</v></c></row>\
        <row r=\"2\"><c r=\"B2\"><f t=\"shared\" si=\"0\"/><v>2</v></c><c r=\"A2\" t=\"inlineStr\"><is><r><t>a&amp;b_x000D_</t></r></is></c><c r=\"D2\" t=\"d\" s=\"1\"><v>2021-01-01T00:00:00</v></c></row>";
    let xml = sheet(rows).replace(
        "</sheetData>",
        "</sheetData><mergeCells><mergeCell ref=\"A1:B2\"/><mergeCell ref=\"C3:D4\"/></mergeCells><hyperlinks><hyperlink ref=\"A1\" location=\"S!A1\"/></hyperlinks>",
    );
    Parts::book(
        &xml,
        "<si><t>表</t></si><si><r><rPr/><t>x</t></r></si>",
        "<numFmts><numFmt numFmtId=\"200\" formatCode=\"yyyy&quot;x&quot;[h]\\-@\"/></numFmts><fonts><font><sz val=\"1\"/><color theme=\"3\" tint=\"-0.5\"/></font></fonts><cellXfs><xf/><xf numFmtId=\"200\"/></cellXfs>",
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_of_the_archive(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut zip = parts().zip();
        for (place, byte) in flips {
            let at = place.index(zip.len());
            zip[at] = byte;
        }
        let _ = read(&zip);
    }

    #[test]
    fn flipped_bytes_of_a_part(
        part in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut all = parts().into_parts();
        let at = part.index(all.len());
        for (place, byte) in flips {
            let bytes = &mut all[at].1;
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        let zip = all.into_iter().fold(Parts::none(), |parts, (name, bytes)| parts.with(&name, bytes)).zip();
        let _ = read(&zip);
    }

    #[test]
    fn pieces_of_a_part_in_any_order(
        part in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..6),
    ) {
        let mut all = parts().into_parts();
        let at = part.index(all.len());
        let bytes = all[at].1.clone();
        let mixed = cuts.iter().flat_map(|(from, to)| {
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            bytes[from.min(to)..from.max(to)].to_vec()
        });
        all[at].1 = mixed.collect();
        let zip = all.into_iter().fold(Parts::none(), |parts, (name, bytes)| parts.with(&name, bytes)).zip();
        let _ = read(&zip);
    }
}

#[test]
fn a_row_that_was_handed_on_does_not_come_again() {
    let rows = "<row r=\"5\"><c r=\"A5\"><v>1</v></c></row><row><c r=\"A2\"><v>2</v></c></row>";
    for sheet in [rows.to_owned(), format!("{rows}</sheetData><sheetData>{rows}")] {
        let xml = format!("<worksheet><sheetData>{sheet}</sheetData></worksheet>");
        // What collects the rows holds them to their order.
        read(&parts().with("xl/worksheets/sheet1.xml", xml.as_bytes()).zip()).expect("it reads");
    }
}

#[test]
fn every_cut_of_a_file_is_refused() {
    let zip = parts().zip();
    read(&zip).expect("as made");
    for length in 0..zip.len() - 1 {
        assert!(read(&zip[..length]).is_err(), "{length} of {} bytes", zip.len());
    }
}

#[test]
fn entries_that_share_their_bytes_are_refused() {
    let mut zip = parts().zip();
    // Point the second directory entry at the first one's data.
    let entries: Vec<usize> = zip
        .windows(4)
        .enumerate()
        .filter(|(_, bytes)| bytes == b"PK\x01\x02")
        .map(|(at, _)| at)
        .collect();
    let first: [u8; 4] = zip[entries[0] + 42..entries[0] + 46].try_into().expect("as made");
    zip[entries[1] + 42..entries[1] + 46].copy_from_slice(&first);
    assert!(matches!(read(&zip), Err(larkspur_formats::Error::Damaged(_))));
}
