//! What Word files of both generations have in common: formatting, styles and lists by their meaning,
//! fields, fonts, and paragraphs and tables into the document builder. Knows no file format.

pub(crate) mod anchors;
pub(crate) mod colour;
pub(crate) mod fields;
pub(crate) mod flow;
pub(crate) mod fonts;
pub(crate) mod look;
pub(crate) mod media;
pub(crate) mod numbering;
pub(crate) mod palette;
pub(crate) mod paragraph;
pub(crate) mod properties;
pub(crate) mod role;
