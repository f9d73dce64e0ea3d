//! Workbooks become bases and bases workbooks. The cells of a file stay as the file wrote them, in
//! chunks; the fields, whose types are found by looking at every cell of a column, say what they
//! mean. So nothing that a type cannot hold is lost, and what is exported again is what came in.

mod cell;
mod column;
mod decide;
mod pictures;
mod shape;
mod sink;
mod source;
#[cfg(test)]
mod tests;

use std::io::Write;

use larkspur_model::base::{Field, ImportedBase, ImportedTable, UiType};

pub use self::cell::ValueReader;
pub use self::source::{
    Always, BaseSource, FieldSource, HEADING, TableSource, heading_style, value_style,
};

use self::pictures::Hanger;
use self::sink::BaseSink;
use crate::cells::Manifest;
use crate::xlsx::read_pictures;
use crate::{AssetSink, Context, Error, Format, Input, pipelined};

/// The date of a moment as spreadsheets count, in a zone that is `offset_ms` ahead of UTC.
pub fn serial_of(moment_ms: i64, offset_ms: i64) -> f64 {
    shape::serial(moment_ms, offset_ms)
}

/// Reads a workbook of a format as a base: its records in chunks on `output`, which the manifest
/// finds, its pictures into `assets`, and what its sheets became. `context` obeys
/// [`crate::Limits::of_base`].
pub fn spool_base<W: Write + Send>(
    format: &Format,
    input: &mut dyn Input,
    output: W,
    assets: &mut dyn AssetSink,
    context: &mut Context<'_>,
) -> Result<(W, Manifest, ImportedBase), Error> {
    let read = format
        .read_workbook
        .ok_or_else(|| Error::Unsupported(format!("reading bases from {}", format.name)))?;
    let mut sink = BaseSink::new(output, context.limits.base_records);
    pipelined(&mut sink, |sink| read(input, sink, context))?;
    context.losses.extend(std::mem::take(&mut sink.losses));
    let mut base = std::mem::take(&mut sink.base);
    if format.name == crate::xlsx::FORMAT.name {
        let most = context.limits.images;
        let mut hanger = Hanger::new(&mut base, &sink.grounds, &sink.named, assets, most);
        read_pictures(input, &mut hanger, context)?;
    }
    if base.tables.is_empty() {
        // An empty file is a base with an empty table.
        let field = Field::new("Field 1", UiType::Text);
        let (name, sheet, records) = ("Table 1".to_owned(), 0, 0);
        base.tables.push(ImportedTable { name, sheet, records, fields: vec![field] });
    }
    let (output, manifest) = sink.into_parts()?;
    Ok((output, manifest, base))
}
