//! Pictures: those that float over sheets, and those in cells, as WPS and Excel keep them. Their bytes go
//! out before the first row, so that cells can name them.

use std::collections::HashMap;

use larkspur_model::document::AssetId;
use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::{
    Anchor, Corner, Follows, Picture, PictureAsset, Rich, RichPart, asset_token,
};

use super::workbook::Book;
use crate::document_builder::measure_picture;
use crate::metafile::Metafile;
use crate::ooxml::{Event, Package, Part, Relationship, Scanner, Whole};
use crate::{Context, Error};

/// Most bytes of one picture.
const MOST_BYTES: u64 = 64 << 20;
/// Characters of a picture's name and of its description.
const MOST_CHARACTERS: usize = 1_000;

/// The pictures of a book.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    /// Those that float, by sheet.
    floating: Vec<Vec<Picture>>,
    /// Those that cells call by name, packed as cells keep them.
    named: HashMap<String, String>,
    /// Those that cells have as their value, by its number from 1.
    pub(super) values: HashMap<u32, String>,
    /// Sheets over which there is something else.
    others: Vec<bool>,
}

/// A picture that was found.
struct Found {
    sheet: usize,
    anchor: Anchor,
    name: String,
    description: String,
    part: Option<Part>,
}

impl Pictures {
    /// Reads the pictures of `book`, if somebody takes them.
    pub(super) fn read(
        package: &mut Package<'_>,
        book: &Book,
        context: &mut Context<'_>,
    ) -> Result<Self, Error> {
        let mut pictures = Self { others: vec![false; book.sheets.len()], ..Self::default() };
        if context.assets.is_none() {
            return Ok(pictures);
        }
        let depth = context.limits.markup_depth;
        let mut found = Vec::new();
        for (sheet, source) in book.sheets.iter().enumerate() {
            for relationship in package.relationships_of(source.part)? {
                if relationship.kind == "drawing"
                    && !relationship.external
                    && let Some(part) = package.find(&relationship.target)
                {
                    let drawing = Drawing::read(package, part, sheet, depth)?;
                    pictures.others[sheet] |= drawing.has_others;
                    drawing.report(&book.sheets[sheet].name, &mut context.losses);
                    found.extend(drawing.found);
                }
            }
        }
        let named = match package.find("xl/cellimages.xml") {
            Some(part) => named_pictures(package, part, depth)?,
            None => Vec::new(),
        };
        let values = super::values::picture_values(package, depth)?;
        let total = (found.len() + named.len() + values.len()) as u64;
        let mut keeper = Keeper { known: HashMap::new(), done: 0, total };
        for (name, part) in named {
            if let Some(packed) = keeper.in_cell(package, Some(part), context)? {
                pictures.named.insert(name, packed);
            }
        }
        for (value, part) in values {
            if let Some(packed) = keeper.in_cell(package, Some(part), context)? {
                pictures.values.insert(value, packed);
            }
        }
        pictures.floating = vec![Vec::new(); book.sheets.len()];
        for Found { sheet, anchor, name, description, part } in found {
            if let Some((asset, ..)) = keeper.keep(package, part, context)? {
                pictures.floating[sheet].push(Picture { asset, anchor, name, description });
            }
        }
        Ok(pictures)
    }

    /// Takes what floats over a sheet.
    pub(super) fn take_floating(&mut self, sheet: usize) -> Vec<Picture> {
        self.floating.get_mut(sheet).map(std::mem::take).unwrap_or_default()
    }

    /// Whether something floats over a sheet that is no picture, or nobody takes pictures.
    pub(super) fn leaves_something(&self, sheet: usize) -> bool {
        self.floating.is_empty() || self.others.get(sheet).copied().unwrap_or(false)
    }

    /// Whether cells may call pictures.
    pub(super) fn has_named(&self) -> bool {
        !self.named.is_empty()
    }

    /// The picture that a formula calls, packed.
    pub(super) fn called(&self, formula: &str) -> Option<&str> {
        let (_, rest) = formula.split_once("DISPIMG(\"")?;
        self.named.get(rest.split_once('"')?.0).map(String::as_str)
    }
}

/// Hands pictures over, each once.
struct Keeper {
    /// What became of each part: its number, width and height.
    known: HashMap<Part, Option<(u32, u32, u32)>>,
    done: u64,
    total: u64,
}

impl Keeper {
    fn keep(
        &mut self,
        package: &mut Package<'_>,
        part: Option<Part>,
        context: &mut Context<'_>,
    ) -> Result<Option<(u32, u32, u32)>, Error> {
        if self.done.is_multiple_of(16) {
            context.progress("pictures", self.done, self.total)?;
        }
        self.done += 1;
        let Some(part) = part else {
            context.lose(LossKind::ImageNotFetched, "", "a picture that lies outside the file");
            return Ok(None);
        };
        if let Some(known) = self.known.get(&part) {
            return Ok(*known);
        }
        let kept = Self::store(package, part, context)?;
        self.known.insert(part, kept);
        Ok(kept)
    }

    fn store(
        package: &mut Package<'_>,
        part: Part,
        context: &mut Context<'_>,
    ) -> Result<Option<(u32, u32, u32)>, Error> {
        let most = context.limits.images;
        let number = context.pictures.len();
        if number >= most {
            context.lose(LossKind::ImagesCut, "", format!("pictures after the first {most}"));
            return Ok(None);
        }
        let named = package.content_type(part).to_owned();
        let read = package.read_up_to(part, MOST_BYTES).map_err(|error| error.to_string());
        let measured = read.and_then(|bytes| Ok((kind_of(&named, &bytes)?, bytes)));
        let ((media_type, extension, width, height), bytes) = match measured {
            Ok(measured) => measured,
            Err(reason) => {
                let name = package.name(part).to_owned();
                context.lose(LossKind::ImageFailed, name, reason);
                return Ok(None);
            }
        };
        let Some(assets) = context.assets.as_deref_mut() else { return Ok(None) };
        let id = u32::try_from(number).unwrap_or(u32::MAX);
        assets.put(AssetId(id), &mut bytes.as_slice())?;
        context.pictures.push(PictureAsset {
            token: String::new(),
            media_type: media_type.to_owned(),
            extension: extension.to_owned(),
            size_bytes: bytes.len() as u64,
        });
        Ok(Some((id, width, height)))
    }

    /// The packed form of a picture that fills a cell.
    fn in_cell(
        &mut self,
        package: &mut Package<'_>,
        part: Option<Part>,
        context: &mut Context<'_>,
    ) -> Result<Option<String>, Error> {
        let kept = self.keep(package, part, context)?;
        Ok(kept.map(|(asset, width_px, height_px)| {
            Rich::pack(&[RichPart::Image { token: asset_token(asset), width_px, height_px }])
        }))
    }
}

/// Media type, file name ending, width and height of a picture. Metafiles have no size in pixels.
fn kind_of(named: &str, bytes: &[u8]) -> Result<(&'static str, &'static str, u32, u32), String> {
    if let Some(metafile) = Metafile::of(bytes) {
        return Ok((metafile.media_type, metafile.extension, 0, 0));
    }
    let (kind, width, height) = measure_picture(named, bytes)?;
    Ok((kind.media_type, kind.extension, width, height))
}

/// Relationships of a part by id.
pub(in crate::xlsx) fn ids_of(
    package: &mut Package<'_>,
    part: Part,
) -> Result<HashMap<String, Relationship>, Error> {
    let all = package.relationships_of(part)?;
    Ok(all.into_iter().map(|relationship| (relationship.id.clone(), relationship)).collect())
}

/// The part that an id names, unless it lies elsewhere.
pub(in crate::xlsx) fn part_of(
    package: &Package<'_>,
    ids: &HashMap<String, Relationship>,
    id: &str,
) -> Option<Part> {
    let relationship = ids.get(id).filter(|relationship| !relationship.external)?;
    package.find(&relationship.target)
}

/// What a drawing over a sheet holds.
#[derive(Default)]
struct Drawing {
    found: Vec<Found>,
    /// Whether there is anything but pictures.
    has_others: bool,
    grouped: u64,
    changed: u64,
}

/// The anchor at hand.
#[derive(Default)]
struct Held {
    kind: Vec<u8>,
    follows: Follows,
    corners: [Corner; 2],
    at: (i64, i64),
    size: (i64, i64),
    /// Which corner the numbers are of.
    corner: usize,
    name: String,
    description: String,
    /// Relationship of the picture.
    id: Option<String>,
    is_picture: bool,
    is_grouped: bool,
    is_changed: bool,
}

impl Held {
    fn anchor(&self) -> Anchor {
        let [from, to] = self.corners;
        match self.kind.as_slice() {
            b"oneCellAnchor" => Anchor::Cell { from, size: self.size },
            b"absoluteAnchor" => Anchor::Sheet { at: self.at, size: self.size },
            _ => Anchor::Cells { from, to, follows: self.follows },
        }
    }
}

impl Drawing {
    fn read(
        package: &mut Package<'_>,
        part: Part,
        sheet: usize,
        depth: usize,
    ) -> Result<Self, Error> {
        let ids = ids_of(package, part)?;
        let mut whole = Whole::new(package.read_xml(part)?);
        let mut scanner = Scanner::new(&mut whole, depth);
        let mut drawing = Self::default();
        let mut held: Option<(usize, Held)> = None;
        loop {
            match scanner.next()? {
                Event::Start => {
                    let name = scanner.local().to_vec();
                    if name.ends_with(b"Anchor") && held.is_none() {
                        let follows = match scanner.attribute(b"editAs").as_deref() {
                            Some("oneCell") => Follows::Moving,
                            Some("absolute") => Follows::Never,
                            _ => Follows::Wholly,
                        };
                        held = Some((
                            scanner.depth(),
                            Held { kind: name, follows, ..Held::default() },
                        ));
                    } else if let Some((top, held)) = &mut held {
                        let direct = scanner.depth() == *top + 1;
                        drawing.element(&mut scanner, &name, direct, held)?;
                    }
                }
                Event::End if held.as_ref().is_some_and(|(top, _)| scanner.depth() < *top) => {
                    if let Some((_, held)) = held.take() {
                        drawing.end(held, sheet, &|id| part_of(package, &ids, id));
                    }
                }
                Event::Eof => return Ok(drawing),
                Event::End | Event::Text => {}
            }
        }
    }

    fn element(
        &mut self,
        scanner: &mut Scanner<'_>,
        name: &[u8],
        direct: bool,
        held: &mut Held,
    ) -> Result<(), Error> {
        let pair = |scanner: &Scanner<'_>, first: &[u8], second: &[u8]| {
            let number = |name| -> i64 {
                let text = scanner.attribute(name).unwrap_or_default();
                text.trim().parse().unwrap_or(0_i64).clamp(0, i64::from(i32::MAX))
            };
            (number(first), number(second))
        };
        match name {
            b"from" if direct => held.corner = 0,
            b"to" if direct => held.corner = 1,
            b"col" => held.corners[held.corner].column = number_in(scanner, 16_383)? as u32,
            b"row" => held.corners[held.corner].row = number_in(scanner, 1_048_575)? as u32,
            b"colOff" => {
                held.corners[held.corner].offset.0 = number_in(scanner, i64::from(i32::MAX))?;
            }
            b"rowOff" => {
                held.corners[held.corner].offset.1 = number_in(scanner, i64::from(i32::MAX))?;
            }
            b"pos" if direct => held.at = pair(scanner, b"x", b"y"),
            b"ext" if direct => held.size = pair(scanner, b"cx", b"cy"),
            b"grpSp" => held.is_grouped = true,
            b"sp" | b"graphicFrame" | b"cxnSp" | b"contentPart" => self.has_others = true,
            b"pic" => held.is_picture = true,
            b"cNvPr" if held.is_picture && held.id.is_none() => {
                let text = |name| -> String {
                    let text = scanner.attribute(name).unwrap_or_default();
                    text.chars().take(MOST_CHARACTERS).collect()
                };
                (held.name, held.description) = (text(b"name"), text(b"descr"));
            }
            b"blip" if held.is_picture && held.id.is_none() => {
                let id = scanner
                    .prefixed_attribute(b"embed")
                    .or_else(|| scanner.prefixed_attribute(b"link"));
                held.id = Some(id.unwrap_or_default().into_owned());
            }
            b"srcRect" => {
                held.is_changed |= [&b"l"[..], b"t", b"r", b"b"]
                    .into_iter()
                    .any(|side| scanner.attribute(side).is_some_and(|cut| cut.trim() != "0"));
            }
            b"xfrm" => {
                held.is_changed |= [&b"rot"[..], b"flipH", b"flipV"].into_iter().any(|turn| {
                    scanner
                        .attribute(turn)
                        .is_some_and(|turn| !matches!(turn.trim(), "0" | "false"))
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, held: Held, sheet: usize, part: &dyn Fn(&str) -> Option<Part>) {
        let Some(id) = &held.id else { return };
        if held.is_grouped {
            self.grouped += 1;
            return;
        }
        self.changed += u64::from(held.is_changed);
        let (anchor, part) = (held.anchor(), part(id));
        let Held { name, description, .. } = held;
        self.found.push(Found { sheet, anchor, name, description, part });
    }

    fn report(&self, sheet: &str, losses: &mut Losses) {
        let place = format!("sheet \"{sheet}\"");
        for (kind, what, count) in [
            (LossKind::ImageFailed, "pictures in groups of shapes", self.grouped),
            (LossKind::FormattingDropped, "crops and turns of pictures", self.changed),
        ] {
            if count > 0 {
                losses.add_many(kind, place.as_str(), what, count);
            }
        }
    }
}

fn number_in(scanner: &mut Scanner<'_>, most: i64) -> Result<i64, Error> {
    let mut text = String::new();
    scanner.collect_text(&mut text, 20)?;
    Ok(text.trim().parse().unwrap_or(0_i64).clamp(0, most))
}

/// Pictures that cells call by their names.
fn named_pictures(
    package: &mut Package<'_>,
    part: Part,
    depth: usize,
) -> Result<Vec<(String, Part)>, Error> {
    let ids = ids_of(package, part)?;
    let mut whole = Whole::new(package.read_xml(part)?);
    let mut scanner = Scanner::new(&mut whole, depth);
    let (mut name, mut found) = (String::new(), Vec::new());
    loop {
        match scanner.next()? {
            Event::Start => match scanner.local() {
                b"cNvPr" => name = scanner.attribute(b"name").unwrap_or_default().into_owned(),
                b"blip" => {
                    let id = scanner.prefixed_attribute(b"embed").unwrap_or_default();
                    if let Some(part) = part_of(package, &ids, &id) {
                        found.push((std::mem::take(&mut name), part));
                    }
                }
                _ => {}
            },
            Event::Eof => return Ok(found),
            Event::End | Event::Text => {}
        }
    }
}
