//! Tenant and app tokens: form, life, the rule of reuse, wrong credentials.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::app;

const TENANT: &str = "/open-apis/auth/v3/tenant_access_token/internal";
const APP: &str = "/open-apis/auth/v3/app_access_token/internal";
const MINUTE_MS: i64 = 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_reused_until_half_an_hour_remains() -> Result<()> {
    let app = app().await?;
    let body = json!({"app_id": app.app_id, "app_secret": app.app_secret});
    let first = app.client.post(TENANT, &body).await?.body;
    ensure!(first["code"] == 0 && first["msg"] == "ok" && first.get("data").is_none(), "{first}");
    ensure!(first["expire"].as_i64().is_some_and(|left| (1..=7200).contains(&left)), "{first}");
    app.clock.advance(60 * MINUTE_MS);
    let later = app.client.post(TENANT, &body).await?.body;
    ensure!(later["tenant_access_token"] == first["tenant_access_token"], "not reused");
    ensure!(later["expire"].as_i64() < first["expire"].as_i64(), "{later}");
    app.clock.advance(31 * MINUTE_MS);
    let fresh = app.client.post(TENANT, &body).await?.body;
    ensure!(fresh["tenant_access_token"] != first["tenant_access_token"], "reused too late");
    let old = app.client.with_token(first["tenant_access_token"].as_str().unwrap_or_default());
    old.root_files().await?;
    app.clock.advance(30 * MINUTE_MS);
    let dead = old.get("/open-apis/drive/v1/files").await?;
    ensure!(dead.code() == 99_991_663, "{}", dead.body);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_answer_http_200_without_a_token() -> Result<()> {
    let app = app().await?;
    for (body, code) in [
        (json!({"app_id": app.app_id, "app_secret": "wrong"}), 10_014),
        (json!({"app_id": "cli_0000000000000000", "app_secret": "wrong"}), 10_014),
        (json!({"app_id": app.app_id}), 10_003),
    ] {
        let answer = app.client.post(TENANT, &body).await?;
        ensure!(answer.status == 200 && answer.code() == code, "{}", answer.body);
        ensure!(answer.body.get("tenant_access_token").is_none(), "{}", answer.body);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_token_brings_the_tenant_token_along() -> Result<()> {
    let app = app().await?;
    let body = json!({"app_id": app.app_id, "app_secret": app.app_secret});
    let answer = app.client.post(APP, &body).await?.body;
    ensure!(answer["app_access_token"].is_string(), "{answer}");
    ensure!(answer["tenant_access_token"].as_str().is_some_and(|token| token.starts_with("t-")));
    ensure!(answer["expire"].is_i64() && answer["data"] == Value::Null, "{answer}");
    Ok(())
}
