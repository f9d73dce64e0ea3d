//! `larkspur task`: tasks of all families, as the operator sees them.

use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::asking;
use super::client_runtime;
use super::flags::AdminFlags;
use super::waiting::{not_yet, until_interrupted};
use crate::client::AdminClient;
use crate::terminal::Meter;
use crate::trouble::{Attempt, Trouble};

/// How long one question to the server waits for the end of a task.
const LOOK: Duration = Duration::from_secs(1);

/// See what tasks do: list them, watch one, call it off, have it done again
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur task list --state failed --env-file larkspur.env
  larkspur task list --family drive.import --name 报表 --json | jq -r '.[].task_id'
  larkspur task watch 7350001234567890123            a moving bar; exit code 0 only for a success
  larkspur task retry 7350001234567890123            under the same number
  larkspur task step 7350001234567890123             after `larkspur step mode by-hand`

Tickets and task ids are the same number; of a wiki task's id it is the part before the dash.")]
pub(super) struct Task {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List tasks, the latest first
    List(List),
    /// Show everything the server knows of a task, as JSON
    Show(One),
    /// Wait for the end of a task and show how far it is
    Watch(Watch),
    /// Call a task off: at once while it waits, at its next safe point while it runs
    Cancel(One),
    /// Do a task again that failed or was cancelled
    Retry(Told),
    /// Forget a task that has ended; what it made stays
    Delete(One),
    /// From waiting to running, from running to the end; prints where it is then
    Step(Told),
}

#[derive(Debug, Args)]
struct Told {
    /// Print the task as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    one: One,
}

#[derive(Debug, Args)]
struct One {
    /// The task's number
    id: String,
    #[command(flatten)]
    server: AdminFlags,
}

#[derive(Debug, Args)]
struct Watch {
    /// The task's number
    id: String,
    /// Give up after so many seconds [default: never]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Print the task as JSON at the end
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

#[derive(Debug, Args)]
struct List {
    /// Of this family: contact.batch, drive.export, drive.folder, drive.import, vc.export, wiki.move
    #[arg(long)]
    family: Option<String>,
    /// In this state
    #[arg(long, value_parser = ["queued", "running", "succeeded", "failed", "cancelled"])]
    state: Option<String>,
    /// With this in their name
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Failed in this way: damaged, encrypted, crashed, ...
    #[arg(long, value_name = "KIND")]
    failure: Option<String>,
    /// Lost something of this kind: `cells_cut`, `image_failed`, ...
    #[arg(long, value_name = "KIND")]
    loss: Option<String>,
    /// Submitted by this app
    #[arg(long, value_name = "ID")]
    app: Option<String>,
    /// Of this tenant
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// How many
    #[arg(long, value_name = "COUNT", default_value_t = 50,
          value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

impl Task {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::List(list) => list.run(),
            Action::Show(one) => {
                let data = asking::get(&one.server, "reading the task", &path(&one.id, "")?)?;
                asking::print_json(&data["task"])
            }
            Action::Watch(watch) => watch.run(),
            Action::Cancel(one) => {
                let path = path(&one.id, "/cancel")?;
                asking::post(&one.server, "calling the task off", &path, &json!({}))?;
                Ok(())
            }
            Action::Retry(told) => told.post("doing the task again", "/retry"),
            Action::Delete(one) => {
                asking::delete(&one.server, "forgetting the task", &path(&one.id, "")?)?;
                Ok(())
            }
            Action::Step(told) => told.post("stepping the task", "/step"),
        }
    }
}

fn path(id: &str, action: &str) -> Attempt<String> {
    Ok(format!("/tasks/{}{action}", asking::segment(id)?))
}

impl Told {
    /// Does something with the task and tells where it is then.
    fn post(&self, what: &str, action: &str) -> Attempt {
        let path = path(&self.one.id, action)?;
        let data = asking::post(&self.one.server, what, &path, &json!({}))?;
        if self.json {
            return asking::print_json(&data["task"]);
        }
        println!("{}", data["task"]["state"].as_str().unwrap_or_default());
        Ok(())
    }
}

impl List {
    fn run(self) -> Attempt {
        let mut path = format!("/tasks?page_size={}", self.limit);
        for (name, value) in [
            ("family", &self.family),
            ("state", &self.state),
            ("name", &self.name),
            ("failure", &self.failure),
            ("loss", &self.loss),
            ("app_id", &self.app),
            ("tenant_id", &self.tenant),
        ] {
            if let Some(value) = value {
                let value = percent_encoding::utf8_percent_encode(
                    value,
                    percent_encoding::NON_ALPHANUMERIC,
                );
                path.extend(["&", name, "="]);
                path.extend(value);
            }
        }
        let data = asking::get(&self.server, "listing tasks", &path)?;
        if self.json {
            return asking::print_json(&data["items"]);
        }
        let items = data["items"].as_array().map_or(&[][..], Vec::as_slice);
        let rows: Vec<Vec<String>> = items.iter().map(row).collect();
        print!("{}", crate::terminal::table(&["task_id", "family", "state", "name", ""], &rows));
        if data["has_more"] == true {
            eprintln!("there are more; raise --limit or narrow the list");
        }
        Ok(())
    }
}

/// A task as a line of a table: at its end how far it is, or why it failed.
fn row(task: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let told = match &task["failure"] {
        Value::Null => progress(task).unwrap_or_default(),
        failure => text(&failure["message"]),
    };
    let [id, family, state, title] =
        ["task_id", "family", "state", "title"].map(|name| &task[name]);
    vec![text(id), text(family), text(state), text(title), told]
}

/// How far a running task is, in words.
fn progress(task: &Value) -> Option<String> {
    let progress = task.get("progress")?;
    let stage = progress["stage"].as_str().filter(|stage| !stage.is_empty())?;
    let (done, total) = (progress["done"].as_u64()?, progress["total"].as_u64()?);
    Some(match done.saturating_mul(100).checked_div(total) {
        Some(percent) => format!("{stage} {percent} %"),
        None => stage.to_owned(),
    })
}

impl Watch {
    fn run(self) -> Attempt {
        let client = self.server.client()?;
        let path = path(&self.id, "")?;
        let again = format!("larkspur task watch {}", self.id);
        let meter = Meter::new(format!("task {}", self.id), false);
        let task = client_runtime()?
            .block_on(until_interrupted(self.ended(&client, &path, &meter), || {
                Some(again.clone())
            }))?;
        meter.clear();
        let Some(task) = task else { return Err(not_yet(&format!("task {}", self.id), &again)) };
        if self.json {
            asking::print_json(&task)?;
        }
        let state = task["state"].as_str().unwrap_or_default();
        if state == "succeeded" {
            if !self.json {
                println!("{state}");
            }
            return Ok(());
        }
        let why = task["failure"]["message"].as_str().unwrap_or("somebody called it off");
        Err(Trouble::new(format!("task {} {state}: {why}", self.id))
            .hint(format!("larkspur task retry {}", self.id)))
    }

    /// The task at its end; `None` when the time is over.
    async fn ended(
        &self,
        client: &AdminClient,
        path: &str,
        meter: &Meter,
    ) -> Attempt<Option<Value>> {
        let started = tokio::time::Instant::now();
        let wait = format!("{path}?wait={}ms", LOOK.as_millis());
        loop {
            let mut data = client.get("watching the task", &wait).await?;
            let task = data["task"].take();
            let state = task["state"].as_str().unwrap_or_default();
            if !matches!(state, "queued" | "running") {
                return Ok(Some(task));
            }
            let ahead = task["ahead"].as_u64().filter(|ahead| *ahead > 0);
            meter.say(&match (progress(&task), ahead) {
                (Some(progress), _) => progress,
                (None, Some(ahead)) => format!("{state}, {ahead} before it"),
                (None, None) => state.to_owned(),
            });
            if self.timeout.is_some_and(|seconds| started.elapsed().as_secs() >= seconds) {
                return Ok(None);
            }
        }
    }
}
