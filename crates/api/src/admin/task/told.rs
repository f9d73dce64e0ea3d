//! What the client of a task is answered when it asks, by the family's own operation.

use std::sync::Arc;

use larkspur_model::id::{AppId, TenantId};
use larkspur_model::plan::{Gate, GateState};
use larkspur_store::tasks::TaskRecord;
use larkspur_store::{contacts, tasks};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Answer, ApiError, Inside, Request, Services, codes};

/// The answer of a poll.
#[derive(Serialize)]
pub(super) struct Told {
    /// The operation that is asked.
    operation: &'static str,
    /// The id by which its client knows the task.
    ticket: String,
    /// The whole of its answer.
    answer: Value,
}

/// What payloads say that ids are made of.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Known {
    /// The document of an export.
    document: String,
    /// What stands behind the number of a move into a wiki.
    key: String,
}

/// What the creator of a task is told; `None` where a look would be counted as one of the polls that
/// it waits for, or the task's contents are forgotten.
pub(super) async fn told(
    services: &Arc<Services>,
    request: &Request,
    record: &TaskRecord,
) -> Result<Option<Told>, ApiError> {
    let counts_polls = record.planned.as_deref().is_some_and(|planned| {
        let gated = matches!(planned.plan.gate, Some(Gate::Polls(_)));
        (gated && planned.gate != GateState::Open) || planned.plan.early_polls > 0
    });
    let internal = |error: larkspur_store::Error| codes::INTERNAL.caused_by(error);
    let db = &services.store.db;
    let payload = tasks::get(db, record.id).await.map_err(internal)?;
    let Some(payload) = payload.and_then(|record| record.payload).filter(|_| !counts_polls) else {
        return Ok(None);
    };
    // Payloads of some families are no JSON; theirs need nothing of it.
    let known: Known = serde_json::from_slice(&payload).unwrap_or_default();
    let number = record.id.to_string();
    let (tenant, app) = (TenantId::from(&*record.tenant), AppId::from(&*record.app));
    let acting = services.acting_for(&tenant, &app, &record.creator).await?;
    let call = |operation| Inside::new(operation, &acting, request);
    let (operation, ticket, inside) = match record.family.as_str() {
        "drive.import" => {
            let id = "driveImportTaskGet";
            (id, number.clone(), call(id).path("ticket", number))
        }
        "drive.export" => {
            let id = "driveExportTaskGet";
            let query = format!("token={}", known.document);
            (id, number.clone(), call(id).path("ticket", number).query(query))
        }
        "drive.folder" => {
            let id = "driveFileTaskCheck";
            (id, number.clone(), call(id).query(format!("task_id={number}")))
        }
        "vc.export" => {
            let id = "vcExportGet";
            (id, number.clone(), call(id).path("task_id", number))
        }
        "wiki.move" => {
            let (id, ticket) = ("wikiTaskGet", format!("{number}-{}", known.key));
            (id, ticket.clone(), call(id).path("task_id", ticket).query("task_type=move"))
        }
        "contact.batch" => {
            let id = "contactV2TaskGet";
            let batch = contacts::batch_id(db, record.id).await.map_err(internal)?;
            let Some(batch) = batch else { return Ok(None) };
            let query = format!("task_id={batch}");
            (id, batch, call(id).query(query))
        }
        _ => return Ok(None),
    };
    let answer = match services.call(inside).await {
        Ok(Answer::Json(bytes) | Answer::Noted(bytes, _)) => {
            serde_json::from_slice(&bytes).map_err(|error| codes::INTERNAL.caused_by(error))?
        }
        Ok(_) => return Ok(None),
        Err(refusal) => json!({ "code": refusal.code, "msg": refusal.msg }),
    };
    Ok(Some(Told { operation, ticket, answer }))
}
