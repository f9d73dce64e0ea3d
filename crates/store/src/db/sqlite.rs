//! SQLite: one writer thread that commits whatever has queued up in one go, and read connections
//! that run where they are called. No statement of any record lives here.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, ffi};
use tokio::sync::oneshot;

use crate::db::Durability;
use crate::error::Error;
use crate::migrate;
use crate::snapshot::copies::{self, Column};
use crate::sql::{Changed, Param, Row, Statement, Transaction};

/// Most transactions that share one commit.
const BATCH: usize = 512;
/// Prepared statements kept for each connection; there are fewer statements in the program.
const PREPARED: usize = 256;
/// Idle read connections kept open.
const IDLE_READERS: usize = 16;
/// Pages of write-ahead log after which the writer moves them into the database: 16 MiB.
const CHECKPOINT_PAGES: u32 = 4_000;
/// How often a lock that is taken is tried, and how long after the time before: two seconds in all.
const LOCK_TRIES: usize = 100;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

pub(super) struct Sqlite {
    path: PathBuf,
    durability: Durability,
    writer: Option<Writer>,
    readers: Mutex<Vec<Prepared>>,
    // Fields drop in this order: the lock goes when nothing uses the files any more.
    _lock: File,
    temporary: Option<tempfile::TempDir>,
}

struct Writer {
    queue: mpsc::Sender<Waiting>,
    thread: JoinHandle<()>,
}

/// A transaction and whoever waits for it.
struct Waiting {
    transaction: Transaction,
    reply: oneshot::Sender<Result<Vec<Changed>, Error>>,
}

impl Sqlite {
    pub(super) fn open(path: &Path, durability: Durability) -> Result<Self, Error> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(folder).map_err(unavailable)?;
        let lock = lock(path, &mut || std::thread::sleep(LOCK_PAUSE))?;
        let mut writer = Prepared::open(path, durability)?;
        migrate_schema(&mut writer.connection)?;
        if durability == Durability::Full {
            // The names of the new files must survive a power cut as their contents do.
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(unavailable)?;
        }
        let (queue, waiting) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write(&mut writer, &waiting))
            .map_err(unavailable)?;
        Ok(Self {
            path: path.to_owned(),
            durability,
            writer: Some(Writer { queue, thread }),
            readers: Mutex::default(),
            _lock: lock,
            temporary: None,
        })
    }

    pub(super) fn open_temporary() -> Result<Self, Error> {
        let folder = tempfile::tempdir().map_err(unavailable)?;
        let mut opened = Self::open(&folder.path().join("larkspur.db"), Durability::Relaxed)?;
        opened.temporary = Some(folder);
        Ok(opened)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) async fn commit(&self, transaction: Transaction) -> Result<Vec<Changed>, Error> {
        let (reply, answer) = oneshot::channel();
        if let Some(writer) = &self.writer {
            // A writer that is gone drops the reply, which is seen below.
            let _gone = writer.queue.send(Waiting { transaction, reply });
        }
        answer.await.map_err(|gone| Error::Unavailable(Box::new(gone)))?
    }

    pub(super) fn query(&self, sql: &'static str, params: &[Param]) -> Result<Vec<Row>, Error> {
        let idle = self.readers.lock().pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => Prepared::open_reader(&self.path, self.durability)?,
        };
        let rows = reader.run(sql, params).map(|changed| changed.rows);
        let mut readers = self.readers.lock();
        if readers.len() < IDLE_READERS {
            readers.push(reader);
        }
        rows
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.readers.lock().clear();
        if let Some(Writer { queue, thread }) = self.writer.take() {
            drop(queue);
            // A writer that panicked has nothing left to give up.
            let _panicked = thread.join();
        }
    }
}

/// Takes the lock file beside the database; the operating system lets go of it when the process
/// ends, however that happens. A process it was just starting has the lock too, for as long as that
/// takes: a server that is started after one that was killed waits for it.
fn lock(path: &Path, pause: &mut dyn FnMut()) -> Result<File, Error> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&name)
        .map_err(unavailable)?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => pause(),
            Err(TryLockError::Error(error)) => return Err(unavailable(error)),
        }
    }
    Err(Error::Locked { path: name.display().to_string() })
}

fn migrate_schema(connection: &mut Connection) -> Result<(), Error> {
    let transaction = connection.transaction().map_err(explain)?;
    transaction.execute_batch(migrate::TABLE).map_err(explain)?;
    let found =
        transaction.query_row(migrate::LAST, [], |row| row.get::<_, i64>(0)).map_err(explain)?;
    let mut changed = false;
    for migration in migrate::pending(found)? {
        changed = true;
        transaction.execute_batch(&migration.for_sqlite()).map_err(explain)?;
        transaction
            .execute(
                "INSERT INTO migrations (number, name) VALUES (?1, ?2)",
                (migration.number, migration.name),
            )
            .map_err(explain)?;
    }
    if changed {
        for statement in copies::align(&mut |table| columns(&transaction, table))? {
            transaction.execute_batch(&statement).map_err(explain)?;
        }
    }
    transaction.commit().map_err(explain)
}

/// The columns of `table` in their order; none where there is no such table.
fn columns(connection: &Connection, table: &str) -> Result<Vec<Column>, Error> {
    let sql = "SELECT name, type, dflt_value FROM pragma_table_info(?1) ORDER BY cid";
    let mut statement = connection.prepare(sql).map_err(explain)?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Column { name: row.get(0)?, kind: row.get(1)?, default: row.get(2)? })
    };
    let found = statement.query_map([table], read).map_err(explain)?;
    found.collect::<Result<_, _>>().map_err(explain)
}

fn write(connection: &mut Prepared, queue: &mpsc::Receiver<Waiting>) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Ok(first) = queue.recv() {
        batch.push(first);
        while batch.len() < BATCH {
            match queue.try_recv() {
                Ok(next) => batch.push(next),
                Err(_) => break,
            }
        }
        let outcome = match commit_batch(connection, &batch, false) {
            Ok(None) => commit_batch(connection, &batch, true),
            outcome => outcome,
        };
        match outcome {
            Ok(results) => {
                for (waiting, result) in batch.drain(..).zip(results.unwrap_or_default()) {
                    // Nobody waits any more: the transaction stands all the same.
                    let _gone = waiting.reply.send(result);
                }
            }
            Err(error) => {
                let _closed = connection.control("ROLLBACK");
                let text = error.to_string();
                tracing::error!(error = %text, transactions = batch.len(), "commit failed");
                for waiting in batch.drain(..) {
                    let _gone = waiting.reply.send(Err(Error::Unavailable(text.clone().into())));
                }
            }
        }
    }
}

type Results = Vec<Result<Vec<Changed>, Error>>;

/// Commits a batch; a transaction that fails leaves nothing behind and does not harm the others.
/// A transaction of one statement gets no savepoint at first, since a statement that fails undoes
/// itself: only one that changed more rows than it may needs more, and then the answer is `None`
/// and the batch must be run again, `careful`ly. `Err` says that nothing of the batch happened.
fn commit_batch(
    connection: &mut Prepared,
    batch: &[Waiting],
    careful: bool,
) -> Result<Option<Results>, rusqlite::Error> {
    connection.control("BEGIN IMMEDIATE")?;
    let mut results = Vec::with_capacity(batch.len());
    for Waiting { transaction, .. } in batch {
        let guarded = careful || transaction.len() > 1;
        if guarded {
            connection.control("SAVEPOINT one")?;
        }
        let (result, dirty) = run_transaction(connection, transaction);
        if connection.connection.is_autocommit() {
            // The failure was such that SQLite gave up the whole batch: disk full, for one.
            return Err(rusqlite::Error::SqliteFailure(
                ffi::Error::new(ffi::SQLITE_FULL),
                result.err().map(|error| with_source(&error)),
            ));
        }
        if dirty && !guarded {
            connection.control("ROLLBACK")?;
            return Ok(None);
        }
        if guarded {
            if result.is_err() {
                connection.control("ROLLBACK TO one")?;
            }
            connection.control("RELEASE one")?;
        }
        results.push(result);
    }
    connection.control("COMMIT")?;
    Ok(Some(results))
}

/// Runs the statements of one transaction until one fails; also says whether something is left to
/// undo.
fn run_transaction(
    connection: &mut Prepared,
    transaction: &Transaction,
) -> (Result<Vec<Changed>, Error>, bool) {
    let mut done = Vec::with_capacity(transaction.len());
    for Statement { sql, params, requirement, .. } in &transaction.statements {
        match connection.run(sql, params) {
            Ok(changed) => {
                if let Some(requirement) = requirement
                    && requirement.changes != changed.rows_changed
                {
                    let dirty = changed.rows_changed > 0 || !done.is_empty();
                    return (Err(Error::Conflict { label: requirement.label }), dirty);
                }
                done.push(changed);
            }
            Err(error) => return (Err(error), !done.is_empty()),
        }
    }
    (Ok(done), false)
}

/// A connection with its prepared statements.
struct Prepared {
    connection: Connection,
    /// SQLite counts `$1` as a name, `?1` as a number; the texts are translated once each, keyed
    /// by where the static text lies.
    texts: HashMap<(usize, usize), Box<str>>,
}

impl Prepared {
    fn open(path: &Path, durability: Durability) -> Result<Self, Error> {
        let connection = Connection::open(path).map_err(explain)?;
        let mode: String = connection
            .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
            .map_err(explain)?;
        if mode != "wal" {
            return Err(Error::Unavailable(
                format!("{} allows no write-ahead log", path.display()).into(),
            ));
        }
        connection.pragma_update(None, "cache_size", -16_384).map_err(explain)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).map_err(explain)?;
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024).map_err(explain)?;
        Self::set_up(connection, durability)
    }

    fn open_reader(path: &Path, durability: Durability) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(explain)?;
        connection.pragma_update(None, "query_only", true).map_err(explain)?;
        connection.pragma_update(None, "cache_size", -4_096).map_err(explain)?;
        Self::set_up(connection, durability)
    }

    fn set_up(connection: Connection, durability: Durability) -> Result<Self, Error> {
        let synchronous = match durability {
            Durability::Full => "FULL",
            Durability::Relaxed => "OFF",
        };
        connection.pragma_update(None, "synchronous", synchronous).map_err(explain)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(explain)?;
        connection.pragma_update(None, "temp_store", "MEMORY").map_err(explain)?;
        connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(explain)?;
        connection.set_prepared_statement_cache_capacity(PREPARED);
        Ok(Self { connection, texts: HashMap::new() })
    }

    fn control(&self, sql: &'static str) -> Result<(), rusqlite::Error> {
        self.connection.prepare_cached(sql)?.raw_execute().map(|_rows| ())
    }

    fn run(&mut self, sql: &'static str, params: &[Param]) -> Result<Changed, Error> {
        let text = self
            .texts
            .entry((sql.as_ptr().addr(), sql.len()))
            .or_insert_with(|| numbered(sql).into());
        let mut statement = self.connection.prepare_cached(text).map_err(explain)?;
        if statement.parameter_count() != params.len() {
            return Err(Error::Statement(format!("{} parameters for: {sql}", params.len()).into()));
        }
        for (index, param) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, param).map_err(explain)?;
        }
        let columns = statement.column_count();
        if columns == 0 {
            let rows_changed = statement.raw_execute().map_err(explain)?;
            return Ok(Changed { rows_changed: rows_changed as u64, rows: Vec::new() });
        }
        let reads = statement.readonly();
        let mut answer = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(explain)? {
            let mut values = Vec::with_capacity(columns);
            for at in 0..columns {
                values.push(value(row.get_ref(at).map_err(explain)?)?);
            }
            answer.push(Row(values));
        }
        drop(rows);
        let rows_changed = if reads { 0 } else { self.connection.changes() };
        Ok(Changed { rows_changed, rows: answer })
    }
}

/// `$1` as `?1`, outside of quotes.
fn numbered(sql: &str) -> String {
    let mut quoted = false;
    sql.chars()
        .map(|character| {
            quoted ^= character == '\'';
            if character == '$' && !quoted { '?' } else { character }
        })
        .collect()
}

fn value(value: ValueRef<'_>) -> Result<Param, Error> {
    Ok(match value {
        ValueRef::Null => Param::Null,
        ValueRef::Integer(value) => Param::Int(value),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Param::Text(text.to_owned()),
            Err(_) => return Err(Error::corrupt("text that is not UTF-8")),
        },
        ValueRef::Blob(bytes) => Param::Bytes(bytes.to_owned()),
        ValueRef::Real(_) => return Err(Error::corrupt("a number with a fraction")),
    })
}

impl ToSql for Param {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn unavailable(error: std::io::Error) -> Error {
    Error::Unavailable(Box::new(error))
}

fn with_source(error: &Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

fn explain(error: rusqlite::Error) -> Error {
    let rusqlite::Error::SqliteFailure(failure, _) = &error else {
        return Error::Statement(Box::new(error));
    };
    match failure.code {
        ErrorCode::ConstraintViolation
            if matches!(
                failure.extended_code,
                ffi::SQLITE_CONSTRAINT_UNIQUE
                    | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                    | ffi::SQLITE_CONSTRAINT_ROWID
            ) =>
        {
            Error::Duplicate(Box::new(error))
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Error::corrupt(error.to_string()),
        ErrorCode::DiskFull
        | ErrorCode::CannotOpen
        | ErrorCode::SystemIoFailure
        | ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::OutOfMemory => Error::Unavailable(Box::new(error)),
        _ => Error::Statement(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_let_go_of_is_waited_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("larkspur.db");
        let mut before = Some(lock(&path, &mut || ()).expect("free"));
        assert!(matches!(lock(&path, &mut || ()), Err(Error::Locked { .. })));
        let mut pauses = 0;
        let after = lock(&path, &mut || {
            pauses += 1;
            before.take_if(|_| pauses == 2);
        });
        assert!(after.is_ok() && pauses == 2);
    }

    #[test]
    fn parameters_are_numbered_outside_of_quotes() {
        assert_eq!(numbered("SELECT $1, '$2', $10"), "SELECT ?1, '$2', ?10");
    }
}
