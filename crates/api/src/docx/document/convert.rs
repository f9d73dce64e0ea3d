//! A text becomes blocks that belong to no document yet, under ids for `descendant`. The text is
//! read as an import's file is, in a child process.

use std::path::Path;
use std::sync::Arc;

use larkspur_convert::{Error as ConvertError, Made, Work};
use larkspur_model::document::{Block as ModelBlock, Content, Document, PAGE, Tree};
use larkspur_model::id::BlockId;
use serde::{Deserialize, Serialize};

use super::super::codes;
use super::super::edit::uuid;
use super::super::open::internal;
use super::super::people::People;
use super::super::show::{Block, Shown};
use crate::{Answer, ApiError, Request, Services, Violations, codes as platform, stored};

/// Characters of a text (contract, "Edits").
const MOST_CHARACTERS: usize = 10_485_760;
/// Bytes of the body: that many characters, each of them escaped.
pub(super) const MOST_BYTES: u64 = 64 << 20;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ConvertBody {
    content_type: Option<String>,
    content: Option<String>,
}

#[derive(Serialize)]
struct ConvertData<'a> {
    first_level_block_ids: &'a [String],
    blocks: Vec<Block<'a>>,
    block_id_to_image_urls: Vec<ImageAddress<'a>>,
}

#[derive(Serialize)]
struct ImageAddress<'a> {
    block_id: &'a str,
    image_url: &'a str,
}

/// `docxDocumentConvert`.
pub(super) async fn convert(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let ConvertBody { content_type, content } = request.json(platform::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let content_type = violations.required("content_type", content_type);
    let content = violations.required("content", content);
    let extension = match content_type.as_str() {
        "markdown" => "md",
        "html" => "html",
        "" => "",
        other => {
            violations.add("content_type", other, "content_type is markdown or html");
            ""
        }
    };
    violations.check()?;
    if content.is_empty() {
        let mut violations = Violations::new();
        violations.add("content", "", "the min len is 1");
        violations.check()?;
    }
    if content.len() > MOST_CHARACTERS && content.chars().count() > MOST_CHARACTERS {
        let why = "content has at most 10,485,760 characters; convert it in parts";
        return Err(codes::CONTENT_TOO_LARGE.because(why));
    }
    let document = read(&services, extension, content).await?;
    let tree = Tree::from_document(document);
    let people = People::default();
    let shown = Shown { tree: &tree, page: "", people: &people };
    let order = tree.order_under(PAGE);
    let addresses = order.iter().filter_map(|id| {
        let Content::Image(image) = &tree.get(id)?.content else { return None };
        let asset = tree.assets().get(image.asset.0 as usize)?;
        Some(ImageAddress { block_id: id, image_url: &asset.address })
    });
    Answer::data(&ConvertData {
        first_level_block_ids: tree.children(PAGE),
        block_id_to_image_urls: addresses.collect(),
        blocks: shown.blocks(order),
    })
}

/// Reads the text into a document whose blocks have ids.
async fn read(services: &Services, extension: &str, text: String) -> Result<Document, ApiError> {
    let folder = services.store.blobs.scratch().map_err(internal)?;
    let input = folder.path().join("input");
    tokio::fs::write(&input, text).await.map_err(internal)?;
    let out = folder.path().join("out");
    tokio::fs::create_dir(&out).await.map_err(internal)?;
    let work = Work::ReadDocument {
        input,
        extension: extension.to_owned(),
        title: String::new(),
        pictures_as_addresses: true,
    };
    let produced = services.convert(work, &out).await.map_err(|error| match error {
        ConvertError::Failed(failure) => {
            codes::INTERNAL.because(format!("the text could not be read: {}", failure.message))
        }
        ConvertError::Cancelled => internal("cancelled"),
        ConvertError::Unavailable(error) => internal(error),
    })?;
    let Made::Document { document, .. } = produced.made else {
        return Err(internal("the conversion made another thing"));
    };
    let document = load(&document).await.map_err(internal)?;
    Ok(named(document, services))
}

async fn load(path: &Path) -> Result<Document, larkspur_store::Error> {
    let path = path.to_owned();
    stored::blocking(move || {
        let file = std::io::BufReader::new(std::fs::File::open(path)?);
        Ok(serde_json::from_reader(file)?)
    })
    .await
}

/// Gives every block an id, and makes it what `descendant` takes: cells hold something, and a
/// highlighted box is a frame around whatever it holds.
fn named(mut document: Document, services: &Services) -> Document {
    let mut pending: Vec<&mut ModelBlock> = document.blocks.iter_mut().collect();
    while let Some(block) = pending.pop() {
        block.id = BlockId(uuid(&services.ids.hex(32)));
        match block.content {
            Content::Callout(_) => block.content = Content::QuoteContainer,
            Content::TableCell if block.children.is_empty() => {
                block.children.push(ModelBlock::paragraph(""));
            }
            _ => {}
        }
        pending.extend(block.children.iter_mut());
    }
    document
}
