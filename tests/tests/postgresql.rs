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
