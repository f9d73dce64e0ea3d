//! Stored documents -> wire answers.

use std::sync::Arc;

use larkspur_platform::Access;
use larkspur_rehearsal::lint::{Note, mark};
use larkspur_store::documents::{self, DocumentRecord};
use larkspur_store::objects::ObjectKind;

use super::load::{Loaded, load};
use super::{codes, wire};
use crate::access::{self, Found};
use crate::{Answer, ApiError, Request, Services};

/// Characters `raw_content` answers at most (contract, "Edits").
const MOST_RAW_CHARACTERS: usize = 10_485_760;
/// Blocks a page holds at most, and unless said otherwise.
const PAGE_SIZE: i64 = 500;

/// The document a request names, with its revision, if the caller may read it.
async fn find(services: &Services, request: &Request) -> Result<DocumentRecord, ApiError> {
    let caller = request.caller()?;
    let token = request.path_value("document_id");
    if token.len() != 27 || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(codes::INVALID_PARAM.because("document_id has 27 letters and digits"));
    }
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    let found = access::find(db, caller, token, Access::View, now_ms)
        .await
        .map_err(|error| codes::INTERNAL.caused_by(error))?;
    let token = match found {
        Found::Missing => return Err(codes::NOT_FOUND.because(access::MISSING)),
        Found::Gone(_) => return Err(codes::DELETED.because(access::DELETED)),
        Found::Forbidden => return Err(codes::FORBIDDEN.because(access::NOT_SHARED)),
        Found::Object(object) if object.kind != ObjectKind::Docx => {
            return Err(codes::NOT_FOUND.because("the token is not a document's"));
        }
        Found::Object(object) => object.token,
    };
    documents::get(db, &caller.tenant, &token)
        .await
        .map_err(|error| codes::INTERNAL.caused_by(error))?
        .ok_or_else(|| codes::INTERNAL.caused_by("an object without its document"))
}

async fn open(services: &Services, request: &Request) -> Result<Arc<Loaded>, ApiError> {
    let record = find(services, request).await?;
    let asked = request
        .query
        .integer("document_revision_id")
        .map_err(|sent| codes::INVALID_PARAM.because(format!("document_revision_id: {sent}")))?;
    match asked {
        None | Some(-1) => {}
        Some(revision) if revision == record.revision => {}
        Some(revision) if revision < -1 || revision > record.revision => {
            return Err(codes::INVALID_PARAM.because("there is no such revision"));
        }
        Some(_) => return Err(codes::TOO_OLD.because("only the latest revision can be read")),
    }
    load(services, record.token.as_str(), record.revision, &record.blob_key).await
}

/// `docxDocumentGet`.
pub(super) async fn document(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let record = find(&services, &request).await?;
    let token = record.token.as_str();
    let loaded = load(&services, token, record.revision, &record.blob_key).await?;
    Answer::data(&wire::DocumentData {
        document: wire::DocumentInfo {
            document_id: token,
            revision_id: record.revision,
            title: &loaded.title.to_plain(),
            display_setting: wire::DisplaySetting {
                show_authors: true,
                show_create_time: true,
                show_pv: false,
                show_uv: false,
                show_like_count: false,
                show_comment_count: false,
                show_related_matters: false,
            },
        },
    })
}

/// `docxDocumentRawContent`.
pub(super) async fn raw_content(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    match request.query.integer("lang") {
        Ok(None | Some(0..=2)) => {}
        _ => return Err(codes::INVALID_PARAM.because("lang is 0, 1 or 2")),
    }
    let loaded = open(&services, &request).await?;
    let content = loaded.plain();
    if content.len() > MOST_RAW_CHARACTERS && content.chars().count() > MOST_RAW_CHARACTERS {
        return Err(codes::RAW_CONTENT_TOO_LARGE
            .because("the plain text is longer than this operation answers; read the blocks"));
    }
    Answer::data(&wire::RawContentData { content: &content })
}

/// `docxDocumentBlockList`.
pub(super) async fn blocks(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let page_size = match request.query.integer("page_size") {
        Ok(None) => PAGE_SIZE,
        Ok(Some(size)) if (1..=PAGE_SIZE).contains(&size) => size,
        _ => return Err(codes::INVALID_PARAM.because("page_size is 1 to 500")),
    };
    let loaded = open(&services, &request).await?;
    let first = match request.query.text("page_token") {
        None => 0,
        Some(token) => page_start(&token, &loaded)
            .ok_or_else(|| codes::PAGE_TOKEN.because("page_token is not one this list gave"))?,
    };
    let end = (first + page_size as usize).min(loaded.blocks.len());
    let items = loaded.blocks[first..end]
        .iter()
        .map(|block| wire::Block { document: &loaded, block })
        .collect();
    let has_more = end < loaded.blocks.len();
    let page_token = has_more.then(|| format!("{:x}_{end:x}", loaded.revision));
    let note = Note::Listed {
        list: mark(request.path_value("document_id")),
        asked: request.query.text("page_token").map_or(0, |token| mark(&token)),
        next: page_token.as_deref().map_or(0, mark),
    };
    Ok(Answer::data(&wire::BlockListData { items, page_token, has_more })?.noted(note))
}

/// Where a page starts: tokens name the revision, so that an edit between two pages is noticed.
fn page_start(token: &str, loaded: &Loaded) -> Option<usize> {
    let (revision, at) = token.split_once('_')?;
    let at = usize::from_str_radix(at, 16).ok()?;
    let same = i64::from_str_radix(revision, 16).ok()? == loaded.revision;
    (same && at < loaded.blocks.len()).then_some(at)
}

/// `docxDocumentBlockGet`.
pub(super) async fn block(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let loaded = open(&services, &request).await?;
    let block = loaded
        .block(request.path_value("block_id"))
        .ok_or_else(|| codes::NOT_FOUND.because("the document has no block of this block_id"))?;
    Answer::data(&wire::BlockData { block: wire::Block { document: &loaded, block } })
}
