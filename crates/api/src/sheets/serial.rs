//! One edit of a spreadsheet at a time (contract, "Sheets"). Edits on other nodes are kept apart by the
//! revision they are committed against.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Spreadsheets remembered before those nobody edits any more are forgotten.
const REMEMBERED: usize = 256;

/// Who edits which spreadsheet.
#[derive(Default)]
pub(crate) struct Editing(Mutex<HashMap<String, Weak<AsyncMutex<()>>>>);

impl Editing {
    /// Waits until nobody else here edits the spreadsheet `token`; the next one waits for what this
    /// gives.
    pub(super) async fn alone(&self, token: &str) -> OwnedMutexGuard<()> {
        self.turn_of(token).lock_owned().await
    }

    fn turn_of(&self, token: &str) -> Arc<AsyncMutex<()>> {
        let mut editing = self.0.lock();
        if let Some(turn) = editing.get(token).and_then(Weak::upgrade) {
            return turn;
        }
        if editing.len() >= REMEMBERED {
            editing.retain(|_, turn| turn.strong_count() > 0);
        }
        let turn = Arc::new(AsyncMutex::new(()));
        editing.insert(token.to_owned(), Arc::downgrade(&turn));
        turn
    }
}
