//! Doing a task again, and forgetting one.

use std::sync::Arc;

use super::{codes, view};
use crate::{Answer, ApiError, Request, Services};

/// `larkspurTaskRetry`: a task that failed or was cancelled goes back into the queue under its own
/// number, so that whoever holds its ticket sees it go on. What was rehearsed for it is over.
pub(super) async fn retry(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let record = view::find(&services, &request).await?;
    let accepted = services.engine.again(record.id).await;
    if !accepted.map_err(|error| crate::codes::INTERNAL.caused_by(error))? {
        return Err(codes::NOT_FAILED
            .because("only what failed or was cancelled is done again, within a week of its end"));
    }
    view::get(services, request).await
}

/// `larkspurTaskDelete`: the task is known no more; what it made stays.
pub(super) async fn delete(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let record = view::find(&services, &request).await?;
    let forgotten = services.engine.forget(record.id).await;
    if forgotten.map_err(|error| crate::codes::INTERNAL.caused_by(error))? {
        Answer::empty()
    } else {
        Err(codes::NOT_ENDED.because("cancel it first: POST /larkspur/v1/tasks/{task_id}/cancel"))
    }
}
