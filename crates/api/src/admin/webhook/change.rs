//! Making webhooks, changing them, giving them another secret, removing them.

use std::sync::Arc;

use larkspur_model::time::HOUR_MS;
use larkspur_store::events::{self, Change};
use larkspur_store::sql::Transaction;
use larkspur_store::webhooks::{self, Webhook};

use super::super::directory::internal;
use super::super::listening::{changes, held, misfit};
use super::look;
use super::wire::{ChangeBody, CreateBody};
use crate::{Answer, ApiError, Request, Services, codes};

/// So long the secret before signs beside the new one.
const OLD_SECRET_MS: i64 = 24 * HOUR_MS;
/// The longest address, and the longest note, characters.
const LONGEST: usize = 2_000;

/// `larkspurWebhookCreate`: the answer holds the secret, which is shown this once.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: CreateBody = request.json(codes::BAD_REQUEST)?;
    let place = match &body.after {
        Some(text) => held(&services, "after", text).await?,
        None => events::end(&services.store.db).await.map_err(internal)?,
    };
    let ends = || Change::ALL.into_iter().filter(|change| change.is_final()).collect();
    let told = body.states.as_deref().map_or_else(|| Ok(ends()), words)?;
    let webhook = Webhook {
        id: format!("wh_{}", services.ids.hex(16)),
        tenant: body.tenant_id.unwrap_or_default(),
        app: body.app_id.unwrap_or_default(),
        family: body.family.unwrap_or_default(),
        changes: joined(&told),
        url: body.url,
        description: body.description.unwrap_or_default(),
        secret: 1,
        old_secret_until_ms: None,
        created_ms: services.clock.now_ms(),
    };
    check(&services, &webhook)?;
    let mut transaction = Transaction::new();
    webhooks::insert(&mut transaction, &webhook, place);
    services.store.db.commit(transaction).await.map_err(internal)?;
    services.courier.changed(&webhook.id);
    look::show(&services, &webhook.id, Some(services.courier.secret(&webhook))).await
}

/// `larkspurWebhookChange`: another address, other transitions, a pause or its end.
pub(super) async fn change(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (mut webhook, _) = look::find(&services, &request).await?;
    let body: ChangeBody = request.json(codes::BAD_REQUEST)?;
    let fields = [
        (&mut webhook.url, body.url),
        (&mut webhook.description, body.description),
        (&mut webhook.tenant, body.tenant_id),
        (&mut webhook.app, body.app_id),
        (&mut webhook.family, body.family),
    ];
    for (field, value) in fields {
        if let Some(value) = value {
            *field = value;
        }
    }
    if let Some(states) = &body.states {
        webhook.changes = joined(&words(states)?);
    }
    check(&services, &webhook)?;
    let mut transaction = Transaction::new();
    webhooks::update(&mut transaction, &webhook);
    if let Some(paused) = body.paused {
        let paused_ms = paused.then(|| services.clock.now_ms());
        webhooks::pause(&mut transaction, &webhook.id, paused_ms);
    }
    services.store.db.commit(transaction).await.map_err(internal)?;
    services.courier.changed(&webhook.id);
    look::show(&services, &webhook.id, None).await
}

/// `larkspurWebhookRotate`: the answer holds the new secret; for a day the one before signs too.
pub(super) async fn rotate(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (mut webhook, _) = look::find(&services, &request).await?;
    webhook.secret += 1;
    webhook.old_secret_until_ms = Some(services.clock.now_ms() + OLD_SECRET_MS);
    let mut transaction = Transaction::new();
    webhooks::update(&mut transaction, &webhook);
    services.store.db.commit(transaction).await.map_err(internal)?;
    services.courier.changed(&webhook.id);
    look::show(&services, &webhook.id, Some(services.courier.secret(&webhook))).await
}

/// `larkspurWebhookDelete`.
pub(super) async fn delete(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (webhook, _) = look::find(&services, &request).await?;
    let mut transaction = Transaction::new();
    webhooks::remove(&mut transaction, &webhook.id);
    services.store.db.commit(transaction).await.map_err(internal)?;
    services.courier.changed(&webhook.id);
    Answer::empty()
}

fn words(states: &[String]) -> Result<Vec<Change>, ApiError> {
    if states.is_empty() {
        return Err(misfit("states", "", "at least one; leave it out for all ends of tasks"));
    }
    changes("states", states.iter().map(String::as_str))
}

fn joined(changes: &[Change]) -> String {
    changes.iter().map(|change| change.word()).collect::<Vec<_>>().join(",")
}

/// Refuses what no webhook can be.
fn check(services: &Services, webhook: &Webhook) -> Result<(), ApiError> {
    if let Some(why) = services.courier.refuses(&webhook.url) {
        return Err(misfit("url", &webhook.url, &why));
    }
    for (field, text) in [("url", &webhook.url), ("description", &webhook.description)] {
        if text.chars().count() > LONGEST {
            return Err(misfit(field, "", "at most 2000 characters"));
        }
    }
    Ok(())
}
