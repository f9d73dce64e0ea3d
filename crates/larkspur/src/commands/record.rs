//! `larkspur record`: the last requests of an app and what they were answered.

use clap::Args;
use serde_json::Value;

use super::asking::{print_json, segment};
use super::client_runtime;
use super::flags::AdminFlags;
use crate::trouble::Attempt;

/// Show the last requests of an app and what they were answered
///
/// The server keeps the last 200 requests of each app (`--record`), without secrets. The newest
/// comes last.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur record --env-file larkspur.env                   the app that called last
  larkspur record --app cli_a1b2c3d4e5f60718 --limit 5
  larkspur record --app -                                   requests whose app is not known
  larkspur record --json | jq '.[] | select(.code != 0)'")]
pub(super) struct Record {
    /// The app [default: the one that called last]
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    app: Option<String>,
    /// How many requests
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: usize,
    /// Print JSON, with bodies
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

impl Record {
    pub(super) fn run(self) -> Attempt {
        let client = self.server.client()?;
        let what = "reading the record";
        let items = client_runtime()?.block_on(async {
            let app = if let Some(app) = &self.app {
                app.clone()
            } else {
                let apps = client.get(what, "/requests/apps").await?;
                apps["items"][0].as_str().unwrap_or("-").to_owned()
            };
            let path = format!("/apps/{}/requests?limit={}", segment(&app)?, self.limit);
            let mut answer = client.get(what, &path).await?;
            let mut items: Vec<Value> = match answer["items"].take() {
                Value::Array(items) => items,
                _ => Vec::new(),
            };
            items.reverse();
            Attempt::Ok(items)
        })?;
        if self.json {
            return print_json(&Value::Array(items));
        }
        if items.is_empty() {
            eprintln!("nothing is recorded of this app");
        }
        for item in &items {
            println!("{}", line(item));
        }
        Ok(())
    }
}

/// A request in one line, and the reason of a refusal below it.
fn line(item: &Value) -> String {
    let text = |name: &str| item[name].as_str().unwrap_or_default();
    let query = match text("query") {
        "" => String::new(),
        query => format!("?{query}"),
    };
    let mut line = format!(
        "{} {}{query}  {} code {}, {} us, {}",
        text("method"),
        text("path"),
        item["status"],
        item["code"],
        item["micros"],
        text("log_id"),
    );
    if !text("why").is_empty() {
        line.push_str("\n    ");
        line.push_str(text("layer"));
        line.push_str(": ");
        line.push_str(text("why"));
    }
    line
}
