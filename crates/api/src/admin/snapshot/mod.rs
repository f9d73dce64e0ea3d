//! The state of the server, or of a tenant: kept by name, put back, reset. What that means for
//! rows, blobs and running tasks is `store`'s and `state`'s.

mod change;
mod codes;
mod view;
mod wire;

use super::operator;
use crate::Resource;
use crate::operation::{Method, Operation};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<Operation> {
    const ALL: &str = "/larkspur/v1/snapshots";
    const ONE: &str = "/larkspur/v1/snapshots/{name}";
    const RESTORE: &str = "/larkspur/v1/snapshots/{name}/restore";
    const RESET: &str = "/larkspur/v1/reset";
    let errors = codes::ALL;
    vec![
        operator("larkspurSnapshotTake", Method::POST, ALL, errors, |services, request| {
            Box::pin(change::take(services, request))
        }),
        operator("larkspurSnapshotList", Method::GET, ALL, errors, |services, request| {
            Box::pin(view::list(services, request))
        }),
        operator("larkspurSnapshotRemove", Method::DELETE, ONE, errors, |services, request| {
            Box::pin(change::remove(services, request))
        }),
        operator("larkspurSnapshotRestore", Method::POST, RESTORE, errors, |services, request| {
            Box::pin(change::restore(services, request))
        }),
        operator("larkspurReset", Method::POST, RESET, errors, |services, request| {
            Box::pin(change::reset(services, request))
        }),
    ]
}
