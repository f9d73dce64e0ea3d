//! The first page: what runs, what failed and why, how much there is, and where files are dropped.

use askama::Template;
use larkspur_api::{Answer, ApiError};
use serde::Deserialize;

use super::table::{self, Task};
use crate::asked::Asked;
use crate::frame::{Frame, Section};
use crate::visit::{self, Visit};

/// Tasks of each kind that are shown.
const FEW: i64 = 8;
/// Height of the chart, in its own units.
const HEIGHT: u32 = 100;
/// Width of a span of the chart.
const WIDTH: usize = 12;

#[derive(Deserialize)]
struct Overview {
    tasks: Counts,
    storage: Storage,
    recent: Recent,
}

#[derive(Deserialize)]
struct Counts {
    queued: i64,
    running: i64,
    succeeded: i64,
    failed: i64,
    cancelled: i64,
}

#[derive(Deserialize)]
struct Storage {
    blobs: i64,
    size_bytes: i64,
}

#[derive(Deserialize)]
struct Recent {
    span_ms: i64,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    from_ms: i64,
    open: u32,
    succeeded: u32,
    failed: u32,
    cancelled: u32,
}

impl Span {
    const fn all(&self) -> u32 {
        self.open + self.succeeded + self.failed + self.cancelled
    }
}

/// A bar of the chart: a stack of rectangles.
struct Bar {
    x: usize,
    title: String,
    /// Class, place of its upper edge, height.
    parts: Vec<(&'static str, u32, u32)>,
}

#[derive(Template)]
#[template(path = "tasks/overview.html")]
struct Page {
    f: Frame,
    overview: Overview,
    bars: Vec<Bar>,
    most: u32,
    open: Vec<Task>,
    failed: Vec<Task>,
    latest: Vec<Task>,
}

pub(super) async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let overview: Overview = visit.ask(visit.operator("larkspurOverviewGet")).await?;
    let of = |state: &str| Asked::default().with("state", state);
    let mut open = table::list(&visit, of("running"), FEW).await?.items;
    let waiting = table::list(&visit, of("queued"), FEW).await?.items;
    open.extend(waiting);
    open.truncate(FEW as usize);
    let failed = table::list(&visit, of("failed"), FEW).await?.items;
    let latest = table::list(&visit, Asked::default(), FEW).await?.items;
    let most = overview.recent.spans.iter().map(Span::all).max().unwrap_or(0);
    let bars = overview.recent.spans.iter().enumerate().map(|(at, span)| bar(at, span, most));
    let bars = bars.collect();
    let f = visit.frame(Section::Overview, visit.language.pick("Overview", "概览")).await?;
    visit::show(&Page { f, overview, bars, most, open, failed, latest })
}

fn bar(at: usize, span: &Span, most: u32) -> Bar {
    let parts = [
        ("succeeded", span.succeeded),
        ("failed", span.failed),
        ("cancelled", span.cancelled),
        ("running", span.open),
    ];
    let mut top = HEIGHT;
    let mut stacked = Vec::new();
    for (class, count) in parts.into_iter().filter(|(_, count)| *count > 0) {
        // What is there is seen, however little it is beside the rest.
        let height = (u64::from(count) * u64::from(HEIGHT) / u64::from(most.max(1))) as u32;
        let height = height.clamp(1, top);
        top -= height;
        stacked.push((class, top, height));
    }
    let from = larkspur_model::time::moment_text(span.from_ms);
    Bar { x: at * WIDTH, title: format!("{from}: {}", span.all()), parts: stacked }
}
