//! Blocks read: all of a document, one, those inside one.

use std::sync::Arc;

use larkspur_rehearsal::lint::{Note, mark};
use serde::Serialize;

use super::super::show::{Block, Shown};
use super::super::{codes, open, people};
use crate::contact::named::Kinds;
use crate::document::Loaded;
use crate::{Answer, ApiError, Request, Services};

/// Blocks a page holds at most, and unless said otherwise.
const PAGE_SIZE: i64 = 500;

#[derive(Serialize)]
struct ListData<'a> {
    items: Vec<Block<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_token: Option<String>,
    has_more: bool,
}

#[derive(Serialize)]
struct BlockData<'a> {
    block: Block<'a>,
}

/// Answers one page of `ids`, blocks of `loaded`; `list` tells this list from others.
async fn page(
    services: &Services,
    request: &Request,
    loaded: &Loaded,
    list: &str,
    ids: &[&str],
) -> Result<Answer, ApiError> {
    let size = match request.query.integer("page_size") {
        Ok(None) => PAGE_SIZE,
        Ok(Some(size)) if (1..=PAGE_SIZE).contains(&size) => size,
        _ => return Err(codes::INVALID_PARAM.because("page_size is 1 to 500")),
    };
    let caller = request.caller()?;
    let users = Kinds::read(request, caller)?.user;
    let asked = request.query.text("page_token");
    let first = match &asked {
        None => 0,
        Some(token) => page_start(token, loaded, ids.len())
            .ok_or_else(|| codes::PAGE_TOKEN.because("page_token is not one this list gave"))?,
    };
    let end = (first + size as usize).min(ids.len());
    let shown_ids = &ids[first..end];
    let tree = &loaded.tree;
    let people = people::by_id(services, caller, users, tree, shown_ids.iter().copied()).await?;
    let shown = Shown { tree, page: loaded.token.as_str(), people: &people };
    let has_more = end < ids.len();
    let page_token = has_more.then(|| format!("{:x}_{end:x}", loaded.revision));
    let note = Note::Listed {
        list: mark(list),
        asked: asked.map_or(0, |token| mark(&token)),
        next: page_token.as_deref().map_or(0, mark),
    };
    let items = shown.blocks(shown_ids.iter().copied());
    Ok(Answer::data(&ListData { items, page_token, has_more })?.noted(note))
}

/// Where a page starts: tokens name the revision the list began at.
fn page_start(token: &str, loaded: &Loaded, count: usize) -> Option<usize> {
    let (revision, at) = token.split_once('_')?;
    let at = usize::from_str_radix(at, 16).ok()?;
    let same = i64::from_str_radix(revision, 16).ok()? == loaded.revision;
    (same && at < count).then_some(at)
}

/// `docxDocumentBlockList`.
pub(super) async fn blocks(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let loaded = open::read(&services, &request).await?;
    let page_block = larkspur_model::document::PAGE;
    let ids: Vec<&str> =
        std::iter::once(page_block).chain(loaded.order().iter().map(String::as_str)).collect();
    page(&services, &request, &loaded, request.path_value("document_id"), &ids).await
}

/// Refuses a block that is not there; its id within the tree.
fn found<'a>(loaded: &Loaded, block_id: &'a str) -> Result<&'a str, ApiError> {
    let id = loaded.inner(block_id);
    if id == larkspur_model::document::PAGE || loaded.tree.get(id).is_some() {
        return Ok(id);
    }
    Err(codes::NOT_FOUND.because("the document has no block of this block_id"))
}

/// `docxDocumentBlockGet`.
pub(super) async fn block(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let loaded = open::read(&services, &request).await?;
    let id = found(&loaded, request.path_value("block_id"))?;
    let caller = request.caller()?;
    let users = Kinds::read(&request, caller)?.user;
    let people = people::by_id(&services, caller, users, &loaded.tree, [id]).await?;
    let shown = Shown { tree: &loaded.tree, page: loaded.token.as_str(), people: &people };
    Answer::data(&BlockData { block: Block { shown: &shown, id } })
}

/// `docxDocumentBlockChildrenGet`.
pub(super) async fn children(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let deep = request.query.flag("with_descendants").map_err(|sent| {
        codes::INVALID_PARAM.because(format!("with_descendants is true or false, not {sent:.20}"))
    })?;
    let loaded = open::read(&services, &request).await?;
    let block_id = request.path_value("block_id");
    let id = found(&loaded, block_id)?;
    let ids: Vec<&str> = if deep == Some(true) {
        loaded.tree.order_under(id)
    } else {
        loaded.tree.children(id).iter().map(String::as_str).collect()
    };
    page(&services, &request, &loaded, block_id, &ids).await
}
