//! What the rooms of records promise, run against each database. Tasks have a suite of their own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use larkspur_model::document::AssetId;
use larkspur_model::id::{Ids, ObjectToken, TenantId};
use larkspur_store::apps::{self, App, AppKind};
use larkspur_store::authorizations::{self, Challenge, CodeRecord, Holder, RefreshRecord, Version};
use larkspur_store::departments::{self, Department};
use larkspur_store::documents::{self, DocumentChange, DocumentRecord};
use larkspur_store::installations::{self, Installation};
use larkspur_store::objects::{self, Cursor, Direction, Object, ObjectKind, Order};
use larkspur_store::settings;
use larkspur_store::spreadsheets::{self, EditedSpreadsheet, SheetRecord, SpreadsheetRecord};
use larkspur_store::sql::Transaction;
use larkspur_store::tenants::{self, Tenant};
use larkspur_store::testing::Cluster;
use larkspur_store::tokens::{self, TokenKind, TokenRecord};
use larkspur_store::uploads::{self, Upload, UploadKind, UploadPart};
use larkspur_store::users::{self, Profile, User};
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
    settings_are_kept_and_claimed_once(&house).await;
    apps_come_back_and_change(&house).await;
    tenants_are_new_renamed_and_listed(&house).await;
    users_come_back_and_change(&house).await;
    departments_nest_and_have_members(&house).await;
    store_apps_are_installed_and_removed(&house).await;
    tokens_fill_slots_once(&house).await;
    codes_and_refresh_tokens_are_used_once(&house).await;
    objects_come_back_whole(&house).await;
    uploads_take_parts_and_end_once(&house).await;
    documents_change_by_revision(&house).await;
    spreadsheets_come_back_with_their_sheets(&house).await;
    expired_objects_let_go_of_their_blobs(&house).await;
    folders_count_and_end_at_their_limit(&House::new(house.db.clone()).await).await;
    folders_list_in_every_order(&House::new(house.db.clone()).await).await;
    folders_nest_fifteen_deep(&House::new(house.db.clone()).await).await;
    tenants_do_not_see_each_other(&house, &House::new(house.db.clone()).await).await;
}

async fn settings_are_kept_and_claimed_once(house: &House) {
    let name = house.ids.hex(8);
    assert_eq!(settings::get(&house.db, &name).await.unwrap(), None);
    house.commit(|t| settings::keep(t, &name, "first")).await.unwrap();
    house.commit(|t| settings::keep(t, &name, "second")).await.unwrap();
    let claimed = house.commit(|t| settings::claim(t, &name, "third")).await;
    assert!(is_conflict(&claimed, "setting"), "{claimed:?}");
    assert_eq!(settings::get(&house.db, &name).await.unwrap().as_deref(), Some("first"));
}

async fn apps_come_back_and_change(house: &House) {
    let app = App {
        id: format!("cli_{}", house.ids.hex(16)).into(),
        tenant: house.tenant.clone(),
        name: "应用".to_owned(),
        kind: AppKind::Store,
        secret_salt: "salt".to_owned(),
        secret_hash: "hash".to_owned(),
        scopes: "a b".to_owned(),
        enabled: true,
        created_ms: 7,
        description: "用途".to_owned(),
        redirect_uris: vec!["http://a/cb".to_owned(), "app://b".to_owned()],
    };
    house.commit(|t| apps::insert(t, &app)).await.unwrap();
    assert!(matches!(house.commit(|t| apps::insert(t, &app)).await, Err(Error::Duplicate(_))));
    assert_eq!(apps::get(&house.db, &app.id).await.unwrap().as_ref(), Some(&app));
    assert_eq!(
        apps::of_tenant(&house.db, &house.tenant).await.unwrap().as_slice(),
        std::slice::from_ref(&app)
    );
    let debug = format!("{app:?}");
    assert!(!debug.contains("salt") && !debug.contains("hash"), "{debug}");
    house
        .commit(|t| {
            apps::set_secret(t, &app.id, "s2", "h2");
            apps::set_enabled(t, &app.id, false);
            apps::set_scopes(t, &app.id, "*");
            apps::set_redirect_uris(t, &app.id, &[]);
            apps::describe(t, &app.id, "other", "");
        })
        .await
        .unwrap();
    let changed = apps::get(&house.db, &app.id).await.unwrap().unwrap();
    assert_eq!((changed.secret_salt.as_str(), changed.secret_hash.as_str()), ("s2", "h2"));
    assert_eq!((changed.enabled, changed.scopes.as_str()), (false, "*"));
    assert_eq!((changed.name.as_str(), changed.description.as_str()), ("other", ""));
    assert!(changed.redirect_uris.is_empty());
    let listed = apps::list(&house.db, &app.id.as_str()[..19], 1_000).await.unwrap();
    assert!(listed.contains(&changed));
    assert!(!apps::list(&house.db, app.id.as_str(), 1_000).await.unwrap().contains(&changed));
    let nobody = house.commit(|t| apps::set_enabled(t, &"cli_none".into(), true)).await;
    assert!(is_conflict(&nobody, "app"), "{nobody:?}");
}

async fn tenants_are_new_renamed_and_listed(house: &House) {
    let tenant = Tenant {
        id: TenantId(house.ids.hex(16)),
        name: "B".to_owned(),
        node_count: 0,
        created_ms: 1,
    };
    house.commit(|t| tenants::insert_new(t, &tenant)).await.unwrap();
    let again = house.commit(|t| tenants::insert_new(t, &tenant)).await;
    assert!(matches!(again, Err(Error::Duplicate(_))), "{again:?}");
    house.commit(|t| tenants::rename(t, &tenant.id, "乙")).await.unwrap();
    let nobody = house.commit(|t| tenants::rename(t, &"none".into(), "x")).await;
    assert!(is_conflict(&nobody, "tenant"), "{nobody:?}");
    let renamed = Tenant { name: "乙".to_owned(), ..tenant };
    let listed = tenants::list(&house.db, &renamed.id.as_str()[..15], 1_000).await.unwrap();
    assert!(listed.contains(&renamed) && listed.is_sorted_by_key(|one| one.id.clone()));
    let behind = tenants::list(&house.db, renamed.id.as_str(), 1_000).await.unwrap();
    assert!(!behind.contains(&renamed));
}

async fn users_come_back_and_change(house: &House) {
    let user = User {
        tenant: house.tenant.clone(),
        id: "7a1b".into(),
        number: house.ids.number(1_795_244_000_000),
        name: "王".to_owned(),
        profile: Profile { en_name: "Wang".to_owned(), ..Profile::default() },
        admin: true,
        enabled: true,
        created_ms: 7,
    };
    house.commit(|t| users::insert(t, &user)).await.unwrap();
    assert!(matches!(house.commit(|t| users::insert(t, &user)).await, Err(Error::Duplicate(_))));
    let by_id = users::get(&house.db, &house.tenant, &user.id).await.unwrap();
    assert_eq!(by_id.as_ref(), Some(&user));
    assert_eq!(users::by_number(&house.db, user.number).await.unwrap().as_ref(), Some(&user));

    let profile = Profile {
        en_name: String::new(),
        email: "w@example.com".to_owned(),
        mobile: "+86130".to_owned(),
        employee_no: "9".to_owned(),
        avatar_url: "http://a/b.png".to_owned(),
    };
    let changed = User { name: "李".to_owned(), profile, admin: false, enabled: false, ..user };
    house.commit(|t| users::update(t, &changed)).await.unwrap();
    let listed = users::list(&house.db, &house.tenant, "", 10).await.unwrap();
    assert_eq!(listed.as_slice(), std::slice::from_ref(&changed));
    assert!(users::list(&house.db, &house.tenant, "7a1b", 10).await.unwrap().is_empty());
    assert!(users::list(&house.db, &"other".into(), "", 10).await.unwrap().is_empty());
    let nobody = User { id: "none".into(), ..changed.clone() };
    let nobody = house.commit(|t| users::update(t, &nobody)).await;
    assert!(is_conflict(&nobody, "user"), "{nobody:?}");

    let (tenant, id) = (&changed.tenant, &changed.id);
    assert_eq!(users::password_hash(&house.db, tenant, id).await.unwrap(), None);
    house.commit(|t| users::set_password_hash(t, tenant, id, Some("$x"))).await.unwrap();
    let hash = users::password_hash(&house.db, tenant, id).await.unwrap();
    assert_eq!(hash.as_deref(), Some("$x"));
    assert_eq!(users::password_hash(&house.db, tenant, &"none".into()).await.unwrap(), None);
}

async fn departments_nest_and_have_members(house: &House) {
    let make = |id: &str, parent: &str, order: i64| Department {
        tenant: house.tenant.clone(),
        id: id.to_owned(),
        number: house.ids.number(1_795_244_000_000),
        name: format!("部门 {id}"),
        parent: parent.to_owned(),
        order,
        created_ms: 7,
    };
    let (sales, research) = (make("sales", departments::ROOT, 2), make("research", "0", 1));
    let lab = make("lab", "research", 1);
    for department in [&sales, &research, &lab] {
        house.commit(|t| departments::insert(t, department)).await.unwrap();
    }
    let again = house.commit(|t| departments::insert(t, &sales)).await;
    assert!(matches!(again, Err(Error::Duplicate(_))), "{again:?}");
    let top = departments::children(&house.db, &house.tenant, departments::ROOT).await.unwrap();
    assert_eq!(top, [research.clone(), sales.clone()]);
    let all = departments::list(&house.db, &house.tenant, "", 10).await.unwrap();
    assert_eq!(all, [lab.clone(), research, sales.clone()]);
    let moved = Department { parent: "sales".to_owned(), name: "L".to_owned(), ..lab };
    house.commit(|t| departments::update(t, &moved)).await.unwrap();
    let found = departments::get(&house.db, &house.tenant, "lab").await.unwrap();
    assert_eq!(found.as_ref(), Some(&moved));
    let by_number = departments::by_number(&house.db, sales.number).await.unwrap();
    assert_eq!(by_number, Some(sales));
    assert_eq!(departments::get(&house.db, &"other".into(), "lab").await.unwrap(), None);

    let (user, tenant) = ("u".into(), &house.tenant);
    assert!(departments::of_user(&house.db, tenant, &user).await.unwrap().is_empty());
    for ids in [["lab", "sales"], ["sales", "lab"]] {
        let ids = ids.map(str::to_owned);
        house.commit(|t| departments::set_of_user(t, tenant, &user, &ids)).await.unwrap();
        assert_eq!(departments::of_user(&house.db, tenant, &user).await.unwrap(), ids);
    }
}

async fn store_apps_are_installed_and_removed(house: &House) {
    let app = larkspur_model::id::AppId(format!("cli_{}", house.ids.hex(16)));
    let one = Installation {
        app: app.clone(),
        tenant: house.tenant.clone(),
        enabled: true,
        created_ms: 5,
    };
    house.commit(|t| installations::put(t, &one)).await.unwrap();
    let off = Installation { enabled: false, created_ms: 9, ..one.clone() };
    house.commit(|t| installations::put(t, &off)).await.unwrap();
    let found = installations::get(&house.db, &app, &house.tenant).await.unwrap();
    let kept = Installation { enabled: false, ..one };
    assert_eq!(found.as_ref(), Some(&kept));
    assert_eq!(installations::of_app(&house.db, &app).await.unwrap(), [kept]);
    assert_eq!(installations::get(&house.db, &app, &"other".into()).await.unwrap(), None);
}

async fn tokens_fill_slots_once(house: &House) {
    let app = format!("cli_{}", house.ids.hex(16)).into();
    let token = |slot: i64, expires_ms: i64| TokenRecord {
        hash: house.ids.hex(64),
        kind: TokenKind::Tenant,
        app: larkspur_model::id::AppId::clone(&app),
        tenant: house.tenant.clone(),
        user: None,
        scopes: None,
        slot,
        issued_ms: expires_ms - 10,
        expires_ms,
    };
    let (first, rival, second) = (token(1, 100), token(1, 500), token(2, 200));
    let user = TokenRecord {
        user: Some("u".into()),
        scopes: Some("a b".to_owned()),
        kind: TokenKind::User,
        ..token(1, 300)
    };
    for record in [&first, &rival, &second, &user] {
        house.commit(|t| tokens::insert(t, record)).await.unwrap();
    }
    assert_eq!(tokens::by_hash(&house.db, &first.hash).await.unwrap().as_ref(), Some(&first));
    assert_eq!(tokens::by_hash(&house.db, &rival.hash).await.unwrap(), None);
    assert_eq!(tokens::by_hash(&house.db, &user.hash).await.unwrap().as_ref(), Some(&user));
    let newest = tokens::newest(&house.db, &app, &house.tenant, TokenKind::Tenant).await.unwrap();
    assert_eq!(newest, Some(second));
    house.commit(|t| tokens::forget_expired(t, 150)).await.unwrap();
    assert_eq!(tokens::by_hash(&house.db, &first.hash).await.unwrap(), None);
    assert_eq!(tokens::by_hash(&house.db, &user.hash).await.unwrap(), Some(user));
}

async fn codes_and_refresh_tokens_are_used_once(house: &House) {
    let holder = Holder {
        app: format!("cli_{}", house.ids.hex(16)).into(),
        tenant: house.tenant.clone(),
        user: "u".into(),
    };
    for challenge in
        [Challenge::None, Challenge::Plain("p".to_owned()), Challenge::S256("s".to_owned())]
    {
        let code = CodeRecord {
            hash: house.ids.hex(64),
            holder: holder.clone(),
            redirect_uri: "http://a/cb".to_owned(),
            scopes: "a b".to_owned(),
            challenge,
            issued_ms: 100,
            expires_ms: 200,
            used_ms: None,
        };
        house.commit(|t| authorizations::insert_code(t, &code)).await.unwrap();
        let found = authorizations::code(&house.db, &code.hash).await.unwrap();
        assert_eq!(found.as_ref(), Some(&code));
        house.commit(|t| authorizations::use_code(t, &code.hash, 150)).await.unwrap();
        let again = house.commit(|t| authorizations::use_code(t, &code.hash, 151)).await;
        assert!(is_conflict(&again, "code"), "{again:?}");
        let found = authorizations::code(&house.db, &code.hash).await.unwrap().unwrap();
        assert_eq!(found.used_ms, Some(150));
    }
    assert_eq!(authorizations::code(&house.db, "none").await.unwrap(), None);

    let token = |version: Version, expires_ms: i64| RefreshRecord {
        hash: house.ids.hex(64),
        holder: holder.clone(),
        scopes: "a".to_owned(),
        version,
        authorized_ms: 90,
        issued_ms: 100,
        expires_ms,
        used_ms: None,
        revoked_ms: None,
    };
    let (first, second) = (token(Version::V1, 300), token(Version::V2, 900));
    for one in [&first, &second] {
        house.commit(|t| authorizations::insert_refresh(t, one)).await.unwrap();
        let found = authorizations::refresh(&house.db, &one.hash).await.unwrap();
        assert_eq!(found.as_ref(), Some(one));
    }
    house.commit(|t| authorizations::use_refresh(t, &first.hash, 150)).await.unwrap();
    let again = house.commit(|t| authorizations::use_refresh(t, &first.hash, 151)).await;
    assert!(is_conflict(&again, "refresh"), "{again:?}");

    assert_eq!(authorizations::grant(&house.db, &holder).await.unwrap(), "");
    for scopes in ["a", "a b"] {
        house.commit(|t| authorizations::set_grant(t, &holder, scopes, 1)).await.unwrap();
        assert_eq!(authorizations::grant(&house.db, &holder).await.unwrap(), scopes);
    }
    house.commit(|t| authorizations::withdraw(t, &holder, 160)).await.unwrap();
    assert_eq!(authorizations::grant(&house.db, &holder).await.unwrap(), "");
    let found = authorizations::refresh(&house.db, &second.hash).await.unwrap().unwrap();
    assert_eq!(found.revoked_ms, Some(160));
    let late = house.commit(|t| authorizations::use_refresh(t, &second.hash, 161)).await;
    assert!(is_conflict(&late, "refresh"), "{late:?}");
    house.commit(|t| authorizations::forget_expired(t, 500)).await.unwrap();
    assert_eq!(authorizations::refresh(&house.db, &first.hash).await.unwrap(), None);
    assert!(authorizations::refresh(&house.db, &second.hash).await.unwrap().is_some());
}

async fn objects_come_back_whole(house: &House) {
    let file = Object {
        blob_key: Some(house.key()),
        size_bytes: 12,
        extension: "docx".to_owned(),
        media_type: "application/x".to_owned(),
        expires_ms: Some(900),
        extra: r#"{"a":1}"#.to_owned(),
        ..house.object(ObjectKind::File, "报告 final.docx", 50)
    };
    house.commit(|t| objects::insert(t, &file)).await.unwrap();
    let stored = objects::get(&house.db, &house.tenant, &file.token).await.unwrap().unwrap();
    assert_eq!(stored, file);
    assert!(stored.is_live(899) && !stored.is_live(900));
    let twice = house.commit(|t| objects::insert(t, &file)).await;
    assert!(matches!(twice, Err(Error::Duplicate(_))), "{twice:?}");

    house.commit(|t| objects::rename(t, &file.token, "other", 60)).await.unwrap();
    house.commit(|t| objects::touch(t, &file.token, 61)).await.unwrap();
    let stored = objects::get(&house.db, &house.tenant, &file.token).await.unwrap().unwrap();
    assert_eq!((stored.name.as_str(), stored.edited_ms), ("other", 61));

    let before = house.nodes().await;
    let key = file.blob_key.clone().unwrap();
    assert_eq!(house.released(&key).await, Some(None));
    house.commit(|t| objects::delete(t, &stored, 70)).await.unwrap();
    assert_eq!(house.released(&key).await, Some(Some(70)));
    assert_eq!(house.nodes().await, before - 1);
    let gone = house.commit(|t| objects::delete(t, &stored, 71)).await;
    assert!(is_conflict(&gone, "object"), "{gone:?}");
    assert_eq!(house.nodes().await, before - 1);
    let stored = objects::get(&house.db, &house.tenant, &file.token).await.unwrap().unwrap();
    assert!(stored.deleted_ms == Some(70) && !stored.is_live(71));

    let root = objects::root(&house.db, &house.tenant, "app:cli_a").await.unwrap().unwrap();
    assert_eq!(root.token, house.root);
    let mut second_root = house.object(ObjectKind::Folder, "Root", 1);
    second_root.parent = None;
    let second = house.commit(|t| objects::insert(t, &second_root)).await;
    assert!(matches!(second, Err(Error::Duplicate(_))), "{second:?}");
}

async fn folders_count_and_end_at_their_limit(house: &House) {
    let add = |count: usize| {
        let things: Vec<Object> =
            (0..count).map(|_| house.object(ObjectKind::File, "file", 1)).collect();
        async move { house.commit(|t| things.iter().for_each(|thing| objects::insert(t, thing))).await }
    };
    add(1_499).await.unwrap();
    let over = add(2).await;
    assert!(is_conflict(&over, "folder"), "{over:?}");
    assert_eq!(objects::child_count(&house.db, &house.root).await.unwrap(), 1_499);
    add(1).await.unwrap();
    assert_eq!(objects::child_count(&house.db, &house.root).await.unwrap(), 1_500);
    assert_eq!(house.nodes().await, 1_500);
    assert!(is_conflict(&add(1).await, "folder"));

    let full = "UPDATE tenants SET node_count = 400000 WHERE id = $1";
    let empty = "UPDATE objects SET child_count = 0 WHERE token = $1";
    house
        .commit(|t| {
            t.run(full, params![house.tenant.as_str()]);
            t.run(empty, params![house.root.as_str()]);
        })
        .await
        .unwrap();
    let over = add(1).await;
    assert!(is_conflict(&over, "tenant_nodes"), "{over:?}");
    // The tenant is asked before the folder, so it must have room for the next.
    let room = "UPDATE tenants SET node_count = 0 WHERE id = $1";
    house
        .commit(|t| {
            t.run(room, params![house.tenant.as_str()]);
        })
        .await
        .unwrap();

    let mut in_a_file = house.object(ObjectKind::File, "file", 1);
    let nowhere = ObjectToken(house.ids.token());
    in_a_file.parent = Some(nowhere);
    let orphan = house.commit(|t| objects::insert(t, &in_a_file)).await;
    assert!(is_conflict(&orphan, "folder"), "{orphan:?}");
}

/// Pages of `limit` until nothing follows.
async fn page_through(
    house: &House,
    order: Order,
    direction: Direction,
    limit: i64,
) -> Vec<Object> {
    let mut all: Vec<Object> = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page = objects::list(
            &house.db,
            &house.tenant,
            &house.root,
            order,
            direction,
            after.as_ref(),
            limit,
        )
        .await
        .unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(Cursor::behind(last, order).to_string().parse().unwrap());
        all.extend(page);
    }
}

async fn folders_list_in_every_order(house: &House) {
    let things: Vec<Object> = (0..1_500_i64)
        .map(|number| {
            // Many share a name and times, so that only the token tells them apart.
            let mut thing =
                house.object(ObjectKind::Docx, &format!("n{}", number % 37), number % 11);
            thing.edited_ms = number % 101;
            thing
        })
        .collect();
    house.commit(|t| things.iter().for_each(|thing| objects::insert(t, thing))).await.unwrap();
    for order in [Order::Name, Order::Created, Order::Edited] {
        let rising = page_through(house, order, Direction::Ascending, 200).await;
        assert_eq!(rising.len(), things.len(), "{order:?}");
        let place = |object: &Object| match order {
            Order::Edited => object.edited_ms,
            _ => object.created_ms,
        };
        let distinct: std::collections::BTreeSet<_> = rising.iter().map(|o| &o.token).collect();
        assert_eq!(distinct.len(), things.len(), "{order:?}");
        let sorted = match order {
            Order::Name => rising.chunk_by(|a, b| a.name == b.name).count() == 37,
            _ => rising.is_sorted_by_key(place),
        };
        assert!(sorted, "{order:?}");
        let mut falling = page_through(house, order, Direction::Descending, 137).await;
        falling.reverse();
        assert!(falling == rising, "{order:?}");
    }

    // What goes or comes elsewhere moves nothing: the second page starts where the first ended.
    let list = |after: Option<Cursor>| {
        let (order, way) = (Order::Edited, Direction::Descending);
        async move {
            let (db, tenant, root) = (&house.db, &house.tenant, &house.root);
            objects::list(db, tenant, root, order, way, after.as_ref(), 100).await.unwrap()
        }
    };
    let first = list(None).await;
    let after = Cursor::behind(&first[99], Order::Edited);
    let second = list(Some(after.clone())).await;
    let newcomer = house.object(ObjectKind::File, "new", 5_000);
    house
        .commit(|t| {
            objects::delete(t, &first[0], 1);
            objects::delete(t, &first[99], 1);
            objects::insert(t, &newcomer);
        })
        .await
        .unwrap();
    assert!(list(Some(after)).await == second);
    assert!(list(None).await[0] == newcomer);
}

async fn folders_nest_fifteen_deep(house: &House) {
    let mut parent = house.root.clone();
    let mut chain = vec![parent.clone()];
    for level in 1..=15 {
        assert!(!objects::is_too_deep(&house.db, &parent).await.unwrap(), "level {level}");
        let mut folder = house.object(ObjectKind::Folder, &format!("level {level}"), 1);
        folder.parent = Some(parent);
        house.commit(|t| objects::insert(t, &folder)).await.unwrap();
        parent = folder.token;
        chain.push(parent.clone());
    }
    assert!(objects::is_too_deep(&house.db, &parent).await.unwrap());
    let above = objects::ancestors(&house.db, &parent).await.unwrap();
    chain.pop();
    chain.reverse();
    assert_eq!(above.into_iter().map(|folder| folder.token).collect::<Vec<_>>(), chain);
    assert_eq!(objects::ancestors(&house.db, &house.root).await.unwrap(), []);

    // A chain that bites its own tail, which no call can make, is left after a while.
    let tail = "UPDATE objects SET parent = $2 WHERE token = $1";
    house.commit(|t| _ = t.run(tail, params![house.root.as_str(), parent.as_str()])).await.unwrap();
    assert_eq!(objects::ancestors(&house.db, &parent).await.unwrap().len(), 64);
}

async fn tenants_do_not_see_each_other(house: &House, other: &House) {
    let mine = house.object(ObjectKind::Docx, "mine", 1);
    house.commit(|t| objects::insert(t, &mine)).await.unwrap();
    assert_eq!(objects::get(&other.db, &other.tenant, &mine.token).await.unwrap(), None);
    let listed = objects::list(
        &other.db,
        &other.tenant,
        &house.root,
        Order::Name,
        Direction::Ascending,
        None,
        10,
    );
    assert_eq!(listed.await.unwrap(), []);
    let mut intruder = other.object(ObjectKind::File, "x", 1);
    intruder.parent = Some(house.root.clone());
    let refused = other.commit(|t| objects::insert(t, &intruder)).await;
    assert!(is_conflict(&refused, "folder"), "{refused:?}");
}

async fn expired_objects_let_go_of_their_blobs(house: &House) {
    let mut source = house.object(ObjectKind::Media, "source.md", 1);
    (source.parent, source.expires_ms, source.blob_key) = (None, Some(500), Some(house.key()));
    let mut kept = house.object(ObjectKind::Media, "picture.png", 1);
    (kept.parent, kept.blob_key) = (None, Some(house.key()));
    house
        .commit(|t| {
            objects::insert(t, &source);
            objects::insert(t, &kept);
        })
        .await
        .unwrap();
    let key = source.blob_key.clone().unwrap();
    let hold = |until_ms, now_ms| {
        let source = &source.token;
        house.commit(move |t| objects::set_expiry(t, source, until_ms, now_ms))
    };
    hold(None, 499).await.unwrap();
    house.commit(|t| objects::release_expired(t, 9_999)).await.unwrap();
    assert_eq!(house.released(&key).await, Some(None), "held for as long as it takes");
    hold(Some(500), 9_999).await.unwrap();
    assert!(is_conflict(&hold(Some(900), 500).await, "object"), "too late");
    house.commit(|t| objects::release_expired(t, 500)).await.unwrap();
    assert_eq!(house.released(&key).await, Some(None), "not before its time");
    house.commit(|t| objects::forget_expired(t, 501)).await.unwrap();
    house.commit(|t| objects::release_expired(t, 501)).await.unwrap();
    assert_eq!(house.released(&key).await, Some(Some(501)));
    let stored = objects::get(&house.db, &house.tenant, &source.token).await.unwrap().unwrap();
    assert_eq!((stored.blob_key, stored.expires_ms), (None, Some(500)));
    house.commit(|t| objects::forget_expired(t, 501)).await.unwrap();
    assert_eq!(objects::get(&house.db, &house.tenant, &source.token).await.unwrap(), None);
    assert!(objects::get(&house.db, &house.tenant, &kept.token).await.unwrap().is_some());
    assert_eq!(house.released(&kept.blob_key.unwrap()).await, Some(None));
}

async fn uploads_take_parts_and_end_once(house: &House) {
    let upload = Upload {
        id: house.ids.number(1_795_244_000_000).to_string(),
        tenant: house.tenant.clone(),
        app: "cli_a".into(),
        creator: "app:cli_a".to_owned(),
        kind: UploadKind::File,
        name: "a.xlsx".to_owned(),
        parent_type: "explorer".to_owned(),
        parent: house.root.to_string(),
        size_bytes: 10,
        block_bytes: 4,
        extra: String::new(),
        created_ms: 5,
        expires_ms: 1_000,
        finished_token: None,
    };
    assert_eq!(
        (upload.block_count(), upload.part_bytes(0), upload.part_bytes(2)),
        (3, Some(4), Some(2))
    );
    assert_eq!((upload.part_bytes(3), upload.part_bytes(-1)), (None, None));
    house.commit(|t| uploads::insert(t, &upload)).await.unwrap();
    assert_eq!(
        uploads::get(&house.db, &house.tenant, &upload.id).await.unwrap().as_ref(),
        Some(&upload)
    );
    assert_eq!(uploads::get(&house.db, &"other".into(), &upload.id).await.unwrap(), None);

    let part =
        |seq: i64| UploadPart { seq, size_bytes: 4, adler32: 4_294_967_295, blob_key: house.key() };
    let (second, first, again) = (part(1), part(0), part(1));
    for part in [&second, &first, &again] {
        house.commit(|t| uploads::put_part(t, &upload.id, part, 20)).await.unwrap();
    }
    assert_eq!(
        uploads::parts(&house.db, &upload.id).await.unwrap(),
        [first.clone(), again.clone()]
    );
    assert_eq!(house.released(&second.blob_key).await, Some(Some(20)));
    assert_eq!(house.released(&again.blob_key).await, Some(None));

    let token = ObjectToken(house.ids.token());
    house.commit(|t| uploads::finish(t, &upload.id, &token, 30)).await.unwrap();
    let twice = house.commit(|t| uploads::finish(t, &upload.id, &token, 31)).await;
    assert!(is_conflict(&twice, "upload"), "{twice:?}");
    let late = house.commit(|t| uploads::put_part(t, &upload.id, &part(2), 32)).await;
    assert!(is_conflict(&late, "upload"), "{late:?}");
    let ended = uploads::get(&house.db, &house.tenant, &upload.id).await.unwrap().unwrap();
    assert_eq!(ended.finished_token, Some(token));
    assert_eq!(uploads::parts(&house.db, &upload.id).await.unwrap(), []);
    assert_eq!(house.released(&first.blob_key).await, Some(Some(30)));

    let abandoned =
        Upload { id: house.ids.number(1_795_244_000_001).to_string(), ..upload.clone() };
    let lost = part(0);
    house.commit(|t| uploads::insert(t, &abandoned)).await.unwrap();
    house.commit(|t| uploads::put_part(t, &abandoned.id, &lost, 20)).await.unwrap();
    house.commit(|t| uploads::forget_expired(t, 1_000, 1_000)).await.unwrap();
    assert!(uploads::get(&house.db, &house.tenant, &abandoned.id).await.unwrap().is_some());
    house.commit(|t| uploads::forget_expired(t, 1_001, 1_001)).await.unwrap();
    assert_eq!(uploads::get(&house.db, &house.tenant, &abandoned.id).await.unwrap(), None);
    assert_eq!(uploads::get(&house.db, &house.tenant, &upload.id).await.unwrap(), None);
    assert_eq!(house.released(&lost.blob_key).await, Some(Some(1_001)));
}

async fn documents_change_by_revision(house: &House) {
    let token = ObjectToken(house.ids.token());
    let first = DocumentRecord::first(token.clone(), house.tenant.clone(), house.key());
    house.commit(|t| documents::insert(t, &first, 9, 5)).await.unwrap();
    let stored = documents::get(&house.db, &house.tenant, &first.token).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&first));
    assert_eq!(documents::get(&house.db, &"other".into(), &first.token).await.unwrap(), None);
    let change = |revision, client_token: &str| DocumentChange {
        revision,
        app: "cli_a".into(),
        client_token: client_token.to_owned(),
        digest: "d".to_owned(),
        made: format!("made {revision}"),
        before: vec![revision as u8, 0],
        after: vec![revision as u8, 1],
    };
    let now = async || documents::get(&house.db, &house.tenant, &token).await.unwrap().unwrap();
    let named = change(2, "once");
    house.commit(|t| documents::edit(t, &first, &named, "v2", None, 6)).await.unwrap();
    let second = now().await;
    assert_eq!((second.revision, second.blob_revision, second.change_bytes), (2, 1, 2));
    let late = house.commit(|t| documents::edit(t, &first, &change(2, "b"), "w", None, 6)).await;
    assert!(is_conflict(&late, "revision"), "{late:?}");
    let again = house.commit(|t| documents::edit(t, &second, &change(3, "once"), "w", None, 6));
    assert!(matches!(again.await, Err(Error::Duplicate { .. })));
    let key = house.key();
    let whole = Some((key.as_str(), 7));
    house.commit(|t| documents::edit(t, &second, &change(3, "c"), "v3", whole, 6)).await.unwrap();
    let third = now().await;
    assert_eq!((third.revision, third.blob_revision, third.change_bytes), (3, 3, 0));
    assert_eq!((third.blob_key.as_str(), third.version.as_str()), (key.as_str(), "v3"));
    assert_eq!(house.released(&first.blob_key).await, Some(Some(6)));
    assert_eq!(house.released(&key).await, Some(None));
    let forth = documents::changes_forth(&house.db, &token, 1, 3).await.unwrap();
    assert_eq!(forth, [(2, vec![2, 1]), (3, vec![3, 1])]);
    let back = documents::changes_back(&house.db, &token, 3, 1).await.unwrap();
    assert_eq!(back, [(3, vec![3, 0]), (2, vec![2, 0])]);
    let found = documents::edit_named(&house.db, &token, &"cli_a".into(), "once").await.unwrap();
    assert_eq!(found.map(|found| (found.revision, found.made)), Some((2, "made 2".to_owned())));
    let other = documents::edit_named(&house.db, &token, &"cli_b".into(), "once").await.unwrap();
    assert_eq!(other, None);

    let media = ObjectToken(house.ids.token());
    house
        .commit(|t| {
            documents::put_asset(t, &first.token, AssetId(1), &house.root);
            documents::put_asset(t, &first.token, AssetId(0), &media);
            documents::put_asset(t, &first.token, AssetId(1), &media);
        })
        .await
        .unwrap();
    let assets = documents::assets(&house.db, &first.token).await.unwrap();
    assert_eq!(assets, [(AssetId(0), media.clone()), (AssetId(1), media)]);
}

async fn spreadsheets_come_back_with_their_sheets(house: &House) {
    let spreadsheet = SpreadsheetRecord {
        token: ObjectToken(house.ids.token()),
        tenant: house.tenant.clone(),
        revision: 1,
        manifest_key: house.key(),
        cells_key: house.key(),
    };
    let sheets: Vec<SheetRecord> = (0..3)
        .map(|position| SheetRecord {
            id: house.ids.sheet().into(),
            position,
            name: format!("表{position}"),
            hidden: position == 1,
            row_count: 1_048_576,
            column_count: 20,
        })
        .collect();
    house.commit(|t| spreadsheets::insert(t, &spreadsheet, &sheets, [3, 4], 5)).await.unwrap();
    let stored = spreadsheets::get(&house.db, &house.tenant, &spreadsheet.token).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&spreadsheet));
    assert_eq!(spreadsheets::sheets(&house.db, &spreadsheet.token).await.unwrap(), sheets);
    assert_eq!(
        spreadsheets::get(&house.db, &"other".into(), &spreadsheet.token).await.unwrap(),
        None
    );
    assert_eq!(house.released(&spreadsheet.cells_key).await, Some(None));
    spreadsheets_are_edited_by_who_saw_the_last_revision(house, spreadsheet, &sheets[1]).await;
}

async fn spreadsheets_are_edited_by_who_saw_the_last_revision(
    house: &House,
    spreadsheet: SpreadsheetRecord,
    sheet: &SheetRecord,
) {
    let object = house.object(ObjectKind::Sheet, "book", 5);
    let spreadsheet = SpreadsheetRecord {
        token: object.token.clone(),
        manifest_key: house.key(),
        cells_key: house.key(),
        ..spreadsheet
    };
    let sheet = &SheetRecord { row_count: 7, column_count: 3, ..sheet.clone() };
    house
        .commit(|t| {
            objects::insert(t, &object);
            spreadsheets::insert(t, &spreadsheet, std::slice::from_ref(sheet), [3, 4], 5);
        })
        .await
        .unwrap();
    let edit = |before: &SpreadsheetRecord| SpreadsheetRecord {
        revision: before.revision + 1,
        manifest_key: house.key(),
        ..before.clone()
    };
    let publish = async |before: &SpreadsheetRecord,
                         next: &SpreadsheetRecord,
                         added: Option<&str>,
                         dropped: &[String]| {
        let edited = EditedSpreadsheet {
            before,
            next,
            manifest_bytes: 3,
            sheet,
            added: added.map(|key| (key, 9)),
            dropped,
        };
        house.commit(|t| spreadsheets::update(t, &edited, 50)).await
    };
    let (second, late, file) = (edit(&spreadsheet), edit(&spreadsheet), house.key());
    publish(&spreadsheet, &second, Some(&file), &[]).await.unwrap();
    let refused = publish(&spreadsheet, &late, None, &[]).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict { label: "revision" }), "{refused}");
    assert_eq!(house.released(&spreadsheet.manifest_key).await, Some(Some(50)));
    assert_eq!(house.released(&late.manifest_key).await, None);
    let stored = spreadsheets::get(&house.db, &house.tenant, &spreadsheet.token).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&second));
    // All cells in one new file: the first one and the other are let go of.
    let third = SpreadsheetRecord { cells_key: house.key(), ..edit(&second) };
    let dropped = [second.cells_key.clone(), file.clone()];
    publish(&second, &third, Some(&third.cells_key), &dropped).await.unwrap();
    assert_eq!(house.released(&file).await, Some(Some(50)));
    assert_eq!(house.released(&third.cells_key).await, Some(None));
    // With the spreadsheet goes what an edit left beside the first file.
    let (fourth, beside) = (edit(&third), house.key());
    publish(&third, &fourth, Some(&beside), &[]).await.unwrap();
    house.commit(|t| objects::delete_tree(t, &object, 60)).await.unwrap();
    for key in [&fourth.manifest_key, &fourth.cells_key, &beside] {
        assert_eq!(house.released(key).await, Some(Some(60)));
    }
    let refused = publish(&fourth, &edit(&fourth), None, &[]).await.unwrap_err();
    assert!(matches!(refused, Error::Conflict { label: "object" }), "{refused}");
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
