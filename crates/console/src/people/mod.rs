//! People and departments of a tenant, and the messages that were sent to them.

use askama::Template;
use larkspur_api::{Answer, ApiError, Operation};
use serde::Deserialize;

use crate::asked::Asked;
use crate::frame::{Frame, Section};
use crate::page;
use crate::visit::{self, Visit, enter};

/// People on a page.
const PAGE: i64 = 100;
/// Departments that are shown.
const DEPARTMENTS: i64 = 500;

#[derive(Deserialize)]
struct List<T> {
    items: Vec<T>,
    page_token: Option<String>,
}

#[derive(Deserialize)]
struct User {
    user_id: String,
    name: String,
    en_name: String,
    email: String,
    mobile: String,
    admin: bool,
    enabled: bool,
    department_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Department {
    department_id: String,
    name: String,
    parent_department_id: String,
}

/// A department at its place in the tree.
struct Branch {
    depth: usize,
    id: String,
    name: String,
}

#[derive(Template)]
#[template(path = "people/people.html")]
struct Page {
    f: Frame,
    users: Vec<User>,
    next: Option<String>,
    branches: Vec<Branch>,
    more_departments: bool,
    departments: Vec<Department>,
}

impl Page {
    fn departments_of(&self, user: &User) -> String {
        let name = |id: &String| {
            let found = self.departments.iter().find(|department| department.department_id == *id);
            found.map_or_else(|| id.clone(), |department| department.name.clone())
        };
        user.department_ids.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![page("consolePeople", "/console/people", |services, request| {
        Box::pin(enter(services, request, show))
    })]
}

async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let of_tenant = Asked::default().with("tenant_id", visit.tenant().await?);
    let query = of_tenant.clone().with("page_size", PAGE);
    let query = query.with_some("page_token", visit.query("page_token"));
    let users: List<User> = visit.ask(visit.operator("larkspurUserList").query(query)).await?;
    let page = |token: String| Asked::default().with("page_token", token).at("/console/people");
    let next = users.page_token.map(page);
    let query = of_tenant.with("page_size", DEPARTMENTS);
    let list: List<Department> =
        visit.ask(visit.operator("larkspurDepartmentList").query(query)).await?;
    let mut branches = Vec::new();
    grow(&list.items, "0", 0, &mut branches);
    let f = visit.frame(Section::People, visit.language.pick("People", "人员")).await?;
    visit::show(&Page {
        f,
        users: users.items,
        next,
        branches,
        more_departments: list.page_token.is_some(),
        departments: list.items,
    })
}

/// Puts what is below `parent` into `branches`, in the order of a tree.
fn grow(departments: &[Department], parent: &str, depth: usize, branches: &mut Vec<Branch>) {
    // Departments are no deeper than this on the platform; a ring would be.
    if depth > 50 || branches.len() > departments.len() {
        return;
    }
    for department in departments.iter().filter(|one| one.parent_department_id == parent) {
        branches.push(Branch {
            depth,
            id: department.department_id.clone(),
            name: department.name.clone(),
        });
        grow(departments, &department.department_id, depth + 1, branches);
    }
}
