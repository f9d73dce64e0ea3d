//! What snapshots promise, run against each database: the list names every table and column, a
//! state comes back as it was, a tenant's without the others, blobs stay, leases end.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use larkspur_model::id::TenantId;
use larkspur_model::loss::Losses;
use larkspur_store::blobs::{self, BlobLocation, Blobs};
use larkspur_store::snapshot::{self, BASE, RESTORED, SNAPSHOT, Scope, Snapshot};
use larkspur_store::sql::{Param, Transaction};
use larkspur_store::tasks::{self, FENCE, Leasing, NewTask, Share};
use larkspur_store::testing::Cluster;
use larkspur_store::{Db, Durability, Error, params, settings};

/// Statements of a test are made as it goes.
fn kept(sql: String) -> &'static str {
    Box::leak(sql.into_boxed_str())
}

/// Columns of every table by name, with their types in lower case.
async fn schema(db: &Db, postgres: bool) -> BTreeMap<String, Vec<(String, String)>> {
    let sql = if postgres {
        "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), CAST(data_type AS TEXT) \
         FROM information_schema.columns WHERE table_schema = current_schema()"
    } else {
        "SELECT m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
    };
    let mut tables: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for row in db.query_large(sql, params![]).await.unwrap() {
        let column = (row.text(1).unwrap().to_owned(), row.text(2).unwrap().to_ascii_lowercase());
        tables.entry(row.text(0).unwrap().to_owned()).or_default().push(column);
    }
    for columns in tables.values_mut() {
        columns.sort();
    }
    tables
}

fn names(columns: &[(String, String)]) -> Vec<&str> {
    columns.iter().map(|(name, _)| name.as_str()).collect()
}

async fn the_list_is_the_schema(db: &Db, postgres: bool) {
    let schema = schema(db, postgres).await;
    let (listed, others) = snapshot::listed();
    let known: Vec<&str> = listed.iter().map(|(name, _)| *name).chain(others.to_vec()).collect();
    for table in schema.keys().filter(|name| !name.starts_with("snapshot_")) {
        assert!(
            known.contains(&table.as_str()),
            "no snapshot holds the table {table}: it needs its entry in store/src/snapshot/tables.rs"
        );
    }
    for (table, columns) in &listed {
        let real = schema.get(*table).unwrap_or_else(|| panic!("there is no table {table}"));
        assert_eq!(names(real), *columns, "columns of {table} in store/src/snapshot/tables.rs");
        let copy = names(&schema[&format!("snapshot_{table}")]).join(" ");
        let copied: Vec<&str> = copy.split(' ').filter(|name| *name != "snapshot").collect();
        assert_eq!(copied, *columns, "the copy of {table}");
    }
}

/// Tables in which a tenant has one row.
const A_ROW_A_TENANT: &[&str] = &["tenants", "contact_books", "vc_tenants"];

/// Puts a row of `tenant` into every table that snapshots know; `seed` tells it from others.
async fn fill(db: &Db, postgres: bool, tenant: &str, seed: i64) {
    let schema = schema(db, postgres).await;
    let mut transaction = Transaction::new();
    for (table, _) in snapshot::listed().0 {
        let columns = &schema[table];
        let marks: Vec<String> = (1..=columns.len()).map(|at| format!("${at}")).collect();
        let sql = format!(
            "INSERT INTO {table} ({}) VALUES ({})",
            names(columns).join(", "),
            marks.join(", ")
        );
        let values: Vec<Param> = columns
            .iter()
            .map(|(name, kind)| match kind.as_str() {
                "bigint" | "integer" => Param::Int(seed),
                "text" if name == "tenant" || (table == "tenants" && name == "id") => tenant.into(),
                // Every other text is the same, so that rows which name each other do so.
                "text" => format!("{tenant}-{seed}").into(),
                _ => Param::Bytes(tenant.as_bytes().to_vec()),
            })
            .collect();
        if !A_ROW_A_TENANT.contains(&table) || seed % 10 == 0 {
            transaction.run(kept(sql), values);
        }
    }
    db.commit(transaction).await.unwrap();
}

/// Every row that snapshots know, as text, by table; those with `part` in them.
async fn dump(db: &Db, part: &str) -> BTreeMap<&'static str, Vec<String>> {
    let mut all = BTreeMap::new();
    for (table, columns) in snapshot::listed().0 {
        let sql = kept(format!("SELECT {} FROM {table}", columns.join(", ")));
        let rows = db.query_large(sql, params![]).await.unwrap();
        let mut rows: Vec<String> = rows
            .iter()
            .map(|row| format!("{row:?}"))
            .filter(|row| row.contains(part) && !row.contains(RESTORED))
            .collect();
        rows.sort();
        all.insert(table, rows);
    }
    all
}

fn named(id: i64, scope: &Scope, name: &str) -> Snapshot {
    Snapshot { id, scope: scope.clone(), name: name.to_owned(), created_ms: id, restored_ms: None }
}

async fn take(db: &Db, id: i64, scope: &Scope, name: &str) -> Snapshot {
    let taken = named(id, scope, name);
    snapshot::take(db, &taken, false).await.unwrap();
    taken
}

/// Deletes what [`fill`] put there, where anything but the tenant tells it from others.
async fn delete(db: &Db, postgres: bool, tenant: &str, seed: i64) {
    let schema = schema(db, postgres).await;
    let mut transaction = Transaction::new();
    for (table, _) in snapshot::listed().0 {
        let telling = |(name, kind): &&(String, String)| {
            kind == "text" && name != "tenant" && (table, name.as_str()) != ("tenants", "id")
        };
        let Some((key, _)) = schema[table].iter().find(telling) else { continue };
        let sql = kept(format!("DELETE FROM {table} WHERE {key} = $1"));
        transaction.run(sql, params![format!("{tenant}-{seed}")]);
    }
    db.commit(transaction).await.unwrap();
}

async fn a_state_comes_back_as_it_was(db: &Db, postgres: bool) {
    let (one, two) = (Scope::Tenant("one".into()), Scope::Tenant("two".into()));
    fill(db, postgres, "one", 10).await;
    fill(db, postgres, "two", 20).await;
    let before = dump(db, "").await;
    for (table, rows) in &before {
        assert!(rows.len() >= 2, "{table} has {rows:?}");
    }
    let all = take(db, 1, &Scope::Server, "all").await;
    let mine = take(db, 2, &one, "mine").await;

    delete(db, postgres, "one", 10).await;
    fill(db, postgres, "one", 11).await;
    fill(db, postgres, "two", 21).await;
    let mut rename = Transaction::new();
    rename.run("UPDATE apps SET name = 'changed' WHERE id = 'two-20'", params![]);
    rename.run("UPDATE objects SET parent = NULL WHERE token = 'two-20'", params![]);
    db.commit(rename).await.unwrap();

    // One tenant comes back, the other stays as it is by now.
    let others = dump(db, "two").await;
    snapshot::restore(db, &mine, &one, "a", 5).await.unwrap();
    let tenants_own = |mut rows: BTreeMap<&'static str, Vec<String>>| {
        rows.remove("settings");
        rows
    };
    assert_eq!(tenants_own(dump(db, "one").await), tenants_own(with(&before, "one")));
    assert_eq!(dump(db, "two").await, others);
    assert_eq!(settings::get(db, RESTORED).await.unwrap().as_deref(), Some("a"));

    // Then the other, out of the snapshot of the server; then everything.
    snapshot::restore(db, &all, &two, "b", 6).await.unwrap();
    assert_eq!(tenants_own(dump(db, "").await), tenants_own(before.clone()));
    fill(db, postgres, "three", 30).await;
    snapshot::restore(db, &all, &Scope::Server, "c", 7).await.unwrap();
    assert_eq!(dump(db, "").await, before);

    let found = snapshot::list(db, None).await.unwrap();
    let found: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.restored_ms)).collect();
    assert_eq!(found, [("mine", Some(5)), ("all", Some(7))]);
    for id in [1, 2] {
        assert!(snapshot::remove(db, id).await.unwrap());
    }
    assert!(!snapshot::remove(db, 1).await.unwrap());
    let gone = snapshot::restore(db, &all, &Scope::Server, "d", 8).await;
    assert!(matches!(gone, Err(Error::Conflict { label: SNAPSHOT })));
    assert_eq!(dump(db, "").await, before);
    for table in ["snapshot_objects", "snapshot_blobs", "snapshot_tasks"] {
        let sql = kept(format!("SELECT snapshot FROM {table}"));
        assert!(db.query(sql, params![]).await.unwrap().is_empty(), "{table}");
    }
}

fn with(
    rows: &BTreeMap<&'static str, Vec<String>>,
    part: &str,
) -> BTreeMap<&'static str, Vec<String>> {
    let keep = |rows: &Vec<String>| rows.iter().filter(|row| row.contains(part)).cloned().collect();
    rows.iter().map(|(table, rows)| (*table, keep(rows))).collect()
}

async fn names_are_taken_once_and_the_later_base_counts(db: &Db) {
    let four = Scope::Tenant("four".into());
    let mut transaction = Transaction::new();
    transaction.run(
        "INSERT INTO tenants (id, name, node_count, created_ms) VALUES ('four', 'Four', 0, 1)",
        params![],
    );
    assert_eq!(snapshot::base(db, &four).await.unwrap(), None);
    let before = take(db, 101, &Scope::Server, BASE).await;
    assert_eq!(snapshot::base(db, &four).await.unwrap(), None);
    db.commit(transaction).await.unwrap();
    let own = take(db, 102, &four, BASE).await;
    assert_eq!(snapshot::base(db, &four).await.unwrap(), Some(own.clone()));
    assert_eq!(snapshot::base(db, &Scope::Server).await.unwrap(), Some(before));
    let again = named(103, &Scope::Server, BASE);
    let taken = snapshot::take(db, &again, false).await;
    assert!(matches!(taken, Err(Error::Conflict { label: SNAPSHOT })));
    snapshot::take(db, &again, true).await.unwrap();
    assert_eq!(snapshot::base(db, &four).await.unwrap(), Some(again));
    for id in [102, 103] {
        assert!(snapshot::remove(db, id).await.unwrap());
    }
}

async fn tokens_outlive_a_restore_with_their_app(db: &Db) {
    let insert = async |hash: &str, app: &str, slot: i64| {
        let mut transaction = Transaction::new();
        transaction.run(
            "INSERT INTO tokens (hash, kind, app, tenant, slot, issued_ms, expires_ms) \
             VALUES ($1, 0, $2, 'one', $3, 1, 2)",
            params![hash, app, slot],
        );
        db.commit(transaction).await.unwrap();
    };
    insert("swept later", "one-10", 1).await;
    let all = take(db, 201, &Scope::Server, "tokens").await;
    let mut sweep = Transaction::new();
    sweep.run("DELETE FROM tokens WHERE hash = 'swept later'", params![]);
    db.commit(sweep).await.unwrap();
    insert("newer", "one-10", 2).await;
    insert("of an app that goes", "nobody", 1).await;
    snapshot::restore(db, &all, &Scope::Server, "e", 9).await.unwrap();
    let rows = db.query("SELECT hash FROM tokens ORDER BY hash", params![]).await.unwrap();
    let hashes: Vec<&str> = rows.iter().map(|row| row.text(0).unwrap()).collect();
    assert_eq!(hashes, ["newer", "one-10", "swept later", "two-20"]);
    assert!(snapshot::remove(db, 201).await.unwrap());
}

async fn running_tasks_wait_again_and_publish_nothing(db: &Db) {
    let task = |id: i64, tenant: &str| NewTask {
        id,
        tenant: tenant.to_owned(),
        app: "cli_1".to_owned(),
        creator: "app:cli_1".to_owned(),
        family: "test.family",
        title: "Task".to_owned(),
        size_bytes: 1,
        lane: 0,
        payload: Vec::new(),
        created_ms: 1,
        run_at_ms: 1,
        max_attempts: 3,
        idempotency_key: None,
    };
    tasks::submit_all(db, vec![task(1_001, "one"), task(1_002, "two")]).await.unwrap();
    let leasing =
        Leasing { lane: 0, lease: 77, node: "node", now_ms: 10, until_ms: 20, started_ms: 5 };
    let shares = ["one", "two"].map(|tenant| Share { tenant: tenant.to_owned(), most: 1 });
    let leased = tasks::lease(db, &leasing, &shares).await.unwrap();
    assert_eq!(leased.len(), 2);
    let (mine, theirs) = (leased[0].fence, leased[1].fence);
    let one = Scope::Tenant("one".into());
    let taken = take(db, 301, &one, "running").await;
    snapshot::restore(db, &taken, &one, "f", 11).await.unwrap();
    let record = tasks::get(db, 1_001).await.unwrap().unwrap();
    assert_eq!((record.state.number(), record.attempt), (0, 0));
    let end = |fence| tasks::succeeded(fence, Vec::new(), &Losses::default(), 30).unwrap();
    let fenced = db.commit(end(mine)).await;
    assert!(matches!(fenced, Err(Error::Conflict { label: FENCE })));
    db.commit(end(theirs)).await.unwrap();
    assert!(snapshot::remove(db, 301).await.unwrap());
}

async fn blobs_of_a_snapshot_stay(db: &Db) {
    let store_blobs = Blobs::open(&BlobLocation::Temporary).unwrap();
    let object = |token: &str| {
        let mut transaction = Transaction::new();
        blobs::claim(&mut transaction, token, 3, 1);
        transaction.run(
            "INSERT INTO objects (token, tenant, kind, name, owner, creator_app, size_bytes, \
             blob_key, extension, media_type, created_ms, edited_ms, child_count, extra, parent) \
             VALUES ($1, 'one', 1, 'n', 'o', 'a', 3, $1, '', '', 1, 1, 0, '', 'p')",
            params![token],
        );
        transaction
    };
    for key in ["media/old", "media/new"] {
        store_blobs.put(key, Bytes::from_static(b"abc")).await.unwrap();
    }
    db.commit(object("media/old")).await.unwrap();
    let one = Scope::Tenant(TenantId::from("one"));
    let taken = take(db, 401, &one, "blobs").await;
    let mut drop_old = object("media/new");
    drop_old.run("DELETE FROM objects WHERE token = 'media/old'", params![]);
    blobs::release(&mut drop_old, "media/old", 2);
    db.commit(drop_old).await.unwrap();

    let sweep = async |now_ms| blobs::sweep(db, &store_blobs, now_ms, 0).await.unwrap().released;
    let much_later = 100_000_000;
    assert_eq!(sweep(much_later).await, 0);
    snapshot::restore(db, &taken, &one, "g", 3).await.unwrap();
    assert_eq!(sweep(much_later).await, 1);
    assert!(store_blobs.read("media/old", 9).await.is_ok());
    assert!(matches!(store_blobs.read("media/new", 9).await, Err(Error::BlobMissing { .. })));

    // Once the snapshot is gone, nothing holds what the rows have let go of.
    let mut drop_old = Transaction::new();
    blobs::release(&mut drop_old, "media/old", 2);
    db.commit(drop_old).await.unwrap();
    assert_eq!(sweep(much_later).await, 0);
    assert!(snapshot::remove(db, 401).await.unwrap());
    assert_eq!(sweep(much_later).await, 1);
}

async fn conforms(db: Db, postgres: bool) {
    the_list_is_the_schema(&db, postgres).await;
    a_state_comes_back_as_it_was(&db, postgres).await;
    names_are_taken_once_and_the_later_base_counts(&db).await;
    tokens_outlive_a_restore_with_their_app(&db).await;
    running_tasks_wait_again_and_publish_nothing(&db).await;
    blobs_of_a_snapshot_stay(&db).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_conforms() {
    conforms(Db::open_temporary().await.unwrap(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_conforms() {
    let Some(cluster) = Cluster::start().await else { return };
    let url = cluster.database("snapshots").await.unwrap();
    conforms(Db::open(&url, Durability::Full).await.unwrap(), true).await;
}

/// Tells what a reset costs; a duration is no promise on a machine that does other things as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_reset_costs_little() {
    let db = Db::open_temporary().await.unwrap();
    let timed = async |what: &str, after: i64| {
        let base = snapshot::find(&db, &Scope::Server, BASE).await.unwrap().unwrap();
        let mut took = Vec::new();
        for round in 1..=5 {
            // Keys of blobs never come again.
            let first = after + round * 100;
            documents(&db, first, first + 20).await;
            let begun = tokio::time::Instant::now();
            snapshot::restore(&db, &base, &Scope::Server, "m", 1).await.unwrap();
            took.push(begun.elapsed());
        }
        took.sort();
        println!("reset of {what} after 20 new documents: {:?}", took[2]);
        assert!(took[0] < Duration::from_secs(5), "{took:?}");
    };
    take(&db, 1, &Scope::Server, BASE).await;
    timed("an empty server", 0).await;
    documents(&db, 2_000, 3_000).await;
    snapshot::take(&db, &named(2, &Scope::Server, BASE), true).await.unwrap();
    timed("a server with 1,000 documents", 10_000).await;
}

/// As an import leaves them: task, source, document, blobs.
async fn documents(db: &Db, from: i64, to: i64) {
    for number in from..to {
        let key = format!("document-{number}");
        let mut transaction = Transaction::new();
        blobs::claim(&mut transaction, &key, 3, 1);
        transaction.run(
            "INSERT INTO objects (token, tenant, kind, name, owner, creator_app, size_bytes, \
             extension, media_type, created_ms, edited_ms, child_count, extra, parent) \
             VALUES ($1, 'one', 3, $1, 'o', 'a', 3, '', '', 1, 1, 0, '', 'p')",
            params![key.as_str()],
        );
        transaction.run(
            "INSERT INTO documents (token, tenant, revision, blob_key) VALUES ($1, 'one', 1, $1)",
            params![key.as_str()],
        );
        transaction.run(
            "INSERT INTO tasks (id, tenant, app, creator, family, title, size_bytes, lane, state, \
             attempt, interruptions, max_attempts, run_at_ms, cancel_requested, created_ms, \
             payload, output) VALUES ($1, 'one', 'a', 'c', 'f', $2, 3, 0, 2, 1, 0, 3, 1, 0, 1, \
             $3, $3)",
            params![number, key.as_str(), vec![b'x'; 200]],
        );
        db.commit(transaction).await.unwrap();
    }
}
