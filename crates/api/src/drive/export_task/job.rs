//! The work: stored blocks, cells or records -> child process -> a file that lives ten minutes.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use larkspur_convert::{Error as ConvertError, Made, Work};
use larkspur_engine::{Attempt, Job, Stop, Success};
use larkspur_model::id::{AppId, ObjectToken, SheetId, TenantId};
use larkspur_model::task::{Failure, FailureKind, Progress};
use larkspur_model::time::MINUTE_MS;
use larkspur_platform::{self as platform, Access, Caller};
use larkspur_store::blobs::LocalFile;
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::{bases, documents, spreadsheets};
use serde::{Deserialize, Serialize};

use super::base::Describing;
use crate::JobParts;
use crate::access::{self, Found};
use crate::{document, stored};

/// The family's name, as stored with its tasks.
pub(super) const FAMILY: &str = "drive.export";
/// How long an exported file lives after the task ended (contract, "Export").
pub(super) const FILE_LIFE_MS: i64 = 10 * MINUTE_MS;
/// Bytes of pictures and files in a document, for docx and for pdf (contract, "Export").
const DOCX_RESOURCE_BYTES: u64 = 1 << 30;
const PDF_RESOURCE_BYTES: u64 = 128 << 20;

/// What is stored with a task. Old rows must still load: fields are only ever added, with defaults.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) document: ObjectToken,
    /// Wire `type`.
    pub(super) kind: String,
    pub(super) extension: String,
    pub(super) source: Source,
}

/// What is exported.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Source {
    /// An online document.
    Document,
    /// An online spreadsheet, or the one sheet of it.
    Spreadsheet {
        /// The one sheet, for formats that hold one.
        sheet: Option<SheetId>,
    },
    /// A base, or the one table of it.
    Base {
        /// The one table, for formats that hold one.
        table: Option<String>,
    },
}

/// What a finished task made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Output {
    pub(super) token: ObjectToken,
    pub(super) name: String,
    pub(super) size_bytes: i64,
}

/// Does exports.
pub(super) struct ExportJob {
    parts: JobParts,
}

fn fail(kind: FailureKind, message: &str) -> Stop {
    Stop::Fail(Failure::new(kind, message))
}

/// Work with the local files it reads, which must stay while it runs.
struct Prepared {
    work: Work,
    _files: Vec<LocalFile>,
}

#[async_trait]
impl Job for ExportJob {
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
        let object = self.document(&caller, &payload).await?;
        let media_type = writer(&payload)?;
        let folder = self.parts.store.blobs.scratch().map_err(Stop::retry)?;
        let stage = |name: &str| Progress { stage: name.to_owned(), done: 0, total: 0 };
        attempt.progress(stage("reading"));
        let prepared = match &payload.source {
            Source::Document => {
                self.prepare_document(&caller, &object, &payload, folder.path()).await?
            }
            Source::Spreadsheet { sheet } => {
                self.prepare_workbook(&object, &payload, sheet.as_ref(), folder.path()).await?
            }
            Source::Base { table } => {
                self.prepare_base(&object, &payload, table.as_deref(), folder.path()).await?
            }
        };
        let out = folder.path().join("out");
        tokio::fs::create_dir(&out).await.map_err(Stop::retry)?;
        let progress = |progress: Progress| attempt.progress(progress);
        let produced = self
            .parts
            .converter
            .run(prepared.work.clone(), &out, &progress, attempt.cancelled())
            .await
            .map_err(|error| match error {
                ConvertError::Failed(failure) => Stop::Fail(failure),
                ConvertError::Cancelled => Stop::Cancelled,
                ConvertError::Unavailable(cause) => Stop::retry(cause),
            })?;
        let Made::File { path, .. } = produced.made else {
            return Err(fail(FailureKind::Internal, "the conversion made another thing"));
        };
        attempt.progress(stage("storing"));
        let mut success =
            self.store(attempt, &caller, &object, &payload, media_type, &path).await?;
        success.losses = produced.losses;
        Ok(success)
    }
}

/// Media type of the format, if there is a writer for it.
fn writer(payload: &Payload) -> Result<&'static str, Stop> {
    let extension = &payload.extension;
    let format = larkspur_formats::by_extension(extension).filter(|format| match payload.source {
        Source::Document => format.write_document.is_some(),
        Source::Spreadsheet { .. } | Source::Base { .. } => format.write_workbook.is_some(),
    });
    format.map(|format| format.media_type).ok_or_else(|| {
        let message = format!("this server does not write {extension} files yet");
        fail(FailureKind::UnsupportedFormat, &message)
    })
}

impl ExportJob {
    pub(super) const fn new(parts: JobParts) -> Self {
        Self { parts }
    }

    /// The document, still there and open.
    async fn document(&self, caller: &Caller, payload: &Payload) -> Result<Object, Stop> {
        let now_ms = self.parts.clock.now_ms();
        let db = &self.parts.store.db;
        let token = payload.document.as_str();
        match access::find(db, caller, token, Access::View, now_ms).await.map_err(Stop::retry)? {
            Found::Object(object) => {
                if platform::may_take(db, caller, &object).await.map_err(Stop::retry)? {
                    Ok(object)
                } else {
                    Err(fail(FailureKind::Forbidden, access::NOT_TO_BE_TAKEN))
                }
            }
            Found::Gone(_) => Err(fail(FailureKind::DocumentDeleted, "the document was deleted")),
            Found::Missing => {
                Err(fail(FailureKind::DocumentMissing, "the document does not exist"))
            }
            Found::Forbidden => {
                Err(fail(FailureKind::Forbidden, "the document is not open to you any more"))
            }
        }
    }

    /// What every exported page bears: the app, or the user it acts for (contract, "Export"); nothing
    /// where watermarks are off.
    fn watermark(&self, caller: &Caller) -> String {
        match &caller.user {
            _ if !self.parts.converter.config().watermarks => String::new(),
            Some(user) => user.to_string(),
            None => caller.app.to_string(),
        }
    }

    async fn prepare_document(
        &self,
        caller: &Caller,
        object: &Object,
        payload: &Payload,
        folder: &Path,
    ) -> Result<Prepared, Stop> {
        let store = &self.parts.store;
        let record = documents::get(&store.db, &object.tenant, &object.token)
            .await
            .map_err(Stop::retry)?
            .ok_or_else(|| fail(FailureKind::Internal, "the document has no content"))?;
        let json = folder.join("document.json");
        let document = document::written(store, &record).await.map_err(Stop::retry)?;
        document::write_json(&document, &json).await.map_err(Stop::retry)?;
        let most_bytes =
            if payload.extension == "pdf" { PDF_RESOURCE_BYTES } else { DOCX_RESOURCE_BYTES };
        let total: u64 = document.assets.iter().map(|asset| asset.size_bytes).sum();
        if total > most_bytes {
            let message = format!(
                "pictures and files in the document have {total} bytes; {} holds {most_bytes}",
                payload.extension
            );
            return Err(fail(FailureKind::ResultTooLarge, &message));
        }
        let mut files = Vec::with_capacity(document.assets.len());
        let mut assets = Vec::with_capacity(document.assets.len());
        for (index, asset) in document.assets.iter().enumerate() {
            let media = ObjectToken::from(asset.token.as_str());
            assets.push(self.resource(object, &media, index, (folder, &mut files)).await?);
        }
        let extension = payload.extension.clone();
        let watermark = self.watermark(caller);
        let work = Work::WriteDocument { document: json, assets, extension, watermark };
        Ok(Prepared { work, _files: files })
    }

    /// The bytes of a picture or file that lives in `object`, as a file that stays while `files` do.
    async fn resource(
        &self,
        object: &Object,
        media: &ObjectToken,
        index: usize,
        (folder, files): (&Path, &mut Vec<LocalFile>),
    ) -> Result<PathBuf, Stop> {
        let store = &self.parts.store;
        let media = objects::get(&store.db, &object.tenant, media).await.map_err(Stop::retry)?;
        let Some(key) = media.and_then(|media| media.blob_key) else {
            return empty_asset(folder, index).await;
        };
        let file = store.blobs.as_file(&key).await.map_err(Stop::retry)?;
        let path = file.path().to_path_buf();
        files.push(file);
        Ok(path)
    }

    async fn prepare_workbook(
        &self,
        object: &Object,
        payload: &Payload,
        sheet: Option<&SheetId>,
        folder: &Path,
    ) -> Result<Prepared, Stop> {
        let store = &self.parts.store;
        let record = spreadsheets::get(&store.db, &object.tenant, &object.token)
            .await
            .map_err(Stop::retry)?
            .ok_or_else(|| fail(FailureKind::Internal, "the spreadsheet has no content"))?;
        let sheet = match sheet {
            None => None,
            Some(id) => {
                let sheets =
                    spreadsheets::sheets(&store.db, &object.token).await.map_err(Stop::retry)?;
                let found = sheets.into_iter().find(|sheet| sheet.id == *id);
                let gone =
                    || fail(FailureKind::DocumentMissing, "the spreadsheet has no such sheet");
                Some(found.ok_or_else(gone)?.position as usize)
            }
        };
        // Edits let go of files while the child still reads them.
        let manifest = store.blobs.held_file(&record.manifest_key).await.map_err(Stop::retry)?;
        let read = stored::manifest(store, &record.manifest_key).await.map_err(Stop::retry)?;
        let (mut files, mut cells) = (Vec::new(), Vec::new());
        for key in stored::cell_keys(&record.cells_key, &read) {
            let file = store.blobs.held_file(&key).await.map_err(Stop::retry)?;
            cells.push(file.path().to_path_buf());
            files.push(file);
        }
        let mut pictures = Vec::new();
        // A csv shows none.
        let shown = if payload.extension == "csv" { &[][..] } else { &read.workbook.assets };
        for (index, asset) in shown.iter().enumerate() {
            let token = ObjectToken::from(asset.token.as_str());
            pictures.push(self.resource(object, &token, index, (folder, &mut files)).await?);
        }
        let work = Work::WriteWorkbook {
            manifest: manifest.path().to_path_buf(),
            cells,
            extension: payload.extension.clone(),
            sheet,
            pictures,
        };
        files.push(manifest);
        Ok(Prepared { work, _files: files })
    }

    async fn prepare_base(
        &self,
        object: &Object,
        payload: &Payload,
        table: Option<&str>,
        folder: &Path,
    ) -> Result<Prepared, Stop> {
        let store = &self.parts.store;
        let record = bases::get(&store.db, &object.tenant, &object.token)
            .await
            .map_err(Stop::retry)?
            .ok_or_else(|| fail(FailureKind::Internal, "the base has no content"))?;
        let mut tables = bases::tables(&store.db, &object.token).await.map_err(Stop::retry)?;
        if let Some(id) = table {
            tables.retain(|table| table.id == id);
            if tables.is_empty() {
                return Err(fail(FailureKind::DocumentMissing, "the base has no such table"));
            }
        }
        let mut files = Vec::new();
        if let Some(cells) = &record.cells {
            for key in [&cells.manifest_key, &cells.cells_key] {
                files.push(store.blobs.as_file(key).await.map_err(Stop::retry)?);
            }
        }
        let imported = match files.as_slice() {
            [manifest, cells] => Some((manifest.path(), cells.path())),
            _ => None,
        };
        let describing =
            Describing { db: &store.db, tenant: &object.tenant, base: &record, imported, folder };
        let described = describing.run(&tables).await?;
        let work = Work::WriteBase {
            tables: described.tables,
            imported: imported.map(|(manifest, cells)| (manifest.to_owned(), cells.to_owned())),
            added: described.added,
            extension: payload.extension.clone(),
            table: table.map(|_| 0),
        };
        Ok(Prepared { work, _files: files })
    }

    /// Stores the file, and says how it becomes visible.
    async fn store(
        &self,
        attempt: &Attempt,
        caller: &Caller,
        document: &Object,
        payload: &Payload,
        media_type: &str,
        path: &Path,
    ) -> Result<Success, Stop> {
        let key = attempt.blob_key("output");
        let size = self.parts.store.blobs.put_file(&key, path).await.map_err(Stop::retry)?;
        let now_ms = self.parts.clock.now_ms();
        let file = Object {
            token: ObjectToken(self.parts.ids.token()),
            tenant: caller.tenant.clone(),
            kind: ObjectKind::Export,
            name: format!("{}.{}", document.name, payload.extension),
            parent: None,
            route: None,
            owner: caller.creator(),
            creator_app: caller.app.clone(),
            size_bytes: size as i64,
            blob_key: Some(key),
            extension: payload.extension.clone(),
            media_type: media_type.to_owned(),
            created_ms: now_ms,
            edited_ms: now_ms,
            expires_ms: Some(now_ms + FILE_LIFE_MS),
            deleted_ms: None,
            extra: String::new(),
        };
        let mut publish = Transaction::new();
        objects::insert(&mut publish, &file);
        let output =
            Output { token: file.token, name: document.name.clone(), size_bytes: file.size_bytes };
        let output = serde_json::to_vec(&output).map_err(Stop::retry)?;
        Ok(Success { output, publish, ..Success::default() })
    }
}

/// Stands in for an asset whose bytes are gone: writers note a picture they cannot read as lost.
async fn empty_asset(folder: &Path, index: usize) -> Result<PathBuf, Stop> {
    let path = folder.join(format!("missing-{index}"));
    tokio::fs::write(&path, b"").await.map_err(Stop::retry)?;
    Ok(path)
}
