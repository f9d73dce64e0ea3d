//! From a request to an operation and back: route, caller, right, body, handler, envelope, log line.

use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use http::header::{ALLOW, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use larkspur_api::{
    Answer, ApiError, BodyKind, Details, Operation, PermissionViolation, Services, codes,
};
use percent_encoding::percent_decode_str;

use crate::logid::LogIds;
use crate::{Body, Peer, envelope, fault};

/// Largest JSON body.
const JSON_BYTES: u64 = 16 << 20;
/// What a form may hold beside its file.
const FORM_BYTES: u64 = 1 << 20;
/// What is read and thrown away of a body nobody wants, so that the answer is heard.
const DRAIN_BYTES: u64 = 32 << 20;
/// How long a caller may pause within a body.
const BODY_PAUSE: Duration = Duration::from_secs(30);
/// How long throwing a body away may take.
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// Operations by path and method. Cheap to clone.
#[derive(Clone)]
pub struct Router(Arc<Inner>);

struct Inner {
    services: Arc<Services>,
    paths: matchit::Router<Vec<Operation>>,
    log_ids: LogIds,
}

/// A router over every operation of the `api` floor.
///
/// # Panics
/// If two operations were declared at one place, which a test of `api` rules out.
pub fn router(services: Arc<Services>) -> Router {
    let mut by_path: Vec<(&'static str, Vec<Operation>)> = Vec::new();
    for operation in larkspur_api::operations() {
        match by_path.iter_mut().find(|(path, _)| *path == operation.path) {
            Some((_, operations)) => operations.push(operation),
            None => by_path.push((operation.path, vec![operation])),
        }
    }
    let mut paths = matchit::Router::new();
    for (path, operations) in by_path {
        paths.insert(path, operations).expect("declared paths do not collide");
    }
    let log_ids = LogIds::new(services.ids.random());
    Router(Arc::new(Inner { services, paths, log_ids }))
}

/// What is told about a request in the log.
struct Outcome {
    response: Response<Body>,
    operation: &'static str,
    code: i64,
}

impl Router {
    /// Answers one request. Never fails: whatever happens becomes an envelope.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let started = tokio::time::Instant::now();
        let inner = &self.0;
        let log_id = inner.log_ids.make(inner.services.clock.now_ms());
        let (parts, body) = request.into_parts();
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        let mut outcome = inner.answer(parts, body, &log_id).await;
        tracing::info!(
            log_id,
            method = method.as_str(),
            path = uri.path(),
            operation = outcome.operation,
            status = outcome.response.status().as_u16(),
            code = outcome.code,
            micros = started.elapsed().as_micros() as u64,
            "request"
        );
        envelope::sign(&mut outcome.response, &Bytes::from(log_id));
        outcome.response
    }

    /// Answers plain HTTP on a port that speaks TLS.
    pub(crate) async fn refuse_plain<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        drain(&mut request.into_body()).await;
        let log_id = self.0.log_ids.make(self.0.services.clock.now_ms());
        let error = codes::NOT_TLS.because("ask with https://");
        let mut outcome = refuse(&error, &log_id, "", true);
        envelope::sign(&mut outcome.response, &Bytes::from(log_id));
        outcome.response
    }
}

impl Inner {
    async fn answer<B>(&self, parts: Parts, mut body: B, log_id: &str) -> Outcome
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let path = one_slash(parts.uri.path());
        let matched = match self.paths.at(path) {
            Ok(matched) => matched,
            Err(_) if path == "/healthz" => return self.health(log_id).await,
            Err(_) => {
                drain(&mut body).await;
                return refuse(&codes::UNKNOWN_PATH.into(), log_id, "", false);
            }
        };
        let Some(operation) = matched.value.iter().find(|one| one.method == parts.method) else {
            drain(&mut body).await;
            let mut outcome = refuse(&codes::WRONG_METHOD.into(), log_id, "", false);
            if let Some(value) = allowed(matched.value) {
                outcome.response.headers_mut().insert(ALLOW, value);
            }
            return outcome;
        };
        let values = matched
            .params
            .iter()
            .filter_map(|(name, value)| {
                let name = parameter(operation.path, name)?;
                Some((name, percent_decode_str(value).decode_utf8_lossy().into_owned()))
            })
            .collect();
        match self.run(operation, parts, values, body, log_id).await {
            Ok(answer) => {
                let code = answer.code();
                Outcome { response: envelope::answer(answer), operation: operation.id, code }
            }
            Err(error) => refuse(&error, log_id, operation.id, operation.download),
        }
    }

    async fn run<B>(
        &self,
        operation: &Operation,
        parts: Parts,
        path: Vec<(&'static str, String)>,
        mut body: B,
        log_id: &str,
    ) -> Result<Answer, ApiError>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let admitted = match self.admit(operation, &parts.headers).await {
            Ok(admitted) => admitted,
            Err(error) => {
                drain(&mut body).await;
                return Err(error);
            }
        };
        let caller = match &admitted {
            Admitted::Caller(caller) => Some(caller),
            Admitted::Anyone | Admitted::Admin => None,
        };
        let call = (log_id, self.services.clock.now_ms());
        let early = operation.body != BodyKind::Json;
        let mut after = fault::After::default();
        if early {
            let struck =
                fault::strike(&self.services, operation, caller, &parts.headers, None, call).await;
            after = match struck {
                Ok(after) => after,
                Err(error) => {
                    drain(&mut body).await;
                    return Err(error);
                }
            };
        }
        let body = match operation.body {
            BodyKind::None => {
                drain(&mut body).await;
                larkspur_api::Body::None
            }
            BodyKind::Json => {
                let json = collect(body, &parts.headers).await?;
                let services = &self.services;
                after =
                    fault::strike(services, operation, caller, &parts.headers, Some(&json), call)
                        .await?;
                larkspur_api::Body::Json(json)
            }
            BodyKind::Multipart { most_bytes } => form(body, &parts.headers, most_bytes),
        };
        let request = larkspur_api::Request {
            admin: matches!(admitted, Admitted::Admin),
            caller: admitted.caller(),
            path,
            query: larkspur_api::Query::new(parts.uri.query().unwrap_or_default()),
            scheme: parts.extensions.get().copied().unwrap_or_default(),
            headers: parts.headers,
            body,
            log_id: log_id.to_owned(),
            operation: operation.id,
            rehearsed: after.task.take(),
            peer: parts.extensions.get::<Peer>().map(|peer| peer.0),
        };
        let work = (operation.handler)(Arc::clone(&self.services), request);
        let result = AssertUnwindSafe(work)
            .catch_unwind()
            .await
            .unwrap_or_else(|_| Err(codes::INTERNAL.caused_by("the operation panicked")));
        after.apply(result)
    }

    /// Who calls, once it is sure that they may.
    async fn admit(
        &self,
        operation: &Operation,
        headers: &HeaderMap,
    ) -> Result<Admitted, ApiError> {
        let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let platform = &self.services.platform;
        if operation.admin {
            let admin = platform.is_admin(authorization).await;
            if admin.map_err(|error| codes::INTERNAL.caused_by(error))? {
                return Ok(Admitted::Admin);
            }
            if operation.tokens.is_empty() {
                return Err(codes::ADMIN_ONLY.because(
                    "send `Authorization: Bearer <LARKSPUR_ADMIN_TOKEN>`; the server writes it to \
                     its --env-file, and `larkspur admin reset-token` makes a new one",
                ));
            }
        }
        if operation.tokens.is_empty() {
            return Ok(Admitted::Anyone);
        }
        let caller = platform.authenticate(authorization).await.map_err(denied)?;
        platform.allow(&caller, &operation.requirements()).map_err(denied)?;
        Ok(Admitted::Caller(caller))
    }

    async fn health(&self, log_id: &str) -> Outcome {
        match self.services.health().await.and_then(|health| Answer::data(&health)) {
            Ok(answer) => {
                Outcome { response: envelope::answer(answer), operation: "healthz", code: 0 }
            }
            Err(error) => refuse(&error, log_id, "healthz", false),
        }
    }
}

/// Whoever was let through.
enum Admitted {
    /// By an operation that asks nobody who they are.
    Anyone,
    /// The server's operator.
    Admin,
    /// An app, alone or for a user.
    Caller(larkspur_platform::Caller),
}

impl Admitted {
    fn caller(self) -> Option<larkspur_platform::Caller> {
        match self {
            Self::Caller(caller) => Some(caller),
            Self::Anyone | Self::Admin => None,
        }
    }
}

fn denied(denied: larkspur_platform::Denied) -> ApiError {
    let mut error = ApiError::from(codes::INTERNAL);
    error.http = denied.http;
    error.code = denied.code;
    error.msg = denied.msg;
    error.why = Some(denied.why);
    let permission_violations: Vec<_> = denied
        .violations
        .into_iter()
        .map(|violation| PermissionViolation {
            kind: violation.kind.to_owned(),
            subject: violation.subject,
            description: String::new(),
        })
        .collect();
    if permission_violations.is_empty() {
        return error;
    }
    error.with(Details { permission_violations, ..Details::default() })
}

fn refuse(error: &ApiError, log_id: &str, operation: &'static str, close: bool) -> Outcome {
    if let Some(cause) = &error.internal {
        tracing::error!(log_id, operation, cause, "request failed on our side");
    }
    let mut response = match larkspur_api::oauth_word(operation, error.code) {
        Some(word) => envelope::oauth_refusal(error, word),
        None => envelope::refusal(error, log_id, close),
    };
    fault::mark(&mut response, error);
    Outcome { response, operation, code: error.code }
}

/// One slash at the beginning: some SDKs join a domain that ends with one (clients' notes).
fn one_slash(path: &str) -> &str {
    let extra = path.bytes().take_while(|byte| *byte == b'/').count().saturating_sub(1);
    &path[extra..]
}

/// The parameter's name as it stands in the declared path, which lives as long as the program.
fn parameter(path: &'static str, name: &str) -> Option<&'static str> {
    path.split(['{', '}']).skip(1).step_by(2).find(|declared| *declared == name)
}

fn allowed(operations: &[Operation]) -> Option<HeaderValue> {
    let names: Vec<&str> = operations.iter().map(|one| one.method.as_str()).collect();
    HeaderValue::try_from(names.join(", ")).ok()
}

/// Reads and forgets what is left of a body, within bounds, so that the connection stays usable and
/// the caller hears the answer instead of a reset.
async fn drain<B>(body: &mut B)
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    if body.is_end_stream() {
        return;
    }
    let read = async {
        let mut left = DRAIN_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            let size = frame.data_ref().map_or(0, |data| data.len() as u64);
            if size > left {
                break;
            }
            left -= size;
        }
    };
    let _ = tokio::time::timeout(DRAIN_TIME, read).await;
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The whole body, within the limit.
async fn collect<B>(mut body: B, headers: &HeaderMap) -> Result<Bytes, ApiError>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let announced = announced(headers).unwrap_or(0);
    let mut whole = BytesMut::with_capacity(announced.min(64 << 10) as usize);
    if announced > JSON_BYTES {
        drain(&mut body).await;
        return Err(too_large());
    }
    loop {
        let frame = tokio::time::timeout(BODY_PAUSE, body.frame())
            .await
            .map_err(|_| codes::BODY_TIMED_OUT.because("the body stopped arriving"))?;
        let data = match frame {
            None => return Ok(whole.freeze()),
            Some(Err(_)) => return Err(codes::BAD_REQUEST.because("the body broke off")),
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        };
        if whole.len() as u64 + data.len() as u64 > JSON_BYTES {
            drain(&mut body).await;
            return Err(too_large());
        }
        whole.extend_from_slice(&data);
    }
}

fn too_large() -> ApiError {
    codes::BODY_TOO_LARGE.because(format!("a JSON body may have {JSON_BYTES} bytes"))
}

/// The form of a body; none where its content type names no boundary.
fn form<B>(body: B, headers: &HeaderMap, most_bytes: u64) -> larkspur_api::Body
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    let boundary = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| multer::parse_boundary(value).ok());
    match boundary {
        None => larkspur_api::Body::None,
        Some(boundary) => larkspur_api::Body::Multipart(multer::Multipart::new(
            chunks(body, most_bytes + FORM_BYTES + DRAIN_BYTES),
            boundary,
        )),
    }
}

/// A body as a stream that gives up on pauses and on endless bodies.
fn chunks<B>(body: B, most_bytes: u64) -> impl Stream<Item = io::Result<Bytes>> + Send
where
    B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    stream::unfold((body, most_bytes), |(mut body, left)| async move {
        let next = match tokio::time::timeout(BODY_PAUSE, body.frame()).await {
            Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut)),
            Ok(None) => return None,
            Ok(Some(Err(error))) => Err(io::Error::other(error)),
            Ok(Some(Ok(frame))) => Ok(frame.into_data().unwrap_or_default()),
        };
        match next {
            Ok(data) if data.len() as u64 <= left => {
                let left = left - data.len() as u64;
                Some((Ok(data), (body, left)))
            }
            Ok(_) => Some((Err(io::Error::from(io::ErrorKind::FileTooLarge)), (body, 0))),
            Err(error) => Some((Err(error), (body, 0))),
        }
    })
    .fuse()
}
