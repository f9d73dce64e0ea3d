//! `larkspur lint`: what a reviewer would tell the author of a client.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::asking::{print_json, segment};
use super::client_runtime;
use super::flags::AdminFlags;
use crate::trouble::{Attempt, Trouble};

/// Say what a reviewer would tell the author of a client
///
/// From the calls an app has made: tickets that were not polled to their end, refusals that were
/// repeated, throttling that was ignored, and more. `docs/rehearsal.md` lists the rules.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur lint --env-file larkspur.env                     every app
  larkspur lint --app cli_a1b2c3d4e5f60718 --json
  larkspur lint --fail-on warning                           for CI: exit code 1 at a warning
  larkspur lint --app cli_a1b2c3d4e5f60718 --clear          begin anew")]
pub(super) struct Lint {
    /// The app [default: every app that has called]
    #[arg(long, value_name = "ID")]
    app: Option<String>,
    /// End with exit code 1 where something is at least this bad
    #[arg(long, value_name = "SEVERITY")]
    fail_on: Option<Severity>,
    /// Forget what the app did, once it is shown
    #[arg(long, requires = "app")]
    clear: bool,
    /// Sentences in Chinese
    #[arg(long)]
    zh: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Severity {
    Notice,
    Warning,
    Error,
}

impl Severity {
    fn of(finding: &Value) -> Self {
        match finding["severity"].as_str() {
            Some("error") => Self::Error,
            Some("warning") => Self::Warning,
            _ => Self::Notice,
        }
    }
}

impl Lint {
    pub(super) fn run(self) -> Attempt {
        let client = self.server.client()?;
        let what = "reading the findings";
        let apps = client_runtime()?.block_on(async {
            let Some(app) = &self.app else {
                let mut answer = client.get(what, "/findings").await?;
                return Attempt::Ok(match answer["items"].take() {
                    Value::Array(items) => items,
                    _ => Vec::new(),
                });
            };
            let path = format!("/apps/{}/findings", segment(app)?);
            let answer = client.get(what, &path).await?;
            if self.clear {
                client.delete("clearing the findings", &path).await?;
            }
            Ok(vec![answer])
        })?;
        let found = || apps.iter().filter_map(|app| app["findings"].as_array()).flatten();
        if self.json {
            print_json(&Value::Array(apps.clone()))?;
        } else {
            for app in apps.iter().filter(|app| app["findings"] != Value::Array(Vec::new())) {
                self.show(app);
            }
            if found().next().is_none() {
                println!("nothing to say");
            }
        }
        let bad =
            self.fail_on.map_or(0, |least| found().filter(|it| Severity::of(it) >= least).count());
        if bad == 0 {
            return Ok(());
        }
        Err(Trouble::new(format!("{bad} findings are at least as bad as --fail-on allows")))
    }

    fn show(&self, app: &Value) {
        let (message, advice) =
            if self.zh { ("message_zh", "advice_zh") } else { ("message", "advice") };
        println!("{}", app["app_id"].as_str().unwrap_or_default());
        for finding in app["findings"].as_array().into_iter().flatten() {
            let text = |name: &str| finding[name].as_str().unwrap_or_default();
            let list = |name: &str| {
                let items = finding[name].as_array().into_iter().flatten();
                items.filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
            };
            println!("  {} {} ({}x)", text("severity"), text("rule"), finding["count"]);
            println!("    {}", text(message));
            println!("    {}", text(advice));
            println!("    {}  {}", list("operations"), list("log_ids"));
        }
    }
}
