//! Exports of meeting data: a caller says which meetings, participants, minutes or reservations, gets
//! the number of a task, asks until the report is there, and downloads it as a workbook, with its token
//! or from a signed address.

mod codes;
mod fetch;
mod job;
mod sheets;
mod submit;
mod view;
mod wire;

use std::sync::Arc;

use crate::operation::{
    BodyKind, CUSTOM_OR_STORE, Handler, Method, Operation, Rate, TENANT_OR_USER,
};
use crate::{ErrorCode, Resource};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource =
    Resource { operations, jobs: |parts| vec![Arc::new(job::ReportJob::new(parts.clone()))] };

fn operation(
    id: &'static str,
    method: Method,
    path: &'static str,
    errors: &'static [ErrorCode],
    handler: Handler,
) -> Operation {
    Operation {
        id,
        body: if method == Method::POST { BodyKind::Json } else { BodyKind::None },
        method,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: &["vc:export"],
        rate: Rate::per_minute(100),
        errors,
        download: false,
        admin: false,
        handler,
    }
}

fn operations() -> Vec<Operation> {
    let create = |id, path, handler| operation(id, Method::POST, path, codes::ALL, handler);
    let download = operation(
        "vcExportDownload",
        Method::GET,
        "/open-apis/vc/v1/exports/download",
        codes::GET,
        |services, request| Box::pin(fetch::download(services, request)),
    );
    let file = operation(
        "larkspurVcExportFile",
        Method::GET,
        "/larkspur/v1/vc/exports/{task_id}/file",
        codes::LINK,
        |services, request| Box::pin(fetch::follow(services, request)),
    );
    vec![
        create(
            "vcExportMeetingList",
            "/open-apis/vc/v1/exports/meeting_list",
            |services, request| Box::pin(submit::meetings(services, request)),
        ),
        create(
            "vcExportParticipantList",
            "/open-apis/vc/v1/exports/participant_list",
            |services, request| Box::pin(submit::participants(services, request)),
        ),
        create(
            "vcExportParticipantQualityList",
            "/open-apis/vc/v1/exports/participant_quality_list",
            |services, request| Box::pin(submit::quality(services, request)),
        ),
        create(
            "vcExportResourceReservationList",
            "/open-apis/vc/v1/exports/resource_reservation_list",
            |services, request| Box::pin(submit::reservations(services, request)),
        ),
        operation(
            "vcExportGet",
            Method::GET,
            "/open-apis/vc/v1/exports/{task_id}",
            codes::GET,
            |services, request| Box::pin(view::get(services, request)),
        ),
        Operation { download: true, ..download },
        // The signature under the address stands for the caller.
        Operation { tokens: &[], scopes: &[], rate: Rate::NONE, download: true, ..file },
    ]
}
