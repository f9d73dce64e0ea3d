//! Telling a webhook something at once: that it is one, or what it was told before.

use std::sync::Arc;

use larkspur_store::events;
use larkspur_store::sql::Transaction;
use larkspur_store::webhooks::{self, Delivery};

use super::super::directory::internal;
use super::super::listening::{held, misfit, place};
use super::wire::{Attempt, AttemptData, ReplayBody};
use super::{codes, look};
use crate::{Answer, ApiError, Request, Services};

fn attempted(delivery: &Delivery) -> Result<Answer, ApiError> {
    Answer::data(&AttemptData { delivery: Attempt::of(delivery) })
}

/// `larkspurWebhookTest`: tells it `webhook.test` and answers how that went.
pub(super) async fn test(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (webhook, _) = look::find(&services, &request).await?;
    attempted(&services.courier.test(&webhook).await.map_err(internal)?)
}

/// `larkspurWebhookReplay`: has it told everything behind an event again, or tells it one event again at
/// once.
pub(super) async fn replay(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (webhook, _) = look::find(&services, &request).await?;
    let body: ReplayBody = request.json(crate::codes::BAD_REQUEST)?;
    match (body.after, body.event) {
        (Some(after), None) => {
            let place = held(&services, "after", &after).await?;
            let mut transaction = Transaction::new();
            webhooks::move_to(&mut transaction, &webhook.id, place);
            services.store.db.commit(transaction).await.map_err(internal)?;
            services.courier.changed(&webhook.id);
            look::show(&services, &webhook.id, None).await
        }
        (None, Some(cursor)) => {
            let place = place("event", &cursor)?;
            let event = events::at(&services.store.db, place).await.map_err(internal)?;
            let event = event.ok_or_else(|| {
                codes::NO_EVENT.because("no event has this cursor, or it is no longer kept")
            })?;
            attempted(&services.courier.repeat(&webhook, &event).await.map_err(internal)?)
        }
        _ => Err(misfit("after", "", "either `after` or `event`, and a cursor in it")),
    }
}
