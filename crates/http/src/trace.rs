//! A span for each request, for traces: begun when it came, within the caller's own trace where it
//! says so, named when its operation is known. With nobody to export them they are disabled here.

use http::Method;
use http::request::Parts;
use larkspur_model::trace::{LOG_ID, TARGET};
use opentelemetry::KeyValue;
use opentelemetry::baggage::BaggageExt as _;
use opentelemetry::global::get_text_map_propagator;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_http::HeaderExtractor;
use tracing::field::Empty;
use tracing::{Level, Span, span_enabled, trace_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::call::Call;
use crate::probe;

/// A span for a request that has just come; disabled for probes, which would be most of them.
pub(crate) fn begin(parts: &Parts, log_id: &str) -> Span {
    if !span_enabled!(target: TARGET, Level::TRACE) || probe::at(parts.uri.path()).is_some() {
        return Span::none();
    }
    let span = trace_span!(
        target: TARGET,
        parent: None,
        "request",
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method(&parts.method),
        http.route = Empty,
        http.response.status_code = Empty,
        operation = Empty,
        code = Empty,
        log_id,
    );
    let told = get_text_map_propagator(|reader| reader.extract(&HeaderExtractor(&parts.headers)));
    let parent = told.with_baggage([KeyValue::new(LOG_ID, log_id.to_owned())]);
    // Only a span that has begun refuses, and this one has not.
    let _ = span.set_parent(parent);
    span
}

/// Notes what the request was answered with. Refusals are the caller's affair, failures ours.
pub(crate) fn end(span: &Span, call: &Call<'_>, status: u16, code: i64) {
    if span.is_disabled() {
        return;
    }
    if let Some(operation) = call.operation {
        let name = format!("{} {}", operation.method, operation.path);
        // A field would be too late for a span that has begun, as it has with a submission below it.
        span.context().span().update_name(name);
        span.record("http.route", operation.path);
        span.record("operation", operation.id);
    }
    span.record("http.response.status_code", status);
    span.record("code", code);
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
}

/// The method, if it is one of those there are: callers may think up others.
fn method(method: &Method) -> &str {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ];
    if KNOWN.contains(method) { method.as_str() } else { "_OTHER" }
}
