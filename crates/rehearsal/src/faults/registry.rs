//! The rules in force: which of them a request or a task meets, how often, and what they hit.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU8, Ordering};

use larkspur_model::time::Millis;
use parking_lot::Mutex;
use serde::Serialize;

use super::check::{Checked, Effect, check};
use super::effect::{RequestEffect, TaskEffect};
use super::rule::Rule;
use super::{Catalogue, Refused};

/// Hits a rule remembers.
const REMEMBERED: usize = 100;
/// There is a rule on requests.
const REQUESTS: u8 = 1;
/// There is a rule on tasks.
const TASKS: u8 = 2;

/// Something a rule did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// When; the domain's clock.
    pub time_ms: Millis,
    /// The operation of the request, or the family of the task.
    pub what: String,
    /// The task, where it was one and came into being.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// The app that called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    /// The log id of the request.
    pub log_id: String,
}

/// A rule and what it did so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The rule; it has a name.
    #[serde(flatten)]
    pub rule: Rule,
    /// Requests or tasks that met its conditions, counts aside.
    pub seen: u64,
    /// How many of those it hit.
    pub hit_count: u64,
    /// Whether it will never hit again.
    pub spent: bool,
    /// The latest of what it hit, the last one last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hits: Vec<Hit>,
}

/// A request, as rules see it.
#[derive(Clone, Copy)]
pub struct RequestSubject<'a> {
    /// The operation.
    pub operation: &'a str,
    /// The app that calls, if one does.
    pub app: Option<&'a str>,
    /// Its tenant.
    pub tenant: Option<&'a str>,
    /// Finds the name of the file the request is about.
    pub file: &'a dyn Fn() -> Option<String>,
    /// The log id of the request.
    pub log_id: &'a str,
    /// Now; the domain's clock.
    pub now_ms: Millis,
}

/// A task about to be submitted, as rules see it.
#[derive(Debug, Clone, Copy)]
pub struct TaskSubject<'a> {
    /// The family.
    pub family: &'a str,
    /// The operation that submits it.
    pub operation: &'a str,
    /// The app that submits it.
    pub app: &'a str,
    /// Its tenant.
    pub tenant: &'a str,
    /// The name of the file it is about, with its extension.
    pub file: &'a str,
    /// The log id of the request.
    pub log_id: &'a str,
    /// Now; the domain's clock.
    pub now_ms: Millis,
}

#[derive(Debug)]
struct Armed {
    name: String,
    checked: Checked,
    seen: u64,
    hit_count: u64,
    hits: VecDeque<Hit>,
}

/// The rules in force. Where there is none, asking costs a look at one number.
#[derive(Debug, Default)]
pub struct Faults {
    kinds: AtomicU8,
    rules: Mutex<Vec<Armed>>,
}

impl Faults {
    /// Adds a rule behind those there are; a rule of the same name gives way to it.
    ///
    /// # Errors
    /// What cannot be meant.
    pub fn add(&self, rule: Rule, catalogue: &dyn Catalogue) -> Result<Listed, Refused> {
        let checked = check(rule, catalogue)?;
        let mut rules = self.rules.lock();
        let armed = Armed::new(checked, &rules);
        rules.retain(|other| other.name != armed.name);
        let listed = armed.listed(true);
        rules.push(armed);
        self.look(&rules);
        Ok(listed)
    }

    /// Replaces all rules; counts begin anew.
    ///
    /// # Errors
    /// The first rule that cannot be meant; nothing has changed then.
    pub fn replace(&self, all: Vec<Rule>, catalogue: &dyn Catalogue) -> Result<(), Refused> {
        let mut new = Vec::new();
        for rule in all {
            let armed = Armed::new(check(rule, catalogue)?, &new);
            new.retain(|other: &Armed| other.name != armed.name);
            new.push(armed);
        }
        let mut rules = self.rules.lock();
        *rules = new;
        self.look(&rules);
        Ok(())
    }

    /// All rules, without their hits.
    pub fn list(&self) -> Vec<Listed> {
        self.rules.lock().iter().map(|armed| armed.listed(false)).collect()
    }

    /// The rule `name`, with its hits.
    pub fn get(&self, name: &str) -> Option<Listed> {
        let rules = self.rules.lock();
        rules.iter().find(|armed| armed.name == name).map(|armed| armed.listed(true))
    }

    /// The rules as they were written, each with its name: to be kept and read again.
    pub fn rules(&self) -> Vec<Rule> {
        self.list().into_iter().map(|listed| listed.rule).collect()
    }

    /// Removes the rule `name`; `false` where there is none.
    pub fn remove(&self, name: &str) -> bool {
        let mut rules = self.rules.lock();
        let before = rules.len();
        rules.retain(|armed| armed.name != name);
        self.look(&rules);
        rules.len() < before
    }

    /// Removes all rules; gives how many there were.
    pub fn clear(&self) -> usize {
        let mut rules = self.rules.lock();
        let before = rules.len();
        rules.clear();
        self.look(&rules);
        before
    }

    fn look(&self, rules: &[Armed]) {
        let kinds = rules.iter().fold(0, |kinds, armed| {
            kinds
                | match armed.checked.effect {
                    Effect::Requests(..) => REQUESTS,
                    Effect::Tasks(..) => TASKS,
                }
        });
        self.kinds.store(kinds, Ordering::Release);
    }

    /// What happens to a request. Every rule it meets counts it; the first that ends it does so, delays
    /// add up.
    pub fn request(&self, request: &RequestSubject<'_>) -> Option<RequestEffect> {
        if self.kinds.load(Ordering::Acquire) & REQUESTS == 0 {
            return None;
        }
        let mut whole = RequestEffect::default();
        for armed in self.rules.lock().iter_mut() {
            let Effect::Requests(operations, effect) = &armed.checked.effect else { continue };
            let theirs =
                operations.is_empty() || operations.iter().any(|one| one == request.operation);
            if !theirs
                || !armed.is_of(request.app, request.tenant)
                || !armed.fits_file(request.file)
            {
                continue;
            }
            armed.seen += 1;
            if !armed.is_turn() {
                continue;
            }
            let ends = effect.end.is_some() || effect.truncate.is_some();
            if ends && (whole.end.is_some() || whole.truncate.is_some()) {
                continue;
            }
            whole.latency_ms = whole.latency_ms.saturating_add(effect.latency_ms);
            whole.end = whole.end.or(effect.end);
            whole.truncate = whole.truncate.or(effect.truncate);
            whole.rules.push(armed.name.clone());
            armed.hit_count += 1;
            armed.remember(Hit {
                time_ms: request.now_ms,
                what: request.operation.to_owned(),
                task_id: None,
                app_id: request.app.map(str::to_owned),
                log_id: request.log_id.to_owned(),
            });
        }
        (!whole.rules.is_empty()).then_some(whole)
    }

    /// What happens to a task, and by which rule. Every rule it meets counts it; the first whose turn
    /// it is decides.
    pub fn task(&self, task: &TaskSubject<'_>) -> Option<(String, TaskEffect)> {
        if self.kinds.load(Ordering::Acquire) & TASKS == 0 {
            return None;
        }
        let mut found = None;
        for armed in self.rules.lock().iter_mut() {
            let Effect::Tasks(family, effect) = &armed.checked.effect else { continue };
            let operations = &armed.checked.rule.operation;
            if family != task.family
                || !(operations.is_empty() || operations.iter().any(|one| one == task.operation))
                || !armed.is_of(Some(task.app), Some(task.tenant))
                || !armed.fits_file(&|| Some(task.file.to_owned()))
            {
                continue;
            }
            armed.seen += 1;
            if found.is_none() && armed.is_turn() {
                found = Some((armed.name.clone(), effect.clone()));
                armed.hit_count += 1;
            }
        }
        found
    }

    /// Remembers the task that a rule hit.
    pub fn hit(&self, rule: &str, hit: Hit) {
        let mut rules = self.rules.lock();
        if let Some(armed) = rules.iter_mut().find(|armed| armed.name == rule) {
            armed.remember(hit);
        }
    }
}

impl Armed {
    /// Gives the rule a name if it has none: the first free number.
    fn new(mut checked: Checked, others: &[Self]) -> Self {
        let name = checked.rule.name.clone().unwrap_or_else(|| {
            let taken = |name: &String| others.iter().any(|other| other.name == *name);
            // Of one more number than there are rules, one is free.
            let mut names = (1..=others.len() + 1).map(|number| format!("fault-{number}"));
            names.find(|name| !taken(name)).expect("there are more names than rules")
        });
        checked.rule.name = Some(name.clone());
        Self { name, checked, seen: 0, hit_count: 0, hits: VecDeque::new() }
    }

    fn listed(&self, with_hits: bool) -> Listed {
        let rule = &self.checked.rule;
        let last = rule.nth.or(rule.first);
        Listed {
            rule: rule.clone(),
            seen: self.seen,
            hit_count: self.hit_count,
            spent: rule.times.is_some_and(|times| self.hit_count >= times)
                || last.is_some_and(|last| self.seen >= last),
            hits: if with_hits { self.hits.iter().cloned().collect() } else { Vec::new() },
        }
    }

    fn is_of(&self, app: Option<&str>, tenant: Option<&str>) -> bool {
        let rule = &self.checked.rule;
        rule.app.as_deref().is_none_or(|wanted| app == Some(wanted))
            && rule.tenant.as_deref().is_none_or(|wanted| tenant == Some(wanted))
    }

    fn fits_file(&self, name: &dyn Fn() -> Option<String>) -> bool {
        let Some(glob) = &self.checked.file else { return true };
        name().is_some_and(|name| glob.fits(&name))
    }

    /// Whether it is the turn of what was counted last.
    fn is_turn(&self) -> bool {
        let rule = &self.checked.rule;
        rule.nth.is_none_or(|nth| self.seen == nth)
            && rule.first.is_none_or(|first| self.seen <= first)
            && rule.every.is_none_or(|every| self.seen.is_multiple_of(every))
            && rule.times.is_none_or(|times| self.hit_count < times)
    }

    fn remember(&mut self, hit: Hit) {
        if self.hits.len() == REMEMBERED {
            self.hits.pop_front();
        }
        self.hits.push_back(hit);
    }
}

#[cfg(test)]
mod tests;
