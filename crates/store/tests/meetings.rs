//! What the rooms of meetings promise, run against each database.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use larkspur_model::id::{Ids, TenantId};
use larkspur_store::meetings::{
    self, Meeting, MeetingFilter, MeetingOnly, Participant, Place, Reservation, ReservationFilter,
    Room, RoomLevel, Sample, Who, metric,
};
use larkspur_store::sql::Transaction;
use larkspur_store::testing::Cluster;
use larkspur_store::{Db, Durability};

fn meeting(id: &str, number: &str, start: i64) -> Meeting {
    Meeting {
        id: id.to_owned(),
        meeting_no: number.to_owned(),
        start_time: start,
        end_time: start + 600,
        status: 2,
        meeting_type: 2,
        ..Meeting::default()
    }
}

fn stay(id: &str, meeting: &str, user: &str, room: &str, join: i64) -> Participant {
    Participant {
        id: id.to_owned(),
        meeting_id: meeting.to_owned(),
        user_id: user.to_owned(),
        room_id: room.to_owned(),
        join_time: join,
        ..Participant::default()
    }
}

async fn load(db: &Db, tenant: &TenantId) {
    let mut transaction = Transaction::new();
    let t = &mut transaction;
    for (id, number, start) in
        [("b", "123456789", 1_000), ("a", "123456789", 1_000), ("c", "987654321", 2_000)]
    {
        meetings::put_meeting(t, tenant, &meeting(id, number, start)).unwrap();
    }
    let running = Meeting { status: 1, end_time: 0, ..meeting("d", "555555555", 1_500) };
    meetings::put_meeting(t, tenant, &running).unwrap();
    let local = Meeting { meeting_type: 3, ..meeting("e", "444444444", 3_000) };
    meetings::put_meeting(t, tenant, &local).unwrap();
    for (id, meeting, user, room, join) in [
        ("p1", "a", "u1", "", 1_010),
        ("p2", "a", "u2", "", 1_005),
        ("p3", "c", "u1", "", 2_010),
        ("p4", "c", "", "omm_1", 2_000),
        ("p5", "a", "u1", "", 1_300),
    ] {
        meetings::put_participant(t, tenant, &stay(id, meeting, user, room, join)).unwrap();
    }
    for (id, parent) in [("omb_1", ""), ("omb_2", "omb_1"), ("omb_3", "omb_2"), ("omb_4", "omb_1")]
    {
        let level = RoomLevel { id: id.into(), parent_id: parent.into(), name: id.into() };
        meetings::put_room_level(t, tenant, &level);
    }
    for (id, level) in [("omm_1", "omb_3"), ("omm_2", "omb_4"), ("omm_3", "omb_3")] {
        let room = Room { id: id.into(), room_level_id: level.into(), name: format!("房 {id}") };
        meetings::put_room(t, tenant, &room);
    }
    for (id, room, start) in
        [("r1", "omm_1", 100), ("r2", "omm_2", 200), ("r3", "omm_3", 300), ("r4", "omm_1", 900)]
    {
        let one = Reservation {
            id: id.into(),
            room_id: room.into(),
            start_time: start,
            ..Reservation::default()
        };
        meetings::put_reservation(t, tenant, &one).unwrap();
    }
    db.commit(transaction).await.unwrap();
}

async fn found(db: &Db, tenant: &TenantId, status: i64, only: MeetingOnly) -> String {
    let filter = MeetingFilter { status, from_s: 1_000, to_s: 3_000, only };
    let mut after = Place::before(filter.from_s);
    let mut ids = String::new();
    // Two at a time, so that pages join where meetings begin together.
    loop {
        let page = meetings::meetings(db, tenant, &filter, &after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Place { time_s: last.start_time, id: last.id.clone() };
        ids.extend(page.iter().map(|meeting| meeting.id.as_str()));
    }
    let count = meetings::meeting_count(db, tenant, &filter).await.unwrap();
    assert_eq!(count, ids.len() as i64);
    ids
}

async fn meetings_are_found_in_pages(db: &Db, tenant: &TenantId) {
    for (status, only, ids) in [
        (2, MeetingOnly::All, "abce"),
        (1, MeetingOnly::All, "d"),
        (3, MeetingOnly::All, ""),
        (2, MeetingOnly::Number("123456789".into()), "ab"),
        (2, MeetingOnly::User("u1".into()), "ac"),
        (2, MeetingOnly::User(String::new()), ""),
        (2, MeetingOnly::Room("omm_1".into()), "c"),
        (2, MeetingOnly::Kind(3), "e"),
    ] {
        assert_eq!(found(db, tenant, status, only.clone()).await, ids, "{status} {only:?}");
    }
    let minute = meetings::meetings_of_minute(db, tenant, "123456789", 960).await.unwrap();
    assert_eq!(minute.len(), 2);
    let minute = meetings::meetings_of_minute(db, tenant, "123456789", 1_020).await.unwrap();
    assert!(minute.is_empty());
    let other = TenantId::from("another");
    assert_eq!(found(db, &other, 2, MeetingOnly::All).await, "");
}

async fn stays_are_found_in_the_order_of_joining(db: &Db, tenant: &TenantId) {
    for (who, ids) in [
        (Who::All, vec!["p2", "p1", "p5"]),
        (Who::User("u1".into()), vec!["p1", "p5"]),
        (Who::Room("omm_1".into()), vec![]),
    ] {
        let before = Place::before(0);
        let page = meetings::participants(db, tenant, "a", &who, &before, 9).await.unwrap();
        let found: Vec<&str> = page.iter().map(|stay| stay.id.as_str()).collect();
        assert_eq!(found, ids, "{who:?}");
        let count = meetings::participant_count(db, tenant, "a", &who).await.unwrap();
        assert_eq!(count, ids.len() as i64);
    }
}

async fn reservations_are_found_below_levels(db: &Db, tenant: &TenantId) {
    let find = async |level: Option<&str>, rooms: &[&str], exclude| {
        let filter = ReservationFilter {
            from_s: 100,
            to_s: 900,
            level: level.map(str::to_owned),
            rooms: rooms.iter().map(|room| (*room).to_owned()).collect(),
            exclude,
        };
        let mut after = Place::before(filter.from_s);
        let mut ids = Vec::new();
        loop {
            let page = meetings::reservations(db, tenant, &filter, &after, 1).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Place { time_s: last.start_time, id: last.id.clone() };
            ids.push(last.id.clone());
        }
        ids.join(" ")
    };
    assert_eq!(find(None, &[], false).await, "r1 r2 r3 r4");
    assert_eq!(find(Some("omb_1"), &[], false).await, "r1 r2 r3 r4");
    assert_eq!(find(Some("omb_2"), &[], false).await, "r1 r3 r4");
    assert_eq!(find(Some("omb_4"), &[], false).await, "r2");
    assert_eq!(find(Some("omb_9"), &[], false).await, "");
    assert_eq!(find(Some("omb_2"), &["omm_1"], true).await, "r3");
    assert_eq!(find(None, &["omm_2", "omm_3"], false).await, "r2 r3");
    assert!(meetings::has_level(db, tenant, "omb_3").await.unwrap());
    assert!(!meetings::has_level(db, tenant, "omb_9").await.unwrap());
    let name = meetings::room_name(db, tenant, "omm_2").await.unwrap();
    assert_eq!(name.as_deref(), Some("房 omm_2"));
}

async fn minutes_are_kept_once(db: &Db, tenant: &TenantId) {
    let sample = |minute: i64, rate: i32| {
        let mut sample = Sample::new(minute);
        sample.set(0, rate);
        sample.set(metric("mic_volume"), -7);
        ("p1".to_owned(), sample)
    };
    let first: Vec<_> = (50..250).map(|minute| sample(minute, 50)).collect();
    meetings::put_samples(db, tenant, &first).await.unwrap();
    meetings::put_samples(db, tenant, &first).await.unwrap();
    // Out of order, over what is there, and beside it.
    let second: Vec<_> = [400, 60, 249].map(|minute| sample(minute, 9)).into();
    meetings::put_samples(db, tenant, &second).await.unwrap();
    assert_eq!(meetings::sample_count(db, tenant, "p1").await.unwrap(), 201);
    let mut minutes = Vec::new();
    let mut from = 0;
    loop {
        let page = meetings::samples(db, tenant, "p1", from, 1).await.unwrap();
        let Some(last) = page.last() else { break };
        from = last.minute + 1;
        minutes.extend(page);
    }
    let wanted: Vec<i64> = (50..250).chain([400]).collect();
    assert_eq!(minutes.iter().map(|one| one.minute).collect::<Vec<_>>(), wanted);
    assert_eq!((minutes[10].get(0), minutes[11].get(0)), (Some(9), Some(50)));
    assert_eq!(minutes[0].get(metric("mic_volume")), Some(-7));
    assert_eq!(minutes[0].get(1), None);
    assert!(meetings::samples(db, tenant, "p2", 0, 9).await.unwrap().is_empty());
}

async fn writers_of_one_chunk_lose_nothing(db: &Db, tenant: &TenantId) {
    let write = |minute: i64| {
        let (db, tenant) = (db.clone(), tenant.clone());
        let samples = vec![("p9".to_owned(), Sample::new(minute))];
        tokio::spawn(async move { meetings::put_samples(&db, &tenant, &samples).await })
    };
    let writers: Vec<_> = (0..6).map(write).collect();
    for writer in writers {
        writer.await.unwrap().unwrap();
    }
    assert_eq!(meetings::sample_count(db, tenant, "p9").await.unwrap(), 6);
}

async fn what_tenants_say_is_kept(db: &Db, tenant: &TenantId) {
    assert_eq!(meetings::utc_offset_minutes(db, tenant).await.unwrap(), None);
    assert_eq!(meetings::may_manage(db, tenant, "user:u1").await.unwrap(), None);
    for (minutes, allowed) in [(540, true), (-210, false)] {
        let mut transaction = Transaction::new();
        meetings::put_utc_offset(&mut transaction, tenant, minutes);
        meetings::put_manager(&mut transaction, tenant, "user:u1", allowed);
        db.commit(transaction).await.unwrap();
        assert_eq!(meetings::utc_offset_minutes(db, tenant).await.unwrap(), Some(minutes));
        assert_eq!(meetings::may_manage(db, tenant, "user:u1").await.unwrap(), Some(allowed));
    }
}

async fn conforms(db: Db) {
    let tenant = TenantId(Ids::from_system().hex(16));
    load(&db, &tenant).await;
    // Loading again changes nothing.
    load(&db, &tenant).await;
    meetings_are_found_in_pages(&db, &tenant).await;
    stays_are_found_in_the_order_of_joining(&db, &tenant).await;
    reservations_are_found_below_levels(&db, &tenant).await;
    minutes_are_kept_once(&db, &tenant).await;
    writers_of_one_chunk_lose_nothing(&db, &tenant).await;
    what_tenants_say_is_kept(&db, &tenant).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn meetings_on_sqlite() {
    conforms(Db::open_temporary().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn meetings_on_postgres() {
    let Some(cluster) = Cluster::start().await else { return };
    let url = cluster.database("meetings").await.unwrap();
    conforms(Db::open(&url, Durability::Full).await.unwrap()).await;
}
