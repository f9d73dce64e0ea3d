//! The clock as Larkspur's own API spells it.

use serde::{Deserialize, Serialize};

/// Body of `larkspurClockSet`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetBody {
    pub(super) mode: Option<Mode>,
    /// What it is to show.
    pub(super) at: Option<Figure>,
    /// How fast it runs.
    pub(super) factor: Option<f64>,
}

/// Body of `larkspurClockAdvance`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdvanceBody {
    pub(super) by: Option<Figure>,
}

/// A moment or a span of time: a text, or a number of milliseconds.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Figure {
    Number(i64),
    Text(String),
}

impl std::fmt::Display for Figure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Text(text) => text.fmt(out),
        }
    }
}

/// How the clock goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// As the machine's own.
    Real,
    /// Not at all.
    Frozen,
    /// By itself.
    Running,
}

/// Data of all three operations.
#[derive(Serialize)]
pub(super) struct ClockData {
    pub(super) clock: ClockView,
}

/// What the clock shows.
#[derive(Serialize)]
pub(super) struct ClockView {
    /// RFC 3339, UTC.
    pub(super) now: String,
    pub(super) now_ms: i64,
    pub(super) mode: Mode,
    /// Seconds that pass in one of the machine's seconds.
    pub(super) factor: f64,
    /// How far it is before the machine's own; negative behind it.
    pub(super) ahead_ms: i64,
}
