//! The workbook part: which sheets there are, in order, and what holds for all of them.

use std::collections::HashMap;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::DefinedName;

use crate::ooxml::{Event, Package, Part, Relationship, Scanner, Whole, decode_xstring, mismatch};
use crate::sheet_flow::cells::FORMULA_BYTES;
use crate::sheet_flow::names::{Names, is_mark};
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
    pub(super) names: Vec<DefinedName>,
}

/// Sheets that `workbook.xml` lists at most, worksheets or not.
const MOST_LISTED: usize = 100_000;
/// Names that are looked at; far fewer are kept.
const MOST_NAMED: usize = 200_000;

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
        names: Vec::new(),
    };
    if target("vbaProject").is_some() {
        losses.add(LossKind::FeatureDropped, "", "macros");
    }
    let (listed, names) = read_parts(package.read_xml(part)?, &mut book, limits, losses)?;
    if listed.is_empty() {
        return Err(Error::damaged("the workbook has no sheets"));
    }
    let by_id: HashMap<&str, &Relationship> =
        relationships.iter().map(|relationship| (relationship.id.as_str(), relationship)).collect();
    // Of each sheet that is listed its number among those that are kept.
    let mut numbers = Vec::with_capacity(listed.len());
    let mut gathered = Names::default();
    for sheet in listed {
        let (number, name) = (book.sheets.len(), sheet.name.to_lowercase());
        add_sheet(sheet, &by_id, package, &mut book, losses);
        let is_kept = number < book.sheets.len() && number < limits.sheets;
        numbers.push(is_kept.then_some(number as u32));
        if !is_kept {
            gathered.lost_sheets.insert(name);
        }
    }
    for name in names {
        name.add_to(&mut gathered, &numbers);
    }
    gathered.report(losses);
    book.names = gathered.list;
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

/// A name as the file has it.
struct RawName {
    name: String,
    /// The place of its sheet among those that are listed.
    sheet: Option<usize>,
    formula: String,
    hidden: bool,
    is_macro: bool,
}

impl RawName {
    fn read(scanner: &mut Scanner<'_>) -> Result<Self, Error> {
        let flag =
            |name: &[u8]| matches!(scanner.attribute(name).as_deref(), Some("1" | "true" | "on"));
        let mut raw = Self {
            name: scanner.attribute(b"name").unwrap_or_default().into_owned(),
            sheet: scanner.attribute(b"localSheetId").and_then(|id| id.trim().parse().ok()),
            formula: String::new(),
            hidden: flag(b"hidden"),
            is_macro: [&b"function"[..], b"vbProcedure", b"xlm"].into_iter().any(flag),
        };
        decode_xstring(&mut raw.name, 0);
        scanner.collect_text(&mut raw.formula, FORMULA_BYTES + 1)?;
        raw.formula = raw.formula.trim_start_matches('=').trim().to_owned();
        Ok(raw)
    }

    fn add_to(self, names: &mut Names, numbers: &[Option<u32>]) {
        let sheet = match self.sheet.map(|place| numbers.get(place).copied().flatten()) {
            Some(None) => return names.note_lost(),
            Some(kept) => kept,
            None => None,
        };
        if self.is_macro && !is_mark(&self.name) {
            return names.note_macro();
        }
        let Self { name, formula, hidden, .. } = self;
        names.add(DefinedName { name, sheet, formula, hidden });
    }
}

fn read_parts(
    xml: Vec<u8>,
    book: &mut Book,
    limits: &Limits,
    losses: &mut Losses,
) -> Result<(Vec<Listed>, Vec<RawName>), Error> {
    let mut whole = Whole::new(xml);
    let mut scanner = Scanner::new(&mut whole, limits.markup_depth);
    let (mut listed, mut names) = (Vec::new(), Vec::new());
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
                b"definedName" if names.len() < MOST_NAMED => {
                    names.push(RawName::read(&mut scanner)?);
                }
                b"externalReference" => lose("links to other workbooks"),
                b"workbookProtection" => lose("protection of the workbook"),
                b"pivotCache" => lose("pivot caches"),
                _ => {}
            },
            Event::Eof => return Ok((listed, names)),
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
