//! A server in this process, with a clock that stands still until a test moves it and ids from a
//! seed. Conversions run in children of the given binary, as they do for users.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use larkspur::config::{Config, Layers};
use larkspur::server::{Replacements, Server};
use larkspur_model::id::Ids;
use larkspur_model::time::VirtualClock;
use serde_json::Value;
use tempfile::TempDir;

use crate::client::Client;
use crate::evidence;

/// Longest a task of a contract test may take, in real time.
const PATIENCE: Duration = Duration::from_mins(2);
/// 2026-11-21, some time in the morning.
const START_MS: i64 = 1_795_244_000_000;

/// The server and what a test needs of it. Its data is gone with it.
#[derive(Debug)]
pub struct TestApp {
    /// The clock everything expires by.
    pub clock: Arc<VirtualClock>,
    /// A client with a tenant token.
    pub client: Client,
    /// The app's id.
    pub app_id: String,
    /// The app's secret.
    pub app_secret: String,
    /// The server itself.
    pub server: Server,
    config: Config,
    binary: PathBuf,
    folder: TempDir,
}

impl TestApp {
    /// Starts a server on its embedded database; `binary` is what conversions run in.
    pub async fn start(binary: &Path) -> Result<Self> {
        Self::start_on(binary, None).await
    }

    /// Starts a server on the PostgreSQL database at `database`, or on its embedded one.
    pub async fn start_on(binary: &Path, database: Option<String>) -> Result<Self> {
        Self::start_as(binary, |config| config.database = database).await
    }

    /// Starts a server whose configuration differs from the tests' usual one.
    pub async fn start_as(binary: &Path, change: impl FnOnce(&mut Config)) -> Result<Self> {
        let data = tempfile::tempdir()?;
        // Neither a file nor the environment of whoever runs the tests has a say.
        let layers =
            Layers::read(None, &|_| None, BTreeMap::new()).map_err(|error| trouble(&error))?;
        let mut config = Config {
            data: data.path().join("data"),
            listen: vec!["127.0.0.1:0".to_owned()],
            explain: true,
            ..Config::resolve(&layers).map_err(|error| trouble(&error))?
        };
        change(&mut config);
        let clock = Arc::new(VirtualClock::frozen(START_MS));
        let server = start(&config, binary, &clock, Ids::from_seed(7)).await?;
        let app_id = server.app_id.clone();
        let secret = server.app_secret.as_ref().context("a fresh server knows its secret")?;
        let app_secret = secret.expose().to_owned();
        evidence::begin(&server.url, None, config.fixtures.is_some());
        let client = Client::connect(&server.url, &app_id, &app_secret).await?;
        let binary = binary.to_owned();
        Ok(Self { clock, client, app_id, app_secret, server, config, binary, folder: data })
    }

    /// Stops the server and starts it again on its data, with a clock of its own.
    pub async fn restart(self) -> Result<Self> {
        self.server.stop(Duration::from_secs(5)).await.map_err(|error| trouble(&error))?;
        let clock = Arc::new(VirtualClock::system());
        let server = start(&self.config, &self.binary, &clock, Ids::from_system()).await?;
        evidence::begin(&server.url, Some(&self.client.url), self.config.fixtures.is_some());
        let client = Client::connect(&server.url, &self.app_id, &self.app_secret).await?;
        Ok(Self { clock, client, server, ..self })
    }

    /// Starts a second node on the same database, with a clock of its own.
    pub async fn start_beside(&self) -> Result<(Server, Arc<VirtualClock>)> {
        let clock = Arc::new(VirtualClock::system());
        let config = Config { data: self.folder.path().join("second"), ..self.config.clone() };
        let server = start(&config, &self.binary, &clock, Ids::from_system()).await?;
        Ok((server, clock))
    }

    /// A client with the operator's token.
    pub fn operator(&self) -> Result<Client> {
        let token = self.server.admin_token.as_ref().context("a fresh server knows it")?;
        Ok(self.client.with_token(token.expose()))
    }

    /// The folder of its data.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Longest a task may take here, in real time.
    pub const fn patience(&self) -> Duration {
        PATIENCE
    }

    /// A client with a token that was asked for now.
    pub async fn fresh_client(&self) -> Result<Client> {
        Client::connect(&self.server.url, &self.app_id, &self.app_secret).await
    }

    /// Uploads and imports; the token of the document that came of it.
    pub async fn import(
        &self,
        extension: &str,
        kind: &str,
        bytes: &[u8],
        name: &str,
    ) -> Result<String> {
        let file = format!("{name}.{extension}");
        let source = self.client.upload(&file, extension, kind, bytes.to_vec()).await?;
        let ticket = self.client.import(&source, extension, kind, name).await?;
        let result = self.imported(&ticket).await?;
        let token = result["token"].as_str().with_context(|| format!("import failed: {result}"))?;
        Ok(token.to_owned())
    }

    /// The end of an import.
    pub async fn imported(&self, ticket: &str) -> Result<Value> {
        self.client.imported(ticket, PATIENCE).await
    }

    /// The end of an export.
    pub async fn exported(&self, ticket: &str, token: &str) -> Result<Value> {
        self.client.exported(ticket, token, PATIENCE).await
    }
}

async fn start(
    config: &Config,
    binary: &Path,
    clock: &Arc<VirtualClock>,
    ids: Ids,
) -> Result<Server> {
    let replacements = Replacements {
        clock: Arc::clone(clock),
        ids: Arc::new(ids),
        executable: Some(binary.to_owned()),
    };
    Server::start_with(config, replacements).await.map_err(|error| trouble(&error))
}

fn trouble(trouble: &larkspur::Trouble) -> anyhow::Error {
    anyhow!("{trouble}")
}
