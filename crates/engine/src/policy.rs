//! Decisions: what follows an attempt, how long until the next one, whose turn it is, how many
//! tasks to lease. Pure functions; nothing here waits, reads a clock or talks to the store.

use larkspur_model::task::{Failure, FailureKind};
use larkspur_store::tasks::Share;

use crate::held::Reason;
use crate::job::{Stop, Success};

/// How attempts are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Wait after the first attempt.
    pub first_ms: i64,
    /// The wait doubles up to this.
    pub most_ms: i64,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first_ms: 1_000, most_ms: 60_000 }
    }
}

impl Backoff {
    /// The wait after `tries` attempts; `random` spreads it over the upper half, so that tasks
    /// that failed together do not come back together.
    pub fn wait_ms(self, tries: i64, random: u64) -> i64 {
        let doublings = u32::try_from(tries.saturating_sub(1).clamp(0, 40)).unwrap_or(0);
        let whole = self.first_ms.saturating_mul(1_i64 << doublings).clamp(0, self.most_ms.max(0));
        let half = whole / 2;
        whole - half + i64::try_from(random % (half.unsigned_abs() + 1)).unwrap_or(0)
    }
}

/// What follows an attempt.
#[derive(Debug)]
pub(crate) enum Next {
    Succeed(Success),
    Fail(Failure),
    Retry {
        cause: String,
    },
    Cancel,
    /// Back into the queue, as if the attempt had not been.
    Release,
    /// The task is somebody else's by now.
    Forget,
}

/// What follows an attempt that came to `result`, the `tries`th that was not interrupted.
pub(crate) fn next(
    result: Result<Success, Stop>,
    told: Option<Reason>,
    tries: i64,
    max_attempts: i64,
) -> Next {
    if told == Some(Reason::Lost) {
        return Next::Forget;
    }
    let (cause, last) = match result {
        Ok(success) => return Next::Succeed(success),
        Err(Stop::Fail(failure)) => return Next::Fail(failure),
        Err(stop) => match (told, stop) {
            // Told to end, an attempt may come to nothing in any way.
            (Some(Reason::Cancel), _) => return Next::Cancel,
            (Some(Reason::Shutdown), _) => return Next::Release,
            (_, Stop::RetryOrFail(failure)) => (failure.message.clone(), failure),
            (_, Stop::Retry { cause }) => {
                let failure = Failure::new(FailureKind::Internal, cause.clone());
                (cause, failure)
            }
            (_, Stop::Cancelled | Stop::Fail(_)) => {
                let cause = "the attempt stopped though nobody asked for that";
                (cause.to_owned(), Failure::new(FailureKind::Internal, cause))
            }
        },
    };
    if tries >= max_attempts { Next::Fail(last) } else { Next::Retry { cause } }
}

/// The tenants in turn: those `behind` the one served last, then those from the `start` up to and
/// including it; at most `most`.
pub(crate) fn in_turn(
    behind: Vec<String>,
    start: Vec<String>,
    served_last: &str,
    most: usize,
) -> Vec<String> {
    let around = start.into_iter().filter(|tenant| tenant.as_str() <= served_last);
    behind.into_iter().chain(around).take(most).collect()
}

/// Divides `most` tasks among tenants, the first getting one more where it does not come out even.
pub(crate) fn shares(tenants: Vec<String>, most: usize) -> Vec<Share> {
    let among = tenants.len().max(1);
    let (each, more) = (most / among, most % among);
    tenants
        .into_iter()
        .enumerate()
        .map(|(place, tenant)| Share { tenant, most: (each + usize::from(place < more)) as i64 })
        .filter(|share| share.most > 0)
        .collect()
}

/// Work that may lie leased but not begun, so that workers on tiny tasks never wait for the
/// store.
const AHEAD_US: u64 = 50_000;
/// Most tasks that may lie leased but not begun.
const MOST_AHEAD: u64 = 1_024;

/// How many tasks may lie leased but not begun when one takes `mean_us` (`None`: nobody knows).
pub(crate) fn ahead(slots: usize, mean_us: Option<u64>) -> usize {
    mean_us.map_or(0, |mean_us| (AHEAD_US * slots as u64 / mean_us.max(1)).min(MOST_AHEAD) as usize)
}

/// A running mean that forgets, of what attempts take.
pub(crate) fn mean_us(before: Option<u64>, took_us: u64) -> u64 {
    before.map_or(took_us, |before| (before.saturating_mul(7) + took_us) / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn waits_double_up_to_the_bound_and_never_fall_below_half() {
        let backoff = Backoff { first_ms: 1_000, most_ms: 60_000 };
        for (tries, whole) in [(1, 1_000), (2, 2_000), (5, 16_000), (7, 60_000), (900, 60_000)] {
            for random in [0, 1, 12_345, u64::MAX] {
                let wait = backoff.wait_ms(tries, random);
                assert!(wait >= whole / 2 && wait <= whole, "{tries} tries: {wait}");
            }
        }
    }

    #[test]
    fn attempts_are_bounded_and_the_last_one_decides_the_failure() {
        let crashed = Failure::new(FailureKind::Crashed, "died");
        let stop = || Err(Stop::RetryOrFail(crashed.clone()));
        assert!(matches!(next(stop(), None, 2, 3), Next::Retry { .. }));
        assert!(matches!(next(stop(), None, 3, 3), Next::Fail(failure) if failure == crashed));
        assert!(matches!(
            next(Err(Stop::retry("disk")), None, 3, 3),
            Next::Fail(Failure { kind: FailureKind::Internal, .. })
        ));
    }

    #[test]
    fn being_told_to_end_decides_unless_the_work_was_done() {
        let stopped = || Err(Stop::Cancelled);
        assert!(matches!(next(stopped(), Some(Reason::Cancel), 1, 3), Next::Cancel));
        assert!(matches!(next(stopped(), Some(Reason::Shutdown), 1, 3), Next::Release));
        assert!(matches!(next(stopped(), None, 1, 3), Next::Retry { .. }));
        let done = || Ok(Success::default());
        assert!(matches!(next(done(), Some(Reason::Cancel), 1, 3), Next::Succeed(_)));
        assert!(matches!(next(done(), Some(Reason::Lost), 1, 3), Next::Forget));
    }

    #[test]
    fn tenants_take_turns_around_the_circle() {
        let turn = in_turn(names(&["d", "e"]), names(&["a", "b", "c", "d"]), "c", 10);
        assert_eq!(turn, ["d", "e", "a", "b", "c"]);
        let shares = shares(turn, 7);
        let most: Vec<i64> = shares.iter().map(|share| share.most).collect();
        assert_eq!(most, [2, 2, 1, 1, 1]);
    }

    #[test]
    fn only_tiny_tasks_are_leased_ahead() {
        assert_eq!(ahead(4, None), 0);
        assert_eq!(ahead(4, Some(10)), 1_024);
        assert_eq!(ahead(4, Some(10_000)), 20);
        assert_eq!(ahead(4, Some(2_000_000)), 0);
    }
}
