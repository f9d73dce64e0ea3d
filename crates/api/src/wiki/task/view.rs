//! Task record -> wire answer. A task is its creator's alone.

use std::sync::Arc;

use larkspur_engine::Watched;
use larkspur_model::task::State;
use larkspur_platform::Caller;
use larkspur_rehearsal::lint::Note;
use larkspur_store::tasks::{self, TaskRecord};
use larkspur_store::{Db, Error as StoreError, wiki};

use super::super::codes::{self as refusals, broken, denied, told};
use super::super::view::Viewer;
use super::codes;
use super::job::{FAMILY, Output, Payload};
use super::wire::{GetData, MoveResult, TaskResult};
use crate::{Answer, ApiError, Request, Services, Violations};

/// The task of an id as it stands on the wire: `<number>-<key>`. What was forgotten some time after
/// its end is not there.
async fn find(db: &Db, caller: &Caller, id: &str) -> Result<Option<TaskRecord>, StoreError> {
    let Some((number, key)) = id.split_once('-') else { return Ok(None) };
    let Ok(number) = number.parse() else { return Ok(None) };
    let record = tasks::get(db, number).await?;
    let record = record.filter(|record| {
        record.family == FAMILY
            && record.tenant == caller.tenant.as_str()
            && record.payload.as_deref().and_then(key_of).is_some_and(|known| known == key)
    });
    Ok(record)
}

/// What stands behind a task's number, by its payload.
pub(super) fn key_of(payload: &[u8]) -> Option<String> {
    serde_json::from_slice::<Payload>(payload).ok().map(|payload| payload.key)
}

/// `wikiTaskGet`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let mut violations = Violations::new();
    let kind = violations.required("task_type", request.query.text("task_type"));
    violations.check()?;
    if kind != "move" {
        return Err(refusals::PARAM.because("task_type is move"));
    }
    let caller = request.caller()?;
    let id = request.path_value("task_id");
    let record = find(&services.store.db, caller, id).await.map_err(broken)?;
    let unknown = || refusals::NOT_FOUND.because("there is no wiki task of this id");
    let record = record.ok_or_else(unknown)?;
    if record.creator != caller.creator() {
        let why = "ask as the app or the user that submitted the task";
        return Err(told(refusals::PERMISSION, denied::TASK, why));
    }
    let watched = services.engine.watch(record).await;
    let watched = watched.map_err(|error| refusals::INTERNAL.caused_by(error))?;
    let result = show(&services, caller, &watched).await?;
    let task = TaskResult { task_id: id.to_owned(), move_result: vec![result] };
    let ended = watched.record.state.is_final() && !watched.early;
    let note = Note::Polled { task: watched.record.id, ended, file: None };
    Ok(Answer::data(&GetData { task })?.noted(note))
}

async fn show(
    services: &Services,
    caller: &Caller,
    watched: &Watched,
) -> Result<MoveResult, ApiError> {
    let Watched { record, early, pending_status } = watched;
    let mut node = None;
    let (status, status_msg) = match record.state {
        State::Queued | State::Running => {
            (pending_status.unwrap_or(codes::PENDING.0), codes::PENDING.1)
        }
        State::Succeeded => {
            if !early {
                node = made(services, caller, record).await?;
            }
            codes::DONE
        }
        State::Failed => record.failure.as_ref().map_or(codes::FAILED, codes::status),
        State::Cancelled => codes::FAILED,
    };
    Ok(MoveResult { node, status, status_msg })
}

/// The node, as it is now.
async fn made(
    services: &Services,
    caller: &Caller,
    record: &TaskRecord,
) -> Result<Option<super::super::view::WireNode>, ApiError> {
    let bytes = record.output.as_deref().unwrap_or_default();
    let output: Output =
        serde_json::from_slice(bytes).map_err(|error| refusals::INTERNAL.caused_by(error))?;
    let node = wiki::node(&services.store.db, &caller.tenant, &output.node).await;
    match node.map_err(broken)? {
        Some(node) => Viewer::new(services, caller).show(node).await.map(Some),
        None => Ok(None),
    }
}
