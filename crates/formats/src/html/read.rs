//! An HTML page into a document: its text through the HTML flow, its title for the document.

use larkspur_model::document::{Document, Text};

use crate::document_builder::DocumentBuilder;
use crate::html_flow::HtmlFlow;
use crate::text_encoding::read_text;
use crate::{AssetSink, Context, Error, Input};

/// Reads an HTML page; see [`crate::ReadDocument`].
pub(super) fn read(
    input: &mut dyn Input,
    assets: &mut dyn AssetSink,
    context: &mut Context<'_>,
) -> Result<Document, Error> {
    let source = read_text(input, context)?;
    context.progress("reading", 0, source.len() as u64)?;
    let title = context.options.title.clone();
    let mut builder = DocumentBuilder::new(assets, context);
    let mut flow = HtmlFlow::of_page();
    flow.feed(&source, &mut builder);
    Ok(builder.finish(Text::plain(title)))
}
