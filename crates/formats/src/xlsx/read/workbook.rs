//! The workbook part: which sheets there are, in order, and what holds for all of them.

use std::collections::HashMap;

use larkspur_model::loss::{LossKind, Losses};

use crate::ooxml::{Event, Package, Part, Relationship, Scanner, Whole, decode_xstring, mismatch};
use crate::{Error, Limits};

/// A worksheet yet to be read.
#[derive(Debug, Clone)]
pub(super) struct SheetPart {
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) part: Part,
}

/// The workbook without its sheets' contents.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) sheets: Vec<SheetPart>,
    /// Whether dates count from 1904.
    pub(super) from_1904: bool,
    pub(super) styles: Option<Part>,
    pub(super) theme: Option<Part>,
    pub(super) shared_strings: Option<Part>,
}

/// Sheets that `workbook.xml` lists at most, worksheets or not.
const MOST_LISTED: usize = 100_000;

/// Reads the workbook part of the package.
pub(super) fn read_book(
    package: &mut Package<'_>,
    limits: &Limits,
    losses: &mut Losses,
) -> Result<Book, Error> {
    let part = find_main(package)?;
    let relationships = package.relationships_of(part)?;
    let name = package.name(part);
    let target = |kind: &str| {
        relationships.iter().find(|r| r.kind == kind && !r.external).map(|r| r.target.as_str())
    };
    let folder = name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let beside = |kind: &str, usual: &str| {
        target(kind)
            .and_then(|name| package.find(name))
            .or_else(|| package.find(&format!("{folder}{usual}")))
    };
    let mut book = Book {
        sheets: Vec::new(),
        from_1904: false,
        styles: beside("styles", "styles.xml"),
        theme: target("theme").and_then(|name| package.find(name)),
        shared_strings: beside("sharedStrings", "sharedStrings.xml"),
    };
    if target("vbaProject").is_some() {
        losses.add(LossKind::FeatureDropped, "", "macros");
    }
    let listed = read_parts(package.read_xml(part)?, &mut book, limits, losses)?;
    if listed.is_empty() {
        return Err(Error::damaged("the workbook has no sheets"));
    }
    let by_id: HashMap<&str, &Relationship> =
        relationships.iter().map(|relationship| (relationship.id.as_str(), relationship)).collect();
    for sheet in listed {
        add_sheet(sheet, &by_id, package, &mut book, losses);
    }
    let over = book.sheets.len().saturating_sub(limits.sheets);
    if over > 0 {
        book.sheets.truncate(limits.sheets);
        losses.add_many(LossKind::SheetsCut, "", "worksheets beyond the limit", over as u64);
    }
    Ok(book)
}

fn find_main(package: &mut Package<'_>) -> Result<Part, Error> {
    let root = package.relationships("")?;
    let part = root
        .iter()
        .filter(|relationship| relationship.kind == "officeDocument" && !relationship.external)
        .find_map(|relationship| package.find(&relationship.target))
        .or_else(|| package.find("xl/workbook.xml"))
        .or_else(|| package.find("xl/workbook.bin"))
        .ok_or_else(|| {
            let other = [
                ("word/document.xml", "a Word document"),
                ("ppt/presentation.xml", "a PowerPoint presentation"),
            ];
            let found = other.iter().find(|(name, _)| package.find(name).is_some());
            match found {
                Some((_, found)) => mismatch("xlsx", *found),
                None => Error::damaged("the package names no workbook"),
            }
        })?;
    let kind = package.content_type(part);
    if kind.contains("wordprocessingml") || kind.contains("ms-word") {
        return Err(mismatch("xlsx", "a Word document"));
    }
    if kind.contains("presentationml") || kind.contains("ms-powerpoint") {
        return Err(mismatch("xlsx", "a PowerPoint presentation"));
    }
    if kind.contains("sheet.binary") || package.has_extension(part, "bin") {
        return Err(mismatch("xlsx", "a binary Excel workbook (xlsb)"));
    }
    Ok(part)
}

struct Listed {
    name: String,
    hidden: bool,
    id: String,
}

fn read_parts(
    xml: Vec<u8>,
    book: &mut Book,
    limits: &Limits,
    losses: &mut Losses,
) -> Result<Vec<Listed>, Error> {
    let mut whole = Whole::new(xml);
    let mut scanner = Scanner::new(&mut whole, limits.markup_depth);
    let mut listed = Vec::new();
    let mut lose = |what: &str| losses.add(LossKind::FeatureDropped, "", what);
    loop {
        match scanner.next()? {
            Event::Start => match scanner.name() {
                b"workbookPr" => {
                    book.from_1904 = matches!(
                        scanner.attribute(b"date1904").as_deref(),
                        Some("1" | "true" | "on")
                    );
                }
                b"sheet" if listed.len() < MOST_LISTED => {
                    let mut name = scanner.attribute(b"name").unwrap_or_default().into_owned();
                    decode_xstring(&mut name, 0);
                    listed.push(Listed {
                        name,
                        hidden: matches!(
                            scanner.attribute(b"state").as_deref(),
                            Some("hidden" | "veryHidden")
                        ),
                        id: scanner.prefixed_attribute(b"id").unwrap_or_default().into_owned(),
                    });
                }
                b"definedName" => {
                    // The built-in ones belong to printing and filtering.
                    let name = scanner.attribute(b"name").unwrap_or_default();
                    if !name.starts_with("_xlnm.") {
                        lose("defined names");
                    }
                }
                b"externalReference" => lose("links to other workbooks"),
                b"workbookProtection" => lose("protection of the workbook"),
                b"pivotCache" => lose("pivot caches"),
                _ => {}
            },
            Event::Eof => return Ok(listed),
            Event::End | Event::Text => {}
        }
    }
}

fn add_sheet(
    sheet: Listed,
    by_id: &HashMap<&str, &Relationship>,
    package: &Package<'_>,
    book: &mut Book,
    losses: &mut Losses,
) {
    let place = format!("sheet \"{}\"", sheet.name);
    let relationship = by_id.get(sheet.id.as_str()).filter(|relationship| !relationship.external);
    let other = match relationship.map(|relationship| relationship.kind.as_str()) {
        Some("chartsheet") => Some("chart sheet"),
        Some("dialogsheet") => Some("dialog sheet"),
        Some("xlMacrosheet" | "xlIntlMacrosheet") => Some("macro sheet"),
        _ => None,
    };
    if let Some(other) = other {
        losses.add(LossKind::FeatureDropped, place, other);
        return;
    }
    match relationship.and_then(|relationship| package.find(&relationship.target)) {
        Some(part) => {
            book.sheets.push(SheetPart { name: sheet.name, hidden: sheet.hidden, part });
        }
        None => losses.add(LossKind::PartDamaged, place, "the file does not contain this sheet"),
    }
}
