//! Departments of a tenant: made, changed, moved below others.

mod wire;

use std::sync::Arc;

use larkspur_platform::NewDepartment;
use larkspur_store::departments;

use self::wire::{CreateBody, Department, DepartmentData, UpdateBody};
use super::directory::{self, List, Page, internal, refused, tenant_of, tenant_of_query};
use super::operator;
use crate::operation::Method;
use crate::{Answer, ApiError, Request, Resource, Services, codes};

/// This resource's line in the list of the `api` floor.
pub(crate) const RESOURCE: Resource = Resource { operations, jobs: |_| Vec::new() };

fn operations() -> Vec<crate::Operation> {
    const ALL: &str = "/larkspur/v1/departments";
    const ONE: &str = "/larkspur/v1/departments/{department_id}";
    let errors = directory::ALL;
    vec![
        operator("larkspurDepartmentCreate", Method::POST, ALL, errors, |services, request| {
            Box::pin(create(services, request))
        }),
        operator("larkspurDepartmentList", Method::GET, ALL, errors, |services, request| {
            Box::pin(list(services, request))
        }),
        operator("larkspurDepartmentGet", Method::GET, ONE, errors, |services, request| {
            Box::pin(get(services, request))
        }),
        operator("larkspurDepartmentUpdate", Method::PATCH, ONE, errors, |services, request| {
            Box::pin(update(services, request))
        }),
    ]
}

async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: CreateBody = request.json(codes::BAD_REQUEST)?;
    let tenant = tenant_of(&services, body.tenant_id.as_deref()).await?;
    let new = NewDepartment {
        id: body.department_id,
        name: body.name,
        parent: body.parent_department_id,
        order: body.order.unwrap_or_default(),
    };
    let made = services.platform.create_department(&tenant, &new).await.map_err(refused)?;
    Answer::data(&DepartmentData { department: view(&services, &made) })
}

async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let page = Page::read(&request)?;
    let tenant = tenant_of_query(&services, &request).await?;
    let found = departments::list(&services.store.db, &tenant, &page.after, page.limit()).await;
    let mut found = found.map_err(internal)?;
    let next = page.cut(&mut found, |department| &department.id);
    Answer::data(&List::new(found.iter().map(|one| view(&services, one)).collect(), next))
}

async fn find(services: &Services, request: &Request) -> Result<departments::Department, ApiError> {
    let tenant = tenant_of_query(services, request).await?;
    let id = request.path_value("department_id");
    services.platform.department(&tenant, id).await.map_err(refused)
}

async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let found = find(&services, &request).await?;
    Answer::data(&DepartmentData { department: view(&services, &found) })
}

async fn update(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: UpdateBody = request.json(codes::BAD_REQUEST)?;
    let mut department = find(&services, &request).await?;
    department.name = body.name.unwrap_or(department.name);
    department.parent = body.parent_department_id.unwrap_or(department.parent);
    department.order = body.order.unwrap_or(department.order);
    services.platform.update_department(&department).await.map_err(refused)?;
    Answer::data(&DepartmentData { department: view(&services, &department) })
}

fn view<'a>(services: &Services, department: &'a departments::Department) -> Department<'a> {
    Department {
        department_id: &department.id,
        open_department_id: services.platform.open_department_id(department),
        tenant_id: department.tenant.as_str(),
        name: &department.name,
        parent_department_id: &department.parent,
        order: department.order,
        created_ms: department.created_ms,
    }
}
