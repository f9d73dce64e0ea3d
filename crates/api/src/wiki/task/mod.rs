//! Moving a document of the drive into a wiki, as a task: the document leaves its folder and becomes
//! a page, in one transaction. Who may not do it can ask for it; owners of documents and
//! administrators of spaces say yes or no, which is Larkspur's own.

mod approve;
mod codes;
mod job;
mod submit;
mod view;
mod wire;

use std::sync::Arc;

use super::{codes as wiki, operation};
use crate::codes as platform;
use crate::operation::{BodyKind, Handler, Method, Operation, Rate};
use crate::{ErrorCode, Resource};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource =
    Resource { operations, jobs: |parts| vec![Arc::new(job::MoveJob::new(parts.clone()))] };

/// What Larkspur's own operations on requests may answer.
const REQUESTS: &[ErrorCode] = &[
    codes::NO_REQUEST,
    codes::NOT_YOURS,
    codes::DECIDED,
    codes::NO_TENANT,
    platform::FIELD_VALIDATION,
    platform::ADMIN_ONLY,
    platform::INTERNAL,
];

fn operations() -> Vec<Operation> {
    // The operator's token opens these too.
    let own = |id, method: Method, path, handler: Handler| Operation {
        body: if method == Method::GET { BodyKind::None } else { BodyKind::Json },
        rate: Rate::NONE,
        admin: true,
        ..operation(id, method, path, &[], REQUESTS, handler)
    };
    vec![
        operation(
            "wikiSpaceNodeMoveDocsToWiki",
            Method::POST,
            "/open-apis/wiki/v2/spaces/{space_id}/nodes/move_docs_to_wiki",
            &["wiki:node:move", "wiki:wiki"],
            wiki::CHANGE,
            |services, request| Box::pin(submit::move_docs(services, request)),
        ),
        operation(
            "wikiTaskGet",
            Method::GET,
            "/open-apis/wiki/v2/tasks/{task_id}",
            &["wiki:space:read", "wiki:wiki", "wiki:wiki:readonly"],
            wiki::READ,
            |services, request| Box::pin(view::get(services, request)),
        ),
        own(
            "larkspurWikiRequestList",
            Method::GET,
            "/larkspur/v1/wiki/move_requests",
            |services, request| Box::pin(approve::list(services, request)),
        ),
        own(
            "larkspurWikiRequestAccept",
            Method::POST,
            "/larkspur/v1/wiki/move_requests/{request_id}/accept",
            |services, request| Box::pin(approve::accept(services, request)),
        ),
        own(
            "larkspurWikiRequestRefuse",
            Method::POST,
            "/larkspur/v1/wiki/move_requests/{request_id}/refuse",
            |services, request| Box::pin(approve::refuse(services, request)),
        ),
    ]
}
