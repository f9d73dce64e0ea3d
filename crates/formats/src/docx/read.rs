//! A Word file as a document: finds its parts, reads styles and lists, streams the text, then notes and
//! pictures. Nothing outside the package is ever opened.

mod body;
mod drawing;
mod math;
mod media;
mod numbering;
mod properties;
mod styles;
mod table;

use std::collections::HashMap;
use std::io::Cursor;

use larkspur_model::document::{Document, Text};
use larkspur_model::loss::LossKind;

use self::body::{Body, Chunk};
use self::media::Parts;
use self::numbering::Definitions;
use self::styles::StyleSheet;
use crate::document_builder::DocumentBuilder;
use crate::ooxml::{Decoded, Event, Package, Part, Relationship, Scanner, mismatch};
use crate::text_encoding::read_text;
use crate::{AssetSink, Context, Error, Input};

/// Bytes of all included documents of other formats.
const CHUNK_BYTES: u64 = 64 << 20;
/// Included documents of other formats.
const MOST_CHUNKS: usize = 256;
/// Bytes of a comment that are kept in the list of losses.
const COMMENT_BYTES: usize = 500;

/// Reads a Word file; see [`crate::ReadDocument`].
pub(super) fn read(
    input: &mut dyn Input,
    assets: &mut dyn AssetSink,
    context: &mut Context<'_>,
) -> Result<Document, Error> {
    let mut package = Package::open(input, context.limits, "docx")?;
    context.progress("reading", 0, 0)?;
    let main = find_main(&mut package)?;
    let relations = package.relationships_of(main)?;
    let depth = context.limits.markup_depth.saturating_mul(8);
    let styles = match part_of(&package, &relations, "styles") {
        Some(part) => with_scanner(&mut package, part, depth, StyleSheet::read)?,
        None => StyleSheet::default(),
    };
    let lists = match part_of(&package, &relations, "numbering") {
        Some(part) => with_scanner(&mut package, part, depth, Definitions::read)?,
        None => Definitions::default(),
    };
    let numbering = lists.linked(&styles);
    note_comments(&mut package, &relations, depth, context)?;
    let title = title(&mut package, depth, context)?;
    let chunks = read_chunks(&mut package, &relations, context)?;
    let notes = ["footnotes", "endnotes"].map(|kind| part_of(&package, &relations, kind));
    let mut pictures = picture_parts(&package, &relations);
    let mut note_relations = Vec::new();
    for part in notes.into_iter().flatten() {
        let relations = package.relationships_of(part)?;
        pictures.extend(picture_parts(&package, &relations));
        note_relations.push((part, relations));
    }

    let builder = DocumentBuilder::new(assets, context);
    let mut body = Body::new(builder, &styles, numbering, &pictures);
    body.chunks = chunks;
    body.relations = by_id(relations);
    with_scanner(&mut package, main, depth, |scanner| {
        scanner.take_choices();
        check_root(scanner)?;
        body.read(scanner)
    })?;
    body.end_text();
    for (part, relations) in note_relations {
        body.relations = by_id(relations);
        with_scanner(&mut package, part, depth, |scanner| {
            scanner.take_choices();
            body.read(scanner)
        })?;
    }
    let media = std::mem::take(&mut body.media);
    let mut document = body.flow.finish(Text::plain(title));
    media.store(&mut document, &mut Parts(&mut package), assets, context)?;
    Ok(document)
}

/// Runs `read` over an XML part, whatever its encoding.
fn with_scanner<T>(
    package: &mut Package<'_>,
    part: Part,
    depth: usize,
    read: impl FnOnce(&mut Scanner<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    package.stream(part, |feed| {
        let mut decoded = Decoded::new(feed);
        let mut scanner = Scanner::new(&mut decoded, depth);
        read(&mut scanner)
    })
}

/// The part with the text: by relationship, else by type, else where it usually is.
fn find_main(package: &mut Package<'_>) -> Result<Part, Error> {
    let relations = package.relationships("")?;
    let found = relations
        .iter()
        .filter(|relation| relation.kind == "officeDocument" && !relation.external)
        .find_map(|relation| package.find(&relation.target))
        .or_else(|| package.find("word/document.xml"));
    let Some(part) = found else {
        if package.find("xl/workbook.xml").is_some() {
            return Err(mismatch("docx", "an Excel workbook"));
        }
        return Err(Error::damaged("the part with the text is missing"));
    };
    let kind = package.content_type(part);
    if kind.contains("spreadsheetml") || kind.contains("ms-excel") {
        return Err(mismatch("docx", "an Excel workbook"));
    }
    if kind.contains("presentationml") || kind.contains("powerpoint") {
        return Err(mismatch("docx", "a PowerPoint presentation"));
    }
    if kind.contains("visio") {
        return Err(mismatch("docx", "a Visio drawing"));
    }
    Ok(part)
}

fn check_root(scanner: &mut Scanner<'_>) -> Result<(), Error> {
    loop {
        match scanner.next()? {
            Event::Start if scanner.local() == b"document" => return Ok(()),
            Event::Start => {
                let root = String::from_utf8_lossy(scanner.local()).into_owned();
                return Err(match root.as_str() {
                    "workbook" | "worksheet" => mismatch("docx", "an Excel workbook"),
                    "presentation" => mismatch("docx", "a PowerPoint presentation"),
                    _ => Error::damaged(format!("the part with the text holds <{root}>")),
                });
            }
            Event::Eof => return Err(Error::damaged("the part with the text is empty")),
            Event::End | Event::Text => {}
        }
    }
}

fn part_of(package: &Package<'_>, relations: &[Relationship], kind: &str) -> Option<Part> {
    relations
        .iter()
        .filter(|relation| relation.kind == kind && !relation.external)
        .find_map(|relation| package.find(&relation.target))
}

fn picture_parts(package: &Package<'_>, relations: &[Relationship]) -> HashMap<String, Part> {
    relations
        .iter()
        .filter(|relation| !relation.external && relation.kind == "image")
        .filter_map(|relation| Some((relation.target.clone(), package.find(&relation.target)?)))
        .collect()
}

fn by_id(relations: Vec<Relationship>) -> HashMap<String, Relationship> {
    relations.into_iter().map(|relation| (relation.id.clone(), relation)).collect()
}

/// The title: what the caller says, else what the file's properties say.
fn title(package: &mut Package<'_>, depth: usize, context: &Context<'_>) -> Result<String, Error> {
    let given = context.options.title.trim();
    if !given.is_empty() {
        return Ok(given.to_owned());
    }
    let relations = package.relationships("")?;
    let Some(part) = part_of(package, &relations, "core-properties") else {
        return Ok(String::new());
    };
    with_scanner(package, part, depth, |scanner| {
        let mut title = String::new();
        loop {
            match scanner.next()? {
                Event::Start if scanner.local() == b"title" => {
                    scanner.collect_text(&mut title, 3_200)?;
                    return Ok(title.trim().chars().take(800).collect());
                }
                Event::Eof => return Ok(title),
                _ => {}
            }
        }
    })
}

/// Notes what comments say: the platform keeps comments elsewhere.
fn note_comments(
    package: &mut Package<'_>,
    relations: &[Relationship],
    depth: usize,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let Some(part) = part_of(package, relations, "comments") else { return Ok(()) };
    with_scanner(package, part, depth, |scanner| {
        let (mut author, mut text) = (String::new(), String::new());
        loop {
            match scanner.next()? {
                Event::Start => match scanner.name() {
                    b"comment" => {
                        author = properties::attribute(scanner, b"author").unwrap_or_default();
                        text.clear();
                    }
                    b"t" => {
                        scanner.collect_text(&mut text, COMMENT_BYTES)?;
                    }
                    b"p" if !text.is_empty() => text.push(' '),
                    _ => {}
                },
                Event::End if scanner.name() == b"comment" => {
                    text.truncate(text.floor_char_boundary(COMMENT_BYTES));
                    let what = format!("a comment by {author}: {}", text.trim());
                    context.lose(LossKind::FeatureDropped, "comments", what);
                }
                Event::Eof => return Ok(()),
                Event::End | Event::Text => {}
            }
        }
    })
}

/// Reads the documents of other formats that stand within this one.
fn read_chunks(
    package: &mut Package<'_>,
    relations: &[Relationship],
    context: &mut Context<'_>,
) -> Result<HashMap<String, Chunk>, Error> {
    let mut chunks = HashMap::new();
    let mut left = CHUNK_BYTES;
    for relation in relations.iter().filter(|relation| relation.kind == "aFChunk") {
        if chunks.len() >= MOST_CHUNKS {
            break;
        }
        let part = package.find(&relation.target).filter(|_| !relation.external);
        let Some(part) = part.filter(|part| package.size_bytes(*part) <= left) else {
            chunks.insert(relation.id.clone(), Chunk::Missing);
            continue;
        };
        let kind = package.content_type(part).to_owned();
        let ends = |ending: &str| package.has_extension(part, ending);
        let html = kind.contains("html") || ends("html") || ends("htm") || ends("xhtml");
        let plain = kind.starts_with("text/plain") || ends("txt");
        if !html && !plain {
            chunks.insert(relation.id.clone(), Chunk::Missing);
            continue;
        }
        let bytes = package.read_up_to(part, left)?;
        left -= bytes.len() as u64;
        let text = read_text(&mut Cursor::new(bytes), context)?;
        let chunk = if html { Chunk::Html(text) } else { Chunk::Plain(text) };
        chunks.insert(relation.id.clone(), chunk);
    }
    Ok(chunks)
}
