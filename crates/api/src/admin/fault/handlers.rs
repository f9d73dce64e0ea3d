//! Writing rules, looking at what they hit, removing them, releasing what they hold.

use std::sync::Arc;

use larkspur_rehearsal::faults::Rule;

use super::codes;
use super::wire::{ClearData, ListData, OneData, ReleaseData, Released};
use crate::rehearse::{Contract, refused};
use crate::{Answer, ApiError, Request, Services, codes as platform};

fn unknown() -> ApiError {
    codes::NO_FAULT.because("`GET /larkspur/v1/faults` lists those there are")
}

/// `larkspurFaultAdd`.
pub(super) async fn add(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let rule: Rule = request.json(platform::BAD_REQUEST)?;
    let fault = services.rehearsal.faults.add(rule, &Contract).map_err(refused)?;
    services.keep_faults().await?;
    Answer::data(&OneData { fault })
}

/// `larkspurFaultList`.
pub(super) fn list(services: &Services) -> Result<Answer, ApiError> {
    Answer::data(&ListData { items: services.rehearsal.faults.list() })
}

/// `larkspurFaultClear`. Tasks that are held stay so.
pub(super) async fn clear(services: Arc<Services>) -> Result<Answer, ApiError> {
    let removed = services.rehearsal.faults.clear();
    services.keep_faults().await?;
    Answer::data(&ClearData { removed })
}

/// `larkspurFaultGet`.
pub(super) fn get(services: &Services, request: &Request) -> Result<Answer, ApiError> {
    let fault = services.rehearsal.faults.get(request.path_value("name")).ok_or_else(unknown)?;
    Answer::data(&OneData { fault })
}

/// `larkspurFaultRemove`. Tasks that it holds stay so.
pub(super) async fn remove(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    if !services.rehearsal.faults.remove(request.path_value("name")) {
        return Err(unknown());
    }
    services.keep_faults().await?;
    Answer::empty()
}

/// `larkspurFaultRelease`: lets every task go on that waits because of the rule, which may be gone by
/// now, and answers when they have ended.
pub(super) async fn release(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let name = request.path_value("name");
    let internal = |error| platform::INTERNAL.caused_by(error);
    let gated = services.engine.gated().await.map_err(internal)?;
    let mut released = Vec::new();
    for (id, plan) in gated {
        if plan.rule.as_deref() == Some(name)
            && let Some(record) = services.engine.release(id).await.map_err(internal)?
        {
            released.push(Released { task_id: id.to_string(), state: record.state });
        }
    }
    if released.is_empty() && services.rehearsal.faults.get(name).is_none() {
        return Err(unknown());
    }
    Answer::data(&ReleaseData { released })
}
