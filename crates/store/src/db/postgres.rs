//! PostgreSQL: a few connections on which whole transactions are pipelined, and a collector that
//! turns many single statements of one kind into one. No statement of any record lives here.

mod codec;

use std::collections::{HashMap, HashSet};
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::try_join_all;
use futures_util::{TryStreamExt, pin_mut};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit, mpsc, oneshot};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

use self::codec::{Array, row};
use crate::db::Durability;
use crate::error::Error;
use crate::migrate;
use crate::snapshot::copies::{self, Column};
use crate::sql::{Bulk, Changed, Param, Row, Statement, Transaction};

/// Transactions that run at once, each on a connection of its own.
const CONNECTIONS: usize = 8;
/// Connections that reads share, one behind the other without waiting.
const READERS: usize = 2;
/// Collected statements that run at once.
const BULKS: usize = 2;
/// Most statements collected into one.
const BATCH: usize = 1_024;
/// Statements of a transaction that are on their way at once.
const PIPELINED: usize = 16;
/// How often a transaction is tried that the database broke off in favour of another.
const TRIES: usize = 8;
/// So that two servers that start at once migrate one after the other; any number will do.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7300465131)";

pub(super) struct Postgres {
    pool: Arc<Pool>,
    readers: [tokio::sync::Mutex<Option<Arc<Connection>>>; READERS],
    next_reader: AtomicUsize,
    collector: mpsc::UnboundedSender<Waiting>,
}

/// A statement that can be done with others of its kind, and whoever waits for it.
struct Waiting {
    statement: Statement,
    bulk: &'static Bulk,
    reply: oneshot::Sender<Result<Vec<Changed>, Error>>,
}

impl Postgres {
    pub(super) async fn open(url: &str, durability: Durability) -> Result<Self, Error> {
        let mut config: Config =
            url.parse().map_err(|error| Error::Unavailable(Box::new(error)))?;
        config.application_name("larkspur");
        let pool = Arc::new(Pool {
            config,
            durability,
            idle: Mutex::default(),
            permits: Semaphore::new(CONNECTIONS),
        });
        migrate_schema(&pool.lend().await?.client).await?;
        let (collector, waiting) = mpsc::unbounded_channel();
        tokio::spawn(collect(Arc::clone(&pool), waiting));
        Ok(Self { pool, readers: Default::default(), next_reader: AtomicUsize::new(0), collector })
    }

    pub(super) async fn commit(&self, mut transaction: Transaction) -> Result<Vec<Changed>, Error> {
        let alone = transaction.len() == 1;
        if let Some(bulk) = transaction.statements.first().and_then(|first| first.bulk)
            && alone
            && let Some(statement) = transaction.statements.pop()
        {
            let (reply, answer) = oneshot::channel();
            // A collector that is gone drops the reply, which is seen below.
            let _gone = self.collector.send(Waiting { statement, bulk, reply });
            return answer.await.map_err(|gone| Error::Unavailable(Box::new(gone)))?;
        }
        let pool = Arc::clone(&self.pool);
        // On a task of its own: whoever loses interest must not leave half a transaction behind.
        tokio::spawn(async move { commit(&pool, &transaction).await })
            .await
            .map_err(|stopped| Error::Unavailable(Box::new(stopped)))?
    }

    pub(super) async fn query(
        &self,
        sql: &'static str,
        params: &[Param],
    ) -> Result<Vec<Row>, Error> {
        let turn = self.next_reader.fetch_add(1, Ordering::Relaxed) % READERS;
        let reader = {
            let mut slot = self.readers[turn].lock().await;
            match slot.as_ref() {
                Some(reader) if !reader.client.is_closed() => Arc::clone(reader),
                _ => Arc::clone(slot.insert(Arc::new(self.pool.connect().await?))),
            }
        };
        reader.run(sql, params).await.map(|changed| changed.rows)
    }

    pub(super) async fn query_large(
        &self,
        sql: &'static str,
        params: &[Param],
    ) -> Result<Vec<Row>, Error> {
        let connection = self.pool.lend().await?;
        connection.run(sql, params).await.map(|changed| changed.rows)
    }
}

struct Pool {
    config: Config,
    durability: Durability,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Pool {
    async fn connect(&self) -> Result<Connection, Error> {
        let (client, connection) = self.config.connect(NoTls).await.map_err(explain)?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(?error, "a connection to the database broke");
            }
        });
        let synchronous = match self.durability {
            Durability::Full => "SET synchronous_commit = on",
            Durability::Relaxed => "SET synchronous_commit = off",
        };
        client.batch_execute(synchronous).await.map_err(explain)?;
        Ok(Connection { client, prepared: Mutex::default() })
    }

    /// Lends a connection.
    async fn lend(&self) -> Result<Lent<'_>, Error> {
        let permit = self.permits.acquire().await;
        let permit = permit.map_err(|closed| Error::Unavailable(Box::new(closed)))?;
        let idle = self.idle.lock().pop();
        let connection = match idle {
            Some(connection) if !connection.client.is_closed() => connection,
            _ => self.connect().await?,
        };
        Ok(Lent { pool: self, connection: Some(connection), _permit: permit })
    }
}

/// A connection that goes back to the pool.
struct Lent<'a> {
    pool: &'a Pool,
    connection: Option<Connection>,
    _permit: SemaphorePermit<'a>,
}

impl Deref for Lent<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("it is taken out only when dropped")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && !connection.client.is_closed()
        {
            self.pool.idle.lock().push(connection);
        }
    }
}

/// A connection with its prepared statements, keyed by where their static texts lie.
struct Connection {
    client: Client,
    prepared: Mutex<HashMap<(usize, usize), tokio_postgres::Statement>>,
}

impl Connection {
    async fn prepare(&self, sql: &'static str) -> Result<tokio_postgres::Statement, Error> {
        let key = (sql.as_ptr().addr(), sql.len());
        if let Some(prepared) = self.prepared.lock().get(&key) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare(sql).await.map_err(explain)?;
        self.prepared.lock().insert(key, prepared.clone());
        Ok(prepared)
    }

    async fn run(&self, sql: &'static str, params: &[Param]) -> Result<Changed, Error> {
        let prepared = self.prepare(sql).await?;
        self.run_prepared(&prepared, sql, params).await
    }

    async fn run_prepared(
        &self,
        prepared: &tokio_postgres::Statement,
        sql: &'static str,
        params: &[Param],
    ) -> Result<Changed, Error> {
        if prepared.params().len() != params.len() {
            return Err(Error::Statement(format!("{} parameters for: {sql}", params.len()).into()));
        }
        let answer = self.client.query_raw(prepared, params).await.map_err(explain)?;
        pin_mut!(answer);
        let mut rows = Vec::new();
        while let Some(found) = answer.try_next().await.map_err(explain)? {
            rows.push(row(&found)?);
        }
        let reads = sql.trim_start().starts_with("SELECT");
        let rows_changed = if reads { 0 } else { answer.rows_affected().unwrap_or(0) };
        Ok(Changed { rows_changed, rows })
    }
}

async fn migrate_schema(client: &Client) -> Result<(), Error> {
    let run = async |sql: &str| client.batch_execute(sql).await.map_err(explain);
    run("BEGIN").await?;
    run(MIGRATION_LOCK).await?;
    run(migrate::TABLE).await?;
    let found: i64 = client.query_one(migrate::LAST, &[]).await.map_err(explain)?.get(0);
    let mut changed = false;
    for migration in migrate::pending(found)? {
        changed = true;
        run(&migration.for_postgres()).await?;
        client
            .execute(
                "INSERT INTO migrations (number, name) VALUES ($1, $2)",
                &[&migration.number, &migration.name],
            )
            .await
            .map_err(explain)?;
    }
    if changed {
        let mut known = columns(client).await?;
        let look_up = &mut |table: &str| Ok::<_, Error>(known.remove(table).unwrap_or_default());
        for statement in copies::align(look_up)? {
            run(&statement).await?;
        }
    }
    run("COMMIT").await
}

/// The columns of all tables, in their order.
async fn columns(client: &Client) -> Result<HashMap<String, Vec<Column>>, Error> {
    let sql = "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), \
               CAST(data_type AS TEXT), CAST(column_default AS TEXT) \
               FROM information_schema.columns WHERE table_schema = current_schema() \
               ORDER BY table_name, ordinal_position";
    let mut columns: HashMap<String, Vec<Column>> = HashMap::new();
    for row in client.query(sql, &[]).await.map_err(explain)? {
        let column = Column { name: row.get(1), kind: row.get(2), default: row.get(3) };
        columns.entry(row.get(0)).or_default().push(column);
    }
    Ok(columns)
}

/// Commits a transaction on a connection of its own. One that the database broke off in favour of
/// another is tried again: it is data.
async fn commit(pool: &Pool, transaction: &Transaction) -> Result<Vec<Changed>, Error> {
    let mut tries = 1;
    loop {
        let connection = pool.lend().await?;
        match commit_on(&connection, transaction).await {
            Err(Error::Unavailable(source)) if tries < TRIES && was_broken_off(&source) => {
                tries += 1;
            }
            result => return result,
        }
    }
}

async fn commit_on(
    connection: &Connection,
    transaction: &Transaction,
) -> Result<Vec<Changed>, Error> {
    let statements = &transaction.statements;
    if let [Statement { sql, params, requirement: None, .. }] = statements.as_slice() {
        return connection.run(sql, params).await.map(|changed| vec![changed]);
    }
    let mut prepared = Vec::with_capacity(statements.len());
    for statement in statements {
        prepared.push(connection.prepare(statement.sql).await?);
    }
    let result = run_all(connection, statements, &prepared).await.and_then(|changed| {
        let unmet = statements.iter().zip(&changed).find_map(|(statement, changed)| {
            let requirement = statement.requirement?;
            (requirement.changes != changed.rows_changed).then_some(requirement.label)
        });
        unmet.map_or(Ok(changed), |label| Err(Error::Conflict { label }))
    });
    match result {
        Ok(changed) => {
            connection.client.batch_execute("COMMIT").await.map_err(explain)?;
            Ok(changed)
        }
        Err(error) => {
            // On a connection that broke there is nothing to undo.
            let _broken = connection.client.batch_execute("ROLLBACK").await;
            Err(error)
        }
    }
}

/// Opens a transaction and runs statements in it, many of them on their way before the first
/// answer is back; when one fails, the database refuses those behind it.
async fn run_all(
    connection: &Connection,
    statements: &[Statement],
    prepared: &[tokio_postgres::Statement],
) -> Result<Vec<Changed>, Error> {
    let opening = async { connection.client.batch_execute("BEGIN").await.map_err(explain) };
    let mut pairs = statements.iter().zip(prepared);
    let mut send = || {
        // So few futures are polled in their order, and their statements sent in it.
        try_join_all(pairs.by_ref().take(PIPELINED).map(|(statement, prepared)| {
            connection.run_prepared(prepared, statement.sql, &statement.params)
        }))
    };
    let (opened, ran) = tokio::join!(biased; opening, send());
    opened?;
    let mut done = ran?;
    while done.len() < statements.len() {
        done.extend(send().await?);
    }
    Ok(done)
}

/// Collects statements until the store is closed: while some are on their way, the next gather.
async fn collect(pool: Arc<Pool>, mut waiting: mpsc::UnboundedReceiver<Waiting>) {
    let permits = Arc::new(Semaphore::new(BULKS));
    let mut left: Vec<Waiting> = Vec::new();
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        if left.is_empty() && waiting.recv_many(&mut left, BATCH).await == 0 {
            return;
        }
        while left.len() < BATCH {
            let Ok(next) = waiting.try_recv() else { break };
            left.push(next);
        }
        let Some(bulk) = left.first().map(|first| first.bulk) else { continue };
        let mut keys = HashSet::new();
        let (batch, others) = std::mem::take(&mut left).into_iter().partition(|waiting| {
            std::ptr::eq(waiting.bulk, bulk) && keys.insert(key(&waiting.statement))
        });
        left = others;
        let pool = Arc::clone(&pool);
        tokio::spawn(async move {
            run_bulk(&pool, bulk, batch).await;
            drop(permit);
        });
    }
}

fn key(statement: &Statement) -> Option<i64> {
    match statement.params.first() {
        Some(Param::Int(key)) => Some(*key),
        _ => None,
    }
}

async fn run_bulk(pool: &Pool, bulk: &'static Bulk, batch: Vec<Waiting>) {
    match bulk_changes(pool, bulk, &batch).await {
        Ok(done) => {
            for Waiting { statement, reply, .. } in batch {
                let label = statement.requirement.map_or("", |requirement| requirement.label);
                let done = key(&statement).is_some_and(|key| done.contains(&key));
                let result = if done {
                    Ok(vec![Changed { rows_changed: 1, rows: Vec::new() }])
                } else {
                    Err(Error::Conflict { label })
                };
                // Nobody waits any more: what was done stands all the same.
                let _gone = reply.send(result);
            }
        }
        // One of them may be at fault: each for itself, so that the others are not harmed.
        Err(_) => {
            for Waiting { statement, reply, .. } in batch {
                let transaction = Transaction { statements: vec![statement] };
                let _gone = reply.send(commit(pool, &transaction).await);
            }
        }
    }
}

/// Runs the statements as one; gives the keys of those that changed their row.
async fn bulk_changes(
    pool: &Pool,
    bulk: &'static Bulk,
    batch: &[Waiting],
) -> Result<HashSet<i64>, Error> {
    let arrays: Vec<Array<'_>> = bulk
        .kinds
        .iter()
        .enumerate()
        .map(|(at, kind)| {
            Array::new(*kind, batch.iter().filter_map(move |one| one.statement.params.get(at)))
        })
        .collect::<Result<_, _>>()?;
    let connection = pool.lend().await?;
    let prepared = connection.prepare(bulk.sql).await?;
    let rows = connection.client.query_raw(&prepared, &arrays).await.map_err(explain)?;
    rows.map_err(explain)
        .and_then(|found| std::future::ready(found.try_get::<_, i64>(0).map_err(explain)))
        .try_collect()
        .await
}

fn was_broken_off(source: &crate::error::Source) -> bool {
    let code = source.downcast_ref::<tokio_postgres::Error>().and_then(|error| error.code());
    code.is_some_and(|code| {
        [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE].contains(code)
    })
}

fn explain(error: tokio_postgres::Error) -> Error {
    let Some(code) = error.code() else {
        let source = std::error::Error::source(&error);
        let transport = source.and_then(|source| source.downcast_ref::<std::io::Error>());
        return if error.is_closed() || transport.is_some() {
            Error::Unavailable(Box::new(error))
        } else {
            Error::Statement(Box::new(error))
        };
    };
    if *code == SqlState::UNIQUE_VIOLATION {
        return Error::Duplicate(Box::new(error));
    }
    // The first two characters are the class of the condition (PostgreSQL, appendix A):
    // connection, transaction broken off, resources, operator, system.
    let code = code.code();
    match code.get(..2) {
        Some("08" | "25" | "40" | "53" | "57" | "58" | "28" | "3D") => {
            Error::Unavailable(Box::new(error))
        }
        Some("XX") => Error::corrupt(error.to_string()),
        _ => Error::Statement(Box::new(error)),
    }
}
