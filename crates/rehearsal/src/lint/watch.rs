//! What one app has done, as far as a rule asks for it.

use std::collections::BTreeMap;
use std::hash::Hash;

use larkspur_model::time::{MINUTE_MS, Millis, SECOND_MS};
use lru::LruCache;

use super::rules::{self, Rule};
use super::{Ended, Finding, Note, Observed};

/// Things of each kind that are remembered; the oldest makes room.
const MOST: usize = 512;
/// Log ids that a finding shows.
const MOST_LOG_IDS: usize = 5;
/// After so long without a poll, a task counts as left.
const TASK_QUIET_MS: Millis = MINUTE_MS;
/// After so long, a page that was not asked for counts as left.
const PAGE_QUIET_MS: Millis = MINUTE_MS;
/// After so long, an upload that is open counts as left.
const UPLOAD_QUIET_MS: Millis = 10 * MINUTE_MS;
/// Polls closer than this are too fast, once there are three in a row.
const USEFUL_MS: Millis = SECOND_MS;
const FAST_IN_A_ROW: u32 = 3;
/// Tokens that were fetched before their number says anything.
const TOKENS: u32 = 5;
/// So often may one page be asked for.
const SAME_PAGE: u32 = 3;
/// How long a refusal is remembered.
const REFUSAL_MS: Millis = 10 * MINUTE_MS;

/// What is remembered of one kind of thing.
#[derive(Debug)]
struct Memory<K: Hash + Eq, V>(LruCache<K, V>);

impl<K: Hash + Eq, V> Default for Memory<K, V> {
    fn default() -> Self {
        Self(LruCache::unbounded())
    }
}

impl<K: Hash + Eq, V> Memory<K, V> {
    /// Remembers; gives what was forgotten for it.
    fn put(&mut self, key: K, value: V) -> Option<V> {
        self.0.put(key, value);
        if self.0.len() > MOST { self.0.pop_lru().map(|(_, value)| value) } else { None }
    }
}

/// The call that a finding would show.
#[derive(Debug, Clone)]
struct Shown {
    at_ms: Millis,
    operation: &'static str,
    log_id: String,
}

#[derive(Debug)]
struct Task {
    last_ms: Millis,
    ended: bool,
    fast: u32,
    shown: Shown,
}

#[derive(Debug)]
struct Page {
    asked: u64,
    same: u32,
    next: u64,
    shown: Shown,
}

#[derive(Debug, Default)]
pub(super) struct Watch {
    tasks: Memory<i64, Task>,
    files: Memory<u64, (Millis, Shown)>,
    uploads: Memory<u64, Shown>,
    pages: Memory<u64, Page>,
    refused: Memory<u64, Millis>,
    bad_tokens: Memory<u64, ()>,
    throttled: Memory<&'static str, Millis>,
    tokens: u32,
    calls: u32,
    found: BTreeMap<&'static str, Finding>,
}

impl Watch {
    pub(super) fn observe(&mut self, seen: &Observed<'_>) {
        if seen.note != Some(Note::TokenGiven) {
            self.calls = self.calls.saturating_add(1);
        }
        if seen.would_be_throttled {
            self.find(rules::WOULD_BE_THROTTLED, &shown(seen));
        }
        if !self.throttled.0.is_empty()
            && self.throttled.0.pop(seen.operation).is_some_and(|until_ms| seen.at_ms < until_ms)
        {
            self.find(rules::THROTTLE_IGNORED, &shown(seen));
        }
        match seen.ended {
            Ended::Answered | Ended::Failed => {}
            Ended::BadToken(token) => {
                if self.bad_tokens.0.contains(&token) {
                    self.find(rules::BAD_TOKEN_REUSED, &shown(seen));
                }
                self.bad_tokens.put(token, ());
            }
            Ended::Throttled(reset_s) => {
                let until_ms = window_end(seen.at_ms, reset_s);
                self.throttled.put(seen.operation, until_ms);
            }
            Ended::Terminal(request) => {
                let before = self.refused.0.get(&request);
                if before.is_some_and(|before| (0..REFUSAL_MS).contains(&(seen.at_ms - before))) {
                    self.find(rules::REPEATED_REFUSAL, &shown(seen));
                }
                self.refused.put(request, seen.at_ms);
            }
        }
        if let Some(note) = seen.note {
            self.note(note, seen);
        }
    }

    fn note(&mut self, note: Note, seen: &Observed<'_>) {
        match note {
            Note::Submitted { task } => self.watch_task(task, false, seen),
            Note::Polled { task, ended, file } => {
                self.poll(task, ended, seen);
                if let Some((file, vanishes_ms)) = file
                    && !self.files.0.contains(&file)
                {
                    self.files.put(file, (vanishes_ms, shown(seen)));
                }
            }
            Note::Downloaded { file } => {
                // A file that was downloaded stays known, so that later polls do not ask for it.
                self.files.put(file, (Millis::MAX, shown(seen)));
            }
            Note::UploadOpened { upload } => {
                self.uploads.put(upload, shown(seen));
            }
            Note::UploadFinished { upload } => {
                self.uploads.0.pop(&upload);
            }
            Note::Listed { list, asked, next } => self.page(list, asked, next, seen),
            Note::TokenGiven => {
                self.tokens = self.tokens.saturating_add(1);
                if self.tokens >= TOKENS && self.tokens >= self.calls {
                    self.find(rules::TOKEN_EACH_CALL, &shown(seen));
                }
            }
            Note::SourceExpired => self.find(rules::SOURCE_EXPIRED, &shown(seen)),
        }
    }

    fn watch_task(&mut self, number: i64, ended: bool, seen: &Observed<'_>) {
        let task = Task { last_ms: seen.at_ms, ended, fast: 0, shown: shown(seen) };
        if let Some(gone) = self.tasks.put(number, task).filter(|gone| !gone.ended) {
            self.find(rules::TICKET_LEFT, &gone.shown);
        }
    }

    fn poll(&mut self, number: i64, ended: bool, seen: &Observed<'_>) {
        let Some(task) = self.tasks.0.get_mut(&number) else {
            self.watch_task(number, ended, seen);
            return;
        };
        let apart_ms = seen.at_ms - task.last_ms;
        let polled = task.shown.operation == seen.operation;
        // A clock that stands still says nothing about how fast somebody polls.
        let fast = polled && apart_ms > 0 && apart_ms < USEFUL_MS;
        task.fast = if fast { task.fast + 1 } else { 0 };
        let (too_fast, too_late) = (task.fast >= FAST_IN_A_ROW, task.ended);
        if too_fast {
            task.fast = 0;
        }
        task.last_ms = seen.at_ms;
        task.ended |= ended;
        if !polled {
            task.shown = shown(seen);
        }
        if too_late {
            self.find(rules::POLLED_AFTER_END, &shown(seen));
        }
        if too_fast {
            self.find(rules::POLLED_TOO_FAST, &shown(seen));
        }
    }

    fn page(&mut self, list: u64, asked: u64, next: u64, seen: &Observed<'_>) {
        let before = self.pages.0.get(&list);
        let same = before.filter(|before| asked != 0 && before.asked == asked);
        let same = same.map_or(0, |before| before.same + 1);
        if same >= SAME_PAGE {
            self.find(rules::PAGING_IN_CIRCLES, &shown(seen));
        }
        self.pages.put(list, Page { asked, same, next, shown: shown(seen) });
    }

    fn find(&mut self, rule: Rule, shown: &Shown) {
        add(&mut self.found, rule, shown);
    }

    /// What was found, and what has been left lying by now.
    pub(super) fn findings(&self, now_ms: Millis) -> Vec<Finding> {
        let mut found = self.found.clone();
        for (_, task) in self.tasks.0.iter().rev() {
            if !task.ended && now_ms - task.last_ms >= TASK_QUIET_MS {
                add(&mut found, rules::TICKET_LEFT, &task.shown);
            }
        }
        for (_, (vanishes_ms, shown)) in self.files.0.iter().rev() {
            if now_ms >= *vanishes_ms {
                add(&mut found, rules::EXPORT_LEFT, shown);
            }
        }
        for (_, shown) in self.uploads.0.iter().rev() {
            if now_ms - shown.at_ms >= UPLOAD_QUIET_MS {
                add(&mut found, rules::UPLOAD_LEFT, shown);
            }
        }
        for (_, page) in self.pages.0.iter().rev() {
            if page.next != 0 && now_ms - page.shown.at_ms >= PAGE_QUIET_MS {
                add(&mut found, rules::PAGE_LEFT, &page.shown);
            }
        }
        found.into_values().collect()
    }
}

fn add(found: &mut BTreeMap<&'static str, Finding>, rule: Rule, shown: &Shown) {
    let finding = found.entry(rule.id).or_insert_with(|| Finding {
        rule,
        count: 0,
        first_ms: shown.at_ms,
        last_ms: shown.at_ms,
        operations: Vec::new(),
        log_ids: Vec::new(),
    });
    finding.count += 1;
    finding.first_ms = finding.first_ms.min(shown.at_ms);
    finding.last_ms = finding.last_ms.max(shown.at_ms);
    if !finding.operations.contains(&shown.operation) {
        finding.operations.push(shown.operation);
    }
    if finding.log_ids.len() < MOST_LOG_IDS {
        finding.log_ids.push(shown.log_id.clone());
    }
}

fn shown(seen: &Observed<'_>) -> Shown {
    Shown { at_ms: seen.at_ms, operation: seen.operation, log_id: seen.log_id.to_owned() }
}

/// When the window of a throttled call is over: whole seconds were told, so the last one counts only
/// from its beginning.
fn window_end(at_ms: Millis, reset_s: u32) -> Millis {
    at_ms + Millis::from(reset_s.saturating_sub(1)) * SECOND_MS + 1
}
