//! What becomes of tasks, as a stream of server-sent events that can be taken up where it was left, after
//! a restart of the server too.

mod listen;

use super::{listening, of_anybody};
use crate::operation::{Method, Operation};
use crate::{ErrorCode, Resource};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// What its operation refuses with.
const ALL: &[ErrorCode] =
    &[listening::CUT_OFF, crate::codes::FIELD_VALIDATION, crate::codes::INTERNAL];

fn operations() -> Vec<Operation> {
    vec![of_anybody(
        "larkspurEventList",
        Method::GET,
        "/larkspur/v1/events",
        ALL,
        |services, request| Box::pin(listen::listen(services, request)),
    )]
}
