//! The gate as the floors above see it: tokens, refusals, rights, and what must never be readable.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use larkspur_model::id::{AppId, Ids, UserId};
use larkspur_model::time::{Clock, HOUR_MS, MINUTE_MS, ManualClock, SECOND_MS};
use larkspur_platform::{
    AppKind, Bootstrap, Caller, Error, Platform, PlatformParts, Requirements, Scopes, TokenError,
    TokenKind,
};
use larkspur_store::objects;
use larkspur_store::sql::Transaction;
use larkspur_store::tokens::{self, TokenRecord};
use larkspur_store::users::{self, User};
use larkspur_store::{DatabaseUrl, Db, Durability, params};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

const START_MS: i64 = 1_795_244_000_000;

/// A platform over a database in a folder, with both clocks in hand.
struct House {
    folder: TempDir,
    db: Db,
    clock: Arc<ManualClock>,
    real_clock: Arc<ManualClock>,
    platform: Platform,
    made: Bootstrap,
    secret: String,
}

/// A token's hash as the store keeps it.
fn hash_of(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

async fn open(folder: &Path) -> Db {
    Db::open(&DatabaseUrl::Sqlite(folder.join("larkspur.db")), Durability::Full).await.unwrap()
}

async fn platform_over(db: &Db, clock: &Arc<ManualClock>, real: &Arc<ManualClock>) -> Platform {
    let parts = PlatformParts {
        db: db.clone(),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        real_clock: Arc::clone(real) as Arc<dyn Clock>,
        ids: Arc::new(Ids::from_system()),
    };
    Platform::open(parts).await.unwrap()
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = open(folder.path()).await;
        let clock = Arc::new(ManualClock::at(START_MS));
        let real_clock = Arc::new(ManualClock::at(START_MS));
        let platform = platform_over(&db, &clock, &real_clock).await;
        let made = platform.bootstrap().await.unwrap();
        let secret = made.app_secret.as_ref().unwrap().expose().to_owned();
        Self { folder, db, clock, real_clock, platform, made, secret }
    }

    /// The same data under a new process.
    async fn restart(self) -> Self {
        let Self { folder, db, clock, real_clock, platform, made, secret } = self;
        drop((db, platform));
        let db = open(folder.path()).await;
        let platform = platform_over(&db, &clock, &real_clock).await;
        Self { folder, db, clock, real_clock, platform, made, secret }
    }

    async fn token(&self) -> String {
        self.issue().await.0
    }

    async fn issue(&self) -> (String, i64) {
        let app = self.made.app_id.as_str();
        let issued = self.platform.tenant_token(app, &self.secret).await.unwrap();
        (issued.token.expose().to_owned(), issued.expire_s)
    }

    async fn call(&self, token: &str) -> Result<Arc<Caller>, i64> {
        let header = format!("Bearer {token}");
        self.platform.authenticate(Some(&header)).await.map_err(|denied| denied.code)
    }

    async fn commit(&self, fill: impl FnOnce(&mut Transaction)) {
        let mut transaction = Transaction::new();
        fill(&mut transaction);
        self.db.commit(transaction).await.unwrap();
    }

    /// A token with a life of an hour, as the user's sign-in would issue it.
    async fn user_token(&self, token: &str, user: &UserId) {
        let record = TokenRecord {
            hash: hash_of(token),
            kind: TokenKind::User,
            app: self.made.app_id.clone(),
            tenant: self.made.tenant.clone(),
            user: Some(user.clone()),
            scopes: Some("drive:drive".to_owned()),
            slot: 1,
            issued_ms: START_MS,
            expires_ms: START_MS + HOUR_MS,
        };
        self.commit(|t| tokens::insert(t, &record)).await;
    }
}

#[tokio::test]
async fn the_first_start_makes_a_tenant_and_later_ones_find_it() {
    let house = House::new().await;
    let made = house.made.clone();
    assert!(made.app_id.as_str().starts_with("cli_") && made.app_id.as_str().len() == 20);
    assert_eq!((made.tenant.as_str().len(), house.secret.len()), (16, 32));
    let house = house.restart().await;
    let found = house.platform.bootstrap().await.unwrap();
    assert_eq!(found, Bootstrap { app_secret: None, ..made.clone() });
    let caller = house.call(&house.token().await).await.unwrap();
    let root = house.platform.root_folder(&caller).await.unwrap();
    assert_eq!((root.token, root.owner), (made.root_folder, format!("app:{}", made.app_id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_agree() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(folder.path()).await;
    let clock = Arc::new(ManualClock::at(START_MS));
    let starts = (0..8).map(|_| {
        let (db, clock) = (db.clone(), Arc::clone(&clock));
        tokio::spawn(async move {
            let platform = platform_over(&db, &clock, &clock).await;
            let made = platform.bootstrap().await.unwrap();
            (platform, made)
        })
    });
    let starts: Vec<_> = starts.collect();
    let mut nodes = Vec::new();
    for start in starts {
        nodes.push(start.await.unwrap());
    }
    let secrets: Vec<_> = nodes.iter().filter_map(|(_, made)| made.app_secret.clone()).collect();
    assert_eq!(secrets.len(), 1);
    let app = nodes[0].1.app_id.clone();
    let mut tokens = Vec::new();
    for (platform, made) in &nodes {
        assert_eq!(made.app_id, app);
        let issued = platform.tenant_token(app.as_str(), secrets[0].expose()).await.unwrap();
        tokens.push(issued.token.expose().to_owned());
    }
    // One token, whichever node gave it, and each node takes it.
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    for (platform, _) in &nodes {
        platform.authenticate(Some(&format!("Bearer {}", tokens[0]))).await.unwrap();
    }
}

#[tokio::test]
async fn a_token_is_given_again_until_it_has_less_than_half_an_hour() {
    let house = House::new().await;
    let (first, expire_s) = house.issue().await;
    assert!(first.starts_with("t-") && first.len() == 42, "{}", first.len());
    assert!(first[2..].bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(expire_s, 7_200);
    house.clock.advance(SECOND_MS / 2);
    assert_eq!(house.issue().await, (first.clone(), 7_199));
    house.clock.advance(90 * MINUTE_MS - SECOND_MS / 2);
    assert_eq!(house.issue().await, (first.clone(), 1_800));
    house.clock.advance(1);
    let (second, expire_s) = house.issue().await;
    assert!(second != first && expire_s == 7_200);
    assert!(house.call(&first).await.is_ok() && house.call(&second).await.is_ok());
    // The whole announced life, to the millisecond, whether remembered or not.
    house.clock.advance(30 * MINUTE_MS - 2);
    assert!(house.call(&first).await.is_ok());
    house.clock.advance(1);
    assert_eq!(house.call(&first).await, Err(99_991_663));
    assert!(house.call(&second).await.is_ok());
    let app_token = house.platform.app_token(house.made.app_id.as_str(), &house.secret);
    assert_eq!(app_token.await.unwrap().token.expose(), second);
}

#[tokio::test]
async fn tokens_survive_a_restart() {
    let house = House::new().await;
    let first = house.token().await;
    let house = house.restart().await;
    assert!(house.call(&first).await.is_ok());
    house.clock.advance(MINUTE_MS);
    assert_eq!(house.issue().await, (first.clone(), 7_140));
    house.clock.advance(2 * HOUR_MS);
    let house = house.restart().await;
    assert_eq!(house.call(&first).await, Err(99_991_663));
    assert_ne!(house.token().await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_ask_at_once_get_one_token() {
    let house = Arc::new(House::new().await);
    let asking: Vec<_> = (0..32)
        .map(|_| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.token().await })
        })
        .collect();
    let mut given = Vec::new();
    for one in asking {
        given.push(one.await.unwrap());
    }
    given.dedup();
    assert_eq!(given.len(), 1);
}

#[tokio::test]
async fn wrong_credentials_are_told_apart_as_reported() {
    let house = House::new().await;
    let app = house.made.app_id.clone();
    // A secret is random and may end in any letter: the wrong one must end in another.
    let other_end = if house.secret.ends_with('x') { 'y' } else { 'x' };
    let refused = |app: &str, secret: &str| {
        let (platform, app, secret) = (&house.platform, app.to_owned(), secret.to_owned());
        async move {
            match platform.tenant_token(&app, &secret).await {
                Err(TokenError::Refused { code, msg }) => (code, msg),
                other => panic!("{other:?}"),
            }
        }
    };
    for _ in 0..2 {
        assert_eq!(refused("", &house.secret).await, (10_003, "invalid param"));
        assert_eq!(refused(app.as_str(), "").await, (10_003, "invalid param"));
        assert_eq!(refused("cli_none", &house.secret).await, (10_014, "app id not exists"));
        let nearly = format!("{}{other_end}", &house.secret[..31]);
        assert_eq!(refused(app.as_str(), &nearly).await, (10_014, "app secret invalid"));
        assert_eq!(refused(app.as_str(), &house.secret[..31]).await.0, 10_014);
    }
    house.platform.set_enabled(&app, false).await.unwrap();
    assert_eq!(refused(app.as_str(), &house.secret).await, (10_014, "app unauthorized"));
}

#[tokio::test]
async fn each_refusal_has_its_code_and_message() {
    let house = House::new().await;
    let token = house.token().await;
    let admin = house.made.admin.clone();
    house.user_token("u-good", &admin).await;
    house.user_token("eyJgood", &admin).await;
    house.user_token("u-stranger", &"nobody".into()).await;

    let missing = "Missing access token for authorization. Please make a request with token \
                   attached.";
    let tenant =
        "Invalid access token for authorization. Please make a request with token attached";
    let user = "Invalid access token for authorization. Please make a request with token attached.";
    let prefix = "Invalid token: must start with t-/u-";
    for (header, code, msg) in [
        (None, 99_991_661, missing),
        (Some(""), 99_991_661, missing),
        (Some("  "), 99_991_661, missing),
        (Some("Bearer"), 99_991_661, missing),
        (Some("Bearer  "), 99_991_661, missing),
        (Some("Basic dTpw"), 99_991_661, missing),
        (Some(token.as_str()), 99_991_661, missing),
        (Some("Bearer x-abc"), 99_991_671, prefix),
        (Some("Bearer T-abc"), 99_991_671, prefix),
        (Some("Bearer t-unknown"), 99_991_663, tenant),
        (Some("Bearer t-"), 99_991_663, tenant),
        (Some("Bearer a-unknown"), 99_991_664, "invalid app token"),
        (Some("Bearer u-unknown"), 99_991_668, user),
        (Some("Bearer u-stranger"), 99_991_668, user),
        (Some("Bearer eyJunknown"), 99_991_668, user),
    ] {
        let denied = house.platform.authenticate(header).await.unwrap_err();
        assert_eq!((denied.http, denied.code, denied.msg.as_ref()), (400, code, msg), "{header:?}");
        assert!(denied.why.len() > 10 && !denied.why.contains(&token), "{denied:?}");
    }
    for header in [format!("Bearer {token}"), format!("bearer   {token} ")] {
        let caller = house.platform.authenticate(Some(&header)).await.unwrap();
        assert_eq!(
            (caller.kind, caller.user.clone(), caller.admin),
            (TokenKind::Tenant, None, false)
        );
        assert_eq!(caller.tenant, house.made.tenant);
    }
    for token in ["u-good", "eyJgood"] {
        let caller = house.call(token).await.unwrap();
        assert_eq!((caller.kind, caller.admin), (TokenKind::User, true));
        assert_eq!(caller.creator(), format!("user:{admin}"));
    }
    house.clock.advance(HOUR_MS);
    let expired = house.platform.authenticate(Some("Bearer u-good")).await.unwrap_err();
    assert_eq!((expired.code, expired.msg.as_ref()), (99_991_677, "Authentication token expired"));
}

#[tokio::test]
async fn a_disabled_app_is_refused_at_once() {
    let house = House::new().await;
    let (token, app) = (house.token().await, house.made.app_id.clone());
    assert!(house.call(&token).await.is_ok());
    house.platform.set_enabled(&app, false).await.unwrap();
    assert_eq!(house.call(&token).await, Err(99_991_662));
    house.platform.set_enabled(&app, true).await.unwrap();
    assert_eq!(*house.call(&token).await.unwrap().scopes, Scopes::All);
    house.platform.set_scopes(&app, "drive:drive").await.unwrap();
    let scopes = Arc::clone(&house.call(&token).await.unwrap().scopes);
    assert!(scopes.hold("drive:drive") && !scopes.hold("wiki:wiki"));
    let nobody = house.platform.set_enabled(&"cli_none".into(), false).await;
    assert!(matches!(nobody, Err(Error::NoSuchApp(id)) if id == "cli_none"));
}

#[tokio::test]
async fn polls_read_nothing_and_changes_elsewhere_take_effect_within_ten_seconds() {
    let house = House::new().await;
    let token = house.token().await;
    assert!(house.call(&token).await.is_ok());
    house.commit(|t| _ = t.run("UPDATE apps SET enabled = 0", params![])).await;
    house.real_clock.advance(10 * SECOND_MS - 1);
    assert!(house.call(&token).await.is_ok(), "remembered: no read");
    house.real_clock.advance(1);
    assert_eq!(house.call(&token).await, Err(99_991_662));
}

#[tokio::test]
async fn a_new_secret_replaces_the_old_one() {
    let house = House::new().await;
    let token = house.token().await;
    let app = house.made.app_id.clone();
    let secret = house.platform.reset_secret(&app).await.unwrap();
    assert!(house.platform.tenant_token(app.as_str(), &house.secret).await.is_err());
    let issued = house.platform.tenant_token(app.as_str(), secret.expose()).await.unwrap();
    assert_eq!(issued.token.expose(), token);
    assert!(house.call(&token).await.is_ok());
    let nobody = house.platform.reset_secret(&"cli_none".into()).await;
    assert!(matches!(nobody, Err(Error::NoSuchApp(_))));
}

#[tokio::test]
async fn no_secret_is_printed_or_kept() {
    let house = House::new().await;
    let app = house.made.app_id.as_str();
    let issued = house.platform.tenant_token(app, &house.secret).await.unwrap();
    let token = issued.token.expose().to_owned();
    let caller = house.call(&token).await.unwrap();
    let denied = house.platform.authenticate(Some("Bearer t-wrong")).await;
    let refused = house.platform.tenant_token(app, "wrong-secret").await;
    let printed = format!(
        "{issued:?} {:?} {caller:?} {:?} {denied:?} {refused:?}",
        house.made, house.platform
    );
    let server_secret =
        house.db.query("SELECT value FROM settings WHERE name = $1", params!["server_secret"]);
    let server_secret = server_secret.await.unwrap()[0].text(0).unwrap().to_owned();
    for hidden in [&token, &house.secret, &server_secret, "t-wrong", "wrong-secret"] {
        assert!(!printed.contains(hidden), "{hidden} in {printed}");
    }
    let files = std::fs::read_dir(house.folder.path()).unwrap();
    let bytes: Vec<u8> =
        files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds(app), "the files of the database were read");
    assert!(!holds(&token) && !holds(&token[2..]) && !holds(&house.secret));
}

fn caller(kind: TokenKind, app_kind: AppKind, scopes: &str) -> Caller {
    Caller {
        tenant: "tenant".into(),
        app: "cli_a".into(),
        app_kind,
        kind,
        user: (kind == TokenKind::User).then(|| "u".into()),
        admin: false,
        scopes: Arc::new(Scopes::parse(scopes)),
    }
}

#[tokio::test]
async fn requirements_are_checked_kind_first_scopes_last() {
    use AppKind::{Custom, Store};
    use TokenKind::{App, Tenant, User};
    let house = House::new().await;
    let both = [Tenant, User];
    let drive = ["drive:drive", "drive:file"];
    for (kind, app_kind, granted, tokens, apps, scopes, code) in [
        (Tenant, Custom, "*", &both[..], &[Custom, Store][..], &drive[..], None),
        (User, Custom, "drive:file x", &both, &[Custom], &drive, None),
        (Tenant, Custom, "", &both, &[Custom], &[], None),
        (Tenant, Custom, "wiki:wiki", &both, &[Custom], &drive, Some(99_991_672)),
        (Tenant, Custom, "drive", &both, &[Custom], &drive, Some(99_991_672)),
        (Tenant, Custom, "", &[User], &[Store], &drive, Some(99_991_663)),
        (User, Custom, "*", &[Tenant], &[Custom], &drive, Some(99_991_668)),
        (App, Store, "*", &both, &[Store], &drive, Some(99_991_664)),
        (Tenant, Store, "", &both, &[Custom], &drive, Some(99_991_673)),
        (Tenant, Custom, "*", &[App], &[Custom], &[], None),
        (Tenant, Store, "*", &[App], &[Store], &[], Some(99_991_663)),
        (User, Custom, "*", &[App], &[Custom], &[], Some(99_991_668)),
    ] {
        let requirements = Requirements { tokens, apps, scopes };
        let answer = house.platform.allow(&caller(kind, app_kind, granted), &requirements);
        assert_eq!(answer.as_ref().err().map(|denied| denied.code), code, "{requirements:?}");
    }
    let requirements = Requirements { tokens: &both, apps: &[Custom], scopes: &drive };
    let denied = house.platform.allow(&caller(Tenant, Custom, ""), &requirements).unwrap_err();
    let msg = "Access denied. One of the following scopes is required: [drive:drive, drive:file]";
    assert_eq!((denied.http, denied.msg.as_ref()), (400, msg));
    let violations: Vec<_> =
        denied.violations.iter().map(|it| (it.kind, it.subject.as_str())).collect();
    assert_eq!(violations, drive.map(|scope| ("action_scope_required", scope)));
}

#[tokio::test]
async fn ids_differ_by_app_and_lead_back_to_their_user() {
    let house = House::new().await;
    let tenant = house.made.tenant.clone();
    let user = users::get(&house.db, &tenant, &house.made.admin).await.unwrap().unwrap();
    let (a, b) = (AppId::from("cli_a"), AppId::from("cli_b"));
    let platform = &house.platform;
    let (in_a, in_b, union) =
        (platform.open_id(&a, &user), platform.open_id(&b, &user), platform.union_id(&user));
    assert!(in_a.starts_with("ou_") && union.starts_with("on_") && in_a.len() == 35);
    assert!(in_a != in_b && in_a[3..] != union[3..]);
    assert_eq!(platform.user_of_open_id(&tenant, &a, &in_a).await.unwrap().as_ref(), Some(&user));
    assert_eq!(platform.user_of_union_id(&tenant, &union).await.unwrap().as_ref(), Some(&user));
    assert_eq!(platform.user_of_open_id(&tenant, &b, &in_a).await.unwrap(), None);
    assert_eq!(platform.user_of_open_id(&"other".into(), &a, &in_a).await.unwrap(), None);
    for forged in ["", "ou_", "ou_zz", &in_a.to_uppercase(), &format!("ou_{:032x}", user.number)] {
        assert_eq!(platform.user_of_open_id(&tenant, &a, forged).await.unwrap(), None, "{forged}");
    }
    let namesake = User { number: user.number + 1, id: "other".into(), ..user.clone() };
    assert_ne!(platform.open_id(&a, &namesake), in_a);
    let (in_a_before, house) = (in_a, house.restart().await);
    assert_eq!(house.platform.open_id(&a, &user), in_a_before);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_identity_has_one_root_folder() {
    let house = Arc::new(House::new().await);
    house.user_token("u-admin", &house.made.admin.clone()).await;
    let asking: Vec<_> = (0..16)
        .map(|_| {
            let house = Arc::clone(&house);
            tokio::spawn(async move {
                let caller = house.call("u-admin").await.unwrap();
                house.platform.root_folder(&caller).await.unwrap()
            })
        })
        .collect();
    let mut roots = Vec::new();
    for one in asking {
        roots.push(one.await.unwrap());
    }
    roots.dedup();
    assert_eq!(roots.len(), 1);
    assert_ne!(roots[0].token, house.made.root_folder);
    let stored = objects::get(&house.db, &house.made.tenant, &roots[0].token).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&roots[0]));
}
