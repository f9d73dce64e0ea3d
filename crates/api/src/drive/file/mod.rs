//! Files and folders: uploads into a folder, downloads, copies, what a folder holds, new folders.

mod codes;
mod copy;
mod folder;
mod list;
mod upload;
mod wire;

use larkspur_store::objects::ObjectKind;

use super::{codes as drive, download, transfer};
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};
use crate::{Answer, ApiError, Request, Resource, Services};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// Uploads, in one call and in parts.
fn uploads() -> Vec<Operation> {
    let upload = |id, path, body, handler| Operation {
        id,
        method: Method::POST,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: &["drive:drive", "drive:file", "drive:file:upload"],
        rate: drive::UPLOAD_RATE,
        errors: drive::FILE_UPLOAD,
        body,
        download: false,
        admin: false,
        handler,
    };
    vec![
        upload(
            "driveFileUploadAll",
            "/open-apis/drive/v1/files/upload_all",
            BodyKind::Multipart { most_bytes: transfer::ONE_CALL_BYTES },
            |services, request| Box::pin(upload::all(services, request)),
        ),
        upload(
            "driveFileUploadPrepare",
            "/open-apis/drive/v1/files/upload_prepare",
            BodyKind::Json,
            |services, request| Box::pin(upload::prepare(services, request)),
        ),
        upload(
            "driveFileUploadPart",
            "/open-apis/drive/v1/files/upload_part",
            BodyKind::Multipart { most_bytes: transfer::PART_BYTES as u64 },
            |services, request| Box::pin(upload::part(services, request)),
        ),
        upload(
            "driveFileUploadFinish",
            "/open-apis/drive/v1/files/upload_finish",
            BodyKind::Json,
            |services, request| Box::pin(upload::finish(services, request)),
        ),
    ]
}

fn operations() -> Vec<Operation> {
    let mut operations = uploads();
    operations.extend([
        Operation {
            id: "driveFileDownload",
            method: Method::GET,
            path: "/open-apis/drive/v1/files/{file_token}/download",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: &[
                "drive:drive",
                "drive:drive:readonly",
                "drive:file",
                "drive:file:download",
                "drive:file:readonly",
            ],
            rate: drive::DOWNLOAD_RATE.answered(drive::UPLOAD_RATE.limited),
            errors: drive::DOWNLOAD,
            body: BodyKind::None,
            download: true,
            admin: false,
            handler: |services, request| Box::pin(fetch(services, request)),
        },
        Operation {
            id: "driveFileCopy",
            method: Method::POST,
            path: "/open-apis/drive/v1/files/{file_token}/copy",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: &["docs:document:copy", "drive:drive"],
            rate: drive::CHANGE_RATE,
            errors: codes::COPY,
            body: BodyKind::Json,
            download: false,
            admin: false,
            handler: |services, request| Box::pin(copy::copy(services, request)),
        },
        Operation {
            id: "driveFileCreateFolder",
            method: Method::POST,
            path: "/open-apis/drive/v1/files/create_folder",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: &["drive:drive", "space:folder:create"],
            rate: drive::UPLOAD_RATE.answered(codes::CONTENDED),
            errors: codes::CREATE_FOLDER,
            body: BodyKind::Json,
            download: false,
            admin: false,
            handler: |services, request| Box::pin(folder::create(services, request)),
        },
        Operation {
            id: "driveFileList",
            method: Method::GET,
            path: "/open-apis/drive/v1/files",
            tokens: TENANT_OR_USER,
            apps: CUSTOM_OR_STORE,
            scopes: &["drive:drive", "drive:drive:readonly", "space:document:retrieve"],
            rate: Rate::per_second(20),
            errors: codes::LIST,
            body: BodyKind::None,
            download: false,
            admin: false,
            handler: |services, request| Box::pin(list::list(services, request)),
        },
    ]);
    operations
}

/// `driveFileDownload`.
async fn fetch(services: std::sync::Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let object = download::find(&services, &request, ObjectKind::File).await?;
    download::answer(&services, object, request.range()).await
}
