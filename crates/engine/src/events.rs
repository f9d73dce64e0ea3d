//! What happens to tasks, for whoever wants to be told instead of asking. Only what this process
//! does is told, and only while somebody listens. What all nodes did, and when nobody listened, is in
//! the log that `feed.rs` reads.

use larkspur_model::task::State;
use tokio::sync::{Notify, broadcast};

/// Transitions kept for a slow listener, who otherwise hears that it missed some.
const KEPT: usize = 1_024;

/// A task has reached a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The task.
    pub task: i64,
    /// Where it stands now.
    pub state: State,
}

#[derive(Debug)]
pub(crate) struct Events {
    listeners: broadcast::Sender<Event>,
    written: Notify,
}

impl Default for Events {
    fn default() -> Self {
        Self { listeners: broadcast::Sender::new(KEPT), written: Notify::new() }
    }
}

impl Events {
    pub(crate) fn tell(&self, task: i64, state: State) {
        self.written();
        if self.listeners.receiver_count() > 0 {
            // The last listener may leave at this moment.
            let _nobody = self.listeners.send(Event { task, state });
        }
    }

    /// Says that there is more in the log.
    pub(crate) fn written(&self) {
        self.written.notify_one();
    }

    /// Ends when there was more in the log since the last time.
    pub(crate) async fn more_written(&self) {
        self.written.notified().await;
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Event> {
        self.listeners.subscribe()
    }
}
