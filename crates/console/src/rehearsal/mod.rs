//! What is rehearsed: the clock, what goes wrong, how tasks advance, fixtures, states kept by name.

mod change;

use askama::Template;
use larkspur_api::{Answer, ApiError, Contract, Operation};
use larkspur_model::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};
use larkspur_rehearsal::faults::Catalogue as _;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::frame::{Frame, Section};
use crate::visit::{self, Visit, act, enter};
use crate::{action, look, page};

#[derive(Deserialize)]
struct ClockData {
    clock: Clock,
}

#[derive(Deserialize)]
struct Clock {
    now: String,
    now_ms: i64,
    mode: String,
    factor: f64,
    ahead_ms: i64,
}

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Fault {
    name: String,
    seen: u64,
    hit_count: u64,
    spent: bool,
    /// Everything that the rule says.
    #[serde(flatten)]
    rule: Map<String, Value>,
}

impl Fault {
    /// The rule as it is written, without its name.
    fn written(&self) -> String {
        serde_json::to_string(&self.rule).unwrap_or_default()
    }

    fn holds(&self) -> bool {
        self.rule.contains_key("hold") || self.rule.contains_key("status")
    }
}

#[derive(Deserialize)]
struct Snapshot {
    name: String,
    #[serde(default)]
    tenant_id: String,
    created_ms: i64,
}

#[derive(Template)]
#[template(path = "rehearsal/rehearsal.html")]
struct Page {
    f: Frame,
    clock: Clock,
    faults: Vec<Fault>,
    stepping: Value,
    snapshots: Vec<Snapshot>,
    operations: Vec<&'static str>,
}

impl Page {
    fn clock_says(&self) -> String {
        let ahead = self.clock.ahead_ms;
        let t = |english, chinese| self.f.t(english, chinese);
        let mode = match self.clock.mode.as_str() {
            "frozen" => t("It stands still.", "时钟已冻结。").to_owned(),
            "running" if (self.clock.factor - 1.0).abs() > f64::EPSILON => {
                format!("{} {}×", t("It runs", "运行速度"), self.clock.factor)
            }
            "running" => t("It runs by itself.", "时钟独立运行。").to_owned(),
            _ => return t("It is the machine's own.", "与系统时钟一致。").to_owned(),
        };
        let distance = look::span(ahead.abs());
        if ahead.abs() < SECOND_MS {
            mode
        } else if ahead > 0 {
            format!("{mode} {} {distance}", t("Ahead by", "超前"))
        } else {
            format!("{mode} {} {distance}", t("Behind by", "落后"))
        }
    }

    fn leaps(&self) -> [(i64, &'static str); 4] {
        [
            (MINUTE_MS, self.f.t("a minute", "1 分钟")),
            (6 * MINUTE_MS, self.f.t("6 minutes", "6 分钟")),
            (HOUR_MS, self.f.t("an hour", "1 小时")),
            (DAY_MS, self.f.t("a day", "1 天")),
        ]
    }

    fn families(&self) -> Vec<(&'static str, String)> {
        look::FAMILIES.into_iter().map(|name| (name, look::family(self.f.language, name))).collect()
    }

    /// How tasks advance, as one writes it.
    fn advance(&self) -> String {
        match &self.stepping["default"] {
            Value::String(word) => word.replace('_', "-"),
            Value::Object(way) => way
                .iter()
                .next()
                .map(|(key, number)| match key.as_str() {
                    "after_polls" => format!("{number}-polls"),
                    _ => format!("{number}s"),
                })
                .unwrap_or_default(),
            _ => "at-once".to_owned(),
        }
    }

    fn exceptions(&self) -> String {
        match self.stepping["families"].as_object() {
            Some(families) if !families.is_empty() => {
                serde_json::to_string(families).unwrap_or_default()
            }
            _ => String::new(),
        }
    }
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        page("consoleRehearsal", "/console/rehearsal", |services, request| {
            Box::pin(enter(services, request, show))
        }),
        action("consoleRehearse", "/console/rehearsal/{what}", |services, request| {
            Box::pin(act(services, request, change::change))
        }),
    ]
}

async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let ClockData { clock } = visit.ask(visit.operator("larkspurClockGet")).await?;
    let faults: Items<Fault> = visit.ask(visit.operator("larkspurFaultList")).await?;
    let stepping = visit.ask(visit.operator("larkspurSteppingGet")).await?;
    let snapshots: Items<Snapshot> = visit.ask(visit.operator("larkspurSnapshotList")).await?;
    let operations = Contract.operations();
    let f = visit.frame(Section::Rehearsal, visit.language.pick("Rehearsal", "演练")).await?;
    let (faults, snapshots) = (faults.items, snapshots.items);
    visit::show(&Page { f, clock, faults, stepping, snapshots, operations })
}
