//! Calls counted in windows that several nodes share: one statement for each call, which counts it
//! only where no window is full, so that all nodes together never let one through too many. Which
//! ceilings there are is decided above.
//!
//! The alternative, portions that are leased to nodes, saves the statement; but ceilings are a few
//! calls a second, and a node that holds some of them idle would have others refuse.

use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// A window this many earlier is a clock that was set back, not one that is a little slow.
pub const SET_BACK: i64 = 5;

/// Calls in one window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// Number of the window since the epoch.
    pub at: i64,
    /// Calls in it.
    pub calls: u32,
}

/// A call to be counted.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// What it counts for; the tenant's id, a `/` and the rest.
    pub bucket: &'a str,
    /// Numbers of the second, the minute and the day it is.
    pub at: [i64; 3],
    /// Calls that may be in each of them; `None` for as many as there are.
    pub most: [Option<u32>; 3],
    /// Where only one may run: who runs, and until when that counts if nobody takes it back.
    pub alone: Option<(&'a str, i64)>,
    /// The machine's own time.
    pub real_ms: i64,
}

/// How a bucket stands that a call was not counted in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The second, the minute and the day that calls were counted in last.
    pub windows: [Window; 3],
    /// Whether somebody runs alone.
    pub held: bool,
}

/// Whether the counts of this database are several nodes'.
pub const fn are_shared(db: &Db) -> bool {
    db.is_postgres()
}

const COUNT: &str = "INSERT INTO rate_windows AS counted (bucket, second_at, second_calls, \
    minute_at, minute_calls, day_at, day_calls, holder, held_until_ms) \
    VALUES ($1, $2, 1, $3, 1, $4, 1, $5, $6) \
    ON CONFLICT (bucket) DO UPDATE SET \
    second_calls = CASE WHEN excluded.second_at > counted.second_at \
        OR excluded.second_at < counted.second_at - 5 THEN 1 ELSE counted.second_calls + 1 END, \
    second_at = CASE WHEN excluded.second_at > counted.second_at \
        OR excluded.second_at < counted.second_at - 5 THEN excluded.second_at \
        ELSE counted.second_at END, \
    minute_calls = CASE WHEN excluded.minute_at > counted.minute_at \
        OR excluded.minute_at < counted.minute_at - 5 THEN 1 ELSE counted.minute_calls + 1 END, \
    minute_at = CASE WHEN excluded.minute_at > counted.minute_at \
        OR excluded.minute_at < counted.minute_at - 5 THEN excluded.minute_at \
        ELSE counted.minute_at END, \
    day_calls = CASE WHEN excluded.day_at > counted.day_at \
        OR excluded.day_at < counted.day_at - 5 THEN 1 ELSE counted.day_calls + 1 END, \
    day_at = CASE WHEN excluded.day_at > counted.day_at \
        OR excluded.day_at < counted.day_at - 5 THEN excluded.day_at ELSE counted.day_at END, \
    holder = excluded.holder, held_until_ms = excluded.held_until_ms \
    WHERE (counted.second_calls < $7 OR excluded.second_at > counted.second_at \
        OR excluded.second_at < counted.second_at - 5) \
    AND (counted.minute_calls < $8 OR excluded.minute_at > counted.minute_at \
        OR excluded.minute_at < counted.minute_at - 5) \
    AND (counted.day_calls < $9 OR excluded.day_at > counted.day_at \
        OR excluded.day_at < counted.day_at - 5) \
    AND (excluded.holder IS NULL OR counted.holder IS NULL OR counted.held_until_ms <= $10)";

const STANDING: &str = "SELECT second_at, second_calls, minute_at, minute_calls, day_at, \
    day_calls, holder, held_until_ms FROM rate_windows WHERE bucket = $1";

/// Counts a call. `None`: it was counted. Else how the bucket stands, in which it was one too many.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn count(db: &Db, call: &Call<'_>) -> Result<Option<Standing>, Error> {
    let most = call.most.map(|most| most.map_or(i64::MAX, i64::from));
    let (holder, held_until_ms) = call.alone.unzip();
    let mut transaction = Transaction::new();
    transaction.run(
        COUNT,
        params![
            call.bucket,
            call.at[0],
            call.at[1],
            call.at[2],
            holder,
            held_until_ms.unwrap_or(0),
            most[0],
            most[1],
            most[2],
            call.real_ms,
        ],
    );
    let changed = db.commit(transaction).await?;
    if changed.first().is_some_and(|changed| changed.rows_changed > 0) {
        return Ok(None);
    }
    let row = db.query_one(STANDING, params![call.bucket]).await?;
    let mut standing = Standing { windows: [Window::default(); 3], held: false };
    if let Some(row) = row {
        for (at, window) in standing.windows.iter_mut().enumerate() {
            let calls = row.int(at * 2 + 1)?;
            *window =
                Window { at: row.int(at * 2)?, calls: u32::try_from(calls).unwrap_or(u32::MAX) };
        }
        standing.held = row.opt_text(6)?.is_some() && row.int(7)? > call.real_ms;
    }
    Ok(Some(standing))
}

/// `holder` no longer runs alone.
pub fn release(transaction: &mut Transaction, bucket: &str, holder: &str) {
    transaction.run(
        "UPDATE rate_windows SET holder = NULL WHERE bucket = $1 AND holder = $2",
        params![bucket, holder],
    );
}

/// Forgets the calls of `tenant`, or of everybody. Names of buckets begin with their tenant's id and
/// a `/`.
pub(crate) fn forget(transaction: &mut Transaction, tenant: Option<&str>) {
    match tenant {
        None => transaction.run("DELETE FROM rate_windows", params![]),
        Some(tenant) => transaction.run(
            "DELETE FROM rate_windows WHERE substr(bucket, 1, length($1) + 1) = $1 || '/'",
            params![tenant],
        ),
    };
}

/// Forgets buckets in which nothing was counted since `day`, the number of a day.
pub(crate) fn forget_before(transaction: &mut Transaction, day: i64) {
    transaction.run("DELETE FROM rate_windows WHERE day_at < $1", params![day]);
}
