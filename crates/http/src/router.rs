//! The road of every request: which operation, who calls, how often, what is to go wrong, what body,
//! the handler, its answer, and what is told about it. Each stage may end it with a refusal.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::request::Parts;
use http::{Request, Response};
use larkspur_api::{Answer, ApiError, BodyKind, Details, Layer, Operation, Query, Services, codes};
use percent_encoding::percent_decode_str;
use tracing::Instrument as _;

use crate::call::Call;
use crate::limit::{Limit, RateRules};
use crate::logid::LogIds;
use crate::meter::{Meter, OperationMeter};
use crate::{Body, MetricsFor, Peer, admit, envelope, fault, intake, observe, probe, trace};

/// Operations by path and method. Cheap to clone.
#[derive(Clone)]
pub struct Router(Arc<Inner>);

/// What is set about the road.
#[derive(Debug, Clone, Default)]
pub struct RouterOptions {
    /// Which ceilings hold.
    pub rates: RateRules,
    /// Whether refusals say in `X-Larkspur-Why` which layer refused and what would help.
    pub explain: bool,
    /// Who may read the numbers about the server.
    pub metrics: MetricsFor,
}

struct Inner {
    services: Arc<Services>,
    paths: matchit::Router<Vec<Served>>,
    log_ids: LogIds,
    explain: bool,
    metrics: MetricsFor,
    meter: Meter,
    /// Counts requests that are for no operation.
    nowhere: OperationMeter,
    /// Counts requests about the server itself.
    probed: OperationMeter,
}

/// An operation as it is served.
struct Served {
    operation: Operation,
    limit: Limit,
    meter: OperationMeter,
}

/// Values of the path's parameters.
type Values = Vec<(&'static str, String)>;

/// A router over every operation of the `api` floor, and `pages` beside them.
///
/// # Panics
/// If two operations were declared at one place, which a test of `api` rules out.
pub fn router(services: Arc<Services>, pages: Vec<Operation>, options: &RouterOptions) -> Router {
    let mut by_path: Vec<(&'static str, Vec<Served>)> = Vec::new();
    for operation in larkspur_api::operations().into_iter().chain(pages) {
        let path = operation.path;
        let limit = Limit::new(&operation, &options.rates);
        let meter = OperationMeter::new(operation.id);
        let served = Served { operation, limit, meter };
        match by_path.iter_mut().find(|(other, _)| *other == path) {
            Some((_, operations)) => operations.push(served),
            None => by_path.push((path, vec![served])),
        }
    }
    let mut paths = matchit::Router::new();
    for (path, operations) in by_path {
        paths.insert(path, operations).expect("declared paths do not collide");
    }
    let log_ids = LogIds::new(services.ids.random());
    let meter = Meter::new();
    services.metrics.add(meter.collectors());
    Router(Arc::new(Inner {
        services,
        paths,
        log_ids,
        explain: options.explain,
        metrics: options.metrics,
        meter,
        nowhere: OperationMeter::new("none"),
        probed: OperationMeter::new("probe"),
    }))
}

impl Router {
    /// Answers one request. Never fails: whatever happens becomes an envelope.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let started = tokio::time::Instant::now();
        let inner = &*self.0;
        let now_ms = inner.services.clock.now_ms();
        let log_id = inner.log_ids.make(now_ms);
        let (mut parts, body) = request.into_parts();
        let mut call = Call::new(&log_id, now_ms);
        let mut unread = Some(body);
        let span = trace::begin(&parts, &log_id);
        let travel = inner.travel(&mut parts, &mut unread, &mut call);
        let result = travel.instrument(span.clone()).await;
        if let Some(mut body) = unread {
            intake::drain(&mut body).await;
        }
        let (mut response, refusal) = match result {
            Ok(answer) => {
                call.note = answer.note();
                call.told_code = answer.code();
                if let Answer::File(file) = &answer {
                    call.file = Some(file.name.clone());
                }
                (envelope::answer(answer), None)
            }
            Err(error) => {
                call.note = error.details.as_ref().and_then(|details| details.note);
                let close = call.operation.is_some_and(|operation| operation.download);
                let word =
                    call.operation.and_then(|one| larkspur_api::oauth_word(one.id, error.code));
                let mut response = match word {
                    Some(word) => envelope::oauth_refusal(&error, word),
                    None => envelope::refusal(&error, &log_id, close, inner.explain),
                };
                fault::mark(&mut response, &error);
                (response, Some(error))
            }
        };
        let limited = refusal.as_ref().is_some_and(|refusal| refusal.layer == Layer::Rate);
        let meter = call.meter.unwrap_or(&inner.nowhere);
        let took = started.elapsed();
        let status = response.status().as_u16();
        inner.meter.count(meter, status, limited, took);
        let code = refusal.as_ref().map_or(call.told_code, |refusal| refusal.code);
        trace::end(&span, &call, status, code);
        let rehearsal = &inner.services.rehearsal;
        observe::tell(rehearsal, &call, &parts, &response, refusal.as_ref(), took);
        envelope::sign(&mut response, &Bytes::from(log_id));
        response
    }

    /// Answers plain HTTP on a port that speaks TLS.
    pub(crate) async fn refuse_plain<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        intake::drain(&mut request.into_body()).await;
        let inner = &*self.0;
        let log_id = inner.log_ids.make(inner.services.clock.now_ms());
        let error = codes::NOT_TLS.because("ask with https://");
        let mut response = envelope::refusal(&error, &log_id, true, inner.explain);
        envelope::sign(&mut response, &Bytes::from(log_id));
        response
    }
}

impl Inner {
    /// The road itself. A refusal on the way leaves the body unread.
    async fn travel<'a, B>(
        &'a self,
        parts: &mut Parts,
        unread: &mut Option<B>,
        call: &mut Call<'a>,
    ) -> Result<Answer, ApiError>
    where
        B: http_body::Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        if let Some(probe) = probe::at(parts.uri.path()) {
            call.meter = Some(&self.probed);
            return probe.answer(&self.services, parts, self.metrics).await;
        }
        let (Served { operation, limit, meter }, path) = self.route(parts)?;
        call.operation = Some(operation);
        call.meter = Some(meter);
        admit::admit(&self.services.platform, operation, &parts.headers, call).await?;
        let query = Query::new(parts.uri.query().unwrap_or_default());
        let pass =
            limit.enter(self.services.platform.limiter(), operation, &path, &query, call).await?;
        let mut after = fault::After::default();
        // What is to be looked at in a body must be read first; other bodies are not read in vain.
        if operation.body != BodyKind::Json {
            after = fault::strike(&self.services, call, &parts.headers, None).await?;
        }
        let body = match unread.take() {
            Some(body) => intake::read(operation.body, body, &parts.headers).await?,
            None => larkspur_api::Body::None,
        };
        call.has_read(&body);
        if let larkspur_api::Body::Json(json) = &body {
            after = fault::strike(&self.services, call, &parts.headers, Some(json)).await?;
        }
        let request = larkspur_api::Request {
            admin: call.admin,
            caller: call.caller.clone(),
            path,
            uri: parts.uri.clone(),
            query,
            scheme: parts.extensions.get().copied().unwrap_or_default(),
            headers: std::mem::take(&mut parts.headers),
            body,
            log_id: call.log_id.to_owned(),
            operation: operation.id,
            rehearsed: after.task.take(),
            peer: parts.extensions.get::<Peer>().map(|peer| peer.0),
        };
        let result = match self.services.answered_before(&request).await {
            Ok(Some(before)) => Ok(before),
            Err(refusal) => Err(refusal),
            Ok(None) => {
                let work = (operation.handler)(Arc::clone(&self.services), request);
                AssertUnwindSafe(work)
                    .catch_unwind()
                    .await
                    .unwrap_or_else(|_| Err(codes::INTERNAL.caused_by("the operation panicked")))
            }
        };
        pass.leave().await;
        after.apply(result)
    }

    /// The operation at the request's place, and what its path says.
    fn route(&self, parts: &Parts) -> Result<(&Served, Values), ApiError> {
        let path = one_slash(parts.uri.path());
        let unknown = || codes::UNKNOWN_PATH.because(format!("no operation is at {path:.200}"));
        let matched = self.paths.at(path).map_err(|_| unknown())?;
        let method = &parts.method;
        let served = matched.value.iter().find(|one| one.operation.method == *method);
        let served = served.ok_or_else(|| wrong_method(method, matched.value))?;
        let values = matched
            .params
            .iter()
            .filter_map(|(name, value)| {
                let name = parameter(served.operation.path, name)?;
                Some((name, percent_decode_str(value).decode_utf8_lossy().into_owned()))
            })
            .collect();
        Ok((served, values))
    }
}

fn wrong_method(method: &http::Method, there: &[Served]) -> ApiError {
    let names: Vec<&str> = there.iter().map(|one| one.operation.method.as_str()).collect();
    let allow = names.join(", ");
    let why = format!("{method} is not among the methods of this path: {allow}");
    let details = Details { allow: Some(allow), ..Details::default() };
    codes::WRONG_METHOD.because(why).with(details)
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
