//! Word documents (WordprocessingML, ISO/IEC 29500: both kinds are read, transitional is written).

mod body;
mod bookmark;
mod markup;
mod math;
mod numbering;
mod parts;
mod picture;
mod read;
mod run;
mod table;
mod write;

use crate::Format;

/// Word documents.
pub(crate) const FORMAT: Format = Format {
    name: "docx",
    extensions: &["docx"],
    media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    read_document: Some(read::read),
    write_document: Some(write::write),
    ..Format::NONE
};
