//! Stored documents, read: the blob, then the changes since; and back to earlier revisions.

use std::io;
use std::path::Path;
use std::sync::Arc;

use larkspur_model::document::{Change, Document, Inline, Tree};
use larkspur_model::id::{ObjectToken, TenantId, UserId};
use larkspur_store::documents::{self, DocumentRecord};
use larkspur_store::{Db, Error, Store, users};

use super::cache::Loaded;
use crate::Services;
use crate::stored::blocking;

/// Largest stored document, bytes under zstd.
const MOST_BYTES: u64 = 512 << 20;

/// Packs a document the way it is stored.
pub(crate) fn pack(document: &Document) -> io::Result<Vec<u8>> {
    let mut packed = zstd::Encoder::new(Vec::new(), 3)?;
    serde_json::to_writer(&mut packed, document)?;
    packed.finish()
}

/// Packs a change.
pub(super) fn pack_change(change: &Change) -> io::Result<Vec<u8>> {
    zstd::encode_all(serde_json::to_vec(change)?.as_slice(), 3)
}

fn unpack_change(packed: &[u8]) -> io::Result<(Change, usize)> {
    let json = zstd::decode_all(packed)?;
    Ok((serde_json::from_slice(&json)?, json.len()))
}

/// A document as it is now; the number is the size of its JSON, about.
pub(crate) async fn tree(store: &Store, record: &DocumentRecord) -> Result<(Tree, usize), Error> {
    let packed = store.blobs.read(&record.blob_key, MOST_BYTES).await?;
    let (from, until) = (record.blob_revision, record.revision);
    let changes = documents::changes_forth(&store.db, &record.token, from, until).await?;
    if changes.len() as i64 != until - from {
        return Err(Error::corrupt("document_changes"));
    }
    blocking(move || {
        let json = zstd::decode_all(packed.as_ref())?;
        let mut tree = Tree::from_document(serde_json::from_slice(&json)?);
        let mut bytes = json.len();
        for (_, packed) in changes {
            let (change, size) = unpack_change(&packed)?;
            tree.apply(change);
            bytes += size;
        }
        Ok((tree, bytes))
    })
    .await
}

/// A document as it is now, from the cache or the store.
pub(crate) async fn current(
    services: &Services,
    record: &DocumentRecord,
) -> Result<Arc<Loaded>, Error> {
    let cache = &services.caches.documents;
    if let Some(loaded) = cache.get(&record.version) {
        return Ok(loaded);
    }
    let (tree, bytes) = tree(&services.store, record).await?;
    let version = record.version.clone();
    let loaded = Loaded::new(record.token.clone(), record.revision, version, tree, bytes);
    let loaded = Arc::new(loaded);
    cache.put(&loaded, None);
    Ok(loaded)
}

/// A document as it was at `revision`; `None` where the way back is no longer kept.
pub(crate) async fn at_revision(
    services: &Services,
    record: &DocumentRecord,
    revision: i64,
) -> Result<Option<Arc<Loaded>>, Error> {
    if revision == record.revision {
        return current(services, record).await.map(Some);
    }
    let (cache, db) = (&services.caches.documents, &services.store.db);
    let version = format!("{}@{revision}", record.version);
    if let Some(loaded) = cache.get(&version) {
        return Ok(Some(loaded));
    }
    let changes = documents::changes_back(db, &record.token, record.revision, revision).await?;
    if changes.len() as i64 != record.revision - revision {
        return Ok(None);
    }
    let now = current(services, record).await?;
    let token = record.token.clone();
    let loaded = blocking(move || {
        let mut tree = now.tree.clone();
        for (_, packed) in changes {
            tree.apply(unpack_change(&packed)?.0);
        }
        Ok(Arc::new(Loaded::new(token, revision, version, tree, now.bytes)))
    })
    .await?;
    cache.put(&loaded, None);
    Ok(Some(loaded))
}

/// A document for who writes it to a file: people by their names, without what nobody sees.
pub(crate) async fn written(store: &Store, record: &DocumentRecord) -> Result<Document, Error> {
    let (tree, _) = tree(store, record).await?;
    let mut document = blocking(move || Ok(tree.to_document())).await?;
    document.forget_unnamed_assets();
    document.fill_missing_assets();
    name_people(&store.db, &record.tenant, &mut document).await?;
    Ok(document)
}

/// Names mentioned people; who is gone keeps the id.
async fn name_people(db: &Db, tenant: &TenantId, document: &mut Document) -> Result<(), Error> {
    let mut names = std::collections::HashMap::new();
    document.change_all(&mut |content| {
        for element in content.text().map_or(&[][..], |text| &text.elements) {
            if let Inline::MentionUser { user, .. } = element {
                names.insert(user.clone(), user.clone());
            }
        }
    });
    for (id, name) in &mut names {
        if let Some(user) = users::get(db, tenant, &UserId::from(id.as_str())).await? {
            *name = user.name;
        }
    }
    if names.is_empty() {
        return Ok(());
    }
    document.change_all(&mut |content| {
        for element in content.text_mut().map_or(&mut [][..], |text| &mut text.elements) {
            if let Inline::MentionUser { user, .. } = element
                && let Some(name) = names.get(user.as_str())
            {
                user.clone_from(name);
            }
        }
    });
    Ok(())
}

/// Writes a document's JSON to a file, as conversions read it.
pub(crate) async fn write_json(document: &Document, to: &Path) -> Result<(), Error> {
    let json = serde_json::to_vec(document).map_err(io::Error::from)?;
    tokio::fs::write(to, json).await?;
    Ok(())
}

/// The key of a blob that will hold the whole of `token`.
pub(super) fn checkpoint_key(services: &Services, token: &ObjectToken) -> String {
    format!("revisions/{token}/{}", services.ids.hex(16))
}
