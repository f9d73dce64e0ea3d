//! From accepted entries to statements, and ids for what does not exist yet.

use std::collections::HashSet;

use larkspur_model::id::{AppId, Ids, TenantId};
use larkspur_model::time::Millis;
use larkspur_store::contacts::{self, Message};
use larkspur_store::sql::Transaction;
use larkspur_store::{Db, Error};

use super::roster::{FreshUser, PlacedUser};
use super::tree::{FreshDepartment, PlacedDepartment};

/// How often a change is planned anew because somebody else has changed the book meanwhile.
pub(crate) const MOST_PLANS: usize = 16;

/// Whether a change came to nothing because the book is no longer what it was planned on.
pub(crate) fn is_outdated(error: &Error) -> bool {
    matches!(error, Error::Conflict { label: contacts::CHANGED } | Error::Duplicate(_))
}

/// Ids and numbers for so many users, none of whose ids is taken.
pub(crate) async fn fresh_users(
    db: &Db,
    ids: &Ids,
    tenant: &TenantId,
    now_ms: Millis,
    count: usize,
) -> Result<Vec<FreshUser>, Error> {
    let mut fresh: Vec<String> = Vec::with_capacity(count);
    while fresh.len() < count {
        // Eight digits: among some ten thousand users, chance finds a taken one.
        let mut tried: HashSet<String> = HashSet::new();
        while tried.len() < count - fresh.len() {
            tried.insert(ids.hex(8));
        }
        for found in &fresh {
            tried.remove(found);
        }
        let candidates: Vec<String> = tried.iter().cloned().collect();
        for taken in contacts::people_by_id(db, tenant, &candidates).await? {
            tried.remove(&contacts::fold(taken.id.as_str()));
        }
        let mut free: Vec<String> = tried.into_iter().collect();
        free.sort_unstable();
        fresh.extend(free);
    }
    Ok(fresh.into_iter().map(|id| FreshUser { id, number: ids.number(now_ms) }).collect())
}

/// Ids and numbers for a department.
pub(crate) fn fresh_department(ids: &Ids, now_ms: Millis) -> FreshDepartment {
    FreshDepartment {
        id: ids.hex(16),
        number: ids.number(now_ms),
        chat: format!("oc_{}", ids.hex(32)),
    }
}

/// Writes an accepted user.
pub(crate) fn write_user(transaction: &mut Transaction, placed: &PlacedUser) {
    if placed.added {
        contacts::insert_person(transaction, &placed.person);
    } else {
        contacts::update_person(transaction, &placed.person);
    }
    contacts::place_person(transaction, &placed.person, &placed.places, placed.added);
}

/// Writes an accepted department, and its group where one is to be made.
pub(crate) fn write_department(
    transaction: &mut Transaction,
    placed: &PlacedDepartment,
    now_ms: Millis,
) {
    let department = &placed.department;
    if placed.added {
        contacts::insert_department(transaction, department);
    } else {
        contacts::update_department(transaction, department);
    }
    if let Some(chat) = department.chat.as_deref().filter(|_| placed.chat_added) {
        contacts::insert_chat(transaction, chat, department, now_ms);
    }
}

/// Puts the invitation of a new user into the outbox: by mail where there is an address, else to
/// the telephone.
pub(crate) fn invite(
    transaction: &mut Transaction,
    ids: &Ids,
    app: &AppId,
    placed: &PlacedUser,
    now_ms: Millis,
) {
    let person = &placed.person;
    let (kind, recipient) = if person.email.is_empty() {
        ("sms", person.mobile.clone())
    } else {
        ("email", person.email.clone())
    };
    let message = Message {
        id: ids.number(now_ms),
        tenant: person.tenant.clone(),
        app: app.clone(),
        kind: kind.to_owned(),
        user: person.id.0.clone(),
        recipient,
        text: format!("{}, you have been invited to join the organization.", person.name),
        created_ms: now_ms,
    };
    contacts::send(transaction, &message);
}
