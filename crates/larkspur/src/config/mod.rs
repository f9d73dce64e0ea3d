//! Configuration of the server: flags over `LARKSPUR_*` environment over `larkspur.toml` over
//! defaults. Every setting is one line of [`SETTINGS`]; the server reads [`Config`].

mod layers;
mod rates;
mod settings;

use std::path::{Path, PathBuf};
use std::time::Duration;

use larkspur_http::{MetricsFor, RateRules};
use larkspur_model::time::{ClockStart, parse_clock};

pub use self::layers::{Layers, Resolved, Source};
pub use self::settings::{SETTINGS, Setting};

use crate::trouble::{Attempt, Trouble};

/// What the server is told, in types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Folder of everything that outlives a restart.
    pub data: PathBuf,
    /// Addresses and ports to listen on in the open.
    pub listen: Vec<String>,
    /// Addresses and ports to listen on over TLS.
    pub tls: Vec<String>,
    /// Further names that callers use over TLS.
    pub tls_names: Vec<String>,
    /// The operator's own certificate, instead of one by the server's CA.
    pub tls_files: Option<TlsFiles>,
    /// Where the CA's certificate is written to, beside the data folder.
    pub tls_ca_file: Option<PathBuf>,
    /// Address under which callers reach the server, without a slash at its end.
    pub public_url: Option<String>,
    /// File that tells clients where the server is and as which app to speak to it.
    pub env_file: Option<PathBuf>,
    /// Whether the first start fills a workspace to try things out in.
    pub sample_workspace: bool,
    /// Whether nothing is kept.
    pub memory: bool,
    /// File of what the server is to hold.
    pub fixtures: Option<PathBuf>,
    /// How the clock is set at the start; as it was left where `None`.
    pub clock: Option<ClockStart>,
    /// `PostgreSQL` address; the database in the data folder where `None`.
    pub database: Option<String>,
    /// Address of a bucket; the data folder where `None`.
    pub blobs: Option<String>,
    /// Folders with further fonts.
    pub fonts: Vec<PathBuf>,
    /// Longest time of a conversion.
    pub conversion_timeout: Duration,
    /// Most memory of a conversion, bytes.
    pub conversion_memory_bytes: u64,
    /// Most memory of a conversion to pages, bytes.
    pub print_memory_bytes: u64,
    /// Whether imports are cut where the platform cuts them; without, only what keeps the process
    /// alive limits them.
    pub documented_limits: bool,
    /// Whether exported pages bear who asked for them.
    pub watermark: bool,
    /// Records a table of a base may have.
    pub base_records: u32,
    /// Whether requests may bring their own faults in `X-Larkspur-Fault`.
    pub request_faults: bool,
    /// How often operations may be called.
    pub rate_rules: RateRules,
    /// Requests of each app that are kept to be looked at.
    pub record: usize,
    /// Whether refusals say in a header which layer refused and what would help.
    pub explain: bool,
    /// Who may read the numbers about the server.
    pub metrics: MetricsFor,
    /// The collector that is sent traces; nobody where `None`.
    pub otlp_endpoint: Option<String>,
    /// Conversions of small sources at a time; 0 leaves them to other nodes.
    pub light_tasks: usize,
    /// Conversions of large sources at a time; 0 leaves them to other nodes.
    pub heavy_tasks: usize,
    /// Whether webhooks may lead to addresses of one's own network.
    pub webhook_private: bool,
    /// Transitions of tasks that the log of events holds at most.
    pub keep_events: u32,
    /// How far the log of events goes back, hours.
    pub keep_events_h: u32,
    /// Longest time a stopping server lets running work finish.
    pub shutdown_grace: Duration,
    /// What is logged.
    pub log: String,
    /// Whether log lines are JSON.
    pub log_json: bool,
}

/// A certificate that the operator brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, PEM.
    pub certificate: PathBuf,
    /// The key, PEM.
    pub key: PathBuf,
}

/// Where `tls` listens if nobody says where.
pub const USUAL_TLS: &str = "127.0.0.1:8443";

impl Config {
    /// Reads the settings out of `layers`.
    ///
    /// # Errors
    /// A value that is not of its setting's kind; the text names the setting and where it stands.
    pub fn resolve(layers: &Layers) -> Attempt<Self> {
        let text = |name: &str| layers.get(name).value;
        let maybe = |name: &str| Some(text(name)).filter(|value| !value.is_empty());
        let config = Self {
            data: PathBuf::from(text("data")),
            listen: list(&text("listen")),
            tls: list(&text("tls")),
            tls_names: list(&text("tls_name")),
            tls_files: maybe("tls_cert").zip(maybe("tls_key")).map(|(certificate, key)| TlsFiles {
                certificate: PathBuf::from(certificate),
                key: PathBuf::from(key),
            }),
            tls_ca_file: maybe("tls_ca_file").map(PathBuf::from),
            public_url: maybe("public_url").map(|url| url.trim_end_matches('/').to_owned()),
            env_file: maybe("env_file").map(PathBuf::from),
            sample_workspace: layers.parse("sample_workspace")?,
            memory: layers.parse("memory")?,
            fixtures: maybe("fixtures").map(PathBuf::from),
            clock: match maybe("clock") {
                None => None,
                Some(text) => Some(parse_clock(&text).ok_or_else(|| {
                    let rule = "it is `real`, `frozen`, a moment such as \
                                2026-12-01T09:00:00+08:00, or a factor such as `x60`";
                    layers.wrong("clock", rule)
                })?),
            },
            database: maybe("database"),
            blobs: maybe("blobs"),
            fonts: maybe("fonts").map_or_else(Vec::new, |paths| {
                std::env::split_paths(&paths).filter(|path| path != Path::new("")).collect()
            }),
            conversion_timeout: Duration::from_secs(layers.parse("conversion_timeout_s")?),
            conversion_memory_bytes: layers.parse::<u64>("conversion_memory_mb")? << 20,
            print_memory_bytes: layers.parse::<u64>("print_memory_mb")? << 20,
            documented_limits: match text("limits").as_str() {
                "documented" => true,
                "off" => false,
                _ => return Err(layers.wrong("limits", "it is `documented` or `off`")),
            },
            watermark: layers.parse("watermark")?,
            base_records: layers.parse("base_records")?,
            request_faults: layers.parse("request_faults")?,
            rate_rules: rates::read(&text("rate_limits"))?,
            record: layers.parse("record")?,
            explain: layers.parse("explain")?,
            metrics: match text("metrics").as_str() {
                "local" => MetricsFor::Local,
                "admin" => MetricsFor::Admin,
                "all" => MetricsFor::All,
                _ => return Err(layers.wrong("metrics", "it is `local`, `admin` or `all`")),
            },
            otlp_endpoint: maybe("otlp_endpoint").filter(|url| url != "none"),
            light_tasks: layers.parse("light_tasks")?,
            heavy_tasks: layers.parse("heavy_tasks")?,
            webhook_private: layers.parse("webhook_private")?,
            keep_events: layers.parse("keep_events")?,
            keep_events_h: layers.parse("keep_events_h")?,
            shutdown_grace: Duration::from_secs(layers.parse("shutdown_grace_s")?),
            log: text("log"),
            log_json: match text("log_format").as_str() {
                "text" => false,
                "json" => true,
                _ => return Err(layers.wrong("log_format", "it is `text` or `json`")),
            },
        };
        config.check(layers)?;
        Ok(config)
    }

    fn check(&self, layers: &Layers) -> Attempt {
        if self.listen.is_empty() && self.tls.is_empty() {
            return Err(layers.wrong("listen", "without it there must be `tls`"));
        }
        for (name, other) in [("tls_cert", "tls_key"), ("tls_key", "tls_cert")] {
            if self.tls_files.is_none() && !layers.get(name).value.is_empty() {
                return Err(layers.wrong(name, &format!("`{other}` belongs with it")));
            }
        }
        if self.tls_files.is_some() && self.tls_ca_file.is_some() {
            return Err(layers.wrong("tls_ca_file", "with `tls_cert` there is no CA"));
        }
        if self.conversion_timeout.is_zero() {
            return Err(layers.wrong("conversion_timeout_s", "it is at least 1"));
        }
        if self.conversion_memory_bytes < 64 << 20 || self.print_memory_bytes < 64 << 20 {
            let small = self.conversion_memory_bytes < 64 << 20;
            let name = if small { "conversion_memory_mb" } else { "print_memory_mb" };
            return Err(layers.wrong(name, "it is at least 64"));
        }
        for (name, url) in
            [("public_url", &self.public_url), ("otlp_endpoint", &self.otlp_endpoint)]
        {
            if let Some(url) = url
                && !(url.starts_with("http://") || url.starts_with("https://"))
            {
                return Err(layers.wrong(name, "it begins with http:// or https://"));
            }
        }
        if self.memory && (self.database.is_some() || self.blobs.is_some()) {
            return Err(Trouble::new(
                "`memory` keeps nothing, so it has no database and no bucket",
            )
            .hint("leave out `memory`, or `database` and `blobs`")
            .setup());
        }
        Ok(())
    }
}

/// The items of a list of listeners or names; the words that turn one off stand for none.
fn list(text: &str) -> Vec<String> {
    let items = text.split(',').map(str::trim);
    items
        .filter(|item| !["", "none", "false"].contains(item))
        .map(|item| if item == "true" { USUAL_TLS } else { item })
        .map(str::to_owned)
        .collect()
}
