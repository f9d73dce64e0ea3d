//! The main job on PostgreSQL: a cluster of the test's own, the same API, the same answers.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use larkspur_store::DatabaseUrl;
use larkspur_store::testing::Cluster;
use larkspur_tests::app::TestApp;
use larkspur_tests::client::Client;
use reqwest::Method;
use serde_json::json;

async fn start_on(cluster: &Cluster) -> Result<TestApp> {
    let DatabaseUrl::Postgres(url) = cluster.database("larkspur").await? else {
        bail!("a cluster's database is one of PostgreSQL");
    };
    let binary = Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"));
    TestApp::start_on(binary, Some(url)).await
}

/// Looks until it is so; another node follows within a second.
async fn soon(what: &str, holds: impl AsyncFn() -> Result<bool>) -> Result<()> {
    let looking = async {
        while !holds().await? {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        anyhow::Ok(())
    };
    // Ten times what is promised, for machines that do other things as well.
    tokio::time::timeout(Duration::from_secs(10), looking).await.with_context(|| what.to_owned())?
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_follow_the_clock_and_put_back_states() -> Result<()> {
    let Some(cluster) = Cluster::start().await else { return Ok(()) };
    let app = start_on(&cluster).await?;
    let operator = app.operator()?;
    let (second, clock) = app.start_beside().await?;
    ensure!(clock.now_ms() == app.clock.now_ms(), "a second node finds the clock as it is set");
    let at = json!({"at": "2026-12-24T18:00:00+08:00"});
    operator.call(Method::PUT, "/larkspur/v1/clock", Some(&at)).await?.data()?;
    let now_ms = app.clock.now_ms();
    soon("the clock", async || Ok(clock.now_ms() == now_ms)).await?;

    // A tenant that both nodes know, until the state without it is put back.
    let made = operator.post("/larkspur/v1/tenants", &json!({})).await?.data()?["tenant"].clone();
    let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
    let there = Client::connect(&second.url, &text("app_id"), &text("app_secret")).await?;
    there.get("/open-apis/drive/v1/files").await?.data()?;
    operator.post("/larkspur/v1/reset", &json!({})).await?.data()?;
    let denied = async || Ok(there.get("/open-apis/drive/v1/files").await?.code() == 99_991_663);
    soon("a tenant that is gone", denied).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_and_exports_work_on_postgresql() -> Result<()> {
    let Some(cluster) = Cluster::start().await else { return Ok(()) };
    let app = start_on(&cluster).await?;

    let page = app.import("md", "docx", "# 标题\n\n正文".as_bytes(), "页面").await?;
    for extension in ["docx", "pdf"] {
        let ticket = app.client.export(&page, "docx", extension, None).await?;
        let result = app.exported(&ticket, &page).await?;
        ensure!(result["job_status"] == 0, "{result}");
        let file = result["file_token"].as_str().context("file_token")?;
        let bytes = app.client.download(file).await?;
        ensure!(result["file_size"].as_u64() == Some(bytes.len() as u64), "{result}");
    }
    let table = app.import("csv", "sheet", "编号,名\r\n0012,甲\r\n".as_bytes(), "表").await?;
    let sheet = app.client.first_sheet(&table).await?;
    let values = format!("/open-apis/sheets/v2/spreadsheets/{table}/values/{sheet}!A1:B2");
    let values = app.client.get(&values).await?;
    let values = &values.data()?["valueRange"]["values"];
    ensure!(*values == json!([["编号", "名"], ["0012", "甲"]]), "{values}");
    let ticket = app.client.export(&table, "sheet", "csv", Some(&sheet)).await?;
    ensure!(app.exported(&ticket, &table).await?["job_status"] == 0);

    let names: Vec<String> =
        app.client.root_files().await?.into_iter().map(|(name, _)| name).collect();
    ensure!(names.contains(&"页面".to_owned()) && names.contains(&"表".to_owned()), "{names:?}");
    let unknown = app.client.get("/open-apis/drive/v1/import_tasks/7000000000000000000").await?;
    ensure!(unknown.code() == 1_069_904, "{}", unknown.body);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_write_to_one_sheet_and_lose_nothing() -> Result<()> {
    let Some(cluster) = Cluster::start().await else { return Ok(()) };
    let DatabaseUrl::Postgres(url) = cluster.database("larkspur").await? else {
        bail!("a cluster's database is one of PostgreSQL");
    };
    let blobs = tempfile::tempdir()?;
    let binary = Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"));
    let app = TestApp::start_as(binary, |config| {
        config.database = Some(url);
        config.blobs = Some(blobs.path().to_string_lossy().into_owned());
    })
    .await?;
    let (second, _) = app.start_beside().await?;
    let there = Client::connect(&second.url, &app.app_id, &app.app_secret).await?;
    let path = "/open-apis/sheets/v3/spreadsheets";
    let made = app.client.post(path, &json!({"title": "book"})).await?;
    let token = made.data()?["spreadsheet"]["spreadsheet_token"].as_str().context("token")?;
    let sheet = app.client.first_sheet(token).await?;
    let append = format!("/open-apis/sheets/v2/spreadsheets/{token}/values_append");
    let mut writers = tokio::task::JoinSet::new();
    for (node, client) in [app.client.clone(), there.clone()].into_iter().enumerate() {
        let (append, sheet) = (append.clone(), sheet.clone());
        writers.spawn(async move {
            let mut written = Vec::new();
            for number in 0..15 {
                let number = number * 2 + node;
                let body = json!({"valueRange": {"range": format!("{sheet}!A1:A1"), "values": [[number]]}});
                let answer = client.post(&append, &body).await?;
                if answer.code() == 0 {
                    written.push(number as u64);
                } else {
                    ensure!(answer.code() == 90_235, "{}", answer.body);
                }
            }
            Ok(written)
        });
    }
    let mut written = Vec::new();
    for numbers in writers.join_all().await {
        written.extend(numbers?);
    }
    written.sort_unstable();
    ensure!(written.len() > 15, "{written:?}");
    for client in [&app.client, &there] {
        let values = format!("/open-apis/sheets/v2/spreadsheets/{token}/values/{sheet}!A1:A40");
        let values = client.get(&values).await?.data()?["valueRange"]["values"].clone();
        let rows = values.as_array().context("rows")?;
        let mut found: Vec<u64> = rows.iter().filter_map(|row| row[0].as_u64()).collect();
        found.sort_unstable();
        ensure!(found == written, "{found:?} are there, {written:?} were acknowledged");
    }
    Ok(())
}
