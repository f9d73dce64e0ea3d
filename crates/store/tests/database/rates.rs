//! Calls counted against ceilings by whoever shares the database.

use std::collections::BTreeSet;

use larkspur_store::Db;
use larkspur_store::rates::{self, Call, Window};
use larkspur_store::sql::Transaction;

const CALL: Call<'static> = Call {
    bucket: "get/cli_a/t",
    at: [1_000, 16, 0],
    most: [Some(5), Some(8), None],
    alone: None,
    real_ms: 7,
};

pub(crate) async fn calls_are_counted_to_their_ceilings_and_no_further(db: &Db) {
    let calls = (0..40).map(|_| {
        let db = db.clone();
        tokio::spawn(async move { rates::count(&db, &CALL).await.unwrap() })
    });
    let mut counted = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            None => counted += 1,
            Some(standing) => assert_eq!(standing.windows[0], Window { at: 1_000, calls: 5 }),
        }
    }
    assert_eq!(counted, 5);
    // The next second has room again, the minute soon no more; a slow clock counts where others do.
    let mut ended = BTreeSet::new();
    for at in [1_001, 1_000, 1_001, 1_001] {
        let call = Call { at: [at, 16, 0], ..CALL };
        if let Some(standing) = rates::count(db, &call).await.unwrap() {
            ended.insert((standing.windows[0].calls, standing.windows[1].calls));
        }
    }
    assert_eq!(ended, BTreeSet::from([(3, 8)]));
    // A clock that was set back begins anew.
    let call = Call { at: [10, 0, 0], ..CALL };
    assert_eq!(rates::count(db, &call).await.unwrap(), None);
}

pub(crate) async fn what_runs_alone_does_so_until_it_is_released_or_forgotten(db: &Db) {
    let held = |holder, real_ms| Call {
        bucket: "upload",
        most: [None; 3],
        alone: Some((holder, real_ms + 100)),
        real_ms,
        ..CALL
    };
    assert_eq!(rates::count(db, &held("a", 0)).await.unwrap(), None);
    assert!(rates::count(db, &held("b", 1)).await.unwrap().unwrap().held);
    let mut transaction = Transaction::new();
    rates::release(&mut transaction, "upload", "b");
    db.commit(transaction).await.unwrap();
    assert!(rates::count(db, &held("b", 2)).await.unwrap().unwrap().held);
    let mut transaction = Transaction::new();
    rates::release(&mut transaction, "upload", "a");
    db.commit(transaction).await.unwrap();
    assert_eq!(rates::count(db, &held("b", 3)).await.unwrap(), None);
    assert_eq!(rates::count(db, &held("c", 103)).await.unwrap(), None);
}
