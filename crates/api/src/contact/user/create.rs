//! A user is created, once for a `client_token`.

use std::sync::Arc;

use larkspur_platform::Caller;
use larkspur_store::contacts;
use larkspur_store::sql::Transaction;

use super::super::entry::{AttributeEntry, OrderEntry, SINGLE, UserEntry};
use super::super::named::{self, Kinds};
use super::super::repeated::Once;
use super::super::roster::Roster;
use super::super::shown::{Shape, Showing};
use super::super::units::Reach;
use super::super::writing::{MOST_PLANS, fresh_users, is_outdated, write_user};
use super::codes;
use super::wire::{CreateBody, UserData};
use crate::{Answer, ApiError, Request, Services, codes as platform};

fn internal(error: larkspur_store::Error) -> ApiError {
    codes::CREATE_INTERNAL.caused_by(error)
}

/// `contactV3UserCreate`.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let kinds = Kinds::read(&request, caller)?;
    let body: CreateBody = request.json(platform::BAD_REQUEST)?;
    let once = Once::read(&request, "user", &body);
    if let Some(made) = once.made(&services, caller, codes::ANOTHER_REQUEST).await? {
        return answer(&services, caller, kinds, &made).await;
    }
    refuse_what_is_not_here(&body)?;
    let entry = entry(&services, caller, kinds, body);
    let (db, tenant, now_ms) = (&services.store.db, &caller.tenant, services.clock.now_ms());
    let entries = [entry];
    for _plan in 0..MOST_PLANS {
        let revision = contacts::revision(db, tenant).await.map_err(internal)?;
        let reach = Reach::of(db, tenant, &caller.app).await.map_err(internal)?;
        let mut roster = Roster::load(db, tenant, reach, &entries).await.map_err(internal)?;
        let fresh = fresh_users(db, &services.ids, tenant, now_ms, 1).await.map_err(internal)?;
        let Some(fresh) = fresh.into_iter().next() else {
            return Err(codes::CREATE_INTERNAL.caused_by("no id for a new user"));
        };
        let placed = roster
            .place(&entries[0], SINGLE, fresh, now_ms)
            .map_err(|problem| codes::refused(&problem))?;
        let mut transaction = Transaction::new();
        contacts::advance(&mut transaction, tenant, revision);
        write_user(&mut transaction, &placed);
        let id = placed.person.id.as_str();
        once.note(&mut transaction, caller, id, now_ms);
        match db.commit(transaction).await {
            Ok(_) => return answer(&services, caller, kinds, id).await,
            Err(error) if is_outdated(&error) => {
                if let Some(made) = once.made(&services, caller, codes::ANOTHER_REQUEST).await? {
                    return answer(&services, caller, kinds, &made).await;
                }
            }
            Err(error) => return Err(internal(error)),
        }
    }
    Err(codes::CREATE_INTERNAL.caused_by("the contact book keeps changing"))
}

async fn answer(
    services: &Services,
    caller: &Caller,
    kinds: Kinds,
    id: &str,
) -> Result<Answer, ApiError> {
    let ids = [contacts::fold(id)];
    let found = contacts::people_by_id(&services.store.db, &caller.tenant, &ids).await;
    let showing = Showing { services, caller, kinds };
    let mut users =
        showing.users(&found.map_err(internal)?, Shape::Made).await.map_err(internal)?;
    Answer::data(&UserData { user: users.pop() })
}

/// Refuses what names something this server does not have, so that nothing of it exists.
fn refuse_what_is_not_here(body: &CreateBody) -> Result<(), ApiError> {
    let sent = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    if body.name.is_none() {
        return Err(codes::NAME_NULL.into());
    }
    if body.employee_type.is_none() {
        return Err(codes::EMPLOYEE_TYPE.because("employee_type is required"));
    }
    if sent(&body.avatar_key) {
        return Err(codes::AVATAR.because("no picture was uploaded under this key"));
    }
    if sent(&body.enterprise_email) {
        return Err(codes::MAIL_DOMAIN.because("the tenant has no mail domain"));
    }
    if sent(&body.geo) {
        return Err(codes::GEO.because("the tenant's data lies in one place"));
    }
    if sent(&body.job_level_id) {
        return Err(codes::JOB_LEVEL.because("the tenant has no job levels"));
    }
    if sent(&body.job_family_id) {
        return Err(codes::JOB_FAMILY.because("the tenant has no job families"));
    }
    if body.subscription_ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
        return Err(codes::SUBSCRIPTION.because("the tenant has no such subscription"));
    }
    Ok(())
}

fn entry(services: &Services, caller: &Caller, kinds: Kinds, body: CreateBody) -> UserEntry {
    let user = |id| named::user_ref(services, caller, kinds.user, id);
    let department = |id| named::department_ref(services, caller, kinds.department, id);
    let order = |order: super::wire::PlaceOrder| OrderEntry {
        department: department(order.department_id.unwrap_or_default()),
        user_order: order.user_order,
        department_order: order.department_order,
        primary: order.is_primary_dept,
    };
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
        id: body.user_id.filter(|id| !id.is_empty()),
        name: body.name,
        en_name: body.en_name,
        nickname: body.nickname,
        email: body.email,
        mobile: body.mobile,
        mobile_visible: body.mobile_visible,
        gender: body.gender,
        employee_type: body.employee_type,
        employee_no: body.employee_no,
        join_time: body.join_time,
        country: body.country,
        city: body.city,
        work_station: body.work_station,
        job_title: body.job_title,
        departments: body.department_ids.unwrap_or_default().into_iter().map(department).collect(),
        leader: body.leader_user_id.filter(|id| !id.is_empty()).map(user),
        dotted_leaders: body
            .dotted_line_leader_user_ids
            .unwrap_or_default()
            .into_iter()
            .map(user)
            .collect(),
        orders: body.orders.unwrap_or_default().into_iter().map(order).collect(),
        custom_attrs: body.custom_attrs.unwrap_or_default().into_iter().map(attribute).collect(),
    }
}
