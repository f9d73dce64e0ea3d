//! JSON into a document. It may come from anywhere: shapes are checked before anybody relies on them.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use larkspur_model::document::{Asset, AssetId, Block, Content, Document, Table, Text};
use larkspur_model::loss::LossKind;
use serde::Deserialize;

use crate::{AssetSink, Context, Error, Input};

/// More than this is no document.
const MOST_BYTES: u64 = 1 << 30;

#[derive(Deserialize)]
struct Stored {
    #[serde(default)]
    title: Text,
    blocks: Vec<Block>,
    #[serde(default)]
    assets: Vec<Asset>,
    /// Bytes of the assets, base64, in their order.
    #[serde(default)]
    asset_data: Vec<String>,
}

/// Reads a JSON file; see [`crate::ReadDocument`].
pub(super) fn read(
    input: &mut dyn Input,
    assets: &mut dyn AssetSink,
    context: &mut Context<'_>,
) -> Result<Document, Error> {
    let mut source = Vec::new();
    input.take(MOST_BYTES + 1).read_to_end(&mut source)?;
    if source.len() as u64 > MOST_BYTES {
        return Err(Error::TooLarge(format!("a document of more than {MOST_BYTES} bytes")));
    }
    let stored: Stored =
        serde_json::from_slice(&source).map_err(|error| Error::damaged(error.to_string()))?;
    let mut document =
        Document { title: stored.title, blocks: stored.blocks, assets: stored.assets };
    check(&document, context)?;
    let mut data = stored.asset_data.into_iter();
    for (index, asset) in (0..).zip(&mut document.assets) {
        let bytes = data.next().and_then(|digits| STANDARD.decode(digits).ok());
        if bytes.is_none() {
            let what = "the bytes of a picture are not in the file";
            context.lose(LossKind::ImageFailed, asset.name.as_str(), what);
        }
        asset.size_bytes = assets.put(AssetId(index), &mut bytes.unwrap_or_default().as_slice())?;
        asset.token.clear();
    }
    if document.title.is_empty() {
        document.title = Text::plain(context.options.title.as_str());
    }
    Ok(document)
}

fn check(document: &Document, context: &Context<'_>) -> Result<(), Error> {
    let limits = context.limits;
    let blocks = document.block_count();
    if blocks > limits.blocks {
        return Err(Error::TooLarge(format!("{blocks} blocks; {} are allowed", limits.blocks)));
    }
    let mut problem = None;
    document.walk(&mut |block, depth| {
        let wrong = match &block.content {
            _ if depth > limits.block_depth => Some("blocks nest too deep".to_owned()),
            Content::Table(table) => wrong_table(table, &block.children),
            Content::Image(image) if image.asset.0 as usize >= document.assets.len() => {
                Some(format!("picture {} is not there", image.asset.0))
            }
            Content::File { asset } if asset.0 as usize >= document.assets.len() => {
                Some(format!("file {} is not there", asset.0))
            }
            Content::Heading { level, .. } if !(1..=9).contains(level) => {
                Some(format!("a heading of level {level}"))
            }
            _ => None,
        };
        if problem.is_none() {
            problem = wrong;
        }
    });
    problem.map_or(Ok(()), |problem| Err(Error::Damaged(problem)))
}

fn wrong_table(table: &Table, cells: &[Block]) -> Option<String> {
    let (rows, columns) = (u64::from(table.rows), u64::from(table.columns));
    if rows * columns != cells.len() as u64 || cells.is_empty() {
        return Some(format!("a table of {rows} x {columns} with {} cells", cells.len()));
    }
    if cells.iter().any(|cell| cell.content != Content::TableCell) {
        return Some("a table that holds more than cells".to_owned());
    }
    let mut covered = vec![false; cells.len()];
    for merge in &table.merges {
        let bottom = u64::from(merge.row) + u64::from(merge.row_span);
        let right = u64::from(merge.column) + u64::from(merge.column_span);
        if bottom > rows || right > columns || merge.row_span == 0 || merge.column_span == 0 {
            return Some("a merged area leaves its table".to_owned());
        }
        for row in u64::from(merge.row)..bottom {
            for column in u64::from(merge.column)..right {
                let place = covered.get_mut((row * columns + column) as usize)?;
                if std::mem::replace(place, true) {
                    return Some("merged areas overlap".to_owned());
                }
            }
        }
    }
    None
}
