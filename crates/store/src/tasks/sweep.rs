//! Forgetting: what ended tasks were given and gave goes after a while, later the tasks
//! themselves. How long that is comes from above.

use larkspur_model::task::State;

use super::state;
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::Transaction;

/// What one step of a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Tasks whose payload and output went.
    pub emptied: u64,
    /// Tasks that went.
    pub removed: u64,
    /// Where the next step goes on; `None` when this one has seen the last task.
    pub next: Option<i64>,
}

const WALK: &str = "SELECT id, state, finished_ms, \
    CASE WHEN payload IS NULL AND output IS NULL THEN 1 ELSE 0 END \
    FROM tasks WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3";
const EMPTY: &str = "UPDATE tasks SET payload = NULL, output = NULL WHERE id = $1 AND state >= 2";
const REMOVE: &str = "DELETE FROM tasks WHERE id = $1 AND state >= 2";

/// Looks at up to `most` tasks with numbers between `after` and `until`: empties those that ended
/// before `empty_before_ms`, removes those that ended before `remove_before_ms` (domain clock).
/// Walks by number, so that ended tasks need no index of their own.
pub async fn sweep(
    db: &Db,
    after: i64,
    until: i64,
    most: i64,
    empty_before_ms: i64,
    remove_before_ms: i64,
) -> Result<Swept, Error> {
    let rows = db.query_large(WALK, params![after, until, most]).await?;
    let mut swept = Swept::default();
    let mut transaction = Transaction::new();
    for row in &rows {
        let (id, state, finished_ms) = (row.int(0)?, state(row.int(1)?)?, row.opt_int(2)?);
        swept.next = Some(id);
        let (true, Some(finished_ms)) = (State::is_final(state), finished_ms) else { continue };
        if finished_ms < remove_before_ms {
            transaction.run(REMOVE, params![id]);
            swept.removed += 1;
        } else if finished_ms < empty_before_ms && !row.flag(3)? {
            transaction.run(EMPTY, params![id]);
            swept.emptied += 1;
        }
    }
    if (rows.len() as i64) < most {
        swept.next = None;
    }
    db.commit(transaction).await?;
    Ok(swept)
}
