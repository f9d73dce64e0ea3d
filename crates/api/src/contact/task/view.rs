//! Task record -> wire answer. While a batch runs that is two look-ups by number; what became of the
//! items is put together when all are done.

use std::sync::Arc;

use larkspur_engine::Watched;
use larkspur_model::id::AppId;
use larkspur_model::task::State;
use larkspur_platform::Platform;
use larkspur_store::contacts::{self, Batch, BatchKind};
use larkspur_store::tasks;

use super::super::entry::{DepartmentEntry, UserEntry};
use super::codes;
use super::job::{Outcome, Results};
use super::payload::Payload;
use super::wire::{Item, ItemOf, TaskData};
use crate::{Answer, ApiError, Request, Services, Violations, stored};

/// `contactV2TaskGet`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let mut violations = Violations::new();
    let id = violations.required("task_id", request.query.text("task_id"));
    violations.check()?;
    let unknown = || codes::TASK_UNKNOWN.because("there is no batch task of this id");
    let internal = |error: larkspur_store::Error| codes::INTERNAL.caused_by(error);
    let db = &services.store.db;
    let batch = contacts::batch(db, &id).await.map_err(internal)?.ok_or_else(unknown)?;
    if batch.tenant != caller.tenant {
        return Err(codes::TASK_INVALID.because("the task is another tenant's"));
    }
    let record = tasks::view(db, batch.task).await.map_err(internal)?.ok_or_else(unknown)?;
    let watched = services.engine.watch(record).await;
    let watched = watched.map_err(|error| codes::INTERNAL.caused_by(error))?;
    // The watch may have waited for the end.
    let batch = contacts::batch(db, &id).await.map_err(internal)?.unwrap_or(batch);
    if watched.record.state != State::Succeeded || watched.early {
        return show(&batch, &watched, None);
    }
    // What a task was and made is forgotten some time after its end.
    let whole = tasks::get(db, batch.task).await.map_err(internal)?.ok_or_else(unknown)?;
    let payload = whole.payload.ok_or_else(unknown)?;
    let results = contacts::batch_results(db, &batch.id).await.map_err(internal)?;
    // Naming a hundred thousand users takes most of a second.
    let app = AppId(watched.record.app.clone());
    stored::blocking(move || {
        let items = items(&services.platform, &app, &payload, &results)
            .ok_or_else(|| std::io::Error::other(format!("results of batch {}", batch.id)))?;
        Ok(show(&batch, &watched, Some(items)))
    })
    .await
    .map_err(internal)?
}

fn show(batch: &Batch, watched: &Watched, items: Option<Vec<Item>>) -> Result<Answer, ApiError> {
    let record = &watched.record;
    let status = match record.state {
        State::Queued if record.attempt == 0 && batch.done == 0 => {
            watched.pending_status.unwrap_or(codes::WAITING)
        }
        State::Queued | State::Running => watched.pending_status.unwrap_or(codes::RUNNING),
        State::Succeeded => codes::DONE,
        State::Failed => {
            record.failure.as_ref().and_then(|one| one.status).unwrap_or(codes::FAILED)
        }
        State::Cancelled => codes::FAILED,
    };
    let progress = batch.done * 100 / batch.total.max(1);
    // All items are done a moment before the task is.
    let most = if record.state == State::Succeeded { 100 } else { 99 };
    Answer::data(&TaskData {
        task_id: &batch.id,
        kind: match batch.kind {
            BatchKind::Users => "add_user",
            BatchKind::Departments => "add_department",
        },
        status,
        progress: progress.min(most),
        total_num: batch.total,
        success_num: batch.succeeded,
        fail_num: batch.failed,
        create_time: record.created_ms / 1_000,
        finish_time: record.finished_ms.filter(|_| record.state.is_final()).map(|ms| ms / 1_000),
        task_info: items,
    })
}

/// What became of each item, in the order of the request.
fn items(
    platform: &Platform,
    app: &AppId,
    payload: &[u8],
    results: &[Vec<u8>],
) -> Option<Vec<Item>> {
    let payload = Payload::read(payload).ok()?;
    let mut outcomes: Vec<Option<Outcome>> = Vec::new();
    outcomes.resize_with(payload.len(), || None);
    for step in results {
        let step: Results = serde_json::from_slice(step).ok()?;
        for (place, outcome) in step {
            *outcomes.get_mut(place as usize)? = Some(outcome);
        }
    }
    let mut items = Vec::with_capacity(outcomes.len());
    for (at, outcome) in outcomes.into_iter().enumerate() {
        items.push(match payload.head.kind {
            super::payload::Kind::Users => user(platform, app, payload.entry(at).ok()?, outcome?),
            super::payload::Kind::Departments => department(payload.entry(at).ok()?, outcome?),
        });
    }
    Some(items)
}

fn success() -> (i64, String) {
    (0, "success".to_owned())
}

fn user(platform: &Platform, app: &AppId, entry: UserEntry, outcome: Outcome) -> Item {
    let ((code, msg), action, made) = match outcome {
        Outcome::Added(made) => (success(), Some(codes::ADDED), Some(made)),
        Outcome::Updated(made) => (success(), Some(codes::UPDATED), Some(made)),
        Outcome::Failed(problem) => (codes::of_user(&problem), None, None),
        Outcome::Rehearsed(code) => (codes::rehearsed(code), None, None),
    };
    Item {
        code,
        msg,
        action,
        name: entry.name.unwrap_or_default(),
        of: ItemOf::User {
            email: entry.email,
            mobile: entry.mobile.unwrap_or_default(),
            open_id: made.as_ref().map(|made| platform.open_id_of_number(app, made.number)),
            user_id: entry.id.or(made.map(|made| made.id)),
            departments: entry.departments.iter().map(|one| one.text().to_owned()).collect(),
        },
    }
}

fn department(entry: DepartmentEntry, outcome: Outcome) -> Item {
    let ((code, msg), action, made) = match outcome {
        Outcome::Added(made) => (success(), Some(codes::ADDED), Some(made)),
        Outcome::Updated(made) => (success(), Some(codes::UPDATED), Some(made)),
        Outcome::Failed(problem) => {
            let own = entry.id.as_deref().unwrap_or_default();
            let told = codes::of_department_id(&problem, own);
            (told.unwrap_or_else(|| codes::of_department(&problem)), None, None)
        }
        Outcome::Rehearsed(code) => (codes::rehearsed(code), None, None),
    };
    let chat_id = made.as_ref().and_then(|made| made.chat.clone());
    Item {
        code,
        msg,
        action,
        name: entry.name.unwrap_or_default(),
        of: ItemOf::Department {
            department_id: entry.id.or(made.map(|made| made.id)),
            parent_id: entry.parent.map(|parent| parent.text().to_owned()).unwrap_or_default(),
            chat_id,
        },
    }
}
