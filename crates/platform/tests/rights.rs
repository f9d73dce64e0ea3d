//! Who may do what with a thing, and links that are rights themselves.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;

use larkspur_model::id::{AppId, Ids, ObjectToken, TenantId};
use larkspur_model::time::{Clock, HOUR_MS, ManualClock};
use larkspur_platform::{
    Access, AppKind, Caller, NewApp, NewTenant, NewUser, Platform, PlatformParts, Scopes,
    TokenKind, access,
};
use larkspur_store::Db;
use larkspur_store::members::{self, Member, Perm, Reach};
use larkspur_store::objects::{self, Object, ObjectKind};
use larkspur_store::sql::Transaction;

const START_MS: i64 = 1_795_244_000_000;

struct House {
    db: Db,
    clock: Arc<ManualClock>,
    platform: Platform,
    tenant: TenantId,
    app: AppId,
}

impl House {
    async fn new() -> Self {
        let db = Db::open_temporary().await.unwrap();
        let clock = Arc::new(ManualClock::at(START_MS));
        let parts = PlatformParts {
            db: db.clone(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            real_clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ids: Arc::new(Ids::from_system()),
        };
        let platform = Platform::open(parts).await.unwrap();
        let tenant = NewTenant { id: None, name: "A".to_owned() };
        let admin = NewUser { name: "A".to_owned(), ..NewUser::default() };
        let app = NewApp::default();
        let made = platform.create_tenant_with_app(&tenant, &app, &admin).await.unwrap();
        Self { db, clock, platform, tenant: made.tenant.id, app: made.app.id }
    }

    fn caller(&self, user: Option<&str>) -> Caller {
        Caller {
            tenant: self.tenant.clone(),
            app: self.app.clone(),
            app_kind: AppKind::Custom,
            kind: if user.is_some() { TokenKind::User } else { TokenKind::Tenant },
            user: user.map(Into::into),
            admin: false,
            scopes: Arc::new(Scopes::All),
        }
    }

    async fn add(&self, kind: ObjectKind, owner: &str, parent: Option<&Object>) -> Object {
        let object = Object {
            token: ObjectToken(Ids::from_system().token()),
            tenant: self.tenant.clone(),
            kind,
            name: String::new(),
            parent: parent.map(|parent| parent.token.clone()),
            route: None,
            owner: owner.to_owned(),
            creator_app: self.app.clone(),
            size_bytes: 0,
            blob_key: None,
            extension: String::new(),
            media_type: String::new(),
            created_ms: 0,
            edited_ms: 0,
            expires_ms: None,
            deleted_ms: None,
            extra: String::new(),
        };
        let mut transaction = Transaction::new();
        objects::insert(&mut transaction, &object);
        self.db.commit(transaction).await.unwrap();
        object
    }

    async fn share(&self, object: &Object, identity: &str, perm: Perm) {
        let member = Member {
            object: object.token.clone(),
            tenant: self.tenant.clone(),
            identity: identity.to_owned(),
            perm,
            reach: Reach::Container,
            added_by: String::new(),
            added_ms: 0,
        };
        let mut transaction = Transaction::new();
        members::put(&mut transaction, &member);
        self.db.commit(transaction).await.unwrap();
    }

    async fn access(&self, caller: &Caller, object: &Object) -> Option<Access> {
        access(&self.db, caller, object).await.unwrap()
    }
}

#[tokio::test]
async fn things_are_open_to_owners_administrators_and_nobody_else() {
    let house = House::new().await;
    let root = house.add(ObjectKind::Folder, "user:u", None).await;
    let document = house.add(ObjectKind::Docx, "user:u", Some(&root)).await;
    let export = house.add(ObjectKind::Export, "user:u", None).await;
    let (app, u, v) = (house.caller(None), house.caller(Some("u")), house.caller(Some("v")));
    let admin = Caller { admin: true, ..v.clone() };
    let elsewhere = Caller { tenant: TenantId::from("else"), ..admin.clone() };
    for object in [&document, &export] {
        assert_eq!(house.access(&u, object).await, Some(Access::Manage));
        assert_eq!(house.access(&admin, object).await, Some(Access::Manage));
        // What a user makes through an app is not the app's.
        for caller in [&app, &v, &elsewhere] {
            assert_eq!(house.access(caller, object).await, None, "{caller:?}");
        }
    }
    // Whoever may read everything still does not get what others exported.
    house.share(&root, "user:v", Perm::FullAccess).await;
    house.share(&export, "user:v", Perm::FullAccess).await;
    assert_eq!(house.access(&v, &document).await, Some(Access::Manage));
    assert_eq!(house.access(&v, &export).await, None);
}

#[tokio::test]
async fn the_largest_grant_on_the_way_up_counts() {
    let house = House::new().await;
    let root = house.add(ObjectKind::Folder, "user:u", None).await;
    let folder = house.add(ObjectKind::Folder, "user:u", Some(&root)).await;
    let document = house.add(ObjectKind::Docx, "user:u", Some(&folder)).await;
    let v = house.caller(Some("v"));
    house.share(&folder, "user:v", Perm::Edit).await;
    house.share(&document, "user:v", Perm::View).await;
    assert_eq!(house.access(&v, &document).await, Some(Access::Edit));
    assert_eq!(house.access(&v, &folder).await, Some(Access::Edit));
    assert_eq!(house.access(&v, &root).await, None);
    // What somebody else puts into a folder is its owner's to manage too.
    let guest = house.add(ObjectKind::File, "user:v", Some(&folder)).await;
    assert_eq!(house.access(&house.caller(Some("u")), &guest).await, Some(Access::Manage));
}

#[tokio::test]
async fn an_app_is_given_documents_by_itself_and_folders_through_a_chat() {
    let house = House::new().await;
    let root = house.add(ObjectKind::Folder, "user:u", None).await;
    let folder = house.add(ObjectKind::Folder, "user:u", Some(&root)).await;
    let document = house.add(ObjectKind::Docx, "user:u", Some(&folder)).await;
    let (app, identity) = (house.caller(None), format!("app:{}", house.app));
    house.share(&folder, &identity, Perm::FullAccess).await;
    assert_eq!(house.access(&app, &document).await, None);
    house.share(&document, &identity, Perm::Edit).await;
    assert_eq!(house.access(&app, &document).await, Some(Access::Edit));
    assert_eq!(house.access(&app, &folder).await, None);
    let mut transaction = Transaction::new();
    members::set_gathering(&mut transaction, &house.tenant, "chat:oc_1", &[identity]);
    house.db.commit(transaction).await.unwrap();
    house.share(&folder, "chat:oc_1", Perm::FullAccess).await;
    assert_eq!(house.access(&app, &folder).await, Some(Access::Manage));
    assert_eq!(house.access(&app, &document).await, Some(Access::Manage));
}

#[tokio::test]
async fn apps_are_found_by_the_ids_they_have_in_each_other() {
    let house = House::new().await;
    let (second, _) = house.platform.create_app(&house.tenant, &NewApp::default()).await.unwrap();
    let of = |viewer: &AppId, app: &AppId| house.platform.open_id_of_app(viewer, app);
    let seen = of(&house.app, &second.id);
    assert!(seen.starts_with("ou_") && seen.len() == 35 && seen != of(&second.id, &second.id));
    let find = |tenant: TenantId, viewer: AppId, id: String| {
        let platform = &house.platform;
        async move { platform.app_of_open_id(&tenant, &viewer, &id).await.unwrap() }
    };
    let (tenant, app) = (house.tenant.clone(), house.app.clone());
    assert_eq!(find(tenant.clone(), app.clone(), seen.clone()).await, Some(second.id.clone()));
    assert_eq!(find(tenant.clone(), second.id.clone(), seen.clone()).await, None);
    assert_eq!(find("other".into(), app.clone(), seen).await, None);
    assert_eq!(find("other".into(), app.clone(), of(&app, &app)).await, Some(app));
}

#[tokio::test]
async fn a_link_opens_for_its_time_and_cannot_be_made_up() {
    let house = House::new().await;
    let token = ObjectToken::from("boxcnAAAAAAAAAAAAAAAAAAAAAA");
    let code = house.platform.link_code(&token, START_MS + HOUR_MS);
    let code = code.expose();
    assert!(code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{code}");
    assert_eq!(house.platform.linked(code), Some(token.clone()));
    let (named, signature) = code.rsplit_once('_').unwrap();
    let later = format!("{token}_{}_{signature}", START_MS + 2 * HOUR_MS);
    let other = code.replacen("boxcn", "boxcm", 1);
    let unsigned = format!("{named}_");
    for forged in ["", "_", "__", &later, &other, &unsigned, &code[..code.len() - 1]] {
        assert_eq!(house.platform.linked(forged), None, "{forged}");
    }
    house.clock.advance(HOUR_MS);
    assert_eq!(house.platform.linked(code), None);
}
