//! `larkspur config`: every setting, its value and where that stands.

use clap::Args;
use serde_json::{Map, json};

use super::flags::ServerFlags;
use crate::config::Config as Checked;
use crate::terminal::table;
use crate::trouble::Attempt;

/// Show the effective settings and where each comes from
///
/// Flags win over the environment (LARKSPUR_DATA, ...), that over larkspur.toml, that over the
/// defaults. Secrets are masked.
#[expect(clippy::doc_markdown, reason = "these texts are the help, shown as they stand")]
#[derive(Debug, Args)]
pub(super) struct Config {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerFlags,
}

impl Config {
    pub(super) fn run(self) -> Attempt {
        let layers = self.server.layers()?;
        if self.json {
            let settings: Map<_, _> = layers
                .all()
                .map(|one| {
                    let value = one.setting.shown(&one.value);
                    let entry = json!({ "value": value, "source": one.source.to_string() });
                    (one.setting.name.to_owned(), entry)
                })
                .collect();
            println!("{settings:#}", settings = json!(settings));
        } else {
            let rows: Vec<Vec<String>> = layers
                .all()
                .map(|one| {
                    let value = one.setting.shown(&one.value);
                    let value = if value.is_empty() { "-".to_owned() } else { value };
                    let about = one.setting.about.to_owned();
                    vec![one.setting.name.to_owned(), value, one.source.to_string(), about]
                })
                .collect();
            print!("{}", table(&["setting", "value", "from", "meaning"], &rows));
        }
        // Shown first, then judged: a wrong value is easier to find in the table.
        Checked::resolve(&layers).map(|_| ())
    }
}
