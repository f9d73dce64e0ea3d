//! Users and departments as the newer operations show them to one caller.

use std::collections::HashMap;

use larkspur_platform::{Caller, TokenKind};
use larkspur_store::contacts::{self, Department, Person, Place, ROOT, fold};
use larkspur_store::{Db, Error, tenants};

use super::entry::DepartmentRef;
use super::named::{self, Kinds};
use super::roster::KeptAttribute;
use super::seen::Seen;
use super::units::{Reach, Units};
use super::wire::{
    Avatar, CustomAttr, CustomAttrValue, DepartmentDetail, DepartmentLeader, DepartmentShown,
    DepartmentStatus, I18nName, More, Path, PathName, PlaceOrder, Status, User,
};
use crate::Services;

/// Which fields an operation documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// All of them, with the path of each department.
    Full,
    /// What creating answers: no paths.
    Made,
    /// The historic list: no nicknames, paths, dotted-line leaders.
    Historic,
}

impl Status {
    /// A user is active from the beginning: here nobody has to accept an invitation first.
    pub(crate) fn of(person: &Person, shape: Shape) -> Self {
        let newer = (shape != Shape::Historic).then_some(false);
        Self {
            is_frozen: !person.enabled,
            is_resigned: false,
            is_activated: true,
            is_exited: newer,
            is_unjoin: newer,
        }
    }
}

impl More {
    /// What is kept of a department; nothing where nothing is.
    fn of(department: &Department) -> Self {
        serde_json::from_str(&department.more).unwrap_or_default()
    }

    fn users(&self) -> impl Iterator<Item = &String> {
        self.leaders.iter().map(|leader| &leader.id).chain(&self.department_hrbps)
    }
}

/// Shows users and departments to one caller.
pub(crate) struct Showing<'a> {
    pub(crate) services: &'a Services,
    pub(crate) caller: &'a Caller,
    pub(crate) kinds: Kinds,
}

/// Whom and what the shown ones refer to.
struct Referred {
    numbers: HashMap<String, i64>,
    units: Units,
    places: HashMap<String, Vec<Place>>,
}

impl Showing<'_> {
    fn db(&self) -> &Db {
        &self.services.store.db
    }

    fn user_id(&self, referred: &Referred, id: &str) -> Option<String> {
        let number = *referred.numbers.get(id)?;
        Some(named::user_id(self.services, self.caller, self.kinds.user, id, number))
    }

    async fn numbers(
        &self,
        ids: impl Iterator<Item = &String>,
    ) -> Result<HashMap<String, i64>, Error> {
        let mut wanted: Vec<String> = ids.map(|id| fold(id)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let found = contacts::people_by_id(self.db(), &self.caller.tenant, &wanted).await?;
        Ok(found.into_iter().map(|person| (person.id.0, person.number)).collect())
    }

    /// Shows users, in their order.
    pub(crate) async fn users(&self, people: &[Person], shape: Shape) -> Result<Vec<User>, Error> {
        let (db, tenant) = (self.db(), &self.caller.tenant);
        let ids: Vec<&str> = people.iter().map(|person| person.id.as_str()).collect();
        let mut places: HashMap<String, Vec<Place>> = HashMap::new();
        for membership in contacts::memberships(db, tenant, &ids).await? {
            places.entry(membership.user).or_default().push(membership.place);
        }
        let mut units = Units::new(Reach::All);
        let departments: Vec<DepartmentRef> = places
            .values()
            .flatten()
            .map(|place| DepartmentRef::Id(place.department.clone()))
            .collect();
        units.load(db, tenant, &departments).await?;
        let leaders = people.iter().filter_map(|person| person.leader.as_ref().map(|id| &id.0));
        let dotted = people.iter().flat_map(|person| &person.dotted_leaders);
        let numbers = self.numbers(leaders.chain(dotted)).await?;
        let referred = Referred { numbers, units, places };
        let seen = Seen::by(self.caller);
        Ok(people.iter().map(|person| self.user(person, &referred, seen, shape)).collect())
    }

    fn user(&self, person: &Person, referred: &Referred, seen: Seen, shape: Shape) -> User {
        let own = [Place { department: ROOT.to_owned(), ..Place::default() }];
        let places = referred.places.get(person.id.as_str()).map_or(&own[..], Vec::as_slice);
        let text = |open: bool, text: &String| open.then(|| text.clone());
        let some = |open: bool, text: &String| (open && !text.is_empty()).then(|| text.clone());
        let (app, tenant) = (&self.caller.app, &self.caller.tenant);
        let newer = shape != Shape::Historic;
        let mut shown = User {
            union_id: self.services.platform.union_id_of_number(tenant, person.number),
            user_id: text(seen.employee_id, &person.id.0),
            open_id: self.services.platform.open_id_of_number(app, person.number),
            name: text(seen.base, &person.name),
            en_name: text(seen.base, &person.en_name),
            nickname: text(seen.base && newer, &person.nickname),
            email: some(seen.email, &person.email),
            mobile: some(seen.phone && self.shows_mobile(person), &person.mobile),
            mobile_visible: person.mobile_visible,
            gender: seen.gender.then_some(person.gender),
            avatar: (seen.base && !person.avatar_url.is_empty()).then(|| avatar(person)),
            status: seen.employee.then(|| Status::of(person, shape)),
            employee_no: some(seen.employee_no, &person.employee_no),
            ..User::default()
        };
        if seen.department {
            shown.department_ids =
                Some(places.iter().map(|place| self.place_id(referred, place)).collect());
            shown.orders = Some(self.orders(referred, places, newer));
            let leader = person.leader.as_ref();
            shown.leader_user_id = leader.and_then(|id| self.user_id(referred, id.as_str()));
        }
        if seen.employee {
            shown.city = some(true, &person.city);
            shown.country = some(true, &person.country);
            shown.work_station = some(true, &person.work_station);
            shown.job_title = some(true, &person.job_title);
            shown.join_time = person.join_time;
            shown.is_tenant_manager = Some(person.admin);
            shown.employee_type = Some(person.employee_type);
            shown.custom_attrs = custom_attrs(person);
        }
        if seen.department_path && shape == Shape::Full {
            shown.department_path =
                Some(places.iter().filter_map(|place| self.detail(referred, place)).collect());
        }
        if seen.dotted_leaders && newer && !person.dotted_leaders.is_empty() {
            let ids = person.dotted_leaders.iter();
            shown.dotted_line_leader_user_ids =
                Some(ids.filter_map(|id| self.user_id(referred, id)).collect());
        }
        shown
    }

    /// A hidden number is seen by apps, administrators and the user alone.
    fn shows_mobile(&self, person: &Person) -> bool {
        person.mobile_visible
            || self.caller.kind != TokenKind::User
            || self.caller.admin
            || self.caller.user.as_ref() == Some(&person.id)
    }

    fn place_id(&self, referred: &Referred, place: &Place) -> String {
        match referred.units.get(&fold(&place.department)) {
            Some(unit) => named::department_id(self.services, self.kinds.department, unit),
            None => place.department.clone(),
        }
    }

    fn orders(&self, referred: &Referred, places: &[Place], newer: bool) -> Vec<PlaceOrder> {
        places
            .iter()
            .enumerate()
            .map(|(at, place)| PlaceOrder {
                department_id: self.place_id(referred, place),
                user_order: place.user_order,
                department_order: place.department_order,
                is_primary_dept: newer.then_some(at == 0),
            })
            .collect()
    }

    fn detail(&self, referred: &Referred, place: &Place) -> Option<DepartmentDetail> {
        let id = fold(&place.department);
        let unit = referred.units.get(&id)?;
        let mut chain: Vec<&Department> = referred.units.chain(&id).collect();
        chain.reverse();
        let names: Vec<&str> = chain.iter().map(|above| above.name.as_str()).collect();
        let kind = self.kinds.department;
        Some(DepartmentDetail {
            department_id: named::department_id(self.services, kind, unit),
            department_name: PathName {
                name: unit.name.clone(),
                i18n_name: More::of(unit).i18n_name.unwrap_or_default(),
            },
            department_path: Path {
                department_ids: chain
                    .iter()
                    .map(|above| named::department_id(self.services, kind, above))
                    .collect(),
                department_path_name: PathName {
                    name: names.join("/"),
                    i18n_name: I18nName::default(),
                },
            },
        })
    }

    /// The root department, which has no row: it is called after the tenant.
    pub(crate) async fn root(&self) -> Result<Department, Error> {
        let tenant = tenants::get(self.db(), &self.caller.tenant).await?;
        Ok(Department {
            tenant: self.caller.tenant.clone(),
            id: ROOT.to_owned(),
            name: tenant.map(|tenant| tenant.name).unwrap_or_default(),
            ..Department::default()
        })
    }

    /// Shows departments, in their order.
    pub(crate) async fn departments(
        &self,
        departments: &[Department],
    ) -> Result<Vec<DepartmentShown>, Error> {
        let (db, tenant) = (self.db(), &self.caller.tenant);
        let seen = Seen::by(self.caller);
        let parents: Vec<DepartmentRef> = departments
            .iter()
            .map(|department| DepartmentRef::Id(department.parent.clone()))
            .collect();
        let mut units = Units::new(Reach::All);
        units.load(db, tenant, &parents).await?;
        let more: Vec<More> = departments.iter().map(More::of).collect();
        let leaders = departments.iter().filter_map(|one| one.leader.as_ref().map(|id| &id.0));
        let numbers = self.numbers(leaders.chain(more.iter().flat_map(More::users))).await?;
        let referred = Referred { numbers, units, places: HashMap::new() };
        let mut shown = Vec::with_capacity(departments.len());
        for (department, more) in departments.iter().zip(more) {
            let mut one = self.department(department, more, &referred, seen);
            if seen.organization {
                let counts = contacts::counts(db, tenant, &department.id).await?;
                one.member_count = Some(counts.members);
                one.primary_member_count = Some(counts.primary);
            }
            shown.push(one);
        }
        Ok(shown)
    }

    fn department(
        &self,
        department: &Department,
        more: More,
        referred: &Referred,
        seen: Seen,
    ) -> DepartmentShown {
        let mut shown = DepartmentShown {
            open_department_id: named::open_department_id(self.services, department),
            group_chat_employee_types: more.group_chat_employee_types,
            ..DepartmentShown::default()
        };
        if seen.unit_base {
            shown.name = Some(department.name.clone());
            shown.i18n_name = more.i18n_name;
            shown.department_id = Some(department.id.clone());
            shown.chat_id.clone_from(&department.chat);
            shown.status = Some(DepartmentStatus { is_deleted: false });
        }
        if seen.organization {
            let parent = referred.units.get(&fold(&department.parent));
            let kind = self.kinds.department;
            shown.parent_department_id = Some(match parent {
                Some(parent) => named::department_id(self.services, kind, parent),
                None => department.parent.clone(),
            });
            let leader = department.leader.as_ref();
            shown.leader_user_id = leader.and_then(|id| self.user_id(referred, id.as_str()));
            shown.order = Some(department.order.to_string());
            shown.leaders = more
                .leaders
                .into_iter()
                .filter_map(|leader| {
                    let id = self.user_id(referred, &leader.id)?;
                    Some(DepartmentLeader { kind: leader.kind, id })
                })
                .collect();
        }
        if seen.hrbps {
            let ids = more.department_hrbps.iter();
            shown.department_hrbps = ids.filter_map(|id| self.user_id(referred, id)).collect();
        }
        shown
    }
}

fn avatar(person: &Person) -> Avatar {
    let url = || person.avatar_url.clone();
    Avatar { avatar_72: url(), avatar_240: url(), avatar_640: url(), avatar_origin: url() }
}

fn custom_attrs(person: &Person) -> Option<Vec<CustomAttr>> {
    let kept: Vec<KeptAttribute> = serde_json::from_str(&person.custom_attrs).ok()?;
    let shown = |kept: KeptAttribute| CustomAttr {
        kind: kept.kind,
        id: kept.id,
        value: CustomAttrValue { text: kept.text, url: kept.url, pc_url: kept.pc_url },
    };
    Some(kept.into_iter().map(shown).collect())
}
