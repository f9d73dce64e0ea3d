//! Word files at the border of the crate: hand-built ones, damaged ones, what our own writer makes, and
//! the corpus against what other programs read in it.

mod build;
mod cases;
mod corpus;
mod hostile;
mod round_trip;

use std::io::Cursor;

use larkspur_formats::{Context, Error, Limits, Options, Unwatched, by_extension};
use larkspur_model::document::Document;
use larkspur_model::loss::Losses;

/// A document that was read, with its pictures.
struct Outcome {
    document: Document,
    assets: Vec<Vec<u8>>,
    losses: Losses,
}

fn read(bytes: &[u8], limits: &Limits) -> Result<Outcome, Error> {
    let options = Options { title: "untitled".to_owned(), ..Options::default() };
    let mut monitor = Unwatched;
    let mut context = Context::new(limits, &options, &mut monitor);
    let mut assets = Vec::new();
    let reader = by_extension("docx").and_then(|format| format.read_document).expect("a reader");
    let document = reader(&mut Cursor::new(bytes), &mut assets, &mut context)?;
    Ok(Outcome { document, assets, losses: context.losses })
}

/// Each block on a line, indented by depth, in a short form a person reads.
fn outline(document: &Document) -> String {
    use larkspur_model::document::{Content, Inline};
    let mut lines = String::new();
    document.walk(&mut |block, depth| {
        lines.push_str(&"  ".repeat(depth - 1));
        let name = match &block.content {
            Content::Text(_) => "text".to_owned(),
            Content::Heading { level, .. } => format!("h{level}"),
            Content::Bullet(_) => "-".to_owned(),
            Content::Ordered(text) => {
                text.style.sequence.map_or("+".to_owned(), |number| format!("{number}."))
            }
            Content::Code(_) => "code".to_owned(),
            Content::Quote(_) => "quote".to_owned(),
            Content::Todo(text) => (if text.style.done { "[x]" } else { "[ ]" }).to_owned(),
            Content::Divider => "---".to_owned(),
            Content::Image(image) => {
                format!("image {}x{} {}", image.width_px, image.height_px, image.caption)
            }
            Content::File { asset } => format!("file {}", document.assets[asset.0 as usize].name),
            Content::Table(table) => format!(
                "table {}x{}{}{}",
                table.rows,
                table.columns,
                if table.header_row { " headed" } else { "" },
                table
                    .merges
                    .iter()
                    .map(|merge| {
                        let (row, column) = (merge.row, merge.column);
                        format!(" {row},{column}+{}x{}", merge.row_span, merge.column_span)
                    })
                    .collect::<Vec<_>>()
                    .concat()
            ),
            Content::TableCell => "cell".to_owned(),
            Content::QuoteContainer => ">".to_owned(),
            other => format!("{other:?}"),
        };
        lines.push_str(&name);
        for element in block.content.text().map_or(&[][..], |text| text.elements.as_slice()) {
            let (open, content, close) = match element {
                Inline::Equation { content, .. } => ("$", content.as_str(), "$"),
                Inline::Run { content, .. } => ("", content.as_str(), ""),
                _ => ("?", "", "?"),
            };
            let style = element.style();
            let mut marks = String::new();
            for (set, mark) in [
                (style.bold, "b"),
                (style.italic, "i"),
                (style.underline, "u"),
                (style.strikethrough, "s"),
                (style.inline_code, "c"),
            ] {
                marks.push_str(if set { mark } else { "" });
            }
            for (colour, mark) in [(style.text_color, "t"), (style.background_color, "g")] {
                marks.push_str(&colour.map_or(String::new(), |number| format!("{mark}{number}")));
            }
            if let Some(link) = &style.link {
                marks.push('@');
                marks.push_str(link);
            }
            let marks = if marks.is_empty() { marks } else { format!("{{{marks}}}") };
            lines.push(' ');
            lines.push_str(&format!("{marks}{open}{content}{close}").replace('\n', "⏎"));
        }
        lines.push('\n');
    });
    lines
}
