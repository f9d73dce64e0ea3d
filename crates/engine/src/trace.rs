//! Spans of tasks, for traces: each submission, and each attempt, which belongs to the trace of the
//! submission where that was made in this process. With nobody to export them they are disabled
//! where they are made.

use larkspur_model::task::State;
use larkspur_model::trace::{LOG_ID, TARGET};
use larkspur_store::tasks::Leased;
use lru::LruCache;
use opentelemetry::baggage::BaggageExt as _;
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use opentelemetry::{Context, StringValue};
use parking_lot::Mutex;
use tracing::field::{Empty, display};
use tracing::{Span, trace_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use crate::policy::Next;

/// Submissions that are remembered; a task that waits behind more begins a trace of its own.
const MOST: usize = 10_000;

/// Where the tasks of this process were submitted. Empty while nothing is exported.
pub(crate) struct Origins(Mutex<LruCache<i64, Origin>>);

struct Origin {
    submitted: SpanContext,
    log_id: Option<StringValue>,
}

impl Origins {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(LruCache::unbounded()))
    }

    /// Notes that `span` submits the task; before anybody can lease it.
    pub(crate) fn note(&self, task: i64, span: &Span) {
        if span.is_disabled() {
            return;
        }
        let context = span.context();
        let origin = Origin {
            submitted: context.span().span_context().clone(),
            log_id: context.baggage().get(LOG_ID).cloned(),
        };
        let mut origins = self.0.lock();
        origins.put(task, origin);
        if origins.len() > MOST {
            origins.pop_lru();
        }
    }

    /// Forgets a task that has ended, or was not taken.
    pub(crate) fn forget(&self, task: i64, span: &Span) {
        if !span.is_disabled() {
            self.0.lock().pop(&task);
        }
    }

    /// A span for an attempt at a leased task.
    pub(crate) fn attempt(&self, leased: &Leased) -> Span {
        let task = leased.fence.task;
        let span = trace_span!(
            target: TARGET,
            parent: None,
            "task.attempt",
            otel.kind = "consumer",
            otel.status_code = Empty,
            task.family = leased.family.as_str(),
            task.id = %task,
            task.attempt = leased.attempt,
            log_id = Empty,
            outcome = Empty,
        );
        if span.is_disabled() {
            return span;
        }
        if let Some(Origin { submitted, log_id }) = self.0.lock().get(&task) {
            if let Some(log_id) = log_id {
                span.record("log_id", log_id.as_str());
            }
            let parent = Context::new().with_remote_span_context(submitted.clone());
            // Only a span that has begun refuses, and this one has not.
            let _ = span.set_parent(parent);
        }
        span
    }
}

/// A span for the submission of a task, within the request that asks for it.
pub(crate) fn submission(family: &'static str) -> Span {
    trace_span!(
        target: TARGET,
        "task.submit",
        otel.kind = "producer",
        otel.status_code = Empty,
        task.family = family,
        task.id = Empty,
        log_id = Empty,
    )
}

/// Notes what a submission came to: the task's number, or nothing.
pub(crate) fn submitted(span: &Span, task: Option<i64>) {
    if span.is_disabled() {
        return;
    }
    if let Some(log_id) = span.context().baggage().get(LOG_ID) {
        span.record("log_id", log_id.as_str());
    }
    match task {
        Some(task) => span.record("task.id", display(task)),
        None => span.record("otel.status_code", "ERROR"),
    };
}

/// What an attempt came to, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Succeeded,
    Failed,
    Cancelled,
    /// Another attempt follows.
    Retried,
    /// Put back into the queue by a stop.
    Released,
    /// Somebody else's by now.
    Lost,
    /// Its end could not be written.
    Unwritten,
}

impl Outcome {
    /// What is about to be written.
    pub(crate) const fn meant(next: &Next) -> Self {
        match next {
            Next::Succeed(_) => Self::Succeeded,
            Next::Fail(_) => Self::Failed,
            Next::Retry { .. } => Self::Retried,
            Next::Cancel => Self::Cancelled,
            Next::Release => Self::Released,
            Next::Forget => Self::Lost,
        }
    }

    /// What it is once the task's state is written.
    pub(crate) const fn written(self, state: State) -> Self {
        match (state, self) {
            (State::Succeeded, _) => Self::Succeeded,
            (State::Failed, _) => Self::Failed,
            (State::Cancelled, _) => Self::Cancelled,
            (State::Queued | State::Running, Self::Succeeded) => Self::Retried,
            (State::Queued | State::Running, meant) => meant,
        }
    }

    /// Notes it on the attempt's span.
    pub(crate) fn record(self, span: &Span) {
        let word = match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Retried => "retried",
            Self::Released => "released",
            Self::Lost => "lost",
            Self::Unwritten => "unwritten",
        };
        span.record("outcome", word);
        if matches!(self, Self::Failed | Self::Retried | Self::Unwritten) {
            span.record("otel.status_code", "ERROR");
        }
    }
}
