//! The isolation matrix: every operation of the platform that is served, called by everybody who must
//! not get through, and by one who must. Nothing of a tenant is told to another: its answer is, byte
//! for byte, the one for a thing that never was.

mod bases;
mod cases;
mod contacts;
mod documents;
mod meetings;
mod things;
mod wiki;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use larkspur_api::{Operation, operations};
use larkspur_platform::{AppKind, TokenKind};
use serde_json::{Value, json};

use self::cases::{Case, Outcome, case};
use self::things::{MARK, Things};
use crate::world::{APP, TENANT, USER, World, root, share};

/// Operations that ask nobody who they are, each with its reason.
const OPEN: &[(&str, &str)] = &[
    ("authTenantAccessTokenInternal", "hands out tokens against an app's secret"),
    ("authAppAccessTokenInternal", "hands out tokens against an app's secret"),
    ("authTenantAccessToken", "hands out tokens against an app's own token"),
    ("authTenantAccessTokenShort", "hands out tokens against an app's own token"),
    ("authAppAccessToken", "hands out tokens against an app's secret and ticket"),
    ("authAppTicketResend", "has a ticket pushed again, against an app's secret"),
    ("authenAuthorize", "asks a person who they are, on a page"),
    ("larkspurAuthorizeDecide", "takes that person's answer, against the page's own secret"),
    ("authenOauthToken", "hands out tokens against an app's secret and a code"),
    ("oauthV3Token", "hands out tokens against an app's secret"),
    ("driveMediaTmpDownload", "the link is the right, signed and for a day"),
    ("larkspurVcExportFile", "the link is the right, signed and for an hour"),
];

/// What came back, without what differs from call to call.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    fn code(&self) -> i64 {
        self.json()["code"].as_i64().unwrap_or(if self.status < 300 { 0 } else { -1 })
    }

    /// Where it ended, as cases speak of it.
    fn outcome(&self) -> Outcome {
        match (self.code(), self.json()["data"]["failed_list"][0]["code"].as_i64()) {
            (0, Some(code)) => Outcome::Listed(code),
            (0, None) => Outcome::Open,
            (code, _) => Outcome::Refused(self.status, code),
        }
    }
}

/// Everybody who calls.
struct Cast {
    world: World,
    /// Who made the things.
    maker: String,
    /// The same tenant's second app, a user without any right, a user who may read the folder.
    second_app: String,
    stranger: String,
    viewer: String,
    /// Another tenant's app and administrator.
    foreign_app: String,
    foreign_user: String,
    /// Apps that may not: no scope, disabled, from the store.
    narrow: String,
    disabled: String,
    store_app: String,
    /// Tokens that do not hold: expired ones, and one of the app itself.
    expired: [String; 2],
    of_app: String,
}

impl Cast {
    async fn assemble() -> Result<Self> {
        let world = World::start().await?;
        let maker = world.app.client.token().to_owned();
        let (first, tenant) = (world.app.app_id.clone(), world.tenant.clone());
        let (second_id, second) = world.second_app(&tenant, None).await?;
        contacts::confine(&world, &second_id).await?;
        meetings::confine(&world, &second_id).await?;
        let (_, narrow) = world.second_app(&tenant, Some(&["nothing:at:all"])).await?;
        let (disabled_id, disabled) = world.second_app(&tenant, None).await?;
        let path = format!("/larkspur/v1/apps/{disabled_id}");
        let off = json!({"enabled": false});
        world.operator.call(reqwest::Method::PATCH, &path, Some(&off)).await?.data()?;
        let stranger = world.person("stranger").await?;
        let viewer = world.person("viewer").await?;
        let body = json!({"name": "elsewhere", "app": {"scopes": ["*"]}});
        let made = world.operator.post("/larkspur/v1/tenants", &body).await?;
        let made = made.data()?["tenant"].clone();
        let field = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
        let url = &world.app.client.url;
        let foreign =
            larkspur_tests::client::Client::connect(url, &field("app_id"), &field("app_secret"))
                .await?;
        let body = json!({"name": "store", "kind": "store", "tenant_id": tenant});
        let store = world.operator.post("/larkspur/v1/apps", &body).await?;
        let store = store.data()?["app"]["app_id"].as_str().context("app_id")?.to_owned();
        let install = json!({"tenant_id": tenant});
        let path = format!("/larkspur/v1/apps/{store}/installations");
        world.operator.post(&path, &install).await?.data()?;
        let boss = field("admin_user_id");
        world.keep(
            "u-boss",
            USER,
            &field("app_id"),
            &field("tenant_id"),
            Some(&boss),
            7_200_000,
        )?;
        world.keep("t-store", TENANT, &store, &tenant, None, 7_200_000)?;
        world.keep("a-app", APP, &first, &tenant, None, 7_200_000)?;
        world.keep("t-old", TENANT, &first, &tenant, None, -1)?;
        world.keep("u-old", USER, &first, &tenant, Some("viewer"), -1)?;
        Ok(Self {
            maker,
            second_app: second.token().to_owned(),
            stranger: stranger.client.token().to_owned(),
            viewer: viewer.client.token().to_owned(),
            foreign_app: foreign.token().to_owned(),
            foreign_user: "u-boss".to_owned(),
            narrow: narrow.token().to_owned(),
            disabled: disabled.token().to_owned(),
            store_app: "t-store".to_owned(),
            expired: ["t-old".to_owned(), "u-old".to_owned()],
            of_app: "a-app".to_owned(),
            world,
        })
    }
}

/// How the walk went.
#[derive(Default)]
struct Tally {
    calls: usize,
    situations: BTreeMap<&'static str, usize>,
    faults: Vec<String>,
}

impl Tally {
    fn expect(&mut self, situation: &'static str, id: &str, seen: &Seen, wanted: Outcome) {
        self.calls += 1;
        *self.situations.entry(situation).or_default() += 1;
        if seen.outcome() != wanted {
            self.faults.push(format!(
                "{id}, {situation}: wanted {wanted:?}, got {:?} {:.400}",
                seen.outcome(),
                seen.body
            ));
        }
    }

    fn fault(&mut self, situation: &str, id: &str, what: impl std::fmt::Display) {
        self.faults.push(format!("{id}, {situation}: {what}"));
    }
}

/// Calls an operation on `things` with this bearer token, or none.
async fn call(cast: &Cast, asked: &Case, things: &Things, token: Option<&str>) -> Result<Seen> {
    let seen = cases::send(&cast.world.app.client.url, asked, token).await?;
    let mut body = String::from_utf8_lossy(&seen.2).into_owned();
    let log_id = seen.1.get("x-tt-logid").cloned().unwrap_or_default();
    if !log_id.is_empty() {
        body = body.replace(&log_id, "<log id>");
    }
    let mut headers = seen.1;
    for (name, value) in things.all() {
        let called = format!("<{name}>");
        body = body.replace(value, &called);
        // What was asked for is told again in the reason.
        for told in headers.values_mut() {
            *told = told.replace(value, &called);
        }
    }
    for varying in ["x-tt-logid", "x-request-id", "date", "content-length"] {
        headers.remove(varying);
    }
    Ok(Seen { status: seen.0, headers, body })
}

/// What the gate answers before anything is looked up.
async fn at_the_gate(
    cast: &Cast,
    operation: &Operation,
    asked: &Case,
    tally: &mut Tally,
    things: &Things,
) -> Result<()> {
    let id = operation.id;
    let takes = |kind: TokenKind| operation.tokens.contains(&kind);
    let apps_own = operation.tokens == [TokenKind::App];
    let gate: &[(&'static str, Option<&str>, i64)] = &[
        ("no token", None, 99_991_661),
        ("malformed token", Some("nonsense"), 99_991_671),
        ("unknown tenant token", Some("t-0000000000000000"), 99_991_663),
        ("unknown user token", Some("u-0000000000000000"), 99_991_668),
        ("expired tenant token", Some(&cast.expired[0]), 99_991_663),
        ("expired user token", Some(&cast.expired[1]), 99_991_677),
        ("disabled app", Some(&cast.disabled), 99_991_662),
    ];
    for (situation, token, code) in gate {
        let seen = call(cast, asked, things, *token).await?;
        tally.expect(situation, id, &seen, Outcome::Refused(400, *code));
    }
    let wrong = if !takes(TokenKind::App) {
        Some((cast.of_app.as_str(), 99_991_664))
    } else if !takes(TokenKind::User) {
        Some((cast.stranger.as_str(), 99_991_668))
    } else {
        None
    };
    if let Some((token, code)) = wrong {
        let seen = call(cast, asked, things, Some(token)).await?;
        tally.expect("wrong kind of token", id, &seen, Outcome::Refused(400, code));
    }
    if !takes(TokenKind::Tenant) && !apps_own {
        let seen = call(cast, asked, things, Some(&cast.maker)).await?;
        tally.expect("wrong kind of token", id, &seen, Outcome::Refused(400, 99_991_663));
    }
    if !operation.apps.contains(&AppKind::Store) && takes(TokenKind::Tenant) {
        let seen = call(cast, asked, things, Some(&cast.store_app)).await?;
        tally.expect("wrong kind of app", id, &seen, Outcome::Refused(400, 99_991_673));
    }
    if !operation.scopes.is_empty() && takes(TokenKind::Tenant) {
        let seen = call(cast, asked, things, Some(&cast.narrow)).await?;
        tally.expect("missing scope", id, &seen, Outcome::Refused(400, 99_991_672));
        let told = seen.json()["error"]["permission_violations"].as_array().map_or(0, Vec::len);
        if told != operation.scopes.len() {
            tally.fault("missing scope", id, format!("{told} scopes told"));
        }
    }
    Ok(())
}

/// What those are answered whom the gate lets through, and the thing does not.
async fn at_the_thing(
    cast: &Cast,
    operation: &Operation,
    things: &Things,
    tally: &mut Tally,
) -> Result<()> {
    let id = operation.id;
    let (never, real) = (Things::never(things), things);
    let (on_never, on_real) =
        (case(id, &never).context("a case")?, case(id, real).context("a case")?);
    // What takes no token of a kind has refused it at the gate.
    let takes = |kind: TokenKind| operation.tokens.contains(&kind);
    for (situation, kind, token) in [
        ("other tenant's app", TokenKind::Tenant, &cast.foreign_app),
        ("other tenant's user", TokenKind::User, &cast.foreign_user),
    ] {
        if !takes(kind) {
            continue;
        }
        let seen = call(cast, &on_real, real, Some(token)).await?;
        tally.expect(situation, id, &seen, on_real.missing);
        let fiction = call(cast, &on_never, &never, Some(token)).await?;
        if seen != fiction && on_real.missing != Outcome::Open && !on_real.tells_tenant {
            tally.fault(
                situation,
                id,
                format!("differs from one that never was:\n{seen:?}\n{fiction:?}"),
            );
        }
        leaks(situation, id, &seen, tally);
    }
    for (situation, kind, token, wanted) in [
        ("other app of the tenant", TokenKind::Tenant, &cast.second_app, on_real.other_app),
        ("user without a right", TokenKind::User, &cast.stranger, on_real.stranger),
    ] {
        if !takes(kind) {
            continue;
        }
        let seen = call(cast, &on_real, real, Some(token)).await?;
        tally.expect(situation, id, &seen, wanted);
        if wanted != Outcome::Open {
            leaks(situation, id, &seen, tally);
        }
    }
    if !takes(TokenKind::User) {
        return Ok(());
    }
    let seen = call(cast, &on_real, real, Some(&cast.viewer)).await?;
    let situation =
        if on_real.viewer == Outcome::Open { "may read" } else { "may read, must do more" };
    tally.expect(situation, id, &seen, on_real.viewer);
    if on_real.viewer != Outcome::Open {
        leaks(situation, id, &seen, tally);
    }
    Ok(())
}

/// Whether an answer tells anything of what it must not: every name and content here bears a mark.
fn leaks(situation: &str, id: &str, seen: &Seen, tally: &mut Tally) {
    let told = format!("{} {:?}", seen.body, seen.headers).to_lowercase();
    if told.contains(MARK) {
        tally.fault(situation, id, format!("tells of a thing: {told:.400}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_through_who_must_not() -> Result<()> {
    let cast = Cast::assemble().await?;
    let things = Things::make(&cast.world).await?;
    share(&cast.world.app.client, &things.folder, "folder", ("userid", "viewer"), "view")
        .await?
        .data()?;
    root(&cast.world.app.client.with_token(&cast.foreign_app)).await?;
    let mut tally = Tally::default();
    let theirs: Vec<Operation> = operations()
        .into_iter()
        .filter(|operation| operation.path.starts_with("/open-apis/") || !operation.admin)
        .collect();
    let mut walked = 0;
    for operation in &theirs {
        if operation.tokens.is_empty() {
            let reason = OPEN.iter().find(|(id, _)| *id == operation.id);
            ensure!(reason.is_some(), "{} asks for no token, and nobody says why", operation.id);
            continue;
        }
        if let Some(request) = cases::about_nothing(operation.id) {
            walked += 1;
            at_the_gate(&cast, operation, &request, &mut tally, &things).await?;
            continue;
        }
        let Some(on_real) = case(operation.id, &things) else {
            bail!("{} has no case in the isolation matrix", operation.id);
        };
        walked += 1;
        at_the_gate(&cast, operation, &on_real, &mut tally, &things).await?;
        at_the_thing(&cast, operation, &things, &mut tally).await?;
    }
    // The requests are good ones: whoever made the things gets through. What deletes comes last.
    for operation in theirs.iter().filter(|operation| !operation.tokens.is_empty()) {
        if cases::about_nothing(operation.id).is_some() {
            continue;
        }
        let on_real = case(operation.id, &things).context("a case")?;
        let seen = call(&cast, &on_real, &things, Some(cast.maker.as_str())).await?;
        tally.expect("who made it", operation.id, &seen, Outcome::Open);
    }
    println!(
        "isolation: {walked} operations, {} situations, {} calls, {} faults",
        tally.situations.len(),
        tally.calls,
        tally.faults.len()
    );
    for (situation, count) in &tally.situations {
        println!("isolation: {situation}: {count}");
    }
    ensure!(tally.faults.is_empty(), "{}", tally.faults.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_api_opens_to_the_operator_alone() -> Result<()> {
    let world = World::start().await?;
    let mut calls = 0;
    for operation in operations().iter().filter(|operation| operation.admin) {
        let path = operation.path.replace(['{', '}'], "");
        for (token, own) in [("", true), ("adm-000", true), (world.app.client.token(), false)] {
            if !own && !operation.tokens.is_empty() {
                continue;
            }
            let client = world.app.client.with_token(token);
            let method = reqwest::Method::from_bytes(operation.method.as_str().as_bytes())?;
            let answer = client.call(method, &path, Some(&json!({}))).await?;
            calls += 1;
            let wanted = if operation.tokens.is_empty() {
                [88_000_401; 2]
            } else {
                [99_991_661, 99_991_671]
            };
            ensure!(wanted.contains(&answer.code()), "{}: {}", operation.id, answer.body);
        }
    }
    println!("isolation: {calls} calls of the operator's API by others, all refused");
    Ok(())
}

#[test]
fn every_operation_declares_its_checks() {
    for operation in operations() {
        let id = operation.id;
        if operation.tokens.is_empty() {
            let reason = operation.admin || OPEN.iter().any(|(open, _)| *open == id);
            assert!(reason, "{id} takes no token, and nobody says why");
            continue;
        }
        assert!(!operation.apps.is_empty(), "{id} is open to no kind of app");
        // Scopes are the platform's; what is Larkspur's own looks at the creator instead.
        let needs_none = operation.scopes.is_empty() && operation.path.starts_with("/open-apis/");
        assert!(!needs_none || cases::NO_SCOPE.iter().any(|(one, _)| *one == id), "{id}: no scope");
    }
}
