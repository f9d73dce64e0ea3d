//! Deliveries to webhooks whose receivers are scripts: order, retries on a clock that a test moves,
//! pauses, restarts, changes, two secrets.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use larkspur_engine::{
    Attempt, Engine, EngineParts, Job, Lane, Settings, Stop, Submission, Success,
};
use larkspur_model::id::Ids;
use larkspur_model::time::{Clock, HOUR_MS, ManualClock, SystemClock};
use larkspur_push::{Courier, CourierParts, Message, Send};
use larkspur_store::events::Place;
use larkspur_store::sql::Transaction;
use larkspur_store::webhooks::{self, Standing, Webhook};
use larkspur_store::{BlobLocation, Blobs, Db, Store};
use serde_json::Value;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

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

/// Answers each message with the next status of its script, and tells the test; 200 from then on.
#[derive(Debug)]
struct Script {
    statuses: parking_lot::Mutex<Vec<u16>>,
    seen: mpsc::UnboundedSender<Message>,
}

#[async_trait]
impl Send for Script {
    async fn send(&self, message: Message) -> Result<u16, String> {
        let status = self.statuses.lock().pop().unwrap_or(200);
        self.seen.send(message).unwrap();
        if status == 0 { Err("no connection".to_owned()) } else { Ok(status) }
    }

    fn refuses(&self, _url: &str) -> Option<String> {
        None
    }
}

struct House {
    engine: Engine,
    db: Db,
    clock: Arc<ManualClock>,
    script: Arc<Script>,
    seen: Mutex<mpsc::UnboundedReceiver<Message>>,
}

impl House {
    async fn new() -> Self {
        let db = Db::open_temporary().await.unwrap();
        let store = Store { db, blobs: Blobs::open(&BlobLocation::Temporary).unwrap() };
        let clock = Arc::new(ManualClock::at(1_795_244_000_000));
        let parts = EngineParts {
            store: store.clone(),
            clock: clock.clone(),
            real_clock: Arc::new(SystemClock),
            ids: Arc::new(Ids::from_seed(3)),
            settings: Settings::default(),
        };
        let engine = Engine::new(parts, vec![Arc::new(Idle)]);
        let (sender, seen) = mpsc::unbounded_channel();
        let script = Arc::new(Script { statuses: parking_lot::Mutex::default(), seen: sender });
        Self { engine, db: store.db, clock, script, seen: Mutex::new(seen) }
    }

    /// Answers are these, one after the other.
    fn answers(&self, statuses: &[u16]) {
        *self.script.statuses.lock() = statuses.iter().rev().copied().collect();
    }

    fn courier(&self, node: &str) -> Arc<Courier> {
        Arc::new(Courier::new(CourierParts {
            engine: self.engine.clone(),
            db: self.db.clone(),
            clock: self.clock.clone(),
            real_clock: Arc::new(SystemClock),
            ids: Arc::new(Ids::from_system()),
            node: node.to_owned(),
            key_of: Arc::new(|id, number| format!("{id}/{number}").into_bytes()),
            sender: self.script.clone(),
        }))
    }

    async fn hook(&self, id: &str, changes: &str) -> Webhook {
        let webhook = Webhook {
            id: id.to_owned(),
            tenant: String::new(),
            app: String::new(),
            family: String::new(),
            changes: changes.to_owned(),
            url: format!("https://example.com/{id}"),
            description: String::new(),
            secret: 1,
            old_secret_until_ms: None,
            created_ms: self.clock.now_ms(),
        };
        let mut transaction = Transaction::new();
        webhooks::insert(&mut transaction, &webhook, Place::START);
        self.db.commit(transaction).await.unwrap();
        webhook
    }

    async fn tasks(&self, count: usize) -> Vec<i64> {
        let mut ids = Vec::new();
        for _ in 0..count {
            let submission = Submission {
                tenant: "one".to_owned(),
                app: "cli_1".to_owned(),
                creator: "app:cli_1".to_owned(),
                family: "test.idle",
                title: "A title".to_owned(),
                size_bytes: 0,
                lane: Lane::Light,
                payload: Vec::new(),
                max_attempts: 1,
                idempotency_key: None,
                also: Transaction::new(),
                plan: None,
            };
            ids.push(self.engine.submit(submission).await.unwrap());
        }
        self.engine.run_until_idle().await.unwrap();
        ids
    }

    async fn next(&self) -> Message {
        let mut seen = self.seen.lock().await;
        tokio::time::timeout(Duration::from_secs(30), seen.recv()).await.unwrap().unwrap()
    }

    async fn nothing_more(&self) {
        assert!(self.seen.lock().await.try_recv().is_err());
    }

    async fn standing(&self, id: &str) -> Standing {
        webhooks::get(&self.db, id).await.unwrap().unwrap().1
    }

    /// Waits until a webhook stands so.
    async fn until(&self, id: &str, stands: impl Fn(&Standing) -> bool) -> Standing {
        let reached = async {
            loop {
                let standing = self.standing(id).await;
                if stands(&standing) {
                    return standing;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reached).await.unwrap()
    }
}

struct Running(CancellationToken, JoinHandle<()>);

impl Running {
    fn start(courier: &Arc<Courier>) -> Self {
        let stopping = CancellationToken::new();
        Self(stopping.clone(), tokio::spawn(Arc::clone(courier).run(stopping)))
    }

    async fn stop(self) {
        self.0.cancel();
        self.1.await.unwrap();
    }
}

fn task(message: &Message) -> (i64, String) {
    let body: Value = serde_json::from_slice(&message.body).unwrap();
    let id = body["data"]["task_id"].as_str().unwrap().parse().unwrap();
    (id, body["type"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn events_arrive_in_order_and_go_on_after_a_restart() {
    let house = House::new().await;
    house.hook("wh_1", "succeeded").await;
    let first = house.tasks(3).await;
    let running = Running::start(&house.courier("here"));
    for id in &first {
        assert_eq!(task(&house.next().await), (*id, "task.succeeded".to_owned()));
    }
    running.stop().await;
    house.clock.advance(1_000);
    let second = house.tasks(2).await;
    let running = Running::start(&house.courier("here"));
    for id in &second {
        assert_eq!(task(&house.next().await).0, *id);
    }
    running.stop().await;
    house.nothing_more().await;
    let deliveries = webhooks::deliveries(&house.db, "wh_1", i64::MAX, 9).await.unwrap();
    assert_eq!(deliveries.len(), 5);
    assert_eq!(deliveries[0].task, Some(second[1]));
    assert!(deliveries.iter().all(|one| one.trouble.is_none() && one.status == 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fails_is_tried_again_when_the_clock_says_so_under_the_same_id() {
    let house = House::new().await;
    house.hook("wh_1", "succeeded").await;
    house.answers(&[500, 0, 302]);
    let ids = house.tasks(2).await;
    let running = Running::start(&house.courier("here"));
    let mut message = None;
    for (failures, wait_ms) in [(1, 1_000), (2, 5_000), (3, 30_000)] {
        let next = house.next().await;
        let same = message.get_or_insert_with(|| next.id.clone());
        assert_eq!((&next.id, task(&next).0), (&*same, ids[0]));
        let standing = house.until("wh_1", |standing| standing.failures == failures).await;
        assert_eq!(standing.due_ms - house.clock.now_ms(), wait_ms);
        house.nothing_more().await;
        house.clock.advance(wait_ms);
    }
    assert_eq!(Some(house.next().await.id), message);
    assert_eq!(task(&house.next().await).0, ids[1]);
    let standing = house.until("wh_1", |standing| standing.failures == 0).await;
    assert_eq!((standing.failing_since_ms, standing.trouble), (None, None));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fails_for_a_day_or_is_gone_is_paused_until_somebody_says_otherwise() {
    let house = House::new().await;
    house.hook("wh_1", "succeeded").await;
    house.answers(&[503; 40]);
    house.tasks(1).await;
    let courier = house.courier("here");
    let running = Running::start(&courier);
    let mut attempts = 0;
    let paused = loop {
        house.next().await;
        attempts += 1;
        let standing = house.until("wh_1", |standing| standing.failures == attempts).await;
        if standing.paused_ms.is_some() {
            break standing;
        }
        house.clock.advance(standing.due_ms - house.clock.now_ms());
    };
    assert!(paused.paused_ms.unwrap() - paused.failing_since_ms.unwrap() >= 24 * HOUR_MS);
    assert_eq!(paused.trouble.as_deref(), Some("HTTP 503"));
    house.clock.advance(48 * HOUR_MS);
    house.answers(&[410]);
    let mut transaction = Transaction::new();
    webhooks::pause(&mut transaction, "wh_1", None);
    house.db.commit(transaction).await.unwrap();
    courier.changed("wh_1");
    house.next().await;
    house.until("wh_1", |standing| standing.paused_ms.is_some()).await;
    house.nothing_more().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_nodes_one_delivers_and_another_takes_over() {
    let house = House::new().await;
    house.hook("wh_1", "succeeded").await;
    let nodes = ["a", "b", "c"].map(|node| Running::start(&house.courier(node)));
    let ids = house.tasks(40).await;
    for id in &ids {
        assert_eq!(task(&house.next().await).0, *id);
    }
    let [first, second, third] = nodes;
    first.stop().await;
    second.stop().await;
    let ids = house.tasks(5).await;
    for id in &ids {
        assert_eq!(task(&house.next().await).0, *id);
    }
    third.stop().await;
    house.nothing_more().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_holds_at_once_and_what_was_told_is_told_again_on_demand() {
    let house = House::new().await;
    let mut webhook = house.hook("wh_1", "succeeded").await;
    let courier = house.courier("here");
    let running = Running::start(&courier);
    let ids = house.tasks(2).await;
    house.next().await;
    house.next().await;
    house.until("wh_1", |standing| standing.place != Place::START).await;
    // Back to the beginning, with another secret beside the first, and other transitions.
    webhook.secret = 2;
    webhook.old_secret_until_ms = Some(house.clock.now_ms() + 1_000);
    webhook.changes = "running".to_owned();
    let mut transaction = Transaction::new();
    webhooks::update(&mut transaction, &webhook);
    webhooks::move_to(&mut transaction, "wh_1", Place::START);
    house.db.commit(transaction).await.unwrap();
    courier.changed("wh_1");
    for id in &ids {
        let message = house.next().await;
        assert_eq!(task(&message), (*id, "task.running".to_owned()));
        assert_eq!(message.signature.split(' ').count(), 2);
    }
    house.clock.advance(1_001);
    let told = courier.test(&webhook).await.unwrap();
    assert_eq!((told.kind.as_str(), told.status, told.trouble), ("webhook.test", 200, None));
    let message = house.next().await;
    assert_eq!(message.signature.split(' ').count(), 1);
    assert_eq!(message.timestamp_s.to_string().len(), 10);
    running.stop().await;
    house.nothing_more().await;
}
