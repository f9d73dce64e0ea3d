//! `larkspur webhook`: whom the server tells by itself what became of tasks.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::asking;
use super::flags::AdminFlags;
use crate::trouble::{Attempt, Trouble};

/// Have others told what becomes of tasks
///
/// The server posts each event to the address as JSON, signed as Standard Webhooks says (webhook-id,
/// webhook-timestamp, webhook-signature): any of its libraries verifies that. In order, at least once,
/// tried again for a day; docs/events.md says more.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur webhook create https://example.com/hook --env-file larkspur.env
      prints WEBHOOK_ID and WEBHOOK_SECRET, which is shown this once
  larkspur webhook create https://example.com/hook --state failed --family drive.import
  larkspur webhook test wh_0123456789abcdef
  larkspur webhook deliveries wh_0123456789abcdef       what was tried last, and how that went
  larkspur webhook replay wh_0123456789abcdef --after start
  larkspur webhook pause wh_0123456789abcdef            resume tells what was missed

Addresses of one's own network are refused unless the server runs with --webhook-private.")]
pub(super) struct Webhook {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a webhook and print its secret, which is not shown again
    Create(Box<Create>),
    /// List webhooks and how they stand
    List(List),
    /// Show one and how far it is, as JSON
    Show(One),
    /// Tell one `webhook.test` and show how that went
    Test(One),
    /// Tell one again what it was told, from a place or one event alone
    Replay(Replay),
    /// List the latest attempts to tell one something
    Deliveries(One),
    /// Tell one nothing until `resume`
    Pause(One),
    /// Tell one again, beginning with what it missed
    Resume(One),
    /// Give one another secret and print it; for a day the old one signs too
    Rotate(One),
    /// Remove one
    Delete(One),
}

#[derive(Debug, Args)]
struct Create {
    /// Where events are posted to
    #[arg(value_name = "ADDRESS")]
    address: String,
    /// A note for people
    #[arg(long)]
    description: Option<String>,
    /// A transition to be told: queued, running, succeeded, failed, cancelled, deleted; may be
    /// repeated [default: the three ends]
    #[arg(long, value_name = "STATE")]
    state: Vec<String>,
    /// Of tasks of this family, such as drive.import
    #[arg(long)]
    family: Option<String>,
    /// Of tasks of this app
    #[arg(long, value_name = "ID")]
    app: Option<String>,
    /// Of this tenant
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Begin behind the event of this cursor, or with `start` for all that are kept
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

#[derive(Debug, Args)]
struct List {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

#[derive(Debug, Args)]
struct One {
    /// The webhook's id
    id: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

#[derive(Debug, Args)]
struct Replay {
    /// The webhook's id
    id: String,
    /// Everything behind the event of this cursor, or behind `start`
    #[arg(
        long,
        value_name = "CURSOR",
        required_unless_present = "event",
        conflicts_with = "event"
    )]
    after: Option<String>,
    /// The event of this cursor alone, at once
    #[arg(long, value_name = "CURSOR")]
    event: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

impl Webhook {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::Create(create) => create.run(),
            Action::List(List { json, server }) => {
                let columns = ["webhook_id", "state", "url", "states", "family", "trouble"];
                asking::list(&server, "listing the webhooks", "/webhooks", &columns, json)
            }
            Action::Show(one) => {
                let data = asking::get(&one.server, "looking at the webhook", &one.path()?)?;
                asking::print_json(&data["webhook"])
            }
            Action::Test(one) => {
                let path = format!("{}/test", one.path()?);
                let data = asking::post(&one.server, "testing the webhook", &path, &json!({}))?;
                tell(&data["delivery"], one.json)
            }
            Action::Replay(replay) => replay.run(),
            Action::Deliveries(one) => {
                let path = format!("{}/deliveries", one.path()?);
                let columns = ["at_ms", "type", "task_id", "status", "took_ms", "trouble"];
                asking::list(&one.server, "listing the deliveries", &path, &columns, one.json)
            }
            Action::Pause(one) => one.change(true),
            Action::Resume(one) => one.change(false),
            Action::Rotate(one) => {
                let path = format!("{}/rotate", one.path()?);
                let data = asking::post(&one.server, "rotating the secret", &path, &json!({}))?;
                secret(&data, one.json)
            }
            Action::Delete(one) => {
                asking::delete(&one.server, "removing the webhook", &one.path()?).map(|_| ())
            }
        }
    }
}

impl Create {
    fn run(self) -> Attempt {
        let states = (!self.state.is_empty()).then_some(self.state);
        let body = asking::without_nulls(json!({
            "url": self.address,
            "description": self.description,
            "states": states,
            "family": self.family,
            "app_id": self.app,
            "tenant_id": self.tenant,
            "after": self.after,
        }));
        let data = asking::post(&self.server, "adding the webhook", "/webhooks", &body)?;
        secret(&data, self.json)
    }
}

impl Replay {
    fn run(self) -> Attempt {
        let path = format!("/webhooks/{}/replay", asking::segment(&self.id)?);
        let body = asking::without_nulls(json!({"after": self.after, "event": self.event}));
        let data = asking::post(&self.server, "telling the webhook again", &path, &body)?;
        if self.event.is_some() {
            return tell(&data["delivery"], self.json);
        }
        if self.json { asking::print_json(&data["webhook"]) } else { Ok(()) }
    }
}

impl One {
    fn path(&self) -> Attempt<String> {
        Ok(format!("/webhooks/{}", asking::segment(&self.id)?))
    }

    fn change(&self, paused: bool) -> Attempt {
        let body = json!({"paused": paused});
        let data = asking::patch(&self.server, "changing the webhook", &self.path()?, &body)?;
        if self.json { asking::print_json(&data["webhook"]) } else { Ok(()) }
    }
}

/// Prints a webhook with the secret it was just given.
fn secret(data: &Value, json: bool) -> Attempt {
    if json {
        return asking::print_json(data);
    }
    let id = &data["webhook"]["webhook_id"];
    asking::print_lines(&[("WEBHOOK_ID", id), ("WEBHOOK_SECRET", &data["secret"])]);
    Ok(())
}

/// Prints how an attempt went, and fails if it failed.
fn tell(delivery: &Value, json: bool) -> Attempt {
    if json {
        asking::print_json(delivery)?;
    }
    if delivery["delivered"] == true {
        if !json {
            println!("delivered: HTTP {} in {} ms", delivery["status"], delivery["took_ms"]);
        }
        return Ok(());
    }
    let trouble = delivery["trouble"].as_str().unwrap_or_default();
    Err(Trouble::new(format!("it was not delivered: {trouble}"))
        .hint("a receiver answers with a status of 200 to 299 within 15 seconds"))
}
