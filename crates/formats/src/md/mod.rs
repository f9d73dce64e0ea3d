//! Markdown: CommonMark with GitHub's extensions, footnotes, math and definition lists.

mod alert;
mod front_matter;
mod read;

use crate::Format;

/// Markdown files.
pub(crate) const FORMAT: Format = Format {
    name: "md",
    extensions: &["md", "markdown", "mark"],
    media_type: "text/markdown",
    read_document: Some(read::read),
    ..Format::NONE
};
