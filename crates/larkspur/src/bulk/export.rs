//! The way of one export: create, wait, download. An export leaves nothing on the server but a file
//! for ten minutes, so one that was asked for twice does no harm; the file here is written beside
//! its place and put there whole.

use std::time::Duration;

use tokio::time::Instant;

use super::journal::{Done, Line, Stage};
use super::plan::Item;
use super::runner::{Halt, Runner, Trip};
use crate::client::{Export, ExportTarget, Exported, Fault};
use crate::terminal::Meter;

/// `job_status`: something broke on the server's side.
const BROKE: i64 = 3;

impl Runner {
    /// Takes an export to its end.
    pub(super) async fn export(&self, number: usize) -> Result<(), Halt> {
        let item = self.item(number);
        let target = item.export_target();
        let target = target.ok_or_else(|| Halt::Open(format!(".{} is nothing", item.extension)))?;
        loop {
            self.go_on()?;
            let step = match self.stage(number) {
                Stage::Done(_) | Stage::Failed(_) => return Ok(()),
                Stage::Fresh | Stage::Uploaded { .. } | Stage::Creating { .. } => {
                    self.ask_for_export(number, &item, target).await
                }
                Stage::Waiting { ticket, .. } => self.fetch(number, &item, &ticket).await,
            };
            match step {
                Ok(()) => {}
                Err(Trip::Fault(fault)) => self.fail(number, &fault).await?,
                Err(Trip::Halt(halt)) => return Err(halt),
            }
        }
    }

    async fn ask_for_export(
        &self,
        number: usize,
        item: &Item,
        target: ExportTarget,
    ) -> Result<(), Trip> {
        let token = item.token.as_str();
        let kind = match item.kind.as_str() {
            "" => self.steady(async || self.client.kind_of_table(token).await).await?,
            kind => kind.to_owned(),
        };
        let sub_id = match &item.sub_id {
            Some(sub_id) => Some(sub_id.clone()),
            None if target == ExportTarget::Csv => Some(self.only_part(token, &kind).await?),
            None => None,
        };
        self.record(Line::Creating { item: number }).await?;
        let order = Export { token, kind: &kind, target, sub_id: sub_id.as_deref() };
        let key = self.key(number);
        let ticket =
            self.steady(async || self.client.start_export(&order, Some(&key)).await).await?;
        Ok(self.record(Line::Ticket { item: number, ticket }).await?)
    }

    /// The sheet or table of a document that has one.
    async fn only_part(&self, token: &str, kind: &str) -> Result<String, Trip> {
        let parts = self
            .steady(async || match kind {
                "bitable" => self.client.tables(token).await,
                _ => self.client.sheets(token).await,
            })
            .await?;
        match &parts[..] {
            [(id, _)] => Ok(id.clone()),
            parts => Err(Trip::Fault(Fault::Strange {
                what: format!("exporting {token}"),
                strange: format!("a csv holds one part of {}: name it in sub_id", parts.len()),
            })),
        }
    }

    async fn fetch(&self, number: usize, item: &Item, ticket: &str) -> Result<(), Trip> {
        let end = Instant::now() + self.settings.patience;
        for pause in self.pauses() {
            let look = async || self.client.look_at_export(ticket, &item.token).await;
            match self.steady(look).await {
                Ok(Ok(exported)) => return self.download(number, item, &exported).await,
                Ok(Err(_)) => {}
                Err(Trip::Fault(fault)) => {
                    // A ticket of yesterday is as good as none.
                    let passing = match &fault {
                        Fault::TaskFailed { status, .. } => *status == BROKE,
                        _ => true,
                    };
                    if passing {
                        self.again(number, &fault).await?;
                    } else {
                        self.fail(number, &fault).await?;
                    }
                    return Ok(());
                }
                Err(trip) => return Err(trip),
            }
            if Instant::now() >= end {
                break;
            }
            self.pause(pause).await?;
        }
        Err(Trip::Halt(Halt::Open(format!("export task {ticket} is still not finished"))))
    }

    async fn download(&self, number: usize, item: &Item, exported: &Exported) -> Result<(), Trip> {
        let meter = Meter::new("", true);
        if let Some(folder) = item.file.parent() {
            let made = tokio::fs::create_dir_all(folder).await;
            made.map_err(|cause| {
                Trip::Fault(Fault::local(format!("cannot make {}", folder.display()), cause))
            })?;
        }
        let fetch = async || self.client.fetch_export(exported, &item.file, &meter).await;
        let size = match self.steady(fetch).await {
            Ok(size) => size,
            Err(Trip::Fault(fault @ Fault::Refused { .. })) => {
                // The file lives ten minutes.
                return Ok(self.again(number, &fault).await?);
            }
            Err(trip) => return Err(trip),
        };
        let result = Done {
            kind: exported.file_extension.clone(),
            token: item.token.clone(),
            file: item.label(),
            size: Some(size),
            losses: self.losses_of_export(number).await?,
            ..Done::default()
        };
        Ok(self.record(Line::Done { item: number, result }).await?)
    }

    async fn losses_of_export(&self, number: usize) -> Result<Vec<serde_json::Value>, Trip> {
        let ticket = match self.stage(number) {
            Stage::Waiting { ticket, .. } if self.settings.larkspur => ticket,
            _ => return Ok(Vec::new()),
        };
        match self.steady(async || self.client.losses_of(&ticket).await).await {
            Err(Trip::Fault(_)) => Ok(Vec::new()),
            other => other,
        }
    }
}

/// How long one import or export usually takes on the platform; with the documented rate it says
/// how many are under way.
pub(crate) const USUAL: Duration = Duration::from_secs(6);
