//! New folders: names, levels, how many things a level holds (contract, "Uploads").

use std::sync::Arc;

use larkspur_model::id::ObjectToken;
use larkspur_platform::Caller;
use larkspur_store::Error as StoreError;
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;

use super::super::codes as drive;
use super::super::place::{self, Misplaced};
use super::wire::{CreateFolderBody, CreateFolderData};
use crate::{Answer, ApiError, Request, Services, Violations, address, codes};

/// Bytes of UTF-8 a folder's name may have.
const NAME_BYTES: std::ops::RangeInclusive<usize> = 1..=256;

fn refused(misplaced: Misplaced) -> ApiError {
    match misplaced {
        Misplaced::Missing => drive::NOT_FOUND,
        Misplaced::Deleted => drive::DELETED,
        Misplaced::Forbidden => drive::FORBIDDEN,
        Misplaced::Full => drive::FOLDER_FULL,
        Misplaced::DriveFull => drive::DRIVE_FULL,
    }
    .because(misplaced.why())
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    drive::INTERNAL.caused_by(error)
}

/// `driveFileCreateFolder`; an empty `folder_token` is the caller's root.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: CreateFolderBody = request.json(codes::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let name = violations.required("name", body.name);
    let parent = violations.required("folder_token", body.folder_token);
    violations.check()?;
    if !NAME_BYTES.contains(&name.len()) {
        return Err(drive::PARAMS.because("name has 1 to 256 bytes"));
    }
    let caller = request.caller()?;
    let parent = parent_folder(&services, caller, &parent).await?;
    let db = &services.store.db;
    if objects::is_too_deep(db, &parent.token).await.map_err(internal)? {
        return Err(drive::TOO_DEEP.because("a drive has 15 levels of folders"));
    }
    let now_ms = services.clock.now_ms();
    let folder = Object {
        token: ObjectToken(services.ids.token()),
        tenant: caller.tenant.clone(),
        kind: ObjectKind::Folder,
        name,
        parent: Some(parent.token.clone()),
        route: None,
        owner: caller.creator(),
        creator_app: caller.app.clone(),
        size_bytes: 0,
        blob_key: None,
        extension: String::new(),
        media_type: String::new(),
        created_ms: now_ms,
        edited_ms: now_ms,
        expires_ms: None,
        deleted_ms: None,
        extra: String::new(),
    };
    let mut transaction = Transaction::new();
    objects::insert(&mut transaction, &folder);
    match db.commit(transaction).await {
        Ok(_) => {}
        Err(StoreError::Conflict { label }) => {
            let why = place::misplaced(db, &caller.tenant, &parent.token, label);
            let why = why.await.map_err(internal)?;
            return Err(why.map_or_else(|| internal(label), refused));
        }
        Err(error) => return Err(internal(error)),
    }
    let token = folder.token.as_str();
    let url = address::of(&address::base(&services, &request), ObjectKind::Folder, token);
    Answer::data(&CreateFolderData { token, url: &url })
}

async fn parent_folder(
    services: &Services,
    caller: &Caller,
    token: &str,
) -> Result<Object, ApiError> {
    if token.is_empty() {
        return services.platform.root_folder(caller).await.map_err(internal);
    }
    let now_ms = services.clock.now_ms();
    place::folder(&services.store.db, caller, token, now_ms)
        .await
        .map_err(internal)?
        .map_err(refused)
}
