//! The work: source file -> child process -> blobs -> one transaction that makes the document visible
//! and drops the source.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use larkspur_convert::{Error as ConvertError, Made, Produced, Work};
use larkspur_engine::{Attempt, Job, Stop, Success};
use larkspur_model::document::{AssetId, Document, Text};
use larkspur_model::id::{AppId, ObjectToken, SheetId, TenantId};
use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::task::{Failure, FailureKind, Progress};
use larkspur_model::workbook::PictureAsset;
use larkspur_platform::{Access, Caller};
use larkspur_store::documents::{self, DocumentRecord};
use larkspur_store::objects::{self, FOLDER_CHILDREN, Object, ObjectKind};
use larkspur_store::spreadsheets::{self, SheetRecord, SpreadsheetRecord};
use larkspur_store::sql::Transaction;
use serde::{Deserialize, Serialize};

use super::super::place::{self, Misplaced};
use super::super::sources::{MediaExtra, Target};
use super::preview::Preview;
use super::scratch;
use crate::JobParts;
use crate::access::{self, Found};
use crate::{document, stored};

/// The family's name, as stored with its tasks.
pub(super) const FAMILY: &str = "drive.import";

/// What is stored with a task. Old rows must still load: fields are only ever added, with defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) source: ObjectToken,
    pub(super) extension: String,
    pub(super) target: Target,
    pub(super) folder: ObjectToken,
    pub(super) title: String,
    /// Whether the caller chose the title; otherwise one that the file itself brings goes before.
    #[serde(default)]
    pub(super) named: bool,
    /// The token of what it makes, where that was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<ObjectToken>,
    /// Whether only to look at what the file would become.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) dry_run: bool,
}

/// What a finished task made, or would have made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Output {
    /// The document; none was made by a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<ObjectToken>,
    /// What a dry run has to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) preview: Option<Preview>,
}

impl Output {
    fn pack(&self) -> Result<Vec<u8>, Stop> {
        serde_json::to_vec(self).map_err(Stop::retry)
    }
}

/// Does imports.
pub(super) struct ImportJob {
    parts: JobParts,
}

fn fail(kind: FailureKind, message: &str) -> Stop {
    Stop::Fail(Failure::new(kind, message))
}

fn stage(name: &str) -> Progress {
    Progress { stage: name.to_owned(), done: 0, total: 0 }
}

#[async_trait]
impl Job for ImportJob {
    fn family(&self) -> &'static str {
        FAMILY
    }

    async fn run(&self, attempt: &Attempt, payload: &[u8]) -> Result<Success, Stop> {
        let payload: Payload = serde_json::from_slice(payload)
            .map_err(|error| fail(FailureKind::Internal, &format!("stored payload: {error}")))?;
        let (tenant, app) = (TenantId::from(&*attempt.tenant), AppId::from(&*attempt.app));
        let db = &self.parts.store.db;
        let caller =
            access::caller_of(db, &tenant, &app, &attempt.creator).await.map_err(Stop::retry)?;
        let source = self.source(&caller, &payload).await?;
        self.check_folder(&caller, &payload).await?;
        let folder = self.parts.store.blobs.scratch().map_err(Stop::retry)?;
        attempt.progress(stage("reading"));
        let produced = self.convert(attempt, &payload, &source, folder.path()).await?;
        if payload.dry_run {
            // The source stays: what was looked at is to be imported next.
            let output = Output { preview: Preview::of(&produced.made).await?, token: None };
            let (losses, publish) = (produced.losses, Transaction::new());
            return Ok(Success { output: output.pack()?, losses, publish });
        }
        attempt.progress(stage("storing"));
        let made = Making { parts: &self.parts, attempt, caller: &caller, payload: &payload };
        let mut losses = produced.losses;
        let (token, mut publish) = match produced.made {
            Made::Document { document, assets } => {
                made.document(&document, assets, &mut losses).await?
            }
            Made::Workbook { manifest, cells, pictures } => {
                made.workbook(&manifest, &cells, &pictures).await?
            }
            Made::Base { base, manifest, cells, pictures } => {
                made.base(&base, [&manifest, &cells], &pictures).await?
            }
            Made::File { .. } => {
                return Err(fail(FailureKind::Internal, "the conversion made another thing"));
            }
        };
        if source.kind == ObjectKind::Media {
            // Dropped after the import (contract, "Import").
            objects::delete(&mut publish, &source, self.parts.clock.now_ms());
        }
        let output = Output { token: Some(token), preview: None };
        Ok(Success { output: output.pack()?, losses, publish })
    }
}

impl ImportJob {
    pub(super) const fn new(parts: JobParts) -> Self {
        Self { parts }
    }

    /// The uploaded file, still there.
    async fn source(&self, caller: &Caller, payload: &Payload) -> Result<Object, Stop> {
        let now_ms = self.parts.clock.now_ms();
        let db = &self.parts.store.db;
        let token = payload.source.as_str();
        match access::find(db, caller, token, Access::View, now_ms).await.map_err(Stop::retry)? {
            Found::Object(object) => Ok(object),
            Found::Forbidden => {
                Err(fail(FailureKind::Forbidden, "the source file is not open to you any more"))
            }
            Found::Gone(_) | Found::Missing => Err(fail(
                FailureKind::SourceExpired,
                "the source file is gone: an uploaded source lives five minutes, or until it was \
                 imported; upload it again",
            )),
        }
    }

    /// The folder, still there, open and with room.
    async fn check_folder(&self, caller: &Caller, payload: &Payload) -> Result<(), Stop> {
        let db = &self.parts.store.db;
        let (token, now_ms) = (payload.folder.as_str(), self.parts.clock.now_ms());
        let found = place::folder(db, caller, token, now_ms).await.map_err(Stop::retry)?;
        let folder = found.map_err(|misplaced| match misplaced {
            Misplaced::Missing => fail(FailureKind::FolderMissing, "the folder does not exist"),
            Misplaced::Deleted => fail(FailureKind::FolderDeleted, "the folder was deleted"),
            Misplaced::Forbidden => {
                fail(FailureKind::FolderForbidden, "you may not write into the folder")
            }
            Misplaced::Full | Misplaced::DriveFull => {
                fail(FailureKind::FolderFull, "the folder is full")
            }
        })?;
        let children = objects::child_count(db, &folder.token).await.map_err(Stop::retry)?;
        if children >= FOLDER_CHILDREN {
            let message = format!("the folder holds {children} things; choose another one");
            return Err(fail(FailureKind::FolderFull, &message));
        }
        Ok(())
    }

    async fn convert(
        &self,
        attempt: &Attempt,
        payload: &Payload,
        source: &Object,
        out: &Path,
    ) -> Result<Produced, Stop> {
        let extension = payload.extension.clone();
        let format = larkspur_formats::by_extension(&extension);
        let readable = format.is_some_and(|format| match payload.target {
            Target::Docx => format.read_document.is_some(),
            Target::Sheet | Target::Bitable => format.read_workbook.is_some(),
        });
        if !readable {
            let message = format!(
                "this server does not turn {extension} files into a {} yet",
                payload.target.wire()
            );
            return Err(fail(FailureKind::UnsupportedFormat, &message));
        }
        let key = source.blob_key.as_deref().ok_or_else(|| {
            fail(FailureKind::SourceExpired, "the source file's bytes are gone; upload it again")
        })?;
        let file = self.parts.store.blobs.as_file(key).await.map_err(Stop::retry)?;
        let input = file.path().to_path_buf();
        let work = match payload.target {
            Target::Docx => Work::ReadDocument {
                input,
                extension,
                title: payload.title.clone(),
                pictures_as_addresses: false,
            },
            Target::Sheet => Work::ReadWorkbook { input, extension },
            Target::Bitable => Work::ReadBase { input, extension, title: payload.title.clone() },
        };
        let progress = |progress: Progress| attempt.progress(progress);
        let converter = &self.parts.converter;
        converter.run(work, out, &progress, attempt.cancelled()).await.map_err(
            |error| match error {
                ConvertError::Failed(failure) => Stop::Fail(failure),
                ConvertError::Cancelled => Stop::Cancelled,
                ConvertError::Unavailable(cause) => Stop::retry(cause),
            },
        )
    }
}

/// Storing what a conversion made.
pub(super) struct Making<'a> {
    pub(super) parts: &'a JobParts,
    pub(super) attempt: &'a Attempt,
    caller: &'a Caller,
    pub(super) payload: &'a Payload,
}

impl Making<'_> {
    /// What this import makes.
    pub(super) fn result(&self, kind: ObjectKind, name: &str) -> Object {
        let object = self.object(kind, name);
        match &self.payload.token {
            Some(token) => Object { token: token.clone(), ..object },
            None => object,
        }
    }

    /// An object of this import.
    pub(super) fn object(&self, kind: ObjectKind, name: &str) -> Object {
        let now_ms = self.parts.clock.now_ms();
        Object {
            token: ObjectToken(self.parts.ids.token()),
            tenant: self.caller.tenant.clone(),
            kind,
            name: name.to_owned(),
            parent: Some(self.payload.folder.clone()),
            route: None,
            owner: self.caller.creator(),
            creator_app: self.caller.app.clone(),
            size_bytes: 0,
            blob_key: None,
            extension: String::new(),
            media_type: String::new(),
            created_ms: now_ms,
            edited_ms: now_ms,
            expires_ms: None,
            deleted_ms: None,
            extra: String::new(),
        }
    }

    /// Stores pictures and blocks, and says how they become visible.
    async fn document(
        &self,
        json: &Path,
        assets: Vec<PathBuf>,
        losses: &mut Losses,
    ) -> Result<(ObjectToken, Transaction), Stop> {
        let mut document: Document = scratch::json(json).await?;
        self.entitle(&mut document, losses);
        let object = self.result(ObjectKind::Docx, &document.title.to_plain());
        let token = object.token.clone();
        let mut publish = Transaction::new();
        objects::insert(&mut publish, &object);
        for (index, path) in assets.iter().enumerate() {
            let media = self.asset(&mut document, &token, index, path).await?;
            objects::insert(&mut publish, &media);
            let asset = AssetId(u32::try_from(index).unwrap_or(u32::MAX));
            documents::put_asset(&mut publish, &token, asset, &media.token);
        }
        document.assign_ids(&self.parts.ids);
        let packed = stored::blocking(move || document::pack(&document)).await;
        let key = self.attempt.blob_key("document");
        let blobs = &self.parts.store.blobs;
        let kept = blobs.put(&key, packed.map_err(Stop::retry)?).await.map_err(Stop::retry)?;
        let tenant = self.caller.tenant.clone();
        let record = DocumentRecord::first(token.clone(), tenant, key);
        let now_ms = self.parts.clock.now_ms();
        documents::insert(&mut publish, &record, kept.size_bytes as i64, now_ms);
        Ok((token, publish))
    }

    /// Gives the document its title: the caller's choice, the file's own, or the file's name.
    fn entitle(&self, document: &mut Document, losses: &mut Losses) {
        let own = document.title.to_plain();
        if own == self.payload.title || (!own.trim().is_empty() && !self.payload.named) {
            return;
        }
        if !own.trim().is_empty() {
            let detail = format!("the file's own title gave way to file_name: {own}");
            losses.add(LossKind::FeatureDropped, "title", detail);
        }
        document.title = Text::plain(&*self.payload.title);
    }

    /// Stores one picture or file of the document and gives it its token.
    async fn asset(
        &self,
        document: &mut Document,
        route: &ObjectToken,
        index: usize,
        path: &Path,
    ) -> Result<Object, Stop> {
        let key = self.attempt.blob_key(&format!("asset-{index}"));
        let size = self.parts.store.blobs.put_file(&key, path).await.map_err(Stop::retry)?;
        let mut media = self.object(ObjectKind::Media, "");
        if let Some(asset) = document.assets.get_mut(index) {
            asset.token.clone_from(&media.token.0);
            asset.size_bytes = size;
            media.name.clone_from(&asset.name);
            media.media_type.clone_from(&asset.media_type);
        }
        media.parent = None;
        media.route = Some(route.clone());
        media.size_bytes = size as i64;
        media.blob_key = Some(key);
        media.extra = MediaExtra {
            parent_type: "docx_image".to_owned(),
            parent_node: route.0.clone(),
            drive_route_token: route.0.clone(),
            import: None,
        }
        .write();
        Ok(media)
    }

    /// Stores manifest and cells, and says how they become visible.
    async fn workbook(
        &self,
        manifest: &Path,
        cells: &Path,
        pictures: &[PathBuf],
    ) -> Result<(ObjectToken, Transaction), Stop> {
        let mut read = scratch::manifest(manifest).await?;
        let object = self.result(ObjectKind::Sheet, &self.payload.title);
        let mut publish = Transaction::new();
        objects::insert(&mut publish, &object);
        for (index, path) in pictures.iter().enumerate() {
            if let Some(asset) = read.workbook.assets.get_mut(index) {
                let media = self.sheet_picture(&object.token, index, path, asset).await?;
                objects::insert(&mut publish, &media);
            }
        }
        let book = read.workbook.clone();
        let blobs = &self.parts.store.blobs;
        let keys = [self.attempt.blob_key("manifest"), self.attempt.blob_key("cells")];
        let manifest_bytes = if pictures.is_empty() {
            blobs.put_file(&keys[0], manifest).await.map_err(Stop::retry)?
        } else {
            // It names the pictures now.
            let packed =
                stored::blocking(move || read.to_bytes().map_err(std::io::Error::other)).await;
            let packed = packed.map_err(Stop::retry)?;
            blobs.put(&keys[0], packed).await.map_err(Stop::retry)?.size_bytes
        };
        let cells_bytes = blobs.put_file(&keys[1], cells).await.map_err(Stop::retry)?;
        let mut taken = HashSet::new();
        let sheets: Vec<SheetRecord> = book
            .sheets
            .iter()
            .enumerate()
            .map(|(position, sheet)| SheetRecord {
                id: self.sheet_id(&mut taken),
                position: position as i64,
                name: sheet.name.clone(),
                hidden: sheet.hidden,
                row_count: i64::from(sheet.row_count),
                column_count: i64::from(sheet.column_count),
            })
            .collect();
        let [manifest_key, cells_key] = keys;
        let record = SpreadsheetRecord {
            token: object.token.clone(),
            tenant: object.tenant.clone(),
            revision: 1,
            manifest_key,
            cells_key,
        };
        let sizes = [manifest_bytes as i64, cells_bytes as i64];
        spreadsheets::insert(&mut publish, &record, &sheets, sizes, object.created_ms);
        Ok((object.token, publish))
    }

    /// Stores one picture of the spreadsheet `book` and gives it its token.
    async fn sheet_picture(
        &self,
        book: &ObjectToken,
        index: usize,
        path: &Path,
        asset: &mut PictureAsset,
    ) -> Result<Object, Stop> {
        let key = self.attempt.blob_key(&format!("picture-{index}"));
        let size = self.parts.store.blobs.put_file(&key, path).await.map_err(Stop::retry)?;
        let name = format!("image{}.{}", index + 1, asset.extension);
        let media = Object {
            parent: None,
            route: Some(book.clone()),
            size_bytes: size as i64,
            blob_key: Some(key),
            media_type: asset.media_type.clone(),
            extra: MediaExtra {
                parent_type: "sheet_image".to_owned(),
                parent_node: book.0.clone(),
                drive_route_token: book.0.clone(),
                import: None,
            }
            .write(),
            ..self.object(ObjectKind::Media, &name)
        };
        asset.token.clone_from(&media.token.0);
        Ok(media)
    }

    fn sheet_id(&self, taken: &mut HashSet<String>) -> SheetId {
        loop {
            let id = self.parts.ids.sheet();
            if taken.insert(id.clone()) {
                return SheetId(id);
            }
        }
    }
}
