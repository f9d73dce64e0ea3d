//! Plain text: a line is a paragraph.

mod read;
mod write;

use crate::Format;

/// Plain text files.
pub(crate) const FORMAT: Format = Format {
    name: "txt",
    extensions: &["txt", "text", "log"],
    media_type: "text/plain",
    read_document: Some(read::read),
    write_document: Some(write::write),
    ..Format::NONE
};
