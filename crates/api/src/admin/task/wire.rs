//! The answers of Larkspur's own task API.

use larkspur_model::loss::Losses;
use larkspur_model::plan::Plan;
use larkspur_model::task::{Failure, Progress, State};
use serde::Serialize;

use super::told::Told;

/// Data of a look at one task.
#[derive(Serialize)]
pub(super) struct GetData<'a> {
    pub(super) task: Task<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) client_answer: Option<Told>,
}

/// When a task first was in a state.
#[derive(Serialize)]
pub(super) struct Moment {
    pub(super) state: State,
    pub(super) at_ms: i64,
}

/// A task. Times are milliseconds since the epoch.
#[derive(Serialize)]
pub(super) struct Task<'a> {
    #[serde(rename = "task_id")]
    pub(super) id: String,
    pub(super) family: &'a str,
    pub(super) title: &'a str,
    pub(super) state: State,
    pub(super) size_bytes: i64,
    pub(super) creator: &'a str,
    pub(super) app_id: &'a str,
    pub(super) attempt: i64,
    pub(super) max_attempts: i64,
    /// Attempts that the server's own end cut short; they do not count.
    pub(super) interruptions: i64,
    pub(super) created_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) started_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) finished_ms: Option<i64>,
    pub(super) timeline: Vec<Moment>,
    pub(super) cancel_requested: bool,
    /// While it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) progress: Option<&'a Progress>,
    /// While it runs: what is left of its stage at the pace so far, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stage_left_ms: Option<i64>,
    /// While it waits: how many stand before it in its lane.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ahead: Option<i64>,
    /// Why the last attempt was given up, where another follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry_cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<&'a Failure>,
    /// Everything that was dropped, cut or changed.
    pub(super) losses: &'a Losses,
    /// What is rehearsed for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rehearsed: Option<Rehearsed<'a>>,
}

/// What is rehearsed for a task.
#[derive(Serialize)]
pub(super) struct Rehearsed<'a> {
    #[serde(flatten)]
    pub(super) plan: &'a Plan,
    /// Whether it waits for a time, polls, a step or its release.
    pub(super) waits: bool,
    /// Polls counted since it was submitted, or since its wait was over.
    pub(super) polls: i64,
}
