//! Pictures: noted while the text is read, then stored one after the other.

use std::collections::HashMap;
use std::hash::Hash;
use std::io::Read;

use larkspur_model::document::{Align, Asset, AssetId, Block, Content, Document, Image};
use larkspur_model::loss::LossKind;

use crate::document_builder::{PictureKind, measure_picture, shown_size};
use crate::metafile::Metafile;
use crate::{AssetSink, Context, Error};

/// Numbers from here on stand for pictures that are not stored yet.
const PENDING: u32 = 1 << 31;
/// Bytes of a picture that are looked at for its kind and size.
const HEAD_BYTES: u64 = 1 << 20;

/// A picture as its file has it.
pub(crate) struct Opened<'p> {
    /// File name, for people.
    pub(crate) name: String,
    /// Media type it claims; may be empty.
    pub(crate) named: String,
    pub(crate) bytes: Box<dyn Read + 'p>,
}

/// Where the pictures lie.
pub(crate) trait Pictures<K> {
    /// Opens the picture at `place`, or says why not.
    fn open(&mut self, place: K) -> Result<Opened<'_>, String>;
}

/// Pictures the text shows, by the place they lie at, in the order of their first mention.
pub(crate) struct Media<K> {
    places: Vec<K>,
    known: HashMap<K, u32>,
    shown: usize,
}

impl<K> Default for Media<K> {
    fn default() -> Self {
        Self { places: Vec::new(), known: HashMap::new(), shown: 0 }
    }
}

/// What became of a picture.
enum Stored {
    Picture { asset: AssetId, width: u32, height: u32 },
    File(AssetId),
    Nothing,
}

impl<K: Copy + Eq + Hash> Media<K> {
    /// A number that stands for the picture at `place`; none once there are `most` pictures.
    pub(crate) fn mention(&mut self, place: K, most: usize) -> Option<AssetId> {
        if self.shown >= most {
            return None;
        }
        self.shown += 1;
        let places = &mut self.places;
        let number = *self.known.entry(place).or_insert_with(|| {
            places.push(place);
            places.len() as u32 - 1
        });
        Some(AssetId(PENDING + number))
    }

    /// Whether there are `most` pictures.
    pub(crate) fn is_full(&self, most: usize) -> bool {
        self.shown >= most
    }

    /// Stores the pictures that are left in the document and lets its blocks refer to them.
    pub(crate) fn store(
        &self,
        document: &mut Document,
        pictures: &mut dyn Pictures<K>,
        sink: &mut dyn AssetSink,
        context: &mut Context<'_>,
    ) -> Result<(), Error> {
        if self.places.is_empty() {
            return Ok(());
        }
        let mut needed = vec![false; self.places.len()];
        document.walk(&mut |block, _| {
            if let Some(index) = pending(&block.content)
                && let Some(needed) = needed.get_mut(index)
            {
                *needed = true;
            }
        });
        let mut stored = Vec::with_capacity(self.places.len());
        for (index, place) in self.places.iter().enumerate() {
            if !needed.get(index).copied().unwrap_or_default() {
                stored.push(Stored::Nothing);
                continue;
            }
            context.progress("storing pictures", index as u64, self.places.len() as u64)?;
            let mut name = String::new();
            let done = pictures.open(*place).and_then(|opened| {
                name.clone_from(&opened.name);
                store_one(&mut document.assets, opened, sink)
            });
            match done {
                Ok(found) => {
                    if matches!(found, Stored::File(_)) {
                        let what = "a drawing no browser shows is an attached file now";
                        context.lose(LossKind::ImageFailed, name, what);
                    }
                    stored.push(found);
                }
                Err(reason) => {
                    context.lose(LossKind::ImageFailed, name, reason);
                    stored.push(Stored::Nothing);
                }
            }
        }
        settle(&mut document.blocks, &stored);
        Ok(())
    }
}

/// Index of the picture that is not stored yet.
fn pending(content: &Content) -> Option<usize> {
    let asset = match content {
        Content::Image(image) => image.asset,
        Content::File { asset } => *asset,
        _ => return None,
    };
    asset.0.checked_sub(PENDING).map(|index| index as usize)
}

fn store_one(
    assets: &mut Vec<Asset>,
    opened: Opened<'_>,
    sink: &mut dyn AssetSink,
) -> Result<Stored, String> {
    let Opened { name, named, bytes: mut reader } = opened;
    let file = name.rsplit('/').next().unwrap_or_default().to_owned();
    let mut head = Vec::new();
    reader
        .by_ref()
        .take(HEAD_BYTES)
        .read_to_end(&mut head)
        .map_err(|error| format!("a picture cannot be read: {error}"))?;
    let vector = vector_kind(&head);
    let (kind, width, height) = match vector {
        Some(media_type) => (PictureKind { media_type, extension: "" }, 0, 0),
        None => measure_picture(&named, &head)?,
    };
    let id = AssetId(assets.len() as u32);
    let size_bytes = sink
        .put(id, &mut head.as_slice().chain(reader))
        .map_err(|error| format!("a picture could not be stored: {error}"))?;
    let stem = file.rsplit_once('.').map_or(file.as_str(), |(stem, _)| stem);
    let name = if vector.is_some() { file.clone() } else { format!("{stem}.{}", kind.extension) };
    let media_type = kind.media_type.to_owned();
    assets.push(Asset { name, media_type, size_bytes, ..Asset::default() });
    Ok(match vector {
        Some(_) => Stored::File(id),
        None => Stored::Picture { asset: id, width, height },
    })
}

/// Media type of a Windows metafile.
fn vector_kind(head: &[u8]) -> Option<&'static str> {
    // Packed metafiles are gzip streams.
    let packed = || head.starts_with(&[0x1F, 0x8B]).then_some("application/gzip");
    Metafile::of(head).map(|found| found.media_type).or_else(packed)
}

/// Puts the numbers of stored pictures in place; blocks whose picture failed leave their words.
fn settle(blocks: &mut Vec<Block>, stored: &[Stored]) {
    let mut rows = vec![blocks];
    while let Some(row) = rows.pop() {
        row.retain_mut(|block| {
            let Some(index) = pending(&block.content) else { return true };
            let caption = match &block.content {
                Content::Image(image) => image.caption.clone(),
                _ => String::new(),
            };
            match (stored.get(index), &mut block.content) {
                (Some(Stored::Picture { asset, width, height }), Content::Image(image)) => {
                    image.asset = *asset;
                    let given = |side: u32| (side > 0).then_some(side);
                    (image.width_px, image.height_px) =
                        shown_size(*width, *height, given(image.width_px), given(image.height_px));
                    true
                }
                (Some(Stored::Picture { asset, .. } | Stored::File(asset)), content) => {
                    *content = Content::File { asset: *asset };
                    true
                }
                _ if caption.is_empty() => false,
                (_, content) => {
                    *content = Block::paragraph(caption).content;
                    true
                }
            }
        });
        rows.extend(row.iter_mut().map(|block| &mut block.children));
    }
}

/// A picture block for a number that [`Media::mention`] gave.
pub(crate) fn picture(asset: AssetId, size: (u32, u32), caption: String) -> Content {
    let (width_px, height_px) = size;
    Content::Image(Image { asset, width_px, height_px, align: Align::Left, caption })
}

/// Whether a picture's description says something to a reader: not its file name, nor what programs
/// put there by themselves.
pub(crate) fn is_meaningful(words: &str) -> bool {
    let words = words.trim();
    let lower = words.to_lowercase();
    let is_file = words.rsplit_once('.').is_some_and(|(_, end)| {
        matches!(
            end.to_lowercase().as_str(),
            "png"
                | "jpg"
                | "jpeg"
                | "gif"
                | "bmp"
                | "tif"
                | "tiff"
                | "emf"
                | "wmf"
                | "svg"
                | "webp"
        )
    });
    let numbered = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_whitespace());
    let counted = matches!(
        numbered,
        "" | "picture"
            | "image"
            | "graphic"
            | "grafik"
            | "bild"
            | "图片"
            | "圖片"
            | "図"
            | "imagen"
            | "immagine"
            | "рисунок"
            | "obraz"
            | "object"
            | "img"
            | "logo"
            | "shape"
            | "text box"
            | "group"
    );
    let made = [
        "description automatically",
        "ai-generated",
        "automatisch generiert",
        "自動的に生成",
        "自动生成",
        "描述已自动生成",
    ]
    .iter()
    .any(|mark| lower.contains(mark));
    !(is_file || counted || made || lower.starts_with("http") || words.contains('\\'))
}
