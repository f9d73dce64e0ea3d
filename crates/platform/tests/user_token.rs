//! Users' tokens and those of store apps, from the consent to the last renewal.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::sync::Arc;

use larkspur_model::id::Ids;
use larkspur_model::time::{Clock, HOUR_MS, MINUTE_MS, ManualClock};
use larkspur_platform::{
    AppChange, AppKind, AuthorizationQuery, AuthorizeError, Bootstrap, Caller, NewApp, NewTenant,
    Platform, PlatformParts, Redeeming, Requirements, TokenError, TokenKind, TokenVersion,
    UserChange, UserTokenError, UserTokens,
};
use larkspur_store::users::User;
use larkspur_store::{DatabaseUrl, Db, Durability};
use tempfile::TempDir;

const START_MS: i64 = 1_795_244_000_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const BACK: &str = "https://app.example/cb";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct House {
    folder: TempDir,
    db: Db,
    clock: Arc<ManualClock>,
    platform: Platform,
    made: Bootstrap,
}

async fn open(folder: &TempDir, clock: &Arc<ManualClock>) -> (Db, Platform) {
    let url = DatabaseUrl::Sqlite(folder.path().join("larkspur.db"));
    let db = Db::open(&url, Durability::Full).await.unwrap();
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let (real_clock, ids) = (Arc::clone(&clock), Arc::new(Ids::from_system()));
    let parts = PlatformParts { db: db.clone(), clock, real_clock, ids };
    (db, Platform::open(parts).await.unwrap())
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(START_MS));
        let (db, platform) = open(&folder, &clock).await;
        let made = platform.bootstrap().await.unwrap();
        let house = Self { folder, db, clock, platform, made };
        house
            .change(AppChange {
                redirect_uris: Some(vec![BACK.to_owned()]),
                ..AppChange::default()
            })
            .await;
        house
    }

    async fn restart(self) -> Self {
        let Self { folder, db, clock, platform, made } = self;
        drop((db, platform));
        let (db, platform) = open(&folder, &clock).await;
        Self { folder, db, clock, platform, made }
    }

    async fn change(&self, change: AppChange) {
        self.platform.update_app(&self.made.app_id, &change).await.unwrap();
    }

    async fn user(&self) -> User {
        self.platform.user(&self.made.tenant, &self.made.admin).await.unwrap()
    }

    fn query(&self, scope: &str) -> AuthorizationQuery {
        AuthorizationQuery {
            client_id: Some(self.made.app_id.0.clone()),
            response_type: Some("code".to_owned()),
            redirect_uri: Some(BACK.to_owned()),
            scope: Some(scope.to_owned()),
            ..AuthorizationQuery::default()
        }
    }

    async fn code_of(&self, query: &AuthorizationQuery) -> String {
        let asked = self.platform.check_authorization(query).await.unwrap();
        let code = self.platform.consent(&asked, &self.user().await).await.unwrap().unwrap();
        code.expose().to_owned()
    }

    async fn code(&self, scope: &str) -> String {
        self.code_of(&self.query(scope)).await
    }

    async fn redeem(
        &self,
        code: &str,
        version: TokenVersion,
    ) -> Result<UserTokens, UserTokenError> {
        let redeeming =
            Redeeming { code, redirect_uri: Some(BACK), code_verifier: None, scope: None };
        self.redeem_as(redeeming, version).await
    }

    async fn redeem_as(
        &self,
        redeeming: Redeeming<'_>,
        version: TokenVersion,
    ) -> Result<UserTokens, UserTokenError> {
        let app = self.platform.app(&self.made.app_id).await.unwrap();
        self.platform.redeem(&app, redeeming, version).await
    }

    async fn renew(
        &self,
        token: &str,
        version: TokenVersion,
    ) -> Result<UserTokens, UserTokenError> {
        let app = self.platform.app(&self.made.app_id).await.unwrap();
        self.platform.renew(&app, token, None, version).await
    }

    async fn call(&self, token: &str) -> Result<Arc<Caller>, i64> {
        let header = format!("Bearer {token}");
        self.platform.authenticate(Some(&header)).await.map_err(|denied| denied.code)
    }
}

fn refresh_of(tokens: &UserTokens) -> String {
    tokens.refresh.as_ref().unwrap().0.expose().to_owned()
}

#[tokio::test]
async fn a_code_brings_a_token_once_and_within_five_minutes() {
    let house = House::new().await;
    let code = house.code("drive:drive offline_access").await;
    let tokens = house.redeem(&code, TokenVersion::V2).await.unwrap();
    assert!(tokens.access_token.expose().starts_with("eyJ"));
    assert_eq!(
        (tokens.expires_in_s, tokens.scopes.as_str()),
        (7_200, "drive:drive offline_access")
    );
    assert_eq!(tokens.refresh.as_ref().unwrap().1, 604_800);
    let caller = house.call(tokens.access_token.expose()).await.unwrap();
    assert_eq!((caller.kind, caller.user.as_ref()), (TokenKind::User, Some(&house.made.admin)));
    assert!(caller.scopes.hold("drive:drive") && !caller.scopes.hold("docx:document"));
    let again = house.redeem(&code, TokenVersion::V2).await;
    assert!(matches!(again, Err(UserTokenError::CodeUsed)), "{again:?}");

    let late = house.code("").await;
    house.clock.advance(5 * MINUTE_MS);
    let late = house.redeem(&late, TokenVersion::V2).await;
    assert!(matches!(late, Err(UserTokenError::CodeExpired)), "{late:?}");
    let unknown = house.redeem("none", TokenVersion::V2).await;
    assert!(matches!(unknown, Err(UserTokenError::CodeUnknown)), "{unknown:?}");
    // Nothing of it is kept in the clear.
    let kept = house.db.query("SELECT hash FROM authorization_codes", Vec::new()).await.unwrap();
    assert!(!format!("{kept:?} {tokens:?}").contains(&code));

    let token = tokens.access_token.expose().to_owned();
    let house = house.restart().await;
    assert!(house.call(&token).await.is_ok());
    house.clock.advance(2 * HOUR_MS);
    assert_eq!(house.call(&token).await, Err(99_991_677));
}

#[tokio::test]
async fn the_redeemer_proves_to_be_the_one_who_asked() {
    let house = House::new().await;
    let mut query = house.query("");
    query.code_challenge = Some(CHALLENGE.to_owned());
    query.code_challenge_method = Some("S256".to_owned());
    let code = house.code_of(&query).await;
    let redeeming =
        Redeeming { code: &code, redirect_uri: Some(BACK), code_verifier: None, scope: None };
    for verifier in [None, Some(CHALLENGE), Some("short")] {
        let refused =
            house.redeem_as(Redeeming { code_verifier: verifier, ..redeeming }, TokenVersion::V2);
        let refused = refused.await;
        assert!(matches!(refused, Err(UserTokenError::Verifier)), "{refused:?}");
    }
    let elsewhere = Redeeming { redirect_uri: Some("https://evil.example"), ..redeeming };
    let elsewhere = house.redeem_as(elsewhere, TokenVersion::V2).await;
    assert!(matches!(elsewhere, Err(UserTokenError::RedirectUri)), "{elsewhere:?}");
    let right = Redeeming { code_verifier: Some(VERIFIER), ..redeeming };
    house.redeem_as(right, TokenVersion::V2).await.unwrap();

    query.code_challenge = Some(VERIFIER.to_owned());
    query.code_challenge_method = None;
    let code = house.code_of(&query).await;
    let plain = Redeeming { code: &code, code_verifier: Some(VERIFIER), ..redeeming };
    house.redeem_as(plain, TokenVersion::V2).await.unwrap();

    let (other, _) =
        house.platform.create_app(&house.made.tenant, &NewApp::default()).await.unwrap();
    let code = house.code("").await;
    let stolen = Redeeming { code: &code, ..redeeming };
    let stolen = house.platform.redeem(&other, stolen, TokenVersion::V2).await;
    assert!(matches!(stolen, Err(UserTokenError::OtherApp)), "{stolen:?}");
}

#[tokio::test]
async fn a_refresh_token_is_good_once_for_a_week_and_a_year_in_all() {
    let house = House::new().await;
    let code = house.code("drive:drive offline_access").await;
    let first = house.redeem(&code, TokenVersion::V2).await.unwrap();
    let second = house.renew(&refresh_of(&first), TokenVersion::V2).await.unwrap();
    assert!(house.call(first.access_token.expose()).await.is_ok(), "the old one stays good");
    assert!(house.call(second.access_token.expose()).await.is_ok());
    let again = house.renew(&refresh_of(&first), TokenVersion::V2).await;
    assert!(matches!(again, Err(UserTokenError::RefreshUsed)), "{again:?}");
    let wrong_generation = house.renew(&refresh_of(&second), TokenVersion::V1).await;
    assert!(matches!(wrong_generation, Err(UserTokenError::RefreshMalformed)));

    let mut last = second;
    for _ in 0..60 {
        house.clock.advance(6 * DAY_MS);
        last = house.renew(&refresh_of(&last), TokenVersion::V2).await.unwrap();
    }
    let left_s = last.refresh.as_ref().unwrap().1;
    assert_eq!(left_s, 5 * 24 * 3_600, "what is left of the year");
    house.clock.advance(5 * DAY_MS);
    let over = house.renew(&refresh_of(&last), TokenVersion::V2).await;
    assert!(matches!(over, Err(UserTokenError::RefreshExpired)), "{over:?}");

    let code = house.code("offline_access").await;
    let tokens = house.redeem(&code, TokenVersion::V2).await.unwrap();
    house
        .change(AppChange { scopes: Some("drive:drive".to_owned()), ..AppChange::default() })
        .await;
    let forbidden = house.renew(&refresh_of(&tokens), TokenVersion::V2).await;
    assert!(matches!(forbidden, Err(UserTokenError::RefreshForbidden)), "{forbidden:?}");
}

#[tokio::test]
async fn grants_accumulate_are_narrowed_and_taken_back() {
    let house = House::new().await;
    house.code("drive:drive offline_access").await;
    let code = house.code("docx:document").await;
    let tokens = house.redeem(&code, TokenVersion::V2).await.unwrap();
    assert_eq!(tokens.scopes, "drive:drive docx:document");
    assert!(tokens.refresh.is_none(), "offline_access was not named this time");

    let code = house.code("offline_access").await;
    let narrow = |scope| Redeeming {
        code: &code,
        redirect_uri: None,
        code_verifier: None,
        scope: Some(scope),
    };
    let twice = house.redeem_as(narrow("drive:drive drive:drive"), TokenVersion::V2).await;
    assert!(matches!(twice, Err(UserTokenError::ScopeTwice)), "{twice:?}");
    let more = house.redeem_as(narrow("wiki:wiki"), TokenVersion::V2).await;
    assert!(matches!(more, Err(UserTokenError::ScopeForbidden)), "{more:?}");
    let tokens =
        house.redeem_as(narrow("drive:drive offline_access"), TokenVersion::V2).await.unwrap();
    let caller = house.call(tokens.access_token.expose()).await.unwrap();
    assert!(caller.scopes.hold("drive:drive") && !caller.scopes.hold("docx:document"));

    let user = house.user().await;
    house.platform.withdraw(&house.made.app_id, &user).await.unwrap();
    assert_eq!(house.call(tokens.access_token.expose()).await, Err(99_991_668));
    let revoked = house.renew(&refresh_of(&tokens), TokenVersion::V2).await;
    assert!(matches!(revoked, Err(UserTokenError::RefreshRevoked)), "{revoked:?}");
    let code = house.code("").await;
    assert_eq!(house.redeem(&code, TokenVersion::V2).await.unwrap().scopes, "");
}

#[tokio::test]
async fn a_user_must_have_granted_what_the_app_has() {
    let house = House::new().await;
    let code = house.code("drive:drive").await;
    let tokens = house.redeem(&code, TokenVersion::V1).await.unwrap();
    assert!(tokens.access_token.expose().starts_with("u-"));
    assert!(refresh_of(&tokens).starts_with("ur-"));
    let caller = house.call(tokens.access_token.expose()).await.unwrap();
    let check = |scopes: &[&str], caller: &Caller| {
        let (tokens, apps) = ([TokenKind::User], [AppKind::Custom]);
        let requirements = Requirements { tokens: &tokens, apps: &apps, scopes };
        house.platform.allow(caller, &requirements).map_err(|denied| {
            (denied.code, denied.violations.first().map(|violation| violation.kind))
        })
    };
    assert_eq!(check(&["drive:drive"], &caller), Ok(()));
    let ungranted = Err((99_991_679, Some("action_privilege_required")));
    assert_eq!(check(&["docx:document"], &caller), ungranted);
    house.change(AppChange { scopes: Some("wiki:wiki".to_owned()), ..AppChange::default() }).await;
    let caller = house.call(tokens.access_token.expose()).await.unwrap();
    let lacking = Err((99_991_672, Some("action_scope_required")));
    assert_eq!(check(&["drive:drive"], &caller), lacking);
    let disabled = UserChange { enabled: Some(false), ..UserChange::default() };
    house.platform.update_user(&house.made.tenant, &house.made.admin, disabled).await.unwrap();
    assert_eq!(house.call(tokens.access_token.expose()).await, Err(99_991_668));
    let refused = house.renew(&refresh_of(&tokens), TokenVersion::V1).await;
    assert!(matches!(refused, Err(UserTokenError::UserDisabled)), "{refused:?}");
}

#[tokio::test]
async fn nobody_is_asked_where_the_request_is_wrong() {
    use AuthorizeError as E;
    let house = House::new().await;
    house.change(AppChange { scopes: Some("a:b".to_owned()), ..AppChange::default() }).await;
    let check = async |change: &dyn Fn(&mut AuthorizationQuery)| {
        let mut query = house.query("a:b");
        change(&mut query);
        house.platform.check_authorization(&query).await.map(|_| ()).unwrap_err()
    };
    assert!(matches!(check(&|q| q.client_id = None).await, E::Parameter("client_id")));
    assert!(matches!(check(&|q| q.client_id = Some("cli_no".into())).await, E::UnknownApp));
    assert!(matches!(check(&|q| q.redirect_uri = None).await, E::Parameter("redirect_uri")));
    let elsewhere = |q: &mut AuthorizationQuery| q.redirect_uri = Some(format!("{BACK}/x"));
    assert!(matches!(check(&elsewhere).await, E::RedirectUri(_)));
    assert!(
        matches!(check(&|q| q.scope = Some("a:b c:d".into())).await, E::Scopes(s) if s == ["c:d"])
    );
    assert!(matches!(check(&|q| q.response_type = Some("token".into())).await, E::Parameter(_)));
    assert!(matches!(check(&|q| q.code_challenge = Some("short".into())).await, E::Parameter(_)));
    assert!(matches!(
        check(&|q| q.code_challenge_method = Some("S256".into())).await,
        E::Parameter(_)
    ));
    let many = |q: &mut AuthorizationQuery| {
        q.scope = Some((0..51).map(|i| format!("s:{i}")).collect::<Vec<_>>().join(" "));
    };
    assert!(matches!(check(&many).await, E::Parameter("scope")));
}

#[tokio::test]
async fn a_store_app_acts_where_it_is_installed() {
    let house = House::new().await;
    let platform = &house.platform;
    let new = NewApp { kind: AppKind::Store, ..NewApp::default() };
    let (app, secret) = platform.create_app(&house.made.tenant, &new).await.unwrap();
    let (id, secret) = (app.id.as_str(), secret.expose());
    let ticket = platform.app_ticket(&app.id).await.unwrap().unwrap();
    let ticket = ticket.ticket.expose();
    let code = |result: Result<_, TokenError>| match result {
        Err(TokenError::Refused { code, .. }) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(platform.store_app_token(id, secret, "wrong").await), 10_012);
    assert_eq!(code(platform.store_app_token(id, "wrong", ticket).await), 10_014);
    assert_eq!(code(platform.tenant_token(id, secret).await), 10_003);
    house.clock.advance(HOUR_MS);
    let app_token = platform.store_app_token(id, secret, ticket).await.unwrap();
    house.clock.advance(HOUR_MS);
    assert_eq!(code(platform.store_app_token(id, secret, ticket).await), 10_012);
    assert!(platform.app_ticket(&house.made.app_id).await.unwrap().is_none());
    assert!(platform.resend_ticket(id, secret).await.is_ok());

    house.clock.advance(-HOUR_MS);
    let app_token = app_token.token.expose();
    assert!(app_token.starts_with("a-"), "{app_token}");
    assert_eq!(house.call(app_token).await.unwrap().kind, TokenKind::App);
    let new = NewTenant { id: None, name: "B".to_owned() };
    let tenant = platform.create_tenant(&new).await.unwrap().id;
    let ask = |token: &str, tenant: &str| {
        let (token, tenant) = (token.to_owned(), tenant.to_owned());
        async move { platform.store_tenant_token(&token, &tenant).await }
    };
    assert_eq!(code(ask(app_token, "none").await), 10_005);
    assert_eq!(code(ask(app_token, tenant.as_str()).await), 11_210);
    assert_eq!(code(ask(id, tenant.as_str()).await), 10_013);
    platform.install(&app.id, &tenant, true).await.unwrap();
    let token = ask(app_token, tenant.as_str()).await.unwrap();
    let token = token.token.expose();
    assert_eq!(house.call(token).await.unwrap().tenant, tenant);
    platform.install(&app.id, &tenant, false).await.unwrap();
    assert_eq!(house.call(token).await, Err(99_991_673));
}
