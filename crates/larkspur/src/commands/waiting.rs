//! Waiting for something that a person may break off, and saying how to go back to it.

use std::future::Future;

use crate::trouble::{Attempt, Trouble};

/// Runs `work` until it ends or somebody presses Ctrl-C; then `resume` says how to go on.
pub(super) async fn until_interrupted<T>(
    work: impl Future<Output = Attempt<T>>,
    resume: impl FnOnce() -> Option<String>,
) -> Attempt<T> {
    tokio::select! {
        done = work => done,
        _ = tokio::signal::ctrl_c() => {
            let trouble = Trouble::new("interrupted").interrupted();
            Err(match resume() {
                Some(command) => trouble.hint(going_on(&command)),
                None => trouble,
            })
        }
    }
}

/// The trouble of a wait that was not long enough.
pub(super) fn not_yet(what: &str, command: &str) -> Trouble {
    Trouble::new(format!("{what} is still not finished")).hint(going_on(command)).unfinished()
}

fn going_on(command: &str) -> String {
    format!("the task goes on; wait for it again with\n{command}")
}
