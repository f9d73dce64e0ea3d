//! The cells that an import left, with a small cache of what is known about them: blobs never change.

use std::io;
use std::sync::Arc;

use larkspur_formats::cells::{ChunkBytes, ChunkReader, Manifest};
use larkspur_model::workbook::CellLink;
use larkspur_store::Error;
use larkspur_store::bases::CellBlobs;
use larkspur_store::blobs::Blobs;
use lru::LruCache;
use parking_lot::Mutex;

use crate::Services;
use crate::stored;

/// Manifests the cache holds.
const MOST_ENTRIES: std::num::NonZeroUsize =
    std::num::NonZeroUsize::new(32).expect("32 is not zero");
/// Memory of the largest manifest it takes, bytes.
const MOST_BYTES: usize = 1 << 20;

/// Manifests that were read last.
pub(crate) struct CellCache(Mutex<LruCache<String, Arc<Manifest>>>);

impl Default for CellCache {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST_ENTRIES)))
    }
}

/// The manifest of the cells.
pub(super) async fn manifest(services: &Services, key: &str) -> Result<Arc<Manifest>, Error> {
    if let Some(found) = services.caches.base_cells.0.lock().get(key) {
        return Ok(Arc::clone(found));
    }
    let manifest = stored::manifest(&services.store, key).await?;
    if manifest.size_bytes() <= MOST_BYTES {
        services.caches.base_cells.0.lock().put(key.to_owned(), Arc::clone(&manifest));
    }
    Ok(manifest)
}

/// Chunks read out of a blob, range by range, on a thread that may wait.
pub(super) struct BlobBytes {
    blobs: Blobs,
    key: String,
    runtime: tokio::runtime::Handle,
}

impl ChunkBytes for BlobBytes {
    fn read(&mut self, file: u32, offset: u64, length: u32) -> io::Result<Vec<u8>> {
        // Cells of bases are never edited, so there is one file of them.
        if file != 0 {
            return Err(io::ErrorKind::NotFound.into());
        }
        let read = self.blobs.read_at(&self.key, offset, u64::from(length));
        let bytes = self.runtime.block_on(read).map_err(io::Error::other)?;
        if bytes.len() == length as usize {
            Ok(bytes.into())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

/// A reader of the cells, for a thread that may wait.
pub(super) fn reader(
    services: &Services,
    cells: &CellBlobs,
    manifest: &Arc<Manifest>,
) -> ChunkReader<BlobBytes> {
    let bytes = BlobBytes {
        blobs: services.store.blobs.clone(),
        key: cells.cells_key.clone(),
        runtime: tokio::runtime::Handle::current(),
    };
    ChunkReader::new(Arc::clone(manifest), bytes)
}

/// Where the cells of a sheet lead.
pub(super) struct Links {
    /// Those of single rows, by row.
    single: Vec<CellLink>,
    /// Those of several.
    wide: Vec<CellLink>,
}

impl Links {
    pub(super) fn of(manifest: &Manifest, sheet: usize) -> Self {
        let links = manifest.workbook.sheets.get(sheet).map(|sheet| sheet.links.clone());
        let (mut single, wide): (Vec<CellLink>, Vec<CellLink>) = links
            .unwrap_or_default()
            .into_iter()
            .partition(|link| link.range.first_row == link.range.last_row);
        single.sort_by_key(|link| link.range.first_row);
        Self { single, wide }
    }

    /// Where the cell leads, if it does.
    pub(super) fn at(&self, row: u32, column: u32) -> Option<&str> {
        let first = self.single.partition_point(|link| link.range.first_row < row);
        let of_row = self.single[first..].iter().take_while(|link| link.range.first_row == row);
        let mut all = of_row.chain(
            self.wide
                .iter()
                .filter(|link| (link.range.first_row..=link.range.last_row).contains(&row)),
        );
        let found =
            all.find(|link| (link.range.first_column..=link.range.last_column).contains(&column));
        found.map(|link| link.target.as_str())
    }
}
