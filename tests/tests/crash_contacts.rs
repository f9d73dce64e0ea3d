//! `kill -9` while ten thousand users are being added by one batch: afterwards everybody is there
//! once, was told once, and has a result of having been added, not updated.
//!
//! The seed and the number of users come from `LARKSPUR_CRASH_SEED` and `LARKSPUR_CRASH_USERS`, so
//! that the same test runs longer by hand.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use larkspur_tests::client::Client;
use larkspur_tests::server::Server;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_mins(3);

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

async fn state(client: &Client, task: &str) -> Result<Value> {
    let answer = client.get(&format!("/open-apis/contact/v2/task/get?task_id={task}")).await?;
    Ok(answer.data()?.clone())
}

/// Waits until more than `done` items are done.
async fn beyond(client: &Client, task: &str, done: i64) -> Result<Value> {
    let deadline = tokio::time::Instant::now() + LIMIT;
    loop {
        let state = state(client, task).await?;
        let now = state["success_num"].as_i64().context("success_num")?;
        if now > done || state["status"].as_i64() >= Some(9) {
            return Ok(state);
        }
        if tokio::time::Instant::now() > deadline {
            bail!("stuck at {state}");
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_interrupted_adds_everybody_once() -> Result<()> {
    let total = setting("LARKSPUR_CRASH_USERS", 10_000);
    let mut random = StdRng::seed_from_u64(setting("LARKSPUR_CRASH_SEED", 20_261_126));
    let folder = tempfile::tempdir()?;
    let binary = Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"));
    let mut server = Server::start(binary, folder.path(), &[]).await?;
    let mut client = server.client().await?;
    // Everybody is led by somebody who stands behind them in the request.
    let users: Vec<Value> = (0..total)
        .map(|at| {
            let mut user = json!({"name": format!("User {at}"), "departments": ["0"],
                "mobile": format!("139{at:08}")});
            if at % 3 != 0 {
                user["user_id"] = json!(format!("u{at}"));
            }
            if at % 3 == 1 && at + 1 < total {
                user["leader_user_id"] = json!(format!("u{}", at + 1));
            }
            user
        })
        .collect();
    let body = json!({"users": users, "need_send_notification": true});
    let answer = client.post("/open-apis/contact/v2/user/batch_add", &body).await?;
    let task = answer.data()?["task_id"].as_str().context("task_id")?.to_owned();

    let (mut done, mut kills) = (0, 0);
    loop {
        let state = beyond(&client, &task, done).await?;
        if state["status"].as_i64() >= Some(9) {
            break;
        }
        done = state["success_num"].as_i64().context("success_num")?;
        tokio::time::sleep(Duration::from_millis(random.random_range(0..120))).await;
        server.kill()?;
        kills += 1;
        server.restart().await?;
        client = server.client().await?;
        let after = self::state(&client, &task).await?["success_num"].as_i64();
        ensure!(after >= Some(done), "what was done is gone: {done} before, {after:?} after");
        done = after.unwrap_or(done);
    }
    verify(&server, &client, &task, total).await?;
    println!("{total} users, {kills} kills");
    ensure!(kills >= 1, "the batch was too fast to be interrupted");
    Ok(())
}

async fn verify(server: &Server, client: &Client, task: &str, total: u64) -> Result<()> {
    let end = state(client, task).await?;
    let items = end["task_info"].as_array().with_context(|| format!("no results: {end:.200}"))?;
    ensure!(end["status"] == 9 && end["success_num"] == total && end["fail_num"] == 0);
    ensure!(items.len() as u64 == total, "{} results", items.len());
    let mut ids = HashSet::new();
    for (at, item) in items.iter().enumerate() {
        ensure!(item["code"] == 0 && item["action"] == 1, "{item}");
        ensure!(item["name"] == format!("User {at}"), "{item} at {at}");
        let id = item["open_id"].as_str().context("open_id")?;
        ensure!(ids.insert(id.to_owned()), "{id} stands for two");
    }
    let database = rusqlite::Connection::open(server.data().join("larkspur.db"))?;
    let count = |sql: &str| -> Result<u64> {
        let counted: i64 = database.query_row(sql, [], |row| row.get(0))?;
        Ok(counted.unsigned_abs())
    };
    ensure!(count("SELECT count(*) FROM users WHERE mobile <> ''")? == total);
    ensure!(count("SELECT count(DISTINCT mobile) FROM users WHERE mobile <> ''")? == total);
    ensure!(count("SELECT count(*) FROM user_departments")? == total);
    ensure!(count("SELECT count(DISTINCT user_id) FROM outbox")? == total);
    ensure!(count("SELECT count(*) FROM outbox")? == total);
    let led = count("SELECT count(*) FROM users WHERE leader IS NOT NULL")?;
    ensure!(led == (0..total).filter(|at| at % 3 == 1 && at + 1 < total).count() as u64);
    Ok(())
}
