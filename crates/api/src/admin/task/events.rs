//! What becomes of one task, as a stream.

use std::sync::Arc;

use larkspur_engine::Interest;

use super::super::listening::{Listening, listen as listen_to};
use super::view;
use crate::{Answer, ApiError, Request, Services};

/// `larkspurTaskEvents`: the task's transitions until it has ended. Begins with where it stands, unless
/// the listener comes back with a cursor.
pub(super) async fn listen(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let task = view::find(&services, &request).await?.id;
    let interest = Interest { task: Some(task), ..Interest::default() };
    listen_to(&services, &request, Listening { interest, until_ended: true }).await
}
