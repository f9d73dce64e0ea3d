//! Task record -> the detail of a task.

use std::sync::Arc;

use larkspur_model::plan::GateState;
use larkspur_model::task::State;
use larkspur_store::tasks::{self, TaskRecord};

use super::codes;
use super::wire::{GetData, Rehearsed, Task};
use crate::{Answer, ApiError, Request, Services};

/// `larkspurTaskGet`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let record = find(&services, &request).await?;
    answer(&services, record).await
}

/// The detail of a task; one behind a gate is told as its family shows it.
pub(super) async fn answer(services: &Services, record: TaskRecord) -> Result<Answer, ApiError> {
    let record = services.engine.shown(record);
    let waiting = record.state == State::Queued;
    let position = if waiting { services.engine.position(record.id).await } else { Ok(None) };
    let position = position.map_err(|error| crate::codes::INTERNAL.caused_by(error))?;
    Answer::data(&GetData { task: show(&record, position.map(|position| position.ahead)) })
}

/// The task of the path, if the caller may see it: the server's operator, its creator, the app it
/// was submitted by, an administrator of its tenant. Everybody else is told that there is none.
pub(super) async fn find(services: &Services, request: &Request) -> Result<TaskRecord, ApiError> {
    let unknown = || codes::NO_TASK.because("no task of this number that the caller may see");
    let id: i64 = request.path_value("task_id").parse().map_err(|_| unknown())?;
    let record = tasks::view(&services.store.db, id)
        .await
        .map_err(|error| crate::codes::INTERNAL.caused_by(error))?
        .ok_or_else(unknown)?;
    if request.admin {
        return Ok(record);
    }
    let caller = request.caller()?;
    let theirs = record.creator == caller.creator()
        || (caller.user.is_none() && record.app == caller.app.as_str())
        || caller.admin;
    if record.tenant != caller.tenant.as_str() || !theirs {
        return Err(unknown());
    }
    Ok(record)
}

fn show(record: &TaskRecord, ahead: Option<i64>) -> Task<'_> {
    Task {
        id: record.id.to_string(),
        family: &record.family,
        title: &record.title,
        state: record.state,
        size_bytes: record.size_bytes,
        creator: &record.creator,
        app_id: &record.app,
        attempt: record.attempt,
        max_attempts: record.max_attempts,
        interruptions: record.interruptions,
        created_ms: record.created_ms,
        started_ms: record.started_ms,
        finished_ms: record.finished_ms,
        cancel_requested: record.cancel_requested,
        progress: (record.state == State::Running).then_some(&record.progress),
        ahead,
        retry_cause: record.retry_cause.as_deref(),
        failure: record.failure.as_ref(),
        losses: &record.losses,
        rehearsed: record.planned.as_deref().map(|planned| Rehearsed {
            plan: &planned.plan,
            waits: planned.gate != GateState::Open && !record.state.is_final(),
            polls: planned.polls,
        }),
    }
}
