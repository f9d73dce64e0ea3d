//! Wire request -> entries -> task. Refused at once is what concerns the request as a whole: how
//! many items, ids that stand there twice, circles. What concerns an item is told with its result.

use std::sync::Arc;

use larkspur_engine::{Lane, Submission};
use larkspur_platform::Caller;
use larkspur_store::contacts::{self, BatchKind};
use larkspur_store::sql::Transaction;
use serde::Serialize;

use super::super::entry::{AttributeEntry, DepartmentEntry, DepartmentRef, UserEntry, UserRef};
use super::super::order::order;
use super::codes;
use super::job::FAMILY;
use super::payload::{self, Head, Kind, Links};
use super::wire::{AddData, AddDepartmentsBody, AddUsersBody, Department, UserItem};
use crate::{Answer, ApiError, Request, Services, Violations, codes as platform};

/// Most items of a batch. None is published; a body of this server holds about so many.
const MOST_ITEMS: usize = 100_000;
/// From so many items on a batch is a heavy task.
const HEAVY_ITEMS: usize = 1_000;
/// How often a batch is tried; each attempt goes on where the last one came to.
const MOST_ATTEMPTS: i64 = 5;

/// `contactV2UserBatchAdd`.
pub(super) async fn add_users(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let body: AddUsersBody = request.json(platform::BAD_REQUEST)?;
    let caller = request.caller()?;
    let mut violations = Violations::new();
    let users = violations.required("users", body.users);
    violations.check()?;
    check_count(users.len())?;
    let mut links = Links::default();
    let mut entries = Vec::with_capacity(users.len());
    for user in users {
        let entry = user_entry(&services, caller, user);
        if !links.add_user(&entry) {
            let id = entry.id.unwrap_or_default();
            return Err(codes::USER_TWICE.because(format!("user_id {id:.64} stands there twice")));
        }
        entries.push(entry);
    }
    if let Err(circle) = order(&links.needs()) {
        let id = entries[circle.item].id.clone().unwrap_or_default();
        let why = format!("the leaders above user_id {id:.64} lead back to it");
        return Err(codes::LEADER_CIRCLE.because(why));
    }
    let notify = body.need_send_notification.unwrap_or(false);
    submit(&services, &request, Kind::Users, notify, &entries).await
}

/// `contactV2DepartmentBatchAdd`.
pub(super) async fn add_departments(
    services: Arc<Services>,
    request: Request,
) -> Result<Answer, ApiError> {
    let body: AddDepartmentsBody = request.json(platform::BAD_REQUEST)?;
    let caller = request.caller()?;
    let mut violations = Violations::new();
    let departments = violations.required("departments", body.departments);
    violations.check()?;
    check_count(departments.len())?;
    let mut links = Links::default();
    let mut entries = Vec::with_capacity(departments.len());
    for department in departments {
        let entry = department_entry(&services, caller, department);
        if !links.add_department(&entry) {
            let id = entry.id.unwrap_or_default();
            return Err(codes::DEPARTMENT_TWICE.because(format!("id {id:.64} stands there twice")));
        }
        entries.push(entry);
    }
    if let Err(circle) = order(&links.needs()) {
        let id = entries[circle.item].id.clone().unwrap_or_default();
        let why = format!("the parents above id {id:.64} lead back to it");
        return Err(codes::PARENT_CIRCLE.because(why));
    }
    submit(&services, &request, Kind::Departments, false, &entries).await
}

fn check_count(items: usize) -> Result<(), ApiError> {
    if (1..=MOST_ITEMS).contains(&items) {
        return Ok(());
    }
    Err(codes::COUNT.because(format!("a batch has 1 to {MOST_ITEMS} items, this one {items}")))
}

/// Reads a leader; `leader_user_id` goes before `leader_open_id` (contract, NOTES §12).
fn leader(
    services: &Services,
    caller: &Caller,
    user_id: Option<String>,
    open_id: Option<String>,
) -> Option<UserRef> {
    let sent = |id: Option<String>| id.filter(|id| !id.is_empty());
    if let Some(id) = sent(user_id) {
        return Some(UserRef::Id(id));
    }
    let open_id = sent(open_id)?;
    Some(match services.platform.number_of_open_id(&caller.app, &open_id) {
        Some(number) => UserRef::Number(number, open_id),
        None => UserRef::Unreadable(open_id),
    })
}

fn user_entry(services: &Services, caller: &Caller, user: UserItem) -> UserEntry {
    let attribute = |sent: super::wire::CustomAttr| {
        let has_value = sent.value.is_some();
        let value = sent.value.unwrap_or_default();
        AttributeEntry {
            id: sent.id.unwrap_or_default(),
            has_value,
            text: value.text.unwrap_or_default(),
            url: value.url.unwrap_or_default(),
            pc_url: value.pc_url.unwrap_or_default(),
        }
    };
    UserEntry {
        id: user.user_id.filter(|id| !id.is_empty()),
        name: user.name,
        email: user.email,
        mobile: user.mobile,
        mobile_visible: user.mobile_visible,
        gender: user.gender,
        employee_type: user.employee_type,
        employee_no: user.employee_no,
        join_time: user.join_time,
        country: user.country,
        city: user.city,
        work_station: user.work_station,
        departments: user
            .departments
            .unwrap_or_default()
            .into_iter()
            .map(DepartmentRef::Id)
            .collect(),
        leader: leader(services, caller, user.leader_user_id, user.leader_open_id),
        custom_attrs: user.custom_attrs.unwrap_or_default().into_iter().map(attribute).collect(),
        ..UserEntry::default()
    }
}

fn department_entry(
    services: &Services,
    caller: &Caller,
    department: Department,
) -> DepartmentEntry {
    DepartmentEntry {
        id: department.id.filter(|id| !id.is_empty()),
        name: department.name,
        parent: department.parent_id.map(DepartmentRef::Id),
        leader: leader(services, caller, department.leader_user_id, department.leader_open_id),
        create_group_chat: department.create_group_chat.unwrap_or(false),
        ..DepartmentEntry::default()
    }
}

async fn submit(
    services: &Services,
    request: &Request,
    kind: Kind,
    notify: bool,
    entries: &[impl Serialize],
) -> Result<Answer, ApiError> {
    let internal = |error: &dyn std::fmt::Display| codes::INTERNAL.caused_by(error);
    let caller = request.caller()?;
    let batch = services.ids.hex(32);
    let head = Head { batch: batch.clone(), kind, notify };
    let payload = payload::write(&head, entries).map_err(|error| internal(&error))?;
    let (tenant, app) = (caller.tenant.as_str(), caller.app.as_str());
    let mut also = Transaction::new();
    let (batch_kind, things) = match kind {
        Kind::Users => (BatchKind::Users, "users"),
        Kind::Departments => (BatchKind::Departments, "departments"),
    };
    let total = entries.len() as i64;
    contacts::add_batch(&mut also, (tenant, app, FAMILY), &batch, batch_kind, total);
    let heavy = entries.len() >= HEAVY_ITEMS;
    let title = format!("{total} {things}");
    let submission = Submission {
        tenant: caller.tenant.0.clone(),
        app: caller.app.0.clone(),
        creator: caller.creator(),
        family: FAMILY,
        title: title.clone(),
        size_bytes: payload.len() as i64,
        lane: if heavy { Lane::Heavy } else { Lane::Light },
        payload,
        max_attempts: MOST_ATTEMPTS,
        // By this key the batch finds its task in the transaction that makes both.
        idempotency_key: Some(batch.clone()),
        also,
        plan: None,
    };
    let answer = |_| Answer::data(&AddData { task_id: batch.clone() });
    let made = services.create(request, submission, &title, answer).await;
    made.map_err(|unmade| unmade.or(|error| internal(&error)))
}
