//! Uploads of files into folders, in one call and in parts.

use std::sync::Arc;

use larkspur_model::id::ObjectToken;
use larkspur_platform::Caller;
use larkspur_store::Error as StoreError;
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::uploads::UploadKind;

use super::super::codes;
use super::super::place::{self, Misplaced};
use super::super::transfer::{self, FileTokenData, Finishing};
use crate::{Answer, ApiError, Body, Request, Services};

/// Largest file in parts; nobody publishes one.
const MOST_BYTES: i64 = 4 << 30;

fn internal(error: impl std::fmt::Display) -> ApiError {
    codes::UPLOAD_INTERNAL.caused_by(error)
}

fn refused(misplaced: Misplaced) -> ApiError {
    match misplaced {
        Misplaced::Missing => codes::PARENT_MISSING,
        Misplaced::Deleted => codes::PARENT_DELETED,
        Misplaced::Forbidden => codes::FORBIDDEN,
        Misplaced::Full => codes::FOLDER_FULL,
        Misplaced::DriveFull => codes::DRIVE_FULL,
    }
    .because(misplaced.why())
}

/// Checks `parent_type` and the folder.
async fn parent(
    services: &Services,
    caller: &Caller,
    parent_type: &str,
    parent_node: &str,
) -> Result<Object, ApiError> {
    if parent_type != "explorer" {
        return Err(codes::PARAMS.because("parent_type is explorer"));
    }
    if parent_node.is_empty() {
        return Err(codes::PARAMS.because("parent_node is the folder's token"));
    }
    let now_ms = services.clock.now_ms();
    place::folder(&services.store.db, caller, parent_node, now_ms)
        .await
        .map_err(internal)?
        .map_err(refused)
}

fn blob_key(token: &str) -> String {
    format!("files/{token}")
}

fn object(
    services: &Services,
    caller: &Caller,
    token: &str,
    name: &str,
    size_bytes: i64,
    folder: &ObjectToken,
) -> Object {
    let now_ms = services.clock.now_ms();
    Object {
        token: ObjectToken::from(token),
        tenant: caller.tenant.clone(),
        kind: ObjectKind::File,
        name: name.to_owned(),
        parent: Some(folder.clone()),
        route: None,
        owner: caller.creator(),
        creator_app: caller.app.clone(),
        size_bytes,
        blob_key: Some(blob_key(token)),
        extension: transfer::ending(name).to_owned(),
        media_type: transfer::media_type(name).to_owned(),
        created_ms: now_ms,
        edited_ms: now_ms,
        expires_ms: None,
        deleted_ms: None,
        extra: String::new(),
    }
}

/// What a requirement that did not hold means for the caller.
async fn conflict(
    services: &Services,
    caller: &Caller,
    folder: &ObjectToken,
    label: &str,
) -> ApiError {
    match place::misplaced(&services.store.db, &caller.tenant, folder, label).await {
        Ok(Some(misplaced)) => refused(misplaced),
        Ok(None) => internal(label),
        Err(error) => internal(error),
    }
}

/// `driveFileUploadAll`.
pub(super) async fn all(services: Arc<Services>, mut request: Request) -> Result<Answer, ApiError> {
    let token = services.ids.token();
    let body = std::mem::replace(&mut request.body, Body::None);
    let outcome = take_whole(&services, request.caller()?, body, &token).await;
    if outcome.is_err() {
        transfer::forget(&services, &blob_key(&token)).await;
    }
    outcome
}

async fn take_whole(
    services: &Services,
    caller: &Caller,
    body: Body,
    token: &str,
) -> Result<Answer, ApiError> {
    // Files document no number of their own for bad names.
    let (announced, info) =
        transfer::read_whole(services, body, &blob_key(token), codes::PARAMS).await?;
    if info.size_bytes == 0 {
        return Err(codes::PARAMS.because("the file is empty"));
    }
    let folder =
        parent(services, caller, &announced.parent_type, &announced.parent_node).await?.token;
    let size_bytes = info.size_bytes as i64;
    let object = object(services, caller, token, &announced.name, size_bytes, &folder);
    let mut transaction = Transaction::new();
    objects::insert(&mut transaction, &object);
    match services.store.db.commit(transaction).await {
        Ok(_) => Answer::data(&FileTokenData { file_token: token }),
        Err(StoreError::Conflict { label }) => {
            Err(conflict(services, caller, &folder, label).await)
        }
        Err(error) => Err(internal(error)),
    }
}

/// `driveFileUploadPrepare`.
pub(super) async fn prepare(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let announced = transfer::read_prepare(&request, codes::PARAMS)?;
    let caller = request.caller()?;
    if announced.size_bytes > MOST_BYTES {
        return Err(codes::TOO_LARGE.because(format!("at most {MOST_BYTES} bytes")));
    }
    parent(&services, caller, &announced.parent_type, &announced.parent_node).await?;
    transfer::prepare(&services, caller, UploadKind::File, announced).await
}

/// `driveFileUploadPart`.
pub(super) async fn part(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    transfer::part(&services, request, UploadKind::File).await
}

/// `driveFileUploadFinish`.
pub(super) async fn finish(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let token = services.ids.token();
    let key = blob_key(&token);
    let caller = request.caller()?;
    let token = match transfer::finish(&services, &request, UploadKind::File, &key).await? {
        Finishing::Done(token) => token,
        Finishing::Ready(upload) => {
            let folder =
                parent(&services, caller, &upload.parent_type, &upload.parent).await?.token;
            let object =
                object(&services, caller, &token, &upload.name, upload.size_bytes, &folder);
            match transfer::publish(&services, caller, &upload, &object).await? {
                Ok(token) => token,
                Err(label) => return Err(conflict(&services, caller, &folder, label).await),
            }
        }
    };
    transfer::finished(&request, &token)
}
