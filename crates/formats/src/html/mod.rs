//! HTML pages into documents.

mod read;

use crate::Format;

/// HTML pages.
pub(crate) const FORMAT: Format = Format {
    name: "html",
    extensions: &["html", "htm"],
    media_type: "text/html",
    read_document: Some(read::read),
    ..Format::NONE
};
