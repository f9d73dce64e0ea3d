//! Pictures: those inside the source as `data:` addresses are kept, all others stay links, because
//! nothing here reaches the network or the file system.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use larkspur_model::document::{Align, Asset, AssetId, Block, Content, Image};
use larkspur_model::loss::LossKind;

use super::DocumentBuilder;

/// Base64 as people write it: padded or not, stray bits in the last digit.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Sides of a picture nobody has looked at, pixels: those of an empty picture block.
const UNKNOWN_SIDE: u32 = 100;

impl DocumentBuilder<'_, '_> {
    /// A picture at the address `url`, shown at `width` and `height` pixels where the source says so.
    pub(crate) fn image(
        &mut self,
        url: &str,
        alternative: &str,
        width: Option<u32>,
        height: Option<u32>,
    ) {
        if self.skipping > 0 {
            return;
        }
        let scheme = url.get(..5).unwrap_or_default();
        let inside = scheme.eq_ignore_ascii_case("data:");
        if self.context.options.pictures_as_addresses && (inside || is_safe_link(url)) {
            self.addressed_image(url, alternative, width, height);
            return;
        }
        if !inside {
            self.linked_image(url, alternative);
            return;
        }
        if self.assets.len() >= self.context.limits.images {
            let most = self.context.limits.images;
            self.context.lose(LossKind::ImagesCut, "", format!("pictures after the first {most}"));
            self.text(alternative);
            return;
        }
        let stored = decode_data_address(url)
            .and_then(|(media_type, bytes)| measure(&media_type, bytes))
            .and_then(|picture| self.store(&picture));
        match stored {
            Ok((asset, natural_width, natural_height)) => {
                let (width_px, height_px) =
                    shown_size(natural_width, natural_height, width, height);
                let align = match self.top().align {
                    Align::Left => Align::Center,
                    other => other,
                };
                let caption = alternative.trim().to_owned();
                let image = Image { asset, width_px, height_px, align, caption };
                self.interrupt(Block::new(Content::Image(image)));
            }
            Err(reason) => {
                self.context.lose(LossKind::ImageFailed, "", reason);
                self.text(alternative);
            }
        }
    }

    fn store(&mut self, picture: &Picture) -> Result<(AssetId, u32, u32), String> {
        let id = AssetId(self.assets.len() as u32);
        let size_bytes = self
            .sink
            .put(id, &mut picture.bytes.as_slice())
            .map_err(|error| format!("a picture could not be stored: {error}"))?;
        self.assets.push(Asset {
            name: format!("image{}.{}", id.0 + 1, picture.extension),
            media_type: picture.media_type.to_owned(),
            size_bytes,
            ..Asset::default()
        });
        Ok((id, picture.width, picture.height))
    }

    /// A picture block that knows where its picture lies, for who fetches it elsewhere.
    fn addressed_image(
        &mut self,
        url: &str,
        alternative: &str,
        width: Option<u32>,
        height: Option<u32>,
    ) {
        let asset = AssetId(self.assets.len() as u32);
        // A failed write shows when the document is stored.
        let _ = self.sink.put(asset, &mut std::io::empty());
        self.assets.push(Asset { address: url.to_owned(), ..Asset::default() });
        let (width_px, height_px) = shown_size(UNKNOWN_SIDE, UNKNOWN_SIDE, width, height);
        let caption = alternative.trim().to_owned();
        let image = Image { asset, width_px, height_px, align: Align::Center, caption };
        self.interrupt(Block::new(Content::Image(image)));
    }

    /// The picture's words as a link to it, unless it stands in a link already.
    fn linked_image(&mut self, url: &str, alternative: &str) {
        let shown = if alternative.trim().is_empty() { url } else { alternative.trim() };
        let mut style = self.style.clone();
        if style.link.is_none() && is_safe_link(url) {
            style.link = Some(url.to_owned());
        }
        self.styled_text(shown, &style);
        let mut place = url.to_owned();
        if let Some((cut, _)) = place.char_indices().nth(200) {
            place.truncate(cut);
        }
        self.context.lose(LossKind::ImageNotFetched, place, "the picture is a link now");
    }
}

/// Whether a link to `url` does nothing but lead somewhere.
pub(crate) fn is_safe_link(url: &str) -> bool {
    let scheme: String = url
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .take_while(|c| *c != ':')
        .take(12)
        .flat_map(char::to_lowercase)
        .collect();
    !url.is_empty() && !matches!(scheme.as_str(), "javascript" | "vbscript" | "data" | "file")
}

/// Media type and bytes of a `data:` address (RFC 2397).
fn decode_data_address(url: &str) -> Result<(String, Vec<u8>), String> {
    let broken = || "a picture's data: address is broken".to_owned();
    let (head, body) = url.get(5..).and_then(|rest| rest.split_once(',')).ok_or_else(broken)?;
    let media_type = head.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let body = percent_decoded(body);
    let is_base64 = head.rsplit(';').next().is_some_and(|last| last.trim() == "base64");
    if !is_base64 {
        return Ok((media_type, body));
    }
    let digits: Vec<u8> = body
        .into_iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .collect();
    LENIENT.decode(digits).map(|bytes| (media_type, bytes)).map_err(|_| broken())
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    if !bytes.contains(&b'%') {
        return bytes.to_vec();
    }
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let (b'%', Some(value)) = (byte, hex) {
            decoded.push(value);
            at += 3;
        } else {
            decoded.push(*byte);
            at += 1;
        }
    }
    decoded
}

struct Picture {
    bytes: Vec<u8>,
    media_type: &'static str,
    extension: &'static str,
    width: u32,
    height: u32,
}

/// A kind of picture that browsers or the platform show.
pub(crate) struct PictureKind {
    pub(crate) media_type: &'static str,
    /// File name ending.
    pub(crate) extension: &'static str,
}

fn measure(named: &str, bytes: Vec<u8>) -> Result<Picture, String> {
    let (PictureKind { media_type, extension }, width, height) = measure_picture(named, &bytes)?;
    Ok(Picture { bytes, media_type, extension, width, height })
}

/// Kind, width and height of a picture by its first bytes; `named` is the media type it claims.
pub(crate) fn measure_picture(named: &str, head: &[u8]) -> Result<(PictureKind, u32, u32), String> {
    use imagesize::ImageType;
    let (media_type, extension) = match imagesize::image_type(head) {
        Ok(ImageType::Png) => ("image/png", "png"),
        Ok(ImageType::Jpeg) => ("image/jpeg", "jpg"),
        Ok(ImageType::Gif) => ("image/gif", "gif"),
        Ok(ImageType::Webp) => ("image/webp", "webp"),
        Ok(ImageType::Bmp) => ("image/bmp", "bmp"),
        Ok(ImageType::Tiff) => ("image/tiff", "tiff"),
        Ok(ImageType::Ico) => ("image/x-icon", "ico"),
        Ok(ImageType::Heif(_)) => ("image/heif", "heif"),
        _ if named == "image/svg+xml" => ("image/svg+xml", "svg"),
        _ => return Err(format!("a picture of an unknown kind ({named})")),
    };
    let (width, height) = if extension == "svg" {
        svg_size(&String::from_utf8_lossy(head))
    } else {
        let size = imagesize::blob_size(head)
            .map_err(|error| format!("a damaged picture ({media_type}): {error}"))?;
        (size.width as u32, size.height as u32)
    };
    Ok((PictureKind { media_type, extension }, width, height))
}

/// Size of a drawing from its first element: width and height, else the view box, else the size
/// browsers give to a drawing that names none.
fn svg_size(source: &str) -> (u32, u32) {
    let start = source.find("<svg").unwrap_or(0);
    let element = source.get(start..).unwrap_or_default();
    let element = element.split('>').next().unwrap_or_default();
    let attribute = |name: &str| {
        let at = element.find(&format!(" {name}="))? + name.len() + 2;
        let mut quoted = element.get(at..)?.chars();
        let quote = quoted.next()?;
        quoted.as_str().split(quote).next()
    };
    let length = |text: &str| {
        let number = text.trim().trim_end_matches("px");
        number.parse::<f64>().ok().filter(|number| (1.0..100_000.0).contains(number))
    };
    let named = (attribute("width").and_then(length), attribute("height").and_then(length));
    if let (Some(width), Some(height)) = named {
        return (width as u32, height as u32);
    }
    let view: Vec<f64> = attribute("viewBox")
        .map(|view| view.split([' ', ',']).filter_map(|part| part.parse().ok()).collect())
        .unwrap_or_default();
    match view.as_slice() {
        [_, _, width, height] if *width >= 1.0 && *height >= 1.0 => {
            (width.min(100_000.0) as u32, height.min(100_000.0) as u32)
        }
        _ => (300, 150),
    }
}

/// The size a picture is shown at; one side given keeps the shape.
pub(crate) fn shown_size(
    natural_width: u32,
    natural_height: u32,
    width: Option<u32>,
    height: Option<u32>,
) -> (u32, u32) {
    let (natural_width, natural_height) = (natural_width.max(1), natural_height.max(1));
    let scale = |given: u32, own: u32, other: u32| {
        (u64::from(given) * u64::from(other) / u64::from(own)).clamp(1, 100_000) as u32
    };
    match (width.filter(|side| *side > 0), height.filter(|side| *side > 0)) {
        (Some(width), Some(height)) => (width, height),
        (Some(width), None) => (width, scale(width, natural_width, natural_height)),
        (None, Some(height)) => (scale(height, natural_height, natural_width), height),
        (None, None) => (natural_width, natural_height),
    }
}
