//! The record of a task and how to look at one. How tasks are submitted, leased, ended, listed and
//! swept lives in the files of `tasks/`; when any of that is done is decided by the engine.
//!
//! Two clocks: leases and the earliest time of the next attempt (`run_at_ms`, `lease_*`) follow
//! the machine's own clock, everything a caller sees (`created_ms`, `started_ms`, `finished_ms`)
//! the domain's, which its owner may move.

mod end;
mod lease;
mod list;
mod plan;
mod submit;
mod sweep;

use larkspur_model::loss::Losses;
use larkspur_model::task::{Failure, Progress, State};
use serde_json::from_str;

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Row;

pub use end::{
    Cancelling, FENCE, Interrupted, Interruption, again, cancel, cancelled, failed, forget, held,
    interrupt, release, retry, succeeded,
};
pub use lease::{
    Fence, Leased, Leasing, Renewal, Share, cancel_requests, lease, progress, renew,
    waiting_tenants,
};
pub use list::{
    Counts, Dot, Filter, Position, Unfinished, counts, list, position, recent, unfinished,
};
pub use plan::{GATED_MS, Planned, count_poll, gated, open_due, open_gate, plan, show_running};
pub use submit::{NewTask, Submitted, by_key, submit, submit_all};
pub use sweep::{Swept, sweep};

/// A task as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRecord {
    /// The task's number: 19 digits, larger for later tasks.
    pub id: i64,
    /// The tenant it belongs to.
    pub tenant: String,
    /// The app that submitted it.
    pub app: String,
    /// Who submitted it: `app:<id>` or `user:<id>`.
    pub creator: String,
    /// Which family of tasks it is of.
    pub family: String,
    /// For people: usually a file's name.
    pub title: String,
    /// Size of the source.
    pub size_bytes: i64,
    /// The lane it waits and runs in.
    pub lane: i64,
    /// Where it stands.
    pub state: State,
    /// What the job was given. `None` once swept, and in a [`view`].
    pub payload: Option<Vec<u8>>,
    /// What a success gave. `None` before, and once swept.
    pub output: Option<Vec<u8>>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// What was lost on the way to the output.
    pub losses: Losses,
    /// How far it is, while it runs.
    pub progress: Progress,
    /// Attempts begun.
    pub attempt: i64,
    /// How many of the attempts the server cut short by stopping or crashing.
    pub interruptions: i64,
    /// How many attempts there may be, interrupted ones not counted.
    pub max_attempts: i64,
    /// When it was submitted; domain clock.
    pub created_ms: i64,
    /// When the first attempt began; domain clock.
    pub started_ms: Option<i64>,
    /// When it ended; domain clock.
    pub finished_ms: Option<i64>,
    /// Whether somebody asked for it to end.
    pub cancel_requested: bool,
    /// Why the last attempt was given up, where another follows.
    pub retry_cause: Option<String>,
    /// What is rehearsed for it.
    pub planned: Option<Box<Planned>>,
}

const GET: &str = "SELECT id, tenant, app, creator, family, title, size_bytes, lane, state, \
    output, failure, losses, progress, attempt, interruptions, max_attempts, created_ms, \
    started_ms, finished_ms, cancel_requested, retry_cause, plan, gate, polls, payload \
    FROM tasks WHERE id = $1";

const GET_BESIDE: &str = "SELECT id, tenant, app, creator, family, title, size_bytes, lane, \
    state, output, failure, losses, progress, attempt, interruptions, max_attempts, created_ms, \
    started_ms, finished_ms, cancel_requested, retry_cause, plan, gate, polls, payload, \
    (SELECT COALESCE(deleted_ms, 0) FROM objects WHERE objects.token = $2 \
    AND objects.tenant = tasks.tenant) FROM tasks WHERE id = $1";

const VIEW: &str = "SELECT id, tenant, app, creator, family, title, size_bytes, lane, state, \
    output, failure, losses, progress, attempt, interruptions, max_attempts, created_ms, \
    started_ms, finished_ms, cancel_requested, retry_cause, plan, gate, polls \
    FROM tasks WHERE id = $1";

/// The task `id`, with its payload.
pub async fn get(db: &Db, id: i64) -> Result<Option<TaskRecord>, Error> {
    let Some(mut row) = db.query_one(GET, params![id]).await? else { return Ok(None) };
    let payload = row.take_opt_bytes(24)?;
    let mut record = record(&mut row)?;
    record.payload = payload;
    Ok(Some(record))
}

/// The task `id`, with its payload, and whether the thing `object` of its tenant is there and not
/// deleted: what polls of exports ask for, in one look-up.
pub async fn get_beside(
    db: &Db,
    id: i64,
    object: &str,
) -> Result<Option<(TaskRecord, bool)>, Error> {
    let Some(mut row) = db.query_one(GET_BESIDE, params![id, object]).await? else {
        return Ok(None);
    };
    let payload = row.take_opt_bytes(24)?;
    let live = row.opt_int(25)? == Some(0);
    let mut record = record(&mut row)?;
    record.payload = payload;
    Ok(Some((record, live)))
}

/// The task `id` without its payload: what polling asks for, tens of thousands of times a second.
pub async fn view(db: &Db, id: i64) -> Result<Option<TaskRecord>, Error> {
    match db.query_one(VIEW, params![id]).await? {
        Some(mut row) => record(&mut row).map(Some),
        None => Ok(None),
    }
}

/// Reads the columns of [`VIEW`].
fn record(row: &mut Row) -> Result<TaskRecord, Error> {
    let id = row.int(0)?;
    Ok(TaskRecord {
        id,
        tenant: row.take_text(1)?,
        app: row.take_text(2)?,
        creator: row.take_text(3)?,
        family: row.take_text(4)?,
        title: row.take_text(5)?,
        size_bytes: row.int(6)?,
        lane: row.int(7)?,
        state: state(row.int(8)?)?,
        payload: None,
        output: row.take_opt_bytes(9)?,
        failure: json(row, 10, id)?,
        losses: json(row, 11, id)?.unwrap_or_default(),
        progress: json(row, 12, id)?.unwrap_or_default(),
        attempt: row.int(13)?,
        interruptions: row.int(14)?,
        max_attempts: row.int(15)?,
        created_ms: row.int(16)?,
        started_ms: row.opt_int(17)?,
        finished_ms: row.opt_int(18)?,
        cancel_requested: row.flag(19)?,
        retry_cause: row.take_opt_text(20)?,
        planned: plan::planned(row, 21, id)?,
    })
}

fn state(number: i64) -> Result<State, Error> {
    State::from_number(number).ok_or_else(|| Error::corrupt(format!("a task is in state {number}")))
}

fn json<T: serde::de::DeserializeOwned>(row: &Row, at: usize, id: i64) -> Result<Option<T>, Error> {
    let Some(text) = row.opt_text(at)? else { return Ok(None) };
    match from_str(text) {
        Ok(value) => Ok(Some(value)),
        Err(error) => Err(Error::corrupt(format!("task {id}, column {at}: {error}"))),
    }
}

/// The JSON of a value of the model, all of which have one.
fn to_json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::corrupt(error.to_string()))
}
