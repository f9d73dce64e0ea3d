//! What is rehearsed for a task, and the gate it may wait behind. A task behind a closed gate is an
//! ordinary queued one whose time never comes, so that leasing knows nothing of gates.

use larkspur_model::plan::{Gate, GateState, Plan};

use super::{json, to_json};
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Param, Row, Transaction};

/// The earliest time of the next attempt of a task behind a closed gate: never.
pub const GATED_MS: i64 = i64::MAX;

/// What is rehearsed for a task, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What was decided.
    pub plan: Plan,
    /// How its gate stands.
    pub gate: GateState,
    /// Polls counted since the submission, or since the gate opened.
    pub polls: i64,
}

/// Reads the three columns from `at` on.
pub(super) fn planned(row: &Row, at: usize, id: i64) -> Result<Option<Box<Planned>>, Error> {
    let Some(plan) = json::<Plan>(row, at, id)? else { return Ok(None) };
    let gate = GateState::from_number(row.opt_int(at + 1)?.unwrap_or(0));
    let polls = row.opt_int(at + 2)?.unwrap_or(0);
    Ok(Some(Box::new(Planned { plan, gate, polls })))
}

const PLAN: &str = "UPDATE tasks SET plan = $2, gate = 0, polls = 0 WHERE id = $1";
const PLAN_GATED: &str = "UPDATE tasks SET plan = $2, gate = $3, gate_due_ms = $4, polls = 0, \
    run_at_ms = $5 WHERE id = $1";

/// Says what is rehearsed for the task `id`, in the transaction that stores it.
pub fn plan(transaction: &mut Transaction, id: i64, plan: &Plan) -> Result<(), Error> {
    let text = to_json(plan)?;
    let (gate, due_ms) = match &plan.gate {
        None => {
            transaction.run(PLAN, params![id, text]);
            return Ok(());
        }
        Some(Gate::At(due_ms)) => (GateState::Closed, Some(*due_ms)),
        Some(Gate::Polls(_) | Gate::Hand) => (GateState::Closed, None),
        Some(Gate::Hold(_)) => (GateState::Running, None),
    };
    transaction.run(PLAN_GATED, params![id, text, gate.number(), due_ms, GATED_MS]);
    Ok(())
}

const COUNT: &str = "UPDATE tasks SET polls = polls + 1 WHERE id = $1 AND plan IS NOT NULL \
    RETURNING polls";

/// Counts a poll of a task for which something is rehearsed; gives how many there were.
pub async fn count_poll(db: &Db, id: i64) -> Result<i64, Error> {
    let rows = changed(db, COUNT, params![id]).await?;
    rows.first().map_or(Ok(0), |row| row.int(0))
}

const OPEN: &str = "UPDATE tasks SET gate = 0, polls = 0, run_at_ms = $2 \
    WHERE id = $1 AND state = 0 AND gate > 0 RETURNING id, lane";
const OPEN_DUE: &str = "UPDATE tasks SET gate = 0, polls = 0, run_at_ms = $2 \
    WHERE gate > 0 AND gate_due_ms <= $1 AND state = 0 RETURNING id, lane";

/// Opens the gate of the task `id`, which may run from `run_at_ms` (the machine's own clock) on. Gives
/// its lane; `None` where no gate was closed.
pub async fn open_gate(db: &Db, id: i64, run_at_ms: i64) -> Result<Option<i64>, Error> {
    let rows = changed(db, OPEN, params![id, run_at_ms]).await?;
    rows.first().map(|row| row.int(1)).transpose()
}

/// Opens the gates that were to open by `now_ms` (domain clock); gives tasks and lanes.
pub async fn open_due(db: &Db, now_ms: i64, run_at_ms: i64) -> Result<Vec<(i64, i64)>, Error> {
    let rows = changed(db, OPEN_DUE, params![now_ms, run_at_ms]).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

const SHOW_RUNNING: &str = "UPDATE tasks SET gate = 2 WHERE id = $1 AND state = 0 AND gate = 1 \
    RETURNING id";

/// Has the task `id` shown as running, behind its gate as before; `false` where that changes nothing.
pub async fn show_running(db: &Db, id: i64) -> Result<bool, Error> {
    Ok(!changed(db, SHOW_RUNNING, params![id]).await?.is_empty())
}

const GATED: &str = "SELECT id, plan FROM tasks WHERE gate > 0 AND state = 0 ORDER BY id";

/// All tasks behind closed gates.
pub async fn gated(db: &Db) -> Result<Vec<(i64, Plan)>, Error> {
    let mut tasks = Vec::new();
    for row in &db.query_large(GATED, params![]).await? {
        let id = row.int(0)?;
        if let Some(plan) = json(row, 1, id)? {
            tasks.push((id, plan));
        }
    }
    Ok(tasks)
}

async fn changed(db: &Db, sql: &'static str, params: Vec<Param>) -> Result<Vec<Row>, Error> {
    let mut transaction = Transaction::new();
    transaction.run(sql, params);
    let changed = db.commit(transaction).await?;
    Ok(changed.into_iter().next().map(|changed| changed.rows).unwrap_or_default())
}
