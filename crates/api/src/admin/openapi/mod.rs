//! The description of everything that is served.

use super::of_anybody;
use crate::operation::{Method, Operation};
use crate::{Answer, Resource};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<Operation> {
    vec![of_anybody(
        "larkspurOpenapiGet",
        Method::GET,
        "/larkspur/v1/openapi.json",
        &[],
        // The document itself, so that programs that read such can be pointed here.
        |_services, _request| Box::pin(async { Answer::flat(&crate::openapi::openapi()) }),
    )]
}
