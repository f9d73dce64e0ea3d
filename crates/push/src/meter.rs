//! Deliveries to webhooks, counted by what became of them.

use std::time::Duration;

use prometheus::core::Collector;
use prometheus::{Histogram, HistogramOpts, IntCounterVec, Opts};

/// Bounds of what a delivery takes, seconds.
const SECONDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0];

/// What is known about the deliveries of this process.
#[derive(Debug)]
pub struct Meter {
    attempts: IntCounterVec,
    seconds: Histogram,
}

impl Default for Meter {
    fn default() -> Self {
        let attempts =
            Opts::new("larkspur_webhook_attempts_total", "Attempts to tell a webhook something.");
        let seconds =
            HistogramOpts::new("larkspur_webhook_seconds", "Time an attempt at a webhook took.");
        let attempts = IntCounterVec::new(attempts, &["outcome"]);
        let seconds = Histogram::with_opts(seconds.buckets(SECONDS.to_vec()));
        let attempts = attempts.expect("name and label are well formed");
        for outcome in ["delivered", "refused", "unreachable"] {
            attempts.with_label_values(&[outcome]);
        }
        Self { attempts, seconds: seconds.expect("name and bounds are well formed") }
    }
}

impl Meter {
    /// What is to be shown.
    pub fn collectors(&self) -> Vec<Box<dyn Collector>> {
        vec![Box::new(self.attempts.clone()), Box::new(self.seconds.clone())]
    }

    /// Counts an attempt; `status` is what the receiver answered, 0 where it did not.
    pub(crate) fn count(&self, status: u16, took: Duration) {
        let outcome = match status {
            200..300 => "delivered",
            0 => "unreachable",
            _ => "refused",
        };
        self.attempts.with_label_values(&[outcome]).inc();
        self.seconds.observe(took.as_secs_f64());
    }
}
