//! `larkspur run import`: files of folders or of a manifest become online documents.

use std::path::{Path, PathBuf};

use clap::Args;

use super::going::{Going, Wanted};
use crate::bulk::{FolderPlan, Planned, What, Work, manifest, of_folders};
use crate::client::ImportTarget;
use crate::commands::flags::ClientFlags;
use crate::trouble::{Attempt, Trouble};

/// Import the files of folders, or those that a manifest names
///
/// Folders are walked whole and their folders made on the server, found where they are there
/// already. Files that nothing imports are left out and told.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur run import reports/ --folder fldcnXXXX
  larkspur run import . --include '*.csv' --include '*.xlsx' --exclude old --as bitable --flat
  larkspur run import --manifest files.csv

A manifest is a csv file with a heading, or JSON Lines (any other ending), with
  file     the file, beside the manifest
  type     docx, sheet or bitable [default: by extension]
  name     title of the document [default: the file's name]
  folder   token of the folder it goes to [default: --folder]")]
pub(super) struct Import {
    /// Folders and files
    #[arg(value_name = "PATH", required_unless_present = "manifest")]
    paths: Vec<PathBuf>,
    /// Take the files that this file names
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "include", "exclude", "flat", "target"])]
    manifest: Option<PathBuf>,
    /// Take these alone: `*.md`, `2026/**`; without a slash names in any folder. May be repeated
    #[arg(long, value_name = "GLOB")]
    include: Vec<String>,
    /// Leave these files and folders out; may be repeated
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Token of the folder they go to [default: the root folder]
    #[arg(long, value_name = "TOKEN")]
    folder: Option<String>,
    /// Put everything into that one folder
    #[arg(long)]
    flat: bool,
    /// What the files become [default: by extension]
    #[arg(long = "as", value_name = "KIND")]
    target: Option<ImportTarget>,
    /// Where the journal is
    #[arg(long, value_name = "FILE", default_value = "larkspur-run.jsonl")]
    journal: PathBuf,
    #[command(flatten)]
    going: Going,
    #[command(flatten)]
    client: ClientFlags,
}

impl Import {
    pub(super) fn run(self) -> Attempt {
        let from = self.from();
        let plan = || self.plan();
        let wanted =
            Wanted::Files { what: What::Import, from, folder: self.folder.clone(), plan: &plan };
        self.going.run(&self.client, &self.journal, wanted)
    }

    /// What makes the plan what it is.
    fn from(&self) -> Vec<String> {
        let paths = self.paths.iter().chain(&self.manifest).map(|path| path.display().to_string());
        let mut from: Vec<String> = paths.collect();
        from.extend(self.include.iter().map(|glob| format!("--include={glob}")));
        from.extend(self.exclude.iter().map(|glob| format!("--exclude={glob}")));
        from.extend(self.folder.iter().map(|folder| format!("--folder={folder}")));
        from.extend(self.target.map(|target| format!("--as={}", target.name())));
        from.extend(self.flat.then(|| "--flat".to_owned()));
        from
    }

    fn plan(&self) -> Attempt<Planned> {
        if let Some(path) = &self.manifest {
            return manifest(path, Work::Import, Path::new(""));
        }
        for path in &self.paths {
            if !path.exists() {
                return Err(Trouble::new(format!("there is no {}", path.display())).usage());
            }
        }
        of_folders(&FolderPlan {
            paths: &self.paths,
            include: &self.include,
            exclude: &self.exclude,
            flat: self.flat,
            target: self.target,
        })
    }
}
