//! `larkspur step`: how tasks advance.

use clap::{Args, Subcommand};
use larkspur_rehearsal::stepping::{Advance, Stepping};
use reqwest::Method;

use super::asking;
use super::client_runtime;
use super::flags::AdminFlags;
use crate::trouble::{Attempt, Trouble};

/// Say how tasks advance: at once, after a time, after some polls, or by hand
///
/// Holds for tasks that are submitted from then on; outlives a restart.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur step mode by-hand                       nothing ends before `larkspur task step ID`
  larkspur step mode 3-polls --family drive.import polls see 1, 2, and the third one the end
  larkspur step mode 5s                            done five seconds later, on the server's clock
  larkspur step mode at-once                       as ever
  larkspur step show")]
pub(super) struct Step {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Set how tasks advance
    Mode {
        /// at-once, by-hand, 5s (seconds on the server's clock) or 3-polls
        mode: Advance,
        /// For this family alone, such as drive.import [default: all that are not set apart]
        #[arg(long)]
        family: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: AdminFlags,
    },
    /// Show how tasks advance
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: AdminFlags,
    },
}

const PATH: &str = "/stepping";

fn read(server: &AdminFlags) -> Attempt<Stepping> {
    let client = server.client()?;
    let data = client_runtime()?.block_on(client.get("reading how tasks advance", PATH))?;
    serde_json::from_value(data)
        .map_err(|cause| Trouble::caused("the server says something else", &cause))
}

fn set(server: &AdminFlags, mode: Advance, family: Option<String>) -> Attempt<Stepping> {
    let mut stepping = read(server)?;
    match family {
        Some(family) => {
            stepping.families.insert(family, mode);
        }
        None => stepping.default = mode,
    }
    let body = serde_json::to_value(&stepping)
        .map_err(|cause| Trouble::caused("the stepping cannot be written", &cause))?;
    let client = server.client()?;
    let call = client.call("setting how tasks advance", Method::PUT, PATH, Some(&body));
    client_runtime()?.block_on(call)?;
    Ok(stepping)
}

fn tell(stepping: &Stepping, json: bool) -> Attempt {
    if json {
        return asking::print_json(&serde_json::json!(stepping));
    }
    print(stepping);
    Ok(())
}

fn print(stepping: &Stepping) {
    let width = stepping.families.keys().map(String::len).max().unwrap_or(0).max(7);
    println!("{:width$}  {}", "default", stepping.default);
    for (family, advance) in &stepping.families {
        println!("{family:width$}  {advance}");
    }
}

impl Step {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::Mode { mode, family, json, server } => tell(&set(&server, mode, family)?, json),
            Action::Show { json, server } => tell(&read(&server)?, json),
        }
    }
}
