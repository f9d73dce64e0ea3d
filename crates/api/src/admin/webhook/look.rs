//! Looking at webhooks, and at the latest attempts to tell them something.

use std::sync::Arc;

use larkspur_store::webhooks::{self, Standing, Webhook};

use super::super::directory::{List, Page, internal};
use super::super::listening::misfit;
use super::codes;
use super::wire::{Attempt, OneData, Shown};
use crate::{Answer, ApiError, Request, Services};

/// The webhook of the path.
pub(super) async fn find(
    services: &Services,
    request: &Request,
) -> Result<(Webhook, Standing), ApiError> {
    let found = webhooks::get(&services.store.db, request.path_value("webhook_id")).await;
    let why = "`GET /larkspur/v1/webhooks` lists those there are";
    found.map_err(internal)?.ok_or_else(|| codes::NO_WEBHOOK.because(why))
}

/// The webhook `id` as it stands, with its secret where that was made just now.
pub(super) async fn show(
    services: &Services,
    id: &str,
    secret: Option<String>,
) -> Result<Answer, ApiError> {
    let found = webhooks::get(&services.store.db, id).await.map_err(internal)?;
    let gone = || codes::NO_WEBHOOK.because("it was removed meanwhile");
    let (webhook, standing) = found.ok_or_else(gone)?;
    Answer::data(&OneData { webhook: Shown::of(&webhook, &standing), secret })
}

/// `larkspurWebhookGet`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let (webhook, standing) = find(&services, &request).await?;
    Answer::data(&OneData { webhook: Shown::of(&webhook, &standing), secret: None })
}

/// `larkspurWebhookList`.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let page = Page::read(&request)?;
    let found = webhooks::list(&services.store.db, &page.after, page.limit()).await;
    let mut found = found.map_err(internal)?;
    let next = page.cut(&mut found, |(webhook, _)| webhook.id.as_str());
    let items = found.iter().map(|(webhook, standing)| Shown::of(webhook, standing)).collect();
    Answer::data(&List::new(items, next))
}

/// `larkspurWebhookDeliveryList`: the latest first.
pub(super) async fn deliveries(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let (webhook, _) = find(&services, &request).await?;
    let page = Page::read(&request)?;
    let before = match page.after.as_str() {
        "" => i64::MAX,
        token => token.parse().map_err(|_| misfit("page_token", token, "a page's token"))?,
    };
    let found = webhooks::deliveries(&services.store.db, &webhook.id, before, page.limit()).await;
    let found = found.map_err(internal)?;
    let mut found: Vec<_> =
        found.into_iter().map(|delivery| (delivery.number.to_string(), delivery)).collect();
    let next = page.cut(&mut found, |(number, _)| number);
    let items = found.iter().map(|(_, delivery)| Attempt::of(delivery)).collect();
    Answer::data(&List::new(items, next))
}
