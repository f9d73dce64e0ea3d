//! A rule as it is written: in JSON, TOML, a header or flags. Whether it can be meant is checked in
//! `check`.

use larkspur_model::plan::PlannedItem;
use larkspur_model::task::Progress;
use serde::{Deserialize, Deserializer, Serialize};

use crate::stepping::Advance;

/// What is to go wrong, and when. Conditions first, then the effects: either those on requests or those
/// on tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rule {
    /// What it is called; made up where nobody says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,

    /// Requests of these operations (`driveImportTaskCreate`), by the ids of the contract; one or a list.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub operation: Vec<String>,
    /// Tasks of this family (`drive.import`), or requests of its operations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
    /// Of this app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Of this tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Whose file is called so: `*` stands for anything, `?` for one character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The nth of those, from 1, alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// The first so many of those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// Every so-manieth of those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// So often at most, then never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,

    /// Requests: refused with this documented code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<i64>,
    /// Requests: answered with this HTTP status, 400 to 599.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<u16>,
    /// Requests: so much later, in real time; alone or with another effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// Requests: the connection closes without an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drop: Option<Dropping>,
    /// Downloads: end after so many bytes, though more were announced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncate: Option<u64>,
    /// Requests: refused for their rate as documented, to come back in so many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throttle: Option<u32>,

    /// Tasks: end in this documented status of their family; one that means waiting holds them there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// Tasks: the text beside `status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Tasks of many items: these end in codes of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<PlannedItem>,
    /// Tasks: run so far and no further until they are released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// Tasks: so many polls see success without what it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success_before_token: Option<u32>,
    /// Tasks: so many attempts die before one lives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub die: Option<u32>,
    /// Tasks: numbers of `extra` beside a success.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub extra: Vec<String>,
    /// Tasks: advance so, whatever the stepping of their family is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advance: Option<Advance>,
}

/// When a connection closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dropping {
    /// Before the work was done: asking again is right.
    Before,
    /// After it: asking again does it twice.
    After,
}

/// How far a held task is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hold {
    /// What it seems to be doing.
    pub stage: String,
    /// Units done.
    pub done: u64,
    /// Units there are.
    pub total: u64,
}

impl Default for Hold {
    fn default() -> Self {
        Self { stage: "reading".to_owned(), done: 0, total: 0 }
    }
}

impl From<Hold> for Progress {
    fn from(hold: Hold) -> Self {
        Self { stage: hold.stage, done: hold.done, total: hold.total }
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a text or a list of texts")]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(source)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

impl Rule {
    /// Whether it says something about requests.
    pub(super) const fn is_of_requests(&self) -> bool {
        self.error.is_some()
            || self.http.is_some()
            || self.latency_ms.is_some()
            || self.drop.is_some()
            || self.truncate.is_some()
            || self.throttle.is_some()
    }

    /// Whether it says something about tasks.
    pub(super) const fn is_of_tasks(&self) -> bool {
        self.status.is_some()
            || self.message.is_some()
            || !self.items.is_empty()
            || self.hold.is_some()
            || self.success_before_token.is_some()
            || self.die.is_some()
            || !self.extra.is_empty()
            || self.advance.is_some()
    }

    /// Whether it has a condition.
    pub(super) const fn is_conditional(&self) -> bool {
        !self.operation.is_empty()
            || self.family.is_some()
            || self.app.is_some()
            || self.tenant.is_some()
            || self.file.is_some()
            || self.nth.is_some()
            || self.first.is_some()
            || self.every.is_some()
            || self.times.is_some()
    }
}
