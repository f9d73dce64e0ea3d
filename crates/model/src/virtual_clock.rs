//! A clock that its owner moves: it stands still, runs at a factor, jumps, or shows what the
//! machine's own shows. Where the setting is kept, and who may change it, is decided above.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use crate::time::{Clock, Millis, SystemClock, parse_moment};

/// A factor of 1, in thousandths.
const UNIT: i64 = 1_000;
/// What a clock may be set to: numbers made from its time hold nothing later than 2037.
pub const MOMENTS: std::ops::RangeInclusive<Millis> = 0..=2_145_916_799_999;

/// How a virtual clock follows the machine's own. Plain data, so that it can be kept and told to
/// other nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum ClockSetting {
    /// It shows the machine's own time.
    #[default]
    Real,
    /// It stands still.
    Frozen {
        /// What it shows.
        at_ms: Millis,
    },
    /// It runs, away from the machine's own time or at another pace.
    Running {
        /// What it showed at `since_real_ms`.
        from_ms: Millis,
        /// The machine's own time at that moment.
        since_real_ms: Millis,
        /// Thousandths of a second that pass in one of the machine's milliseconds.
        factor_milli: i64,
    },
}

impl ClockSetting {
    /// The largest factor: an hour passes in a third of a second.
    pub const MOST_FACTOR_MILLI: i64 = 10_000 * UNIT;

    /// What the clock shows when the machine's own shows `real_ms`.
    pub fn at(self, real_ms: Millis) -> Millis {
        match self {
            Self::Real => real_ms,
            Self::Frozen { at_ms } => at_ms,
            Self::Running { from_ms, since_real_ms, factor_milli } => {
                let passed = i128::from(real_ms) - i128::from(since_real_ms);
                let passed = passed.max(0) * i128::from(factor_milli) / i128::from(UNIT);
                from_ms.saturating_add(i64::try_from(passed).unwrap_or(i64::MAX))
            }
        }
    }

    /// It stands still from now on.
    #[must_use]
    pub fn freeze(self, real_ms: Millis) -> Self {
        Self::Frozen { at_ms: self.at(real_ms) }
    }

    /// It shows `at_ms` now, and goes on standing still or running as before.
    #[must_use]
    pub const fn set(self, real_ms: Millis, at_ms: Millis) -> Self {
        let factor_milli = match self {
            Self::Frozen { .. } => return Self::Frozen { at_ms },
            Self::Real => UNIT,
            Self::Running { factor_milli, .. } => factor_milli,
        };
        Self::Running { from_ms: at_ms, since_real_ms: real_ms, factor_milli }
    }

    /// It jumps by `by_ms`, and goes on standing still or running as before.
    #[must_use]
    pub fn advance(self, real_ms: Millis, by_ms: Millis) -> Self {
        self.set(real_ms, self.at(real_ms).saturating_add(by_ms))
    }

    /// It runs from where it is, `factor_milli` thousandths as fast as the machine's own.
    #[must_use]
    pub fn run(self, real_ms: Millis, factor_milli: i64) -> Self {
        Self::Running { from_ms: self.at(real_ms), since_real_ms: real_ms, factor_milli }
    }
}

/// How a clock is set by somebody who does not know how it was set before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockStart {
    /// As the machine's own.
    Real,
    /// Standing still at what it shows.
    Frozen,
    /// Standing still at this moment.
    At(Millis),
    /// Running so many thousandths as fast as the machine's own.
    Running(i64),
}

impl ClockStart {
    /// The setting that follows from the one `before`.
    pub fn apply(self, before: ClockSetting, real_ms: Millis) -> ClockSetting {
        match self {
            Self::Real => ClockSetting::Real,
            Self::Frozen => before.freeze(real_ms),
            Self::At(at_ms) => ClockSetting::Frozen { at_ms },
            Self::Running(factor_milli) => before.run(real_ms, factor_milli),
        }
    }
}

/// Reads how a clock is to be set: `real`, `frozen`, a moment at which it stands still, or a factor
/// such as `x60`.
pub fn parse_clock(text: &str) -> Option<ClockStart> {
    if let Some(factor) = text.strip_prefix('x') {
        let milli = (factor.parse::<f64>().ok()? * 1e3).round();
        let most = ClockSetting::MOST_FACTOR_MILLI as f64;
        return (1.0..=most).contains(&milli).then_some(ClockStart::Running(milli as i64));
    }
    match text {
        "real" => Some(ClockStart::Real),
        "frozen" => Some(ClockStart::Frozen),
        moment => parse_moment(moment).filter(|at| MOMENTS.contains(at)).map(ClockStart::At),
    }
}

/// A clock that follows a [`ClockSetting`]. As long as the setting stays, its time never goes back,
/// whatever happens to the machine's own.
pub struct VirtualClock {
    real: Arc<dyn Clock>,
    state: RwLock<State>,
}

struct State {
    setting: ClockSetting,
    /// The latest time it has shown under this setting.
    shown_ms: AtomicI64,
}

impl State {
    const fn new(setting: ClockSetting) -> Self {
        Self { setting, shown_ms: AtomicI64::new(i64::MIN) }
    }
}

impl VirtualClock {
    /// A clock that follows `setting` over `real`.
    pub fn new(real: Arc<dyn Clock>, setting: ClockSetting) -> Self {
        Self { real, state: RwLock::new(State::new(setting)) }
    }

    /// A clock over the machine's own that shows the same.
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), ClockSetting::Real)
    }

    /// A clock that stands still at `at_ms`.
    pub fn frozen(at_ms: Millis) -> Self {
        Self::new(Arc::new(SystemClock), ClockSetting::Frozen { at_ms })
    }

    /// The current time, in milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> Millis {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        if let ClockSetting::Frozen { at_ms } = state.setting {
            return at_ms;
        }
        let now_ms = state.setting.at(self.real.now_ms());
        state.shown_ms.fetch_max(now_ms, Ordering::Relaxed).max(now_ms)
    }

    /// The machine's own time, in milliseconds since the Unix epoch.
    pub fn real_ms(&self) -> Millis {
        self.real.now_ms()
    }

    /// How it follows the machine's own.
    pub fn setting(&self) -> ClockSetting {
        self.state.read().unwrap_or_else(PoisonError::into_inner).setting
    }

    /// Follows `setting` from now on. A setting it follows already changes nothing.
    pub fn follow(&self, setting: ClockSetting) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.setting != setting {
            *state = State::new(setting);
        }
    }

    /// Moves the clock forward, or back with a negative value.
    pub fn advance(&self, by_ms: Millis) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        *state = State::new(state.setting.advance(self.real.now_ms(), by_ms));
    }
}

impl fmt::Debug for VirtualClock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("VirtualClock").field(&self.setting()).finish()
    }
}

impl Clock for VirtualClock {
    fn now_ms(&self) -> Millis {
        Self::now_ms(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{HOUR_MS, MINUTE_MS, ManualClock};

    fn over(real: &Arc<ManualClock>) -> VirtualClock {
        VirtualClock::new(real.clone(), ClockSetting::Real)
    }

    #[test]
    fn it_freezes_jumps_runs_and_comes_back() {
        let real = Arc::new(ManualClock::at(1_000_000));
        let clock = over(&real);
        let change = |change: &dyn Fn(ClockSetting) -> ClockSetting| {
            clock.follow(change(clock.setting()));
            clock.now_ms()
        };
        let now = real.now_ms();
        assert_eq!(change(&|it| it.advance(now, HOUR_MS)), now + HOUR_MS);
        real.advance(5);
        assert_eq!(clock.now_ms(), now + HOUR_MS + 5);

        let later = real.now_ms();
        let frozen = change(&|it| it.freeze(later));
        real.advance(7_000);
        assert_eq!(clock.now_ms(), frozen);
        assert_eq!(change(&|it| it.advance(later, MINUTE_MS)), frozen + MINUTE_MS);

        let later = real.now_ms();
        change(&|it| it.run(later, 60_000));
        real.advance(1_000);
        assert_eq!(clock.now_ms(), frozen + 2 * MINUTE_MS);
        let later = real.now_ms();
        assert_eq!(change(&|it| it.set(later, 42)), 42);
        real.advance(1);
        assert_eq!(clock.now_ms(), 42 + 60);

        assert_eq!(change(&|_| ClockSetting::Real), real.now_ms());
    }

    #[test]
    fn a_machine_whose_clock_goes_back_takes_nobody_along() {
        let real = Arc::new(ManualClock::at(1_000_000));
        for setting in [ClockSetting::Real, ClockSetting::Real.run(1_000_000, 2_500)] {
            let clock = VirtualClock::new(real.clone(), setting);
            real.advance(100);
            let before = clock.now_ms();
            real.advance(-50);
            assert_eq!(clock.now_ms(), before);
            real.advance(-50);
        }
    }

    #[test]
    fn starts_are_read() {
        assert_eq!(parse_clock("real"), Some(ClockStart::Real));
        assert_eq!(parse_clock("frozen"), Some(ClockStart::Frozen));
        assert_eq!(parse_clock("1970-01-01T00:00:01Z"), Some(ClockStart::At(1_000)));
        assert_eq!(parse_clock("x0.5"), Some(ClockStart::Running(500)));
        for wrong in ["", "x", "x0", "x1e9", "fast", "2999-01-01T00:00:00Z"] {
            assert_eq!(parse_clock(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn far_jumps_end_at_the_last_moment() {
        let running = ClockSetting::Real.advance(1, i64::MAX);
        assert_eq!(running.at(i64::MAX), i64::MAX);
        let fast = ClockSetting::Real.run(0, ClockSetting::MOST_FACTOR_MILLI);
        assert_eq!(fast.at(i64::MAX), i64::MAX);
    }
}
