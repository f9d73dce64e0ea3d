//! The wiki over HTTP: spaces, members, nodes, moves of documents into it, and requests for them.

mod approvals;
mod limits;
mod members;
mod moves;
mod nodes;
mod rights;
mod spaces;
mod statuses;

use anyhow::{Result, ensure};
use larkspur_tests::client::{Answer, Client};
use serde_json::{Value, json};

use crate::refused;
use crate::world::{Person, World, text};

pub(crate) const SPACES: &str = "/open-apis/wiki/v2/spaces";

/// Checks that a call was refused with this code, and with this phrase behind the code's text.
fn told(answer: &Answer, code: i64, phrase: &str) -> Result<()> {
    refused(answer, 400, code)?;
    let msg = answer.body["msg"].as_str().unwrap_or_default();
    ensure!(msg.ends_with(phrase) && msg.len() > phrase.len(), "not {phrase:?}: {msg}");
    Ok(())
}

/// A new space of a user.
pub(crate) async fn space(owner: &Person, name: &str) -> Result<String> {
    let body = json!({"name": name, "description": "about"});
    let made = owner.client.post(SPACES, &body).await?;
    text(&made.data()?["space"], "space_id")
}

/// Makes somebody a member or an administrator of a space.
pub(crate) async fn join(
    client: &Client,
    space: &str,
    (member_type, member_id): (&str, &str),
    role: &str,
) -> Result<Answer> {
    let body = json!({"member_type": member_type, "member_id": member_id, "member_role": role});
    client.post(&format!("{SPACES}/{space}/members"), &body).await
}

/// Asks for a new document at a place; an empty parent is the first level.
async fn create(client: &Client, space: &str, parent: &str, title: &str) -> Result<Answer> {
    let body = json!({"obj_type": "docx", "node_type": "origin", "parent_node_token": parent,
                      "title": title});
    client.post(&format!("{SPACES}/{space}/nodes"), &body).await
}

/// A new document at a place.
pub(crate) async fn page(client: &Client, space: &str, parent: &str, title: &str) -> Result<Value> {
    Ok(create(client, space, parent, title).await?.data()?["node"].clone())
}

/// The token of a node.
pub(crate) fn token(node: &Value) -> Result<String> {
    text(node, "node_token")
}

/// Asks for a move of a document into a space.
async fn move_docs(client: &Client, space: &str, body: &Value) -> Result<Answer> {
    client.post(&format!("{SPACES}/{space}/nodes/move_docs_to_wiki"), body).await
}

/// Submits a move of a document to the first level of a space; the task.
pub(crate) async fn moving(
    client: &Client,
    space: &str,
    kind: &str,
    document: &str,
) -> Result<String> {
    let body = json!({"obj_type": kind, "obj_token": document});
    text(move_docs(client, space, &body).await?.data()?, "task_id")
}

/// The only result of a task as it stands.
async fn look(client: &Client, task: &str) -> Result<Value> {
    let path = format!("/open-apis/wiki/v2/tasks/{task}?task_type=move");
    let answer = client.get(&path).await?;
    let found = answer.data()?["task"].clone();
    ensure!(found["task_id"] == task, "{found}");
    ensure!(found["move_result"].as_array().is_some_and(|all| all.len() == 1), "{found}");
    Ok(found["move_result"][0].clone())
}

/// Waits for a task; its only result.
pub(crate) async fn settled(world: &World, client: &Client, task: &str) -> Result<Value> {
    let deadline = tokio::time::Instant::now() + world.app.patience();
    loop {
        let result = look(client, task).await?;
        ensure!((result["status"] == 1) == (result["status_msg"] == "processing"), "{result}");
        if result["status"] != 1 || tokio::time::Instant::now() > deadline {
            return Ok(result);
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// The nodes at a place, page by page.
async fn listed(client: &Client, space: &str, parent: &str, size: usize) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    let mut next = String::new();
    loop {
        let path = format!(
            "{SPACES}/{space}/nodes?page_size={size}&parent_node_token={parent}&page_token={next}"
        );
        let answer = client.get(&path).await?;
        let data = answer.data()?;
        let items = data["items"].as_array().cloned().unwrap_or_default();
        ensure!(items.len() <= size, "{} of {size}", items.len());
        all.extend(items);
        if data["has_more"] != true {
            ensure!(data.get("page_token").is_none(), "{data}");
            return Ok(all);
        }
        next = text(data, "page_token")?;
    }
}

async fn titles(client: &Client, space: &str, parent: &str) -> Result<Vec<String>> {
    listed(client, space, parent, 50).await?.iter().map(|node| text(node, "title")).collect()
}

/// Does something to the database behind the server's back, for what would take 400,000 calls.
fn execute(world: &World, sql: &str) -> Result<usize> {
    let database = rusqlite::Connection::open(world.app.data().join("larkspur.db"))?;
    database.busy_timeout(std::time::Duration::from_secs(20))?;
    Ok(database.execute(sql, [])?)
}
