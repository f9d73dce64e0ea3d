//! The state of a server kept and put back over HTTP: what comes back, what stays, what is refused.

use anyhow::{Context as _, Result, ensure};
use larkspur_http::RateRule;
use larkspur_platform::Ceilings;
use larkspur_tests::app::TestApp;
use larkspur_tests::client::Client;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{app, refused};

const SNAPSHOTS: &str = "/larkspur/v1/snapshots";

async fn take(operator: &Client, body: Value) -> Result<()> {
    operator.post(SNAPSHOTS, &body).await?.data().map(|_| ())
}

async fn restore(operator: &Client, name: &str, body: Value) -> Result<()> {
    let path = format!("{SNAPSHOTS}/{name}/restore");
    operator.post(&path, &body).await?.data().map(|_| ())
}

async fn reset(operator: &Client, body: Value) -> Result<Value> {
    Ok(operator.post("/larkspur/v1/reset", &body).await?.data()?.clone())
}

async fn names(client: &Client) -> Result<Vec<String>> {
    Ok(client.root_files().await?.into_iter().map(|(name, _)| name).collect())
}

async fn text_of(client: &Client, token: &str) -> Result<String> {
    let path = format!("/open-apis/docx/v1/documents/{token}/raw_content");
    let answer = client.get(&path).await?;
    Ok(answer.data()?["content"].as_str().unwrap_or_default().to_owned())
}

/// A tenant of its own; a client and its id.
async fn tenant(app: &TestApp) -> Result<(Client, String)> {
    let made = app.operator()?.post("/larkspur/v1/tenants", &json!({})).await?;
    let made = &made.data()?["tenant"];
    let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
    let client = Client::connect(&app.client.url, &text("app_id"), &text("app_secret")).await?;
    Ok((client, text("tenant_id")))
}

async fn import(client: &Client, name: &str, text: &str) -> Result<String> {
    let source = client.upload("a.md", "md", "docx", text.as_bytes().to_vec()).await?;
    let ticket = client.import(&source, "md", "docx", name).await?;
    let limit = std::time::Duration::from_mins(2);
    let result = client.imported(&ticket, limit).await?;
    Ok(result["token"].as_str().with_context(|| result.to_string())?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_comes_back_with_its_documents_tasks_and_clock() -> Result<()> {
    let app = app().await?;
    let operator = app.operator()?;
    let kept = import(&app.client, "kept", "# first\n\ntext").await?;
    let source = app.client.upload("b.md", "md", "docx", b"later".to_vec()).await?;
    take(&operator, json!({"name": "first"})).await?;
    let before = (names(&app.client).await?, text_of(&app.client, &kept).await?);

    operator.post("/larkspur/v1/clock/advance", &json!({"by": "1h"})).await?.data()?;
    import(&app.client, "newer", "x").await?;
    let delete = format!("/open-apis/drive/v1/files/{kept}?type=docx");
    app.client.call(Method::DELETE, &delete, None).await?;
    let token = app.fresh_client().await?;
    restore(&operator, "first", json!({})).await?;

    ensure!((names(&app.client).await?, text_of(&app.client, &kept).await?) == before);
    // The clock is where it was, so the source is good again; the newer token stayed good.
    let ticket = token.import(&source, "md", "docx", "later").await?;
    ensure!(app.imported(&ticket).await?["job_status"] == 0);

    let listed = operator.get(SNAPSHOTS).await?.data()?["items"].clone();
    let listed: Vec<_> = listed.as_array().into_iter().flatten().map(|one| &one["name"]).collect();
    ensure!(listed == ["first", "base"], "{listed:?}");
    let path = format!("{SNAPSHOTS}/first");
    operator.call(Method::DELETE, &path, None).await?.data()?;
    refused(&operator.call(Method::DELETE, &path, None).await?, 404, 88_070_404)
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_reset_without_each_other() -> Result<()> {
    let app = app().await?;
    let operator = app.operator()?;
    let ((one, one_id), (two, two_id)) = (tenant(&app).await?, tenant(&app).await?);
    for client in [&one, &two, &app.client] {
        import(client, "mine", "x").await?;
    }
    take(&operator, json!({"name": "mine", "tenant_id": two_id})).await?;
    reset(&operator, json!({"tenant_id": one_id})).await?;
    ensure!(names(&one).await?.is_empty());
    ensure!(names(&two).await? == ["mine"] && names(&app.client).await? == ["mine"]);
    reset(&operator, json!({"tenant_id": two_id})).await?;
    ensure!(names(&two).await?.is_empty() && names(&app.client).await? == ["mine"]);
    restore(&operator, "mine", json!({"tenant_id": two_id})).await?;
    ensure!(names(&two).await? == ["mine"] && names(&one).await?.is_empty());

    // The whole server: tenants that were made since go with it.
    let answer = reset(&operator, json!({})).await?;
    ensure!(answer["snapshot"]["name"] == "base", "{answer}");
    ensure!(names(&app.client).await?.is_empty());
    refused(&one.get("/open-apis/drive/v1/files").await?, 400, 99_991_663)?;
    import(&app.client, "again", "x").await?;
    Ok(())
}

/// What the linter and the record have seen of an app, and how often it may list files yet.
async fn seen(operator: &Client, client: &Client, app: &str) -> Result<(usize, usize, usize)> {
    let count = async |path: String, list: &str| {
        let answer = operator.get(&path).await?;
        anyhow::Ok(answer.data()?[list].as_array().map_or(0, Vec::len))
    };
    let findings = count(format!("/larkspur/v1/apps/{app}/findings"), "findings").await?;
    let requests = count(format!("/larkspur/v1/apps/{app}/requests"), "items").await?;
    let mut passed = 0;
    while client.get("/open-apis/drive/v1/files").await?.status == 200 {
        passed += 1;
    }
    Ok((findings, requests, passed))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_forgets_what_was_seen_of_calls_of_that_tenant_alone() -> Result<()> {
    let app = TestApp::start_as(crate::binary(), |config| {
        let of_lists = RateRule::Own(Ceilings { per_minute: 3, ..Ceilings::NONE });
        config.rate_rules.operations.insert("driveFileList".to_owned(), of_lists);
    })
    .await?;
    let operator = app.operator()?;
    let made = operator.post("/larkspur/v1/tenants", &json!({})).await?.data()?["tenant"].clone();
    let field = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
    let (id, of_tenant) = (field("tenant_id"), field("app_id"));
    let client = Client::connect(&app.client.url, &of_tenant, &field("app_secret")).await?;
    let first = operator.get(&format!("/larkspur/v1/apps/{}", app.app_id)).await?;
    let other = first.data()?["app"]["tenant_id"].as_str().context("a tenant")?.to_owned();
    let fill = async |client: &Client, app: &str| {
        let (_, _, passed) = seen(&operator, client, app).await?;
        ensure!(passed == 3, "{passed}");
        // Who comes back too early is spoken of by the linter.
        client.get("/open-apis/drive/v1/files").await?;
        let (findings, requests, passed) = seen(&operator, client, app).await?;
        ensure!(findings > 0 && requests > 3 && passed == 0, "{findings} {requests} {passed}");
        Ok(())
    };
    fill(&client, &of_tenant).await?;
    fill(&app.client, &app.app_id).await?;
    reset(&operator, json!({"tenant_id": id})).await?;
    ensure!(seen(&operator, &client, &of_tenant).await? == (0, 0, 3));
    let (findings, requests, passed) = seen(&operator, &app.client, &app.app_id).await?;
    ensure!(findings > 0 && requests > 0 && passed == 0, "{findings} {requests} {passed}");
    reset(&operator, json!({"tenant_id": other})).await?;
    ensure!(seen(&operator, &app.client, &app.app_id).await? == (0, 0, 3));
    reset(&operator, json!({})).await?;
    ensure!(seen(&operator, &app.client, &app.app_id).await? == (0, 0, 3));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn work_for_a_state_that_is_gone_comes_to_nothing() -> Result<()> {
    let app = app().await?;
    let operator = app.operator()?;
    let mut tickets = Vec::new();
    for number in 0..12 {
        let source = app.client.upload("a.md", "md", "docx", b"x".to_vec()).await?;
        tickets.push(app.client.import(&source, "md", "docx", &number.to_string()).await?);
    }
    reset(&operator, json!({})).await?;
    ensure!(names(&app.client).await?.is_empty());
    for ticket in &tickets {
        let path = format!("/open-apis/drive/v1/import_tasks/{ticket}");
        let answer = app.client.get(&path).await?;
        ensure!(answer.code() == 1_069_904, "{}", answer.body);
    }
    // What ran meanwhile publishes nothing later either.
    import(&app.client, "fresh", "x").await?;
    ensure!(names(&app.client).await? == ["fresh"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused() -> Result<()> {
    let app = app().await?;
    let operator = app.operator()?;
    take(&operator, json!({"name": "a"})).await?;
    let taken = operator.post(SNAPSHOTS, &json!({"name": "a"})).await?;
    refused(&taken, 409, 88_070_409)?;
    take(&operator, json!({"name": "a", "replace": true})).await?;
    for body in [json!({}), json!({"name": "a/b"}), json!({"name": "a", "tenant": "x"})] {
        refused(&operator.post(SNAPSHOTS, &body).await?, 400, 99_992_402)?;
    }
    let nobody = json!({"name": "b", "tenant_id": "nobody"});
    refused(&operator.post(SNAPSHOTS, &nobody).await?, 404, 88_010_404)?;
    let missing = operator.post(&format!("{SNAPSHOTS}/none/restore"), &json!({})).await?;
    refused(&missing, 404, 88_070_404)?;
    let foreign = json!({"tenant_id": "nobody"});
    let foreign = operator.post(&format!("{SNAPSHOTS}/a/restore"), &foreign).await?;
    refused(&foreign, 404, 88_010_404)?;
    let path = format!("{SNAPSHOTS}/base");
    operator.call(Method::DELETE, &path, None).await?.data()?;
    refused(&operator.post("/larkspur/v1/reset", &json!({})).await?, 409, 88_072_409)
}
