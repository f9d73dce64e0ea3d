//! `larkspur clock`: the clock that everything expires by, on a running server.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

use super::asking::{self, print_json};
use super::flags::AdminFlags;
use crate::trouble::Attempt;

/// Show or move the clock that tokens, uploads, sources and artifacts expire by
///
/// Leases and waits between attempts follow the machine's own clock and are not touched.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur clock advance 6m --env-file larkspur.env     an import source is gone now
  larkspur clock freeze                                 nothing expires by itself
  larkspur clock set 2026-12-01T09:00:00+08:00
  larkspur clock factor 60                              an hour passes in a minute
  larkspur clock real                                   back to the machine's own time")]
pub(super) struct Clock {
    #[command(subcommand)]
    action: Option<Action>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show it
    Show,
    /// Let it stand still, at the moment it shows or at the given one
    Freeze {
        /// RFC 3339, or milliseconds since 1970
        moment: Option<String>,
    },
    /// Move it forward: 90s, 6m, 24h, 2d
    Advance {
        /// A number with ms, s, m, h or d
        span: String,
    },
    /// Set it, forward or back; it goes on running or standing still as before
    Set {
        /// RFC 3339, or milliseconds since 1970
        moment: String,
    },
    /// Let it run at a factor, from where it is
    Factor {
        /// Seconds that pass in a second, 0.001 to 10000
        factor: f64,
    },
    /// Back to the machine's own time
    Real,
}

impl Clock {
    pub(super) fn run(self) -> Attempt {
        let (method, path, body) = match &self.action {
            None | Some(Action::Show) => (Method::GET, "/clock", None),
            Some(Action::Freeze { moment }) => {
                let body = json!({ "mode": "frozen", "at": moment });
                (Method::PUT, "/clock", Some(asking::without_nulls(body)))
            }
            Some(Action::Advance { span }) => {
                (Method::POST, "/clock/advance", Some(json!({ "by": span })))
            }
            Some(Action::Set { moment }) => (Method::PUT, "/clock", Some(json!({ "at": moment }))),
            Some(Action::Factor { factor }) => {
                (Method::PUT, "/clock", Some(json!({ "mode": "running", "factor": factor })))
            }
            Some(Action::Real) => (Method::PUT, "/clock", Some(json!({ "mode": "real" }))),
        };
        let client = self.server.client()?;
        let what = if body.is_some() { "moving the clock" } else { "reading the clock" };
        let answer = client.call(what, method, path, body.as_ref());
        let answer = super::client_runtime()?.block_on(answer)?;
        if self.json {
            return print_json(&answer["clock"]);
        }
        println!("{}", in_words(&answer["clock"]));
        Ok(())
    }
}

fn in_words(clock: &Value) -> String {
    let now = clock["now"].as_str().unwrap_or_default();
    let ahead_ms = clock["ahead_ms"].as_i64().unwrap_or_default();
    let away = match ahead_ms {
        0 => String::new(),
        1.. => format!(", {} s ahead", ahead_ms / 1_000),
        _ => format!(", {} s behind", -(ahead_ms / 1_000)),
    };
    let how = match clock["mode"].as_str() {
        Some("real") => "the machine's own time".to_owned(),
        Some("frozen") => format!("frozen{away}"),
        _ => format!("running x{}{away}", clock["factor"]),
    };
    format!("{now}  {how}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_reads_well() {
        let clock = json!({ "now": "2026-12-01T01:00:00Z", "mode": "frozen", "ahead_ms": -5_000 });
        assert_eq!(in_words(&clock), "2026-12-01T01:00:00Z  frozen, 5 s behind");
        let clock = json!({ "now": "N", "mode": "running", "factor": 60.0, "ahead_ms": 61_000 });
        assert_eq!(in_words(&clock), "N  running x60.0, 61 s ahead");
        assert_eq!(in_words(&json!({ "now": "N", "mode": "real" })), "N  the machine's own time");
    }
}
