//! The users a piece of work is about, as the book has them, and the rules that compare an entry
//! with them. Entries that were accepted count for those behind them. Loading reads; placing is
//! pure.

use std::collections::{HashMap, HashSet};

use larkspur_model::id::{TenantId, UserId};
use larkspur_model::time::Millis;
use larkspur_store::contacts::{self, Attribute, AttributeKind, Person, Place, fold};
use larkspur_store::{Db, Error};
use serde::{Deserialize, Serialize};

use super::entry::{AttributeEntry, Rules, UserEntry, UserRef};
use super::problem::Problem;
use super::units::{Reach, Units};

/// A custom attribute of a user as the book keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptAttribute {
    pub(crate) id: String,
    /// `TEXT` or `HREF`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) pc_url: String,
}

/// What a user is given who does not exist yet.
#[derive(Debug, Clone)]
pub(crate) struct FreshUser {
    /// The id, where the entry has none.
    pub(crate) id: String,
    /// The number.
    pub(crate) number: i64,
}

/// An accepted entry: what the book is to hold.
#[derive(Debug, Clone)]
pub(crate) struct PlacedUser {
    pub(crate) person: Person,
    pub(crate) places: Vec<Place>,
    /// Added, not updated.
    pub(crate) added: bool,
}

/// Somebody of the book.
#[derive(Debug, Clone)]
struct Known {
    person: Person,
    /// Whether the app may change them.
    reachable: bool,
}

/// The users entries are compared with.
#[derive(Debug, Clone)]
pub(crate) struct Roster {
    tenant: TenantId,
    units: Units,
    attributes: Vec<Attribute>,
    by_id: HashMap<String, Known>,
    numbers: HashMap<i64, String>,
    mobiles: HashMap<String, String>,
    emails: HashMap<String, String>,
    employee_nos: HashMap<String, String>,
}

impl Roster {
    /// A roster of nobody, in departments that were loaded.
    pub(super) fn new(tenant: TenantId, units: Units, attributes: Vec<Attribute>) -> Self {
        Self {
            tenant,
            units,
            attributes,
            by_id: HashMap::new(),
            numbers: HashMap::new(),
            mobiles: HashMap::new(),
            emails: HashMap::new(),
            employee_nos: HashMap::new(),
        }
    }

    /// Everybody and everything these entries speak of.
    pub(crate) async fn load(
        db: &Db,
        tenant: &TenantId,
        reach: Reach,
        entries: &[UserEntry],
    ) -> Result<Self, Error> {
        let limited = reach != Reach::All;
        let mut units = Units::new(reach);
        let departments = entries.iter().flat_map(|entry| &entry.departments);
        units.load(db, tenant, departments).await?;
        let wanted = Wanted::of(entries);
        let mut found = contacts::people_by_id(db, tenant, &wanted.ids).await?;
        found.extend(contacts::people_by_number(db, tenant, &wanted.numbers).await?);
        let Wanted { mobiles, emails, employee_nos, .. } = &wanted;
        let by_address = contacts::people_by_address(db, tenant, mobiles, emails, employee_nos);
        found.extend(by_address.await?);
        let mut places: HashMap<String, Vec<String>> = HashMap::new();
        if limited {
            let ids: Vec<&str> = found.iter().map(|person| person.id.as_str()).collect();
            for membership in contacts::memberships(db, tenant, &ids).await? {
                places.entry(membership.user).or_default().push(membership.place.department);
            }
            let departments: Vec<_> = places
                .values()
                .flatten()
                .map(|id| super::entry::DepartmentRef::Id(id.clone()))
                .collect();
            units.load(db, tenant, &departments).await?;
        }
        let attributes = if entries.iter().any(|entry| !entry.custom_attrs.is_empty()) {
            contacts::attributes(db, tenant).await?
        } else {
            Vec::new()
        };
        let mut roster = Self::new(tenant.clone(), units, attributes);
        for person in found {
            let departments = places.get(person.id.as_str());
            let reachable = !limited
                || departments
                    .is_some_and(|ids| ids.iter().any(|id| roster.units.reaches(&fold(id))));
            roster.put(person, reachable);
        }
        Ok(roster)
    }

    /// Adds somebody, or somebody as they are now.
    pub(super) fn put(&mut self, person: Person, reachable: bool) {
        let id = fold(person.id.as_str());
        if let Some(Known { person: before, .. }) = self.by_id.get(&id) {
            self.mobiles.remove(&before.mobile);
            self.emails.remove(&fold(&before.email));
            self.employee_nos.remove(&before.employee_no);
        }
        self.numbers.insert(person.number, id.clone());
        for (index, key) in [
            (&mut self.mobiles, person.mobile.clone()),
            (&mut self.emails, fold(&person.email)),
            (&mut self.employee_nos, person.employee_no.clone()),
        ] {
            if !key.is_empty() {
                index.insert(key, id.clone());
            }
        }
        self.by_id.insert(id, Known { person, reachable });
    }

    /// Compares an entry with the book and, where it is accepted, takes it in.
    pub(crate) fn place(
        &mut self,
        entry: &UserEntry,
        rules: Rules,
        fresh: FreshUser,
        now_ms: Millis,
    ) -> Result<PlacedUser, Problem> {
        entry.check(rules)?;
        let places = self.places(entry)?;
        let own = entry.id.as_ref().map(|id| fold(id));
        let known = own.as_ref().and_then(|id| self.by_id.get(id));
        if known.is_some_and(|known| !rules.updates || !known.reachable) {
            return Err(Problem::IdTaken);
        }
        let own = own.filter(|_| known.is_some());
        self.compare_addresses(entry, own.as_deref())?;
        let leader = match &entry.leader {
            Some(leader) => Some(self.leader(leader, entry, known.is_some())?),
            None => None,
        };
        let dotted: Result<Vec<String>, Problem> = entry
            .dotted_leaders
            .iter()
            .map(|leader| self.leader(leader, entry, known.is_some()).map(|id| id.0))
            .collect();
        let (dotted, attributes) = (dotted?, self.attributes(entry, rules)?);
        let added = known.is_none();
        let mut person = match known {
            Some(known) => known.person.clone(),
            None => Person {
                tenant: self.tenant.clone(),
                id: UserId(entry.id.clone().unwrap_or(fresh.id)),
                number: fresh.number,
                mobile_visible: true,
                employee_type: 1,
                enabled: true,
                created_ms: now_ms,
                ..Person::default()
            },
        };
        write(&mut person, entry);
        if leader.is_some() {
            person.leader = leader;
        }
        if !dotted.is_empty() {
            person.dotted_leaders = dotted;
        }
        if let Some(attributes) = attributes {
            person.custom_attrs = attributes;
        }
        self.put(person.clone(), true);
        Ok(PlacedUser { person, places, added })
    }

    fn places(&self, entry: &UserEntry) -> Result<Vec<Place>, Problem> {
        let mut places: Vec<Place> = Vec::with_capacity(entry.departments.len());
        for reference in &entry.departments {
            let text = || reference.text().to_owned();
            let Some(id) = self.units.find(reference) else {
                return Err(Problem::DepartmentUnknown(text()));
            };
            if !self.units.reaches(&id) {
                return Err(Problem::DepartmentForbidden(text()));
            }
            let department = self.units.kept_id(&id).to_owned();
            if places.iter().all(|place| place.department != department) {
                let order = entry.orders.iter().find(|order| order.department == *reference);
                places.push(Place {
                    department,
                    user_order: order.map_or(0, |order| order.user_order),
                    department_order: order.map_or(0, |order| order.department_order),
                });
            }
        }
        Ok(places)
    }

    /// `own`: the folded id of the user the entry is about, where they are known.
    fn compare_addresses(&self, entry: &UserEntry, own: Option<&str>) -> Result<(), Problem> {
        let other = |id: &&String| Some(id.as_str()) != own;
        let mobile = entry.kept_mobile().and_then(|mobile| self.mobiles.get(&mobile));
        let email = entry.kept_email().and_then(|email| self.emails.get(&fold(email)));
        match (mobile.filter(other), email.filter(other)) {
            (Some(one), Some(another)) if one != another => return Err(Problem::AccountsDiffer),
            (Some(_), Some(_)) if entry.id.is_some() && own.is_none() => {
                return Err(Problem::IdIsSet);
            }
            (Some(_), _) => return Err(Problem::MobileTaken),
            (None, Some(_)) => return Err(Problem::EmailTaken),
            (None, None) => {}
        }
        let number = entry.kept_employee_no().and_then(|number| self.employee_nos.get(number));
        if number.is_some_and(|id| Some(id.as_str()) != own) {
            return Err(Problem::EmployeeNoTaken);
        }
        Ok(())
    }

    fn leader(&self, leader: &UserRef, entry: &UserEntry, known: bool) -> Result<UserId, Problem> {
        let (id, missing): (Option<String>, fn(String) -> Problem) = match leader {
            UserRef::Id(id) => (Some(fold(id)), Problem::LeaderUnknown),
            UserRef::Number(number, _) => {
                (self.numbers.get(number).cloned(), Problem::LeaderOpenIdUnknown)
            }
            UserRef::Unreadable(_) => (None, Problem::LeaderOpenIdInvalid),
        };
        let (UserRef::Id(text) | UserRef::Number(_, text) | UserRef::Unreadable(text)) = leader;
        if id.is_some() && id == entry.id.as_ref().map(|own| fold(own)) {
            return Err(if known { Problem::LeaderBecomesSelf } else { Problem::LeaderSelf });
        }
        match id.and_then(|id| self.by_id.get(&id)) {
            None => Err(missing(text.clone())),
            Some(found) if !found.person.enabled => Err(Problem::LeaderResigned(text.clone())),
            Some(found) => Ok(found.person.id.clone()),
        }
    }

    /// The JSON to keep of custom attributes; `None` where the entry says nothing of any in use.
    fn attributes(&self, entry: &UserEntry, rules: Rules) -> Result<Option<String>, Problem> {
        let mut kept = Vec::new();
        for attribute in &entry.custom_attrs {
            if attribute.id.is_empty() {
                return Err(Problem::AttributeIdMissing);
            }
            let known =
                self.attributes.iter().find(|known| known.id == attribute.id && known.enabled);
            match known {
                Some(known) => kept.push(keep(known.kind, attribute)?),
                None if rules.ignores_attributes => {}
                None => return Err(Problem::AttributeUnknown(attribute.id.clone())),
            }
        }
        Ok(if kept.is_empty() { None } else { serde_json::to_string(&kept).ok() })
    }
}

/// Keys of everything entries speak of.
#[derive(Default)]
struct Wanted {
    ids: Vec<String>,
    numbers: Vec<i64>,
    mobiles: Vec<String>,
    emails: Vec<String>,
    employee_nos: Vec<String>,
}

impl Wanted {
    fn of(entries: &[UserEntry]) -> Self {
        let mut wanted = Self::default();
        let mut ids = HashSet::new();
        for entry in entries {
            ids.extend(entry.id.as_ref().map(|id| fold(id)));
            for leader in entry.leader.iter().chain(&entry.dotted_leaders) {
                match leader {
                    UserRef::Id(id) => {
                        ids.insert(fold(id));
                    }
                    UserRef::Number(number, _) => wanted.numbers.push(*number),
                    UserRef::Unreadable(_) => {}
                }
            }
            wanted.mobiles.extend(entry.kept_mobile());
            wanted.emails.extend(entry.kept_email().map(fold));
            wanted.employee_nos.extend(entry.kept_employee_no().map(str::to_owned));
        }
        wanted.ids.extend(ids);
        wanted
    }
}

fn keep(kind: AttributeKind, entry: &AttributeEntry) -> Result<KeptAttribute, Problem> {
    let id = || entry.id.clone();
    if !entry.has_value || (entry.text.is_empty() && entry.url.is_empty()) {
        return Err(Problem::AttributeValueMissing(id()));
    }
    if entry.text.is_empty() {
        return Err(Problem::AttributeTextMissing(id()));
    }
    let kind = match kind {
        AttributeKind::Text => "TEXT",
        AttributeKind::Link if entry.url.is_empty() => {
            return Err(Problem::AttributeUrlMissing(id()));
        }
        AttributeKind::Link => "HREF",
    };
    Ok(KeptAttribute {
        id: id(),
        kind: kind.to_owned(),
        text: entry.text.clone(),
        url: entry.url.clone(),
        pc_url: entry.pc_url.clone(),
    })
}

/// Writes what an accepted entry says by itself.
fn write(person: &mut Person, entry: &UserEntry) {
    let text = |field: &mut String, value: &Option<String>| {
        if let Some(value) = value {
            value.trim().clone_into(field);
        }
    };
    text(&mut person.name, &entry.name);
    text(&mut person.en_name, &entry.en_name);
    text(&mut person.nickname, &entry.nickname);
    text(&mut person.email, &entry.email);
    text(&mut person.mobile, &entry.kept_mobile());
    text(&mut person.employee_no, &entry.employee_no);
    text(&mut person.country, &entry.country);
    text(&mut person.city, &entry.city);
    text(&mut person.work_station, &entry.work_station);
    text(&mut person.job_title, &entry.job_title);
    person.mobile_visible = entry.mobile_visible.unwrap_or(person.mobile_visible);
    person.gender = entry.gender.unwrap_or(person.gender);
    person.employee_type = entry.employee_type.unwrap_or(person.employee_type);
    person.join_time = entry.join_time.or(person.join_time);
}
