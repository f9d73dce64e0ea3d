//! What the rooms of records promise, run against each database. Tasks have a suite of their own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod contents;
mod drive;
mod identity;

use larkspur_model::id::{Ids, ObjectToken, TenantId};
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::tenants::{self, Tenant};
use larkspur_store::testing::Cluster;
use larkspur_store::{Db, Durability, Error, params};

/// A database and a tenant of its own, so that suites on one server do not meet.
struct House {
    db: Db,
    ids: Ids,
    tenant: TenantId,
    root: ObjectToken,
}

impl House {
    async fn new(db: Db) -> Self {
        let ids = Ids::from_system();
        let tenant = TenantId(ids.hex(16));
        let house = Self { db, tenant, root: ObjectToken(ids.token()), ids };
        house
            .commit(|t| {
                let tenant = Tenant {
                    id: house.tenant.clone(),
                    name: "A".to_owned(),
                    node_count: 0,
                    created_ms: 1,
                };
                tenants::insert(t, &tenant);
                tenants::insert(t, &tenant);
                let mut root = house.object(ObjectKind::Folder, "Root", 1);
                root.token = house.root.clone();
                root.parent = None;
                objects::insert(t, &root);
            })
            .await
            .unwrap();
        house
    }

    async fn commit(&self, fill: impl FnOnce(&mut Transaction)) -> Result<(), Error> {
        let mut transaction = Transaction::new();
        fill(&mut transaction);
        self.db.commit(transaction).await.map(|_| ())
    }

    fn object(&self, kind: ObjectKind, name: &str, at_ms: i64) -> Object {
        Object {
            token: ObjectToken(self.ids.token()),
            tenant: self.tenant.clone(),
            kind,
            name: name.to_owned(),
            parent: Some(self.root.clone()),
            route: None,
            owner: "app:cli_a".to_owned(),
            creator_app: "cli_a".into(),
            size_bytes: 0,
            blob_key: None,
            extension: String::new(),
            media_type: String::new(),
            created_ms: at_ms,
            edited_ms: at_ms,
            expires_ms: None,
            deleted_ms: None,
            extra: String::new(),
        }
    }

    async fn nodes(&self) -> i64 {
        tenants::get(&self.db, &self.tenant).await.unwrap().unwrap().node_count
    }

    /// When the blob was released; an outer `None` for a blob without a row.
    async fn released(&self, key: &str) -> Option<Option<i64>> {
        let sql = "SELECT released_ms FROM blobs WHERE key = $1";
        let rows = self.db.query(sql, params![key]).await.unwrap();
        rows.first().map(|row| row.opt_int(0).unwrap())
    }

    fn key(&self) -> String {
        format!("media/{}", self.ids.token())
    }
}

fn is_conflict(result: &Result<(), Error>, expected: &str) -> bool {
    matches!(result, Err(Error::Conflict { label }) if *label == expected)
}

async fn conforms(db: Db) {
    let house = House::new(db).await;
    identity::settings_are_kept_and_claimed_once(&house).await;
    identity::apps_come_back_and_change(&house).await;
    identity::tenants_are_new_renamed_and_listed(&house).await;
    identity::users_come_back_and_change(&house).await;
    identity::departments_nest_and_have_members(&house).await;
    identity::store_apps_are_installed_and_removed(&house).await;
    identity::tokens_fill_slots_once(&house).await;
    identity::codes_and_refresh_tokens_are_used_once(&house).await;
    drive::objects_come_back_whole(&house).await;
    drive::uploads_take_parts_and_end_once(&house).await;
    contents::documents_change_by_revision(&house).await;
    contents::spreadsheets_come_back_with_their_sheets(&house).await;
    drive::expired_objects_let_go_of_their_blobs(&house).await;
    drive::folders_count_and_end_at_their_limit(&House::new(house.db.clone()).await).await;
    drive::folders_list_in_every_order(&House::new(house.db.clone()).await).await;
    drive::folders_nest_fifteen_deep(&House::new(house.db.clone()).await).await;
    drive::tenants_do_not_see_each_other(&house, &House::new(house.db.clone()).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_conforms() {
    conforms(Db::open_temporary().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_conforms() {
    let Some(cluster) = Cluster::start().await else { return };
    let url = cluster.database("records").await.unwrap();
    conforms(Db::open(&url, Durability::Full).await.unwrap()).await;
}
