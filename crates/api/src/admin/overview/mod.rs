//! What there is and what goes on, at a glance: how many tasks in which state, when they came, what is
//! stored.

use std::sync::Arc;

use bytes::Bytes;
use larkspur_engine::Counts;
use larkspur_model::task::State;
use larkspur_store::{blobs, tasks};
use serde::Serialize;

use super::operator;
use crate::operation::{Method, Operation};
use crate::{Answer, ApiError, Request, Resource, Services, codes};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// The latest tasks that the chart is made of.
const LATEST: i64 = 5_000;
/// Spans of the chart.
const SPANS: i64 = 48;
/// What a span may be, in milliseconds: the shortest one with which all of the tasks fit is taken.
const SPANS_MS: [i64; 8] =
    [1_000, 10_000, 60_000, 300_000, 1_800_000, 3_600_000, 21_600_000, 86_400_000];

fn operations() -> Vec<Operation> {
    vec![operator(
        "larkspurOverviewGet",
        Method::GET,
        "/larkspur/v1/overview",
        &[codes::ADMIN_ONLY, codes::INTERNAL],
        |services, request| Box::pin(get(services, request)),
    )]
}

#[derive(Serialize)]
struct Data {
    tasks: Tasks,
    storage: Storage,
    recent: Recent,
}

/// Tasks that are not yet forgotten, by state.
#[derive(Serialize)]
struct Tasks {
    queued: i64,
    running: i64,
    succeeded: i64,
    failed: i64,
    cancelled: i64,
}

/// What is stored.
#[derive(Serialize)]
struct Storage {
    blobs: i64,
    size_bytes: i64,
}

/// When the latest tasks were submitted: spans of equal length, the last one is the one it is now.
#[derive(Serialize)]
struct Recent {
    span_ms: i64,
    /// Whether there were more tasks than the chart is made of.
    cut: bool,
    spans: Vec<Span>,
}

#[derive(Serialize, Default, Clone)]
struct Span {
    from_ms: i64,
    open: u32,
    succeeded: u32,
    failed: u32,
    cancelled: u32,
}

/// Counted for all who ask soon after: a console's page does so with every event.
async fn get(services: Arc<Services>, _request: Request) -> Result<Answer, ApiError> {
    services.overview.get(overview(&services)).await.map(Answer::Json)
}

async fn overview(services: &Services) -> Result<Bytes, ApiError> {
    let internal = |error: larkspur_store::Error| codes::INTERNAL.caused_by(error);
    let counts = services.engine.counts().await;
    let counts = counts.map_err(|error| codes::INTERNAL.caused_by(error))?;
    let db = &services.store.db;
    let (blobs, size_bytes) = blobs::usage(db).await.map_err(internal)?;
    let dots = tasks::recent(db, LATEST).await.map_err(internal)?;
    let cut = dots.len() as i64 == LATEST;
    let mut recent = chart(&dots, services.clock.now_ms());
    recent.cut = cut;
    let storage = Storage { blobs, size_bytes };
    let data = Data { tasks: tasks_of(&counts), storage, recent };
    Answer::body(&data)
}

fn tasks_of(counts: &Counts) -> Tasks {
    let sum = |lanes: &[(i64, i64)]| lanes.iter().map(|(_, count)| count).sum();
    Tasks {
        queued: sum(&counts.queued),
        running: sum(&counts.running),
        succeeded: counts.succeeded,
        failed: counts.failed,
        cancelled: counts.cancelled,
    }
}

fn chart(dots: &[tasks::Dot], now_ms: i64) -> Recent {
    let first_ms = dots.iter().map(|dot| dot.created_ms).min().unwrap_or(now_ms);
    let fits = |span_ms: &i64| now_ms.div_euclid(*span_ms) - first_ms.div_euclid(*span_ms) < SPANS;
    let span_ms = SPANS_MS.into_iter().find(fits).unwrap_or(SPANS_MS[SPANS_MS.len() - 1]);
    let last = now_ms.div_euclid(span_ms);
    let mut spans: Vec<Span> = (last - SPANS + 1..=last)
        .map(|at| Span { from_ms: at * span_ms, ..Span::default() })
        .collect();
    for dot in dots {
        let back = last - dot.created_ms.div_euclid(span_ms);
        // What the clock was set behind of, or what is older than the longest chart, is in no span.
        let Some(span) = usize::try_from(SPANS - 1 - back).ok().and_then(|at| spans.get_mut(at))
        else {
            continue;
        };
        *match dot.state {
            State::Queued | State::Running => &mut span.open,
            State::Succeeded => &mut span.succeeded,
            State::Failed => &mut span.failed,
            State::Cancelled => &mut span.cancelled,
        } += 1;
    }
    Recent { span_ms, cut: false, spans }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chart_takes_the_shortest_spans_that_hold_all_and_ends_now() {
        let dot = |created_ms, state| tasks::Dot { created_ms, state };
        let now_ms = 1_000_000_500;
        let short =
            chart(&[dot(now_ms - 5_000, State::Failed), dot(now_ms, State::Queued)], now_ms);
        assert_eq!((short.span_ms, short.spans.len()), (1_000, 48));
        assert_eq!((short.spans[47].open, short.spans[42].failed), (1, 1));
        let long = chart(&[dot(now_ms - 3 * 3_600_000, State::Succeeded)], now_ms);
        assert_eq!(long.span_ms, 300_000);
        assert_eq!(long.spans.iter().map(|span| span.succeeded).sum::<u32>(), 1);
        // A clock that was set back leaves tasks of the future.
        let ahead = chart(&[dot(now_ms + 90_000, State::Succeeded)], now_ms);
        assert_eq!(ahead.spans.iter().map(|span| span.succeeded).sum::<u32>(), 0);
    }
}
