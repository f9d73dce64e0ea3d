//! Temporary links: whoever has one may fetch the media for a day, without a token.

use std::sync::Arc;

use larkspur_model::time::HOUR_MS;
use larkspur_platform::Access;
use larkspur_store::objects::{self, Object, ObjectKind};
use serde::Serialize;

use super::super::{codes, download};
use crate::access::{self, Found};
use crate::{Answer, ApiError, Request, Services, Violations, address};

/// Where links lead; the platform's own path.
pub(super) const PATH: &str = "/space/api/box/stream/download/authcode/";
/// How long a link opens (contract, "Uploads").
const LIFE_MS: i64 = 24 * HOUR_MS;
/// Media of one request.
const MOST_AT_ONCE: usize = 5;

/// Data of `driveMediaBatchGetTmpDownloadUrl`.
#[derive(Serialize)]
struct Data {
    tmp_download_urls: Vec<Link>,
}

/// `tmp_download_url`.
#[derive(Serialize)]
struct Link {
    file_token: String,
    tmp_download_url: String,
}

/// `driveMediaBatchGetTmpDownloadUrl`.
pub(super) async fn make(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    // Some clients join them with commas.
    let tokens: Vec<String> = request
        .query
        .texts("file_tokens")
        .iter()
        .flat_map(|tokens| tokens.split(','))
        .map(|token| token.trim().to_owned())
        .filter(|token| !token.is_empty())
        .collect();
    let mut violations = Violations::new();
    if tokens.is_empty() {
        violations.missing("file_tokens");
    }
    violations.check()?;
    if tokens.len() > MOST_AT_ONCE {
        return Err(codes::PARAMS.because("file_tokens has at most 5 of them"));
    }
    let base = address::base(&services, &request);
    let expires_ms = services.clock.now_ms() + LIFE_MS;
    let mut tmp_download_urls = Vec::with_capacity(tokens.len());
    for file_token in tokens {
        let media = find(&services, &request, &file_token).await?;
        let code = services.platform.link_code(&media.token, expires_ms);
        let tmp_download_url = format!("{base}{PATH}?code={}", code.expose());
        tmp_download_urls.push(Link { file_token, tmp_download_url });
    }
    Answer::data(&Data { tmp_download_urls })
}

/// The media of a token, if the caller may read it.
async fn find(services: &Services, request: &Request, token: &str) -> Result<Object, ApiError> {
    let caller = request.caller()?;
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    match access::find(db, caller, token, Access::View, now_ms).await {
        Err(error) => Err(codes::INTERNAL.caused_by(error)),
        Ok(Found::Forbidden) => Err(codes::FORBIDDEN.because(access::NOT_SHARED)),
        Ok(Found::Object(object)) if object.kind == ObjectKind::Media => Ok(object),
        Ok(_) => Err(codes::PARAMS.because("file_tokens names no media")),
    }
}

/// Follows a link. The link is the right: it was given to somebody who had one.
pub(super) async fn follow(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let internal = |error: larkspur_store::Error| codes::INTERNAL.caused_by(error);
    let code = request.query.text("code").unwrap_or_default();
    let over = || codes::FORBIDDEN.because("the link is over, or none of this server's");
    let token = services.platform.linked(&code).ok_or_else(over)?;
    let media = objects::by_token(&services.store.db, &token).await.map_err(internal)?;
    let media = media.filter(|media| media.kind == ObjectKind::Media);
    let media = media.ok_or_else(|| codes::NOT_FOUND.because("the linked file is gone"))?;
    if !media.is_live(services.clock.now_ms()) {
        return Err(codes::DELETED.because("the link is no longer good; ask for a new one"));
    }
    download::answer(&services, media, request.range()).await
}
