//! Tasks counted by family: those taken, those ended and how, how long their last attempts ran. What
//! waits and runs at the moment is asked of the store.

use std::collections::HashMap;
use std::time::Duration;

use larkspur_model::task::State;
use prometheus::core::Collector;
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts};

/// Bounds of what an attempt takes, seconds.
const SECONDS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 180.0, 600.0];

/// How tasks end, as metrics call it.
const OUTCOMES: [(State, &str); 3] =
    [(State::Succeeded, "succeeded"), (State::Failed, "failed"), (State::Cancelled, "cancelled")];

/// What is known about the tasks of this process.
pub struct Meter {
    submitted: IntCounterVec,
    ended: IntCounterVec,
    seconds: HistogramVec,
    families: HashMap<&'static str, Family>,
}

struct Family {
    submitted: IntCounter,
    ended: [IntCounter; OUTCOMES.len()],
    seconds: Histogram,
}

impl Meter {
    /// A meter for tasks of `families`.
    pub(crate) fn new(families: impl Iterator<Item = &'static str>) -> Self {
        let submitted = Opts::new("larkspur_tasks_submitted_total", "Tasks taken by this process.");
        let ended = Opts::new("larkspur_tasks_ended_total", "Tasks that ended in this process.");
        let seconds = HistogramOpts::new(
            "larkspur_task_seconds",
            "Time the attempt ran that a task ended with.",
        );
        let submitted = IntCounterVec::new(submitted, &["family"]);
        let ended = IntCounterVec::new(ended, &["family", "outcome"]);
        let seconds = HistogramVec::new(seconds.buckets(SECONDS.to_vec()), &["family"]);
        let submitted = submitted.expect("name and label are well formed");
        let ended = ended.expect("name and labels are well formed");
        let seconds = seconds.expect("name, label and bounds are well formed");
        let families = families
            .map(|family| {
                let counted = Family {
                    submitted: submitted.with_label_values(&[family]),
                    ended: OUTCOMES.map(|(_, word)| ended.with_label_values(&[family, word])),
                    seconds: seconds.with_label_values(&[family]),
                };
                (family, counted)
            })
            .collect();
        Self { submitted, ended, seconds, families }
    }

    /// What is to be shown.
    pub fn collectors(&self) -> Vec<Box<dyn Collector>> {
        vec![
            Box::new(self.submitted.clone()),
            Box::new(self.ended.clone()),
            Box::new(self.seconds.clone()),
        ]
    }

    pub(crate) fn submitted(&self, family: &str) {
        if let Some(family) = self.families.get(family) {
            family.submitted.inc();
        }
    }

    /// Counts a task that is in `state` now, if that is an end; `took` is there where an attempt ran.
    pub(crate) fn ended(&self, family: &str, state: State, took: Option<Duration>) {
        let outcome = OUTCOMES.iter().position(|(end, _)| *end == state);
        let (Some(outcome), Some(family)) = (outcome, self.families.get(family)) else { return };
        family.ended[outcome].inc();
        if let Some(took) = took {
            family.seconds.observe(took.as_secs_f64());
        }
    }
}
