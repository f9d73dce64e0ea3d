//! Tenants: each a world of its own. One call makes one with an app and an administrator, so that
//! tests that run side by side do not meet.

mod wire;

use std::sync::Arc;

use larkspur_model::id::TenantId;
use larkspur_platform::{NewApp, NewTenant, NewUser, Secret};
use larkspur_store::snapshot::{BASE, Scope};
use larkspur_store::tenants;

use self::wire::{CreateBody, CreateData, Created, RenameBody, Tenant, TenantData};
use super::directory::{self, List, Page, internal, refused};
use super::operator;
use crate::operation::Method;
use crate::{Answer, ApiError, Request, Resource, Services, codes};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<crate::Operation> {
    const ALL: &str = "/larkspur/v1/tenants";
    const ONE: &str = "/larkspur/v1/tenants/{tenant_id}";
    let errors = directory::ALL;
    vec![
        operator("larkspurTenantCreate", Method::POST, ALL, errors, |services, request| {
            Box::pin(create(services, request))
        }),
        operator("larkspurTenantList", Method::GET, ALL, errors, |services, request| {
            Box::pin(list(services, request))
        }),
        operator("larkspurTenantGet", Method::GET, ONE, errors, |services, request| {
            Box::pin(get(services, request))
        }),
        operator("larkspurTenantRename", Method::PATCH, ONE, errors, |services, request| {
            Box::pin(rename(services, request))
        }),
    ]
}

async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: CreateBody = request.json(codes::BAD_REQUEST)?;
    let defaults = NewApp::default();
    let (app, admin) = (body.app.unwrap_or_default(), body.admin.unwrap_or_default());
    let app = NewApp {
        id: app.app_id,
        secret: app.app_secret.map(Secret::new),
        name: app.name.unwrap_or(defaults.name),
        scopes: app.scopes.map_or(defaults.scopes, |scopes| scopes.join(" ")),
        redirect_uris: app.redirect_uris.unwrap_or_default(),
        ..NewApp::default()
    };
    let admin = NewUser {
        id: admin.user_id,
        name: admin.name.unwrap_or_else(|| "Administrator".to_owned()),
        password: admin.password.map(Secret::new),
        admin: true,
        ..NewUser::default()
    };
    let tenant =
        NewTenant { id: body.tenant_id, name: body.name.unwrap_or_else(|| "Tenant".to_owned()) };
    let platform = &services.platform;
    let fresh = platform.create_tenant_with_app(&tenant, &app, &admin).await.map_err(refused)?;
    // What it was born with is what a reset of it comes back to.
    let scope = Scope::Tenant(fresh.tenant.id.clone());
    services.take_snapshot(scope, BASE, true).await.map_err(internal)?;
    Answer::data(&CreateData {
        tenant: Created {
            tenant_id: fresh.tenant.id.as_str(),
            name: &fresh.tenant.name,
            app_id: fresh.app.id.as_str(),
            app_secret: fresh.app_secret.expose(),
            admin_user_id: fresh.admin.id.as_str(),
            admin_open_id: platform.open_id(&fresh.app.id, &fresh.admin),
            admin_union_id: platform.union_id(&fresh.admin),
            root_folder_token: &fresh.root_folder.0,
        },
    })
}

async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let page = Page::read(&request)?;
    let found = tenants::list(&services.store.db, &page.after, page.limit()).await;
    let mut found = found.map_err(internal)?;
    let next = page.cut(&mut found, |tenant| tenant.id.as_str());
    Answer::data(&List::new(found.iter().map(Tenant::of).collect(), next))
}

async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let id = TenantId::from(request.path_value("tenant_id"));
    let tenant = services.platform.tenant(&id).await.map_err(refused)?;
    Answer::data(&TenantData { tenant: Tenant::of(&tenant) })
}

async fn rename(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: RenameBody = request.json(codes::BAD_REQUEST)?;
    let id = TenantId::from(request.path_value("tenant_id"));
    services.platform.rename_tenant(&id, &body.name).await.map_err(refused)?;
    get(services, request).await
}
