//! `larkspur tenant`: worlds that do not see each other.

use clap::{Args, Subcommand};
use serde_json::json;

use super::asking::{self, without_nulls};
use super::flags::AdminFlags;
use crate::trouble::Attempt;

/// Manage tenants, which see nothing of each other
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur tenant create --env-file larkspur.env
  eval \"$(larkspur tenant create --env-file larkspur.env)\"   a tenant for one test run
  larkspur tenant create --scope drive:drive --scope docx:document --json")]
pub(super) struct Tenant {
    #[command(subcommand)]
    action: Action,
}

#[expect(clippy::doc_markdown, reason = "these texts are the help, shown as they stand")]
#[derive(Debug, Subcommand)]
enum Action {
    /// Make a tenant with an app and an administrator of its own
    ///
    /// Prints LARKSPUR_APP_ID and LARKSPUR_APP_SECRET (shown this once), the tenant, the
    /// administrator and the app's root folder, as lines a shell takes.
    Create(Create),
    /// List the tenants
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: AdminFlags,
    },
}

#[expect(clippy::doc_markdown, reason = "these texts are the help, shown as they stand")]
#[derive(Debug, Args)]
struct Create {
    /// Name for people
    #[arg(long)]
    name: Option<String>,
    /// Its id (tenant_key) [default: one is made]
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Id of its app [default: one is made]
    #[arg(long, value_name = "ID")]
    app_id: Option<String>,
    /// Secret of its app, 16 to 128 characters [default: one is made]
    #[arg(long, value_name = "SECRET")]
    app_secret: Option<String>,
    /// A scope its app is granted; may be repeated [default: all]
    #[arg(long, value_name = "KEY")]
    scope: Vec<String>,
    /// An address a user's sign-in may come back to; may be repeated
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

impl Create {
    fn run(&self) -> Attempt {
        let mut app = without_nulls(json!({
            "app_id": self.app_id, "app_secret": self.app_secret,
            "redirect_uris": self.redirect_uri,
        }));
        if !self.scope.is_empty() {
            app["scopes"] = json!(self.scope);
        }
        let body = without_nulls(json!({ "name": self.name, "tenant_id": self.id, "app": app }));
        let made = asking::post(&self.server, "making the tenant", "/tenants", &body)?;
        let tenant = &made["tenant"];
        if self.json {
            return asking::print_json(tenant);
        }
        asking::print_lines(&[
            ("LARKSPUR_APP_ID", &tenant["app_id"]),
            ("LARKSPUR_APP_SECRET", &tenant["app_secret"]),
            ("LARKSPUR_TENANT_ID", &tenant["tenant_id"]),
            ("LARKSPUR_ADMIN_USER_ID", &tenant["admin_user_id"]),
            ("LARKSPUR_ROOT_FOLDER", &tenant["root_folder_token"]),
        ]);
        Ok(())
    }
}

impl Tenant {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::Create(create) => create.run(),
            Action::List { json, server } => {
                let columns = ["tenant_id", "name", "node_count"];
                asking::list(&server, "listing tenants", "/tenants", &columns, json)
            }
        }
    }
}
