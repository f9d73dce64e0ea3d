//! `larkspur man`: manual pages, one for each command.

use std::path::PathBuf;

use clap::{Args, CommandFactory};

use crate::trouble::{Attempt, Trouble};

/// Write manual pages into a folder, one for each command
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur man ~/.local/share/man/man1
  larkspur man . && man ./larkspur-run-import.1")]
pub(super) struct Man {
    /// The folder; made if there is none
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Man {
    pub(super) fn run(self) -> Attempt {
        let written = std::fs::create_dir_all(&self.folder)
            .and_then(|()| clap_mangen::generate_to(super::Arguments::command(), &self.folder));
        written.map_err(|cause| {
            Trouble::caused(format!("cannot write into {}", self.folder.display()), &cause)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_page() {
        let folder = tempfile::tempdir().unwrap();
        Man { folder: folder.path().join("man1") }.run().unwrap();
        for page in
            ["larkspur.1", "larkspur-run.1", "larkspur-run-import.1", "larkspur-task-list.1"]
        {
            let text = std::fs::read_to_string(folder.path().join("man1").join(page)).unwrap();
            assert!(text.contains(".TH "), "{page}");
        }
    }
}
