//! Users of a tenant: made, changed, disabled, given a password to sign in with.

mod wire;

use std::sync::Arc;

use larkspur_model::id::{AppId, UserId};
use larkspur_platform::{NewUser, Secret, UserChange};
use larkspur_store::users::{self, Profile};
use larkspur_store::{apps, departments};

use self::wire::{CreateBody, UpdateBody, User, UserData};
use super::directory::{self, List, Page, internal, refused, tenant_of, tenant_of_query};
use super::operator;
use crate::operation::Method;
use crate::{Answer, ApiError, Request, Resource, Services, codes};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<crate::Operation> {
    const ALL: &str = "/larkspur/v1/users";
    const ONE: &str = "/larkspur/v1/users/{user_id}";
    const GRANT: &str = "/larkspur/v1/users/{user_id}/grants/{app_id}";
    let errors = directory::ALL;
    vec![
        operator("larkspurUserCreate", Method::POST, ALL, errors, |services, request| {
            Box::pin(create(services, request))
        }),
        operator("larkspurUserList", Method::GET, ALL, errors, |services, request| {
            Box::pin(list(services, request))
        }),
        operator("larkspurUserGet", Method::GET, ONE, errors, |services, request| {
            Box::pin(get(services, request))
        }),
        operator("larkspurUserUpdate", Method::PATCH, ONE, errors, |services, request| {
            Box::pin(update(services, request))
        }),
        operator("larkspurUserWithdraw", Method::DELETE, GRANT, errors, |services, request| {
            Box::pin(withdraw(services, request))
        }),
    ]
}

async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: CreateBody = request.json(codes::BAD_REQUEST)?;
    let tenant = tenant_of(&services, body.tenant_id.as_deref()).await?;
    let new = NewUser {
        id: body.user_id,
        name: body.name,
        profile: Profile {
            en_name: body.en_name.unwrap_or_default(),
            email: body.email.unwrap_or_default(),
            mobile: body.mobile.unwrap_or_default(),
            employee_no: body.employee_no.unwrap_or_default(),
            avatar_url: body.avatar_url.unwrap_or_default(),
        },
        admin: body.admin.unwrap_or_default(),
        departments: body.department_ids.unwrap_or_default(),
        password: body.password.map(Secret::new),
    };
    let user = services.platform.create_user(&tenant, &new).await.map_err(refused)?;
    show(&services, &request, &user).await
}

async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let page = Page::read(&request)?;
    let tenant = tenant_of_query(&services, &request).await?;
    let found = users::list(&services.store.db, &tenant, &page.after, page.limit()).await;
    let mut found = found.map_err(internal)?;
    let next = page.cut(&mut found, |user| user.id.as_str());
    let app = app_of_query(&services, &request).await?;
    let mut shown = Vec::with_capacity(found.len());
    for user in &found {
        shown.push(view(&services, app.as_ref(), user).await?);
    }
    Answer::data(&List::new(shown, next))
}

async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let tenant = tenant_of_query(&services, &request).await?;
    let id = UserId::from(request.path_value("user_id"));
    let user = services.platform.user(&tenant, &id).await.map_err(refused)?;
    show(&services, &request, &user).await
}

async fn update(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: UpdateBody = request.json(codes::BAD_REQUEST)?;
    let tenant = tenant_of_query(&services, &request).await?;
    let id = UserId::from(request.path_value("user_id"));
    let change = UserChange {
        name: body.name,
        en_name: body.en_name,
        email: body.email,
        mobile: body.mobile,
        employee_no: body.employee_no,
        avatar_url: body.avatar_url,
        admin: body.admin,
        enabled: body.enabled,
        departments: body.department_ids,
        password: body.password.map(Secret::new),
    };
    let user = services.platform.update_user(&tenant, &id, change).await.map_err(refused)?;
    show(&services, &request, &user).await
}

/// Takes back all that the user granted the app.
async fn withdraw(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let tenant = tenant_of_query(&services, &request).await?;
    let id = UserId::from(request.path_value("user_id"));
    let user = services.platform.user(&tenant, &id).await.map_err(refused)?;
    let app = AppId::from(request.path_value("app_id"));
    services.platform.withdraw(&app, &user).await.map_err(refused)?;
    Answer::empty()
}

async fn show(
    services: &Services,
    request: &Request,
    user: &users::User,
) -> Result<Answer, ApiError> {
    let app = app_of_query(services, request).await?;
    Answer::data(&UserData { user: view(services, app.as_ref(), user).await? })
}

/// The app in which open ids are asked for (`app_id`), which must exist.
async fn app_of_query(services: &Services, request: &Request) -> Result<Option<AppId>, ApiError> {
    let Some(id) = request.query.text("app_id") else { return Ok(None) };
    let found = apps::get(&services.store.db, &AppId(id)).await.map_err(internal)?;
    found
        .map(|app| Some(app.id))
        .ok_or_else(|| directory::NO_APP.because("the tenant has no such app"))
}

async fn view<'a>(
    services: &Services,
    app: Option<&AppId>,
    user: &'a users::User,
) -> Result<User<'a>, ApiError> {
    let departments = departments::of_user(&services.store.db, &user.tenant, &user.id).await;
    Ok(User {
        user_id: user.id.as_str(),
        tenant_id: user.tenant.as_str(),
        union_id: services.platform.union_id(user),
        open_id: app.map(|app| services.platform.open_id(app, user)),
        name: &user.name,
        en_name: &user.profile.en_name,
        email: &user.profile.email,
        mobile: &user.profile.mobile,
        employee_no: &user.profile.employee_no,
        avatar_url: &user.profile.avatar_url,
        admin: user.admin,
        enabled: user.enabled,
        department_ids: departments.map_err(internal)?,
        created_ms: user.created_ms,
    })
}
