//! The log of what became of tasks: read from any place in it on, cut off at its beginning. Its rows
//! are written by the database itself (migration 14), whatever statement changes a task's state.
//!
//! On SQLite there is one writer, and ids are the order of the log. On PostgreSQL a transaction may
//! take an id and commit after another with a later one: there the order is that of the
//! transactions' numbers, and only what is older than every running transaction can be read, so that
//! nothing ever appears before what was read already.

use std::fmt;
use std::str::FromStr;

use larkspur_model::task::{Failure, State};
use larkspur_model::time::Millis;
use serde::{Deserialize, Serialize};

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Row, Transaction};

/// A place in the log: behind an event, or before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    transaction: i64,
    id: i64,
}

impl Place {
    /// Before the oldest event that is kept.
    pub const START: Self = Self { transaction: 0, id: 0 };

    pub(crate) const fn of(transaction: i64, id: i64) -> Self {
        Self { transaction, id }
    }

    pub(crate) const fn parts(self) -> (i64, i64) {
        (self.transaction, self.id)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:x}-{:x}", self.transaction, self.id)
    }
}

/// A text that is no place in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (transaction, id) = text.split_once('-').ok_or(NoPlace)?;
        let number = |text: &str| match i64::from_str_radix(text, 16) {
            Ok(number) if number >= 0 => Ok(number),
            _ => Err(NoPlace),
        };
        Ok(Self { transaction: number(transaction)?, id: number(id)? })
    }
}

/// What became of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It is back in the queue: another attempt follows.
    Queued,
    /// An attempt has begun.
    Running,
    /// It has succeeded.
    Succeeded,
    /// It has failed for good.
    Failed,
    /// It was called off.
    Cancelled,
    /// It was forgotten because somebody asked for that.
    Deleted,
}

impl Change {
    /// All of them, each at the place of its stored number. Never renumber: the first five are those
    /// of states of tasks.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Deleted,
    ];

    /// The number it is stored as.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Deleted => "deleted",
        }
    }

    /// That which brings a task into `state`.
    pub const fn of_state(state: State) -> Self {
        match state {
            State::Queued => Self::Queued,
            State::Running => Self::Running,
            State::Succeeded => Self::Succeeded,
            State::Failed => Self::Failed,
            State::Cancelled => Self::Cancelled,
        }
    }

    /// Whether the task has ended with it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }

    fn from_number(number: i64) -> Result<Self, Error> {
        let change = usize::try_from(number).ok().and_then(|at| Self::ALL.get(at)).copied();
        change.ok_or_else(|| Error::corrupt(format!("an event of kind {number}")))
    }
}

/// A transition of a task, as it stands in the log. It is whole: the task may be gone by now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskEvent {
    /// Its place, which is also that behind it.
    pub place: Place,
    /// The task.
    pub task: i64,
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
    /// What became of it.
    pub change: Change,
    /// Attempts begun until then.
    pub attempt: i64,
    /// When; domain clock.
    pub at_ms: Millis,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// What is in the log behind a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// The next events, in their order; none when there are no more yet.
    Events(Vec<TaskEvent>),
    /// The log was cut off behind this place: events are missing.
    CutOff,
}

macro_rules! events {
    ($place:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $place,
            ", task, tenant, app, creator, family, title, state, attempt, at_ms, failure \
             FROM task_events WHERE ",
            $rest
        )
    };
}

const BEHIND: &str = events!("0, id", "id > $1 ORDER BY id LIMIT $2");
/// What a running transaction may still write comes behind everything that is read.
const BEHIND_SETTLED: &str = events!(
    "xid, id",
    "(xid, id) > ($1, $2) \
     AND xid < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT) \
     ORDER BY xid, id LIMIT $3"
);

/// Up to `most` events behind `place`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn read(db: &Db, place: Place, most: i64) -> Result<Page, Error> {
    let rows = if db.is_postgres() {
        db.query_large(BEHIND_SETTLED, params![place.transaction, place.id, most]).await?
    } else {
        db.query_large(BEHIND, params![place.id, most]).await?
    };
    let cut = rows.first().map(|row| row.int(2)).transpose()? == Some(CUT);
    if cut && place != Place::START {
        return Ok(Page::CutOff);
    }
    let events = rows.into_iter().skip(usize::from(cut)).map(|mut row| event(&mut row));
    events.collect::<Result<_, _>>().map(Page::Events)
}

const AT: &str = events!("0, id", "id = $1");
const AT_SETTLED: &str = events!("xid, id", "xid = $1 AND id = $2");

/// The event at `place`; `None` where there is none, or none any more.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn at(db: &Db, place: Place) -> Result<Option<TaskEvent>, Error> {
    let row = if db.is_postgres() {
        db.query_one(AT_SETTLED, params![place.transaction, place.id]).await?
    } else {
        db.query_one(AT, params![place.id]).await?
    };
    let found = row.map(|mut row| event(&mut row)).transpose()?;
    Ok(found.filter(|event| event.task != CUT && event.place == place))
}

/// Stands for the task in the row that marks where the log was cut off.
const CUT: i64 = 0;

fn event(row: &mut Row) -> Result<TaskEvent, Error> {
    let failure = match row.opt_text(11)? {
        None => None,
        Some(text) => serde_json::from_str(text)
            .map(Some)
            .map_err(|error| Error::corrupt(format!("the failure of an event: {error}")))?,
    };
    Ok(TaskEvent {
        place: place(row)?,
        task: row.int(2)?,
        tenant: row.take_text(3)?,
        app: row.take_text(4)?,
        creator: row.take_text(5)?,
        family: row.take_text(6)?,
        title: row.take_text(7)?,
        change: Change::from_number(row.int(8)?)?,
        attempt: row.int(9)?,
        at_ms: row.opt_int(10)?.unwrap_or_default(),
        failure,
    })
}

fn place(row: &Row) -> Result<Place, Error> {
    Ok(Place { transaction: row.int(0)?, id: row.int(1)? })
}

const LAST: &str = "SELECT 0, id FROM task_events ORDER BY id DESC LIMIT 1";
const LAST_SETTLED: &str = "SELECT xid, id FROM task_events \
    WHERE xid < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT) \
    ORDER BY xid DESC, id DESC LIMIT 1";

/// The place behind the last event: what comes from now on is behind it.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn end(db: &Db) -> Result<Place, Error> {
    let sql = if db.is_postgres() { LAST_SETTLED } else { LAST };
    let last = db.query_one(sql, params![]).await?;
    last.as_ref().map_or(Ok(Place::START), place)
}

const AHEAD: &str = "SELECT CASE WHEN $1 >= \
    CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS TEXT) AS BIGINT) THEN 1 ELSE 0 END";

/// Whether `place` lies behind all that this log can hold by now: it is one of another log.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn is_foreign(db: &Db, place: Place) -> Result<bool, Error> {
    if db.is_postgres() {
        let row = db.query_one(AHEAD, params![place.transaction]).await?;
        return row.map_or(Ok(false), |row| row.flag(0));
    }
    Ok(place > end(db).await?)
}

const DELETED: &str = "INSERT INTO task_events \
    (task, tenant, app, creator, family, title, state, attempt, at_ms) \
    SELECT id, tenant, app, creator, family, title, 5, attempt, CAST($2 AS BIGINT) \
    FROM tasks WHERE id = $1 AND state >= 2";

/// Notes that the task `id`, which has ended, is forgotten by the statements behind this one.
pub(crate) fn note_deleted(transaction: &mut Transaction, id: i64, now_ms: Millis) {
    transaction.run(DELETED, params![id, now_ms]);
}

const OLDEST: &str = "SELECT 0, id, at_ms, task FROM task_events ORDER BY id LIMIT $1";
const OLDEST_SETTLED: &str =
    "SELECT xid, id, at_ms, task FROM task_events ORDER BY xid, id LIMIT $1";
const MARK: &str = "UPDATE task_events SET task = 0 WHERE id = $1";
const MARK_SETTLED: &str = "UPDATE task_events SET task = 0 WHERE xid = $1 AND id = $2";
const CUT_OFF: &str = "DELETE FROM task_events WHERE id < $1";
const CUT_OFF_SETTLED: &str = "DELETE FROM task_events WHERE (xid, id) < ($1, $2)";

/// Cuts up to `most` events off the beginning of the log: those from before `before_ms` (domain
/// clock), and those beyond the last `keep`. `true`: there may be more of them.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn cut_off(db: &Db, before_ms: Millis, keep: i64, most: i64) -> Result<bool, Error> {
    let postgres = db.is_postgres();
    let kept_from = end(db).await?.id - keep;
    let sql = if postgres { OLDEST_SETTLED } else { OLDEST };
    let rows = db.query_large(sql, params![most]).await?;
    let mut until = None;
    let mut count = 0;
    for row in &rows {
        let (place, is_mark) = (place(row)?, row.int(3)? == CUT);
        let young = row.opt_int(2)?.is_some_and(|at_ms| at_ms >= before_ms);
        if place.id > kept_from && young && !is_mark {
            break;
        }
        until = (!is_mark).then_some(place);
        count += 1;
    }
    let Some(until) = until else { return Ok(false) };
    let mut transaction = Transaction::new();
    if postgres {
        transaction.run(MARK_SETTLED, params![until.transaction, until.id]);
        transaction.run(CUT_OFF_SETTLED, params![until.transaction, until.id]);
    } else {
        transaction.run(MARK, params![until.id]);
        transaction.run(CUT_OFF, params![until.id]);
    }
    db.commit(transaction).await?;
    Ok(count == most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_as_they_are_written_and_nothing_else_is() {
        for place in [Place::START, Place { transaction: 0x2f, id: 0x1234 }] {
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for text in ["", "7", "-1-2", "x-1", "1-", "ffffffffffffffff-1"] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }
}
