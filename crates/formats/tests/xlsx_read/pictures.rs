//! Pictures over sheets and in cells, in every way that programs keep them.

use std::io::Cursor;

use larkspur_formats::{Context, Limits, Options, Unwatched, by_extension};
use larkspur_model::workbook::{Anchor, Corner, Follows, PictureAsset, Rich, RichPart};

use crate::build::{Parts, related, sheet};
use crate::kept::{Kept, KeptBook};

/// The head of a picture of 2 by 3 pixels.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03\x08\x06\0\0\0\x1f\x15\xc4\x89";

struct Read {
    book: KeptBook,
    assets: Vec<Vec<u8>>,
    known: Vec<PictureAsset>,
}

fn read(parts: &Parts, limits: &Limits) -> Read {
    let format = by_extension("xlsx").and_then(|format| format.read_workbook).expect("is read");
    let (options, mut monitor) = (Options::default(), Unwatched);
    let mut assets: Vec<Vec<u8>> = Vec::new();
    let mut context = Context::new(limits, &options, &mut monitor);
    context.assets = Some(&mut assets);
    let mut book = KeptBook::default();
    format(&mut Cursor::new(parts.zip()), &mut book, &mut context).expect("as made");
    book.losses = context.losses;
    let known = context.pictures;
    Read { book, assets, known }
}

fn pic(id: &str, more: &str) -> String {
    format!(
        "<xdr:pic><xdr:nvPicPr><xdr:cNvPr id=\"2\" name=\"n\" descr=\"d\"/></xdr:nvPicPr><xdr:blipFill>\
         <a:blip r:embed=\"{id}\"/>{more}</xdr:blipFill></xdr:pic>"
    )
}

fn corner(name: &str, column: u32, row: u32) -> String {
    format!(
        "<xdr:{name}><xdr:col>{column}</xdr:col><xdr:colOff>7</xdr:colOff><xdr:row>{row}</xdr:row><xdr:rowOff>9</xdr:rowOff></xdr:{name}>"
    )
}

fn drawn(anchors: &str) -> Parts {
    Parts::rows("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>")
        .with(
            "xl/worksheets/_rels/sheet1.xml.rels",
            related(&[("d", "drawing", "../drawings/drawing1.xml", "")]),
        )
        .with(
            "xl/drawings/drawing1.xml",
            format!("<xdr:wsDr xmlns:xdr=\"x\" xmlns:a=\"a\" xmlns:r=\"r\">{anchors}</xdr:wsDr>"),
        )
        .with(
            "xl/drawings/_rels/drawing1.xml.rels",
            related(&[
                ("p", "image", "../media/image1.png", ""),
                ("q", "image", "../media/image2.emf", ""),
                ("x", "image", "../media/image3.bin", ""),
                ("o", "image", "https://x.org/a.png", "External"),
            ]),
        )
        .with("xl/media/image1.png", PNG)
        .with("xl/media/image2.emf", [&[1, 0, 0, 0][..], &[0; 36], b" EMF"].concat())
        .with("xl/media/image3.bin", &b"nothing"[..])
}

#[test]
fn pictures_float_where_their_anchors_say() {
    let anchors = [
        format!(
            "<xdr:twoCellAnchor editAs=\"oneCell\">{}{}{}</xdr:twoCellAnchor>",
            corner("from", 1, 2),
            corner("to", 3, 4),
            pic("p", "<a:srcRect l=\"10\"/>")
        ),
        format!(
            "<xdr:oneCellAnchor>{}<xdr:ext cx=\"5\" cy=\"6\"/>{}</xdr:oneCellAnchor>",
            corner("from", 1, 2),
            pic("q", "")
        ),
        format!(
            "<xdr:absoluteAnchor><xdr:pos x=\"1\" y=\"2\"/><xdr:ext cx=\"3\" cy=\"4\"/>{}</xdr:absoluteAnchor>",
            pic("p", "")
        ),
        format!("<xdr:oneCellAnchor>{}{}</xdr:oneCellAnchor>", corner("from", 0, 0), pic("x", "")),
        format!("<xdr:oneCellAnchor>{}{}</xdr:oneCellAnchor>", corner("from", 0, 0), pic("o", "")),
        format!(
            "<xdr:oneCellAnchor>{}<xdr:grpSp>{}</xdr:grpSp></xdr:oneCellAnchor>",
            corner("from", 0, 0),
            pic("p", "")
        ),
    ];
    let read = read(&drawn(&anchors.concat()), &Limits::default());
    let pictures = &read.book.sheets[0].begun.pictures;
    let from = Corner { row: 2, column: 1, offset: (7, 9) };
    let to = Corner { row: 4, column: 3, offset: (7, 9) };
    let found: Vec<(u32, Anchor)> =
        pictures.iter().map(|picture| (picture.asset, picture.anchor.clone())).collect();
    assert_eq!(
        found,
        [
            (0, Anchor::Cells { from, to, follows: Follows::Moving }),
            (1, Anchor::Cell { from, size: (5, 6) }),
            (0, Anchor::Sheet { at: (1, 2), size: (3, 4) }),
        ]
    );
    assert_eq!((pictures[0].name.as_str(), pictures[0].description.as_str()), ("n", "d"));
    assert_eq!(read.assets.len(), 2);
    let kinds: Vec<&str> = read.known.iter().map(|asset| asset.extension.as_str()).collect();
    assert_eq!(kinds, ["png", "emf"]);
    for (what, count) in [
        ("unknown kind", 1),
        ("outside the file", 1),
        ("groups of shapes", 1),
        ("crops and turns", 1),
        ("drawings", 0),
    ] {
        assert_eq!(read.book.lost(what), count, "{what}");
    }
}

#[test]
fn what_is_no_picture_is_told_and_pictures_have_a_limit() {
    let anchors = format!(
        "<xdr:oneCellAnchor>{0}<xdr:sp/></xdr:oneCellAnchor><xdr:oneCellAnchor>{0}{1}</xdr:oneCellAnchor>\
         <xdr:oneCellAnchor>{0}{2}</xdr:oneCellAnchor>",
        corner("from", 0, 0),
        pic("p", ""),
        pic("q", "")
    );
    let limits = Limits { images: 1, ..Limits::default() };
    let read = read(&drawn(&anchors), &limits);
    assert_eq!(read.book.sheets[0].ended.pictures.len(), 1);
    assert_eq!((read.book.lost("drawings"), read.book.lost("pictures after the first 1")), (1, 1));
}

fn picture_at<'b>(book: &'b KeptBook, place: &str) -> Option<&'b RichPart> {
    book.sheets[0].at(place)?.parts.first()
}

fn shown(asset: u32) -> RichPart {
    let token = larkspur_model::workbook::asset_token(asset);
    RichPart::Image { token, width_px: 2, height_px: 3 }
}

#[test]
fn pictures_in_cells_of_both_kinds() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"str\"><f>_xlfn.DISPIMG(\"ID_1\",1)</f><v>=DISPIMG(\"ID_1\",1)</v></c>\
        <c r=\"B1\" t=\"e\" vm=\"2\"><v>#VALUE!</v></c><c r=\"C1\" t=\"e\" vm=\"1\"><v>#VALUE!</v></c>\
        <c r=\"D1\"><f>DISPIMG(\"ID_9\",1)</f><v>1</v></c></row>";
    let parts = Parts::book(&sheet(rows), "", "")
        .with("xl/cellimages.xml", format!("<etc:cellImages xmlns:etc=\"e\" xmlns:xdr=\"x\" xmlns:a=\"a\" xmlns:r=\"r\"><etc:cellImage>{}</etc:cellImage></etc:cellImages>", pic("p", "").replace("name=\"n\"", "name=\"ID_1\"")))
        .with("xl/_rels/cellimages.xml.rels", related(&[("p", "image", "media/image1.png", "")]))
        .with("xl/media/image1.png", PNG)
        .with("xl/media/image2.png", PNG)
        .with("xl/metadata.xml", "<metadata><metadataTypes count=\"2\"><metadataType name=\"XLDAPR\"/><metadataType name=\"XLRICHVALUE\"/></metadataTypes>\
            <futureMetadata name=\"XLDAPR\" count=\"1\"><bk/></futureMetadata><futureMetadata name=\"XLRICHVALUE\" count=\"2\">\
            <bk><extLst><ext><xlrd:rvb i=\"0\"/></ext></extLst></bk><bk><extLst><ext><xlrd:rvb i=\"1\"/></ext></extLst></bk></futureMetadata>\
            <cellMetadata count=\"1\"><bk><rc t=\"1\" v=\"0\"/></bk></cellMetadata>\
            <valueMetadata count=\"2\"><bk><rc t=\"2\" v=\"0\"/></bk><bk><rc t=\"2\" v=\"1\"/></bk></valueMetadata></metadata>")
        .with("xl/richData/rdrichvaluestructure.xml", "<rvStructures><s t=\"_error\"><k n=\"errorType\" t=\"i\"/></s>\
            <s t=\"_localImage\"><k n=\"CalcOrigin\" t=\"i\"/><k n=\"_rvRel:LocalImageIdentifier\" t=\"i\"/></s></rvStructures>")
        .with("xl/richData/rdrichvalue.xml", "<rvData><rv s=\"0\"><v>8</v></rv><rv s=\"1\"><v>5</v><v>0</v></rv></rvData>")
        .with("xl/richData/richValueRel.xml", "<richValueRels xmlns:r=\"r\"><rel r:id=\"i\"/></richValueRels>")
        .with("xl/richData/_rels/richValueRel.xml.rels", related(&[("i", "image", "../media/image2.png", "")]));
    let read = read(&parts, &Limits::default());
    assert_eq!(picture_at(&read.book, "A1"), Some(&shown(0)));
    assert_eq!(picture_at(&read.book, "B1"), Some(&shown(1)));
    assert_eq!(read.book.sheets[0].at("A1").expect("a cell").formula, None);
    assert_eq!(picture_at(&read.book, "C1"), None);
    assert_eq!(read.book.sheets[0].value("D1"), Kept::Number(1.0));
    assert_eq!((read.assets.len(), read.book.lost("linked data types")), (2, 1));
    let packed = Rich::pack(&[shown(1)]);
    assert!(Rich::from_packed(&packed).text().is_empty());
}
