//! The clock that everything expires by: what it shows, and how it is frozen, moved, run at another
//! pace. Leases and waits between attempts follow the machine's own clock and never this one.

mod change;
mod view;
mod wire;

use super::operator;
use crate::operation::{Method, Operation};
use crate::{Resource, codes};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// What its operations may answer.
const ERRORS: &[crate::ErrorCode] =
    &[codes::FIELD_VALIDATION, codes::BAD_REQUEST, codes::ADMIN_ONLY, codes::INTERNAL];

fn operations() -> Vec<Operation> {
    const CLOCK: &str = "/larkspur/v1/clock";
    const ADVANCE: &str = "/larkspur/v1/clock/advance";
    vec![
        operator("larkspurClockGet", Method::GET, CLOCK, ERRORS, |services, _| {
            Box::pin(async move { view::show(&services) })
        }),
        operator("larkspurClockSet", Method::PUT, CLOCK, ERRORS, |services, request| {
            Box::pin(change::set(services, request))
        }),
        operator("larkspurClockAdvance", Method::POST, ADVANCE, ERRORS, |services, request| {
            Box::pin(change::advance(services, request))
        }),
    ]
}
