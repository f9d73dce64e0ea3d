//! A document as plain text: a line a paragraph, items behind their signs, rows of tables with tabs.

use std::io::Write;

use larkspur_model::document::{Block, Content, Document};
use larkspur_model::loss::LossKind;

use crate::{AssetSource, Context, Error};

/// Blocks still to be written, and how far they are indented.
struct Waiting<'d> {
    block: &'d Block,
    level: usize,
    /// Number of the item, for items of numbered lists.
    number: u32,
}

/// Writes a text file; see [`crate::WriteDocument`].
pub(super) fn write(
    document: &Document,
    _: &mut dyn AssetSource,
    output: &mut dyn Write,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    let title = document.title.to_plain();
    if !title.trim().is_empty() && title != context.options.title {
        writeln!(output, "{title}\n")?;
    }
    let mut pending = Vec::new();
    wait_for(&document.blocks, 0, &mut pending);
    while let Some(Waiting { block, level, number }) = pending.pop() {
        let indent = "  ".repeat(level.min(20));
        let (sign, inner) = match &block.content {
            Content::Bullet(_) => ("- ".to_owned(), level + 1),
            Content::Ordered(_) => (format!("{number}. "), level + 1),
            Content::Todo(text) if text.style.done => ("[x] ".to_owned(), level + 1),
            Content::Todo(_) => ("[ ] ".to_owned(), level + 1),
            _ => (String::new(), level),
        };
        if let Some(text) = block.content.text() {
            for (index, line) in text.to_plain().split('\n').enumerate() {
                let lead = if index == 0 { sign.clone() } else { " ".repeat(sign.len()) };
                writeln!(output, "{}", format!("{indent}{lead}{line}").trim_end())?;
            }
        }
        match &block.content {
            Content::Divider => writeln!(output, "{indent}----")?,
            Content::Image(image) => {
                let named = document.assets.get(image.asset.0 as usize).map(|asset| &asset.name);
                let name = if image.caption.is_empty() { named } else { Some(&image.caption) };
                writeln!(output, "{indent}[{}]", name.map_or("", String::as_str))?;
                context.lose(LossKind::FeatureDropped, "", "a picture; its name is there");
            }
            Content::File { asset } => {
                let name = document.assets.get(asset.0 as usize).map_or("", |asset| &asset.name);
                writeln!(output, "{indent}[{name}]")?;
                context.lose(LossKind::FeatureDropped, "", "an attached file; its name is there");
            }
            Content::Iframe { url, .. } => writeln!(output, "{indent}{url}")?,
            Content::Embed(embed) => {
                writeln!(output, "{indent}{}", embed.stand_in().to_plain())?;
                let what = format!("{}; a line stands for it", embed.name());
                context.lose(LossKind::FeatureDropped, "", what);
            }
            Content::Table(table) => {
                rows(&block.children, table.columns as usize, &indent, output)?;
                continue;
            }
            _ => {}
        }
        wait_for(&block.children, inner, &mut pending);
    }
    Ok(())
}

/// Puts blocks on the stack, the first on top, each with its number in its list.
fn wait_for<'d>(blocks: &'d [Block], level: usize, pending: &mut Vec<Waiting<'d>>) {
    let from = pending.len();
    let mut number = 0;
    for block in blocks {
        number = match &block.content {
            Content::Ordered(text) => text.style.sequence.unwrap_or(number + 1),
            _ => 0,
        };
        pending.push(Waiting { block, level, number });
    }
    pending[from..].reverse();
}

/// Rows of a table; what is in a cell stands on one line.
fn rows(
    cells: &[Block],
    columns: usize,
    indent: &str,
    output: &mut dyn Write,
) -> Result<(), Error> {
    for row in cells.chunks(columns.max(1)) {
        let texts: Vec<String> = row.iter().map(line_of).collect();
        writeln!(output, "{indent}{}", texts.join("\t").trim_end())?;
    }
    Ok(())
}

fn line_of(cell: &Block) -> String {
    let mut line = String::new();
    let mut pending: Vec<&Block> = cell.children.iter().rev().collect();
    while let Some(block) = pending.pop() {
        if let Some(text) = block.content.text() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&text.to_plain().replace(['\n', '\t'], " "));
        }
        pending.extend(block.children.iter().rev());
    }
    line
}
