//! Tenants, apps, users and departments as the floors above make and change them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;

use larkspur_model::id::Ids;
use larkspur_model::time::{Clock, MINUTE_MS, ManualClock};
use larkspur_platform::{
    AppChange, AppKind, Error, NewApp, NewDepartment, NewTenant, NewUser, Platform, PlatformParts,
    Secret, SignIn, UserChange,
};
use larkspur_store::{DatabaseUrl, Db, Durability};
use tempfile::TempDir;

const START_MS: i64 = 1_795_244_000_000;

struct House {
    _folder: TempDir,
    db: Db,
    real_clock: Arc<ManualClock>,
    platform: Platform,
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("larkspur.db"));
        let db = Db::open(&url, Durability::Full).await.unwrap();
        let real_clock = Arc::new(ManualClock::at(START_MS));
        let parts = PlatformParts {
            db: db.clone(),
            clock: Arc::new(ManualClock::at(START_MS)),
            real_clock: Arc::clone(&real_clock) as Arc<dyn Clock>,
            ids: Arc::new(Ids::from_system()),
        };
        let platform = Platform::open(parts).await.unwrap();
        Self { _folder: folder, db, real_clock, platform }
    }

    async fn tenant(&self) -> larkspur_model::id::TenantId {
        let new = NewTenant { id: None, name: "A".to_owned() };
        self.platform.create_tenant(&new).await.unwrap().id
    }
}

fn named(name: &str) -> NewUser {
    NewUser { name: name.to_owned(), ..NewUser::default() }
}

#[tokio::test]
async fn a_chosen_secret_opens_its_app_and_is_kept_nowhere() {
    let house = House::new().await;
    let tenant = house.tenant().await;
    let secret = Secret::new("secret-of-the-fixture");
    let new = NewApp {
        id: Some("cli_fixture".to_owned()),
        secret: Some(secret.clone()),
        scopes: "drive:drive".to_owned(),
        ..NewApp::default()
    };
    let (app, given) = house.platform.create_app(&tenant, &new).await.unwrap();
    assert_eq!((app.id.as_str(), given), ("cli_fixture", secret));
    house.platform.tenant_token("cli_fixture", "secret-of-the-fixture").await.unwrap();
    let again = house.platform.create_app(&tenant, &new).await;
    assert!(matches!(again, Err(Error::Taken { what: "app", .. })), "{again:?}");
    let nowhere = house.platform.create_app(&"none".into(), &NewApp::default()).await;
    assert!(matches!(nowhere, Err(Error::NoSuchTenant(_))), "{nowhere:?}");
    let kept = house.db.query("SELECT secret_hash, secret_salt FROM apps", Vec::new()).await;
    let kept = format!("{:?}", kept.unwrap());
    assert!(!kept.contains("fixture"), "{kept}");
    let change = AppChange { scopes: Some("a:b  c:d".to_owned()), ..AppChange::default() };
    let changed = house.platform.update_app(&app.id, &change).await.unwrap();
    assert_eq!((changed.scopes.as_str(), changed.name.as_str()), ("a:b c:d", "App"));
}

#[tokio::test]
async fn store_apps_are_installed_and_custom_apps_are_not() {
    let house = House::new().await;
    let (home, other) = (house.tenant().await, house.tenant().await);
    let store = NewApp { kind: AppKind::Store, ..NewApp::default() };
    let (store, _) = house.platform.create_app(&home, &store).await.unwrap();
    let (custom, _) = house.platform.create_app(&home, &NewApp::default()).await.unwrap();
    assert!(house.platform.install(&store.id, &other, true).await.unwrap().enabled);
    assert!(!house.platform.install(&store.id, &other, false).await.unwrap().enabled);
    let refused = house.platform.install(&custom.id, &other, true).await;
    assert!(matches!(refused, Err(Error::Malformed { field: "app_id", .. })), "{refused:?}");
}

#[tokio::test]
async fn departments_have_ids_that_lead_back_and_never_stand_below_themselves() {
    let house = House::new().await;
    let (tenant, other) = (house.tenant().await, house.tenant().await);
    let platform = &house.platform;
    let new = |name: &str, parent: Option<&str>| NewDepartment {
        id: Some(name.to_owned()),
        name: name.to_owned(),
        parent: parent.map(str::to_owned),
        order: 0,
    };
    let top = platform.create_department(&tenant, &new("top", None)).await.unwrap();
    let below = platform.create_department(&tenant, &new("below", Some("top"))).await.unwrap();
    let id = platform.open_department_id(&below);
    assert!(id.starts_with("od-") && id.len() == 35, "{id}");
    let found = platform.department_of_open_id(&tenant, &id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&below));
    assert_eq!(platform.department_of_open_id(&other, &id).await.unwrap(), None);
    assert_eq!(platform.department_of_open_id(&tenant, "od-0").await.unwrap(), None);
    let mut knot = top.clone();
    knot.parent = "below".to_owned();
    let refused = platform.update_department(&knot).await;
    assert!(matches!(refused, Err(Error::Malformed { .. })), "{refused:?}");
    let stray = NewUser { departments: vec!["none".to_owned()], ..named("x") };
    let stray = platform.create_user(&tenant, &stray).await;
    assert!(matches!(stray, Err(Error::NoSuchDepartment(_))), "{stray:?}");
}

#[tokio::test]
async fn passwords_are_compared_hashed_and_guesses_bounded() {
    let house = House::new().await;
    let tenant = house.tenant().await;
    let password = Secret::new("correct horse battery");
    let new = NewUser { password: Some(password.clone()), ..named("王") };
    let user = house.platform.create_user(&tenant, &new).await.unwrap();
    let sign_in = |secret: &Secret| {
        let (platform, tenant, secret) = (&house.platform, tenant.clone(), secret.clone());
        let user = user.id.clone();
        async move { platform.sign_in(&tenant, &user, &secret).await.unwrap() }
    };
    assert_eq!(sign_in(&password).await, SignIn::Right);
    let wrong = Secret::new("wrong");
    for _ in 0..10 {
        assert_eq!(sign_in(&wrong).await, SignIn::Wrong);
    }
    assert_eq!(sign_in(&password).await, SignIn::TooMany);
    house.real_clock.advance(10 * MINUTE_MS);
    assert_eq!(sign_in(&password).await, SignIn::Right);
    let kept = house.db.query("SELECT password_hash FROM users", Vec::new()).await.unwrap();
    assert!(kept.iter().all(|row| !row.text(0).unwrap_or_default().contains("horse")));
    assert!(kept.iter().any(|row| row.text(0).unwrap_or_default().starts_with("$argon2id$")));
    let nobody = house.platform.create_user(&tenant, &named("no password")).await.unwrap();
    let answer = house.platform.sign_in(&tenant, &nobody.id, &Secret::new("")).await.unwrap();
    assert_eq!(answer, SignIn::Wrong);
    let change = UserChange { password: Some(Secret::new("another one")), ..UserChange::default() };
    house.platform.update_user(&tenant, &user.id, change).await.unwrap();
    assert_eq!(sign_in(&password).await, SignIn::Wrong);
    assert_eq!(sign_in(&Secret::new("another one")).await, SignIn::Right);
}
