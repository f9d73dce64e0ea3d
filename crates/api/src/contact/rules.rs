//! The rules that compare entries with the book, tried on books in memory.

use std::collections::{HashMap, HashSet};

use larkspur_model::id::{TenantId, UserId};
use larkspur_store::contacts::{Attribute, AttributeKind, Department, Person, fold};
use proptest::prelude::*;

use super::entry::{
    AttributeEntry, BATCH, DepartmentEntry, DepartmentRef, SINGLE, UserEntry, UserRef,
};
use super::order::order;
use super::problem::Problem;
use super::roster::{FreshUser, PlacedUser, Roster};
use super::tree::{FreshDepartment, PlacedDepartment, Tree};
use super::units::{Reach, Units};

fn tenant() -> TenantId {
    TenantId::from("t")
}

fn department(id: &str, parent: &str, number: i64) -> Department {
    Department {
        tenant: tenant(),
        id: id.to_owned(),
        number,
        name: id.to_owned(),
        parent: parent.to_owned(),
        order: number,
        ..Department::default()
    }
}

/// Sales with a team below it, and research.
fn units(reach: Reach) -> Units {
    let mut units = Units::new(reach);
    units.put(department("Sales", "0", 1));
    units.put(department("team", "Sales", 2));
    units.put(department("research", "0", 3));
    units
}

fn person(id: &str, number: i64, mobile: &str, email: &str) -> Person {
    Person {
        tenant: tenant(),
        id: UserId::from(id),
        number,
        name: id.to_owned(),
        mobile: mobile.to_owned(),
        email: email.to_owned(),
        enabled: true,
        ..Person::default()
    }
}

/// Ann and Bob, Bob out of reach where the reach is limited.
fn roster(reach: Reach) -> Roster {
    let limited = reach != Reach::All;
    let attribute = |id: &str, kind, enabled| Attribute {
        id: id.to_owned(),
        name: id.to_owned(),
        kind,
        enabled,
    };
    let attributes = vec![
        attribute("note", AttributeKind::Text, true),
        attribute("page", AttributeKind::Link, true),
        attribute("old", AttributeKind::Text, false),
    ];
    let mut roster = Roster::new(tenant(), units(reach), attributes);
    roster.put(person("Ann", 11, "+8613000000001", "Ann@x.cn"), true);
    roster.put(person("bob", 12, "+8613000000002", "bob@x.cn"), !limited);
    roster
}

fn user(id: Option<&str>, mobile: &str) -> UserEntry {
    UserEntry {
        id: id.map(str::to_owned),
        name: Some("名".to_owned()),
        mobile: Some(mobile.to_owned()),
        departments: vec![DepartmentRef::Id("sales".to_owned())],
        ..UserEntry::default()
    }
}

fn fresh(number: i64) -> FreshUser {
    FreshUser { id: format!("fresh{number}"), number }
}

fn place(roster: &mut Roster, entry: &UserEntry) -> Result<PlacedUser, Problem> {
    roster.place(entry, BATCH, fresh(99), 5)
}

fn limited() -> Reach {
    Reach::Below(HashSet::from(["sales".to_owned()]))
}

#[test]
fn a_new_user_is_added_with_what_was_not_said_filled_in() {
    let mut roster = roster(Reach::All);
    let placed = place(&mut roster, &user(None, "130 0000 0009")).unwrap();
    assert!(placed.added);
    let person = placed.person;
    assert_eq!((person.id.as_str(), person.number, person.created_ms), ("fresh99", 99, 5));
    assert_eq!(person.mobile, "+8613000000009");
    assert!(person.mobile_visible && person.enabled);
    assert_eq!((person.gender, person.employee_type), (0, 1));
    // The department is kept under its own spelling.
    assert_eq!(placed.places[0].department, "Sales");
}

#[test]
fn a_known_id_in_any_case_is_updated_and_keeps_what_was_not_said() {
    let mut roster = roster(Reach::All);
    let mut entry = user(Some("ANN"), "13000000001");
    entry.city = Some("杭州".to_owned());
    let placed = place(&mut roster, &entry).unwrap();
    assert!(!placed.added);
    assert_eq!(placed.person.id.as_str(), "Ann");
    assert_eq!((placed.person.email.as_str(), placed.person.city.as_str()), ("Ann@x.cn", "杭州"));
    // A number that was given up is free again.
    entry.mobile = Some("13000000008".to_owned());
    place(&mut roster, &entry).unwrap();
    assert!(place(&mut roster, &user(Some("new"), "13000000001")).unwrap().added);
    assert_eq!(roster.place(&entry, SINGLE, fresh(1), 0).unwrap_err(), Problem::IdTaken);
}

#[test]
fn addresses_belong_to_one_user() {
    let mut roster = roster(Reach::All);
    let mut entry = user(Some("new"), "13000000001");
    assert_eq!(place(&mut roster, &entry).unwrap_err(), Problem::MobileTaken);
    entry.email = Some("BOB@x.cn".to_owned());
    assert_eq!(place(&mut roster, &entry).unwrap_err(), Problem::AccountsDiffer);
    entry.email = Some("ann@X.cn".to_owned());
    assert_eq!(place(&mut roster, &entry).unwrap_err(), Problem::IdIsSet);
    entry.id = None;
    assert_eq!(place(&mut roster, &entry).unwrap_err(), Problem::MobileTaken);
    entry.mobile = Some("13000000007".to_owned());
    assert_eq!(place(&mut roster, &entry).unwrap_err(), Problem::EmailTaken);
    entry.email = None;
    entry.employee_no = Some("7".to_owned());
    place(&mut roster, &entry).unwrap();
    let mut other = user(None, "13000000006");
    other.employee_no = Some("7".to_owned());
    assert_eq!(place(&mut roster, &other).unwrap_err(), Problem::EmployeeNoTaken);
}

#[test]
fn departments_must_be_there_and_within_reach() {
    let mut roster = roster(limited());
    let mut entry = user(None, "13000000009");
    let mut with = |id: &str| {
        entry.departments = vec![DepartmentRef::Id(id.to_owned())];
        place(&mut roster, &entry).map(|placed| placed.places[0].department.clone())
    };
    assert_eq!(with("nowhere"), Err(Problem::DepartmentUnknown("nowhere".to_owned())));
    assert_eq!(with("research"), Err(Problem::DepartmentForbidden("research".to_owned())));
    assert_eq!(with("0"), Err(Problem::DepartmentForbidden("0".to_owned())));
    assert_eq!(with("TEAM"), Ok("team".to_owned()));
    // An id is taken, too, by somebody the app does not see.
    assert_eq!(
        place(&mut roster, &user(Some("bob"), "13000000005")).unwrap_err(),
        Problem::IdTaken
    );
}

#[test]
fn leaders_are_others_who_are_there() {
    let mut roster = roster(Reach::All);
    let mut with = |id: Option<&str>, leader: UserRef| {
        let mut entry = user(id, "13000000009");
        if id == Some("ann") {
            entry.mobile = Some("13000000001".to_owned());
        }
        entry.leader = Some(leader);
        place(&mut roster, &entry).map(|placed| placed.person.leader.map(|id| id.0))
    };
    let id = |id: &str| UserRef::Id(id.to_owned());
    let number = |number| UserRef::Number(number, "ou".to_owned());
    assert_eq!(with(Some("me"), id("ME")), Err(Problem::LeaderSelf));
    assert_eq!(with(Some("ann"), id("Ann")), Err(Problem::LeaderBecomesSelf));
    assert_eq!(with(Some("ann"), number(11)), Err(Problem::LeaderBecomesSelf));
    assert_eq!(with(None, id("ghost")), Err(Problem::LeaderUnknown("ghost".to_owned())));
    assert_eq!(with(None, number(404)), Err(Problem::LeaderOpenIdUnknown("ou".to_owned())));
    assert_eq!(with(Some("ann"), number(12)), Ok(Some("bob".to_owned())));
    assert_eq!(with(Some("me"), id("BOB")), Ok(Some("bob".to_owned())));
    let mut gone = person("gone", 13, "", "");
    gone.enabled = false;
    let mut roster = self::roster(Reach::All);
    roster.put(gone, true);
    let mut entry = user(None, "13000000009");
    entry.leader = Some(id("gone"));
    let problem = place(&mut roster, &entry).unwrap_err();
    assert_eq!(problem, Problem::LeaderResigned("gone".to_owned()));
}

#[test]
fn attributes_in_use_are_kept_and_others_passed_over_or_refused() {
    let attribute = |id: &str, text: &str, url: &str| AttributeEntry {
        id: id.to_owned(),
        has_value: true,
        text: text.to_owned(),
        url: url.to_owned(),
        pc_url: String::new(),
    };
    let mut roster = roster(Reach::All);
    let mut number = 0;
    let mut with = |attributes: Vec<AttributeEntry>, rules| {
        number += 1;
        let mut entry = user(None, &format!("1390000000{number}"));
        entry.custom_attrs = attributes;
        let fresh = fresh(100 + number);
        roster.place(&entry, rules, fresh, 0).map(|placed| placed.person.custom_attrs)
    };
    let kept = with(vec![attribute("old", "x", ""), attribute("note", "y", "")], BATCH).unwrap();
    assert!(kept.contains("note") && !kept.contains("old"), "{kept}");
    assert_eq!(with(vec![attribute("what", "x", "")], BATCH), Ok(String::new()));
    assert_eq!(
        with(vec![attribute("old", "x", "")], SINGLE),
        Err(Problem::AttributeUnknown("old".to_owned()))
    );
    assert_eq!(with(vec![attribute("", "x", "")], BATCH), Err(Problem::AttributeIdMissing));
    let none = AttributeEntry { id: "note".to_owned(), ..AttributeEntry::default() };
    assert_eq!(with(vec![none], BATCH), Err(Problem::AttributeValueMissing("note".to_owned())));
    assert_eq!(
        with(vec![attribute("page", "", "http://x")], BATCH),
        Err(Problem::AttributeTextMissing("page".to_owned()))
    );
    assert_eq!(
        with(vec![attribute("page", "x", "")], BATCH),
        Err(Problem::AttributeUrlMissing("page".to_owned()))
    );
}

fn tree(reach: Reach) -> Tree {
    let mut tree = Tree::new(tenant(), units(reach));
    for known in [department("Sales", "0", 1), department("research", "0", 3)] {
        tree.put_known(&known);
    }
    tree.put_known(&department("team", "Sales", 2));
    tree.put_leader(&UserId::from("Ann"), 11, true);
    tree.put_leader(&UserId::from("gone"), 13, false);
    tree
}

fn unit(id: &str, name: &str, parent: &str) -> DepartmentEntry {
    DepartmentEntry {
        id: Some(id.to_owned()),
        name: Some(name.to_owned()),
        parent: Some(DepartmentRef::Id(parent.to_owned())),
        ..DepartmentEntry::default()
    }
}

fn put(tree: &mut Tree, entry: &DepartmentEntry) -> Result<PlacedDepartment, Problem> {
    let fresh = FreshDepartment { id: "made".to_owned(), number: 500, chat: "oc_1".to_owned() };
    tree.place(entry, BATCH, fresh, 5)
}

#[test]
fn departments_are_added_updated_and_moved() {
    let mut tree = tree(Reach::All);
    let mut entry = unit("New", "新", "SALES");
    entry.create_group_chat = true;
    entry.leader = Some(UserRef::Id("ann".to_owned()));
    let placed = put(&mut tree, &entry).unwrap();
    assert!(placed.added && placed.chat_added);
    let made = placed.department;
    assert_eq!(
        (made.parent.as_str(), made.order, made.chat.as_deref()),
        ("Sales", 3, Some("oc_1"))
    );
    assert_eq!(made.leader.unwrap().as_str(), "Ann");
    // Below its own child it cannot stand; elsewhere it can, with all below it.
    let below = put(&mut tree, &unit("sales", "Sales", "new")).unwrap_err();
    assert_eq!(below, Problem::ParentBelow);
    let moved = put(&mut tree, &unit("NEW", "新", "research")).unwrap();
    assert!(!moved.added && !moved.chat_added);
    assert_eq!(
        (moved.department.id.as_str(), moved.department.parent.as_str()),
        ("New", "research")
    );
    assert_eq!(moved.department.chat.as_deref(), Some("oc_1"));
    // Its old name is free where it stood.
    put(&mut tree, &unit("other", "新", "sales")).unwrap();
    let taken = put(&mut tree, &unit("third", "新", "research")).unwrap_err();
    assert_eq!(taken, Problem::NameTaken);
}

#[test]
fn departments_nest_25_levels_and_no_deeper() {
    let mut tree = tree(Reach::All);
    let mut parent = "0".to_owned();
    for level in 1..=25 {
        let id = format!("level{level}");
        put(&mut tree, &unit(&id, &id, &parent)).unwrap();
        parent = id;
    }
    assert_eq!(put(&mut tree, &unit("deep", "deep", &parent)).unwrap_err(), Problem::TooDeep);
    // Sales has a level below it.
    let moved = put(&mut tree, &unit("sales", "Sales", "level24")).unwrap_err();
    assert_eq!(moved, Problem::TooDeep);
    put(&mut tree, &unit("sales", "Sales", "level23")).unwrap();
}

#[test]
fn a_department_has_a_thousand_children() {
    let mut tree = tree(Reach::All);
    for number in 0..1_000 {
        let id = format!("c{number}");
        put(&mut tree, &unit(&id, &id, "research")).unwrap();
    }
    let more = unit("more", "more", "research");
    assert_eq!(put(&mut tree, &more).unwrap_err(), Problem::TooManyChildren);
    put(&mut tree, &unit("c7", "renamed", "research")).unwrap();
    put(&mut tree, &unit("c8", "c8", "sales")).unwrap();
    put(&mut tree, &more).unwrap();
}

#[test]
fn what_is_wrong_with_a_department_is_told() {
    let mut tree = tree(limited());
    let unknown = put(&mut tree, &unit("a", "a", "nowhere")).unwrap_err();
    assert_eq!(unknown, Problem::ParentUnknown("nowhere".to_owned()));
    let far = put(&mut tree, &unit("a", "a", "research")).unwrap_err();
    assert_eq!(far, Problem::ParentForbidden("research".to_owned()));
    let top = put(&mut tree, &unit("a", "a", "0")).unwrap_err();
    assert_eq!(top, Problem::ParentForbidden("0".to_owned()));
    assert_eq!(put(&mut tree, &unit("research", "r", "sales")).unwrap_err(), Problem::IdTaken);
    let mut entry = unit("a", "a", "team");
    for (leader, problem) in [
        (UserRef::Id("ghost".to_owned()), Problem::LeaderUnknown("ghost".to_owned())),
        (UserRef::Id("gone".to_owned()), Problem::LeaderResigned("gone".to_owned())),
        (UserRef::Number(9, "ou".to_owned()), Problem::LeaderOpenIdUnknown("ou".to_owned())),
    ] {
        entry.leader = Some(leader);
        assert_eq!(put(&mut tree, &entry).unwrap_err(), problem);
    }
    entry.leader = Some(UserRef::Number(11, "ou".to_owned()));
    entry.order = Some(7);
    put(&mut tree, &entry).unwrap();
    let mut sister = unit("b", "b", "team");
    sister.order = Some(7);
    assert_eq!(put(&mut tree, &sister).unwrap_err(), Problem::OrderTaken);
}

proptest! {
    #[test]
    fn whatever_is_asked_for_addresses_stay_apart(
        asked in prop::collection::vec((prop::option::of(0..8), 0..8, prop::option::of(0..8)), 1..40)
    ) {
        let mut roster = roster(Reach::All);
        let mut book: HashMap<String, Person> = HashMap::new();
        for (number, (id, mobile, email)) in asked.into_iter().enumerate() {
            let id = id.map(|id| format!("u{id}"));
            let mut entry = user(id.as_deref(), &format!("1310000000{mobile}"));
            entry.email = email.map(|email| format!("{email}@x.cn"));
            if let Ok(placed) = roster.place(&entry, BATCH, fresh(number as i64), 0) {
                let known = book.insert(fold(placed.person.id.as_str()), placed.person);
                prop_assert_eq!(known.is_none(), placed.added);
            }
        }
        let mobiles: HashSet<_> = book.values().map(|person| &person.mobile).collect();
        prop_assert_eq!(mobiles.len(), book.len());
        let emails = book.values().map(|person| fold(&person.email)).filter(|e| !e.is_empty());
        let (emails, all): (HashSet<_>, Vec<_>) = emails.map(|email| (email.clone(), email)).unzip();
        prop_assert_eq!(emails.len(), all.len());
    }

    #[test]
    fn whatever_is_asked_for_the_tree_stays_one(
        asked in prop::collection::vec((0..30_u32, 0..30_u32, 0..6), 1..60)
    ) {
        let mut tree = Tree::new(tenant(), Units::new(Reach::All));
        let mut book: HashMap<String, Department> = HashMap::new();
        // Twice: the second batch finds what the first has made, and moves it.
        for half in asked.chunks(asked.len().div_ceil(2)) {
            let mut entries: Vec<DepartmentEntry> = Vec::new();
            for (id, parent, name) in half {
                let (id, parent) = (format!("d{id}"), format!("d{parent}"));
                if entries.iter().all(|entry| entry.id.as_ref() != Some(&id)) {
                    let parent = if parent == "d0" { "0".to_owned() } else { parent };
                    entries.push(unit(&id, &format!("n{name}"), &parent));
                }
            }
            let place_of = |id: &str| entries.iter().position(|entry| entry.id.as_deref() == Some(id));
            let needs: Vec<Option<u32>> = entries
                .iter()
                .enumerate()
                .map(|(at, entry)| {
                    let Some(DepartmentRef::Id(parent)) = &entry.parent else { return None };
                    place_of(parent).filter(|other| *other != at).map(|other| other as u32)
                })
                .collect();
            let Ok(order) = order(&needs) else { continue };
            for (number, at) in order.into_iter().enumerate() {
                if let Ok(placed) = put(&mut tree, &entries[at as usize]) {
                    let mut made = placed.department;
                    made.number = number as i64;
                    book.insert(made.id.clone(), made);
                }
            }
        }
        let mut names = HashSet::new();
        for department in book.values() {
            prop_assert!(names.insert((&department.parent, &department.name)));
            let mut above = &department.parent;
            let mut depth = 1;
            while above != "0" {
                depth += 1;
                prop_assert!(depth <= 25, "{} stands too deep or in a circle", department.id);
                above = &book[above].parent;
            }
        }
    }
}
