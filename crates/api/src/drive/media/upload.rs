//! Uploads of media, in one call and in parts.

use std::sync::Arc;

use larkspur_model::id::ObjectToken;
use larkspur_platform::Caller;
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::uploads::UploadKind;

use super::super::codes;
use super::super::sources::{MediaExtra, SOURCE_LIFE_MS};
use super::super::transfer::{self, FileTokenData, Finishing};
use super::parent;
use crate::{Answer, ApiError, Body, Request, Services};

/// The object that an upload becomes, its bytes under the key of its token.
fn object(
    services: &Services,
    caller: &Caller,
    token: &str,
    name: &str,
    size_bytes: i64,
    extra: &MediaExtra,
) -> Object {
    let now_ms = services.clock.now_ms();
    let ending = transfer::ending(name);
    let extension = extra.import.as_ref().map_or(ending, |import| &import.file_extension);
    Object {
        token: ObjectToken::from(token),
        tenant: caller.tenant.clone(),
        kind: ObjectKind::Media,
        name: name.to_owned(),
        parent: None,
        route: extra.route(),
        owner: caller.creator(),
        creator_app: caller.app.clone(),
        size_bytes,
        blob_key: Some(blob_key(token)),
        extension: extension.to_owned(),
        media_type: transfer::media_type(name).to_owned(),
        created_ms: now_ms,
        edited_ms: now_ms,
        expires_ms: extra.import.is_some().then_some(now_ms + SOURCE_LIFE_MS),
        deleted_ms: None,
        extra: extra.write(),
    }
}

fn blob_key(token: &str) -> String {
    format!("media/{token}")
}

/// `driveMediaUploadAll`.
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
    let (announced, info) =
        transfer::read_whole(services, body, &blob_key(token), codes::FILE_NAME).await?;
    let extra = parent::check(
        services,
        caller,
        &announced.parent_type,
        &announced.parent_node,
        &announced.extra,
        announced.size_bytes,
    )
    .await?;
    let size_bytes = info.size_bytes as i64;
    let object = object(services, caller, token, &announced.name, size_bytes, &extra);
    let mut transaction = Transaction::new();
    objects::insert(&mut transaction, &object);
    services
        .store
        .db
        .commit(transaction)
        .await
        .map_err(|error| codes::UPLOAD_INTERNAL.caused_by(error))?;
    Answer::data(&FileTokenData { file_token: token })
}

/// `driveMediaUploadPrepare`.
pub(super) async fn prepare(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let announced = transfer::read_prepare(&request, codes::FILE_NAME)?;
    let caller = request.caller()?;
    parent::check(
        &services,
        caller,
        &announced.parent_type,
        &announced.parent_node,
        &announced.extra,
        announced.size_bytes,
    )
    .await?;
    transfer::prepare(&services, caller, UploadKind::Media, announced).await
}

/// `driveMediaUploadPart`.
pub(super) async fn part(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    transfer::part(&services, request, UploadKind::Media).await
}

/// `driveMediaUploadFinish`.
pub(super) async fn finish(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let token = services.ids.token();
    let key = blob_key(&token);
    let caller = request.caller()?;
    let token = match transfer::finish(&services, &request, UploadKind::Media, &key).await? {
        Finishing::Done(token) => token,
        Finishing::Ready(upload) => {
            let extra = parent::check(
                &services,
                caller,
                &upload.parent_type,
                &upload.parent,
                &upload.extra,
                upload.size_bytes,
            )
            .await?;
            let object = object(&services, caller, &token, &upload.name, upload.size_bytes, &extra);
            transfer::publish(&services, caller, &upload, &object)
                .await?
                .map_err(|label| codes::UPLOAD_INTERNAL.caused_by(label))?
        }
    };
    transfer::finished(&request, &token)
}
