//! `kill -9` at random moments while work is going on: afterwards every acknowledged task reaches
//! its end, every result is there once, and nothing acknowledged is lost.
//!
//! The seed, the number of jobs and of kills come from `LARKSPUR_CRASH_SEED`, `LARKSPUR_CRASH_JOBS`
//! and `LARKSPUR_CRASH_KILLS`, so that the same test runs longer by hand.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::client::Client;
use larkspur_tests::server::Server;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::sync::{Mutex, RwLock};

/// Objects of kind 6: what exports made (`store::objects::ObjectKind`).
const ARTIFACTS: &str = "SELECT count(*) FROM objects WHERE kind = 6";
const LIMIT: Duration = Duration::from_mins(2);

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// What the server acknowledged.
#[derive(Debug, Default)]
struct Acknowledged {
    /// Ticket and document name of imports.
    imports: Vec<(String, String)>,
    /// Ticket and document token of exports.
    exports: Vec<(String, String)>,
}

struct Load {
    client: RwLock<Client>,
    acknowledged: Mutex<Acknowledged>,
    document: String,
}

impl Load {
    /// Submits one job; an import every other time. Fails when the server is just being killed.
    async fn submit(&self, job: u64, try_number: u64) -> Result<()> {
        let client = self.client.read().await.clone();
        if job.is_multiple_of(2) {
            let (extension, kind, bytes) = if job.is_multiple_of(4) {
                ("md", "docx", format!("# 第{job}页\n\n{}\n", "段落 text ".repeat(200)))
            } else {
                ("csv", "sheet", format!("id,名称\n{}", "0012,甲\n".repeat(500)))
            };
            let name = format!("job {job} try {try_number}");
            let file = format!("job.{extension}");
            let source = client.upload(&file, extension, kind, bytes.into_bytes()).await?;
            let ticket = client.import(&source, extension, kind, &name).await?;
            self.acknowledged.lock().await.imports.push((ticket, name));
        } else {
            let extension = if job.is_multiple_of(5) { "pdf" } else { "docx" };
            let ticket = client.export(&self.document, "docx", extension, None).await?;
            self.acknowledged.lock().await.exports.push((ticket, self.document.clone()));
        }
        Ok(())
    }

    async fn submit_until_acknowledged(&self, job: u64) {
        for try_number in 0.. {
            if self.submit(job, try_number).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_appears_twice() -> Result<()> {
    let jobs = setting("LARKSPUR_CRASH_JOBS", 200);
    let kills = setting("LARKSPUR_CRASH_KILLS", 30);
    let mut random = StdRng::seed_from_u64(setting("LARKSPUR_CRASH_SEED", 20_261_121));
    let folder = tempfile::tempdir()?;
    let binary = Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"));
    let mut server = Server::start(binary, folder.path(), &[]).await?;

    let client = server.client().await?;
    let page = "# 标题\n\n正文 and text\n\n| a | b |\n|---|---|\n| 1 | 2 |\n".as_bytes().to_vec();
    let source = client.upload("page.md", "md", "docx", page).await?;
    let ticket = client.import(&source, "md", "docx", "the exported page").await?;
    let imported = client.imported(&ticket, LIMIT).await?;
    let document = imported["token"].as_str().context("no token")?.to_owned();
    let load =
        Arc::new(Load { client: RwLock::new(client), acknowledged: Mutex::default(), document });

    // Jobs are handed out between the kills, so that every kill meets work under way.
    let mut submitting = tokio::task::JoinSet::new();
    let mut handed_out = 0;
    for kill in 0..kills {
        while handed_out < jobs * (kill + 1) / kills {
            let (load, job) = (load.clone(), handed_out);
            submitting.spawn(async move { load.submit_until_acknowledged(job).await });
            handed_out += 1;
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(5..400))).await;
        server.kill()?;
        server.restart().await?;
        *load.client.write().await = server.client().await?;
    }
    submitting.join_all().await;
    verify(&server, &load).await
}

/// Waits for every acknowledged task and looks at what is there.
async fn verify(server: &Server, load: &Load) -> Result<()> {
    let client = server.client().await?;
    let acknowledged = load.acknowledged.lock().await;
    let mut tokens = HashMap::new();
    for (ticket, name) in &acknowledged.imports {
        let result = client.imported(ticket, LIMIT).await?;
        ensure!(result["job_status"] == 0, "{name}: {result}");
        let token = result["token"].as_str().context("no token")?;
        ensure!(tokens.insert(token.to_owned(), name).is_none(), "{token} is the result of two");
    }
    let mut by_name: HashMap<String, Vec<String>> = HashMap::new();
    for (name, token) in client.root_files().await? {
        by_name.entry(name).or_default().push(token);
    }
    for (ticket, name) in &acknowledged.imports {
        let found = by_name.get(name).map_or(0, Vec::len);
        ensure!(found == 1, "{found} documents {name} for ticket {ticket}");
    }
    for (name, found) in &by_name {
        ensure!(found.len() == 1, "{} documents {name}", found.len());
    }
    for (ticket, document) in &acknowledged.exports {
        let result = client.exported(ticket, document, LIMIT).await?;
        ensure!(result["job_status"] == 0, "export {ticket}: {result}");
        let file = client.download(result["file_token"].as_str().context("no file")?).await?;
        ensure!(Some(file.len() as u64) == result["file_size"].as_u64(), "size of {ticket}");
    }
    let database = rusqlite::Connection::open(server.data().join("larkspur.db"))?;
    let pending: i64 =
        database.query_row("SELECT count(*) FROM tasks WHERE state < 2", [], |row| row.get(0))?;
    ensure!(pending == 0, "{pending} tasks never ended");
    let exports: i64 = database.query_row(ARTIFACTS, [], |row| row.get(0))?;
    println!(
        "{} imports and {} exports acknowledged, {} documents, {exports} artifacts",
        acknowledged.imports.len(),
        acknowledged.exports.len(),
        by_name.len()
    );
    let finished: i64 = database.query_row(
        "SELECT count(*) FROM tasks WHERE family = 'drive.export' AND state = 2",
        [],
        |row| row.get(0),
    )?;
    ensure!(exports == finished, "{exports} artifacts of {finished} finished exports");
    Ok(())
}
