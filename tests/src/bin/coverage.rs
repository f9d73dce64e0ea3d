//! Compares what is said to be had by natural means (`crates/api/src/documented/reached.txt`) with what
//! the contract tests were answered, or writes it anew:
//!
//! ```text
//! LARKSPUR_EVIDENCE=/tmp/evidence cargo test --workspace
//! coverage /tmp/evidence            # exit code 1 where a claim has no evidence
//! coverage /tmp/evidence --write
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use larkspur_api::documented::reached::{claims, numbers, refusals};
use larkspur_api::documented::{self, Family, Outcome};
use larkspur_api::{Operation, operations};
use larkspur_tests::evidence::{self, Kept};
use larkspur_tests::repository;
use serde_json::Value;

type Found = BTreeMap<(String, String), BTreeSet<i64>>;

/// The operation a call went to; a part that is written out goes before a parameter.
fn operation<'a>(all: &'a [Operation], kept: &Kept) -> Option<&'a Operation> {
    let path: Vec<&str> = kept.path.split('/').collect();
    let fits = |operation: &&Operation| {
        let parts: Vec<&str> = operation.path.split('/').collect();
        operation.method.as_str() == kept.method
            && parts.len() == path.len()
            && parts.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
    };
    all.iter().filter(fits).min_by_key(|operation| operation.path.matches('{').count())
}

/// The number that an answer showed, or the word it has on the wire.
fn number(family: &Family, shown: &Value) -> Option<i64> {
    let text = || {
        let text = shown.as_str()?;
        let by_word = family.statuses.iter().find(|status| status.text == text);
        text.parse().ok().or_else(|| Some(by_word?.number))
    };
    shown.as_i64().or_else(text)
}

/// Whether a claim is about a status that a fast machine leaves behind before anybody has seen it.
fn is_pending(kind: &str, of: &str, number: i64) -> bool {
    let family = documented::family(of).filter(|_| kind == "status");
    let statuses = family.map_or(&[][..], |family| &family.statuses);
    statuses.iter().any(|one| one.number == number && one.outcome == Outcome::Pending)
}

fn found(kept: &[Kept]) -> Found {
    let all = operations();
    let refusals: BTreeSet<(&str, i64)> =
        refusals().iter().map(|it| (it.operation, it.error.code)).collect();
    let numbers: BTreeSet<(&str, &str, i64)> =
        numbers().iter().map(|it| (it.kind.word(), it.family, it.number)).collect();
    let mut found = Found::new();
    for one in kept {
        let Some(operation) = operation(&all, one) else { continue };
        if refusals.contains(&(operation.id, one.code)) {
            let of = ("operation".to_owned(), operation.id.to_owned());
            found.entry(of).or_default().insert(one.code);
        }
        let family = documented::families().iter().find(|family| family.poll == operation.id);
        let Some(family) = family else { continue };
        for (kind, shown) in &one.numbers {
            let Some(number) = number(family, shown) else { continue };
            if numbers.contains(&(kind.as_str(), family.name, number)) {
                let of = (kind.clone(), family.name.to_owned());
                found.entry(of).or_default().insert(number);
            }
        }
    }
    found
}

fn write(found: &Found) -> Result<()> {
    let mut text = String::from(
        "# What the contract tests are answered by natural means, without any fault rule. Written by the\n\
         # program `coverage` of the tests, which compares it with what they were answered.\n",
    );
    for ((kind, of), numbers) in found {
        write!(text, "{kind} {of}")?;
        for number in numbers {
            write!(text, " {number}")?;
        }
        text.push('\n');
    }
    let path = repository().join("crates/api/src/documented/reached.txt");
    std::fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context("usage: coverage FOLDER [--write]")?;
    let kept = evidence::read(Path::new(&folder))?;
    let found = found(&kept);
    let count: usize = found.values().map(BTreeSet::len).sum();
    println!("{} answers of the contract tests, {count} documented ones among them", kept.len());
    if arguments.next().as_deref() == Some("--write") {
        return write(&found);
    }
    let has = |kind: &str, of: &str, number: i64| {
        let numbers = found.get(&(kind.to_owned(), of.to_owned()));
        numbers.is_some_and(|numbers| numbers.contains(&number))
    };
    let bare: Vec<String> = claims()
        .filter(|(kind, of, number)| !is_pending(kind, of, *number) && !has(kind, of, *number))
        .map(|(kind, of, number)| format!("{kind} {of} {number}"))
        .collect();
    if bare.is_empty() {
        println!("every one of {} claims has evidence", claims().count());
        return Ok(());
    }
    bail!("said to be had by natural means, but no test was answered so:\n{}", bare.join("\n"))
}
