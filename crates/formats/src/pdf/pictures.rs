//! The pictures of a document, fetched and made fit before anything is laid out.

use std::io::Read;

use larkspur_model::document::{Content, Document, Image};
use larkspur_model::loss::LossKind;

use super::print::{TEXT_HEIGHT_PT, TEXT_WIDTH_PT};
use crate::{AssetSource, Context, Error};

/// Bytes of one picture, at most.
const MOST_BYTES: u64 = 64 << 20;
/// Pixels all pictures of a print have together, at most; they are held decoded.
const PIXELS_IN_ALL: u64 = 96_000_000;
/// Pixels for an inch of paper.
const DENSITY: f64 = 220.0;
/// Fewest pixels a picture is brought down to.
const FEWEST_PIXELS: u64 = 40_000;

/// A picture that can be shown.
#[derive(Debug)]
pub(super) struct Shown {
    /// Its number among the print's pictures.
    pub(super) number: usize,
    pub(super) bytes: Vec<u8>,
    pub(super) width_px: u32,
    pub(super) height_px: u32,
}

/// The size a picture takes on paper, points: what the document says at 96 pixels an inch, within
/// `width` and the page.
pub(super) fn size_on_paper(image: &Image, own: (u32, u32), width: f64) -> (f64, f64) {
    let pick = |said: u32, own: u32| if said == 0 { own.max(1) } else { said };
    let mut wide = f64::from(pick(image.width_px, own.0)) * 0.75;
    let mut high = f64::from(pick(image.height_px, own.1)) * 0.75;
    // A shape other than the picture's own would stretch it.
    if own.0 > 0 && own.1 > 0 {
        high = wide * f64::from(own.1) / f64::from(own.0);
    }
    let most_high = TEXT_HEIGHT_PT * 0.9;
    let scale = (width / wide).min(most_high / high).min(1.0);
    wide = (wide * scale).max(1.0);
    high = (high * scale).max(1.0);
    (wide, high)
}

/// Fetches the pictures that blocks show: by asset, either fit to be shown or what is wrong.
pub(super) fn load(
    document: &Document,
    assets: &mut dyn AssetSource,
    context: &mut Context<'_>,
) -> Result<Vec<Option<Result<Shown, String>>>, Error> {
    let mut images: Vec<&Image> = Vec::new();
    document.walk(&mut |block, _| {
        if let Content::Image(image) = &block.content {
            images.push(image);
        }
    });
    let mut shown: Vec<Option<Result<Shown, String>>> = Vec::new();
    let share = PIXELS_IN_ALL / (images.len() as u64).max(1);
    let mut number = 0;
    for (index, image) in images.iter().enumerate() {
        context.progress("pictures", index as u64, images.len() as u64)?;
        let slot = image.asset.0 as usize;
        if slot >= document.assets.len().max(1 << 16) {
            continue;
        }
        if shown.len() <= slot {
            shown.resize_with(slot + 1, || None);
        }
        if shown.get(slot).is_some_and(Option::is_some) {
            continue;
        }
        let (wide, high) = size_on_paper(image, (0, 0), TEXT_WIDTH_PT);
        let needed = (wide * high * (DENSITY / 72.0).powi(2)) as u64;
        let most = needed.max(250_000).min(share.max(FEWEST_PIXELS));
        let picture = fetch(assets, image).and_then(|bytes| larkspur_typeset::prepare(bytes, most));
        let picture = picture.map(|picture| Shown {
            number,
            bytes: picture.bytes,
            width_px: picture.width_px,
            height_px: picture.height_px,
        });
        match &picture {
            Ok(_) => number += 1,
            Err(fault) => {
                context.lose(LossKind::ImageFailed, name_of(document, image), fault.clone());
            }
        }
        if let Some(place) = shown.get_mut(slot) {
            *place = Some(picture);
        }
    }
    Ok(shown)
}

/// A picture's name for people.
pub(super) fn name_of(document: &Document, image: &Image) -> String {
    document
        .assets
        .get(image.asset.0 as usize)
        .map(|asset| asset.name.clone())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| format!("picture {}", image.asset.0 + 1))
}

fn fetch(assets: &mut dyn AssetSource, image: &Image) -> Result<Vec<u8>, String> {
    let input = assets.open(image.asset).map_err(|_| "the picture is not there".to_owned())?;
    let mut bytes = Vec::new();
    input
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| "the picture cannot be read".to_owned())?;
    Ok(bytes)
}
