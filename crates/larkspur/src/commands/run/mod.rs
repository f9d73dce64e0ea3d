//! `larkspur run`: many files or documents at once, with a journal that a run goes on from.

mod export;
mod going;
mod import;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use self::going::Going;
use super::flags::ClientFlags;
use crate::bulk::{self, Ended, Summary};
use crate::trouble::{Attempt, Trouble};

/// Import or export many files, and go on after any interruption
///
/// Keeps a journal, in which every step is written before the next one is made. Whatever ends a run
/// (Ctrl-C, a crash, a power cut), the same command, or `run resume`, goes on where it stopped, and
/// every file is imported exactly once. See docs/bulk.md.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur run import reports/ --include '*.md' --folder fldcnXXXX
  larkspur run import --manifest files.csv --profile acme
  larkspur run export --from fldcnXXXX --to backup --documents-as pdf
  larkspur run resume larkspur-run.jsonl --retry-failed
  larkspur run show larkspur-run.jsonl --json

Exit codes:
  0    everything worked
  1    some failed
  2    wrong usage, a manifest that says nonsense among it
  3    wrong set-up: credentials, a journal of another run, or a server that cannot be reached
  4    some have not ended; resume the run
  5    everything failed
  130  interrupted; resume the run")]
pub(super) struct Run {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Import(import::Import),
    Export(export::Export),
    Resume(Resume),
    Show(Show),
}

/// Go on with a run
#[derive(Debug, Args)]
struct Resume {
    /// Its journal
    #[arg(value_name = "JOURNAL")]
    journal: PathBuf,
    /// Begin those anew that failed
    #[arg(long)]
    retry_failed: bool,
    #[command(flatten)]
    going: Going,
    #[command(flatten)]
    client: ClientFlags,
}

/// Tell how far a run is, without going on
#[derive(Debug, Args)]
struct Show {
    /// Its journal
    #[arg(value_name = "JOURNAL")]
    journal: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Run {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::Import(import) => import.run(),
            Action::Export(export) => export.run(),
            Action::Resume(resume) => {
                let wanted = going::Wanted::Resume { retry_failed: resume.retry_failed };
                resume.going.run(&resume.client, &resume.journal, wanted)
            }
            Action::Show(show) => show.run(),
        }
    }
}

impl Show {
    fn run(self) -> Attempt {
        let run = bulk::read(&self.journal)?.ok_or_else(|| {
            Trouble::new(format!("{} has no whole plan: nothing was sent", self.journal.display()))
        })?;
        let ended = Ended::default();
        let summary = Summary::new(&run, &ended);
        let journal = self.journal.display().to_string();
        going::print(&summary, &ended, std::time::Duration::ZERO, &journal, self.json)
    }
}
