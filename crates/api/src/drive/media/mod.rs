//! Media: pictures and attachments of documents, with temporary links to them, and the sources of
//! imports, which live five minutes.

mod link;
mod parent;
mod upload;

use larkspur_store::objects::ObjectKind;

use super::{codes, download, transfer};
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};
use crate::{Answer, ApiError, Request, Resource, Services};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// What reading media takes, any one of these.
const READ: &[&str] = &[
    "bitable:app",
    "bitable:app:readonly",
    "docs:doc",
    "docs:doc:readonly",
    "docs:document.media:download",
    "drive:drive",
    "drive:drive:readonly",
    "sheets:spreadsheet",
    "sheets:spreadsheet:readonly",
];

fn operations() -> Vec<Operation> {
    let upload = |id, path, body, handler| Operation {
        id,
        method: Method::POST,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: &[
            "bitable:app",
            "docs:doc",
            "docs:document.media:upload",
            "drive:drive",
            "sheets:spreadsheet",
        ],
        rate: codes::UPLOAD_RATE,
        errors: codes::MEDIA_UPLOAD,
        body,
        download: false,
        admin: false,
        handler,
    };
    vec![
        upload(
            "driveMediaUploadAll",
            "/open-apis/drive/v1/medias/upload_all",
            BodyKind::Multipart { most_bytes: transfer::ONE_CALL_BYTES },
            |services, request| Box::pin(upload::all(services, request)),
        ),
        upload(
            "driveMediaUploadPrepare",
            "/open-apis/drive/v1/medias/upload_prepare",
            BodyKind::Json,
            |services, request| Box::pin(upload::prepare(services, request)),
        ),
        upload(
            "driveMediaUploadPart",
            "/open-apis/drive/v1/medias/upload_part",
            BodyKind::Multipart { most_bytes: transfer::PART_BYTES as u64 },
            |services, request| Box::pin(upload::part(services, request)),
        ),
        upload(
            "driveMediaUploadFinish",
            "/open-apis/drive/v1/medias/upload_finish",
            BodyKind::Json,
            |services, request| Box::pin(upload::finish(services, request)),
        ),
        Operation {
            id: "driveMediaDownload",
            method: Method::GET,
            path: "/open-apis/drive/v1/medias/{file_token}/download",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: READ,
            rate: codes::DOWNLOAD_RATE,
            errors: codes::DOWNLOAD,
            body: BodyKind::None,
            download: true,
            admin: false,
            handler: |services, request| Box::pin(fetch(services, request)),
        },
        Operation {
            id: "driveMediaBatchGetTmpDownloadUrl",
            method: Method::GET,
            path: "/open-apis/drive/v1/medias/batch_get_tmp_download_url",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: READ,
            rate: Rate::NONE,
            errors: &[codes::PARAMS, codes::FORBIDDEN],
            body: BodyKind::None,
            download: false,
            admin: false,
            handler: |services, request| Box::pin(link::make(services, request)),
        },
        Operation {
            id: "driveMediaTmpDownload",
            method: Method::GET,
            path: link::PATH,
            tokens: &[],
            apps: &[],
            scopes: &[],
            rate: Rate::NONE,
            errors: codes::DOWNLOAD,
            body: BodyKind::None,
            download: true,
            admin: false,
            handler: |services, request| Box::pin(link::follow(services, request)),
        },
    ]
}

/// `driveMediaDownload`.
async fn fetch(services: std::sync::Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let object = download::find(&services, &request, ObjectKind::Media).await?;
    download::answer(&services, object, request.range()).await
}
