//! What operators look at: numbers for Prometheus, readiness, and the dashboard and the page that speak of
//! the numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context as _, Result, bail, ensure};
use larkspur_http::{MetricsFor, RateRule};
use larkspur_platform::Ceilings;
use larkspur_tests::app::TestApp;
use larkspur_tests::repository;
use serde_json::{Value, json};

use crate::{app, binary, refused};

/// Numbers as they were shown.
struct Scrape {
    /// Kind of each metric, by its name.
    kinds: BTreeMap<String, String>,
    /// What is shown, by name and labels as they stand there.
    samples: BTreeMap<String, f64>,
}

impl Scrape {
    /// Reads the text format strictly: names are told before their numbers, nothing stands twice.
    fn read(text: &str) -> Result<Self> {
        let (mut kinds, mut samples) = (BTreeMap::new(), BTreeMap::new());
        let mut told = BTreeSet::new();
        for line in text.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, words) = help.split_once(' ').context("a help without words")?;
                ensure!(words.len() > 5 && told.insert(name.to_owned()), "{line}");
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').context("a type without a name")?;
                ensure!(told.contains(name), "{name} has no help");
                ensure!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                ensure!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}");
            } else {
                let (series, value) = line.rsplit_once(' ').context("a line without a value")?;
                let name = series.split('{').next().unwrap_or_default();
                let of_histogram = ["_bucket", "_sum", "_count"]
                    .iter()
                    .filter_map(|end| name.strip_suffix(end))
                    .any(|base| kinds.get(base).is_some_and(|kind| kind == "histogram"));
                ensure!(of_histogram || kinds.contains_key(name), "{name} has no type");
                let value: f64 = value.parse()?;
                ensure!(samples.insert(series.to_owned(), value).is_none(), "{series} twice");
            }
        }
        Ok(Self { kinds, samples })
    }

    async fn of(app: &TestApp) -> Result<Self> {
        let (status, headers, bytes) = app.client.with_token("").fetch("/metrics", None).await?;
        ensure!(status == 200, "HTTP {status}");
        ensure!(headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8");
        Self::read(std::str::from_utf8(&bytes)?)
    }

    fn value(&self, series: &str) -> Result<f64> {
        let found = self.samples.get(series).copied();
        found.with_context(|| {
            let name = series.split('{').next().unwrap_or_default();
            let alike = self.samples.keys().filter(|key| key.starts_with(name));
            format!("no {series}; there are {:?}", alike.collect::<Vec<_>>())
        })
    }

    /// Checks that the buckets of every histogram add up.
    fn check_histograms(&self) -> Result<()> {
        let mut buckets: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
        for (series, count) in &self.samples {
            let Some((name, rest)) = series.split_once("_bucket{") else { continue };
            let (labels, bound) = rest.split_once("le=\"").context("a bucket without a bound")?;
            let bound = bound.trim_end_matches("\"}").replace("+Inf", "inf").parse()?;
            let labels = labels.trim_end_matches(',');
            let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
            buckets.entry(format!("{name}_count{labels}")).or_default().push((bound, *count));
        }
        ensure!(buckets.len() > 5, "{} histograms", buckets.len());
        for (of, mut buckets) in buckets {
            buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
            ensure!(buckets.is_sorted_by_key(|(_, count)| *count), "{of}: {buckets:?}");
            let last = buckets.last().context("no bucket")?;
            ensure!(last.0.is_infinite() && *last == (last.0, self.value(&of)?), "{of}: {last:?}");
        }
        Ok(())
    }
}

/// A server that has done some of everything there are numbers about.
async fn busy() -> Result<TestApp> {
    let app = TestApp::start_as(binary(), |config| {
        let once = RateRule::Own(Ceilings { per_minute: 1, ..Ceilings::NONE });
        config.rate_rules.operations.insert("driveFileList".to_owned(), once);
        config.webhook_private = true;
    })
    .await?;
    app.import("md", "docx", b"# Numbers\n\nand words\n", "numbers").await?;
    app.client.get("/open-apis/drive/v1/files").await?.data()?;
    refused(&app.client.get("/open-apis/drive/v1/files").await?, 429, 99_991_400)?;
    refused(&app.client.get("/open-apis/no/such").await?, 404, 99_991_201)?;
    // A receiver that is not there.
    let operator = app.operator()?;
    let body = json!({"url": "http://127.0.0.1:1/hook"});
    let made = operator.post("/larkspur/v1/webhooks", &body).await?;
    let id = made.data()?["webhook"]["webhook_id"].as_str().context("no id")?.to_owned();
    operator.post(&format!("/larkspur/v1/webhooks/{id}/test"), &json!({})).await?.data()?;
    Ok(app)
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_say_what_was_done() -> Result<()> {
    let app = busy().await?;
    let scrape = Scrape::of(&app).await?;
    for (series, value) in [
        ("larkspur_tasks_submitted_total{family=\"drive.import\"}", 1.0),
        ("larkspur_tasks_ended_total{family=\"drive.import\",outcome=\"succeeded\"}", 1.0),
        ("larkspur_tasks_ended_total{family=\"drive.import\",outcome=\"failed\"}", 0.0),
        ("larkspur_task_seconds_count{family=\"drive.import\"}", 1.0),
        ("larkspur_tasks{family=\"drive.import\",state=\"queued\"}", 0.0),
        ("larkspur_tasks{family=\"drive.import\",state=\"running\"}", 0.0),
        ("larkspur_queue_age_seconds{lane=\"light\"}", 0.0),
        ("larkspur_conversions_total{from=\"md\",outcome=\"succeeded\",to=\"document\"}", 1.0),
        ("larkspur_conversion_seconds_count{from=\"md\",to=\"document\"}", 1.0),
        ("larkspur_conversions_running", 0.0),
        ("larkspur_http_requests_total{operation=\"driveImportTaskCreate\",status=\"200\"}", 1.0),
        ("larkspur_http_requests_total{operation=\"driveFileList\",status=\"200\"}", 1.0),
        ("larkspur_http_requests_total{operation=\"driveFileList\",status=\"429\"}", 1.0),
        ("larkspur_http_requests_total{operation=\"none\",status=\"404\"}", 1.0),
        ("larkspur_http_request_seconds_count{operation=\"driveFileList\"}", 2.0),
        ("larkspur_rate_limited_total{operation=\"driveFileList\"}", 1.0),
        ("larkspur_webhook_attempts_total{outcome=\"unreachable\"}", 1.0),
        ("larkspur_store_errors_total{kind=\"commit\"}", 0.0),
        ("larkspur_store_up", 1.0),
    ] {
        let found = scrape.value(series)?;
        ensure!((found - value).abs() < f64::EPSILON, "{series} is {found}, not {value}");
    }
    ensure!(scrape.value("larkspur_store_seconds_count{kind=\"commit\"}")? >= 1.0);
    ensure!(scrape.value("process_resident_memory_bytes")? > 1e6);
    scrape.check_histograms()
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_that_wait_are_counted_and_their_ends_too() -> Result<()> {
    let app = TestApp::start_as(binary(), |config| config.light_tasks = 0).await?;
    let source = app.client.upload("a.md", "md", "docx", b"a".to_vec()).await?;
    let ticket = app.client.import(&source, "md", "docx", "a").await?;
    let queued = "larkspur_tasks{family=\"drive.import\",state=\"queued\"}";
    let scrape = Scrape::of(&app).await?;
    ensure!(scrape.value(queued)? >= 1.0, "{}", scrape.value(queued)?);
    let path = format!("/larkspur/v1/tasks/{ticket}/cancel");
    app.operator()?.post(&path, &json!({})).await?.data()?;
    let cancelled = "larkspur_tasks_ended_total{family=\"drive.import\",outcome=\"cancelled\"}";
    ensure!(Scrape::of(&app).await?.value(cancelled)? >= 1.0);
    Ok(())
}

/// HTTP status of a look at the numbers.
async fn status(app: &TestApp, token: &str, forwarded: bool) -> Result<u16> {
    let mut client = app.client.with_token(token);
    if forwarded {
        client = client.with_header("X-Forwarded-For", "203.0.113.9");
    }
    Ok(client.fetch("/metrics", None).await?.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_for_the_operator_and_their_machine() -> Result<()> {
    for (metrics, here, through_a_proxy) in
        [(MetricsFor::Local, 200, 401), (MetricsFor::Admin, 401, 401), (MetricsFor::All, 200, 200)]
    {
        let app = TestApp::start_as(binary(), |config| config.metrics = metrics).await?;
        ensure!(status(&app, "", false).await? == here, "{metrics:?}");
        ensure!(status(&app, "", true).await? == through_a_proxy, "{metrics:?}");
        let tenant = app.client.token().to_owned();
        ensure!(status(&app, &tenant, true).await? == through_a_proxy, "{metrics:?}");
        let admin = app.operator()?.token().to_owned();
        ensure!(status(&app, &admin, true).await? == 200, "{metrics:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_its_files_is_not_ready_and_says_why() -> Result<()> {
    let app = app().await?;
    let nobody = app.client.with_token("");
    let ready = nobody.get("/readyz").await?;
    ensure!(ready.data()?["status"] == "ready", "{}", ready.body);
    let blobs = app.data().join("blobs");
    fs::rename(&blobs, blobs.with_extension("gone"))?;
    let answer = nobody.get("/readyz").await?;
    refused(&answer, 503, 88_000_503)?;
    ensure!(answer.body["error"]["message"] == "files cannot be written", "{}", answer.body);
    nobody.get("/healthz").await?.data()?;
    fs::rename(blobs.with_extension("gone"), &blobs)?;
    nobody.get("/readyz").await?.data()?;
    Ok(())
}

/// Names of metrics in a text that speaks of them.
fn named(text: &str) -> BTreeSet<&str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| word.starts_with("larkspur_") || word.starts_with("process_"))
        .collect()
}

/// Every query below `value`.
fn queries<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "expr" || name == "query" => found.push(text),
                    field => queries(field, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| queries(item, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dashboard_and_page_speak_of_the_numbers_there_are() -> Result<()> {
    let scrape = Scrape::of(&busy().await?).await?;
    let dashboard = fs::read_to_string(repository().join("integrations/grafana/larkspur.json"))?;
    let dashboard: Value = serde_json::from_str(&dashboard)?;
    let mut found = Vec::new();
    queries(&dashboard, &mut found);
    ensure!(found.len() > 20, "{} queries", found.len());
    for query in found {
        for name in named(query) {
            let shown = scrape.kinds.get(name).is_some_and(|kind| kind != "histogram");
            let bucket = name.strip_suffix("_bucket").and_then(|base| scrape.kinds.get(base));
            if !shown && bucket.is_none_or(|kind| kind != "histogram") {
                bail!("the dashboard asks for {name}, which there is not: {query}");
            }
        }
    }
    let page = fs::read_to_string(repository().join("docs/operations.md"))?;
    let told: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split(['`', '{']).next())
        .filter(|name| name.starts_with("larkspur_") || name.starts_with("process_"))
        .collect();
    let there: BTreeSet<&str> = scrape.kinds.keys().map(String::as_str).collect();
    ensure!(told == there, "told or there, not both: {:?}", told.symmetric_difference(&there));
    Ok(())
}
