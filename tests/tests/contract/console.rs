//! The console as a browser without scripts meets it: who is let in, what forms may do, what pages may
//! load, and that what was imported stands on them as text alone.

use anyhow::{Context as _, Result, anyhow, ensure};
use larkspur_api::Method;
use reqwest::header::{ACCEPT_LANGUAGE, COOKIE, LOCATION, SET_COOKIE};
use serde_json::json;

use crate::admin_directory::operator;
use crate::app;
use larkspur_tests::app::TestApp;

const SIGN_IN: &str = "/console/sign-in";

/// A browser without scripts: it keeps one cookie and follows nothing.
pub(crate) struct Browser {
    http: reqwest::Client,
    url: String,
    cookie: String,
}

/// A page as it came.
pub(crate) struct Page {
    status: u16,
    pub(crate) to: String,
    set_cookie: String,
    policy: String,
    kind: String,
    pub(crate) text: String,
}

impl Page {
    /// What the forms of the page prove themselves with.
    pub(crate) fn proof(&self) -> Result<String> {
        let (_, rest) = self.text.split_once("name=\"proof\" content=\"").context("no proof")?;
        Ok(rest.split('"').next().unwrap_or_default().to_owned())
    }
}

impl Browser {
    fn new(app: &TestApp) -> Result<Self> {
        larkspur::client::choose_ciphers();
        let redirect = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(redirect).build()?;
        Ok(Self { http, url: app.client.url.clone(), cookie: String::new() })
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Page> {
        let answer = request.header(COOKIE, &self.cookie).send().await?;
        let header = |name: &str| {
            let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (to, set_cookie) = (header(LOCATION.as_str()), header(SET_COOKIE.as_str()));
        let (policy, kind) = (header("content-security-policy"), header("content-type"));
        let status = answer.status().as_u16();
        let text = String::from_utf8_lossy(&answer.bytes().await?).into_owned();
        Ok(Page { status, to, set_cookie, policy, kind, text })
    }

    pub(crate) async fn open(&self, path: &str) -> Result<Page> {
        self.send(self.http.get(format!("{}{path}", self.url))).await
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Result<Page> {
        let mut body = String::new();
        for (name, value) in fields {
            let value =
                percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            body.push_str(name);
            body.push('=');
            body.extend(value);
            body.push('&');
        }
        let mut request = self.http.post(format!("{}{path}", self.url)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    /// Signs in with what opens the console.
    async fn sign_in(&mut self, field: (&str, &str)) -> Result<Page> {
        let page = self.post(SIGN_IN, &[field], &[]).await?;
        let cookie = page.set_cookie.split(';').next().unwrap_or_default();
        cookie.clone_into(&mut self.cookie);
        Ok(page)
    }
}

fn token(app: &TestApp) -> Result<&str> {
    Ok(app.server.admin_token.as_ref().context("a first start makes a token")?.expose())
}

pub(crate) async fn signed_in(app: &TestApp) -> Result<Browser> {
    let mut browser = Browser::new(app)?;
    let page = browser.sign_in(("token", token(app)?)).await?;
    ensure!(page.status == 302 && page.to == "/console", "{} {}", page.status, page.text);
    Ok(browser)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_let_in_who_did_not_sign_in() -> Result<()> {
    let app = app().await?;
    let stranger = Browser::new(&app)?;
    for operation in larkspur_console::operations() {
        let open = ["/console/assets/", "/console/choose", SIGN_IN];
        if open.iter().any(|open| operation.path.starts_with(open)) {
            continue;
        }
        let path = operation.path.replace(['{', '}'], "");
        let page = match operation.method {
            Method::GET => stranger.open(&path).await?,
            _ => stranger.post(&path, &[("proof", "x")], &[]).await?,
        };
        ensure!(page.status == 302 && page.to.starts_with(SIGN_IN), "{path}: {}", page.status);
        // Scripts read envelopes.
        let request = stranger.http.request(operation.method, format!("{}{path}", app.client.url));
        let answer = request.header("accept", "application/json").send().await?;
        ensure!(answer.status() == 401, "{path}: {}", answer.status());
    }
    for wrong in [("token", "adm-wrong"), ("token", ""), ("link", "x"), ("link", "")] {
        let mut browser = Browser::new(&app)?;
        let page = browser.sign_in(wrong).await?;
        ensure!(page.status == 403 && page.set_cookie.is_empty(), "{wrong:?}: {}", page.status);
    }
    // Another site's form signs nobody in.
    let elsewhere = [("sec-fetch-site", "cross-site")];
    let page = stranger.post(SIGN_IN, &[("token", token(&app)?)], &elsewhere).await?;
    ensure!(page.status == 403 && page.set_cookie.is_empty(), "{}", page.status);
    // A page one wanted to see is where one comes to; another server's is not.
    for (back, to) in [
        ("/console/tasks?state=failed", "/console/tasks?state=failed"),
        ("//evil.example", "/console"),
    ] {
        let page = stranger.post(SIGN_IN, &[("token", token(&app)?), ("back", back)], &[]).await?;
        ensure!(page.to == to, "{back}: {}", page.to);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_the_console_once_and_a_session_ends() -> Result<()> {
    let app = app().await?;
    let link = app.server.console_link().await.map_err(|trouble| anyhow!("{trouble}"))?;
    let link = link.expose();
    let mut first = Browser::new(&app)?;
    // Looking at the link, as programs do that preview addresses, does not use it up.
    let page = first.open(&format!("{SIGN_IN}?link={link}")).await?;
    ensure!(page.status == 200 && page.set_cookie.is_empty());
    let page = first.sign_in(("link", link)).await?;
    ensure!(page.status == 302, "{}", page.text);
    for part in ["HttpOnly", "SameSite=Strict", "Path=/console"] {
        ensure!(page.set_cookie.contains(part), "{}", page.set_cookie);
    }
    let mut second = Browser::new(&app)?;
    ensure!(second.sign_in(("link", link)).await?.status == 403, "a link opens it once");
    let page = first.open("/console").await?;
    ensure!(page.status == 200);
    // Moving the server's clock signs nobody out.
    app.clock.advance(48 * 3_600_000);
    ensure!(first.open("/console").await?.status == 200);
    let proof = page.proof()?;
    ensure!(first.post("/console/sign-out", &[("proof", &proof)], &[]).await?.status == 302);
    ensure!(first.open("/console").await?.status == 302, "a session that was ended is over");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_shows_itself_in_both_languages_and_loads_from_here_alone() -> Result<()> {
    let app = app().await?;
    let browser = signed_in(&app).await?;
    let mut pages = 0;
    for operation in larkspur_console::operations() {
        let plain = !operation.path.contains('{') && operation.method == Method::GET;
        if !plain || ["/console/choose", "/console/events", SIGN_IN].contains(&operation.path) {
            continue;
        }
        for language in ["en", "zh-CN"] {
            let request = browser.http.get(format!("{}{}", browser.url, operation.path));
            let page = browser.send(request.header(ACCEPT_LANGUAGE, language)).await?;
            ensure!(page.status == 200, "{}: {}", operation.path, page.text);
            if operation.path.starts_with("/console/assets/") {
                continue;
            }
            ensure!(page.kind == "text/html; charset=utf-8", "{}", page.kind);
            ensure!(
                page.text.contains(&format!("<html lang=\"{language}\"")),
                "{}",
                operation.path
            );
            for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
                ensure!(page.policy.contains(part), "{}: {}", operation.path, page.policy);
            }
            ensure!(!page.text.contains(" style=") && !page.text.contains(" onclick="));
            pages += 1;
        }
    }
    ensure!(pages >= 18, "{pages} pages");
    let gone = browser.open("/console/documents/nothing").await?;
    ensure!(gone.status == 404 && gone.text.contains("<h1>"), "{} {}", gone.status, gone.text);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_needs_the_proof_of_its_page() -> Result<()> {
    let app = app().await?;
    let browser = signed_in(&app).await?;
    let proof = browser.open("/console/rehearsal").await?.proof()?;
    let other = signed_in(&app).await?.open("/console").await?.proof()?;
    let fault = [("on", "drive.import"), ("effect", "status"), ("value", "129"), ("name", "one")];
    let add = "/console/rehearsal/fault-add";
    for (proof, headers) in [
        ("", &[][..]),
        (other.as_str(), &[][..]),
        (proof.as_str(), &[("sec-fetch-site", "cross-site")][..]),
    ] {
        let mut fields = vec![("proof", proof)];
        fields.extend(fault);
        let page = browser.post(add, &fields, headers).await?;
        ensure!(page.status == 400 && page.text.contains("role=\"alert\""), "{}", page.status);
    }
    let faults = operator(&app)?.get("/larkspur/v1/faults").await?;
    ensure!(faults.data()?["items"] == json!([]), "{}", faults.body);
    let mut fields = vec![("proof", proof.as_str())];
    fields.extend(fault);
    ensure!(browser.post(add, &fields, &[]).await?.to == "/console/rehearsal#faults");
    let faults = operator(&app)?.get("/larkspur/v1/faults").await?;
    ensure!(faults.data()?["items"][0]["status"] == 129, "{}", faults.body);
    // What cannot be meant is told on a page, with the way out.
    let mut fields = vec![("proof", proof.as_str())];
    fields.extend([("on", "drive.import"), ("effect", "status"), ("value", "4711")]);
    let page = browser.post(add, &fields, &[]).await?;
    ensure!(
        page.status == 400 && page.text.contains("status: drive.import documents"),
        "{}",
        page.text
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_becomes_a_page_on_which_nothing_runs() -> Result<()> {
    let app = app().await?;
    let browser = signed_in(&app).await?;
    let proof = browser.open("/console").await?.proof()?;
    let text =
        "# <script>alert(1)</script> Ünïcode 中\n\n[x](javascript:alert(1)) `<img onerror=x>`\n";
    let size = text.len();
    let path = format!("/console/import?name=a%20b.md&size={size}");
    let request = browser.http.post(format!("{}{path}", browser.url)).body(text);
    let request = request.header("x-larkspur-proof", &proof).header("accept", "application/json");
    let answer = browser.send(request).await?;
    let answer: serde_json::Value = serde_json::from_str(&answer.text)?;
    let task = answer["data"]["task_id"].as_str().context("no task")?.to_owned();
    let document = app.imported(&task).await?;
    let token = document["token"].as_str().context("no token")?;
    let page = browser.open(&format!("/console/documents/{token}")).await?;
    ensure!(page.status == 200 && page.text.contains("Ünïcode 中"), "{}", page.text);
    let (_, body) = page.text.split_once("<article").context("no document")?;
    ensure!(!body.contains("<script") && !body.contains("javascript:") && !body.contains("<img"));
    // The task's page tells what its client is told.
    let page = browser.open(&format!("/console/tasks/{task}")).await?;
    ensure!(page.text.contains("driveImportTaskGet") && page.text.contains(token), "{}", page.text);
    // What does not fit is told to scripts in an envelope.
    for (query, wanted) in [("name=a.exe&size=3", "documents"), ("name=a.md&size=0", "empty")] {
        let request =
            browser.http.post(format!("{}/console/import?{query}", browser.url)).body("abc");
        let request = request.header("x-larkspur-proof", &proof);
        let answer = browser.send(request.header("accept", "application/json")).await?;
        ensure!(answer.status == 400 && answer.text.contains(wanted), "{query}: {}", answer.text);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_is_shown_window_by_window() -> Result<()> {
    let app = app().await?;
    let browser = signed_in(&app).await?;
    let rows: Vec<String> = (1..=3_000).map(|row| format!("{row},<b>{row}</b>,x")).collect();
    let source = app.client.upload("big.csv", "csv", "sheet", rows.join("\n").into_bytes()).await?;
    let task = app.client.import(&source, "csv", "sheet", "big").await?;
    let sheet = app.imported(&task).await?;
    let token = sheet["token"].as_str().context("no token")?;
    let page = browser.open(&format!("/console/sheets/{token}")).await?;
    let (_, rest) = page.text.split_once("data-grid=\"").context("no grid")?;
    let window = rest.split('"').next().unwrap_or_default();
    ensure!(page.text.contains("data-rows=\"3000\""), "{}", page.text);
    let cells = browser.open(&format!("{window}?top=2998&left=0&rows=10&columns=3")).await?;
    let cells: serde_json::Value = serde_json::from_str(&cells.text)?;
    ensure!(cells["rows"][1] == json!(["3000", "<b>3000</b>", "x"]), "{cells}");
    for wrong in ["top=-1&left=0&rows=1&columns=1", "top=0&left=0&rows=0&columns=1", ""] {
        ensure!(browser.open(&format!("{window}?{wrong}")).await?.status == 400, "{wrong}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pages_are_made_of_is_told_to_programs_too() -> Result<()> {
    let app = app().await?;
    let operator = operator(&app)?;
    let source = app.client.upload("a.md", "md", "docx", b"# a".to_vec()).await?;
    let task = app.client.import(&source, "md", "docx", "a").await?;
    app.imported(&task).await?;
    let overview = operator.get("/larkspur/v1/overview").await?;
    let overview = overview.data()?;
    ensure!(overview["tasks"]["succeeded"] == 1, "{overview}");
    ensure!(overview["storage"]["size_bytes"].as_i64().unwrap_or(0) > 0, "{overview}");
    let spans = overview["recent"]["spans"].as_array().context("no chart")?;
    let submitted: i64 = spans.iter().filter_map(|span| span["succeeded"].as_i64()).sum();
    ensure!((spans.len(), submitted) == (48, 1), "{overview}");
    let limits = operator.get(&format!("/larkspur/v1/apps/{}/limits", app.app_id)).await?;
    let limits = limits.data()?["items"].as_array().context("no limits")?.clone();
    let create = limits.iter().find(|left| left["operation"] == "driveImportTaskCreate");
    let minute = &create.context("an import was created")?["minute"];
    ensure!(minute["left"] == minute["ceiling"].as_i64().unwrap_or(0) - 1, "{minute}");
    let detail = operator.get(&format!("/larkspur/v1/tasks/{task}?answer=true")).await?;
    let detail = detail.data()?;
    ensure!(detail["client_answer"]["operation"] == "driveImportTaskGet", "{detail}");
    ensure!(detail["client_answer"]["answer"]["data"]["result"]["job_status"] == 0, "{detail}");
    let states = detail["task"]["timeline"].as_array().context("no timeline")?;
    let states: Vec<_> = states.iter().map(|moment| moment["state"].clone()).collect();
    ensure!(states == [json!("queued"), json!("running"), json!("succeeded")], "{detail}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_of_a_rehearsal_do_what_they_say() -> Result<()> {
    let app = app().await?;
    let (browser, operator) = (signed_in(&app).await?, operator(&app)?);
    let proof = browser.open("/console/rehearsal").await?.proof()?;
    let send = async |what: &str, fields: &[(&str, &str)], part: &str| -> Result<()> {
        let mut all = vec![("proof", proof.as_str())];
        all.extend(fields);
        let page = browser.post(&format!("/console/rehearsal/{what}"), &all, &[]).await?;
        let to = format!("/console/rehearsal#{part}");
        ensure!(page.to == to, "{what}: {} {}", page.status, page.text);
        Ok(())
    };
    let clock = async || -> Result<serde_json::Value> {
        Ok(operator.get("/larkspur/v1/clock").await?.data()?["clock"].clone())
    };
    send("clock-set", &[("at", "2026-12-01T09:00")], "clock").await?;
    send("clock-freeze", &[], "clock").await?;
    let before = clock().await?;
    ensure!(before["mode"] == "frozen", "{before}");
    send("clock-advance", &[("by", "60000")], "clock").await?;
    let after = clock().await?;
    let went = after["now_ms"].as_i64().unwrap_or(0) - before["now_ms"].as_i64().unwrap_or(0);
    ensure!(went == 60_000, "{before} {after}");
    send("clock-run", &[], "clock").await?;
    send("clock-real", &[], "clock").await?;
    ensure!(clock().await?["mode"] == "real");

    let stepping = [("advance", "3-polls"), ("family", "drive.import")];
    send("stepping", &stepping, "stepping").await?;
    let stepping = operator.get("/larkspur/v1/stepping").await?;
    let of_imports = &stepping.data()?["families"]["drive.import"];
    ensure!(*of_imports == json!({"after_polls": 3}), "{}", stepping.body);
    send("stepping", &[("advance", "at-once")], "stepping").await?;

    let rule = r#"{"name": "one", "family": "drive.import", "times": 1, "status": 100}"#;
    send("fault-add", &[("json", rule)], "faults").await?;
    let page = browser.open("/console/rehearsal").await?;
    ensure!(page.text.contains("&#34;status&#34;:100"), "{}", page.text);
    send("fault-release", &[("name", "one")], "faults").await?;
    send("fault-remove", &[("name", "one")], "faults").await?;
    send("fault-clear", &[], "faults").await?;

    send("snapshot-take", &[("name", "before")], "snapshots").await?;
    let company = "[[tenants]]\nid = \"acme\"\nname = \"Acme & Söhne\"\n";
    send("fixtures", &[("fixtures", company)], "fixtures").await?;
    ensure!(operator.get("/larkspur/v1/tenants/acme").await?.code() == 0);
    let page = browser.open("/console").await?;
    ensure!(page.text.contains("Acme &#38; Söhne"), "a second tenant is to be chosen");
    send("snapshot-restore", &[("name", "before")], "snapshots").await?;
    ensure!(operator.get("/larkspur/v1/tenants/acme").await?.status == 404);
    ensure!(
        browser.open("/console").await?.status == 200,
        "a state that is put back signs nobody out"
    );
    send("snapshot-remove", &[("name", "before")], "snapshots").await?;
    send("reset", &[], "snapshots").await?;
    Ok(())
}
