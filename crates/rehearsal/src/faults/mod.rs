//! Faults: which requests and tasks are to go wrong, and how. Rules are checked when they are written,
//! and decide by counting, never by chance. What an effect looks like on the wire is decided above.

mod check;
mod effect;
mod glob;
mod own;
mod registry;
mod rule;
mod short;

use std::fmt;

pub use self::effect::{End, RequestEffect, TaskEffect};
pub use self::own::OwnFault;
pub use self::registry::{Faults, Hit, Listed, RequestSubject, TaskSubject};
pub use self::rule::{Dropping, Hold, Rule};

/// What is documented, as far as rules are checked against it.
pub trait Catalogue {
    /// The operations that rules may name.
    fn operations(&self) -> Vec<&'static str>;
    /// The refusals that are an operation's own: code and text.
    fn refusals(&self, operation: &str) -> Vec<(i64, &'static str)>;
    /// Whether any operation may give this refusal.
    fn is_common(&self, code: i64) -> bool;
    /// Whether the operation answers a file.
    fn is_download(&self, operation: &str) -> bool;
    /// Whether the operation's request names a file before its body is read by the handler.
    fn names_file(&self, operation: &str) -> bool;
    /// The families of tasks.
    fn families(&self) -> Vec<&'static str>;
    /// The operations that create tasks of a family.
    fn creates(&self, family: &str) -> Vec<&'static str>;
    /// Every operation of a family.
    fn operations_of(&self, family: &str) -> Vec<&'static str>;
    /// The statuses of a family.
    fn statuses(&self, family: &str) -> Vec<KnownStatus>;
    /// The numbers of `extra` of a family.
    fn extras(&self, family: &str) -> Vec<&'static str>;
    /// The codes of single items of a family.
    fn items(&self, family: &str) -> Vec<i64>;
}

/// A status of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownStatus {
    /// The number.
    pub number: i64,
    /// What it is to who polls.
    pub kind: StatusKind,
    /// The text that stands beside it, where that is fixed; else empty.
    pub text: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// What a status is to who polls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusKind {
    /// Wait on.
    Pending,
    /// Done.
    Success,
    /// Given up.
    Failed,
}

/// One thing that is wrong with a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field.
    pub field: String,
    /// What it holds.
    pub value: String,
    /// What is wrong, and what would be right.
    pub description: String,
}

impl Problem {
    /// A problem of `field`.
    pub fn new(field: &str, value: impl fmt::Display, description: impl Into<String>) -> Self {
        let description = description.into();
        Self { field: field.to_owned(), value: value.to_string(), description }
    }
}

/// A rule that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refused(pub Vec<Problem>);

impl Refused {
    /// A rule with one problem.
    pub fn one(field: &str, value: impl fmt::Display, description: impl Into<String>) -> Self {
        Self(vec![Problem::new(field, value, description)])
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.0.iter().enumerate() {
            let between = if place == 0 { "" } else { "; " };
            write!(out, "{between}{}: {}", problem.field, problem.description)?;
        }
        Ok(())
    }
}
