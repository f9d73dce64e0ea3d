//! How tasks advance: at once, after a time, after some polls, or by hand; for all families or one.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use larkspur_model::plan::Gate;
use larkspur_model::time::{Millis, SECOND_MS, parse_span};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};

/// How a task advances.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advance {
    /// As soon as a worker is free.
    #[default]
    AtOnce,
    /// Once so many seconds have passed on the server's clock, which may be a virtual one.
    AfterSeconds(u32),
    /// With so many polls: the last of them sees the end, those before it 'queued', then 'running'.
    AfterPolls(u32),
    /// Step by step, as the operator says.
    ByHand,
}

impl Advance {
    /// What the work of a task submitted at `now_ms` waits for.
    pub(crate) fn gate(self, now_ms: Millis) -> Option<Gate> {
        match self {
            Self::AtOnce | Self::AfterSeconds(0) | Self::AfterPolls(0) => None,
            Self::AfterSeconds(seconds) => Some(Gate::At(now_ms + i64::from(seconds) * SECOND_MS)),
            Self::AfterPolls(polls) => Some(Gate::Polls(polls)),
            Self::ByHand => Some(Gate::Hand),
        }
    }
}

impl fmt::Display for Advance {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtOnce => out.write_str("at-once"),
            Self::AfterSeconds(seconds) => write!(out, "{seconds}s"),
            Self::AfterPolls(polls) => write!(out, "{polls}-polls"),
            Self::ByHand => out.write_str("by-hand"),
        }
    }
}

impl FromStr for Advance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = text.trim().replace('_', "-");
        let number = |text: &str| text.trim_end_matches('-').parse().ok();
        let read = match plain.as_str() {
            "at-once" => Some(Self::AtOnce),
            "by-hand" => Some(Self::ByHand),
            other => match (other.strip_suffix("polls"), other.strip_suffix("poll")) {
                (Some(polls), _) | (None, Some(polls)) => number(polls).map(Self::AfterPolls),
                (None, None) => whole_seconds(other).map(Self::AfterSeconds),
            },
        };
        read.ok_or_else(|| {
            format!("`{text}` is no way to advance: at-once, by-hand, 5s, 1h or 3-polls are")
        })
    }
}

/// A span of time with its unit, `90s` or `1h`, in seconds.
fn whole_seconds(text: &str) -> Option<u32> {
    let span_ms = parse_span(text).filter(|_| text.ends_with(['s', 'm', 'h', 'd']))?;
    (span_ms % SECOND_MS == 0).then(|| u32::try_from(span_ms / SECOND_MS).ok())?
}

/// How tasks of each family advance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stepping {
    /// Those of families that are not named.
    pub default: Advance,
    /// Those of single families: `drive.import`, ...
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub families: BTreeMap<String, Advance>,
}

impl Stepping {
    /// How tasks of `family` advance.
    pub fn of(&self, family: &str) -> Advance {
        self.families.get(family).copied().unwrap_or(self.default)
    }
}

/// The stepping in force.
#[derive(Debug, Default)]
pub struct InForce(RwLock<Stepping>);

impl InForce {
    /// It.
    pub fn get(&self) -> Stepping {
        self.0.read().clone()
    }

    /// Puts another in force, for tasks that are submitted from now on.
    pub fn set(&self, stepping: Stepping) {
        *self.0.write() = stepping;
    }

    /// How a task of `family` submitted now advances.
    pub fn of(&self, family: &str) -> Advance {
        self.0.read().of(family)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_advance_are_written_as_they_are_read() {
        for way in
            [Advance::AtOnce, Advance::ByHand, Advance::AfterSeconds(5), Advance::AfterPolls(3)]
        {
            assert_eq!(way.to_string().parse(), Ok(way));
            let json = serde_json::to_string(&way).unwrap();
            assert_eq!(serde_json::from_str::<Advance>(&json).unwrap(), way);
        }
        assert_eq!("3polls".parse(), Ok(Advance::AfterPolls(3)));
        assert_eq!("1h".parse(), Ok(Advance::AfterSeconds(3_600)));
        assert_eq!("2000ms".parse(), Ok(Advance::AfterSeconds(2)));
        for wrong in ["soon", "60", "1500ms", "-1s", "99999999d"] {
            assert!(wrong.parse::<Advance>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_family_may_differ_from_the_rest() {
        let json = r#"{"default":"by_hand","families":{"drive.import":{"after_polls":3}}}"#;
        let stepping: Stepping = serde_json::from_str(json).unwrap();
        assert_eq!(stepping.of("drive.import"), Advance::AfterPolls(3));
        assert_eq!(stepping.of("drive.export"), Advance::ByHand);
        assert_eq!(serde_json::to_string(&stepping).unwrap(), json);
        assert!(serde_json::from_str::<Stepping>(r#"{"familes":{}}"#).is_err());
    }
}
