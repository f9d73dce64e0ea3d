//! A stored workbook's manifest, with a small cache of those that were read last, and windows of its
//! cells.

use std::io;
use std::sync::Arc;

use larkspur_formats::Error as FormatError;
use larkspur_formats::cells::{ChunkBytes, ChunkReader, Manifest};
use larkspur_model::workbook::{CellRange, Row};
use larkspur_store::Error;
use larkspur_store::blobs::Blobs;
use lru::LruCache;
use parking_lot::Mutex;

use crate::Services;
use crate::stored;

/// Bytes of memory the cache's manifests take; the one that is used alone may be larger.
const MOST_BYTES: usize = 32 << 20;

/// Manifests that were read last.
pub(crate) struct ManifestCache(Mutex<Kept>);

struct Kept {
    manifests: LruCache<String, Arc<Manifest>>,
    size_bytes: usize,
}

impl Default for ManifestCache {
    fn default() -> Self {
        Self(Mutex::new(Kept { manifests: LruCache::unbounded(), size_bytes: 0 }))
    }
}

impl ManifestCache {
    fn get(&self, key: &str) -> Option<Arc<Manifest>> {
        self.0.lock().manifests.get(key).map(Arc::clone)
    }

    /// Takes in the manifest of the blob `key`, in place of those that were not read for longest.
    pub(crate) fn keep(&self, key: &str, manifest: &Arc<Manifest>) {
        let mut kept = self.0.lock();
        kept.size_bytes += manifest.size_bytes();
        if let Some(before) = kept.manifests.put(key.to_owned(), Arc::clone(manifest)) {
            kept.size_bytes -= before.size_bytes();
        }
        while kept.size_bytes > MOST_BYTES && kept.manifests.len() > 1 {
            let oldest = kept.manifests.pop_lru();
            kept.size_bytes -= oldest.map_or(0, |(_, manifest)| manifest.size_bytes());
        }
    }

    /// Forgets a manifest that an edit has replaced.
    pub(crate) fn forget(&self, key: &str) {
        let mut kept = self.0.lock();
        if let Some(before) = kept.manifests.pop(key) {
            kept.size_bytes -= before.size_bytes();
        }
    }
}

/// The manifest of a blob; blobs never change, so its key is enough to know it by.
pub(crate) async fn manifest(services: &Services, key: &str) -> Result<Arc<Manifest>, Error> {
    if let Some(found) = services.caches.manifests.get(key) {
        return Ok(found);
    }
    let manifest = stored::manifest(&services.store, key).await?;
    services.caches.manifests.keep(key, &manifest);
    Ok(manifest)
}

/// Chunks read out of blobs, range by range, on a thread that may wait.
pub(crate) struct BlobBytes {
    blobs: Blobs,
    keys: Vec<String>,
    runtime: tokio::runtime::Handle,
}

impl BlobBytes {
    /// Chunks in the blobs `keys`, as the manifest numbers them. To be made where there is a runtime.
    pub(crate) fn new(blobs: &Blobs, keys: Vec<String>) -> Self {
        Self { blobs: blobs.clone(), keys, runtime: tokio::runtime::Handle::current() }
    }
}

impl ChunkBytes for BlobBytes {
    fn read(&mut self, file: u32, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        let key = self.keys.get(file as usize).ok_or(io::ErrorKind::NotFound)?;
        let read = self.blobs.read_at(key, offset, u64::from(length));
        let bytes = self.runtime.block_on(read).map_err(io::Error::other)?;
        if bytes.len() == length as usize {
            Ok(bytes.into())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

/// A stored workbook: what is known about it, and where its cells are.
#[derive(Clone)]
pub(crate) struct Book {
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) blobs: Blobs,
    /// Blob with the first file of cells.
    pub(crate) cells_key: String,
}

impl Book {
    /// A reader of its cells, to be used on a thread that may wait.
    pub(crate) fn bytes(&self) -> BlobBytes {
        BlobBytes::new(&self.blobs, stored::cell_keys(&self.cells_key, &self.manifest))
    }

    fn reader(&self) -> ChunkReader<BlobBytes> {
        ChunkReader::new(Arc::clone(&self.manifest), self.bytes())
    }

    /// The first row from `row` on whose cell in `column` holds nothing.
    pub(crate) async fn first_blank(
        &self,
        sheet: usize,
        column: u32,
        row: u32,
    ) -> Result<u32, Error> {
        let mut reader = self.reader();
        let found = move || reader.first_blank(sheet, column, row).map_err(io::Error::other);
        stored::blocking(found).await
    }

    /// Shows `visitor` the rows of windows of its sheets, on a thread of its own, and gives it back. A
    /// visit that answers `false` ends the walk.
    pub(crate) async fn windows<V: Send + 'static>(
        &self,
        windows: Vec<(usize, CellRange)>,
        mut visitor: V,
        begin: fn(&mut V, usize),
        visit: fn(&mut V, &Row) -> bool,
    ) -> Result<V, Error> {
        let mut reader = self.reader();
        stored::blocking(move || {
            for (place, (sheet, range)) in windows.into_iter().enumerate() {
                begin(&mut visitor, place);
                let rows = range.first_row..range.last_row.saturating_add(1);
                let columns = range.first_column..range.last_column.saturating_add(1);
                let walked = reader.window(sheet, rows, columns, &mut |row| {
                    if visit(&mut visitor, row) { Ok(()) } else { Err(FormatError::Cancelled) }
                });
                match walked {
                    Ok(()) => {}
                    Err(FormatError::Cancelled) => break,
                    Err(error) => return Err(io::Error::other(error)),
                }
            }
            Ok(visitor)
        })
        .await
    }
}
