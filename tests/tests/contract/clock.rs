//! The clock that everything expires by: moved over HTTP, followed by what expires, kept.

use anyhow::{Result, ensure};
use larkspur_tests::client::Client;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{app, refused};

const CLOCK: &str = "/larkspur/v1/clock";

async fn put(operator: &Client, body: Value) -> Result<Value> {
    let answer = operator.call(Method::PUT, CLOCK, Some(&body)).await?;
    Ok(answer.data()?["clock"].clone())
}

async fn advance(operator: &Client, by: Value) -> Result<Value> {
    let answer = operator.post("/larkspur/v1/clock/advance", &json!({ "by": by })).await?;
    Ok(answer.data()?["clock"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_shown_set_advanced_and_run() -> Result<()> {
    let app = app().await?;
    let operator = app.operator()?;
    let shown = operator.get(CLOCK).await?.data()?["clock"].clone();
    ensure!(shown["mode"] == "frozen" && shown["now_ms"] == app.clock.now_ms(), "{shown}");
    let set = put(&operator, json!({"at": "2026-12-01T09:00:00+08:00"})).await?;
    ensure!(set["now"] == "2026-12-01T01:00:00Z" && set["mode"] == "frozen", "{set}");
    let later = advance(&operator, json!("6m")).await?;
    ensure!(later["now"] == "2026-12-01T01:06:00Z", "{later}");
    let later = advance(&operator, json!(1_500)).await?;
    ensure!(later["now"] == "2026-12-01T01:06:01.5Z", "{later}");
    let running = put(&operator, json!({"factor": 60})).await?;
    ensure!(running["mode"] == "running" && running["factor"] == 60.0, "{running}");
    let real = put(&operator, json!({"mode": "real"})).await?;
    ensure!(real["mode"] == "real" && real["ahead_ms"] == 0, "{real}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_told_and_nobody_else_moves_it() -> Result<()> {
    let app = app().await?;
    let operator = app.operator()?;
    let wrong = json!({"mode": "real", "at": 5});
    refused(&operator.call(Method::PUT, CLOCK, Some(&wrong)).await?, 400, 99_992_402)?;
    for by in [json!("soon"), json!(-1), Value::Null] {
        let answer = operator.post("/larkspur/v1/clock/advance", &json!({ "by": by })).await?;
        refused(&answer, 400, 99_992_402)?;
    }
    refused(&app.client.get(CLOCK).await?, 401, 88_000_401)?;
    refused(&app.client.post("/larkspur/v1/reset", &json!({})).await?, 401, 88_000_401)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_expires_follows_it() -> Result<()> {
    let app = app().await?;
    let operator = app.operator()?;

    // A source, five minutes.
    let source = app.client.upload("a.md", "md", "docx", b"x".to_vec()).await?;
    advance(&operator, json!("5m")).await?;
    let body = json!({"file_extension": "md", "file_token": source, "type": "docx",
                      "point": {"mount_type": 1, "mount_key": ""}});
    let late = app.client.post("/open-apis/drive/v1/import_tasks", &body).await?;
    refused(&late, 400, 1_069_913)?;

    // An artifact, ten minutes.
    let token = app.import("md", "docx", b"# a", "a").await?;
    let ticket = app.client.export(&token, "docx", "docx", None).await?;
    let result = app.exported(&ticket, &token).await?;
    let file = result["file_token"].as_str().unwrap_or_default().to_owned();
    let path = format!("/open-apis/drive/v1/export_tasks/file/{file}/download");
    ensure!(app.client.fetch(&path, None).await?.0 == 200);
    advance(&operator, json!("10m")).await?;
    ensure!(app.client.fetch(&path, None).await?.0 != 200);

    // An upload in parts, a day.
    let plan = json!({"file_name": "b.md", "parent_type": "ccm_import_open", "parent_node": "",
                      "size": 5, "extra": "{\"obj_type\":\"docx\",\"file_extension\":\"md\"}"});
    let plan = app.client.post("/open-apis/drive/v1/medias/upload_prepare", &plan).await?;
    let upload = plan.data()?["upload_id"].clone();
    advance(&operator, json!("24h")).await?;
    let fresh = app.fresh_client().await?;
    let finish = json!({"upload_id": upload, "block_num": 1});
    let late = fresh.post("/open-apis/drive/v1/medias/upload_finish", &finish).await?;
    ensure!(late.code() == 1_061_021, "{}", late.body);

    // A token, two hours; `expire` says what is left.
    let credentials = json!({"app_id": app.app_id, "app_secret": app.app_secret});
    advance(&operator, json!("1h")).await?;
    let path = "/open-apis/auth/v3/tenant_access_token/internal";
    let again = app.client.with_token("").post(path, &credentials).await?;
    ensure!(again.body["expire"] == 3_600, "{}", again.body);
    advance(&operator, json!("1h")).await?;
    refused(&fresh.get("/open-apis/drive/v1/files").await?, 400, 99_991_663)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_finds_it_as_it_was_left() -> Result<()> {
    let app = app().await?;
    let set = put(&app.operator()?, json!({"mode": "frozen", "at": 1_900_000_000_000_i64})).await?;
    ensure!(set["now_ms"] == 1_900_000_000_000_i64, "{set}");
    let app = app.restart().await?;
    ensure!(app.clock.now_ms() == 1_900_000_000_000, "{:?}", app.clock);
    Ok(())
}
