//! The server, wired together out of its floors: opened, started, stopped. Which command wants one,
//! and what is told to people about it, is elsewhere.

mod beginning;
mod parts;
mod ports;
mod sample;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use larkspur_engine::{Engine, Workers};
use larkspur_model::id::Ids;
use larkspur_model::time::{Clock, SystemClock, VirtualClock};
use larkspur_platform::{Bootstrap, Secret};
use larkspur_store::Store;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

pub use self::beginning::FixtureFile;
pub use self::parts::{Opened, data_folder, database_of, throw_away};
pub use self::ports::expected_url;
pub use self::sample::Lines as SampleLines;

use self::ports::Ports;
use crate::config::Config;
use crate::tls::Tls;
use crate::trouble::{Attempt, Trouble};

/// How often what has expired is let go of.
const HOUSEKEEPING: Duration = Duration::from_mins(5);
/// How often other nodes are looked at.
const FOLLOWING: Duration = Duration::from_millis(400);
/// How long requests may go on after the server was told to stop.
const REQUEST_GRACE: Duration = Duration::from_secs(5);

/// A running server.
pub struct Server {
    /// Where it is reached, without a slash at its end.
    pub url: String,
    /// Where it is reached over TLS from this machine, if it is.
    pub tls_url: Option<String>,
    /// Every address it is reached at from this machine.
    pub urls: Vec<String>,
    /// The file with the CA that clients must trust to use `tls_url`, if there is one.
    pub ca_file: Option<PathBuf>,
    /// The app to speak to it as.
    pub app_id: String,
    /// Its secret, where it was made just now.
    pub app_secret: Option<Secret>,
    /// The operator's token, where it was made just now.
    pub admin_token: Option<Secret>,
    /// What names the things of the sample workspace; empty without one.
    pub sample: SampleLines,
    opened: Opened,
    engine: Engine,
    workers: Workers,
    stopping: CancellationToken,
    serving: JoinHandle<std::io::Result<()>>,
    housekeeping: JoinHandle<()>,
    following: Option<JoinHandle<()>>,
    delivering: JoinHandle<()>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Server").field("url", &self.url).finish_non_exhaustive()
    }
}

/// What a test may replace.
#[derive(Clone)]
pub struct Replacements {
    /// The clock that things expire by.
    pub clock: Arc<VirtualClock>,
    /// Where ids come from.
    pub ids: Arc<Ids>,
    /// The binary that becomes a conversion's child.
    pub executable: Option<PathBuf>,
}

impl Default for Replacements {
    fn default() -> Self {
        Self {
            clock: Arc::new(VirtualClock::system()),
            ids: Arc::new(Ids::from_system()),
            executable: None,
        }
    }
}

impl Server {
    /// Opens everything, starts the workers and answers on the configured address. When this
    /// returns, the server answers.
    ///
    /// # Errors
    /// A folder, database, bucket or port that cannot be had, with what to do about it.
    pub async fn start(config: &Config) -> Attempt<Self> {
        Self::start_with(config, Replacements::default()).await
    }

    /// As [`start`](Self::start), with parts replaced.
    pub async fn start_with(config: &Config, replacements: Replacements) -> Attempt<Self> {
        // The ports first: a second server on them must not touch the database.
        let ports = Ports::open(config).await?;
        let opened = Opened::open(config, &replacements).await?;
        let tls = if config.tls.is_empty() {
            None
        } else {
            Some(Tls::of(config, Arc::new(SystemClock))?)
        };
        beginning::set_clock(config, &opened, &replacements.clock).await?;
        let bootstrap =
            opened.platform.bootstrap().await.map_err(|cause| opened.trouble(&cause))?;
        let admin_token =
            opened.platform.first_admin_token().await.map_err(|cause| opened.trouble(&cause))?;
        let sample = if config.sample_workspace {
            sample::fill(&opened, &bootstrap, replacements.clock.now_ms()).await?
        } else {
            SampleLines::new()
        };
        let Bootstrap { app_id, app_secret, .. } = bootstrap;
        let services = parts::services(config, &opened, &replacements)?;
        let engine = services.engine.clone();
        let Replacements { clock, .. } = replacements;
        services.load_rehearsal().await.map_err(|cause| opened.trouble(&cause.into()))?;
        let workers = engine.start();
        beginning::keep_base(&opened, &services, app_secret.is_some()).await?;
        let fixtures = beginning::apply_fixtures(config, &opened, &services).await?;
        let (app_id, app_secret) = match fixtures {
            Some((app, secret)) => (app, Some(secret)),
            None => (app_id, app_secret),
        };
        let tls_url = ports.tls_urls.first().cloned();
        let urls: Vec<String> = ports.plain_urls.iter().chain(&ports.tls_urls).cloned().collect();
        let url = config.public_url.as_ref().or_else(|| urls.first());
        let url = url.cloned().ok_or_else(|| {
            Trouble::new("neither `listen` nor `tls` names an address to answer on").setup()
        })?;
        // Streams that would go on for ever end with the listeners.
        let stopping = services.stopping.clone();
        let serving = tokio::spawn(larkspur_http::serve(
            ports.listeners(tls.as_ref().map(|tls| &tls.config)),
            larkspur_http::router(
                Arc::clone(&services),
                larkspur_console::operations(),
                &parts::router_options(config),
            ),
            larkspur_http::ServeOptions { grace: REQUEST_GRACE, ..Default::default() },
            stopping.clone().cancelled_owned(),
        ));
        let housekeeping = tokio::spawn(keep_house(opened.store.clone(), clock));
        let delivering = tokio::spawn(Arc::clone(&services.courier).run(stopping.clone()));
        // Only on PostgreSQL are there other nodes to follow.
        let following = config.database.is_some().then(|| tokio::spawn(follow(services)));
        Ok(Self {
            url,
            tls_url,
            urls,
            ca_file: tls.and_then(|tls| tls.ca_file),
            app_id: app_id.0,
            app_secret,
            admin_token,
            sample,
            opened,
            engine,
            workers,
            stopping,
            serving,
            housekeeping,
            following,
            delivering,
        })
    }

    /// The engine, for tests that look at tasks.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What opens the console once; it takes the place of the one before.
    ///
    /// # Errors
    /// A database that cannot be written.
    pub async fn console_link(&self) -> Attempt<Secret> {
        let link = self.opened.platform.console_link().await;
        link.map_err(|cause| self.opened.trouble(&cause))
    }

    /// Whether `secret` is the secret of app `app_id`.
    pub async fn knows(&self, app_id: &str, secret: &str) -> bool {
        self.opened.platform.tenant_token(app_id, secret).await.is_ok()
    }

    /// Whether `token` is the operator's.
    pub async fn knows_admin(&self, token: &str) -> bool {
        let header = format!("Bearer {token}");
        self.opened.platform.is_admin(Some(&header)).await.unwrap_or(false)
    }

    /// Stops answering, lets running work finish within `grace`, and gives back what did not.
    pub async fn stop(self, grace: Duration) -> Attempt {
        self.stopping.cancel();
        for background in [Some(self.housekeeping), self.following].into_iter().flatten() {
            background.abort();
            // Once it has ended, it no longer holds the database.
            let _aborted = background.await;
        }
        let (served, (), delivered) =
            tokio::join!(self.serving, self.workers.stop(grace), self.delivering);
        if let Err(cause) = delivered {
            tracing::error!(%cause, "webhooks were told no more");
        }
        match served {
            Ok(Ok(())) => Ok(()),
            Ok(Err(cause)) => Err(Trouble::caused("the server broke off", &cause)),
            Err(cause) => Err(Trouble::caused("the server broke off", &cause)),
        }
    }

    /// Ends when the server can no longer answer, which no healthy one does by itself.
    pub async fn broken(&mut self) {
        let _ = (&mut self.serving).await;
    }
}

/// Lets go of what has expired, now and then, until it is aborted.
async fn keep_house(store: Store, clock: Arc<VirtualClock>) {
    let mut rounds = tokio::time::interval_at(Instant::now() + HOUSEKEEPING, HOUSEKEEPING);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = store.sweep(clock.now_ms(), SystemClock.now_ms()).await {
            tracing::warn!(%error, "what has expired could not be let go of; trying again later");
        }
    }
}

/// Follows other nodes on the same database, which may move the clock or put another state back.
async fn follow(services: Arc<larkspur_api::Services>) {
    let mut seen = larkspur_api::Followed::default();
    let mut rounds = tokio::time::interval(FOLLOWING);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = services.follow(&mut seen).await {
            tracing::warn!(?error, "it is not known what other nodes did; looking again");
        }
    }
}
