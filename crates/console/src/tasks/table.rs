//! Many tasks: the list with its filters, and the stream of what becomes of them.

use askama::Template;
use larkspur_api::{Answer, ApiError};
use larkspur_model::loss::Losses;
use larkspur_model::task::{Failure, Progress, State};
use serde::Deserialize;

use super::explain;
use crate::asked::Asked;
use crate::frame::{Frame, Section};
use crate::look;
use crate::visit::{self, Visit};

/// Tasks on a page.
const PAGE: i64 = 50;

/// A task as `/larkspur/v1/tasks` tells it.
#[derive(Deserialize)]
pub(super) struct Task {
    pub(super) task_id: String,
    pub(super) family: String,
    pub(super) title: String,
    pub(super) state: State,
    pub(super) size_bytes: i64,
    pub(super) creator: String,
    pub(super) app_id: String,
    pub(super) attempt: i64,
    pub(super) max_attempts: i64,
    pub(super) interruptions: i64,
    pub(super) created_ms: i64,
    pub(super) started_ms: Option<i64>,
    pub(super) finished_ms: Option<i64>,
    #[serde(default)]
    pub(super) timeline: Vec<Moment>,
    pub(super) cancel_requested: bool,
    pub(super) progress: Option<Progress>,
    pub(super) stage_left_ms: Option<i64>,
    pub(super) ahead: Option<i64>,
    pub(super) retry_cause: Option<String>,
    pub(super) failure: Option<Failure>,
    pub(super) losses: Losses,
    pub(super) rehearsed: Option<Rehearsed>,
}

/// When it was in a state.
#[derive(Deserialize)]
pub(super) struct Moment {
    pub(super) state: State,
    pub(super) at_ms: i64,
}

impl Moment {
    pub(super) fn mark(&self, f: &Frame) -> String {
        look::state(f.language, self.state)
    }
}

/// What is rehearsed for it.
#[derive(Deserialize)]
pub(super) struct Rehearsed {
    pub(super) waits: bool,
    pub(super) polls: i64,
    pub(super) rule: Option<String>,
}

impl Task {
    pub(super) fn mark(&self, f: &Frame) -> String {
        look::state(f.language, self.state)
    }

    pub(super) fn kind(&self, f: &Frame) -> String {
        look::family(f.language, &self.family)
    }

    pub(super) fn submitted(&self) -> String {
        look::time(self.created_ms)
    }

    /// How long it ran, once it has ended.
    pub(super) fn took(&self) -> String {
        let from = self.started_ms.unwrap_or(self.created_ms);
        self.finished_ms.map_or_else(String::new, |end| look::span((end - from).max(0)))
    }

    /// What is to be said about it in a line: why it failed, how far it is, what was lost.
    pub(super) fn note(&self, f: &Frame) -> String {
        if let Some(failure) = &self.failure {
            return explain::name(f.language, &self.family, failure);
        }
        if let Some(progress) = &self.progress {
            return if progress.total > 0 {
                let (done, total) = (progress.done as i64, progress.total as i64);
                format!("{} {} / {}", progress.stage, look::number(done), look::number(total))
            } else {
                progress.stage.clone()
            };
        }
        if self.rehearsed.as_ref().is_some_and(|rehearsed| rehearsed.waits) {
            return f.t("held, as rehearsed", "按演练设置等待").to_owned();
        }
        match (self.state, self.losses.len()) {
            (State::Succeeded, 0) => String::new(),
            (State::Succeeded, 1) => f.t("1 remark", "1 条提示").to_owned(),
            (State::Succeeded, many) => format!("{many} {}", f.t("remarks", "条提示")),
            _ => String::new(),
        }
    }

    /// How far it is, of a hundred.
    pub(super) fn percent(&self) -> Option<u64> {
        let progress = self.progress.as_ref().filter(|progress| progress.total > 0)?;
        Some((progress.done * 100 / progress.total).min(100))
    }
}

/// A page of them.
#[derive(Deserialize)]
pub(super) struct List {
    pub(super) items: Vec<Task>,
    pub(super) page_token: Option<String>,
}

#[derive(Template)]
#[template(path = "tasks/list.html")]
struct Page {
    f: Frame,
    tasks: Vec<Task>,
    next: Option<String>,
    name: String,
    family: String,
    state: String,
}

impl Page {
    fn families(&self) -> Vec<(&'static str, String, bool)> {
        let option = |family: &'static str| {
            (family, look::family(self.f.language, family), family == self.family)
        };
        look::FAMILIES.into_iter().map(option).collect()
    }

    fn states(&self) -> Vec<(&'static str, &'static str, bool)> {
        let states =
            [State::Queued, State::Running, State::Succeeded, State::Failed, State::Cancelled];
        let option = |state| {
            let word = look::state_word(state);
            (word, look::state_name(self.f.language, state), word == self.state)
        };
        states.into_iter().map(option).collect()
    }
}

/// The tasks of the tenant that is looked at, the latest first.
pub(super) async fn list(visit: &Visit, filter: Asked, most: i64) -> Result<List, ApiError> {
    let query = filter.with("page_size", most).with("tenant_id", visit.tenant().await?);
    visit.ask(visit.operator("larkspurTaskList").query(query)).await
}

pub(super) async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let asked = |name: &str| visit.query(name).unwrap_or_default();
    let (name, family, state) = (asked("name"), asked("family"), asked("state"));
    let filter = [("name", &name), ("family", &family), ("state", &state)];
    let filter = filter
        .into_iter()
        .fold(Asked::default(), |asked, (key, value)| asked.with_some(key, Some(value)));
    let query = filter.clone().with_some("page_token", visit.query("page_token"));
    let List { items, page_token } = list(&visit, query, PAGE).await?;
    let next = page_token.map(|token| filter.with("page_token", token).at("/console/tasks"));
    let f = visit.frame(Section::Tasks, visit.language.pick("Tasks", "任务")).await?;
    visit::show(&Page { f, tasks: items, next, name, family, state })
}

/// What becomes of tasks, as it happens.
pub(super) async fn events(visit: Visit) -> Result<Answer, ApiError> {
    visit.services.call(visit.operator("larkspurEventList")).await
}
