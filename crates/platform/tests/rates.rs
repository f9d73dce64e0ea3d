//! Ceilings of two nodes on one PostgreSQL database: together they let through what one would.

use std::sync::Arc;

use larkspur_model::id::Ids;
use larkspur_model::time::ManualClock;
use larkspur_platform::{Bucket, Ceiling, Ceilings, Limiter};
use larkspur_store::testing::Cluster;
use larkspur_store::{Db, Durability};

const BUCKET: Bucket<'static> =
    Bucket { operation: "get", app: "cli_a", tenant: "t", document: None };
/// The beginning of a minute.
const START_MS: i64 = 1_795_244_400_000;

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_never_let_through_more_than_one_would() {
    let Some(cluster) = Cluster::start().await else { return };
    let url = cluster.database("rates").await.unwrap();
    let mut nodes = Vec::new();
    for seed in 1..=2 {
        let db = Db::open(&url, Durability::Full).await.unwrap();
        let ids = Arc::new(Ids::from_seed(seed));
        nodes.push(Limiter::new(&db, &ids, Arc::new(ManualClock::at(0))));
    }
    let ceilings = Ceilings { per_second: 7, per_minute: 10, ..Ceilings::NONE };
    for (now_ms, expected) in [(START_MS, 7), (START_MS + 1_000, 3), (START_MS + 60_000, 7)] {
        let calls: Vec<_> = (0..40)
            .map(|call| {
                let node = nodes[call % 2].clone();
                tokio::spawn(async move {
                    node.enter(&BUCKET, &ceilings, now_ms).await.unwrap().is_ok()
                })
            })
            .collect();
        let mut passed = 0;
        for call in calls {
            passed += i32::from(call.await.unwrap());
        }
        assert_eq!(passed, expected, "at {now_ms}");
    }
    let refused = nodes[1].enter(&BUCKET, &ceilings, START_MS + 60_500).await.unwrap();
    let met = refused.map(drop).unwrap_err();
    assert_eq!((met.ceiling, met.calls, met.reset_s), (Ceiling::Second, 7, 1));

    let serial = Ceilings { per_document_serial: true, ..Ceilings::NONE };
    let edited = Bucket { document: Some("doc"), ..BUCKET };
    let pass = nodes[0].enter(&edited, &serial, START_MS).await.unwrap().unwrap();
    let met = nodes[1].enter(&edited, &serial, START_MS).await.unwrap().map(drop).unwrap_err();
    assert_eq!((met.ceiling, met.document), (Ceiling::Concurrency, true));
    let other = Bucket { document: Some("other"), ..BUCKET };
    assert!(nodes[1].enter(&other, &serial, START_MS).await.unwrap().is_ok());
    pass.leave().await;
    assert!(nodes[1].enter(&edited, &serial, START_MS).await.unwrap().is_ok());
}
