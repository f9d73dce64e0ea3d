//! `larkspur ca`: the server's own CA, and how clients learn to trust it.

mod trust_help;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use larkspur_model::time::{Clock, SystemClock};

use super::flags::ServerFlags;
use crate::config::Config;
use crate::terminal::table;
use crate::tls::{Authority, Names, day, public_path, secret_path};
use crate::trouble::{Attempt, Trouble};

/// Manage the CA that vouches for the server over https
///
/// `larkspur serve --tls` makes it in the data folder at its first start. It can sign the names it
/// was made for and no others, so that nobody who steals its key can pose as the rest of the web.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur ca export -o larkspur-ca.pem
  larkspur ca trust-help
  larkspur ca new --tls-name larkspur.test        before the first start, for an image or a script")]
pub(super) struct Ca {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show whose it is, until when, for which names, and where it lies
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        server: ServerFlags,
    },
    /// Write its certificate, which clients are to trust
    Export {
        /// File for it instead of standard output
        #[arg(long, short, value_name = "PATH")]
        out: Option<PathBuf>,
        #[command(flatten)]
        server: ServerFlags,
    },
    /// Say how each kind of client is made to trust it, and pointed at the server
    TrustHelp {
        #[command(flatten)]
        server: ServerFlags,
    },
    /// Make one for the names that the settings give
    ///
    /// The server makes its own at the first start; this is for making it earlier, or another, for
    /// more names or before the old one ends.
    New {
        /// In place of the one there is; clients must trust the new one from then on
        #[arg(long)]
        replace: bool,
        #[command(flatten)]
        server: ServerFlags,
    },
}

impl Ca {
    pub(super) fn run(self) -> Attempt {
        match self.action {
            Action::Show { json, server } => show(&server.config()?, json),
            Action::Export { out, server } => export(&server.config()?, out),
            Action::TrustHelp { server } => {
                print!("{}", trust_help::text(&server.config()?));
                Ok(())
            }
            Action::New { replace, server } => new(&server.config()?, replace),
        }
    }
}

fn find(config: &Config) -> Attempt<Authority> {
    Authority::find(&config.data)?.ok_or_else(|| {
        Trouble::new(format!("there is no CA in {}", config.data.display()))
            .hint(
                "`larkspur serve --tls` makes it at the first start, `larkspur ca new` without one;\n\
                 --data names another folder",
            )
            .setup()
    })
}

fn show(config: &Config, json: bool) -> Attempt {
    let authority = find(config)?;
    let about = &authority.about;
    let (public, secret) = (public_path(&config.data), secret_path(&config.data));
    if json {
        let shown = serde_json::json!({
            "subject": about.subject,
            "sha256": about.fingerprint,
            "begins_ms": about.begins_ms,
            "ends_ms": about.ends_ms,
            "names": about.names.texts(),
            "certificate": public,
            "key": secret,
        });
        println!("{shown:#}");
        return Ok(());
    }
    let rows = [
        ("subject", about.subject.clone()),
        ("sha-256", about.fingerprint.clone()),
        ("from", day(about.begins_ms)),
        ("until", day(about.ends_ms)),
        ("signs only", about.names.to_string()),
        ("certificate", public.display().to_string()),
        ("key", secret.display().to_string()),
    ];
    let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
    print!("{}", table(&["the CA", ""], &rows));
    Ok(())
}

fn export(config: &Config, out: Option<PathBuf>) -> Attempt {
    let authority = find(config)?;
    match out {
        None => print!("{}", authority.pem),
        Some(path) => {
            authority.publish(&path)?;
            println!("{} has the certificate", path.display());
        }
    }
    Ok(())
}

fn new(config: &Config, replace: bool) -> Attempt {
    if config.memory {
        return Err(Trouble::new("a server with --memory has a new CA at each start"));
    }
    let names = Names::of(config)?;
    let made = Authority::make(&names, SystemClock.now_ms())?;
    crate::server::data_folder(&config.data)?;
    match made.keep(&config.data, replace)? {
        Some(made) => {
            println!("{} has a CA for {}", config.data.display(), made.about.names);
            Ok(())
        }
        None => Err(Trouble::new(format!("there is a CA in {}", config.data.display()))
            .hint("--replace puts another in its place; a running server uses it after a restart")),
    }
}
