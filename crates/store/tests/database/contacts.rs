//! The contact book: entries kept apart, found in many ways, changed by one writer at a time, and
//! batches that move on together with what they write.

use larkspur_model::id::{AppId, TenantId, UserId};
use larkspur_store::contacts::{
    self, Attribute, AttributeKind, BatchKind, Department, Message, Person, Place, Repeated,
};
use larkspur_store::sql::Transaction;
use larkspur_store::tasks::{self, FENCE, Leasing, NewTask, Share};
use larkspur_store::{Db, Error};

fn tenant() -> TenantId {
    TenantId::from("t")
}

fn person(id: &str, number: i64) -> Person {
    Person {
        tenant: tenant(),
        id: UserId::from(id),
        number,
        name: format!("名{id}"),
        en_name: "en".to_owned(),
        nickname: "nick".to_owned(),
        email: format!("{id}@Example.com"),
        mobile: format!("+86130{number:08}"),
        mobile_visible: false,
        gender: 2,
        employee_type: 3,
        employee_no: format!("no-{id}"),
        join_time: Some(1_700_000_000),
        country: "CN".to_owned(),
        city: "杭州".to_owned(),
        work_station: "A1".to_owned(),
        job_title: "T".to_owned(),
        avatar_url: "http://a".to_owned(),
        leader: Some(UserId::from("boss")),
        dotted_leaders: vec!["x".to_owned(), "y".to_owned()],
        custom_attrs: "[]".to_owned(),
        admin: true,
        enabled: true,
        created_ms: 7,
    }
}

fn place(department: &str) -> Place {
    Place { department: department.to_owned(), user_order: 3, department_order: 4 }
}

fn department(id: &str, parent: &str, number: i64) -> Department {
    Department {
        tenant: tenant(),
        id: id.to_owned(),
        number,
        name: format!("名{id}"),
        parent: parent.to_owned(),
        order: number,
        leader: Some(UserId::from("boss")),
        chat: Some(format!("oc_{id}")),
        more: "{}".to_owned(),
        created_ms: 7,
    }
}

async fn commit(db: &Db, fill: impl FnOnce(&mut Transaction)) -> Result<(), Error> {
    let mut transaction = Transaction::new();
    fill(&mut transaction);
    db.commit(transaction).await.map(|_| ())
}

pub(crate) async fn people_come_back_whole_and_are_found_in_many_ways(db: &Db) {
    let all: Vec<Person> = (1..=3).map(|number| person(&format!("P{number}"), number)).collect();
    commit(db, |t| {
        for person in &all {
            contacts::insert_person(t, person);
        }
        contacts::place_person(t, &all[0], &[place("d"), place("e")], true);
        contacts::place_person(t, &all[1], &[place("d")], true);
    })
    .await
    .unwrap();
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    let found = contacts::people_by_id(db, &tenant(), &keys(&["p1", "p3", "p9"])).await.unwrap();
    let mut ids: Vec<_> = found.iter().map(|person| person.id.0.clone()).collect();
    ids.sort();
    assert_eq!(ids, ["P1", "P3"]);
    assert!(found.contains(&all[0]) && found.contains(&all[2]));
    let found = contacts::people_by_number(db, &tenant(), &[2, 9]).await.unwrap();
    assert_eq!(found, all[1..2]);
    let by = async |mobiles: &[&str], emails: &[&str], numbers: &[&str]| {
        let (mobiles, emails, numbers) = (keys(mobiles), keys(emails), keys(numbers));
        contacts::people_by_address(db, &tenant(), &mobiles, &emails, &numbers).await.unwrap()
    };
    assert_eq!(by(&["+8613000000002"], &[], &[]).await, all[1..2]);
    assert_eq!(by(&[], &["p3@example.com"], &[]).await, all[2..3]);
    assert_eq!(by(&[], &[], &["no-P1"]).await, all[0..1]);
    assert!(by(&[], &[], &[]).await.is_empty());
    let other = TenantId::from("other");
    assert!(contacts::people_by_number(db, &other, &[1]).await.unwrap().is_empty());

    let places = contacts::memberships(db, &tenant(), &["P1", "P2", "P3"]).await.unwrap();
    let of: Vec<_> =
        places.iter().map(|one| (one.user.as_str(), one.place.department.as_str())).collect();
    assert_eq!(of, [("P1", "d"), ("P1", "e"), ("P2", "d")]);
    assert_eq!((places[0].place.user_order, places[0].place.department_order), (3, 4));
    let page = contacts::people_in(db, &tenant(), "d", "", 1).await.unwrap();
    assert_eq!(page, all[0..1]);
    assert_eq!(contacts::people_in(db, &tenant(), "d", "P1", 5).await.unwrap(), all[1..2]);
    assert_eq!(contacts::people_in_root(db, &tenant(), "", 5).await.unwrap(), all[2..3]);

    let mut changed = all[0].clone();
    (changed.city, changed.leader, changed.join_time) = ("上海".to_owned(), None, None);
    commit(db, |t| {
        contacts::update_person(t, &changed);
        contacts::place_person(t, &changed, &[place("0")], false);
    })
    .await
    .unwrap();
    let found = contacts::people_by_id(db, &tenant(), &keys(&["p1"])).await.unwrap();
    assert_eq!(found, std::slice::from_ref(&changed));
    let root = contacts::people_in_root(db, &tenant(), "", 5).await.unwrap();
    assert_eq!(root, [changed, all[2].clone()]);
    let nobody = person("nobody", 9);
    let missing = commit(db, |t| contacts::update_person(t, &nobody)).await;
    assert!(matches!(missing, Err(Error::Conflict { label: "person" })));
}

pub(crate) async fn what_is_one_persons_is_not_anothers(db: &Db) {
    commit(db, |t| contacts::insert_person(t, &person("Ann", 1))).await.unwrap();
    let free = || {
        let mut free = person("free", 2);
        "+1".clone_into(&mut free.mobile);
        free
    };
    for change in [
        (|p: &mut Person| p.id = UserId::from("aNN")) as fn(&mut Person),
        |p| p.number = 1,
        |p| "+8613000000001".clone_into(&mut p.mobile),
        |p| "ANN@example.COM".clone_into(&mut p.email),
        |p| "no-Ann".clone_into(&mut p.employee_no),
    ] {
        let mut taken = free();
        change(&mut taken);
        let result = commit(db, |t| contacts::insert_person(t, &taken)).await;
        assert!(matches!(result, Err(Error::Duplicate(_))), "{taken:?}");
    }
    // Nothing is not something two can have; another tenant has its own.
    for (number, tenant) in [(3, "t"), (4, "t"), (5, "other")] {
        let mut person = person(&format!("n{number}"), number);
        person.tenant = TenantId::from(tenant);
        (person.mobile, person.email, person.employee_no) =
            (String::new(), String::new(), String::new());
        commit(db, |t| contacts::insert_person(t, &person)).await.unwrap();
    }
    commit(db, |t| contacts::insert_person(t, &free())).await.unwrap();
}

pub(crate) async fn departments_are_found_listed_and_counted(db: &Db) {
    let all = [
        department("A", "0", 1),
        department("a1", "A", 2),
        department("a2", "A", 3),
        department("a11", "a1", 4),
        department("b", "0", 5),
    ];
    commit(db, |t| {
        for one in &all {
            contacts::insert_department(t, one);
        }
        contacts::insert_chat(t, "oc_A", &all[0], 7);
        contacts::place_person(t, &person("p", 1), &[place("a11"), place("a2")], true);
        contacts::place_person(t, &person("q", 2), &[place("A")], true);
        contacts::place_person(t, &person("r", 3), &[place("b"), place("a1")], true);
    })
    .await
    .unwrap();
    let ids = ["a".to_owned(), "a11".to_owned(), "zz".to_owned()];
    let mut found = contacts::departments_by_id(db, &tenant(), &ids).await.unwrap();
    found.sort_by_key(|one| one.number);
    assert_eq!(found, [all[0].clone(), all[3].clone()]);
    let number = contacts::department_by_number(db, &tenant(), 5).await.unwrap();
    assert_eq!(number.as_ref(), Some(&all[4]));
    let other = TenantId::from("other");
    assert_eq!(contacts::department_by_number(db, &other, 5).await.unwrap(), None);

    let mut children = contacts::children(db, &tenant(), &["A", "0"]).await.unwrap();
    children.sort_by_key(|one| one.order);
    let names: Vec<_> =
        children.iter().map(|one| (one.parent.as_str(), one.id.as_str(), one.order)).collect();
    assert_eq!(names, [("0", "A", 1), ("A", "a1", 2), ("A", "a2", 3), ("0", "b", 5)]);
    let first = (i64::MIN, "");
    let page = contacts::children_page(db, &tenant(), "A", first, 1).await.unwrap();
    assert_eq!(page, all[1..2]);
    let page = contacts::children_page(db, &tenant(), "A", (2, "a1"), 9).await.unwrap();
    assert_eq!(page, all[2..3]);
    let below = contacts::subtree_page(db, &tenant(), "A", "", 9).await.unwrap();
    let below: Vec<_> = below.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(below, ["a1", "a11", "a2"]);
    let below = contacts::subtree_page(db, &tenant(), "A", "a1", 1).await.unwrap();
    assert_eq!(below, all[3..4]);
    for (top, height) in [("A", 2), ("a1", 1), ("b", 0), ("0", 3)] {
        assert_eq!(contacts::height(db, &tenant(), top).await.unwrap(), height, "{top}");
    }
    assert_eq!(contacts::size_below(db, &tenant(), "0", 100).await.unwrap(), 5);
    assert_eq!(contacts::size_below(db, &tenant(), "0", 2).await.unwrap(), 2);
    let counts = contacts::counts(db, &tenant(), "A").await.unwrap();
    assert_eq!((counts.members, counts.primary), (3, 2));

    let mut moved = all[1].clone();
    (moved.parent, moved.order) = ("b".to_owned(), 1);
    commit(db, |t| contacts::update_department(t, &moved)).await.unwrap();
    assert_eq!(contacts::height(db, &tenant(), "b").await.unwrap(), 2);
    for taken in [
        department("B", "A", 9),
        Department { name: "名a2".to_owned(), ..department("new", "A", 9) },
    ] {
        let result = commit(db, |t| contacts::insert_department(t, &taken)).await;
        assert!(matches!(result, Err(Error::Duplicate(_))), "{taken:?}");
    }
}

pub(crate) async fn only_who_has_seen_the_book_as_it_is_may_write(db: &Db) {
    let seen = contacts::revision(db, &tenant()).await.unwrap();
    commit(db, |t| {
        contacts::advance(t, &tenant(), seen);
        contacts::insert_department(t, &department("a", "0", 1));
    })
    .await
    .unwrap();
    let late = commit(db, |t| {
        contacts::advance(t, &tenant(), seen);
        contacts::insert_department(t, &department("b", "0", 2));
    })
    .await;
    assert!(matches!(late, Err(Error::Conflict { label: contacts::CHANGED })));
    assert!(contacts::department_by_number(db, &tenant(), 2).await.unwrap().is_none());
    let now = contacts::revision(db, &tenant()).await.unwrap();
    assert_ne!(now, seen);
    // Of many who have seen the same, one writes.
    let writers = (0..20).map(|number| {
        commit(db, move |t| {
            contacts::advance(t, &tenant(), now);
            let id = format!("c{number}");
            contacts::insert_department(t, &department(&id, "0", 100 + number));
        })
    });
    let written = futures_util::future::join_all(writers).await;
    assert_eq!(written.iter().filter(|one| one.is_ok()).count(), 1);
    let children = contacts::children(db, &tenant(), &["0"]).await.unwrap();
    assert_eq!(children.len(), 2);
    let other = TenantId::from("other");
    assert_eq!(contacts::revision(db, &other).await.unwrap(), 0);
}

pub(crate) async fn ranges_attributes_messages_and_requests_are_kept(db: &Db) {
    let app = AppId::from("cli_1");
    assert!(contacts::range(db, &tenant(), &app).await.unwrap().is_empty());
    let departments = ["a".to_owned(), "b".to_owned()];
    for wanted in [&departments[..], &departments[1..], &[]] {
        commit(db, |t| contacts::set_range(t, &tenant(), &app, wanted)).await.unwrap();
        assert_eq!(contacts::range(db, &tenant(), &app).await.unwrap(), wanted);
    }
    let attribute = |id: &str, kind, enabled| Attribute {
        id: id.to_owned(),
        name: "名".to_owned(),
        kind,
        enabled,
    };
    let attributes =
        [attribute("a", AttributeKind::Text, true), attribute("b", AttributeKind::Link, false)];
    commit(db, |t| contacts::set_attributes(t, &tenant(), &attributes)).await.unwrap();
    assert_eq!(contacts::attributes(db, &tenant()).await.unwrap(), attributes);

    let message = |id| Message {
        id,
        tenant: tenant(),
        app: app.clone(),
        kind: "sms".to_owned(),
        user: "u".to_owned(),
        recipient: "+1".to_owned(),
        text: "hello".to_owned(),
        created_ms: id,
    };
    commit(db, |t| (1..=3).for_each(|id| contacts::send(t, &message(id)))).await.unwrap();
    let latest = contacts::outbox(db, &tenant(), i64::MAX, 2).await.unwrap();
    assert_eq!(latest, [message(3), message(2)]);
    assert_eq!(contacts::outbox(db, &tenant(), 2, 2).await.unwrap(), [message(1)]);

    let made = Repeated { digest: "d".to_owned(), made: "u1".to_owned() };
    let tenant = tenant();
    let note = |t: &mut Transaction| contacts::note_request(t, (&tenant, &app), "tok", &made, 5);
    commit(db, note).await.unwrap();
    assert!(matches!(commit(db, note).await, Err(Error::Duplicate(_))));
    let found = contacts::request(db, &tenant, &app, "tok").await.unwrap();
    assert_eq!(found.as_ref(), Some(&made));
    assert_eq!(contacts::request(db, &tenant, &AppId::from("x"), "tok").await.unwrap(), None);
}

pub(crate) async fn a_batch_moves_on_only_under_the_lease_of_its_task(db: &Db) {
    let task = NewTask {
        id: 1,
        tenant: "t".to_owned(),
        app: "a".to_owned(),
        creator: "app:a".to_owned(),
        family: "contact.batch",
        title: String::new(),
        size_bytes: 0,
        lane: 0,
        payload: b"p".to_vec(),
        created_ms: 0,
        run_at_ms: 0,
        max_attempts: 3,
        idempotency_key: Some("wire".to_owned()),
    };
    let mut also = Transaction::new();
    let of = ("t", "a", "contact.batch");
    contacts::add_batch(&mut also, of, "wire", BatchKind::Departments, 5);
    tasks::submit(db, task, also).await.unwrap();
    let batch = contacts::batch(db, "wire").await.unwrap().unwrap();
    assert_eq!((batch.task, batch.total, batch.done), (1, 5, 0));
    assert_eq!((batch.tenant.as_str(), batch.kind), ("t", BatchKind::Departments));
    assert_eq!(contacts::batch(db, "other").await.unwrap(), None);

    let lease = async |lease| {
        let leasing =
            Leasing { lane: 0, lease, node: "n", now_ms: 1, until_ms: 100, started_ms: 1 };
        let share = [Share { tenant: "t".to_owned(), most: 1 }];
        tasks::lease(db, &leasing, &share).await.unwrap().remove(0).fence
    };
    let first = lease(7).await;
    let step = |fence, before: &contacts::Batch, results: &str, succeeded, failed| {
        let mut transaction = tasks::held(fence);
        let results = results.as_bytes().to_vec();
        contacts::checkpoint_batch(&mut transaction, before, results, succeeded, failed);
        transaction
    };
    db.commit(step(first, &batch, "one", 2, 1)).await.unwrap();
    // A second step from the same place comes to nothing.
    let again = db.commit(step(first, &batch, "one", 2, 1)).await;
    assert!(matches!(again, Err(Error::Conflict { label: "batch" })));
    let moved = contacts::batch(db, "wire").await.unwrap().unwrap();
    assert_eq!((moved.done, moved.succeeded, moved.failed), (3, 2, 1));

    tasks::release(db, &[first], 9_000).await.unwrap();
    let lost = db.commit(step(first, &moved, "two", 2, 0)).await;
    assert!(matches!(lost, Err(Error::Conflict { label: FENCE })));
    let second = lease(8).await;
    db.commit(step(second, &moved, "two", 2, 0)).await.unwrap();
    let results = contacts::batch_results(db, "wire").await.unwrap();
    assert_eq!(results, [b"one".to_vec(), b"two".to_vec()]);
    let done = contacts::batch(db, "wire").await.unwrap().unwrap();
    assert_eq!((done.done, done.succeeded, done.failed), (5, 4, 1));
}
