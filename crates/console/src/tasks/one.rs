//! One task, whole: where it stands, what it went through, what failed, what was lost, what its client
//! is told, what can be done.

use askama::Template;
use larkspur_api::{Answer, ApiError, codes};
use larkspur_model::task::{Failure, State};
use serde::Deserialize;
use serde_json::Value;

use super::explain;
use super::table::Task;
use crate::frame::{Frame, Section};
use crate::look;
use crate::visit::{self, Visit, in_address};

#[derive(Deserialize)]
pub(super) struct Detail {
    pub(super) task: Task,
    pub(super) client_answer: Option<ClientAnswer>,
}

/// What its client is told.
#[derive(Deserialize)]
pub(super) struct ClientAnswer {
    pub(super) operation: String,
    pub(super) ticket: String,
    pub(super) answer: Value,
}

impl ClientAnswer {
    fn pretty(&self) -> String {
        serde_json::to_string_pretty(&self.answer).unwrap_or_default()
    }
}

/// Something that was lost, in words.
struct LossLine<'a> {
    name: &'static str,
    place: &'a str,
    detail: &'a str,
    count: u64,
}

/// What a task made, to look at or to take.
struct Made {
    address: String,
    download: bool,
}

#[derive(Template)]
#[template(path = "tasks/one.html")]
struct Page {
    f: Frame,
    task: Task,
    told: Option<ClientAnswer>,
    made: Option<Made>,
}

impl Page {
    fn failure_name(&self, failure: &Failure) -> String {
        explain::name(self.f.language, &self.task.family, failure)
    }

    fn advice(&self, failure: &Failure) -> &'static str {
        explain::advice(self.f.language, failure)
    }

    fn losses(&self) -> Vec<LossLine<'_>> {
        let lines = self.task.losses.iter().map(|loss| LossLine {
            name: explain::loss(self.f.language, loss.kind),
            place: &loss.place,
            detail: &loss.detail,
            count: loss.count,
        });
        lines.collect()
    }

    fn ended(&self) -> bool {
        self.task.state.is_final()
    }

    fn may_retry(&self) -> bool {
        matches!(self.task.state, State::Failed | State::Cancelled)
    }

    fn waits(&self) -> bool {
        self.task.rehearsed.as_ref().is_some_and(|rehearsed| rehearsed.waits)
    }

    fn held_by(&self) -> Option<&str> {
        let rehearsed = self.task.rehearsed.as_ref().filter(|rehearsed| rehearsed.waits)?;
        rehearsed.rule.as_deref()
    }
}

/// The task of the path, with what its client is told.
pub(super) async fn detail(visit: &Visit) -> Result<Detail, ApiError> {
    let id = visit.request.path_value("task_id").to_owned();
    let call = visit.operator("larkspurTaskGet").path("task_id", id).query("answer=true");
    visit.ask(call).await
}

pub(super) async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let Detail { task, client_answer } = detail(&visit).await?;
    let made = client_answer.as_ref().and_then(|told| made(&task, &told.answer));
    let title = if task.title.is_empty() { task.task_id.clone() } else { task.title.clone() };
    let f = visit.frame(Section::Tasks, title).await?;
    visit::show(&Page { f, task, told: client_answer, made })
}

/// Where what the task made is looked at.
fn made(task: &Task, answer: &Value) -> Option<Made> {
    if task.state != State::Succeeded {
        return None;
    }
    let data = &answer["data"];
    let view = |kind: &str, token: &str| {
        look::address(kind, token).map(|address| Made { address, download: false })
    };
    match task.family.as_str() {
        "drive.import" => view(data["result"]["type"].as_str()?, data["result"]["token"].as_str()?),
        "drive.export" => {
            data["result"]["file_token"].as_str()?;
            Some(file_of(task))
        }
        "vc.export" => {
            data["file_token"].as_str()?;
            Some(file_of(task))
        }
        "wiki.move" => {
            let node = &data["task"]["move_result"][0]["node"];
            view(node["obj_type"].as_str()?, node["obj_token"].as_str()?)
        }
        _ => None,
    }
}

fn file_of(task: &Task) -> Made {
    Made { address: format!("/console/tasks/{}/file", task.task_id), download: true }
}

/// The file a task made, in the creator's name.
pub(super) async fn download(visit: Visit) -> Result<Answer, ApiError> {
    let Detail { task, client_answer } = detail(&visit).await?;
    let gone = || {
        codes::BAD_REQUEST.because(visit.language.pick(
            "The task has no file, or its ten minutes are over; export it again.",
            "任务没有文件，或文件已超过十分钟有效期，请重新导出。",
        ))
    };
    let answer = client_answer.ok_or_else(gone)?.answer;
    let data = &answer["data"];
    let (operation, token) = match task.family.as_str() {
        "drive.export" => ("driveExportTaskDownload", data["result"]["file_token"].as_str()),
        "vc.export" => ("vcExportDownload", data["file_token"].as_str()),
        _ => return Err(gone()),
    };
    let token = token.ok_or_else(gone)?.to_owned();
    let acting = visit
        .services
        .acting_for(&visit.tenant_of(&task).await?, &task.app_id.as_str().into(), &task.creator)
        .await?;
    let call = visit.call(operation, &acting);
    let call = if operation == "vcExportDownload" {
        call.query(format!("file_token={}", in_address(&token)))
    } else {
        call.path("file_token", token)
    };
    visit.services.call(call).await
}

impl Visit {
    /// The tenant a task belongs to.
    async fn tenant_of(&self, task: &Task) -> Result<larkspur_model::id::TenantId, ApiError> {
        let id = task.task_id.parse().unwrap_or_default();
        let record = self.services.engine.view(id).await;
        let record = record.map_err(|error| codes::INTERNAL.caused_by(error))?;
        Ok(record.map_or_else(|| "".into(), |record| record.tenant.into()))
    }
}
