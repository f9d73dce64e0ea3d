//! Stored document -> Markdown -> wire answer. Pictures stand as links to where their media are
//! downloaded: their bytes are another operation's.

use std::sync::Arc;

use larkspur_convert::{Error as ConvertError, Made, Work};
use larkspur_model::document::Document;
use larkspur_platform::{self as platform, Access};
use larkspur_store::documents;
use larkspur_store::objects::{Object, ObjectKind};
use serde::Serialize;

use super::{DELETED, FORBIDDEN, INTERNAL, INVALID_PARAM, NOT_FOUND, TOO_LARGE};
use crate::access::{self, Found};
use crate::{Answer, ApiError, Request, Services, address, document};

/// Characters of the answer, as many as of a plain text (contract, NOTES §7, "Edits").
const MOST_CHARACTERS: usize = 10_485_760;
/// Bytes of the file that are read at all.
const MOST_BYTES: u64 = 64 << 20;

#[derive(Serialize)]
struct ContentData<'a> {
    content: &'a str,
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    INTERNAL.caused_by(error)
}

/// `docsContentGet`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let token = request.query.text("doc_token").unwrap_or_default();
    for (field, known, needed) in [
        ("doc_type", &["docx"][..], true),
        ("content_type", &["markdown"], true),
        // The language of names; those of this server's people are the same in each.
        ("lang", &["zh", "en", "ja"], false),
    ] {
        match request.query.text(field) {
            Some(value) if known.contains(&value.as_str()) => {}
            None if !needed => {}
            _ => {
                let why = format!("{field} is one of {}", known.join(", "));
                return Err(INVALID_PARAM.because(why));
            }
        }
    }
    if !(22..=27).contains(&token.len()) || !token.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        return Err(INVALID_PARAM.because("doc_token has 22 to 27 letters and digits"));
    }
    let object = find(&services, &request, &token).await?;
    let db = &services.store.db;
    let record = documents::get(db, &object.tenant, &object.token).await.map_err(internal)?;
    let record = record.ok_or_else(|| DELETED.because(access::DELETED))?;
    let mut document = document::written(&services.store, &record).await.map_err(internal)?;
    let base = address::base(&services, &request);
    for asset in document.assets.iter_mut().filter(|asset| !asset.token.is_empty()) {
        asset.address = format!("{base}/open-apis/drive/v1/medias/{}/download", asset.token);
    }
    let content = markdown(&services, &document).await?;
    if content.len() > MOST_CHARACTERS && content.chars().count() > MOST_CHARACTERS {
        let why = "the Markdown has more than 10,485,760 characters; export the document instead";
        return Err(TOO_LARGE.because(why));
    }
    Answer::data(&ContentData { content: content.trim_end() })
}

async fn find(services: &Services, request: &Request, token: &str) -> Result<Object, ApiError> {
    let (caller, db) = (request.caller()?, &services.store.db);
    let now_ms = services.clock.now_ms();
    let found = access::find(db, caller, token, Access::View, now_ms).await.map_err(internal)?;
    let object = match found {
        Found::Missing => return Err(NOT_FOUND.because(access::MISSING)),
        Found::Gone(_) => return Err(DELETED.because(access::DELETED)),
        Found::Forbidden => return Err(FORBIDDEN.because(access::NOT_SHARED)),
        Found::Object(object) if object.kind != ObjectKind::Docx => {
            return Err(NOT_FOUND.because("the token is not a document's"));
        }
        Found::Object(object) => object,
    };
    if !platform::may_take(db, caller, &object).await.map_err(internal)? {
        return Err(FORBIDDEN.because(access::NOT_TO_BE_TAKEN));
    }
    Ok(object)
}

/// Writes the document as Markdown.
async fn markdown(services: &Services, document: &Document) -> Result<String, ApiError> {
    let folder = services.store.blobs.scratch().map_err(internal)?;
    let json = folder.path().join("document.json");
    document::write_json(document, &json).await.map_err(internal)?;
    let out = folder.path().join("out");
    tokio::fs::create_dir(&out).await.map_err(internal)?;
    let extension = "md".to_owned();
    let (assets, watermark) = (Vec::new(), String::new());
    let work = Work::WriteDocument { document: json, assets, extension, watermark };
    let produced = services.convert(work, &out).await.map_err(|error| match error {
        ConvertError::Failed(failure) => internal(failure.message),
        ConvertError::Cancelled => internal("cancelled"),
        ConvertError::Unavailable(error) => internal(error),
    })?;
    let Made::File { path, size_bytes } = produced.made else {
        return Err(internal("the conversion made another thing"));
    };
    if size_bytes > MOST_BYTES {
        return Err(TOO_LARGE.because("the Markdown is too large; export the document instead"));
    }
    tokio::fs::read_to_string(path).await.map_err(internal)
}
