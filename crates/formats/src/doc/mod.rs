//! Word files of 1997 to 2003, a compound file of streams ([MS-DOC]); of the versions before, the text
//! and what its marks say.

mod character;
mod drawing;
mod fib;
mod fkp;
mod fonts;
mod form;
mod lists;
mod order;
mod paragraph;
mod picture;
mod pieces;
mod read;
mod sprm;
mod stories;
mod styles;
mod summary;
mod table;
mod telling;
mod walk;

use crate::Format;

/// Word 97-2003 documents.
pub(crate) const FORMAT: Format = Format {
    name: "doc",
    extensions: &["doc"],
    media_type: "application/msword",
    read_document: Some(read::read),
    ..Format::NONE
};
