//! Taking a task one step further, by hand.

use std::sync::Arc;

use super::{codes, view};
use crate::{Answer, ApiError, Request, Services};

/// `larkspurTaskStep`: a task that waits for its next step is shown as running from then on, one that
/// is shown as running goes to its end. Answers when it is there.
pub(super) async fn step(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let record = view::find(&services, &request).await?;
    let stepped = services.engine.step(record.id).await;
    match stepped.map_err(|error| crate::codes::INTERNAL.caused_by(error))? {
        Some(record) => view::answer(&services, record).await,
        None => Err(codes::NO_STEP.because(
            "it has ended, runs by itself, or was submitted before `PUT /larkspur/v1/stepping`",
        )),
    }
}
