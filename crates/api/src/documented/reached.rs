//! How each documented answer can be had here: by nature, which is a list that the tests' own calls
//! have left behind (`reached.txt`), or by a fault rule, which can name any of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::{Family, families, operation, platform};
use crate::{ErrorCode, operations};

/// What the contract tests were answered without any rule: `operation ID CODE ...`,
/// `status FAMILY NUMBER ...`, `extra FAMILY NUMBER ...`, `item FAMILY CODE ...`.
const REACHED: &str = include_str!("reached.txt");

static BY_NATURE: LazyLock<BTreeMap<(&str, &str), BTreeSet<i64>>> = LazyLock::new(|| {
    let lines = REACHED.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut words = line.split(' ');
            let of = (words.next()?, words.next()?);
            Some((of, words.filter_map(|word| word.parse().ok()).collect()))
        })
        .collect()
});

/// How a documented answer can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By doing what leads to it: a test does, and a rule can as well.
    Nature,
    /// By a fault rule: what leads to it happens nowhere but on the platform.
    Rule,
}

/// What a number of a task's answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Where the task stands or how it ended.
    Status,
    /// What was lost on the way.
    Extra,
    /// Why one item of a batch failed.
    Item,
}

impl Kind {
    /// Its word in `reached.txt`, and in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Extra => "extra",
            Self::Item => "item",
        }
    }
}

/// A documented refusal of an operation that is served.
#[derive(Debug, Clone, Copy)]
pub struct Refusal {
    /// The operation's id.
    pub operation: &'static str,
    /// HTTP status (0: not documented), code, text.
    pub error: ErrorCode,
    /// Whether its own page has it; else it is the platform's.
    pub own: bool,
    /// How it can be had.
    pub way: Way,
}

/// A documented number of a family's tasks.
#[derive(Debug, Clone, Copy)]
pub struct Number {
    /// The family's name.
    pub family: &'static str,
    /// What it says.
    pub kind: Kind,
    /// The number.
    pub number: i64,
    /// The text beside it on the wire, where that is fixed; else empty.
    pub text: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// How it can be had.
    pub way: Way,
}

fn way(kind: &str, of: &str, number: i64) -> Way {
    let found = BY_NATURE.get(&(kind, of)).is_some_and(|numbers| numbers.contains(&number));
    if found { Way::Nature } else { Way::Rule }
}

/// Every documented refusal of every operation of the platform that is served, the platform's own
/// included.
pub fn refusals() -> Vec<Refusal> {
    let mut all = Vec::new();
    for id in operations().iter().map(|one| one.id) {
        let Some(documented) = operation(id) else { continue };
        let mut seen = BTreeSet::new();
        let own = documented.errors.iter().map(|error| (*error, true));
        let common = platform().iter().map(|error| (*error, false));
        for (error, own) in own.chain(common) {
            if seen.insert(error.code) {
                all.push(Refusal {
                    operation: id,
                    error,
                    own,
                    way: way("operation", id, error.code),
                });
            }
        }
    }
    all
}

/// Whether tasks of the family can be made here.
fn is_served(family: &Family) -> bool {
    operations().iter().any(|operation| family.creates.contains(&operation.id))
}

/// Every documented number of every family that is served.
pub fn numbers() -> Vec<Number> {
    let mut all = Vec::new();
    for family in families().iter().filter(|family| is_served(family)) {
        let number = |kind: Kind, number: i64, text, meaning| Number {
            family: family.name,
            kind,
            number,
            text,
            meaning,
            way: way(kind.word(), family.name, number),
        };
        let statuses = family.statuses.iter();
        all.extend(statuses.map(|one| number(Kind::Status, one.number, one.text, one.meaning)));
        let extras = family.extras.iter();
        all.extend(extras.filter_map(|one| {
            Some(number(Kind::Extra, one.number.parse().ok()?, "", one.meaning))
        }));
        all.extend(family.items.iter().map(|one| number(Kind::Item, one.code, one.msg, "")));
    }
    all
}

/// The list itself: what each line of `reached.txt` claims.
pub fn claims() -> impl Iterator<Item = (&'static str, &'static str, i64)> {
    let lines = BY_NATURE.iter();
    lines.flat_map(|((kind, of), numbers)| numbers.iter().map(|number| (*kind, *of, *number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_claims_only_what_is_documented_and_served() {
        let refusals = refusals();
        let numbers = numbers();
        for (kind, of, number) in claims() {
            let known = match kind {
                "operation" => {
                    refusals.iter().any(|it| it.operation == of && it.error.code == number)
                }
                _ => numbers
                    .iter()
                    .any(|it| it.kind.word() == kind && it.family == of && it.number == number),
            };
            assert!(known, "{kind} {of} {number}");
        }
    }
}
