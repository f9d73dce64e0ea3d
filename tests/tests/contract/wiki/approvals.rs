//! Requests for moves by those who may not move: filed, seen by those who decide, accepted, refused.

use anyhow::{Result, ensure};
use larkspur_tests::client::{Answer, Client};
use serde_json::{Value, json};

use super::{SPACES, join, move_docs, page, settled, space, titles, token, told};
use crate::world::{Person, World, document, root, text};
use crate::{console, refused};

const REQUESTS: &str = "/larkspur/v1/wiki/move_requests";

async fn requests(client: &Client) -> Result<Vec<Value>> {
    let answer = client.get(REQUESTS).await?;
    Ok(answer.data()?["items"].as_array().cloned().unwrap_or_default())
}

async fn decide(client: &Client, request: &Value, how: &str) -> Result<Answer> {
    let id = text(request, "request_id")?;
    client.post(&format!("{REQUESTS}/{id}/{how}"), &json!({})).await
}

/// An author with a document, a space of somebody else, and a third who asks.
struct Scene {
    world: World,
    author: Person,
    keeper: Person,
    guest: Person,
    space: String,
    document: String,
}

impl Scene {
    async fn set() -> Result<Self> {
        let world = World::start().await?;
        let author = world.person("author").await?;
        let keeper = world.person("keeper").await?;
        let guest = world.person("guest").await?;
        let space = space(&keeper, "space").await?;
        let home = root(&author.client).await?;
        let document =
            document(&world, &author.client, &home, ("md", "docx"), "wanted", b"# x").await?;
        Ok(Self { world, author, keeper, guest, space, document })
    }

    async fn apply(&self, client: &Client, parent: &str) -> Result<Answer> {
        let body = json!({"obj_type": "docx", "obj_token": self.document, "apply": true,
                          "parent_wiki_token": parent});
        move_docs(client, &self.space, &body).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_owner_says_yes_and_it_moves() -> Result<()> {
    let scene = Scene::set().await?;
    let (guest, author) = (&scene.guest, &scene.author);
    told(&scene.apply(&guest.client, "").await?, 131_006, "wiki space permission denied")?;
    join(&scene.keeper.client, &scene.space, ("userid", "guest"), "member").await?.data()?;
    let filed = scene.apply(&guest.client, "").await?;
    ensure!(*filed.data()? == json!({"applied": true}), "{}", filed.body);
    // Asking again is the same request.
    scene.apply(&guest.client, "").await?.data()?;
    for client in [&guest.client, &author.client, &scene.world.operator] {
        let seen = requests(client).await?;
        ensure!(seen.len() == 1, "{seen:?}");
        ensure!(seen[0]["state"] == "waiting" && seen[0]["title"] == "wanted", "{seen:?}");
        ensure!(seen[0]["wanting"] == json!(["document"]), "{seen:?}");
        ensure!(seen[0]["requester"] == "user:guest", "{seen:?}");
    }
    // Whoever has nothing to say in it does not see it; the requester does not decide.
    ensure!(requests(&scene.keeper.client).await?.is_empty());
    let request = requests(&author.client).await?.remove(0);
    refused(&decide(&scene.keeper.client, &request, "accept").await?, 404, 88_091_404)?;
    refused(&decide(&guest.client, &request, "accept").await?, 403, 88_091_403)?;
    let accepted = decide(&author.client, &request, "accept").await?;
    let accepted = accepted.data()?["request"].clone();
    ensure!(accepted["state"] == "accepted" && accepted["decided_by"] == "user:author");
    ensure!(accepted["wanting"] == json!([]), "{accepted}");
    // The task is the requester's.
    let task = text(&accepted, "task_id")?;
    let result = settled(&scene.world, &guest.client, &task).await?;
    ensure!(result["status"] == 0, "{result}");
    ensure!(result["node"]["node_creator"] == guest.open_id.as_str(), "{result}");
    ensure!(result["node"]["owner"] == author.open_id.as_str(), "{result}");
    ensure!(titles(&scene.keeper.client, &scene.space, "").await? == ["wanted"]);
    ensure!(requests(&guest.client).await?[0]["task_id"] == task.as_str());
    refused(&decide(&author.client, &request, "accept").await?, 409, 88_091_409)?;
    refused(&decide(&scene.world.operator, &request, "refuse").await?, 409, 88_091_409)?;
    refused(&decide(&scene.keeper.client, &request, "refuse").await?, 404, 88_091_404)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_must_allow_takes_both() -> Result<()> {
    let scene = Scene::set().await?;
    join(&scene.keeper.client, &scene.space, ("userid", "guest"), "member").await?.data()?;
    let parent = token(&page(&scene.keeper.client, &scene.space, "", "parent").await?)?;
    scene.apply(&scene.guest.client, &parent).await?.data()?;
    let request = requests(&scene.world.operator).await?.remove(0);
    ensure!(request["wanting"] == json!(["document", "target"]), "{request}");
    let half = decide(&scene.keeper.client, &request, "accept").await?;
    let half = &half.data()?["request"];
    ensure!(half["state"] == "waiting" && half["wanting"] == json!(["document"]), "{half}");
    ensure!(requests(&scene.keeper.client).await?.is_empty());
    let whole = decide(&scene.author.client, &request, "accept").await?;
    let task = text(&whole.data()?["request"], "task_id")?;
    let result = settled(&scene.world, &scene.guest.client, &task).await?;
    ensure!(result["status"] == 0, "{result}");
    ensure!(result["node"]["parent_node_token"] == parent.as_str(), "{result}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_of_a_document_asks_the_space() -> Result<()> {
    let scene = Scene::set().await?;
    let setting = json!({"create_setting": "admin"});
    let path = format!("{SPACES}/{}/setting", scene.space);
    let keeper = &scene.keeper.client;
    keeper.call(reqwest::Method::PUT, &path, Some(&setting)).await?.data()?;
    join(keeper, &scene.space, ("userid", "author"), "member").await?.data()?;
    scene.apply(&scene.author.client, "").await?.data()?;
    let request = requests(keeper).await?.remove(0);
    ensure!(request["wanting"] == json!(["target"]), "{request}");
    let refusal = decide(keeper, &request, "refuse").await?;
    ensure!(refusal.data()?["request"]["state"] == "refused", "{}", refusal.body);
    ensure!(titles(keeper, &scene.space, "").await?.is_empty());
    refused(&decide(keeper, &request, "accept").await?, 409, 88_091_409)?;
    // A new one can be made, and the operator may decide any.
    scene.apply(&scene.author.client, "").await?.data()?;
    let all = requests(&scene.world.operator).await?;
    ensure!(all.len() == 2, "{all:?}");
    let accepted = decide(&scene.world.operator, &all[1], "accept").await?;
    let accepted = &accepted.data()?["request"];
    ensure!(accepted["decided_by"] == "operator", "{accepted}");
    let task = text(accepted, "task_id")?;
    ensure!(settled(&scene.world, &scene.author.client, &task).await?["status"] == 0);
    refused(&decide(keeper, &json!({"request_id": "7"}), "accept").await?, 404, 88_091_404)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_that_is_not_needed() -> Result<()> {
    let scene = Scene::set().await?;
    join(&scene.keeper.client, &scene.space, ("userid", "author"), "member").await?.data()?;
    let moved = scene.apply(&scene.author.client, "").await?;
    ensure!(moved.data()?.get("task_id").is_some(), "{}", moved.body);
    ensure!(requests(&scene.world.operator).await?.is_empty());
    let elsewhere = scene.world.operator.get(&format!("{REQUESTS}?tenant_id=nobody")).await?;
    refused(&elsewhere, 404, 88_010_404)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_decided_on_a_page_of_the_console() -> Result<()> {
    let scene = Scene::set().await?;
    join(&scene.keeper.client, &scene.space, ("userid", "guest"), "member").await?.data()?;
    scene.apply(&scene.guest.client, "").await?.data()?;
    let browser = console::signed_in(&scene.world.app).await?;
    let page = browser.open("/console/wiki").await?;
    let request = requests(&scene.world.operator).await?.remove(0);
    let accept = format!("/console/approvals/{}/accept", text(&request, "request_id")?);
    ensure!(page.text.contains("wanted") && page.text.contains(&accept), "{}", page.text);
    let proof = page.proof()?;
    let decided = browser.post(&accept, &[("proof", &proof)], &[]).await?;
    ensure!(decided.to == "/console/wiki#requests", "{}", decided.text);
    let request = requests(&scene.world.operator).await?.remove(0);
    ensure!(request["state"] == "accepted" && request["decided_by"] == "operator", "{request}");
    let task = text(&request, "task_id")?;
    ensure!(settled(&scene.world, &scene.guest.client, &task).await?["status"] == 0);
    // What moved stands in the tree, and leads to the document.
    let tree = browser.open(&format!("/console/wiki/{}", scene.space)).await?;
    ensure!(tree.text.contains("wanted"), "{}", tree.text);
    ensure!(tree.text.contains(&format!("/console/documents/{}", scene.document)), "{}", tree.text);
    Ok(())
}
