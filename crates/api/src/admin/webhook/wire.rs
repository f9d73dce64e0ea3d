//! Requests and answers about webhooks. Times are milliseconds since the epoch.

use larkspur_store::webhooks::{Delivery, Standing, Webhook};
use serde::{Deserialize, Serialize};

/// What a webhook is to be told, and where.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateBody {
    pub(super) url: String,
    pub(super) description: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) app_id: Option<String>,
    pub(super) family: Option<String>,
    pub(super) states: Option<Vec<String>>,
    /// Behind which event it begins, or `start`; what is to come where it is missing.
    pub(super) after: Option<String>,
}

/// What is to be different; what is missing stays. An empty text takes a limit away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeBody {
    pub(super) url: Option<String>,
    pub(super) description: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) app_id: Option<String>,
    pub(super) family: Option<String>,
    pub(super) states: Option<Vec<String>>,
    pub(super) paused: Option<bool>,
}

/// What is to be told again: all behind an event (or from `start`), or one event.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplayBody {
    pub(super) after: Option<String>,
    pub(super) event: Option<String>,
}

/// Data about one webhook.
#[derive(Serialize)]
pub(super) struct OneData<'a> {
    pub(super) webhook: Shown<'a>,
    /// Only where it was made just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secret: Option<String>,
}

/// Data about one attempt.
#[derive(Serialize)]
pub(super) struct AttemptData<'a> {
    pub(super) delivery: Attempt<'a>,
}

/// A webhook, and how far it is.
#[derive(Serialize)]
pub(super) struct Shown<'a> {
    webhook_id: &'a str,
    url: &'a str,
    description: &'a str,
    tenant_id: &'a str,
    app_id: &'a str,
    family: &'a str,
    states: Vec<&'a str>,
    created_ms: i64,
    state: &'static str,
    cursor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_ms: Option<i64>,
    failures: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_secret_until_ms: Option<i64>,
}

impl<'a> Shown<'a> {
    /// `webhook` as it is shown.
    pub(super) fn of(webhook: &'a Webhook, standing: &'a Standing) -> Self {
        let failing = standing.failures > 0;
        Self {
            webhook_id: &webhook.id,
            url: &webhook.url,
            description: &webhook.description,
            tenant_id: &webhook.tenant,
            app_id: &webhook.app,
            family: &webhook.family,
            states: webhook.changes.split(',').collect(),
            created_ms: webhook.created_ms,
            state: match standing.paused_ms {
                Some(_) => "paused",
                None if failing => "failing",
                None => "active",
            },
            cursor: standing.place.to_string(),
            delivered_ms: standing.delivered_ms,
            failures: standing.failures,
            failing_since_ms: standing.failing_since_ms,
            next_attempt_ms: (failing && standing.paused_ms.is_none()).then_some(standing.due_ms),
            trouble: standing.trouble.as_deref(),
            paused_ms: standing.paused_ms,
            old_secret_until_ms: webhook.old_secret_until_ms,
        }
    }
}

/// An attempt at telling a webhook something.
#[derive(Serialize)]
pub(super) struct Attempt<'a> {
    delivery_id: String,
    message_id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<String>,
    at_ms: i64,
    took_ms: i64,
    delivered: bool,
    /// HTTP status of the answer; 0 where there was none.
    status: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<&'a str>,
}

impl<'a> Attempt<'a> {
    /// `delivery` as it is shown.
    pub(super) fn of(delivery: &'a Delivery) -> Self {
        Self {
            delivery_id: delivery.number.to_string(),
            message_id: &delivery.message,
            kind: &delivery.kind,
            task_id: delivery.task.map(|task| task.to_string()),
            at_ms: delivery.at_ms,
            took_ms: delivery.took_ms,
            delivered: delivery.trouble.is_none(),
            status: delivery.status,
            trouble: delivery.trouble.as_deref(),
        }
    }
}
