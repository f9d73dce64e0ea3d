//! Copies of files and documents into a folder.

use std::sync::Arc;

use larkspur_model::id::ObjectToken;
use larkspur_platform::{self as platform, Access, Caller};
use larkspur_store::Error as StoreError;
use larkspur_store::objects::{Object, ObjectKind};

use super::super::codes as drive;
use super::super::copying::Copying;
use super::super::place::{self, Misplaced};
use super::super::rights;
use super::wire::{CopiedFile, CopyBody, CopyData};
use crate::access::{self, Found};
use crate::{Answer, ApiError, Request, Services, Violations, address, codes};

/// Bytes of UTF-8 a name may have.
const NAME_BYTES: std::ops::RangeInclusive<usize> = 1..=256;

fn internal(error: impl std::fmt::Display) -> ApiError {
    drive::INTERNAL.caused_by(error)
}

/// `driveFileCopy`.
pub(super) async fn copy(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: CopyBody = request.json(codes::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let name = violations.required("name", body.name);
    let folder = violations.required("folder_token", body.folder_token);
    violations.check()?;
    if !NAME_BYTES.contains(&name.len()) {
        return Err(drive::PARAMS.because("name has 1 to 256 bytes"));
    }
    let caller = request.caller()?;
    // The page's table calls it optional, its text required.
    let kind = body.kind.unwrap_or_default();
    let source = find(&services, caller, request.path_value("file_token"), &kind).await?;
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    let folder = place::folder(db, caller, &folder, now_ms).await.map_err(internal)?;
    let folder = folder.map_err(refused)?;
    let copying =
        Copying { services: &services, caller, source: &source, folder: Some(folder.token), name };
    let (copy, publish) = match copying.run().await {
        Ok(made) => made,
        // The source went while it was read.
        Err(StoreError::BlobMissing { .. }) => {
            return Err(drive::DELETED.because("the file was deleted while it was copied"));
        }
        Err(error) => return Err(internal(error)),
    };
    match db.commit(publish).await {
        Ok(_) => {}
        Err(StoreError::Conflict { label: "table" }) => {
            return Err(drive::CONTENDED.because("somebody wrote to the base meanwhile"));
        }
        Err(StoreError::Conflict { label }) => {
            let parent = copy.parent.as_ref().ok_or_else(|| internal(label))?;
            let why =
                place::misplaced(db, &caller.tenant, parent, label).await.map_err(internal)?;
            return Err(why.map_or_else(|| internal(label), refused));
        }
        Err(error) => return Err(internal(error)),
    }
    let base = address::base(&services, &request);
    Answer::data(&CopyData {
        file: CopiedFile {
            token: copy.token.as_str(),
            name: &copy.name,
            kind: &kind,
            parent_token: copy.parent.as_ref().map_or("", ObjectToken::as_str),
            url: &address::of(&base, copy.kind, copy.token.as_str()),
        },
    })
}

fn refused(misplaced: Misplaced) -> ApiError {
    match misplaced {
        Misplaced::Missing => drive::NOT_FOUND,
        Misplaced::Deleted => drive::DELETED,
        Misplaced::Forbidden => drive::FORBIDDEN,
        Misplaced::Full => drive::FOLDER_FULL,
        Misplaced::DriveFull => drive::DRIVE_FULL,
    }
    .into()
}

/// What is copied, if the caller may read it.
async fn find(
    services: &Services,
    caller: &Caller,
    token: &str,
    kind: &str,
) -> Result<Object, ApiError> {
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    let object = match access::find(db, caller, token, Access::View, now_ms).await {
        Err(error) => return Err(internal(error)),
        Ok(Found::Missing) => return Err(drive::NOT_FOUND.because(access::MISSING)),
        Ok(Found::Gone(_)) => return Err(drive::DELETED.because(access::DELETED)),
        Ok(Found::Forbidden) => return Err(drive::FORBIDDEN.because(access::NOT_SHARED)),
        Ok(Found::Object(object)) => object,
    };
    if !platform::may_take(db, caller, &object).await.map_err(internal)? {
        return Err(drive::FORBIDDEN.because(access::NOT_TO_BE_TAKEN));
    }
    if rights::kind_name(object.kind) != Some(kind) {
        return Err(drive::PARAMS.because("type is the kind of thing the token is of"));
    }
    if object.kind == ObjectKind::Folder {
        return Err(drive::PARAMS.because("folders cannot be copied"));
    }
    Ok(object)
}
