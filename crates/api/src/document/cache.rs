//! Documents that were read or edited last, bounded, and the locks that put the edits of one document
//! one behind the other.

use std::sync::{Arc, OnceLock};

use larkspur_model::document::{PAGE, Tree};
use larkspur_model::id::ObjectToken;
use lru::LruCache;
use parking_lot::Mutex;

/// One revision of a document.
pub(crate) struct Loaded {
    pub(crate) token: ObjectToken,
    pub(crate) revision: i64,
    /// Names this content, and never another one.
    pub(crate) version: String,
    pub(crate) tree: Tree,
    /// Size of its JSON, about.
    pub(crate) bytes: usize,
    order: OnceLock<Vec<String>>,
}

impl Loaded {
    pub(crate) const fn new(
        token: ObjectToken,
        revision: i64,
        version: String,
        tree: Tree,
        bytes: usize,
    ) -> Self {
        Self { token, revision, version, tree, bytes, order: OnceLock::new() }
    }

    /// The ids of all blocks below the page, pre-order.
    pub(crate) fn order(&self) -> &[String] {
        self.order
            .get_or_init(|| self.tree.order_under(PAGE).into_iter().map(str::to_owned).collect())
    }

    /// The id of a block within the tree, where the page is named otherwise than on the wire.
    pub(crate) fn inner<'a>(&self, block_id: &'a str) -> &'a str {
        if block_id == self.token.as_str() { PAGE } else { block_id }
    }
}

/// What the cache may hold, bytes of JSON.
const MOST_BYTES: usize = 16 << 20;
/// Documents whose edits may wait for each other by mistake: those that share a lock.
const LOCKS: usize = 64;

/// Documents that were read or edited last, by the version of their content.
pub(crate) struct DocumentCache {
    entries: Mutex<Entries>,
    locks: [tokio::sync::Mutex<()>; LOCKS],
}

struct Entries {
    documents: LruCache<String, Arc<Loaded>>,
    bytes: usize,
}

impl Default for DocumentCache {
    fn default() -> Self {
        Self {
            entries: Mutex::new(Entries { documents: LruCache::unbounded(), bytes: 0 }),
            locks: std::array::from_fn(|_| tokio::sync::Mutex::default()),
        }
    }
}

impl DocumentCache {
    pub(super) fn get(&self, version: &str) -> Option<Arc<Loaded>> {
        self.entries.lock().documents.get(version).cloned()
    }

    /// Keeps a document. The one it was made from goes: it is hardly read again.
    pub(crate) fn put(&self, loaded: &Arc<Loaded>, instead_of: Option<&str>) {
        let mut entries = self.entries.lock();
        if let Some(old) = instead_of.and_then(|version| entries.documents.pop(version)) {
            entries.bytes -= old.bytes;
        }
        if loaded.bytes > MOST_BYTES / 2 {
            return;
        }
        entries.bytes += loaded.bytes;
        if let Some((_, old)) = entries.documents.push(loaded.version.clone(), Arc::clone(loaded)) {
            entries.bytes -= old.bytes;
        }
        while entries.bytes > MOST_BYTES {
            let Some((_, old)) = entries.documents.pop_lru() else { break };
            entries.bytes -= old.bytes;
        }
    }

    /// Held while a document is edited. Other nodes are kept off by its revision.
    pub(crate) async fn lock(&self, token: &ObjectToken) -> tokio::sync::MutexGuard<'_, ()> {
        let at = token
            .as_str()
            .bytes()
            .fold(0_usize, |at, byte| at.wrapping_mul(31).wrapping_add(usize::from(byte)));
        self.locks[at % LOCKS].lock().await
    }
}
