//! Users read: one, those of a department, those with an address.

use std::collections::HashMap;
use std::sync::Arc;

use larkspur_platform::Caller;
use larkspur_store::contacts::{self, Person, ROOT, fold};
use larkspur_store::{Db, Error};

use super::super::entry::{DepartmentRef, UserRef};
use super::super::fields;
use super::super::named::{self, Kinds};
use super::super::page::Page;
use super::super::seen::Seen;
use super::super::shown::{Shape, Showing};
use super::super::units::{Reach, Units};
use super::super::wire::Status;
use super::codes;
use super::wire::{FindBody, FindData, Found, UserData, UsersData};
use crate::{Answer, ApiError, Request, Services, Violations, codes as platform};

/// Users of a page, and of the historic list's.
const MOST: i64 = 50;
const MOST_HISTORIC: i64 = 100;
/// Addresses of a kind in one request.
const ADDRESSES: usize = 50;

fn internal(error: Error) -> ApiError {
    codes::INTERNAL.caused_by(error)
}

/// `contactV3UserGet`.
pub(super) async fn get(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let kinds = Kinds::read(&request, caller)?;
    let id = request.path_value("user_id").to_owned();
    let person = match named::user_ref(&services, caller, kinds.user, id) {
        UserRef::Id(id) if !fields::is_id(&id) => {
            return Err(codes::PARAM.because("user_id breaks the form of ids"));
        }
        UserRef::Id(id) => {
            contacts::people_by_id(&services.store.db, &caller.tenant, &[fold(&id)]).await
        }
        UserRef::Number(number, _) => {
            contacts::people_by_number(&services.store.db, &caller.tenant, &[number]).await
        }
        UserRef::Unreadable(_) => Ok(Vec::new()),
    };
    let mut person = person.map_err(internal)?;
    if person.is_empty() {
        return Err(codes::USER_ID.because("there is no user of this id and kind of id"));
    }
    keep_reached(&services.store.db, caller, &mut person).await.map_err(internal)?;
    if person.is_empty() {
        return Err(codes::NO_USER.because("the user is outside the app's contact range"));
    }
    let showing = Showing { services: &services, caller, kinds };
    let user = showing.users(&person, Shape::Full).await.map_err(internal)?.pop();
    Answer::data(&UserData { user })
}

/// Leaves those whom the app reaches.
async fn keep_reached(db: &Db, caller: &Caller, people: &mut Vec<Person>) -> Result<(), Error> {
    let reach = Reach::of(db, &caller.tenant, &caller.app).await?;
    if reach == Reach::All {
        return Ok(());
    }
    let ids: Vec<&str> = people.iter().map(|person| person.id.as_str()).collect();
    let memberships = contacts::memberships(db, &caller.tenant, &ids).await?;
    let departments: Vec<DepartmentRef> = memberships
        .iter()
        .map(|membership| DepartmentRef::Id(membership.place.department.clone()))
        .collect();
    let mut units = Units::new(reach);
    units.load(db, &caller.tenant, &departments).await?;
    people.retain(|person| {
        memberships.iter().any(|membership| {
            membership.user == person.id.0 && units.reaches(&fold(&membership.place.department))
        })
    });
    Ok(())
}

/// `contactV3UserFindByDepartment`.
pub(super) async fn by_department(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let mut violations = Violations::new();
    let department = violations.required("department_id", request.query.text("department_id"));
    violations.check()?;
    members(&services, &request, department, MOST, Shape::Full).await
}

/// `contactV3UserList`: the historic list; without a department, the members of the root.
pub(super) async fn list(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let department = request.query.text("department_id").unwrap_or_else(|| ROOT.to_owned());
    members(&services, &request, department, MOST_HISTORIC, Shape::Historic).await
}

async fn members(
    services: &Services,
    request: &Request,
    department: String,
    most: i64,
    shape: Shape,
) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let kinds = Kinds::read(request, caller)?;
    let page = Page::read(request, most, codes::PAGE_SIZE, codes::PAGE_TOKEN)?;
    let (db, tenant) = (&services.store.db, &caller.tenant);
    let wanted = named::department_ref(services, caller, kinds.department, department);
    let reach = Reach::of(db, tenant, &caller.app).await.map_err(internal)?;
    let mut units = Units::new(reach);
    units.load(db, tenant, [&wanted]).await.map_err(internal)?;
    let id = units.find(&wanted).filter(|id| units.reaches(id)).ok_or_else(|| {
        codes::NO_DEPARTMENT
            .because("there is no such department, or it is outside the app's contact range")
    })?;
    let (after, limit) = (page.after.1.as_str(), page.limit());
    let people = if id == ROOT {
        contacts::people_in_root(db, tenant, after, limit).await
    } else {
        contacts::people_in(db, tenant, units.kept_id(&id), after, limit).await
    };
    let mut people = people.map_err(internal)?;
    let page_token = page.cut(&mut people, |person| (0, person.id.as_str()));
    let showing = Showing { services, caller, kinds };
    let items = showing.users(&people, shape).await.map_err(internal)?;
    Answer::data(&UsersData { has_more: page_token.is_some(), page_token, items })
}

/// `contactV3UserBatchGetId`. An address nobody has comes back without a `user_id`.
pub(super) async fn by_address(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let kinds = Kinds::read(&request, caller)?;
    let body: FindBody = request.json(platform::BAD_REQUEST)?;
    let (emails, mobiles) = (body.emails.unwrap_or_default(), body.mobiles.unwrap_or_default());
    let mut violations = Violations::new();
    for (name, list) in [("emails", &emails), ("mobiles", &mobiles)] {
        if list.len() > ADDRESSES {
            violations.add(name, list.len(), "the max len is 50");
        }
    }
    violations.check()?;
    let db = &services.store.db;
    let folded: Vec<String> = emails.iter().map(|email| fold(email.trim())).collect();
    let kept: Vec<String> = mobiles.iter().filter_map(|mobile| fields::mobile(mobile)).collect();
    let found = contacts::people_by_address(db, &caller.tenant, &kept, &folded, &[]).await;
    let mut found = found.map_err(internal)?;
    keep_reached(db, caller, &mut found).await.map_err(internal)?;
    let by_email: HashMap<String, &Person> =
        found.iter().map(|person| (fold(&person.email), person)).collect();
    let by_mobile: HashMap<&str, &Person> =
        found.iter().map(|person| (person.mobile.as_str(), person)).collect();
    let seen = Seen::by(caller);
    let entry = |person: Option<&&Person>, mobile, email| Found {
        user_id: person.map(|person| {
            named::user_id(&services, caller, kinds.user, person.id.as_str(), person.number)
        }),
        mobile,
        email,
        status: person.filter(|_| seen.employee).map(|person| Status::of(person, Shape::Full)),
    };
    let mut user_list = Vec::with_capacity(mobiles.len() + emails.len());
    for (email, folded) in emails.into_iter().zip(&folded) {
        let person = by_email.get(folded).filter(|_| !folded.is_empty());
        user_list.push(entry(person, None, Some(email)));
    }
    for mobile in mobiles {
        let kept = fields::mobile(&mobile);
        let person = kept.as_deref().and_then(|kept| by_mobile.get(kept));
        user_list.push(entry(person, Some(mobile), None));
    }
    Answer::data(&FindData { user_list })
}
