//! What has to be done beside the tasks: orphans and expired leases back into the queue, leases
//! renewed, progress written, requests to end passed on, old things swept.

use std::sync::Arc;
use std::time::Duration;

use larkspur_model::id::first_number;
use larkspur_model::task::{Failure, FailureKind};
use larkspur_store::Error as StoreError;
use larkspur_store::events;
use larkspur_store::tasks::{self, Interrupted, Renewal};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::held::Reason;
use crate::{Lane, Shared, plan};

/// How often progress is written, at most.
const TICK: Duration = Duration::from_millis(200);
/// How often requests to end that came in on other nodes are looked for.
const CANCELS: Duration = Duration::from_millis(400);
/// How often gates that open by themselves are looked at; polls and a moved clock open them at once.
const GATES: Duration = Duration::from_secs(1);
/// Wait before orphans are looked for again when the store was not available.
const STORE_WAIT: Duration = Duration::from_millis(500);
/// Tasks one step of a sweep looks at.
const STEP: i64 = 500;
/// Transitions one step of a sweep cuts off the log.
const EVENTS_STEP: i64 = 5_000;

/// A thing that is due every so often.
struct Every {
    period: Duration,
    next: Instant,
}

impl Every {
    fn new(period: Duration, now: Instant) -> Self {
        Self { period, next: now + period }
    }

    fn is_due(&mut self, now: Instant) -> bool {
        let due = now >= self.next;
        if due {
            self.next = now + self.period;
        }
        due
    }
}

fn of_ms(ms: i64) -> Duration {
    Duration::from_millis(ms.max(1).unsigned_abs())
}

/// Runs until aborted; fires `ready` when the orphans of this node are back in the queue.
pub(crate) async fn run(shared: Arc<Shared>, ready: CancellationToken) {
    let node = shared.settings.node.clone();
    while let Err(error) = interrupt(&shared, Interrupted::Orphaned { node: &node }).await {
        tracing::error!(?error, "orphaned tasks cannot be put back yet");
        tokio::time::sleep(STORE_WAIT).await;
    }
    ready.cancel();
    let mut sweeping = tokio::task::JoinSet::new();
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let now = Instant::now();
    let third = of_ms(shared.settings.lease_ms / 3);
    let mut expiring = Every::new(third.min(Duration::from_secs(5)), now);
    let mut renewing = Every::new(third / 2, now);
    let mut cancelling = Every::new(CANCELS, now);
    let mut opening = Every::new(GATES, now);
    let mut sweep_due = Every::new(of_ms(shared.settings.sweep_every_ms), now);
    loop {
        let now = tick.tick().await;
        let idle = shared.held.is_empty();
        if !idle {
            warn(write_progress(&shared).await, "progress is not written");
            if renewing.is_due(now) {
                warn(renew(&shared).await, "leases are not renewed");
            }
            if cancelling.is_due(now) {
                warn(pass_on_cancels(&shared).await, "requests to end are not seen");
            }
        }
        if opening.is_due(now) {
            warn(plan::open_due(&shared).await, "gates are not opened in time");
        }
        if expiring.is_due(now) {
            let now_ms = shared.real_clock.now_ms();
            let expired = interrupt(&shared, Interrupted::Expired { now_ms }).await;
            warn(expired, "expired leases are not taken back");
        }
        let _swept = sweeping.try_join_next();
        if sweep_due.is_due(now) && sweeping.is_empty() {
            let shared = Arc::clone(&shared);
            sweeping.spawn(async move { warn(sweep(&shared).await, "old things are not swept") });
        }
    }
}

fn warn(result: Result<(), StoreError>, what: &'static str) {
    if let Err(error) = result {
        tracing::warn!(?error, "{what}");
    }
}

async fn write_progress(shared: &Shared) -> Result<(), StoreError> {
    let reports = shared.held.take_progress();
    if reports.is_empty() {
        return Ok(());
    }
    tasks::progress(&shared.store.db, &reports).await
}

async fn renew(shared: &Shared) -> Result<(), StoreError> {
    let now_ms = shared.real_clock.now_ms();
    let lease_ms = shared.settings.lease_ms;
    let due = shared.held.ending_before(now_ms + lease_ms - lease_ms / 3);
    if due.is_empty() {
        return Ok(());
    }
    let until_ms = now_ms + lease_ms;
    let fences: Vec<_> = due.iter().map(|held| held.fence).collect();
    let renewals = tasks::renew(&shared.store.db, &fences, until_ms).await?;
    for (held, renewal) in due.iter().zip(renewals) {
        match renewal {
            Renewal::Held => held.renewed(until_ms),
            Renewal::CancelRequested => {
                held.renewed(until_ms);
                held.end(Reason::Cancel);
            }
            Renewal::Lost => held.end(Reason::Lost),
        }
    }
    Ok(())
}

async fn pass_on_cancels(shared: &Shared) -> Result<(), StoreError> {
    for fence in tasks::cancel_requests(&shared.store.db, &shared.settings.node).await? {
        if let Some(held) = shared.held.of_task(fence.task)
            && held.fence == fence
        {
            held.end(Reason::Cancel);
        }
    }
    Ok(())
}

/// Takes back what is leased to workers that are gone.
pub(crate) async fn interrupt(shared: &Shared, which: Interrupted<'_>) -> Result<(), StoreError> {
    let most = shared.settings.most_interruptions;
    let failure = Failure::new(
        FailureKind::Crashed,
        format!("the server ended {most} times while it worked on this task"),
    );
    let now_ms = shared.clock.now_ms();
    let interrupted = tasks::interrupt(&shared.store.db, which, most, &failure, now_ms).await?;
    for interruption in &interrupted {
        tracing::info!(task = interruption.task, state = ?interruption.state, "a lease is taken back");
        shared.events.tell(interruption.task, interruption.state);
        if interruption.state.is_final() {
            shared.count_end(interruption.task, interruption.state).await;
        }
    }
    if !interrupted.is_empty() {
        for lane in Lane::ALL {
            shared.submitted(lane).notify_one();
        }
    }
    Ok(())
}

/// Empties and removes ended tasks whose time has come, and what has run out elsewhere: tokens,
/// uploads, import sources, exports, blobs nothing names.
pub(crate) async fn sweep(shared: &Shared) -> Result<(), StoreError> {
    sweep_tasks(shared).await?;
    let (now_ms, real_ms) = (shared.clock.now_ms(), shared.real_clock.now_ms());
    shared.store.sweep(now_ms, real_ms).await.map(|_| ())
}

/// The part of a sweep that the domain's clock alone decides.
pub(crate) async fn expire(shared: &Shared) -> Result<(), StoreError> {
    sweep_tasks(shared).await?;
    shared.store.expire(shared.clock.now_ms()).await
}

/// Tasks, and the log of what became of them.
async fn sweep_tasks(shared: &Shared) -> Result<(), StoreError> {
    let now_ms = shared.clock.now_ms();
    let empty_before_ms = now_ms - shared.settings.keep_contents_ms;
    let remove_before_ms = now_ms - shared.settings.keep_tasks_ms;
    // A task that ended before then was submitted before then, and has a smaller number.
    let until = first_number(empty_before_ms.max(remove_before_ms));
    let mut after = 0;
    loop {
        let db = &shared.store.db;
        let swept = tasks::sweep(db, after, until, STEP, empty_before_ms, remove_before_ms).await?;
        match swept.next {
            Some(next) => after = next,
            None => break,
        }
    }
    let (db, settings) = (&shared.store.db, &shared.settings);
    let before_ms = now_ms - settings.keep_events_ms;
    while events::cut_off(db, before_ms, settings.keep_events, EVENTS_STEP).await? {}
    Ok(())
}
