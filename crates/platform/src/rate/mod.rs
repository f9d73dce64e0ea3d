//! How often: ceilings for an operation, an app and a tenant, and for a document (contract, NOTES
//! §1.3). Counts stand in windows of the virtual clock: the second, the minute, the day it is.

mod shared;
mod windows;

use std::hash::{DefaultHasher, Hasher as _};
use std::num::NonZeroUsize;
use std::sync::Arc;

use larkspur_model::id::Ids;
use larkspur_model::time::{Clock, Millis};
use larkspur_store::{Db, rates};
use lru::LruCache;
use parking_lot::Mutex;

use self::shared::{Claim, Shared};
use self::windows::Windows;
use crate::Error;

/// How often something may be called; zero and `false` stand for no such ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ceilings {
    /// Calls a second.
    pub per_second: u32,
    /// Calls a minute.
    pub per_minute: u32,
    /// Calls a day.
    pub per_day: u32,
    /// Whether a second call at the same time is refused.
    pub no_concurrency: bool,
    /// Calls a second on one document.
    pub per_document_per_second: u32,
    /// Whether a second call at the same time on one document is refused.
    pub per_document_serial: bool,
}

impl Ceilings {
    /// No ceiling at all.
    pub const NONE: Self = Self {
        per_second: 0,
        per_minute: 0,
        per_day: 0,
        no_concurrency: false,
        per_document_per_second: 0,
        per_document_serial: false,
    };

    /// Whether there is a ceiling for each document.
    pub const fn of_documents(&self) -> bool {
        self.per_document_per_second > 0 || self.per_document_serial
    }

    /// Those of one document, as ceilings of a bucket of its own.
    const fn document(&self) -> Self {
        Self {
            per_second: self.per_document_per_second,
            no_concurrency: self.per_document_serial,
            ..Self::NONE
        }
    }
}

/// Which ceiling was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceiling {
    /// So many calls a second.
    Second,
    /// So many calls a minute.
    Minute,
    /// So many calls a day.
    Day,
    /// One call at a time.
    Concurrency,
}

/// A call that is one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limited {
    /// The ceiling that was hit.
    pub ceiling: Ceiling,
    /// Its calls.
    pub calls: u32,
    /// Seconds until the window is over, at least 1.
    pub reset_s: u32,
    /// Whether it is the document's ceiling.
    pub document: bool,
}

impl Limited {
    /// What was hit and when to come back, in a sentence.
    pub fn why(&self) -> String {
        let of = if self.document { " on one document" } else { "" };
        let per = match self.ceiling {
            Ceiling::Second => "second",
            Ceiling::Minute => "minute",
            Ceiling::Day => "day",
            Ceiling::Concurrency => {
                return format!("another call{of} is still running; send one after the other");
            }
        };
        let (calls, wait) = (self.calls, self.reset_s);
        format!("{calls} calls a {per}{of} are the ceiling; come back in {wait} s")
    }
}

/// What a call counts for.
#[derive(Debug, Clone, Copy)]
pub struct Bucket<'a> {
    /// The operation.
    pub operation: &'a str,
    /// The app that calls.
    pub app: &'a str,
    /// The tenant it calls for.
    pub tenant: &'a str,
    /// The document, where ceilings for each are there.
    pub document: Option<&'a str>,
}

/// Shards, so that callers seldom wait for each other.
const SHARDS: usize = 16;
/// Buckets in a shard; a bucket takes about 150 bytes. The one unused longest makes room.
const BUCKETS: NonZeroUsize = NonZeroUsize::new(4_096).expect("not zero");

/// Counts calls against ceilings. Cheap to clone; all clones count together. On a database that
/// several nodes share, they count together too.
#[derive(Clone)]
pub struct Limiter(Arc<Inner>);

struct Inner {
    shards: [Mutex<LruCache<u128, Windows>>; SHARDS],
    seeds: [u64; 2],
    shared: Option<Shared>,
}

impl std::fmt::Debug for Limiter {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Limiter").finish_non_exhaustive()
    }
}

/// Permission for a call; what runs alone is free again when this is dropped.
#[derive(Default)]
pub struct Pass {
    held: Option<(Limiter, [Option<u128>; 2])>,
    claims: Vec<Claim>,
}

impl Pass {
    /// The call has ended: when this returns, the next one may run.
    pub async fn leave(mut self) {
        for claim in self.claims.drain(..) {
            claim.give_back().await;
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let Some((limiter, keys)) = self.held.take() else { return };
        for key in keys.into_iter().flatten() {
            if let Some(windows) = limiter.shard(key).lock().peek_mut(&key) {
                windows.leave();
            }
        }
    }
}

impl Limiter {
    /// Counts in this process.
    pub fn in_memory(ids: &Ids) -> Self {
        Self::counting(ids, None)
    }

    /// Counts where the nodes on `db` count: in this process where there is only one.
    pub fn new(db: &Db, ids: &Arc<Ids>, real_clock: Arc<dyn Clock>) -> Self {
        let shared = rates::are_shared(db).then(|| Shared {
            db: db.clone(),
            ids: Arc::clone(ids),
            real_clock,
        });
        Self::counting(ids, shared)
    }

    fn counting(ids: &Ids, shared: Option<Shared>) -> Self {
        let shards = std::array::from_fn(|_| Mutex::new(LruCache::new(BUCKETS)));
        Self(Arc::new(Inner { shards, seeds: [ids.random(), ids.random()], shared }))
    }

    /// Counts a call at `now_ms`, or says that it is one too many; such a call is not counted.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn enter(
        &self,
        bucket: &Bucket<'_>,
        ceilings: &Ceilings,
        now_ms: Millis,
    ) -> Result<Result<Pass, Limited>, Error> {
        match &self.0.shared {
            None => Ok(self.enter_here(bucket, ceilings, now_ms)),
            Some(shared) => self.enter_together(shared, bucket, ceilings, now_ms).await,
        }
    }

    /// As [`enter`](Self::enter), counting the calls of this process alone.
    pub fn enter_here(
        &self,
        bucket: &Bucket<'_>,
        ceilings: &Ceilings,
        now_ms: Millis,
    ) -> Result<Pass, Limited> {
        let mut pass = Pass::default();
        if let Some(document) = bucket.document.filter(|_| ceilings.of_documents()) {
            let key = self.key(bucket, Some(document));
            let own = ceilings.document();
            self.count(key, &own, now_ms).map_err(|it| Limited { document: true, ..it })?;
            self.hold(&mut pass, 0, key, &own);
        }
        let key = self.key(bucket, None);
        self.count(key, ceilings, now_ms)?;
        self.hold(&mut pass, 1, key, ceilings);
        Ok(pass)
    }

    async fn enter_together(
        &self,
        shared: &Shared,
        bucket: &Bucket<'_>,
        ceilings: &Ceilings,
        now_ms: Millis,
    ) -> Result<Result<Pass, Limited>, Error> {
        let mut pass = Pass::default();
        let document = bucket.document.filter(|_| ceilings.of_documents());
        let own = ceilings.document();
        let steps = [(document, &own), (None, ceilings)];
        for (document, ceilings) in &steps[usize::from(document.is_none())..] {
            let key = self.key(bucket, *document);
            // Calls of a window only grow in number: one that is full stays so until it is over.
            let known = self.shard(key).lock().get(&key).copied();
            let mut refusal = known.and_then(|windows| windows.refusal(ceilings, now_ms));
            if refusal.is_none() {
                match shared.count(bucket, *document, ceilings, now_ms).await? {
                    Ok(claim) => pass.claims.extend(claim),
                    Err((windows, limited)) => {
                        self.shard(key).lock().put(key, windows);
                        refusal = Some(limited);
                    }
                }
            }
            if let Some(limited) = refusal {
                return Ok(Err(Limited { document: document.is_some(), ..limited }));
            }
        }
        Ok(Ok(pass))
    }

    /// Calls of this bucket counted in the second, the minute and the day of `now_ms`, as this process
    /// knows of them.
    pub fn counted(&self, bucket: &Bucket<'_>, now_ms: Millis) -> [u32; 3] {
        let key = self.key(bucket, bucket.document);
        self.shard(key).lock().peek(&key).map_or([0; 3], |windows| windows.counted(now_ms))
    }

    fn hold(&self, pass: &mut Pass, at: usize, key: u128, ceilings: &Ceilings) {
        if ceilings.no_concurrency {
            let (_, keys) = pass.held.get_or_insert_with(|| (self.clone(), [None; 2]));
            keys[at] = Some(key);
        }
    }

    fn count(&self, key: u128, ceilings: &Ceilings, now_ms: Millis) -> Result<(), Limited> {
        let mut shard = self.shard(key).lock();
        shard.get_or_insert_mut(key, Windows::default).enter(ceilings, now_ms)
    }

    fn shard(&self, key: u128) -> &Mutex<LruCache<u128, Windows>> {
        &self.0.shards[key as usize % SHARDS]
    }

    /// Forgets the calls of `tenant`, or of everybody, as this process remembers them. Where nodes
    /// count together, the store forgets with the state that the calls belonged to.
    pub fn forget(&self, tenant: Option<&str>) {
        let of = tenant.map(|tenant| self.hash(0, &[tenant]));
        for shard in &self.0.shards {
            let mut shard = shard.lock();
            let gone = |key: &u128| of.is_none_or(|of| (key >> 64) as u64 == of);
            let keys: Vec<u128> = shard.iter().map(|(key, _)| *key).filter(gone).collect();
            for key in keys {
                shard.pop(&key);
            }
        }
    }

    /// Stands for a bucket, so that looking one up takes no memory: 64 bits for the tenant, 64 for
    /// everything. Two of the buckets that are remembered meet once in longer than there are calls.
    fn key(&self, bucket: &Bucket<'_>, document: Option<&str>) -> u128 {
        let Bucket { operation, app, tenant, .. } = *bucket;
        let all = self.hash(1, &[operation, app, tenant, document.unwrap_or_default()]);
        u128::from(self.hash(0, &[tenant])) << 64 | u128::from(all)
    }

    fn hash(&self, seed: usize, parts: &[&str]) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write_u64(self.0.seeds[seed]);
        for part in parts {
            hasher.write(part.as_bytes());
            hasher.write_u8(0xff);
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: Bucket<'static> =
        Bucket { operation: "get", app: "cli_a", tenant: "t", document: None };
    /// The beginning of a minute.
    const START_MS: Millis = 1_795_244_400_000;

    fn limiter() -> Limiter {
        Limiter::in_memory(&Ids::from_seed(1))
    }

    #[test]
    fn windows_follow_the_clock_and_refused_calls_do_not_count() {
        let limiter = limiter();
        let ceilings = Ceilings { per_second: 2, per_minute: 3, ..Ceilings::NONE };
        let enter = |now_ms| limiter.enter_here(&BUCKET, &ceilings, now_ms).map(drop);
        assert_eq!((enter(START_MS), enter(START_MS + 999)), (Ok(()), Ok(())));
        for _ in 0..10 {
            let met = enter(START_MS + 999).unwrap_err();
            let expected = (Ceiling::Second, 2, 1);
            assert_eq!((met.ceiling, met.calls, met.reset_s), expected);
        }
        assert_eq!(enter(START_MS + 1_000), Ok(()));
        let met = enter(START_MS + 30_000).unwrap_err();
        assert_eq!((met.ceiling, met.calls, met.reset_s), (Ceiling::Minute, 3, 30));
        assert_eq!(enter(START_MS + 60_000), Ok(()));
        // A clock that was set back by much begins again.
        assert_eq!(enter(START_MS - 3_600_000), Ok(()));
    }

    #[test]
    fn apps_tenants_operations_and_documents_have_buckets_of_their_own() {
        let limiter = limiter();
        let ceilings = Ceilings { per_second: 1, ..Ceilings::NONE };
        for bucket in [
            BUCKET,
            Bucket { app: "cli_b", ..BUCKET },
            Bucket { tenant: "u", ..BUCKET },
            Bucket { operation: "list", ..BUCKET },
        ] {
            assert!(limiter.enter_here(&bucket, &ceilings, START_MS).is_ok());
            assert!(limiter.enter_here(&bucket, &ceilings, START_MS).is_err());
        }
        limiter.forget(Some("u"));
        let other = Bucket { tenant: "u", ..BUCKET };
        assert!(limiter.enter_here(&other, &ceilings, START_MS).is_ok());
        assert!(limiter.enter_here(&BUCKET, &ceilings, START_MS).is_err());
        limiter.forget(None);
        assert!(limiter.enter_here(&BUCKET, &ceilings, START_MS).is_ok());
        let ceilings = Ceilings { per_second: 10, per_document_per_second: 1, ..Ceilings::NONE };
        for document in ["a", "b"] {
            let bucket = Bucket { operation: "edit", document: Some(document), ..BUCKET };
            assert!(limiter.enter_here(&bucket, &ceilings, START_MS).is_ok());
            let met = limiter.enter_here(&bucket, &ceilings, START_MS).map(drop).unwrap_err();
            assert!(met.document && met.why().contains("on one document"));
        }
    }

    #[test]
    fn what_runs_alone_is_free_again_once_it_has_ended() {
        let limiter = limiter();
        let alone = Ceilings { no_concurrency: true, ..Ceilings::NONE };
        let serial = Ceilings { per_document_serial: true, ..Ceilings::NONE };
        let edited = Bucket { document: Some("a"), ..BUCKET };
        for (bucket, ceilings) in [(BUCKET, alone), (edited, serial)] {
            let pass = limiter.enter_here(&bucket, &ceilings, START_MS).unwrap();
            let met = limiter.enter_here(&bucket, &ceilings, START_MS).map(drop).unwrap_err();
            assert_eq!(met.ceiling, Ceiling::Concurrency);
            drop(pass);
            assert!(limiter.enter_here(&bucket, &ceilings, START_MS).is_ok());
        }
    }
}
