//! What a rule does when its time has come.

use larkspur_model::plan::{Gate, Plan, PlannedItem};
use larkspur_model::task::{Failure, Progress};
use larkspur_model::time::Millis;

use crate::stepping::Advance;

/// What happens to a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestEffect {
    /// The rules it comes from.
    pub rules: Vec<String>,
    /// So much later, in real time.
    pub latency_ms: u64,
    /// Instead of the answer.
    pub end: Option<End>,
    /// A file that is answered ends after so many bytes.
    pub truncate: Option<u64>,
}

/// What comes instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The refusal of this code.
    Error(i64),
    /// This HTTP status, in the platform's envelope.
    Http(u16),
    /// Too many calls; come back in so many seconds.
    Throttle(u32),
    /// Nothing: the connection closes before the work is done.
    DropBefore,
    /// Nothing: the work is done and the connection closes.
    DropAfter,
}

/// What happens to a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskEffect {
    /// It fails so.
    pub ending: Option<Failure>,
    /// It waits, showing this number of its family.
    pub pending_status: Option<i64>,
    /// Items that end in codes of their own.
    pub items: Vec<PlannedItem>,
    /// It waits, this far.
    pub hold: Option<Progress>,
    /// So many polls see success without what it made.
    pub early_polls: u32,
    /// So many attempts die.
    pub deaths: u32,
    /// Numbers beside a success.
    pub extra: Vec<String>,
    /// It advances so.
    pub advance: Option<Advance>,
}

impl TaskEffect {
    /// The plan for a task submitted at `now_ms` that would else advance as `stepping` has it; `None`
    /// where nothing is rehearsed.
    pub(crate) fn plan(
        self,
        rule: Option<String>,
        stepping: Advance,
        now_ms: Millis,
    ) -> Option<Plan> {
        let advance = self.advance.unwrap_or(stepping);
        let gate = self.hold.map(Gate::Hold).or_else(|| advance.gate(now_ms));
        let plan = Plan {
            ending: self.ending,
            deaths: self.deaths,
            extra: self.extra,
            items: self.items,
            early_polls: self.early_polls,
            gate,
            pending_status: self.pending_status,
            rule: None,
        };
        (plan != Plan::default()).then_some(Plan { rule, ..plan })
    }
}
