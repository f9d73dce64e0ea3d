//! Which blobs count: those a committed row claims or a snapshot pins. The sweep deletes the others,
//! and never one that a transaction may still publish.

use futures_util::StreamExt as _;
use larkspur_model::time::{HOUR_MS, MINUTE_MS, Millis};

use super::{Blobs, disk};
use crate::db::Db;
use crate::error::Error;
use crate::params;
use crate::sql::{Param, Transaction};

/// How long a blob may lie unclaimed, and a half-written one untouched.
const ORPHAN_MS: Millis = HOUR_MS;
/// How long a released blob stays, for those who are just reading it.
const RELEASED_MS: Millis = 10 * MINUTE_MS;
/// How long something in the scratch folder may stay untouched.
const SCRATCH_MS: Millis = 24 * HOUR_MS;
/// Keys looked up in one query.
const BATCH: usize = 16;

/// Says, in the transaction that makes it visible, that the blob `key` counts. A second claim of
/// the key, or one that comes when the sweep has already condemned the blob, fails the transaction
/// with [`Error::Duplicate`].
pub fn claim(transaction: &mut Transaction, key: &str, size_bytes: i64, now_ms: Millis) {
    transaction.run(
        "INSERT INTO blobs (key, size_bytes, claimed_ms) VALUES ($1, $2, $3)",
        params![key, size_bytes, now_ms],
    );
}

/// Says that the blob `key` no longer counts: it is deleted by a sweep some minutes later.
pub fn release(transaction: &mut Transaction, key: &str, now_ms: Millis) {
    transaction.run(
        "UPDATE blobs SET released_ms = $2 WHERE key = $1 AND released_ms IS NULL",
        params![key, now_ms],
    );
}

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Blobs whose row had released them.
    pub released: u64,
    /// Blobs no row had claimed.
    pub orphans: u64,
    /// Half-written blobs and files forgotten in the scratch folder.
    pub remnants: u64,
}

/// How many blobs there are, and how many bytes they are together.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn usage(db: &Db) -> Result<(i64, i64), Error> {
    let sql = "SELECT COUNT(*), COALESCE(CAST(SUM(size_bytes) AS BIGINT), 0) FROM blobs";
    let rows = db.query_large(sql, params![]).await?;
    rows.first().map_or(Ok((0, 0)), |row| Ok((row.int(0)?, row.int(1)?)))
}

/// Deletes what no longer counts: blobs released ten minutes ago, blobs written an hour ago and
/// never claimed, what crashes left half-written.
///
/// `now_ms` is the clock of the claims. `real_ms` is the system's clock, which stamps the files;
/// the two differ where the first is virtual.
///
/// # Errors
/// The first that comes up; what was swept until then stays swept.
pub async fn sweep(
    db: &Db,
    blobs: &Blobs,
    now_ms: Millis,
    real_ms: Millis,
) -> Result<Swept, Error> {
    let mut swept =
        Swept { released: sweep_released(db, blobs, now_ms).await?, ..Swept::default() };
    swept.orphans = sweep_orphans(db, blobs, now_ms, real_ms - ORPHAN_MS).await?;
    let inner = blobs.inner.clone();
    let remnants = tokio::task::spawn_blocking(move || {
        let staged = match &inner.disk {
            Some(disk) => disk.remove_staged(real_ms - ORPHAN_MS)?,
            None => 0,
        };
        Ok::<_, std::io::Error>(staged + disk::remove_older(&inner.scratch, real_ms - SCRATCH_MS)?)
    });
    swept.remnants = remnants.await.map_err(std::io::Error::other)??;
    Ok(swept)
}

async fn sweep_released(db: &Db, blobs: &Blobs, now_ms: Millis) -> Result<u64, Error> {
    let mut removed = 0;
    loop {
        // What a snapshot pins may be claimed again.
        let sql = "SELECT key FROM blobs WHERE released_ms < $1 AND NOT EXISTS \
                   (SELECT 1 FROM snapshot_blobs WHERE snapshot_blobs.key = blobs.key) \
                   ORDER BY released_ms LIMIT 256";
        let rows = db.query(sql, params![now_ms - RELEASED_MS]).await?;
        if rows.is_empty() {
            return Ok(removed);
        }
        let mut forget = Transaction::new();
        for row in &rows {
            blobs.delete(row.text(0)?).await?;
            forget.run("DELETE FROM blobs WHERE key = $1", params![row.text(0)?]);
            removed += 1;
        }
        db.commit(forget).await?;
    }
}

async fn sweep_orphans(
    db: &Db,
    blobs: &Blobs,
    now_ms: Millis,
    before_ms: Millis,
) -> Result<u64, Error> {
    let mut removed = 0;
    let mut batch: Vec<String> = Vec::new();
    let mut entries = blobs.list("")?;
    loop {
        let entry = entries.next().await.transpose()?;
        let last = entry.is_none();
        batch.extend(entry.filter(|entry| entry.modified_ms < before_ms).map(|entry| entry.key));
        if batch.len() == BATCH || (last && !batch.is_empty()) {
            for key in unclaimed(db, &batch).await? {
                removed += u64::from(condemn(db, blobs, &key, now_ms).await?);
            }
            batch.clear();
        }
        if last {
            return Ok(removed);
        }
    }
}

/// Those of `keys` that have no row.
async fn unclaimed(db: &Db, keys: &[String]) -> Result<Vec<String>, Error> {
    let sql = "SELECT key FROM blobs WHERE key IN \
               ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    let mut params: Vec<Param> = keys.iter().map(Param::from).collect();
    params.resize(BATCH, Param::from(""));
    let rows = db.query(sql, params).await?;
    let claimed = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>()?;
    Ok(keys.iter().filter(|key| !claimed.contains(&key.as_str())).cloned().collect())
}

/// Deletes the orphan `key`. First its row is taken, released from the start: from then on nobody
/// can claim the blob, so nothing that was published meanwhile can lose its bytes.
async fn condemn(db: &Db, blobs: &Blobs, key: &str, now_ms: Millis) -> Result<bool, Error> {
    let mut take = Transaction::new();
    take.require(
        "orphan",
        1,
        "INSERT INTO blobs (key, size_bytes, claimed_ms, released_ms) VALUES ($1, 0, $2, $2) \
         ON CONFLICT (key) DO NOTHING",
        params![key, now_ms],
    );
    match db.commit(take).await {
        Ok(_) => {}
        Err(Error::Conflict { .. }) => return Ok(false),
        Err(error) => return Err(error),
    }
    blobs.delete(key).await?;
    let mut forget = Transaction::new();
    forget.run("DELETE FROM blobs WHERE key = $1", params![key]);
    db.commit(forget).await?;
    Ok(true)
}
