//! Word documents (WordprocessingML, ISO/IEC 29500 transitional).

mod body;
mod bookmark;
mod colour;
mod markup;
mod math;
mod numbering;
mod parts;
mod picture;
mod run;
mod table;
mod write;

use crate::Format;

/// Word documents.
pub(crate) const FORMAT: Format = Format {
    name: "docx",
    extensions: &["docx"],
    media_type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    write_document: Some(write::write),
    ..Format::NONE
};
