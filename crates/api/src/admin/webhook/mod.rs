//! Webhooks: whom the server tells by itself what became of tasks. For the operator alone, since each
//! makes the server call somebody.

mod change;
mod codes;
mod look;
mod once;
mod wire;

use super::operator;
use crate::Resource;
use crate::operation::{Method, Operation};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

const ALL: &str = "/larkspur/v1/webhooks";
const ONE: &str = "/larkspur/v1/webhooks/{webhook_id}";

fn operations() -> Vec<Operation> {
    let errors = codes::ALL;
    vec![
        operator("larkspurWebhookCreate", Method::POST, ALL, errors, |services, request| {
            Box::pin(change::create(services, request))
        }),
        operator("larkspurWebhookList", Method::GET, ALL, errors, |services, request| {
            Box::pin(look::list(services, request))
        }),
        operator("larkspurWebhookGet", Method::GET, ONE, errors, |services, request| {
            Box::pin(look::get(services, request))
        }),
        operator("larkspurWebhookChange", Method::PATCH, ONE, errors, |services, request| {
            Box::pin(change::change(services, request))
        }),
        operator("larkspurWebhookDelete", Method::DELETE, ONE, errors, |services, request| {
            Box::pin(change::delete(services, request))
        }),
        operator(
            "larkspurWebhookRotate",
            Method::POST,
            "/larkspur/v1/webhooks/{webhook_id}/rotate",
            errors,
            |services, request| Box::pin(change::rotate(services, request)),
        ),
        operator(
            "larkspurWebhookTest",
            Method::POST,
            "/larkspur/v1/webhooks/{webhook_id}/test",
            errors,
            |services, request| Box::pin(once::test(services, request)),
        ),
        operator(
            "larkspurWebhookReplay",
            Method::POST,
            "/larkspur/v1/webhooks/{webhook_id}/replay",
            errors,
            |services, request| Box::pin(once::replay(services, request)),
        ),
        operator(
            "larkspurWebhookDeliveryList",
            Method::GET,
            "/larkspur/v1/webhooks/{webhook_id}/deliveries",
            errors,
            |services, request| Box::pin(look::deliveries(services, request)),
        ),
    ]
}
