//! The answers of the API of faults. Rules are spelt as `rehearsal` spells them.

use larkspur_model::task::State;
use larkspur_rehearsal::faults::Listed;
use serde::Serialize;

/// Data of a look at one rule.
#[derive(Serialize)]
pub(super) struct OneData {
    pub(super) fault: Listed,
}

/// Data of a look at all rules.
#[derive(Serialize)]
pub(super) struct ListData {
    pub(super) items: Vec<Listed>,
}

/// Data of a removal of all.
#[derive(Serialize)]
pub(super) struct ClearData {
    pub(super) removed: usize,
}

/// Data of a release.
#[derive(Serialize)]
pub(super) struct ReleaseData {
    pub(super) released: Vec<Released>,
}

/// A task that was held, and how it ended.
#[derive(Serialize)]
pub(super) struct Released {
    pub(super) task_id: String,
    pub(super) state: State,
}
