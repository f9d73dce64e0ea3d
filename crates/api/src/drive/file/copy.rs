//! Copies: a file with its bytes, an online document with its content and pictures. The copy is its
//! maker's; collaborators do not come along.

use std::sync::Arc;

use larkspur_model::document::{Document, Text};
use larkspur_model::id::ObjectToken;
use larkspur_platform::{Access, Caller};
use larkspur_store::documents::{self, DocumentRecord};
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::spreadsheets::{self, SpreadsheetRecord};
use larkspur_store::sql::Transaction;
use larkspur_store::{Error as StoreError, Store};

use super::super::codes as drive;
use super::super::place::{self, Misplaced};
use super::super::rights;
use super::super::sources::MediaExtra;
use super::wire::{CopiedFile, CopyBody, CopyData};
use crate::access::{self, Found};
use crate::{Answer, ApiError, Request, Services, Violations, address, codes, stored};

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
    let copying = Copying { services: &services, caller, source: &source, folder, name };
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
    if rights::kind_name(object.kind) != Some(kind) {
        return Err(drive::PARAMS.because("type is the kind of thing the token is of"));
    }
    if object.kind == ObjectKind::Folder {
        return Err(drive::PARAMS.because("folders cannot be copied"));
    }
    Ok(object)
}

/// A copy while it is made: its blobs lie there, nothing is visible yet.
struct Copying<'a> {
    services: &'a Services,
    caller: &'a Caller,
    source: &'a Object,
    folder: Object,
    name: String,
}

impl Copying<'_> {
    /// Copies the bytes; gives the copy, and what makes it visible.
    async fn run(&self) -> Result<(Object, Transaction), StoreError> {
        let mut publish = Transaction::new();
        let mut copy = self.copy_of(self.source);
        copy.parent = Some(self.folder.token.clone());
        copy.name.clone_from(&self.name);
        match self.source.kind {
            ObjectKind::Docx => self.document(&copy, &mut publish).await?,
            ObjectKind::Sheet => self.spreadsheet(&copy, &mut publish).await?,
            _ => {
                copy.blob_key = self.blob(self.source.blob_key.as_deref(), &copy.token).await?;
                objects::insert(&mut publish, &copy);
            }
        }
        Ok((copy, publish))
    }

    /// An object like `object`, the caller's and in no folder yet.
    fn copy_of(&self, object: &Object) -> Object {
        let now_ms = self.services.clock.now_ms();
        Object {
            token: ObjectToken(self.services.ids.token()),
            parent: None,
            owner: self.caller.creator(),
            creator_app: self.caller.app.clone(),
            blob_key: None,
            created_ms: now_ms,
            edited_ms: now_ms,
            expires_ms: None,
            ..object.clone()
        }
    }

    /// The blob of the new thing `token`, a copy of `key`'s.
    async fn blob(
        &self,
        key: Option<&str>,
        token: &ObjectToken,
    ) -> Result<Option<String>, StoreError> {
        let Some(key) = key else { return Ok(None) };
        let copy = format!("copies/{token}");
        self.services.store.blobs.concatenate(&copy, &[key.to_owned()]).await?;
        Ok(Some(copy))
    }

    async fn document(&self, copy: &Object, publish: &mut Transaction) -> Result<(), StoreError> {
        let Store { db, blobs } = &self.services.store;
        let source = documents::get(db, &self.source.tenant, &self.source.token).await?;
        let source = source.ok_or_else(|| StoreError::corrupt("an object without its document"))?;
        let (mut document, _) = stored::document(&self.services.store, &source.blob_key).await?;
        document.title = Text::plain(&*self.name);
        objects::insert(publish, copy);
        self.media(copy, &mut document, publish).await?;
        let key = format!("copies/{}", copy.token);
        let packed = stored::blocking(move || stored::pack_document(&document)).await?;
        let kept = blobs.put(&key, packed).await?;
        let record = DocumentRecord {
            token: copy.token.clone(),
            tenant: copy.tenant.clone(),
            revision: 1,
            blob_key: key,
        };
        documents::insert(publish, &record, kept.size_bytes as i64, copy.created_ms);
        Ok(())
    }

    /// Copies the pictures and files of a document, and names the copies in it.
    async fn media(
        &self,
        copy: &Object,
        document: &mut Document,
        publish: &mut Transaction,
    ) -> Result<(), StoreError> {
        let db = &self.services.store.db;
        for (asset, token) in documents::assets(db, &self.source.token).await? {
            let Some(media) = objects::get(db, &self.source.tenant, &token).await? else {
                continue;
            };
            let mut twin = self.copy_of(&media);
            twin.route = Some(copy.token.clone());
            twin.blob_key = self.blob(media.blob_key.as_deref(), &twin.token).await?;
            let mut extra = MediaExtra::read(&media.extra);
            if extra.parent_node == extra.drive_route_token {
                extra.parent_node.clone_from(&copy.token.0);
            }
            extra.drive_route_token.clone_from(&copy.token.0);
            twin.extra = extra.write();
            if let Some(named) = document.assets.get_mut(asset.0 as usize) {
                named.token.clone_from(&twin.token.0);
            }
            objects::insert(publish, &twin);
            documents::put_asset(publish, &copy.token, asset, &twin.token);
        }
        Ok(())
    }

    async fn spreadsheet(
        &self,
        copy: &Object,
        publish: &mut Transaction,
    ) -> Result<(), StoreError> {
        let Store { db, blobs } = &self.services.store;
        let source = spreadsheets::get(db, &self.source.tenant, &self.source.token).await?;
        let source =
            source.ok_or_else(|| StoreError::corrupt("an object without its spreadsheet"))?;
        let sheets = spreadsheets::sheets(db, &self.source.token).await?;
        let keys = ["manifest", "cells"].map(|part| format!("copies/{}/{part}", copy.token));
        let manifest = blobs.concatenate(&keys[0], &[source.manifest_key]).await?;
        let cells = blobs.concatenate(&keys[1], &[source.cells_key]).await?;
        let [manifest_key, cells_key] = keys;
        let record = SpreadsheetRecord {
            token: copy.token.clone(),
            tenant: copy.tenant.clone(),
            revision: 1,
            manifest_key,
            cells_key,
        };
        objects::insert(publish, copy);
        let sizes = [manifest.size_bytes as i64, cells.size_bytes as i64];
        spreadsheets::insert(publish, &record, &sheets, sizes, copy.created_ms);
        Ok(())
    }
}
