//! How documents lie in their blobs: as JSON under zstd. How workbooks do is `formats`'; here is which
//! blobs they are.

use std::io;
use std::path::Path;
use std::sync::Arc;

use larkspur_formats::cells::Manifest;
use larkspur_model::document::Document;
use larkspur_store::{Error, Store};

/// Largest stored document, bytes under zstd.
const MOST_DOCUMENT_BYTES: u64 = 512 << 20;

/// Reads a stored document; the number is the size of its JSON.
pub(crate) async fn document(store: &Store, key: &str) -> Result<(Document, usize), Error> {
    let packed = store.blobs.read(key, MOST_DOCUMENT_BYTES).await?;
    blocking(move || {
        let json = zstd::decode_all(packed.as_ref())?;
        Ok((serde_json::from_slice(&json)?, json.len()))
    })
    .await
}

/// Packs a document the way it is stored.
pub(crate) fn pack_document(document: &Document) -> io::Result<Vec<u8>> {
    let mut packed = zstd::Encoder::new(Vec::new(), 3)?;
    serde_json::to_writer(&mut packed, document)?;
    packed.finish()
}

/// Writes a stored document's JSON to a file, as conversions read it, and gives the document too.
pub(crate) async fn unpack_document(
    store: &Store,
    key: &str,
    to: &Path,
) -> Result<Document, Error> {
    let packed = store.blobs.read(key, MOST_DOCUMENT_BYTES).await?;
    let to = to.to_owned();
    blocking(move || {
        let json = zstd::decode_all(packed.as_ref())?;
        std::fs::write(to, &json)?;
        Ok(serde_json::from_slice(&json)?)
    })
    .await
}

/// Largest manifest there can be.
const MOST_MANIFEST_BYTES: u64 = 256 << 20;

/// Reads a stored workbook's manifest.
pub(crate) async fn manifest(store: &Store, key: &str) -> Result<Arc<Manifest>, Error> {
    let bytes = store.blobs.read(key, MOST_MANIFEST_BYTES).await?;
    let manifest = blocking(move || Manifest::from_bytes(&bytes).map_err(io::Error::other)).await?;
    Ok(Arc::new(manifest))
}

/// The blobs with a workbook's cells, as its manifest numbers them; `first` is the first one.
pub(crate) fn cell_keys(first: &str, manifest: &Manifest) -> Vec<String> {
    let later = manifest.later.iter().map(|file| file.name.clone());
    std::iter::once(first.to_owned()).chain(later).collect()
}

/// Runs what would hold up other calls on a thread of its own.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?;
    Ok(done?)
}
