//! Wire request -> checked import -> task. What is checked here is what the platform refuses at
//! once; folder and source are looked at again when the work starts.

use std::sync::Arc;

use larkspur_engine::{Error as SubmitError, Lane, Submission};
use larkspur_model::id::ObjectToken;
use larkspur_model::time::Millis;
use larkspur_platform::{Access, Caller};
use larkspur_rehearsal::lint::Note;
use larkspur_store::Error as StoreError;
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;

use super::super::place::{self, Misplaced};
use super::super::sources::{
    MediaExtra, SOURCE_HELD_MS, SOURCE_LIFE_MS, Target, is_known, largest,
};
use super::super::transfer::ending;
use super::codes;
use super::job::{FAMILY, Payload};
use super::wire::{CreateBody, CreateData};
use crate::access::{self, Found};
use crate::{Answer, ApiError, Details, Request, Services, Violations, codes as platform};

/// Longest token (contract: real validation).
const TOKEN_CHARACTERS: usize = 27;
/// Characters of a name.
const NAME_CHARACTERS: usize = 250;
/// How often an import is tried.
const MOST_ATTEMPTS: i64 = 3;

fn internal(error: impl std::fmt::Display) -> ApiError {
    codes::INTERNAL.caused_by(error)
}

/// A request whose fields fit, before anything was looked up.
#[derive(Debug)]
struct Checked {
    extension: String,
    token: String,
    target: Target,
    name: Option<String>,
    folder: Option<String>,
}

/// Asks only to look at what a file would become.
const DRY_RUN: &str = "x-larkspur-dry-run";

/// Whether nothing is to be made.
fn is_dry_run(request: &Request) -> Result<bool, ApiError> {
    match request.header(DRY_RUN) {
        "" | "false" | "0" => Ok(false),
        "true" | "1" => Ok(true),
        _ => Err(codes::INVALID_PARAM.because("X-Larkspur-Dry-Run is true or false")),
    }
}

/// Checks the fields alone.
fn check(body: CreateBody) -> Result<Checked, ApiError> {
    let mut violations = Violations::new();
    let extension = violations.required("file_extension", body.file_extension);
    let token = violations.required("file_token", body.file_token);
    let kind = violations.required("type", body.kind);
    if token.chars().count() > TOKEN_CHARACTERS {
        violations.add("file_token", &token, "the max len is 27");
    }
    // Clients that have no folder leave `point` out, or its key empty: the root (clients' notes).
    let mut mount_type = 1;
    let folder = match body.point {
        None => None,
        Some(point) => {
            mount_type = violations.required("point.mount_type", point.mount_type);
            point.mount_key.filter(|key| !key.is_empty())
        }
    };
    violations.check()?;
    let target = Target::parse(&kind)
        .ok_or_else(|| codes::INVALID_PARAM.because("type is docx, sheet or bitable"))?;
    if !is_known(&extension) {
        let why = format!("files of extension {extension:.20} cannot be imported");
        return Err(codes::INVALID_PARAM.because(why));
    }
    if mount_type != 1 {
        return Err(codes::INVALID_PARAM.because("point.mount_type is 1"));
    }
    let name = body.file_name.filter(|name| !name.trim().is_empty());
    if name.as_ref().is_some_and(|name| name.chars().count() > NAME_CHARACTERS) {
        return Err(codes::INVALID_PARAM.because("file_name has at most 250 characters"));
    }
    Ok(Checked { extension, token, target, name, folder })
}

/// An upload can no longer be imported.
fn expired() -> ApiError {
    let why = "an upload may be imported within five minutes; upload the file again";
    let note = Some(Note::SourceExpired);
    codes::EXPIRED.because(why).with(Details { note, ..Details::default() })
}

/// The uploaded file, if the caller may import it now.
async fn source(
    services: &Services,
    caller: &Caller,
    checked: &Checked,
) -> Result<Object, ApiError> {
    if checked.token.is_empty() || !checked.token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(
            codes::INVALID_TOKEN.because("file_token is letters and digits, as the upload gave it")
        );
    }
    let now_ms = services.clock.now_ms();
    let db = &services.store.db;
    let object = match access::find(db, caller, &checked.token, Access::View, now_ms).await {
        Err(error) => return Err(internal(error)),
        Ok(Found::Missing) => return Err(codes::FILE_NOT_FOUND.because(access::MISSING)),
        Ok(Found::Forbidden) => return Err(codes::NO_PERMISSION.because(access::NOT_SHARED)),
        Ok(Found::Gone(object)) if object.deleted_ms.is_some() => {
            // A temporary source is dropped by its import, a file in the drive by somebody.
            return Err(match object.kind {
                ObjectKind::Media => codes::FILE_NOT_FOUND.because("the file was imported"),
                _ => codes::DOCS_DELETED.because(access::DELETED),
            });
        }
        Ok(Found::Gone(_)) => return Err(expired()),
        Ok(Found::Object(object)) => object,
    };
    match object.kind {
        // It may live longer, held by an import that waits, but not for another one.
        ObjectKind::Media if object.created_ms + SOURCE_LIFE_MS <= now_ms => Err(expired()),
        ObjectKind::File | ObjectKind::Media => Ok(object),
        _ => Err(codes::INVALID_TOKEN.because("the token is not an uploaded file's")),
    }
}

/// Whether name, upload and task agree on what the file is, and its size fits.
fn agree(object: &Object, checked: &Checked) -> Result<(), ApiError> {
    let import = MediaExtra::read(&object.extra).import;
    if object.kind == ObjectKind::Media && import.is_none() {
        return Err(codes::INVALID_TOKEN.because("the file was not uploaded to be imported"));
    }
    let uploaded = import.as_ref().map(|import| import.file_extension.as_str());
    if ending(&object.name) != checked.extension
        || uploaded.is_some_and(|uploaded| uploaded != checked.extension)
    {
        let why = format!(
            "file name, upload and task must name the same extension: {:.60}, {:.20}, {:.20}",
            object.name,
            uploaded.unwrap_or("-"),
            checked.extension
        );
        return Err(codes::EXTENSION.because(why));
    }
    if import.is_some_and(|import| import.obj_type != checked.target.wire()) {
        return Err(codes::FILE_TYPE.because("the upload's obj_type is another one"));
    }
    let most_bytes = largest(&checked.extension, checked.target).ok_or_else(|| {
        let (extension, kind) = (&checked.extension, checked.target.wire());
        codes::INVALID_PARAM.because(format!("a {extension} file cannot become a {kind}"))
    })?;
    if object.size_bytes as u64 > most_bytes {
        return Err(codes::FILE_SIZE.because(format!("at most {most_bytes} bytes")));
    }
    Ok(())
}

/// The folder the document is to lie in.
async fn folder(
    services: &Services,
    caller: &Caller,
    token: Option<&str>,
) -> Result<Object, ApiError> {
    let Some(token) = token else {
        return services.platform.root_folder(caller).await.map_err(internal);
    };
    let now_ms = services.clock.now_ms();
    let found = place::folder(&services.store.db, caller, token, now_ms).await.map_err(internal)?;
    found.map_err(|misplaced| {
        let refused = match misplaced {
            Misplaced::Forbidden => codes::MOUNT_POINT,
            _ => codes::FOLDER,
        };
        refused.because(format!("mount_key: {}", misplaced.why()))
    })
}

/// Keeps a temporary source until its import has read it; a full queue must not use up its minutes.
fn held(source: &Object, now_ms: Millis) -> Transaction {
    let mut transaction = Transaction::new();
    if source.kind == ObjectKind::Media {
        let until_ms = Some(now_ms + SOURCE_HELD_MS);
        objects::set_expiry(&mut transaction, &source.token, until_ms, now_ms);
    }
    transaction
}

/// `driveImportTaskCreate`.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let checked = check(request.json(platform::BAD_REQUEST)?)?;
    let dry_run = is_dry_run(&request)?;
    let caller = request.caller()?;
    let source = source(&services, caller, &checked).await?;
    agree(&source, &checked)?;
    let folder = folder(&services, caller, checked.folder.as_deref()).await?;
    let named = checked.name.is_some();
    let title = checked.name.unwrap_or_else(|| {
        let stem = source.name.strip_suffix(&checked.extension).unwrap_or(&source.name);
        stem.strip_suffix('.').unwrap_or(stem).to_owned()
    });
    let also = held(&source, services.clock.now_ms());
    let order = Order {
        source: &source,
        extension: checked.extension,
        target: checked.target,
        folder: folder.token,
        title,
        named,
        token: None,
        dry_run,
    };
    let submission = submission(caller, order, also)?;
    let answer = |id: i64| {
        let answer = Answer::data(&CreateData { ticket: id.to_string() })?;
        Ok(answer.noted(Note::Submitted { task: id }))
    };
    let made = services.create(&request, submission, &source.name, answer).await;
    made.map_err(|unmade| {
        unmade.or(|error| match error {
            SubmitError::Store(StoreError::Conflict { .. }) => expired(),
            error => internal(error),
        })
    })
}

/// A checked import of a file that is there.
pub(in crate::drive) struct Order<'a> {
    pub(in crate::drive) source: &'a Object,
    pub(in crate::drive) extension: String,
    pub(in crate::drive) target: Target,
    pub(in crate::drive) folder: ObjectToken,
    pub(in crate::drive) title: String,
    pub(in crate::drive) named: bool,
    /// The token of what it makes, where that was chosen.
    pub(in crate::drive) token: Option<ObjectToken>,
    /// Whether only to look at what the file would become.
    pub(in crate::drive) dry_run: bool,
}

/// The task of an import, to be submitted together with what `also` does.
pub(in crate::drive) fn submission(
    caller: &Caller,
    order: Order<'_>,
    also: Transaction,
) -> Result<Submission, ApiError> {
    let Order { source, extension, target, folder, title, named, token, dry_run } = order;
    let payload = Payload {
        source: source.token.clone(),
        extension,
        target,
        folder,
        title: title.clone(),
        named,
        token,
        dry_run,
    };
    Ok(Submission {
        tenant: caller.tenant.0.clone(),
        app: caller.app.0.clone(),
        creator: caller.creator(),
        family: FAMILY,
        title,
        size_bytes: source.size_bytes,
        lane: Lane::of_size(source.size_bytes),
        payload: serde_json::to_vec(&payload).map_err(internal)?,
        max_attempts: MOST_ATTEMPTS,
        idempotency_key: None,
        also,
        plan: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(json: &str) -> Result<Checked, (i64, Vec<String>)> {
        check(serde_json::from_str(json).unwrap()).map_err(|error| {
            let details = error.details.unwrap_or_default();
            let fields = details.field_violations.into_iter().map(|one| one.field).collect();
            (error.code, fields)
        })
    }

    #[test]
    fn the_seeds_request_is_understood() {
        let body = r#"{"file_extension":"xlsx","file_token":"boxcnrHpsg1QDqXAAAyachabcef","type":"sheet",
            "file_name":"销售表","point":{"mount_type":1,"mount_key":"AbqrfuRTjlJEIJduwDwcnIabcef"}}"#;
        let checked = checked(body).unwrap();
        assert_eq!((checked.extension.as_str(), checked.target), ("xlsx", Target::Sheet));
        assert_eq!(checked.name.as_deref(), Some("销售表"));
        assert_eq!(checked.folder.as_deref(), Some("AbqrfuRTjlJEIJduwDwcnIabcef"));
    }

    #[test]
    fn an_empty_mount_key_is_the_root() {
        let body = r#"{"file_extension":"md","file_token":"a","type":"docx","point":{"mount_type":1,"mount_key":""}}"#;
        assert_eq!(checked(body).unwrap().folder, None);
    }

    #[test]
    fn missing_and_overlong_fields_are_all_named() {
        let (code, fields) =
            checked(r#"{"file_token":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa","point":{}}"#).unwrap_err();
        assert_eq!(code, 99_992_402);
        assert_eq!(fields, ["file_extension", "type", "file_token", "point.mount_type"]);
    }

    #[test]
    fn unknown_extensions_targets_and_mounts_are_refused() {
        for (extension, kind, mount) in
            [("pdf", "docx", 1), ("MD", "docx", 1), ("md", "wiki", 1), ("md", "docx", 2)]
        {
            let body = format!(
                r#"{{"file_extension":"{extension}","file_token":"a","type":"{kind}","point":{{"mount_type":{mount},"mount_key":""}}}}"#
            );
            assert_eq!(checked(&body).unwrap_err().0, 1_069_904, "{extension} {kind} {mount}");
        }
    }
}
