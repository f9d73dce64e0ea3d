//! What every answer carries: envelope, header names, log id; unknown paths and wrong methods.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::{app, refused};

/// Sends bytes as they are and returns the answer as it is.
async fn raw(url: &str, request: &str) -> Result<String> {
    let address = url.strip_prefix("http://").context("an http address")?;
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn header_names_are_title_case_and_the_log_id_is_everywhere() -> Result<()> {
    let app = app().await?;
    for path in ["/open-apis/drive/v1/files", "/open-apis/no/such/path"] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = raw(&app.client.url, &request).await?;
        for name in
            ["X-Tt-Logid: ", "X-Request-Id: ", "Content-Type: application/json; charset=utf-8"]
        {
            ensure!(answer.contains(name), "no {name} in {answer}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_wrong_methods_and_missing_tokens_have_their_codes() -> Result<()> {
    let app = app().await?;
    refused(&app.client.get("/open-apis/drive/v1/no_such").await?, 404, 99_991_201)?;
    let wrong = app.client.call(Method::DELETE, "/open-apis/drive/v1/import_tasks", None).await?;
    refused(&wrong, 405, 99_991_301)?;
    let path = "/open-apis/drive/v1/import_tasks/7000000000000000000";
    refused(&app.client.with_token("").get(path).await?, 400, 99_991_661)?;
    refused(&app.client.with_token("x-1").get(path).await?, 400, 99_991_671)?;
    refused(&app.client.with_token("t-1").get(path).await?, 400, 99_991_663)?;
    refused(&app.client.with_token("u-1").get(path).await?, 400, 99_991_668)
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_but_legal_requests_are_understood() -> Result<()> {
    let app = app().await?;
    let token = app.client.token();
    // A GET with a body, as one SDK sends; a doubled slash, as two send; keep-alive must survive both.
    let get = format!(
        "GET //open-apis/drive/explorer/v2/root_folder/meta HTTP/1.1\r\nHost: a\r\n\
         authorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    );
    let answer =
        raw(&app.client.url, &format!("{get}\r\n{{}}{get}Connection: close\r\n\r\n{{}}")).await?;
    ensure!(answer.matches("\"code\":0").count() == 2, "{answer}");
    // No content type on a POST.
    let body = json!({"app_id": app.app_id, "app_secret": app.app_secret}).to_string();
    let post = format!(
        "POST /open-apis/auth/v3/tenant_access_token/internal HTTP/1.1\r\nHost: a\r\n\
         Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = raw(&app.client.url, &post).await?;
    ensure!(answer.contains("\"msg\":\"ok\"") && answer.contains("\"t-"), "{answer}");
    // A chunked body.
    let chunked = format!(
        "POST /open-apis/auth/v3/tenant_access_token/internal HTTP/1.1\r\nHost: a\r\n\
         Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    let answer = raw(&app.client.url, &chunked).await?;
    ensure!(answer.contains("\"msg\":\"ok\""), "{answer}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_json_is_refused_in_the_envelope() -> Result<()> {
    let app = app().await?;
    let post = format!(
        "POST /open-apis/drive/v1/import_tasks HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\n\
         Connection: close\r\nContent-Length: 5\r\n\r\n{{nope",
        app.client.token()
    );
    let answer = raw(&app.client.url, &post).await?;
    ensure!(answer.starts_with("HTTP/1.1 400") && answer.contains("\"code\":9499"), "{answer}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_served_is_described() -> Result<()> {
    let app = app().await?;
    let path = "/larkspur/v1/openapi.json";
    let described = app.client.get(path).await?.body;
    ensure!(described["openapi"] == "3.1.0");
    ensure!(described["paths"][path]["get"]["operationId"] == "larkspurOpenapiGet");
    ensure!(described["paths"]["/open-apis/drive/v1/import_tasks"]["post"].is_object());
    refused(&app.client.with_token("").get(path).await?, 400, 99_991_661)
}
