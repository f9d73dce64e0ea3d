//! How tasks advance, for all families or one: read and set by the operator. Single steps are the task
//! room's.

use std::sync::Arc;

use larkspur_rehearsal::faults::Catalogue;
use larkspur_rehearsal::stepping::Stepping;

use super::operator;
use crate::operation::{Method, Operation};
use crate::rehearse::Contract;
use crate::{Answer, ApiError, ErrorCode, Request, Resource, Services, codes};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// The stepping names a family that is none.
const UNKNOWN_FAMILY: ErrorCode = ErrorCode::new(400, 88_061_400, "no such family of tasks");

fn operations() -> Vec<Operation> {
    let (path, errors) = ("/larkspur/v1/stepping", &[UNKNOWN_FAMILY]);
    vec![
        operator("larkspurSteppingGet", Method::GET, path, errors, |services, _| {
            Box::pin(async move { show(&services) })
        }),
        operator("larkspurSteppingSet", Method::PUT, path, errors, |services, request| {
            Box::pin(set(services, request))
        }),
    ]
}

fn show(services: &Services) -> Result<Answer, ApiError> {
    Answer::data(&services.rehearsal.stepping.get())
}

async fn set(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let stepping: Stepping = request.json(codes::BAD_REQUEST)?;
    let known = Contract.families();
    if let Some(family) = stepping.families.keys().find(|family| !known.contains(&family.as_str()))
    {
        let why = format!("{family} is none; there are {}", known.join(", "));
        return Err(UNKNOWN_FAMILY.because(why));
    }
    services.rehearsal.stepping.set(stepping);
    services.keep_stepping().await?;
    show(&services)
}
