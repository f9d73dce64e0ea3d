//! Durable submits and whole tasks a second of the engine alone, on SQLite and on PostgreSQL, every
//! acknowledgement on disk. `engine [SECONDS [DIR]]`; PostgreSQL is measured where it is installed.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use larkspur_engine::{
    Attempt, Engine, EngineParts, Job, Lane, Settings, Stop, Submission, Success,
};
use larkspur_model::id::Ids;
use larkspur_model::task::State;
use larkspur_model::time::{Clock, SystemClock};
use larkspur_store::sql::Transaction;
use larkspur_store::testing::Cluster;
use larkspur_store::{BlobLocation, Blobs, DatabaseUrl, Db, Durability, Store};
use tokio::time::Instant;

/// Does nothing, and counts that.
#[derive(Default)]
struct Nothing(AtomicU64);

#[async_trait]
impl Job for Nothing {
    fn family(&self) -> &'static str {
        "bench.nothing"
    }

    async fn run(&self, _: &Attempt, _: &[u8]) -> Result<Success, Stop> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Success { output: b"{\"token\":\"abc\"}".to_vec(), ..Success::default() })
    }
}

fn submission(submitter: usize) -> Submission {
    Submission {
        tenant: format!("tenant-{}", submitter % 4),
        app: "cli_0123456789abcdef".to_owned(),
        creator: "app:cli_0123456789abcdef".to_owned(),
        family: "bench.nothing",
        title: "Quarterly report.xlsx".to_owned(),
        size_bytes: 12_345,
        lane: Lane::Light,
        payload: vec![b'x'; 200],
        max_attempts: 3,
        idempotency_key: None,
        also: Transaction::new(),
        plan: None,
    }
}

async fn engine(url: &DatabaseUrl) -> anyhow::Result<(Engine, Arc<Nothing>)> {
    let store = Store {
        db: Db::open(url, Durability::Full).await?,
        blobs: Blobs::open(&BlobLocation::Temporary)?,
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let job = Arc::new(Nothing::default());
    let parts = EngineParts {
        store,
        clock: Arc::clone(&clock),
        real_clock: clock,
        ids: Arc::new(Ids::from_system()),
        settings: Settings::default(),
    };
    Ok((Engine::new(parts, vec![Arc::clone(&job) as Arc<dyn Job>]), job))
}

/// Submits from `submitters` callers, each waiting for its answer, for `seconds`.
async fn submit_for(
    engine: &Engine,
    submitters: usize,
    seconds: u64,
) -> anyhow::Result<(u64, f64)> {
    let stop = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    let callers: Vec<_> = (0..submitters)
        .map(|submitter| {
            let (engine, stop) = (engine.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut submitted = 0_u64;
                while !stop.load(Ordering::Relaxed) {
                    engine.submit(submission(submitter)).await?;
                    submitted += 1;
                }
                Ok::<_, larkspur_engine::Error>(submitted)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    stop.store(true, Ordering::Relaxed);
    let mut submitted = 0;
    for caller in callers {
        submitted += caller.await??;
    }
    Ok((submitted, begun.elapsed().as_secs_f64()))
}

/// Waits until `jobs` have run in all and nothing is queued or running; gives how many succeeded.
/// Counting walks over all tasks, so it begins when little can be left.
async fn until_done(engine: &Engine, job: &Nothing, jobs: u64) -> anyhow::Result<i64> {
    while job.0.load(Ordering::Relaxed) < jobs {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    loop {
        let counts = engine.counts().await?;
        if counts.queued.is_empty() && counts.running.is_empty() {
            anyhow::ensure!(counts.failed + counts.cancelled == 0, "tasks failed: {counts:?}");
            return Ok(counts.succeeded);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn measure(name: &str, url: &DatabaseUrl, seconds: u64) -> anyhow::Result<()> {
    let (engine, job) = engine(url).await?;
    for submitters in [1, 16, 64] {
        let (submitted, took_s) = submit_for(&engine, submitters, seconds).await?;
        println!("{name}: {submitters:2} submitters: {:8.0} submits/s", submitted as f64 / took_s);
    }
    let queued: i64 = engine.counts().await?.queued.iter().map(|(_, count)| count).sum();
    let begun = Instant::now();
    let workers = engine.start();
    until_done(&engine, &job, queued as u64).await?;
    let rate = queued as f64 / begun.elapsed().as_secs_f64();
    println!("{name}: backlog of {queued}: {rate:8.0} tasks/s leased, run and finished");

    let before = job.0.load(Ordering::Relaxed);
    let begun = Instant::now();
    let (submitted, _) = submit_for(&engine, 64, seconds).await?;
    let succeeded = until_done(&engine, &job, before + submitted).await?;
    let rate = submitted as f64 / begun.elapsed().as_secs_f64();
    println!("{name}: 64 submitters: {rate:8.0} whole tasks/s, submit to finish");
    anyhow::ensure!(job.0.load(Ordering::Relaxed) - before == submitted, "a task ran twice");
    anyhow::ensure!(succeeded as u64 == submitted + queued as u64, "a task is missing");

    let id = engine.submit(submission(0)).await?;
    while engine.view(id).await?.is_none_or(|task| task.state != State::Succeeded) {
        tokio::task::yield_now().await;
    }
    let (begun, mut looks) = (Instant::now(), 0_u64);
    while begun.elapsed() < Duration::from_secs(1) {
        engine.view(id).await?;
        looks += 1;
    }
    println!("{name}: 1 poller: {looks:8} polls/s");
    workers.stop(Duration::from_secs(5)).await;
    Ok(())
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let folder = match arguments.next() {
        Some(folder) => tempfile::tempdir_in(folder)?,
        None => tempfile::tempdir_in(Path::new("."))?,
    };
    let sqlite = DatabaseUrl::from(folder.path().join("larkspur.db").as_path());
    measure("sqlite", &sqlite, seconds).await?;
    if let Some(cluster) = Cluster::start().await {
        let url = cluster.database("measured").await?;
        measure("postgresql", &url, seconds).await?;
    }
    Ok(())
}
