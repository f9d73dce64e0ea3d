//! Excel workbooks of the versions 2 to 2003: records in a compound file, or before that in the file
//! itself ([MS-XLS]).

mod cells;
mod code_page;
mod dropdown;
mod features;
mod formula;
mod globals;
mod links;
mod read;
mod records;
mod scope;
mod strings;
mod styles;
mod survey;
mod text;

use crate::Format;

/// `xls`.
pub(crate) const FORMAT: Format = Format {
    name: "xls",
    extensions: &["xls"],
    media_type: "application/vnd.ms-excel",
    read_workbook: Some(read::read),
    ..Format::NONE
};
