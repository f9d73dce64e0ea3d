//! Traces for a collector: the spans that are made for it, gathered and sent over OTLP by a thread of
//! their own. Nobody waits for it: what finds no room or no collector is dropped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use larkspur_model::trace::TARGET;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    Protocol, RetryPolicy, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use tokio::runtime::Handle;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use crate::client::choose_ciphers;
use crate::trouble::{Attempt, Trouble};

/// Spans that wait to be sent; more are dropped.
const MOST_WAITING: usize = 8_192;
/// How often what was gathered is sent.
const SEND_EVERY: Duration = Duration::from_secs(1);
/// How long a collector may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the end of the server waits for the last spans to be sent.
const LAST_CALL: Duration = Duration::from_secs(2);

/// Whether something is made for traces; the log leaves it out.
pub(super) fn is_for_traces(about: &Metadata<'_>) -> bool {
    about.target() == TARGET
}

/// What sends spans. Sends the last ones when dropped, for which its runtime must still be there.
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends to the collector at `endpoint`, with the threads of `runtime`.
    pub(super) fn start(endpoint: &str, runtime: &Handle) -> Attempt<Self> {
        let trouble = |cause: &dyn std::error::Error| {
            Trouble::new(format!("traces cannot be exported: {cause}"))
                .hint("`otlp_endpoint` is the address of a collector: http://127.0.0.1:4318")
                .setup()
        };
        choose_ciphers();
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|cause| trouble(&cause))?;
        let sender = Sender { http, runtime: runtime.clone(), away: AtomicBool::new(false) };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(sender)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            // A thread that waits to try again would hold up the end of the server.
            .with_retry_policy(RetryPolicy::disabled())
            .build()
            .map_err(|cause| trouble(&cause))?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(MOST_WAITING)
            .with_scheduled_delay(SEND_EVERY)
            .build();
        let processor = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_span_processor(processor)
            .build();
        // How callers say which trace of theirs a request belongs to.
        opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
        Ok(Self(provider))
    }

    /// What hears of spans.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("larkspur"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(filter_fn(is_for_traces))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // What did not get out has been told of.
        let _ = self.0.shutdown_with_timeout(LAST_CALL);
    }
}

/// Who sends, with what `OTEL_RESOURCE_ATTRIBUTES` adds.
fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_attribute(version);
    if std::env::var_os("OTEL_SERVICE_NAME").is_some_and(|name| !name.is_empty()) {
        resource.build()
    } else {
        resource.with_service_name("larkspur").build()
    }
}

/// Posts batches with the client and the threads that the server has anyway.
#[derive(Debug)]
struct Sender {
    http: reqwest::Client,
    runtime: Handle,
    /// Whether it was told that nothing gets out.
    away: AtomicBool,
}

impl Sender {
    /// Warns once, until something got out again.
    fn tell(&self, cause: Option<&str>) {
        let was_away = self.away.swap(cause.is_some(), Ordering::Relaxed);
        match cause {
            Some(cause) if !was_away => {
                tracing::warn!(cause, "traces are not delivered; they are dropped meanwhile");
            }
            None if was_away => tracing::info!("traces are delivered again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        // The thread that asks has no runtime of its own.
        let sending = self.runtime.spawn(async move {
            let answer = http.execute(request.try_into()?).await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        });
        match sending.await? {
            Ok((status, body)) => {
                let refused =
                    (!status.is_success()).then(|| format!("the collector says {status}"));
                self.tell(refused.as_deref());
                Ok(Response::builder().status(status).body(body)?)
            }
            Err(cause) => {
                // The address may hold a password.
                let cause = cause.without_url();
                self.tell(Some(&in_words(&cause)));
                Err(cause.into())
            }
        }
    }
}

/// An error with what caused it.
fn in_words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        words = format!("{words}: {deeper}");
        cause = deeper.source();
    }
    words
}
