//! Cells as the server keeps them: chunks of rows in one file and a [`Manifest`] that finds them.
//! A sheet is written and read row by row, or by any window of it; it is never in memory whole. An
//! edit writes the chunks it touches anew and leaves the others where they are.
//! Which files and databases these live in is the caller's business.

mod chunk;
mod edit;
#[cfg(test)]
mod edit_tests;
mod manifest;
mod marks;
mod names;
mod pack;
mod read;
mod shifts;
#[cfg(test)]
mod tests;
mod write;

use std::io::{Read, Seek, Write};

pub use self::edit::{Change, Edited, Piece, edit};
pub use self::manifest::{ChunkEntry, LaterFile, Manifest};
pub use self::read::{ChunkBytes, ChunkFiles, ChunkReader};
pub use self::write::ChunkWriter;

use crate::{Context, Error, Input, ReadWorkbook, WriteWorkbook, pipelined};

/// Reads a workbook of any format into chunks on `output`; the chunks of a large one are packed on
/// another thread than it is read on.
pub fn spool<W: Write + Send>(
    read: ReadWorkbook,
    input: &mut dyn Input,
    output: W,
    context: &mut Context<'_>,
) -> Result<(W, Manifest), Error> {
    let mut writer = ChunkWriter::new(output);
    pipelined(&mut writer, |sink| read(input, sink, context))?;
    let (output, mut manifest) = writer.into_parts()?;
    manifest.workbook.assets = std::mem::take(&mut context.pictures);
    Ok((output, manifest))
}

/// Turns one format into another by way of chunks in `between`, an empty file: some writers need
/// to know a whole book before its first cell, and no reader does.
pub fn convert<F: Read + Write + Seek + Send>(
    (read, input): (ReadWorkbook, &mut dyn Input),
    between: F,
    (write, output): (WriteWorkbook, &mut (dyn Write + Send)),
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let (between, manifest) = spool(read, input, between, context)?;
    write(&mut ChunkReader::new(manifest, between), output, context)
}
