//! Task record -> wire answer.

use std::sync::Arc;

use larkspur_engine::Watched;
use larkspur_model::task::State;
use larkspur_rehearsal::lint::{Note, mark};
use larkspur_store::tasks;

use super::codes;
use super::job::{FAMILY, FILE_LIFE_MS, Output, Payload};
use super::wire::{ExportTask, GetData};
use crate::{Answer, ApiError, Request, Services, Violations};

fn internal(error: impl std::fmt::Display) -> ApiError {
    codes::INTERNAL.caused_by(error)
}

/// `driveExportTaskGet`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let ticket = request.path_value("ticket");
    let mut violations = Violations::new();
    let token = violations.required("token", request.query.text("token"));
    if token.chars().count() > 27 {
        violations.add("token", &token, "the max len is 27");
    }
    violations.check()?;
    let caller = request.caller()?;
    let db = &services.store.db;
    let unknown = || codes::INVALID_PARAM.because("there is no export task of this ticket");
    let id: i64 = ticket.parse().map_err(|_| unknown())?;
    let (record, live) = tasks::get_beside(db, id, &token)
        .await
        .map_err(internal)?
        // What a task was and made is forgotten some time after its end.
        .filter(|(record, _)| record.payload.is_some() && record.family == FAMILY)
        .filter(|(record, _)| record.tenant == caller.tenant.as_str())
        .ok_or_else(unknown)?;
    if record.creator != caller.creator() {
        return Err(codes::NO_PERMISSION.because("only who created the task may ask for it"));
    }
    let payload = record.payload.as_deref().unwrap_or_default();
    let payload: Payload =
        serde_json::from_slice(payload).map_err(|_| internal("payload of an export"))?;
    if payload.document.as_str() != token {
        return Err(codes::INVALID_PARAM.because("token is the exported document's"));
    }
    let watched = services.engine.watch(record).await.map_err(internal)?;
    // A task that failed because of that says so itself.
    if !live && watched.record.state == State::Succeeded {
        return Err(codes::GET_DELETED.because("the exported document was deleted"));
    }
    show(&watched, &payload)
}

fn show(watched: &Watched, payload: &Payload) -> Result<Answer, ApiError> {
    let Watched { record, early, pending_status } = watched;
    let mut result = ExportTask {
        file_extension: &payload.extension,
        kind: &payload.kind,
        file_name: None,
        file_token: None,
        file_size: None,
        job_error_msg: "",
        job_status: codes::QUEUED,
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
            output = serde_json::from_slice(bytes).map_err(|_| internal("output of an export"))?;
            result.job_status = codes::DONE;
            result.job_error_msg = "success";
            result.file_name = Some(&output.name);
            result.file_token = Some(output.token.as_str());
            result.file_size = Some(output.size_bytes);
        }
        State::Failed => {
            let failure = record.failure.as_ref().ok_or_else(|| internal("failure missing"))?;
            result.job_status = codes::job_status(failure);
            result.job_error_msg = &failure.message;
        }
        State::Cancelled => {
            result.job_status = codes::FAILED;
            result.job_error_msg = "the task was cancelled";
        }
    }
    let file = result.file_token.map(mark).zip(record.finished_ms.map(|at| at + FILE_LIFE_MS));
    let note = Note::Polled { task: record.id, ended: record.state.is_final() && !early, file };
    Ok(Answer::data(&GetData { result })?.noted(note))
}
