//! Requests counted by operation and status, with the time they took. What counts a request is prepared
//! before: a request costs a few atomics.

use std::sync::OnceLock;
use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts};

/// Bounds of what a request takes, seconds.
const SECONDS: [f64; 14] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

/// Statuses that are told apart.
const STATUSES: [(u16, &str); 18] = [
    (200, "200"),
    (206, "206"),
    (302, "302"),
    (400, "400"),
    (401, "401"),
    (403, "403"),
    (404, "404"),
    (405, "405"),
    (408, "408"),
    (409, "409"),
    (410, "410"),
    (413, "413"),
    (416, "416"),
    (429, "429"),
    (500, "500"),
    (502, "502"),
    (503, "503"),
    (504, "504"),
];

/// What is counted of all requests.
pub(crate) struct Meter {
    requests: IntCounterVec,
    seconds: HistogramVec,
    limited: IntCounterVec,
}

/// What is counted of one operation's requests. Each number comes to be with the first request that
/// needs it: two hundred operations have more than ten thousand.
pub(crate) struct OperationMeter {
    operation: &'static str,
    seconds: OnceLock<Histogram>,
    limited: OnceLock<IntCounter>,
    requests: [OnceLock<IntCounter>; STATUSES.len() + 1],
}

impl Meter {
    pub(crate) fn new() -> Self {
        let requests = Opts::new("larkspur_http_requests_total", "Requests that were answered.");
        let seconds = HistogramOpts::new(
            "larkspur_http_request_seconds",
            "Time from a request's head to the head of its answer.",
        );
        let limited = Opts::new(
            "larkspur_rate_limited_total",
            "Requests that were refused because there were too many.",
        );
        let requests = IntCounterVec::new(requests, &["operation", "status"]);
        let seconds = HistogramVec::new(seconds.buckets(SECONDS.to_vec()), &["operation"]);
        let limited = IntCounterVec::new(limited, &["operation"]);
        Self {
            requests: requests.expect("name and labels are well formed"),
            seconds: seconds.expect("name, label and bounds are well formed"),
            limited: limited.expect("name and label are well formed"),
        }
    }

    /// What is to be shown.
    pub(crate) fn collectors(&self) -> Vec<Box<dyn Collector>> {
        vec![
            Box::new(self.requests.clone()),
            Box::new(self.seconds.clone()),
            Box::new(self.limited.clone()),
        ]
    }

    /// Counts a request that is answered with `status`; `limited` where that says it was one too many.
    pub(crate) fn count(&self, of: &OperationMeter, status: u16, limited: bool, took: Duration) {
        let OperationMeter { operation, .. } = of;
        let at = STATUSES.iter().position(|(known, _)| *known == status);
        let word = at.map_or("other", |at| STATUSES[at].1);
        of.requests[at.unwrap_or(STATUSES.len())]
            .get_or_init(|| self.requests.with_label_values(&[*operation, word]))
            .inc();
        of.seconds
            .get_or_init(|| self.seconds.with_label_values(&[*operation]))
            .observe(took.as_secs_f64());
        if limited {
            of.limited.get_or_init(|| self.limited.with_label_values(&[*operation])).inc();
        }
    }
}

impl OperationMeter {
    pub(crate) const fn new(operation: &'static str) -> Self {
        Self {
            operation,
            seconds: OnceLock::new(),
            limited: OnceLock::new(),
            requests: [const { OnceLock::new() }; STATUSES.len() + 1],
        }
    }
}
