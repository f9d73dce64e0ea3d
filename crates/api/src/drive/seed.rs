//! Things put into a drive without a call of the platform's API: folders by name, documents from
//! files, with tokens that are chosen. Fixtures come this way; the checks and the conversion are
//! those of every import.

use bytes::Bytes;
use larkspur_model::id::ObjectToken;
use larkspur_platform::Caller;
use larkspur_store::Error as StoreError;
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;

use super::import_task::{self, Order};
use super::sources::{ImportExtra, MediaExtra, SOURCE_HELD_MS, Target, is_known, largest};
use super::transfer;
use crate::{ApiError, Services, codes};

/// A document that is to be imported.
pub(crate) struct Seed<'a> {
    /// Whose it is.
    pub(crate) caller: &'a Caller,
    /// Name of the file, whatever stands before it.
    pub(crate) file: &'a str,
    /// What is in it.
    pub(crate) bytes: Bytes,
    /// What it becomes.
    pub(crate) target: Target,
    /// The title; that of the file, or its name, without.
    pub(crate) name: Option<&'a str>,
    /// Where it lies.
    pub(crate) folder: &'a Object,
    /// Its token.
    pub(crate) token: ObjectToken,
}

/// What a file of this name and size becomes: `wanted`, else what its extension usually does.
///
/// # Errors
/// It can become no such thing; the text says why.
pub(crate) fn target(file: &str, wanted: Option<&str>, bytes: u64) -> Result<Target, String> {
    let extension = transfer::ending(file).to_ascii_lowercase();
    if !is_known(&extension) {
        return Err(format!("{file}: files of extension `{extension}` cannot be imported"));
    }
    let target = match wanted {
        Some(wanted) => Target::parse(wanted)
            .ok_or_else(|| format!("`{wanted}`: a document is `docx`, `sheet` or `bitable`"))?,
        None if matches!(extension.as_str(), "xlsx" | "xls" | "csv") => Target::Sheet,
        None => Target::Docx,
    };
    match largest(&extension, target) {
        None => Err(format!("{file}: a {extension} file cannot become a {}", target.wire())),
        Some(most) if bytes > most => Err(format!("{file} has more than {most} bytes")),
        Some(_) => Ok(target),
    }
}

/// Puts the file where uploads lie, and submits its import; the task's number. Nothing is rehearsed for
/// it: fixtures are there before anything is to go wrong.
pub(crate) async fn import(services: &Services, seed: Seed<'_>) -> Result<i64, ApiError> {
    let internal = |error: StoreError| codes::INTERNAL.caused_by(error);
    let name = seed.file.rsplit('/').next().unwrap_or(seed.file);
    let extension = transfer::ending(name).to_ascii_lowercase();
    let (source, now_ms) = (services.ids.token(), services.clock.now_ms());
    let key = format!("media/{source}");
    let size_bytes = seed.bytes.len() as i64;
    services.store.blobs.put(&key, seed.bytes).await.map_err(internal)?;
    let extra = MediaExtra {
        parent_type: "ccm_import_open".to_owned(),
        import: Some(ImportExtra {
            obj_type: seed.target.wire().to_owned(),
            file_extension: extension.clone(),
        }),
        ..MediaExtra::default()
    };
    let source = Object {
        token: ObjectToken(source),
        tenant: seed.caller.tenant.clone(),
        kind: ObjectKind::Media,
        name: name.to_owned(),
        parent: None,
        owner: seed.caller.creator(),
        creator_app: seed.caller.app.clone(),
        size_bytes,
        blob_key: Some(key),
        extension: extension.clone(),
        media_type: transfer::media_type(name).to_owned(),
        created_ms: now_ms,
        edited_ms: now_ms,
        expires_ms: Some(now_ms + SOURCE_HELD_MS),
        deleted_ms: None,
        route: None,
        extra: extra.write(),
    };
    let mut also = Transaction::new();
    objects::insert(&mut also, &source);
    let stem = name.strip_suffix(&extension).unwrap_or(name);
    let order = Order {
        source: &source,
        extension,
        target: seed.target,
        folder: seed.folder.token.clone(),
        title: seed.name.unwrap_or_else(|| stem.strip_suffix('.').unwrap_or(stem)).to_owned(),
        named: seed.name.is_some(),
        token: Some(seed.token),
        dry_run: false,
    };
    let submission = import_task::submission(seed.caller, order, also)?;
    let submitted = services.engine.submit(submission).await;
    submitted.map_err(|error| codes::INTERNAL.caused_by(error))
}

/// The folder `name` in `parent`, and whether it was made now, with `token`.
///
/// # Errors
/// Why it cannot be made, in words.
pub(crate) async fn folder(
    services: &Services,
    caller: &Caller,
    parent: &Object,
    name: &str,
    token: ObjectToken,
) -> Result<(Object, bool), String> {
    let (db, now_ms) = (&services.store.db, services.clock.now_ms());
    let unavailable = |error: StoreError| format!("the store could not do its part: {error}");
    let there = objects::get(db, &caller.tenant, &token).await.map_err(unavailable)?;
    if let Some(there) = there.filter(|there| there.is_live(now_ms)) {
        if there.kind == ObjectKind::Folder && there.parent.as_ref() == Some(&parent.token) {
            return Ok((there, false));
        }
        return Err(format!("the token {token} belongs to {} elsewhere", there.name));
    }
    let there = objects::folder_named(db, &parent.token, name).await.map_err(unavailable)?;
    if let Some(there) = there {
        return Ok((there, false));
    }
    if objects::is_too_deep(db, &parent.token).await.map_err(unavailable)? {
        return Err(format!("{name} would stand too deep"));
    }
    let folder = Object {
        token,
        tenant: caller.tenant.clone(),
        kind: ObjectKind::Folder,
        name: name.to_owned(),
        parent: Some(parent.token.clone()),
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
        route: None,
        extra: String::new(),
    };
    let mut transaction = Transaction::new();
    objects::insert(&mut transaction, &folder);
    match db.commit(transaction).await {
        Ok(_) => Ok((folder, true)),
        Err(StoreError::Conflict { label }) => Err(format!("{name} has no room: {label}")),
        Err(StoreError::Duplicate(_)) => Err(format!("the token of {name} is taken")),
        Err(error) => Err(unavailable(error)),
    }
}
