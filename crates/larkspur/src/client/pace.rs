//! How fast to call: what the platform documents for each operation, and what a throttled answer
//! asks for. The numbers come from the operations themselves.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use larkspur_api::Operation;
use parking_lot::Mutex;
use reqwest::Method;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

/// How long to stay away from an operation whose throttled answer names no time.
const UNNAMED: Duration = Duration::from_secs(1);
/// How long after such a wait calls are made one at a time.
const CAREFUL: Duration = Duration::from_secs(5);
const MINUTE_MS: u64 = 60_000;

/// Holds calls back: where that is wanted to the documented rate, everywhere for as long as a
/// throttled answer said, and one at a time where two are not documented to be borne.
#[derive(Debug)]
pub struct Pace {
    operations: Vec<Operation>,
    documented: bool,
    slots: Mutex<HashMap<&'static str, Slot>>,
    throttled: AtomicU64,
}

#[derive(Debug, Default)]
struct Slot {
    /// Before then no call is made.
    free_at: Option<Instant>,
    /// Until then one call at a time is made: the first after a wait shows whether it was enough.
    careful_until: Option<Instant>,
    /// Held during a call that bears no other beside it.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Pace {
    /// `documented`: whether to stay below the documented rates from the beginning.
    pub fn new(documented: bool) -> Self {
        let operations =
            larkspur_api::operations().into_iter().filter(|operation| !operation.admin).collect();
        Self { operations, documented, slots: Mutex::default(), throttled: AtomicU64::new(0) }
    }

    /// How many answers were throttled up to now.
    pub fn throttled(&self) -> u64 {
        self.throttled.load(Ordering::Relaxed)
    }

    /// Waits until a call may be made; what comes back is to be kept until its answer is there.
    pub(super) async fn admit(&self, method: &Method, path: &str) -> Option<OwnedMutexGuard<()>> {
        let operation = self.find(method, path)?;
        let turn = {
            let mut slots = self.slots.lock();
            let slot = slots.entry(operation.id).or_default();
            let careful = slot.careful_until.is_some_and(|until| until > Instant::now());
            let serial = operation.rate.ceilings.no_concurrency || careful;
            serial.then(|| slot.turn.clone())
        };
        let turn = match turn {
            Some(turn) => Some(turn.lock_owned().await),
            None => None,
        };
        let gap = if self.documented { gap_of(operation) } else { Duration::ZERO };
        loop {
            let until = {
                let mut slots = self.slots.lock();
                let slot = slots.entry(operation.id).or_default();
                let now = Instant::now();
                match slot.free_at.filter(|free_at| *free_at > now) {
                    None => {
                        slot.free_at = Some(now + gap);
                        return turn;
                    }
                    Some(free_at) => free_at,
                }
            };
            tokio::time::sleep_until(until).await;
        }
    }

    /// A call was refused for its rate; `wait` is what the answer asked for.
    pub(super) fn slow_down(&self, method: &Method, path: &str, wait: Option<Duration>) {
        self.throttled.fetch_add(1, Ordering::Relaxed);
        let Some(operation) = self.find(method, path) else { return };
        let until = Instant::now() + wait.unwrap_or(UNNAMED);
        let mut slots = self.slots.lock();
        let slot = slots.entry(operation.id).or_default();
        slot.free_at = slot.free_at.max(Some(until));
        slot.careful_until = Some(until + CAREFUL);
    }

    fn find(&self, method: &Method, path: &str) -> Option<&Operation> {
        let path = path.split('?').next().unwrap_or_default();
        // Static segments win over parameters (contract, §1.4).
        self.operations
            .iter()
            .filter(|operation| operation.method.as_str() == method.as_str())
            .filter(|operation| fits(operation.path, path))
            .min_by_key(|operation| operation.path.matches('{').count())
    }
}

/// The time between two calls that stays below every ceiling but that of the day.
fn gap_of(operation: &Operation) -> Duration {
    let ceilings = operation.rate.ceilings;
    let each = |calls: u32, span_ms: u64| match u64::from(calls) {
        0 => 0,
        calls => span_ms.div_ceil(calls),
    };
    let gap_ms = each(ceilings.per_second, 1_000).max(each(ceilings.per_minute, MINUTE_MS));
    Duration::from_millis(gap_ms)
}

/// Calls under way that keep an operation at its documented rate, when one piece of work takes
/// `span`; at least one.
pub fn concurrency_for(operation: &str, span: Duration) -> usize {
    let operations = larkspur_api::operations();
    let found = operations.iter().find(|one| one.id == operation);
    let gap_ms = found.map_or(0, |one| gap_of(one).as_millis());
    match gap_ms {
        0 => 1,
        gap_ms => usize::try_from(span.as_millis().div_ceil(gap_ms)).unwrap_or(1).max(1),
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_known_by_their_operation() {
        let pace = Pace::new(true);
        let id = |method, path: &str| pace.find(&method, path).map(|operation| operation.id);
        let tasks = "/open-apis/drive/v1/import_tasks";
        assert_eq!(id(Method::POST, tasks), Some("driveImportTaskCreate"));
        assert_eq!(id(Method::GET, &format!("{tasks}/7")), Some("driveImportTaskGet"));
        assert_eq!(id(Method::GET, "/open-apis/drive/v1/files?page_size=9"), Some("driveFileList"));
        assert_eq!(id(Method::GET, "/larkspur/v1/tasks"), None);
    }

    #[test]
    fn the_documented_rate_gives_gaps_and_concurrency() {
        // 100 imports a minute (contract).
        assert_eq!(concurrency_for("driveImportTaskCreate", Duration::from_secs(6)), 10);
        assert_eq!(concurrency_for("driveImportTaskCreate", Duration::from_millis(1)), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_keep_their_distance_and_stay_away_when_told_to() {
        let pace = Pace::new(true);
        let begin = Instant::now();
        let path = "/open-apis/drive/v1/import_tasks";
        for _ in 0..3 {
            pace.admit(&Method::POST, path).await;
        }
        assert_eq!(begin.elapsed(), Duration::from_millis(1_200));
        pace.slow_down(&Method::POST, path, Some(Duration::from_secs(9)));
        pace.admit(&Method::POST, path).await;
        assert_eq!(begin.elapsed(), Duration::from_millis(10_200));
        assert_eq!(pace.throttled(), 1);
    }
}
