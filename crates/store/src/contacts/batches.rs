//! Batch tasks of the contact book: what their callers know them by, how far they are, and what
//! became of each item.

use larkspur_model::id::TenantId;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// What a batch adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchKind {
    /// Users.
    Users,
    /// Departments.
    Departments,
}

impl BatchKind {
    /// The number stored in the database. Never renumber.
    const fn number(self) -> i64 {
        match self {
            Self::Users => 0,
            Self::Departments => 1,
        }
    }
}

/// A batch task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// What its caller knows it by (`task_id`).
    pub id: String,
    /// The number of the task.
    pub task: i64,
    /// The tenant.
    pub tenant: TenantId,
    /// What it adds.
    pub kind: BatchKind,
    /// Items.
    pub total: i64,
    /// Items done, in the order of the work.
    pub done: i64,
    /// Those of them that succeeded.
    pub succeeded: i64,
    /// Those of them that failed.
    pub failed: i64,
}

const ADD: &str = "INSERT INTO contact_batches (id, task, tenant, kind, total, done, succeeded, \
    failed) SELECT CAST($4 AS TEXT), id, tenant, \
    CAST($5 AS BIGINT), CAST($6 AS BIGINT), 0, 0, 0 FROM tasks \
    WHERE tenant = $1 AND app = $2 AND family = $3 AND idempotency_key = $4";

/// Notes a batch beside its task, in the transaction that submits the task under the key `id`.
pub fn add_batch(
    transaction: &mut Transaction,
    (tenant, app, family): (&str, &str, &'static str),
    id: &str,
    kind: BatchKind,
    total: i64,
) {
    let params = params![tenant, app, family, id, kind.number(), total];
    transaction.require("batch", 1, ADD, params);
}

/// The batch of this id, in whatever tenant.
pub async fn batch(db: &Db, id: &str) -> Result<Option<Batch>, Error> {
    let sql = "SELECT id, task, tenant, kind, total, done, succeeded, failed \
               FROM contact_batches WHERE id = $1";
    let Some(mut row) = db.query_one(sql, params![id]).await? else { return Ok(None) };
    Ok(Some(Batch {
        id: row.take_text(0)?,
        task: row.int(1)?,
        tenant: TenantId(row.take_text(2)?),
        kind: match row.int(3)? {
            0 => BatchKind::Users,
            1 => BatchKind::Departments,
            other => return Err(Error::corrupt(format!("a batch of kind {other}"))),
        },
        total: row.int(4)?,
        done: row.int(5)?,
        succeeded: row.int(6)?,
        failed: row.int(7)?,
    }))
}

/// Moves a batch on from where `before` has it: `results` are those of the next items, of which so
/// many `succeeded` and `failed`. [`Error::Conflict`] `batch` where it is elsewhere by now.
pub fn checkpoint_batch(
    transaction: &mut Transaction,
    before: &Batch,
    results: Vec<u8>,
    succeeded: i64,
    failed: i64,
) {
    transaction.require(
        "batch",
        1,
        "UPDATE contact_batches SET done = done + $3 + $4, succeeded = succeeded + $3, \
         failed = failed + $4 WHERE id = $1 AND done = $2",
        params![&before.id, before.done, succeeded, failed],
    );
    transaction.run(
        // That the place is free has been required above; PostgreSQL asks that last.
        "INSERT INTO contact_results (batch, first, results) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING",
        params![&before.id, before.done, results],
    );
}

/// The results of a batch as they were noted, in the order of the work.
pub async fn batch_results(db: &Db, id: &str) -> Result<Vec<Vec<u8>>, Error> {
    let sql = "SELECT results FROM contact_results WHERE batch = $1 ORDER BY first";
    let rows = db.query_large(sql, params![id]).await?;
    rows.into_iter().map(|mut row| row.take_bytes(0)).collect()
}

/// The id under which callers know the batch of a task.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn batch_id(db: &Db, task: i64) -> Result<Option<String>, Error> {
    let sql = "SELECT id FROM contact_batches WHERE task = $1";
    db.query_one(sql, params![task]).await?.map(|mut row| row.take_text(0)).transpose()
}

/// Forgets results of tasks whose contents are gone, and batches of tasks that are gone.
pub(crate) fn forget(transaction: &mut Transaction) {
    transaction.run(
        "DELETE FROM contact_results WHERE batch IN (SELECT contact_batches.id \
         FROM contact_batches JOIN tasks ON tasks.id = contact_batches.task \
         WHERE tasks.state >= 2 AND tasks.payload IS NULL)",
        params![],
    );
    transaction.run(
        "DELETE FROM contact_results WHERE batch IN (SELECT id FROM contact_batches \
         WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.id = contact_batches.task))",
        params![],
    );
    transaction.run(
        "DELETE FROM contact_batches \
         WHERE NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.id = contact_batches.task)",
        params![],
    );
}
