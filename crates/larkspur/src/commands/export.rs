//! `larkspur export`: an online document on a server becomes a file here.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::flags::ClientFlags;
use super::waiting::{not_yet, until_interrupted};
use crate::client::{Client, Export as Order, ExportTarget, Exported};
use crate::terminal::{Meter, size_text};
use crate::trouble::{Attempt, Trouble};

/// Export an online document as a file
///
/// Creates an export task, waits for it and downloads the file. Documents become docx or pdf,
/// spreadsheets and bases become xlsx or csv (one sheet or table: --sub-id).
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur export doxcnXXXX --as pdf
  larkspur export shtcnXXXX --as csv --sub-id 6e5ed3 -o orders.csv
  larkspur export doxcnXXXX --ticket 6933093124755423251      wait for a task again

Prints the name of the file; with --json an object.")]
pub(super) struct Export {
    /// Token of the document, or its address
    token: String,
    /// What it becomes
    #[arg(long = "as", value_name = "FORMAT", required_unless_present = "ticket")]
    target: Option<ExportTarget>,
    /// Kind of the document: docx, doc, sheet or bitable [default: by --as, asking the server]
    #[arg(long = "type", value_name = "KIND")]
    kind: Option<String>,
    /// Sheet or table to write, for csv [default: the only one]
    #[arg(long, value_name = "ID")]
    sub_id: Option<String>,
    /// File to write [default: the document's title, in this folder]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Wait for a task that exists, instead of creating one
    #[arg(long, value_name = "TICKET")]
    ticket: Option<String>,
    /// Longest wait
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    wait: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    client: ClientFlags,
}

impl Export {
    pub(super) fn run(self) -> Attempt {
        let client = self.client.client()?;
        let ticket = Mutex::new(self.ticket.clone());
        let resume = || {
            let ticket = ticket.lock().ok()?.clone()?;
            Some(self.command_for(&ticket))
        };
        super::client_runtime()?.block_on(until_interrupted(self.export(&client, &ticket), resume))
    }

    /// The token, where an address was given.
    fn document(&self) -> &str {
        let path = self.token.split(['?', '#']).next().unwrap_or_default();
        path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }

    fn command_for(&self, ticket: &str) -> String {
        let output = self
            .output
            .as_ref()
            .map_or_else(String::new, |output| format!(" -o {}", output.display()));
        format!(
            "larkspur export {} --ticket {ticket}{output}{}",
            self.document(),
            self.client.again()
        )
    }

    async fn export(&self, client: &Client, current: &Mutex<Option<String>>) -> Attempt {
        let meter = Meter::new(self.document().to_owned(), false);
        let ticket = match (&self.ticket, self.target) {
            (Some(ticket), _) => ticket.clone(),
            (None, Some(target)) => self.start(client, target).await?,
            (None, None) => return Err(Trouble::new("--as says what the document becomes")),
        };
        if let Ok(mut current) = current.lock() {
            *current = Some(ticket.clone());
        }
        let patience = Duration::from_secs(self.wait);
        let done = client.wait_export(&ticket, self.document(), patience, &meter).await?;
        let exported = done
            .ok_or_else(|| not_yet(&format!("export task {ticket}"), &self.command_for(&ticket)))?;
        let to = self.output.clone().unwrap_or_else(|| unused_name(&exported));
        let size = client.fetch_export(&exported, &to, &meter).await?;
        drop(meter);
        if self.json {
            println!("{}", json!({ "file": to, "size": size, "result": exported }));
        } else {
            println!("{}", to.display());
            eprintln!("{}: {}", to.display(), size_text(size));
        }
        Ok(())
    }

    async fn start(&self, client: &Client, target: ExportTarget) -> Attempt<String> {
        let token = self.document();
        let kind = match &self.kind {
            Some(kind) => kind.clone(),
            None if target.is_table() => client.kind_of_table(token).await?,
            None => "docx".to_owned(),
        };
        let needs_part = target == ExportTarget::Csv;
        let sub_id = match &self.sub_id {
            Some(sub_id) => Some(sub_id.clone()),
            None if needs_part && kind == "sheet" => {
                Some(only(&client.sheets(token).await?, "spreadsheet", "sheet")?)
            }
            None if needs_part && kind == "bitable" => {
                Some(only(&client.tables(token).await?, "base", "table")?)
            }
            None => None,
        };
        let order = Order { token, kind: &kind, target, sub_id: sub_id.as_deref() };
        Ok(client.start_export(&order, None).await?)
    }
}

/// The sheet of a spreadsheet, or the table of a base, that has one.
fn only(parts: &[(String, String)], whole: &str, part: &str) -> Attempt<String> {
    match parts {
        [(id, _)] => Ok(id.clone()),
        [] => Err(Trouble::new(format!("the {whole} has no {part}"))),
        several => {
            let list: Vec<String> =
                several.iter().map(|(id, title)| format!("--sub-id {id}  {title}")).collect();
            Err(Trouble::new(format!("a csv holds one {part}, and this {whole} has several"))
                .hint(format!("choose one of\n{}", list.join("\n"))))
        }
    }
}

/// The document's title as a file name that nothing here has yet.
fn unused_name(exported: &Exported) -> PathBuf {
    let name = PathBuf::from(exported.local_name());
    if !name.exists() {
        return name;
    }
    let stem = name.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    (2..10_000)
        .map(|number| PathBuf::from(format!("{stem} ({number}).{}", exported.file_extension)))
        .find(|name| !Path::new(name).exists())
        .unwrap_or(name)
}
