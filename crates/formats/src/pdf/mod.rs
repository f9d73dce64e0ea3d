//! Documents as prints: blocks become Typst source, the typesetter makes the PDF. Looks live in
//! `prelude.typ`; fonts and layout live in `larkspur-typeset`.

mod blocks;
mod emoji;
mod inline;
mod latex;
mod pictures;
mod print;
mod source;
mod table;
#[cfg(test)]
mod tests;

use crate::Format;

/// PDF, written only.
pub(crate) const FORMAT: Format = Format {
    name: "pdf",
    extensions: &["pdf"],
    media_type: "application/pdf",
    write_document: Some(print::write),
    ..Format::NONE
};
