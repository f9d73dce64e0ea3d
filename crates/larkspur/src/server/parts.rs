//! The parts of a server as the configuration describes them: database, blobs, platform,
//! conversions.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use larkspur_api::{JobParts, Services};
use larkspur_convert::{Converter, ConverterConfig, own_executable};
use larkspur_engine::{Engine, EngineParts, Settings as EngineSettings};
use larkspur_formats::Limits;
use larkspur_model::time::{HOUR_MS, SystemClock};
use larkspur_platform::{Platform, PlatformParts};
use larkspur_push::{Courier, CourierParts, HttpSender};
use larkspur_rehearsal::Rehearsal;
use larkspur_rehearsal::record::RecordSettings;
use larkspur_store::{
    BlobLocation, Blobs, DatabaseUrl, Db, Durability, Error as StoreError, Store,
};

use super::Replacements;
use crate::client::choose_ciphers;
use crate::config::{Config, Layers};
use crate::trouble::{Attempt, Trouble};

/// What a server keeps open.
pub struct Opened {
    /// Database and blobs.
    pub store: Store,
    /// Who calls and what they may.
    pub platform: Arc<Platform>,
    config: Config,
}

impl Opened {
    /// Opens the database, the blobs and the platform over them.
    ///
    /// # Errors
    /// Whatever cannot be opened, with what to do about it.
    pub async fn open(config: &Config, replacements: &Replacements) -> Attempt<Self> {
        if needs_folder(config) {
            data_folder(&config.data)?;
        }
        let trouble = |cause: &StoreError| store_trouble(config, cause);
        let db = match database_of(config) {
            Some(url) => Db::open(&url, Durability::Full).await,
            None => Db::open_temporary().await,
        };
        let db = db.map_err(|cause| trouble(&cause))?;
        let blobs = Blobs::open(&blobs_of(config)).map_err(|cause| trouble(&cause))?;
        let store = Store { db, blobs };
        let platform = Platform::open(PlatformParts {
            db: store.db.clone(),
            clock: replacements.clock.clone(),
            real_clock: Arc::new(SystemClock),
            ids: Arc::clone(&replacements.ids),
        });
        let platform = platform.await.map_err(|cause| platform_trouble(config, &cause))?;
        Ok(Self { store, platform: Arc::new(platform), config: config.clone() })
    }

    /// The trouble of a platform that cannot be used.
    pub fn trouble(&self, cause: &larkspur_platform::Error) -> Trouble {
        platform_trouble(&self.config, cause)
    }
}

/// The database: `None` for one that is thrown away.
pub fn database_of(config: &Config) -> Option<DatabaseUrl> {
    if config.memory {
        return None;
    }
    Some(match &config.database {
        Some(url) => match url.parse() {
            Ok(url) => url,
            Err(never) => match never {},
        },
        None => DatabaseUrl::Sqlite(config.data.join("larkspur.db")),
    })
}

fn blobs_of(config: &Config) -> BlobLocation {
    match &config.blobs {
        _ if config.memory => BlobLocation::Temporary,
        Some(location) => BlobLocation::parse(location),
        None => BlobLocation::Directory(config.data.join("blobs")),
    }
}

fn needs_folder(config: &Config) -> bool {
    !config.memory && (config.database.is_none() || config.blobs.is_none())
}

/// Makes the data folder, for its owner alone, where it is missing.
pub fn data_folder(path: &Path) -> Attempt {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|cause| {
        Trouble::caused(format!("cannot create the data folder {}", path.display()), &cause)
            .hint("--data names another folder; --memory needs none")
            .setup()
    })
}

/// Runs conversions as configured.
fn converter(config: &Config, executable: Option<PathBuf>) -> Attempt<Converter> {
    let executable = match executable {
        Some(executable) => executable,
        None => own_executable().map_err(|cause| {
            Trouble::caused("the program does not find its own file", &cause).setup()
        })?,
    };
    Ok(Converter::new(ConverterConfig {
        wall: config.conversion_timeout,
        memory_bytes: config.conversion_memory_bytes,
        print_memory_bytes: config.print_memory_bytes,
        font_directories: config.fonts.clone(),
        watermarks: config.watermark,
        limits: Limits {
            base_records: config.base_records,
            ..if config.documented_limits { Limits::default() } else { Limits::unlimited() }
        },
        ..ConverterConfig::new(executable)
    }))
}

/// What operations are given, over what was opened. No worker runs yet.
pub(super) fn services(
    config: &Config,
    opened: &Opened,
    replacements: &Replacements,
) -> Attempt<Arc<Services>> {
    let Replacements { clock, ids, executable } = replacements.clone();
    let parts = JobParts {
        store: opened.store.clone(),
        converter: Arc::new(converter(config, executable)?),
        clock: clock.clone(),
        ids: Arc::clone(&ids),
    };
    let jobs = larkspur_api::jobs(&parts);
    let engine_parts = EngineParts {
        store: opened.store.clone(),
        clock: clock.clone(),
        real_clock: Arc::new(SystemClock),
        ids,
        settings: engine_settings(config),
    };
    let engine = Engine::new(engine_parts, jobs);
    let courier = courier(config, opened, &engine, replacements);
    Ok(Arc::new(Services::new(
        parts,
        engine,
        Arc::clone(&opened.platform),
        Arc::new(courier),
        Arc::new(Rehearsal::recording(record_settings(config))),
        clock,
        larkspur_api::Settings {
            public_url: config.public_url.clone(),
            request_faults: config.request_faults,
            base_records: config.base_records,
        },
    )))
}

/// What tells webhooks; it tells nobody before it runs.
fn courier(
    config: &Config,
    opened: &Opened,
    engine: &Engine,
    replacements: &Replacements,
) -> Courier {
    choose_ciphers();
    let platform = Arc::clone(&opened.platform);
    Courier::new(CourierParts {
        engine: engine.clone(),
        db: opened.store.db.clone(),
        clock: replacements.clock.clone(),
        real_clock: Arc::new(SystemClock),
        ids: Arc::clone(&replacements.ids),
        node: node_name(config),
        // Nothing of a secret is stored: it follows from the server's own, the id and the number.
        key_of: Arc::new(move |id, number| {
            platform.sign(&["webhook", id, &number.to_string()]).into_bytes()
        }),
        sender: Arc::new(HttpSender::new(config.webhook_private)),
    })
}

/// The services of a server that is thrown away and does no work: what can be found out without
/// one.
///
/// # Errors
/// No room for temporary files.
pub async fn throw_away() -> Attempt<Arc<Services>> {
    let layers = Layers::of_flags([("memory", "true".to_owned())].into());
    let config = Config::resolve(&layers)?;
    let replacements = Replacements::default();
    let opened = Opened::open(&config, &replacements).await?;
    opened.platform.bootstrap().await.map_err(|cause| opened.trouble(&cause))?;
    services(&config, &opened, &replacements)
}

/// How requests are treated on their way.
pub(super) fn router_options(config: &Config) -> larkspur_http::RouterOptions {
    larkspur_http::RouterOptions {
        rates: config.rate_rules.clone(),
        explain: config.explain,
        metrics: config.metrics,
    }
}

/// What is kept of requests.
fn record_settings(config: &Config) -> RecordSettings {
    RecordSettings { requests: config.record, ..RecordSettings::default() }
}

fn engine_settings(config: &Config) -> EngineSettings {
    EngineSettings {
        node: node_name(config),
        light_slots: config.light_tasks,
        heavy_slots: config.heavy_tasks,
        keep_events: i64::from(config.keep_events),
        keep_events_ms: i64::from(config.keep_events_h) * HOUR_MS,
        ..EngineSettings::default()
    }
}

/// The name of this node among those on one database: its data folder on this machine. On SQLite
/// there is only one.
fn node_name(config: &Config) -> String {
    if config.database.is_none() {
        return "local".to_owned();
    }
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let data = std::path::absolute(&config.data).unwrap_or_else(|_| config.data.clone());
    format!("{}:{}", host.trim(), data.display())
}

fn platform_trouble(config: &Config, cause: &larkspur_platform::Error) -> Trouble {
    match cause {
        larkspur_platform::Error::Store(cause) => store_trouble(config, cause),
        cause => Trouble::caused("the server cannot start", cause).setup(),
    }
}

fn store_trouble(config: &Config, cause: &StoreError) -> Trouble {
    let place = match &config.database {
        Some(_) => "the database".to_owned(),
        None => format!("the data folder {}", config.data.display()),
    };
    let trouble = Trouble::caused(format!("cannot open {place}"), cause).setup();
    match cause {
        StoreError::Locked { .. } => {
            trouble.hint("stop the other server, or give this one another --data folder")
        }
        StoreError::NewerSchema { .. } => trouble.hint("use the newer release of larkspur"),
        StoreError::Unavailable(_) if config.database.is_some() => trouble
            .hint("is the database running, and is its address right? `larkspur doctor` looks"),
        _ => trouble.hint("`larkspur doctor` looks for what is wrong"),
    }
}
