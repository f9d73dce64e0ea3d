//! Following the log of what became of tasks: live, from a place on, behind a busy log, after a cut.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use larkspur_engine::{
    Attempt, CutOff, Engine, EngineParts, Following, Interest, Job, Lane, Settings, Stop,
    Submission, Success,
};
use larkspur_model::id::Ids;
use larkspur_model::time::{Clock, ManualClock, SystemClock};
use larkspur_store::events::{Change, Place, end};
use larkspur_store::sql::Transaction;
use larkspur_store::{BlobLocation, Blobs, Db, Store};

struct Idle;

#[async_trait]
impl Job for Idle {
    fn family(&self) -> &'static str {
        "test.idle"
    }

    async fn run(&self, _attempt: &Attempt, _payload: &[u8]) -> Result<Success, Stop> {
        Ok(Success::default())
    }
}

fn engine(store: &Store, clock: &Arc<ManualClock>, settings: Settings) -> Engine {
    let parts = EngineParts {
        store: store.clone(),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        real_clock: Arc::new(SystemClock),
        ids: Arc::new(Ids::from_seed(11)),
        settings,
    };
    Engine::new(parts, vec![Arc::new(Idle)])
}

async fn house() -> (Engine, Store, Arc<ManualClock>) {
    let blobs = Blobs::open(&BlobLocation::Temporary).unwrap();
    let store = Store { db: Db::open_temporary().await.unwrap(), blobs };
    let clock = Arc::new(ManualClock::at(SystemClock.now_ms()));
    (engine(&store, &clock, Settings::default()), store, clock)
}

fn submission(tenant: &str) -> Submission {
    Submission {
        tenant: tenant.to_owned(),
        app: "cli_1".to_owned(),
        creator: "app:cli_1".to_owned(),
        family: "test.idle",
        title: "A title".to_owned(),
        size_bytes: 0,
        lane: Lane::Light,
        payload: Vec::new(),
        max_attempts: 3,
        idempotency_key: None,
        also: Transaction::new(),
        plan: None,
    }
}

/// The tasks that `following` hears to have succeeded, until there are as many as `wanted`.
async fn succeeded(mut following: Following, wanted: usize) -> Vec<i64> {
    let mut heard = Vec::new();
    while heard.len() < wanted {
        let batch = tokio::time::timeout(Duration::from_mins(1), following.next()).await;
        for told in batch.unwrap().unwrap().unwrap().events() {
            if told.event.change == Change::Succeeded {
                heard.push(told.event.task);
            }
        }
    }
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_hears_of_every_end_once_whenever_they_came() {
    const TASKS: usize = 2_000;
    let (engine, ..) = house().await;
    let workers = engine.start();
    let mut listeners = Vec::new();
    let mut submitted = BTreeSet::new();
    for number in 0..TASKS {
        if number % 100 == 0 {
            let following = engine.follow(Some(Place::START)).await.unwrap();
            listeners.push(tokio::spawn(succeeded(following, TASKS)));
        }
        submitted.insert(engine.submit(submission("one")).await.unwrap());
    }
    for listener in listeners {
        let heard = listener.await.unwrap();
        assert_eq!(heard.len(), TASKS);
        assert_eq!(heard.into_iter().collect::<BTreeSet<_>>(), submitted);
    }
    workers.stop(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_with_a_place_goes_on_there_after_a_restart_too() {
    let (engine, store, clock) = house().await;
    let first = engine.submit(submission("one")).await.unwrap();
    engine.run_until_idle().await.unwrap();
    let mut following = engine.follow(Some(Place::START)).await.unwrap();
    let batch = following.next().await.unwrap().unwrap();
    assert!(batch.events().iter().all(|told| told.event.task == first));
    let place = following.place();
    drop((following, engine));
    let engine = self::engine(&store, &clock, Settings::default());
    let second = engine.submit(submission("one")).await.unwrap();
    engine.run_until_idle().await.unwrap();
    let following = engine.follow(Some(place)).await.unwrap();
    assert_eq!(succeeded(following, 1).await, [second]);
    // Who brings no place hears only of what comes.
    let fresh = engine.follow(None).await.unwrap();
    let third = engine.submit(submission("one")).await.unwrap();
    engine.run_until_idle().await.unwrap();
    assert_eq!(succeeded(fresh, 1).await, [third]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stayed_away_too_long_is_told_so() {
    let (engine, store, clock) = house().await;
    let settings = Settings { keep_events: 1, ..Settings::default() };
    let engine_of_little = self::engine(&store, &clock, settings);
    engine.submit(submission("one")).await.unwrap();
    engine.run_until_idle().await.unwrap();
    let mut early = engine.follow(Some("0-1".parse().unwrap())).await.unwrap();
    engine.submit(submission("one")).await.unwrap();
    engine.run_until_idle().await.unwrap();
    engine_of_little.expire().await.unwrap();
    assert_eq!(early.next().await.unwrap().unwrap_err(), CutOff);
    let last = end(&store.db).await.unwrap();
    assert!(!engine.holds("0-1".parse().unwrap()).await.unwrap());
    assert!(engine.holds(last).await.unwrap());
    assert!(!engine.holds("0-fff".parse().unwrap()).await.unwrap());
    clock.advance(Settings::default().keep_events_ms + 1);
    engine.expire().await.unwrap();
    let mut late = engine.follow(Some(Place::START)).await.unwrap();
    let id = engine.submit(submission("one")).await.unwrap();
    engine.run_until_idle().await.unwrap();
    assert_eq!(late.next().await.unwrap().unwrap().events()[0].event.task, id);
}

#[tokio::test]
async fn an_interest_covers_what_fits_all_that_it_names() {
    let (engine, ..) = house().await;
    let id = engine.submit(submission("one")).await.unwrap();
    engine.run_until_idle().await.unwrap();
    let mut following = engine.follow(Some(Place::START)).await.unwrap();
    let batch = following.next().await.unwrap().unwrap();
    let [running, ended] = batch.events() else { panic!("{batch:?}") };
    let covers =
        |interest: Interest| (interest.covers(&running.event), interest.covers(&ended.event));
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(covers(Interest::default()), (true, true));
    let ends = Interest { changes: vec![Change::Succeeded, Change::Failed], ..Interest::default() };
    assert_eq!(covers(ends), (false, true));
    for (interest, fits) in [
        (Interest { tenant: some("one"), app: some("cli_1"), ..Interest::default() }, true),
        (Interest { tenant: some("one"), app: some("cli_2"), ..Interest::default() }, false),
        (Interest { tenant: some("two"), ..Interest::default() }, false),
        (Interest { creator: some("user:1"), ..Interest::default() }, false),
        (Interest { family: some("test.idle"), task: Some(id), ..Interest::default() }, true),
        (Interest { task: Some(id + 1), ..Interest::default() }, false),
    ] {
        assert_eq!(covers(interest.clone()), (fits, fits), "{interest:?}");
    }
}
