//! Everything that is documented can be had: each refusal of each operation that is served, by a rule
//! that counts to it, and each number a task may show.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail, ensure};
use larkspur_api::documented::reached::{self, Kind, Number, Refusal};
use larkspur_api::documented::{Outcome, family};
use larkspur_api::{BodyKind, Operation, oauth_word, operations};
use larkspur_platform::{AppKind, TokenKind};
use larkspur_tests::client::Client;
use reqwest::Method;
use serde_json::{Value, json};

use crate::wiki;
use crate::world::{APP, TENANT, USER, World, document, file, folder, root, text};

/// Somebody of every kind whom operations let in.
struct Callers {
    tenant: Client,
    user: Client,
    app: Client,
    store: Client,
    nobody: Client,
}

impl Callers {
    async fn gather(world: &World) -> Result<Self> {
        let tenant = world.app.client.clone();
        let body = json!({"name": "store", "kind": "store", "tenant_id": world.tenant});
        let store = world.operator.post("/larkspur/v1/apps", &body).await?;
        let store = text(&store.data()?["app"], "app_id")?;
        let path = format!("/larkspur/v1/apps/{store}/installations");
        world.operator.post(&path, &json!({"tenant_id": world.tenant})).await?.data()?;
        let first = &world.app.app_id;
        world.person("caller").await?;
        world.keep("u-caller-2", USER, first, &world.tenant, Some("caller"), 7_200_000)?;
        world.keep("a-app", APP, first, &world.tenant, None, 7_200_000)?;
        world.keep("t-store", TENANT, &store, &world.tenant, None, 7_200_000)?;
        let with = |token: &str| tenant.with_token(token);
        let (user, app) = (with("u-caller-2"), with("a-app"));
        let (store, nobody) = (with("t-store"), with(""));
        Ok(Self { tenant, user, app, store, nobody })
    }

    fn of(&self, operation: &Operation) -> &Client {
        let takes = |kind| operation.tokens.contains(&kind);
        if operation.tokens.is_empty() {
            &self.nobody
        } else if !operation.apps.contains(&AppKind::Custom) {
            &self.store
        } else if takes(TokenKind::Tenant) {
            &self.tenant
        } else if takes(TokenKind::User) {
            &self.user
        } else {
            &self.app
        }
    }
}

/// Puts these rules, and no others, in force.
async fn put(world: &World, rules: &str) -> Result<()> {
    if rules.is_empty() {
        let all = "/larkspur/v1/faults";
        return world.operator.call(Method::DELETE, all, None).await?.data().map(|_| ());
    }
    let path = "/larkspur/v1/fixtures";
    world.operator.fixtures(path, rules, &[]).await?.data().map(|_| ())
}

async fn call(client: &Client, operation: &Operation) -> Result<(u16, Value)> {
    let parts = operation.path.split('/');
    let path: Vec<&str> =
        parts.map(|part| if part.starts_with('{') { "x" } else { part }).collect();
    let path = path.join("/");
    let body = json!({});
    let body = (operation.body == BodyKind::Json).then_some(&body);
    let answer = client.call(operation.method.clone(), &path, body).await?;
    Ok((answer.status, answer.body))
}

fn check(refusal: &Refusal, status: u16, body: &Value) -> Result<()> {
    let Refusal { operation, error, .. } = refusal;
    if let Some(word) = oauth_word(operation, error.code) {
        // Where the protocol has a word for it, that stands there (RFC 6749, 5.2).
        ensure!(body["error"] == word && status >= 400, "{operation} {error:?}: {status} {body}");
        return Ok(());
    }
    let documented = if error.http == 0 { status } else { error.http };
    ensure!(
        (status, body["code"].as_i64()) == (documented, Some(error.code)),
        "{operation} {error:?}: HTTP {status} {body}"
    );
    let said = body["msg"].as_str().or_else(|| body["error_description"].as_str());
    ensure!(said.is_some_and(|said| !said.is_empty()), "{operation} {error:?}: {body}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_refusal_of_every_operation_can_be_had_by_a_rule() -> Result<()> {
    let world = World::start().await?;
    let callers = Callers::gather(&world).await?;
    let mut of_operation: BTreeMap<&str, Vec<Refusal>> = BTreeMap::new();
    for refusal in reached::refusals() {
        of_operation.entry(refusal.operation).or_default().push(refusal);
    }
    let all = operations();
    let mut missed = Vec::new();
    for (id, refusals) in &of_operation {
        let operation = all.iter().find(|one| one.id == *id).context("an operation")?;
        let mut rules = String::new();
        for (at, refusal) in refusals.iter().enumerate() {
            let code = refusal.error.code;
            writeln!(rules, "[[faults]]\noperation = \"{id}\"\nerror = {code}\nnth = {}", at + 1)?;
        }
        put(&world, &rules).await?;
        for refusal in refusals {
            let (status, body) = call(callers.of(operation), operation).await?;
            if let Err(miss) = check(refusal, status, &body) {
                missed.push(miss.to_string());
            }
        }
    }
    let count: usize = of_operation.values().map(Vec::len).sum();
    ensure!(missed.is_empty(), "{} of {count}:\n{}", missed.len(), missed.join("\n"));
    ensure!(of_operation.len() >= 46 && count > 2_000, "{} {count}", of_operation.len());
    Ok(())
}

/// A task of a family, and how it is asked for.
struct Submitted {
    client: Client,
    path: String,
    /// Where its number stands in an answer's data.
    place: &'static str,
}

async fn submit(world: &World, family: &str, things: &Things) -> Result<Submitted> {
    let client = &world.app.client;
    let (path, place) = match family {
        "drive.import" => {
            let source = client.upload("a.md", "md", "docx", b"# text".to_vec()).await?;
            let ticket = client.import(&source, "md", "docx", "a").await?;
            (format!("/open-apis/drive/v1/import_tasks/{ticket}"), "/result/job_status")
        }
        "drive.export" => {
            let document = &things.document;
            let ticket = client.export(document, "docx", "docx", None).await?;
            let path = format!("/open-apis/drive/v1/export_tasks/{ticket}?token={document}");
            (path, "/result/job_status")
        }
        "drive.folder" => {
            let parent = folder(client, &things.root, "moved").await?;
            file(client, &parent, "a.bin", b"x").await?;
            let body = json!({"type": "folder", "folder_token": things.target});
            let path = format!("/open-apis/drive/v1/files/{parent}/move");
            let task = text(client.post(&path, &body).await?.data()?, "task_id")?;
            (format!("/open-apis/drive/v1/files/task_check?task_id={task}"), "/status")
        }
        "contact.batch" => {
            let user = json!({"name": "A", "mobile": "+8613800138000", "departments": ["0"]});
            let body = json!({"users": [user]});
            let answer = client.post("/open-apis/contact/v2/user/batch_add", &body).await?;
            let task = text(answer.data()?, "task_id")?;
            (format!("/open-apis/contact/v2/task/get?task_id={task}"), "/status")
        }
        "vc.export" => {
            let day = json!({"start_time": "1795190400", "end_time": "1795240800",
                             "meeting_status": 2});
            let path = "/open-apis/vc/v1/exports/meeting_list";
            let task = text(client.post(path, &day).await?.data()?, "task_id")?;
            (format!("/open-apis/vc/v1/exports/{task}"), "/status")
        }
        "wiki.move" => return wiki_move(world, things).await,
        other => bail!("no test submits a task of {other}"),
    };
    Ok(Submitted { client: client.clone(), path, place })
}

/// A new document of its mover's, on its way into the wiki.
async fn wiki_move(world: &World, things: &Things) -> Result<Submitted> {
    let client = things.mover.clone();
    let parent = root(&client).await?;
    let page = document(world, &client, &parent, ("md", "docx"), "page", b"# text").await?;
    let path = format!("/open-apis/wiki/v2/spaces/{}/nodes/move_docs_to_wiki", things.space);
    let body = json!({"obj_type": "docx", "obj_token": page});
    let task = text(client.post(&path, &body).await?.data()?, "task_id")?;
    let path = format!("/open-apis/wiki/v2/tasks/{task}?task_type=move");
    Ok(Submitted { client, path, place: "/task/move_result/0/status" })
}

struct Things {
    root: String,
    target: String,
    document: String,
    /// Who owns the space, and what moves there.
    mover: Client,
    space: String,
}

/// Polls until the task shows `wanted`, a number or the word for it.
async fn shows(task: &Submitted, wanted: &[Value]) -> Result<Value> {
    let patience = tokio::time::Instant::now() + std::time::Duration::from_mins(1);
    loop {
        let data = task.client.get(&task.path).await?.data()?.clone();
        if data.pointer(task.place).is_some_and(|shown| wanted.contains(shown)) {
            return Ok(data);
        }
        if tokio::time::Instant::now() > patience {
            bail!("{wanted:?} was not shown: {data}");
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

async fn status(world: &World, things: &Things, number: &Number) -> Result<()> {
    let name = number.family;
    let documented = family(name).context("a family")?;
    let of = documented
        .statuses
        .iter()
        .find(|one| (one.number, one.text) == (number.number, number.text));
    let of = of.context("a status")?;
    let mut rules = format!("[[faults]]\nfamily = \"{name}\"\nstatus = {}\n", number.number);
    if of.outcome == Outcome::Failed && !number.text.is_empty() {
        writeln!(rules, "message = {:?}", number.text)?;
    }
    if of.outcome == Outcome::Success {
        // What happens anyway.
        rules.clear();
    }
    put(world, &rules).await?;
    let task = submit(world, name, things).await?;
    let wanted = [json!(number.number), json!(of.text), json!(number.number.to_string())];
    let data = shows(&task, &wanted).await?;
    if let Some(said) = data.pointer(&format!("{}_msg", task.place)) {
        ensure!(said == number.text, "{data}");
    }
    Ok(())
}

async fn extra(world: &World, things: &Things, number: &Number) -> Result<()> {
    let name = number.family;
    put(world, &format!("[[faults]]\nfamily = \"{name}\"\nextra = [\"{}\"]\n", number.number))
        .await?;
    let task = submit(world, name, things).await?;
    let data = shows(&task, &[json!(0)]).await?;
    ensure!(data["result"]["extra"] == json!([number.number.to_string()]), "{data}");
    Ok(())
}

async fn item(world: &World, things: &Things, number: &Number) -> Result<()> {
    let (name, code) = (number.family, number.number);
    put(
        world,
        &format!("[[faults]]\nfamily = \"{name}\"\nitems = [{{ index = 0, code = {code} }}]\n"),
    )
    .await?;
    let task = submit(world, name, things).await?;
    let data = shows(&task, &[json!(9)]).await?;
    ensure!(data["fail_num"] == 1 && data["task_info"][0]["code"] == code, "{data}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_number_of_every_family_can_be_had_by_a_rule() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let root = root(client).await?;
    let target = folder(client, &root, "target").await?;
    let document = world.app.import("md", "docx", b"# text", "page").await?;
    let mover = world.person("mover").await?;
    let space = wiki::space(&mover, "space").await?;
    let things = Things { root, target, document, mover: mover.client, space };
    let mut missed = Vec::new();
    let all = reached::numbers();
    for number in &all {
        let had = match number.kind {
            Kind::Status => status(&world, &things, number).await,
            Kind::Extra => extra(&world, &things, number).await,
            Kind::Item => item(&world, &things, number).await,
        };
        if let Err(error) = had {
            missed.push(format!("{} {:?} {}: {error}", number.family, number.kind, number.number));
        }
    }
    ensure!(missed.is_empty(), "{} of {}:\n{}", missed.len(), all.len(), missed.join("\n"));
    Ok(())
}
