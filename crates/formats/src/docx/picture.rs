//! Pictures inside the text: their kind by their first bytes, their size on the page, the drawing.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Read as _;

use larkspur_model::document::{Align, Asset, AssetId, Image};

use super::markup::escaped;
use super::parts::Relationships;
use crate::AssetSource;
use crate::metafile::{self, Metafile};

/// English metric units of a pixel at 96 to the inch.
const EMU_PER_PIXEL: u64 = 9_525;
/// English metric units of a twentieth of a point.
const EMU_PER_TWIP: u64 = 635;
/// Height of the text on a page, twentieths of a point, less a line for the caption.
const PAGE_TEXT_HEIGHT: u64 = 13_400;

/// The pictures the text refers to, each once.
#[derive(Default)]
pub(super) struct Pictures {
    known: HashMap<AssetId, Result<String, String>>,
    /// Name in the package of each that has to be copied, in order.
    pub(super) used: Vec<(AssetId, String)>,
    drawings: u32,
}

impl Pictures {
    /// The relationship of an asset; or why it cannot be shown.
    fn relationship(
        &mut self,
        id: AssetId,
        assets: &mut dyn AssetSource,
        relationships: &mut Relationships,
    ) -> Result<String, String> {
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        let made = start_of(id, assets).and_then(|start| kind_of(&start)).map(|extension| {
            let name = format!("media/image{}.{extension}", self.used.len() + 1);
            let relationship = relationships.picture(&name);
            self.used.push((id, format!("word/{name}")));
            relationship
        });
        self.known.insert(id, made.clone());
        made
    }

    /// Appends the run that shows `image`, no wider than `width` twentieths of a point.
    pub(super) fn draw(
        &mut self,
        image: &Image,
        asset: Option<&Asset>,
        width: u32,
        into: &mut String,
        assets: &mut dyn AssetSource,
        relationships: &mut Relationships,
    ) -> Result<(), String> {
        let relationship = self.relationship(image.asset, assets, relationships)?;
        let (across, down) = fitted(image, u64::from(width) * EMU_PER_TWIP);
        self.drawings += 1;
        let number = self.drawings;
        let name = asset.map_or("", |asset| asset.name.as_str());
        let described = if image.caption.is_empty() { name } else { &image.caption };
        // Line breaks in an attribute are blanks to a reader unless they are named.
        let named = escaped(described).replace('\n', "&#10;").replace('\t', "&#9;");
        let (name, described) = (escaped(name), named);
        write!(
            into,
            "<w:r><w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\">\
             <wp:extent cx=\"{across}\" cy=\"{down}\"/><wp:docPr id=\"{number}\" name=\"Picture {number}\" descr=\"{described}\"/>\
             <wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect=\"1\"/></wp:cNvGraphicFramePr>\
             <a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
             <pic:pic><pic:nvPicPr><pic:cNvPr id=\"{number}\" name=\"{name}\"/><pic:cNvPicPr/></pic:nvPicPr>\
             <pic:blipFill><a:blip r:embed=\"{relationship}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{across}\" cy=\"{down}\"/></a:xfrm>\
             <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>\
             </wp:inline></w:drawing></w:r>"
        )
        .expect("a string takes any text");
        Ok(())
    }
}

/// Width and height in English metric units, shrunk to the place there is.
fn fitted(image: &Image, most_across: u64) -> (u64, u64) {
    let mut across = u64::from(image.width_px.max(1)) * EMU_PER_PIXEL;
    let mut down = u64::from(image.height_px.max(1)) * EMU_PER_PIXEL;
    let most_across = most_across.max(EMU_PER_PIXEL);
    if across > most_across {
        down = (down * most_across / across).max(EMU_PER_PIXEL);
        across = most_across;
    }
    let most_down = PAGE_TEXT_HEIGHT * EMU_PER_TWIP;
    if down > most_down {
        across = (across * most_down / down).max(EMU_PER_PIXEL);
        down = most_down;
    }
    (across, down)
}

/// The first bytes of a picture.
fn start_of(id: AssetId, assets: &mut dyn AssetSource) -> Result<Vec<u8>, String> {
    let mut start = Vec::new();
    let most = metafile::HEAD_BYTES as u64;
    match assets.open(id).and_then(|reader| reader.take(most).read_to_end(&mut start)) {
        Ok(_) => Ok(start),
        Err(error) => Err(format!("a picture cannot be read: {error}")),
    }
}

/// A drawing that Word shows and the online document keeps as a file, as a picture.
pub(super) fn drawing(asset: AssetId, assets: &mut dyn AssetSource) -> Option<Image> {
    let (width_px, height_px) = Metafile::of(&start_of(asset, assets).ok()?)?.size_px;
    let (align, caption) = (Align::Left, String::new());
    Some(Image { asset, width_px, height_px, align, caption })
}

/// File ending of a kind of picture that Word shows, by the first bytes.
fn kind_of(start: &[u8]) -> Result<&'static str, String> {
    if let Some(metafile) = Metafile::of(start) {
        return Ok(metafile.extension);
    }
    match start {
        [0x89, b'P', b'N', b'G', ..] => Ok("png"),
        [0xFF, 0xD8, 0xFF, ..] => Ok("jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Ok("gif"),
        [b'B', b'M', ..] => Ok("bmp"),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Ok("tiff"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
            Err("Word does not show WebP pictures".to_owned())
        }
        _ => Err("a picture of a kind Word does not show".to_owned()),
    }
}
