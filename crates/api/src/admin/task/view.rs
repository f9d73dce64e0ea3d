//! Task record -> the detail of a task.

use std::sync::Arc;
use std::time::Duration;

use larkspur_model::plan::GateState;
use larkspur_model::task::State;
use larkspur_store::tasks::{self, TaskRecord};

use super::codes;
use super::told::{self, Told};
use super::wire::{GetData, Moment, Rehearsed, Task};
use crate::{Answer, ApiError, FieldViolation, Request, Services};

/// The longest a look at a task waits for its end.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// `larkspurTaskGet`: at once, or with `wait` when the task has ended, at the latest after that time;
/// with `answer` also what its client is answered when it asks.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let mut record = find(&services, &request).await?;
    if let Some(patience) = patience(&request)?
        && !record.state.is_final()
    {
        let ended = services.engine.ended(record.id, patience).await;
        let ended = ended.map_err(|error| crate::codes::INTERNAL.caused_by(error))?;
        record = ended.ok_or_else(|| codes::NO_TASK.because("it was deleted meanwhile"))?;
    }
    let misfit = |value: String| {
        let (field, description) = ("answer".to_owned(), "true or false".to_owned());
        ApiError::fields(vec![FieldViolation { field, value, description }])
    };
    let told = if request.query.flag("answer").map_err(misfit)?.unwrap_or(false) {
        told::told(&services, &request, &record).await?
    } else {
        None
    };
    detail(&services, record, told).await
}

/// How long the caller wants to wait: `wait`, in seconds (`30`, `30s`) or milliseconds (`500ms`).
fn patience(request: &Request) -> Result<Option<Duration>, ApiError> {
    let Some(text) = request.query.text("wait") else { return Ok(None) };
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, Duration::from_millis(1)),
        None => (text.strip_suffix('s').unwrap_or(&text), Duration::from_secs(1)),
    };
    let wait = number.parse().ok().and_then(|number| unit.checked_mul(number));
    wait.filter(|wait| *wait <= LONGEST_WAIT).map(Some).ok_or_else(|| {
        ApiError::fields(vec![FieldViolation {
            field: "wait".to_owned(),
            value: text.clone(),
            description: "seconds (30s) or milliseconds (500ms), a minute at most".to_owned(),
        }])
    })
}

/// The detail of a task; one behind a gate is told as its family shows it.
pub(super) async fn answer(services: &Services, record: TaskRecord) -> Result<Answer, ApiError> {
    detail(services, record, None).await
}

async fn detail(
    services: &Services,
    record: TaskRecord,
    told: Option<Told>,
) -> Result<Answer, ApiError> {
    let record = services.engine.shown(record);
    let waiting = record.state == State::Queued;
    let position = if waiting { services.engine.position(record.id).await } else { Ok(None) };
    let position = position.map_err(|error| crate::codes::INTERNAL.caused_by(error))?;
    let mut task = show(&record, position.map(|position| position.ahead));
    if record.state == State::Running {
        let left = services.engine.left(record.id);
        task.stage_left_ms = left.and_then(|left| i64::try_from(left.as_millis()).ok());
    }
    Answer::data(&GetData { task, client_answer: told })
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

pub(super) fn show(record: &TaskRecord, ahead: Option<i64>) -> Task<'_> {
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
        timeline: timeline(record),
        cancel_requested: record.cancel_requested,
        progress: (record.state == State::Running).then_some(&record.progress),
        stage_left_ms: None,
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

/// The states it went through and when it first was in each.
fn timeline(record: &TaskRecord) -> Vec<Moment> {
    let moment = |state, at_ms: Option<i64>| at_ms.map(|at_ms| Moment { state, at_ms });
    let end = if record.state.is_final() { record.finished_ms } else { None };
    let moments = [
        moment(State::Queued, Some(record.created_ms)),
        moment(State::Running, record.started_ms),
        moment(record.state, end),
    ];
    moments.into_iter().flatten().collect()
}
