//! Task record -> wire answer. Polled more often than everything else together: one look-up, no
//! address before there is something to point at.

use std::sync::Arc;

use larkspur_engine::Watched;
use larkspur_model::id::ObjectToken;
use larkspur_model::task::State;
use larkspur_rehearsal::lint::Note;
use larkspur_store::objects::ObjectKind;
use larkspur_store::tasks;

use super::super::sources::Target;
use super::codes;
use super::job::{FAMILY, Output, Payload};
use super::wire::{GetData, ImportTask};
use crate::{Answer, ApiError, Request, Services, address};

/// `driveImportTaskGet`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let ticket = request.path_value("ticket");
    let caller = request.caller()?;
    let unknown = || codes::INVALID_PARAM.because("there is no import task of this ticket");
    let id: i64 = ticket.parse().map_err(|_| unknown())?;
    let record = tasks::get(&services.store.db, id)
        .await
        .map_err(|error| codes::INTERNAL.caused_by(error))?
        // What a task was and made is forgotten some time after its end.
        .filter(|record| record.payload.is_some() && record.family == FAMILY)
        .filter(|record| record.tenant == caller.tenant.as_str())
        .ok_or_else(unknown)?;
    if record.creator != caller.creator() {
        return Err(codes::NO_PERMISSION.because("only who created the task may ask for it"));
    }
    let base = || address::base(&services, &request);
    let watched = services.engine.watch(record).await;
    show(ticket, &watched.map_err(|error| codes::INTERNAL.caused_by(error))?, base)
}

/// The answer for a record; `base` is asked only where an address is shown.
fn show(
    ticket: &str,
    watched: &Watched,
    base: impl FnOnce() -> String,
) -> Result<Answer, ApiError> {
    let broken = |what: &str| codes::INTERNAL.caused_by(format!("task {ticket}: {what}"));
    let Watched { record, early, pending_status } = watched;
    let payload = record.payload.as_deref().unwrap_or_default();
    let payload: Payload = serde_json::from_slice(payload).map_err(|_| broken("payload"))?;
    let target = payload.target;
    let mut result = ImportTask {
        ticket,
        kind: target.wire(),
        job_status: codes::QUEUED,
        job_error_msg: "",
        token: None,
        url: None,
        extra: Vec::new(),
        preview: None,
    };
    let output: Output;
    match record.state {
        State::Queued | State::Running => {
            let fresh = record.state == State::Queued && record.attempt == 0;
            let usual = if fresh { codes::QUEUED } else { codes::RUNNING };
            result.job_status = pending_status.unwrap_or(usual);
        }
        State::Succeeded if *early => {
            result.job_status = codes::DONE;
            result.job_error_msg = "success";
        }
        State::Succeeded => {
            let bytes = record.output.as_deref().unwrap_or_default();
            output = serde_json::from_slice(bytes).map_err(|_| broken("output"))?;
            let kind = match target {
                Target::Docx => ObjectKind::Docx,
                Target::Sheet => ObjectKind::Sheet,
                Target::Bitable => ObjectKind::Bitable,
            };
            result.job_status = codes::DONE;
            result.job_error_msg = "success";
            result.token = output.token.as_ref().map(ObjectToken::as_str);
            result.url = result.token.map(|token| address::of(&base(), kind, token));
            result.preview = output.preview.as_ref();
            let planned = record.planned.iter().flat_map(|planned| &planned.plan.extra);
            result.extra = codes::extra(&record.losses, target, planned.map(String::as_str));
        }
        State::Failed => {
            let failure = record.failure.as_ref().ok_or_else(|| broken("failure"))?;
            result.job_status = codes::job_status(failure);
            result.job_error_msg = &failure.message;
        }
        State::Cancelled => {
            result.job_status = codes::FAILED;
            result.job_error_msg = "the task was cancelled";
        }
    }
    let note =
        Note::Polled { task: record.id, ended: record.state.is_final() && !early, file: None };
    Ok(Answer::data(&GetData { result })?.noted(note))
}
