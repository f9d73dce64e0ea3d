//! What came of a run, told from its journal alone: totals, every loss, every failure with what to
//! do. Made for people and for programs.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::journal::{Done, Run, Stage, What};
use super::runner::Ended;
use crate::client::meaning_of_extra;

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Summary<'a> {
    run: &'a Run,
    open: &'a HashMap<usize, String>,
    totals: Totals,
}

/// How many of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Items of the plan.
    pub(crate) items: usize,
    /// Those that worked.
    pub(crate) done: usize,
    /// Those that did not.
    pub(crate) failed: usize,
    /// Those that have not ended.
    pub(crate) open: usize,
    /// Those that worked and lost something.
    pub(crate) with_losses: usize,
}

/// Skipped files that are named; of more the number is told.
const SHOWN_SKIPPED: usize = 10;

fn has_losses(done: &Done) -> bool {
    !done.extra.is_empty() || !done.losses.is_empty()
}

impl<'a> Summary<'a> {
    pub(crate) fn new(run: &'a Run, ended: &'a Ended) -> Self {
        let mut totals = Totals { items: run.items.len(), ..Totals::default() };
        for tracked in &run.items {
            match &tracked.stage {
                Stage::Done(done) => {
                    totals.done += 1;
                    totals.with_losses += usize::from(has_losses(done));
                }
                Stage::Failed(_) => totals.failed += 1,
                _ => totals.open += 1,
            }
        }
        Self { run, open: &ended.open, totals }
    }

    /// The totals.
    pub(crate) const fn totals(&self) -> Totals {
        self.totals
    }

    /// For people.
    pub(crate) fn text(&self, ended: &Ended, took: Duration) -> String {
        let totals = self.totals;
        let done = match self.run.order.what {
            What::Import => "imported",
            What::Export => "exported",
        };
        let mut text = format!(
            "{} of {} {done}, {} failed, {} not finished, {} with losses\n",
            totals.done, totals.items, totals.failed, totals.open, totals.with_losses
        );
        let _ = writeln!(
            text,
            "{} s, {} calls made again, {} throttled answers",
            took.as_secs(),
            ended.retries,
            ended.throttled
        );
        self.tell_losses(&mut text);
        self.tell_failures(&mut text);
        self.tell_open(&mut text);
        self.tell_skipped(&mut text);
        text
    }

    fn tell_losses(&self, text: &mut String) {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        let mut lines = String::new();
        for tracked in &self.run.items {
            let Stage::Done(done) = &tracked.stage else { continue };
            let label = tracked.item.label();
            for number in &done.extra {
                let meaning = meaning_of_extra(number);
                *kinds.entry(format!("warning {number}: {meaning}")).or_default() += 1;
                let _ = writeln!(lines, "  {label}: warning {number}: {meaning}");
            }
            for loss in &done.losses {
                let kind = loss["kind"].as_str().unwrap_or_default();
                *kinds.entry(kind.to_owned()).or_default() += 1;
                let _ = writeln!(lines, "  {label}: {}", loss_text(loss));
            }
            if done.found_by_name {
                let _ = writeln!(
                    lines,
                    "  {label}: found by its name, as the answer with its ticket was lost; \
                     whether anything was cut is not known"
                );
            }
        }
        if lines.is_empty() {
            return;
        }
        text.push_str("\nlosses\n");
        text.push_str(&lines);
        if !kinds.is_empty() {
            text.push_str("in all\n");
        }
        for (kind, files) in kinds {
            let _ = writeln!(text, "  {files} × {kind}");
        }
    }

    fn tell_failures(&self, text: &mut String) {
        let mut first = true;
        for tracked in &self.run.items {
            let Stage::Failed(failure) = &tracked.stage else { continue };
            if std::mem::take(&mut first) {
                text.push_str("\nfailed\n");
            }
            let _ = writeln!(text, "  {}: {}", tracked.item.label(), failure.message);
            if let Some(hint) = &failure.hint {
                let _ = writeln!(text, "    hint: {hint}");
            }
        }
    }

    fn tell_open(&self, text: &mut String) {
        if self.open.is_empty() {
            return;
        }
        text.push_str("\nnot finished\n");
        let mut open: Vec<_> = self.open.iter().collect();
        open.sort();
        for (number, why) in open {
            let _ = writeln!(text, "  {}: {why}", self.run.items[*number].item.label());
        }
    }

    fn tell_skipped(&self, text: &mut String) {
        let skipped = &self.run.skipped;
        if skipped.is_empty() {
            return;
        }
        let _ = writeln!(text, "\nleft out: {}", skipped.len());
        for (file, why) in skipped.iter().take(SHOWN_SKIPPED) {
            let _ = writeln!(text, "  {file}: {why}");
        }
        if skipped.len() > SHOWN_SKIPPED {
            let _ = writeln!(text, "  … and {} more", skipped.len() - SHOWN_SKIPPED);
        }
    }

    /// For programs.
    pub(crate) fn json(&self, ended: &Ended, took: Duration, journal: &str) -> Value {
        let items: Vec<Value> = self
            .run
            .items
            .iter()
            .enumerate()
            .map(|(number, tracked)| {
                let mut shown = json!({ "item": number, "file": tracked.item.file });
                if !tracked.item.token.is_empty() {
                    shown["document"] = json!(tracked.item.token);
                }
                if let Some(ticket) = tracked.tickets.last() {
                    shown["ticket"] = json!(ticket);
                }
                match &tracked.stage {
                    Stage::Done(done) => {
                        shown["state"] = json!("done");
                        shown["result"] = json!(done);
                        let meaning = |number: &String| {
                            json!({ "number": number, "meaning": meaning_of_extra(number) })
                        };
                        shown["warnings"] = done.extra.iter().map(meaning).collect();
                    }
                    Stage::Failed(failure) => {
                        shown["state"] = json!("failed");
                        shown["failure"] = json!(failure);
                    }
                    _ => {
                        shown["state"] = json!("open");
                        shown["why"] = json!(self.open.get(&number));
                    }
                }
                shown
            })
            .collect();
        let skipped: Vec<Value> = self
            .run
            .skipped
            .iter()
            .map(|(file, why)| json!({ "file": file, "why": why }))
            .collect();
        let totals = self.totals;
        json!({
            "run": self.run.id,
            "what": self.run.order.what,
            "journal": journal,
            "started_ms": self.run.started_ms,
            "took_ms": took.as_millis() as u64,
            "interrupted": ended.interrupted,
            "retries": ended.retries,
            "throttled": ended.throttled,
            "totals": {
                "items": totals.items, "done": totals.done, "failed": totals.failed,
                "open": totals.open, "with_losses": totals.with_losses, "skipped": skipped.len(),
            },
            "items": items,
            "skipped": skipped,
        })
    }
}

/// A loss as the server tells it, in a line.
fn loss_text(loss: &Value) -> String {
    let text = |name: &str| loss[name].as_str().unwrap_or_default();
    let mut line = text("kind").replace('_', " ");
    for more in [text("place"), text("detail")].into_iter().filter(|more| !more.is_empty()) {
        line.push_str(": ");
        line.push_str(more);
    }
    if let Some(count) = loss["count"].as_u64().filter(|count| *count > 1) {
        let _ = write!(line, " ({count} times)");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_read_as_sentences() {
        let loss = json!({"kind": "cells_cut", "place": "row 3", "detail": "", "count": 2});
        assert_eq!(loss_text(&loss), "cells cut: row 3 (2 times)");
    }
}
