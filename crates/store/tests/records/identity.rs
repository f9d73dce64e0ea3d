//! Settings, apps, tenants, users, departments, and what lets them in.

use larkspur_model::id::TenantId;
use larkspur_store::Error;
use larkspur_store::apps::{self, App, AppKind};
use larkspur_store::authorizations::{self, Challenge, CodeRecord, Holder, RefreshRecord, Version};
use larkspur_store::departments::{self, Department};
use larkspur_store::installations::{self, Installation};
use larkspur_store::settings;
use larkspur_store::tenants::{self, Tenant};
use larkspur_store::tokens::{self, TokenKind, TokenRecord};
use larkspur_store::users::{self, Profile, User};

use crate::{House, is_conflict};

pub(crate) async fn settings_are_kept_and_claimed_once(house: &House) {
    let name = house.ids.hex(8);
    assert_eq!(settings::get(&house.db, &name).await.unwrap(), None);
    house.commit(|t| settings::keep(t, &name, "first")).await.unwrap();
    house.commit(|t| settings::keep(t, &name, "second")).await.unwrap();
    let claimed = house.commit(|t| settings::claim(t, &name, "third")).await;
    assert!(is_conflict(&claimed, "setting"), "{claimed:?}");
    assert_eq!(settings::get(&house.db, &name).await.unwrap().as_deref(), Some("first"));
}

pub(crate) async fn apps_come_back_and_change(house: &House) {
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

pub(crate) async fn tenants_are_new_renamed_and_listed(house: &House) {
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

pub(crate) async fn users_come_back_and_change(house: &House) {
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

pub(crate) async fn departments_nest_and_have_members(house: &House) {
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

pub(crate) async fn store_apps_are_installed_and_removed(house: &House) {
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

pub(crate) async fn tokens_fill_slots_once(house: &House) {
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

pub(crate) async fn codes_and_refresh_tokens_are_used_once(house: &House) {
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
