//! The documented API over https: who is vouched for, under which names, beside plain http.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::app::TestApp;
use reqwest::{Certificate, ClientBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::binary;

const HOSTS: [&str; 4] =
    ["open.feishu.cn", "accounts.feishu.cn", "open.larksuite.com", "accounts.larksuite.com"];

async fn tls_app() -> Result<TestApp> {
    TestApp::start_as(binary(), |config| {
        config.tls = vec!["127.0.0.1:0".to_owned()];
        config.tls_names = vec!["larkspur.test".to_owned()];
    })
    .await
}

fn tls_address(app: &TestApp) -> Result<SocketAddr> {
    let url = app.server.tls_url.as_deref().context("it speaks TLS")?;
    Ok(url.strip_prefix("https://").context("an https address")?.parse()?)
}

/// A client that trusts the server's CA and nobody else, and finds `hosts` at the server.
fn client(app: &TestApp, hosts: &[&str]) -> Result<reqwest::Client> {
    let ca = app.server.ca_file.as_ref().context("there is a CA")?;
    let ca = Certificate::from_pem(&std::fs::read(ca)?)?;
    let address = tls_address(app)?;
    let client = ClientBuilder::new().no_proxy().tls_certs_only([ca]);
    let client = hosts.iter().fold(client, |client, host| client.resolve(host, address));
    Ok(client.timeout(Duration::from_secs(20)).build()?)
}

async fn token(app: &TestApp, client: &reqwest::Client, origin: &str) -> Result<Value> {
    let url = format!("{origin}/open-apis/auth/v3/tenant_access_token/internal");
    let body = json!({"app_id": app.app_id, "app_secret": app.app_secret});
    Ok(client.post(url).json(&body).send().await?.json().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_name_is_vouched_for_by_the_ca_and_both_listeners_serve() -> Result<()> {
    let app = tls_app().await?;
    let port = tls_address(&app)?.port();
    let client = client(&app, &[&HOSTS[..], &["larkspur.test"]].concat())?;
    for host in HOSTS.into_iter().chain(["larkspur.test", "localhost", "127.0.0.1"]) {
        let answer = token(&app, &client, &format!("https://{host}:{port}")).await?;
        ensure!(answer["code"] == 0, "{host}: {answer}");
    }
    // The kit's own client speaks plain http to the other listener.
    ensure!(app.client.url.starts_with("http://"));
    app.client.get("/open-apis/drive/explorer/v2/root_folder/meta").await?.data()?;
    ensure!(app.server.urls.len() == 2, "{:?}", app.server.urls);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_served_and_a_client_that_does_not_trust_get_nothing() -> Result<()> {
    let app = tls_app().await?;
    let port = tls_address(&app)?.port();
    let unknown = client(&app, &["example.com"])?;
    ensure!(token(&app, &unknown, &format!("https://example.com:{port}")).await.is_err());
    let stranger = ClientBuilder::new().no_proxy().timeout(Duration::from_secs(20)).build()?;
    ensure!(token(&app, &stranger, &format!("https://127.0.0.1:{port}")).await.is_err());
    // Neither has hurt the others.
    let answer = token(&app, &client(&app, &[])?, &format!("https://127.0.0.1:{port}")).await?;
    ensure!(answer["code"] == 0, "{answer}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_in_answers_begin_as_the_caller_asked() -> Result<()> {
    let app = tls_app().await?;
    let port = tls_address(&app)?.port();
    let client = client(&app, &HOSTS)?;
    let origin = format!("https://open.feishu.cn:{port}");
    for (origin, http) in [
        (origin.as_str(), &client),
        (&*app.client.url, &reqwest::Client::builder().no_proxy().build()?),
    ] {
        let answer: Value = http
            .post(format!("{origin}/open-apis/drive/v1/files/create_folder"))
            .bearer_auth(app.client.token())
            .json(&json!({"name": "new", "folder_token": ""}))
            .send()
            .await?
            .json()
            .await?;
        let url = answer["data"]["url"].as_str().with_context(|| answer.to_string())?;
        ensure!(url.starts_with(&format!("{origin}/drive/folder/")), "{origin}: {url}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn header_names_are_title_case_over_tls_too_and_http_2_is_not_spoken() -> Result<()> {
    let app = tls_app().await?;
    let client = client(&app, &[])?;
    let url = format!("https://{}/healthz", tls_address(&app)?);
    let answer = client.get(url).send().await?;
    ensure!(answer.version() == reqwest::Version::HTTP_11, "{:?}", answer.version());
    ensure!(answer.headers().contains_key("x-tt-logid"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_on_the_tls_port_is_told_so_at_once() -> Result<()> {
    let app = tls_app().await?;
    let mut stream = TcpStream::connect(tls_address(&app)?).await?;
    stream
        .write_all(b"POST /open-apis/x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")
        .await?;
    let mut answer = Vec::new();
    tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await??;
    let answer = String::from_utf8_lossy(&answer);
    ensure!(answer.starts_with("HTTP/1.1 400") && answer.contains("\"code\":88000400"), "{answer}");
    ensure!(answer.contains("X-Tt-Logid: "), "{answer}");
    // Noise is not answered, and not waited for.
    let mut stream = TcpStream::connect(tls_address(&app)?).await?;
    stream.write_all(&[0; 64]).await?;
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    ensure!(ended.is_ok() && rest.len() < 64, "{rest:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_stops_though_a_handshake_is_never_finished() -> Result<()> {
    let app = tls_app().await?;
    let _silent = TcpStream::connect(tls_address(&app)?).await?;
    // The listener has accepted the one before it answers the next.
    let url = format!("https://{}/healthz", tls_address(&app)?);
    client(&app, &[])?.get(url).send().await?;
    let TestApp { server, .. } = app;
    let stopped = tokio::time::timeout(Duration::from_secs(4), server.stop(Duration::ZERO)).await;
    ensure!(stopped.is_ok(), "the silent caller held it up");
    Ok(())
}
