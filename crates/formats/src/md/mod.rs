//! Markdown: CommonMark with GitHub's extensions, footnotes, math and definition lists.

mod alert;
mod front_matter;
mod inline;
mod read;
mod write;

use crate::Format;

/// Markdown files.
pub(crate) const FORMAT: Format = Format {
    name: "md",
    extensions: &["md", "markdown", "mark"],
    media_type: "text/markdown",
    read_document: Some(read::read),
    write_document: Some(write::write),
    ..Format::NONE
};
