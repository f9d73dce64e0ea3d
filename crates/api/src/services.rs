//! What every handler and every job is given.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use larkspur_convert::{Converter, Error as ConvertError, Produced, Work};
use larkspur_engine::Engine;
use larkspur_model::id::Ids;
use larkspur_model::time::{Clock, VirtualClock};
use larkspur_platform::Platform;
use larkspur_push::Courier;
use larkspur_rehearsal::Rehearsal;
use larkspur_store::Store;
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::bitable::CellCache;
use crate::document::DocumentCache;
use crate::seldom::Seldom;
use crate::sheets::{Editing, ManifestCache};
use crate::{ApiError, Metrics, codes};

/// Conversions that run at a time because requests wait for them.
const CONVERSIONS: usize = 4;

/// Settings of the API.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where callers reach the server, for addresses in answers; `None` takes the host each caller
    /// used.
    pub public_url: Option<String>,
    /// Whether requests may bring their own faults in `X-Larkspur-Fault`.
    pub request_faults: bool,
    /// Records a table of a base may have.
    pub base_records: u32,
}

impl Default for Settings {
    fn default() -> Self {
        let base_records = larkspur_formats::Limits::default().base_records;
        Self { public_url: None, request_faults: false, base_records }
    }
}

/// What handlers are given.
pub struct Services {
    /// Database and blobs.
    pub store: Store,
    /// Durable tasks.
    pub engine: Engine,
    /// Who calls and what they may.
    pub platform: Arc<Platform>,
    /// Tells webhooks what became of tasks.
    pub courier: Arc<Courier>,
    /// What is rehearsed.
    pub rehearsal: Arc<Rehearsal>,
    /// The clock everything expires by.
    pub clock: Arc<VirtualClock>,
    /// Where ids come from.
    pub ids: Arc<Ids>,
    /// Runs conversions in child processes.
    pub converter: Arc<Converter>,
    /// Settings.
    pub settings: Settings,
    /// What is told about the server.
    pub metrics: Metrics,
    /// Fires when the server is to stop: answers that would go on for ever end then.
    pub stopping: CancellationToken,
    /// Conversions that requests wait for, so many at a time; those of tasks have lanes of their own.
    conversions: Semaphore,
    pub(crate) caches: Caches,
    /// The answer about what goes on, as it was found last.
    pub(crate) overview: Seldom<Bytes>,
    /// Held while the clock is moved or a state is put back: one at a time.
    pub(crate) changing: tokio::sync::Mutex<()>,
}

/// What was read last, bounded.
#[derive(Default)]
pub(crate) struct Caches {
    pub(crate) documents: DocumentCache,
    pub(crate) manifests: ManifestCache,
    pub(crate) editing: Editing,
    pub(crate) base_cells: CellCache,
}

/// What jobs are given.
#[derive(Clone)]
pub struct JobParts {
    /// Database and blobs.
    pub store: Store,
    /// Runs conversions in child processes.
    pub converter: Arc<Converter>,
    /// The clock everything expires by.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<Ids>,
}

/// Data of `GET /healthz`.
#[derive(Debug, Serialize)]
pub struct Health {
    status: &'static str,
    version: &'static str,
}

impl Services {
    /// Services over the parts that jobs have too, and those that were made above.
    pub fn new(
        parts: JobParts,
        engine: Engine,
        platform: Arc<Platform>,
        courier: Arc<Courier>,
        rehearsal: Arc<Rehearsal>,
        clock: Arc<VirtualClock>,
        settings: Settings,
    ) -> Self {
        let JobParts { store, converter, ids, clock: _ } = parts;
        let mut collectors = store.db.meter().collectors();
        collectors.extend(engine.meter().collectors());
        collectors.extend(converter.meter().collectors());
        collectors.extend(courier.meter().collectors());
        let metrics = Metrics::new(store.db.name(), collectors);
        Self {
            store,
            engine,
            platform,
            courier,
            rehearsal,
            clock,
            ids,
            converter,
            settings,
            metrics,
            stopping: CancellationToken::new(),
            conversions: Semaphore::new(CONVERSIONS),
            caches: Caches::default(),
            overview: Seldom::new(Duration::ZERO),
            changing: tokio::sync::Mutex::default(),
        }
    }

    /// Converts something a request waits for; it ends with the request.
    pub(crate) async fn convert(&self, work: Work, out: &Path) -> Result<Produced, ConvertError> {
        let unavailable = |error| ConvertError::Unavailable(std::io::Error::other(error));
        let _permit = self.conversions.acquire().await.map_err(unavailable)?;
        self.converter.run(work, out, &|_| {}, &CancellationToken::new()).await
    }

    /// Whether the server can do its work: the database answers.
    pub async fn health(&self) -> Result<Health, ApiError> {
        self.store
            .db
            .query("SELECT 1", Vec::new())
            .await
            .map_err(|error| codes::INTERNAL.caused_by(error))?;
        Ok(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
    }
}
