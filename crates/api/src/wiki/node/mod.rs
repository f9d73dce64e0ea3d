//! Nodes: made, with an empty document or as a shortcut; listed, read, moved with all that is below
//! them, copied, renamed.

mod copy;
mod create;
mod relocate;
mod rename;
mod show;
mod wire;

use super::{codes, operation};
use crate::operation::{Method, Operation};
use crate::{ErrorCode, Resource};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// What making one may answer.
const CREATE: &[ErrorCode] = &[
    codes::RPC,
    codes::PARAM,
    codes::LIMIT,
    codes::USER,
    codes::NOT_FOUND,
    codes::PERMISSION,
    codes::INTERNAL,
    codes::CONTENTION,
    codes::DEPRECATED,
];
/// What copying one may answer.
const COPY: &[ErrorCode] = &[
    codes::RPC,
    codes::PARAM,
    codes::LIMIT,
    codes::USER,
    codes::NOT_FOUND,
    codes::PERMISSION,
    codes::INTERNAL,
    codes::CONTENTION,
];

fn operations() -> Vec<Operation> {
    const NODES: &str = "/open-apis/wiki/v2/spaces/{space_id}/nodes";
    vec![
        operation(
            "wikiSpaceNodeCreate",
            Method::POST,
            NODES,
            &["wiki:node:create", "wiki:wiki"],
            CREATE,
            |services, request| Box::pin(create::create(services, request)),
        ),
        operation(
            "wikiSpaceNodeList",
            Method::GET,
            NODES,
            &["wiki:node:retrieve", "wiki:wiki", "wiki:wiki:readonly"],
            codes::READ,
            |services, request| Box::pin(show::list(services, request)),
        ),
        operation(
            "wikiSpaceGetNode",
            Method::GET,
            "/open-apis/wiki/v2/spaces/get_node",
            &["wiki:node:read", "wiki:wiki", "wiki:wiki:readonly"],
            codes::READ,
            |services, request| Box::pin(show::get(services, request)),
        ),
        operation(
            "wikiSpaceNodeMove",
            Method::POST,
            "/open-apis/wiki/v2/spaces/{space_id}/nodes/{node_token}/move",
            &["wiki:node:move", "wiki:wiki", "wiki:wiki:readonly"],
            codes::CHANGE,
            |services, request| Box::pin(relocate::relocate(services, request)),
        ),
        operation(
            "wikiSpaceNodeCopy",
            Method::POST,
            "/open-apis/wiki/v2/spaces/{space_id}/nodes/{node_token}/copy",
            &["wiki:node:copy", "wiki:wiki"],
            COPY,
            |services, request| Box::pin(copy::copy(services, request)),
        ),
        operation(
            "wikiSpaceNodeUpdateTitle",
            Method::POST,
            "/open-apis/wiki/v2/spaces/{space_id}/nodes/{node_token}/update_title",
            &["wiki:node:update", "wiki:wiki"],
            codes::READ,
            |services, request| Box::pin(rename::rename(services, request)),
        ),
    ]
}
