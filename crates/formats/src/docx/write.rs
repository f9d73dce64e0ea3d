//! A document as a Word file: the main part block by block into the container, then what it turned out
//! to need (numbering, relationships), then the pictures, one at a time.

use std::io::{self, Read as _, Write};

use larkspur_model::document::Document;
use larkspur_model::loss::LossKind;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::body::{Body, Place, Siblings};
use super::bookmark::Bookmarks;
use super::numbering::Numbering;
use super::parts::{self, Relationships};
use super::picture::Pictures;
use crate::{AssetSource, Context, Error};

/// How much of the main part is gathered before it is packed.
const CHUNK_BYTES: usize = 128 * 1024;
/// Level of compression: a third of the time of the usual one for a tenth more bytes.
const COMPRESSION_LEVEL: i64 = 2;

const DOCUMENT_START: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n",
    "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" ",
    "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" ",
    "xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\" ",
    "xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" ",
    "xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" ",
    "xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\" ",
    "xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" ",
    "xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\" mc:Ignorable=\"w14\"><w:body>",
);
/// A4 with margins of an inch.
const DOCUMENT_END: &str = concat!(
    "<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/>",
    "<w:pgMar w:top=\"1440\" w:right=\"1440\" w:bottom=\"1440\" w:left=\"1440\" w:header=\"720\" w:footer=\"720\" w:gutter=\"0\"/>",
    "<w:cols w:space=\"720\"/></w:sectPr></w:body></w:document>",
);

type Package<'w> = ZipWriter<StreamWriter<&'w mut dyn Write>>;

/// Writes a Word file; see [`crate::WriteDocument`].
pub(super) fn write(
    document: &Document,
    assets: &mut dyn AssetSource,
    output: &mut dyn Write,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let mut package = ZipWriter::new_stream(output);
    part(&mut package, "[Content_Types].xml", parts::CONTENT_TYPES)?;
    part(&mut package, "_rels/.rels", parts::PACKAGE_RELATIONSHIPS)?;
    part(&mut package, "docProps/core.xml", &parts::core(&document.title.to_plain()))?;
    part(&mut package, "docProps/app.xml", parts::APPLICATION)?;
    part(&mut package, "word/styles.xml", &parts::styles())?;
    part(&mut package, "word/settings.xml", parts::SETTINGS)?;

    let mut body = Body {
        out: String::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 4),
        document,
        assets,
        context,
        numbering: Numbering::default(),
        relationships: Relationships::default(),
        pictures: Pictures::default(),
        bookmarks: Bookmarks::of(document),
        links: std::collections::HashMap::new(),
        left_out: 0,
    };
    begin(&mut package, "word/document.xml", CompressionMethod::Deflated)?;
    body.out.push_str(DOCUMENT_START);
    let title = document.title.to_plain();
    if !title.trim().is_empty() {
        body.styled_paragraph("Title", &title);
    }
    let total = document.blocks.len() as u64;
    let mut siblings = Siblings::default();
    for (done, block) in document.blocks.iter().enumerate() {
        body.block(block, Place::PAGE, &mut siblings);
        if body.out.len() >= CHUNK_BYTES {
            package.write_all(body.out.as_bytes())?;
            body.out.clear();
            body.context.progress("writing", done as u64 + 1, total)?;
        }
    }
    body.out.push_str(DOCUMENT_END);
    package.write_all(body.out.as_bytes())?;

    part(&mut package, "word/numbering.xml", &body.numbering.to_part())?;
    part(&mut package, "word/_rels/document.xml.rels", &body.relationships.to_part())?;
    if body.left_out > 0 {
        let what = "control characters, which XML cannot hold";
        body.context.losses.add_many(LossKind::TextReplaced, "", what, body.left_out);
    }
    let pictures = std::mem::take(&mut body.pictures.used);
    let total = pictures.len() as u64;
    for (done, (id, name)) in (0..).zip(pictures) {
        body.context.progress("writing pictures", done, total)?;
        begin(&mut package, &name, CompressionMethod::Stored)?;
        let mut bytes = body.assets.open(id)?.take(body.context.limits.entry_bytes);
        io::copy(&mut bytes, &mut package)?;
    }
    let output = package.finish().map_err(into_error)?;
    output.into_inner().flush()?;
    Ok(())
}

/// Begins an entry of the container; the same document gives the same bytes, whatever the time.
fn begin(package: &mut Package<'_>, name: &str, method: CompressionMethod) -> Result<(), Error> {
    let level = (method == CompressionMethod::Deflated).then_some(COMPRESSION_LEVEL);
    let options = SimpleFileOptions::default()
        .compression_method(method)
        .compression_level(level)
        .last_modified_time(DateTime::DEFAULT);
    package.start_file(name, options).map_err(into_error)
}

fn part(package: &mut Package<'_>, name: &str, content: &str) -> Result<(), Error> {
    begin(package, name, CompressionMethod::Deflated)?;
    package.write_all(content.as_bytes())?;
    Ok(())
}

fn into_error(error: zip::result::ZipError) -> Error {
    match error {
        zip::result::ZipError::Io(error) => Error::Io(error),
        other => Error::Io(io::Error::other(other)),
    }
}
