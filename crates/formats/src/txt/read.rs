//! Plain text into a document: each line that is not blank becomes a paragraph, as if it had been pasted.

use larkspur_model::document::{Document, Text};

use crate::document_builder::{DocumentBuilder, ParagraphKind};
use crate::text_encoding::read_text;
use crate::{AssetSink, Context, Error, Input};

/// Lines between two words to the monitor.
const LINES_PER_REPORT: u64 = 4096;

/// Reads a text file; see [`crate::ReadDocument`].
pub(super) fn read(
    input: &mut dyn Input,
    assets: &mut dyn AssetSink,
    context: &mut Context<'_>,
) -> Result<Document, Error> {
    let source = read_text(input, context)?;
    let title = context.options.title.clone();
    let total = source.len() as u64;
    let mut builder = DocumentBuilder::new(assets, context);
    let mut done = 0;
    for (index, line) in (0_u64..).zip(source.split(['\n', '\r', '\u{c}', '\u{2028}', '\u{2029}']))
    {
        if builder.is_full() {
            break;
        }
        if index % LINES_PER_REPORT == 0 {
            builder.context.progress("reading", done, total)?;
        }
        done += line.len() as u64 + 1;
        if !line.trim().is_empty() {
            builder.begin_paragraph(ParagraphKind::Text);
            builder.text(line);
            builder.end_paragraph();
        }
    }
    Ok(builder.finish(Text::plain(title)))
}
