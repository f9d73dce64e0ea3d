//! Conversions counted by what became what, and how that ended.

use larkspur_formats::by_extension;
use prometheus::core::Collector;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts};
use tokio::time::Instant;
use tracing::field::Empty;
use tracing::{Span, trace_span};

use crate::failure::Error;
use crate::work::{Produced, Work};

/// Bounds of what a conversion takes, seconds.
const SECONDS: [f64; 13] =
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0, 300.0];

/// What is known about the conversions of this process.
#[derive(Debug)]
pub struct Meter {
    ended: IntCounterVec,
    seconds: HistogramVec,
    running: IntGauge,
}

/// A conversion that is counted when it ends; one that is dropped is not wanted any more.
pub(crate) struct Counting<'a> {
    meter: &'a Meter,
    labels: [&'static str; 2],
    begun: Instant,
    outcome: &'static str,
    span: Span,
}

impl Default for Meter {
    fn default() -> Self {
        let ended = Opts::new("larkspur_conversions_total", "Conversions that ended.");
        let seconds = HistogramOpts::new(
            "larkspur_conversion_seconds",
            "Time a conversion took, its process included.",
        );
        let ended = IntCounterVec::new(ended, &["from", "to", "outcome"]);
        let seconds = HistogramVec::new(seconds.buckets(SECONDS.to_vec()), &["from", "to"]);
        let running = IntGauge::new("larkspur_conversions_running", "Conversions that run now.");
        Self {
            ended: ended.expect("name and labels are well formed"),
            seconds: seconds.expect("name, labels and bounds are well formed"),
            running: running.expect("the name is well formed"),
        }
    }
}

impl Meter {
    /// What is to be shown.
    pub fn collectors(&self) -> Vec<Box<dyn Collector>> {
        vec![
            Box::new(self.ended.clone()),
            Box::new(self.seconds.clone()),
            Box::new(self.running.clone()),
        ]
    }

    pub(crate) fn begin(&self, work: &Work) -> Counting<'_> {
        self.running.inc();
        let labels = labels(work);
        let [from, to] = labels;
        // For traces: exported, and no part of the log.
        let span = trace_span!(
            target: larkspur_model::trace::TARGET,
            "conversion",
            otel.status_code = Empty,
            from,
            to,
            outcome = Empty,
        );
        Counting { meter: self, labels, begun: Instant::now(), outcome: "cancelled", span }
    }
}

impl Counting<'_> {
    pub(crate) const fn span(&self) -> &Span {
        &self.span
    }

    pub(crate) fn end(mut self, result: &Result<Produced, Error>) {
        self.outcome = match result {
            Ok(_) => "succeeded",
            Err(Error::Failed(_)) => "failed",
            Err(Error::Cancelled) => "cancelled",
            Err(Error::Unavailable(_)) => "unavailable",
        };
    }
}

impl Drop for Counting<'_> {
    fn drop(&mut self) {
        let Self { meter, labels: [from, to], begun, outcome, span } = self;
        span.record("outcome", *outcome);
        if matches!(*outcome, "failed" | "unavailable") {
            span.record("otel.status_code", "ERROR");
        }
        meter.running.dec();
        meter.ended.with_label_values(&[*from, *to, *outcome]).inc();
        meter.seconds.with_label_values(&[*from, *to]).observe(begun.elapsed().as_secs_f64());
    }
}

/// What becomes what.
fn labels(work: &Work) -> [&'static str; 2] {
    // Metrics must not grow with what callers think up.
    let format = by_extension(work.extension()).and_then(|format| {
        let extension = work.extension();
        format.extensions.iter().find(|known| known.eq_ignore_ascii_case(extension))
    });
    let format = format.copied().unwrap_or("other");
    match work {
        Work::ReadDocument { .. } => [format, "document"],
        Work::ReadWorkbook { .. } => [format, "sheet"],
        Work::ReadBase { .. } => [format, "base"],
        Work::WriteDocument { .. } => ["document", format],
        Work::WriteWorkbook { .. } => ["sheet", format],
        Work::WriteBase { .. } => ["base", format],
    }
}
