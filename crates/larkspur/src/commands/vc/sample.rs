//! `larkspur vc sample`: a month of a company that does not exist.

use std::io::{self, BufWriter, Write};

use clap::Args;
use larkspur_model::time::{Clock as _, SystemClock};

use super::load::{Sender, Target, summary};
use crate::commands::client_runtime;
use crate::commands::flags::AdminFlags;
use crate::company::{Landmarks, Month};
use crate::trouble::{Attempt, Trouble};

const DAY_S: i64 = 86_400;

/// Make up a company's month of meetings
///
/// Rooms on levels, meetings with who was in them, how well each minute went, and reservations, as
/// JSON Lines on standard output, or loaded into a server. The same seed and end give the same month.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur vc sample --meetings 500 --seed 7 > month.jsonl
  larkspur vc sample --meetings 500 --load --env-file larkspur.env")]
pub(super) struct Sample {
    /// How many meetings
    #[arg(long, default_value_t = 200, value_name = "COUNT")]
    meetings: u64,
    /// What the month follows from
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    seed: u64,
    /// When it ends, seconds since 1970 [default: the beginning of today, UTC]
    #[arg(long, value_name = "SECONDS")]
    until: Option<i64>,
    /// Load it into a server instead of printing it
    #[arg(long)]
    load: bool,
    /// The tenant it belongs to, with --load [default: the server's first]
    #[arg(long, value_name = "ID", requires = "load")]
    tenant: Option<String>,
    #[command(flatten)]
    server: AdminFlags,
}

impl Sample {
    pub(super) fn run(self) -> Attempt {
        let today = (SystemClock.now_ms() / 1_000).div_euclid(DAY_S) * DAY_S;
        let month = Month {
            meetings: self.meetings,
            seed: self.seed,
            until_s: self.until.unwrap_or(today),
            member: None,
        };
        let landmarks = if self.load { self.load_month(&month)? } else { print(&month)? };
        if landmarks.meeting_no.is_empty() {
            return Ok(());
        }
        eprintln!(
            "the last meeting: meeting_no {}, start {}, end {}; joined by user_id {} at {}; \
             rooms below {}",
            landmarks.meeting_no,
            landmarks.start_s,
            landmarks.end_s,
            landmarks.user_id,
            landmarks.join_s,
            landmarks.room_level_id
        );
        Ok(())
    }

    fn load_month(&self, month: &Month) -> Attempt<Landmarks> {
        let client = self.server.client()?;
        let target = Target { kind: None, tenant: self.tenant.clone(), check: false };
        let mut sender = Sender::new(&client, &target, "sample".to_owned());
        let runtime = client_runtime()?;
        let landmarks = month.records(&mut |record| runtime.block_on(sender.record(&record)))?;
        let loaded = runtime.block_on(sender.finish())?;
        println!("{}", summary(&loaded, false));
        if let Some(refused) = loaded.refusals.first() {
            return Err(Trouble::new(format!("line {}: {}", refused.line, refused.message)));
        }
        Ok(landmarks)
    }
}

fn print(month: &Month) -> Attempt<Landmarks> {
    let mut out = BufWriter::new(io::stdout().lock());
    let printed = month
        .records(&mut |record| {
            serde_json::to_writer(&mut out, &record)?;
            out.write_all(b"\n")
        })
        .and_then(|landmarks| out.flush().map(|()| landmarks));
    printed.map_err(|cause| Trouble::caused("cannot print the month", &cause))
}
