//! The rooms of bases against each database: tables that change for one writer at a time, packs found
//! by their places, copies, requests, what goes with a deleted base.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;

use larkspur_model::base::{Attachment, Design, Field, UiType, Value};
use larkspur_model::id::{Ids, ObjectToken, TenantId};
use larkspur_store::bases::{self, BaseRecord, CellBlobs, Pack, Repeated, TableRecord};
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::tenants::{self, Tenant};
use larkspur_store::testing::Cluster;
use larkspur_store::{Db, Durability, Error, params};

struct House {
    db: Db,
    ids: Ids,
    tenant: TenantId,
}

impl House {
    async fn commit(&self, fill: impl FnOnce(&mut Transaction)) -> Result<(), Error> {
        let mut transaction = Transaction::new();
        fill(&mut transaction);
        self.db.commit(transaction).await.map(|_| ())
    }

    fn object(&self) -> Object {
        Object {
            token: ObjectToken(self.ids.token()),
            tenant: self.tenant.clone(),
            kind: ObjectKind::Bitable,
            name: "base".to_owned(),
            parent: None,
            route: None,
            owner: "user:u".to_owned(),
            creator_app: "cli_a".into(),
            size_bytes: 0,
            blob_key: None,
            extension: String::new(),
            media_type: String::new(),
            created_ms: 1,
            edited_ms: 1,
            expires_ms: None,
            deleted_ms: None,
            extra: String::new(),
        }
    }

    /// A base with cells and one table of three imported records.
    async fn base(&self) -> (Object, BaseRecord, TableRecord) {
        let object = self.object();
        let key = |part: &str| format!("{}/{part}", object.token);
        let base = BaseRecord {
            token: object.token.clone(),
            tenant: self.tenant.clone(),
            revision: 1,
            time_zone: "Asia/Shanghai".to_owned(),
            cells: Some(CellBlobs { manifest_key: key("m"), cells_key: key("c") }),
        };
        let mut field = Field::new("名称", UiType::Text);
        "fld1".clone_into(&mut field.id);
        let table = TableRecord {
            base: object.token.clone(),
            id: "tbl1".to_owned(),
            position: 0,
            name: "表".to_owned(),
            revision: 1,
            design: Design { fields: vec![field], views: Vec::new() },
            record_key: u64::MAX - 5,
            sheet: 0,
            imported: 3,
            creator: "user:u".to_owned(),
            created_ms: 1,
            record_count: 3,
        };
        self.commit(|t| {
            objects::insert(t, &object);
            bases::insert(t, &base, [1, 2], 1);
            bases::insert_table(t, &table);
        })
        .await
        .unwrap();
        (object, base, table)
    }
}

fn pack(first: i64, values: &[Value]) -> Pack {
    let record = |value: &Value| BTreeMap::from([("fld1".to_owned(), value.clone())]);
    Pack {
        first,
        records: values.iter().map(record).collect(),
        creator: "user:u".to_owned(),
        created_ms: 2,
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

async fn tables_change_for_one_writer_at_a_time(house: &House) {
    let (_, base, table) = house.base().await;
    let stored = bases::get(&house.db, &house.tenant, &base.token).await.unwrap();
    assert_eq!(stored, Some(BaseRecord { revision: 2, ..base.clone() }));
    assert_eq!(bases::get(&house.db, &"other".into(), &base.token).await.unwrap(), None);
    assert_eq!(bases::tables(&house.db, &base.token).await.unwrap(), std::slice::from_ref(&table));
    let design = Design { fields: vec![Field::new("另", UiType::Number)], views: Vec::new() };
    house.commit(|t| bases::change_table(t, &table, Some(&design), 2)).await.unwrap();
    let changed = bases::table(&house.db, &base.token, "tbl1").await.unwrap().unwrap();
    assert_eq!((changed.revision, changed.record_count), (2, 5));
    assert_eq!(changed.design, design);
    for late in [
        house.commit(|t| bases::change_table(t, &table, None, 1)).await,
        house.commit(|t| bases::hold_table(t, &table)).await,
    ] {
        assert!(matches!(late, Err(Error::Conflict { label: "table" })), "{late:?}");
    }
    house.commit(|t| bases::hold_table(t, &changed)).await.unwrap();
    let twin = TableRecord { id: "tbl2".to_owned(), position: 1, ..table.clone() };
    let taken = house.commit(|t| bases::insert_table(t, &twin)).await;
    assert!(matches!(taken, Err(Error::Duplicate(_))), "{taken:?}");
}

async fn packs_are_found_by_their_places(house: &House) {
    let (_, base, table) = house.base().await;
    let files = Value::Files(vec![Attachment {
        token: "t".to_owned(),
        name: "n".to_owned(),
        media_type: "image/png".to_owned(),
        size_bytes: 5,
    }]);
    let packs =
        [pack(1, &[files]), pack(3, &[text("a"), Value::Number(0.1 + 0.2)]), pack(5, &[text("c")])];
    house
        .commit(|t| packs.iter().for_each(|pack| bases::insert_pack(t, &base.token, "tbl1", pack)))
        .await
        .unwrap();
    let read = |places: std::ops::Range<i64>, most| bases::packs(&house.db, &table, places, most);
    assert_eq!(read(0..9, 9).await.unwrap(), packs);
    assert_eq!(read(2..9, 1).await.unwrap(), packs[1..2]);
    assert_eq!(read(6..9, 9).await.unwrap(), []);
    for (place, first) in [(0, None), (1, Some(1)), (4, Some(3)), (5, Some(5)), (99, Some(5))] {
        assert_eq!(bases::pack_at(&house.db, &table, place).await.unwrap(), first, "{place}");
    }
    assert_eq!(bases::packs_with_files(&house.db, &table).await.unwrap(), packs[..1]);
    let taken = house.commit(|t| bases::insert_pack(t, &base.token, "tbl1", &packs[0])).await;
    assert!(matches!(taken, Err(Error::Duplicate(_))), "{taken:?}");
    let copy = ObjectToken(house.ids.token());
    house.commit(|t| bases::copy_packs(t, &base.token, &copy)).await.unwrap();
    let of_copy = TableRecord { base: copy, ..table };
    assert_eq!(bases::packs(&house.db, &of_copy, 0..9, 9).await.unwrap(), packs[1..]);
}

async fn requests_are_kept_once(house: &House) {
    let (_, base, _) = house.base().await;
    let made = Repeated { digest: "d".to_owned(), made: "3".to_owned() };
    house.commit(|t| bases::note_request(t, &base.token, "k", &made, 5)).await.unwrap();
    assert_eq!(bases::request(&house.db, &base.token, "k").await.unwrap(), Some(made.clone()));
    assert_eq!(bases::request(&house.db, &base.token, "l").await.unwrap(), None);
    let again = house.commit(|t| bases::note_request(t, &base.token, "k", &made, 5)).await;
    assert!(matches!(again, Err(Error::Duplicate(_))), "{again:?}");
}

async fn a_deleted_base_lets_go_of_all(house: &House) {
    let (object, base, table) = house.base().await;
    let one = pack(3, &[text("a")]);
    house.commit(|t| bases::insert_pack(t, &base.token, "tbl1", &one)).await.unwrap();
    house.commit(|t| objects::delete_tree(t, &object, 9)).await.unwrap();
    assert_eq!(bases::get(&house.db, &house.tenant, &base.token).await.unwrap(), None);
    assert_eq!(bases::tables(&house.db, &base.token).await.unwrap(), []);
    assert_eq!(bases::packs(&house.db, &table, 0..9, 9).await.unwrap(), []);
    let cells = base.cells.unwrap();
    let sql = "SELECT released_ms FROM blobs WHERE key = $1";
    for key in [cells.manifest_key, cells.cells_key] {
        let row = house.db.query_one(sql, params![key]).await.unwrap().unwrap();
        assert_eq!(row.opt_int(0).unwrap(), Some(9));
    }
}

async fn conforms(db: Db) {
    let ids = Ids::from_system();
    let house = House { db, tenant: TenantId(ids.hex(16)), ids };
    let tenant =
        Tenant { id: house.tenant.clone(), name: "A".to_owned(), node_count: 0, created_ms: 1 };
    house.commit(|t| tenants::insert(t, &tenant)).await.unwrap();
    tables_change_for_one_writer_at_a_time(&house).await;
    packs_are_found_by_their_places(&house).await;
    requests_are_kept_once(&house).await;
    a_deleted_base_lets_go_of_all(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_conforms() {
    conforms(Db::open_temporary().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_conforms() {
    let Some(cluster) = Cluster::start().await else { return };
    let url = cluster.database("bases").await.unwrap();
    conforms(Db::open(&url, Durability::Full).await.unwrap()).await;
}
