//! The main job on PostgreSQL: a cluster of the test's own, the same API, the same answers.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use larkspur_store::DatabaseUrl;
use larkspur_store::testing::Cluster;
use larkspur_tests::app::TestApp;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn imports_and_exports_work_on_postgresql() -> Result<()> {
    let Some(cluster) = Cluster::start().await else { return Ok(()) };
    let DatabaseUrl::Postgres(url) = cluster.database("larkspur").await? else {
        bail!("a cluster's database is one of PostgreSQL");
    };
    let binary = Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"));
    let app = TestApp::start_on(binary, Some(url)).await?;

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
