//! Pictures of workbooks: those that float over a sheet, by the cell their corner is in, and those
//! that WPS keeps in cells, by the name that the cell's formula calls.

use std::borrow::Cow;

use larkspur_model::loss::{LossKind, Losses};

use super::read::{ids_of, part_of, sheet_parts};
use crate::document_builder::{PictureKind, measure_picture};
use crate::ooxml::{Event, Package, Part, Scanner, Whole};
use crate::{Context, Error, Input};

/// Most bytes of one picture.
const MOST_BYTES: u64 = 64 << 20;
/// Most pictures that are looked for: beyond the limit of what is kept they are counted.
const MOST_FOUND: usize = 200_000;

/// Where a picture is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PicturePlace {
    /// Over a cell: sheet, row and column, from 0.
    Cell(u32, u32, u32),
    /// In the cells whose formula calls it by this name.
    Named(String),
}

/// A picture that was found, not yet read.
#[derive(Debug, Clone)]
struct FoundPicture {
    place: PicturePlace,
    /// Its part, unless it lies elsewhere.
    part: Option<Part>,
}

/// Asks for each picture whether it is wanted, and hands over those that are.
pub(crate) trait PictureSink {
    /// Whether a picture at this place is kept.
    fn wants(&mut self, place: &PicturePlace, losses: &mut Losses) -> bool;
    /// Keeps the picture that was just wanted.
    fn put(&mut self, kind: &PictureKind, bytes: &[u8]) -> Result<(), Error>;
}

/// Reads the pictures of the workbook in `input`.
pub(crate) fn read_pictures(
    input: &mut dyn Input,
    sink: &mut dyn PictureSink,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    input.rewind()?;
    let mut package = Package::open(input, context.limits, "xlsx")?;
    let depth = context.limits.markup_depth;
    let mut found = Vec::new();
    let parts = sheet_parts(&mut package, context.limits)?;
    for (sheet, part) in (0..).zip(parts) {
        for relationship in package.relationships_of(part)? {
            if relationship.kind == "drawing"
                && !relationship.external
                && let Some(drawing) = package.find(&relationship.target)
            {
                drawing_pictures(&mut package, drawing, sheet, depth, &mut found)?;
            }
        }
    }
    if let Some(part) = package.find("xl/cellimages.xml") {
        named_pictures(&mut package, part, depth, &mut found)?;
    }
    let mut losses = Losses::new();
    let total = found.len() as u64;
    for (done, picture) in (0..).zip(found) {
        if done % 16 == 0 {
            context.progress("pictures", done, total)?;
        }
        if !sink.wants(&picture.place, &mut losses) {
            continue;
        }
        let Some(part) = picture.part else {
            let detail = "a picture that lies outside the file";
            losses.add(LossKind::ImageNotFetched, "", detail);
            continue;
        };
        let named = package.content_type(part).to_owned();
        let read = package.read_up_to(part, MOST_BYTES);
        let measured = read.map_err(|error| error.to_string()).and_then(|bytes| {
            let (kind, ..) = measure_picture(&named, &bytes)?;
            Ok((kind, bytes))
        });
        match measured {
            Ok((kind, bytes)) => sink.put(&kind, &bytes)?,
            Err(reason) => losses.add(LossKind::ImageFailed, package.name(part), reason),
        }
    }
    context.losses.extend(losses);
    Ok(())
}

/// Pictures of a drawing over a sheet. One whose corner is in no cell stands over the first.
fn drawing_pictures(
    package: &mut Package<'_>,
    drawing: Part,
    sheet: u32,
    depth: usize,
    found: &mut Vec<FoundPicture>,
) -> Result<(), Error> {
    let ids = ids_of(package, drawing)?;
    let mut whole = Whole::new(package.read_xml(drawing)?);
    let mut scanner = Scanner::new(&mut whole, depth);
    let (mut row, mut column, mut from) = (0, 0, false);
    loop {
        match scanner.next()? {
            Event::Start => match scanner.local() {
                b"twoCellAnchor" | b"oneCellAnchor" | b"absoluteAnchor" => (row, column) = (0, 0),
                b"from" => from = true,
                b"to" => from = false,
                b"row" if from => row = number_in(&mut scanner)?,
                b"col" if from => column = number_in(&mut scanner)?,
                b"blip" if found.len() < MOST_FOUND => {
                    let id = scanner
                        .prefixed_attribute(b"embed")
                        .or_else(|| scanner.prefixed_attribute(b"link"));
                    let Some(id) = id.map(Cow::into_owned) else { continue };
                    let place = PicturePlace::Cell(sheet, row, column);
                    found.push(FoundPicture { place, part: part_of(package, &ids, &id) });
                }
                _ => {}
            },
            Event::Eof => return Ok(()),
            Event::End | Event::Text => {}
        }
    }
}

fn number_in(scanner: &mut Scanner<'_>) -> Result<u32, Error> {
    let mut text = String::new();
    scanner.collect_text(&mut text, 20)?;
    Ok(text.trim().parse().unwrap_or(0))
}

/// Pictures that cells call by their names.
fn named_pictures(
    package: &mut Package<'_>,
    part: Part,
    depth: usize,
    found: &mut Vec<FoundPicture>,
) -> Result<(), Error> {
    let ids = ids_of(package, part)?;
    let mut whole = Whole::new(package.read_xml(part)?);
    let mut scanner = Scanner::new(&mut whole, depth);
    let mut name = String::new();
    loop {
        match scanner.next()? {
            Event::Start => match scanner.local() {
                b"cNvPr" => {
                    name = scanner.attribute(b"name").unwrap_or_default().into_owned();
                }
                b"blip" if found.len() < MOST_FOUND => {
                    let id = scanner.prefixed_attribute(b"embed").map(Cow::into_owned);
                    let part = id.and_then(|id| part_of(package, &ids, &id));
                    let place = PicturePlace::Named(std::mem::take(&mut name));
                    found.push(FoundPicture { place, part });
                }
                _ => {}
            },
            Event::Eof => return Ok(()),
            Event::End | Event::Text => {}
        }
    }
}
