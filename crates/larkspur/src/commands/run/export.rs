//! `larkspur run export`: documents of a folder of the drive, or of a manifest, become files.

use std::path::PathBuf;

use clap::Args;

use super::going::{Going, Wanted};
use crate::bulk::{Planned, What, Work, manifest};
use crate::client::ExportTarget;
use crate::commands::flags::ClientFlags;
use crate::trouble::{Attempt, Trouble};

/// Export the documents of a folder of the drive, or those that a manifest names
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur run export --from fldcnXXXX --to backup
  larkspur run export --manifest documents.jsonl --to out

With --from, folders below are exported too, documents as docx (--documents-as pdf), spreadsheets
and bases as xlsx. A manifest is a csv file with a heading, or JSON Lines (any other ending), with
  token       the document
  extension   docx, pdf, xlsx or csv
  type        doc, docx, sheet or bitable [default: docx; for xlsx and csv the server is asked]
  output      the file, below --to [default: the token]
  sub_id      sheet or table, for csv [default: the only one]")]
pub(super) struct Export {
    /// Token of a folder of the drive
    #[arg(long, value_name = "TOKEN", required_unless_present = "manifest")]
    from: Option<String>,
    /// Take the documents that this file names
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "documents"])]
    manifest: Option<PathBuf>,
    /// Folder the files go to
    #[arg(long, value_name = "DIR", default_value = ".")]
    to: PathBuf,
    /// What documents become
    #[arg(long = "documents-as", value_name = "FORMAT", default_value = "docx")]
    documents: ExportTarget,
    /// Write over files that are there
    #[arg(long)]
    overwrite: bool,
    /// Where the journal is
    #[arg(long, value_name = "FILE", default_value = "larkspur-run.jsonl")]
    journal: PathBuf,
    #[command(flatten)]
    going: Going,
    #[command(flatten)]
    client: ClientFlags,
}

impl Export {
    pub(super) fn run(self) -> Attempt {
        if self.documents.is_table() {
            return Err(Trouble::new("documents become docx or pdf").usage());
        }
        let mut from = vec![format!("--to={}", self.to.display())];
        from.extend(self.manifest.iter().map(|path| path.display().to_string()));
        if let Some(folder) = &self.from {
            from.push(format!("--from={folder}"));
            from.push(format!("--documents-as={}", self.documents.name()));
        }
        let plan = || match &self.manifest {
            Some(path) => self.checked(manifest(path, Work::Export, &self.to)?),
            None => Ok(Planned::default()),
        };
        let wanted = match &self.from {
            Some(folder) => Wanted::Drive {
                from,
                folder,
                to: &self.to,
                documents: self.documents,
                check: &|planned| self.checked(planned),
            },
            None => Wanted::Files { what: What::Export, from, folder: None, plan: &plan },
        };
        self.going.run(&self.client, &self.journal, wanted)
    }

    /// Refuses a plan that would write over files.
    fn checked(&self, planned: Planned) -> Attempt<Planned> {
        let mut there = planned.items.iter().filter(|item| item.file.exists());
        let Some(first) = there.next().filter(|_| !self.overwrite) else { return Ok(planned) };
        let what = format!("{} and {} more are there already", first.label(), there.count());
        Err(Trouble::new(what).hint("--overwrite, or another --to").usage())
    }
}
