//! A client of the documented API: tokens, calls, uploads, import and export tasks. Works against
//! any server that speaks the API and knows nothing of the one in this program. Beside it, one of
//! Larkspur's own API.

mod admin;
mod drive;
mod export;
mod fault;
mod import;
mod pace;
mod upload;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Mutex;

pub use self::admin::AdminClient;
pub use self::drive::{Listed, ListedTask};
pub use self::export::{Export, ExportTarget, Exported, safe_name};
pub use self::fault::Fault;
pub use self::import::{Import, ImportTarget, Imported, meaning_of_extra};
pub use self::pace::{Pace, concurrency_for};
pub use self::upload::ONE_CALL_BYTES;

/// Where a server is and as which app to speak to it.
#[derive(Clone)]
pub struct Access {
    /// Base address, without a slash at its end.
    pub url: String,
    /// The app.
    pub app_id: String,
    /// Its secret.
    pub app_secret: String,
    /// A CA to trust beside those of the system, PEM.
    pub ca_file: Option<PathBuf>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = out.debug_struct("Access");
        shown.field("url", &self.url).field("app_id", &self.app_id).finish_non_exhaustive()
    }
}

/// Speaks to one server as one app.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    access: Access,
    token: Mutex<Option<String>>,
    repeats: u32,
    pace: Option<Arc<Pace>>,
}

/// A call, before its token.
struct Call<'a> {
    what: &'a str,
    method: Method,
    path: &'a str,
    query: &'a [(&'a str, &'a str)],
    body: Option<&'a Value>,
    /// Equal keys with equal bodies are one call to Larkspur; other servers ignore it.
    key: Option<&'a str>,
}

/// Where the key of a call stands.
const IDEMPOTENCY_KEY: &str = "X-Larkspur-Idempotency-Key";

/// How often a call that was refused for its rate, or whose connection broke, is made again.
const REPEATS: u32 = 6;
/// Codes that say the token is no longer good (contract, `platform_codes`).
const STALE_TOKEN: [i64; 3] = [99_991_663, 99_991_668, 99_991_677];

impl Client {
    /// A client that has not spoken to anybody yet.
    pub fn new(access: Access) -> Result<Self, Fault> {
        choose_ciphers();
        let http = http_client(&access.url, access.ca_file.as_deref())?;
        let url = access.url.trim_end_matches('/').to_owned();
        let access = Access { url, ..access };
        Ok(Self { http, access, token: Mutex::new(None), repeats: REPEATS, pace: None })
    }

    /// Leaves it to the caller when to repeat a call, and keeps `pace`.
    #[must_use]
    pub fn paced(self, pace: Arc<Pace>) -> Self {
        Self { repeats: 0, pace: Some(pace), ..self }
    }

    /// The app it speaks as.
    pub fn app_id(&self) -> &str {
        &self.access.app_id
    }

    /// Base address of the server.
    pub fn url(&self) -> &str {
        &self.access.url
    }

    /// A tenant token, asked for once and kept.
    pub async fn token(&self) -> Result<String, Fault> {
        let mut kept = self.token.lock().await;
        if let Some(token) = &*kept {
            return Ok(token.clone());
        }
        let url = format!("{}/open-apis/auth/v3/tenant_access_token/internal", self.access.url);
        let body = json!({ "app_id": self.access.app_id, "app_secret": self.access.app_secret });
        let what = "getting a token";
        let response = self.http.post(url).json(&body).send().await;
        let response = response.map_err(|cause| Fault::broken(what, cause))?;
        let answer = read_envelope(what, response).await?;
        let token = answer["tenant_access_token"].as_str().filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| Fault::strange(what, "there is no token in it"))?;
        *kept = Some(token.to_owned());
        Ok(token.to_owned())
    }

    /// Calls `path` and answers the `data` of the envelope. `what` says in a few words what this is
    /// for. Repeats what was refused for its rate or a stale token, and reads whose connection
    /// broke.
    pub async fn call(
        &self,
        what: &str,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, Fault> {
        self.make(&Call { what, method, path, query, body, key: None }).await
    }

    /// POST of `body`, made once however often it arrives: `key` goes with it.
    async fn create(
        &self,
        what: &str,
        path: &str,
        body: &Value,
        key: Option<&str>,
    ) -> Result<Value, Fault> {
        let (method, body) = (Method::POST, Some(body));
        self.make(&Call { what, method, path, query: &[], body, key }).await
    }

    async fn make(&self, call: &Call<'_>) -> Result<Value, Fault> {
        self.repeat(&call.method, call.path, async || {
            let url = format!("{}{}", self.access.url, call.path);
            let request = self.http.request(call.method.clone(), url);
            let mut request = request.bearer_auth(self.token().await?);
            if !call.query.is_empty() {
                request = request.query(call.query);
            }
            if let Some(body) = call.body {
                request = request.json(body);
            }
            if let Some(key) = call.key {
                request = request.header(IDEMPOTENCY_KEY, key);
            }
            let response = request.send().await;
            let response = response.map_err(|cause| Fault::broken(call.what, cause))?;
            read_envelope(call.what, response).await
        })
        .await
        .map(|mut answer| answer["data"].take())
    }

    /// Posts a form made by `form`, again and again where that may help.
    async fn post_form(
        &self,
        what: &str,
        path: &str,
        form: impl AsyncFn() -> Result<reqwest::multipart::Form, Fault>,
    ) -> Result<Value, Fault> {
        self.repeat(&Method::POST, path, async || {
            let request = self
                .http
                .post(format!("{}{path}", self.access.url))
                .bearer_auth(self.token().await?)
                .multipart(form().await?);
            let response = request.send().await.map_err(|cause| Fault::broken(what, cause))?;
            read_envelope(what, response).await
        })
        .await
        .map(|mut answer| answer["data"].take())
    }

    /// Opens a download.
    pub async fn download(&self, what: &str, path: &str) -> Result<Response, Fault> {
        self.repeat(&Method::GET, path, async || {
            let url = format!("{}{path}", self.access.url);
            let request = self.http.get(url).bearer_auth(self.token().await?);
            let response = request.send().await.map_err(|cause| Fault::broken(what, cause))?;
            if response.status().is_success() {
                return Ok(response);
            }
            let status = response.status();
            match read_envelope(what, response).await {
                Err(fault) => Err(fault),
                Ok(_) => Err(Fault::strange(what, &format!("HTTP {status} without an error"))),
            }
        })
        .await
    }

    async fn repeat<T>(
        &self,
        method: &Method,
        path: &str,
        attempt: impl AsyncFn() -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut renewed = false;
        for number in 0.. {
            let turn = match &self.pace {
                Some(pace) => pace.admit(method, path).await,
                None => None,
            };
            let answer = attempt().await;
            drop(turn);
            let fault = match answer {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            let stale = fault.code().is_some_and(|code| STALE_TOKEN.contains(&code));
            if stale && !renewed {
                renewed = true;
                *self.token.lock().await = None;
                continue;
            }
            let too_fast = fault.is_too_fast();
            if let Some(pace) = self.pace.as_ref().filter(|_| too_fast) {
                pace.slow_down(method, path, fault.wait());
            }
            let again = too_fast || (method == Method::GET && fault.is_passing());
            if !again || number >= self.repeats {
                return Err(fault);
            }
            let pause = fault.wait().unwrap_or(Duration::from_millis(250 << number.min(5)));
            tokio::time::sleep(pause).await;
        }
        unreachable!("the loop ends by returning")
    }
}

/// Chooses the ciphers of this process. No HTTP client can be made before this was called; once is
/// enough, and more does no harm.
pub fn choose_ciphers() {
    // A second call finds a choice made, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// What speaks HTTP to the server at `url`, trusting the CA in `ca_file` beside those of the system.
fn http_client(url: &str, ca_file: Option<&Path>) -> Result<reqwest::Client, Fault> {
    let mut http = reqwest::Client::builder();
    if larkspur_api::is_loopback_url(url) {
        // A proxy of the environment leads away from this machine.
        http = http.no_proxy();
    }
    if let Some(path) = ca_file.filter(|_| url.starts_with("https:")) {
        http = http.tls_certs_merge(read_certificates(path)?);
    }
    http.user_agent(concat!("larkspur/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_mins(2))
        .build()
        .map_err(|cause| Fault::broken("no HTTP client can be made here", cause))
}

fn read_certificates(path: &Path) -> Result<Vec<reqwest::Certificate>, Fault> {
    let what = format!("reading the CA in {}", path.display());
    let text = std::fs::read(path).map_err(|cause| Fault::local(&*what, cause))?;
    reqwest::Certificate::from_pem_bundle(&text).map_err(|cause| Fault::broken(&what, cause))
}

/// Reads an envelope and makes a fault of one that says so.
async fn read_envelope(what: &str, response: Response) -> Result<Value, Fault> {
    let status = response.status();
    let header = |name: &str| {
        response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let log_id = header("x-tt-logid").or_else(|| header("x-request-id"));
    let reset = header("x-ogw-ratelimit-reset").and_then(|seconds| seconds.parse::<u64>().ok());
    let bytes = response.bytes().await.map_err(|cause| Fault::broken(what, cause))?;
    let Ok(answer) = serde_json::from_slice::<Value>(&bytes) else {
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            return Err(Fault::out_of_order(what, status.as_u16(), reset));
        }
        let strange = if status == StatusCode::OK { "it is not JSON" } else { status.as_str() };
        return Err(Fault::strange(what, strange));
    };
    match answer["code"].as_i64() {
        Some(0) if status.is_success() => Ok(answer),
        Some(code) => Err(Fault::refused(what, status.as_u16(), code, &answer, log_id, reset)),
        None => Err(Fault::strange(what, "there is no code in it")),
    }
}
