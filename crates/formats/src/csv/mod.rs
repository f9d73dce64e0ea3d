//! Comma-separated values: any common encoding and delimiter in, RFC 4180 in UTF-8 out.

mod delimiter;
mod read;
mod split;
#[cfg(test)]
mod tests;
mod value;
mod write;

pub use self::read::read;
pub use self::write::{CsvWriter, write};

use crate::Format;

/// Files of comma-separated values.
pub const FORMAT: Format = Format {
    name: "csv",
    extensions: &["csv", "tsv", "tab"],
    media_type: "text/csv",
    read_workbook: Some(read),
    write_workbook: Some(write),
    ..Format::NONE
};
