//! Rehearsing what can go wrong: which calls and tasks are to fail and how, how tasks advance, what was
//! asked and answered, and what a reviewer would tell the author of a client. Values and decisions
//! alone: nothing here speaks HTTP, runs a task or talks to the store.

/// Everything that is rehearsed on one server. Shared by the floors above.
#[derive(Debug, Default)]
pub struct Rehearsal {}

impl Rehearsal {
    /// Nothing is rehearsed yet.
    pub fn new() -> Self {
        Self::default()
    }
}
