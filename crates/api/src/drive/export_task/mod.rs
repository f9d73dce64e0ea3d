//! Export: an online document becomes a file. A caller names document and format, gets a ticket, asks
//! with it until the file's token is there, and downloads the file within ten minutes. The work is a
//! conversion in a child process.

mod base;
mod codes;
mod fetch;
mod job;
mod submit;
mod view;
mod wire;

use std::sync::Arc;

use crate::operation::{BodyKind, CUSTOM, Method, Operation, Rate, TENANT_OR_USER};
use crate::{ErrorCode, Resource};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource =
    Resource { operations, jobs: |parts| vec![Arc::new(job::ExportJob::new(parts.clone()))] };

fn operations() -> Vec<Operation> {
    let operation = |id, method, path, errors: &'static [ErrorCode], body, handler| Operation {
        id,
        method,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM,
        scopes: &["docs:document:export", "drive:export:readonly"],
        rate: Rate::per_minute(100),
        errors,
        body,
        download: false,
        admin: false,
        handler,
    };
    let create = operation(
        "driveExportTaskCreate",
        Method::POST,
        "/open-apis/drive/v1/export_tasks",
        codes::CREATE,
        BodyKind::Json,
        |services, request| Box::pin(submit::create(services, request)),
    );
    let get = operation(
        "driveExportTaskGet",
        Method::GET,
        "/open-apis/drive/v1/export_tasks/{ticket}",
        codes::GET,
        BodyKind::None,
        |services, request| Box::pin(view::get(services, request)),
    );
    let download = operation(
        "driveExportTaskDownload",
        Method::GET,
        "/open-apis/drive/v1/export_tasks/file/{file_token}/download",
        codes::DOWNLOAD,
        BodyKind::None,
        |services, request| Box::pin(fetch::download(services, request)),
    );
    vec![
        Operation { rate: create.rate.answered(codes::TOO_MANY), ..create },
        get,
        Operation { download: true, ..download },
    ]
}
