//! Delivering to webhooks: each by one node at a time, its events in their order, at least once. Who
//! fails is tried again later and later, and paused in the end; how far each is lies in the store, so
//! that a restart goes on where it was.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use larkspur_engine::{Engine, Error, Interest};
use larkspur_model::id::Ids;
use larkspur_model::time::{Clock, HOUR_MS, MINUTE_MS, Millis, SECOND_MS};
use larkspur_store::events::{Change, Place, TaskEvent};
use larkspur_store::webhooks::{self, Delivery, HOLD, Hold, Leasing, SetBack, Standing, Webhook};
use larkspur_store::{Db, Error as StoreError};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::form;
use crate::meter::Meter;
use crate::sender::{Message, Send};
use crate::sign::{shown_secret, signature};

/// How often is looked for webhooks whose next attempt is due, or that another node gave up.
const LOOK: Duration = Duration::from_millis(250);
/// How long a lease lasts: longer than an attempt.
const LEASE_MS: Millis = 45 * SECOND_MS;
/// How often a lease is renewed while nothing happens.
const RENEW: Duration = Duration::from_secs(10);
/// Deliveries after which is written down how far a webhook is: so many may happen twice when the
/// server dies.
const WRITTEN: usize = 64;
/// How long deliveries may go on without that.
const UNWRITTEN: Duration = Duration::from_millis(250);
/// Webhooks leased at a time.
const LEASED: i64 = 200;
/// Waits before the next attempt; the last one from then on.
const WAITS_MS: [Millis; 7] = [
    SECOND_MS,
    5 * SECOND_MS,
    30 * SECOND_MS,
    2 * MINUTE_MS,
    10 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
];
/// How long a webhook may fail before it is paused.
const PATIENCE_MS: Millis = 24 * HOUR_MS;
/// A receiver that is there no more says so with this status (Standard Webhooks, "Sending Webhooks").
const GONE: u16 = 410;

/// The key of a webhook's secret, by its id and the number of the secret.
pub type KeyOf = Arc<dyn Fn(&str, i64) -> Vec<u8> + std::marker::Send + Sync>;

/// What a courier is made of.
pub struct CourierParts {
    /// Whose events are told.
    pub engine: Engine,
    /// Where webhooks are kept.
    pub db: Db,
    /// The domain's clock.
    pub clock: Arc<dyn Clock>,
    /// The machine's own clock.
    pub real_clock: Arc<dyn Clock>,
    /// Where numbers come from.
    pub ids: Arc<Ids>,
    /// The name of this node: no two running ones share it, and it outlives a restart.
    pub node: String,
    /// What is signed with.
    pub key_of: KeyOf,
    /// How messages leave.
    pub sender: Arc<dyn Send>,
}

/// Delivers to webhooks.
pub struct Courier {
    parts: CourierParts,
    meter: Meter,
    wake: Notify,
    /// Those this node delivers to, and how each is told to look again.
    busy: Mutex<HashMap<String, CancellationToken>>,
}

/// What is told to a webhook.
struct Parcel {
    id: String,
    kind: String,
    task: Option<i64>,
    body: Vec<u8>,
}

impl Parcel {
    fn of(event: &TaskEvent) -> Self {
        Self {
            // The same in every attempt, for receivers who want each once.
            id: format!("evt_{}", event.place),
            kind: format!("task.{}", event.change.word()),
            task: Some(event.task),
            body: form::json(event),
        }
    }
}

/// What was delivered and is not written down.
struct Ledger {
    version: i64,
    place: Place,
    deliveries: Vec<Delivery>,
    delivered_ms: Option<Millis>,
    written: Instant,
    is_outdated: bool,
}

/// Sends nothing.
#[derive(Debug)]
struct Nobody;

#[async_trait]
impl Send for Nobody {
    async fn send(&self, _message: Message) -> Result<u16, String> {
        Err("this server sends nothing".to_owned())
    }

    fn refuses(&self, _url: &str) -> Option<String> {
        Some("this server sends nothing".to_owned())
    }
}

/// Why somebody stops delivering to a webhook.
enum Ended {
    /// It was told to; what was done is written down.
    Told,
    /// An attempt failed.
    SetBack,
}

impl Courier {
    /// A courier that delivers nothing before [`run`](Self::run).
    pub fn new(parts: CourierParts) -> Self {
        Self { parts, meter: Meter::default(), wake: Notify::new(), busy: Mutex::default() }
    }

    /// Deliveries, counted.
    pub const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// A courier that can send nothing, for servers that are thrown away.
    pub fn idle(engine: &Engine, db: &Db, clock: Arc<dyn Clock>, ids: Arc<Ids>) -> Self {
        Self::new(CourierParts {
            engine: engine.clone(),
            db: db.clone(),
            real_clock: Arc::clone(&clock),
            clock,
            ids,
            node: "nowhere".to_owned(),
            key_of: Arc::new(|_, _| Vec::new()),
            sender: Arc::new(Nobody),
        })
    }

    /// Delivers until `stopping` fires; what is under way then is written down.
    pub async fn run(self: Arc<Self>, stopping: CancellationToken) {
        let CourierParts { db, node, .. } = &self.parts;
        // Leases of this node are of a run before this one.
        if let Err(error) = webhooks::release_all(db, node).await {
            tracing::warn!(?error, "webhooks wait until earlier leases expire");
        }
        let mut workers = JoinSet::new();
        while !stopping.is_cancelled() {
            if let Err(error) = self.begin(&mut workers).await {
                tracing::warn!(?error, "it is not known to which webhooks to deliver");
            }
            tokio::select! {
                () = stopping.cancelled() => {}
                () = self.wake.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
            while workers.try_join_next().is_some() {}
        }
        self.busy.lock().values().for_each(CancellationToken::cancel);
        while workers.join_next().await.is_some() {}
    }

    /// Starts delivering to those that are due and free.
    async fn begin(self: &Arc<Self>, workers: &mut JoinSet<()>) -> Result<(), StoreError> {
        let CourierParts { db, clock, real_clock, ids, node, .. } = &self.parts;
        let real_ms = real_clock.now_ms();
        let lease = (ids.random() >> 1) as i64;
        let (now_ms, until_ms) = (clock.now_ms(), real_ms + LEASE_MS);
        let leasing = Leasing { lease, node, now_ms, real_ms, until_ms };
        for (webhook, standing) in webhooks::lease(db, leasing, LEASED).await? {
            let id = webhook.id.clone();
            let hold = Hold { webhook: id.clone(), lease };
            let token = CancellationToken::new();
            if self.busy.lock().contains_key(&id) {
                // It was moved just now: first the attempt ends that is under way.
                webhooks::release(db, &hold).await?;
                continue;
            }
            self.busy.lock().insert(id.clone(), token.clone());
            let courier = Arc::clone(self);
            workers.spawn(async move {
                courier.deliver(&webhook, &standing, &hold, &token).await;
                courier.busy.lock().remove(&id);
                courier.wake.notify_one();
            });
        }
        Ok(())
    }

    /// Has the webhook looked at again, because something about it was changed.
    pub fn changed(&self, id: &str) {
        if let Some(token) = self.busy.lock().get(id) {
            token.cancel();
        }
        self.wake.notify_one();
    }

    /// The secret of a webhook, as its receiver is given it.
    pub fn secret(&self, webhook: &Webhook) -> String {
        shown_secret(&(self.parts.key_of)(&webhook.id, webhook.secret))
    }

    /// What is wrong with an address as far as can be seen without a connection.
    pub fn refuses(&self, url: &str) -> Option<String> {
        self.parts.sender.refuses(url)
    }

    /// Tells a webhook once and at once that it is one; its place does not move.
    pub async fn test(&self, webhook: &Webhook) -> Result<Delivery, StoreError> {
        let message = serde_json::json!({
            "type": "webhook.test",
            "timestamp": form::timestamp(self.parts.clock.now_ms()),
            "data": { "webhook_id": webhook.id },
        });
        let id = format!("msg_{}", self.parts.ids.alphanumeric(20));
        let body = message.to_string().into_bytes();
        let kind = "webhook.test".to_owned();
        self.tell_once(webhook, Parcel { id, kind, task: None, body }).await
    }

    /// Tells a webhook an event once more and at once; its place does not move.
    pub async fn repeat(
        &self,
        webhook: &Webhook,
        event: &TaskEvent,
    ) -> Result<Delivery, StoreError> {
        self.tell_once(webhook, Parcel::of(event)).await
    }

    async fn tell_once(&self, webhook: &Webhook, parcel: Parcel) -> Result<Delivery, StoreError> {
        let delivery = self.attempt(webhook, parcel).await;
        let mut transaction = larkspur_store::sql::Transaction::new();
        webhooks::note(&mut transaction, &webhook.id, std::slice::from_ref(&delivery));
        self.parts.db.commit(transaction).await?;
        Ok(delivery)
    }

    /// One attempt.
    async fn attempt(&self, webhook: &Webhook, parcel: Parcel) -> Delivery {
        let CourierParts { clock, real_clock, ids, key_of, sender, .. } = &self.parts;
        let (at_ms, begun) = (clock.now_ms(), Instant::now());
        let mut keys = vec![key_of(&webhook.id, webhook.secret)];
        if webhook.old_secret_until_ms.is_some_and(|until_ms| at_ms < until_ms) {
            keys.push(key_of(&webhook.id, webhook.secret - 1));
        }
        let timestamp_s = real_clock.now_ms() / SECOND_MS;
        let Parcel { id, kind, task, body } = parcel;
        let signature = signature(&keys, &id, timestamp_s, &body);
        let message =
            Message { url: webhook.url.clone(), id: id.clone(), timestamp_s, signature, body };
        let (status, trouble) = match sender.send(message).await {
            Ok(status @ 200..300) => (status, None),
            Ok(status @ 300..400) => (status, Some(format!("HTTP {status}: not followed"))),
            Ok(status) => (status, Some(format!("HTTP {status}"))),
            Err(trouble) => (0, Some(trouble)),
        };
        let took = begun.elapsed();
        self.meter.count(status, took);
        Delivery {
            number: ids.number(at_ms),
            message: id,
            kind,
            task,
            at_ms,
            took_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
            status: i64::from(status),
            trouble,
        }
    }

    /// Delivers to a webhook until that fails or something is changed.
    async fn deliver(
        &self,
        webhook: &Webhook,
        standing: &Standing,
        hold: &Hold,
        token: &CancellationToken,
    ) {
        match self.follow(webhook, standing, hold, token).await {
            Ok(Ended::SetBack) => {}
            Ok(Ended::Told) => {
                if let Err(error) = webhooks::release(&self.parts.db, hold).await {
                    tracing::warn!(?error, webhook = webhook.id, "a lease has to expire by itself");
                }
            }
            Err(StoreError::Conflict { label: HOLD }) => {
                tracing::debug!(webhook = webhook.id, "somebody changed it or took it over");
            }
            Err(error) => tracing::warn!(?error, webhook = webhook.id, "deliveries break off"),
        }
    }

    async fn follow(
        &self,
        webhook: &Webhook,
        standing: &Standing,
        hold: &Hold,
        token: &CancellationToken,
    ) -> Result<Ended, StoreError> {
        let engine = &self.parts.engine;
        let mut following = engine.follow(Some(standing.place)).await.map_err(of_store)?;
        let mut ledger = Ledger {
            version: standing.version,
            place: standing.place,
            deliveries: Vec::new(),
            delivered_ms: None,
            written: Instant::now(),
            is_outdated: false,
        };
        loop {
            let next = tokio::select! {
                biased;
                () = token.cancelled() => None,
                next = tokio::time::timeout(RENEW, following.next()) => Some(next),
            };
            match next {
                None => {
                    let _unchanged = self.write(hold, &mut ledger).await?;
                    return Ok(Ended::Told);
                }
                Some(Err(_)) => {
                    if !self.write(hold, &mut ledger).await? {
                        return Ok(Ended::Told);
                    }
                }
                Some(Ok(result)) => {
                    let Ok(batch) = result.map_err(of_store)? else {
                        let webhook = webhook.id.as_str();
                        tracing::warn!(webhook, "it was away so long that events are missing");
                        following = engine.follow(Some(Place::START)).await.map_err(of_store)?;
                        continue;
                    };
                    let events = batch.events().iter().map(|told| &told.event);
                    if let Some(failed) =
                        self.tell_all(webhook, events, hold, &mut ledger, token).await?
                    {
                        self.set_back(hold, standing, &ledger, failed).await?;
                        return Ok(Ended::SetBack);
                    }
                    if ledger.is_outdated {
                        return Ok(Ended::Told);
                    }
                }
            }
        }
    }

    /// Tells a webhook events, until one fails (which is given) or it is to be looked at again; what was
    /// done is written down.
    async fn tell_all(
        &self,
        webhook: &Webhook,
        events: impl Iterator<Item = &TaskEvent>,
        hold: &Hold,
        ledger: &mut Ledger,
        token: &CancellationToken,
    ) -> Result<Option<Delivery>, StoreError> {
        let interest = interest(webhook);
        let mut failed = None;
        for event in events {
            if interest.covers(event) {
                failed = self.tell(webhook, event, ledger).await;
                if failed.is_some() {
                    break;
                }
            }
            ledger.place = event.place;
            if token.is_cancelled() || (ledger.is_full() && !self.write(hold, ledger).await?) {
                break;
            }
        }
        if failed.is_some() || !ledger.deliveries.is_empty() {
            let _unchanged = self.write(hold, ledger).await?;
        }
        Ok(failed)
    }

    /// Tells a webhook an event; gives the attempt where it failed.
    async fn tell(
        &self,
        webhook: &Webhook,
        event: &TaskEvent,
        ledger: &mut Ledger,
    ) -> Option<Delivery> {
        let delivery = self.attempt(webhook, Parcel::of(event)).await;
        if delivery.trouble.is_some() {
            return Some(delivery);
        }
        ledger.delivered_ms = Some(delivery.at_ms);
        ledger.deliveries.push(delivery);
        None
    }

    /// Writes down how far a webhook is. `false`: what is delivered, or where, is another by now.
    async fn write(&self, hold: &Hold, ledger: &mut Ledger) -> Result<bool, StoreError> {
        let db = &self.parts.db;
        let until_ms = self.parts.real_clock.now_ms() + LEASE_MS;
        let Ledger { place, deliveries, delivered_ms, .. } = &*ledger;
        let version =
            webhooks::advance(db, hold, *place, until_ms, *delivered_ms, deliveries).await?;
        ledger.is_outdated = version != ledger.version;
        ledger.deliveries.clear();
        ledger.written = Instant::now();
        Ok(!ledger.is_outdated)
    }

    /// Notes a failed attempt, and when the next is due, if there is one.
    async fn set_back(
        &self,
        hold: &Hold,
        standing: &Standing,
        ledger: &Ledger,
        failed: Delivery,
    ) -> Result<(), StoreError> {
        let now_ms = self.parts.clock.now_ms();
        // What went well before is forgotten with the first success.
        let fresh = ledger.delivered_ms.is_some();
        let failures = if fresh { 0 } else { standing.failures };
        let since_ms = standing.failing_since_ms.filter(|_| !fresh).unwrap_or(now_ms);
        let gone = failed.status == i64::from(GONE);
        let pause = gone || now_ms - since_ms >= PATIENCE_MS;
        let wait_ms = usize::try_from(failures).ok().and_then(|at| WAITS_MS.get(at));
        let due_ms = now_ms + wait_ms.copied().unwrap_or(HOUR_MS);
        let trouble = failed.trouble.clone().unwrap_or_default();
        let webhook = hold.webhook.as_str();
        if pause {
            tracing::warn!(webhook, trouble, "it fails for too long, or is gone: it is paused");
        } else {
            tracing::info!(webhook, trouble, due_ms, "a delivery failed; another attempt follows");
        }
        let what = SetBack { now_ms, due_ms, trouble, pause };
        webhooks::set_back(&self.parts.db, hold, &what, &[failed]).await
    }
}

impl Ledger {
    fn is_full(&self) -> bool {
        self.deliveries.len() >= WRITTEN
            || (!self.deliveries.is_empty() && self.written.elapsed() > UNWRITTEN)
    }
}

/// Which transitions a webhook is told.
fn interest(webhook: &Webhook) -> Interest {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let words: Vec<&str> = webhook.changes.split(',').collect();
    Interest {
        tenant: some(&webhook.tenant),
        app: some(&webhook.app),
        family: some(&webhook.family),
        changes: Change::ALL.into_iter().filter(|one| words.contains(&one.word())).collect(),
        ..Interest::default()
    }
}

fn of_store(error: Error) -> StoreError {
    match error {
        Error::Store(error) => error,
        other => StoreError::Unavailable(Box::new(other)),
    }
}
