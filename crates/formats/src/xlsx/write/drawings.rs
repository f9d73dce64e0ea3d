//! Pictures over a sheet: the drawing that says where, and the parts of their bytes. Pictures in cells
//! become ones that float over their cells, as large as these let them be.

use std::fmt::Write as _;

use larkspur_model::workbook::{
    Anchor, Corner, EMU_PER_PIXEL, Follows, Picture, PictureAsset, Sheet,
};

use super::parts::{DECLARATION, DOCUMENT_RELATIONSHIPS, RELATIONSHIPS_NAMESPACE};
use super::xml::escape;
use super::{COLUMNS, ROWS};

const DRAWING_NAMESPACE: &str =
    "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing";
const MAIN_DRAWING_NAMESPACE: &str = "http://schemas.openxmlformats.org/drawingml/2006/main";
/// Pixels of a column and of a row, where nothing is said.
const COLUMN_PX: f64 = 64.0;
const ROW_PX: f64 = 20.0;
/// Pixels of a point at 96 to the inch.
const PX_PER_POINT: f64 = 96.0 / 72.0;
/// Kinds of pictures Excel shows, by file name ending.
const KINDS: [&str; 8] = ["png", "jpg", "gif", "bmp", "emf", "wmf", "tiff", "svg"];

/// Name of the part of a picture; nothing for a kind Excel does not show.
pub(super) fn media(number: u32, asset: &PictureAsset) -> Option<String> {
    KINDS
        .contains(&asset.extension.as_str())
        .then(|| format!("media/image{}.{}", number + 1, asset.extension))
}

/// Content types of the pictures' parts, and of a drawing of each of so many sheets.
pub(super) fn content_types(assets: &[PictureAsset], drawings: &[usize]) -> String {
    let mut xml = String::new();
    for kind in KINDS {
        if let Some(asset) = assets.iter().find(|asset| asset.extension == kind) {
            let media_type = &asset.media_type;
            let _ = write!(xml, "<Default Extension=\"{kind}\" ContentType=\"");
            escape(media_type, &mut xml);
            xml.push_str("\"/>");
        }
    }
    for number in drawings {
        let _ = write!(
            xml,
            "<Override PartName=\"/xl/drawings/drawing{number}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.drawing+xml\"/>"
        );
    }
    xml
}

/// A picture in a cell as one that floats over it.
pub(super) fn over_cell(
    sheet: &Sheet,
    (row, column): (u32, u32),
    asset: u32,
    (width_px, height_px): (u32, u32),
) -> Picture {
    let room = (column_px(sheet, column), row_px(sheet, row));
    let own = (f64::from(width_px.max(1)), f64::from(height_px.max(1)));
    // Metafiles say no size: they take all there is.
    let scale = (room.0 / own.0).min(room.1 / own.1).min(1.0);
    let (width, height) = if width_px == 0 { room } else { (own.0 * scale, own.1 * scale) };
    let emu = |pixels: f64| (pixels.max(1.0) * EMU_PER_PIXEL as f64) as i64;
    Picture {
        asset,
        anchor: Anchor::Cell {
            from: Corner { row, column, offset: (0, 0) },
            size: (emu(width), emu(height)),
        },
        name: String::new(),
        description: String::new(),
    }
}

fn column_px(sheet: &Sheet, column: u32) -> f64 {
    let run = sheet.columns.iter().find(|run| (run.first..=run.last).contains(&column));
    run.and_then(|run| run.width_px).unwrap_or(COLUMN_PX)
}

fn row_px(sheet: &Sheet, row: u32) -> f64 {
    let run = sheet.rows.iter().find(|run| (run.first..=run.last).contains(&row));
    run.and_then(|run| run.height_pt).map_or(ROW_PX, |height| height * PX_PER_POINT)
}

/// A drawing and its relationships.
pub(super) fn part(pictures: &[Picture], assets: &[PictureAsset]) -> (String, String) {
    let mut xml = format!(
        "{DECLARATION}<xdr:wsDr xmlns:xdr=\"{DRAWING_NAMESPACE}\" xmlns:a=\"{MAIN_DRAWING_NAMESPACE}\">"
    );
    let mut related = format!("{DECLARATION}<Relationships xmlns=\"{RELATIONSHIPS_NAMESPACE}\">");
    let mut numbers = std::collections::BTreeSet::new();
    for (id, picture) in (1..).zip(pictures) {
        let asset = assets.get(picture.asset as usize);
        let Some(name) = asset.and_then(|asset| media(picture.asset, asset)) else { continue };
        if numbers.insert(picture.asset) {
            let _ = write!(
                related,
                "<Relationship Id=\"rId{}\" Type=\"{DOCUMENT_RELATIONSHIPS}/image\" Target=\"../{name}\"/>",
                picture.asset + 1
            );
        }
        write_picture(id, picture, &mut xml);
    }
    xml.push_str("</xdr:wsDr>");
    related.push_str("</Relationships>");
    (xml, related)
}

fn write_picture(id: u32, picture: &Picture, xml: &mut String) {
    let (element, follows) = match &picture.anchor {
        Anchor::Cells { follows, .. } => ("twoCellAnchor", Some(*follows)),
        Anchor::Cell { .. } => ("oneCellAnchor", None),
        Anchor::Sheet { .. } => ("absoluteAnchor", None),
    };
    let _ = write!(xml, "<xdr:{element}");
    match follows {
        Some(Follows::Moving) => xml.push_str(" editAs=\"oneCell\""),
        Some(Follows::Never) => xml.push_str(" editAs=\"absolute\""),
        Some(Follows::Wholly) | None => {}
    }
    xml.push('>');
    match &picture.anchor {
        Anchor::Cells { from, to, .. } => {
            write_corner("from", *from, xml);
            write_corner("to", *to, xml);
        }
        Anchor::Cell { from, size } => {
            write_corner("from", *from, xml);
            let _ = write!(xml, "<xdr:ext cx=\"{}\" cy=\"{}\"/>", size.0, size.1);
        }
        Anchor::Sheet { at, size } => {
            let _ = write!(xml, "<xdr:pos x=\"{}\" y=\"{}\"/>", at.0, at.1);
            let _ = write!(xml, "<xdr:ext cx=\"{}\" cy=\"{}\"/>", size.0, size.1);
        }
    }
    let _ = write!(xml, "<xdr:pic><xdr:nvPicPr><xdr:cNvPr id=\"{}\" name=\"", id + 1);
    match picture.name.as_str() {
        "" => {
            let _ = write!(xml, "Picture {id}");
        }
        name => escape(name, xml),
    }
    xml.push('"');
    if !picture.description.is_empty() {
        xml.push_str(" descr=\"");
        escape(&picture.description, xml);
        xml.push('"');
    }
    xml.push_str("/><xdr:cNvPicPr><a:picLocks noChangeAspect=\"1\"/></xdr:cNvPicPr></xdr:nvPicPr>");
    let _ = write!(
        xml,
        "<xdr:blipFill><a:blip xmlns:r=\"{DOCUMENT_RELATIONSHIPS}\" r:embed=\"rId{}\"/>",
        picture.asset + 1
    );
    xml.push_str("<a:stretch><a:fillRect/></a:stretch></xdr:blipFill><xdr:spPr>");
    let (cx, cy) = match &picture.anchor {
        Anchor::Cell { size, .. } | Anchor::Sheet { size, .. } => *size,
        Anchor::Cells { .. } => (0, 0),
    };
    let _ =
        write!(xml, "<a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{cx}\" cy=\"{cy}\"/></a:xfrm>");
    xml.push_str(
        "<a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic><xdr:clientData/>",
    );
    let _ = write!(xml, "</xdr:{element}>");
}

fn write_corner(element: &str, corner: Corner, xml: &mut String) {
    let (column, row) = (corner.column.min(COLUMNS - 1), corner.row.min(ROWS - 1));
    let (x, y) = corner.offset;
    let _ = write!(
        xml,
        "<xdr:{element}><xdr:col>{column}</xdr:col><xdr:colOff>{x}</xdr:colOff><xdr:row>{row}</xdr:row><xdr:rowOff>{y}</xdr:rowOff></xdr:{element}>"
    );
}
