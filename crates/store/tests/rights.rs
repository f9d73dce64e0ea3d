//! What opens things to whom, and trees that are moved and deleted whole, run against each database.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use larkspur_model::id::{Ids, ObjectToken, TenantId, UserId};
use larkspur_store::members::{self, Grant, Member, Perm, Reach};
use larkspur_store::objects::{self, FOLDER_LEVELS, Object, ObjectKind};
use larkspur_store::sql::Transaction;
use larkspur_store::tenants::{self, Tenant};
use larkspur_store::testing::Cluster;
use larkspur_store::{Db, Durability, Error, blobs, params};

/// A tenant of its own with a root folder.
struct House {
    db: Db,
    ids: Ids,
    tenant: TenantId,
    root: Object,
}

impl House {
    async fn new(db: &Db) -> Self {
        let ids = Ids::from_system();
        let tenant = TenantId(ids.hex(16));
        let root = object(&ids, &tenant, ObjectKind::Folder, None);
        let house = Self { db: db.clone(), ids, tenant, root };
        let tenant =
            Tenant { id: house.tenant.clone(), name: "A".to_owned(), node_count: 0, created_ms: 1 };
        house.commit(|t| tenants::insert(t, &tenant)).await.unwrap();
        house.commit(|t| objects::insert(t, &house.root)).await.unwrap();
        house
    }

    async fn commit(&self, fill: impl FnOnce(&mut Transaction)) -> Result<(), Error> {
        let mut transaction = Transaction::new();
        fill(&mut transaction);
        self.db.commit(transaction).await.map(|_| ())
    }

    /// A new thing in `parent`.
    async fn add(&self, kind: ObjectKind, parent: &Object) -> Object {
        let new = object(&self.ids, &self.tenant, kind, Some(&parent.token));
        self.commit(|t| objects::insert(t, &new)).await.unwrap();
        new
    }

    async fn get(&self, object: &Object) -> Object {
        objects::get(&self.db, &self.tenant, &object.token).await.unwrap().unwrap()
    }

    async fn children(&self, folder: &Object) -> i64 {
        objects::child_count(&self.db, &folder.token).await.unwrap()
    }

    async fn nodes(&self) -> i64 {
        tenants::get(&self.db, &self.tenant).await.unwrap().unwrap().node_count
    }

    async fn share(&self, object: &Object, identity: &str, perm: Perm) -> Result<(), Error> {
        let member = Member {
            object: object.token.clone(),
            tenant: self.tenant.clone(),
            identity: identity.to_owned(),
            perm,
            reach: Reach::Container,
            added_by: "app:cli_a".to_owned(),
            added_ms: 7,
        };
        self.commit(|t| members::put(t, &member)).await
    }

    async fn grants(&self, object: &Object, identity: &str) -> Vec<Grant> {
        let user = identity.strip_prefix("user:").map(UserId::from);
        let mut grants =
            members::grants(&self.db, &self.tenant, &object.token, identity, user.as_ref())
                .await
                .unwrap();
        grants.sort_by_key(|grant| (grant.step, grant.identity.clone()));
        grants
    }
}

fn object(ids: &Ids, tenant: &TenantId, kind: ObjectKind, parent: Option<&ObjectToken>) -> Object {
    Object {
        token: ObjectToken(ids.token()),
        tenant: tenant.clone(),
        kind,
        name: "thing".to_owned(),
        parent: parent.cloned(),
        route: None,
        owner: "app:cli_a".to_owned(),
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

fn conflict(result: &Result<(), Error>) -> &'static str {
    match result {
        Err(Error::Conflict { label }) => label,
        _ => "none",
    }
}

async fn grants_are_found_on_the_way_up(db: &Db) {
    let (house, other) = (House::new(db).await, House::new(db).await);
    let outer = house.add(ObjectKind::Folder, &house.root).await;
    let inner = house.add(ObjectKind::Folder, &outer).await;
    let document = house.add(ObjectKind::Docx, &inner).await;
    let mut picture = object(&house.ids, &house.tenant, ObjectKind::Media, None);
    picture.route = Some(document.token.clone());
    "user:u".clone_into(&mut picture.owner);
    house.commit(|t| objects::insert(t, &picture)).await.unwrap();
    assert_eq!(house.get(&picture).await, picture);

    assert!(house.grants(&picture, "user:v").await.is_empty());
    house.share(&outer, "user:v", Perm::Edit).await.unwrap();
    house.share(&document, "user:v", Perm::View).await.unwrap();
    let found: Vec<_> = house
        .grants(&picture, "user:v")
        .await
        .into_iter()
        .map(|grant| (grant.step, grant.kind, grant.perm, grant.owner))
        .collect();
    let expected = [
        (1, Some(ObjectKind::Docx), Perm::View, false),
        (3, Some(ObjectKind::Folder), Perm::Edit, false),
    ];
    assert_eq!(found, expected);
    // An owner is one on everything below.
    let owned = house.grants(&picture, "app:cli_a").await;
    assert_eq!(owned.iter().map(|grant| grant.step).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(owned.iter().all(|grant| grant.owner && grant.perm == Perm::FullAccess));
    // Nothing of it is found from another tenant.
    let elsewhere =
        members::grants(db, &other.tenant, &picture.token, "app:cli_a", None).await.unwrap();
    assert!(elsewhere.is_empty());
}

async fn departments_and_chats_carry_their_people(db: &Db) {
    let house = House::new(db).await;
    let tenant = house.tenant.as_str();
    let document = house.add(ObjectKind::Docx, &house.root).await;
    let mut transaction = Transaction::new();
    let number = house.ids.number(1);
    for (at, (id, parent)) in [("d1", "0"), ("d2", "d1")].into_iter().enumerate() {
        transaction.run(
            "INSERT INTO departments (tenant, id, number, name, parent, position, created_ms) \
             VALUES ($1, $2, $3, $2, $4, 0, 1)",
            params![tenant, id, number + at as i64, parent],
        );
    }
    transaction.run(
        "INSERT INTO users (tenant, id, number, name, admin, enabled, created_ms) \
         VALUES ($1, 'u', $2, 'U', 0, 1, 1)",
        params![tenant, number],
    );
    transaction.run(
        "INSERT INTO user_departments (tenant, user_id, department, position) \
         VALUES ($1, 'u', 'd2', 0)",
        params![tenant],
    );
    let people = ["user:u".to_owned(), "app:cli_b".to_owned()];
    members::set_gathering(&mut transaction, &house.tenant, "chat:oc_1", &people);
    db.commit(transaction).await.unwrap();
    house.share(&document, "department:d1", Perm::View).await.unwrap();
    house.share(&document, "department:d3", Perm::FullAccess).await.unwrap();
    house.share(&document, "department:0", Perm::View).await.unwrap();
    house.share(&document, "chat:oc_1", Perm::Edit).await.unwrap();
    let named =
        |grants: Vec<Grant>| grants.into_iter().map(|grant| grant.identity).collect::<Vec<_>>();
    let user = named(house.grants(&document, "user:u").await);
    assert_eq!(user, ["chat:oc_1", "department:0", "department:d1"]);
    assert_eq!(named(house.grants(&document, "app:cli_b").await), ["chat:oc_1"]);
    assert!(house.grants(&document, "user:nobody").await.is_empty());
    let inside = members::gathering(db, &house.tenant, "chat:oc_1").await.unwrap();
    assert_eq!(inside, ["app:cli_b", "user:u"]);
    house.commit(|t| members::set_gathering(t, &house.tenant, "chat:oc_1", &[])).await.unwrap();
    assert!(named(house.grants(&document, "app:cli_b").await).is_empty());
}

async fn members_gain_and_never_lose(db: &Db) {
    let house = House::new(db).await;
    let document = house.add(ObjectKind::Docx, &house.root).await;
    house.share(&document, "user:u", Perm::View).await.unwrap();
    house.share(&document, "user:u", Perm::View).await.unwrap();
    house.share(&document, "user:u", Perm::Edit).await.unwrap();
    let less = house.share(&document, "user:u", Perm::View).await;
    assert_eq!(conflict(&less), "perm");
    let there = members::of(db, &house.tenant, &document.token).await.unwrap();
    let there: Vec<_> = there.iter().map(|one| (one.identity.as_str(), one.perm)).collect();
    assert_eq!(there, [("user:u", Perm::Edit)]);
}

async fn a_tree_is_moved_whole_or_not_at_all(db: &Db) {
    let house = House::new(db).await;
    let from = house.add(ObjectKind::Folder, &house.root).await;
    let to = house.add(ObjectKind::Folder, &house.root).await;
    let folder = house.add(ObjectKind::Folder, &from).await;
    let inner = house.add(ObjectKind::Folder, &folder).await;
    let moving = |object: Object, to: Object| {
        let house = &house;
        async move { house.commit(|t| objects::move_to(t, &object, &to.token, 9)).await }
    };
    assert_eq!(conflict(&moving(folder.clone(), inner.clone()).await), "cycle");
    assert_eq!(conflict(&moving(folder.clone(), folder.clone()).await), "cycle");
    moving(folder.clone(), to.clone()).await.unwrap();
    assert_eq!(house.get(&folder).await.parent, Some(to.token.clone()));
    assert_eq!((house.children(&from).await, house.children(&to).await), (0, 1));
    // Whoever read it where it was is told.
    assert_eq!(conflict(&moving(folder.clone(), from.clone()).await), "object");
    let mut deep = house.root.clone();
    for _ in 0..FOLDER_LEVELS - 1 {
        deep = house.add(ObjectKind::Folder, &deep).await;
    }
    let folder = house.get(&folder).await;
    assert_eq!(objects::height(db, &folder.token).await.unwrap(), 1);
    assert_eq!(conflict(&moving(folder.clone(), deep.clone()).await), "depth");
    assert_eq!(house.get(&folder).await.parent, Some(to.token.clone()));
    assert_eq!(house.children(&deep).await, 0);
    let inner = house.get(&inner).await;
    moving(inner, deep).await.unwrap();
}

async fn a_tree_is_deleted_whole(db: &Db) {
    let house = House::new(db).await;
    let folder = house.add(ObjectKind::Folder, &house.root).await;
    let inner = house.add(ObjectKind::Folder, &folder).await;
    let document = house.add(ObjectKind::Docx, &inner).await;
    let mut picture = object(&house.ids, &house.tenant, ObjectKind::Media, None);
    picture.route = Some(document.token.clone());
    picture.blob_key = Some(format!("test/{}", house.ids.token()));
    house.commit(|t| objects::insert(t, &picture)).await.unwrap();
    let key = format!("test/{}", house.ids.token());
    house
        .commit(|t| {
            blobs::claim(t, &key, 3, 1);
            t.run(
                "INSERT INTO documents (token, tenant, revision, blob_key) VALUES ($1, $2, 1, $3)",
                params![document.token.as_str(), house.tenant.as_str(), key.as_str()],
            );
        })
        .await
        .unwrap();
    let aside = house.add(ObjectKind::File, &house.root).await;
    assert_eq!((house.nodes().await, house.children(&house.root).await), (4, 2));
    house.commit(|t| objects::delete_tree(t, &folder, 9)).await.unwrap();
    assert_eq!((house.nodes().await, house.children(&house.root).await), (1, 1));
    for gone in [&folder, &inner, &document, &picture] {
        assert_eq!(house.get(gone).await.deleted_ms, Some(9), "{:?}", gone.kind);
    }
    assert_eq!(house.get(&aside).await.deleted_ms, None);
    for key in [&key, picture.blob_key.as_ref().unwrap()] {
        let sql = "SELECT released_ms FROM blobs WHERE key = $1";
        let row = db.query_one(sql, params![key.as_str()]).await.unwrap().unwrap();
        assert_eq!(row.opt_int(0).unwrap(), Some(9));
    }
    let again = house.commit(|t| objects::delete_tree(t, &folder, 10)).await;
    assert_eq!(conflict(&again), "object");
    let late = object(&house.ids, &house.tenant, ObjectKind::File, Some(&inner.token));
    assert_eq!(conflict(&house.commit(|t| objects::insert(t, &late)).await), "folder");
    assert_eq!(house.nodes().await, 1);
}

/// However uploads and a deletion meet, nothing is left alive in a deleted folder, and the tenant
/// counts what is there.
async fn nothing_enters_a_tree_that_goes(db: &Db) {
    let house = House::new(db).await;
    for _ in 0..8 {
        let folder = house.add(ObjectKind::Folder, &house.root).await;
        let adding = (0..8).map(|_| {
            let new = object(&house.ids, &house.tenant, ObjectKind::File, Some(&folder.token));
            let house = &house;
            async move {
                let added = house.commit(|t| objects::insert(t, &new)).await;
                assert!(["none", "folder"].contains(&conflict(&added)), "{added:?}");
            }
        });
        let deleting = house.commit(|t| objects::delete_tree(t, &folder, 9));
        let (_, deleted) = tokio::join!(futures_util::future::join_all(adding), deleting);
        deleted.unwrap();
        let sql = "SELECT COUNT(*) FROM objects WHERE parent = $1 AND deleted_ms IS NULL";
        let row = db.query_one(sql, params![folder.token.as_str()]).await.unwrap().unwrap();
        assert_eq!((row.int(0).unwrap(), house.nodes().await), (0, 0));
    }
}

async fn conforms(db: Db) {
    grants_are_found_on_the_way_up(&db).await;
    departments_and_chats_carry_their_people(&db).await;
    members_gain_and_never_lose(&db).await;
    a_tree_is_moved_whole_or_not_at_all(&db).await;
    a_tree_is_deleted_whole(&db).await;
    nothing_enters_a_tree_that_goes(&db).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_conforms() {
    conforms(Db::open_temporary().await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_conforms() {
    let Some(cluster) = Cluster::start().await else { return };
    let url = cluster.database("rights").await.unwrap();
    conforms(Db::open(&url, Durability::Full).await.unwrap()).await;
}
