//! An edit made durable: one transaction with what changed, and now and then the whole document.

use std::sync::Arc;

use larkspur_model::document::Edit;
use larkspur_model::id::AppId;
use larkspur_store::documents::{self, DocumentChange, DocumentRecord};
use larkspur_store::objects;
use larkspur_store::sql::Transaction;
use larkspur_store::{Error, Store};

use super::cache::Loaded;
use super::read;
use crate::Services;
use crate::stored::blocking;

/// Bytes of changes, packed, beside a blob; with more the document is stored whole again.
const MOST_CHANGE_BYTES: i64 = 256 << 10;
/// Changes beside a blob: each takes about 20 µs to read.
const MOST_CHANGES: i64 = 256;
/// What edits name that only give a document another title.
pub(crate) const TITLE: &str = "title";

/// How an edit is named.
#[derive(Debug, Clone)]
pub(crate) struct Naming {
    pub(crate) app: AppId,
    /// Its name; another edit of the app with the same name is refused.
    pub(crate) client_token: String,
    /// Digest of its request.
    pub(crate) digest: String,
    /// What its answer names.
    pub(crate) made: String,
}

/// What makes `edit`, an edit of `loaded`, the next revision of `record`, and the document it leads
/// to. The commit fails as [`documents::edit`] says, and with `object` where the document is gone.
pub(crate) async fn change(
    services: &Services,
    record: &DocumentRecord,
    loaded: &Loaded,
    edit: Edit,
    naming: Naming,
) -> Result<(Transaction, Arc<Loaded>), Error> {
    let Store { blobs, .. } = &services.store;
    let now_ms = services.clock.now_ms();
    let (tree, before, after) = edit.finish();
    let title = after.title.as_ref().map(larkspur_model::document::Text::to_plain);
    let (before, after) =
        blocking(move || Ok((read::pack_change(&before)?, read::pack_change(&after)?))).await?;
    let due = record.change_bytes + after.len() as i64 > MOST_CHANGE_BYTES
        || record.revision + 1 - record.blob_revision >= MOST_CHANGES;
    let checkpoint = if due {
        let whole = tree.clone();
        let packed = blocking(move || read::pack(&whole.to_document())).await?;
        let key = read::checkpoint_key(services, &record.token);
        let kept = blobs.put(&key, packed).await?;
        Some((key, kept.size_bytes as i64))
    } else {
        None
    };
    let revision = record.revision + 1;
    let version = services.ids.hex(32);
    let bytes = loaded.bytes + after.len() * 4;
    let Naming { app, client_token, digest, made } = naming;
    let change = DocumentChange { revision, app, client_token, digest, made, before, after };
    let mut publish = Transaction::new();
    let checkpoint = checkpoint.as_ref().map(|(key, bytes)| (key.as_str(), *bytes));
    documents::edit(&mut publish, record, &change, &version, checkpoint, now_ms);
    match title {
        Some(title) => objects::rename(&mut publish, &record.token, &title, now_ms),
        None => objects::touch(&mut publish, &record.token, now_ms),
    }
    let next = Loaded::new(record.token.clone(), revision, version, tree, bytes);
    Ok((publish, Arc::new(next)))
}
