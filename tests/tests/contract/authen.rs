//! Signing in over HTTP, as a browser and an OAuth client do: the page, the code, tokens of both
//! generations, renewal, who the user is, and every refusal on the way.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use reqwest::header::{ACCEPT_LANGUAGE, COOKIE, HOST, LOCATION, SET_COOKIE};
use serde_json::{Value, json};

use larkspur_tests::app::TestApp;
use larkspur_tests::client::{Answer, Client};

use crate::admin_directory::operator;
use crate::{app, refused};

const BACK: &str = "http://127.0.0.1:9/cb";
const AUTHORIZE: &str = "/open-apis/authen/v1/authorize";
const DECIDE: &str = "/larkspur/v1/authorize";
const TOKEN: &str = "/open-apis/authen/v2/oauth/token";
const OIDC: &str = "/open-apis/authen/v1/oidc/access_token";
const OIDC_REFRESH: &str = "/open-apis/authen/v1/oidc/refresh_access_token";
const INFO: &str = "/open-apis/authen/v1/user_info";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A browser without scripts: it keeps one cookie and follows nothing.
struct Browser {
    http: reqwest::Client,
    url: String,
}

/// A page as it came.
struct Page {
    status: u16,
    policy: String,
    cookie: String,
    html: String,
}

impl Page {
    /// The value of the form's field `name`.
    fn field(&self, name: &str) -> String {
        let marked = format!("name=\"{name}\" value=\"");
        let rest = self.html.split_once(&marked).map_or("", |(_, rest)| rest);
        let value = rest.split_once('"').map_or("", |(value, _)| value);
        value.replace("&#38;", "&").replace("&amp;", "&")
    }
}

impl Browser {
    fn new(app: &TestApp) -> Result<Self> {
        larkspur::client::choose_ciphers();
        let redirect = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(redirect).build()?;
        Ok(Self { http, url: app.client.url.clone() })
    }

    async fn open(&self, query: &[(&str, &str)], headers: &[(&str, &str)]) -> Result<Page> {
        let mut request = self.http.get(format!("{}{AUTHORIZE}", self.url)).query(query);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        page(request.send().await?).await
    }

    /// Answers the page; the address it leads to, or the page that comes instead.
    async fn answer(
        &self,
        page_before: &Page,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Result<Result<String, Page>> {
        let mut form = vec![
            ("query", page_before.field("query")),
            ("proof", page_before.field("proof")),
            ("lang", page_before.field("lang")),
        ];
        form.extend(fields.iter().map(|&(name, value)| (name, value.to_owned())));
        let body: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", pct(value))).collect();
        let mut request = self
            .http
            .post(format!("{}{DECIDE}", self.url))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header(COOKIE, &page_before.cookie)
            .body(body.join("&"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await?;
        if answer.status() == 302 {
            return Ok(Ok(answer.headers()[LOCATION].to_str()?.to_owned()));
        }
        Ok(Err(page(answer).await?))
    }
}

fn pct(text: &str) -> String {
    let encoded = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    encoded.collect::<Vec<_>>().concat()
}

async fn page(answer: reqwest::Response) -> Result<Page> {
    let header = |name: &str| {
        answer
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let cookie = header(SET_COOKIE.as_str());
    Ok(Page {
        status: answer.status().as_u16(),
        policy: header("content-security-policy"),
        cookie: cookie.split(';').next().unwrap_or_default().to_owned(),
        html: answer.text().await?,
    })
}

/// The value of `name` in an address.
fn part(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")).map(str::to_owned))
}

/// A server whose app has somewhere to come back to, and a user called Li.
async fn house() -> Result<(TestApp, Browser, Client)> {
    let app = app().await?;
    let operator = operator(&app)?;
    let path = format!("/larkspur/v1/apps/{}", app.app_id);
    let body = json!({"redirect_uris": [BACK], "name": "Tests & <Co>"});
    operator.call(Method::PATCH, &path, Some(&body)).await?.data()?;
    let user = json!({"user_id": "li", "name": "李", "email": "li@example.com",
                      "mobile": "+86130", "password": "correct horse"});
    operator.post("/larkspur/v1/users", &user).await?.data()?;
    let browser = Browser::new(&app)?;
    Ok((app, browser, operator))
}

/// The page's value of the user Li.
async fn li(operator: &Client) -> Result<String> {
    let found = operator.get("/larkspur/v1/users/li").await?;
    let tenant = found.data()?["user"]["tenant_id"].as_str().context("a tenant")?.to_owned();
    Ok(format!("{tenant}/li"))
}

/// A code that Li's consent to `scope` brings.
async fn code(app: &TestApp, browser: &Browser, operator: &Client, scope: &str) -> Result<String> {
    let query = [
        ("client_id", app.app_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", BACK),
        ("scope", scope),
    ];
    let page = browser.open(&query, &[]).await?;
    let li = li(operator).await?;
    let fields = [("decision", "allow"), ("user", li.as_str())];
    let address = browser
        .answer(&page, &fields, &[])
        .await?
        .map_err(|page| anyhow::anyhow!("HTTP {} {}", page.status, page.html))?;
    part(&address, "code").with_context(|| address.clone())
}

async fn tokens(app: &TestApp, mut body: Value) -> Result<Answer> {
    body["client_id"] = json!(app.app_id);
    body["client_secret"] = json!(app.app_secret);
    app.client.with_token("").post(TOKEN, &body).await
}

/// Checks a flat refusal (contract, NOTES §2.3).
fn flat(answer: &Answer, status: u16, code: i64, word: &str) -> Result<()> {
    ensure!(
        (answer.status, answer.code()) == (status, code)
            && answer.body["error"] == word
            && answer.body["error_description"].is_string()
            && answer.body.get("msg").is_none(),
        "expected HTTP {status} {code} {word}, got HTTP {} {}",
        answer.status,
        answer.body
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_signs_in_with_pkce_and_the_app_acts_for_the_user() -> Result<()> {
    let (app, browser, operator) = house().await?;
    // An older SDK says `app_id`, and leaves the response type out.
    let query = [
        ("app_id", app.app_id.as_str()),
        ("redirect_uri", BACK),
        ("state", "a b&c=中"),
        ("scope", "drive:drive offline_access"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let page = browser.open(&query, &[]).await?;
    ensure!(page.status == 200 && page.html.contains("drive:drive"), "{}", page.html);
    ensure!(page.html.contains("Tests &#38; &#60;Co&#62;"), "{}", page.html);
    ensure!(!page.html.contains("<script") && !page.html.contains("http://fonts"));
    for wanted in
        ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self' http://127.0.0.1:9"]
    {
        ensure!(page.policy.contains(wanted), "{}", page.policy);
    }
    let li = li(&operator).await?;
    let fields = [("decision", "allow"), ("user", li.as_str())];
    let Ok(address) = browser.answer(&page, &fields, &[]).await? else {
        anyhow::bail!("no redirect")
    };
    ensure!(address.starts_with(&format!("{BACK}?code=")), "{address}");
    ensure!(part(&address, "state").as_deref() == Some("a%20b%26c%3D%E4%B8%AD"), "{address}");
    let code = part(&address, "code").context("a code")?;

    let body = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": BACK});
    flat(&tokens(&app, body.clone()).await?, 400, 20_049, "invalid_grant")?;
    let mut proven = body.clone();
    proven["code_verifier"] = json!(VERIFIER);
    let answer = tokens(&app, proven.clone()).await?;
    let first = answer.body.clone();
    ensure!(
        answer.status == 200 && first["code"] == 0 && first["token_type"] == "Bearer",
        "{first}"
    );
    ensure!(
        first["scope"] == "drive:drive offline_access" && first["expires_in"] == 7_200,
        "{first}"
    );
    ensure!(first["refresh_token_expires_in"] == 604_800 && first.get("data").is_none(), "{first}");
    flat(&tokens(&app, proven).await?, 400, 20_065, "invalid_grant")?;

    let access = first["access_token"].as_str().context("a token")?;
    let user = app.client.with_token(access);
    user.root_files().await?;
    let docx = user.get("/open-apis/docx/v1/documents/doxcn0000000000000000000000").await?;
    refused(&docx, 400, 99_991_679)?;
    let violation = &docx.body["error"]["permission_violations"][0];
    ensure!(violation["type"] == "action_privilege_required", "{}", docx.body);
    app.clock.advance(2 * 3_600_000);
    refused(&user.get("/open-apis/drive/v1/files").await?, 400, 99_991_677)?;

    let renew = json!({"grant_type": "refresh_token", "refresh_token": first["refresh_token"]});
    let second = tokens(&app, renew.clone()).await?.body;
    ensure!(second["code"] == 0 && second["refresh_token"] != first["refresh_token"], "{second}");
    app.client.with_token(second["access_token"].as_str().unwrap_or_default()).root_files().await?;
    flat(&tokens(&app, renew).await?, 400, 20_073, "invalid_grant")?;
    app.clock.advance(7 * 24 * 3_600_000);
    let renew = json!({"grant_type": "refresh_token", "refresh_token": second["refresh_token"]});
    flat(&tokens(&app, renew).await?, 400, 20_037, "invalid_grant")
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_and_basic_are_read_and_both_at_once_refused() -> Result<()> {
    let (app, browser, operator) = house().await?;
    let form = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", pct(value)))
            .collect::<Vec<_>>()
            .join("&")
    };
    let send = |body: String, basic: bool| {
        let mut request = browser
            .http
            .post(format!("{}{TOKEN}", app.client.url))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        if basic {
            request = request.basic_auth(&app.app_id, Some(&app.app_secret));
        }
        async move {
            let answer = request.send().await?;
            let status = answer.status().as_u16();
            let body = serde_json::from_str(&answer.text().await?)?;
            anyhow::Ok(Answer { status, body, why: None })
        }
    };
    let one = code(&app, &browser, &operator, "drive:drive").await?;
    let plain =
        form(&[("grant_type", "authorization_code"), ("code", &one), ("redirect_uri", BACK)]);
    let id_and_secret = form(&[("client_id", &app.app_id), ("client_secret", &app.app_secret)]);
    let both = send(format!("{plain}&{id_and_secret}"), true).await?;
    flat(&both, 400, 20_070, "invalid_request")?;
    let answer = send(plain, true).await?;
    ensure!(answer.code() == 0 && answer.body.get("refresh_token").is_none(), "{}", answer.body);
    let two = code(&app, &browser, &operator, "").await?;
    let plain =
        form(&[("grant_type", "authorization_code"), ("code", &two), ("redirect_uri", BACK)]);
    let answer = send(format!("{plain}&{id_and_secret}"), false).await?;
    ensure!(answer.code() == 0 && answer.body["scope"] == "drive:drive", "{}", answer.body);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_of_the_token_operation_has_its_number() -> Result<()> {
    let (app, browser, operator) = house().await?;
    let anyone = app.client.with_token("");
    let id = json!(app.app_id);
    for (body, code, word) in [
        (json!({}), 20_001, "invalid_request"),
        (json!({"grant_type": "password"}), 20_036, "unsupported_grant_type"),
        (json!({"grant_type": 7}), 20_063, "invalid_request"),
        (json!({"grant_type": "authorization_code", "client_id": id}), 20_001, "invalid_request"),
        (
            json!({"grant_type": "refresh_token", "client_id": "cli_no", "client_secret": "x"}),
            20_048,
            "invalid_client",
        ),
        (
            json!({"grant_type": "refresh_token", "client_id": id, "client_secret": "x"}),
            20_002,
            "invalid_client",
        ),
    ] {
        flat(&anyone.post(TOKEN, &body).await?, 400, code, word)?;
    }
    let redeem = |code: &str| json!({"grant_type": "authorization_code", "code": code, "redirect_uri": BACK});
    flat(&tokens(&app, redeem("none")).await?, 400, 20_003, "invalid_grant")?;
    let refresh = |token: &str| json!({"grant_type": "refresh_token", "refresh_token": token});
    flat(&tokens(&app, refresh("eyJnone")).await?, 400, 20_026, "invalid_grant")?;
    let old = code(&app, &browser, &operator, "").await?;
    app.clock.advance(5 * 60_000);
    flat(&tokens(&app, redeem(&old)).await?, 400, 20_004, "invalid_grant")?;

    let fresh = code(&app, &browser, &operator, "drive:drive docx:document offline_access").await?;
    let with = |field: &str, value: &str| {
        let mut body = redeem(&fresh);
        body[field] = json!(value);
        body
    };
    let elsewhere = with("redirect_uri", "http://evil");
    flat(&tokens(&app, elsewhere).await?, 400, 20_071, "invalid_grant")?;
    let twice = with("scope", "drive:drive drive:drive");
    flat(&tokens(&app, twice).await?, 400, 20_067, "invalid_scope")?;
    flat(&tokens(&app, with("scope", "wiki:wiki")).await?, 400, 20_068, "invalid_scope")?;
    let other = operator.post("/larkspur/v1/apps", &json!({})).await?.data()?.clone();
    let mut stolen = redeem(&fresh);
    stolen["client_id"] = other["app"]["app_id"].clone();
    stolen["client_secret"] = other["app_secret"].clone();
    flat(&anyone.post(TOKEN, &stolen).await?, 400, 20_024, "invalid_grant")?;
    let user = |enabled: bool| {
        let operator = operator.clone();
        async move {
            let body = json!({"enabled": enabled});
            let path = "/larkspur/v1/users/li";
            operator.call(Method::PATCH, path, Some(&body)).await?.data().cloned()
        }
    };
    user(false).await?;
    flat(&tokens(&app, redeem(&fresh)).await?, 400, 20_066, "invalid_grant")?;
    user(true).await?;
    let granted = tokens(&app, redeem(&fresh)).await?.body;
    let renew = refresh(granted["refresh_token"].as_str().context("a refresh token")?);
    let path = format!("/larkspur/v1/apps/{}", app.app_id);
    let change = |body: Value| {
        let (operator, path) = (operator.clone(), path.clone());
        async move { operator.call(Method::PATCH, &path, Some(&body)).await?.data().cloned() }
    };
    change(json!({"scopes": ["drive:drive"]})).await?;
    flat(&tokens(&app, renew.clone()).await?, 400, 20_074, "unauthorized_client")?;
    change(json!({"scopes": ["*"], "enabled": false})).await?;
    flat(&tokens(&app, renew.clone()).await?, 400, 20_069, "invalid_client")?;
    change(json!({"enabled": true})).await?;
    let path = format!("/larkspur/v1/users/li/grants/{}", app.app_id);
    operator.call(Method::DELETE, &path, None).await?.data()?;
    flat(&tokens(&app, renew).await?, 400, 20_064, "invalid_grant")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_generation_answers_the_envelope_with_http_200() -> Result<()> {
    let (app, browser, operator) = house().await?;
    let scopes = "contact:user.email:readonly contact:user.employee_id:readonly";
    let one = code(&app, &browser, &operator, scopes).await?;
    let body = json!({"grant_type": "authorization_code", "code": one});
    let no_app = app.client.with_token("").post(OIDC, &body).await?;
    refused(&no_app, 400, 99_991_661)?;
    let kind = json!({"grant_type": "refresh_token", "code": one});
    refused(&app.client.post(OIDC, &kind).await?, 200, 20_036)?;
    refused(&app.client.post(OIDC, &json!({"code": one})).await?, 200, 20_001)?;
    let data = app.client.post(OIDC, &body).await?.data()?.clone();
    ensure!(data["access_token"].as_str().is_some_and(|token| token.starts_with("u-")), "{data}");
    ensure!(data["refresh_token"].as_str().is_some_and(|token| token.starts_with("ur-")), "{data}");
    ensure!(data["token_type"] == "Bearer" && data["expires_in"] == 7_200, "{data}");
    refused(&app.client.post(OIDC, &body).await?, 200, 20_003)?;

    let user = app.client.with_token(data["access_token"].as_str().unwrap_or_default());
    let info = user.get(INFO).await?.data()?.clone();
    ensure!(
        info["name"] == "李" && info["email"] == "li@example.com" && info["user_id"] == "li",
        "{info}"
    );
    ensure!(info.get("mobile").is_none() && info.get("employee_no").is_none(), "{info}");
    ensure!(info["open_id"].as_str().is_some_and(|id| id.starts_with("ou_")), "{info}");
    refused(&app.client.get(INFO).await?, 400, 99_991_663)?;
    refused(&user.post(OIDC, &body).await?, 400, 99_991_668)?;

    let renew = json!({"grant_type": "refresh_token", "refresh_token": data["refresh_token"]});
    let renewed = app.client.post(OIDC_REFRESH, &renew).await?.data()?.clone();
    ensure!(renewed["access_token"] != data["access_token"], "{renewed}");
    refused(&app.client.post(OIDC_REFRESH, &renew).await?, 200, 20_026)?;
    let unknown = json!({"grant_type": "refresh_token", "refresh_token": "ur-none"});
    refused(&app.client.post(OIDC_REFRESH, &unknown).await?, 200, 20_038)?;
    app.clock.advance(30 * 24 * 3_600_000);
    let fresh = app.fresh_client().await?;
    let renew = json!({"grant_type": "refresh_token", "refresh_token": renewed["refresh_token"]});
    refused(&fresh.post(OIDC_REFRESH, &renew).await?, 200, 20_037)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_token_operation_takes_the_apps_own_credentials() -> Result<()> {
    let (app, browser, operator) = house().await?;
    let anyone = app.client.with_token("");
    let credentials = json!({"grant_type": "client_credentials", "client_id": app.app_id,
                             "client_secret": app.app_secret});
    let answer = anyone.post("/oauth/v3/token", &credentials).await?.body;
    ensure!(answer["token_type"] == "Bearer" && answer["expires_in"].is_i64(), "{answer}");
    app.client.with_token(answer["access_token"].as_str().unwrap_or_default()).root_files().await?;
    let wrong = json!({"grant_type": "client_credentials", "client_id": app.app_id,
                       "client_secret": "wrong"});
    flat(&anyone.post("/oauth/v3/token", &wrong).await?, 400, 20_002, "invalid_client")?;
    let code = code(&app, &browser, &operator, "").await?;
    let redeem = json!({"grant_type": "authorization_code", "code": code, "redirect_uri": BACK,
                        "client_id": app.app_id, "client_secret": app.app_secret});
    let answer = anyone.post("/oauth/v3/token", &redeem).await?.body;
    ensure!(answer["code"] == 0 && answer["access_token"].is_string(), "{answer}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_requests_end_on_a_page_and_lead_nowhere() -> Result<()> {
    let (app, browser, operator) = house().await?;
    let path = format!("/larkspur/v1/apps/{}", app.app_id);
    let scopes = json!({"scopes": ["drive:drive"]});
    operator.call(Method::PATCH, &path, Some(&scopes)).await?.data()?;
    let id = app.app_id.as_str();
    for (query, code) in [
        (vec![("client_id", "cli_no"), ("redirect_uri", BACK)], "20048"),
        (vec![("client_id", id), ("redirect_uri", "http://evil/")], "20029"),
        (vec![("client_id", id), ("redirect_uri", BACK), ("scope", "no:such")], "20027"),
        (vec![("client_id", id), ("redirect_uri", BACK), ("response_type", "token")], "20001"),
        (vec![("redirect_uri", BACK)], "20001"),
    ] {
        let page = browser.open(&query, &[(ACCEPT_LANGUAGE.as_str(), "zh-CN")]).await?;
        ensure!(
            page.status == 400 && page.html.contains(&format!("<dd>{code}</dd>")),
            "{}",
            page.html
        );
        ensure!(
            page.html.contains("lang=\"zh-CN\"") && page.html.contains("无法继续此请求"),
            "{}",
            page.html
        );
        ensure!(!page.html.contains("<form"), "{}", page.html);
    }
    let query = [("client_id", id), ("redirect_uri", BACK), ("state", "s")];
    let page = browser.open(&query, &[]).await?;
    let denied = browser.answer(&page, &[("decision", "deny")], &[]).await?;
    ensure!(denied.is_ok_and(|address| address == format!("{BACK}?error=access_denied&state=s")));
    // Without the cookie of the page, or from elsewhere, nothing happens.
    let li = li(&operator).await?;
    let fields = [("decision", "allow"), ("user", li.as_str())];
    let stripped = Page { cookie: "larkspur_page=x".to_owned(), ..page };
    let refused = browser.answer(&stripped, &fields, &[]).await?;
    ensure!(refused.is_err_and(|page| page.status == 403));
    let page = browser.open(&query, &[]).await?;
    let refused = browser.answer(&page, &fields, &[("sec-fetch-site", "cross-site")]).await?;
    ensure!(refused.is_err_and(|page| page.status == 403));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_from_elsewhere_must_prove_who_they_are() -> Result<()> {
    let (app, browser, operator) = house().await?;
    let query = [("client_id", app.app_id.as_str()), ("redirect_uri", BACK)];
    let admin = operator.token().to_owned();
    for elsewhere in [(HOST.as_str(), "docs.example.com"), ("x-forwarded-for", "10.0.0.1")] {
        let page = browser.open(&query, &[elsewhere]).await?;
        ensure!(
            page.html.contains("type=\"password\"") && !page.html.contains("<option"),
            "{}",
            page.html
        );
        let li = li(&operator).await?;
        for (user, password, right) in [
            (li.as_str(), "", false),
            ("li", "wrong", false),
            ("nobody", "correct horse", false),
            ("li", app.client.token(), false),
            ("li", "correct horse", true),
            ("li", admin.as_str(), true),
        ] {
            let fields = [("decision", "allow"), ("user", user), ("password", password)];
            let answer = browser.answer(&page, &fields, &[elsewhere]).await?;
            ensure!(answer.is_ok() == right, "{user} {right}");
            if let Err(page) = answer {
                ensure!(
                    page.status == 403 && page.html.contains("role=\"alert\""),
                    "{}",
                    page.html
                );
                ensure!(!page.html.contains("correct horse"), "a password came back");
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_app_gets_its_tokens_by_ticket() -> Result<()> {
    let (app, _, operator) = house().await?;
    let anyone = app.client.with_token("");
    let made = operator.post("/larkspur/v1/apps", &json!({"kind": "store"})).await?.data()?.clone();
    let (id, secret) = (made["app"]["app_id"].clone(), made["app_secret"].clone());
    let id_text = id.as_str().context("an id")?.to_owned();
    let resend = json!({"app_id": id, "app_secret": secret});
    let pushed = anyone.post("/open-apis/auth/v3/app_ticket/resend", &resend).await?;
    ensure!(pushed.status == 200 && pushed.code() == 0, "{}", pushed.body);
    let custom = json!({"app_id": app.app_id, "app_secret": app.app_secret});
    refused(&anyone.post("/open-apis/auth/v3/app_ticket/resend", &custom).await?, 200, 10_016)?;
    let ticket = operator.get(&format!("/larkspur/v1/apps/{id_text}/ticket")).await?;
    let ticket = ticket.data()?["app_ticket"].clone();
    let path = "/open-apis/auth/v3/app_access_token";
    let wrong = json!({"app_id": id, "app_secret": secret, "app_ticket": "wrong"});
    refused(&anyone.post(path, &wrong).await?, 200, 10_012)?;
    let right = json!({"app_id": id, "app_secret": secret, "app_ticket": ticket});
    let token = anyone.post(path, &right).await?.body["app_access_token"].clone();
    let tenant = operator.post("/larkspur/v1/tenants", &json!({})).await?.data()?["tenant"].clone();
    let ask = json!({"app_access_token": token, "tenant_key": tenant["tenant_id"]});
    for path in ["/open-apis/auth/v3/tenant_access_token", "/auth/v3/tenant_access_token"] {
        refused(&anyone.post(path, &ask).await?, 200, 11_210)?;
    }
    let install = json!({"tenant_id": tenant["tenant_id"]});
    operator.post(&format!("/larkspur/v1/apps/{id_text}/installations"), &install).await?.data()?;
    for path in ["/open-apis/auth/v3/tenant_access_token", "/auth/v3/tenant_access_token"] {
        let answer = anyone.post(path, &ask).await?.body;
        let token = answer["tenant_access_token"].as_str().context("a token")?;
        // Import and export are for custom apps; folders are for both.
        app.client.with_token(token).root_files().await?;
    }
    Ok(())
}
