//! What became of a create whose answer never came. A source can be imported once, so as long as an
//! item keeps its source, asking again makes no second document; what remains is to find out which
//! document is its own. Larkspur lists its tasks; elsewhere the folder is looked at.

use std::collections::HashSet;
use std::time::Duration;

use tokio::time::Instant;

use super::journal::{Done, Line, Stage};
use super::runner::{Halt, Runner, Trip, halted};
use crate::client::{Fault, Listed};

/// The task family of imports on Larkspur.
const FAMILY: &str = "drive.import";
/// The pause between two looks into a folder, at first and at most.
const FIRST_LOOK: Duration = Duration::from_millis(500);
const LONGEST_LOOK: Duration = Duration::from_secs(15);

impl Runner {
    /// Looks for what an unanswered create of an item made. `true`: the item has its ticket or its
    /// end now. Looks for `patience`, where only the folder tells.
    pub(super) async fn resolve(&self, number: usize, patience: Duration) -> Result<bool, Halt> {
        if self.settings.larkspur && self.adopt(number).await? {
            return Ok(true);
        }
        let patience = if self.settings.larkspur { Duration::ZERO } else { patience };
        self.find_by_name(number, patience).await
    }

    /// Finds the task of an item among those that no line of the journal names.
    async fn adopt(&self, number: usize) -> Result<bool, Halt> {
        let title = self.item(number).name;
        let newest = self.run.borrow().newest.clone();
        let look = async || self.client.tasks_titled(FAMILY, &title, newest.as_deref()).await;
        let mut listed = self.steady(look).await.map_err(halted)?;
        listed.reverse();
        for task in listed {
            if !self.is_unknown(&task.ticket) {
                continue;
            }
            // Another item of the same title, in another folder, may have lost its answer as well:
            // whose task it was shows in where the document lies.
            let Some(token) = self.end_of(&task.ticket).await? else { continue };
            let folder = self.folder_of(&self.item(number))?;
            if self.list(&folder).await?.iter().any(|one| one.token == token) {
                self.record(Line::Ticket { item: number, ticket: task.ticket }).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether no line of the journal names a task.
    fn is_unknown(&self, ticket: &str) -> bool {
        let run = self.run.borrow();
        !run.items.iter().any(|item| item.tickets.iter().any(|one| one == ticket))
    }

    /// What a task made in the end; `None` if nothing.
    async fn end_of(&self, ticket: &str) -> Result<Option<String>, Halt> {
        let end = Instant::now() + self.settings.patience;
        for pause in self.pauses() {
            let look = self.steady(async || self.client.look_at_import(ticket).await).await;
            match look {
                Ok(Ok(imported)) => return Ok(Some(imported.token)),
                Ok(Err(_)) => {}
                Err(Trip::Fault(Fault::TaskFailed { .. } | Fault::Refused { .. })) => {
                    return Ok(None);
                }
                Err(trip) => return Err(halted(trip)),
            }
            if Instant::now() >= end {
                break;
            }
            self.pause(pause).await?;
        }
        Err(Halt::Open(format!("import task {ticket} is still not finished")))
    }

    /// Looks for a document of the item's name in its folder that is nobody else's.
    pub(super) async fn find_by_name(
        &self,
        number: usize,
        patience: Duration,
    ) -> Result<bool, Halt> {
        let end = Instant::now() + patience;
        let mut pause = FIRST_LOOK;
        loop {
            if let Some(found) = self.look_into_folder(number).await? {
                let result = Done {
                    kind: found.kind,
                    token: found.token,
                    url: found.url,
                    found_by_name: true,
                    ..Done::default()
                };
                self.record(Line::Done { item: number, result }).await?;
                return Ok(true);
            }
            if Instant::now() + pause > end {
                return Ok(false);
            }
            self.pause(pause).await?;
            pause = (pause * 2).min(LONGEST_LOOK);
        }
    }

    async fn look_into_folder(&self, number: usize) -> Result<Option<Listed>, Halt> {
        let item = self.item(number);
        let folder = self.folder_of(&item)?;
        let listed = self.list(&folder).await?;
        let run = self.run.borrow();
        if !run.looked_at.contains(&folder) {
            return Ok(None);
        }
        let taken: HashSet<&str> = run
            .items
            .iter()
            .filter_map(|tracked| match &tracked.stage {
                Stage::Done(done) => Some(done.token.as_str()),
                _ => None,
            })
            .chain(run.before.iter().map(String::as_str))
            .collect();
        let own = |one: &Listed| {
            one.name == item.name && one.kind == item.kind && !taken.contains(one.token.as_str())
        };
        Ok(listed.into_iter().find(own))
    }
}
