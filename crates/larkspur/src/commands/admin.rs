//! `larkspur admin`: the operator's own token.

use clap::{Args, Subcommand};

use super::env_file;
use super::flags::ServerFlags;
use crate::server::{Opened, Replacements};
use crate::trouble::Attempt;

/// Manage the operator's own token
#[derive(Debug, Args)]
pub(super) struct Admin {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a new token for Larkspur's own API; the old one no longer works
    ///
    /// For a token that was lost: the server keeps only a hash of it. The server must be stopped if
    /// its database is in the data folder.
    ResetToken {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: ServerFlags,
    },
}

impl Admin {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::ResetToken { json, server } => reset_token(&server, json),
        }
    }
}

fn reset_token(flags: &ServerFlags, json: bool) -> Attempt {
    let config = flags.config()?;
    if config.memory {
        return Err(crate::Trouble::new("a server with --memory has a new token at each start"));
    }
    let token = super::client_runtime()?.block_on(async {
        let opened = Opened::open(&config, &Replacements::default()).await?;
        opened.platform.reset_admin_token().await.map_err(|cause| opened.trouble(&cause))
    })?;
    match &config.env_file {
        Some(path) => {
            env_file::change(path, &[(env_file::ADMIN_TOKEN, token.expose())])?;
            println!("{} has the new admin token", path.display());
        }
        None if json => {
            let made = serde_json::json!({ "admin_token": token.expose() });
            return super::asking::print_json(&made);
        }
        None => println!("{}={}", env_file::ADMIN_TOKEN, token.expose()),
    }
    Ok(())
}
