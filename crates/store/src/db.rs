//! The database: one interface over SQLite and PostgreSQL, one SQL text for both. What the
//! statements say lives in the rooms of the records, how each database runs them in `db/`.

mod postgres;
mod sqlite;

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use tokio::time::Instant;

use crate::error::Error;
use crate::meter::{Kind, Meter};
use crate::sql::{Changed, Param, Row, Transaction};

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file; its folder is created and belongs to one server.
    Sqlite(PathBuf),
    /// A PostgreSQL connection string, `postgres://user:password@host:port/name`.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Postgres(text.to_owned())
        } else {
            let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:"));
            Self::Sqlite(path.unwrap_or(text).into())
        })
    }
}

impl From<&Path> for DatabaseUrl {
    fn from(path: &Path) -> Self {
        Self::Sqlite(path.to_owned())
    }
}

/// What an acknowledged transaction survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A power cut: it is on disk before it is acknowledged.
    #[default]
    Full,
    /// Nothing in particular: for data that is thrown away afterwards.
    Relaxed,
}

/// A database. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub struct Db {
    backend: Backend,
    meter: Arc<Meter>,
}

#[derive(Clone)]
enum Backend {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(Arc<postgres::Postgres>),
}

impl std::fmt::Debug for Db {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.backend {
            Backend::Sqlite(sqlite) => out.debug_tuple("Db").field(&sqlite.path()).finish(),
            Backend::Postgres(_) => out.write_str("Db(PostgreSQL)"),
        }
    }
}

impl Db {
    /// Opens the database at `url`, creates it where it is missing, and brings its schema up to
    /// date. A SQLite database is locked: a second server gets [`Error::Locked`].
    pub async fn open(url: &DatabaseUrl, durability: Durability) -> Result<Self, Error> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let path = path.clone();
                let opened = blocking(move || sqlite::Sqlite::open(&path, durability)).await?;
                Ok(Self::over(Backend::Sqlite(Arc::new(opened))))
            }
            DatabaseUrl::Postgres(url) => {
                let opened = postgres::Postgres::open(url, durability).await?;
                Ok(Self::over(Backend::Postgres(Arc::new(opened))))
            }
        }
    }

    /// A SQLite database in a temporary folder that goes away with the last clone.
    pub async fn open_temporary() -> Result<Self, Error> {
        let opened = blocking(sqlite::Sqlite::open_temporary).await?;
        Ok(Self::over(Backend::Sqlite(Arc::new(opened))))
    }

    fn over(backend: Backend) -> Self {
        Self { backend, meter: Arc::default() }
    }

    /// How long this database takes.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// What it is called: `sqlite` or `postgresql`.
    pub const fn name(&self) -> &'static str {
        if self.is_postgres() { "postgresql" } else { "sqlite" }
    }

    /// Whether this is PostgreSQL: for the few statements that must differ.
    pub(crate) const fn is_postgres(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// Commits `transaction`: all of it or nothing. When this returns, it is on disk. Gives what
    /// each statement did, in their order.
    ///
    /// Dropping the future does not stop a transaction that has been handed over.
    pub async fn commit(&self, transaction: Transaction) -> Result<Vec<Changed>, Error> {
        if transaction.is_empty() {
            return Ok(Vec::new());
        }
        let begun = Instant::now();
        let result = match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.commit(transaction).await,
            Backend::Postgres(postgres) => postgres.commit(transaction).await,
        };
        self.meter.count(Kind::Commit, begun, &result);
        result
    }

    /// Reads what is committed. For answers of up to some hundred rows found through an index:
    /// on SQLite this runs where it is called, which takes microseconds.
    pub async fn query(
        &self,
        sql: &'static str,
        params: impl Into<Vec<Param>>,
    ) -> Result<Vec<Row>, Error> {
        let begun = Instant::now();
        let result = match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.query(sql, &params.into()),
            Backend::Postgres(postgres) => postgres.query(sql, &params.into()).await,
        };
        self.meter.count(Kind::Read, begun, &result);
        result
    }

    /// Reads what is committed, for queries that scan or answer with much.
    pub async fn query_large(
        &self,
        sql: &'static str,
        params: impl Into<Vec<Param>>,
    ) -> Result<Vec<Row>, Error> {
        let begun = Instant::now();
        let result = match &self.backend {
            Backend::Sqlite(sqlite) => {
                let (sqlite, params) = (Arc::clone(sqlite), params.into());
                blocking(move || sqlite.query(sql, &params)).await
            }
            Backend::Postgres(postgres) => postgres.query_large(sql, &params.into()).await,
        };
        self.meter.count(Kind::LargeRead, begun, &result);
        result
    }

    /// The first row of a [`query`](Self::query), if there is one.
    pub async fn query_one(
        &self,
        sql: &'static str,
        params: impl Into<Vec<Param>>,
    ) -> Result<Option<Row>, Error> {
        self.query(sql, params).await.map(|rows| rows.into_iter().next())
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(stopped) => Err(Error::Unavailable(Box::new(stopped))),
    }
}
