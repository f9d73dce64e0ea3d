//! The clock -> what is told about it.

use larkspur_model::time::{ClockSetting, moment_text};

use super::wire::{ClockData, ClockView, Mode};
use crate::{Answer, ApiError, Services};

/// What the clock shows now.
pub(super) fn show(services: &Services) -> Result<Answer, ApiError> {
    let clock = &services.clock;
    let now_ms = clock.now_ms();
    let (mode, factor) = match clock.setting() {
        ClockSetting::Real => (Mode::Real, 1.0),
        ClockSetting::Frozen { .. } => (Mode::Frozen, 0.0),
        ClockSetting::Running { factor_milli, .. } => (Mode::Running, factor_milli as f64 / 1e3),
    };
    let ahead_ms = if mode == Mode::Real { 0 } else { now_ms - clock.real_ms() };
    Answer::data(&ClockData {
        clock: ClockView { now: moment_text(now_ms), now_ms, mode, factor, ahead_ms },
    })
}
