//! How a task gets into the store. What it means, and its number, come from above.

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Bulk, Kind, Param, Transaction};

/// A task to be stored, in state `Queued`.
#[derive(Debug, Clone)]
pub struct NewTask {
    /// Its number, which nothing else has.
    pub id: i64,
    /// The tenant it belongs to.
    pub tenant: String,
    /// The app that submits it.
    pub app: String,
    /// Who submits it: `app:<id>` or `user:<id>`.
    pub creator: String,
    /// Which family of tasks it is of.
    pub family: &'static str,
    /// For people: usually a file's name.
    pub title: String,
    /// Size of the source.
    pub size_bytes: i64,
    /// The lane it waits and runs in.
    pub lane: i64,
    /// What the job is given.
    pub payload: Vec<u8>,
    /// Now; domain clock.
    pub created_ms: i64,
    /// Earliest time of the first attempt; the machine's own clock.
    pub run_at_ms: i64,
    /// How many attempts there may be, interrupted ones not counted.
    pub max_attempts: i64,
    /// A second submission with the same key (of a tenant's app, for a family) is the first one.
    pub idempotency_key: Option<String>,
}

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submitted {
    /// The number of the task.
    pub id: i64,
    /// Whether it is a new one, not that of an earlier submission with the same key.
    pub fresh: bool,
}

/// The label of the conflict when the number or the key of a task is taken.
const TAKEN: &str = "the task's number or idempotency key is taken";

const INSERT: &str = "INSERT INTO tasks (id, tenant, app, creator, family, title, size_bytes, \
    lane, payload, created_ms, run_at_ms, max_attempts, idempotency_key, state, attempt, \
    interruptions, cancel_requested) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, 0, 0) \
    ON CONFLICT DO NOTHING";

static INSERT_MANY: Bulk = Bulk {
    sql: "INSERT INTO tasks (id, tenant, app, creator, family, title, size_bytes, \
        lane, payload, created_ms, run_at_ms, max_attempts, idempotency_key, state, attempt, \
        interruptions, cancel_requested) \
        SELECT new.*, 0, 0, 0, 0 FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::text[], \
            $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bytea[], $10::bigint[], \
            $11::bigint[], $12::bigint[], $13::text[]) AS new \
        ON CONFLICT DO NOTHING RETURNING id",
    kinds: &[
        Kind::Int,
        Kind::Text,
        Kind::Text,
        Kind::Text,
        Kind::Text,
        Kind::Text,
        Kind::Int,
        Kind::Int,
        Kind::Bytes,
        Kind::Int,
        Kind::Int,
        Kind::Int,
        Kind::Text,
    ],
};

const BY_KEY: &str = "SELECT id FROM tasks WHERE tenant = $1 AND app = $2 AND family = $3 \
    AND idempotency_key = $4";

/// Stores a task, together with what `also` does. With a key that is taken, nothing happens and
/// the earlier task is the answer. [`Error::Duplicate`] when the number is taken.
pub async fn submit(db: &Db, task: NewTask, also: Transaction) -> Result<Submitted, Error> {
    let id = task.id;
    let key = task
        .idempotency_key
        .as_ref()
        .map(|key| params![task.tenant.as_str(), task.app.as_str(), task.family, key.as_str()]);
    let mut transaction = insert(task);
    transaction.append(also);
    match db.commit(transaction).await {
        Ok(_) => Ok(Submitted { id, fresh: true }),
        Err(Error::Conflict { label: TAKEN }) => {
            let earlier = match key {
                Some(key) => db.query_one(BY_KEY, key).await?,
                None => None,
            };
            match earlier {
                Some(row) => Ok(Submitted { id: row.int(0)?, fresh: false }),
                None => Err(Error::Duplicate(TAKEN.into())),
            }
        }
        Err(error) => Err(error),
    }
}

/// The number of the task of `family` that `app` of `tenant` submitted with `key`.
pub async fn by_key(
    db: &Db,
    tenant: &str,
    app: &str,
    family: &str,
    key: &str,
) -> Result<Option<i64>, Error> {
    let row = db.query_one(BY_KEY, params![tenant, app, family, key]).await?;
    row.map(|row| row.int(0)).transpose()
}

/// Stores many tasks, all or none; none may have a key that is taken.
pub async fn submit_all(db: &Db, tasks: Vec<NewTask>) -> Result<(), Error> {
    let mut transaction = Transaction::new();
    for task in tasks {
        transaction.append(insert(task));
    }
    db.commit(transaction).await.map(|_| ())
}

fn insert(task: NewTask) -> Transaction {
    let mut transaction = Transaction::new();
    transaction.require_one_of_many(
        TAKEN,
        INSERT,
        &INSERT_MANY,
        Vec::<Param>::from([
            task.id.into(),
            task.tenant.into(),
            task.app.into(),
            task.creator.into(),
            task.family.into(),
            task.title.into(),
            task.size_bytes.into(),
            task.lane.into(),
            task.payload.into(),
            task.created_ms.into(),
            task.run_at_ms.into(),
            task.max_attempts.into(),
            task.idempotency_key.into(),
        ]),
    );
    transaction
}
