//! Values that are more than they show ([MS-XLSX] 2.6.5): of these, pictures in cells. A cell names an entry
//! of the metadata, that a rich value, that by its structure a picture, that a part.

use std::collections::HashMap;

use super::pictures::{ids_of, part_of};
use crate::Error;
use crate::ooxml::{Event, Package, Part, Scanner, Whole};

/// Entries of each list that are looked at.
const MOST: usize = 1_000_000;

/// The parts of the pictures that are values, by the number cells name them by, from 1.
pub(super) fn picture_values(
    package: &mut Package<'_>,
    depth: usize,
) -> Result<Vec<(u32, Part)>, Error> {
    let parts = ["metadata.xml", "richData/rdrichvaluestructure.xml", "richData/rdrichvalue.xml"]
        .map(|name| package.find(&format!("xl/{name}")));
    let [Some(metadata), Some(structures), Some(values)] = parts else { return Ok(Vec::new()) };
    let Some(related) = package.find("xl/richData/richValueRel.xml") else { return Ok(Vec::new()) };
    // Of each structure the place of what names the picture, for those of pictures.
    let mut places: Vec<Option<usize>> = Vec::new();
    let mut keys = 0;
    each(package, structures, depth, &mut |scanner| {
        match scanner.local() {
            b"s" if places.len() < MOST => {
                places.push(None);
                keys = 0;
            }
            b"k" => {
                let is_picture = scanner
                    .attribute(b"n")
                    .is_some_and(|name| name == "_rvRel:LocalImageIdentifier");
                if let (true, Some(last)) = (is_picture, places.last_mut()) {
                    *last = Some(keys);
                }
                keys += 1;
            }
            _ => {}
        }
        Ok(())
    })?;
    let mut relationships: Vec<String> = Vec::new();
    each(package, related, depth, &mut |scanner| {
        if scanner.local() == b"rel" && relationships.len() < MOST {
            relationships.push(scanner.prefixed_attribute(b"id").unwrap_or_default().into_owned());
        }
        Ok(())
    })?;
    let pictures = pictures_of(package, values, depth, &places)?;
    let entries = entries(package, metadata, depth)?;
    let ids = ids_of(package, related)?;
    let mut found = Vec::new();
    for (value, entry) in (1..).zip(entries) {
        let part = entry
            .and_then(|entry| pictures.get(&entry))
            .and_then(|picture| relationships.get(*picture))
            .and_then(|id| part_of(package, &ids, id));
        found.extend(part.map(|part| (value, part)));
    }
    Ok(found)
}

fn each(
    package: &mut Package<'_>,
    part: Part,
    depth: usize,
    visit: &mut dyn FnMut(&mut Scanner<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut whole = Whole::new(package.read_xml(part)?);
    let mut scanner = Scanner::new(&mut whole, depth);
    loop {
        match scanner.next()? {
            Event::Start => visit(&mut scanner)?,
            Event::Eof => return Ok(()),
            Event::End | Event::Text => {}
        }
    }
}

/// Which picture each rich value is, for those that are one.
fn pictures_of(
    package: &mut Package<'_>,
    values: Part,
    depth: usize,
    places: &[Option<usize>],
) -> Result<HashMap<usize, usize>, Error> {
    let mut pictures = HashMap::new();
    let (mut count, mut place, mut at) = (0_usize, None, 0_usize);
    each(package, values, depth, &mut |scanner| {
        match scanner.local() {
            b"rv" => {
                let structure =
                    scanner.attribute(b"s").and_then(|s| s.trim().parse::<usize>().ok());
                place = structure.and_then(|structure| places.get(structure).copied().flatten());
                (count, at) = (count + 1, 0);
            }
            b"v" => {
                if place == Some(at) && pictures.len() < MOST {
                    let mut text = String::new();
                    scanner.collect_text(&mut text, 20)?;
                    pictures.extend(text.trim().parse().ok().map(|picture| (count - 1, picture)));
                }
                at += 1;
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(pictures)
}

/// The rich value of each entry of the values' metadata, in order.
fn entries(
    package: &mut Package<'_>,
    metadata: Part,
    depth: usize,
) -> Result<Vec<Option<usize>>, Error> {
    let number = |scanner: &Scanner<'_>, name: &[u8]| -> Option<usize> {
        scanner.attribute(name)?.trim().parse().ok()
    };
    // Kinds of metadata count from 1; what is known of those of rich values stands in a list of theirs.
    let (mut kinds, mut rich_kind, mut of_rich, mut of_values) = (0_usize, 0, false, false);
    let (mut rich, mut entries): (Vec<Option<usize>>, Vec<Option<usize>>) =
        (Vec::new(), Vec::new());
    each(package, metadata, depth, &mut |scanner| {
        match scanner.local() {
            b"metadataType" => {
                kinds += 1;
                if scanner.attribute(b"name").as_deref() == Some("XLRICHVALUE") {
                    rich_kind = kinds;
                }
            }
            b"futureMetadata" => {
                of_rich = scanner.attribute(b"name").as_deref() == Some("XLRICHVALUE");
                of_values = false;
            }
            b"cellMetadata" => (of_rich, of_values) = (false, false),
            b"valueMetadata" => (of_rich, of_values) = (false, true),
            b"bk" if of_rich && rich.len() < MOST => rich.push(None),
            b"bk" if of_values && entries.len() < MOST => entries.push(None),
            b"rvb" if of_rich => {
                if let Some(last) = rich.last_mut() {
                    *last = number(scanner, b"i");
                }
            }
            b"rc" if of_values && number(scanner, b"t") == Some(rich_kind) => {
                if let (Some(last), Some(at)) = (entries.last_mut(), number(scanner, b"v")) {
                    *last = rich.get(at).copied().flatten();
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(entries)
}
