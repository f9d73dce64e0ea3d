//! Rehearsing what can go wrong: which calls and tasks are to fail and how, how tasks advance, what was
//! asked and answered, and what a reviewer would tell the author of a client. Values and decisions
//! alone: nothing here speaks HTTP, runs a task or talks to the store.

pub mod faults;
pub mod lint;
pub mod record;
pub mod stepping;

use larkspur_model::plan::Plan;

use crate::faults::{Faults, TaskEffect, TaskSubject};
use crate::lint::Linter;
use crate::record::{Record, RecordSettings};

/// Everything that is rehearsed on one server. Shared by the floors above.
#[derive(Debug, Default)]
pub struct Rehearsal {
    /// The rules in force.
    pub faults: Faults,
    /// How tasks advance.
    pub stepping: stepping::InForce,
    /// The last requests of each app.
    pub record: Record,
    /// What a reviewer would say about each app.
    pub lint: Linter,
}

impl Rehearsal {
    /// Nothing is rehearsed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing is rehearsed yet, and requests are recorded as `settings` say.
    pub fn recording(settings: RecordSettings) -> Self {
        Self { record: Record::new(settings), ..Self::default() }
    }

    /// Forgets what was seen of calls: of `apps`, or of everybody.
    pub fn forget_calls(&self, apps: Option<&[String]>) {
        match apps {
            None => {
                self.record.forget_all();
                self.lint.forget_all();
            }
            Some(apps) => apps.iter().for_each(|app| {
                self.record.forget(app);
                self.lint.forget(app);
            }),
        }
    }

    /// What is rehearsed for a task about to be submitted; `own` is what the request brought along,
    /// which goes before every rule.
    pub fn plan(&self, task: &TaskSubject<'_>, own: Option<&TaskEffect>) -> Option<Plan> {
        let stepping = self.stepping.of(task.family);
        let (rule, effect) = match (own, self.faults.task(task)) {
            (Some(own), _) => (None, own.clone()),
            (None, Some((rule, effect))) => (Some(rule), effect),
            (None, None) => (None, TaskEffect::default()),
        };
        effect.plan(rule, stepping, task.now_ms)
    }
}
