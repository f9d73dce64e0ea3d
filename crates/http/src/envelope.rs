//! Answers and refusals as HTTP: status, headers, the envelope with its `error` object.

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_DISPOSITION, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, LOCATION, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use larkspur_api::{
    Answer, ApiError, AssetAnswer, Chunks, FieldViolation, FileAnswer, PageAnswer, PagePolicy,
    PermissionViolation,
};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::Body;

const LOG_ID: HeaderName = HeaderName::from_static("x-tt-logid");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RATE_LIMIT: HeaderName = HeaderName::from_static("x-ogw-ratelimit-limit");
const RATE_RESET: HeaderName = HeaderName::from_static("x-ogw-ratelimit-reset");
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
const WHY: HeaderName = HeaderName::from_static("x-larkspur-why");
const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// The policy of pages that are made with what the server serves beside them.
const OWN_SERVER: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What a file name may keep unencoded: no separator that a client splits headers on.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What a sentence in a header may not hold as it stands.
const SENTENCE: &AsciiSet = &CONTROLS.add(b'%');

#[derive(Serialize)]
struct Refusal<'a> {
    code: i64,
    msg: &'a str,
    error: Detail<'a>,
}

/// A refusal of a token operation of OAuth (contract, NOTES §2.3): flat, without `msg`.
#[derive(Serialize)]
struct OauthRefusal<'a> {
    code: i64,
    error: &'static str,
    error_description: &'a str,
}

/// A refusal of a token operation of OAuth, which says what is wrong in a `word` of RFC 6749.
pub(crate) fn oauth_refusal(error: &ApiError, word: &'static str) -> Response<Body> {
    let body = OauthRefusal { code: error.code, error: word, error_description: &error.msg };
    let bytes = serde_json::to_vec(&body).expect("strings and numbers serialise");
    let status = StatusCode::from_u16(error.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, Bytes::from(bytes));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The `error` object (contract, "Envelope").
#[derive(Serialize)]
struct Detail<'a> {
    log_id: &'a str,
    troubleshooter: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    field_violations: &'a [FieldViolation],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    permission_violations: &'a [PermissionViolation],
}

/// Puts the log id on an answer, under both names clients look for.
pub(crate) fn sign(response: &mut Response<Body>, log_id: &Bytes) {
    if let Ok(value) = HeaderValue::from_maybe_shared(log_id.clone()) {
        response.headers_mut().insert(REQUEST_ID, value.clone());
        response.headers_mut().insert(LOG_ID, value);
    }
}

/// A successful answer.
pub(crate) fn answer(answer: Answer) -> Response<Body> {
    match answer {
        Answer::Json(bytes) | Answer::Noted(bytes, _) => json(StatusCode::OK, bytes),
        Answer::File(file) => download(file),
        Answer::Events(chunks) => events(chunks),
        Answer::Page(page) => show(page),
        Answer::Asset(asset) => part_of_pages(&asset),
        Answer::Redirect { to, cookie } => redirect(&to, cookie),
        Answer::Text(bytes) => numbers(bytes),
    }
}

/// A page that asks no other server and stands in no frame.
fn show(page: PageAnswer) -> Response<Body> {
    let PageAnswer { http, html, policy, cookie, .. } = page;
    let mut response = Response::new(Body::whole(Bytes::from(html)));
    *response.status_mut() = StatusCode::from_u16(http).unwrap_or(StatusCode::OK);
    let policy = match policy {
        PagePolicy::Alone { style_nonce, form_target } => format!(
            "default-src 'none'; style-src 'nonce-{style_nonce}'; form-action 'self' {}; \
             frame-ancestors 'none'; base-uri 'none'",
            form_target.unwrap_or_default()
        ),
        PagePolicy::OwnServer => OWN_SERVER.to_owned(),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    set_cookie(headers, cookie);
    response
}

fn set_cookie(headers: &mut HeaderMap, cookie: Option<String>) {
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        headers.insert(SET_COOKIE, cookie);
    }
}

/// A part of pages; its address changes when it does.
fn part_of_pages(asset: &AssetAnswer) -> Response<Body> {
    let mut response = Response::new(Body::whole(Bytes::from_static(asset.bytes)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A stream of server-sent events, which no proxy on the way is to hold back.
fn events(chunks: Chunks) -> Response<Body> {
    let mut response = Response::new(Body::endless(chunks));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}

/// Numbers in the text format of Prometheus.
fn numbers(bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::whole(bytes));
    let headers = response.headers_mut();
    headers
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn redirect(address: &str, cookie: Option<String>) -> Response<Body> {
    let mut response = Response::new(Body::whole(Bytes::new()));
    let Ok(address) = HeaderValue::try_from(address) else {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return response;
    };
    *response.status_mut() = StatusCode::FOUND;
    let headers = response.headers_mut();
    headers.insert(LOCATION, address);
    set_cookie(headers, cookie);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn json(status: StatusCode, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::whole(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// A refusal; `close` for downloads, whose failed bodies some clients never read; `explain` where it
/// says which layer refused and why.
pub(crate) fn refusal(
    error: &ApiError,
    log_id: &str,
    close: bool,
    explain: bool,
) -> Response<Body> {
    let details = error.details.as_deref();
    let body = Refusal {
        code: error.code,
        msg: &error.msg,
        error: Detail {
            log_id,
            troubleshooter: format!(
                "Look the code up: https://open.feishu.cn/search?from=openapi&log_id={log_id}&code={}",
                error.code
            ),
            message: error.why.as_deref(),
            field_violations: details.map_or(&[], |details| &details.field_violations),
            permission_violations: details.map_or(&[], |details| &details.permission_violations),
        },
    };
    let bytes = serde_json::to_vec(&body).expect("strings and numbers serialise");
    let status = StatusCode::from_u16(error.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = json(status, Bytes::from(bytes));
    let headers = response.headers_mut();
    if let Some((limit, reset)) = details.and_then(|details| details.rate) {
        headers.insert(RATE_LIMIT, HeaderValue::from(limit));
        headers.insert(RATE_RESET, HeaderValue::from(reset));
    }
    if let Some(size) = details.and_then(|details| details.unsatisfiable)
        && let Ok(value) = HeaderValue::try_from(format!("bytes */{size}"))
    {
        headers.insert(CONTENT_RANGE, value);
    }
    if let Some(allow) = details.and_then(|details| details.allow.as_deref())
        && let Ok(value) = HeaderValue::from_str(allow)
    {
        headers.insert(ALLOW, value);
    }
    if explain {
        let sentence = format!("{}: {}", error.layer, error.reason());
        let sentence = utf8_percent_encode(&sentence, SENTENCE).to_string();
        if let Ok(value) = HeaderValue::try_from(sentence) {
            headers.insert(WHY, value);
        }
    }
    if close {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// A file with its name in both forms clients read (clients' notes, "Downloads").
fn download(file: FileAnswer) -> Response<Body> {
    let name = utf8_percent_encode(&file.name, NAME).to_string();
    let (status, length, range) = match file.part {
        Some((first, last)) => (
            StatusCode::PARTIAL_CONTENT,
            last - first + 1,
            Some(format!("bytes {first}-{last}/{}", file.size_bytes)),
        ),
        None => (StatusCode::OK, file.size_bytes, None),
    };
    let mut response = Response::new(Body::stream(file.chunks, length));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let media_type = HeaderValue::try_from(file.media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(CONTENT_TYPE, media_type);
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    // What users sent is never anything else than what it is said to be.
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let disposition = format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}");
    if let Ok(value) = HeaderValue::try_from(disposition) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    if let Some(value) = range.and_then(|range| HeaderValue::try_from(range).ok()) {
        headers.insert(CONTENT_RANGE, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::BodyExt;
    use larkspur_api::codes;

    use super::*;

    #[tokio::test]
    async fn a_refusal_is_an_envelope_with_its_log_id() {
        let error = codes::BAD_REQUEST.because("the body is not JSON");
        let response = refusal(&error, "2026112106595900000000000000000001", true, true);
        assert_eq!(response.headers()[WHY], "request: the body is not JSON");
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json; charset=utf-8");
        assert_eq!(response.headers()[CONNECTION], "close");
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(value["code"], 9499);
        assert_eq!(value["error"]["log_id"], "2026112106595900000000000000000001");
        assert_eq!(value["error"]["message"], "the body is not JSON");
        assert!(value["error"].get("field_violations").is_none());
    }

    #[tokio::test]
    async fn a_download_names_its_file_in_both_forms() {
        let chunks = Box::pin(stream::iter([Ok(Bytes::from_static(b"ell"))]));
        let response = download(FileAnswer {
            note: None,
            name: "销售 表;1.csv".to_owned(),
            media_type: "text/csv".to_owned(),
            size_bytes: 5,
            part: Some((1, 3)),
            chunks,
        });
        let encoded = "%E9%94%80%E5%94%AE%20%E8%A1%A8%3B1.csv";
        assert_eq!(
            response.headers()[CONTENT_DISPOSITION].to_str().unwrap(),
            format!("attachment; filename=\"{encoded}\"; filename*=UTF-8''{encoded}")
        );
        assert_eq!(
            (response.status().as_u16(), &response.headers()[CONTENT_RANGE]),
            (206, &HeaderValue::from_static("bytes 1-3/5"))
        );
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "ell");
    }
}
