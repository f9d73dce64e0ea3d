//! A department created.

use std::collections::HashMap;
use std::sync::Arc;

use larkspur_platform::Caller;
use larkspur_store::contacts::{self, Person, fold};
use larkspur_store::sql::Transaction;

use super::super::entry::{DepartmentEntry, SINGLE, UserRef};
use super::super::named::{self, Kinds};
use super::super::repeated::Once;
use super::super::shown::Showing;
use super::super::tree::Tree;
use super::super::units::Reach;
use super::super::wire::{DepartmentLeader, More};
use super::super::writing::{MOST_PLANS, fresh_department, is_outdated, write_department};
use super::codes;
use super::wire::{CreateBody, DepartmentData};
use crate::{Answer, ApiError, Request, Services, codes as platform};

/// `leaderType` of the one who leads.
const MAIN: i64 = 1;
/// Most personnel partners of a department.
const HRBPS: usize = 500;

fn internal(error: larkspur_store::Error) -> ApiError {
    codes::CREATE_INTERNAL.caused_by(error)
}

/// `contactV3DepartmentCreate`.
pub(super) async fn create(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let caller = request.caller()?;
    let kinds = Kinds::read(&request, caller)?;
    let body: CreateBody = request.json(platform::BAD_REQUEST)?;
    let once = Once::read(&request, "department", &body);
    if let Some(made) = once.made(&services, caller, codes::ANOTHER_REQUEST).await? {
        return answer(&services, caller, kinds, &made).await;
    }
    let entries = [entry(&services, caller, kinds, body).await?];
    let (db, tenant, now_ms) = (&services.store.db, &caller.tenant, services.clock.now_ms());
    for _plan in 0..MOST_PLANS {
        let revision = contacts::revision(db, tenant).await.map_err(internal)?;
        let reach = Reach::of(db, tenant, &caller.app).await.map_err(internal)?;
        let mut tree = Tree::load(db, tenant, reach, &entries).await.map_err(internal)?;
        let fresh = fresh_department(&services.ids, now_ms);
        let placed = tree
            .place(&entries[0], SINGLE, fresh, now_ms)
            .map_err(|problem| codes::refused(&problem))?;
        let mut transaction = Transaction::new();
        contacts::advance(&mut transaction, tenant, revision);
        write_department(&mut transaction, &placed, now_ms);
        let id = placed.department.id.as_str();
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
    Err(codes::LOCKED.because("others keep changing the contact book; try again"))
}

async fn answer(
    services: &Services,
    caller: &Caller,
    kinds: Kinds,
    id: &str,
) -> Result<Answer, ApiError> {
    let found = contacts::departments_by_id(&services.store.db, &caller.tenant, &[fold(id)]).await;
    let showing = Showing { services, caller, kinds };
    let shown = showing.departments(&found.map_err(internal)?).await.map_err(internal)?.pop();
    Answer::data(&DepartmentData { department: shown })
}

async fn entry(
    services: &Services,
    caller: &Caller,
    kinds: Kinds,
    body: CreateBody,
) -> Result<DepartmentEntry, ApiError> {
    if body.unit_ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
        return Err(codes::UNIT.because("the tenant has no units"));
    }
    let types = body.group_chat_employee_types.unwrap_or_default();
    if !types.iter().all(|kind| (1..=5).contains(kind)) {
        return Err(codes::EMPLOYEE_TYPE.because("group_chat_employee_types are 1 to 5"));
    }
    let order = match body.order.filter(|order| !order.is_empty()) {
        None => None,
        Some(order) => match order.parse::<i64>() {
            Ok(order) if order >= 0 => Some(order),
            _ => return Err(codes::CREATE_PARAM.because("order is a number that is not negative")),
        },
    };
    let user = |id| named::user_ref(services, caller, kinds.user, id);
    let hrbps = body.department_hrbps.unwrap_or_default();
    if hrbps.len() > HRBPS {
        return Err(codes::HRBPS.because(format!("a department has at most {HRBPS} of them")));
    }
    let hrbps: Vec<UserRef> = hrbps.into_iter().map(user).collect();
    let department_hrbps = known(services, caller, &hrbps)
        .await?
        .ok_or_else(|| codes::HRBPS.because("one of them is no user"))?;
    let leaders = body.leaders.unwrap_or_default();
    if !leaders.iter().all(|leader| (1..=2).contains(&leader.kind)) {
        return Err(codes::CREATE_PARAM.because("leaderType is 1 or 2"));
    }
    let refs: Vec<UserRef> = leaders.iter().map(|leader| user(leader.id.clone())).collect();
    let ids = known(services, caller, &refs)
        .await?
        .ok_or_else(|| codes::LEADER_INVALID.because("one of the leaders is no user"))?;
    let main = leaders.iter().zip(&ids).find(|(leader, _)| leader.kind == MAIN);
    let main = main.map(|(_, id)| UserRef::Id(id.clone()));
    let leader = body.leader_user_id.filter(|id| !id.is_empty()).map(user).or(main);
    let more = More {
        i18n_name: body.i18n_name,
        leaders: leaders
            .iter()
            .zip(ids)
            .map(|(leader, id)| DepartmentLeader { kind: leader.kind, id })
            .collect(),
        group_chat_employee_types: types,
        department_hrbps,
    };
    let more = if more == More::default() { None } else { serde_json::to_string(&more).ok() };
    Ok(DepartmentEntry {
        id: body.department_id.filter(|id| !id.is_empty()),
        name: body.name,
        parent: body
            .parent_department_id
            .map(|id| named::department_ref(services, caller, kinds.department, id)),
        order,
        leader,
        create_group_chat: body.create_group_chat.unwrap_or(false),
        more,
    })
}

/// The ids of these users in the tenant; `None` where one of them is nobody.
async fn known(
    services: &Services,
    caller: &Caller,
    users: &[UserRef],
) -> Result<Option<Vec<String>>, ApiError> {
    let (db, tenant) = (&services.store.db, &caller.tenant);
    let (mut ids, mut numbers) = (Vec::new(), Vec::new());
    for user in users {
        match user {
            UserRef::Id(id) => ids.push(fold(id)),
            UserRef::Number(number, _) => numbers.push(*number),
            UserRef::Unreadable(_) => return Ok(None),
        }
    }
    let mut found = contacts::people_by_id(db, tenant, &ids).await.map_err(internal)?;
    found.extend(contacts::people_by_number(db, tenant, &numbers).await.map_err(internal)?);
    let by_id: HashMap<String, &Person> =
        found.iter().map(|person| (fold(person.id.as_str()), person)).collect();
    let by_number: HashMap<i64, &Person> =
        found.iter().map(|person| (person.number, person)).collect();
    Ok(users
        .iter()
        .map(|user| match user {
            UserRef::Id(id) => by_id.get(&fold(id)).map(|person| person.id.0.clone()),
            UserRef::Number(number, _) => by_number.get(number).map(|person| person.id.0.clone()),
            UserRef::Unreadable(_) => None,
        })
        .collect())
}
