//! The life of tasks, on whichever database they are given.

use std::collections::BTreeSet;

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::task::{Failure, FailureKind, Progress, State};
use larkspur_store::sql::Transaction;
use larkspur_store::tasks::{
    Cancelling, FENCE, Fence, Filter, Interrupted, Leased, Leasing, NewTask, Position, Renewal,
    Share, again, cancel, cancel_requests, cancelled, counts, failed, forget, get, interrupt,
    lease, list, position, progress, release, renew, retry, submit, submit_all, succeeded, sweep,
    unfinished, view, waiting_tenants,
};
use larkspur_store::{Db, Error, params};

pub(crate) fn task(id: i64, tenant: &str) -> NewTask {
    NewTask {
        id,
        tenant: tenant.to_owned(),
        app: "cli_1".to_owned(),
        creator: "app:cli_1".to_owned(),
        family: "test.family",
        title: format!("Task {id}.xlsx"),
        size_bytes: 12,
        lane: 0,
        payload: format!("{{\"id\":{id}}}").into_bytes(),
        created_ms: 1_000 + id,
        run_at_ms: 100 + id,
        max_attempts: 3,
        idempotency_key: None,
    }
}

pub(crate) async fn submit_some(db: &Db, ids: &[i64]) {
    submit_all(db, ids.iter().map(|id| task(*id, "one")).collect()).await.unwrap();
}

pub(crate) fn leasing(lease: i64) -> Leasing<'static> {
    Leasing { lane: 0, lease, node: "here", now_ms: 10_000, until_ms: 20_000, started_ms: 5_000 }
}

fn share(tenant: &str, most: i64) -> Share {
    Share { tenant: tenant.to_owned(), most }
}

pub(crate) async fn lease_of(db: &Db, number: i64, most: i64) -> Vec<Leased> {
    lease(db, &leasing(number), &[share("one", most)]).await.unwrap()
}

async fn state(db: &Db, id: i64) -> State {
    view(db, id).await.unwrap().unwrap().state
}

pub(crate) fn done(fence: Fence) -> Transaction {
    succeeded(fence, b"done".to_vec(), &Losses::new(), 9_000).unwrap()
}

fn is_fenced<T: std::fmt::Debug>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Conflict { label: FENCE }))
}

pub(crate) async fn a_task_comes_back_as_it_was_submitted(db: &Db) {
    let new = task(7, "one");
    submit(db, new.clone(), Transaction::new()).await.unwrap();
    let found = get(db, 7).await.unwrap().unwrap();
    assert_eq!(found.payload.as_deref(), Some(new.payload.as_slice()));
    assert_eq!((found.title.as_str(), found.state), (new.title.as_str(), State::Queued));
    assert_eq!((found.created_ms, found.attempt, found.max_attempts), (1_007, 0, 3));
    assert_eq!(view(db, 7).await.unwrap().unwrap().payload, None);
    assert_eq!(get(db, 8).await.unwrap(), None);
}

pub(crate) async fn many_submissions_at_once_are_all_there(db: &Db) {
    let submissions: Vec<_> = (0..400)
        .map(|id| {
            let db = db.clone();
            // Every number is tried twice: the second one must fail alone.
            tokio::spawn(async move { submit(&db, task(id / 2, "one"), Transaction::new()).await })
        })
        .collect();
    let mut taken = 0;
    for submission in submissions {
        match submission.await.unwrap() {
            Ok(submitted) => assert!(submitted.fresh),
            Err(Error::Duplicate(_)) => taken += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((taken, counts(db).await.unwrap().queued), (200, vec![(0, 200)]));
}

pub(crate) async fn a_key_that_is_taken_gives_the_earlier_task(db: &Db) {
    let keyed =
        |id, tenant| NewTask { idempotency_key: Some("key".to_owned()), ..task(id, tenant) };
    let first = submit(db, keyed(1, "one"), Transaction::new()).await.unwrap();
    let second = submit(db, keyed(2, "one"), Transaction::new()).await.unwrap();
    let other = submit(db, keyed(3, "two"), Transaction::new()).await.unwrap();
    assert_eq!((first.id, first.fresh), (1, true));
    assert_eq!((second.id, second.fresh), (1, false));
    assert_eq!((other.id, other.fresh), (3, true));
}

pub(crate) async fn only_the_lease_that_holds_can_end_a_task(db: &Db) {
    submit_some(db, &[1, 2]).await;
    let first = lease_of(db, 11, 2).await;
    assert_eq!(first.iter().map(|one| one.fence.task).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((first[0].attempt, first[0].payload.as_slice()), (1, b"{\"id\":1}".as_slice()));
    let which = Interrupted::Expired { now_ms: 20_001 };
    let failure = Failure::new(FailureKind::Crashed, "too often");
    assert_eq!(interrupt(db, which, 9, &failure, 0).await.unwrap().len(), 2);
    let second = lease_of(db, 12, 1).await;
    let (lost, held) = (first[0].fence, second[0].fence);
    assert!(is_fenced(&db.commit(done(lost)).await));
    assert!(is_fenced(&db.commit(cancelled(lost, 9_000)).await));
    assert!(is_fenced(&db.commit(failed(lost, &failure, 9_000).unwrap()).await));
    assert!(is_fenced(&retry(db, lost, 0, "", 9_000).await));
    release(db, &[lost], 9_000).await.unwrap();
    assert_eq!(state(db, 1).await, State::Running);
    let mut losses = Losses::new();
    losses.add(LossKind::CellsCut, "sheet", "cut");
    db.commit(succeeded(held, b"out".to_vec(), &losses, 9_000).unwrap()).await.unwrap();
    assert!(is_fenced(&db.commit(done(held)).await));
    let found = get(db, 1).await.unwrap().unwrap();
    assert_eq!((found.state, found.output.as_deref()), (State::Succeeded, Some(&b"out"[..])));
    assert_eq!((found.losses, found.finished_ms), (losses, Some(9_000)));
    assert_eq!((found.attempt, found.interruptions, found.started_ms), (2, 1, Some(5_000)));
}

pub(crate) async fn a_result_is_published_with_the_end_or_not_at_all(db: &Db) {
    let mut table = Transaction::new();
    table.run("CREATE TABLE results (task BIGINT PRIMARY KEY)", params![]);
    db.commit(table).await.unwrap();
    submit_some(db, &[1]).await;
    let fence = lease_of(db, 11, 1).await[0].fence;
    let published = |fence: Fence| {
        let mut transaction = done(fence);
        transaction.run("INSERT INTO results (task) VALUES ($1)", params![fence.task]);
        transaction
    };
    assert!(is_fenced(&db.commit(published(Fence { lease: 12, ..fence })).await));
    assert!(db.query("SELECT task FROM results", params![]).await.unwrap().is_empty());
    let mut refused = published(fence);
    refused.require("room", 1, "DELETE FROM results WHERE task = 99", params![]);
    let result = db.commit(refused).await;
    assert!(matches!(result, Err(Error::Conflict { label: "room" })), "{result:?}");
    assert_eq!(state(db, 1).await, State::Running);
    db.commit(published(fence)).await.unwrap();
    assert_eq!(db.query("SELECT task FROM results", params![]).await.unwrap().len(), 1);
}

pub(crate) async fn leases_respect_lanes_shares_and_times(db: &Db) {
    submit_some(db, &[1, 2, 3]).await;
    let later = NewTask { run_at_ms: 10_001, ..task(4, "one") };
    let heavy = NewTask { lane: 1, ..task(5, "one") };
    submit_all(db, vec![later, heavy, task(6, "two")]).await.unwrap();
    let shares = [share("two", 5), share("one", 2)];
    let leased = lease(db, &leasing(11), &shares).await.unwrap();
    assert_eq!(leased.iter().map(|one| one.fence.task).collect::<Vec<_>>(), [6, 1, 2]);
    assert_eq!(lease_of(db, 12, 9).await.len(), 1);
    assert!(lease_of(db, 13, 9).await.is_empty());
    let whenever = Leasing { now_ms: i64::MAX, ..leasing(14) };
    assert_eq!(lease(db, &whenever, &[share("one", 9)]).await.unwrap().len(), 1);
}

pub(crate) async fn nodes_that_lease_at_once_never_get_the_same_task(db: &Db) {
    submit_some(db, &(0..300).collect::<Vec<_>>()).await;
    let nodes: Vec<_> = (0..6_i64)
        .map(|node| {
            let db = db.clone();
            tokio::spawn(async move {
                let (mut got, mut number) = (Vec::new(), node * 1_000);
                loop {
                    number += 1;
                    let leased = lease_of(&db, number, 7).await;
                    if leased.is_empty() {
                        return got;
                    }
                    got.extend(leased.into_iter().map(|one| one.fence.task));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for node in nodes {
        all.extend(node.await.unwrap());
    }
    // What one node is just leasing, another passes over and may take for the end of the queue.
    all.extend(lease_of(db, 9_999, 300).await.iter().map(|one| one.fence.task));
    let different: BTreeSet<i64> = all.iter().copied().collect();
    assert_eq!((all.len(), different.len()), (300, 300));
}

pub(crate) async fn tenants_are_found_in_turn(db: &Db) {
    for (id, tenant) in [(1, "b"), (2, "a"), (3, "b"), (4, "c"), (5, "d")] {
        submit(db, task(id, tenant), Transaction::new()).await.unwrap();
    }
    let heavy = NewTask { lane: 1, ..task(6, "e") };
    submit(db, heavy, Transaction::new()).await.unwrap();
    assert_eq!(waiting_tenants(db, 0, "", 10).await.unwrap(), ["a", "b", "c", "d"]);
    assert_eq!(waiting_tenants(db, 0, "a", 2).await.unwrap(), ["b", "c"]);
    assert!(waiting_tenants(db, 0, "d", 2).await.unwrap().is_empty());
}

pub(crate) async fn cancelling_ends_what_waits_and_tells_what_runs(db: &Db) {
    submit_some(db, &[1, 2, 3]).await;
    let leased = lease_of(db, 11, 2).await;
    assert_eq!(cancel(db, 3, 7_000).await.unwrap(), Cancelling::Done);
    assert_eq!(cancel(db, 3, 7_001).await.unwrap(), Cancelling::TooLate);
    assert_eq!(cancel(db, 99, 7_000).await.unwrap(), Cancelling::TooLate);
    assert_eq!(view(db, 3).await.unwrap().unwrap().finished_ms, Some(7_000));
    for id in [1, 2] {
        assert_eq!(cancel(db, id, 7_000).await.unwrap(), Cancelling::Requested);
    }
    assert_eq!(cancel_requests(db, "here").await.unwrap().len(), 2);
    assert!(cancel_requests(db, "elsewhere").await.unwrap().is_empty());
    // An attempt that wanted another one gets the end that was asked for instead.
    let now = retry(db, leased[0].fence, 0, "again", 8_000).await.unwrap();
    assert_eq!(now, State::Cancelled);
    db.commit(cancelled(leased[1].fence, 8_000)).await.unwrap();
    for id in [1, 2] {
        let found = view(db, id).await.unwrap().unwrap();
        assert_eq!((found.state, found.finished_ms), (State::Cancelled, Some(8_000)));
    }
}

pub(crate) async fn expired_and_orphaned_leases_go_back_until_it_was_too_often(db: &Db) {
    submit_some(db, &[1, 2]).await;
    let failure = Failure::new(FailureKind::Crashed, "too often");
    for (number, expected) in [(11, State::Queued), (12, State::Queued), (13, State::Failed)] {
        assert_eq!(lease_of(db, number, 1).await[0].fence.task, 1);
        let which = match number {
            11 => Interrupted::Orphaned { node: "here" },
            _ => Interrupted::Expired { now_ms: 20_001 },
        };
        let nothing = Interrupted::Expired { now_ms: 20_000 };
        assert!(interrupt(db, nothing, 3, &failure, 6_000).await.unwrap().is_empty());
        let interrupted = interrupt(db, which, 3, &failure, 6_000).await.unwrap();
        assert_eq!(interrupted.len(), 1);
        assert_eq!((interrupted[0].task, interrupted[0].state), (1, expected));
    }
    let found = view(db, 1).await.unwrap().unwrap();
    assert_eq!((found.failure, found.finished_ms), (Some(failure.clone()), Some(6_000)));
    assert_eq!(lease_of(db, 14, 1).await[0].fence.task, 2);
    cancel(db, 2, 6_000).await.unwrap();
    let which = Interrupted::Orphaned { node: "here" };
    let interrupted = interrupt(db, which, 3, &failure, 6_000).await.unwrap();
    assert_eq!(interrupted[0].state, State::Cancelled);
    assert_eq!(view(db, 2).await.unwrap().unwrap().failure, None);
}

pub(crate) async fn renewals_and_progress_count_only_while_held(db: &Db) {
    submit_some(db, &[1, 2]).await;
    let leased = lease_of(db, 11, 2).await;
    let (held, asked) = (leased[0].fence, leased[1].fence);
    let lost = Fence { lease: 10, ..held };
    cancel(db, 2, 0).await.unwrap();
    let renewals = renew(db, &[held, lost, asked], 30_000).await.unwrap();
    assert_eq!(renewals, [Renewal::Held, Renewal::Lost, Renewal::CancelRequested]);
    let failure = Failure::new(FailureKind::Crashed, "");
    let which = Interrupted::Expired { now_ms: 20_001 };
    assert!(interrupt(db, which, 3, &failure, 0).await.unwrap().is_empty());
    let far = |done| Progress { stage: "reading".to_owned(), done, total: 10 };
    progress(db, &[(held, far(4)), (lost, far(9))]).await.unwrap();
    assert_eq!(view(db, 1).await.unwrap().unwrap().progress, far(4));
}

pub(crate) async fn retries_and_releases_go_back_into_the_queue(db: &Db) {
    submit_some(db, &[1]).await;
    let fence = lease_of(db, 11, 1).await[0].fence;
    assert_eq!(retry(db, fence, 10_001, "busy", 0).await.unwrap(), State::Queued);
    assert!(lease_of(db, 12, 1).await.is_empty());
    let found = view(db, 1).await.unwrap().unwrap();
    assert_eq!((found.retry_cause.as_deref(), found.attempt), (Some("busy"), 1));
    let later = Leasing { now_ms: 10_001, ..leasing(13) };
    let fence = lease(db, &later, &[share("one", 1)]).await.unwrap()[0].fence;
    release(db, &[fence], 9_000).await.unwrap();
    let found = view(db, 1).await.unwrap().unwrap();
    assert_eq!((found.state, found.attempt, found.interruptions), (State::Queued, 1, 0));
}

pub(crate) async fn lists_counts_and_places(db: &Db) {
    submit_some(db, &[1, 2, 3, 4]).await;
    for id in 5..=8 {
        submit(db, task(id, "two"), Transaction::new()).await.unwrap();
    }
    let leased = lease_of(db, 11, 3).await;
    db.commit(done(leased[0].fence)).await.unwrap();
    let failure = Failure::new(FailureKind::Damaged, "broken");
    db.commit(failed(leased[1].fence, &failure, 9_000).unwrap()).await.unwrap();
    cancel(db, 5, 9_000).await.unwrap();
    let ids = async |filter: Filter, most| -> Vec<i64> {
        list(db, &filter, most).await.unwrap().iter().map(|task| task.id).collect()
    };
    let of = |state| Filter { state: Some(state), ..Filter::default() };
    assert_eq!(ids(of(State::Queued), 10).await, [8, 7, 6, 4]);
    assert_eq!(ids(of(State::Running), 10).await, [3]);
    assert_eq!(ids(of(State::Succeeded), 10).await, [1]);
    assert_eq!(ids(of(State::Failed), 10).await, [2]);
    assert_eq!(ids(of(State::Cancelled), 10).await, [5]);
    let two = Filter { tenant: Some("two".to_owned()), ..Filter::default() };
    assert_eq!(ids(two.clone(), 2).await, [8, 7]);
    assert_eq!(ids(Filter { before: Some(7), ..two }, 2).await, [6, 5]);
    let broken = Filter { failure: Some(FailureKind::Damaged), ..Filter::default() };
    assert_eq!(ids(broken, 10).await, [2]);
    let other = Filter { failure: Some(FailureKind::Encrypted), ..Filter::default() };
    assert!(ids(other, 10).await.is_empty());
    let none = Filter { family: Some("other".to_owned()), ..Filter::default() };
    assert!(ids(none, 10).await.is_empty());
    let waiting: i64 =
        unfinished(db).await.unwrap().iter().filter(|one| !one.running).map(|one| one.count).sum();
    let counted = counts(db).await.unwrap();
    assert_eq!(waiting, counted.queued.iter().map(|(_, count)| count).sum::<i64>());
    assert_eq!((counted.queued, counted.running), (vec![(0, 4)], vec![(0, 1)]));
    assert_eq!((counted.succeeded, counted.failed, counted.cancelled), (1, 1, 1));
    // Behind 6 and 7 of its own, and 4, the only other one.
    assert_eq!(position(db, 8).await.unwrap(), Some(Position { ahead: 3, queued: 4 }));
    assert_eq!(position(db, 6).await.unwrap(), Some(Position { ahead: 0, queued: 4 }));
    assert_eq!(position(db, 3).await.unwrap(), None);
}

pub(crate) async fn what_failed_goes_back_into_the_queue_and_what_ended_is_forgotten(db: &Db) {
    submit_some(db, &[1, 2, 3]).await;
    let leased = lease_of(db, 11, 2).await;
    let failure = Failure::new(FailureKind::Damaged, "broken");
    db.commit(failed(leased[0].fence, &failure, 9_000).unwrap()).await.unwrap();
    for (id, lane) in [(1, Some(0)), (1, None), (2, None), (3, None), (9, None)] {
        assert_eq!(again(db, id, 50, 9_000).await.unwrap(), lane, "{id}");
    }
    let queued = view(db, 1).await.unwrap().unwrap();
    assert_eq!((queued.state, queued.failure, queued.finished_ms), (State::Queued, None, None));
    assert_eq!(queued.max_attempts, task(1, "one").max_attempts + 1);
    // The worker that failed it cannot end it once more.
    assert!(db.commit(done(leased[0].fence)).await.is_err());
    assert!(!forget(db, 1, 9_000).await.unwrap() && !forget(db, 2, 9_000).await.unwrap());
    db.commit(done(leased[1].fence)).await.unwrap();
    assert!(forget(db, 2, 9_000).await.unwrap() && !forget(db, 2, 9_000).await.unwrap());
    assert_eq!(view(db, 2).await.unwrap(), None);
}

pub(crate) async fn what_is_too_old_is_emptied_then_removed(db: &Db) {
    submit_some(db, &[1, 2, 3]).await;
    for (leased, ended_ms) in lease_of(db, 11, 2).await.into_iter().zip([9_000, 12_000]) {
        db.commit(succeeded(leased.fence, b"out".to_vec(), &Losses::new(), ended_ms).unwrap())
            .await
            .unwrap();
    }
    let swept = sweep(db, 0, 100, 2, 10_000, 5_000).await.unwrap();
    assert_eq!((swept.emptied, swept.removed, swept.next), (1, 0, Some(2)));
    let swept = sweep(db, 2, 100, 2, 10_000, 5_000).await.unwrap();
    assert_eq!((swept.emptied, swept.removed, swept.next), (0, 0, None));
    let emptied = get(db, 1).await.unwrap().unwrap();
    assert_eq!((emptied.payload, emptied.output), (None, None));
    assert!(get(db, 2).await.unwrap().unwrap().output.is_some());
    let swept = sweep(db, 0, 100, 10, 13_000, 10_000).await.unwrap();
    assert_eq!((swept.emptied, swept.removed, swept.next), (1, 1, None));
    assert_eq!((get(db, 1).await.unwrap(), state(db, 3).await), (None, State::Queued));
}
