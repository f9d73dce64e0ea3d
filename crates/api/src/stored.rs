//! Stored workbooks: which blobs they are (how they lie in them is `formats`'), and work on stored
//! content that would hold up other calls.

use std::io;
use std::sync::Arc;

use larkspur_formats::cells::Manifest;
use larkspur_store::{Error, Store};

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
