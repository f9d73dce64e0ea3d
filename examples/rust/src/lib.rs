//! Imports files as online documents, and does not give up where patience helps.

use std::fmt;
use std::time::Duration;

use reqwest::blocking::multipart::{Form, Part};
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::{Value, json};

/// The source of an import has expired.
pub const SOURCE_EXPIRED: i64 = 1_069_913;
const TOO_MANY_REQUESTS: [i64; 2] = [99_991_400, 1_069_923];
const PENDING: [i64; 2] = [1, 2];

/// Why there is no document.
#[derive(Debug)]
pub enum Error {
    /// The platform said no.
    Refused {
        /// Its code.
        code: i64,
        /// Its words.
        msg: String,
        /// When to come back, if it says so.
        reset: Option<Duration>,
    },
    /// The import failed or never ended.
    Failed(String),
    /// The platform could not be asked.
    Broken(reqwest::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { code, msg, .. } => write!(out, "{code} {msg}"),
            Self::Failed(what) => out.write_str(what),
            Self::Broken(cause) => cause.fmt(out),
        }
    }
}

impl std::error::Error for Error {}

impl From<reqwest::Error> for Error {
    fn from(cause: reqwest::Error) -> Self {
        Self::Broken(cause)
    }
}

/// Speaks to the platform as one app.
pub struct Importer<'a> {
    http: Client,
    url: String,
    token: String,
    sleep: Box<dyn Fn(Duration) + 'a>,
}

impl<'a> Importer<'a> {
    /// `sleep` waits; a test passes one that only moves the server's clock.
    pub fn new(
        url: &str,
        app_id: &str,
        app_secret: &str,
        sleep: impl Fn(Duration) + 'a,
    ) -> Result<Self, Error> {
        let http = Client::new();
        let asked = http
            .post(format!("{url}/open-apis/auth/v3/tenant_access_token/internal"))
            .json(&json!({"app_id": app_id, "app_secret": app_secret}));
        let token = text(&answer(asked)?["tenant_access_token"]);
        Ok(Self { http, url: url.to_owned(), token, sleep: Box::new(sleep) })
    }

    /// The address of the document. `source` is an upload from earlier, which may have expired.
    pub fn import(
        &self,
        name: &str,
        markdown: &str,
        source: Option<&str>,
    ) -> Result<String, Error> {
        let created = match source {
            Some(source) => self.create(name, source),
            None => self.create(name, &self.upload(name, markdown)?),
        };
        let ticket = match created {
            Err(Error::Refused { code: SOURCE_EXPIRED, .. }) => {
                self.create(name, &self.upload(name, markdown)?)?
            }
            other => other?,
        };
        self.wait(&ticket)
    }

    /// Uploads a source; its token.
    pub fn upload(&self, name: &str, markdown: &str) -> Result<String, Error> {
        let form = Form::new()
            .text("file_name", format!("{name}.md"))
            .text("parent_type", "ccm_import_open")
            .text("size", markdown.len().to_string())
            .text("extra", json!({"obj_type": "docx", "file_extension": "md"}).to_string())
            .part("file", Part::bytes(markdown.as_bytes().to_vec()));
        let asked = self.http.post(self.api("medias/upload_all")).multipart(form);
        Ok(text(&self.ask(asked)?["data"]["file_token"]))
    }

    /// Creates the task; its ticket.
    pub fn create(&self, name: &str, source: &str) -> Result<String, Error> {
        let task = json!({
            "file_extension": "md", "file_token": source, "type": "docx", "file_name": name,
            "point": {"mount_type": 1, "mount_key": ""},
        });
        let asked = self.http.post(self.api("import_tasks")).json(&task);
        Ok(text(&self.ask(asked)?["data"]["ticket"]))
    }

    fn wait(&self, ticket: &str) -> Result<String, Error> {
        for _ in 0..60 {
            let asked = self.http.get(self.api(&format!("import_tasks/{ticket}")));
            let result = match self.ask(asked) {
                Err(Error::Refused { code, reset, .. }) if TOO_MANY_REQUESTS.contains(&code) => {
                    (self.sleep)(reset.unwrap_or(Duration::from_secs(1)));
                    continue;
                }
                answer => answer?["data"]["result"].take(),
            };
            match result["job_status"].as_i64() {
                Some(0) => return Ok(text(&result["url"])),
                Some(status) if PENDING.contains(&status) => (self.sleep)(Duration::from_secs(1)),
                _ => return Err(Error::Failed(format!("import failed: {result}"))),
            }
        }
        Err(Error::Failed(format!("{ticket} is still pending")))
    }

    fn api(&self, path: &str) -> String {
        format!("{}/open-apis/drive/v1/{path}", self.url)
    }

    fn ask(&self, request: RequestBuilder) -> Result<Value, Error> {
        answer(request.bearer_auth(&self.token))
    }
}

/// The envelope of an answer that succeeded.
fn answer(request: RequestBuilder) -> Result<Value, Error> {
    let response = request.send()?;
    let reset = response.headers().get("x-ogw-ratelimit-reset");
    let reset = reset.and_then(|value| value.to_str().ok()?.parse().ok()).map(Duration::from_secs);
    let envelope: Value = response.json()?;
    match envelope["code"].as_i64() {
        Some(0) => Ok(envelope),
        code => Err(Error::Refused {
            code: code.unwrap_or_default(),
            msg: text(&envelope["msg"]),
            reset,
        }),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
