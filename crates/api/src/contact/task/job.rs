//! The work: some hundred items at a time are compared with the book and written together with their
//! results and with how far the batch is, in a transaction that happens only while the task is still
//! this attempt's. An attempt that follows a crash goes on where the last one came to.

use std::time::Duration;

use async_trait::async_trait;
use larkspur_engine::{Attempt, Job, Stop, Success};
use larkspur_model::id::{AppId, TenantId};
use larkspur_model::task::{Failure, FailureKind, Progress};
use larkspur_store::Error as StoreError;
use larkspur_store::contacts::{self, Batch};
use larkspur_store::sql::Transaction;
use serde::{Deserialize, Serialize};

use super::super::entry::{BATCH, DepartmentEntry, UserEntry};
use super::super::order::order;
use super::super::problem::Problem;
use super::super::roster::Roster;
use super::super::tree::Tree;
use super::super::units::Reach;
use super::super::writing::{
    MOST_PLANS, fresh_department, fresh_users, invite, is_outdated, write_department, write_user,
};
use super::payload::{Damaged, Kind, Payload};
use crate::JobParts;

/// The family's name, as stored with its tasks.
pub(super) const FAMILY: &str = "contact.batch";

/// Items that are done together.
const STEP: usize = 500;
/// Wait before a step is planned anew because somebody else keeps changing the book.
const CROWDED: Duration = Duration::from_millis(20);

/// What became of an item; stored, so variants are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Outcome {
    /// It was added.
    Added(Made),
    /// It was there and has been updated.
    Updated(Made),
    /// It was refused.
    Failed(Problem),
    /// It was not done, because a rehearsal wants it to end in this code.
    Rehearsed(i64),
}

impl Outcome {
    const fn is_success(&self) -> bool {
        matches!(self, Self::Added(_) | Self::Updated(_))
    }
}

/// What an item is in the book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    pub(super) id: String,
    pub(super) number: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) chat: Option<String>,
}

/// The results of a step: places in the request, and what became of the items there.
pub(super) type Results = Vec<(u32, Outcome)>;

/// Does batches.
pub(super) struct BatchJob {
    parts: JobParts,
}

fn damaged(_: Damaged) -> Stop {
    Stop::Fail(Failure::new(FailureKind::Internal, "the stored batch cannot be read"))
}

#[async_trait]
impl Job for BatchJob {
    fn family(&self) -> &'static str {
        FAMILY
    }

    async fn run(&self, attempt: &Attempt, payload: &[u8]) -> Result<Success, Stop> {
        let payload = Payload::read(payload).map_err(damaged)?;
        let order = order(&payload.needs().map_err(damaged)?).map_err(|_circle| {
            Stop::Fail(Failure::new(FailureKind::Internal, "the stored batch needs itself"))
        })?;
        let work = Work {
            parts: &self.parts,
            attempt,
            payload: &payload,
            tenant: TenantId::from(&*attempt.tenant),
            app: AppId::from(&*attempt.app),
        };
        loop {
            let batch = work.batch().await?;
            let done = usize::try_from(batch.done).unwrap_or(usize::MAX);
            let stage = match payload.head.kind {
                Kind::Users => "adding users",
                Kind::Departments => "adding departments",
            };
            attempt.progress(Progress {
                stage: stage.to_owned(),
                done: done as u64,
                total: order.len() as u64,
            });
            if done >= order.len() {
                return Ok(Success { output: b"{}".to_vec(), ..Success::default() });
            }
            if attempt.cancelled().is_cancelled() {
                return Err(Stop::Cancelled);
            }
            let step = &order[done..(done + STEP).min(order.len())];
            work.step(&batch, step).await?;
        }
    }
}

impl BatchJob {
    pub(super) const fn new(parts: JobParts) -> Self {
        Self { parts }
    }
}

/// A batch being worked on.
struct Work<'a> {
    parts: &'a JobParts,
    attempt: &'a Attempt,
    payload: &'a Payload<'a>,
    tenant: TenantId,
    app: AppId,
}

impl Work<'_> {
    async fn batch(&self) -> Result<Batch, Stop> {
        let batch = contacts::batch(&self.parts.store.db, &self.payload.head.batch).await;
        batch.map_err(Stop::retry)?.ok_or_else(|| {
            Stop::Fail(Failure::new(FailureKind::Internal, "the batch is gone from the store"))
        })
    }

    /// Does the items at these places of the request and moves the batch on.
    async fn step(&self, batch: &Batch, places: &[u32]) -> Result<(), Stop> {
        for plan in 0..MOST_PLANS {
            let (transaction, results) = match self.payload.head.kind {
                Kind::Users => self.users(places).await?,
                Kind::Departments => self.departments(places).await?,
            };
            let succeeded =
                results.iter().filter(|(_, outcome)| outcome.is_success()).count() as i64;
            let mut all = Transaction::new();
            let bytes = serde_json::to_vec(&results).map_err(Stop::retry)?;
            let failed = results.len() as i64 - succeeded;
            contacts::checkpoint_batch(&mut all, batch, bytes, succeeded, failed);
            all.append(transaction);
            match self.attempt.checkpoint(all).await {
                Ok(_) => return Ok(()),
                // Somebody else has changed the book: look again.
                Err(error) if is_outdated(&error) => {
                    if plan > 2 {
                        tokio::time::sleep(CROWDED).await;
                    }
                }
                Err(error) => return Err(Stop::retry(error)),
            }
        }
        Err(Stop::retry("the contact book keeps changing"))
    }

    /// What a rehearsal wants of the item at this place of the request, if it does.
    fn rehearsed(&self, place: u32) -> Option<Outcome> {
        let planned = self.attempt.planned_items.iter().find(|item| item.index == place)?;
        Some(Outcome::Rehearsed(planned.code))
    }

    fn entries<T: serde::de::DeserializeOwned>(&self, places: &[u32]) -> Result<Vec<T>, Stop> {
        let entries: Result<Vec<T>, Damaged> =
            places.iter().map(|place| self.payload.entry(*place as usize)).collect();
        entries.map_err(damaged)
    }

    /// A transaction that happens only if the book stays as it is now, and the app's reach.
    async fn begin(&self) -> Result<(Transaction, Reach), StoreError> {
        let db = &self.parts.store.db;
        let revision = contacts::revision(db, &self.tenant).await?;
        let mut transaction = Transaction::new();
        contacts::advance(&mut transaction, &self.tenant, revision);
        Ok((transaction, Reach::of(db, &self.tenant, &self.app).await?))
    }

    async fn users(&self, places: &[u32]) -> Result<(Transaction, Results), Stop> {
        let (db, ids) = (&self.parts.store.db, &self.parts.ids);
        let entries: Vec<UserEntry> = self.entries(places)?;
        let now_ms = self.parts.clock.now_ms();
        let (mut transaction, reach) = self.begin().await.map_err(Stop::retry)?;
        let roster = Roster::load(db, &self.tenant, reach, &entries).await;
        let mut roster = roster.map_err(Stop::retry)?;
        let fresh = fresh_users(db, ids, &self.tenant, now_ms, entries.len()).await;
        let mut results = Vec::with_capacity(places.len());
        for ((place, entry), fresh) in places.iter().zip(&entries).zip(fresh.map_err(Stop::retry)?)
        {
            if let Some(outcome) = self.rehearsed(*place) {
                results.push((*place, outcome));
                continue;
            }
            let outcome = match roster.place(entry, BATCH, fresh, now_ms) {
                Err(problem) => Outcome::Failed(problem),
                Ok(accepted) => {
                    write_user(&mut transaction, &accepted);
                    if accepted.added && self.payload.head.notify {
                        invite(&mut transaction, ids, &self.app, &accepted, now_ms);
                    }
                    let made = Made {
                        id: accepted.person.id.0,
                        number: accepted.person.number,
                        chat: None,
                    };
                    if accepted.added { Outcome::Added(made) } else { Outcome::Updated(made) }
                }
            };
            results.push((*place, outcome));
        }
        Ok((transaction, results))
    }

    async fn departments(&self, places: &[u32]) -> Result<(Transaction, Results), Stop> {
        let db = &self.parts.store.db;
        let entries: Vec<DepartmentEntry> = self.entries(places)?;
        let now_ms = self.parts.clock.now_ms();
        let (mut transaction, reach) = self.begin().await.map_err(Stop::retry)?;
        let tree = Tree::load(db, &self.tenant, reach, &entries).await;
        let mut tree = tree.map_err(Stop::retry)?;
        let mut results = Vec::with_capacity(places.len());
        for (place, entry) in places.iter().zip(&entries) {
            if let Some(outcome) = self.rehearsed(*place) {
                results.push((*place, outcome));
                continue;
            }
            let fresh = fresh_department(&self.parts.ids, now_ms);
            let outcome = match tree.place(entry, BATCH, fresh, now_ms) {
                Err(problem) => Outcome::Failed(problem),
                Ok(accepted) => {
                    write_department(&mut transaction, &accepted, now_ms);
                    let made = Made {
                        id: accepted.department.id,
                        number: accepted.department.number,
                        chat: accepted.department.chat,
                    };
                    if accepted.added { Outcome::Added(made) } else { Outcome::Updated(made) }
                }
            };
            results.push((*place, outcome));
        }
        Ok((transaction, results))
    }
}
