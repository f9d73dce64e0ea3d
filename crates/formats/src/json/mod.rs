//! The online document itself, as JSON: what the other formats are read into and written from.

mod read;
mod write;

use crate::Format;

/// Documents as JSON.
pub(crate) const FORMAT: Format = Format {
    name: "json",
    extensions: &["json"],
    media_type: "application/json",
    read_document: Some(read::read),
    write_document: Some(write::write),
    ..Format::NONE
};
