//! A stored document, read into a flat list in the order the API answers it, and a small cache of
//! those that were read last.

use std::collections::HashMap;
use std::sync::Arc;

use larkspur_model::document::{Asset, Block, Content, Document, Text};
use lru::LruCache;
use parking_lot::Mutex;

use super::codes;
use crate::{ApiError, Services};

/// A document, flat and pre-order; the page block stands first.
pub(crate) struct Loaded {
    pub(crate) revision: i64,
    pub(crate) title: Text,
    pub(crate) assets: Vec<Asset>,
    pub(crate) blocks: Vec<LoadedBlock>,
    by_id: HashMap<String, u32>,
}

/// One block of it.
pub(crate) struct LoadedBlock {
    pub(crate) id: String,
    parent: Option<u32>,
    /// Places of the children in the list.
    pub(crate) children: Vec<u32>,
    /// What it is; `None` for the page.
    pub(crate) content: Option<Content>,
}

impl Loaded {
    /// Flattens a document without recursion.
    pub(crate) fn new(token: &str, revision: i64, document: Document) -> Self {
        let page = LoadedBlock {
            id: token.to_owned(),
            parent: None,
            children: Vec::with_capacity(document.blocks.len()),
            content: None,
        };
        let mut blocks = vec![page];
        let mut pending: Vec<(Block, u32)> =
            document.blocks.into_iter().rev().map(|block| (block, 0)).collect();
        while let Some((block, parent)) = pending.pop() {
            let at = blocks.len() as u32;
            if let Some(parent) = blocks.get_mut(parent as usize) {
                parent.children.push(at);
            }
            blocks.push(LoadedBlock {
                id: block.id.0,
                parent: Some(parent),
                children: Vec::with_capacity(block.children.len()),
                content: Some(block.content),
            });
            pending.extend(block.children.into_iter().rev().map(|child| (child, at)));
        }
        let by_id =
            blocks.iter().enumerate().map(|(at, block)| (block.id.clone(), at as u32)).collect();
        Self { revision, title: document.title, assets: document.assets, blocks, by_id }
    }

    pub(crate) fn block(&self, id: &str) -> Option<&LoadedBlock> {
        self.blocks.get(*self.by_id.get(id)? as usize)
    }

    pub(crate) fn parent_id(&self, block: &LoadedBlock) -> &str {
        block.parent.and_then(|at| self.blocks.get(at as usize)).map_or("", |parent| &parent.id)
    }

    pub(crate) fn child_ids(&self, block: &LoadedBlock) -> Vec<&str> {
        let child = |at: &u32| self.blocks.get(*at as usize).map(|child| child.id.as_str());
        block.children.iter().filter_map(child).collect()
    }

    /// All text, one line a block, the title first.
    pub(crate) fn plain(&self) -> String {
        let mut plain = self.title.to_plain();
        for text in self.blocks.iter().filter_map(|block| block.content.as_ref()?.text()) {
            if !plain.is_empty() {
                plain.push('\n');
            }
            plain.push_str(&text.to_plain());
        }
        plain
    }
}

/// Documents that were read last, bounded by the bytes of their stored JSON, by the key of the blob
/// they were read from: a revision's number may come again after a snapshot was put back, a key
/// never does.
pub(crate) struct DocumentCache(Mutex<Entries>);

struct Entries {
    documents: LruCache<String, (Arc<Loaded>, usize)>,
    bytes: usize,
}

/// What the cache may hold, bytes of JSON.
const MOST_BYTES: usize = 16 << 20;

impl Default for DocumentCache {
    fn default() -> Self {
        Self(Mutex::new(Entries { documents: LruCache::unbounded(), bytes: 0 }))
    }
}

impl DocumentCache {
    fn get(&self, blob_key: &str) -> Option<Arc<Loaded>> {
        let mut entries = self.0.lock();
        let (loaded, _) = entries.documents.get(blob_key)?;
        Some(Arc::clone(loaded))
    }

    fn put(&self, blob_key: &str, loaded: &Arc<Loaded>, bytes: usize) {
        if bytes > MOST_BYTES / 2 {
            return;
        }
        let mut entries = self.0.lock();
        let key = blob_key.to_owned();
        entries.bytes += bytes;
        if let Some((_, (_, old))) = entries.documents.push(key, (Arc::clone(loaded), bytes)) {
            entries.bytes -= old;
        }
        while entries.bytes > MOST_BYTES {
            let Some((_, (_, old))) = entries.documents.pop_lru() else { break };
            entries.bytes -= old;
        }
    }
}

/// Reads a document's blocks, from the cache or the store.
pub(crate) async fn load(
    services: &Services,
    token: &str,
    revision: i64,
    blob_key: &str,
) -> Result<Arc<Loaded>, ApiError> {
    let cache = &services.caches.documents;
    if let Some(loaded) = cache.get(blob_key) {
        return Ok(loaded);
    }
    let (document, bytes) = crate::stored::document(&services.store, blob_key)
        .await
        .map_err(|error| codes::INTERNAL.caused_by(error))?;
    let loaded = Arc::new(Loaded::new(token, revision, document));
    cache.put(blob_key, &loaded, bytes);
    Ok(loaded)
}
