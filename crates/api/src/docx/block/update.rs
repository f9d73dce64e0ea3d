//! Blocks changed, one (`docxDocumentBlockPatch`) or many (`docxDocumentBlockBatchUpdate`): which
//! operation a request asks for, and those on texts.

use std::collections::HashSet;
use std::sync::Arc;

use larkspur_model::document::{Content, Edit, Inline, PAGE, Text, TextStyle};

use super::super::codes;
use super::super::edit::{Before, Made, Road};
use super::super::parse::At;
use super::super::parse_text::{TITLE_CHARACTERS, elements, text_style};
use super::super::resolve::Resolving;
use super::create::check_there;
use super::grid::GridOperation;
use super::media::Replacement;
use super::table::TableOperation;
use super::wire::{BatchBody, UpdateInput};
use crate::{Answer, ApiError, Request, Services, Violations, codes as platform};

/// Blocks of one request (contract, "Edits").
const MOST_UPDATES: usize = 200;
/// Cells that the operations of one request make, merge or delete together, as many as a table has.
const MOST_CELLS: usize = 2_000;

/// The fields of a style that an update names: `align`, `done`, `folded`, `language`, `wrap`,
/// `background_color`, `indentation_level` (contract, `fields`).
const STYLE_FIELDS: std::ops::RangeInclusive<i64> = 1..=7;

/// What is to be done to one block.
#[derive(Debug, Clone)]
enum Operation {
    Text(TextOperation),
    Table(TableOperation),
    Grid(GridOperation),
    Media(Replacement),
    /// There are no task blocks: the API does not make them.
    Task,
}

/// A text with its style, or one of the two.
#[derive(Debug, Clone)]
struct TextOperation {
    elements: Option<Vec<Inline>>,
    /// The new style, and which of its fields count.
    style: Option<(TextStyle, Vec<i64>)>,
}

#[derive(Debug, Clone)]
struct Update {
    block_id: String,
    operation: Operation,
}

/// `docxDocumentBlockPatch`.
pub(super) async fn one(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let road = Road::open(&services, &request).await?;
    if let Some(answer) = road.replayed().await? {
        return Ok(answer);
    }
    let input: UpdateInput = request.json(platform::BAD_REQUEST)?;
    let block_id = request.path_value("block_id");
    let mut resolving = road.resolving();
    let operation = read(&services, &mut resolving, &input, block_id, "the body").await?;
    let update = Update { block_id: block_id.to_owned(), operation };
    road.make(&resolving.made, |before, edit| {
        let mut made = apply(&services, before, edit, std::slice::from_ref(&update))?;
        made.block = made.blocks.take().and_then(|blocks| blocks.into_iter().next());
        Ok(made)
    })
    .await
}

/// `docxDocumentBlockBatchUpdate`.
pub(super) async fn many(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let road = Road::open(&services, &request).await?;
    if let Some(answer) = road.replayed().await? {
        return Ok(answer);
    }
    let BatchBody { requests } = request.json(platform::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let inputs = violations.required("requests", requests);
    if inputs.len() > MOST_UPDATES {
        violations.add("requests", inputs.len(), "the max len is 200");
    }
    violations.check()?;
    let mut seen = HashSet::new();
    let mut resolving = road.resolving();
    let mut updates = Vec::with_capacity(inputs.len());
    for (at, input) in inputs.iter().enumerate() {
        let path = format!("requests[{at}]");
        let block_id = input.block_id.as_deref().unwrap_or_default();
        if block_id.is_empty() {
            return Err(codes::INVALID_PARAM.because(format!("{path}.block_id is required")));
        }
        if !seen.insert(block_id) {
            let why = format!("{path}: each block is changed once in a request: {block_id:.60}");
            return Err(codes::REPEATED.because(why));
        }
        let operation = read(&services, &mut resolving, input, block_id, &path).await?;
        updates.push(Update { block_id: block_id.to_owned(), operation });
    }
    road.make(&resolving.made, |before, edit| apply(&services, before, edit, &updates)).await
}

/// Reads the one operation of a request on a block, and looks up what it names.
async fn read(
    services: &Services,
    resolving: &mut Resolving<'_>,
    input: &UpdateInput,
    block_id: &str,
    path: &str,
) -> Result<Operation, ApiError> {
    let at = At { path, schema: codes::SCHEMA };
    let mut found = Vec::new();
    if let Some(operation) = text_operation(resolving, input, at).await? {
        found.push(Operation::Text(operation));
    }
    found.extend(TableOperation::read(input, at)?.into_iter().map(Operation::Table));
    found.extend(GridOperation::read(input, at)?.into_iter().map(Operation::Grid));
    let document = resolving.document;
    let media = Replacement::read(services, document, input, block_id, at).await?;
    found.extend(media.into_iter().map(Operation::Media));
    if input.update_task.is_some() {
        found.push(Operation::Task);
    }
    let several = text_operations(input) > 1 || found.len() > 1;
    match found.pop() {
        Some(operation) if !several => Ok(operation),
        _ => {
            let why = format!("{path}: exactly one operation on a block, such as update_text");
            Err(codes::OPERATION.because(why))
        }
    }
}

fn text_operations(input: &UpdateInput) -> usize {
    [
        input.update_text_elements.is_some(),
        input.update_text_style.is_some(),
        input.update_text.is_some(),
    ]
    .into_iter()
    .filter(|given| *given)
    .count()
}

async fn text_operation(
    resolving: &mut Resolving<'_>,
    input: &UpdateInput,
    at: At<'_>,
) -> Result<Option<TextOperation>, ApiError> {
    let (new, style, fields) = if let Some(update) = &input.update_text_elements {
        (Some(&update.elements), None, None)
    } else if let Some(update) = &input.update_text_style {
        (None, Some(&update.style), Some(&update.fields))
    } else if let Some(update) = &input.update_text {
        (Some(&update.elements), Some(&update.style), Some(&update.fields))
    } else {
        return Ok(None);
    };
    let mut operation = TextOperation { elements: None, style: None };
    if let Some(new) = new {
        let new = new.as_deref().filter(|new| !new.is_empty());
        let new = new.ok_or_else(|| at.wrong("elements is required, with one at least"))?;
        let text = Text { elements: elements(new, at)?, ..Text::default() };
        let mut content = Content::Text(text);
        resolving.all(vec![&mut content]).await?;
        operation.elements = content.text_mut().map(|text| std::mem::take(&mut text.elements));
    }
    if let (Some(style), Some(fields)) = (style, fields) {
        let style = style.as_ref().ok_or_else(|| at.wrong("style is required"))?;
        let fields = fields.as_deref().ok_or_else(|| at.wrong("fields is required"))?;
        if fields.is_empty() || fields.iter().any(|field| !STYLE_FIELDS.contains(field)) {
            return Err(at.wrong("fields are numbers from 1 to 7: which of style count"));
        }
        operation.style = Some((text_style(style, at)?, fields.to_vec()));
    }
    Ok(Some(operation))
}

/// Does what was asked for, block by block.
fn apply(
    services: &Services,
    before: &Before<'_>,
    edit: &mut Edit,
    updates: &[Update],
) -> Result<Made, ApiError> {
    let mut made = Made::default();
    let mut blocks = Vec::with_capacity(updates.len());
    let mut cells = 0;
    for Update { block_id, operation } in updates {
        let id = before.inner(block_id);
        check_there(before, edit, id)?;
        match operation {
            Operation::Text(operation) => operation.apply(edit, id)?,
            Operation::Table(operation) => {
                cells += operation.apply(&services.ids, before, edit, id)?;
            }
            Operation::Grid(operation) => operation.apply(&services.ids, before, edit, id)?,
            Operation::Media(operation) => made.media.push(operation.apply(edit, id)?),
            Operation::Task => {
                return Err(
                    codes::OTHER_BLOCK.because("update_task is for task blocks, and this is none")
                );
            }
        }
        blocks.push(id.to_owned());
    }
    if cells > MOST_CELLS {
        let why = format!(
            "the operations touch {cells} cells together; 2,000 in one request, so send several"
        );
        return Err(codes::TOO_MANY_CELLS_TOUCHED.because(why));
    }
    let limits = &services.converter.config().limits;
    super::super::grow::Room { blocks: limits.blocks, depth: limits.block_depth }
        .check_count(edit)?;
    made.blocks = Some(blocks);
    Ok(made)
}

impl TextOperation {
    fn apply(&self, edit: &mut Edit, id: &str) -> Result<(), ApiError> {
        if id == PAGE {
            return self.entitle(edit);
        }
        let text = edit.change(id).and_then(|node| node.content.text_mut());
        let text = text.ok_or_else(|| {
            codes::OTHER_BLOCK.because("the block has no text; update_text is for blocks with one")
        })?;
        if let Some(elements) = &self.elements {
            text.elements.clone_from(elements);
        }
        if let Some((style, fields)) = &self.style {
            let own = &mut text.style;
            for field in fields {
                match field {
                    1 => own.align = style.align,
                    2 => own.done = style.done,
                    3 => own.folded = style.folded,
                    4 => own.language = style.language,
                    5 => own.wrap = style.wrap,
                    6 => own.background.clone_from(&style.background),
                    _ => own.indented = style.indented,
                }
            }
        }
        Ok(())
    }

    /// The text of the page is the document's title.
    fn entitle(&self, edit: &mut Edit) -> Result<(), ApiError> {
        let Some(elements) = self.elements.as_ref().filter(|_| self.style.is_none()) else {
            let why = "the page's text is the title: it has no style, update_text_elements sets it";
            return Err(codes::OTHER_BLOCK.because(why));
        };
        let runs = elements.iter().all(|element| matches!(element, Inline::Run { .. }));
        let title = Text { elements: elements.clone(), ..Text::default() }.to_plain();
        if !runs || !(1..=TITLE_CHARACTERS).contains(&title.chars().count()) {
            let why = "a title is plain text of 1 to 800 characters";
            return Err(codes::INVALID_PARAM.because(why));
        }
        edit.set_title(Text::plain(title));
        Ok(())
    }
}
