//! What is rehearsed for tasks, carried out by an engine over a temporary store: deaths, endings,
//! gates that open by polls, time, steps or a release, and what polls see meanwhile.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use larkspur_engine::{
    Attempt, Engine, EngineParts, Job, Lane, Settings, Stop, Submission, Success, Watched,
};
use larkspur_model::id::Ids;
use larkspur_model::plan::{Gate, Plan};
use larkspur_model::task::{Failure, FailureKind, Progress, State};
use larkspur_model::time::{Clock, ManualClock, SystemClock};
use larkspur_store::sql::Transaction;
use larkspur_store::{BlobLocation, Blobs, Db, Store};

/// Succeeds, and counts how often.
#[derive(Default)]
struct Work(AtomicUsize);

#[async_trait]
impl Job for Work {
    fn family(&self) -> &'static str {
        "test.work"
    }

    async fn run(&self, _: &Attempt, _: &[u8]) -> Result<Success, Stop> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Success::default())
    }
}

struct House {
    engine: Engine,
    work: Arc<Work>,
    clock: Arc<ManualClock>,
    store: Store,
}

impl House {
    async fn new() -> Self {
        let db = Db::open_temporary().await.unwrap();
        let store = Store { db, blobs: Blobs::open(&BlobLocation::Temporary).unwrap() };
        let clock = Arc::new(ManualClock::at(SystemClock.now_ms()));
        let work = Arc::new(Work::default());
        let engine = engine(&store, &clock, &work);
        Self { engine, work, clock, store }
    }

    async fn submit(&self, plan: Plan) -> i64 {
        let submission = Submission {
            tenant: "one".to_owned(),
            app: "cli_1".to_owned(),
            creator: "app:cli_1".to_owned(),
            family: "test.work",
            title: String::new(),
            size_bytes: 0,
            lane: Lane::Light,
            payload: Vec::new(),
            max_attempts: 3,
            idempotency_key: None,
            also: Transaction::new(),
            plan: Some(plan),
        };
        self.engine.submit(submission).await.unwrap()
    }

    async fn poll(&self, id: i64) -> Watched {
        let record = self.engine.get(id).await.unwrap().unwrap();
        self.engine.watch(record).await.unwrap()
    }

    async fn states(&self, id: i64, polls: usize) -> Vec<State> {
        let mut states = Vec::new();
        for _ in 0..polls {
            states.push(self.poll(id).await.record.state);
        }
        states
    }
}

fn engine(store: &Store, clock: &Arc<ManualClock>, work: &Arc<Work>) -> Engine {
    let parts = EngineParts {
        store: store.clone(),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        real_clock: Arc::new(SystemClock),
        ids: Arc::new(Ids::from_seed(7)),
        settings: Settings { poll_ms: 20, ..Settings::default() },
    };
    Engine::new(parts, vec![Arc::clone(work) as Arc<dyn Job>])
}

#[tokio::test]
async fn deaths_come_before_the_attempt_that_counts_and_endings_instead_of_it() {
    let house = House::new().await;
    let corrupt =
        Failure { status: Some(129), ..Failure::new(FailureKind::Internal, "the file is corrupt") };
    let once = house.submit(Plan { deaths: 1, ..Plan::default() }).await;
    let always = house.submit(Plan { deaths: 9, ..Plan::default() }).await;
    let ending = Some(corrupt.clone());
    let ends = house.submit(Plan { deaths: 1, ending, ..Plan::default() }).await;
    house.engine.run_until_idle().await.unwrap();
    let record = async |id| house.engine.get(id).await.unwrap().unwrap();
    let (once, always, ends) = (record(once).await, record(always).await, record(ends).await);
    assert_eq!((once.state, once.attempt), (State::Succeeded, 2));
    assert_eq!((always.state, always.attempt), (State::Failed, 3));
    assert_eq!(always.failure.map(|failure| failure.kind), Some(FailureKind::Crashed));
    assert_eq!((ends.state, ends.failure), (State::Failed, Some(corrupt)));
    assert_eq!(house.work.0.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_last_poll_sees_the_end_and_those_before_it_the_way_there() {
    let house = House::new().await;
    let workers = house.engine.start();
    let gate = Some(Gate::Polls(4));
    let id = house.submit(Plan { gate, early_polls: 1, ..Plan::default() }).await;
    assert_eq!(house.states(id, 2).await, [State::Queued, State::Running]);
    assert_eq!(house.work.0.load(Ordering::SeqCst), 0);
    // As after a restart: what was counted is in the store.
    let restarted = engine(&house.store, &house.clock, &house.work);
    let record = restarted.get(id).await.unwrap().unwrap();
    assert_eq!(restarted.watch(record).await.unwrap().record.state, State::Running);
    let last = house.poll(id).await;
    assert_eq!((last.record.state, last.early), (State::Succeeded, true));
    let after = house.poll(id).await;
    assert_eq!((after.record.state, after.early), (State::Succeeded, false));
    workers.stop(std::time::Duration::ZERO).await;
}

#[tokio::test]
async fn a_gate_opens_with_the_domains_clock() {
    let house = House::new().await;
    let workers = house.engine.start();
    let due_ms = house.clock.now_ms() + 60_000;
    let plan = Plan { gate: Some(Gate::At(due_ms)), ..Plan::default() };
    let (polled, moved) = (house.submit(plan.clone()).await, house.submit(plan).await);
    assert_eq!(house.states(polled, 3).await, [State::Queued, State::Running, State::Running]);
    house.clock.advance(60_000);
    assert_eq!(house.states(polled, 1).await, [State::Succeeded]);
    house.engine.clock_moved().await.unwrap();
    assert_eq!(house.states(moved, 1).await, [State::Succeeded]);
    assert!(house.engine.gated().await.unwrap().is_empty());
    workers.stop(std::time::Duration::ZERO).await;
}

#[tokio::test]
async fn steps_lead_from_waiting_to_running_to_the_end() {
    let house = House::new().await;
    let workers = house.engine.start();
    let id = house.submit(Plan { gate: Some(Gate::Hand), ..Plan::default() }).await;
    assert_eq!(house.states(id, 3).await, [State::Queued; 3]);
    let step = async || house.engine.step(id).await.unwrap().map(|record| record.state);
    assert_eq!(step().await, Some(State::Running));
    assert_eq!(house.states(id, 2).await, [State::Running; 2]);
    assert_eq!(step().await, Some(State::Succeeded));
    assert_eq!(step().await, None);
    workers.stop(std::time::Duration::ZERO).await;
}

#[tokio::test]
async fn a_held_task_shows_how_far_it_is_until_it_is_released_or_cancelled() {
    let house = House::new().await;
    let workers = house.engine.start();
    let progress = Progress { stage: "reading".to_owned(), done: 3, total: 10 };
    let gate = Some(Gate::Hold(progress.clone()));
    let plan = Plan { gate, pending_status: Some(5), ..Plan::default() };
    let (released, cancelled) = (house.submit(plan.clone()).await, house.submit(plan).await);
    let seen = house.poll(released).await;
    assert_eq!((seen.record.state, seen.record.progress), (State::Running, progress));
    assert_eq!(seen.pending_status, Some(5));
    let end = house.engine.release(released).await.unwrap().unwrap();
    assert_eq!(end.state, State::Succeeded);
    assert_eq!(house.engine.release(released).await.unwrap(), None);
    assert!(house.engine.cancel(cancelled).await.unwrap());
    assert_eq!(house.states(cancelled, 1).await, [State::Cancelled]);
    assert_eq!(house.engine.release(cancelled).await.unwrap(), None);
    workers.stop(std::time::Duration::ZERO).await;
}
