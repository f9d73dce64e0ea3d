//! The document a request names: whether it is there, whether the caller may do this with it, and
//! which revision of it is asked for (contract, `document_revision_id`).

use std::sync::Arc;

use larkspur_platform::{self as platform, Access};
use larkspur_store::documents::{self, DocumentRecord, KEPT_CHANGES};
use larkspur_store::objects::{Object, ObjectKind};

use super::codes;
use crate::access::{self, Found};
use crate::document::{self, Loaded};
use crate::{ApiError, Request, Services};

/// The revision at which the list of a page token began.
fn begun_revision(request: &Request) -> Option<i64> {
    let token = request.query.text("page_token")?;
    i64::from_str_radix(token.split_once('_')?.0, 16).ok()
}

/// Why a revision cannot be had any more.
const TOO_OLD: &str = "it is more than 1,000 revisions behind the latest, which -1 names";

/// Something of ours broke.
pub(super) fn internal(error: impl std::fmt::Display) -> ApiError {
    codes::INTERNAL.caused_by(error)
}

/// The document a request names, if the caller has `access` to it.
pub(super) async fn object(
    services: &Services,
    request: &Request,
    access: Access,
) -> Result<Object, ApiError> {
    let caller = request.caller()?;
    let token = request.path_value("document_id");
    if token.len() != 27 || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(codes::INVALID_PARAM.because("document_id has 27 letters and digits"));
    }
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    match access::find(db, caller, token, access, now_ms).await.map_err(internal)? {
        Found::Missing => Err(codes::NOT_FOUND.because(access::MISSING)),
        Found::Gone(_) => Err(codes::DELETED.because(access::DELETED)),
        Found::Forbidden => Err(codes::FORBIDDEN.because(access::NOT_SHARED)),
        Found::Object(object) if object.kind != ObjectKind::Docx => {
            Err(codes::NOT_FOUND.because("the token is not a document's"))
        }
        Found::Object(object) => Ok(object),
    }
}

/// Which content of it counts now.
pub(super) async fn record(
    services: &Services,
    object: &Object,
) -> Result<DocumentRecord, ApiError> {
    documents::get(&services.store.db, &object.tenant, &object.token)
        .await
        .map_err(internal)?
        .ok_or_else(|| codes::DELETED.because(access::DELETED))
}

/// The revision a request names; `None` for the latest.
pub(super) fn asked_revision(request: &Request) -> Result<Option<i64>, ApiError> {
    match request.query.integer("document_revision_id") {
        Ok(None | Some(-1)) => Ok(None),
        Ok(Some(revision)) if revision > 0 => Ok(Some(revision)),
        _ => Err(codes::INVALID_PARAM
            .because("document_revision_id is a revision the document had, or -1 for the latest")),
    }
}

/// The document as it was at `revision`.
pub(super) async fn at_revision(
    services: &Services,
    record: &DocumentRecord,
    revision: Option<i64>,
) -> Result<Arc<Loaded>, ApiError> {
    let revision = revision.unwrap_or(record.revision);
    if revision > record.revision {
        let why = format!("the latest revision is {}; -1 names it", record.revision);
        return Err(codes::INVALID_PARAM.because(why));
    }
    if record.revision - revision > KEPT_CHANGES {
        return Err(codes::TOO_OLD.because(TOO_OLD));
    }
    let loaded = document::at_revision(services, record, revision).await.map_err(internal)?;
    loaded.ok_or_else(|| codes::TOO_OLD.because(TOO_OLD))
}

/// The document and revision a request wants to read. Earlier ones take the right to edit
/// (contract's source, `document_revision_id`).
pub(super) async fn read(services: &Services, request: &Request) -> Result<Arc<Loaded>, ApiError> {
    let asked = asked_revision(request)?;
    let object = object(services, request, Access::View).await?;
    let record = record(services, &object).await?;
    // A list that was begun goes on as the document was then, whoever edits it meanwhile.
    if let Some(begun) = begun_revision(request) {
        if asked.is_some_and(|asked| asked != begun) || !(1..=record.revision).contains(&begun) {
            return Err(codes::PAGE_TOKEN.because("page_token is not one this list gave"));
        }
        return at_revision(services, &record, Some(begun)).await;
    }
    if asked.is_some_and(|revision| revision < record.revision) {
        let (db, caller) = (&services.store.db, request.caller()?);
        if !platform::may(db, caller, &object, Access::Edit).await.map_err(internal)? {
            return Err(codes::FORBIDDEN.because(
                "who may only read the document reads its latest revision; earlier ones take the \
                 right to edit",
            ));
        }
    }
    at_revision(services, &record, asked).await
}
