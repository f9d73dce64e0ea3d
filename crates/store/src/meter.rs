//! How long the database takes, counted for whoever looks at metrics. Atomics only: nothing here
//! waits.

use prometheus::core::Collector;
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts};
use tokio::time::Instant;

use crate::error::Error;

/// Bounds of what is waited for in the database, seconds.
const SECONDS: [f64; 16] = [
    0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1,
    0.25, 0.5, 1.0, 5.0,
];

/// What the database is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A transaction, until it is on disk.
    Commit,
    /// A read through an index.
    Read,
    /// A read that may scan.
    LargeRead,
}

/// What is known about the database's work.
pub struct Meter {
    seconds: HistogramVec,
    errors: IntCounterVec,
    each: [(Histogram, IntCounter); 3],
}

impl Default for Meter {
    fn default() -> Self {
        let seconds = HistogramOpts::new(
            "larkspur_store_seconds",
            "Time that callers waited for the database: a transaction until it is on disk, a read.",
        );
        let seconds = HistogramVec::new(seconds.buckets(SECONDS.to_vec()), &["kind"]);
        let errors = Opts::new(
            "larkspur_store_errors_total",
            "Times the database could not do what it was asked for.",
        );
        let errors = IntCounterVec::new(errors, &["kind"]);
        let seconds = seconds.expect("name, label and bounds are well formed");
        let errors = errors.expect("name and label are well formed");
        let each = ["commit", "read", "large_read"]
            .map(|kind| (seconds.with_label_values(&[kind]), errors.with_label_values(&[kind])));
        Self { seconds, errors, each }
    }
}

impl Meter {
    /// What is to be shown.
    pub fn collectors(&self) -> Vec<Box<dyn Collector>> {
        vec![Box::new(self.seconds.clone()), Box::new(self.errors.clone())]
    }

    /// Counts what has just ended and begun at `begun`. A transaction that met another one's change is
    /// no trouble of the database's.
    pub(crate) fn count<T>(&self, kind: Kind, begun: Instant, result: &Result<T, Error>) {
        let (seconds, errors) = &self.each[kind as usize];
        seconds.observe(begun.elapsed().as_secs_f64());
        if let Err(Error::Unavailable(_)) = result {
            errors.inc();
        }
    }
}
