//! Uploads, in one call and in parts, for media and files alike: sizes, checksums, identity, expiry
//! (contract, "Uploads"). What a parent may be is each room's own.

use larkspur_model::id::ObjectToken;
use larkspur_model::time::HOUR_MS;
use larkspur_platform::Caller;
use larkspur_rehearsal::lint::{Note, mark};
use larkspur_store::Error as StoreError;
use larkspur_store::blobs::BlobInfo;
use larkspur_store::objects::Object;
use larkspur_store::sql::Transaction;
use larkspur_store::uploads::{self, Upload, UploadKind, UploadPart};
use serde::{Deserialize, Serialize};

use super::codes;
use super::form::{self, Form};
use crate::{Answer, ApiError, Body, ErrorCode, Request, Services, Violations, codes as platform};

/// Largest file of one call.
pub(super) const ONE_CALL_BYTES: u64 = 20_971_520;
/// Size of each part but the last.
pub(super) const PART_BYTES: i64 = 4_194_304;
/// How long an upload in parts may take.
const UPLOAD_LIFE_MS: i64 = 24 * HOUR_MS;
/// Characters a name may have.
const NAME_CHARACTERS: usize = 250;

/// What was announced about a file.
#[derive(Debug, Clone)]
pub(super) struct Announced {
    pub(super) name: String,
    pub(super) parent_type: String,
    pub(super) parent_node: String,
    pub(super) size_bytes: i64,
    pub(super) extra: String,
}

/// Body of `upload_prepare`.
#[derive(Deserialize)]
pub(super) struct PrepareBody {
    file_name: Option<String>,
    parent_type: Option<String>,
    parent_node: Option<String>,
    size: Option<i64>,
    extra: Option<String>,
}

/// Body of `upload_finish`.
#[derive(Deserialize)]
struct FinishBody {
    upload_id: Option<String>,
    block_num: Option<i64>,
}

/// Data of `upload_prepare`.
#[derive(Serialize)]
struct PrepareData<'a> {
    upload_id: &'a str,
    block_size: i64,
    block_num: i64,
}

/// Data of `upload_all` and `upload_finish`.
#[derive(Serialize)]
pub(super) struct FileTokenData<'a> {
    pub(super) file_token: &'a str,
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    codes::UPLOAD_INTERNAL.caused_by(error)
}

/// Reads the form of `upload_all`; its file lies in the blob `key` afterwards.
pub(super) async fn read_whole(
    services: &Services,
    body: Body,
    key: &str,
    bad_name: ErrorCode,
) -> Result<(Announced, BlobInfo), ApiError> {
    let form = read_form(services, body, key, ONE_CALL_BYTES).await?;
    let announced = Announced {
        name: required(&form, "file_name")?,
        parent_type: required(&form, "parent_type")?,
        parent_node: form.text("parent_node").unwrap_or_default().to_owned(),
        size_bytes: form.number("size")?.ok_or_else(|| missing("size"))?,
        extra: form.text("extra").unwrap_or_default().to_owned(),
    };
    check_name(&announced.name, bad_name)?;
    if form.too_large || announced.size_bytes as u64 > ONE_CALL_BYTES {
        return Err(codes::TOO_LARGE.because("one call takes 20 MB; use upload_prepare for more"));
    }
    let info = form.file.ok_or_else(|| missing("file"))?;
    check_size(&info, announced.size_bytes)?;
    check_sum(&form, &info)?;
    Ok((announced, info))
}

async fn read_form(
    services: &Services,
    body: Body,
    key: &str,
    most_bytes: u64,
) -> Result<Form, ApiError> {
    match body {
        Body::Multipart(parts) => form::read(parts, &services.store.blobs, key, most_bytes).await,
        _ => Err(codes::PARAMS.because("the body must be multipart/form-data")),
    }
}

fn missing(field: &str) -> ApiError {
    codes::PARAMS.because(format!("{field} is required"))
}

fn required(form: &Form, field: &str) -> Result<String, ApiError> {
    form.text(field).map(str::to_owned).ok_or_else(|| missing(field))
}

fn check_name(name: &str, bad_name: ErrorCode) -> Result<(), ApiError> {
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS {
        return Err(bad_name.because("file_name has 1 to 250 characters"));
    }
    Ok(())
}

fn check_size(info: &BlobInfo, announced: i64) -> Result<(), ApiError> {
    if info.size_bytes != announced as u64 {
        let why = format!("size says {announced}, the file has {} bytes", info.size_bytes);
        return Err(codes::SIZE.because(why));
    }
    Ok(())
}

/// Compares the Adler-32 of the file, if one was sent.
fn check_sum(form: &Form, info: &BlobInfo) -> Result<(), ApiError> {
    let Some(sent) = form.text("checksum") else { return Ok(()) };
    if sent.trim().parse() == Ok(info.adler32) {
        return Ok(());
    }
    Err(codes::CHECKSUM.because("checksum is the Adler-32 of the bytes, as a decimal number"))
}

/// Reads and checks the body of `upload_prepare`, but for what is the room's own.
pub(super) fn read_prepare(request: &Request, bad_name: ErrorCode) -> Result<Announced, ApiError> {
    let body: PrepareBody = request.json(platform::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let announced = Announced {
        name: violations.required("file_name", body.file_name),
        parent_type: violations.required("parent_type", body.parent_type),
        parent_node: violations.required("parent_node", body.parent_node),
        size_bytes: violations.required("size", body.size),
        extra: body.extra.unwrap_or_default(),
    };
    violations.check()?;
    check_name(&announced.name, bad_name)?;
    if announced.size_bytes <= 0 {
        return Err(codes::PARAMS.because("size is the number of bytes, at least 1"));
    }
    Ok(announced)
}

/// Opens an upload in parts.
pub(super) async fn prepare(
    services: &Services,
    caller: &Caller,
    kind: UploadKind,
    announced: Announced,
) -> Result<Answer, ApiError> {
    let now_ms = services.clock.now_ms();
    let upload = Upload {
        id: services.ids.number(now_ms).to_string(),
        tenant: caller.tenant.clone(),
        app: caller.app.clone(),
        creator: caller.creator(),
        kind,
        name: announced.name,
        parent_type: announced.parent_type,
        parent: announced.parent_node,
        size_bytes: announced.size_bytes,
        block_bytes: PART_BYTES,
        extra: announced.extra,
        created_ms: now_ms,
        expires_ms: now_ms + UPLOAD_LIFE_MS,
        finished_token: None,
    };
    let mut transaction = Transaction::new();
    uploads::insert(&mut transaction, &upload);
    services.store.db.commit(transaction).await.map_err(internal)?;
    let answer = Answer::data(&PrepareData {
        upload_id: &upload.id,
        block_size: PART_BYTES,
        block_num: upload.block_count(),
    })?;
    Ok(answer.noted(Note::UploadOpened { upload: mark(&upload.id) }))
}

/// The caller's open upload of an id; a finished one too.
async fn open(
    services: &Services,
    caller: &Caller,
    kind: UploadKind,
    id: &str,
) -> Result<Upload, ApiError> {
    let upload = uploads::get(&services.store.db, &caller.tenant, id).await.map_err(internal)?;
    // Of the numbers both families document, "params error" is what an unknown id can be.
    let unknown = || codes::PARAMS.because("there is no upload of this upload_id");
    let upload = upload.filter(|upload| upload.kind == kind).ok_or_else(unknown)?;
    if upload.creator != caller.creator() {
        return Err(codes::OTHER_UPLOADER.because("the upload was opened by another app or user"));
    }
    if services.clock.now_ms() >= upload.expires_ms {
        return Err(codes::UPLOAD_EXPIRED.because("an upload lives 24 hours"));
    }
    Ok(upload)
}

/// `upload_part`.
pub(super) async fn part(
    services: &Services,
    request: Request,
    kind: UploadKind,
) -> Result<Answer, ApiError> {
    let caller = request.caller()?.clone();
    // Keys of parts are told apart by a random piece: the same part may come twice.
    let key = format!("parts/{}", services.ids.token());
    let outcome = take_part(services, &caller, request.body, kind, &key).await;
    if outcome.is_err() {
        forget(services, &key).await;
    }
    outcome
}

async fn take_part(
    services: &Services,
    caller: &Caller,
    body: Body,
    kind: UploadKind,
    key: &str,
) -> Result<Answer, ApiError> {
    let form = read_form(services, body, key, PART_BYTES as u64).await?;
    let id = required(&form, "upload_id")?;
    let seq = form.number("seq")?.ok_or_else(|| missing("seq"))?;
    let announced = form.number("size")?.ok_or_else(|| missing("size"))?;
    let upload = open(services, caller, kind, &id).await?;
    if upload.finished_token.is_some() {
        return Err(codes::UPLOAD_EXPIRED.because("the upload is finished"));
    }
    let expected = upload.part_bytes(seq).ok_or_else(|| {
        codes::PART_NUMBER.because(format!("seq is 0 to {}", upload.block_count() - 1))
    })?;
    if form.too_large {
        return Err(codes::SIZE.because(format!("part {seq} has {expected} bytes")));
    }
    let info = form.file.ok_or_else(|| missing("file"))?;
    check_size(&info, announced)?;
    if announced != expected {
        return Err(codes::SIZE.because(format!("part {seq} has {expected} bytes")));
    }
    check_sum(&form, &info)?;
    let part = UploadPart {
        seq,
        size_bytes: expected,
        adler32: i64::from(info.adler32),
        blob_key: key.to_owned(),
    };
    let mut transaction = Transaction::new();
    uploads::put_part(&mut transaction, &upload.id, &part, services.clock.now_ms());
    match services.store.db.commit(transaction).await {
        Ok(_) => Answer::empty(),
        Err(StoreError::Conflict { .. }) => {
            Err(codes::UPLOAD_EXPIRED.because("the upload is finished"))
        }
        Err(error) => Err(internal(error)),
    }
}

/// What finishing an upload comes to before its object is made.
pub(super) enum Finishing {
    /// All parts are one blob now, under the key that was asked for.
    Ready(Box<Upload>),
    /// It was finished before.
    Done(ObjectToken),
}

/// Checks an `upload_finish` and joins the parts as the blob `key`.
pub(super) async fn finish(
    services: &Services,
    request: &Request,
    kind: UploadKind,
    key: &str,
) -> Result<Finishing, ApiError> {
    let body: FinishBody = request.json(platform::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let id = violations.required("upload_id", body.upload_id);
    let block_num = violations.required("block_num", body.block_num);
    violations.check()?;
    let upload = open(services, request.caller()?, kind, &id).await?;
    if let Some(token) = upload.finished_token {
        return Ok(Finishing::Done(token));
    }
    let parts = uploads::parts(&services.store.db, &upload.id).await.map_err(internal)?;
    let count = upload.block_count();
    if block_num > count {
        return Err(codes::PART_NUMBER.because(format!("the upload has {count} parts")));
    }
    if block_num < count || parts.len() as i64 != count {
        let why = format!("{} of {count} parts have arrived", parts.len());
        return Err(codes::PARTS_MISSING.because(why));
    }
    let keys: Vec<String> = parts.into_iter().map(|part| part.blob_key).collect();
    let info = services.store.blobs.concatenate(key, &keys).await.map_err(internal)?;
    check_size(&info, upload.size_bytes)?;
    Ok(Finishing::Ready(Box::new(upload)))
}

/// The answer to an `upload_finish`.
pub(super) fn finished(request: &Request, token: &ObjectToken) -> Result<Answer, ApiError> {
    let body: FinishBody = request.json(platform::BAD_REQUEST)?;
    let upload = mark(&body.upload_id.unwrap_or_default());
    let answer = Answer::data(&FileTokenData { file_token: token.as_str() })?;
    Ok(answer.noted(Note::UploadFinished { upload }))
}

/// Publishes a finished upload as `object`; somebody who was faster wins.
pub(super) async fn publish(
    services: &Services,
    caller: &Caller,
    upload: &Upload,
    object: &Object,
) -> Result<Result<ObjectToken, &'static str>, ApiError> {
    let now_ms = services.clock.now_ms();
    let mut transaction = Transaction::new();
    larkspur_store::objects::insert(&mut transaction, object);
    uploads::finish(&mut transaction, &upload.id, &object.token, now_ms);
    match services.store.db.commit(transaction).await {
        Ok(_) => Ok(Ok(object.token.clone())),
        Err(StoreError::Conflict { label: "upload" }) => {
            let upload = uploads::get(&services.store.db, &caller.tenant, &upload.id)
                .await
                .map_err(internal)?;
            let token = upload.and_then(|upload| upload.finished_token);
            token.map(Ok).ok_or_else(|| codes::UPLOAD_EXPIRED.because("an upload lives 24 hours"))
        }
        Err(StoreError::Conflict { label }) => Ok(Err(label)),
        Err(error) => Err(internal(error)),
    }
}

/// Removes a blob that will not be claimed; if that fails, the sweep does it later.
pub(super) async fn forget(services: &Services, key: &str) {
    if let Err(error) = services.store.blobs.delete(key).await {
        tracing::warn!(%error, "an unclaimed blob stays until the sweep");
    }
}

/// Ending of a file's name, without the dot, as it stands.
pub(super) fn ending(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// Media type by a file's name.
pub(super) fn media_type(name: &str) -> &'static str {
    match ending(name).to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "json" => "application/json",
        "doc" => "application/msword",
        "xls" => "application/vnd.ms-excel",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "csv" => "text/csv",
        "txt" => "text/plain",
        "html" => "text/html",
        "md" | "mark" | "markdown" => "text/markdown",
        _ => "application/octet-stream",
    }
}
