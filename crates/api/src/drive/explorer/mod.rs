//! The oldest operations on folders, which name things by numbers beside their tokens.

use std::sync::Arc;

use larkspur_platform::Access;
use larkspur_store::objects::{Object, ObjectKind};
use serde::Serialize;

use crate::access::{self, Found};
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};
use crate::people::number_of;
use crate::{Answer, ApiError, ErrorCode, Request, Resource, Services};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

/// Something broke on our side; no HTTP status is documented for these three.
const FAILED: ErrorCode = ErrorCode::new(500, 91_201, "FAILED");
/// There is no such folder.
const NOT_FOUND: ErrorCode = ErrorCode::new(404, 91_203, "not found");
/// The caller may not see it.
const FORBIDDEN: ErrorCode = ErrorCode::new(403, 91_204, "FORBIDDEN");

fn operations() -> Vec<Operation> {
    let read = |id, path, errors, handler| Operation {
        id,
        method: Method::GET,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes: &["drive:drive", "drive:drive.metadata:readonly"],
        rate: Rate::NONE,
        errors,
        body: BodyKind::None,
        download: false,
        admin: false,
        handler,
    };
    vec![
        read(
            "driveExplorerRootFolderMeta",
            "/open-apis/drive/explorer/v2/root_folder/meta",
            &[FAILED, FORBIDDEN],
            |services, request| Box::pin(root(services, request)),
        ),
        read(
            "driveExplorerFolderMeta",
            "/open-apis/drive/explorer/v2/folder/{folderToken}/meta",
            &[FAILED, NOT_FOUND, FORBIDDEN],
            |services, request| Box::pin(folder(services, request)),
        ),
    ]
}

/// Data of `driveExplorerRootFolderMeta`.
#[derive(Serialize)]
struct RootData<'a> {
    token: &'a str,
    id: String,
    user_id: String,
}

/// Data of `driveExplorerFolderMeta`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FolderData<'a> {
    id: String,
    name: &'a str,
    token: &'a str,
    create_uid: String,
    edit_uid: String,
    parent_id: String,
    own_uid: String,
}

/// `driveExplorerRootFolderMeta`.
async fn root(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let root = services
        .platform
        .root_folder(request.caller()?)
        .await
        .map_err(|error| FAILED.caused_by(error))?;
    let token = root.token.as_str();
    Answer::data(&RootData { token, id: number_of(token), user_id: number_of(&root.owner) })
}

/// `driveExplorerFolderMeta`.
async fn folder(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let token = request.path_value("folderToken");
    let now_ms = services.clock.now_ms();
    let folder: Object =
        match access::find(&services.store.db, caller, token, Access::View, now_ms).await {
            Err(error) => return Err(FAILED.caused_by(error)),
            Ok(Found::Forbidden) => return Err(FORBIDDEN.because(access::NOT_SHARED)),
            Ok(Found::Object(object)) if object.kind == ObjectKind::Folder => object,
            Ok(Found::Object(_)) => return Err(NOT_FOUND.because("the token is not a folder's")),
            Ok(Found::Gone(_)) => return Err(NOT_FOUND.because(access::DELETED)),
            Ok(Found::Missing) => return Err(NOT_FOUND.because(access::MISSING)),
        };
    let owner = number_of(&folder.owner);
    Answer::data(&FolderData {
        id: number_of(folder.token.as_str()),
        name: &folder.name,
        token: folder.token.as_str(),
        create_uid: owner.clone(),
        edit_uid: owner.clone(),
        parent_id: folder
            .parent
            .as_ref()
            .map_or_else(|| "0".to_owned(), |parent| number_of(parent.as_str())),
        own_uid: owner,
    })
}
