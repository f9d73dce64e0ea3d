//! What every database must do for the store, run against each: statements, conflicts, isolation
//! of transactions that share a commit, durability. Tasks have a suite of their own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use larkspur_store::sql::Transaction;
use larkspur_store::{DatabaseUrl, Db, Durability, Error, params};

async fn with_table(db: &Db) {
    let mut transaction = Transaction::new();
    transaction.run(
        "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT, body BLOB, count BIGINT)",
        params![],
    );
    db.commit(transaction).await.unwrap();
}

fn insert(id: i64) -> Transaction {
    let mut transaction = Transaction::new();
    transaction.run(
        "INSERT INTO things (id, name, body, count) VALUES ($1, $2, $3, 0)",
        params![id, format!("thing {id}"), vec![id as u8]],
    );
    transaction
}

async fn ids(db: &Db) -> Vec<i64> {
    let rows = db.query("SELECT id FROM things ORDER BY id", params![]).await.unwrap();
    rows.iter().map(|row| row.int(0).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_transaction_does_not_harm_those_that_share_its_commit() {
    let db = Db::open_temporary().await.unwrap();
    with_table(&db).await;
    let tasks: Vec<_> = (0..300_i64)
        .map(|number| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut transaction = insert(number / 2);
                if number % 3 == 0 {
                    transaction.run(
                        "UPDATE things SET count = count + 1 WHERE id = $1",
                        params![number / 2],
                    );
                }
                db.commit(transaction).await.is_ok()
            })
        })
        .collect();
    let mut succeeded = 0;
    for task in tasks {
        succeeded += usize::from(task.await.unwrap());
    }
    assert_eq!((succeeded, ids(&db).await), (150, (0..150).collect()));
}

#[tokio::test]
async fn a_requirement_that_is_not_met_undoes_the_transaction() {
    let db = Db::open_temporary().await.unwrap();
    with_table(&db).await;
    for id in 1..=3 {
        db.commit(insert(id)).await.unwrap();
    }
    let mut transaction = Transaction::new();
    transaction.require("just one", 1, "DELETE FROM things WHERE id > $1", params![1]);
    let failed = db.commit(transaction).await;
    assert!(matches!(failed, Err(Error::Conflict { label: "just one" })));
    assert_eq!(ids(&db).await, [1, 2, 3]);
}

#[tokio::test]
async fn a_second_server_is_locked_out_and_what_was_acknowledged_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::from(folder.path().join("data/larkspur.db").as_path());
    let db = Db::open(&url, Durability::Full).await.unwrap();
    with_table(&db).await;
    db.commit(insert(1)).await.unwrap();
    assert!(matches!(Db::open(&url, Durability::Full).await, Err(Error::Locked { .. })));
    drop(db);
    let db = Db::open(&url, Durability::Full).await.unwrap();
    assert_eq!(ids(&db).await, [1]);
}
