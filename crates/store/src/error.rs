//! What can go wrong in the store, as callers can act on it. Which statement failed and why is in
//! the `source`, not in the variants.

/// An underlying error of a database driver, the file system or the object store.
pub type Source = Box<dyn std::error::Error + Send + Sync + 'static>;

/// What can go wrong in the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A [`require`](crate::sql::Transaction::require) was not met; nothing of the transaction
    /// happened. The label is the one the statement was given.
    #[error("the transaction did not hold: {label}")]
    Conflict {
        /// Which requirement was not met.
        label: &'static str,
    },
    /// A row with the same key exists; nothing of the transaction happened.
    #[error("a row with the same key exists")]
    Duplicate(#[source] Source),
    /// The database cannot be reached or cannot write: worth trying again later. Whether the
    /// transaction happened is unknown where the connection broke while committing.
    #[error("the database is not available")]
    Unavailable(#[source] Source),
    /// The database refused a statement: a mistake in this program.
    #[error("the database refused a statement")]
    Statement(#[source] Source),
    /// Something stored is not what it should be.
    #[error("stored data is damaged: {what}")]
    Corrupt {
        /// What was found.
        what: String,
    },
    /// Another server uses the same data.
    #[error("{path} is in use by another server; stop that one, or give this one its own")]
    Locked {
        /// The lock file.
        path: String,
    },
    /// The database was written by a newer release.
    #[error("the database has schema {found}, this release knows up to {known}; use a newer one")]
    NewerSchema {
        /// Number of the last migration in the database.
        found: i64,
        /// Number of the last migration of this release.
        known: i64,
    },
    /// There is no such blob.
    #[error("there is no blob {key}")]
    BlobMissing {
        /// Its key.
        key: String,
    },
    /// No blob can have this key: a mistake in this program.
    #[error("no blob can be called {key:?}")]
    BlobKey {
        /// The key, or its beginning.
        key: String,
    },
    /// The range asked for is empty or starts behind the end of the blob.
    #[error("the range is outside blob {key} of {size_bytes} bytes")]
    BlobRange {
        /// The blob's key.
        key: String,
        /// The blob's size.
        size_bytes: u64,
    },
    /// The blob has more bytes than the caller was ready to hold.
    #[error("blob {key} has {size_bytes} bytes, more than expected")]
    BlobTooLarge {
        /// The blob's key.
        key: String,
        /// The blob's size.
        size_bytes: u64,
    },
    /// Blobs cannot be kept at the configured place.
    #[error("blobs cannot be kept at {address}: {reason}")]
    BlobLocation {
        /// The place as configured.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The blob store failed.
    #[error("the blob store failed at {key:?}")]
    Blob {
        /// The blob's key.
        key: String,
        /// What it said.
        source: object_store::Error,
    },
    /// The stream a blob was to be made from failed: the sender's fault, not the store's.
    #[error("the source of a blob failed")]
    Source(#[source] std::io::Error),
    /// The file system failed.
    #[error("the file system failed")]
    Io(#[from] std::io::Error),
}

impl Error {
    /// Whether trying the same again later may succeed.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Blob { .. } | Self::Io(_))
    }

    /// Stored data is not what it should be.
    pub fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }

    /// What the object store said about the blob `key`.
    pub(crate) fn blob(key: &str, source: object_store::Error) -> Self {
        let key = key.to_owned();
        match source {
            object_store::Error::NotFound { .. } => Self::BlobMissing { key },
            source => Self::Blob { key, source },
        }
    }
}
