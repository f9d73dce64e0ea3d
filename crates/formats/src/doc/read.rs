//! A Word file as a document: finds its streams and tables, walks the text, then notes, boxes and
//! pictures. Nothing outside the file is ever opened.

use std::io::{Read as _, SeekFrom};

use encoding_rs::Encoding;
use larkspur_model::document::{Document, Text};
use larkspur_model::loss::LossKind;

use super::drawing::Drawings;
use super::fib::{FIB_BYTES, Fib, Generation, Place, Table};
use super::fkp::{About, Pages};
use super::fonts::Fonts;
use super::picture::Streams;
use super::stories::{Stories, Tables};
use super::styles::StyleSheet;
use super::summary::{SUMMARY_BYTES, encoding_of, page_of_language, title};
use super::walk::{Parts, Walker};
use super::{lists, pieces};
use crate::compound::{COMPOUND_MAGIC, Container, Stream};
use crate::document_builder::DocumentBuilder;
use crate::ooxml::{Found, detect, mismatch};
use crate::word_flow::flow::Flow;
use crate::{AssetSink, Context, Error, Input};

/// Bytes of one table; tables may name the same bytes.
const MOST_TABLE: usize = 16 << 20;
/// Bytes of the table of drawings, which may hold pictures.
const MOST_DRAWINGS: usize = 64 << 20;
/// Characters of a comment that are kept in the list of losses.
const COMMENT_CHARACTERS: u32 = 500;
/// Characters of a header that are looked at.
const HEADER_CHARACTERS: u32 = 100;

/// Reads a Word file; see [`crate::ReadDocument`].
pub(super) fn read(
    input: &mut dyn Input,
    assets: &mut dyn AssetSink,
    context: &mut Context<'_>,
) -> Result<Document, Error> {
    context.progress("reading", 0, 0)?;
    let mut head = Vec::new();
    input.seek(SeekFrom::Start(0))?;
    (&mut *input).take(8).read_to_end(&mut head)?;
    if matches!(head.as_slice(), [0xDB | 0xDC | 0x9B | 0x9C, 0xA5, ..]) {
        // Before compound files, the text was the file.
        let text = Stream::plain(input)?;
        return read_text(text, None, None, String::new(), assets, context);
    }
    if !head.starts_with(COMPOUND_MAGIC) {
        return Err(match detect(input)? {
            Found::Encrypted => Error::Encrypted,
            Found::Zip => mismatch("doc", "a zip archive, perhaps a docx"),
            Found::Other(found) => mismatch("doc", found),
        });
    }
    let mut container = Container::open(input)?;
    if !container.has_stream("/WordDocument") {
        if container.has_stream("/EncryptedPackage") {
            return Err(Error::Encrypted);
        }
        if container.has_stream("/Workbook") || container.has_stream("/Book") {
            return Err(mismatch("doc", "an Excel 97-2003 workbook (xls)"));
        }
        return Err(mismatch("doc", "a compound file without a text of Word"));
    }
    let missing = || Error::damaged("the stream of the text cannot be opened");
    let text = container.stream("/WordDocument").ok_or_else(missing)?;
    let data = container.stream("/Data");
    let own_title = container
        .stream("/\u{5}SummaryInformation")
        .map(|mut summary| title(&summary.read_all(SUMMARY_BYTES)))
        .unwrap_or_default();
    read_text(text, data, Some(&mut container), own_title, assets, context)
}

/// The stream of tables: its own one, or that of the text in old files.
struct TableStream<'i> {
    stream: Option<Stream<'i>>,
}

impl<'i> TableStream<'i> {
    fn take(&mut self, text: &mut Stream<'i>, place: Place, most: usize) -> Vec<u8> {
        let count = (place.bytes as usize).min(most);
        self.stream.as_mut().unwrap_or(text).read(u64::from(place.at), count)
    }

    /// A table and what follows it.
    fn take_from(&mut self, text: &mut Stream<'i>, place: Place) -> Vec<u8> {
        if place.bytes == 0 {
            return Vec::new();
        }
        self.stream.as_mut().unwrap_or(text).read(u64::from(place.at), MOST_TABLE)
    }
}

fn read_text<'i>(
    mut text: Stream<'i>,
    data: Option<Stream<'i>>,
    container: Option<&mut Container<'i>>,
    own_title: String,
    assets: &mut dyn AssetSink,
    context: &mut Context<'_>,
) -> Result<Document, Error> {
    let fib = Fib::read(text.read(0, FIB_BYTES))?;
    let stream = container.and_then(|container| {
        if fib.is_old() {
            return None;
        }
        let other = if fib.tables == "/1Table" { "/0Table" } else { "/1Table" };
        container.stream(fib.tables).or_else(|| container.stream(other))
    });
    if stream.is_none() && !fib.is_old() {
        return Err(Error::damaged("the stream of tables is missing"));
    }
    let mut tables = TableStream { stream };
    let drawings = tables.take(&mut text, fib.place(Table::Drawings), MOST_DRAWINGS);
    let parts = read_parts(&fib, text, data, &mut tables, &drawings);
    if parts.pieces.list.is_empty() {
        return Err(Error::damaged("the list of the text's pieces is broken"));
    }
    if parts.pieces.cut {
        let what = "pieces of text that are longer than the file";
        context.lose(LossKind::PartDamaged, "", what);
    }
    let given = context.options.title.trim().to_owned();
    let title = if given.is_empty() { own_title } else { given };
    let builder = DocumentBuilder::new(assets, context);
    let mut walker = Walker::new(Flow::new(builder), parts);
    walk_all(&mut walker)?;
    let Walker { flow, media, mut text, mut data, .. } = walker;
    let mut document = flow.finish(Text::plain(title));
    let mut streams =
        Streams { text: &mut text, data: data.as_mut(), drawings: &drawings, opened: 0 };
    media.store(&mut document, &mut streams, assets, context)?;
    Ok(document)
}

/// Reads the tables.
fn read_parts<'i>(
    fib: &Fib,
    mut text: Stream<'i>,
    data: Option<Stream<'i>>,
    tables: &mut TableStream<'i>,
    drawings: &[u8],
) -> Parts<'i> {
    let mut take = |table: Table| tables.take(&mut text, fib.place(table), MOST_TABLE);
    let encoding: &'static Encoding = match fib.generation {
        Generation::Word97 => encoding_rs::WINDOWS_1252,
        _ if fib.mac => encoding_rs::MACINTOSH,
        _ => encoding_of(page_of_language(fib.language)),
    };
    let old = fib.is_old();
    let spelled = old.then_some(encoding);
    let characters = Pages::new(About::Characters, &take(Table::CharacterPages), old);
    let paragraphs = Pages::new(About::Paragraphs, &take(Table::ParagraphPages), old);
    let fonts = Fonts::read(&take(Table::Fonts), spelled);
    let styles = StyleSheet::read(&take(Table::Styles), spelled, &fonts);
    let beside = Tables {
        footnotes: [take(Table::FootnoteReferences), take(Table::FootnoteTexts)],
        endnotes: [take(Table::EndnoteReferences), take(Table::EndnoteTexts)],
        comments: if old {
            Default::default()
        } else {
            [take(Table::CommentReferences), take(Table::CommentTexts)]
        },
        authors: take(Table::CommentAuthors),
        headers: take(Table::Headers),
        boxes: take(Table::Boxes),
        bookmarks: [take(Table::BookmarkNames), take(Table::BookmarkStarts)],
    };
    let by_font = spelled.and(styles.plain_font()).and_then(|font| fonts.encoding(font));
    let encoding = by_font.unwrap_or(encoding);
    let stories = Stories::read(fib, &beside);
    let shapes = Drawings::read(&take(Table::Shapes), drawings);
    let instances = take(Table::ListInstances);
    let pieces_table = take(Table::Pieces);
    let definitions = tables.take_from(&mut text, fib.place(Table::Lists));
    let pieces = pieces::read(fib, &pieces_table, text.len());
    Parts {
        numbering: lists::read(&definitions, &instances),
        text,
        data,
        pieces,
        unformatted: fib.generation == Generation::Word2 || paragraphs.is_empty(),
        characters,
        paragraphs,
        fonts,
        styles,
        stories,
        drawings: shapes,
        encoding,
        old,
    }
}

/// Walks the text and what stands beside it.
fn walk_all(walker: &mut Walker<'_, '_, '_>) -> Result<(), Error> {
    note_beside(walker);
    walker.walk(walker.stories.text.clone())?;
    walker.tell_left_boxes();
    walker.flow.end_text();
    for index in 0..walker.stories.notes.len() {
        let note = &walker.stories.notes[index];
        let (label, content) = (note.label.clone(), note.content.clone());
        if walker.flow.builder.mentions_note(&label) {
            walker.flow.begin_note(&label);
            walker.walk(content)?;
            walker.flow.close_note();
        }
    }
    Ok(())
}

/// Notes what stands beside the text and is not carried over.
fn note_beside(walker: &mut Walker<'_, '_, '_>) {
    for comment in std::mem::take(&mut walker.stories.comments) {
        let text = walker.plain(comment.content, COMMENT_CHARACTERS).replace('\u{FFFC}', "");
        let what = format!("a comment by {}: {}", comment.author, text.trim());
        walker.flow.builder.context.lose(LossKind::FeatureDropped, "comments", what);
    }
    let headers = std::mem::take(&mut walker.stories.headers);
    if headers.into_iter().any(|span| !walker.plain(span, HEADER_CHARACTERS).trim().is_empty()) {
        let what = "headers and footers of pages";
        walker.flow.builder.context.lose(LossKind::FeatureDropped, "", what);
    }
}
