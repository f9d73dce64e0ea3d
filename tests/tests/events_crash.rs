//! `kill -9` while tasks end and others are told: once the server is back, every listener who comes back
//! with its cursor, and every webhook, has heard of the end of every acknowledged task.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::client::Client;
use larkspur_tests::listening::{Listener, Receiver};
use larkspur_tests::server::Server;
use serde_json::json;
use tokio::sync::{RwLock, watch};

const TASKS: usize = 120;
const LISTENERS: usize = 5;
const EVENTS: &str = "/larkspur/v1/events?state=succeeded,failed,cancelled&after=start";
const LIMIT: Duration = Duration::from_mins(3);

/// The server as it can be reached at the moment.
struct Reached {
    app: RwLock<Client>,
    operator: RwLock<Client>,
}

/// Hears until all `wanted` tasks have ended, however often the stream breaks.
async fn hear(
    reached: Arc<Reached>,
    mut wanted: watch::Receiver<Option<BTreeSet<String>>>,
) -> Result<usize> {
    let (mut heard, mut cursor, mut connections) = (BTreeSet::new(), None::<String>, 0);
    loop {
        let operator = reached.operator.read().await.clone();
        let Ok(mut listener) = Listener::open(&operator, EVENTS, cursor.as_deref()).await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        connections += 1;
        loop {
            let event = tokio::select! {
                event = listener.event() => event,
                changed = wanted.changed() => {
                    changed?;
                    continue;
                }
            };
            let Ok((_, task)) = event else { break };
            cursor = Some(listener.cursor.clone());
            ensure!(heard.insert(task), "told twice");
            if wanted.borrow().as_ref().is_some_and(|wanted| wanted.is_subset(&heard)) {
                return Ok(connections);
            }
        }
    }
}

async fn submit(reached: &Reached) -> Result<String> {
    let client = reached.app.read().await.clone();
    let source = client.upload("a.md", "md", "docx", b"# text".to_vec()).await?;
    client.import(&source, "md", "docx", "a").await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_end_is_heard_of_by_everybody_across_crashes() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let binary = Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"));
    let mut server = Server::start(binary, folder.path(), &["--webhook-private=true"]).await?;
    let reached = Arc::new(Reached {
        app: RwLock::new(server.client().await?),
        operator: RwLock::new(server.operator().await?),
    });
    // Most end without work, so that much happens between two crashes.
    let rule = json!({"family": "drive.import", "every": 2, "status": 3});
    let operator = reached.operator.read().await.clone();
    operator.post("/larkspur/v1/faults", &rule).await?.data()?;
    let mut receiver = Receiver::start().await?;
    let body = json!({"url": receiver.url});
    operator.post("/larkspur/v1/webhooks", &body).await?.data()?;
    let (all, wanted) = watch::channel(None);
    let listeners: Vec<_> =
        (0..LISTENERS).map(|_| tokio::spawn(hear(Arc::clone(&reached), wanted.clone()))).collect();
    let mut submitted = BTreeSet::new();
    for number in 0..TASKS {
        if number % 40 == 20 {
            server.kill()?;
            server.restart().await?;
            *reached.app.write().await = server.client().await?;
            *reached.operator.write().await = server.operator().await?;
        }
        submitted.insert(submit(&reached).await?);
    }
    // The last one ends after everybody knows for what to wait.
    all.send(Some(submitted.clone()))?;
    submit(&reached).await?;
    let told = async {
        let mut told = BTreeSet::new();
        while !submitted.is_subset(&told) {
            let event = receiver.next().await?.json()?;
            told.insert(event["data"]["task_id"].as_str().unwrap_or_default().to_owned());
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(LIMIT, told).await.context("the webhook was not told everything")??;
    for listener in listeners {
        let heard = tokio::time::timeout(LIMIT, listener).await;
        let connections = heard.context("a listener did not hear of everything")???;
        ensure!(connections >= 3, "the crashes were not noticed");
    }
    Ok(())
}
