//! `larkspur user`: the people of a tenant.

use std::io::Read as _;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::asking::{self, without_nulls};
use super::flags::AdminFlags;
use crate::trouble::{Attempt, Trouble};

/// Manage the users of a tenant
#[derive(Debug, Args)]
pub(super) struct User {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a user
    Create(Create),
    /// List the users of a tenant
    List {
        /// The tenant [default: the first]
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
        /// Show open ids as this app sees them
        #[arg(long, value_name = "ID")]
        app_id: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: AdminFlags,
    },
    /// Let a user call and sign in again
    Enable(One),
    /// Let a user call and sign in no longer
    Disable(One),
    /// Take back all that a user granted an app; its tokens for them end at once
    Withdraw {
        /// The app
        app_id: String,
        #[command(flatten)]
        user: One,
    },
    /// Set what a user signs in with; the password is read from standard input
    SetPassword(One),
}

#[derive(Debug, Args)]
struct One {
    /// The user
    user_id: String,
    /// The tenant [default: the first]
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    #[command(flatten)]
    server: AdminFlags,
}

impl One {
    fn change(&self, body: &Value) -> Attempt {
        let tenant = query(&[("tenant_id", self.tenant.as_deref())])?;
        let path = format!("/users/{}{tenant}", asking::segment(&self.user_id)?);
        asking::patch(&self.server, "changing the user", &path, body)?;
        println!("changed user {}", self.user_id);
        Ok(())
    }
}

#[derive(Debug, Args)]
struct Create {
    /// Name for people
    name: String,
    /// The tenant [default: the first]
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Their id in the tenant [default: one is made]
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    /// Name in Latin letters
    #[arg(long, value_name = "NAME")]
    en_name: Option<String>,
    /// Address of their mail
    #[arg(long)]
    email: Option<String>,
    /// Telephone number
    #[arg(long)]
    mobile: Option<String>,
    /// Number the employer gave them
    #[arg(long, value_name = "NUMBER")]
    employee_no: Option<String>,
    /// A department they belong to; may be repeated [default: the root]
    #[arg(long, value_name = "ID")]
    department: Vec<String>,
    /// Whether they administer the tenant
    #[arg(long)]
    admin: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: AdminFlags,
}

impl Create {
    fn run(&self) -> Attempt {
        let body = without_nulls(json!({
            "name": self.name, "tenant_id": self.tenant, "user_id": self.id,
            "en_name": self.en_name, "email": self.email, "mobile": self.mobile,
            "employee_no": self.employee_no, "department_ids": self.department,
            "admin": self.admin,
        }));
        let made = asking::post(&self.server, "making the user", "/users", &body)?;
        let user = &made["user"];
        if self.json {
            return asking::print_json(user);
        }
        println!("{}", user["user_id"].as_str().unwrap_or_default());
        Ok(())
    }
}

/// A query of those values that are there.
fn query(pairs: &[(&str, Option<&str>)]) -> Attempt<String> {
    let mut parts = Vec::new();
    for (name, value) in pairs {
        if let Some(value) = value {
            parts.push(format!("{name}={}", asking::segment(value)?));
        }
    }
    Ok(if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) })
}

fn password() -> Attempt<String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|cause| Trouble::caused("cannot read the password", &cause))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

impl User {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::Create(create) => create.run(),
            Action::List { tenant, app_id, json, server } => {
                let wanted = [("tenant_id", tenant.as_deref()), ("app_id", app_id.as_deref())];
                let path = format!("/users{}", query(&wanted)?);
                let mut columns = vec!["user_id", "name", "email", "admin", "enabled", "union_id"];
                if app_id.is_some() {
                    columns.push("open_id");
                }
                asking::list(&server, "listing users", &path, &columns, json)
            }
            Action::Enable(one) => one.change(&json!({ "enabled": true })),
            Action::Disable(one) => one.change(&json!({ "enabled": false })),
            Action::Withdraw { app_id, user } => {
                let tenant = query(&[("tenant_id", user.tenant.as_deref())])?;
                let (id, app) = (asking::segment(&user.user_id)?, asking::segment(&app_id)?);
                let path = format!("/users/{id}/grants/{app}{tenant}");
                asking::delete(&user.server, "taking the grant back", &path)?;
                println!("app {app_id} acts for user {id} no longer");
                Ok(())
            }
            Action::SetPassword(one) => one.change(&json!({ "password": password()? })),
        }
    }
}
