//! Apps: who may call, with which scopes, and where a sign-in may come back to.

mod wire;

use std::sync::Arc;

use larkspur_model::id::{AppId, TenantId};
use larkspur_platform::{AppChange, AppKind, NewApp, Secret};
use larkspur_store::{apps, installations};

use self::wire::{
    App, AppData, CreateBody, InstallBody, Installation, InstallationData, Kind, SecretData,
    TicketData, UpdateBody,
};
use super::directory::{self, List, Page, internal, refused, tenant_of};
use super::operator;
use crate::operation::Method;
use crate::{Answer, ApiError, Request, Resource, Services, codes};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<crate::Operation> {
    const ALL: &str = "/larkspur/v1/apps";
    const ONE: &str = "/larkspur/v1/apps/{app_id}";
    const SECRET: &str = "/larkspur/v1/apps/{app_id}/reset_secret";
    const TICKET: &str = "/larkspur/v1/apps/{app_id}/ticket";
    const INSTALLATIONS: &str = "/larkspur/v1/apps/{app_id}/installations";
    let errors = directory::ALL;
    vec![
        operator("larkspurAppCreate", Method::POST, ALL, errors, |services, request| {
            Box::pin(create(services, request))
        }),
        operator("larkspurAppList", Method::GET, ALL, errors, |services, request| {
            Box::pin(list(services, request))
        }),
        operator("larkspurAppGet", Method::GET, ONE, errors, |services, request| {
            Box::pin(get(services, request))
        }),
        operator("larkspurAppUpdate", Method::PATCH, ONE, errors, |services, request| {
            Box::pin(update(services, request))
        }),
        operator("larkspurAppResetSecret", Method::POST, SECRET, errors, |services, request| {
            Box::pin(reset_secret(services, request))
        }),
        operator("larkspurAppTicket", Method::GET, TICKET, errors, |services, request| {
            Box::pin(ticket(services, request))
        }),
        operator("larkspurAppInstall", Method::POST, INSTALLATIONS, errors, |services, request| {
            Box::pin(install(services, request))
        }),
        operator(
            "larkspurAppInstallations",
            Method::GET,
            INSTALLATIONS,
            errors,
            |services, request| Box::pin(list_installations(services, request)),
        ),
    ]
}

fn app_of(request: &Request) -> AppId {
    AppId::from(request.path_value("app_id"))
}

async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: CreateBody = request.json(codes::BAD_REQUEST)?;
    let tenant = tenant_of(&services, body.tenant_id.as_deref()).await?;
    let defaults = NewApp::default();
    let new = NewApp {
        id: body.app_id,
        secret: body.app_secret.map(Secret::new),
        name: body.name.unwrap_or(defaults.name),
        description: body.description.unwrap_or_default(),
        kind: match body.kind.unwrap_or_default() {
            Kind::Custom => AppKind::Custom,
            Kind::Store => AppKind::Store,
        },
        scopes: body.scopes.map_or(defaults.scopes, |scopes| scopes.join(" ")),
        redirect_uris: body.redirect_uris.unwrap_or_default(),
    };
    let (app, secret) = services.platform.create_app(&tenant, &new).await.map_err(refused)?;
    Answer::data(&AppData { app: App::of(&app), app_secret: Some(secret.expose()) })
}

async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let page = Page::read(&request)?;
    let db = &services.store.db;
    let mut found = match request.query.text("tenant_id") {
        // A tenant has a handful of apps: no pages.
        Some(tenant) => apps::of_tenant(db, &TenantId(tenant)).await,
        None => apps::list(db, &page.after, page.limit()).await,
    }
    .map_err(internal)?;
    let whole = request.query.text("tenant_id").is_some();
    let next = if whole { None } else { page.cut(&mut found, |app| app.id.as_str()) };
    Answer::data(&List::new(found.iter().map(App::of).collect(), next))
}

async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let app = services.platform.app(&app_of(&request)).await.map_err(refused)?;
    Answer::data(&AppData { app: App::of(&app), app_secret: None })
}

async fn update(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: UpdateBody = request.json(codes::BAD_REQUEST)?;
    let change = AppChange {
        name: body.name,
        description: body.description,
        scopes: body.scopes.map(|scopes| scopes.join(" ")),
        redirect_uris: body.redirect_uris,
        enabled: body.enabled,
    };
    let app = services.platform.update_app(&app_of(&request), &change).await.map_err(refused)?;
    Answer::data(&AppData { app: App::of(&app), app_secret: None })
}

async fn reset_secret(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let app_id = app_of(&request);
    let secret = services.platform.reset_secret(&app_id).await.map_err(refused)?;
    Answer::data(&SecretData { app_id: app_id.as_str(), app_secret: secret.expose() })
}

/// The ticket that a push would have brought the store app: a server for tests calls nobody.
async fn ticket(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let app_id = app_of(&request);
    let ticket = services.platform.app_ticket(&app_id).await.map_err(refused)?;
    let ticket = ticket.ok_or_else(|| {
        directory::NO_TICKET.because("a custom app gets its tokens without a ticket")
    })?;
    Answer::data(&TicketData {
        app_id: app_id.as_str(),
        app_ticket: ticket.ticket.expose(),
        next_ms: ticket.next_ms,
    })
}

async fn install(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: InstallBody = request.json(codes::BAD_REQUEST)?;
    let tenant = TenantId(body.tenant_id);
    let enabled = body.enabled.unwrap_or(true);
    let done = services.platform.install(&app_of(&request), &tenant, enabled).await;
    let installation = done.map_err(refused)?;
    Answer::data(&InstallationData { installation: Installation::of(&installation) })
}

async fn list_installations(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let app = services.platform.app(&app_of(&request)).await.map_err(refused)?;
    let found = installations::of_app(&services.store.db, &app.id).await.map_err(internal)?;
    Answer::data(&List::new(found.iter().map(Installation::of).collect(), None))
}
