//! Bytes to the online model and back. Each format is a folder and a line in [`FORMATS`]; input is
//! `Read + Seek`, output is `Write`; no network, no database, no clock.

mod anchors;
pub mod base;
mod cell_text;
pub mod cells;
mod compound;
mod context;
pub mod csv;
mod decimal_text;
mod doc;
mod document_builder;
mod docx;
mod error;
pub mod formulas;
mod html;
mod html_flow;
mod json;
mod limits;
mod md;
mod metafile;
mod ooxml;
#[cfg(feature = "pdf")]
mod pdf;
mod pipeline;
mod sheet_flow;
pub mod text_encoding;
mod txt;
mod word_flow;
mod workbook;
mod xls;
mod xlsx;

use std::io::{Read, Seek, Write};

use larkspur_model::document::Document;

pub use self::context::{AssetSink, AssetSource, Context, Monitor, NoAssets, Options, Unwatched};
pub use self::error::Error;
pub use self::limits::Limits;
pub use self::pipeline::pipelined;
pub use self::workbook::{WorkbookSink, WorkbookSource, pump};
pub use self::xlsx::report::{ReportColumn, ReportRow, ReportSource, write_report};

/// A source of bytes.
pub trait Input: Read + Seek + Send {}
impl<T: Read + Seek + Send> Input for T {}

/// Reads a document.
pub type ReadDocument =
    fn(&mut dyn Input, &mut dyn AssetSink, &mut Context<'_>) -> Result<Document, Error>;
/// Writes a document.
pub type WriteDocument =
    fn(&Document, &mut dyn AssetSource, &mut dyn Write, &mut Context<'_>) -> Result<(), Error>;
/// Reads a workbook, row by row, into a sink.
pub type ReadWorkbook =
    fn(&mut dyn Input, &mut dyn WorkbookSink, &mut Context<'_>) -> Result<(), Error>;
/// Writes a workbook, row by row, from a source.
pub type WriteWorkbook =
    fn(&mut dyn WorkbookSource, &mut (dyn Write + Send), &mut Context<'_>) -> Result<(), Error>;

/// What this crate can do with one format.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Short name, as people say it: `docx`.
    pub name: &'static str,
    /// File name endings, lower case, the usual one first.
    pub extensions: &'static [&'static str],
    /// Media type of files in this format.
    pub media_type: &'static str,
    /// Reader into a document, if there is one.
    pub read_document: Option<ReadDocument>,
    /// Writer from a document, if there is one.
    pub write_document: Option<WriteDocument>,
    /// Reader into a workbook, if there is one.
    pub read_workbook: Option<ReadWorkbook>,
    /// Writer from a workbook, if there is one.
    pub write_workbook: Option<WriteWorkbook>,
}

impl Format {
    /// A format with no readers and writers, to be filled in with `..Format::NONE`.
    pub const NONE: Self = Self {
        name: "",
        extensions: &[],
        media_type: "application/octet-stream",
        read_document: None,
        write_document: None,
        read_workbook: None,
        write_workbook: None,
    };
}

/// Every format, a line each.
pub const FORMATS: &[&Format] = &[
    &csv::FORMAT,
    &doc::FORMAT,
    &docx::FORMAT,
    &html::FORMAT,
    &json::FORMAT,
    &md::FORMAT,
    #[cfg(feature = "pdf")]
    &pdf::FORMAT,
    &txt::FORMAT,
    &xls::FORMAT,
    &xlsx::FORMAT,
];

/// The format of a file name ending, in any case, without the dot.
pub fn by_extension(extension: &str) -> Option<&'static Format> {
    let extension = extension.to_ascii_lowercase();
    FORMATS.iter().copied().find(|format| format.extensions.contains(&extension.as_str()))
}
