//! Apps, what they have left under the documented ceilings, and webhooks.

use askama::Template;
use larkspur_api::{Answer, ApiError, Operation};
use serde::Deserialize;

use crate::asked::Asked;
use crate::frame::{Frame, Section};
use crate::page;
use crate::visit::{self, Visit, enter};

#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct App {
    app_id: String,
    name: String,
    kind: String,
    scopes: Vec<String>,
    enabled: bool,
}

#[derive(Deserialize)]
struct Left {
    operation: String,
    second: Option<Window>,
    minute: Option<Window>,
    day: Option<Window>,
}

#[derive(Deserialize)]
struct Window {
    ceiling: u32,
    left: u32,
}

#[derive(Deserialize)]
struct Webhook {
    webhook_id: String,
    url: String,
    description: String,
    state: String,
    failures: i64,
    delivered_ms: Option<i64>,
    trouble: Option<String>,
}

impl Left {
    /// What is left in the second, the minute and the day, of how many.
    fn windows(&self) -> [String; 3] {
        [&self.second, &self.minute, &self.day].map(|window| {
            let text = |window: &Window| format!("{} / {}", window.left, window.ceiling);
            window.as_ref().map(text).unwrap_or_default()
        })
    }
}

/// An app with what it has left.
struct Shown {
    app: App,
    left: Vec<Left>,
}

#[derive(Template)]
#[template(path = "apps/apps.html")]
struct Page {
    f: Frame,
    apps: Vec<Shown>,
    webhooks: Vec<Webhook>,
}

impl Page {
    fn scopes(&self, app: &App) -> String {
        match app.scopes.as_slice() {
            [all] if all == "*" => self.f.t("all scopes", "全部权限").to_owned(),
            scopes => format!("{} {}", scopes.len(), self.f.t("scopes", "项权限")),
        }
    }
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![page("consoleApps", "/console/apps", |services, request| {
        Box::pin(enter(services, request, show))
    })]
}

async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let of_tenant = Asked::default().with("tenant_id", visit.tenant().await?);
    let query = of_tenant.clone().with("page_size", 100);
    let apps: Items<App> = visit.ask(visit.operator("larkspurAppList").query(query)).await?;
    let mut shown = Vec::new();
    for app in apps.items {
        let call = visit.operator("larkspurLimitList").path("app_id", app.app_id.clone());
        let left = visit.ask::<Items<Left>>(call.query(of_tenant.clone())).await?.items;
        shown.push(Shown { app, left });
    }
    let webhooks: Items<Webhook> = visit.ask(visit.operator("larkspurWebhookList")).await?;
    let f = visit.frame(Section::Apps, visit.language.pick("Apps", "应用")).await?;
    visit::show(&Page { f, apps: shown, webhooks: webhooks.items })
}
