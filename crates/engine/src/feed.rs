//! Following the log of what became of tasks. One reader of the log tells all listeners that keep up;
//! a listener that does not reads the log itself until it does, so that a slow one costs nobody
//! memory and misses nothing. Nothing is read while nobody listens.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use larkspur_store::Error as StoreError;
use larkspur_store::events::{self, Change, Page, Place, TaskEvent};
use parking_lot::Mutex;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{Engine, Error, Shared};

/// Events read at a time.
const PAGE: i64 = 512;
/// Batches kept for listeners that are a little behind.
const KEPT: usize = 32;
/// How long the reader lets events gather: at thousands of them a second one reading takes many.
const GATHER: Duration = Duration::from_millis(2);

/// An event, and its text once somebody has made it.
#[derive(Debug)]
pub struct Told {
    /// The event.
    pub event: TaskEvent,
    text: OnceLock<Bytes>,
}

impl Told {
    const fn new(event: TaskEvent) -> Self {
        Self { event, text: OnceLock::new() }
    }

    /// The text that listeners get, made by `form` for the first of them.
    pub fn text(&self, form: impl FnOnce(&TaskEvent) -> Bytes) -> &Bytes {
        self.text.get_or_init(|| form(&self.event))
    }
}

/// All events of a part of the log.
#[derive(Debug)]
struct Part {
    behind: Place,
    events: Vec<Told>,
}

/// Events that follow each other in the log.
#[derive(Debug, Clone)]
pub struct Batch {
    part: Arc<Part>,
    from: usize,
}

impl Batch {
    /// The events.
    pub fn events(&self) -> &[Told] {
        &self.part.events[self.from..]
    }
}

/// Which transitions somebody wants to hear of; what is `None` or empty does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interest {
    /// Of this tenant.
    pub tenant: Option<String>,
    /// Of tasks this app submitted.
    pub app: Option<String>,
    /// Of tasks that `app:<id>` or `user:<id>` submitted.
    pub creator: Option<String>,
    /// Of tasks of this family.
    pub family: Option<String>,
    /// Of this task.
    pub task: Option<i64>,
    /// These transitions.
    pub changes: Vec<Change>,
}

impl Interest {
    /// Whether the event is one of them.
    pub fn covers(&self, event: &TaskEvent) -> bool {
        let fits = |wanted: &Option<String>, found: &String| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        fits(&self.tenant, &event.tenant)
            && fits(&self.app, &event.app)
            && fits(&self.creator, &event.creator)
            && fits(&self.family, &event.family)
            && self.task.is_none_or(|task| task == event.task)
            && (self.changes.is_empty() || self.changes.contains(&event.change))
    }
}

#[derive(Debug)]
pub(crate) struct Feed {
    live: broadcast::Sender<Arc<Part>>,
    reader: Mutex<Option<JoinHandle<()>>>,
    stopping: CancellationToken,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            live: broadcast::Sender::new(KEPT),
            reader: Mutex::default(),
            stopping: CancellationToken::new(),
        }
    }
}

impl Feed {
    /// Joins those who are told, and has somebody read for them.
    fn join(shared: &Arc<Shared>) -> broadcast::Receiver<Arc<Part>> {
        let mut reader = shared.feed.reader.lock();
        let receiver = shared.feed.live.subscribe();
        if reader.is_none() && !shared.feed.stopping.is_cancelled() {
            *reader = Some(tokio::spawn(read_for_all(Arc::clone(shared))));
        }
        receiver
    }

    /// Whether nobody listens any more, or nobody is to; then the reader has to end.
    fn is_left(&self) -> bool {
        if self.stopping.is_cancelled() {
            return true;
        }
        let mut reader = self.reader.lock();
        let left = self.live.receiver_count() == 0;
        if left {
            *reader = None;
        }
        left
    }

    /// Has nobody read any more; when this returns, nobody does.
    pub(crate) async fn stop(&self) {
        self.stopping.cancel();
        let reader = self.reader.lock().take();
        if let Some(reader) = reader {
            // One that panicked does not read either.
            let _panicked = reader.await;
        }
    }
}

/// Reads the log and tells all who listen, until nobody does.
async fn read_for_all(shared: Arc<Shared>) {
    let poll = Duration::from_millis(shared.settings.poll_ms.max(1).unsigned_abs());
    let mut place = None;
    while !shared.feed.is_left() {
        let pause = match read_once(&shared, &mut place).await {
            Ok(0) => poll,
            Ok(many) if many as i64 >= PAGE => continue,
            Ok(_) => GATHER,
            Err(error) => {
                tracing::warn!(?error, "the log of tasks cannot be read");
                poll
            }
        };
        wait(&shared, pause).await;
    }
}

/// Reads a page behind `place` and tells it; gives how many events there were.
async fn read_once(shared: &Shared, place: &mut Option<Place>) -> Result<usize, StoreError> {
    let db = &shared.store.db;
    let (behind, found) = match *place {
        // Whoever is not yet there has to look, which this tells them.
        None => (events::end(db).await?, Vec::new()),
        Some(behind) => match events::read(db, behind, PAGE).await? {
            Page::Events(found) if found.is_empty() => return Ok(0),
            Page::Events(found) => (behind, found),
            Page::CutOff => {
                *place = None;
                return Ok(PAGE as usize);
            }
        },
    };
    *place = Some(found.last().map_or(behind, |event| event.place));
    let many = found.len();
    let events = found.into_iter().map(Told::new).collect();
    // The last listener may leave at this moment.
    let _nobody = shared.feed.live.send(Arc::new(Part { behind, events }));
    Ok(many)
}

/// Waits for a longer time only until there is more; what other nodes write is found afterwards.
async fn wait(shared: &Shared, pause: Duration) {
    if pause == GATHER {
        return tokio::time::sleep(pause).await;
    }
    tokio::select! {
        () = shared.feed.stopping.cancelled() => {}
        () = shared.events.more_written() => {}
        // Another node may have written, or nobody.
        () = tokio::time::sleep(pause) => {}
    }
}

/// The log was cut off behind the place of a listener: events are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutOff;

/// Somebody who follows the log.
pub struct Following {
    shared: Arc<Shared>,
    place: Place,
    live: broadcast::Receiver<Arc<Part>>,
    keeps_up: bool,
}

impl Following {
    /// The place behind the last event that was given.
    pub const fn place(&self) -> Place {
        self.place
    }

    /// The next events, as soon as there are some. Nothing is lost if this is dropped.
    pub async fn next(&mut self) -> Result<Result<Batch, CutOff>, Error> {
        loop {
            if self.keeps_up {
                match self.live.recv().await {
                    Ok(part) if part.behind <= self.place => {
                        let place = self.place;
                        let from = part.events.partition_point(|told| told.event.place <= place);
                        if let Some(batch) = self.take(part, from) {
                            return Ok(Ok(batch));
                        }
                    }
                    Ok(_) | Err(RecvError::Lagged(_) | RecvError::Closed) => self.keeps_up = false,
                }
                continue;
            }
            // First the ear, then the eye: what is written in between is heard.
            self.live = self.live.resubscribe();
            let db = &self.shared.store.db;
            match events::read(db, self.place, PAGE).await.map_err(Error::Store)? {
                Page::CutOff => return Ok(Err(CutOff)),
                Page::Events(found) => {
                    let part = Part {
                        behind: self.place,
                        events: found.into_iter().map(Told::new).collect(),
                    };
                    match self.take(Arc::new(part), 0) {
                        Some(batch) => return Ok(Ok(batch)),
                        None => self.keeps_up = true,
                    }
                }
            }
        }
    }

    /// The events of `part` from `from` on, if there are any; moves behind them.
    fn take(&mut self, part: Arc<Part>, from: usize) -> Option<Batch> {
        let last = part.events[from..].last()?;
        self.place = last.event.place;
        Some(Batch { part, from })
    }
}

impl Engine {
    /// Follows the log of what became of tasks, behind `place`; `None` behind what there is now.
    pub async fn follow(&self, place: Option<Place>) -> Result<Following, Error> {
        let shared = Arc::clone(&self.shared);
        let live = Feed::join(&shared);
        let place = match place {
            Some(place) => place,
            None => events::end(&shared.store.db).await.map_err(Error::Store)?,
        };
        Ok(Following { shared, place, live, keeps_up: false })
    }

    /// Whether the log holds everything behind `place`: it was not cut off there, and `place` is not
    /// one of another log.
    pub async fn holds(&self, place: Place) -> Result<bool, Error> {
        let db = &self.shared.store.db;
        if events::is_foreign(db, place).await.map_err(Error::Store)? {
            return Ok(false);
        }
        let page = events::read(db, place, 1).await.map_err(Error::Store)?;
        Ok(page != Page::CutOff)
    }
}
