//! A stored workbook's manifest, with a small cache of those that were read last, and windows of its
//! cells.

use std::io;
use std::sync::Arc;

use larkspur_formats::Error as FormatError;
use larkspur_formats::cells::{ChunkBytes, ChunkReader, Manifest};
use larkspur_model::workbook::{CellRange, Row};
use larkspur_store::blobs::Blobs;
use larkspur_store::{Error, Store};
use lru::LruCache;
use parking_lot::Mutex;

use crate::Services;
use crate::stored;

/// Manifests the cache holds.
const MOST_ENTRIES: std::num::NonZeroUsize =
    std::num::NonZeroUsize::new(32).expect("32 is not zero");
/// Largest manifest it takes, bytes as stored.
const MOST_BYTES: u64 = 1 << 20;
/// Largest manifest there can be.
const LARGEST: u64 = 256 << 20;

/// Manifests that were read last.
pub(crate) struct ManifestCache(Mutex<LruCache<String, Arc<Manifest>>>);

impl Default for ManifestCache {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST_ENTRIES)))
    }
}

/// Reads a stored manifest, past the cache.
async fn read(store: &Store, key: &str) -> Result<(Arc<Manifest>, u64), Error> {
    let bytes = store.blobs.read(key, LARGEST).await?;
    let size = bytes.len() as u64;
    let manifest =
        stored::blocking(move || Manifest::from_bytes(&bytes).map_err(io::Error::other)).await?;
    Ok((Arc::new(manifest), size))
}

/// The manifest of a blob; blobs never change, so its key is enough to know it by.
pub(crate) async fn manifest(services: &Services, key: &str) -> Result<Arc<Manifest>, Error> {
    if let Some(found) = services.caches.manifests.0.lock().get(key) {
        return Ok(Arc::clone(found));
    }
    let (manifest, size) = read(&services.store, key).await?;
    if size <= MOST_BYTES {
        services.caches.manifests.0.lock().put(key.to_owned(), Arc::clone(&manifest));
    }
    Ok(manifest)
}

/// Chunks read out of a blob, range by range, on a thread that may wait.
struct BlobBytes {
    blobs: Blobs,
    key: String,
    runtime: tokio::runtime::Handle,
}

impl ChunkBytes for BlobBytes {
    fn read(&mut self, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        let read = self.blobs.read_at(&self.key, offset, u64::from(length));
        let bytes = self.runtime.block_on(read).map_err(io::Error::other)?;
        if bytes.len() == length as usize {
            Ok(bytes.into())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

/// Shows `visitor` the rows of a window of a sheet, on a thread of its own, and gives it back. A visit
/// that answers `false` ends the walk.
pub(crate) async fn window<V: Send + 'static>(
    blobs: &Blobs,
    cells_key: &str,
    manifest: &Manifest,
    sheet: usize,
    range: CellRange,
    mut visitor: V,
    visit: fn(&mut V, &Row) -> bool,
) -> Result<V, Error> {
    let bytes = BlobBytes {
        blobs: blobs.clone(),
        key: cells_key.to_owned(),
        runtime: tokio::runtime::Handle::current(),
    };
    let mut reader = ChunkReader::new(manifest.clone(), bytes);
    stored::blocking(move || {
        let rows = range.first_row..range.last_row.saturating_add(1);
        let columns = range.first_column..range.last_column.saturating_add(1);
        let walked = reader.window(sheet, rows, columns, &mut |row| {
            if visit(&mut visitor, row) { Ok(()) } else { Err(FormatError::Cancelled) }
        });
        match walked {
            Ok(()) | Err(FormatError::Cancelled) => Ok(visitor),
            Err(error) => Err(io::Error::other(error)),
        }
    })
    .await
}
