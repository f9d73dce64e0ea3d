//! How tasks advance: after polls, after a time of the virtual clock, by hand; and that nothing of a
//! result is there before.

use anyhow::{Result, ensure};
use larkspur_tests::app::TestApp;
use larkspur_tests::client::Client;
use larkspur_tests::server::Server;
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin_directory::operator;
use crate::{app, refused};

const STEPPING: &str = "/larkspur/v1/stepping";
const MINUTE_MS: i64 = 60_000;

async fn set(app: &TestApp, stepping: Value) -> Result<()> {
    operator(app)?.call(Method::PUT, STEPPING, Some(&stepping)).await?.data()?;
    Ok(())
}

async fn import(app: &TestApp, name: &str) -> Result<String> {
    let source = app.client.upload("a.md", "md", "docx", b"# text".to_vec()).await?;
    app.client.import(&source, "md", "docx", name).await
}

async fn statuses(client: &Client, ticket: &str, polls: usize) -> Result<Vec<i64>> {
    let mut statuses = Vec::new();
    for _ in 0..polls {
        let result = client.import_result(ticket).await?;
        let status = result["job_status"].as_i64().unwrap_or(-1);
        ensure!(result["token"].is_string() == (status == 0), "{result}");
        statuses.push(status);
    }
    Ok(statuses)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nth_poll_sees_the_end() -> Result<()> {
    let app = app().await?;
    set(&app, json!({"families": {"drive.import": {"after_polls": 4}}})).await?;
    let ticket = import(&app, "polled").await?;
    ensure!(statuses(&app.client, &ticket, 3).await? == [1, 2, 2]);
    ensure!(app.client.root_files().await?.is_empty(), "a result is there before its time");
    ensure!(statuses(&app.client, &ticket, 2).await? == [0, 0]);
    ensure!(app.client.root_files().await?.len() == 1);
    // Another family goes on as ever.
    let page = app.client.import_result(&ticket).await?["token"].clone();
    let page = page.as_str().unwrap_or_default();
    let export = app.client.export(page, "docx", "docx", None).await?;
    ensure!(app.exported(&export, page).await?["job_status"] == 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_that_of_the_virtual_clock() -> Result<()> {
    let app = app().await?;
    set(&app, json!({"default": {"after_seconds": 120}})).await?;
    let ticket = import(&app, "timed").await?;
    ensure!(statuses(&app.client, &ticket, 2).await? == [1, 2]);
    app.clock.advance(MINUTE_MS);
    ensure!(statuses(&app.client, &ticket, 1).await? == [2]);
    app.clock.advance(MINUTE_MS);
    ensure!(statuses(&app.client, &ticket, 1).await? == [0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_are_taken_by_hand() -> Result<()> {
    let app = app().await?;
    set(&app, json!({"default": "by_hand"})).await?;
    let ticket = import(&app, "by hand").await?;
    let step = async || {
        let path = format!("/larkspur/v1/tasks/{ticket}/step");
        operator(&app)?.post(&path, &json!({})).await
    };
    ensure!(statuses(&app.client, &ticket, 3).await? == [1, 1, 1]);
    ensure!(step().await?.data()?["task"]["state"] == "running");
    ensure!(statuses(&app.client, &ticket, 2).await? == [2, 2]);
    ensure!(step().await?.data()?["task"]["state"] == "succeeded");
    ensure!(statuses(&app.client, &ticket, 1).await? == [0]);
    refused(&step().await?, 409, 88_061_409)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_has_single_tasks_advance_in_another_way() -> Result<()> {
    let app = app().await?;
    let rule = json!({"family": "drive.import", "nth": 1, "advance": {"after_polls": 3}});
    operator(&app)?.post("/larkspur/v1/faults", &rule).await?.data()?;
    let (slow, fast) = (import(&app, "slow").await?, import(&app, "fast").await?);
    ensure!(app.imported(&fast).await?["job_status"] == 0);
    ensure!(statuses(&app.client, &slow, 3).await? == [1, 2, 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stepping_is_read_as_it_was_set_and_checked() -> Result<()> {
    let app = app().await?;
    let stepping = json!({"default": "at_once", "families": {"drive.export": "by_hand"}});
    set(&app, stepping.clone()).await?;
    ensure!(*operator(&app)?.get(STEPPING).await?.data()? == stepping);
    let put = async |body: Value| operator(&app)?.call(Method::PUT, STEPPING, Some(&body)).await;
    refused(&put(json!({"families": {"drive.imports": "by_hand"}})).await?, 400, 88_061_400)?;
    refused(&put(json!({"default": "sometimes"})).await?, 400, 99_992_402)?;
    refused(&app.client.get(STEPPING).await?, 401, 88_000_401)
}

#[tokio::test(flavor = "multi_thread")]
async fn gates_and_rules_outlive_a_crash() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut server = Server::start(crate::binary(), folder.path(), &[]).await?;
    let (client, operator) = (server.client().await?, server.operator().await?);
    let stepping = json!({"default": "at_once", "families": {"drive.import": {"after_polls": 4}}});
    operator.call(Method::PUT, STEPPING, Some(&stepping)).await?.data()?;
    let rule = json!({"name": "kept", "operation": "driveFileList", "http": 503});
    operator.post("/larkspur/v1/faults", &rule).await?.data()?;
    let source = client.upload("a.md", "md", "docx", b"# text".to_vec()).await?;
    let ticket = client.import(&source, "md", "docx", "crashed").await?;
    ensure!(statuses(&client, &ticket, 2).await? == [1, 2]);

    server.kill()?;
    server.restart().await?;
    let (client, operator) = (server.client().await?, server.operator().await?);
    refused(&client.get("/open-apis/drive/v1/files").await?, 503, 2200)?;
    ensure!(statuses(&client, &ticket, 2).await? == [2, 0]);
    ensure!(*operator.get(STEPPING).await?.data()? == stepping);
    Ok(())
}
