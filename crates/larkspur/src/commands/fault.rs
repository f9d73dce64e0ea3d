//! `larkspur fault`: rules on what is to go wrong.

use clap::{Args, Subcommand, ValueEnum};
use larkspur_rehearsal::faults::{Dropping, Hold, Rule};
use larkspur_rehearsal::stepping::Advance;
use serde_json::{Value, json};

use super::asking;
use super::client_runtime;
use super::flags::AdminFlags;
use crate::trouble::{Attempt, Trouble};

/// Have requests and tasks go wrong on purpose
///
/// A rule says which requests or tasks it means, and what happens to them. It counts those it meets,
/// so that what happens never depends on chance. What the platform does not document for an operation
/// or a family is refused.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  the third import of a workbook ends as corrupt
    larkspur fault add --family drive.import --file '*.xlsx' --nth 3 --status 129
  the first two polls are throttled for two seconds
    larkspur fault add --operation driveImportTaskGet --first 2 --throttle 2
  an upload's answer is lost although the upload was done
    larkspur fault add --operation driveMediaUploadAll --times 1 --drop after
  every fifth call of one app takes a second
    larkspur fault add --app cli_0123456789abcdef --every 5 --latency-ms 1000
  an import stays at 3 of 10 until it is released
    larkspur fault add --name stuck --family drive.import --hold-stage reading \\
      --hold-done 3 --hold-total 10
    larkspur fault release stuck
  a rule as JSON, as fixtures have it
    larkspur fault add --json '{\"operation\":\"driveFileDownload\",\"truncate\":1000}'

`larkspur fault list` shows how often each was met; `larkspur fault show NAME` what it hit.")]
pub(super) struct Fault {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a rule; one of the same name gives way to it
    Add(Box<Add>),
    /// List the rules and how often each was met
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: AdminFlags,
    },
    /// Show a rule and the latest of what it hit, as JSON
    Show(Named),
    /// Let the tasks go on that a rule holds, and wait for their end
    Release {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        named: Named,
    },
    /// Remove a rule; tasks that it holds stay held
    Remove(Named),
    /// Remove all rules
    Clear {
        #[command(flatten)]
        server: AdminFlags,
    },
}

#[derive(Debug, Args)]
struct Named {
    /// The rule's name
    name: String,
    #[command(flatten)]
    server: AdminFlags,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum When {
    /// Before the work was done: asking again is right
    Before,
    /// After it: asking again does it twice
    After,
}

#[derive(Debug, Args)]
struct Add {
    /// A whole rule as JSON, instead of the flags
    #[arg(long, value_name = "RULE")]
    json: Option<String>,
    /// Name of the rule [default: one is made]
    #[arg(long)]
    name: Option<String>,
    /// A note for people
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    conditions: Conditions,
    #[command(flatten)]
    requests: OnRequests,
    #[command(flatten)]
    tasks: OnTasks,
    #[command(flatten)]
    server: AdminFlags,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Which requests or tasks")]
struct Conditions {
    /// An operation by its id in the contract, such as driveImportTaskGet; may be repeated
    #[arg(long, value_name = "ID")]
    operation: Vec<String>,
    /// A family of tasks, such as drive.import
    #[arg(long)]
    family: Option<String>,
    /// Of this app
    #[arg(long, value_name = "ID")]
    app: Option<String>,
    /// Of this tenant
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Whose file is called so; * stands for anything, ? for one character
    #[arg(long, value_name = "PATTERN")]
    file: Option<String>,
    /// The nth of those alone, from 1
    #[arg(long, value_name = "N")]
    nth: Option<u64>,
    /// The first N of those
    #[arg(long, value_name = "N")]
    first: Option<u64>,
    /// Every Nth of those
    #[arg(long, value_name = "N")]
    every: Option<u64>,
    /// N times at most
    #[arg(long, value_name = "N")]
    times: Option<u64>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What happens to a request")]
struct OnRequests {
    /// It is refused with this documented code
    #[arg(long, value_name = "CODE")]
    error: Option<i64>,
    /// It is answered with this HTTP status
    #[arg(long, value_name = "STATUS")]
    http: Option<u16>,
    /// It takes so much longer; alone or with another effect
    #[arg(long, value_name = "MS")]
    latency_ms: Option<u64>,
    /// The connection closes without an answer
    #[arg(long, value_name = "WHEN")]
    drop: Option<When>,
    /// A download ends after so many bytes, though more were announced
    #[arg(long, value_name = "BYTES")]
    truncate: Option<u64>,
    /// It is refused for its rate, to come back in so many seconds
    #[arg(long, value_name = "SECONDS")]
    throttle: Option<u32>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What happens to a task")]
struct OnTasks {
    /// It ends in this documented status; one that means waiting holds it there
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    status: Option<i64>,
    /// The text beside the status
    #[arg(long)]
    message: Option<String>,
    /// It stops at this stage, such as reading, until it is released
    #[arg(long, value_name = "STAGE")]
    hold_stage: Option<String>,
    /// How much of the stage is done while it is held
    #[arg(long, value_name = "N", default_value_t = 0, requires = "hold_stage")]
    hold_done: u64,
    /// Of how much
    #[arg(long, value_name = "N", default_value_t = 0, requires = "hold_stage")]
    hold_total: u64,
    /// So many polls see success without what it made
    #[arg(long, value_name = "N")]
    success_before_token: Option<u32>,
    /// So many attempts die before one lives
    #[arg(long, value_name = "N")]
    die: Option<u32>,
    /// A number of extra beside a success; may be repeated
    #[arg(long, value_name = "NUMBER")]
    extra: Vec<String>,
    /// It advances so: at-once, by-hand, 5s, 3-polls
    #[arg(long, value_name = "HOW")]
    advance: Option<Advance>,
}

impl Add {
    fn rule(self) -> Attempt<Rule> {
        if let Some(text) = &self.json {
            return serde_json::from_str(text)
                .map_err(|cause| Trouble::caused("--json holds no rule", &cause));
        }
        let (conditions, requests, tasks) = (self.conditions, self.requests, self.tasks);
        let (done, total) = (tasks.hold_done, tasks.hold_total);
        Ok(Rule {
            name: self.name,
            note: self.note,
            operation: conditions.operation,
            family: conditions.family,
            app: conditions.app,
            tenant: conditions.tenant,
            file: conditions.file,
            nth: conditions.nth,
            first: conditions.first,
            every: conditions.every,
            times: conditions.times,
            error: requests.error,
            http: requests.http,
            latency_ms: requests.latency_ms,
            drop: requests.drop.map(|when| match when {
                When::Before => Dropping::Before,
                When::After => Dropping::After,
            }),
            truncate: requests.truncate,
            throttle: requests.throttle,
            status: tasks.status,
            message: tasks.message,
            items: Vec::new(),
            hold: tasks.hold_stage.map(|stage| Hold { stage, done, total }),
            success_before_token: tasks.success_before_token,
            die: tasks.die,
            extra: tasks.extra,
            advance: tasks.advance,
        })
    }

    fn run(self) -> Attempt {
        let server = self.server.clone();
        let rule = self.rule()?;
        let body = serde_json::to_value(&rule)
            .map_err(|cause| Trouble::caused("the rule cannot be written", &cause))?;
        let answer = asking::post(&server, "adding the fault", "/faults", &body)?;
        let name = answer["fault"]["name"].as_str().unwrap_or_default();
        println!("{name} is in force");
        Ok(())
    }
}

impl Named {
    fn path(&self, rest: &str) -> Attempt<String> {
        Ok(format!("/faults/{}{rest}", asking::segment(&self.name)?))
    }

    fn show(&self) -> Attempt {
        let (client, path) = (self.server.client()?, self.path("")?);
        let answer = client_runtime()?.block_on(client.get("reading the fault", &path))?;
        asking::print_json(&answer["fault"])
    }

    fn release(&self, json: bool) -> Attempt {
        let path = self.path("/release")?;
        let answer = asking::post(&self.server, "releasing tasks", &path, &json!({}))?;
        if json {
            return asking::print_json(&answer["released"]);
        }
        let released = answer["released"].as_array().map_or(&[][..], Vec::as_slice);
        if released.is_empty() {
            println!("{} holds no task", self.name);
        }
        for task in released {
            let text = |key: &str| task[key].as_str().unwrap_or_default().to_owned();
            println!("{} {}", text("task_id"), text("state"));
        }
        Ok(())
    }

    fn remove(&self) -> Attempt {
        let (client, path) = (self.server.client()?, self.path("")?);
        client_runtime()?.block_on(client.delete("removing the fault", &path))?;
        println!("{} is removed", self.name);
        Ok(())
    }
}

/// The rule in a line: all that it says beside its name, as the short form has it.
fn summary(rule: &Value) -> String {
    let hidden = ["name", "note", "seen", "hit_count", "spent", "hits"];
    let fields = rule.as_object().into_iter().flatten();
    let said = fields.filter(|(key, _)| !hidden.contains(&key.as_str()));
    let texts: Vec<_> = said
        .map(|(key, value)| match value {
            Value::String(text) => format!("{key}={text}"),
            other => format!("{key}={other}"),
        })
        .collect();
    texts.join(" ")
}

fn list(server: &AdminFlags, json: bool) -> Attempt {
    let client = server.client()?;
    let rules = client_runtime()?.block_on(client.get("listing faults", "/faults"))?;
    let rules = &rules["items"];
    if json {
        return asking::print_json(rules);
    }
    let rows: Vec<Vec<String>> = rules
        .as_array()
        .into_iter()
        .flatten()
        .map(|rule| {
            let name = rule["name"].as_str().unwrap_or_default().to_owned();
            let spent = if rule["spent"] == true { "spent" } else { "" };
            let count = |key: &str| rule[key].to_string();
            vec![name, count("seen"), count("hit_count"), spent.to_owned(), summary(rule)]
        })
        .collect();
    if rows.is_empty() {
        println!("there are no faults; `larkspur fault add --help` shows how to add one");
        return Ok(());
    }
    print!("{}", crate::terminal::table(&["name", "met", "hit", "", "rule"], &rows));
    Ok(())
}

impl Fault {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::Add(add) => add.run(),
            Action::List { json, server } => list(&server, json),
            Action::Show(named) => named.show(),
            Action::Release { json, named } => named.release(json),
            Action::Remove(named) => named.remove(),
            Action::Clear { server } => {
                let client = server.client()?;
                let removed =
                    client_runtime()?.block_on(client.delete("removing all faults", "/faults"))?;
                println!("{} removed", removed["removed"]);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_summed_up_without_what_the_table_shows() {
        let rule =
            json!({"name": "a", "seen": 3, "family": "drive.import", "nth": 3, "status": 129});
        assert_eq!(summary(&rule), "family=drive.import nth=3 status=129");
    }
}
