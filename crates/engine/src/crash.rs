//! The points of a task's life at which a test may let the worker die. In a server nobody listens
//! there, which costs a look at an `Option`.

use std::fmt;
use std::sync::Arc;

/// A point at which dying is interesting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CrashPoint {
    /// The lease is on disk, nothing has been done.
    AfterLease,
    /// The job has done its work, nothing of it is visible.
    BeforeFinish,
    /// The end of the task is on disk, nobody has been told.
    AfterFinishCommit,
}

/// What is to happen at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing.
    Live,
    /// The attempt vanishes, as if the process had died: it touches neither task nor lease again.
    Vanish,
}

/// Asked at each point with the task's number. It may also end the process.
#[derive(Clone, Default)]
pub struct Hooks(Option<Arc<dyn Fn(CrashPoint, i64) -> Fate + Send + Sync>>);

impl Hooks {
    /// Asks `decide` at each point.
    pub fn new(decide: impl Fn(CrashPoint, i64) -> Fate + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(decide)))
    }

    pub(crate) fn at(&self, point: CrashPoint, task: i64) -> Fate {
        self.0.as_ref().map_or(Fate::Live, |decide| decide(point, task))
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Hooks({})", if self.0.is_some() { "set" } else { "none" })
    }
}
