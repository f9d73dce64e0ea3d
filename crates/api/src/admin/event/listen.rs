//! Which transitions a listener hears of.

use std::sync::Arc;

use larkspur_engine::Interest;

use super::super::listening::{self, Listening};
use crate::{Answer, ApiError, Request, Services};

/// `larkspurEventList`: transitions of all tasks the caller may see, narrowed by `family`, `state` (one or
/// several), `task_id`, `app_id`, `creator`, for the operator also `tenant_id`.
pub(super) async fn listen(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let query = &request.query;
    let task = query.integer("task_id");
    let mut interest = Interest {
        tenant: query.text("tenant_id"),
        app: query.text("app_id"),
        creator: query.text("creator"),
        family: query.text("family"),
        task: task.map_err(|text| listening::misfit("task_id", &text, "the number of a task"))?,
        changes: match query.text("state") {
            None => Vec::new(),
            Some(words) => listening::changes("state", words.split(','))?,
        },
    };
    listening::confine(&request, &mut interest)?;
    listening::listen(&services, &request, Listening { interest, until_ended: false }).await
}
