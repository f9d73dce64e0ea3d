//! The log of what became of tasks, on whichever database it is given.

use larkspur_model::task::{Failure, FailureKind};
use larkspur_store::events::{Change, Page, Place, TaskEvent, cut_off, end, is_foreign, read};
use larkspur_store::sql::Transaction;
use larkspur_store::tasks::{
    Interrupted, again, cancel, cancelled, failed, forget, interrupt, release, retry, submit,
};
use larkspur_store::{Db, Error};

use crate::tasks::{done, lease_of, submit_some, task};

async fn events(db: &Db, place: Place, most: i64) -> Vec<TaskEvent> {
    match read(db, place, most).await.unwrap() {
        Page::Events(events) => events,
        Page::CutOff => panic!("the log was cut off behind {place}"),
    }
}

/// The tasks of the events behind `place`, and the place behind the last of them.
pub(crate) async fn behind_and_last(db: &Db, place: Place) -> (Vec<i64>, Place) {
    let events = events(db, place, 100).await;
    let last = events.last().map_or(place, |event| event.place);
    (events.iter().map(|event| event.task).collect(), last)
}

/// The tasks of the events behind `place`.
pub(crate) async fn behind(db: &Db, place: Place) -> Vec<i64> {
    behind_and_last(db, place).await.0
}

async fn changes(db: &Db, task: i64) -> Vec<(Change, i64, i64)> {
    let events = events(db, Place::START, 100).await.into_iter();
    events
        .filter(|event| event.task == task)
        .map(|event| (event.change, event.attempt, event.at_ms))
        .collect()
}

pub(crate) async fn every_change_of_a_tasks_state_is_in_the_log_once(db: &Db) {
    submit_some(db, &[1, 2, 3, 4]).await;
    let leased = lease_of(db, 11, 4).await;
    let fences: Vec<_> = leased.iter().map(|leased| leased.fence).collect();
    db.commit(done(fences[0])).await.unwrap();
    let failure = Failure::new(FailureKind::Damaged, "broken");
    db.commit(failed(fences[1], &failure, 9_001).unwrap()).await.unwrap();
    db.commit(cancelled(fences[2], 9_002)).await.unwrap();
    retry(db, fences[3], 0, "not yet", 9_003).await.unwrap();
    let fence = lease_of(db, 12, 1).await[0].fence;
    release(db, &[fence], 9_004).await.unwrap();
    lease_of(db, 13, 1).await;
    let which = Interrupted::Orphaned { node: "here" };
    interrupt(db, which, 9, &failure, 9_005).await.unwrap();
    cancel(db, 4, 9_006).await.unwrap();
    again(db, 4, 0, 9_007).await.unwrap();
    assert!(forget(db, 1, 9_008).await.unwrap());
    assert!(!forget(db, 4, 9_008).await.unwrap());
    let begun = (Change::Running, 1, 5_000);
    let ended = [begun, (Change::Succeeded, 1, 9_000), (Change::Deleted, 1, 9_008)];
    assert_eq!(changes(db, 1).await, ended);
    assert_eq!(changes(db, 2).await, [begun, (Change::Failed, 1, 9_001)]);
    assert_eq!(changes(db, 3).await, [begun, (Change::Cancelled, 1, 9_002)]);
    let second = (Change::Running, 2, 5_000);
    let rest = [
        begun,
        (Change::Queued, 1, 9_003),
        second,
        (Change::Queued, 1, 9_004),
        second,
        (Change::Queued, 2, 9_005),
        (Change::Cancelled, 2, 9_006),
        (Change::Queued, 2, 9_007),
    ];
    assert_eq!(changes(db, 4).await, rest);
    let events = events(db, Place::START, 100).await;
    let broken = events.iter().find(|event| event.change == Change::Failed).unwrap();
    assert_eq!(broken.failure, Some(failure));
    let who = (broken.tenant.as_str(), broken.app.as_str(), broken.creator.as_str());
    assert_eq!(who, ("one", "cli_1", "app:cli_1"));
    assert_eq!((broken.family.as_str(), broken.title.as_str()), ("test.family", "Task 2.xlsx"));
    assert!(events.is_sorted_by_key(|event| event.place));
}

pub(crate) async fn what_is_undone_leaves_no_event(db: &Db) {
    submit_some(db, &[1]).await;
    let fence = lease_of(db, 11, 1).await[0].fence;
    let mut wrong = done(fence);
    wrong.require("never", 1, "UPDATE tasks SET title = title WHERE id = -1", []);
    assert!(matches!(db.commit(wrong).await, Err(Error::Conflict { label: "never" })));
    assert_eq!(changes(db, 1).await, [(Change::Running, 1, 5_000)]);
    submit(db, task(2, "one"), Transaction::new()).await.unwrap();
    assert!(changes(db, 2).await.is_empty());
}

pub(crate) async fn the_log_is_read_page_by_page_and_goes_on_where_it_was_left(db: &Db) {
    assert_eq!(end(db).await.unwrap(), Place::START);
    let ids: Vec<i64> = (1..=7).collect();
    submit_some(db, &ids).await;
    for id in &ids {
        cancel(db, *id, 9_000 + id).await.unwrap();
    }
    let (mut place, mut seen) = (Place::START, Vec::new());
    loop {
        let page = events(db, place, 3).await;
        let Some(last) = page.last() else { break };
        place = last.place;
        seen.extend(page.iter().map(|event| event.task));
    }
    assert_eq!((seen, place), (ids, end(db).await.unwrap()));
    assert!(!is_foreign(db, place).await.unwrap());
    let elsewhere = "7fffffffffff-7fffffffffff".parse().unwrap();
    assert!(is_foreign(db, elsewhere).await.unwrap());
    submit_some(db, &[8]).await;
    cancel(db, 8, 9_008).await.unwrap();
    assert_eq!(behind(db, place).await, [8]);
}

pub(crate) async fn what_is_old_or_too_much_is_cut_off_and_readers_are_told(db: &Db) {
    let ids: Vec<i64> = (1..=9).collect();
    submit_some(db, &ids).await;
    for id in &ids {
        cancel(db, *id, 1_000 * id).await.unwrap();
    }
    let all = events(db, Place::START, 100).await;
    assert!(!cut_off(db, 0, 100, 50).await.unwrap());
    assert_eq!(behind(db, Place::START).await, ids);
    // Those of three seconds, in steps of two.
    assert!(cut_off(db, 4_000, 100, 2).await.unwrap());
    while cut_off(db, 4_000, 100, 2).await.unwrap() {}
    assert_eq!(behind(db, Place::START).await, [4, 5, 6, 7, 8, 9]);
    assert_eq!(read(db, all[0].place, 9).await.unwrap(), Page::CutOff);
    assert_eq!(behind(db, all[2].place).await, [4, 5, 6, 7, 8, 9]);
    assert_eq!(behind(db, all[5].place).await, [7, 8, 9]);
    // All but the last two.
    while cut_off(db, 0, 2, 50).await.unwrap() {}
    assert_eq!(behind(db, Place::START).await, [8, 9]);
    assert_eq!(read(db, all[4].place, 9).await.unwrap(), Page::CutOff);
    // Even when nothing is left, later events come behind what was read.
    while cut_off(db, i64::MAX, 0, 50).await.unwrap() {}
    assert!(behind(db, all[8].place).await.is_empty());
    assert_eq!(read(db, all[7].place, 9).await.unwrap(), Page::CutOff);
    submit_some(db, &[10]).await;
    cancel(db, 10, 1).await.unwrap();
    assert_eq!(behind(db, all[8].place).await, [10]);
}
