//! The record: the last requests of each app and what they were answered, for whoever looks for a
//! mistake. Secrets are masked before anything is kept; `Authorization` never comes here.

mod entry;
mod mask;

use std::collections::VecDeque;

use bytes::Bytes;
use larkspur_model::time::Millis;
use lru::LruCache;
use parking_lot::Mutex;

pub use self::entry::{Entry, Kept, Part};

/// The app under which requests stand whose app is not known.
pub const NOBODY: &str = "-";
/// Apps that are recorded; the one that was quiet longest makes room.
const MOST_APPS: usize = 1_024;
/// Bytes of bodies kept in all.
const MOST_BYTES: usize = 64 << 20;

/// What is kept of how many requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordSettings {
    /// Requests of each app; 0 keeps none.
    pub requests: usize,
    /// Bytes of each body; longer ones are cut.
    pub body_bytes: usize,
}

impl Default for RecordSettings {
    fn default() -> Self {
        Self { requests: 200, body_bytes: 16 << 10 }
    }
}

/// One request as it is handed in, before anything is masked.
#[derive(Debug)]
pub struct Recorded<'a> {
    /// When it came; the virtual clock.
    pub at_ms: Millis,
    /// Its log id.
    pub log_id: &'a str,
    /// The operation's id; empty where there is none.
    pub operation: &'static str,
    /// Whether tokens and codes stand in its bodies: the operations that hand them out.
    pub hands_out_tokens: bool,
    /// HTTP method.
    pub method: &'a str,
    /// Path.
    pub path: &'a str,
    /// Query string.
    pub query: &'a str,
    /// HTTP status.
    pub status: u16,
    /// Code on the wire.
    pub code: i64,
    /// Which layer refused, and why.
    pub refusal: Option<(&'static str, &'a str)>,
    /// How long it took.
    pub micros: u64,
    /// The request's body.
    pub request: Sent<'a>,
    /// The answer's body.
    pub answer: Sent<'a>,
}

/// A body as it was sent.
#[derive(Debug)]
pub enum Sent<'a> {
    /// None, or one that was not read.
    Nothing,
    /// Bytes, mostly JSON.
    Bytes(&'a Bytes),
    /// A form.
    Form(Vec<Part>),
    /// A file that streams.
    File {
        /// Its name.
        name: String,
        /// Its size, bytes.
        size_bytes: u64,
    },
}

/// The last requests of each app.
#[derive(Debug)]
pub struct Record {
    settings: RecordSettings,
    kept: Mutex<Rings>,
}

#[derive(Debug)]
struct Rings {
    apps: LruCache<String, VecDeque<Entry>>,
    bytes: usize,
}

impl Default for Record {
    fn default() -> Self {
        Self::new(RecordSettings::default())
    }
}

impl Record {
    /// Nothing is kept yet.
    pub fn new(settings: RecordSettings) -> Self {
        let kept = Rings { apps: LruCache::unbounded(), bytes: 0 };
        Self { settings, kept: Mutex::new(kept) }
    }

    /// Whether anything is kept.
    pub const fn is_on(&self) -> bool {
        self.settings.requests > 0
    }

    /// Keeps a request of `app`.
    pub fn keep(&self, app: &str, recorded: Recorded<'_>) {
        if !self.is_on() {
            return;
        }
        let entry = Entry::new(recorded, self.settings.body_bytes);
        let mut rings = self.kept.lock();
        rings.bytes += entry.body_bytes();
        if !rings.apps.contains(app) {
            rings.apps.put(app.to_owned(), VecDeque::new());
        }
        let Some(ring) = rings.apps.get_mut(app) else { return };
        ring.push_back(entry);
        let gone = if ring.len() > self.settings.requests { ring.pop_front() } else { None };
        rings.bytes -= gone.map_or(0, |entry| entry.body_bytes());
        rings.make_room();
    }

    /// The requests of `app`, the newest first, `most` at most.
    pub fn of(&self, app: &str, most: usize) -> Vec<Entry> {
        let rings = self.kept.lock();
        let ring = rings.apps.peek(app);
        ring.map_or_else(Vec::new, |ring| ring.iter().rev().take(most).cloned().collect())
    }

    /// The apps of which something is kept, the one that called last first.
    pub fn apps(&self) -> Vec<String> {
        self.kept.lock().apps.iter().map(|(app, _)| app.clone()).collect()
    }

    /// Forgets the requests of `app`.
    pub fn forget(&self, app: &str) {
        let mut rings = self.kept.lock();
        if let Some(ring) = rings.apps.pop(app) {
            rings.bytes -= ring.iter().map(Entry::body_bytes).sum::<usize>();
        }
    }

    /// Forgets everything.
    pub fn forget_all(&self) {
        let mut rings = self.kept.lock();
        rings.apps.clear();
        rings.bytes = 0;
    }
}

impl Rings {
    fn make_room(&mut self) {
        while self.apps.len() > 1 && (self.apps.len() > MOST_APPS || self.bytes > MOST_BYTES) {
            let Some((_, ring)) = self.apps.pop_lru() else { return };
            self.bytes -= ring.iter().map(Entry::body_bytes).sum::<usize>();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(body: &Bytes, tokens: bool) -> Recorded<'_> {
        Recorded {
            at_ms: 7,
            log_id: "log",
            operation: "driveExportTaskGet",
            hands_out_tokens: tokens,
            method: "POST",
            path: "/open-apis/x",
            query: "token=doc&code=abc&client_secret=s",
            status: 200,
            code: 0,
            refusal: None,
            micros: 5,
            request: Sent::Bytes(body),
            answer: Sent::Nothing,
        }
    }

    #[test]
    fn the_last_requests_of_each_app_are_kept_and_no_secret_of_them() {
        let record = Record::new(RecordSettings { requests: 2, body_bytes: 60 });
        let body = Bytes::from_static(br#"{"app_secret": "SECRET", "token": "doc"}"#);
        for _ in 0..5 {
            record.keep("cli_a", recorded(&body, false));
        }
        assert_eq!((record.of("cli_a", 10).len(), record.of("cli_b", 10).len()), (2, 0));
        let text = serde_json::to_string(&record.of("cli_a", 1)).unwrap();
        assert!(!text.contains("SECRET") && !text.contains("abc"), "{text}");
        assert!(text.contains("token=doc&code=***&client_secret=***"), "{text}");
        assert!(text.contains(r#""token":"doc""#), "{text}");

        let long = Bytes::from(format!(r#"{{"refresh_token": "RT", "x": "{}"}}"#, "y".repeat(99)));
        record.keep("cli_b", recorded(&long, true));
        let text = serde_json::to_string(&record.of("cli_b", 1)).unwrap();
        assert!(!text.contains("RT") && text.contains("yy") && text.contains("cut"), "{text}");
        record.forget("cli_b");
        assert_eq!(record.of("cli_b", 1).len(), 0);
        assert_eq!(record.apps(), ["cli_a"]);
        record.forget_all();
        assert_eq!((record.apps().len(), record.kept.lock().bytes), (0, 0));
    }
}
