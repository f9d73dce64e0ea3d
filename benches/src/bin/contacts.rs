//! Users a second that a contact batch adds, on SQLite and on PostgreSQL, every step on disk.
//! `contacts [USERS [DIR]]`; PostgreSQL is measured where it is installed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use http::HeaderMap;
use larkspur_api::{Answer, Body, JobParts, Query, Request, Scheme, Services};
use larkspur_convert::{Converter, ConverterConfig};
use larkspur_engine::{Engine, EngineParts, Settings};
use larkspur_model::id::Ids;
use larkspur_model::time::{Clock, VirtualClock};
use larkspur_platform::{Caller, Platform, PlatformParts};
use larkspur_push::Courier;
use larkspur_rehearsal::Rehearsal;
use larkspur_store::testing::Cluster;
use larkspur_store::{BlobLocation, Blobs, DatabaseUrl, Db, Durability, Store};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

#[derive(Deserialize)]
struct Answered {
    data: Told,
}

/// What is looked at of answers.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    task_id: String,
    status: i64,
    success_num: i64,
}

/// A server without a network.
struct House {
    services: Arc<Services>,
    caller: Arc<Caller>,
}

impl House {
    async fn open(url: &DatabaseUrl) -> anyhow::Result<Self> {
        let store = Store {
            db: Db::open(url, Durability::Full).await?,
            blobs: Blobs::open(&BlobLocation::Temporary)?,
        };
        let own_clock = Arc::new(VirtualClock::system());
        let clock: Arc<dyn Clock> = own_clock.clone();
        let ids = Arc::new(Ids::from_system());
        let parts = PlatformParts {
            db: store.db.clone(),
            clock: clock.clone(),
            real_clock: clock.clone(),
            ids: ids.clone(),
        };
        let platform = Platform::open(parts).await?;
        let made = platform.bootstrap().await?;
        let secret = made.app_secret.context("a fresh database")?;
        let token = platform.tenant_token(made.app_id.as_str(), secret.expose()).await;
        let Ok(token) = token else { bail!("no tenant token") };
        let bearer = format!("Bearer {}", token.token.expose());
        let Ok(caller) = platform.authenticate(Some(&bearer)).await else { bail!("no caller") };
        let job_parts = JobParts {
            store: store.clone(),
            converter: Arc::new(Converter::new(ConverterConfig::new("no-such-program"))),
            clock: clock.clone(),
            ids: ids.clone(),
        };
        let engine = Engine::new(
            EngineParts {
                store: store.clone(),
                clock: clock.clone(),
                real_clock: clock.clone(),
                ids: ids.clone(),
                settings: Settings::default(),
            },
            larkspur_api::jobs(&job_parts),
        );
        let courier = Courier::idle(&engine, &store.db, clock, ids);
        let services = Services::new(
            job_parts,
            engine,
            Arc::new(platform),
            Arc::new(courier),
            Arc::new(Rehearsal::new()),
            own_clock,
            larkspur_api::Settings::default(),
        );
        Ok(Self { services: Arc::new(services), caller })
    }

    /// Calls an operation; what is looked at of its answer, and the answer's size.
    async fn call(&self, id: &str, query: &str, body: Bytes) -> anyhow::Result<(Told, usize)> {
        let operations = larkspur_api::operations();
        let operation = operations.iter().find(|one| one.id == id).context("no such operation")?;
        let request = Request {
            uri: http::Uri::default(),
            caller: Some(self.caller.clone()),
            admin: false,
            path: Vec::new(),
            query: Query::new(query),
            headers: HeaderMap::new(),
            body: Body::Json(body),
            scheme: Scheme::default(),
            log_id: String::new(),
            operation: operation.id,
            rehearsed: None,
            peer: None,
        };
        match (operation.handler)(Arc::clone(&self.services), request).await {
            Ok(Answer::Json(bytes)) => {
                let answer: Answered = serde_json::from_slice(&bytes)?;
                Ok((answer.data, bytes.len()))
            }
            Ok(_) => bail!("{id} answers something else than JSON"),
            Err(error) => bail!("{id}: {error:?}"),
        }
    }
}

/// The body that adds so many users, written user by user.
fn request(users: usize) -> serde_json::Result<Vec<u8>> {
    let mut body = br#"{"users":["#.to_vec();
    for at in 0..users {
        if at > 0 {
            body.push(b',');
        }
        let user = json!({"name": format!("User {at}"), "departments": ["d"],
            "user_id": format!("u{at}"), "mobile": format!("139{at:08}"),
            "email": format!("u{at}@example.com")});
        serde_json::to_writer(&mut body, &user)?;
    }
    body.extend_from_slice(b"]}");
    Ok(body)
}

async fn measure(name: &str, url: &DatabaseUrl, users: usize) -> anyhow::Result<()> {
    let house = House::open(url).await?;
    let department = json!({"departments": [{"id": "d", "name": "D", "parent_id": "0"}]});
    let department = Bytes::from(department.to_string());
    house.call("contactV2DepartmentBatchAdd", "", department).await?;
    house.services.engine.run_until_idle().await?;
    let body = Bytes::from(request(users)?);
    let size_mib = body.len() >> 20;
    let begun = Instant::now();
    let (data, _) = house.call("contactV2UserBatchAdd", "", body).await?;
    let submitted = begun.elapsed();
    let query = format!("task_id={}", data.task_id);
    let begun = Instant::now();
    let workers = house.services.engine.start();
    loop {
        let (data, bytes) = house.call("contactV2TaskGet", &query, Bytes::new()).await?;
        if data.status >= 9 {
            let took = begun.elapsed().as_secs_f64();
            let asked = Instant::now();
            house.call("contactV2TaskGet", &query, Bytes::new()).await?;
            println!(
                "{name:10} {users} users ({size_mib} MiB): submitted in {:.2} s, added in {took:.2} s, \
                 {:.0} users/s; the answer of {} MiB in {:.2} s; {} succeeded",
                submitted.as_secs_f64(),
                users as f64 / took,
                bytes >> 20,
                asked.elapsed().as_secs_f64(),
                data.success_num
            );
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    workers.stop(Duration::from_secs(1)).await;
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let users = arguments.next().map_or(Ok(100_000), |text| text.parse())?;
    let folder = tempfile::tempdir_in(arguments.next().unwrap_or_else(|| ".".to_owned()))?;
    let sqlite = DatabaseUrl::from(folder.path().join("larkspur.db").as_path());
    measure("SQLite", &sqlite, users).await?;
    if let Some(cluster) = Cluster::start().await {
        measure("PostgreSQL", &cluster.database("contacts").await?, users).await?;
    }
    peak_memory(Path::new("/proc/self/status"));
    Ok(())
}

/// What the process has held at most, where the system tells.
fn peak_memory(status: &Path) {
    let status = std::fs::read_to_string(status).unwrap_or_default();
    if let Some(line) = status.lines().find(|line| line.starts_with("VmHWM:")) {
        println!("most memory held: {}", line.trim_start_matches("VmHWM:").trim());
    }
}
