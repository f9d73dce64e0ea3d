//! What is told about a request once it is answered: its line of the log, its place in the record,
//! and what the linter sees of it.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hasher as _};
use std::time::Duration;

use http::Response;
use http::header::AUTHORIZATION;
use http::request::Parts;
use larkspur_api::{ApiError, Layer, is_own_path};
use larkspur_rehearsal::Rehearsal;
use larkspur_rehearsal::lint::{Ended, Observed, mark};
use larkspur_rehearsal::record::{NOBODY, Recorded, Sent};

use crate::call::{Call, Read};
use crate::{Body, probe};

/// Tells about a request that took `took` and was answered with `response`, a refusal where
/// there is one.
pub(crate) fn tell(
    rehearsal: &Rehearsal,
    call: &Call<'_>,
    parts: &Parts,
    response: &Response<Body>,
    refusal: Option<&ApiError>,
    took: Duration,
) {
    let reason = refusal.map_or(Cow::Borrowed(""), ApiError::reason);
    let why = refusal.map(|refusal| (refusal.layer.name(), reason.as_ref()));
    let code = refusal.map_or(call.told_code, |refusal| refusal.code);
    let status = response.status().as_u16();
    let micros = took.as_micros() as u64;
    let operation = call.operation.map_or("", |operation| operation.id);
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    if let Some(cause) = refusal.and_then(|refusal| refusal.internal.as_deref()) {
        tracing::error!(log_id = call.log_id, operation, cause, "request failed on our side");
    }
    tracing::info!(
        log_id = call.log_id,
        method,
        path,
        operation,
        status,
        code,
        layer = why.map(|(layer, _)| layer),
        why = why.map(|(_, why)| why),
        micros,
        "request"
    );
    // What no client of the platform asks is on no record.
    if is_own_path(path) || probe::at(path).is_some() {
        return;
    }
    let app = call.app();
    if rehearsal.record.is_on() {
        let recorded = Recorded {
            at_ms: call.now_ms,
            log_id: call.log_id,
            operation,
            hands_out_tokens: call.hands_out_tokens(),
            method,
            path,
            query: parts.uri.query().unwrap_or_default(),
            status,
            code,
            refusal: why,
            micros,
            request: match &call.body {
                Read::Nothing => Sent::Nothing,
                Read::Bytes(bytes) => Sent::Bytes(bytes),
                Read::Form(arrived) => Sent::Form(arrived.parts()),
            },
            answer: answer(call, response),
        };
        rehearsal.record.keep(app.map_or(NOBODY, |app| app.as_str()), recorded);
    }
    if let Some(app) = app {
        let observed = Observed {
            at_ms: call.now_ms,
            log_id: call.log_id,
            operation,
            ended: refusal.map_or(Ended::Answered, |refusal| ended(refusal, call, parts)),
            would_be_throttled: call.unenforced.is_some(),
            note: call.note,
        };
        rehearsal.lint.observe(app.as_str(), &observed);
    }
}

fn answer<'a>(call: &Call<'_>, response: &'a Response<Body>) -> Sent<'a> {
    match (response.body().bytes(), &call.file) {
        (Some(bytes), _) => Sent::Bytes(bytes),
        (None, Some(name)) => {
            let size_bytes = http_body::Body::size_hint(response.body()).lower();
            Sent::File { name: name.clone(), size_bytes }
        }
        (None, None) => Sent::Nothing,
    }
}

/// How a refused call ended, as the linter sees it.
fn ended(refusal: &ApiError, call: &Call<'_>, parts: &Parts) -> Ended {
    if let Some((_, reset_s)) = refusal.details.as_ref().and_then(|details| details.rate) {
        return Ended::Throttled(reset_s);
    }
    match refusal.layer {
        Layer::Rate => Ended::Throttled(1),
        Layer::Fault | Layer::Server => Ended::Failed,
        Layer::Token => {
            let token = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
            Ended::BadToken(mark(token.unwrap_or_default()))
        }
        _ => match &call.body {
            // Another file may stand in a form of the same fields.
            Read::Form(_) => Ended::Failed,
            Read::Nothing => Ended::Terminal(whole(parts, &[])),
            Read::Bytes(bytes) => Ended::Terminal(whole(parts, bytes)),
        },
    }
}

/// Stands for a whole request.
fn whole(parts: &Parts, body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(parts.method.as_str().as_bytes());
    hasher.write(parts.uri.to_string().as_bytes());
    hasher.write(body);
    hasher.finish()
}
