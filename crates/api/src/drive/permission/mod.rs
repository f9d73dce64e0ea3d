//! Collaborators of documents, files and folders: added one by one or ten at a time, listed.

mod codes;
mod create;
mod list;
mod wire;

use larkspur_model::id::ObjectToken;
use larkspur_platform::{self as platform, Access, Caller};
use larkspur_store::objects::{Object, ObjectKind};
use larkspur_store::wiki;

use super::rights;
use crate::access::{self, Found};
use crate::operation::{BodyKind, CUSTOM_OR_STORE, Method, Operation, Rate, TENANT_OR_USER};
use crate::{ApiError, ErrorCode, Request, Resource, Services};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<Operation> {
    let operation = |id, method, path, scopes, errors, body, handler| Operation {
        id,
        method,
        path,
        tokens: TENANT_OR_USER,
        apps: CUSTOM_OR_STORE,
        scopes,
        rate: Rate::per_minute(100),
        errors,
        body,
        download: false,
        admin: false,
        handler,
    };
    let create = operation(
        "drivePermissionMemberCreate",
        Method::POST,
        "/open-apis/drive/v1/permissions/{token}/members",
        &[
            "bitable:app",
            "wiki:wiki",
            "docs:doc",
            "docs:permission.member:create",
            "drive:drive",
            "drive:file",
            "sheets:spreadsheet",
            "bitable:bitable",
        ],
        codes::CREATE,
        BodyKind::Json,
        |services, request| Box::pin(create::one(services, request)),
    );
    let batch = operation(
        "drivePermissionMemberBatchCreate",
        Method::POST,
        "/open-apis/drive/v1/permissions/{token}/members/batch_create",
        &["docs:permission.member", "docs:permission.member:create"],
        codes::BATCH_CREATE,
        BodyKind::Json,
        |services, request| Box::pin(create::batch(services, request)),
    );
    let list = operation(
        "drivePermissionMemberList",
        Method::GET,
        "/open-apis/drive/v1/permissions/{token}/members",
        &[
            "bitable:app",
            "wiki:wiki",
            "docs:doc",
            "docs:permission.member:retrieve",
            "drive:drive",
            "sheets:spreadsheet",
            "bitable:bitable",
        ],
        codes::LIST,
        BodyKind::None,
        |services, request| Box::pin(list::list(services, request)),
    );
    vec![
        create,
        Operation { rate: batch.rate.answered(codes::TOO_MANY), ..batch },
        Operation { rate: Rate::level_4().answered(codes::TOO_MANY), ..list },
    ]
}

/// Kinds of things that have collaborators, here or elsewhere on the platform.
const KINDS: &[&str] =
    &["doc", "sheet", "file", "wiki", "bitable", "docx", "folder", "mindnote", "minutes", "slides"];

/// How an operation refuses a thing; their pages document different numbers.
struct Refusals {
    /// The caller may do nothing with it.
    forbidden: ErrorCode,
    /// The caller may do something with it, but not this.
    too_little: ErrorCode,
    deleted: ErrorCode,
}

/// The thing of the request's path, of the `type` its query says, if the caller has `wanted`.
async fn find(
    services: &Services,
    request: &Request,
    caller: &Caller,
    kind: &str,
    wanted: Access,
    refusals: &Refusals,
) -> Result<Object, ApiError> {
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    let internal = |error: larkspur_store::Error| codes::INTERNAL.caused_by(error);
    let mut token = request.path_value("token").to_owned();
    let mut kind = kind;
    if kind == "wiki" {
        // The token is a node's; collaborators are its document's.
        let node = wiki::node(db, &caller.tenant, &ObjectToken::from(&*token)).await;
        let missing = || codes::PARAMETER.because("there is no such node of a wiki");
        let node = node.map_err(internal)?.ok_or_else(missing)?;
        kind = rights::kind_name(node.kind).unwrap_or_default();
        token = node.object.0;
    }
    let object = match access::find(db, caller, &token, Access::View, now_ms).await {
        Err(error) => return Err(internal(error)),
        Ok(Found::Missing) => return Err(codes::PARAMETER.because("there is no such document")),
        Ok(Found::Forbidden) => return Err(refusals.forbidden.into()),
        Ok(Found::Gone(_)) => return Err(refusals.deleted.into()),
        Ok(Found::Object(object)) => object,
    };
    if rights::kind_name(object.kind) != Some(kind) {
        return Err(codes::PARAMETER.because("the token is not one of this type"));
    }
    if !platform::may(db, caller, &object, wanted).await.map_err(internal)? {
        return Err(refusals.too_little.because("sharing needs full access"));
    }
    let root = object.kind == ObjectKind::Folder && object.parent.is_none();
    if root && wanted == Access::Manage {
        return Err(codes::OPERATION.because("a root folder cannot be shared"));
    }
    Ok(object)
}
