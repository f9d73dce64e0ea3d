//! `larkspur app`: the apps that callers speak as.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use super::asking::{self, without_nulls};
use super::env_file;
use super::flags::{AdminFlags, ServerFlags};
use crate::server::{Opened, Replacements};
use crate::trouble::Attempt;

/// Manage the apps that callers speak as
#[derive(Debug, Args)]
pub(super) struct App {
    #[command(subcommand)]
    action: Action,
}

#[expect(clippy::doc_markdown, reason = "these texts are the help, shown as they stand")]
#[derive(Debug, Subcommand)]
enum Action {
    /// Make an app; its secret is shown this once
    Create(Create),
    /// List apps
    List {
        /// Of this tenant alone
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: AdminFlags,
    },
    /// Grant an app exactly these scopes
    SetScopes {
        /// The app
        app_id: String,
        /// Keys such as drive:drive, or `*` alone for all; none takes all away
        scopes: Vec<String>,
        #[command(flatten)]
        server: AdminFlags,
    },
    /// Say where a user's sign-in may come back to
    SetRedirectUris {
        /// The app
        app_id: String,
        /// Whole addresses, such as http://127.0.0.1:3000/callback
        uris: Vec<String>,
        #[command(flatten)]
        server: AdminFlags,
    },
    /// Let an app call again
    Enable {
        /// The app
        app_id: String,
        #[command(flatten)]
        server: AdminFlags,
    },
    /// Let an app call no longer; its calls end with 99991662
    Disable {
        /// The app
        app_id: String,
        #[command(flatten)]
        server: AdminFlags,
    },
    /// Install a store app in a tenant
    Install {
        /// The app
        app_id: String,
        /// The tenant (its tenant_key)
        tenant_id: String,
        /// Let it act there no longer
        #[arg(long)]
        disable: bool,
        #[command(flatten)]
        server: AdminFlags,
    },
    /// Print the ticket of a store app, which nobody pushes to it from here
    Ticket {
        /// The app
        app_id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: AdminFlags,
    },
    /// Make a new secret for an app of the running server; the old one no longer works
    NewSecret {
        /// The app
        app_id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: AdminFlags,
    },
    /// Make a new secret for the first app; the old one no longer works
    ///
    /// For a secret that was lost with the admin token: the server keeps only a hash of it. The server must be stopped
    /// if its database is in the data folder.
    ResetSecret {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: Box<ServerFlags>,
    },
}

/// Kinds of app.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Made by the tenant for itself
    Custom,
    /// From the store, used by many tenants
    Store,
}

#[derive(Debug, Args)]
struct Create {
    /// Name for people
    #[arg(long)]
    name: Option<String>,
    /// The tenant it belongs to [default: the first]
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Its id [default: one is made]
    #[arg(long, value_name = "ID")]
    app_id: Option<String>,
    /// Its secret, 16 to 128 characters [default: one is made]
    #[arg(long, value_name = "SECRET")]
    app_secret: Option<String>,
    /// Custom or store
    #[arg(long, value_enum, default_value_t = Kind::Custom)]
    kind: Kind,
    /// A scope it is granted; may be repeated [default: all]
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
        let kind = match self.kind {
            Kind::Custom => "custom",
            Kind::Store => "store",
        };
        let mut body = json!({
            "name": self.name, "tenant_id": self.tenant, "app_id": self.app_id,
            "app_secret": self.app_secret, "kind": kind, "redirect_uris": self.redirect_uri,
        });
        if !self.scope.is_empty() {
            body["scopes"] = json!(self.scope);
        }
        let made = asking::post(&self.server, "making the app", "/apps", &without_nulls(body))?;
        if self.json {
            return asking::print_json(&made);
        }
        let (id, secret) = (&made["app"]["app_id"], &made["app_secret"]);
        asking::print_lines(&[("LARKSPUR_APP_ID", id), ("LARKSPUR_APP_SECRET", secret)]);
        Ok(())
    }
}

fn change(server: &AdminFlags, app_id: &str, body: &serde_json::Value) -> Attempt {
    let path = format!("/apps/{}", asking::segment(app_id)?);
    asking::patch(server, "changing the app", &path, body)?;
    println!("changed app {app_id}");
    Ok(())
}

impl App {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::Create(create) => create.run(),
            Action::List { tenant, json, server } => {
                let path = match tenant {
                    Some(tenant) => format!("/apps?tenant_id={}", asking::segment(&tenant)?),
                    None => "/apps".to_owned(),
                };
                let columns = ["app_id", "tenant_id", "name", "kind", "enabled", "scopes"];
                asking::list(&server, "listing apps", &path, &columns, json)
            }
            Action::SetScopes { app_id, scopes, server } => {
                change(&server, &app_id, &json!({ "scopes": scopes }))
            }
            Action::SetRedirectUris { app_id, uris, server } => {
                change(&server, &app_id, &json!({ "redirect_uris": uris }))
            }
            Action::Enable { app_id, server } => {
                change(&server, &app_id, &json!({ "enabled": true }))
            }
            Action::Disable { app_id, server } => {
                change(&server, &app_id, &json!({ "enabled": false }))
            }
            Action::Install { app_id, tenant_id, disable, server } => {
                let path = format!("/apps/{}/installations", asking::segment(&app_id)?);
                let body = json!({ "tenant_id": tenant_id, "enabled": !disable });
                asking::post(&server, "installing the app", &path, &body)?;
                let done = if disable { "no longer acts in" } else { "is installed in" };
                println!("app {app_id} {done} tenant {tenant_id}");
                Ok(())
            }
            Action::Ticket { app_id, json, server } => {
                let path = format!("/apps/{}/ticket", asking::segment(&app_id)?);
                let found = asking::get(&server, "reading the ticket", &path)?;
                if json {
                    return asking::print_json(&found);
                }
                println!("{}", found["app_ticket"].as_str().unwrap_or_default());
                Ok(())
            }
            Action::NewSecret { app_id, json, server } => {
                let path = format!("/apps/{}/reset_secret", asking::segment(&app_id)?);
                let made = asking::post(&server, "making a new secret", &path, &json!({}))?;
                if json {
                    return asking::print_json(&made);
                }
                let (id, secret) = (&made["app_id"], &made["app_secret"]);
                asking::print_lines(&[("LARKSPUR_APP_ID", id), ("LARKSPUR_APP_SECRET", secret)]);
                Ok(())
            }
            Action::ResetSecret { json, server } => reset_secret(&server, json),
        }
    }
}

fn reset_secret(flags: &ServerFlags, json: bool) -> Attempt {
    let config = flags.config()?;
    if config.memory {
        return Err(crate::Trouble::new("a server with --memory has a new app at each start"));
    }
    let (app_id, secret) = super::client_runtime()?.block_on(async {
        let opened = Opened::open(&config, &Replacements::default()).await?;
        let platform = &opened.platform;
        let trouble = |cause| opened.trouble(&cause);
        let app_id = platform.bootstrap().await.map_err(trouble)?.app_id;
        let secret = platform.reset_secret(&app_id).await.map_err(trouble)?;
        Attempt::Ok((app_id, secret))
    })?;
    match &config.env_file {
        Some(path) => {
            let url = crate::server::expected_url(&config);
            env_file::change(
                path,
                &[
                    (env_file::URL, &url),
                    (env_file::APP_ID, app_id.as_str()),
                    (env_file::APP_SECRET, secret.expose()),
                ],
            )?;
            println!("{} has the new secret of app {app_id}", path.display());
        }
        None if json => {
            let made = json!({ "app_id": app_id, "app_secret": secret.expose() });
            return asking::print_json(&made);
        }
        None => println!("LARKSPUR_APP_ID={app_id}\nLARKSPUR_APP_SECRET={}", secret.expose()),
    }
    Ok(())
}
