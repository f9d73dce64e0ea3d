//! `larkspur doctor`: looks at everything a server needs, says what it finds, and what to do about
//! what is missing. Changes nothing.

mod looks;

use clap::Args;
use serde::Serialize;

use super::flags::ServerFlags;
use crate::trouble::{Attempt, Trouble};

/// Look at everything a server needs
///
/// Data folder, database, files, disk space, fonts, clock, open files, sandbox, CA, addresses. Says what
/// it finds and what to do about what is missing; changes nothing.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    /// As it should be.
    Good,
    /// Works, but could be better.
    Fair,
    /// Does not work.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    health: Health,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Finding {
    fn good(what: &'static str, found: impl Into<String>) -> Self {
        Self { what, health: Health::Good, found: found.into(), advice: None }
    }

    fn fair(what: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what, health: Health::Fair, found: found.into(), advice: Some(advice.into()) }
    }

    fn bad(what: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what, health: Health::Bad, found: found.into(), advice: Some(advice.into()) }
    }
}

impl Doctor {
    pub(super) fn run(self) -> Attempt {
        let config = self.server.config()?;
        let findings = super::client_runtime()?.block_on(looks::all(&config));
        if self.json {
            println!("{:#}", serde_json::json!(findings));
        } else {
            for finding in &findings {
                let mark = match finding.health {
                    Health::Good => "ok  ",
                    Health::Fair => "note",
                    Health::Bad => "BAD ",
                };
                println!("{mark}  {:<12} {}", finding.what, finding.found);
                if let Some(advice) = &finding.advice {
                    println!("      {:<12} -> {advice}", "");
                }
            }
        }
        let bad = findings.iter().filter(|finding| finding.health == Health::Bad).count();
        if bad == 0 {
            return Ok(());
        }
        let what = if bad == 1 { "one thing does" } else { "several things do" };
        Err(Trouble::new(format!("{what} not work")).setup())
    }
}
