//! The leases this process holds: who is to be told to end, who has made progress, whose lease
//! needs renewal. Nothing here talks to the store.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::time::Duration;

use larkspur_model::task::Progress;
use larkspur_store::tasks::Fence;
use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::pace::Pace;

/// Why an attempt was told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Somebody asked for the task to end.
    Cancel = 1,
    /// The server stops: the task goes back into the queue.
    Shutdown = 2,
    /// The lease is lost: whatever the attempt does no longer counts.
    Lost = 3,
}

/// A lease on a task.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) fence: Fence,
    tenant: String,
    pub(crate) token: CancellationToken,
    reason: AtomicU8,
    /// When the lease expires; the machine's own clock.
    until_ms: AtomicI64,
    progress: Mutex<Option<Progress>>,
    pace: Mutex<Option<Pace>>,
}

impl Held {
    pub(crate) fn report(&self, progress: Progress) {
        Pace::follow(&mut self.pace.lock(), &progress, Instant::now());
        *self.progress.lock() = Some(progress);
    }

    /// How long the stage it is in will still take, where that can be said.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.pace.lock().as_ref()?.left(Instant::now())
    }

    /// Tells the attempt to end; the first reason stands.
    pub(crate) fn end(&self, reason: Reason) {
        let _earlier =
            self.reason.compare_exchange(0, reason as u8, Ordering::SeqCst, Ordering::SeqCst);
        self.token.cancel();
    }

    pub(crate) fn reason(&self) -> Option<Reason> {
        match self.reason.load(Ordering::SeqCst) {
            1 => Some(Reason::Cancel),
            2 => Some(Reason::Shutdown),
            3 => Some(Reason::Lost),
            _ => None,
        }
    }

    pub(crate) fn until_ms(&self) -> i64 {
        self.until_ms.load(Ordering::SeqCst)
    }

    pub(crate) fn renewed(&self, until_ms: i64) {
        self.until_ms.store(until_ms, Ordering::SeqCst);
    }
}

/// All leases this process holds.
#[derive(Debug, Default)]
pub(crate) struct AllHeld {
    by_task: Mutex<HashMap<i64, Arc<Held>>>,
}

impl AllHeld {
    pub(crate) fn add(&self, fence: Fence, tenant: &str, until_ms: i64) -> Arc<Held> {
        let held = Arc::new(Held {
            fence,
            tenant: tenant.to_owned(),
            token: CancellationToken::new(),
            reason: AtomicU8::new(0),
            until_ms: AtomicI64::new(until_ms),
            progress: Mutex::new(None),
            pace: Mutex::new(None),
        });
        if let Some(earlier) = self.by_task.lock().insert(fence.task, Arc::clone(&held)) {
            // The task could only be leased again because the earlier lease had expired.
            earlier.end(Reason::Lost);
        }
        held
    }

    pub(crate) fn remove(&self, fence: Fence) {
        let mut by_task = self.by_task.lock();
        if by_task.get(&fence.task).is_some_and(|held| held.fence == fence) {
            by_task.remove(&fence.task);
        }
    }

    pub(crate) fn of_task(&self, task: i64) -> Option<Arc<Held>> {
        self.by_task.lock().get(&task).cloned()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_task.lock().is_empty()
    }

    /// Those whose lease ends before `until_ms`.
    pub(crate) fn ending_before(&self, until_ms: i64) -> Vec<Arc<Held>> {
        let by_task = self.by_task.lock();
        by_task.values().filter(|held| held.until_ms() < until_ms).cloned().collect()
    }

    /// What has been reported since the last time this was asked.
    pub(crate) fn take_progress(&self) -> Vec<(Fence, Progress)> {
        let by_task = self.by_task.lock();
        by_task
            .values()
            .filter_map(|held| held.progress.lock().take().map(|progress| (held.fence, progress)))
            .collect()
    }

    /// Tells all attempts to end, or those for `tenant`.
    pub(crate) fn end_all(&self, reason: Reason, tenant: Option<&str>) {
        for held in self.by_task.lock().values() {
            if tenant.is_none_or(|tenant| held.tenant == tenant) {
                held.end(reason);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_lease_ends_the_older_and_survives_its_removal() {
        let all = AllHeld::default();
        let older = all.add(Fence { task: 1, lease: 1 }, "t", 10);
        let newer = all.add(Fence { task: 1, lease: 2 }, "t", 20);
        assert_eq!((older.reason(), newer.reason()), (Some(Reason::Lost), None));
        all.remove(older.fence);
        assert!(all.of_task(1).is_some_and(|held| held.fence.lease == 2));
        all.remove(newer.fence);
        assert!(all.is_empty());
    }

    #[test]
    fn one_tenants_attempts_end_without_the_others() {
        let all = AllHeld::default();
        let mine = all.add(Fence { task: 1, lease: 1 }, "mine", 10);
        let theirs = all.add(Fence { task: 2, lease: 1 }, "theirs", 10);
        all.end_all(Reason::Lost, Some("mine"));
        assert_eq!((mine.reason(), theirs.reason()), (Some(Reason::Lost), None));
        all.end_all(Reason::Shutdown, None);
        assert_eq!((mine.reason(), theirs.reason()), (Some(Reason::Lost), Some(Reason::Shutdown)));
    }

    #[test]
    fn the_first_reason_stands() {
        let held = AllHeld::default().add(Fence { task: 1, lease: 1 }, "t", 10);
        held.end(Reason::Cancel);
        held.end(Reason::Shutdown);
        assert_eq!(held.reason(), Some(Reason::Cancel));
    }
}
