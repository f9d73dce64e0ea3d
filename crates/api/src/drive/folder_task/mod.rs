//! Moving and deleting. A single file or document goes at once; a folder goes as a task, with
//! everything that is in it, whole or not at all. A caller gets the task's id and asks with it until
//! the folder is gone or there. The work is one transaction.

mod codes;
mod job;
mod submit;
mod view;
mod wire;

use std::sync::Arc;

use super::codes as drive;
use crate::Resource;
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource =
    Resource { operations, jobs: |parts| vec![Arc::new(job::FolderJob::new(parts.clone()))] };

fn operations() -> Vec<Operation> {
    vec![
        Operation {
            id: "driveFileMove",
            method: Method::POST,
            path: "/open-apis/drive/v1/files/{file_token}/move",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: &["drive:drive", "space:document:move"],
            rate: drive::CHANGE_RATE.and_per_minute(20),
            errors: codes::MOVE,
            body: BodyKind::Json,
            download: false,
            admin: false,
            handler: |services, request| Box::pin(submit::move_to(services, request)),
        },
        Operation {
            id: "driveFileDelete",
            method: Method::DELETE,
            path: "/open-apis/drive/v1/files/{file_token}",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: &["drive:drive", "space:document:delete"],
            rate: drive::CHANGE_RATE,
            errors: codes::DELETE,
            body: BodyKind::None,
            download: false,
            admin: false,
            handler: |services, request| Box::pin(submit::delete(services, request)),
        },
        Operation {
            id: "driveFileTaskCheck",
            method: Method::GET,
            path: "/open-apis/drive/v1/files/task_check",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: &["drive:drive", "drive:drive.metadata:readonly", "drive:drive:readonly"],
            rate: Rate::NONE,
            errors: codes::CHECK,
            body: BodyKind::None,
            download: false,
            admin: false,
            handler: |services, request| Box::pin(view::check(services, request)),
        },
    ]
}
