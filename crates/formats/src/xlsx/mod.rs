//! Excel workbooks (ECMA-376 SpreadsheetML), with and without macros.

mod pictures;
mod read;
pub(crate) mod report;
mod write;

pub(crate) use self::pictures::{PicturePlace, PictureSink, read_pictures};

use crate::Format;

/// `xlsx` and `xlsm`.
pub(crate) const FORMAT: Format = Format {
    name: "xlsx",
    extensions: &["xlsx", "xlsm"],
    media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    read_workbook: Some(read::read),
    write_workbook: Some(write::write),
    ..Format::NONE
};
