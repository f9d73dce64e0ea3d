//! The life of tasks in an engine over a temporary store: retries, cancelling, panics, stops,
//! crashes at named points, turns of tenants. The waits are those of the engine itself.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use larkspur_engine::{
    Attempt, CrashPoint, Engine, EngineParts, Fate, Hooks, Job, Lane, Settings, Stop, Submission,
    Success,
};
use larkspur_model::id::Ids;
use larkspur_model::task::{Failure, FailureKind, State};
use larkspur_model::time::{Clock, ManualClock, SystemClock};
use larkspur_store::sql::Transaction;
use larkspur_store::tasks::FENCE;
use larkspur_store::{BlobLocation, Blobs, Db, Error, Store, params};
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Does what its payload says.
#[derive(Default)]
struct Script {
    runs: AtomicUsize,
    order: Mutex<Vec<String>>,
    started: Notify,
    go_on: Notify,
}

#[async_trait]
impl Job for Script {
    fn family(&self) -> &'static str {
        "test.script"
    }

    async fn run(&self, attempt: &Attempt, payload: &[u8]) -> Result<Success, Stop> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        self.order.lock().push(attempt.tenant.clone());
        match std::str::from_utf8(payload).unwrap() {
            "twice" if attempt.number < 3 => return Err(Stop::retry("not yet")),
            "never" => return Err(Stop::retry("never")),
            "crash" => {
                return Err(Stop::RetryOrFail(Failure::new(FailureKind::Crashed, "died")));
            }
            "refuse" => return Err(Stop::Fail(Failure::new(FailureKind::Damaged, "broken"))),
            "panic" => panic!("as told"),
            "wait" => {
                self.started.notify_one();
                self.go_on.notified().await;
            }
            "heed" => {
                self.started.notify_one();
                attempt.cancelled().cancelled().await;
                return Err(Stop::Cancelled);
            }
            // One step an attempt, until there are three.
            "steps" => {
                let done = attempt.checkpoint(step(attempt)).await.unwrap();
                if done[1].rows[0].int(0).unwrap() < 3 {
                    return Err(Stop::retry("more to do"));
                }
                return Ok(Success::default());
            }
            "late" => {
                self.started.notify_one();
                self.go_on.notified().await;
                let refused = attempt.checkpoint(step(attempt)).await;
                assert!(matches!(refused, Err(Error::Conflict { label: FENCE })), "{refused:?}");
                self.order.lock().push("refused".to_owned());
            }
            "deaf" => {
                self.started.notify_one();
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        let mut publish = Transaction::new();
        publish.run("INSERT INTO results (task) VALUES ($1)", params![attempt.task_id]);
        Ok(Success { output: payload.to_vec(), publish, ..Success::default() })
    }
}

/// Another row; answers how many there are of this task.
fn step(attempt: &Attempt) -> Transaction {
    let mut transaction = Transaction::new();
    transaction.run("INSERT INTO results (task) VALUES ($1)", params![attempt.task_id]);
    transaction.run("SELECT count(*) FROM results WHERE task = $1", params![attempt.task_id]);
    transaction
}

struct House {
    engine: Engine,
    script: Arc<Script>,
    clock: Arc<ManualClock>,
    real_clock: Arc<ManualClock>,
    store: Store,
    ids: Arc<Ids>,
}

impl House {
    async fn new() -> Self {
        let db = Db::open_temporary().await.unwrap();
        let mut transaction = Transaction::new();
        transaction.run("CREATE TABLE results (task BIGINT NOT NULL)", params![]);
        db.commit(transaction).await.unwrap();
        let blobs = Blobs::open(&BlobLocation::Temporary).unwrap();
        let store = Store { db, blobs };
        let now_ms = SystemClock.now_ms();
        let (clock, real_clock) =
            (Arc::new(ManualClock::at(now_ms)), Arc::new(ManualClock::at(now_ms)));
        let ids = Arc::new(Ids::from_seed(7));
        let script = Arc::new(Script::default());
        let engine = engine(&store, &clock, &real_clock, &ids, &script, Settings::default());
        Self { engine, script, clock, real_clock, store, ids }
    }

    /// Another engine on the same store, as after a restart.
    fn restarted(&self, settings: Settings) -> Engine {
        engine(&self.store, &self.clock, &self.real_clock, &self.ids, &self.script, settings)
    }

    async fn submit(&self, what: &str) -> i64 {
        self.engine.submit(submission("one", what)).await.unwrap()
    }

    async fn state(&self, id: i64) -> State {
        self.engine.view(id).await.unwrap().unwrap().state
    }

    async fn results(&self) -> usize {
        self.store.db.query("SELECT task FROM results", params![]).await.unwrap().len()
    }

    async fn until(&self, id: i64, state: State) {
        let reached = async {
            let mut events = self.engine.events();
            while self.state(id).await != state {
                let _told = tokio::time::timeout(Duration::from_millis(20), events.recv()).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), reached).await.unwrap();
    }
}

fn engine(
    store: &Store,
    clock: &Arc<ManualClock>,
    real_clock: &Arc<ManualClock>,
    ids: &Arc<Ids>,
    script: &Arc<Script>,
    settings: Settings,
) -> Engine {
    let parts = EngineParts {
        store: store.clone(),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        real_clock: Arc::clone(real_clock) as Arc<dyn Clock>,
        ids: Arc::clone(ids),
        settings,
    };
    Engine::new(parts, vec![Arc::clone(script) as Arc<dyn Job>])
}

fn submission(tenant: &str, what: &str) -> Submission {
    Submission {
        tenant: tenant.to_owned(),
        app: "cli_1".to_owned(),
        creator: "app:cli_1".to_owned(),
        family: "test.script",
        title: what.to_owned(),
        size_bytes: 0,
        lane: Lane::Light,
        payload: what.as_bytes().to_vec(),
        max_attempts: 3,
        idempotency_key: None,
        also: Transaction::new(),
        plan: None,
    }
}

#[tokio::test]
async fn attempts_repeat_until_they_succeed_fail_or_are_used_up() {
    let house = House::new().await;
    let cases = [
        ("plain", State::Succeeded, None, 1),
        ("twice", State::Succeeded, None, 3),
        ("never", State::Failed, Some(FailureKind::Internal), 3),
        ("crash", State::Failed, Some(FailureKind::Crashed), 3),
        ("refuse", State::Failed, Some(FailureKind::Damaged), 1),
        ("panic", State::Failed, Some(FailureKind::Internal), 3),
    ];
    let mut ids = Vec::new();
    for (what, ..) in cases {
        ids.push(house.submit(what).await);
    }
    house.engine.run_until_idle().await.unwrap();
    for ((what, state, failure, attempts), id) in cases.into_iter().zip(ids) {
        let task = house.engine.get(id).await.unwrap().unwrap();
        assert_eq!(
            (task.state, task.failure.map(|failure| failure.kind), task.attempt),
            (state, failure, attempts),
            "{what}"
        );
        assert_eq!(task.output.is_some(), state == State::Succeeded, "{what}");
    }
    assert_eq!(house.results().await, 2);
}

#[tokio::test]
async fn a_key_makes_the_second_submission_the_first() {
    let house = House::new().await;
    let keyed = |what: &str| {
        let mut submission = submission("one", what);
        submission.idempotency_key = Some("once".to_owned());
        submission.also.run("INSERT INTO results (task) VALUES (0)", params![]);
        submission
    };
    let first = house.engine.submit(keyed("plain")).await.unwrap();
    let second = house.engine.submit(keyed("other")).await.unwrap();
    assert_eq!((first, house.results().await), (second, 1));
}

#[tokio::test]
async fn workers_start_at_once_and_cancelling_stops_waiting_heeding_and_deaf_tasks() {
    let house = House::new().await;
    let workers = house.engine.start();
    for what in ["heed", "deaf"] {
        let id = house.submit(what).await;
        house.script.started.notified().await;
        assert!(house.engine.cancel(id).await.unwrap());
        house.until(id, State::Cancelled).await;
        assert!(!house.engine.cancel(id).await.unwrap());
    }
    workers.stop(Duration::from_secs(5)).await;
    let waiting = house.submit("plain").await;
    assert!(house.engine.cancel(waiting).await.unwrap());
    assert_eq!(house.state(waiting).await, State::Cancelled);
    assert_eq!(house.results().await, 0);
}

#[tokio::test]
async fn a_stop_lets_attempts_end_within_the_grace_and_puts_others_back() {
    let house = House::new().await;
    let workers = house.engine.start();
    let id = house.submit("wait").await;
    house.script.started.notified().await;
    house.script.go_on.notify_one();
    workers.stop(Duration::from_secs(5)).await;
    assert_eq!(house.state(id).await, State::Succeeded);

    let workers = house.engine.start();
    let id = house.submit("deaf").await;
    house.script.started.notified().await;
    workers.stop(Duration::ZERO).await;
    let task = house.engine.view(id).await.unwrap().unwrap();
    assert_eq!((task.state, task.attempt), (State::Queued, 0));
}

#[tokio::test]
async fn whatever_vanishes_is_done_again_and_its_result_exists_once() {
    for point in [CrashPoint::AfterLease, CrashPoint::BeforeFinish, CrashPoint::AfterFinishCommit] {
        let house = House::new().await;
        let hooks = Hooks::new(move |at, _| if at == point { Fate::Vanish } else { Fate::Live });
        let crashing = house.restarted(Settings { hooks, ..Settings::default() });
        let id = house.submit("plain").await;
        crashing.run_until_idle().await.unwrap();
        let restarted = house.restarted(Settings::default());
        let workers = restarted.start();
        house.until(id, State::Succeeded).await;
        workers.stop(Duration::from_secs(5)).await;
        let task = house.engine.view(id).await.unwrap().unwrap();
        let again = i64::from(point != CrashPoint::AfterFinishCommit);
        assert_eq!((task.interruptions, house.results().await), (again, 1), "{point:?}");
    }
}

#[tokio::test]
async fn what_an_attempt_has_made_sure_of_is_there_for_the_next_one() {
    let house = House::new().await;
    let id = house.submit("steps").await;
    house.engine.run_until_idle().await.unwrap();
    let task = house.engine.view(id).await.unwrap().unwrap();
    assert_eq!((task.state, task.attempt, house.results().await), (State::Succeeded, 3, 3));
}

#[tokio::test]
async fn an_attempt_without_its_lease_makes_sure_of_nothing() {
    let house = House::new().await;
    let workers = house.engine.start();
    let id = house.submit("late").await;
    house.script.started.notified().await;
    let mut transaction = Transaction::new();
    transaction.run("UPDATE tasks SET lease_id = lease_id + 1 WHERE id = $1", params![id]);
    house.store.db.commit(transaction).await.unwrap();
    house.script.go_on.notify_one();
    workers.stop(Duration::from_secs(5)).await;
    assert_eq!(*house.script.order.lock(), ["one", "refused"]);
    assert_eq!((house.state(id).await, house.results().await), (State::Running, 0));
}

#[tokio::test]
async fn tenants_take_turns() {
    let house = House::new().await;
    for _ in 0..4 {
        house.engine.submit(submission("busy", "plain")).await.unwrap();
    }
    for tenant in ["a", "z"] {
        house.engine.submit(submission(tenant, "plain")).await.unwrap();
    }
    house.engine.run_until_idle().await.unwrap();
    assert_eq!(*house.script.order.lock(), ["a", "busy", "z", "busy", "busy", "busy"]);
}

#[tokio::test]
async fn ended_tasks_are_emptied_then_forgotten() {
    let house = House::new().await;
    let id = house.submit("plain").await;
    house.engine.run_until_idle().await.unwrap();
    let settings = Settings::default();
    house.clock.advance(settings.keep_contents_ms + 1_000);
    house.engine.sweep().await.unwrap();
    let task = house.engine.get(id).await.unwrap().unwrap();
    assert_eq!((task.state, task.payload, task.output), (State::Succeeded, None, None));
    house.clock.advance(settings.keep_tasks_ms);
    house.engine.sweep().await.unwrap();
    assert_eq!(house.engine.get(id).await.unwrap(), None);
}
