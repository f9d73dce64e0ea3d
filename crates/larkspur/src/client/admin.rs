//! A client of Larkspur's own API under `/larkspur/v1`, as the server's operator. It repeats nothing:
//! its calls are few, and made by people and tests that want to see what happens.

use std::path::Path;

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::Value;

use super::{Fault, choose_ciphers, http_client, read_envelope};

/// Speaks to one server as its operator.
#[derive(Debug, Clone)]
pub struct AdminClient {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl AdminClient {
    /// A client that has not spoken to anybody yet. `token` is `LARKSPUR_ADMIN_TOKEN`; `ca_file` is
    /// trusted beside the CAs of the system.
    pub fn new(url: &str, token: &str, ca_file: Option<&Path>) -> Result<Self, Fault> {
        choose_ciphers();
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { http: http_client(&url, ca_file)?, url, token: token.to_owned() })
    }

    /// Base address of the server.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// GET `path` (behind `/larkspur/v1`); the `data` of the answer. `what` says what this is for.
    pub async fn get(&self, what: &str, path: &str) -> Result<Value, Fault> {
        self.call(what, Method::GET, path, None).await
    }

    /// POST; as [`get`](Self::get).
    pub async fn post(&self, what: &str, path: &str, body: &Value) -> Result<Value, Fault> {
        self.call(what, Method::POST, path, Some(body)).await
    }

    /// PATCH; as [`get`](Self::get).
    pub async fn patch(&self, what: &str, path: &str, body: &Value) -> Result<Value, Fault> {
        self.call(what, Method::PATCH, path, Some(body)).await
    }

    /// DELETE; as [`get`](Self::get).
    pub async fn delete(&self, what: &str, path: &str) -> Result<Value, Fault> {
        self.call(what, Method::DELETE, path, None).await
    }

    /// POST of a body of lines, each a JSON object; as [`get`](Self::get).
    pub async fn post_lines(&self, what: &str, path: &str, lines: Vec<u8>) -> Result<Value, Fault> {
        let url = format!("{}/larkspur/v1{path}", self.url);
        let request = self.http.post(url).bearer_auth(&self.token);
        let request = request.header("Content-Type", "application/x-ndjson").body(lines);
        let response = request.send().await.map_err(|cause| Fault::broken(what, cause))?;
        Ok(read_envelope(what, response).await?["data"].take())
    }

    /// Any call; as [`get`](Self::get).
    pub async fn call(
        &self,
        what: &str,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Fault> {
        let url = format!("{}/larkspur/v1{path}", self.url);
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|cause| Fault::broken(what, cause))?;
        Ok(read_envelope(what, response).await?["data"].take())
    }

    /// POST of a form; as [`get`](Self::get).
    pub async fn form(&self, what: &str, path: &str, form: Form) -> Result<Value, Fault> {
        let url = format!("{}/larkspur/v1{path}", self.url);
        let request = self.http.post(url).bearer_auth(&self.token).multipart(form);
        let response = request.send().await.map_err(|cause| Fault::broken(what, cause))?;
        Ok(read_envelope(what, response).await?["data"].take())
    }

    /// All items of a list, page by page. `path` may have a query.
    pub async fn list(&self, what: &str, path: &str) -> Result<Vec<Value>, Fault> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut after) = (Vec::new(), String::new());
        loop {
            let page = format!("{path}{separator}page_size=500&page_token={after}");
            let mut answer = self.get(what, &page).await?;
            if let Value::Array(more) = answer["items"].take() {
                items.extend(more);
            }
            match answer["page_token"].as_str() {
                Some(next) => next.clone_into(&mut after),
                None => return Ok(items),
            }
        }
    }
}
