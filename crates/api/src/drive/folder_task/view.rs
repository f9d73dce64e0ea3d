//! Task record -> wire answer. A task is its creator's alone; to others it does not exist, the only
//! number the page has for them.

use std::sync::Arc;

use larkspur_store::tasks;

use super::super::codes as drive;
use super::codes;
use super::job::FAMILY;
use super::wire::CheckData;
use crate::{Answer, ApiError, Request, Services, Violations};

/// `driveFileTaskCheck`.
pub(super) async fn check(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let mut violations = Violations::new();
    let task = violations.required("task_id", request.query.text("task_id"));
    violations.check()?;
    let caller = request.caller()?;
    let id: i64 =
        task.parse().map_err(|_| drive::PARAMS.because("task_id is a number, in a string"))?;
    let record = tasks::get(&services.store.db, id)
        .await
        .map_err(|error| drive::INTERNAL.caused_by(error))?
        .filter(|record| record.family == FAMILY)
        .filter(|record| record.tenant == caller.tenant.as_str())
        .filter(|record| record.creator == caller.creator())
        .ok_or_else(|| drive::NOT_FOUND.because("there is no such task of yours"))?;
    let watched = services.engine.watch(record).await;
    let watched = watched.map_err(|error| drive::INTERNAL.caused_by(error))?;
    Answer::data(&CheckData { status: codes::status(watched.record.state) })
}
