//! New blocks with others inside them (`docxDocumentBlockDescendantCreate`): a flat list under ids of
//! the caller's own becomes a tree, which is held against what every block of its type has.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use larkspur_model::document::Content;

use super::super::edit::{Made, Road};
use super::super::grow::{self, NewBlock};
use super::super::input::BlockInput;
use super::super::parse::{self, At, Parsed};
use super::super::{codes, rules};
use super::create::{check_index, place, resolve, share, viewed};
use super::wire::DescendantBody;
use crate::{Answer, ApiError, Request, Services, Violations, codes as platform};

/// New blocks of one request (contract, "Edits").
const MOST_DESCENDANTS: usize = 1_000;

/// `docxDocumentBlockDescendantCreate`.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let road = Road::open(&services, &request).await?;
    if let Some(answer) = road.replayed().await? {
        return Ok(answer);
    }
    let DescendantBody { children_id, index, descendants } = request.json(platform::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let first_level = violations.required("children_id", children_id);
    let inputs = violations.required("descendants", descendants);
    for (field, count) in [("children_id", first_level.len()), ("descendants", inputs.len())] {
        if count > MOST_DESCENDANTS {
            violations.add(field, count, "the max len is 1000");
        } else if count == 0 {
            violations.add(field, count, "the min len is 1");
        }
    }
    violations.check()?;
    let index = check_index(index)?;
    let mut blocks = Family::new(&inputs, &first_level)?.grow(&first_level, road.room().depth)?;
    let made = resolve(&road, &mut blocks).await?;
    let block_id = request.path_value("block_id");
    road.make(&made, |before, edit| {
        let place = place(before, edit, block_id, index)?;
        let planted = grow::plant(edit, &services.ids, road.room(), place, blocks.clone())?;
        Ok(Made {
            children: Some(planted.top),
            relations: Some(planted.relations),
            ..Made::default()
        })
    })
    .await
}

/// The new blocks by the ids the request gives them.
struct Family<'a> {
    members: HashMap<&'a str, (usize, &'a BlockInput)>,
}

impl<'a> Family<'a> {
    /// Checks who is whose child.
    fn new(inputs: &'a [BlockInput], first_level: &[String]) -> Result<Self, ApiError> {
        let mut members = HashMap::with_capacity(inputs.len());
        for (at, input) in inputs.iter().enumerate() {
            let id = input.block_id.as_deref().filter(|id| !id.is_empty());
            let id = id.ok_or_else(|| {
                let why = format!("descendants[{at}].block_id is required: an id of your own");
                codes::INVALID_PARAM.because(why)
            })?;
            if members.insert(id, (at, input)).is_some() {
                let why = format!("two descendants have the block_id {id:.60}");
                return Err(codes::REPEATED.because(why));
            }
        }
        let mut named = HashSet::new();
        for (_, input) in members.values() {
            for child in input.children.iter().flatten() {
                if !members.contains_key(child.as_str()) {
                    let why = format!("children name {child:.60}, which is no descendant's id");
                    return Err(codes::FAMILY.because(why));
                }
                if !named.insert(child.as_str()) {
                    let why = format!("{child:.60} is a child of two blocks, or twice of one");
                    return Err(codes::FAMILY.because(why));
                }
            }
        }
        let mut top = HashSet::new();
        for id in first_level {
            if !members.contains_key(id.as_str()) {
                let why = format!("children_id names {id:.60}, which is no descendant's id");
                return Err(codes::FAMILY.because(why));
            }
            if !top.insert(id.as_str()) {
                let why = format!("children_id names {id:.60} twice");
                return Err(codes::REPEATED.because(why));
            }
            if named.contains(id.as_str()) {
                let why = format!(
                    "children_id names the first level alone; {id:.60} is a child of another block"
                );
                return Err(codes::SCHEMA.because(why));
            }
        }
        let lost = members.keys().find(|id| !named.contains(*id) && !top.contains(*id));
        if let Some(lost) = lost {
            let why = format!("{lost:.60} is neither in children_id nor a child of another block");
            return Err(codes::SCHEMA.because(why));
        }
        Ok(Self { members })
    }

    /// The blocks of the first level, each with what is inside it.
    fn grow(&self, first_level: &[String], most_depth: usize) -> Result<Vec<NewBlock>, ApiError> {
        let mut order = Vec::with_capacity(self.members.len());
        let mut pending: Vec<(&str, usize)> =
            first_level.iter().map(|id| (id.as_str(), 1)).collect();
        while let Some((id, depth)) = pending.pop() {
            if depth > most_depth {
                let why = format!("blocks lie at most {most_depth} deep within each other");
                return Err(codes::TOO_DEEP.because(why));
            }
            order.push(id);
            let children = self.members.get(id).and_then(|(_, input)| input.children.as_ref());
            pending.extend(children.into_iter().flatten().map(|id| (id.as_str(), depth + 1)));
        }
        if order.len() < self.members.len() {
            let why = "some descendants are children of each other in a circle";
            return Err(codes::FAMILY.because(why));
        }
        // Children come after their parents in this order, so they are whole when their parent is.
        let mut grown: HashMap<&str, NewBlock> = HashMap::with_capacity(order.len());
        for id in order.into_iter().rev() {
            let Some((at, input)) = self.members.get(id) else { continue };
            let children = input.children.iter().flatten();
            let children = children.filter_map(|child| grown.remove(child.as_str())).collect();
            let block = member(input, &format!("descendants[{at}]"), id, children)?;
            grown.insert(id, block);
        }
        Ok(first_level.iter().filter_map(|id| grown.remove(id.as_str())).collect())
    }
}

/// Reads one of them.
fn member(
    input: &BlockInput,
    path: &str,
    id: &str,
    mut children: Vec<NewBlock>,
) -> Result<NewBlock, ApiError> {
    let at = At { path, schema: codes::OPEN_SCHEMA };
    let Parsed { content, columns, view } = parse::content(input, at)?;
    check_family(&content, columns, &children, at)?;
    if matches!(content, Content::Grid) {
        let even = share(children.len());
        for column in &mut children {
            // A column that names no width has none until its sisters are known.
            if let Content::GridColumn { width_ratio: width_ratio @ 0 } = &mut column.content {
                *width_ratio = even;
            }
        }
    }
    let is_file = matches!(content, Content::File { .. });
    let block = NewBlock {
        content,
        comment_ids: input.comment_ids.clone().unwrap_or_default(),
        children,
        temporary: Some(id.to_owned()),
    };
    Ok(if is_file { viewed(block, view) } else { block })
}

/// Refuses a block that misses what every block of its type has inside it.
fn check_family(
    content: &Content,
    columns: usize,
    children: &[NewBlock],
    at: At<'_>,
) -> Result<(), ApiError> {
    let wrong = |why: &str| Err(codes::OPEN_SCHEMA.because(format!("{}: {why}", at.path)));
    match content {
        Content::Table(table) => {
            rules::check_table(table.rows, table.columns)?;
            let cells = children.iter().all(|child| child.content == Content::TableCell);
            if !cells || children.len() != (table.rows * table.columns) as usize {
                return wrong("children of a table are its cells, row_size times column_size");
            }
        }
        Content::Grid => {
            let all = children.iter().all(|it| matches!(it.content, Content::GridColumn { .. }));
            if !all || children.len() != columns {
                return wrong("children of a grid are its grid_columns, column_size of them");
            }
        }
        content if children.is_empty() && rules::is_never_empty(content) => {
            return wrong("a cell, a column and a callout hold a block, if only an empty text");
        }
        content if !children.is_empty() && !rules::holds_children(Some(content)) => {
            let why = format!("{}: blocks of this type hold no children", at.path);
            return Err(codes::NO_CHILDREN.because(why));
        }
        _ => {}
    }
    Ok(())
}
