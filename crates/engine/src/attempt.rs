//! One attempt at one task, from the lease to its end in the store. When attempts happen is
//! decided in `worker`, what follows one in `policy`.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use larkspur_model::task::{Failure, FailureKind, State};
use larkspur_store::Error as StoreError;
use larkspur_store::tasks::{self, Leased};
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use crate::Shared;
use crate::crash::{CrashPoint, Fate};
use crate::held::Held;
use crate::job::{Attempt, Stop, Success};
use crate::plan;
use crate::policy::{self, Next};
use crate::trace::Outcome;

/// How long an attempt that was told to end may take to do so by itself.
const SAFE_POINT: Duration = Duration::from_millis(700);
/// Wait before an end is written once more after the store was not available.
const STORE_WAIT: Duration = Duration::from_millis(200);

/// An attempt whose job has returned; its end is not yet written.
pub(crate) struct Returned {
    leased: Leased,
    held: Arc<Held>,
    result: Result<Success, Stop>,
    took: Duration,
    span: Span,
}

/// Lets the job of a leased task run. `None`: the attempt has vanished, as a test wanted.
pub(crate) async fn run(shared: &Shared, leased: Leased, held: Arc<Held>) -> Option<Returned> {
    let task = leased.fence.task;
    let span = shared.origins.attempt(&leased);
    let begun = Instant::now();
    shared.events.tell(task, State::Running);
    if shared.settings.hooks.at(CrashPoint::AfterLease, task) == Fate::Vanish {
        return None;
    }
    let result = perform(shared, &leased, &held).instrument(span.clone()).await;
    Some(Returned { leased, held, result, took: begun.elapsed(), span })
}

async fn perform(shared: &Shared, leased: &Leased, held: &Arc<Held>) -> Result<Success, Stop> {
    let task = leased.fence.task;
    match shared.jobs.get(leased.family.as_str()) {
        // It was told to end while it lay leased.
        _ if held.token.is_cancelled() => Err(Stop::Cancelled),
        _ if let Some(stop) = plan::instead(leased) => Err(stop),
        None => Err(Stop::retry(format_args!("no job for tasks of family {}", leased.family))),
        Some(job) => {
            let attempt = Attempt::new(leased, Arc::clone(held), shared.store.db.clone());
            let run = AssertUnwindSafe(job.run(&attempt, &leased.payload)).catch_unwind();
            let told_to_end = async {
                held.token.cancelled().await;
                tokio::time::sleep(SAFE_POINT).await;
            };
            tokio::select! {
                biased;
                returned = run => returned.unwrap_or_else(|panic| Err(panicked(task, panic.as_ref()))),
                () = told_to_end => Err(Stop::Cancelled),
            }
        }
    }
}

fn panicked(task: i64, panic: &(dyn std::any::Any + Send)) -> Stop {
    let said = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    tracing::error!(task, panic = %said, "a job panicked");
    Stop::retry(format_args!("the job panicked: {said}"))
}

/// Writes the end of an attempt; gives the lease up in any case.
pub(crate) async fn finish(shared: &Shared, returned: Returned) {
    let Returned { leased, held, result, took, span } = returned;
    let task = leased.fence.task;
    if shared.settings.hooks.at(CrashPoint::BeforeFinish, task) == Fate::Live {
        let tries = leased.attempt - leased.interruptions;
        let next = policy::next(result, held.reason(), tries, leased.max_attempts);
        let mut outcome = Outcome::meant(&next);
        match end(shared, &leased, &held, next, tries).await {
            Ok(Some(state)) => {
                outcome = outcome.written(state);
                if state.is_final() {
                    shared.origins.forget(task, &span);
                }
                shared.meter.ended(&leased.family, state, Some(took));
                let hooks = &shared.settings.hooks;
                if hooks.at(CrashPoint::AfterFinishCommit, task) == Fate::Live {
                    shared.events.tell(task, state);
                }
            }
            Ok(None) => {}
            Err(StoreError::Conflict { label: tasks::FENCE }) => {
                outcome = Outcome::Lost;
                tracing::info!(task, "the lease was lost; the attempt came to nothing");
            }
            // The lease expires, and the task is done again.
            Err(error) => {
                outcome = Outcome::Unwritten;
                tracing::error!(task, ?error, "the end of an attempt is not written");
            }
        }
        outcome.record(&span);
    }
    shared.held.remove(leased.fence);
}

/// Writes what follows; gives the task's state, `None` where it is not this node's to say.
async fn end(
    shared: &Shared,
    leased: &Leased,
    held: &Held,
    next: Next,
    tries: i64,
) -> Result<Option<State>, StoreError> {
    let (db, fence) = (&shared.store.db, leased.fence);
    let now_ms = shared.clock.now_ms();
    let (transaction, state) = match next {
        Next::Forget => return Ok(None),
        Next::Release => {
            tasks::release(db, &[fence], now_ms).await?;
            return Ok(Some(State::Queued));
        }
        Next::Retry { cause } => return retry(shared, leased, &cause, tries).await.map(Some),
        Next::Cancel => (tasks::cancelled(fence, now_ms), State::Cancelled),
        Next::Fail(failure) => (tasks::failed(fence, &failure, now_ms)?, State::Failed),
        Next::Succeed(success) => {
            let Success { output, losses, publish } = success;
            let mut transaction = tasks::succeeded(fence, output, &losses, now_ms)?;
            transaction.append(publish);
            (transaction, State::Succeeded)
        }
    };
    loop {
        let Err(error) = db.commit(transaction.clone()).await else { return Ok(Some(state)) };
        match error {
            StoreError::Conflict { label: tasks::FENCE } => return Err(error),
            StoreError::Conflict { .. } | StoreError::Duplicate(_) => {
                // What it wanted to publish no longer fits what is there: look again.
                let cause = error.to_string();
                if tries < leased.max_attempts {
                    return retry(shared, leased, &cause, tries).await.map(Some);
                }
                let failure = Failure::new(FailureKind::Internal, cause);
                db.commit(tasks::failed(fence, &failure, now_ms)?).await?;
                return Ok(Some(State::Failed));
            }
            // The result is at hand: keep trying for as long as the lease lasts. Had the first
            // one gone through after all, the fence stops the second.
            error if error.is_transient() && shared.real_clock.now_ms() < held.until_ms() => {
                tracing::warn!(task = fence.task, ?error, "the end of an attempt has to wait");
                tokio::time::sleep(STORE_WAIT).await;
            }
            error => return Err(error),
        }
    }
}

async fn retry(
    shared: &Shared,
    leased: &Leased,
    cause: &str,
    tries: i64,
) -> Result<State, StoreError> {
    let wait_ms = if plan::dies(leased) {
        // Who rehearses a death wants to see what follows.
        0
    } else {
        shared.settings.backoff.wait_ms(tries, shared.ids.random())
    };
    let run_at_ms = shared.real_clock.now_ms() + wait_ms;
    tracing::info!(task = leased.fence.task, cause, wait_ms, "another attempt follows");
    let now_ms = shared.clock.now_ms();
    tasks::retry(&shared.store.db, leased.fence, run_at_ms, cause, now_ms).await
}
