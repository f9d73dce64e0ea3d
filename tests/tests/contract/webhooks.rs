//! Webhooks over HTTP: made, told, signed, tried again, told again, paused, given another secret.

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use larkspur_tests::app::TestApp;
use larkspur_tests::client::Client;
use larkspur_tests::listening::{Received, Receiver};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{binary, refused};

const HOOKS: &str = "/larkspur/v1/webhooks";

/// A server that may call this machine, and its operator.
async fn server() -> Result<(TestApp, Client)> {
    let app = TestApp::start_as(binary(), |config| config.webhook_private = true).await?;
    let operator = app.operator()?;
    Ok((app, operator))
}

async fn import(app: &TestApp, name: &str) -> Result<String> {
    let client = app.fresh_client().await?;
    let source = client.upload("a.md", "md", "docx", b"# text".to_vec()).await?;
    let ticket = client.import(&source, "md", "docx", name).await?;
    client.imported(&ticket, app.patience()).await?;
    Ok(ticket)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Whether one of the message's signatures is that of `secret`.
fn is_signed(message: &Received, secret: &str) -> Result<bool> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").context("no secret")?)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key)?;
    let (id, moment) = (message.header("webhook-id"), message.header("webhook-timestamp"));
    mac.update(format!("{id}.{moment}.").as_bytes());
    mac.update(&message.body);
    let wanted = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    Ok(message.header("webhook-signature").split(' ').any(|signature| signature == wanted))
}

/// A webhook to `receiver`; its path and its secret.
async fn hook(operator: &Client, receiver: &Receiver, body: Value) -> Result<(String, String)> {
    let mut body = body;
    body["url"] = json!(receiver.url);
    let made = operator.post(HOOKS, &body).await?;
    let data = made.data()?;
    let id = text(&data["webhook"]["webhook_id"]);
    Ok((format!("{HOOKS}/{id}"), text(&data["secret"])))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_told_signed_and_keeps_its_place() -> Result<()> {
    let (app, operator) = server().await?;
    let mut receiver = Receiver::start().await?;
    let (path, secret) = hook(&operator, &receiver, json!({"description": "ours"})).await?;
    let ticket = import(&app, "told").await?;
    let message = receiver.next().await?;
    ensure!(is_signed(&message, &secret)?, "{message:?}");
    let told = message.json()?;
    ensure!(told["type"] == "task.succeeded" && told["data"]["task_id"] == ticket.as_str());
    ensure!(told["data"]["title"] == "told" && told["data"]["family"] == "drive.import");
    let shown = operator.get(&path).await?.data()?.clone();
    ensure!(shown.get("secret").is_none() && !shown.to_string().contains(&secret));
    ensure!(shown["webhook"]["state"] == "active", "{shown}");
    // Told again: from the beginning, then one event alone.
    let again = operator.post(&format!("{path}/replay"), &json!({"after": "start"})).await?;
    again.data()?;
    ensure!(receiver.next().await?.header("webhook-id") == message.header("webhook-id"));
    let cursor = text(&told["data"]["cursor"]);
    let once = operator.post(&format!("{path}/replay"), &json!({"event": cursor})).await?;
    ensure!(once.data()?["delivery"]["delivered"] == true, "{}", once.body);
    ensure!(receiver.next().await?.body == message.body);
    let test = operator.post(&format!("{path}/test"), &json!({})).await?;
    ensure!(test.data()?["delivery"]["status"] == 200);
    ensure!(receiver.next().await?.json()?["type"] == "webhook.test");
    // Another secret: for a day both sign.
    let rotated = operator.post(&format!("{path}/rotate"), &json!({})).await?;
    let fresh = text(&rotated.data()?["secret"]);
    operator.post(&format!("{path}/test"), &json!({})).await?.data()?;
    let message = receiver.next().await?;
    ensure!(fresh != secret && is_signed(&message, &fresh)? && is_signed(&message, &secret)?);
    app.clock.advance(25 * 3_600_000);
    operator.post(&format!("{path}/test"), &json!({})).await?.data()?;
    let message = receiver.next().await?;
    ensure!(is_signed(&message, &fresh)? && !is_signed(&message, &secret)?);
    let page = operator.get(&format!("{path}/deliveries?page_size=2")).await?;
    let page = page.data()?;
    ensure!(page["items"].as_array().map(Vec::len) == Some(2) && page["has_more"] == true);
    operator.call(Method::DELETE, &path, None).await?.data()?;
    import(&app, "untold").await?;
    refused(&operator.get(&path).await?, 404, 88_080_404)?;
    ensure!(receiver.is_quiet());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fails_or_is_paused_is_told_later_and_misses_nothing() -> Result<()> {
    let (app, operator) = server().await?;
    let mut receiver = Receiver::start().await?;
    let body = json!({"states": ["succeeded"], "family": "drive.import"});
    let (path, _) = hook(&operator, &receiver, body).await?;
    receiver.answers(&[500]);
    let first = import(&app, "first").await?;
    let failed = receiver.next().await?;
    while operator.get(&path).await?.data()?["webhook"]["state"] != "failing" {
        tokio::task::yield_now().await;
    }
    ensure!(receiver.is_quiet());
    app.clock.advance(1_000);
    let repeated = receiver.next().await?;
    ensure!(repeated.header("webhook-id") == failed.header("webhook-id"));
    ensure!(repeated.json()?["data"]["task_id"] == first.as_str());
    let paused = operator.call(Method::PATCH, &path, Some(&json!({"paused": true}))).await?;
    ensure!(paused.data()?["webhook"]["state"] == "paused");
    let second = import(&app, "second").await?;
    ensure!(receiver.is_quiet());
    let app = app.restart().await?;
    let operator = operator.at(&app.client.url);
    operator.call(Method::PATCH, &path, Some(&json!({"paused": false}))).await?.data()?;
    ensure!(receiver.next().await?.json()?["data"]["task_id"] == second.as_str());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_webhook_can_be_is_refused() -> Result<()> {
    let app = crate::app().await?;
    let operator = app.operator()?;
    for url in [
        "http://127.0.0.1/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest",
        "ftp://example.com",
        "here",
    ] {
        refused(&operator.post(HOOKS, &json!({"url": url})).await?, 400, 99_992_402)?;
    }
    let made = operator.post(HOOKS, &json!({"url": "https://localhost/hook"})).await?;
    let path = format!("{HOOKS}/{}", text(&made.data()?["webhook"]["webhook_id"]));
    let test = operator.post(&format!("{path}/test"), &json!({})).await?;
    let trouble = text(&test.data()?["delivery"]["trouble"]);
    ensure!(trouble.contains("webhook_private"), "{trouble}");
    for (what, body) in [
        ("replay", json!({})),
        ("replay", json!({"after": "start", "event": "0-1"})),
        ("replay", json!({"event": "x"})),
    ] {
        refused(&operator.post(&format!("{path}/{what}"), &body).await?, 400, 99_992_402)?;
    }
    let event = operator.post(&format!("{path}/replay"), &json!({"event": "0-fff"})).await?;
    refused(&event, 404, 88_080_405)?;
    let after = operator.post(&format!("{path}/replay"), &json!({"after": "0-fff"})).await?;
    refused(&after, 410, 88_070_410)?;
    let states = json!({"url": "https://example.com", "states": ["asleep"]});
    refused(&operator.post(HOOKS, &states).await?, 400, 99_992_402)?;
    let refusal = app.client.get(HOOKS).await?;
    ensure!(refusal.code() != 0, "an app is no operator");
    Ok(())
}
