//! How a task ends, or goes back into the queue. Every change by a worker compares its lease, in
//! the transaction that makes the result visible.

use larkspur_model::loss::Losses;
use larkspur_model::task::{Failure, State};

use super::{Fence, state, to_json};
use crate::db::Db;
use crate::error::Error;
use crate::sql::{Bulk, Kind, Transaction};
use crate::{events, params};

/// The label of the conflict of a worker that has lost its lease.
pub const FENCE: &str = "the lease on the task is lost";

const SUCCEEDED: &str = "UPDATE tasks SET state = 2, output = $3, losses = $4, finished_ms = $5, \
    changed_ms = $5, progress = NULL, retry_cause = NULL WHERE id = $1 AND lease_id = $2 AND state = 1";

static SUCCEEDED_MANY: Bulk = Bulk {
    sql: "UPDATE tasks SET state = 2, output = done.output, losses = done.losses, \
        finished_ms = done.finished_ms, changed_ms = done.finished_ms, progress = NULL, retry_cause = NULL \
        FROM UNNEST($1::bigint[], $2::bigint[], $3::bytea[], $4::text[], $5::bigint[]) \
            AS done(id, lease_id, output, losses, finished_ms) \
        WHERE tasks.id = done.id AND tasks.lease_id = done.lease_id AND tasks.state = 1 \
        RETURNING tasks.id",
    kinds: &[Kind::Int, Kind::Int, Kind::Bytes, Kind::Text, Kind::Int],
};

/// The task has succeeded; fails with [`FENCE`] when the lease is lost. What makes the result
/// visible belongs behind it, in the same transaction.
pub fn succeeded(
    fence: Fence,
    output: Vec<u8>,
    losses: &Losses,
    finished_ms: i64,
) -> Result<Transaction, Error> {
    let losses = if losses.is_empty() { None } else { Some(to_json(losses)?) };
    let mut transaction = Transaction::new();
    transaction.require_one_of_many(
        FENCE,
        SUCCEEDED,
        &SUCCEEDED_MANY,
        params![fence.task, fence.lease, output, losses, finished_ms],
    );
    Ok(transaction)
}

const HELD: &str = "UPDATE tasks SET lease_id = lease_id \
    WHERE id = $1 AND lease_id = $2 AND state = 1";

/// The task goes on; fails with [`FENCE`] when the lease is lost. What an attempt wants to be sure
/// of before its end belongs behind it, in the same transaction.
pub fn held(fence: Fence) -> Transaction {
    let mut transaction = Transaction::new();
    transaction.require(FENCE, 1, HELD, params![fence.task, fence.lease]);
    transaction
}

const FAILED: &str = "UPDATE tasks SET state = 3, failure = $3, finished_ms = $4, \
    changed_ms = $4, progress = NULL WHERE id = $1 AND lease_id = $2 AND state = 1";

/// The task has failed for good; fails with [`FENCE`] when the lease is lost.
pub fn failed(fence: Fence, failure: &Failure, finished_ms: i64) -> Result<Transaction, Error> {
    let mut transaction = Transaction::new();
    let failure = to_json(failure)?;
    transaction.require(FENCE, 1, FAILED, params![fence.task, fence.lease, failure, finished_ms]);
    Ok(transaction)
}

const CANCELLED: &str = "UPDATE tasks SET state = 4, finished_ms = $3, \
    changed_ms = $3, progress = NULL \
    WHERE id = $1 AND lease_id = $2 AND state = 1";

/// The task's attempt has stopped because that was asked for; fails with [`FENCE`] when the lease
/// is lost.
pub fn cancelled(fence: Fence, finished_ms: i64) -> Transaction {
    let mut transaction = Transaction::new();
    transaction.require(FENCE, 1, CANCELLED, params![fence.task, fence.lease, finished_ms]);
    transaction
}

const RETRY: &str = "UPDATE tasks SET \
    state = CASE WHEN cancel_requested = 1 THEN 4 ELSE 0 END, \
    finished_ms = CASE WHEN cancel_requested = 1 THEN CAST($5 AS BIGINT) END, \
    changed_ms = $5, run_at_ms = $3, retry_cause = $4, progress = NULL, lease_node = NULL, lease_until_ms = NULL \
    WHERE id = $1 AND lease_id = $2 AND state = 1 RETURNING state";

/// The attempt has failed, another follows from `run_at_ms` (the machine's own clock) on; if
/// somebody asked for the task to end, it ends instead, at `now_ms` (domain clock). Gives the
/// state, or [`Error::Conflict`] with [`FENCE`] when the lease is lost.
pub async fn retry(
    db: &Db,
    fence: Fence,
    run_at_ms: i64,
    cause: &str,
    now_ms: i64,
) -> Result<State, Error> {
    let mut transaction = Transaction::new();
    let params = params![fence.task, fence.lease, run_at_ms, cause, now_ms];
    transaction.require(FENCE, 1, RETRY, params);
    let changed = db.commit(transaction).await?;
    let row = changed.first().and_then(|changed| changed.rows.first());
    state(row.ok_or_else(|| Error::corrupt("a changed task that is not there"))?.int(0)?)
}

const RELEASE: &str = "UPDATE tasks SET state = 0, attempt = attempt - 1, progress = NULL, \
    lease_node = NULL, lease_until_ms = NULL, changed_ms = $3 \
    WHERE id = $1 AND lease_id = $2 AND state = 1";

/// Gives leases back at `now_ms` (domain clock) as if they had never been taken; lost ones are passed
/// over.
pub async fn release(db: &Db, fences: &[Fence], now_ms: i64) -> Result<(), Error> {
    let mut transaction = Transaction::new();
    for fence in fences {
        transaction.run(RELEASE, params![fence.task, fence.lease, now_ms]);
    }
    db.commit(transaction).await.map(|_| ())
}

/// What a request to end a task came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelling {
    /// It was waiting and has ended.
    Done,
    /// It is running; its worker has to be told.
    Requested,
    /// It had ended before, or there is none.
    TooLate,
}

const CANCEL: &str = "UPDATE tasks SET cancel_requested = 1, \
    state = CASE WHEN state = 0 THEN 4 ELSE state END, \
    finished_ms = CASE WHEN state = 0 THEN $2 ELSE finished_ms END, \
    changed_ms = CASE WHEN state = 0 THEN $2 ELSE changed_ms END \
    WHERE id = $1 AND state <= 1 RETURNING state";

/// Asks for a task to end: one that waits ends at once, at `now_ms` (domain clock).
pub async fn cancel(db: &Db, id: i64, now_ms: i64) -> Result<Cancelling, Error> {
    let mut transaction = Transaction::new();
    transaction.run(CANCEL, params![id, now_ms]);
    let changed = db.commit(transaction).await?;
    match changed.first().and_then(|changed| changed.rows.first()) {
        None => Ok(Cancelling::TooLate),
        Some(row) if state(row.int(0)?)? == State::Cancelled => Ok(Cancelling::Done),
        Some(_) => Ok(Cancelling::Requested),
    }
}

const AGAIN: &str = "UPDATE tasks SET state = 0, failure = NULL, losses = NULL, \
    finished_ms = NULL, retry_cause = NULL, cancel_requested = 0, run_at_ms = $2, \
    max_attempts = max_attempts + attempt - interruptions, lease_id = NULL, lease_node = NULL, \
    lease_until_ms = NULL, plan = NULL, gate = 0, gate_due_ms = NULL, polls = 0, \
    changed_ms = $3 \
    WHERE id = $1 AND state >= 3 AND payload IS NOT NULL RETURNING lane";

/// Puts a task that failed or was cancelled back into the queue, with as many attempts as it had
/// before and nothing rehearsed for it, from `run_at_ms` (the machine's own clock) on; `now_ms` is the
/// domain's. Gives its lane; `None`: there is no such task, it has not ended so, or what it was given
/// has been swept.
pub async fn again(db: &Db, id: i64, run_at_ms: i64, now_ms: i64) -> Result<Option<i64>, Error> {
    let mut transaction = Transaction::new();
    transaction.run(AGAIN, params![id, run_at_ms, now_ms]);
    let changed = db.commit(transaction).await?;
    changed.first().and_then(|changed| changed.rows.first()).map(|row| row.int(0)).transpose()
}

const FORGET: &str = "DELETE FROM tasks WHERE id = $1 AND state >= 2";
const ENDED: &str = "the task is there and has ended";

/// Removes a task that has ended, at `now_ms` (domain clock); what it made stays. `false`: there is no
/// such task, or it has not ended.
pub async fn forget(db: &Db, id: i64, now_ms: i64) -> Result<bool, Error> {
    let mut transaction = Transaction::new();
    events::note_deleted(&mut transaction, id, now_ms);
    transaction.require(ENDED, 1, FORGET, params![id]);
    match db.commit(transaction).await {
        Ok(_) => Ok(true),
        Err(Error::Conflict { label: ENDED }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Which leases have been interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted<'a> {
    /// Those that have expired at this time; the machine's own clock.
    Expired {
        /// Now.
        now_ms: i64,
    },
    /// All of a node that holds none, because it has just started.
    Orphaned {
        /// The node.
        node: &'a str,
    },
}

/// What an interruption made of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interruption {
    /// The task.
    pub task: i64,
    /// Where it stands now.
    pub state: State,
}

/// The two statements differ in which leases they mean. A task goes back to its old place.
macro_rules! interrupt {
    ($leases:literal) => {
        concat!(
            "UPDATE tasks SET interruptions = interruptions + 1, \
             state = CASE WHEN cancel_requested = 1 THEN 4 \
                 WHEN interruptions + 1 >= $2 THEN 3 ELSE 0 END, \
             finished_ms = CASE WHEN cancel_requested = 1 OR interruptions + 1 >= $2 \
                 THEN CAST($3 AS BIGINT) END, changed_ms = $3, \
             failure = CASE WHEN cancel_requested = 0 AND interruptions + 1 >= $2 \
                 THEN $4 END, \
             progress = NULL, lease_node = NULL, lease_until_ms = NULL, lease_id = NULL \
             WHERE state = 1 AND ",
            $leases,
            " RETURNING id, state"
        )
    };
}

const EXPIRED: &str = interrupt!("lease_until_ms < $1");
const ORPHANED: &str = interrupt!("lease_node = $1");

/// Takes tasks from workers that are gone: back into the queue, or, when that has happened `most`
/// times, ended with `failure`; ended too if somebody asked for that. `now_ms` is the domain's.
pub async fn interrupt(
    db: &Db,
    which: Interrupted<'_>,
    most: i64,
    failure: &Failure,
    now_ms: i64,
) -> Result<Vec<Interruption>, Error> {
    let failure = to_json(failure)?;
    let mut transaction = Transaction::new();
    match which {
        Interrupted::Expired { now_ms: real_ms } => {
            transaction.run(EXPIRED, params![real_ms, most, now_ms, failure])
        }
        Interrupted::Orphaned { node } => {
            transaction.run(ORPHANED, params![node, most, now_ms, failure])
        }
    };
    let changed = db.commit(transaction).await?;
    changed
        .iter()
        .flat_map(|changed| &changed.rows)
        .map(|row| Ok(Interruption { task: row.int(0)?, state: state(row.int(1)?)? }))
        .collect()
}
