//! Statements, transactions and requirements, on whichever database they are given.

use larkspur_store::sql::Transaction;
use larkspur_store::{Db, Error, params};

async fn with_table(db: &Db) {
    let mut transaction = Transaction::new();
    transaction.run(
        "CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT, body BYTEA, number BIGINT)",
        params![],
    );
    db.commit(transaction).await.unwrap();
}

fn insert(id: i64) -> Transaction {
    let mut transaction = Transaction::new();
    transaction.run(
        "INSERT INTO things (id, name, body, number) VALUES ($1, $2, $3, 0)",
        params![id, format!("thing {id}"), vec![id as u8]],
    );
    transaction
}

async fn ids(db: &Db) -> Vec<i64> {
    let rows = db.query("SELECT id FROM things ORDER BY id", params![]).await.unwrap();
    rows.iter().map(|row| row.int(0).unwrap()).collect()
}

pub(crate) async fn kinds_of_values_come_back_as_they_went_in(db: &Db) {
    with_table(db).await;
    let mut transaction = Transaction::new();
    // Parameters may come in any order and more than once.
    transaction.run(
        "INSERT INTO things (id, name, body, number) VALUES ($4, $2, $3, $1), ($1, NULL, NULL, NULL)",
        params![i64::MAX, "名 '$1' name", vec![0_u8, 255], i64::MIN],
    );
    db.commit(transaction).await.unwrap();
    let sql = "SELECT name, body, number, COUNT(*) OVER () FROM things ORDER BY id";
    let rows = db.query(sql, params![]).await.unwrap();
    assert_eq!(rows[0].text(0).unwrap(), "名 '$1' name");
    assert_eq!(rows[0].bytes(1).unwrap(), [0, 255]);
    assert_eq!(rows[0].int(2).unwrap(), i64::MAX);
    assert_eq!(rows[0].int(3).unwrap(), 2);
    let nothing = (rows[1].opt_text(0).unwrap(), rows[1].opt_bytes(1).unwrap());
    assert_eq!((nothing, rows[1].opt_int(2).unwrap()), ((None, None), None));
    let found = db.query("SELECT id FROM things WHERE name IS NULL", params![]).await.unwrap();
    assert_eq!(found[0].int(0).unwrap(), i64::MAX);
}

pub(crate) async fn a_failing_transaction_does_not_harm_those_that_share_its_commit(db: &Db) {
    with_table(db).await;
    let tasks: Vec<_> = (0..300_i64)
        .map(|number| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut transaction = insert(number / 2);
                if number % 3 == 0 {
                    let sql = "UPDATE things SET number = number + 1 WHERE id = $1";
                    transaction.run(sql, params![number / 2]);
                }
                db.commit(transaction).await
            })
        })
        .collect();
    let mut succeeded = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => succeeded += 1,
            Err(error) => assert!(matches!(error, Error::Duplicate(_)), "{error:?}"),
        }
    }
    assert_eq!((succeeded, ids(db).await), (150, (0..150).collect()));
}

pub(crate) async fn a_requirement_that_is_not_met_undoes_the_transaction(db: &Db) {
    with_table(db).await;
    for id in 1..=3 {
        db.commit(insert(id)).await.unwrap();
    }
    let mut transaction = Transaction::new();
    transaction.require("just one", 1, "DELETE FROM things WHERE id > $1", params![1]);
    let failed = db.commit(transaction).await;
    assert!(matches!(failed, Err(Error::Conflict { label: "just one" })), "{failed:?}");
    assert_eq!(ids(db).await, [1, 2, 3]);
}

pub(crate) async fn conflicts_say_which_requirement_was_not_met(db: &Db) {
    with_table(db).await;
    db.commit(insert(1)).await.unwrap();
    let mut transaction = insert(2);
    transaction.require("first", 1, "UPDATE things SET number = 5 WHERE id = 1", params![]);
    transaction.require("second", 1, "UPDATE things SET number = 5 WHERE id = 9", params![]);
    transaction.require("third", 1, "UPDATE things SET number = 5 WHERE id = 8", params![]);
    let failed = db.commit(transaction).await;
    assert!(matches!(failed, Err(Error::Conflict { label: "second" })), "{failed:?}");
    let row = db.query_one("SELECT number FROM things", params![]).await.unwrap().unwrap();
    assert_eq!((ids(db).await, row.int(0).unwrap()), (vec![1], 0));
}

pub(crate) async fn statements_of_a_transaction_see_each_other(db: &Db) {
    with_table(db).await;
    let mut transaction = insert(1);
    transaction
        .run("UPDATE things SET number = number + 2 WHERE id = 1 RETURNING number", params![])
        .append(insert(2))
        .run("DELETE FROM things", params![]);
    let changed = db.commit(transaction).await.unwrap();
    let counts: Vec<u64> = changed.iter().map(|changed| changed.rows_changed).collect();
    assert_eq!(counts, [1, 1, 1, 2]);
    assert_eq!(changed[1].rows[0].int(0).unwrap(), 2);
    assert!(ids(db).await.is_empty());
}

pub(crate) async fn a_wrong_statement_is_an_error_and_the_database_goes_on(db: &Db) {
    with_table(db).await;
    let failed = db.query("SELECT nothing FROM nowhere", params![]).await;
    assert!(matches!(failed, Err(Error::Statement(_))), "{failed:?}");
    let failed = db.query("SELECT id FROM things WHERE id = $1", params![]).await;
    assert!(matches!(failed, Err(Error::Statement(_))), "{failed:?}");
    let mut transaction = insert(1);
    transaction.run("UPDATE things SET nothing = 1", params![]);
    assert!(matches!(db.commit(transaction).await, Err(Error::Statement(_))));
    db.commit(insert(2)).await.unwrap();
    assert_eq!(ids(db).await, [2]);
}
