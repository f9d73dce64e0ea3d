//! Calling a task off.

use std::sync::Arc;

use super::{codes, view};
use crate::{Answer, ApiError, Request, Services};

/// `larkspurTaskCancel`. A task that waits has ended when this answers; one that runs ends at its
/// next safe point.
pub(super) async fn cancel(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let record = view::find(&services, &request).await?;
    let accepted = services.engine.cancel(record.id).await;
    if accepted.map_err(|error| crate::codes::INTERNAL.caused_by(error))? {
        Answer::empty()
    } else {
        Err(codes::TOO_LATE.because("what has ended cannot be called off"))
    }
}
