//! A small client of the documented API: enough to import, poll, export, download and list.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{description, evidence};

/// Size up to which a file goes up in one call (contract, "Uploads").
const ONE_CALL_BYTES: usize = 20_971_520;

/// A client with a tenant token.
#[derive(Debug, Clone)]
pub struct Client {
    /// Origin of the server.
    pub url: String,
    http: reqwest::Client,
    token: String,
    header: Option<(&'static str, String)>,
}

/// An answer in the platform's envelope.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Value,
    /// `X-Larkspur-Why`: which layer refused and why, from a server that explains.
    pub why: Option<String>,
}

impl Answer {
    /// The code of the envelope.
    pub fn code(&self) -> i64 {
        self.body["code"].as_i64().unwrap_or(-1)
    }

    /// The data of an answer that succeeded.
    pub fn data(&self) -> Result<&Value> {
        if self.code() != 0 {
            bail!("HTTP {} {}", self.status, self.body);
        }
        Ok(&self.body["data"])
    }
}

impl Client {
    /// Fetches a tenant token from `url`.
    pub async fn connect(url: &str, app_id: &str, app_secret: &str) -> Result<Self> {
        larkspur::client::choose_ciphers();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_mins(1)).build()?;
        let mut client = Self { url: url.to_owned(), http, token: String::new(), header: None };
        let body = json!({"app_id": app_id, "app_secret": app_secret});
        let path = "/open-apis/auth/v3/tenant_access_token/internal";
        let answer = client.call(Method::POST, path, Some(&body)).await?;
        client.token = text(&answer.body, "tenant_access_token")?;
        Ok(client)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some((name, value)) = &self.header {
            request = request.header(*name, value);
        }
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer> {
        let request = request.build()?;
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let sent = request.body().and_then(|body| body.as_bytes()).map(<[u8]>::to_vec);
        let answer = self.http.execute(request).await?;
        let status = answer.status().as_u16();
        let why = answer.headers().get("x-larkspur-why");
        let why = why.and_then(|why| why.to_str().ok()).map(str::to_owned);
        let text = answer.text().await?;
        let body = serde_json::from_str(&text)
            .with_context(|| format!("HTTP {status}, not an envelope: {text:.200}"))?;
        let brought = self.header.as_ref().is_some_and(|(name, _)| *name == "X-Larkspur-Fault");
        let by_rule = why.as_deref().is_some_and(|why| why.starts_with("fault"));
        evidence::keep(&self.url, &method, &path, &body, brought || by_rule);
        if !brought && !by_rule {
            description::check(&method, &path, status, &body)?;
            if let (Some(sent), true) = (sent, body["code"] == 0) {
                description::check_sent(&method, &path, &sent)?;
            }
        }
        Ok(Answer { status, body, why })
    }

    /// Any call with a JSON answer.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Answer> {
        let request = self.request(method, path);
        self.send(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// GET of a stream, which may go on for long; `cursor` is where an earlier one was left.
    pub async fn stream(&self, path: &str, cursor: Option<&str>) -> Result<reqwest::Response> {
        let mut request = self.request(Method::GET, path).timeout(Duration::from_mins(10));
        if let Some(cursor) = cursor {
            request = request.header("Last-Event-ID", cursor);
        }
        Ok(request.send().await?)
    }

    /// GET with a JSON answer.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.call(Method::GET, path, None).await
    }

    /// POST with a JSON body and answer.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// POST of a text as it is, with a JSON answer.
    pub async fn post_text(&self, path: &str, text: &str) -> Result<Answer> {
        self.call_text(Method::POST, path, text).await
    }

    /// A call with a text as it is, with a JSON answer.
    pub async fn call_text(&self, method: Method, path: &str, text: &str) -> Result<Answer> {
        self.send(self.request(method, path).body(text.to_owned())).await
    }

    /// POST of a multipart form with its parts in the given order; text parts and one named `file`.
    pub async fn form(&self, path: &str, parts: &[(&str, &str)], file: &[u8]) -> Result<Answer> {
        let mut form = Form::new();
        for &(name, value) in parts {
            form = match name {
                "file" => form.part("file", Part::bytes(file.to_vec())),
                _ => form.text(name.to_owned(), value.to_owned()),
            };
        }
        self.send(self.request(Method::POST, path).multipart(form)).await
    }

    /// POST of fixtures with the files they name.
    pub async fn fixtures(
        &self,
        path: &str,
        text: &str,
        files: &[(&str, &[u8])],
    ) -> Result<Answer> {
        let mut form = Form::new().text("fixtures", text.to_owned());
        for &(name, bytes) in files {
            form = form.part("file", Part::bytes(bytes.to_vec()).file_name(name.to_owned()));
        }
        self.send(self.request(Method::POST, path).multipart(form)).await
    }

    /// Any download: status, headers, bytes.
    pub async fn fetch(
        &self,
        path: &str,
        range: Option<&str>,
    ) -> Result<(u16, reqwest::header::HeaderMap, Vec<u8>)> {
        let mut request = self.request(Method::GET, path);
        if let Some(range) = range {
            request = request.header("Range", range);
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = answer.bytes().await?.to_vec();
        let by_rule =
            headers.get("x-larkspur-why").is_some_and(|why| why.as_bytes().starts_with(b"fault"));
        if status >= 400 {
            evidence::keep_bytes(&self.url, &Method::GET, path, &bytes, by_rule);
            if !by_rule && let Ok(body) = serde_json::from_slice(&bytes) {
                description::check(&Method::GET, path, status, &body)?;
            }
        }
        Ok((status, headers, bytes))
    }

    /// The same client with another bearer token; none for an empty one.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// The same client for a server at another address.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    /// The same client with a header more on every request.
    #[must_use]
    pub fn with_header(&self, name: &'static str, value: &str) -> Self {
        Self { header: Some((name, value.to_owned())), ..self.clone() }
    }

    /// A download that may break off: status, announced length, bytes that came.
    pub async fn fetch_what_comes(&self, path: &str) -> Result<(u16, Option<u64>, u64)> {
        let mut answer = self.request(Method::GET, path).send().await?;
        let (status, announced) = (answer.status().as_u16(), answer.content_length());
        let mut came = 0;
        while let Ok(Some(chunk)) = answer.chunk().await {
            came += chunk.len() as u64;
        }
        Ok((status, announced, came))
    }

    /// The tenant token in use.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Uploads an import source; its token.
    pub async fn upload(
        &self,
        name: &str,
        extension: &str,
        kind: &str,
        bytes: Vec<u8>,
    ) -> Result<String> {
        let extra = json!({"obj_type": kind, "file_extension": extension}).to_string();
        if bytes.len() > ONE_CALL_BYTES {
            return self.upload_in_parts(name, &extra, &bytes).await;
        }
        let form = Form::new()
            .text("file_name", name.to_owned())
            .text("parent_type", "ccm_import_open")
            .text("parent_node", "")
            .text("size", bytes.len().to_string())
            .text("extra", extra)
            .part("file", Part::bytes(bytes));
        let request = self.request(Method::POST, "/open-apis/drive/v1/medias/upload_all");
        let answer = self.send(request.multipart(form)).await?;
        text(answer.data()?, "file_token")
    }

    async fn upload_in_parts(&self, name: &str, extra: &str, bytes: &[u8]) -> Result<String> {
        let body = json!({"file_name": name, "parent_type": "ccm_import_open", "parent_node": "",
                          "size": bytes.len(), "extra": extra});
        let plan = self.post("/open-apis/drive/v1/medias/upload_prepare", &body).await?;
        let plan = plan.data()?;
        let upload_id = text(plan, "upload_id")?;
        let size = plan["block_size"].as_u64().context("no block_size")? as usize;
        for (seq, part) in bytes.chunks(size).enumerate() {
            let form = Form::new()
                .text("upload_id", upload_id.clone())
                .text("seq", seq.to_string())
                .text("size", part.len().to_string())
                .part("file", Part::bytes(part.to_vec()));
            let request = self.request(Method::POST, "/open-apis/drive/v1/medias/upload_part");
            self.send(request.multipart(form)).await?.data()?;
        }
        let body = json!({"upload_id": upload_id, "block_num": plan["block_num"]});
        let answer = self.post("/open-apis/drive/v1/medias/upload_finish", &body).await?;
        text(answer.data()?, "file_token")
    }

    /// Creates an import into the root folder; its ticket.
    pub async fn import(
        &self,
        source: &str,
        extension: &str,
        kind: &str,
        name: &str,
    ) -> Result<String> {
        let body = json!({"file_extension": extension, "file_token": source, "type": kind,
                          "file_name": name, "point": {"mount_type": 1, "mount_key": ""}});
        let answer = self.post("/open-apis/drive/v1/import_tasks", &body).await?;
        text(answer.data()?, "ticket")
    }

    /// Creates an export; its ticket.
    pub async fn export(
        &self,
        token: &str,
        kind: &str,
        extension: &str,
        sub_id: Option<&str>,
    ) -> Result<String> {
        let mut body = json!({"file_extension": extension, "token": token, "type": kind});
        if let Some(sub_id) = sub_id {
            body["sub_id"] = json!(sub_id);
        }
        let answer = self.post("/open-apis/drive/v1/export_tasks", &body).await?;
        text(answer.data()?, "ticket")
    }

    /// Where an import stands.
    pub async fn import_result(&self, ticket: &str) -> Result<Value> {
        let answer = self.get(&format!("/open-apis/drive/v1/import_tasks/{ticket}")).await?;
        Ok(answer.data()?["result"].clone())
    }

    /// Where an export stands.
    pub async fn export_result(&self, ticket: &str, token: &str) -> Result<Value> {
        let path = format!("/open-apis/drive/v1/export_tasks/{ticket}?token={token}");
        Ok(self.get(&path).await?.data()?["result"].clone())
    }

    /// Polls an import until it has ended, `limit` at most.
    pub async fn imported(&self, ticket: &str, limit: Duration) -> Result<Value> {
        poll(limit, async || self.import_result(ticket).await).await
    }

    /// Polls an export until it has ended, `limit` at most.
    pub async fn exported(&self, ticket: &str, token: &str, limit: Duration) -> Result<Value> {
        poll(limit, async || self.export_result(ticket, token).await).await
    }

    /// The bytes of a finished export.
    pub async fn download(&self, file_token: &str) -> Result<Vec<u8>> {
        let path = format!("/open-apis/drive/v1/export_tasks/file/{file_token}/download");
        let answer = self.request(Method::GET, &path).send().await?;
        let status = answer.status();
        let bytes = answer.bytes().await?;
        if !status.is_success() {
            bail!("HTTP {status} {}", String::from_utf8_lossy(&bytes));
        }
        Ok(bytes.to_vec())
    }

    /// The id of a spreadsheet's first sheet.
    pub async fn first_sheet(&self, token: &str) -> Result<String> {
        let path = format!("/open-apis/sheets/v3/spreadsheets/{token}/sheets/query");
        text(&self.get(&path).await?.data()?["sheets"][0], "sheet_id")
    }

    /// Name and token of everything in the root folder.
    pub async fn root_files(&self) -> Result<Vec<(String, String)>> {
        let answer = self.get("/open-apis/drive/v1/files").await?;
        let files = answer.data()?["files"].as_array().cloned().unwrap_or_default();
        files.iter().map(|file| Ok((text(file, "name")?, text(file, "token")?))).collect()
    }
}

fn text(value: &Value, field: &str) -> Result<String> {
    Ok(value[field].as_str().with_context(|| format!("no {field} in {value}"))?.to_owned())
}

async fn poll(limit: Duration, step: impl AsyncFn() -> Result<Value>) -> Result<Value> {
    let deadline = tokio::time::Instant::now() + limit;
    let mut pause = Duration::from_millis(5);
    loop {
        let result = step().await?;
        if !matches!(result["job_status"].as_i64(), Some(1 | 2)) {
            return Ok(result);
        }
        if tokio::time::Instant::now() > deadline {
            bail!("still not ended after {limit:?}: {result}");
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(100));
    }
}
