//! Members and administrators of spaces: added, listed, removed.

mod change;
mod list;
mod wire;

use super::{codes, operation};
use crate::operation::{Method, Operation};
use crate::{ErrorCode, Resource};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// Listing alone answers what breaks on our side with HTTP 500.
const LIST_RPC: ErrorCode = ErrorCode::new(500, 131_001, "rpc fail");
/// The same.
const LIST_INTERNAL: ErrorCode = ErrorCode::new(500, 131_007, "internal err");

/// What listing may answer.
const LIST: &[ErrorCode] = &[
    LIST_RPC,
    codes::PARAM,
    codes::USER,
    codes::NOT_FOUND,
    codes::PERMISSION,
    LIST_INTERNAL,
    codes::OPERATION,
];
/// What adding may answer.
const CREATE: &[ErrorCode] = &[
    codes::RPC,
    codes::PARAM,
    codes::LIMIT,
    codes::USER,
    codes::NOT_FOUND,
    codes::PERMISSION,
    codes::INTERNAL,
    codes::EXISTS,
    codes::OPERATION,
];
/// What removing may answer.
const DELETE: &[ErrorCode] = &[
    codes::RPC,
    codes::PARAM,
    codes::USER,
    codes::NOT_FOUND,
    codes::PERMISSION,
    codes::INTERNAL,
    codes::OPERATION,
];

fn operations() -> Vec<Operation> {
    const MEMBERS: &str = "/open-apis/wiki/v2/spaces/{space_id}/members";
    vec![
        operation(
            "wikiSpaceMemberList",
            Method::GET,
            MEMBERS,
            &["wiki:member:retrieve", "wiki:wiki", "wiki:wiki:readonly"],
            LIST,
            |services, request| Box::pin(list::list(services, request)),
        ),
        operation(
            "wikiSpaceMemberCreate",
            Method::POST,
            MEMBERS,
            &["wiki:member:create", "wiki:wiki"],
            CREATE,
            |services, request| Box::pin(change::create(services, request)),
        ),
        operation(
            "wikiSpaceMemberDelete",
            Method::DELETE,
            "/open-apis/wiki/v2/spaces/{space_id}/members/{member_id}",
            &["wiki:member:update", "wiki:wiki"],
            DELETE,
            |services, request| Box::pin(change::delete(services, request)),
        ),
    ]
}
