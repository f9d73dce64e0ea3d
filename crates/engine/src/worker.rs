//! Workers: a loop for each lane that leases tasks and lets them run, and the one that does
//! everything in place, for tests. An attempt itself lives in `attempt`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use larkspur_store::Error as StoreError;
use larkspur_store::tasks::{self, Leased, Leasing};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::held::{Held, Reason};
use crate::{Lane, Shared, attempt, policy, upkeep};

/// Ends of attempts being written at once, in a lane. They hold no slot: the next task runs while
/// the end of the one before is on its way to disk.
const ENDING: usize = 1_024;
/// How long attempts may take to notice that the grace is over.
const LAST_CALL: Duration = Duration::from_secs(2);

/// The background work of an engine. Ends when this is dropped, at once; [`stop`](Self::stop)
/// ends it in order.
pub struct Workers {
    shared: Arc<Shared>,
    stopping: CancellationToken,
    lanes: JoinSet<()>,
    upkeep: JoinHandle<()>,
    attempts: TaskTracker,
}

/// Which of the loops that were begun still run.
#[derive(Debug, Default)]
pub(crate) struct AtWork {
    begun: AtomicBool,
    ended: AtomicUsize,
}

impl AtWork {
    pub(crate) fn all(&self) -> bool {
        self.begun.load(Ordering::Relaxed) && self.ended.load(Ordering::Relaxed) == 0
    }
}

/// Counts a loop as ended when it is dropped, whatever made it end.
struct EndOfLoop(Arc<Shared>);

impl Drop for EndOfLoop {
    fn drop(&mut self) {
        self.0.at_work.ended.fetch_add(1, Ordering::Relaxed);
    }
}

impl Workers {
    pub(crate) fn start(shared: &Arc<Shared>) -> Self {
        let stopping = CancellationToken::new();
        let attempts = TaskTracker::new();
        let ready = CancellationToken::new();
        let mut lanes = JoinSet::new();
        for lane in Lane::ALL {
            if shared.settings.slots(lane) == 0 {
                continue;
            }
            let worker = LaneWorker::new(shared, lane, &attempts);
            let (ready, stopping) = (ready.clone(), stopping.clone());
            let end = EndOfLoop(Arc::clone(shared));
            lanes.spawn(async move {
                let _end = end;
                // Orphans first: their place is before everything that waits.
                ready.cancelled().await;
                worker.run(stopping).await;
            });
        }
        let (end, kept) = (EndOfLoop(Arc::clone(shared)), Arc::clone(shared));
        let upkeep = tokio::spawn(async move {
            let _end = end;
            upkeep::run(kept, ready).await;
        });
        shared.at_work.begun.store(true, Ordering::Relaxed);
        Self { shared: Arc::clone(shared), stopping, lanes, upkeep, attempts }
    }

    /// Leases nothing more, lets running attempts end within `grace`, then tells them to end and
    /// puts their tasks back into the queue.
    pub async fn stop(mut self, grace: Duration) {
        self.stopping.cancel();
        while self.lanes.join_next().await.is_some() {}
        self.attempts.close();
        if tokio::time::timeout(grace, self.attempts.wait()).await.is_err() {
            self.shared.held.end_all(Reason::Shutdown, None);
            if tokio::time::timeout(LAST_CALL, self.attempts.wait()).await.is_err() {
                tracing::warn!("attempts did not end; their leases expire by themselves");
            }
        }
        self.upkeep.abort();
        // Whoever opens the database next must not find it in use.
        let _aborted = (&mut self.upkeep).await;
        self.shared.feed.stop().await;
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.upkeep.abort();
        self.lanes.abort_all();
    }
}

/// A leased task that waits for a slot.
struct Ready {
    leased: Leased,
    held: Arc<Held>,
}

struct LaneWorker {
    shared: Arc<Shared>,
    lane: Lane,
    slots: Arc<Semaphore>,
    ending: Arc<Semaphore>,
    attempts: TaskTracker,
    /// What attempts take, in microseconds; 0 while nobody knows.
    mean_us: Arc<AtomicU64>,
}

impl LaneWorker {
    fn new(shared: &Arc<Shared>, lane: Lane, attempts: &TaskTracker) -> Self {
        Self {
            shared: Arc::clone(shared),
            lane,
            slots: Arc::new(Semaphore::new(shared.settings.slots(lane).max(1))),
            ending: Arc::new(Semaphore::new(ENDING)),
            attempts: attempts.clone(),
            mean_us: Arc::default(),
        }
    }

    /// Leases and starts attempts until told to stop. At most one lease is on its way at a time,
    /// while what was leased before runs.
    async fn run(&self, stopping: CancellationToken) {
        let poll = Duration::from_millis(self.shared.settings.poll_ms.max(1).unsigned_abs());
        let mut ready: VecDeque<Ready> = VecDeque::new();
        let mut turn = Turn::new(self.lane);
        let mut leasing: Option<JoinHandle<(Turn, Leases)>> = None;
        let mut look = true;
        loop {
            let wanted = self.wanted(ready.len());
            if look && wanted > 0 && leasing.is_none() {
                let (shared, mut turn) = (Arc::clone(&self.shared), turn.clone());
                leasing = Some(tokio::spawn(async move {
                    let leases = lease(&shared, &mut turn, wanted, None).await;
                    (turn, leases)
                }));
            }
            tokio::select! {
                biased;
                () = stopping.cancelled() => break,
                done = async { leasing.as_mut().expect("guarded by the condition").await },
                    if leasing.is_some() =>
                {
                    leasing = None;
                    let found = self.leased(done, &mut turn, &mut ready);
                    look = found;
                }
                slot = Arc::clone(&self.slots).acquire_owned(),
                    if !ready.is_empty() || (look && wanted == 0) =>
                {
                    // With nothing ready, a free slot is what the next look waits for.
                    let (Ok(slot), Some(next)) = (slot, ready.pop_front()) else { continue };
                    self.begin(next, slot);
                }
                () = self.shared.submitted(self.lane).notified(), if !look => look = true,
                () = tokio::time::sleep(poll), if !look => look = true,
            }
        }
        if let Some(leasing) = leasing {
            let done = leasing.await;
            self.leased(done, &mut turn, &mut ready);
        }
        self.give_back(ready).await;
    }

    /// How many tasks to lease now: one for each free slot, and for tiny tasks some ahead, asked
    /// for when half of them are used up.
    fn wanted(&self, ready: usize) -> usize {
        let slots = self.shared.settings.slots(self.lane).max(1);
        let mean_us = Some(self.mean_us.load(Ordering::Relaxed)).filter(|mean_us| *mean_us > 0);
        let ahead = policy::ahead(slots, mean_us);
        let free = self.slots.available_permits();
        if ready > ahead / 2 { 0 } else { (free + ahead).saturating_sub(ready) }
    }

    fn leased(
        &self,
        done: Result<(Turn, Leases), tokio::task::JoinError>,
        turn: &mut Turn,
        ready: &mut VecDeque<Ready>,
    ) -> bool {
        let (Ok((next_turn, leases)),) = (done,) else { return false };
        *turn = next_turn;
        match leases {
            Ok((leases, until_ms)) => {
                let found = !leases.is_empty();
                ready.extend(leases.into_iter().map(|leased| Ready {
                    held: self.shared.held.add(leased.fence, &leased.tenant, until_ms),
                    leased,
                }));
                found
            }
            Err(error) => {
                tracing::error!(?error, "no tasks can be leased");
                false
            }
        }
    }

    fn begin(&self, Ready { leased, held }: Ready, slot: tokio::sync::OwnedSemaphorePermit) {
        let shared = Arc::clone(&self.shared);
        let ending = Arc::clone(&self.ending);
        let mean_us = Arc::clone(&self.mean_us);
        self.attempts.spawn(async move {
            let begun = Instant::now();
            let returned = attempt::run(&shared, leased, held).await;
            let took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX).max(1);
            let before = Some(mean_us.load(Ordering::Relaxed)).filter(|mean_us| *mean_us > 0);
            mean_us.store(policy::mean_us(before, took_us), Ordering::Relaxed);
            // The semaphore is never closed.
            let _ending = ending.acquire().await;
            drop(slot);
            if let Some(returned) = returned {
                attempt::finish(&shared, returned).await;
            }
        });
    }

    async fn give_back(&self, ready: VecDeque<Ready>) {
        let fences: Vec<_> = ready.iter().map(|ready| ready.leased.fence).collect();
        if fences.is_empty() {
            return;
        }
        let now_ms = self.shared.clock.now_ms();
        if let Err(error) = tasks::release(&self.shared.store.db, &fences, now_ms).await {
            tracing::warn!(?error, "leases are not given back; they expire by themselves");
        }
        for fence in fences {
            self.shared.held.remove(fence);
        }
    }
}

/// Whose turn it is in a lane.
#[derive(Clone)]
struct Turn {
    lane: Lane,
    served_last: String,
}

impl Turn {
    const fn new(lane: Lane) -> Self {
        Self { lane, served_last: String::new() }
    }
}

type Leases = Result<(Vec<Leased>, i64), StoreError>;

/// Leases up to `most` tasks, tenants taking turns; also gives when the leases end. Tasks that
/// wait for a time after `now_ms` (`None`: the machine's own now) stay.
async fn lease(shared: &Shared, turn: &mut Turn, most: usize, now_ms: Option<i64>) -> Leases {
    let db = &shared.store.db;
    let lane = turn.lane.number();
    loop {
        let real_ms = shared.real_clock.now_ms();
        let until_ms = real_ms + shared.settings.lease_ms;
        let behind = tasks::waiting_tenants(db, lane, &turn.served_last, most as i64).await?;
        let around = behind.len() < most;
        let start = if around && !turn.served_last.is_empty() {
            tasks::waiting_tenants(db, lane, "", (most - behind.len()) as i64).await?
        } else {
            Vec::new()
        };
        let tenants = policy::in_turn(behind, start, &turn.served_last, most);
        let Some(last) = tenants.last().cloned() else { return Ok((Vec::new(), until_ms)) };
        let leasing = Leasing {
            lane,
            lease: (shared.ids.random() >> 1) as i64,
            node: &shared.settings.node,
            now_ms: now_ms.unwrap_or(real_ms),
            until_ms,
            started_ms: shared.clock.now_ms(),
        };
        let leased = tasks::lease(db, &leasing, &policy::shares(tenants, most)).await?;
        turn.served_last = last;
        // Tenants whose tasks all wait for a later time are passed over, up to the last one.
        if !leased.is_empty() || around {
            return Ok((leased, until_ms));
        }
    }
}

pub(crate) async fn run_until_idle(shared: &Shared) -> Result<(), StoreError> {
    let mut turns = Lane::ALL.map(Turn::new);
    loop {
        let mut found = false;
        for turn in &mut turns {
            let (leases, until_ms) = lease(shared, turn, 1, Some(tasks::GATED_MS - 1)).await?;
            for leased in leases {
                found = true;
                let held = shared.held.add(leased.fence, &leased.tenant, until_ms);
                let fence = leased.fence;
                match attempt::run(shared, leased, held).await {
                    Some(returned) => attempt::finish(shared, returned).await,
                    None => shared.held.remove(fence),
                }
            }
        }
        if !found {
            return Ok(());
        }
    }
}
