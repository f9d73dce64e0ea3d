//! Webhooks and how far they are, on whichever database they are given.

use larkspur_store::events::{Place, end};
use larkspur_store::sql::Transaction;
use larkspur_store::tasks::cancel;
use larkspur_store::webhooks::{
    Delivery, HOLD, Hold, Leasing, SetBack, Webhook, advance, deliveries, get, insert, lease, list,
    move_to, note, pause, release, release_all, remove, set_back, update,
};
use larkspur_store::{Db, Error};

use crate::tasks::submit_some;

fn webhook(id: &str) -> Webhook {
    Webhook {
        id: id.to_owned(),
        tenant: String::new(),
        app: "cli_1".to_owned(),
        family: String::new(),
        changes: "succeeded,failed".to_owned(),
        url: "https://example.com/hook".to_owned(),
        description: "ours".to_owned(),
        secret: 1,
        old_secret_until_ms: None,
        created_ms: 1_000,
    }
}

async fn run(db: &Db, make: impl FnOnce(&mut Transaction)) {
    let mut transaction = Transaction::new();
    make(&mut transaction);
    db.commit(transaction).await.unwrap();
}

async fn leased(db: &Db, node: &str, now_ms: i64) -> Vec<Hold> {
    let number = now_ms + node.len() as i64;
    let (real_ms, until_ms) = (now_ms, now_ms + 100);
    let leasing = Leasing { lease: number, node, now_ms, real_ms, until_ms };
    let leased = lease(db, leasing, 9).await.unwrap();
    leased.into_iter().map(|(webhook, _)| Hold { webhook: webhook.id, lease: number }).collect()
}

fn delivery(number: i64) -> Delivery {
    Delivery {
        number,
        message: format!("evt_{number}"),
        kind: "task.failed".to_owned(),
        task: Some(7),
        at_ms: number,
        took_ms: 3,
        status: 200,
        trouble: None,
    }
}

fn is_lost<T: std::fmt::Debug>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Conflict { label: HOLD }))
}

pub(crate) async fn one_node_holds_a_webhook_and_moves_it_on(db: &Db) {
    submit_some(db, &[1]).await;
    cancel(db, 1, 5).await.unwrap();
    let place = end(db).await.unwrap();
    run(db, |transaction| insert(transaction, &webhook("wh_1"), Place::START)).await;
    let held = leased(db, "here", 1_000).await;
    assert_eq!((held.len(), leased(db, "there", 1_000).await.len()), (1, 0));
    advance(db, &held[0], place, 2_000, Some(1_001), &[delivery(1), delivery(2)]).await.unwrap();
    let (found, standing) = get(db, "wh_1").await.unwrap().unwrap();
    assert_eq!(found, webhook("wh_1"));
    assert_eq!((standing.place, standing.delivered_ms), (place, Some(1_001)));
    // The lease ran out, and another took it over: the first one's word counts no more.
    let other = leased(db, "there", 2_001).await;
    assert!(is_lost(&advance(db, &held[0], Place::START, 3_000, None, &[]).await));
    release(db, &held[0]).await.unwrap();
    assert!(leased(db, "here", 2_002).await.is_empty());
    advance(db, &other[0], place, 3_000, None, &[]).await.unwrap();
    release_all(db, "there").await.unwrap();
    assert_eq!(leased(db, "here", 2_003).await.len(), 1);
    let kept = deliveries(db, "wh_1", i64::MAX, 9).await.unwrap();
    assert_eq!(kept, [delivery(2), delivery(1)]);
}

pub(crate) async fn a_webhook_that_fails_waits_and_one_that_is_changed_is_nobodys(db: &Db) {
    run(db, |transaction| insert(transaction, &webhook("wh_1"), Place::START)).await;
    let failed =
        SetBack { now_ms: 1_000, due_ms: 2_000, trouble: "HTTP 500".to_owned(), pause: false };
    for failures in 1..=2 {
        let held = leased(db, "here", failures * 2_000).await;
        set_back(db, &held[0], &failed, &[delivery(failures)]).await.unwrap();
        let standing = get(db, "wh_1").await.unwrap().unwrap().1;
        assert_eq!((standing.failures, standing.failing_since_ms), (failures, Some(1_000)));
        assert!(leased(db, "here", 1_999).await.is_empty());
    }
    // What is delivered and where is changed: whoever delivers writes once more, and is told.
    let held = leased(db, "here", 5_000).await;
    let version = advance(db, &held[0], Place::START, 9_000, None, &[]).await.unwrap();
    let url = "https://example.com/other".to_owned();
    let changed = Webhook { url, ..webhook("wh_1") };
    run(db, |transaction| update(transaction, &changed)).await;
    let now = advance(db, &held[0], Place::START, 9_000, None, &[]).await.unwrap();
    assert!(now > version);
    // It is moved: whoever delivers has nothing to say any more.
    run(db, |transaction| move_to(transaction, "wh_1", Place::START)).await;
    assert!(is_lost(&advance(db, &held[0], Place::START, 9_000, None, &[]).await));
    assert!(is_lost(&set_back(db, &held[0], &failed, &[]).await));
    let held = leased(db, "here", 1).await;
    set_back(db, &held[0], &SetBack { pause: true, ..failed }, &[]).await.unwrap();
    assert!(leased(db, "here", 9_000).await.is_empty());
    run(db, |transaction| pause(transaction, "wh_1", None)).await;
    let standing = get(db, "wh_1").await.unwrap().unwrap().1;
    assert_eq!((standing.failures, standing.paused_ms, standing.trouble), (0, None, None));
    assert_eq!(leased(db, "here", 1).await.len(), 1);
}

pub(crate) async fn webhooks_are_listed_and_the_latest_attempts_kept(db: &Db) {
    for id in ["wh_2", "wh_1", "wh_3"] {
        run(db, |transaction| insert(transaction, &webhook(id), Place::START)).await;
    }
    let ids = async |after: &str| -> Vec<String> {
        list(db, after, 2).await.unwrap().into_iter().map(|(webhook, _)| webhook.id).collect()
    };
    assert_eq!(
        (ids("").await, ids("wh_2").await),
        (vec!["wh_1".to_owned(), "wh_2".to_owned()], vec!["wh_3".to_owned()],)
    );
    let many: Vec<Delivery> = (1..=250).map(delivery).collect();
    run(db, |transaction| note(transaction, "wh_1", &many)).await;
    run(db, |transaction| note(transaction, "wh_1", &[delivery(251), delivery(251)])).await;
    let kept = deliveries(db, "wh_1", i64::MAX, 500).await.unwrap();
    assert_eq!((kept.len(), kept[0].number, kept[199].number), (200, 251, 52));
    assert_eq!(deliveries(db, "wh_1", 100, 2).await.unwrap()[0].number, 99);
    run(db, |transaction| remove(transaction, "wh_1")).await;
    assert_eq!(get(db, "wh_1").await.unwrap(), None);
    assert!(deliveries(db, "wh_1", i64::MAX, 9).await.unwrap().is_empty());
    // One that comes back with a snapshot goes on with what is to come.
    run(db, |transaction| {
        transaction.run("DELETE FROM webhook_standings WHERE webhook = 'wh_2'", []);
    })
    .await;
    assert_eq!(leased(db, "here", 1).await.len(), 2);
}
