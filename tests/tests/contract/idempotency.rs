//! Creates of tasks that name themselves: once done whatever the network does, in every family.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::client::Client;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, document, folder, root, text};
use crate::{refused, wiki};

const IMPORTS: &str = "/open-apis/drive/v1/import_tasks";

fn named(client: &Client, key: &str) -> Client {
    client.with_header("X-Larkspur-Idempotency-Key", key)
}

async fn import_body(client: &Client, name: &str) -> Result<Value> {
    let source = client.upload("a.md", "md", "docx", b"# text".to_vec()).await?;
    Ok(json!({"file_extension": "md", "file_token": source, "type": "docx", "file_name": name,
              "point": {"mount_type": 1, "mount_key": ""}}))
}

async fn tasks(world: &World) -> Result<usize> {
    let listed = world.operator.get("/larkspur/v1/tasks?page_size=500").await?;
    listed.data()?["items"].as_array().map(Vec::len).context("items")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_makes_one_task_and_another_is_a_conflict() -> Result<()> {
    let world = World::start().await?;
    let client = named(&world.app.client, "once-1");
    let body = import_body(&world.app.client, "once").await?;
    let many: Vec<_> = (0..8)
        .map(|_| {
            let (client, body) = (client.clone(), body.clone());
            tokio::spawn(async move { client.post(IMPORTS, &body).await })
        })
        .collect();
    let mut tickets = BTreeSet::new();
    for one in many {
        tickets.insert(text(one.await??.data()?, "ticket")?);
    }
    ensure!(tickets.len() == 1 && tasks(&world).await? == 1, "{tickets:?}");
    let ticket = tickets.first().context("a ticket")?.clone();
    world.app.imported(&ticket).await?;
    // The source has been used up by now: the answer is that of the first request all the same.
    ensure!(text(client.post(IMPORTS, &body).await?.data()?, "ticket")? == ticket);
    let mut other = body.clone();
    other["file_name"] = json!("other");
    refused(&client.post(IMPORTS, &other).await?, 409, 88_090_409)?;
    // Keys are each app's own, and each user's.
    let (_, second) = world.second_app(&world.tenant, None).await?;
    let theirs = import_body(&second, "theirs").await?;
    let theirs = named(&second, "once-1").post(IMPORTS, &theirs).await?;
    ensure!(text(theirs.data()?, "ticket")? != ticket);
    for key in ["", "two words", &"x".repeat(256)] {
        refused(&named(&world.app.client, key).post(IMPORTS, &body).await?, 400, 99_992_402)?;
    }
    let world = World { app: world.app.restart().await?, ..world };
    let client = named(&world.app.client, "once-1");
    ensure!(text(client.post(IMPORTS, &body).await?.data()?, "ticket")? == ticket);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_has_no_name_and_names_are_forgotten_after_a_day() -> Result<()> {
    let world = World::start().await?;
    let client = named(&world.app.client, "later");
    let mut body = import_body(&world.app.client, "later").await?;
    body["type"] = json!("sheet");
    ensure!(client.post(IMPORTS, &body).await?.code() != 0);
    body["type"] = json!("docx");
    client.post(IMPORTS, &body).await?.data()?;
    let day = json!({"by": "25h"});
    world.operator.post("/larkspur/v1/clock/advance", &day).await?.data()?;
    let fresh = world.app.fresh_client().await?;
    let next = import_body(&fresh, "next").await?;
    named(&fresh, "later").post(IMPORTS, &next).await?.data().map(|_| ())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_family_answers_the_same_again() -> Result<()> {
    let world = World::start().await?;
    let owner = world.person("owner").await?;
    let (user, app) = (&owner.client, &world.app.client);
    let home = root(user).await?;
    let docx = document(&world, user, &home, ("md", "docx"), "a", b"# text").await?;
    let gone = folder(user, &home, "gone").await?;
    let space = wiki::space(&owner, "space").await?;
    let creates = [
        (
            user,
            Method::POST,
            "/open-apis/drive/v1/export_tasks".to_owned(),
            json!({"file_extension": "docx", "token": docx, "type": "docx"}),
        ),
        (user, Method::DELETE, format!("/open-apis/drive/v1/files/{gone}?type=folder"), json!({})),
        (
            user,
            Method::POST,
            format!("{}/{space}/nodes/move_docs_to_wiki", wiki::SPACES),
            json!({"obj_type": "docx", "obj_token": docx}),
        ),
        (
            app,
            Method::POST,
            "/open-apis/contact/v2/department/batch_add".to_owned(),
            json!({"departments": [{"id": "lab", "name": "Lab", "parent_id": "0"}]}),
        ),
        (
            app,
            Method::POST,
            "/open-apis/vc/v1/exports/meeting_list".to_owned(),
            json!({"start_time": "1795230000", "end_time": "1795233600"}),
        ),
    ];
    for (at, (client, method, path, body)) in creates.iter().enumerate() {
        let before = tasks(&world).await?;
        let client = named(client, &format!("each-{at}"));
        let first = client.call(method.clone(), path, Some(body)).await?;
        let again = client.call(method.clone(), path, Some(body)).await?;
        ensure!(first.data()? == again.data()?, "{path}: {} {}", first.body, again.body);
        ensure!(tasks(&world).await? == before + 1, "{path}");
    }
    Ok(())
}
