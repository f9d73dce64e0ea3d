//! `larkspur snapshot` and `larkspur reset`: the state of a running server kept and put back.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::asking::{self, print_json, segment, without_nulls};
use super::flags::AdminFlags;
use crate::trouble::Attempt;

/// Keep the state of a server by name, and put it back
///
/// A snapshot holds everything: tenants, apps, users, documents, tasks, faults, the clock. Access
/// tokens that were handed out since stay good when it is put back.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur snapshot take before-migration --env-file larkspur.env
  larkspur snapshot restore before-migration
  larkspur snapshot restore before-migration --tenant 2ed263bf32cf1651   that tenant alone
  larkspur snapshot take base --replace      what `larkspur reset` goes back to")]
pub(super) struct Snapshot {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Args)]
struct Target {
    /// A tenant alone [default: the whole server]
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Keep the state as it is now
    Take {
        /// Its name
        name: String,
        /// Let go of one of that name
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        target: Target,
    },
    /// List what is kept, the latest first
    List(Target),
    /// Put a state back; running tasks of the present one end
    Restore {
        /// Its name
        name: String,
        #[command(flatten)]
        target: Target,
    },
    /// Forget a state
    Remove {
        /// Its name
        name: String,
        #[command(flatten)]
        target: Target,
    },
}

impl Snapshot {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::Take { name, replace, target } => {
                let body = json!({ "name": name, "replace": replace, "tenant_id": target.tenant });
                let body = without_nulls(body);
                target.post("taking the snapshot", "/snapshots", &body, "took")
            }
            Action::List(target) => {
                let path = match &target.tenant {
                    Some(tenant) => format!("/snapshots?tenant_id={}", segment(tenant)?),
                    None => "/snapshots".to_owned(),
                };
                let columns = ["name", "tenant_id", "created_ms", "restored_ms"];
                asking::list(&target.server, "listing snapshots", &path, &columns, target.json)
            }
            Action::Restore { name, target } => {
                let path = format!("/snapshots/{}/restore", segment(&name)?);
                let body = without_nulls(json!({ "tenant_id": target.tenant }));
                target.post("restoring the snapshot", &path, &body, "restored")
            }
            Action::Remove { name, target } => {
                let mut path = format!("/snapshots/{}", segment(&name)?);
                if let Some(tenant) = &target.tenant {
                    path = format!("{path}?tenant_id={}", segment(tenant)?);
                }
                let client = target.server.client()?;
                let gone = client.delete("removing the snapshot", &path);
                super::client_runtime()?.block_on(gone)?;
                println!("removed {name}");
                Ok(())
            }
        }
    }
}

impl Target {
    fn post(&self, what: &str, path: &str, body: &Value, done: &str) -> Attempt {
        let answer = asking::post(&self.server, what, path, body)?;
        if self.json {
            return print_json(&answer);
        }
        let name = answer["snapshot"]["name"].as_str().unwrap_or_default();
        let ms = answer["took_us"].as_f64().unwrap_or_default() / 1e3;
        println!("{done} {name} in {ms:.1} ms");
        Ok(())
    }
}

/// Put a server, or a tenant, back to its fixtures or to what it was born with
///
/// Everything made since is gone; access tokens stay good while their app is there.
#[derive(Debug, Args)]
pub(super) struct Reset {
    #[command(flatten)]
    target: Target,
}

impl Reset {
    pub(super) fn run(self) -> Attempt {
        let body = without_nulls(json!({ "tenant_id": self.target.tenant }));
        self.target.post("resetting", "/reset", &body, "reset to")
    }
}
