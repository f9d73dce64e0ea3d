//! Larkspur's own API for tenants, apps, users and departments: made, changed, listed, and closed to
//! everybody but the operator.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use larkspur_tests::app::TestApp;
use larkspur_tests::client::Client;

use crate::{app, refused};

/// A client with the operator's token.
pub(crate) fn operator(app: &TestApp) -> Result<Client> {
    let token = app.server.admin_token.as_ref().context("a fresh server knows its admin token")?;
    Ok(app.client.with_token(token.expose()))
}

async fn patch(client: &Client, path: &str, body: &Value) -> Result<Value> {
    Ok(client.call(Method::PATCH, path, Some(body)).await?.data()?.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_comes_with_all_that_a_test_needs_and_sees_no_other() -> Result<()> {
    let app = app().await?;
    let operator = operator(&app)?;
    let body = json!({"name": "测试", "app": {"scopes": ["drive:drive"], "redirect_uris": ["http://127.0.0.1:1/cb"]}});
    let made = operator.post("/larkspur/v1/tenants", &body).await?.data()?["tenant"].clone();
    let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
    ensure!(text("admin_open_id").starts_with("ou_"), "{made}");
    let fresh = Client::connect(&app.client.url, &text("app_id"), &text("app_secret")).await?;
    let folder = text("root_folder_token");
    let files = fresh.get(&format!("/open-apis/drive/v1/files?folder_token={folder}")).await?;
    ensure!(files.data()?["files"] == json!([]), "{}", files.body);
    let foreign =
        app.client.get(&format!("/open-apis/drive/v1/files?folder_token={folder}")).await?;
    ensure!(foreign.code() != 0, "{}", foreign.body);
    let docx = fresh.get("/open-apis/docx/v1/documents/doxcn0000000000000000000000").await?;
    refused(&docx, 400, 99_991_672)?;

    let listed = operator.get("/larkspur/v1/tenants?page_size=1").await?;
    ensure!(listed.data()?["has_more"] == true, "{}", listed.body);
    let path = format!("/larkspur/v1/tenants/{}", text("tenant_id"));
    let renamed = patch(&operator, &path, &json!({"name": "other"})).await?;
    ensure!(renamed["tenant"]["name"] == "other", "{renamed}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_may_be_chosen_and_are_told_when_they_do_not_fit() -> Result<()> {
    let app = app().await?;
    let operator = operator(&app)?;
    let chosen = json!({
        "tenant_id": "acme", "app": {"app_id": "cli_acme", "app_secret": "secret-of-acme-app"},
        "admin": {"user_id": "boss", "name": "Boss"},
    });
    let made = operator.post("/larkspur/v1/tenants", &chosen).await?;
    ensure!(made.data()?["tenant"]["admin_user_id"] == "boss", "{}", made.body);
    Client::connect(&app.client.url, "cli_acme", "secret-of-acme-app").await?;
    refused(&operator.post("/larkspur/v1/tenants", &chosen).await?, 409, 88_010_409)?;
    let app_of_another = json!({"app_id": "cli_acme"});
    refused(&operator.post("/larkspur/v1/apps", &app_of_another).await?, 409, 88_010_409)?;
    for (path, body, field) in [
        ("/larkspur/v1/apps", json!({"app_id": "acme"}), "app_id"),
        ("/larkspur/v1/apps", json!({"app_secret": "short"}), "app_secret"),
        ("/larkspur/v1/apps", json!({"redirect_uris": ["/x"]}), "redirect_uris"),
        ("/larkspur/v1/apps", json!({"scopes": ["*", "a:b"]}), "scopes"),
        ("/larkspur/v1/users", json!({"name": "a", "user_id": "ou_1"}), "user_id"),
        ("/larkspur/v1/users", json!({"name": "a", "password": "short"}), "password"),
        ("/larkspur/v1/departments", json!({"name": "a", "department_id": "0"}), "department_id"),
    ] {
        let answer = operator.post(path, &body).await?;
        refused(&answer, 400, 99_992_402)?;
        let violation = &answer.body["error"]["field_violations"][0];
        ensure!(violation["field"] == field, "{}", answer.body);
        ensure!(!answer.body.to_string().contains("short"), "{}", answer.body);
    }
    let stranger = json!({"name": "a", "tenant_id": "no"});
    refused(&operator.post("/larkspur/v1/users", &stranger).await?, 404, 88_010_404)?;
    let unknown = operator.post("/larkspur/v1/users", &json!({"nam": "a"})).await?;
    refused(&unknown, 400, 99_992_402)
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_change_at_once() -> Result<()> {
    let app = app().await?;
    let operator = operator(&app)?;
    let path = format!("/larkspur/v1/apps/{}", app.app_id);
    app.client.root_files().await?;
    patch(&operator, &path, &json!({"scopes": ["docx:document"]})).await?;
    refused(&app.client.get("/open-apis/drive/v1/files").await?, 400, 99_991_672)?;
    patch(&operator, &path, &json!({"scopes": ["*"], "enabled": false})).await?;
    refused(&app.client.get("/open-apis/drive/v1/files").await?, 400, 99_991_662)?;
    let shown = patch(&operator, &path, &json!({"enabled": true, "name": "N"})).await?;
    ensure!(shown["app"]["name"] == "N" && shown["app"]["scopes"] == json!(["*"]), "{shown}");
    ensure!(shown.get("app_secret").is_none(), "{shown}");
    let reset = operator.post(&format!("{path}/reset_secret"), &json!({})).await?;
    let secret = reset.data()?["app_secret"].as_str().context("a secret")?.to_owned();
    ensure!(Client::connect(&app.client.url, &app.app_id, &app.app_secret).await.is_err());
    Client::connect(&app.client.url, &app.app_id, &secret).await?.root_files().await?;
    let nobody = operator.get("/larkspur/v1/apps/cli_none").await?;
    refused(&nobody, 404, 88_020_404)
}

#[tokio::test(flavor = "multi_thread")]
async fn users_and_departments_are_made_and_changed() -> Result<()> {
    let app = app().await?;
    let operator = operator(&app)?;
    let department = |body: Value| {
        let operator = operator.clone();
        async move {
            let answer = operator.post("/larkspur/v1/departments", &body).await?;
            Ok::<_, anyhow::Error>(answer.data()?["department"].clone())
        }
    };
    let sales = department(json!({"department_id": "sales", "name": "销售"})).await?;
    ensure!(sales["parent_department_id"] == "0", "{sales}");
    ensure!(
        sales["open_department_id"]
            .as_str()
            .is_some_and(|id| id.len() == 35 && id.starts_with("od-")),
        "{sales}"
    );
    department(json!({"department_id": "east", "name": "E", "parent_department_id": "sales"}))
        .await?;
    let below = json!({"parent_department_id": "east"});
    let path = "/larkspur/v1/departments/sales";
    refused(&operator.call(Method::PATCH, path, Some(&below)).await?, 400, 99_992_402)?;

    let body = json!({"user_id": "li", "name": "李", "email": "li@example.com",
                      "department_ids": ["east"], "password": "correct horse"});
    let query = format!("?app_id={}", app.app_id);
    let made = operator.post(&format!("/larkspur/v1/users{query}"), &body).await?;
    let user = &made.data()?["user"];
    ensure!(user["department_ids"] == json!(["east"]), "{user}");
    ensure!(user["open_id"].as_str().is_some_and(|id| id.starts_with("ou_")), "{user}");
    ensure!(!made.body.to_string().contains("horse"), "{}", made.body);
    let gone = json!({"enabled": false, "mobile": "+86130", "department_ids": []});
    let changed = patch(&operator, "/larkspur/v1/users/li", &gone).await?;
    let user = &changed["user"];
    ensure!(user["enabled"] == false && user["mobile"] == "+86130", "{changed}");
    ensure!(user["email"] == "li@example.com" && user.get("open_id").is_none(), "{changed}");
    let listed = operator.get("/larkspur/v1/users").await?;
    ensure!(listed.data()?["items"].as_array().is_some_and(|items| items.len() == 2));
    let stray = json!({"name": "x", "department_ids": ["none"]});
    refused(&operator.post("/larkspur/v1/users", &stray).await?, 404, 88_040_404)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_operator_gets_in() -> Result<()> {
    let app = app().await?;
    for client in [app.client.clone(), app.client.with_token(""), app.client.with_token("adm-x")] {
        for path in ["tenants", "apps", "users", "departments"] {
            refused(&client.get(&format!("/larkspur/v1/{path}")).await?, 401, 88_000_401)?;
        }
        refused(&client.post("/larkspur/v1/tenants", &json!({})).await?, 401, 88_000_401)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_does_the_same() -> Result<()> {
    let app = app().await?;
    let token = operator(&app)?.token().to_owned();
    let run = |arguments: &[&str]| -> Result<String> {
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_larkspur_under_test"))
            .args(arguments)
            .env_clear()
            .env("LARKSPUR_URL", &app.client.url)
            .env("LARKSPUR_ADMIN_TOKEN", &token)
            .output()?;
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        ensure!(ran.status.success(), "{arguments:?}: {told}");
        Ok(String::from_utf8(ran.stdout)?)
    };
    let made = run(&["tenant", "create", "--name", "CLI", "--scope", "drive:drive"])?;
    let value = |name: &str| {
        let line = made.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
        line.map(str::to_owned).with_context(|| made.clone())
    };
    let (id, secret) = (value("LARKSPUR_APP_ID")?, value("LARKSPUR_APP_SECRET")?);
    Client::connect(&app.client.url, &id, &secret).await?.root_files().await?;
    let tenant = value("LARKSPUR_TENANT_ID")?;
    run(&["user", "create", "王芳", "--id", "wang", "--tenant", &tenant])?;
    run(&["user", "disable", "wang", "--tenant", &tenant])?;
    let users = run(&["user", "list", "--tenant", &tenant, "--json"])?;
    let users: Value = serde_json::from_str(&users)?;
    let wang = users.as_array().and_then(|all| all.iter().find(|one| one["user_id"] == "wang"));
    ensure!(wang.is_some_and(|wang| wang["enabled"] == false), "{users}");
    run(&["app", "set-scopes", &id, "docx:document", "wiki:wiki"])?;
    let apps = run(&["app", "list", "--tenant", &tenant])?;
    ensure!(apps.contains("docx:document wiki:wiki"), "{apps}");
    let fresh = run(&["app", "new-secret", &id])?;
    ensure!(!fresh.contains(&secret), "the secret is the old one");
    let store = run(&["app", "create", "--kind", "store", "--json"])?;
    let store: Value = serde_json::from_str(&store)?;
    let store = store["app"]["app_id"].as_str().context("an id")?.to_owned();
    run(&["app", "install", &store, &tenant])?;
    ensure!(run(&["app", "ticket", &store])?.trim().len() == 40, "no ticket");
    Ok(())
}
