//! Faults as a client meets them: every effect on requests and on tasks, lost connections and files
//! that break off included; which rules are refused; what they hit; what requests bring along.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::app::TestApp;
use larkspur_tests::client::Answer;
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin_directory::operator;
use crate::{app, refused};

const FAULTS: &str = "/larkspur/v1/faults";
const TASKS: &str = "/open-apis/drive/v1/import_tasks";
const FILES: &str = "/open-apis/drive/v1/files";

async fn add(app: &TestApp, rule: Value) -> Result<Answer> {
    operator(app)?.post(FAULTS, &rule).await
}

async fn added(app: &TestApp, rule: Value) -> Result<String> {
    let answer = add(app, rule).await?;
    let name = answer.data()?["fault"]["name"].as_str().context("a name")?;
    Ok(name.to_owned())
}

async fn source(app: &TestApp, name: &str) -> Result<String> {
    app.client.upload(name, "md", "docx", b"# text".to_vec()).await
}

async fn import(app: &TestApp, name: &str) -> Result<String> {
    let source = source(app, &format!("{name}.md")).await?;
    app.client.import(&source, "md", "docx", name).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_documented_is_refused_with_what_is() -> Result<()> {
    let app = app().await?;
    let answer =
        add(&app, json!({"operation": "driveImportTaskCreate", "error": 1_770_001})).await?;
    refused(&answer, 400, 88_060_400)?;
    let said = answer.body["error"]["message"].as_str().unwrap_or_default().to_owned();
    ensure!(said.contains("1069913 import file token expired"), "{said}");
    let violation = &answer.body["error"]["field_violations"][0];
    ensure!(violation["field"] == "error" && violation["value"] == "1770001", "{violation}");
    let answer = add(&app, json!({"family": "drive.import", "status": 7777})).await?;
    refused(&answer, 400, 88_060_400)?;
    let answer = add(&app, json!({"latency": 5})).await?;
    refused(&answer, 400, 99_992_402)?;
    // Nobody but the operator.
    refused(&app.client.post(FAULTS, &json!({"http": 503})).await?, 401, 88_000_401)?;
    refused(&operator(&app)?.get(&format!("{FAULTS}/none")).await?, 404, 88_060_404)
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_statuses_and_limits_come_in_the_platforms_envelope() -> Result<()> {
    let app = app().await?;
    let token = source(&app, "a.md").await?;
    let body = json!({"file_extension": "md", "file_token": token, "type": "docx",
                      "point": {"mount_type": 1, "mount_key": ""}});
    let own = json!({"operation": "driveImportTaskCreate", "error": 1_069_912, "first": 1});
    let name = added(&app, own).await?;
    refused(&app.client.post(TASKS, &body).await?, 400, 1_069_912)?;
    app.client.post(TASKS, &body).await?.data()?;
    let listed = operator(&app)?.get(&format!("{FAULTS}/{name}")).await?;
    let fault = &listed.data()?["fault"];
    ensure!(fault["seen"] == 2 && fault["hit_count"] == 1 && fault["spent"] == true, "{fault}");
    let hit = &fault["hits"][0];
    ensure!(
        hit["what"] == "driveImportTaskCreate" && hit["app_id"] == app.app_id.as_str(),
        "{hit}"
    );

    added(&app, json!({"operation": "driveFileList", "http": 503, "nth": 1})).await?;
    refused(&app.client.get(FILES).await?, 503, 2200)?;
    app.client.get(FILES).await?.data()?;

    let throttle = json!({"operation": "driveImportTaskGet", "throttle": 7, "first": 2});
    added(&app, throttle).await?;
    let ticket = import(&app, "b").await?;
    for _ in 0..2 {
        let path = format!("{TASKS}/{ticket}");
        let (status, headers, bytes) = app.client.fetch(&path, None).await?;
        let answer = Answer { status, body: serde_json::from_slice(&bytes)?, why: None };
        refused(&answer, 429, 99_991_400)?;
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        ensure!(header("x-ogw-ratelimit-reset") == Some("7"), "{headers:?}");
        ensure!(header("x-ogw-ratelimit-limit").is_some(), "{headers:?}");
    }
    ensure!(app.imported(&ticket).await?["job_status"] == 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_leaves_the_work_undone_or_done() -> Result<()> {
    let app = app().await?;
    let folder = json!({"name": "f", "folder_token": ""});
    let path = "/open-apis/drive/v1/files/create_folder";
    for (when, folders) in [("before", 0), ("after", 1)] {
        added(&app, json!({"operation": "driveFileCreateFolder", "drop": when, "nth": 1})).await?;
        let lost = app.client.post(path, &folder).await;
        ensure!(lost.is_err(), "{when}: {lost:?}");
        let there = app.client.root_files().await?.len();
        ensure!(there == folders, "{when}: {there} folders");
    }
    app.client.post(path, &folder).await?.data()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_breaks_off_though_more_was_announced() -> Result<()> {
    let app = app().await?;
    let page = app.import("md", "docx", b"# text", "page").await?;
    let ticket = app.client.export(&page, "docx", "docx", None).await?;
    let result = app.exported(&ticket, &page).await?;
    let (file, size) = (result["file_token"].as_str().context("a file")?, &result["file_size"]);
    let rule = json!({"operation": "driveExportTaskDownload", "truncate": 1000, "nth": 1});
    added(&app, rule).await?;
    let path = format!("/open-apis/drive/v1/export_tasks/file/{file}/download");
    let (status, announced, got) = app.client.fetch_what_comes(&path).await?;
    ensure!(status == 200 && announced == size.as_u64(), "{status} {announced:?} {size}");
    ensure!(got == 1000, "{got} bytes");
    ensure!(app.client.download(file).await?.len() as u64 == announced.unwrap_or(0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn latency_is_real() -> Result<()> {
    let app = app().await?;
    added(&app, json!({"operation": "driveFileList", "latency_ms": 300, "times": 1})).await?;
    let started = tokio::time::Instant::now();
    app.client.get(FILES).await?.data()?;
    ensure!(started.elapsed() >= Duration::from_millis(300), "{:?}", started.elapsed());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_status_can_be_had() -> Result<()> {
    let app = app().await?;
    added(&app, json!({"family": "drive.import", "file": "*.xlsx", "status": 129, "nth": 2}))
        .await?;
    let workbook = b"not a workbook".to_vec();
    let mut statuses = Vec::new();
    for _ in 0..2 {
        let source = app.client.upload("a.xlsx", "xlsx", "sheet", workbook.clone()).await?;
        let ticket = app.client.import(&source, "xlsx", "sheet", "a").await?;
        statuses.push(app.imported(&ticket).await?["job_status"].clone());
    }
    ensure!(statuses[0] != 129 && statuses[1] == 129, "{statuses:?}");
    // 101 and 5000 stand for nothing that happens here by itself.
    for status in [3, 100, 101, 122, 5000, 7002] {
        let name = added(&app, json!({"family": "drive.import", "status": status})).await?;
        let ticket = import(&app, "page").await?;
        let result = app.imported(&ticket).await?;
        ensure!(result["job_status"] == status && result.get("token").is_none(), "{result}");
        let said = result["job_error_msg"].as_str().is_some_and(|text| text.len() > 5);
        ensure!(said, "{result}");
        let listed = operator(&app)?.get(&format!("{FAULTS}/{name}")).await?;
        ensure!(
            listed.data()?["fault"]["hits"][0]["task_id"] == ticket.as_str(),
            "{}",
            listed.body
        );
        operator(&app)?.call(Method::DELETE, &format!("{FAULTS}/{name}"), None).await?.data()?;
    }
    let page = app.import("md", "docx", b"# text", "page").await?;
    let rule = json!({"family": "drive.export", "status": 122, "message": "being copied"});
    added(&app, rule).await?;
    let ticket = app.client.export(&page, "docx", "docx", None).await?;
    let result = app.exported(&ticket, &page).await?;
    ensure!(result["job_status"] == 122 && result["job_error_msg"] == "being copied", "{result}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_dies_and_lives_succeeds_too_early_and_loses_what_it_is_told_to() -> Result<()> {
    let app = app().await?;
    let die = json!({"family": "drive.import", "file": "die*", "die": 1});
    added(&app, die).await?;
    let ticket = import(&app, "die").await?;
    ensure!(app.imported(&ticket).await?["job_status"] == 0);
    let detail = operator(&app)?.get(&format!("/larkspur/v1/tasks/{ticket}")).await?;
    let task = &detail.data()?["task"];
    ensure!(task["attempt"] == 2 && task["rehearsed"]["deaths"] == 1, "{task}");

    let rule = json!({"family": "drive.import", "file": "early*", "success_before_token": 2,
                      "extra": ["1000", "1005"]});
    added(&app, rule).await?;
    let ticket = import(&app, "early").await?;
    for _ in 0..2 {
        let result = app.imported(&ticket).await?;
        ensure!(result["job_status"] == 0 && result.get("token").is_none(), "{result}");
    }
    let result = app.imported(&ticket).await?;
    ensure!(result["token"].is_string(), "{result}");
    ensure!(result["extra"] == json!(["1000", "1005"]), "{result}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_task_waits_for_its_release() -> Result<()> {
    let app = app().await?;
    let hold = json!({"stage": "reading", "done": 3, "total": 10});
    added(&app, json!({"name": "stuck", "family": "drive.import", "hold": hold, "nth": 1})).await?;
    let ticket = import(&app, "page").await?;
    for _ in 0..3 {
        let result = app.client.import_result(&ticket).await?;
        ensure!(result["job_status"] == 2 && result.get("token").is_none(), "{result}");
    }
    let detail = operator(&app)?.get(&format!("/larkspur/v1/tasks/{ticket}")).await?;
    let task = &detail.data()?["task"];
    ensure!(task["progress"] == hold && task["state"] == "running", "{task}");
    ensure!(task["rehearsed"]["waits"] == true, "{task}");
    let released = operator(&app)?.post(&format!("{FAULTS}/stuck/release"), &json!({})).await?;
    let released = &released.data()?["released"];
    ensure!(*released == json!([{"task_id": ticket, "state": "succeeded"}]), "{released}");
    ensure!(app.client.import_result(&ticket).await?["job_status"] == 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_brings_its_own_fault_where_that_is_switched_on() -> Result<()> {
    let app = TestApp::start_as(crate::binary(), |config| config.request_faults = true).await?;
    let fault = |text: &str| app.client.with_header("X-Larkspur-Fault", text);
    refused(&fault("error=1061004").get(FILES).await?, 403, 1_061_004)?;
    refused(&fault("http=502;latency=5ms").get(FILES).await?, 502, 2200)?;
    refused(&fault("error=1069913").get(FILES).await?, 400, 88_060_400)?;
    refused(&fault("eror=1").get(FILES).await?, 400, 88_060_400)?;
    refused(&fault("status=129").get(FILES).await?, 400, 88_060_400)?;
    let token = source(&app, "a.md").await?;
    let ticket = fault("status=129").import(&token, "md", "docx", "a").await?;
    ensure!(app.imported(&ticket).await?["job_status"] == 129);
    let off = crate::app().await?;
    let plain = off.client.with_header("X-Larkspur-Fault", "error=1061004");
    plain.get(FILES).await?.data()?;
    Ok(())
}
