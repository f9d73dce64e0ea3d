//! Departments read: one, those directly below another one, everything below it.

use std::sync::Arc;

use larkspur_store::Error;
use larkspur_store::contacts::{self, ROOT};

use super::super::entry::DepartmentRef;
use super::super::fields;
use super::super::named::{self, Kinds};
use super::super::page::Page;
use super::super::shown::Showing;
use super::super::units::{Reach, Units};
use super::codes;
use super::wire::{DepartmentData, DepartmentsData};
use crate::{Answer, ApiError, Request, Services, Violations};

/// Departments of a page.
const MOST: i64 = 50;
/// Departments below another one that are listed together.
const RECURSION: i64 = 10_000;

fn internal(error: Error) -> ApiError {
    codes::INTERNAL.caused_by(error)
}

/// `contactV3DepartmentGet`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let kinds = Kinds::read(&request, caller)?;
    let id = request.path_value("department_id").to_owned();
    if !fields::is_id(&id) {
        return Err(codes::PARAM.because("department_id breaks the form of ids"));
    }
    let wanted = named::department_ref(&services, caller, kinds.department, id);
    if matches!(wanted, DepartmentRef::Unreadable(_)) {
        return Err(codes::NO_INFO.because("department_id is not of the kind it is said to be"));
    }
    let (db, tenant) = (&services.store.db, &caller.tenant);
    let mut units = Units::new(Reach::of(db, tenant, &caller.app).await.map_err(internal)?);
    units.load(db, tenant, [&wanted]).await.map_err(internal)?;
    let found = units.find(&wanted).ok_or_else(|| {
        codes::NOT_EXIST.because("there is no department of this id and kind of id")
    })?;
    if !units.reaches(&found) {
        let why = "the department is outside the app's contact range";
        return Err(codes::NO_AUTHORITY.because(why));
    }
    let showing = Showing { services: &services, caller, kinds };
    let department = match units.get(&found) {
        Some(department) => department.clone(),
        None => showing.root().await.map_err(internal)?,
    };
    let department = showing.departments(&[department]).await.map_err(internal)?.pop();
    Answer::data(&DepartmentData { department })
}

/// `contactV3DepartmentChildren`.
pub(super) async fn children(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let parent = request.path_value("department_id").to_owned();
    below(&services, &request, parent).await
}

/// `contactV3DepartmentList`: the historic list; without a parent, below the root.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let parent = request.query.text("parent_department_id").unwrap_or_else(|| ROOT.to_owned());
    below(&services, &request, parent).await
}

async fn below(services: &Services, request: &Request, parent: String) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let kinds = Kinds::read(request, caller)?;
    let page = Page::read(request, MOST, codes::PAGE_SIZE, codes::PAGE_TOKEN)?;
    let mut violations = Violations::new();
    let whole = request.query.flag("fetch_child").unwrap_or_else(|sent| {
        violations.add("fetch_child", sent, "true or false");
        None
    });
    violations.check()?;
    let (db, tenant) = (&services.store.db, &caller.tenant);
    let wanted = named::department_ref(services, caller, kinds.department, parent);
    let mut units = Units::new(Reach::of(db, tenant, &caller.app).await.map_err(internal)?);
    units.load(db, tenant, [&wanted]).await.map_err(internal)?;
    let id = units
        .find(&wanted)
        .ok_or_else(|| codes::NO_INFO.because("there is no department of this id"))?;
    if !units.reaches(&id) {
        return Err(if id == ROOT {
            codes::NO_AUTHORITY
                .because("only an app whose contact range is everything sees the root")
        } else {
            codes::NO_PARENT_AUTHORITY.because("the department is outside the app's contact range")
        });
    }
    let id = units.kept_id(&id);
    let mut found = if whole == Some(true) {
        let size = contacts::size_below(db, tenant, id, RECURSION + 1).await.map_err(internal)?;
        if size > RECURSION {
            let why = format!("more than {RECURSION} departments stand below; list level by level");
            return Err(codes::TOO_BIG.because(why));
        }
        contacts::subtree_page(db, tenant, id, &page.after.1, page.limit()).await
    } else {
        let after = (page.after.0, page.after.1.as_str());
        contacts::children_page(db, tenant, id, after, page.limit()).await
    }
    .map_err(internal)?;
    let page_token = page.cut(&mut found, |department| (department.order, &department.id));
    let showing = Showing { services, caller, kinds };
    let items = showing.departments(&found).await.map_err(internal)?;
    Answer::data(&DepartmentsData { has_more: page_token.is_some(), page_token, items })
}
