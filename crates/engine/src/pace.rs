//! How fast an attempt goes through a stage, and what is left of it at that pace. Said only where it is
//! known: no time is better than a wrong one.

use std::time::Duration;

use larkspur_model::task::Progress;
use tokio::time::Instant;

/// How long a stage is watched before anything is said of it.
const WATCHED: Duration = Duration::from_secs(1);
/// What must have been done since, of a hundred: before that a pace is an accident.
const DONE_PERCENT: u64 = 2;

/// The course of one stage.
#[derive(Debug)]
pub(crate) struct Pace {
    stage: String,
    total: u64,
    began: Instant,
    /// What was done when the stage was first heard of.
    first: u64,
    done: u64,
}

impl Pace {
    /// Takes note of `progress` at `now`. A new stage, another total or a step back begins anew.
    pub(crate) fn follow(pace: &mut Option<Self>, progress: &Progress, now: Instant) {
        let goes_on = pace.as_ref().is_some_and(|pace| {
            pace.stage == progress.stage
                && pace.total == progress.total
                && progress.done >= pace.done
        });
        match pace {
            Some(pace) if goes_on => pace.done = progress.done,
            _ => {
                let Progress { stage, done, total } = progress.clone();
                *pace = Some(Self { stage, total, began: now, first: done, done });
            }
        }
    }

    /// What is left of the stage at `now`, at the pace so far.
    pub(crate) fn left(&self, now: Instant) -> Option<Duration> {
        let went = now.saturating_duration_since(self.began);
        let moved = self.done - self.first;
        let known = self.total > 0 && moved > 0 && moved >= self.total * DONE_PERCENT / 100;
        if !known || went < WATCHED {
            return None;
        }
        let rest = self.total.saturating_sub(self.done);
        Some(went.mul_f64(rest as f64 / moved as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(stage: &str, done: u64, total: u64) -> Progress {
        Progress { stage: stage.to_owned(), done, total }
    }

    #[test]
    fn the_rest_of_a_stage_is_told_once_it_is_known_and_begins_anew_with_the_next() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut pace = None;
        let mut follow = |seconds, stage: &str, done, total| {
            Pace::follow(&mut pace, &progress(stage, done, total), at(seconds));
            pace.as_ref().and_then(|pace: &Pace| pace.left(at(seconds)))
        };
        assert_eq!(follow(0, "reading", 0, 100), None, "nothing was done yet");
        assert_eq!(follow(10, "reading", 1, 100), None, "too little to tell");
        assert_eq!(follow(10, "reading", 25, 100), Some(Duration::from_secs(30)));
        assert_eq!(follow(20, "reading", 100, 100), Some(Duration::ZERO));
        assert_eq!(follow(20, "storing", 0, 10), None, "another stage, another pace");
        assert_eq!(follow(24, "storing", 5, 10), Some(Duration::from_secs(4)));
        assert_eq!(follow(25, "storing", 2, 10), None, "a step back begins anew");
        assert_eq!(follow(40, "checking", 7, 0), None, "nobody knows how much there is");
    }
}
