//! The client linter: what a reviewer would tell the author of a client, from what its calls look
//! like. Follows the virtual clock, remembers a bounded number of things for each app, and says the
//! same for the same calls.

mod rules;
mod watch;

use std::hash::{DefaultHasher, Hasher as _};

use larkspur_model::time::Millis;
use lru::LruCache;
use parking_lot::Mutex;
use serde::Serialize;

pub use self::rules::{RULES, Rule, Severity};
use self::watch::Watch;

/// Apps that are watched; the one that was quiet longest makes room.
const MOST_APPS: usize = 1_024;

/// What an operation tells about its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// A task was submitted.
    Submitted {
        /// Its number.
        task: i64,
    },
    /// A task was asked for.
    Polled {
        /// Its number.
        task: i64,
        /// Whether it has ended.
        ended: bool,
        /// The [`mark`] of the file it made, and when that vanishes.
        file: Option<(u64, Millis)>,
    },
    /// A file was downloaded.
    Downloaded {
        /// Its [`mark`].
        file: u64,
    },
    /// An upload in parts was opened.
    UploadOpened {
        /// Its [`mark`].
        upload: u64,
    },
    /// An upload in parts was finished.
    UploadFinished {
        /// Its [`mark`].
        upload: u64,
    },
    /// A page of a list.
    Listed {
        /// The [`mark`] of the list.
        list: u64,
        /// The [`mark`] of the page token that was sent; 0 for the first page.
        asked: u64,
        /// The [`mark`] of the next page token; 0 at the end.
        next: u64,
    },
    /// A token was given to the app with this [`mark`].
    TokenGiven,
    /// A source was submitted too late.
    SourceExpired,
}

/// Stands for a text that is only compared.
pub fn mark(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish().max(1)
}

/// How a call ended, as far as the linter cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was answered.
    Answered,
    /// Its token was refused; the mark of the token.
    BadToken(u64),
    /// It was one too many; seconds until the window reopens.
    Throttled(u32),
    /// It was refused in a way that repeating cannot mend; the mark of the whole request.
    Terminal(u64),
    /// The server failed, or a fault was asked for.
    Failed,
}

/// One call.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// When it came; the virtual clock.
    pub at_ms: Millis,
    /// Its log id.
    pub log_id: &'a str,
    /// The operation's id.
    pub operation: &'static str,
    /// How it ended.
    pub ended: Ended,
    /// Whether the platform would have refused it for its rate.
    pub would_be_throttled: bool,
    /// What the operation tells.
    pub note: Option<Note>,
}

/// One thing a reviewer would say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule.
    #[serde(flatten)]
    pub rule: Rule,
    /// How often it was seen.
    pub count: u64,
    /// When first.
    pub first_ms: Millis,
    /// When last.
    pub last_ms: Millis,
    /// The operations it was seen at.
    pub operations: Vec<&'static str>,
    /// Log ids of calls that show it.
    pub log_ids: Vec<String>,
}

/// Watches the calls of every app.
#[derive(Debug)]
pub struct Linter {
    apps: Mutex<LruCache<String, Watch>>,
}

impl Default for Linter {
    fn default() -> Self {
        Self { apps: Mutex::new(LruCache::unbounded()) }
    }
}

impl Linter {
    /// Looks at a call of `app`.
    pub fn observe(&self, app: &str, observed: &Observed<'_>) {
        let mut apps = self.apps.lock();
        if let Some(watch) = apps.get_mut(app) {
            watch.observe(observed);
            return;
        }
        let mut watch = Watch::default();
        watch.observe(observed);
        apps.put(app.to_owned(), watch);
        if apps.len() > MOST_APPS {
            apps.pop_lru();
        }
    }

    /// What there is to say about `app` at `now_ms`, the worst first.
    pub fn findings(&self, app: &str, now_ms: Millis) -> Vec<Finding> {
        let mut findings =
            self.apps.lock().peek(app).map_or_else(Vec::new, |it| it.findings(now_ms));
        findings.sort_by(|a, b| {
            b.rule.severity.cmp(&a.rule.severity).then_with(|| a.rule.id.cmp(b.rule.id))
        });
        findings
    }

    /// The apps that have called, in order.
    pub fn apps(&self) -> Vec<String> {
        let mut apps: Vec<String> = self.apps.lock().iter().map(|(app, _)| app.clone()).collect();
        apps.sort();
        apps
    }

    /// Forgets what `app` did.
    pub fn forget(&self, app: &str) {
        self.apps.lock().pop(app);
    }

    /// Forgets what everybody did.
    pub fn forget_all(&self) {
        self.apps.lock().clear();
    }
}

#[cfg(test)]
mod tests;
