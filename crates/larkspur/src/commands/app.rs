//! `larkspur app`: the app that callers speak as.

use clap::{Args, Subcommand};

use super::env_file;
use super::flags::ServerFlags;
use crate::server::{Opened, Replacements};
use crate::trouble::Attempt;

/// Manage the app that callers speak as
#[derive(Debug, Args)]
pub(super) struct App {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a new secret; the old one no longer works
    ///
    /// For a secret that was lost: the server keeps only a hash of it. The server must be stopped
    /// if its database is in the data folder.
    ResetSecret {
        #[command(flatten)]
        server: ServerFlags,
    },
}

impl App {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::ResetSecret { server } => reset_secret(&server),
        }
    }
}

fn reset_secret(flags: &ServerFlags) -> Attempt {
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
            let url = config.public_url.unwrap_or_else(|| format!("http://{}", config.listen));
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
        None => println!("LARKSPUR_APP_ID={app_id}\nLARKSPUR_APP_SECRET={}", secret.expose()),
    }
    Ok(())
}
