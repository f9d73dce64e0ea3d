//! One task of any family as it really is: state, attempts, progress, place in the queue, the failure
//! in words, everything that was lost; and ways to call it off and to take it a step further. The
//! families' own answers say less.

mod cancel;
mod codes;
mod step;
mod view;
mod wire;

use super::operator;
use crate::Resource;
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<Operation> {
    vec![
        Operation {
            id: "larkspurTaskGet",
            method: Method::GET,
            path: "/larkspur/v1/tasks/{task_id}",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: &[],
            rate: Rate::NONE,
            errors: codes::ALL,
            body: BodyKind::None,
            download: false,
            admin: true,
            handler: |services, request| Box::pin(view::get(services, request)),
        },
        Operation {
            id: "larkspurTaskCancel",
            method: Method::POST,
            path: "/larkspur/v1/tasks/{task_id}/cancel",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: &[],
            rate: Rate::NONE,
            errors: codes::ALL,
            body: BodyKind::None,
            download: false,
            admin: true,
            handler: |services, request| Box::pin(cancel::cancel(services, request)),
        },
        operator(
            "larkspurTaskStep",
            Method::POST,
            "/larkspur/v1/tasks/{task_id}/step",
            codes::ALL,
            |services, request| Box::pin(step::step(services, request)),
        ),
    ]
}
