//! Webhooks: whom the server tells by itself what became of tasks, how far each is, who delivers to it,
//! the latest attempts. When what is sent, and how, is decided above.
//!
//! Two clocks, as with tasks: leases follow the machine's own, all else the domain's.

use larkspur_model::time::Millis;

use crate::db::Db;
use crate::error::Error;
use crate::events::Place;
use crate::params;
use crate::sql::{Row, Transaction};

/// Whom the server tells what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// Only of this tenant; empty for any.
    pub tenant: String,
    /// Only of tasks that this app submitted; empty for any.
    pub app: String,
    /// Only of tasks of this family; empty for any.
    pub family: String,
    /// Words of the transitions it is told, with commas between.
    pub changes: String,
    /// Where it is told.
    pub url: String,
    /// For people.
    pub description: String,
    /// Counts the secrets it had.
    pub secret: i64,
    /// Until when the secret before signs too.
    pub old_secret_until_ms: Option<Millis>,
    /// When it was made.
    pub created_ms: Millis,
}

/// How far a webhook is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Counts the changes of what is delivered, and where.
    pub version: i64,
    /// Behind the last event that was delivered.
    pub place: Place,
    /// When the last one was.
    pub delivered_ms: Option<Millis>,
    /// Failed attempts at the next event.
    pub failures: i64,
    /// Since when they fail.
    pub failing_since_ms: Option<Millis>,
    /// When the next attempt is due.
    pub due_ms: Millis,
    /// What went wrong last.
    pub trouble: Option<String>,
    /// Since when nothing is delivered.
    pub paused_ms: Option<Millis>,
}

/// An attempt at telling a webhook something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// A number that later ones exceed.
    pub number: i64,
    /// The id of the message, the same in every attempt.
    pub message: String,
    /// Its type.
    pub kind: String,
    /// The task it is about.
    pub task: Option<i64>,
    /// When.
    pub at_ms: Millis,
    /// How long it took.
    pub took_ms: i64,
    /// HTTP status of the answer; 0 where there was none.
    pub status: i64,
    /// Why it failed, where it did.
    pub trouble: Option<String>,
}

/// What whoever delivers shows whenever it writes how far a webhook is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The webhook.
    pub webhook: String,
    /// The lease on it; a new number each time it is leased.
    pub lease: i64,
}

/// The label of the conflict where somebody else delivers by now, or the webhook was moved.
pub const HOLD: &str = "the hold on the webhook is lost";
/// Attempts kept of each webhook.
const KEPT: i64 = 200;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, tenant, app, family, changes, url, description, secret, \
             old_secret_until_ms, created_ms, version, place_transaction, place_id, \
             delivered_ms, failures, failing_since_ms, due_ms, trouble, paused_ms \
             FROM webhooks CROSS JOIN webhook_standings WHERE webhook = id ",
            $rest
        )
    };
}

fn read(row: &mut Row) -> Result<(Webhook, Standing), Error> {
    let standing = Standing {
        version: row.int(10)?,
        place: Place::of(row.int(11)?, row.int(12)?),
        delivered_ms: row.opt_int(13)?,
        failures: row.int(14)?,
        failing_since_ms: row.opt_int(15)?,
        due_ms: row.int(16)?,
        trouble: row.take_opt_text(17)?,
        paused_ms: row.opt_int(18)?,
    };
    let webhook = Webhook {
        id: row.take_text(0)?,
        tenant: row.take_text(1)?,
        app: row.take_text(2)?,
        family: row.take_text(3)?,
        changes: row.take_text(4)?,
        url: row.take_text(5)?,
        description: row.take_text(6)?,
        secret: row.int(7)?,
        old_secret_until_ms: row.opt_int(8)?,
        created_ms: row.int(9)?,
    };
    Ok((webhook, standing))
}

/// Adds a webhook that is told what comes behind `place`.
pub fn insert(transaction: &mut Transaction, webhook: &Webhook, place: Place) {
    transaction.run(
        "INSERT INTO webhooks (id, tenant, app, family, changes, url, description, secret, \
         old_secret_until_ms, created_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        params![
            &webhook.id,
            &webhook.tenant,
            &webhook.app,
            &webhook.family,
            &webhook.changes,
            &webhook.url,
            &webhook.description,
            webhook.secret,
            webhook.old_secret_until_ms,
            webhook.created_ms,
        ],
    );
    let (place_transaction, place_id) = place.parts();
    transaction.run(
        "INSERT INTO webhook_standings (webhook, version, place_transaction, place_id, failures, \
         due_ms) VALUES ($1, 1, $2, $3, 0, 0)",
        params![&webhook.id, place_transaction, place_id],
    );
}

/// The webhook `id`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn get(db: &Db, id: &str) -> Result<Option<(Webhook, Standing)>, Error> {
    let row = db.query_one(select!("AND id = $1"), params![id]).await?;
    row.map(|mut row| read(&mut row)).transpose()
}

/// Up to `most` webhooks by their ids, behind `after`.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(db: &Db, after: &str, most: i64) -> Result<Vec<(Webhook, Standing)>, Error> {
    let sql = select!("AND id > $1 ORDER BY id LIMIT $2");
    let rows = db.query(sql, params![after, most]).await?;
    rows.into_iter().map(|mut row| read(&mut row)).collect()
}

/// Whoever delivers has to look at the webhook again, which the next word they write tells them; an
/// attempt that failed is made again at once.
const TOUCH: &str = "UPDATE webhook_standings SET version = version + 1, due_ms = 0 \
    WHERE webhook = $1";

/// Changes what a webhook is told, and where. Its place stays.
pub fn update(transaction: &mut Transaction, webhook: &Webhook) {
    transaction.run(
        "UPDATE webhooks SET tenant = $2, app = $3, family = $4, changes = $5, url = $6, \
         description = $7, secret = $8, old_secret_until_ms = $9 WHERE id = $1",
        params![
            &webhook.id,
            &webhook.tenant,
            &webhook.app,
            &webhook.family,
            &webhook.changes,
            &webhook.url,
            &webhook.description,
            webhook.secret,
            webhook.old_secret_until_ms,
        ],
    );
    transaction.run(TOUCH, params![&webhook.id]);
}

/// Has nothing delivered to a webhook from `paused_ms` on, or (`None`) again what it has not been told
/// yet.
pub fn pause(transaction: &mut Transaction, id: &str, paused_ms: Option<Millis>) {
    transaction.run(
        "UPDATE webhook_standings SET paused_ms = $2, failures = 0, failing_since_ms = NULL, \
         trouble = NULL WHERE webhook = $1",
        params![id, paused_ms],
    );
    transaction.run(TOUCH, params![id]);
}

/// Puts a webhook back, or forward, to `place`. Whoever delivers loses their hold.
pub fn move_to(transaction: &mut Transaction, id: &str, place: Place) {
    let (place_transaction, place_id) = place.parts();
    transaction.run(
        "UPDATE webhook_standings SET place_transaction = $2, place_id = $3, failures = 0, \
         failing_since_ms = NULL, lease_id = NULL, lease_node = NULL, lease_until_ms = NULL \
         WHERE webhook = $1",
        params![id, place_transaction, place_id],
    );
    transaction.run(TOUCH, params![id]);
}

/// Removes a webhook.
pub fn remove(transaction: &mut Transaction, id: &str) {
    for sql in [
        "DELETE FROM webhooks WHERE id = $1",
        "DELETE FROM webhook_standings WHERE webhook = $1",
        "DELETE FROM webhook_deliveries WHERE webhook = $1",
    ] {
        transaction.run(sql, params![id]);
    }
}

/// Forgets how far webhooks were that are gone, as after a reset.
pub(crate) fn forget_orphans(transaction: &mut Transaction) {
    for sql in [
        "DELETE FROM webhook_standings \
         WHERE NOT EXISTS (SELECT 1 FROM webhooks WHERE id = webhook)",
        "DELETE FROM webhook_deliveries \
         WHERE NOT EXISTS (SELECT 1 FROM webhooks WHERE id = webhook)",
    ] {
        transaction.run(sql, params![]);
    }
}

const ADOPT: &str = "INSERT INTO webhook_standings (webhook, version, place_transaction, place_id, \
    failures, due_ms) SELECT id, 1, CAST($1 AS BIGINT), \
    CAST($2 AS BIGINT), 0, 0 FROM webhooks \
    WHERE NOT EXISTS (SELECT 1 FROM webhook_standings WHERE webhook = id) \
    ON CONFLICT DO NOTHING";
const STRAYS: &str = "SELECT id FROM webhooks \
    WHERE NOT EXISTS (SELECT 1 FROM webhook_standings WHERE webhook = id) LIMIT 1";
const FREE: &str = select!(
    "AND paused_ms IS NULL AND due_ms <= $1 \
     AND (lease_until_ms IS NULL OR lease_until_ms < $2) ORDER BY id LIMIT $3"
);
const TAKE: &str = "UPDATE webhook_standings SET lease_id = $6, lease_node = $3, \
    lease_until_ms = $4 WHERE webhook = $1 AND version = $2 AND paused_ms IS NULL \
    AND (lease_until_ms IS NULL OR lease_until_ms < $5)";

/// How webhooks are leased.
#[derive(Debug, Clone, Copy)]
pub struct Leasing<'a> {
    /// The number of the leases, never used before.
    pub lease: i64,
    /// Who leases.
    pub node: &'a str,
    /// Now; domain clock.
    pub now_ms: Millis,
    /// Now; the machine's own clock.
    pub real_ms: Millis,
    /// When the leases expire; the machine's own clock.
    pub until_ms: Millis,
}

/// Leases up to `most` webhooks for which an attempt is due and to which nobody delivers. Those that
/// came back with a snapshot go on with what is to come.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn lease(
    db: &Db,
    leasing: Leasing<'_>,
    most: i64,
) -> Result<Vec<(Webhook, Standing)>, Error> {
    if db.query_one(STRAYS, params![]).await?.is_some() {
        let (place_transaction, place_id) = crate::events::end(db).await?.parts();
        let mut transaction = Transaction::new();
        transaction.run(ADOPT, params![place_transaction, place_id]);
        db.commit(transaction).await?;
    }
    let Leasing { lease, node, now_ms, real_ms, until_ms } = leasing;
    let rows = db.query(FREE, params![now_ms, real_ms, most]).await?;
    let free: Vec<_> = rows.into_iter().map(|mut row| read(&mut row)).collect::<Result<_, _>>()?;
    let mut transaction = Transaction::new();
    for (webhook, standing) in &free {
        let params = params![&webhook.id, standing.version, node, until_ms, real_ms, lease];
        transaction.run(TAKE, params);
    }
    let taken = db.commit(transaction).await?;
    let pairs = free.into_iter().zip(taken);
    Ok(pairs.filter(|(_, taken)| taken.rows_changed == 1).map(|(free, _)| free).collect())
}

/// Gives up all that `node` has leased, because it has just started.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn release_all(db: &Db, node: &str) -> Result<(), Error> {
    let mut transaction = Transaction::new();
    transaction.run(
        "UPDATE webhook_standings SET lease_id = NULL, lease_node = NULL, lease_until_ms = NULL \
         WHERE lease_node = $1",
        params![node],
    );
    db.commit(transaction).await.map(|_| ())
}

const ADVANCE: &str = "UPDATE webhook_standings SET place_transaction = $3, place_id = $4, \
    lease_until_ms = $5, delivered_ms = COALESCE(CAST($6 AS BIGINT), delivered_ms), \
    failures = CASE WHEN $6 IS NULL THEN failures ELSE 0 END, \
    failing_since_ms = CASE WHEN $6 IS NULL THEN failing_since_ms END, \
    trouble = CASE WHEN $6 IS NULL THEN trouble END \
    WHERE webhook = $1 AND lease_id = $2 RETURNING version";

/// Moves a webhook behind what was delivered, at `delivered_ms` if anything was, and the end of its
/// lease to `until_ms`. Gives the version it has now.
///
/// # Errors
/// [`Error::Conflict`] [`HOLD`].
pub async fn advance(
    db: &Db,
    hold: &Hold,
    place: Place,
    until_ms: Millis,
    delivered_ms: Option<Millis>,
    deliveries: &[Delivery],
) -> Result<i64, Error> {
    let (place_transaction, place_id) = place.parts();
    let mut transaction = Transaction::new();
    transaction.require(
        HOLD,
        1,
        ADVANCE,
        params![&hold.webhook, hold.lease, place_transaction, place_id, until_ms, delivered_ms,],
    );
    note(&mut transaction, &hold.webhook, deliveries);
    let changed = db.commit(transaction).await?;
    let row = changed.first().and_then(|changed| changed.rows.first());
    row.ok_or_else(|| Error::corrupt("a webhook that was changed and is not there"))?.int(0)
}

const SET_BACK: &str = "UPDATE webhook_standings SET failures = failures + 1, \
    failing_since_ms = COALESCE(failing_since_ms, $3), due_ms = $4, trouble = $5, \
    paused_ms = COALESCE(paused_ms, $6), lease_id = NULL, lease_node = NULL, \
    lease_until_ms = NULL WHERE webhook = $1 AND lease_id = $2";

/// What follows a failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetBack {
    /// When it failed.
    pub now_ms: Millis,
    /// When the next attempt is due.
    pub due_ms: Millis,
    /// What went wrong.
    pub trouble: String,
    /// Whether there is no other.
    pub pause: bool,
}

/// Notes a failed attempt and gives the lease up.
///
/// # Errors
/// [`Error::Conflict`] [`HOLD`].
pub async fn set_back(
    db: &Db,
    hold: &Hold,
    what: &SetBack,
    deliveries: &[Delivery],
) -> Result<(), Error> {
    let SetBack { now_ms, due_ms, trouble, pause } = what;
    let paused_ms = pause.then_some(*now_ms);
    let mut transaction = Transaction::new();
    transaction.require(
        HOLD,
        1,
        SET_BACK,
        params![&hold.webhook, hold.lease, *now_ms, *due_ms, trouble, paused_ms],
    );
    note(&mut transaction, &hold.webhook, deliveries);
    db.commit(transaction).await.map(|_| ())
}

/// Gives a lease up; one that is lost is passed over.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn release(db: &Db, hold: &Hold) -> Result<(), Error> {
    let mut transaction = Transaction::new();
    transaction.run(
        "UPDATE webhook_standings SET lease_id = NULL, lease_node = NULL, lease_until_ms = NULL \
         WHERE webhook = $1 AND lease_id = $2",
        params![&hold.webhook, hold.lease],
    );
    db.commit(transaction).await.map(|_| ())
}

/// Keeps attempts; of each webhook the latest. Should another node have taken the same number in the same
/// millisecond, its attempt is the one that is kept.
pub fn note(transaction: &mut Transaction, webhook: &str, deliveries: &[Delivery]) {
    let Some(last) = deliveries.last() else { return };
    let skipped = deliveries.len().saturating_sub(KEPT as usize);
    for delivery in &deliveries[skipped..] {
        transaction.run(
            "INSERT INTO webhook_deliveries (webhook, number, message, kind, task, at_ms, took_ms, \
             status, trouble) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT DO NOTHING",
            params![
                webhook,
                delivery.number,
                &delivery.message,
                &delivery.kind,
                delivery.task,
                delivery.at_ms,
                delivery.took_ms,
                delivery.status,
                delivery.trouble.as_ref(),
            ],
        );
    }
    transaction.run(
        "DELETE FROM webhook_deliveries WHERE webhook = $1 AND number <= \
         (SELECT number FROM webhook_deliveries WHERE webhook = $1 AND number <= $2 \
         ORDER BY number DESC LIMIT 1 OFFSET $3)",
        params![webhook, last.number, KEPT],
    );
}

/// Up to `most` of the kept attempts before the number `before`, the latest first.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn deliveries(
    db: &Db,
    webhook: &str,
    before: i64,
    most: i64,
) -> Result<Vec<Delivery>, Error> {
    let sql = "SELECT number, message, kind, task, at_ms, took_ms, status, trouble \
               FROM webhook_deliveries WHERE webhook = $1 AND number < $2 \
               ORDER BY number DESC LIMIT $3";
    let rows = db.query(sql, params![webhook, before, most]).await?;
    rows.into_iter()
        .map(|mut row| {
            Ok(Delivery {
                number: row.int(0)?,
                message: row.take_text(1)?,
                kind: row.take_text(2)?,
                task: row.opt_int(3)?,
                at_ms: row.int(4)?,
                took_ms: row.int(5)?,
                status: row.int(6)?,
                trouble: row.take_opt_text(7)?,
            })
        })
        .collect()
}
