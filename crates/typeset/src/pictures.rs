//! Pictures made fit for paper before they are laid out: checked, turned upright, no more pixels than
//! paper shows.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use typst::foundations::Bytes;
use typst::visualize::SvgImage;

use crate::world::Forget;

/// Bytes of a picture's file, at most.
const MOST_BYTES: usize = 64 << 20;
/// Pixels of a picture, at most: above them somebody plays tricks.
const MOST_PIXELS: u64 = 120_000_000;
/// Bytes a decoder may take.
const MOST_MEMORY: u64 = 512 << 20;
/// Bytes of a drawing (SVG), at most.
const MOST_DRAWING_BYTES: usize = 8 << 20;
/// Quality of pictures that had to be made smaller.
const QUALITY: u8 = 85;

/// A picture that the typesetter can show.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The file, perhaps another than what came in.
    pub bytes: Vec<u8>,
    /// Width, pixels, upright.
    pub width_px: u32,
    /// Height, pixels, upright.
    pub height_px: u32,
}

/// Checks a picture and makes it fit for paper, with at most `most_pixels`. The error says what is
/// wrong with it.
pub fn prepare(bytes: Vec<u8>, most_pixels: u64) -> Result<Picture, String> {
    if bytes.is_empty() {
        return Err("the picture is empty".to_owned());
    }
    if bytes.len() > MOST_BYTES {
        return Err("the picture's file is too large".to_owned());
    }
    let Ok(format) = image::guess_format(&bytes) else { return prepare_drawing(bytes) };
    if !matches!(
        format,
        ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP
    ) {
        return Err(format!("pictures of the kind {format:?} cannot be shown"));
    }
    let damaged = |fault: image::ImageError| format!("the picture is damaged: {fault}");
    let mut reader = ImageReader::with_format(Cursor::new(&bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 || pixels > MOST_PIXELS {
        return Err(format!("the picture has {width} by {height} pixels"));
    }
    let orientation = decoder.orientation().map_err(damaged)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    if pixels <= most_pixels {
        if format == ImageFormat::Jpeg {
            picture.apply_orientation(orientation);
        }
        return Ok(Picture { width_px: picture.width(), height_px: picture.height(), bytes });
    }
    picture.apply_orientation(orientation);
    let scale = (most_pixels.max(1) as f64 / pixels as f64).sqrt();
    let fitted = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    let small = picture.thumbnail_exact(fitted(picture.width()), fitted(picture.height()));
    encode(&small).map_err(damaged)
}

fn encode(picture: &DynamicImage) -> Result<Picture, image::ImageError> {
    let (width_px, height_px) = (picture.width(), picture.height());
    let mut bytes = Vec::new();
    if picture.color().has_alpha() {
        picture.to_rgba8().write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
    } else {
        picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))?;
    }
    Ok(Picture { bytes, width_px, height_px })
}

fn prepare_drawing(bytes: Vec<u8>) -> Result<Picture, String> {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    if !head.windows(4).any(|window| window == b"<svg") {
        return Err("the file is not a picture of a kind that can be shown".to_owned());
    }
    if bytes.len() > MOST_DRAWING_BYTES {
        return Err("the drawing's file is too large".to_owned());
    }
    let _forget = Forget;
    let drawing = SvgImage::new(Bytes::new(bytes.clone()))
        .map_err(|_| "the drawing cannot be parsed".to_owned())?;
    let size = |length: f64| length.clamp(1.0, 100_000.0).round() as u32;
    let (width_px, height_px) = (size(drawing.width()), size(drawing.height()));
    Ok(Picture { bytes, width_px, height_px })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let picture =
            image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 90]));
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).expect("encodes");
        bytes
    }

    #[test]
    fn small_pictures_stay_and_large_ones_shrink() {
        let small = png(20, 10);
        let kept = prepare(small.clone(), 1_000).expect("a picture");
        assert_eq!((kept.width_px, kept.height_px, kept.bytes == small), (20, 10, true));
        let shrunk = prepare(png(400, 200), 1_000).expect("a picture");
        assert_eq!((shrunk.width_px, shrunk.height_px), (45, 22));
    }

    #[test]
    fn broken_pictures_say_why() {
        let mut cut = png(20, 10);
        cut.truncate(60);
        assert!(prepare(cut, 1_000).is_err());
        assert!(prepare(Vec::new(), 1_000).is_err());
        assert!(prepare(b"plain text".to_vec(), 1_000).is_err());
        assert!(
            prepare(
                b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='7'/>".to_vec(),
                1_000
            )
            .is_ok()
        );
        assert!(prepare(b"<svg".to_vec(), 1_000).is_err());
    }
}
