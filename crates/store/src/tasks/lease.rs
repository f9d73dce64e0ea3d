//! How a worker gets hold of tasks, keeps hold of them, and says how far it is. Ending them lives
//! in `end.rs`.

use larkspur_model::plan::Plan;
use larkspur_model::task::Progress;

use super::{json, to_json};
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// What a worker shows whenever it changes a task: only the lease it was given counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fence {
    /// The task.
    pub task: i64,
    /// The lease on it; a new number each time the task is leased.
    pub lease: i64,
}

/// How tasks are leased.
#[derive(Debug, Clone)]
pub struct Leasing<'a> {
    /// The lane they come from.
    pub lane: i64,
    /// The number of the leases, never used before.
    pub lease: i64,
    /// Who leases.
    pub node: &'a str,
    /// Now, the machine's own clock; tasks that wait for a later time stay. A time just before
    /// [`GATED_MS`](super::GATED_MS) takes those too.
    pub now_ms: i64,
    /// When the leases expire; the machine's own clock.
    pub until_ms: i64,
    /// Now; domain clock.
    pub started_ms: i64,
}

/// How many tasks to lease for a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The tenant.
    pub tenant: String,
    /// At most so many.
    pub most: i64,
}

/// A task a worker holds a lease on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// The task, and the lease on it.
    pub fence: Fence,
    /// The tenant it belongs to.
    pub tenant: String,
    /// The app that submitted it.
    pub app: String,
    /// Who submitted it.
    pub creator: String,
    /// Which family of tasks it is of.
    pub family: String,
    /// For people: usually a file's name.
    pub title: String,
    /// Size of the source.
    pub size_bytes: i64,
    /// What the job is given.
    pub payload: Vec<u8>,
    /// When it was submitted; domain clock.
    pub created_ms: i64,
    /// Attempts begun, this one included.
    pub attempt: i64,
    /// How many of them were cut short by the server's own end.
    pub interruptions: i64,
    /// How many attempts there may be, interrupted ones not counted.
    pub max_attempts: i64,
    /// What is rehearsed for it.
    pub plan: Option<Box<Plan>>,
}

/// Seeks from tenant to tenant in the index, without looking at their tasks.
const WAITING: &str = "WITH RECURSIVE waiting(tenant, place) AS ( \
        SELECT (SELECT MIN(tenant) FROM tasks WHERE state = 0 AND lane = $1 AND tenant > $2), \
            CAST(1 AS BIGINT) \
        UNION ALL \
        SELECT (SELECT MIN(t.tenant) FROM tasks t \
            WHERE t.state = 0 AND t.lane = $1 AND t.tenant > waiting.tenant), \
            waiting.place + 1 \
        FROM waiting WHERE waiting.tenant IS NOT NULL AND waiting.place < $3) \
    SELECT tenant FROM waiting WHERE tenant IS NOT NULL ORDER BY place";

/// Up to `most` tenants with queued tasks in a lane, in their order, those behind `after` only.
/// Some may have nothing but tasks that wait for a later time.
pub async fn waiting_tenants(
    db: &Db,
    lane: i64,
    after: &str,
    most: i64,
) -> Result<Vec<String>, Error> {
    let rows = db.query(WAITING, params![lane, after, most]).await?;
    rows.into_iter().map(|mut row| row.take_text(0)).collect()
}

/// The state is tested again outside: PostgreSQL may otherwise give a row to two workers.
macro_rules! lease {
    ($before:literal, $behind:literal) => {
        concat!(
            "UPDATE tasks SET state = 1, attempt = attempt + 1, lease_id = $5, lease_node = $6, \
             lease_until_ms = $7, started_ms = COALESCE(started_ms, $8), \
             changed_ms = $8, progress = NULL \
             WHERE id ",
            $before,
            "SELECT id FROM tasks WHERE state = 0 AND lane = $1 AND tenant = $2 \
             AND run_at_ms <= $3 ORDER BY run_at_ms, id LIMIT $4",
            $behind,
            " AND state = 0 RETURNING id, tenant, app, creator, family, title, size_bytes, \
             payload, created_ms, attempt, interruptions, max_attempts, plan"
        )
    };
}

const LEASE: &str = lease!("IN (", ")");
/// Workers of several nodes pass over what another is just leasing, instead of waiting for it.
/// `IN` may run the inner query once for each row, and then takes more than its limit; an array is
/// made once.
const LEASE_AMONG_NODES: &str = lease!("= ANY(ARRAY(", " FOR UPDATE SKIP LOCKED))");

/// Leases tasks, the longest waiting first, for each tenant its share. Gives them in the order of
/// the shares.
pub async fn lease(db: &Db, leasing: &Leasing<'_>, shares: &[Share]) -> Result<Vec<Leased>, Error> {
    let sql = if db.is_postgres() { LEASE_AMONG_NODES } else { LEASE };
    let mut transaction = Transaction::new();
    for share in shares {
        transaction.run(
            sql,
            params![
                leasing.lane,
                share.tenant.as_str(),
                leasing.now_ms,
                share.most,
                leasing.lease,
                leasing.node,
                leasing.until_ms,
                leasing.started_ms,
            ],
        );
    }
    let mut leased = Vec::new();
    for changed in db.commit(transaction).await? {
        let first = leased.len();
        for mut row in changed.rows {
            leased.push(leased_task(&mut row, leasing.lease)?);
        }
        leased[first..].sort_unstable_by_key(|leased: &Leased| leased.fence.task);
    }
    Ok(leased)
}

fn leased_task(row: &mut Row, lease: i64) -> Result<Leased, Error> {
    let task = row.int(0)?;
    Ok(Leased {
        fence: Fence { task, lease },
        tenant: row.take_text(1)?,
        app: row.take_text(2)?,
        creator: row.take_text(3)?,
        family: row.take_text(4)?,
        title: row.take_text(5)?,
        size_bytes: row.int(6)?,
        payload: row.take_bytes(7)?,
        created_ms: row.int(8)?,
        attempt: row.int(9)?,
        interruptions: row.int(10)?,
        max_attempts: row.int(11)?,
        plan: json(row, 12, task)?,
    })
}

/// What became of a lease that was to be renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// It is held on.
    Held,
    /// It is held on, and somebody asked for the task to end.
    CancelRequested,
    /// It is lost: nothing the worker does counts any more.
    Lost,
}

const RENEW: &str = "UPDATE tasks SET lease_until_ms = $3 \
    WHERE id = $1 AND lease_id = $2 AND state = 1 RETURNING cancel_requested";

/// Moves the end of leases to `until_ms` (the machine's own clock). Answers in the same order.
pub async fn renew(db: &Db, fences: &[Fence], until_ms: i64) -> Result<Vec<Renewal>, Error> {
    let mut transaction = Transaction::new();
    for fence in fences {
        transaction.run(RENEW, params![fence.task, fence.lease, until_ms]);
    }
    let changed = db.commit(transaction).await?;
    changed
        .iter()
        .map(|changed| match changed.rows.first() {
            None => Ok(Renewal::Lost),
            Some(row) if row.flag(0)? => Ok(Renewal::CancelRequested),
            Some(_) => Ok(Renewal::Held),
        })
        .collect()
}

const CANCEL_REQUESTS: &str =
    "SELECT id, lease_id FROM tasks WHERE state = 1 AND cancel_requested = 1 AND lease_node = $1";

/// The running tasks of `node` that somebody, perhaps on another node, asked to end.
pub async fn cancel_requests(db: &Db, node: &str) -> Result<Vec<Fence>, Error> {
    let rows = db.query(CANCEL_REQUESTS, params![node]).await?;
    rows.iter().map(|row| Ok(Fence { task: row.int(0)?, lease: row.int(1)? })).collect()
}

const PROGRESS: &str =
    "UPDATE tasks SET progress = $3 WHERE id = $1 AND lease_id = $2 AND state = 1";

/// Notes how far the holders of leases are; what lost leases say is dropped.
pub async fn progress(db: &Db, reports: &[(Fence, Progress)]) -> Result<(), Error> {
    let mut transaction = Transaction::new();
    for (fence, progress) in reports {
        transaction.run(PROGRESS, params![fence.task, fence.lease, to_json(progress)?]);
    }
    db.commit(transaction).await.map(|_| ())
}
