//! `larkspur import`: files here become online documents on a server.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::flags::ClientFlags;
use super::waiting::{not_yet, until_interrupted};
use crate::client::{Client, Import as Order, ImportTarget, Imported, meaning_of_extra};
use crate::terminal::Meter;
use crate::trouble::{Attempt, Trouble};

/// Import files as online documents
///
/// Uploads each file (in parts above 20 MB), creates an import task and waits for it. docx, doc, md,
/// mark, markdown, txt and html become documents; xlsx, xls and csv become spreadsheets, or with `--as bitable` (not xls) bases, whose
/// fields' types are found in the whole columns.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur import handbook.md
  larkspur import orders.xlsx --as bitable --folder fldcnXXXX --name 订单
  larkspur import customers.csv --as bitable --dry-run
  larkspur import --ticket 7369583175086912356      wait for a task again

Prints the address of each document, one a line; with --json one object a line.")]
pub(super) struct Import {
    /// Files to import
    #[arg(required_unless_present = "ticket", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What they become [default: by extension]
    #[arg(long = "as", value_name = "KIND")]
    target: Option<ImportTarget>,
    /// Token of the folder they go to [default: the root folder]
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TOKEN")]
    folder: String,
    /// Title of the document [default: the file's name]
    #[arg(long)]
    name: Option<String>,
    /// Show what the files would become, and what would be lost; no server is asked
    #[arg(long, conflicts_with_all = ["ticket", "folder", "name"])]
    dry_run: bool,
    /// Wait for a task that exists, instead of importing
    #[arg(long, value_name = "TICKET", conflicts_with_all = ["files", "target", "name"])]
    ticket: Option<String>,
    /// Longest wait for each file
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    wait: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    client: ClientFlags,
}

impl Import {
    pub(super) fn run(self) -> Attempt {
        if self.name.is_some() && self.files.len() > 1 {
            return Err(Trouble::new("--name is for one file"));
        }
        if self.dry_run {
            for path in &self.files {
                let extension = extension_of(path)?;
                let target = self.target_of(path, &extension)?;
                super::dry_run::run(path, &extension, target, self.json)?;
            }
            return Ok(());
        }
        let client = self.client.client()?;
        let ticket = Mutex::new(self.ticket.clone());
        let resume = || {
            let ticket = ticket.lock().ok()?.clone()?;
            Some(self.command_for(&ticket))
        };
        super::client_runtime()?
            .block_on(until_interrupted(self.import_all(&client, &ticket), resume))
    }

    fn command_for(&self, ticket: &str) -> String {
        format!("larkspur import --ticket {ticket}{}", self.client.again())
    }

    async fn import_all(&self, client: &Client, current: &Mutex<Option<String>>) -> Attempt {
        if let Some(ticket) = &self.ticket {
            let meter = Meter::new(ticket.clone(), false);
            let imported = self.wait_for(client, ticket, &meter).await?;
            drop(meter);
            self.show(ticket, &imported);
            return Ok(());
        }
        let mut failed = 0;
        for path in &self.files {
            let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let meter = Meter::new(label.clone(), false);
            let done = self.import_one(client, path, &meter, current).await;
            drop(meter);
            match done {
                Ok(imported) => self.show(&label, &imported),
                // One file alone ends with its own trouble; of several the others go on.
                Err(trouble) if self.files.len() == 1 => return Err(trouble),
                Err(trouble) => {
                    failed += 1;
                    eprintln!("{label}: {trouble}");
                }
            }
        }
        if failed == 0 {
            return Ok(());
        }
        Err(Trouble::new(format!("{failed} of {} files were not imported", self.files.len())))
    }

    async fn import_one(
        &self,
        client: &Client,
        path: &Path,
        meter: &Meter,
        current: &Mutex<Option<String>>,
    ) -> Attempt<Imported> {
        let extension = extension_of(path)?;
        let target = self.target_of(path, &extension)?;
        let order = Order {
            path,
            extension: &extension,
            target,
            folder: &self.folder,
            name: self.name.as_deref(),
        };
        let ticket = client.start_import(&order, meter).await?;
        if let Ok(mut current) = current.lock() {
            *current = Some(ticket.clone());
        }
        self.wait_for(client, &ticket, meter).await
    }

    /// What a file is to become.
    fn target_of(&self, path: &Path, extension: &str) -> Attempt<ImportTarget> {
        if let Some(target) = self.target {
            return Ok(target);
        }
        ImportTarget::of_extension(extension).ok_or_else(|| {
            Trouble::new(format!("{}: nothing imports .{extension}", path.display()))
                .hint("docx, doc, md, mark, markdown, txt, html, xlsx, xls and csv can be imported")
        })
    }

    async fn wait_for(&self, client: &Client, ticket: &str, meter: &Meter) -> Attempt<Imported> {
        let patience = Duration::from_secs(self.wait);
        if let Some(imported) = client.wait_import(ticket, patience, meter).await? {
            return Ok(imported);
        }
        if self.json {
            println!("{}", json!({ "ticket": ticket, "finished": false }));
        }
        Err(not_yet(&format!("import task {ticket}"), &self.command_for(ticket)))
    }

    fn show(&self, label: &str, imported: &Imported) {
        if self.json {
            println!("{}", json!({ "file": label, "result": imported }));
        } else {
            println!("{}", imported.url);
            eprintln!("{label}: {} {}", imported.kind, imported.token);
        }
        for number in &imported.extra {
            eprintln!("{label}: warning {number}: {}", meaning_of_extra(number));
        }
    }
}

/// The extension of a path, lower case.
pub(super) fn extension_of(path: &Path) -> Attempt<String> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.map(str::to_ascii_lowercase).ok_or_else(|| {
        Trouble::new(format!("{}: the name has no extension", path.display()))
            .hint("the extension says what kind of file it is")
    })
}
