//! A rule becomes something that can be carried out, or is refused with everything that is wrong with
//! it: what is not documented cannot be rehearsed.

use std::fmt::Write as _;

use larkspur_model::plan::PlannedItem;
use larkspur_model::task::{Failure, FailureKind};

use super::effect::{End, RequestEffect, TaskEffect};
use super::glob::Glob;
use super::rule::{Dropping, Hold, Rule};
use super::{Catalogue, KnownStatus, Problem, Refused, StatusKind};

/// Longest delay of a request.
const MOST_LATENCY_MS: u64 = 600_000;

/// A rule that can be carried out.
#[derive(Debug, Clone)]
pub(super) struct Checked {
    pub(super) rule: Rule,
    pub(super) file: Option<Glob>,
    pub(super) effect: Effect,
}

#[derive(Debug, Clone)]
pub(super) enum Effect {
    /// On requests of these operations; of any where there are none.
    Requests(Vec<String>, RequestEffect),
    /// On tasks of this family.
    Tasks(String, TaskEffect),
}

/// Checks a whole rule.
pub(super) fn check(rule: Rule, catalogue: &dyn Catalogue) -> Result<Checked, Refused> {
    let mut problems = Vec::new();
    names(&rule, catalogue, &mut problems);
    counts(&rule, &mut problems);
    let effect = match (rule.is_of_requests(), rule.is_of_tasks()) {
        (true, true) => {
            problems.push(Problem::new(
                "",
                "",
                "a rule is about requests (error, http, latency_ms, drop, truncate, throttle) or \
                 about tasks (status, message, items, hold, success_before_token, die, extra, \
                 advance): write two",
            ));
            None
        }
        (false, false) => {
            problems.push(Problem::new(
                "",
                "",
                "the rule does nothing; give it an effect such as error, http, latency_ms, \
                 throttle, status or hold",
            ));
            None
        }
        (true, false) => {
            let scope = scope(&rule, catalogue);
            file_names(&rule, &scope, catalogue, &mut problems);
            Some(Effect::Requests(
                scope.clone(),
                of_request(&rule, &scope, catalogue, &mut problems),
            ))
        }
        (false, true) => family(&rule, catalogue, &mut problems).map(|family| {
            let effect = of_task(&rule, &family, catalogue, &mut problems);
            Effect::Tasks(family, effect)
        }),
    };
    match effect {
        Some(effect) if problems.is_empty() => {
            let file = rule.file.as_deref().map(Glob::new);
            Ok(Checked { rule, file, effect })
        }
        _ => Err(Refused(problems)),
    }
}

fn names(rule: &Rule, catalogue: &dyn Catalogue, problems: &mut Vec<Problem>) {
    let known = catalogue.operations();
    for operation in &rule.operation {
        if !known.contains(&operation.as_str()) {
            let wanted = operation.to_ascii_lowercase();
            let near: Vec<_> =
                known.iter().filter(|one| one.to_ascii_lowercase().contains(&wanted)).collect();
            let mut description = "this server has no such operation".to_owned();
            if near.is_empty() {
                description.push_str("; ids are those of the contract, such as driveImportTaskGet");
            } else {
                let _ = write!(description, "; {}", listed(near.iter().take(6)));
            }
            problems.push(Problem::new("operation", operation, description));
        }
    }
    if let Some(family) = &rule.family
        && !catalogue.families().contains(&family.as_str())
    {
        let known = listed(catalogue.families());
        problems.push(Problem::new("family", family, format!("families are {known}")));
    }
    if let Some(name) = &rule.name
        && (name.is_empty()
            || name.len() > 64
            || !name.bytes().all(|one| one.is_ascii_alphanumeric() || b"-_.".contains(&one)))
    {
        let wanted = "1 to 64 letters, digits, `-`, `_` and `.`";
        problems.push(Problem::new("name", name, wanted));
    }
    for (field, text) in [("app", &rule.app), ("tenant", &rule.tenant), ("file", &rule.file)] {
        if text.as_ref().is_some_and(String::is_empty) {
            problems.push(Problem::new(field, "", "empty: leave it out to match all"));
        }
    }
}

fn counts(rule: &Rule, problems: &mut Vec<Problem>) {
    let given = [("nth", rule.nth), ("first", rule.first), ("every", rule.every)];
    for (field, count) in given.into_iter().chain([("times", rule.times)]) {
        if count == Some(0) {
            problems.push(Problem::new(field, 0, "counts begin at 1"));
        }
    }
    if given.iter().filter(|(_, count)| count.is_some()).count() > 1 {
        problems.push(Problem::new("nth", "", "nth, first and every exclude each other"));
    }
}

/// The operations a rule on requests means; empty for any.
fn scope(rule: &Rule, catalogue: &dyn Catalogue) -> Vec<String> {
    match &rule.family {
        None => rule.operation.clone(),
        Some(family) => {
            let theirs = catalogue.operations_of(family).into_iter().map(str::to_owned);
            let named = |one: &String| rule.operation.is_empty() || rule.operation.contains(one);
            theirs.filter(named).collect()
        }
    }
}

fn file_names(
    rule: &Rule,
    scope: &[String],
    catalogue: &dyn Catalogue,
    problems: &mut Vec<Problem>,
) {
    let Some(file) = &rule.file else { return };
    if scope.is_empty() || scope.iter().any(|one| !catalogue.names_file(one)) {
        let all = catalogue.operations();
        let fitting = listed(all.iter().filter(|one| catalogue.names_file(one)));
        let description =
            format!("a request's file is known early only to {fitting}; tasks all have one");
        problems.push(Problem::new("file", file, description));
    }
}

/// The effect on requests of `scope`.
pub(super) fn of_request(
    rule: &Rule,
    scope: &[String],
    catalogue: &dyn Catalogue,
    problems: &mut Vec<Problem>,
) -> RequestEffect {
    let mut ends = Vec::new();
    if let Some(code) = rule.error {
        ends.push(End::Error(code));
        documented(code, scope, catalogue, problems);
    }
    if let Some(http) = rule.http {
        ends.push(End::Http(http));
        if !(400..600).contains(&http) {
            problems.push(Problem::new("http", http, "a status from 400 to 599 is wanted"));
        }
    }
    if let Some(seconds) = rule.throttle {
        ends.push(End::Throttle(seconds));
    }
    match rule.drop {
        Some(Dropping::Before) => ends.push(End::DropBefore),
        Some(Dropping::After) => ends.push(End::DropAfter),
        None => {}
    }
    if ends.len() > 1 || (ends.len() == 1 && rule.truncate.is_some()) {
        let wanted = "error, http, throttle, drop and truncate exclude each other";
        problems.push(Problem::new("error", "", wanted));
    }
    let latency_ms = rule.latency_ms.unwrap_or(0);
    if latency_ms > MOST_LATENCY_MS {
        let most = format!("at most {MOST_LATENCY_MS}");
        problems.push(Problem::new("latency_ms", latency_ms, most));
    }
    if rule.truncate.is_some()
        && let Some(other) = scope.iter().find(|one| !catalogue.is_download(one))
    {
        let all = catalogue.operations();
        let downloads = listed(all.iter().filter(|one| catalogue.is_download(one)));
        let description = format!("{other} answers no file; these do: {downloads}");
        problems.push(Problem::new("truncate", "", description));
    }
    RequestEffect {
        rules: Vec::new(),
        latency_ms,
        end: ends.first().copied(),
        truncate: rule.truncate,
    }
}

fn documented(code: i64, scope: &[String], catalogue: &dyn Catalogue, problems: &mut Vec<Problem>) {
    if catalogue.is_common(code) {
        return;
    }
    if scope.is_empty() {
        let wanted = "no operation is named, so only the platform's common codes will do; name one";
        problems.push(Problem::new("error", code, wanted));
    }
    for operation in scope {
        let own = catalogue.refusals(operation);
        if own.iter().any(|(known, _)| *known == code) {
            continue;
        }
        let known = own.iter().map(|(known, msg)| format!("{known} {msg}"));
        let description = format!(
            "{operation} does not document it; it documents {}, and the platform's common codes",
            listed(known)
        );
        problems.push(Problem::new("error", code, description));
    }
}

/// The family whose tasks a rule means.
fn family(rule: &Rule, catalogue: &dyn Catalogue, problems: &mut Vec<Problem>) -> Option<String> {
    let creates = |family: &str, one: &str| catalogue.creates(family).contains(&one);
    let fits = |family: &&str| rule.operation.iter().all(|one| creates(family, one));
    let found = match &rule.family {
        Some(family) => Some(family.as_str()).filter(fits).map(str::to_owned),
        None if rule.operation.is_empty() => None,
        None => catalogue.families().into_iter().find(fits).map(str::to_owned),
    };
    if found.is_none() {
        let families = catalogue.families();
        let all = families.iter().flat_map(|family| catalogue.creates(family));
        let description = if rule.operation.is_empty() {
            format!("effects on tasks need their family: {}", listed(&families))
        } else {
            format!("tasks are created by {}", listed(all))
        };
        problems.push(Problem::new("family", "", description));
    }
    found
}

/// The effect on tasks of `family`.
pub(super) fn of_task(
    rule: &Rule,
    family: &str,
    catalogue: &dyn Catalogue,
    problems: &mut Vec<Problem>,
) -> TaskEffect {
    let mut effect = TaskEffect {
        hold: rule.hold.clone().map(Into::into),
        early_polls: rule.success_before_token.unwrap_or(0),
        deaths: rule.die.unwrap_or(0),
        items: rule.items.clone(),
        extra: rule.extra.clone(),
        advance: rule.advance,
        ..TaskEffect::default()
    };
    status(rule, family, &catalogue.statuses(family), &mut effect, problems);
    let extras = catalogue.extras(family);
    for number in rule.extra.iter().filter(|one| !extras.contains(&one.as_str())) {
        let description = if extras.is_empty() {
            format!("{family} has no extra")
        } else {
            format!("{family} documents {}", listed(&extras))
        };
        problems.push(Problem::new("extra", number, description));
    }
    let codes = catalogue.items(family);
    for PlannedItem { code, .. } in rule.items.iter().filter(|one| !codes.contains(&one.code)) {
        let description = if codes.is_empty() {
            format!("tasks of {family} have no items")
        } else {
            format!("items of {family} end in {}", listed(&codes))
        };
        problems.push(Problem::new("items", code, description));
    }
    if rule.hold.is_some() && rule.advance.is_some() {
        let wanted = "a held task waits for its release, so it advances in no other way";
        problems.push(Problem::new("advance", "", wanted));
    }
    let succeeds = effect.ending.is_none();
    for (field, given) in [
        ("success_before_token", rule.success_before_token.is_some()),
        ("extra", !rule.extra.is_empty()),
        ("items", !rule.items.is_empty()),
    ] {
        if given && !succeeds {
            problems.push(Problem::new(
                field,
                "",
                "it stands beside a success, not beside `status`",
            ));
        }
    }
    effect
}

fn status(
    rule: &Rule,
    family: &str,
    known: &[KnownStatus],
    effect: &mut TaskEffect,
    problems: &mut Vec<Problem>,
) {
    let Some(number) = rule.status else {
        if let Some(message) = &rule.message {
            problems.push(Problem::new("message", message, "it stands beside a status"));
        }
        return;
    };
    let rows: Vec<_> = known.iter().filter(|row| row.number == number).collect();
    let Some(first) = rows.first() else {
        let known = known.iter().map(|row| format!("{} ({})", row.number, row.meaning));
        let description = format!("{family} documents {}", listed(known));
        problems.push(Problem::new("status", number, description));
        return;
    };
    match first.kind {
        StatusKind::Success => {
            let wanted = "tasks succeed by themselves; `success_before_token` and `extra` change \
                          what stands beside it";
            problems.push(Problem::new("status", number, wanted));
        }
        StatusKind::Pending => {
            effect.pending_status = Some(number);
            if rule.advance.is_none() {
                effect.hold.get_or_insert_with(|| Hold::default().into());
            }
        }
        StatusKind::Failed => {
            let texts: Vec<_> =
                rows.iter().map(|row| row.text).filter(|text| !text.is_empty()).collect();
            let message = match &rule.message {
                Some(message) if texts.is_empty() || texts.contains(&message.as_str()) => message,
                None if texts.is_empty() => first.meaning,
                None if texts.len() == 1 => texts[0],
                _ => {
                    let wanted = format!("with status {number} one of {}", listed(texts));
                    problems.push(Problem::new("message", "", wanted));
                    return;
                }
            };
            let failure = Failure::new(FailureKind::Internal, message);
            effect.ending = Some(Failure { status: Some(number), ..failure });
        }
    }
}

fn listed(things: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    let all: Vec<_> = things.into_iter().map(|one| one.to_string()).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}
