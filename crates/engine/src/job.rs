//! What a family of tasks gives the engine, and what an attempt at a task is given. No family is
//! named here.

use std::sync::Arc;

use async_trait::async_trait;
use larkspur_model::loss::Losses;
use larkspur_model::plan::PlannedItem;
use larkspur_model::task::{Failure, Progress};
use larkspur_store::sql::{Changed, Transaction};
use larkspur_store::tasks::{self, Leased};
use larkspur_store::{Db, Error as StoreError};
use tokio_util::sync::CancellationToken;

use crate::held::Held;

/// Does the work of one family of tasks.
#[async_trait]
pub trait Job: Send + Sync {
    /// The family's name, as stored with its tasks: `drive.import`.
    fn family(&self) -> &'static str;

    /// Does the work described by `payload`. Nothing it writes may count before the transaction of
    /// its [`Success`] is committed, or one it gave to [`Attempt::checkpoint`]. The future may be
    /// dropped at any of its await points, a moment after [`Attempt::cancelled`] fired.
    async fn run(&self, attempt: &Attempt, payload: &[u8]) -> Result<Success, Stop>;
}

/// What an attempt came to.
#[derive(Debug, Default)]
pub struct Success {
    /// What the family's view shows; JSON of the family.
    pub output: Vec<u8>,
    /// What was lost on the way.
    pub losses: Losses,
    /// Makes the result visible: committed together with the end of the task, or not at all.
    pub publish: Transaction,
}

/// Why an attempt came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// Something outside the task was in the way: worth another attempt. When there is none left,
    /// the task fails with `Internal`.
    Retry {
        /// What was in the way.
        cause: String,
    },
    /// Worth another attempt; when there is none left, this is the failure.
    RetryOrFail(Failure),
    /// The task cannot succeed.
    Fail(Failure),
    /// The attempt saw [`Attempt::cancelled`] and stopped.
    Cancelled,
}

impl Stop {
    /// Worth another attempt.
    pub fn retry(cause: impl std::fmt::Display) -> Self {
        Self::Retry { cause: cause.to_string() }
    }
}

/// One attempt at a task.
#[derive(Debug)]
pub struct Attempt {
    /// The task's number.
    pub task_id: i64,
    /// The tenant it belongs to.
    pub tenant: String,
    /// The app that submitted it.
    pub app: String,
    /// Who submitted it: `app:<id>` or `user:<id>`.
    pub creator: String,
    /// For people: usually a file's name.
    pub title: String,
    /// Size of the source.
    pub size_bytes: i64,
    /// The number of the attempt, from 1.
    pub number: u32,
    /// When the task was submitted; domain clock.
    pub created_ms: i64,
    /// Items that are to fail instead of being done, as a rehearsal wants it.
    pub planned_items: Vec<PlannedItem>,
    held: Arc<Held>,
    db: Db,
}

impl Attempt {
    pub(crate) fn new(leased: &Leased, held: Arc<Held>, db: Db) -> Self {
        Self {
            task_id: leased.fence.task,
            tenant: leased.tenant.clone(),
            app: leased.app.clone(),
            creator: leased.creator.clone(),
            title: leased.title.clone(),
            size_bytes: leased.size_bytes,
            number: u32::try_from(leased.attempt).unwrap_or(u32::MAX),
            created_ms: leased.created_ms,
            planned_items: leased.plan.as_ref().map_or_else(Vec::new, |plan| plan.items.clone()),
            held,
            db,
        }
    }

    /// Notes how far the attempt is. Cheap; only the latest is written, a few times a second.
    pub fn progress(&self, progress: Progress) {
        self.held.report(progress);
    }

    /// Commits a part of the work now, if the lease on the task still holds. It stays done whatever
    /// becomes of this attempt, so `transaction` also notes for the next one where to go on.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] with [`tasks::FENCE`] where the lease is lost: stop. Else what
    /// committing `transaction` may come to; nothing of it has happened then, unless the database
    /// was [unavailable](StoreError::Unavailable) while it committed.
    pub async fn checkpoint(&self, transaction: Transaction) -> Result<Vec<Changed>, StoreError> {
        let mut fenced = tasks::held(self.held.fence);
        fenced.append(transaction);
        let mut changed = self.db.commit(fenced).await?;
        changed.remove(0);
        Ok(changed)
    }

    /// Fires when the attempt has to end: somebody asked for that, the server stops, or the lease
    /// is lost.
    pub fn cancelled(&self) -> &CancellationToken {
        &self.held.token
    }

    /// The key of a blob of this attempt alone: no other attempt, here or elsewhere, writes it.
    pub fn blob_key(&self, name: &str) -> String {
        format!("tasks/{}/{}-{:x}/{name}", self.task_id, self.number, self.held.fence.lease)
    }
}
