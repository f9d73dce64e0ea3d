//! What happens to tasks, for whoever wants to be told instead of asking. Only what this process
//! does is told, and only while somebody listens.

use larkspur_model::task::State;
use tokio::sync::broadcast;

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
pub(crate) struct Events(broadcast::Sender<Event>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::Sender::new(KEPT))
    }
}

impl Events {
    pub(crate) fn tell(&self, task: i64, state: State) {
        if self.0.receiver_count() > 0 {
            // The last listener may leave at this moment.
            let _nobody = self.0.send(Event { task, state });
        }
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}
