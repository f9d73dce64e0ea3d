//! `larkspur task`: one task, as the operator sees it.

use clap::{Args, Subcommand};
use serde_json::json;

use super::asking;
use super::client_runtime;
use super::flags::AdminFlags;
use crate::trouble::Attempt;

/// Look at a task, or take it one step further
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur task show 7350001234567890123 --env-file larkspur.env
  larkspur task step 7350001234567890123 --env-file larkspur.env

Tickets and task ids are the same number. Tasks wait for steps after `larkspur step mode by-hand`.")]
pub(super) struct Task {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show everything the server knows of a task, as JSON
    Show(One),
    /// From waiting to running, from running to the end; prints where it is then
    Step(One),
}

#[derive(Debug, Args)]
struct One {
    /// The task's number
    id: String,
    #[command(flatten)]
    server: AdminFlags,
}

impl Task {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::Show(one) => {
                let path = format!("/tasks/{}", asking::segment(&one.id)?);
                let client = one.server.client()?;
                let data = client_runtime()?.block_on(client.get("reading the task", &path))?;
                asking::print_json(&data["task"])
            }
            Action::Step(one) => {
                let path = format!("/tasks/{}/step", asking::segment(&one.id)?);
                let data = asking::post(&one.server, "stepping the task", &path, &json!({}))?;
                println!("{}", data["task"]["state"].as_str().unwrap_or_default());
                Ok(())
            }
        }
    }
}
