//! Flags that several commands share: settings of the server, and access to one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::env_file;
use super::profile::{Profile, is_platform};
use crate::client::{Access, AdminClient, Client};
use crate::config::{Config, Layers};
use crate::trouble::{Attempt, Trouble};

/// Settings of the server. Each is also an environment variable (`LARKSPUR_DATA`, ...) and a key of
/// larkspur.toml (`data`, ...); flags win.
#[expect(clippy::doc_markdown, reason = "these texts are the help, shown as they stand")]
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ServerFlags {
    /// File of settings [default: larkspur.toml, if there is one]
    #[arg(long, value_name = "PATH")]
    config: Option<PathBuf>,
    /// Folder of the database and the files [default: larkspur-data]
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// Address and port for http, several times for several; port 0 picks a free one, `none` is for
    /// https alone [default: 127.0.0.1:8484]
    #[arg(long, value_name = "ADDRESS:PORT", value_delimiter = ',')]
    listen: Vec<String>,
    /// Address and port for https, beside http; alone it means 127.0.0.1:8443. See docs/tls.md
    #[arg(long, value_name = "ADDRESS:PORT", value_delimiter = ',', num_args = 0..=1,
          default_missing_value = "127.0.0.1:8443")]
    tls: Vec<String>,
    /// A further host or address that callers use over https, several times for several
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    tls_name: Vec<String>,
    /// A certificate chain (PEM) instead of one by the server's own CA; read again when it changes
    #[arg(long, value_name = "PATH", hide_short_help = true)]
    tls_cert: Option<String>,
    /// The key of --tls-cert (PEM)
    #[arg(long, value_name = "PATH", hide_short_help = true)]
    tls_key: Option<String>,
    /// Write the CA's certificate to this file, for clients to trust
    #[arg(long, value_name = "PATH", visible_alias = "ca-file")]
    tls_ca_file: Option<String>,
    /// Address under which callers reach the server; links in answers begin with it
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Write LARKSPUR_URL, _APP_ID, _APP_SECRET and _ADMIN_TOKEN to this file once the server answers
    #[arg(long, value_name = "PATH")]
    env_file: Option<String>,
    /// Fill a workspace with things to try out, at the first start; the env file names them
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true,
          value_name = "BOOL")]
    sample_workspace: Option<String>,
    /// Keep nothing: database in memory, files in a temporary folder
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true,
          value_name = "BOOL")]
    memory: Option<String>,
    /// TOML or JSON file of what the server is to hold: tenants, apps, users, documents. Applied
    /// once, and again when it has changed; adds and changes, removes nothing
    #[arg(long, value_name = "FILE")]
    fixtures: Option<String>,
    /// Clock at the start, which tokens, sources and everything else expire by: `real`, `frozen`,
    /// standing still at a moment (2026-12-01T09:00:00+08:00), or running at a factor (x60)
    /// [default: as it was left]
    #[arg(long, value_name = "real|frozen|MOMENT|xN")]
    clock: Option<String>,
    /// PostgreSQL instead of the database in the data folder
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// A bucket instead of the files in the data folder
    #[arg(long, value_name = "URL")]
    blobs: Option<String>,
    /// Folders with further fonts, separated by `:`
    #[arg(long, value_name = "DIRS")]
    fonts: Option<String>,
    /// Longest time of a conversion [default: 300]
    #[arg(long, value_name = "SECONDS", hide_short_help = true)]
    conversion_timeout_s: Option<String>,
    /// Most memory of a conversion [default: 512]
    #[arg(long, value_name = "MIB", hide_short_help = true)]
    conversion_memory_mb: Option<String>,
    /// Most memory of a conversion to pages [default: 1536]
    #[arg(long, value_name = "MIB", hide_short_help = true)]
    print_memory_mb: Option<String>,
    /// Where imports are cut: as the platform documents, or only where memory demands it
    /// [default: documented]
    #[arg(long, value_name = "documented|off")]
    limits: Option<String>,
    /// Every page of a document exported as pdf bears the app, or the user, that asked for it
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true,
          value_name = "BOOL")]
    watermark: Option<String>,
    /// Records a table of a base may have [default: 5000000]
    #[arg(long, value_name = "COUNT", hide_short_help = true)]
    base_records: Option<String>,
    /// Let requests bring their own faults, in the header X-Larkspur-Fault; for tests
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true,
          value_name = "BOOL")]
    request_faults: Option<String>,
    /// How often operations may be called: as the platform documents, as a TOML file says, or
    /// without end [default: off]
    #[arg(long, value_name = "documented|off|FILE")]
    rate_limits: Option<String>,
    /// Requests of each app that are kept to look at; 0 keeps none [default: 200]
    #[arg(long, value_name = "COUNT", hide_short_help = true)]
    record: Option<String>,
    /// Refusals say in the header X-Larkspur-Why which layer refused and what would help
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true,
          value_name = "BOOL")]
    explain: Option<String>,
    /// Who may read /metrics: `local` (this machine, or the admin token), `admin`, `all` [default: local]
    #[arg(long, value_name = "WHO", hide_short_help = true)]
    metrics: Option<String>,
    /// Collector that is sent traces over OTLP/HTTP, such as http://127.0.0.1:4318 [default: none]
    #[arg(long, value_name = "URL", hide_short_help = true)]
    otlp_endpoint: Option<String>,
    /// Conversions of small sources at a time; 0 leaves them to other nodes [default: 4]
    #[arg(long, value_name = "COUNT", hide_short_help = true)]
    light_tasks: Option<String>,
    /// Conversions of large sources at a time; 0 leaves them to other nodes [default: 1]
    #[arg(long, value_name = "COUNT", hide_short_help = true)]
    heavy_tasks: Option<String>,
    /// Let webhooks lead to private, loopback and link-local addresses
    #[arg(long, num_args = 0..=1, default_missing_value = "true", require_equals = true,
          value_name = "BOOL")]
    webhook_private: Option<String>,
    /// Most transitions of tasks that the log of events holds [default: 5000000]
    #[arg(long, value_name = "COUNT", hide_short_help = true)]
    keep_events: Option<String>,
    /// How far the log of events goes back [default: 168]
    #[arg(long, value_name = "HOURS", hide_short_help = true)]
    keep_events_h: Option<String>,
    /// Longest time a stopping server waits for work [default: 20]
    #[arg(long, value_name = "SECONDS", hide_short_help = true)]
    shutdown_grace_s: Option<String>,
    /// What is logged, such as `warn` or `info,larkspur_engine=debug` [default: info]
    #[arg(long, value_name = "FILTER", hide_short_help = true)]
    log: Option<String>,
    /// `text` or `json` [default: text]
    #[arg(long, value_name = "FORMAT", hide_short_help = true)]
    log_format: Option<String>,
}

impl ServerFlags {
    /// All layers of the configuration, these flags on top.
    pub(super) fn layers(&self) -> Attempt<Layers> {
        let joined = |items: &[String]| Some(items.join(",")).filter(|text| !text.is_empty());
        let flags: BTreeMap<&'static str, String> = [
            ("data", &self.data),
            ("listen", &joined(&self.listen)),
            ("tls", &joined(&self.tls)),
            ("tls_name", &joined(&self.tls_name)),
            ("tls_cert", &self.tls_cert),
            ("tls_key", &self.tls_key),
            ("tls_ca_file", &self.tls_ca_file),
            ("public_url", &self.public_url),
            ("env_file", &self.env_file),
            ("sample_workspace", &self.sample_workspace),
            ("memory", &self.memory),
            ("fixtures", &self.fixtures),
            ("clock", &self.clock),
            ("database", &self.database),
            ("blobs", &self.blobs),
            ("fonts", &self.fonts),
            ("conversion_timeout_s", &self.conversion_timeout_s),
            ("conversion_memory_mb", &self.conversion_memory_mb),
            ("print_memory_mb", &self.print_memory_mb),
            ("limits", &self.limits),
            ("watermark", &self.watermark),
            ("base_records", &self.base_records),
            ("request_faults", &self.request_faults),
            ("rate_limits", &self.rate_limits),
            ("record", &self.record),
            ("explain", &self.explain),
            ("metrics", &self.metrics),
            ("otlp_endpoint", &self.otlp_endpoint),
            ("light_tasks", &self.light_tasks),
            ("heavy_tasks", &self.heavy_tasks),
            ("webhook_private", &self.webhook_private),
            ("keep_events", &self.keep_events),
            ("keep_events_h", &self.keep_events_h),
            ("shutdown_grace_s", &self.shutdown_grace_s),
            ("log", &self.log),
            ("log_format", &self.log_format),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.clone()?)))
        .collect();
        Layers::read(self.config.as_deref(), &|name| std::env::var(name).ok(), flags)
    }

    /// The configuration.
    pub(super) fn config(&self) -> Attempt<Config> {
        Config::resolve(&self.layers()?)
    }
}

/// Where the server is and as which app to speak to it.
#[expect(clippy::doc_markdown, reason = "these texts are the help, shown as they stand")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Server")]
pub(super) struct ClientFlags {
    /// Address of the server [default: http://127.0.0.1:8484]
    #[arg(long, env = "LARKSPUR_URL", value_name = "URL")]
    url: Option<String>,
    /// The app to speak as
    #[arg(long, env = "LARKSPUR_APP_ID", value_name = "ID")]
    app_id: Option<String>,
    /// The app's secret
    #[arg(long, env = "LARKSPUR_APP_SECRET", value_name = "SECRET", hide_env_values = true)]
    app_secret: Option<String>,
    /// A CA to trust beside those of the system, PEM
    #[arg(long, env = "LARKSPUR_CA_FILE", value_name = "PATH")]
    ca_file: Option<PathBuf>,
    /// Read all of them from a file that `larkspur serve --env-file` wrote
    #[arg(long, value_name = "PATH", env = "LARKSPUR_ENV_FILE")]
    env_file: Option<PathBuf>,
    /// Speak to the server of this name in the file of profiles (docs/configuration.md)
    #[arg(long, value_name = "NAME", env = "LARKSPUR_PROFILE")]
    profile: Option<String>,
}

impl ClientFlags {
    /// A client of that server.
    pub(super) fn client(&self) -> Attempt<Client> {
        Ok(Client::new(self.access()?)?)
    }

    /// Whether that server is the platform itself, which knows the documented operations alone.
    pub(super) fn is_platform(&self) -> Attempt<bool> {
        Ok(is_platform(&self.access()?.url))
    }

    fn access(&self) -> Attempt<Access> {
        if let Some(name) = &self.profile {
            return access_of_profile(name);
        }
        let file = match &self.env_file {
            Some(path) => env_file::read(path)?,
            None => BTreeMap::new(),
        };
        let pick = |flag: &Option<String>, name: &str| {
            let given = flag.clone().filter(|value| !value.is_empty());
            given.or_else(|| file.get(name).cloned())
        };
        let missing = |what: &str, variable: &str| {
            Trouble::new(format!("no {what}"))
                .hint(format!(
                    "set {variable}, or name the file that the server wrote:\n\
                     larkspur serve --env-file larkspur.env\n\
                     larkspur import FILE --env-file larkspur.env"
                ))
                .setup()
        };
        Ok(Access {
            url: pick(&self.url, "LARKSPUR_URL")
                .unwrap_or_else(|| "http://127.0.0.1:8484".to_owned()),
            app_id: pick(&self.app_id, "LARKSPUR_APP_ID")
                .ok_or_else(|| missing("app id", "LARKSPUR_APP_ID"))?,
            app_secret: pick(&self.app_secret, "LARKSPUR_APP_SECRET")
                .ok_or_else(|| missing("app secret", "LARKSPUR_APP_SECRET"))?,
            ca_file: self
                .ca_file
                .clone()
                .or_else(|| file.get(env_file::CA_FILE).map(PathBuf::from)),
        })
    }

    /// The flags again, for a command that goes on where this one stopped.
    pub(super) fn again(&self) -> String {
        match (&self.profile, &self.env_file) {
            (Some(name), _) => format!(" --profile {name}"),
            (None, Some(path)) => format!(" --env-file {}", path.display()),
            (None, None) => String::new(),
        }
    }
}

/// The server and the app of a profile.
fn access_of_profile(name: &str) -> Attempt<Access> {
    let profile = Profile::read(name)?;
    let lacks = |what: &str| Trouble::new(format!("the profile {name} lacks {what}")).setup();
    let app_secret = profile.app_secret()?;
    Ok(Access {
        url: profile.url.clone(),
        app_id: profile.app_id.clone().ok_or_else(|| lacks("app_id"))?,
        app_secret: app_secret.ok_or_else(|| lacks("app_secret_env or app_secret_file"))?,
        ca_file: profile.ca_file,
    })
}

/// Larkspur's own operations are on no other server.
fn not_there(url: &str) -> Trouble {
    Trouble::new(format!("{url} is the platform itself"))
        .hint(
            "this command needs Larkspur's own API under /larkspur/v1, which the platform does not \
             have; import, export and run speak the documented one",
        )
        .setup()
}

/// A client of the server of a profile, as its operator.
fn operator_of_profile(name: &str) -> Attempt<AdminClient> {
    let profile = Profile::read(name)?;
    if is_platform(&profile.url) {
        return Err(not_there(&profile.url));
    }
    let token = profile.admin_token()?.ok_or_else(|| {
        let what = format!("the profile {name} lacks admin_token_env or admin_token_file");
        Trouble::new(what).hint("it is LARKSPUR_ADMIN_TOKEN of the server").setup()
    })?;
    Ok(AdminClient::new(&profile.url, &token, profile.ca_file.as_deref())?)
}

/// Where the server is, and the operator's token.
#[expect(clippy::doc_markdown, reason = "these texts are the help, shown as they stand")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Server")]
pub(super) struct AdminFlags {
    /// Address of the server [default: http://127.0.0.1:8484]
    #[arg(long, env = "LARKSPUR_URL", value_name = "URL")]
    url: Option<String>,
    /// The operator's token
    #[arg(long, env = "LARKSPUR_ADMIN_TOKEN", value_name = "TOKEN", hide_env_values = true)]
    admin_token: Option<String>,
    /// A CA to trust beside those of the system, PEM
    #[arg(long, env = "LARKSPUR_CA_FILE", value_name = "PATH")]
    ca_file: Option<PathBuf>,
    /// Read all of them from a file that `larkspur serve --env-file` wrote
    #[arg(long, value_name = "PATH", env = "LARKSPUR_ENV_FILE")]
    env_file: Option<PathBuf>,
    /// Speak to the server of this name in the file of profiles (docs/configuration.md)
    #[arg(long, value_name = "NAME", env = "LARKSPUR_PROFILE")]
    profile: Option<String>,
}

impl AdminFlags {
    /// A client of that server, as its operator.
    pub(super) fn client(&self) -> Attempt<AdminClient> {
        if let Some(name) = &self.profile {
            return operator_of_profile(name);
        }
        let file = match &self.env_file {
            Some(path) => env_file::read(path)?,
            None => BTreeMap::new(),
        };
        let pick = |flag: &Option<String>, name: &str| {
            let given = flag.clone().filter(|value| !value.is_empty());
            given.or_else(|| file.get(name).cloned())
        };
        let url = pick(&self.url, env_file::URL);
        let token = pick(&self.admin_token, env_file::ADMIN_TOKEN).ok_or_else(|| {
            Trouble::new("no admin token")
                .hint(
                    "set LARKSPUR_ADMIN_TOKEN, or name the file that the server wrote:\n\
                     larkspur serve --env-file larkspur.env\n\
                     larkspur tenant create --env-file larkspur.env",
                )
                .setup()
        })?;
        let url = url.as_deref().unwrap_or("http://127.0.0.1:8484");
        if is_platform(url) {
            return Err(not_there(url));
        }
        let ca_file =
            self.ca_file.clone().or_else(|| file.get(env_file::CA_FILE).map(PathBuf::from));
        Ok(AdminClient::new(url, &token, ca_file.as_deref())?)
    }
}
