//! Traces as a collector is sent them: one trace from a caller's own span over the request and the
//! attempt to the conversion, nothing that was not asked for, and nothing lost at the end.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use larkspur_tests::client::Client;
use larkspur_tests::server::Server;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const LIMIT: Duration = Duration::from_mins(1);
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CALLERS_SPAN: &str = "b7ad6b7169203331";
const IMPORT: &str = "POST /open-apis/drive/v1/import_tasks";

/// A collector on this machine.
struct Collector {
    endpoint: String,
    arriving: UnboundedReceiver<Bytes>,
    spans: Vec<Span>,
}

async fn collect(State(arrived): State<UnboundedSender<Bytes>>, batch: Bytes) {
    // The test may have seen enough.
    let _ = arrived.send(batch);
}

impl Collector {
    async fn start() -> Result<Self> {
        let (sender, arriving) = unbounded_channel();
        let port = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", port.local_addr()?);
        let router = Router::new().route("/v1/traces", post(collect)).with_state(sender);
        tokio::spawn(async move { axum::serve(port, router).await });
        Ok(Self { endpoint, arriving, spans: Vec::new() })
    }

    /// The span that `wanted` describes, once it has come.
    async fn span(&mut self, wanted: impl Fn(&Span) -> bool) -> Result<Span> {
        loop {
            if let Some(found) = self.spans.iter().find(|span| wanted(span)) {
                return Ok(found.clone());
            }
            let batch = tokio::time::timeout(LIMIT, self.arriving.recv()).await;
            let batch = batch.with_context(|| format!("not among {:#?}", self.spans))?;
            for of_resource in
                ExportTraceServiceRequest::decode(batch.context("no batch")?)?.resource_spans
            {
                let about = of_resource.resource.context("a resource")?.attributes;
                let name = about.iter().find(|one| one.key == "service.name");
                assert_eq!(text(name.and_then(|name| name.value.as_ref())), "larkspur");
                self.spans.extend(of_resource.scope_spans.into_iter().flat_map(|one| one.spans));
            }
        }
    }

    /// A span of this name below `parent`.
    async fn below(&mut self, parent: &Span, name: &str) -> Result<Span> {
        let wanted = |span: &Span| span.name == name && span.parent_span_id == parent.span_id;
        let found = self.span(wanted).await.with_context(|| name.to_owned())?;
        assert_eq!(hex(&found.trace_id), hex(&parent.trace_id), "{name}");
        Ok(found)
    }
}

type AnyValue = opentelemetry_proto::tonic::common::v1::AnyValue;

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.clone()) {
        Some(Value::StringValue(text)) => text,
        Some(Value::IntValue(number)) => number.to_string(),
        other => panic!("{other:?}"),
    }
}

fn attributes(span: &Span) -> HashMap<&str, String> {
    span.attributes.iter().map(|one| (one.key.as_str(), text(one.value.as_ref()))).collect()
}

fn is_error(span: &Span) -> bool {
    span.status.as_ref().is_some_and(|status| status.code() == StatusCode::Error)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

async fn server(folder: &Path, options: &[&str]) -> Result<Server> {
    Server::start(Path::new(env!("CARGO_BIN_EXE_larkspur_under_test")), folder, options).await
}

async fn import(client: &Client, extension: &str, bytes: &[u8]) -> Result<String> {
    let file = format!("secret plans.{extension}");
    let source = client.upload(&file, extension, "docx", bytes.to_vec()).await?;
    client.import(&source, extension, "docx", "secret plans").await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_one_trace_from_the_caller_to_the_conversion() -> Result<()> {
    let mut collector = Collector::start().await?;
    let folder = tempfile::tempdir()?;
    let options = [
        "--otlp-endpoint",
        &collector.endpoint,
        "--log",
        "larkspur_convert=debug,larkspur::trace=trace",
    ];
    let mut server = server(folder.path(), &options).await?;
    let client = server.client().await?;
    let traced = client.with_header("traceparent", &format!("00-{TRACE}-{CALLERS_SPAN}-01"));
    let ticket = import(&traced, "md", b"# Plans\n\nDear diary").await?;
    assert_eq!(client.imported(&ticket, LIMIT).await?["job_status"], 0);

    let request = collector.span(|span| span.name == IMPORT).await?;
    assert_eq!(
        (hex(&request.trace_id), hex(&request.parent_span_id)),
        (TRACE.into(), CALLERS_SPAN.into())
    );
    let told = attributes(&request);
    assert_eq!(told["http.request.method"], "POST");
    assert_eq!(told["http.route"], "/open-apis/drive/v1/import_tasks");
    assert_eq!((&*told["http.response.status_code"], &*told["code"]), ("200", "0"));
    assert!(!told["operation"].is_empty() && !told["log_id"].is_empty());

    let submitted = collector.below(&request, "task.submit").await?;
    let attempt = collector.below(&submitted, "task.attempt").await?;
    for span in [&submitted, &attempt] {
        let span = attributes(span);
        assert_eq!(span["task.family"], "drive.import");
        assert_eq!(span["log_id"], told["log_id"]);
        assert_eq!(span["task.id"], attributes(&submitted)["task.id"]);
    }
    let of_attempt = attributes(&attempt);
    assert_eq!((&*of_attempt["task.attempt"], &*of_attempt["outcome"]), ("1", "succeeded"));
    let conversion = collector.below(&attempt, "conversion").await?;
    let of_conversion = attributes(&conversion);
    let [from, to, outcome] = ["from", "to", "outcome"].map(|name| &*of_conversion[name]);
    assert_eq!((from, to, outcome), ("md", "document", "succeeded"));
    assert!(![&request, &submitted, &attempt, &conversion].into_iter().any(is_error));

    // What fails says so, in a trace of its own where the caller has none.
    import(&client, "docx", b"no container").await?;
    let docx = |span: &Span| span.name == "conversion" && attributes(span)["from"] == "docx";
    let conversion = collector.span(docx).await?;
    let attempt = collector.span(|span| span.span_id == conversion.parent_span_id).await?;
    assert!(is_error(&conversion) && is_error(&attempt), "{attempt:#?}");
    assert_eq!(attributes(&attempt)["outcome"], "failed");
    assert_ne!(hex(&attempt.trace_id), TRACE);

    // A stop sends what is left.
    let missing = client.get("/open-apis/docx/v1/documents/none").await?;
    assert_ne!(missing.code(), 0);
    server.stop()?;
    let route = "/open-apis/docx/v1/documents/{document_id}";
    let last = |span: &Span| attributes(span).get("http.route").is_some_and(|found| found == route);
    let last = collector.span(last).await?;
    assert_eq!(attributes(&last)["code"], missing.code().to_string());

    let all = format!("{:?}", collector.spans);
    for private in ["secret plans", "Plans", "diary", "Bearer", "app_secret"] {
        assert!(!all.contains(private), "{private}");
    }
    let log = std::fs::read_to_string(folder.path().join("log"))?;
    assert!(log.contains("conversion ended"), "{log}");
    assert!(!log.contains("task.attempt") && !log.contains("conversion{"), "{log}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_holds_up_nothing_and_is_told_of_once() -> Result<()> {
    let away = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.to_string();
    let folder = tempfile::tempdir()?;
    let mut server = server(folder.path(), &["--otlp-endpoint", &format!("http://{away}")]).await?;
    let client = server.client().await?;
    for _ in 0..2 {
        let ticket = import(&client, "md", b"# Plans").await?;
        assert_eq!(client.imported(&ticket, LIMIT).await?["job_status"], 0);
    }
    server.stop()?;
    let log = std::fs::read_to_string(folder.path().join("log"))?;
    assert_eq!(log.matches("traces are not delivered").count(), 1, "{log}");
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn without_the_setting_there_is_nobody_who_sends() -> Result<()> {
    /// Whether the process has the thread that gathers spans; names of threads are cut.
    fn gathers(server: &Server) -> Result<bool> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", server.id()))?;
        let names = threads.flatten().map(|thread| thread.path().join("comm"));
        let mut names = names.map(|name| std::fs::read_to_string(name).unwrap_or_default());
        Ok(names.any(|name| name.starts_with("OpenTelemetry")))
    }
    let folder = tempfile::tempdir()?;
    let mut collector = Collector::start().await?;
    {
        let server = server(folder.path(), &["--otlp-endpoint", &collector.endpoint]).await?;
        assert!(gathers(&server)?);
    }
    while collector.arriving.try_recv().is_ok() {}
    for options in [&[][..], &["--otlp-endpoint", "none"]] {
        let mut server = server(folder.path(), options).await?;
        assert!(!gathers(&server)?);
        let client = server.client().await?;
        let ticket = import(&client, "md", b"# Plans").await?;
        assert_eq!(client.imported(&ticket, LIMIT).await?["job_status"], 0);
        server.stop()?;
    }
    assert!(collector.arriving.try_recv().is_err());
    Ok(())
}
