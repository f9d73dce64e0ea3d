//! `larkspur fixtures`: a file of what a server is to hold, checked without one or sent to one.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use larkspur_api::fixtures::{Depth, Files as _, FolderFiles};
use reqwest::multipart::{Form, Part};

use super::asking::print_json;
use super::flags::AdminFlags;
use crate::server::{FixtureFile, throw_away};
use crate::trouble::{Attempt, Trouble};

/// Check a file of fixtures, or apply it to a running server
///
/// The file says what a server holds: tenants, apps with fixed ids and secrets, users, departments,
/// folders, documents from files, the clock. `larkspur serve --fixtures FILE` applies it at the start.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur fixtures check company.toml
  larkspur serve --memory --fixtures company.toml --env-file larkspur.env
  larkspur fixtures apply company.toml --env-file larkspur.env
  larkspur reset --env-file larkspur.env        back to what was applied last")]
pub(super) struct Fixtures {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say what is wrong with it, with line and field; needs no server and converts nothing
    Check {
        /// TOML or JSON
        file: PathBuf,
    },
    /// Add and change what it names on a running server; nothing is removed
    ///
    /// Documents that exist stay as they are. Afterwards `larkspur reset` comes back to this state.
    Apply {
        /// TOML or JSON
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: AdminFlags,
    },
}

impl Fixtures {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::Check { file } => check(&file),
            Action::Apply { file, json, server } => apply(&file, json, &server),
        }
    }
}

fn check(path: &Path) -> Attempt {
    let file = FixtureFile::read(path)?;
    let named = super::client_runtime()?.block_on(async {
        let services = throw_away().await?;
        file.apply(&services, Depth::Check).await
    })?;
    println!("{}: {named}", path.display());
    Ok(())
}

fn apply(path: &Path, json: bool, server: &AdminFlags) -> Attempt {
    let file = FixtureFile::read(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = Part::text(file.text().to_owned()).file_name(name);
    let mut form = Form::new().part("fixtures", text);
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let files = FolderFiles(folder.unwrap_or_else(|| Path::new(".")).to_owned());
    let mut named = file.fixtures.paths();
    named.sort_unstable();
    named.dedup();
    for path in named {
        let bytes = files.read(path).map_err(|cause| {
            Trouble::caused(format!("cannot read {path}"), &cause)
                .hint("paths of documents lead down from the folder of the fixtures")
        })?;
        let part = Part::bytes(bytes.to_vec()).file_name(path.to_owned());
        form = form.part("file", part);
    }
    let client = server.client()?;
    let answer = client.form("applying the fixtures", "/fixtures", form);
    let answer = super::client_runtime()?.block_on(answer)?;
    if json {
        return print_json(&answer["fixtures"]);
    }
    let applied = &answer["fixtures"];
    println!("{}: {} new; `larkspur reset` comes back to this", path.display(), applied["made"]);
    Ok(())
}
