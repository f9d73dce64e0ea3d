//! Takes the items of a run to their end, several at a time: how many adapts to what the server
//! bears. What an item's steps are stands in `import` and `export`.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use larkspur_model::id::Ids;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::journal::{Failed, Journal, Line, Run, Stage, Tracked, alike};
use super::plan::{Item, Work};
use crate::client::{Client, Fault, Pace};
use crate::terminal::Board;
use crate::trouble::{Attempt, Trouble};

/// How a run is to go.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Items under way, at most.
    pub(crate) concurrency: usize,
    /// How often a step that failed for a passing reason is tried again.
    pub(crate) retries: u32,
    /// How long a task may take.
    pub(crate) patience: Duration,
    /// How long to look for what an unanswered create made, where only documented operations tell.
    pub(crate) settle: Duration,
    /// Whether the server is Larkspur and may be asked what only Larkspur tells.
    pub(crate) larkspur: bool,
}

/// How a run ended.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    /// Somebody asked to stop.
    pub(crate) interrupted: bool,
    /// Items that have not ended, and why.
    pub(crate) open: HashMap<usize, String>,
    /// Calls that were made again after a passing failure.
    pub(crate) retries: u64,
    /// Answers that asked for patience.
    pub(crate) throttled: u64,
    /// What ended the whole run.
    pub(crate) trouble: Option<Trouble>,
}

/// Why an item goes no further now.
#[derive(Debug)]
pub(super) enum Halt {
    /// Somebody asked to stop.
    Stopped,
    /// It has not ended, and a later run has to go on with it.
    Open(String),
    /// No item can go on.
    All(Trouble),
}

/// Why a step gave nothing.
#[derive(Debug)]
pub(super) enum Trip {
    /// The server said something that trying again does not mend.
    Fault(Fault),
    /// As an item.
    Halt(Halt),
}

/// How often the whole work of an item is begun anew, when its task fails for a passing reason.
const ROUNDS: u32 = 3;
/// The first pause after a passing failure, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// How often in a row one call may be throttled. Each time it waits as long as it was told.
const MOST_THROTTLED: u32 = 1_000;
/// How long no throttled answer may come before more is tried.
const CALM: Duration = Duration::from_secs(5);

/// A run under way.
#[derive(Debug)]
pub(crate) struct Runner {
    pub(super) client: Client,
    pub(super) settings: Settings,
    pub(super) stop: CancellationToken,
    pub(super) run: RefCell<Run>,
    board: Board,
    journal: Journal,
    pace: Arc<Pace>,
    ids: Ids,
    limit: Cell<usize>,
    slowed: Cell<Option<Instant>>,
    retries: Cell<u64>,
    /// How often an item was begun in this process: what ran out between two runs counts for nothing.
    anew: RefCell<HashMap<usize, u32>>,
}

impl Runner {
    /// A runner that has done nothing yet. `client` keeps `pace`.
    pub(crate) fn new(
        client: Client,
        pace: Arc<Pace>,
        journal: Journal,
        run: Run,
        settings: Settings,
        board: Board,
    ) -> Self {
        Self {
            limit: Cell::new(settings.concurrency),
            client,
            settings,
            stop: CancellationToken::new(),
            run: RefCell::new(run),
            board,
            journal,
            pace,
            ids: Ids::from_system(),
            slowed: Cell::new(None),
            retries: Cell::new(0),
            anew: RefCell::default(),
        }
    }

    /// Asks the run to end: nothing new is begun, what is under way ends at its next step.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
        self.board.line("ends after the steps under way; once more ends at once", true);
    }

    /// The run as it is now.
    pub(crate) fn into_run(self) -> Run {
        self.board.clear();
        self.run.into_inner()
    }

    /// Takes every item to its end.
    pub(crate) async fn run(&self) -> Ended {
        let mut ended = Ended::default();
        if let Err(halt) = self.prepare_places().await {
            self.note(&mut ended, None, halt);
        } else {
            self.run_items(&mut ended).await;
        }
        ended.interrupted = self.stop.is_cancelled() && ended.trouble.is_none();
        ended.retries = self.retries.get();
        ended.throttled = self.pace.throttled();
        ended
    }

    async fn run_items(&self, ended: &mut Ended) {
        let mut waiting: VecDeque<usize> = {
            let run = self.run.borrow();
            let open =
                |tracked: &Tracked| !matches!(tracked.stage, Stage::Done(_) | Stage::Failed(_));
            let numbers = run.items.iter().enumerate();
            numbers.filter(|(_, tracked)| open(tracked)).map(|(number, _)| number).collect()
        };
        let turns = self.turns();
        let mut under_way = FuturesUnordered::new();
        loop {
            while under_way.len() < self.limit.get() && !self.stop.is_cancelled() {
                let Some(number) = waiting.pop_front() else { break };
                let turn = turns.get(&number).cloned();
                under_way.push(async move { (number, self.one(number, turn).await) });
            }
            let Some((number, result)) = under_way.next().await else { return };
            match result {
                Ok(()) => self.speed_up(),
                Err(halt) => self.note(ended, Some(number), halt),
            }
            self.tell(number);
        }
    }

    /// Items that would make documents of one name in one place do so one after the other: what a
    /// lost answer made can then be told by its name.
    fn turns(&self) -> HashMap<usize, Rc<tokio::sync::Mutex<()>>> {
        let mut turns = HashMap::new();
        for numbers in alike(&self.run.borrow()).into_values().filter(|group| group.len() > 1) {
            let turn = Rc::new(tokio::sync::Mutex::new(()));
            turns.extend(numbers.into_iter().map(|number| (number, turn.clone())));
        }
        turns
    }

    async fn one(
        &self,
        number: usize,
        turn: Option<Rc<tokio::sync::Mutex<()>>>,
    ) -> Result<(), Halt> {
        let _turn = match &turn {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        self.go_on()?;
        match self.item(number).work {
            Work::Import => self.import(number).await,
            Work::Export => self.export(number).await,
        }
    }

    fn note(&self, ended: &mut Ended, number: Option<usize>, halt: Halt) {
        match (halt, number) {
            (Halt::Stopped, _) => {}
            (Halt::Open(why), Some(number)) => {
                ended.open.insert(number, why);
            }
            (Halt::Open(why), None) => {
                ended.trouble.get_or_insert(Trouble::new(why).unfinished());
                self.stop.cancel();
            }
            (Halt::All(trouble), _) => {
                ended.trouble.get_or_insert(trouble);
                self.stop.cancel();
            }
        }
    }

    /// Shows what became of an item.
    fn tell(&self, number: usize) {
        let run = self.run.borrow();
        let tracked = &run.items[number];
        let label = tracked.item.label();
        let (mut done, mut failed) = (0, 0);
        for tracked in &run.items {
            match tracked.stage {
                Stage::Done(_) => done += 1,
                Stage::Failed(_) => failed += 1,
                _ => {}
            }
        }
        match &tracked.stage {
            Stage::Done(result) => {
                let what = if result.file.is_empty() { &result.token } else { &result.file };
                self.board.line(&format!("{label}: {} {what}", result.kind), false);
            }
            Stage::Failed(failure) => {
                self.board.line(&format!("{label}: failed: {}", failure.message), true);
            }
            _ => {}
        }
        self.board.set(done, failed);
    }

    pub(super) fn item(&self, number: usize) -> Item {
        self.run.borrow().items[number].item.clone()
    }

    pub(super) fn stage(&self, number: usize) -> Stage {
        self.run.borrow().items[number].stage.clone()
    }

    pub(super) fn is_doubtful(&self, number: usize) -> bool {
        self.run.borrow().items[number].doubtful
    }

    /// The key of the next create: equal for equal bodies alone.
    pub(super) fn key(&self, number: usize) -> String {
        let run = self.run.borrow();
        format!("run-{}-{number}-{}", run.id, run.items[number].rounds)
    }

    /// Puts a line on disk, and only then into what is known.
    pub(super) async fn record(&self, line: Line) -> Result<(), Halt> {
        self.journal.append(std::slice::from_ref(&line)).await.map_err(Halt::All)?;
        self.run.borrow_mut().apply(line).map_err(Halt::All)
    }

    /// The end of an item that did not work.
    pub(super) async fn fail(&self, item: usize, fault: &Fault) -> Result<(), Halt> {
        self.record(Line::Failed { item, failure: failed(fault) }).await
    }

    /// Begins an item anew, unless that was done often enough; then `fault` is its end.
    pub(super) async fn again(&self, item: usize, fault: &Fault) -> Result<(), Halt> {
        let rounds = {
            let mut anew = self.anew.borrow_mut();
            let rounds = anew.entry(item).or_insert(1);
            *rounds += 1;
            *rounds
        };
        if rounds > ROUNDS {
            return self.fail(item, fault).await;
        }
        self.retries.set(self.retries.get() + 1);
        self.record(Line::Again { item, why: fault.to_string() }).await
    }

    pub(super) fn go_on(&self) -> Result<(), Halt> {
        if self.stop.is_cancelled() { Err(Halt::Stopped) } else { Ok(()) }
    }

    /// Waits, unless somebody asks to stop.
    pub(super) async fn pause(&self, pause: Duration) -> Result<(), Halt> {
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.stop.cancelled() => Err(Halt::Stopped),
        }
    }

    /// A call until it succeeds, as long as what goes wrong may pass.
    pub(super) async fn steady<T>(
        &self,
        call: impl AsyncFn() -> Result<T, Fault>,
    ) -> Result<T, Trip> {
        let mut tries = Tries::default();
        loop {
            match call().await {
                Ok(answer) => return Ok(answer),
                Err(fault) => self.bear(&fault, &mut tries).await?.ok_or(Trip::Fault(fault))?,
            }
        }
    }

    /// Waits where a fault may pass; `None` where it does not.
    pub(super) async fn bear(&self, fault: &Fault, tries: &mut Tries) -> Result<Option<()>, Trip> {
        if fault.is_of_credentials() {
            let trouble = Trouble::new(fault.to_string()).setup();
            let trouble = match fault.hint() {
                Some(hint) => trouble.hint(hint),
                None => trouble,
            };
            return Err(Trip::Halt(Halt::All(trouble)));
        }
        if fault.is_too_fast() {
            self.slow_down();
            tries.throttled += 1;
            if tries.throttled > MOST_THROTTLED {
                return Ok(None);
            }
            // The pace of the operation waits as long as was asked for; this only spreads.
            let spread = self.spread(FIRST_PAUSE);
            return self.pause(spread).await.map(Some).map_err(Trip::Halt);
        }
        if !(fault.is_passing() || fault.is_unclear()) {
            return Ok(None);
        }
        tries.passing += 1;
        if tries.passing > self.settings.retries {
            let halt = match fault {
                Fault::Broken { .. } => Halt::All(
                    Trouble::new(text_of(fault)).hint("it was tried again and again").setup(),
                ),
                other => Halt::Open(text_of(other)),
            };
            return Err(Trip::Halt(halt));
        }
        self.retries.set(self.retries.get() + 1);
        let pause = FIRST_PAUSE * (1 << (tries.passing - 1).min(10));
        let pause = self.spread(pause.min(LONGEST_PAUSE));
        self.pause(pause).await.map(Some).map_err(Trip::Halt)
    }

    /// Between half of a time and the whole of it, so that not all come back at once.
    fn spread(&self, time: Duration) -> Duration {
        let half = (time.as_millis() as u64 / 2).max(1);
        Duration::from_millis(half + self.ids.random() % half)
    }

    /// Half as much at a time, once a second at most.
    fn slow_down(&self) {
        let now = Instant::now();
        let recent = |at: Instant| now.duration_since(at) < Duration::from_secs(1);
        if self.slowed.get().is_some_and(recent) {
            return;
        }
        self.slowed.set(Some(now));
        self.limit.set((self.limit.get() / 2).max(1));
    }

    /// One more at a time, when it was calm for a while.
    fn speed_up(&self) {
        let calm = self.slowed.get().is_none_or(|at| at.elapsed() >= CALM);
        if calm && self.limit.get() < self.settings.concurrency {
            self.limit.set(self.limit.get() + 1);
        }
    }
}

/// What was borne for one step.
#[derive(Debug, Default)]
pub(super) struct Tries {
    passing: u32,
    throttled: u32,
}

/// A fault with its causes.
pub(super) fn text_of(fault: &Fault) -> String {
    match std::error::Error::source(fault) {
        Some(cause) => Trouble::caused(fault, cause).message().to_owned(),
        None => fault.to_string(),
    }
}

pub(super) fn failed(fault: &Fault) -> Failed {
    let code = match fault {
        Fault::TaskFailed { status, .. } => Some(*status),
        other => other.code(),
    };
    Failed { message: text_of(fault), hint: fault.hint().map(str::to_owned), code }
}

impl From<Halt> for Trip {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

/// The halt of a step whose refusal ends the item, after that was written down.
pub(super) fn halted(trip: Trip) -> Halt {
    match trip {
        Trip::Halt(halt) => halt,
        Trip::Fault(fault) => Halt::Open(text_of(&fault)),
    }
}

/// Writes the plan of a new run; `root` is the folder everything goes to, where it was named.
pub(crate) async fn begin(
    journal: &Journal,
    head: Line,
    planned: super::Planned,
    root: Option<String>,
    newest: Option<String>,
) -> Attempt {
    let mut lines = vec![head];
    let items = planned.items.len();
    let (items_lines, skipped) = (planned.items.into_iter().enumerate(), planned.skipped);
    lines.extend(items_lines.map(|(item, what)| Line::Item { item, what }));
    lines.extend(skipped.into_iter().map(|(file, why)| Line::Skipped { file, why }));
    lines.extend(root.map(|token| Line::Folder { path: String::new(), token }));
    lines.extend(newest.map(|ticket| Line::Newest { ticket }));
    lines.push(Line::Planned { items });
    journal.append(&lines).await
}
