//! Snapshots: the state of the server, or of one tenant, kept by name and put back. Rows are copied
//! within the database, so that neither direction passes them through this process; putting back
//! touches only rows that differ. Blobs never change under their keys: a snapshot pins those its
//! rows name. What a running server must forget afterwards is known above.

pub(crate) mod copies;
mod statements;
pub(crate) mod tables;

use larkspur_model::id::TenantId;
use larkspur_model::time::Millis;

use self::statements::{OF_BLOBS, OF_TABLES, Scoped};
use crate::db::Db;
use crate::error::Error;
use crate::sql::{Param, Row, Transaction};
use crate::{params, rates, settings};

/// The name of the state that a reset goes back to.
pub const BASE: &str = "base";
/// The setting that changes whenever a state was put back, for nodes that have to forget what they
/// remember.
pub const RESTORED: &str = "restored";
/// The label of the conflict where a snapshot is gone, or its name is taken.
pub const SNAPSHOT: &str = "snapshot";

/// How much a snapshot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of the server.
    Server,
    /// One tenant's part of it.
    Tenant(TenantId),
}

impl Scope {
    /// That of `tenant`; the server's where that is empty.
    pub fn of(tenant: &str) -> Self {
        if tenant.is_empty() { Self::Server } else { Self::Tenant(TenantId(tenant.to_owned())) }
    }

    /// The tenant; empty for the server.
    pub fn tenant(&self) -> &str {
        match self {
            Self::Server => "",
            Self::Tenant(tenant) => tenant.as_str(),
        }
    }

    /// The tenant, where it is one's.
    pub fn of_tenant(&self) -> Option<&str> {
        match self {
            Self::Server => None,
            Self::Tenant(tenant) => Some(tenant.as_str()),
        }
    }

    /// Runs the statement of this scope with `params`, where there is one.
    fn run(&self, transaction: &mut Transaction, statement: Scoped, mut params: Vec<Param>) {
        match (self, statement.tenant) {
            (Self::Server, _) => {
                transaction.run(statement.server, params);
            }
            (Self::Tenant(tenant), Some(sql)) => {
                params.push(tenant.as_str().into());
                transaction.run(sql, params);
            }
            (Self::Tenant(_), None) => {}
        }
    }
}

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its number.
    pub id: i64,
    /// What it holds.
    pub scope: Scope,
    /// Its name, which no other of its scope has.
    pub name: String,
    /// When it was taken; domain clock.
    pub created_ms: Millis,
    /// When it was last put back; domain clock.
    pub restored_ms: Option<Millis>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT id, tenant, name, created_ms, restored_ms FROM snapshots ", $rest)
    };
}

fn read(row: &Row) -> Result<Snapshot, Error> {
    let tenant = row.text(1)?;
    Ok(Snapshot {
        id: row.int(0)?,
        scope: if tenant.is_empty() { Scope::Server } else { Scope::Tenant(tenant.into()) },
        name: row.text(2)?.to_owned(),
        created_ms: row.int(3)?,
        restored_ms: row.opt_int(4)?,
    })
}

/// Work on snapshots happens one after the other, and on PostgreSQL sees one moment. Any number
/// will do.
const ONE_AT_A_TIME: &str = "SELECT CAST(pg_advisory_xact_lock(7300465132) AS TEXT)";
const ONE_MOMENT: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";

/// Running tasks are kept as waiting ones: nobody will hold their leases later.
const KEEP_AS_WAITING: &str = "UPDATE snapshot_tasks SET state = 0, attempt = attempt - 1, \
    progress = NULL, lease_id = NULL, lease_node = NULL, lease_until_ms = NULL \
    WHERE snapshot = $1 AND state = 1";

/// Keeps the state of `snapshot.scope` under the snapshot's number and name. One of that name goes
/// in the same moment if `replace` is set.
///
/// # Errors
/// [`Error::Conflict`] [`SNAPSHOT`] where the name is taken.
pub async fn take(db: &Db, snapshot: &Snapshot, replace: bool) -> Result<(), Error> {
    let (id, scope) = (snapshot.id, &snapshot.scope);
    let replaced = if replace { find(db, scope, &snapshot.name).await? } else { None };
    let mut transaction = Transaction::new();
    if db.is_postgres() {
        transaction.run(ONE_MOMENT, params![]);
        transaction.run(ONE_AT_A_TIME, params![]);
    }
    if let Some(replaced) = replaced {
        forget(&mut transaction, replaced.id);
    }
    transaction.require(
        SNAPSHOT,
        1,
        "INSERT INTO snapshots (id, tenant, name, created_ms) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (tenant, name) DO NOTHING",
        params![id, scope.tenant(), snapshot.name.as_str(), snapshot.created_ms],
    );
    for table in OF_TABLES.iter() {
        scope.run(&mut transaction, table.take, params![id]);
    }
    scope.run(&mut transaction, OF_BLOBS.pin, params![id]);
    transaction.run(KEEP_AS_WAITING, params![id]);
    db.commit(transaction).await.map(|_| ())
}

/// The snapshot of this scope and name.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn find(db: &Db, scope: &Scope, name: &str) -> Result<Option<Snapshot>, Error> {
    let sql = select!("WHERE tenant = $1 AND name = $2");
    db.query_one(sql, params![scope.tenant(), name]).await?.as_ref().map(read).transpose()
}

/// The snapshot a reset of `scope` goes back to: its own base, or, for a tenant that was there
/// already, the server's if that was taken later.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn base(db: &Db, scope: &Scope) -> Result<Option<Snapshot>, Error> {
    let own = find(db, scope, BASE).await?;
    let Scope::Tenant(tenant) = scope else { return Ok(own) };
    let Some(servers) = find(db, &Scope::Server, BASE).await? else { return Ok(own) };
    if own.as_ref().is_some_and(|own| own.id > servers.id) {
        return Ok(own);
    }
    let there = holds(db, &servers, &Scope::Tenant(tenant.clone())).await?;
    Ok(if there { Some(servers) } else { own })
}

/// Whether `snapshot` holds the state of `scope`: a tenant is in it that was there when it was
/// taken.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn holds(db: &Db, snapshot: &Snapshot, scope: &Scope) -> Result<bool, Error> {
    match scope {
        Scope::Server => Ok(snapshot.scope == Scope::Server),
        Scope::Tenant(tenant) => {
            let sql = "SELECT id FROM snapshot_tenants WHERE snapshot = $1 AND id = $2";
            Ok(db.query_one(sql, params![snapshot.id, tenant.as_str()]).await?.is_some())
        }
    }
}

/// All snapshots of the server, or those of a tenant, the latest first.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn list(db: &Db, tenant: Option<&TenantId>) -> Result<Vec<Snapshot>, Error> {
    let rows = match tenant {
        None => db.query(select!("ORDER BY id DESC"), params![]).await?,
        Some(tenant) => {
            let sql = select!("WHERE tenant = $1 ORDER BY id DESC");
            db.query(sql, params![tenant.as_str()]).await?
        }
    };
    rows.iter().map(read).collect()
}

/// Removes a snapshot; blobs it alone held go with a later sweep. `false`: there is none.
///
/// # Errors
/// [`Error::Unavailable`].
pub async fn remove(db: &Db, id: i64) -> Result<bool, Error> {
    let mut transaction = Transaction::new();
    if db.is_postgres() {
        transaction.run(ONE_AT_A_TIME, params![]);
    }
    forget(&mut transaction, id);
    let changed = db.commit(transaction).await?;
    Ok(changed.last().is_some_and(|last| last.rows_changed == 1))
}

fn forget(transaction: &mut Transaction, id: i64) {
    for table in OF_TABLES.iter() {
        transaction.run(table.forget, params![id]);
    }
    transaction.run("DELETE FROM snapshot_blobs WHERE snapshot = $1", params![id]);
    transaction.run("DELETE FROM snapshots WHERE id = $1", params![id]);
}

/// Leases end before anything is put back: a worker that publishes in the same moment has either
/// published before, which the next statements then see, or finds its lease lost.
const END_LEASES: Scoped = Scoped {
    server: "UPDATE tasks SET state = 0, attempt = attempt - 1, progress = NULL, \
             lease_id = NULL, lease_node = NULL, lease_until_ms = NULL WHERE state = 1",
    tenant: Some(
        "UPDATE tasks SET state = 0, attempt = attempt - 1, progress = NULL, lease_id = NULL, \
         lease_node = NULL, lease_until_ms = NULL WHERE state = 1 AND tenant = $1",
    ),
};

/// Puts the state of `scope` back as `snapshot` holds it, which may hold more: a tenant can be
/// taken out of a snapshot of the server. `mark` becomes the value of [`RESTORED`].
///
/// Access tokens that were handed out since stay good while their app is there, and the secrets of
/// the server and its operator are not touched. What was counted against ceilings begins anew.
///
/// # Errors
/// [`Error::Conflict`] [`SNAPSHOT`] where it was removed meanwhile; [`Error::Duplicate`] where an
/// id of the tenant belongs to another one now.
pub async fn restore(
    db: &Db,
    snapshot: &Snapshot,
    scope: &Scope,
    mark: &str,
    now_ms: Millis,
) -> Result<(), Error> {
    let id = snapshot.id;
    let mut transaction = Transaction::new();
    if db.is_postgres() {
        transaction.run(ONE_AT_A_TIME, params![]);
        if *scope == Scope::Server {
            // Nobody may add rows behind the statement that looks for them.
            transaction.run(*LOCK_TABLES, params![]);
        }
    }
    transaction.require(
        SNAPSHOT,
        1,
        "UPDATE snapshots SET restored_ms = $2 WHERE id = $1",
        params![id, now_ms],
    );
    scope.run(&mut transaction, END_LEASES, params![]);
    scope.run(&mut transaction, OF_BLOBS.release, params![id, now_ms]);
    for table in OF_TABLES.iter() {
        scope.run(&mut transaction, table.clear, params![id]);
    }
    for table in OF_TABLES.iter() {
        scope.run(&mut transaction, table.fill, params![id]);
    }
    scope.run(&mut transaction, OF_BLOBS.claim, params![id]);
    rates::forget(&mut transaction, scope.of_tenant());
    settings::set(&mut transaction, RESTORED, mark);
    db.commit(transaction).await.map(|_| ())
}

static LOCK_TABLES: std::sync::LazyLock<&'static str> = std::sync::LazyLock::new(|| {
    let names: Vec<&str> = tables::TABLES.iter().map(|table| table.name).collect();
    let sql = format!("LOCK TABLE {}, blobs IN SHARE ROW EXCLUSIVE MODE", names.join(", "));
    Box::leak(sql.into_boxed_str())
});

/// What the list of tables says, for the test that compares it with the schema: each table with its
/// columns in order of their names, and the tables that no snapshot holds.
#[cfg(feature = "testing")]
pub fn listed() -> (Vec<(&'static str, Vec<&'static str>)>, &'static [&'static str]) {
    let listed = tables::TABLES.iter().map(|table| {
        let mut columns: Vec<&str> = table.all_columns().collect();
        columns.sort_unstable();
        (table.name, columns)
    });
    (listed.collect(), tables::OTHERS)
}
