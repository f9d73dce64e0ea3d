//! Tasks of any family as they really are: state, attempts, progress, place in the queue, the failure
//! in words, everything that was lost; and ways to wait for one, to call it off, to have it done
//! again, to forget it and to take it a step further. The families' own answers say less.

mod again;
mod cancel;
mod codes;
mod events;
mod list;
mod step;
mod told;
mod view;
mod wire;

use super::{of_anybody, operator};
use crate::Resource;
use crate::operation::{Method, Operation};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<Operation> {
    vec![
        of_anybody(
            "larkspurTaskList",
            Method::GET,
            "/larkspur/v1/tasks",
            codes::ALL,
            |services, request| Box::pin(list::list(services, request)),
        ),
        of_anybody(
            "larkspurTaskEvents",
            Method::GET,
            "/larkspur/v1/tasks/{task_id}/events",
            codes::ALL,
            |services, request| Box::pin(events::listen(services, request)),
        ),
        of_anybody(
            "larkspurTaskGet",
            Method::GET,
            "/larkspur/v1/tasks/{task_id}",
            codes::ALL,
            |services, request| Box::pin(view::get(services, request)),
        ),
        of_anybody(
            "larkspurTaskDelete",
            Method::DELETE,
            "/larkspur/v1/tasks/{task_id}",
            codes::ALL,
            |services, request| Box::pin(again::delete(services, request)),
        ),
        of_anybody(
            "larkspurTaskCancel",
            Method::POST,
            "/larkspur/v1/tasks/{task_id}/cancel",
            codes::ALL,
            |services, request| Box::pin(cancel::cancel(services, request)),
        ),
        of_anybody(
            "larkspurTaskRetry",
            Method::POST,
            "/larkspur/v1/tasks/{task_id}/retry",
            codes::ALL,
            |services, request| Box::pin(again::retry(services, request)),
        ),
        operator(
            "larkspurTaskStep",
            Method::POST,
            "/larkspur/v1/tasks/{task_id}/step",
            codes::ALL,
            |services, request| Box::pin(step::step(services, request)),
        ),
    ]
}
