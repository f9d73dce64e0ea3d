//! The rules on what goes wrong, as the operator writes, reads and removes them.

mod codes;
mod handlers;
mod wire;

use super::operator;
use crate::Resource;
use crate::operation::{Method, Operation};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<Operation> {
    let (all, one) = ("/larkspur/v1/faults", "/larkspur/v1/faults/{name}");
    let errors = codes::ALL;
    vec![
        operator("larkspurFaultAdd", Method::POST, all, errors, |services, request| {
            Box::pin(handlers::add(services, request))
        }),
        operator("larkspurFaultList", Method::GET, all, errors, |services, _| {
            Box::pin(async move { handlers::list(&services) })
        }),
        operator("larkspurFaultClear", Method::DELETE, all, errors, |services, _| {
            Box::pin(handlers::clear(services))
        }),
        operator("larkspurFaultGet", Method::GET, one, errors, |services, request| {
            Box::pin(async move { handlers::get(&services, &request) })
        }),
        operator("larkspurFaultRemove", Method::DELETE, one, errors, |services, request| {
            Box::pin(handlers::remove(services, request))
        }),
        operator(
            "larkspurFaultRelease",
            Method::POST,
            "/larkspur/v1/faults/{name}/release",
            errors,
            |services, request| Box::pin(handlers::release(services, request)),
        ),
    ]
}
