//! The windows of one bucket: how many calls there were in the second, the minute and the day that
//! it is now, and whether one is running.

use larkspur_model::time::{HOUR_MS, MINUTE_MS, Millis, SECOND_MS};
use larkspur_store::rates::{SET_BACK, Window};

use super::{Ceiling, Ceilings, Limited};

/// Widths of the windows.
const WIDTHS_MS: [Millis; 3] = [SECOND_MS, MINUTE_MS, 24 * HOUR_MS];
const CEILINGS: [Ceiling; 3] = [Ceiling::Second, Ceiling::Minute, Ceiling::Day];

/// The windows of one bucket.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Windows {
    windows: [Window; 3],
    running: bool,
}

/// Ceilings in the order of the windows.
pub(super) const fn calls(ceilings: &Ceilings) -> [u32; 3] {
    [ceilings.per_second, ceilings.per_minute, ceilings.per_day]
}

/// The refusal of a call that meets full windows; the longest wait counts.
fn full(windows: &[Window; 3], ceilings: &Ceilings, now_ms: Millis) -> Option<Limited> {
    let most = calls(ceilings);
    (0..3).rev().find(|&at| most[at] > 0 && windows[at].calls >= most[at]).map(|at| {
        let left_ms = (windows[at].at + 1) * WIDTHS_MS[at] - now_ms;
        Limited {
            ceiling: CEILINGS[at],
            calls: most[at],
            reset_s: ((left_ms + SECOND_MS - 1) / SECOND_MS).max(1) as u32,
            document: false,
        }
    })
}

/// Numbers of the windows it is.
pub(super) fn at(now_ms: Millis) -> [i64; 3] {
    WIDTHS_MS.map(|width_ms| now_ms.div_euclid(width_ms))
}

/// The refusal of a call beside one that is running.
pub(super) const fn not_alone() -> Limited {
    Limited { ceiling: Ceiling::Concurrency, calls: 1, reset_s: 1, document: false }
}

impl Windows {
    /// Counts a call, unless it is one too many.
    pub(super) fn enter(&mut self, ceilings: &Ceilings, now_ms: Millis) -> Result<(), Limited> {
        for (window, at) in self.windows.iter_mut().zip(at(now_ms)) {
            if at > window.at || at < window.at - SET_BACK {
                *window = Window { at, calls: 0 };
            }
        }
        if let Some(limited) = full(&self.windows, ceilings, now_ms) {
            return Err(limited);
        }
        if ceilings.no_concurrency {
            if self.running {
                return Err(not_alone());
            }
            self.running = true;
        }
        for window in &mut self.windows {
            window.calls += 1;
        }
        Ok(())
    }

    /// Stands for what other nodes counted too.
    pub(super) const fn of(windows: [Window; 3]) -> Self {
        Self { windows, running: false }
    }

    /// The refusal of a call at `now_ms`, if a window that it is now is full.
    pub(super) fn refusal(&self, ceilings: &Ceilings, now_ms: Millis) -> Option<Limited> {
        let mut now = self.windows;
        for (window, at) in now.iter_mut().zip(at(now_ms)) {
            // Another node's clock may be a little ahead; its window is then this one's too.
            if window.at < at || window.at > at + SET_BACK {
                window.calls = 0;
            }
        }
        full(&now, ceilings, now_ms)
    }

    /// Calls counted in the second, the minute and the day of `now_ms`.
    pub(super) fn counted(&self, now_ms: Millis) -> [u32; 3] {
        let mut counted = [0; 3];
        for ((counted, window), at) in counted.iter_mut().zip(&self.windows).zip(at(now_ms)) {
            if window.at == at {
                *counted = window.calls;
            }
        }
        counted
    }

    /// The call that ran alone has ended.
    pub(super) const fn leave(&mut self) {
        self.running = false;
    }
}
