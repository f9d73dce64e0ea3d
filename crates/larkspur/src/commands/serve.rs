//! `larkspur serve`: runs the server until it is told to stop, and tells people and programs how to
//! reach it.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use tokio::runtime::Handle;
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt, registry};

use super::env_file;
use super::flags::ServerFlags;
use super::log::{LastLines, Log};
use super::traces::{self, Traces};
use crate::config::Config;
use crate::server::Server;
use crate::trouble::{Attempt, Trouble};

/// Run the server
///
/// The first start creates the data folder with a database, a tenant, an app that may do everything,
/// an administrator and a root folder; later starts keep them. Stops on Ctrl-C or SIGTERM: running
/// conversions may finish, what does not finish is taken up by the next start. A second signal ends
/// it at once.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur serve --env-file larkspur.env
  larkspur serve --listen 0.0.0.0:8484 --public-url https://docs.example.com
  larkspur serve --memory --listen 127.0.0.1:0 --env-file /tmp/larkspur.env
  larkspur serve --tls 0.0.0.0:443 --tls-name larkspur.test

Every setting can also stand in the environment or in larkspur.toml; `larkspur config` shows what
is in effect.")]
pub(super) struct Serve {
    #[command(flatten)]
    server: ServerFlags,
}

impl Serve {
    pub(super) fn run(self) -> Attempt {
        let config = self.server.config()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("larkspur")
            .build()
            .map_err(|cause| Trouble::caused("no threads to serve with", &cause).setup())?;
        let (_last_lines, traces) = start_log(&config, runtime.handle())?;
        let served = runtime.block_on(serve(&config));
        // The last spans leave while there are threads to send them.
        drop(traces);
        // Blocking work that is still on its way (a file being copied) must not hold up the end.
        runtime.shutdown_timeout(Duration::from_secs(2));
        served
    }
}

/// Starts the log, and traces if there is a collector. Each hears only what is for it.
fn start_log(config: &Config, runtime: &Handle) -> Attempt<(LastLines, Option<Traces>)> {
    let filter = EnvFilter::try_new(&config.log).map_err(|cause| {
        Trouble::caused(format!("the setting `log` cannot be `{}`", config.log), &cause)
            .hint("for example `info`, `warn`, `info,larkspur_engine=debug`")
            .setup()
    })?;
    let (lines, last_lines) =
        Log::start().map_err(|cause| Trouble::caused("the log cannot be started", &cause))?;
    // Without the hint the filter would let no level be ruled out beforehand.
    let no_traces =
        filter_fn(|about| !traces::is_for_traces(about)).with_max_level_hint(LevelFilter::TRACE);
    let log = fmt::layer().with_writer(lines).with_ansi(std::io::stderr().is_terminal());
    let log = if config.log_json { log.json().boxed() } else { log.boxed() };
    let log = registry().with(log.with_filter(filter.and(no_traces)));
    let endpoint = config.otlp_endpoint.as_deref();
    let traces = endpoint.map(|endpoint| Traces::start(endpoint, runtime)).transpose()?;
    let started = match &traces {
        Some(traces) => log.with(traces.layer()).try_init(),
        None => log.try_init(),
    };
    started.map_err(|cause| Trouble::new(format!("the log cannot be started: {cause}")))?;
    Ok((last_lines, traces))
}

async fn serve(config: &Config) -> Attempt {
    let mut signals = Signals::new()?;
    let mut server = tokio::select! {
        started = Server::start(config) => started?,
        () = signals.next() => return Ok(()),
    };
    if let Some(path) = &config.env_file {
        tell_programs(path, &server).await?;
    }
    let console = console_of(&server).await?;
    greet(config, &server, &console);
    let broken = tokio::select! {
        () = signals.next() => false,
        () = server.broken() => true,
    };
    if broken {
        return Err(Trouble::new("the server has stopped answering"));
    }
    tracing::info!("stopping; a second signal ends the server at once");
    tokio::select! {
        stopped = server.stop(config.shutdown_grace) => stopped,
        () = signals.next() => Err(Trouble::new("ended at once").interrupted()),
    }
}

/// Writes the file for programs: with the secrets that were made just now, or those that it has from
/// an earlier start. What was lost since is warned of and left out, the app's secret with the file.
async fn tell_programs(path: &Path, server: &Server) -> Attempt {
    let kept = if path.exists() { env_file::read(path)? } else { BTreeMap::new() };
    let secret = match (&server.app_secret, kept.get(env_file::APP_SECRET)) {
        (Some(made), _) => Some(made.expose()),
        (None, Some(kept)) if server.knows(&server.app_id, kept).await => Some(kept.as_str()),
        _ => None,
    };
    let admin_token = match (&server.admin_token, kept.get(env_file::ADMIN_TOKEN)) {
        (Some(made), _) => Some(made.expose()),
        (None, Some(kept)) if server.knows_admin(kept).await => Some(kept.as_str()),
        _ => None,
    };
    let path_shown = path.display();
    let Some(secret) = secret else {
        eprintln!(
            "warning: {path_shown} was not written, since the app's secret is kept as a hash only\n \
             hint: stop the server and make a new one with \
             `larkspur app reset-secret --env-file {path_shown}`"
        );
        return Ok(());
    };
    let ca_file = server.ca_file.as_ref().map(|path| path.to_string_lossy());
    let mut lines = vec![
        (env_file::URL, server.url.as_str()),
        (env_file::APP_ID, server.app_id.as_str()),
        (env_file::APP_SECRET, secret),
    ];
    if let Some(url) = &server.tls_url {
        lines.push((env_file::TLS_URL, url.as_str()));
    }
    if let Some(path) = &ca_file {
        lines.push((env_file::CA_FILE, path));
    }
    match admin_token {
        Some(token) => lines.push((env_file::ADMIN_TOKEN, token)),
        None => eprintln!(
            "warning: {path_shown} has no admin token, since it is kept as a hash only\n \
             hint: stop the server and make a new one with \
             `larkspur admin reset-token --env-file {path_shown}`"
        ),
    }
    lines.extend(server.sample.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    env_file::write(path, &lines)
}

/// Says where the server is and what to do next.
fn greet(config: &Config, server: &Server, console: &str) {
    // Whoever closed standard output does not want to read it.
    let _ = write_greeting(&mut std::io::stdout().lock(), config, server, console);
}

/// The secret is shown to a person, once; a file or a log is not a person.
fn write_greeting(
    out: &mut impl Write,
    config: &Config,
    server: &Server,
    console: &str,
) -> std::io::Result<()> {
    writeln!(out, "Larkspur {} on {}", env!("CARGO_PKG_VERSION"), server.url)?;
    let others: Vec<&str> =
        server.urls.iter().map(String::as_str).filter(|url| *url != server.url).collect();
    if !others.is_empty() {
        writeln!(out, "  also    {}", others.join(", "))?;
    }
    if config.memory {
        writeln!(out, "  keeps nothing")?;
    } else {
        writeln!(out, "  data    {}", config.data.display())?;
    }
    if let Some(path) = &server.ca_file {
        writeln!(out, "  ca      {} (`larkspur ca trust-help`)", path.display())?;
    }
    writeln!(out, "  console {console}")?;
    writeln!(out, "  app id  {}", server.app_id)?;
    match (&server.app_secret, &config.env_file) {
        (_, Some(path)) => {
            writeln!(out, "Next:\n  larkspur import FILE --env-file {}", path.display())
        }
        (Some(secret), None) if std::io::stdout().is_terminal() => {
            let (url, app_id, secret) = (&server.url, &server.app_id, secret.expose());
            writeln!(out, "  secret  {secret}")?;
            writeln!(out, "          shown only now; `larkspur app reset-secret` makes a new one")?;
            writeln!(out, "Next:")?;
            writeln!(out, "  export LARKSPUR_URL={url}")?;
            writeln!(out, "  export LARKSPUR_APP_ID={app_id} LARKSPUR_APP_SECRET={secret}")?;
            writeln!(out, "  larkspur import FILE")
        }
        (Some(_), None) => {
            writeln!(out, "  secret  not shown here; --env-file PATH has it written to a file")
        }
        (None, None) => Ok(()),
    }
}

/// Where the console is. A person at this machine gets a link that opens it; from elsewhere one signs in
/// with the operator's token.
async fn console_of(server: &Server) -> Attempt<String> {
    let here = server.urls.iter().find(|url| larkspur_api::is_loopback_url(url));
    let here = here.filter(|_| std::io::stdout().is_terminal());
    let Some(url) = here else { return Ok(format!("{}/console", server.url)) };
    let link = larkspur_console::link_of(url, &server.console_link().await?);
    Ok(format!("{link}\n          opens once; later with the admin token at {url}/console"))
}

/// The signals that end a server.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> Attempt<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|cause| Trouble::caused("signals cannot be received", &cause))
        };
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => (),
            _ = self.interrupt.recv() => (),
        }
    }

    #[cfg(not(unix))]
    fn new() -> Attempt<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
