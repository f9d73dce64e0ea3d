//! The last requests of each app and what they were answered, and what a reviewer would say of them.

use askama::Template;
use larkspur_api::{Answer, ApiError, Language, Operation};
use serde::Deserialize;
use serde_json::Value;

use crate::asked::Asked;
use crate::frame::{Frame, Section};
use crate::page;
use crate::visit::{self, Visit, enter};

/// Requests on a page.
const MOST: i64 = 100;

#[derive(Deserialize)]
struct Apps {
    items: Vec<String>,
}

#[derive(Deserialize)]
struct Requests {
    items: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    at_ms: i64,
    log_id: String,
    operation: String,
    method: String,
    path: String,
    #[serde(default)]
    query: String,
    status: u16,
    code: i64,
    layer: Option<String>,
    why: Option<String>,
    micros: i64,
    request: Value,
    answer: Value,
}

impl Entry {
    fn pretty(value: &Value) -> String {
        serde_json::to_string_pretty(value).unwrap_or_default()
    }

    fn sent(&self) -> String {
        Self::pretty(&self.request)
    }

    fn answered(&self) -> String {
        Self::pretty(&self.answer)
    }

    fn took(&self) -> String {
        format!("{}.{:03} ms", self.micros / 1_000, self.micros % 1_000)
    }

    fn mark(&self) -> &'static str {
        if self.code == 0 && self.status < 400 { "succeeded" } else { "failed" }
    }
}

#[derive(Deserialize)]
struct AllFindings {
    items: Vec<AppFindings>,
}

#[derive(Deserialize)]
struct AppFindings {
    app_id: String,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    rule: String,
    severity: String,
    message: String,
    message_zh: String,
    advice: String,
    advice_zh: String,
    count: u64,
    last_ms: i64,
    operations: Vec<String>,
}

#[derive(Template)]
#[template(path = "requests/requests.html")]
struct Page {
    f: Frame,
    apps: Vec<String>,
    app: String,
    entries: Vec<Entry>,
    findings: Vec<Finding>,
}

impl Page {
    /// What it is, and what to do about it.
    fn said<'a>(&self, finding: &'a Finding) -> [&'a str; 2] {
        match self.f.language {
            Language::English => [&finding.message, &finding.advice],
            Language::Chinese => [&finding.message_zh, &finding.advice_zh],
        }
    }

    fn app_name<'a>(&self, app: &'a str) -> &'a str {
        // Requests whose app nobody could tell.
        if app == "-" { self.f.t("unknown callers", "未识别的调用方") } else { app }
    }
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![page("consoleRequests", "/console/requests", |services, request| {
        Box::pin(enter(services, request, show))
    })]
}

async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let Apps { items: apps } = visit.ask(visit.operator("larkspurRequestApps")).await?;
    let wanted = visit.query("app").filter(|wanted| apps.contains(wanted));
    let app = wanted.or_else(|| apps.first().cloned()).unwrap_or_default();
    let (mut entries, mut findings) = (Vec::new(), Vec::new());
    if !app.is_empty() {
        let call = visit.operator("larkspurRequestList").path("app_id", app.clone());
        let query = Asked::default().with("limit", MOST);
        entries = visit.ask::<Requests>(call.query(query)).await?.items;
        let all: AllFindings = visit.ask(visit.operator("larkspurFindingListAll")).await?;
        let own = all.items.into_iter().find(|one| one.app_id == app);
        findings = own.map(|one| one.findings).unwrap_or_default();
    }
    let f = visit.frame(Section::Requests, visit.language.pick("Requests", "请求")).await?;
    visit::show(&Page { f, apps, app, entries, findings })
}
