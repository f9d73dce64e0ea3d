//! Import: an uploaded file becomes an online document. A caller submits the file's token and the
//! folder it is to lie in, gets a ticket, and asks with it until document and address are there. The
//! work is a conversion in a child process; its result becomes visible with the end of the task.

mod base;
mod codes;
mod job;
mod preview;
mod scratch;
mod submit;
mod view;
mod wire;

use std::sync::Arc;

pub use self::codes::extra_of;
pub use self::preview::{Preview, PreviewField, PreviewSheet, PreviewTable};
pub(super) use self::submit::{Order, submission};

use crate::Resource;
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource =
    Resource { operations, jobs: |parts| vec![Arc::new(job::ImportJob::new(parts.clone()))] };

fn operations() -> Vec<Operation> {
    vec![
        Operation {
            id: "driveImportTaskCreate",
            method: Method::POST,
            path: "/open-apis/drive/v1/import_tasks",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: &["docs:document:import", "drive:drive"],
            rate: Rate::per_minute(100).answered(codes::TOO_MANY),
            errors: codes::CREATE,
            body: BodyKind::Json,
            download: false,
            admin: false,
            handler: |services, request| Box::pin(submit::create(services, request)),
        },
        Operation {
            id: "driveImportTaskGet",
            method: Method::GET,
            path: "/open-apis/drive/v1/import_tasks/{ticket}",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: &["docs:document:import", "drive:drive", "drive:drive:readonly"],
            rate: Rate::level_4(),
            errors: codes::GET,
            body: BodyKind::None,
            download: false,
            admin: false,
            handler: |services, request| Box::pin(view::get(services, request)),
        },
    ]
}
