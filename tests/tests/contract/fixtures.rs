//! Fixtures: the shipped example as a server holds it, applied again, sent to a running server, and
//! what is said about files that are wrong.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use larkspur_tests::app::TestApp;
use larkspur_tests::client::{Answer, Client};
use larkspur_tests::repository;
use reqwest::Method;
use serde_json::json;

use crate::{app, refused};

fn example() -> PathBuf {
    repository().join("examples/fixtures/company.toml")
}

async fn with_example() -> Result<TestApp> {
    let binary = Path::new(env!("CARGO_BIN_EXE_larkspur_under_test"));
    TestApp::start_as(binary, |config| config.fixtures = Some(example())).await
}

async fn files(client: &Client, folder: &str) -> Result<Vec<String>> {
    let answer = client.get(&format!("/open-apis/drive/v1/files?folder_token={folder}")).await?;
    let files = answer.data()?["files"].as_array().cloned().unwrap_or_default();
    Ok(files.iter().map(|file| file["name"].as_str().unwrap_or_default().to_owned()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_is_there_and_a_reset_comes_back_to_it() -> Result<()> {
    let app = with_example().await?;
    ensure!(app.app_id == "cli_a1b2c3d4e5f60718", "{}", app.app_id);
    ensure!(app.clock.now_ms() == 1_796_086_800_000, "{:?}", app.clock);
    let look = async || {
        let mut root = files(&app.client, "").await?;
        root.sort();
        ensure!(root == ["2026", "员工手册"], "{root:?}");
        let reports = files(&app.client, "fldcnMonthlyReports20260000").await?;
        ensure!(reports == ["订单 Orders"], "{reports:?}");
        let path = "/open-apis/docx/v1/documents/doxcnHandbookOfTheCompany00/raw_content";
        let text = app.client.get(path).await?;
        ensure!(text.data()?["content"].to_string().contains("销售部"), "{}", text.body);
        anyhow::Ok(())
    };
    look().await?;
    let sheet = app.client.first_sheet("shtcnOrdersOfDecember202600").await?;
    let values = format!(
        "/open-apis/sheets/v2/spreadsheets/shtcnOrdersOfDecember202600/values/{sheet}!A2:B2"
    );
    let values = app.client.get(&values).await?;
    ensure!(values.data()?["valueRange"]["values"] == json!([["00017", "上海远航"]]));

    let reader = "a-reader-that-may-not-write-anything";
    let reader = Client::connect(&app.client.url, "cli_0011223344556677", reader).await?;
    // The sheet is shared with it, the handbook is not.
    reader.first_sheet("shtcnOrdersOfDecember202600").await?;
    let handbook = "/open-apis/docx/v1/documents/doxcnHandbookOfTheCompany00";
    ensure!(reader.get(handbook).await?.code() == 1_770_032);
    refused(&reader.post("/open-apis/drive/v1/import_tasks", &json!({})).await?, 400, 99_991_672)?;

    app.import("md", "docx", b"# more", "more").await?;
    let operator = app.operator()?;
    // Its faults and its stepping are in force.
    let broken = app.client.upload("broken-a.csv", "csv", "sheet", b"a".to_vec()).await?;
    let ticket = app.client.import(&broken, "csv", "sheet", "b").await?;
    ensure!(app.imported(&ticket).await?["job_status"] == 129);
    let ticket = app.client.export("doxcnHandbookOfTheCompany00", "docx", "docx", None).await?;
    let seen = app.client.export_result(&ticket, "doxcnHandbookOfTheCompany00").await?;
    ensure!(seen["job_status"] == 1, "{seen}");
    operator.call(Method::DELETE, "/larkspur/v1/faults", None).await?.data()?;
    operator.post("/larkspur/v1/clock/advance", &json!({"by": "2d"})).await?.data()?;
    operator.post("/larkspur/v1/reset", &json!({})).await?.data()?;
    ensure!(app.clock.now_ms() == 1_796_086_800_000, "{:?}", app.clock);
    let rules = operator.get("/larkspur/v1/faults").await?;
    ensure!(rules.body.to_string().contains("a-broken-workbook"), "{}", rules.body);
    look().await
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_applied_once_and_a_restart_keeps_what_was_made_since() -> Result<()> {
    let app = with_example().await?;
    let token = app.import("md", "docx", b"# made since", "since").await?;
    let app = app.restart().await?;
    let path = format!("/open-apis/docx/v1/documents/{token}");
    app.client.get(&path).await?.data()?;
    Ok(())
}

/// Sends fixtures with the files they name.
async fn send(app: &TestApp, text: &str, files: &[(&str, &[u8])]) -> Result<Answer> {
    app.operator()?.fixtures("/larkspur/v1/fixtures", text, files).await
}

#[tokio::test(flavor = "multi_thread")]
async fn sent_ones_add_and_change_by_ids() -> Result<()> {
    let app = app().await?;
    let file = |name: &str| {
        json!({"tenants": [{
            "id": "acme",
            "apps": [{"id": "cli_acme", "secret": "secret-of-acme-app", "name": name}],
            "users": [{"id": "u1", "name": name}],
            "documents": [{"file": "a/page.md", "folder": "x/y"}],
        }]})
        .to_string()
    };
    let page: &[(&str, &[u8])] = &[("a/page.md", b"# Page\n\nbody")];
    let first = send(&app, &file("First"), page).await?;
    ensure!(first.data()?["fixtures"]["made"] == 6, "{}", first.body);
    let again = send(&app, &file("Second"), page).await?;
    let counts = &again.data()?["fixtures"];
    ensure!(counts["made"] == 0 && counts["documents"] == 1, "{}", again.body);
    let client = Client::connect(&app.client.url, "cli_acme", "secret-of-acme-app").await?;
    ensure!(files(&client, "").await? == ["x"]);
    let user = app.operator()?.get("/larkspur/v1/users/u1?tenant_id=acme").await?;
    ensure!(user.data()?["user"]["name"] == "Second", "{}", user.body);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_with_line_and_field() -> Result<()> {
    let app = app().await?;
    let tenant = "[[tenants]]\nid = \"t\"\n[[tenants.apps]]\nid = \"cli_t\"\n";
    for (text, field, said) in [
        ("clok = \"real\"\n".to_owned(), "", "did you mean `clock`?"),
        ("\nclock = \"soon\"\n".to_owned(), "clock", "line 2: "),
        (format!("{tenant}secret = \"short\"\n"), "tenants[0].apps[0].secret", "line 5: "),
        (format!("{tenant}nmae = \"x\"\n"), "tenants[0].apps[0]", "did you mean `name`?"),
        (
            format!("{tenant}[[tenants.documents]]\nfile = \"gone.md\"\n"),
            "tenants[0].documents[0].file",
            "line 6: gone.md cannot be read",
        ),
        (
            format!("{tenant}[[tenants.users]]\nid = \"a\"\nname = \"A\"\ndepartments = [\"d\"]\n"),
            "tenants[0].users[0].departments",
            "line 8: ",
        ),
        (format!("{tenant}[[tenants.apps]]\nid = \"cli_t\"\n"), "tenants[0].apps[1].id", "line 6"),
        ("[env]\napp = \"cli_none\"\n".to_owned(), "env.app", "line 2: "),
    ] {
        let answer = send(&app, &text, &[]).await?;
        refused(&answer, 422, 88_080_422)?;
        let violation = &answer.body["error"]["field_violations"][0];
        let told = violation["description"].as_str().unwrap_or_default();
        ensure!(told.contains(said), "{text}: {}", answer.body);
        ensure!(violation["field"].as_str().unwrap_or_default().starts_with(field), "{violation}");
    }
    let broken = send(
        &app,
        &format!("{tenant}[[tenants.documents]]\nfile = \"a.xlsx\"\n"),
        &[("a.xlsx", b"no workbook")],
    )
    .await?;
    ensure!(broken.body.to_string().contains("import failed"), "{}", broken.body);
    Ok(())
}
