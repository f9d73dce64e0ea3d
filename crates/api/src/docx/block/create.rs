//! New blocks side by side in one that is there (`docxDocumentBlockChildrenCreate`), and where new
//! blocks go.

use std::sync::Arc;

use larkspur_model::document::{Content, Edit, PAGE};
use larkspur_store::sql::Transaction;

use super::super::codes;
use super::super::edit::{Before, Made, Road};
use super::super::grow::{self, NewBlock};
use super::super::input::BlockInput;
use super::super::parse::{self, At, Parsed};
use super::wire::ChildrenBody;
use crate::{Answer, ApiError, Request, Services, Violations, codes as platform};

/// New blocks of one request (contract, "Edits").
const MOST_CHILDREN: usize = 50;
/// Rows, and columns, of a table made so.
const MOST_TABLE_SIDE: u32 = 9;

/// `docxDocumentBlockChildrenCreate`.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let road = Road::open(&services, &request).await?;
    if let Some(answer) = road.replayed().await? {
        return Ok(answer);
    }
    let ChildrenBody { children, index } = request.json(platform::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let inputs = violations.required("children", children);
    if inputs.len() > MOST_CHILDREN {
        violations.add("children", inputs.len(), "the max len is 50");
    } else if inputs.is_empty() {
        violations.add("children", 0, "the min len is 1");
    }
    violations.check()?;
    let index = check_index(index)?;
    let mut blocks = Vec::with_capacity(inputs.len());
    for (at, input) in inputs.iter().enumerate() {
        blocks.push(child(input, &format!("children[{at}]"))?);
    }
    let made = resolve(&road, &mut blocks).await?;
    let block_id = request.path_value("block_id");
    road.make(&made, |before, edit| {
        let place = place(before, edit, block_id, index)?;
        let planted = grow::plant(edit, &services.ids, road.room(), place, blocks.clone())?;
        Ok(Made { children: Some(planted.top), ..Made::default() })
    })
    .await
}

/// Looks up what new blocks name; what has to be made for them comes along.
pub(super) async fn resolve(
    road: &Road<'_>,
    blocks: &mut [NewBlock],
) -> Result<Transaction, ApiError> {
    let mut resolving = road.resolving();
    let mut contents = Vec::new();
    NewBlock::each(blocks, &mut |content| contents.push(content));
    resolving.all(contents).await?;
    Ok(std::mem::take(&mut resolving.made))
}

/// Reads where new blocks go: -1, or nothing, is behind the last.
pub(super) fn check_index(index: Option<i64>) -> Result<i64, ApiError> {
    match index.unwrap_or(-1) {
        index @ -1.. => Ok(index),
        _ => Err(codes::INVALID_PARAM.because("index is -1 for the end, or counts from 0")),
    }
}

/// The block and the place in it that a request names, as they are by now: an index counts what was
/// there at the revision the request is based on.
pub(super) fn place<'b>(
    before: &Before<'_>,
    edit: &Edit,
    block_id: &'b str,
    index: i64,
) -> Result<(&'b str, usize), ApiError> {
    let parent = before.inner(block_id);
    check_there(before, edit, parent)?;
    let (based, now) = (before.based.children(parent), edit.tree().children(parent));
    let Ok(index) = usize::try_from(index) else { return Ok((parent, now.len())) };
    if index > based.len() {
        let why = format!("index {index}: the block holds {} others", based.len());
        return Err(codes::INVALID_PARAM.because(why));
    }
    if before.latest {
        return Ok((parent, index));
    }
    // Behind the nearest of those before it that is still there.
    let behind = based[..index].iter().rev().find_map(|id| now.iter().position(|it| it == id));
    Ok((parent, behind.map_or(0, |at| at + 1)))
}

/// Refuses a block that is not there, or not any more.
pub(super) fn check_there(before: &Before<'_>, edit: &Edit, id: &str) -> Result<(), ApiError> {
    if id == PAGE || edit.tree().get(id).is_some() {
        return Ok(());
    }
    let why = if before.based.get(id).is_some() {
        "the block was deleted since the revision the request is based on"
    } else {
        "the document has no block of this block_id"
    };
    Err(codes::NOT_FOUND.because(why))
}

/// Reads one of them, with what comes with it.
fn child(input: &BlockInput, path: &str) -> Result<NewBlock, ApiError> {
    let at = At { path, schema: codes::SCHEMA };
    if input.children.as_ref().is_some_and(|children| !children.is_empty()) {
        return Err(at.wrong("blocks with others inside them are made with descendant"));
    }
    let Parsed { content, columns, view } = parse::content(input, at)?;
    let comment_ids = input.comment_ids.clone().unwrap_or_default();
    let mut block = match content {
        Content::TableCell | Content::GridColumn { .. } => {
            let why = format!("{path}: cells and columns come with their table or grid");
            return Err(codes::NOT_CREATABLE.because(why));
        }
        Content::Table(table) => {
            if table.rows > MOST_TABLE_SIDE || table.columns > MOST_TABLE_SIDE {
                return Err(at.wrong(
                    "a table made here has at most 9 rows and 9 columns; descendant makes larger \
                     ones, and insert_table_row adds to it",
                ));
            }
            let cells = (0..table.rows * table.columns)
                .map(|_| NewBlock::of(Content::TableCell, vec![NewBlock::empty_text()]));
            let cells = cells.collect();
            NewBlock::of(Content::Table(table), cells)
        }
        Content::Grid => {
            let column = |_| {
                let content = Content::GridColumn { width_ratio: share(columns) };
                NewBlock::of(content, vec![NewBlock::empty_text()])
            };
            NewBlock::of(Content::Grid, (0..columns).map(column).collect())
        }
        content @ Content::Callout(_) => NewBlock::of(content, vec![NewBlock::empty_text()]),
        content @ Content::File { .. } => viewed(NewBlock::of(content, Vec::new()), view),
        content => NewBlock::of(content, Vec::new()),
    };
    block.comment_ids = comment_ids;
    Ok(block)
}

/// A file stands in a frame, which is what the document holds (contract, "Other data objects").
pub(super) fn viewed(file: NewBlock, view: u8) -> NewBlock {
    NewBlock::of(Content::View { kind: view }, vec![file])
}

/// The width of each of so many columns that share a grid evenly, of 100.
pub(super) fn share(columns: usize) -> u32 {
    (100 / columns.max(1)).clamp(1, 99) as u32
}
