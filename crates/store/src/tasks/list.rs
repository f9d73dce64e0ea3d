//! Looking at many tasks: lists, counts, places in the queue. For people and metrics, not for the
//! hot paths.

use larkspur_model::loss::LossKind;
use larkspur_model::task::{FailureKind, State};

use super::{TaskRecord, record, state, to_json};
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Param, Row};

/// Which tasks to list; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this tenant.
    pub tenant: Option<String>,
    /// Submitted by this app.
    pub app: Option<String>,
    /// Submitted by `app:<id>` or `user:<id>`.
    pub creator: Option<String>,
    /// Of this family.
    pub family: Option<String>,
    /// In this state.
    pub state: Option<State>,
    /// With this in their title, whatever the case of its Latin letters.
    pub title: Option<String>,
    /// Failed in this way.
    pub failure: Option<FailureKind>,
    /// Lost something of this kind on the way.
    pub loss: Option<LossKind>,
    /// Submitted at this time (domain clock) or later.
    pub from_ms: Option<i64>,
    /// Submitted before this time (domain clock).
    pub until_ms: Option<i64>,
    /// Submitted before this task: the last one of the page before.
    pub before: Option<i64>,
}

/// A listing by number, with the condition and order that suit an index.
macro_rules! listing {
    ($condition:literal, $order:literal) => {
        concat!(
            "SELECT id, tenant, app, creator, family, title, size_bytes, lane, state, output, \
             failure, losses, progress, attempt, interruptions, max_attempts, created_ms, \
             started_ms, finished_ms, cancel_requested, retry_cause, plan, gate, polls FROM tasks \
             WHERE id < $1 AND (CAST($2 AS TEXT) IS NULL OR tenant = $2) \
             AND (CAST($3 AS TEXT) IS NULL OR app = $3) \
             AND (CAST($4 AS TEXT) IS NULL OR creator = $4) \
             AND (CAST($5 AS TEXT) IS NULL OR family = $5) \
             AND (CAST($7 AS TEXT) IS NULL OR lower(title) LIKE $7 ESCAPE '!') \
             AND (CAST($8 AS TEXT) IS NULL OR failure LIKE $8 ESCAPE '!') \
             AND (CAST($9 AS TEXT) IS NULL OR losses LIKE $9 ESCAPE '!') \
             AND created_ms >= $10 AND created_ms < $11 AND ",
            $condition,
            " ORDER BY ",
            $order,
            " DESC LIMIT $6"
        )
    };
}

const ALL: &str = listing!("1 = 1", "id");
const SUCCEEDED: &str = listing!("state = 2", "id");
// A sum is in no index: what is few comes from the small index of its state, and is sorted.
const QUEUED: &str = listing!("state = 0", "id + 0");
const RUNNING: &str = listing!("state = 1", "id + 0");
const FAILED: &str = listing!("state = 3 AND state >= 3", "id");
const CANCELLED: &str = listing!("state = 4 AND state >= 3", "id");

/// Up to `most` tasks, the latest first, without their payloads. The next page is that before the
/// last one; tasks that come or go meanwhile shift nothing.
pub async fn list(db: &Db, filter: &Filter, most: i64) -> Result<Vec<TaskRecord>, Error> {
    let sql = match filter.state {
        None => ALL,
        Some(State::Queued) => QUEUED,
        Some(State::Running) => RUNNING,
        Some(State::Succeeded) => SUCCEEDED,
        Some(State::Failed) => FAILED,
        Some(State::Cancelled) => CANCELLED,
    };
    let params = params![
        filter.before.unwrap_or(i64::MAX),
        filter.tenant.as_ref(),
        filter.app.as_ref(),
        filter.creator.as_ref(),
        filter.family.as_ref(),
        most,
        filter.title.as_ref().map(|title| containing(&title.to_ascii_lowercase())),
        kind(filter.failure)?,
        kind(filter.loss)?,
        filter.from_ms.unwrap_or(i64::MIN),
        filter.until_ms.unwrap_or(i64::MAX),
    ];
    let rows = db.query_large(sql, params).await?;
    rows.into_iter().map(|mut row| record(&mut row)).collect()
}

/// The pattern of what contains `text`.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// The pattern of the stored JSON of a failure or losses of this kind; quotes within texts are
/// escaped there, so no text looks like it.
fn kind(kind: Option<impl serde::Serialize>) -> Result<Option<String>, Error> {
    let Some(kind) = kind else { return Ok(None) };
    Ok(Some(containing(&format!("\"kind\":{}", to_json(&kind)?))))
}

/// A task as a chart sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dot {
    /// When it was submitted; domain clock.
    pub created_ms: i64,
    /// Where it stands.
    pub state: State,
}

/// The latest `most` tasks, the latest first.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn recent(db: &Db, most: i64) -> Result<Vec<Dot>, Error> {
    let sql = "SELECT created_ms, state FROM tasks ORDER BY id DESC LIMIT $1";
    let rows = db.query_large(sql, params![most]).await?;
    let dot = |row: &Row| Ok(Dot { created_ms: row.int(0)?, state: state(row.int(1)?)? });
    rows.iter().map(dot).collect()
}

/// How many tasks there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Waiting, by lane.
    pub queued: Vec<(i64, i64)>,
    /// Running, by lane.
    pub running: Vec<(i64, i64)>,
    /// Succeeded and not yet forgotten.
    pub succeeded: i64,
    /// Failed and not yet forgotten.
    pub failed: i64,
    /// Cancelled and not yet forgotten.
    pub cancelled: i64,
}

const QUEUED_BY_LANE: &str =
    "SELECT lane, COUNT(*) FROM tasks WHERE state = 0 GROUP BY lane ORDER BY lane";
const RUNNING_BY_LANE: &str =
    "SELECT lane, COUNT(*) FROM tasks WHERE state = 1 GROUP BY lane ORDER BY lane";
const UNSUCCESSFUL: &str = "SELECT state, COUNT(*) FROM tasks WHERE state >= 3 GROUP BY state";
const EVERY: &str = "SELECT COUNT(*) FROM tasks";

/// Counts all tasks; walks over them, so not for every request.
pub async fn counts(db: &Db) -> Result<Counts, Error> {
    let mut counts = Counts {
        queued: pairs(db, QUEUED_BY_LANE).await?,
        running: pairs(db, RUNNING_BY_LANE).await?,
        ..Counts::default()
    };
    for (state, count) in pairs(db, UNSUCCESSFUL).await? {
        if state == State::Failed.number() {
            counts.failed = count;
        } else {
            counts.cancelled = count;
        }
    }
    let rows = db.query_large(EVERY, params![]).await?;
    let every = rows.first().map_or(Ok(0), |row| row.int(0))?;
    let waiting: i64 = counts.queued.iter().chain(&counts.running).map(|(_, count)| count).sum();
    // The counts are taken one after the other while tasks move on.
    counts.succeeded = (every - waiting - counts.failed - counts.cancelled).max(0);
    Ok(counts)
}

async fn pairs(db: &Db, sql: &'static str) -> Result<Vec<(i64, i64)>, Error> {
    let rows = db.query_large(sql, Vec::<Param>::new()).await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
}

/// Tasks of a family that wait or run in a lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The family.
    pub family: String,
    /// The lane.
    pub lane: i64,
    /// Whether they run.
    pub running: bool,
    /// How many.
    pub count: i64,
    /// When the first of them was due (the machine's own clock); those behind gates are due far in
    /// the future.
    pub due_ms: i64,
}

macro_rules! unfinished {
    ($before:literal) => {
        concat!(
            $before,
            "SELECT family, lane, 0, COUNT(*), MIN(run_at_ms) FROM tasks \
             WHERE state = 0 GROUP BY family, lane UNION ALL \
             SELECT family, lane, 1, COUNT(*), MIN(run_at_ms) FROM tasks \
             WHERE state = 1 GROUP BY family, lane"
        )
    };
}

/// Counts what waits and runs; walks over that alone, by the small indexes of the two states.
pub async fn unfinished(db: &Db) -> Result<Vec<Unfinished>, Error> {
    let rows = db.query_large(unfinished!(""), Vec::<Param>::new()).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Unfinished {
                family: row.take_text(0)?,
                lane: row.int(1)?,
                running: row.flag(2)?,
                count: row.int(3)?,
                due_ms: row.int(4)?,
            })
        })
        .collect()
}

/// A place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Tasks of the lane that are due before this one, tenants taking turns.
    pub ahead: i64,
    /// Tasks that wait in the lane.
    pub queued: i64,
}

const PLACE: &str = "SELECT others.tenant, COUNT(*), \
    SUM(CASE WHEN others.tenant = mine.tenant AND (others.run_at_ms < mine.run_at_ms OR \
        (others.run_at_ms = mine.run_at_ms AND others.id < mine.id)) THEN 1 ELSE 0 END), \
    MAX(CASE WHEN others.tenant = mine.tenant THEN 1 ELSE 0 END) \
    FROM tasks mine JOIN tasks others ON others.state = 0 AND others.lane = mine.lane \
    WHERE mine.id = $1 AND mine.state = 0 GROUP BY others.tenant";

/// Where a queued task stands; `None` if it is not queued. Of every other tenant, as many tasks
/// are due before it as of its own.
pub async fn position(db: &Db, id: i64) -> Result<Option<Position>, Error> {
    let rows = db.query_large(PLACE, params![id]).await?;
    let mut before = None;
    for row in &rows {
        if row.flag(3)? {
            before = Some(row.int(2)?);
        }
    }
    let Some(before) = before else { return Ok(None) };
    let mut position = Position { ahead: before, queued: 0 };
    for row in &rows {
        let count = row.int(1)?;
        position.queued += count;
        if !row.flag(3)? {
            position.ahead += count.min(before);
        }
    }
    Ok(Some(position))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_waits_is_counted_without_looking_at_what_ended() {
        let db = Db::open_temporary().await.unwrap();
        let plan = db.query(unfinished!("EXPLAIN QUERY PLAN "), Vec::<Param>::new()).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.text(3).unwrap().to_owned()).collect();
        let looks: Vec<&String> = plan.iter().filter(|step| step.contains(" tasks")).collect();
        assert_eq!(looks.len(), 2, "{plan:?}");
        assert!(looks.iter().any(|look| look.contains("tasks_queued")), "{plan:?}");
        assert!(looks.iter().any(|look| look.contains("tasks_running")), "{plan:?}");
    }
}
