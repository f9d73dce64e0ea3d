//! What is rehearsed for one task: decided when it is submitted, stored with it, carried out by the
//! engine. No family is named here.

use serde::{Deserialize, Serialize};

use crate::task::{Failure, Progress};
use crate::time::Millis;

/// What is to happen to a task instead of what would.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// The rule it comes from, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Ends so instead of doing its work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ending: Option<Failure>,
    /// Attempts that die before the one that counts.
    #[serde(skip_serializing_if = "is_zero")]
    pub deaths: u32,
    /// Numbers of the family that stand beside a success, as if that much had been lost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<String>,
    /// Items of the task that end in a code of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<PlannedItem>,
    /// How many polls see the success without what it made.
    #[serde(skip_serializing_if = "is_zero")]
    pub early_polls: u32,
    /// What the work waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// The number of the family that is shown while the task waits, where it is not the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_status: Option<i64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// An item that fails on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedItem {
    /// Its place in the request, from 0.
    pub index: u32,
    /// The code it ends in.
    pub code: i64,
}

/// What a task waits for before its work begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// This time, on the domain's clock.
    At(Millis),
    /// So many polls; the last of them sees the end.
    Polls(u32),
    /// Somebody who steps it: first to running, then to its end.
    Hand,
    /// Somebody who releases it; it runs meanwhile, this far.
    Hold(Progress),
}

/// How a stored gate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GateState {
    /// There is none, or it has opened.
    Open,
    /// Closed, and the task is shown as waiting.
    Closed,
    /// Closed, and the task is shown as running.
    Running,
}

impl GateState {
    /// The number stored in the database. Never renumber.
    pub const fn number(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Closed => 1,
            Self::Running => 2,
        }
    }

    /// The state of a stored number; what is unknown is open, so that no task waits for ever.
    pub const fn from_number(number: i64) -> Self {
        match number {
            1 => Self::Closed,
            2 => Self::Running,
            _ => Self::Open,
        }
    }
}
