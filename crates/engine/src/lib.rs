//! Durable tasks: submitted, leased, run, retried, cancelled, ended once, swept. No family is
//! named here; each gives a [`Job`]. What is stored how lives in `store::tasks`.
//!
//! Two clocks: leases and waits between attempts follow the machine's own clock, what callers see
//! and what expires follows the domain's, which may be moved.

mod attempt;
mod crash;
mod events;
mod feed;
mod held;
mod job;
mod meter;
mod pace;
mod plan;
mod policy;
mod trace;
mod upkeep;
mod worker;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use larkspur_model::id::Ids;
use larkspur_model::plan::Plan;
use larkspur_model::time::{Clock, HOUR_MS, MINUTE_MS, SECOND_MS};
use larkspur_store::sql::Transaction;
use larkspur_store::tasks::{self, Cancelling, NewTask, TaskRecord};
use larkspur_store::{Error as StoreError, Store};
use tokio::sync::{Notify, broadcast};
use tracing::{Instrument as _, Span};

use crate::events::Events;
use crate::feed::Feed;
use crate::held::{AllHeld, Reason};
use crate::trace::Origins;
use crate::worker::AtWork;

pub use crate::crash::{CrashPoint, Fate, Hooks};
pub use crate::events::Event;
pub use crate::feed::{Batch, CutOff, Following, Interest, Told};
pub use crate::job::{Attempt, Job, Stop, Success};
pub use crate::meter::Meter;
pub use crate::plan::Watched;
pub use crate::policy::Backoff;
pub use crate::worker::Workers;
pub use larkspur_store::tasks::{Counts, Filter, Position, Unfinished};

/// What can go wrong in the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No job does tasks of this family.
    #[error("no job for tasks of family {family}")]
    UnknownFamily {
        /// The family.
        family: &'static str,
    },
    /// A submission names no tenant.
    #[error("a task belongs to a tenant")]
    NoTenant,
    /// The store could not do its part.
    #[error("the task store could not do its part")]
    Store(#[source] StoreError),
}

/// Tasks of a lane wait for each other, never for those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lane {
    /// Small sources: done in a moment.
    Light,
    /// Large sources: minutes are possible.
    Heavy,
}

impl Lane {
    /// All lanes.
    pub const ALL: [Self; 2] = [Self::Light, Self::Heavy];
    /// Sources from this size on are heavy.
    pub const HEAVY_BYTES: i64 = 4 * 1024 * 1024;

    /// The lane of a source of this size.
    pub const fn of_size(size_bytes: i64) -> Self {
        if size_bytes < Self::HEAVY_BYTES { Self::Light } else { Self::Heavy }
    }

    /// The number stored in the database. Never renumber.
    pub const fn number(self) -> i64 {
        match self {
            Self::Light => 0,
            Self::Heavy => 1,
        }
    }

    /// What metrics call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Heavy => "heavy",
        }
    }
}

/// A task to be done.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The tenant it belongs to; not empty.
    pub tenant: String,
    /// The app that submits it.
    pub app: String,
    /// Who submits it: `app:<id>` or `user:<id>`.
    pub creator: String,
    /// Which family of tasks it is of.
    pub family: &'static str,
    /// For people: usually a file's name.
    pub title: String,
    /// Size of the source.
    pub size_bytes: i64,
    /// Where it waits.
    pub lane: Lane,
    /// What the job is given.
    pub payload: Vec<u8>,
    /// How many attempts there may be, those not counted that a stop or crash of the server cut
    /// short.
    pub max_attempts: i64,
    /// A second submission with the same key (of a tenant's app, for a family) is the first one.
    pub idempotency_key: Option<String>,
    /// Committed together with the task.
    pub also: Transaction,
    /// What is rehearsed for it.
    pub plan: Option<Plan>,
}

/// How an engine works.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name of this node: no two running ones share it, and it outlives a restart.
    pub node: String,
    /// Tasks of the light lane that run at once.
    pub light_slots: usize,
    /// Tasks of the heavy lane that run at once.
    pub heavy_slots: usize,
    /// How long a lease lasts; it is renewed when a third of that is over.
    pub lease_ms: i64,
    /// How often idle workers look for tasks that other nodes submitted or that waited.
    pub poll_ms: i64,
    /// How attempts are repeated.
    pub backoff: Backoff,
    /// A task that crashes or stops of the server interrupted so often has failed.
    pub most_interruptions: i64,
    /// How long an ended task keeps its payload and output.
    pub keep_contents_ms: i64,
    /// How long an ended task is known at all.
    pub keep_tasks_ms: i64,
    /// How long the log of what became of tasks goes back; the domain's clock.
    pub keep_events_ms: i64,
    /// How many transitions it holds at most.
    pub keep_events: i64,
    /// How often what is too old is swept.
    pub sweep_every_ms: i64,
    /// Where tests let workers die.
    pub hooks: Hooks,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            node: "local".to_owned(),
            light_slots: 4,
            heavy_slots: 2,
            lease_ms: 30 * SECOND_MS,
            poll_ms: 250,
            backoff: Backoff::default(),
            most_interruptions: 100,
            keep_contents_ms: 7 * 24 * HOUR_MS,
            keep_tasks_ms: 90 * 24 * HOUR_MS,
            keep_events_ms: 7 * 24 * HOUR_MS,
            keep_events: 5_000_000,
            sweep_every_ms: 10 * MINUTE_MS,
            hooks: Hooks::default(),
        }
    }
}

impl Settings {
    const fn slots(&self, lane: Lane) -> usize {
        match lane {
            Lane::Light => self.light_slots,
            Lane::Heavy => self.heavy_slots,
        }
    }
}

/// What an engine is made of.
pub struct EngineParts {
    /// Where tasks outlive a restart.
    pub store: Store,
    /// The domain's clock.
    pub clock: Arc<dyn Clock>,
    /// The machine's own clock.
    pub real_clock: Arc<dyn Clock>,
    /// Where numbers come from.
    pub ids: Arc<Ids>,
    /// How it works.
    pub settings: Settings,
}

/// Takes tasks, and does them. Cheap to clone; all clones are the same one.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) real_clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<Ids>,
    pub(crate) settings: Settings,
    pub(crate) jobs: HashMap<&'static str, Arc<dyn Job>>,
    pub(crate) held: AllHeld,
    pub(crate) events: Events,
    pub(crate) feed: Feed,
    pub(crate) meter: Meter,
    pub(crate) origins: Origins,
    pub(crate) at_work: AtWork,
    light: Notify,
    heavy: Notify,
}

impl Shared {
    pub(crate) const fn submitted(&self, lane: Lane) -> &Notify {
        match lane {
            Lane::Light => &self.light,
            Lane::Heavy => &self.heavy,
        }
    }

    /// Counts the end of a task whose attempt was not at hand. That is rare: it is looked up.
    pub(crate) async fn count_end(&self, id: i64, state: larkspur_model::task::State) {
        if let Ok(Some(task)) = tasks::view(&self.store.db, id).await {
            self.meter.ended(&task.family, state, None);
        }
    }
}

impl Engine {
    /// An engine that does the tasks `jobs` know. It takes submissions at once and does nothing
    /// before [`start`](Self::start) or [`run_until_idle`](Self::run_until_idle).
    pub fn new(parts: EngineParts, jobs: Vec<Arc<dyn Job>>) -> Self {
        let EngineParts { store, clock, real_clock, ids, settings } = parts;
        Self {
            shared: Arc::new(Shared {
                store,
                clock,
                real_clock,
                ids,
                settings,
                meter: Meter::new(jobs.iter().map(|job| job.family())),
                origins: Origins::new(),
                at_work: AtWork::default(),
                jobs: jobs.into_iter().map(|job| (job.family(), job)).collect(),
                held: AllHeld::default(),
                events: Events::default(),
                feed: Feed::default(),
                light: Notify::new(),
                heavy: Notify::new(),
            }),
        }
    }

    /// Takes a task. When this returns its number, the task is on disk; with a key that is taken,
    /// nothing was done and the number is that of the earlier task.
    pub async fn submit(&self, submission: Submission) -> Result<i64, Error> {
        self.submit_numbered(submission, None).await
    }

    /// A number for a task that [`submit_as`](Self::submit_as) will take now.
    pub fn number(&self) -> i64 {
        self.shared.ids.number(self.shared.clock.now_ms())
    }

    /// As [`submit`](Self::submit), under a number that was made above, so that what is committed with
    /// the task can name it. [`StoreError::Duplicate`] when that number is taken after all, or when
    /// something in [`Submission::also`] is.
    pub async fn submit_as(&self, number: i64, submission: Submission) -> Result<i64, Error> {
        self.submit_numbered(submission, Some(number)).await
    }

    async fn submit_numbered(
        &self,
        submission: Submission,
        number: Option<i64>,
    ) -> Result<i64, Error> {
        let span = trace::submission(submission.family);
        let result = self.take(submission, number, &span).instrument(span.clone()).await;
        trace::submitted(&span, result.as_ref().ok().copied());
        result
    }

    async fn take(
        &self,
        submission: Submission,
        number: Option<i64>,
        span: &Span,
    ) -> Result<i64, Error> {
        let shared = &self.shared;
        let family = submission.family;
        if !shared.jobs.contains_key(family) {
            return Err(Error::UnknownFamily { family });
        }
        if submission.tenant.is_empty() {
            return Err(Error::NoTenant);
        }
        let created_ms = shared.clock.now_ms();
        let mut task = NewTask {
            id: number.unwrap_or_else(|| shared.ids.number(created_ms)),
            tenant: submission.tenant,
            app: submission.app,
            creator: submission.creator,
            family,
            title: submission.title,
            size_bytes: submission.size_bytes,
            lane: submission.lane.number(),
            payload: submission.payload,
            created_ms,
            run_at_ms: shared.real_clock.now_ms(),
            max_attempts: submission.max_attempts.max(1),
            idempotency_key: submission.idempotency_key,
        };
        let db = &shared.store.db;
        let submitted = loop {
            let mut also = submission.also.clone();
            if let Some(plan) = &submission.plan {
                tasks::plan(&mut also, task.id, plan).map_err(Error::Store)?;
            }
            shared.origins.note(task.id, span);
            let result = tasks::submit(db, task.clone(), also).await;
            if !result.as_ref().is_ok_and(|submitted| submitted.fresh) {
                shared.origins.forget(task.id, span);
            }
            match result {
                // Another node made the same number in the same millisecond.
                Err(StoreError::Duplicate(_))
                    if number.is_none()
                        && tasks::view(db, task.id).await.is_ok_and(|taken| taken.is_some()) =>
                {
                    task.id = shared.ids.number(created_ms);
                }
                result => break result.map_err(Error::Store)?,
            }
        };
        if submitted.fresh {
            shared.meter.submitted(family);
            shared.events.tell(submitted.id, larkspur_model::task::State::Queued);
            shared.submitted(submission.lane).notify_one();
        }
        Ok(submitted.id)
    }

    /// The task, with its payload.
    pub async fn get(&self, id: i64) -> Result<Option<TaskRecord>, Error> {
        tasks::get(&self.shared.store.db, id).await.map_err(Error::Store)
    }

    /// The task without its payload: for polling.
    pub async fn view(&self, id: i64) -> Result<Option<TaskRecord>, Error> {
        tasks::view(&self.shared.store.db, id).await.map_err(Error::Store)
    }

    /// Asks for a task to end. A waiting one has ended when this returns; a running one is told,
    /// and ends within about a second, succeeding if its work was done by then. `false`: there is
    /// no such task, or it had ended before.
    pub async fn cancel(&self, id: i64) -> Result<bool, Error> {
        let shared = &self.shared;
        let now_ms = shared.clock.now_ms();
        match tasks::cancel(&shared.store.db, id, now_ms).await.map_err(Error::Store)? {
            Cancelling::TooLate => return Ok(false),
            Cancelling::Done => {
                let cancelled = larkspur_model::task::State::Cancelled;
                shared.events.tell(id, cancelled);
                shared.count_end(id, cancelled).await;
            }
            Cancelling::Requested => {
                if let Some(held) = shared.held.of_task(id) {
                    held.end(Reason::Cancel);
                }
            }
        }
        Ok(true)
    }

    /// Has a task that failed or was cancelled done again, with as many attempts as before and nothing
    /// rehearsed for it. `false`: there is no such task, it has not ended so, or what it was given
    /// has been swept.
    pub async fn again(&self, id: i64) -> Result<bool, Error> {
        let shared = &self.shared;
        let (run_at_ms, now_ms) = (shared.real_clock.now_ms(), shared.clock.now_ms());
        let lane = tasks::again(&shared.store.db, id, run_at_ms, now_ms).await;
        let lane = lane.map_err(Error::Store)?;
        if let Some(lane) = lane {
            plan::queued(shared, id, lane);
        }
        Ok(lane.is_some())
    }

    /// Forgets a task that has ended; what it made stays. `false`: there is no such task, or it has
    /// not ended.
    pub async fn forget(&self, id: i64) -> Result<bool, Error> {
        let shared = &self.shared;
        let forgotten = tasks::forget(&shared.store.db, id, shared.clock.now_ms()).await;
        shared.events.written();
        forgotten.map_err(Error::Store)
    }

    /// Up to `most` tasks, the latest first, without their payloads.
    pub async fn list(&self, filter: &Filter, most: i64) -> Result<Vec<TaskRecord>, Error> {
        tasks::list(&self.shared.store.db, filter, most).await.map_err(Error::Store)
    }

    /// How many tasks there are; walks over them.
    pub async fn counts(&self) -> Result<Counts, Error> {
        tasks::counts(&self.shared.store.db).await.map_err(Error::Store)
    }

    /// How long the stage that a running task is in will still take, at its pace so far. `None` where
    /// that is not known: too early to tell, of unknown size, or run by another node.
    pub fn left(&self, id: i64) -> Option<Duration> {
        self.shared.held.of_task(id)?.left()
    }

    /// What waits and runs, by family and lane; walks over that alone.
    pub async fn unfinished(&self) -> Result<Vec<Unfinished>, Error> {
        tasks::unfinished(&self.shared.store.db).await.map_err(Error::Store)
    }

    /// Tasks of this process, counted.
    pub fn meter(&self) -> &Meter {
        &self.shared.meter
    }

    /// The families of tasks it does, in no order.
    pub fn families(&self) -> impl Iterator<Item = &'static str> {
        self.shared.jobs.keys().copied()
    }

    /// Whether everything that [`start`](Self::start) begins is at work: no loop has ended, in order or
    /// by a panic.
    pub fn is_working(&self) -> bool {
        self.shared.at_work.all()
    }

    /// A queued task's place.
    pub async fn position(&self, id: i64) -> Result<Option<Position>, Error> {
        tasks::position(&self.shared.store.db, id).await.map_err(Error::Store)
    }

    /// What happens to tasks in this process from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.shared.events.listen()
    }

    /// Starts doing tasks in the background; those a crash of this node left behind go first.
    /// Within a runtime; once for an engine.
    pub fn start(&self) -> Workers {
        Workers::start(&self.shared)
    }

    /// Does tasks here, one after the other, until none is left but those behind closed gates; waits
    /// between attempts are passed over. Not while workers run.
    pub async fn run_until_idle(&self) -> Result<(), Error> {
        worker::run_until_idle(&self.shared).await.map_err(Error::Store)
    }

    /// Forgets what is too old now, instead of when its time comes; also blobs nothing names.
    pub async fn sweep(&self) -> Result<(), Error> {
        upkeep::sweep(&self.shared).await.map_err(Error::Store)
    }

    /// Forgets what is too old now, but leaves blobs to the next sweep: done in a moment, and
    /// enough after the domain's clock was moved.
    pub async fn expire(&self) -> Result<(), Error> {
        upkeep::expire(&self.shared).await.map_err(Error::Store)
    }

    /// After the store was put back to another state, of one tenant or (`None`) of all: the
    /// attempts of this process work for a state that is gone, hold leases no more, and are told to
    /// end. Workers look at the queue again.
    pub fn start_over(&self, tenant: Option<&str>) {
        self.shared.held.end_all(Reason::Lost, tenant);
        for lane in Lane::ALL {
            self.shared.submitted(lane).notify_one();
        }
    }
}
