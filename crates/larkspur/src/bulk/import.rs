//! The way of one import: upload, create, wait. Every step is in the journal before the next one is
//! made.

use std::time::Duration;

use tokio::time::Instant;

use super::journal::{Done, Failed, Line, Stage};
use super::runner::{Halt, Runner, Tries, Trip};
use crate::client::{Fault, Import, Imported};
use crate::terminal::Meter;

/// Refused: there is no such source (any more); what was imported is gone.
const SOURCE_GONE: i64 = 1_069_907;
/// Refused: the five minutes of the source are over.
const SOURCE_EXPIRED: i64 = 1_069_913;
/// `job_status`: something broke on the server's side.
const BROKE: i64 = 3;
/// `job_status`: the source was gone when the work began.
const GONE_IN_THE_QUEUE: i64 = 121;
/// The shortest pause between two polls on the platform, and on Larkspur, which bears more.
const POLL: Duration = Duration::from_secs(1);
const SHORT_POLL: Duration = Duration::from_millis(100);
const LONGEST_POLL: Duration = Duration::from_secs(5);

impl Runner {
    /// Takes an import to its end.
    pub(super) async fn import(&self, number: usize) -> Result<(), Halt> {
        let item = self.item(number);
        let folder = self.folder_of(&item)?;
        let target = item.import_target();
        let target = target.ok_or_else(|| Halt::Open(format!("a {} is nothing", item.kind)))?;
        let order = Import {
            path: &item.file,
            extension: &item.extension,
            target,
            folder: &folder,
            name: Some(&item.name),
        };
        let mut tries = Tries::default();
        loop {
            self.go_on()?;
            match self.stage(number) {
                Stage::Done(_) | Stage::Failed(_) => return Ok(()),
                Stage::Fresh | Stage::Creating { source: None } => {
                    self.upload(number, &order).await?;
                }
                Stage::Uploaded { source } => {
                    self.create(number, &order, &source, &mut tries).await?;
                }
                Stage::Creating { source: Some(source) } => {
                    if !self.resolve(number, self.settings.settle).await? {
                        self.create(number, &order, &source, &mut tries).await?;
                    }
                }
                Stage::Waiting { ticket, .. } => self.follow(number, &ticket).await?,
            }
        }
    }

    async fn upload(&self, number: usize, order: &Import<'_>) -> Result<(), Halt> {
        let meter = Meter::new("", true);
        let upload = async || self.client.upload_import(order, &meter).await;
        match self.steady(upload).await {
            Ok(source) => self.record(Line::Uploaded { item: number, source }).await,
            Err(Trip::Fault(fault)) => self.fail(number, &fault).await,
            Err(Trip::Halt(halt)) => Err(halt),
        }
    }

    /// Asks for the task once; afterwards the journal has the ticket, the end, or a doubt.
    async fn create(
        &self,
        number: usize,
        order: &Import<'_>,
        source: &str,
        tries: &mut Tries,
    ) -> Result<(), Halt> {
        self.record(Line::Creating { item: number }).await?;
        let key = self.key(number);
        loop {
            let fault = match self.client.create_import(order, source, Some(&key)).await {
                Ok(ticket) => return self.record(Line::Ticket { item: number, ticket }).await,
                Err(fault) => fault,
            };
            let unclear = fault.is_unclear();
            match self.bear(&fault, tries).await {
                // It certainly did nothing.
                Ok(Some(())) if !unclear => {}
                // A doubt, which the next step resolves.
                Ok(_) if unclear => return Ok(()),
                Ok(_) => return self.refused(number, &fault).await,
                Err(Trip::Halt(halt)) => return Err(halt),
                Err(Trip::Fault(fault)) => return self.refused(number, &fault).await,
            }
        }
    }

    /// The server takes no task for this source.
    async fn refused(&self, number: usize, fault: &Fault) -> Result<(), Halt> {
        let code = fault.code();
        if !matches!(code, Some(SOURCE_GONE | SOURCE_EXPIRED)) {
            return self.fail(number, fault).await;
        }
        if !self.is_doubtful(number) {
            return self.again(number, fault).await;
        }
        // An earlier create got it, or none did.
        if self.resolve(number, self.settings.patience).await? {
            return Ok(());
        }
        if code == Some(SOURCE_GONE) && !self.settings.larkspur {
            let name = self.item(number).name;
            let failure = Failed {
                message: format!(
                    "its source is gone, so it may have been imported, but no new document {name} \
                     is in the folder"
                ),
                hint: Some("look for it; --retry-failed imports it again".to_owned()),
                code,
            };
            return self.record(Line::Failed { item: number, failure }).await;
        }
        self.again(number, fault).await
    }

    /// Waits for the end of a task.
    async fn follow(&self, number: usize, ticket: &str) -> Result<(), Halt> {
        let end = Instant::now() + self.settings.patience;
        for pause in self.pauses() {
            let look = self.steady(async || self.client.look_at_import(ticket).await).await;
            match look {
                Ok(Ok(imported)) => return self.imported(number, ticket, imported).await,
                Ok(Err(_)) => {}
                Err(Trip::Fault(fault)) => return self.ended_badly(number, &fault).await,
                Err(Trip::Halt(halt)) => return Err(halt),
            }
            if Instant::now() >= end {
                break;
            }
            self.pause(pause).await?;
        }
        Err(Halt::Open(format!("import task {ticket} is still not finished")))
    }

    async fn imported(&self, number: usize, ticket: &str, imported: Imported) -> Result<(), Halt> {
        let losses = if self.settings.larkspur {
            match self.steady(async || self.client.losses_of(ticket).await).await {
                Ok(losses) => losses,
                Err(Trip::Halt(halt)) => return Err(halt),
                // The documented warnings are there all the same.
                Err(Trip::Fault(_)) => Vec::new(),
            }
        } else {
            Vec::new()
        };
        let result = Done {
            kind: imported.kind,
            token: imported.token,
            url: imported.url,
            extra: imported.extra,
            losses,
            ..Done::default()
        };
        self.record(Line::Done { item: number, result }).await
    }

    async fn ended_badly(&self, number: usize, fault: &Fault) -> Result<(), Halt> {
        let Fault::TaskFailed { status, .. } = fault else {
            // The server knows the ticket no longer, or gives it to nobody.
            if self.find_by_name(number, Duration::ZERO).await? {
                return Ok(());
            }
            return Err(Halt::Open(super::runner::text_of(fault)));
        };
        if !matches!(*status, BROKE | GONE_IN_THE_QUEUE) {
            return self.fail(number, fault).await;
        }
        // With an answer lost, two tasks may have had the source: the other one counts.
        let patience = if *status == GONE_IN_THE_QUEUE {
            self.settings.patience
        } else {
            self.settings.settle
        };
        if self.is_doubtful(number) && self.resolve(number, patience).await? {
            return Ok(());
        }
        self.again(number, fault).await
    }

    /// Pauses between polls, growing.
    pub(super) fn pauses(&self) -> impl Iterator<Item = Duration> + use<> {
        let first = if self.settings.larkspur { SHORT_POLL } else { POLL };
        std::iter::successors(Some(first), |pause| Some((*pause * 3 / 2).min(LONGEST_POLL)))
    }
}
