//! The limits of a space, reached by writing its counters: 400,000 calls would take a day.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{SPACES, create, execute, move_docs, page, space, token};
use crate::refused;
use crate::world::{World, document, root, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_space_and_a_full_level_take_no_more() -> Result<()> {
    let world = World::start().await?;
    let owner = world.person("owner").await?;
    let client = &owner.client;
    let (id, other) = (space(&owner, "space").await?, space(&owner, "other").await?);
    let node = token(&page(client, &id, "", "page").await?)?;
    let elsewhere = token(&page(client, &other, "", "elsewhere").await?)?;
    let home = root(client).await?;
    let doc = document(&world, client, &home, ("md", "docx"), "doc", b"# doc").await?;
    let full = async |parent: &str| -> Result<()> {
        refused(&create(client, &id, parent, "x").await?, 400, 131_003)?;
        let target = json!({"target_space_id": id, "target_parent_token": parent});
        let copy = client.post(&format!("{SPACES}/{id}/nodes/{node}/copy"), &target).await?;
        refused(&copy, 400, 131_003)?;
        let path = format!("{SPACES}/{other}/nodes/{elsewhere}/move");
        refused(&client.post(&path, &target).await?, 400, 131_003)?;
        let body = json!({"obj_type": "docx", "obj_token": doc, "parent_wiki_token": parent});
        refused(&move_docs(client, &id, &body).await?, 400, 131_003)
    };
    let spaces =
        |set: &str| execute(&world, &format!("UPDATE wiki_spaces SET {set} WHERE id = '{id}'"));
    spaces("node_count = 400000")?;
    full("").await?;
    full(&node).await?;
    spaces("node_count = 1, child_count = 2000")?;
    full("").await?;
    create(client, &id, &node, "there is room below").await?.data()?;
    execute(&world, &format!("UPDATE wiki_nodes SET child_count = 2000 WHERE token = '{node}'"))?;
    full(&node).await?;
    // A move within a full space is none into it.
    spaces("node_count = 400000, child_count = 5")?;
    let inner = super::listed(client, &id, &node, 50).await?;
    let path = format!("{SPACES}/{id}/nodes/{}/move", token(&inner[0])?);
    client.post(&path, &json!({"target_space_id": id})).await?.data()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_levels_and_no_more() -> Result<()> {
    let world = World::start().await?;
    let owner = world.person("owner").await?;
    let client = &owner.client;
    let id = space(&owner, "space").await?;
    let mut chain = vec![token(&page(client, &id, "", "1").await?)?];
    for level in 2..=50 {
        let parent = chain[chain.len() - 1].clone();
        chain.push(token(&page(client, &id, &parent, &format!("{level}")).await?)?);
    }
    let deepest = &chain[49];
    refused(&create(client, &id, deepest, "51").await?, 400, 131_003)?;
    // Two levels do not go under the forty-ninth.
    let two = token(&page(client, &id, "", "two").await?)?;
    page(client, &id, &two, "levels").await?;
    let path = format!("{SPACES}/{id}/nodes/{two}/move");
    let under = |parent: &str| json!({"target_parent_token": parent});
    refused(&client.post(&path, &under(&chain[48])).await?, 400, 131_003)?;
    client.post(&path, &under(&chain[47])).await?.data()?;
    // The rights of the deepest page come from the top.
    let guest = world.person("guest").await?;
    let body = json!({"member_type": "userid", "member_id": "guest", "perm": "view"});
    let share = format!("/open-apis/drive/v1/permissions/{}/members?type=wiki", chain[0]);
    client.post(&share, &body).await?.data()?;
    let seen = guest.client.get(&format!("{SPACES}/get_node?token={deepest}")).await?;
    let document = text(&seen.data()?["node"], "obj_token")?;
    guest.client.get(&format!("/open-apis/docx/v1/documents/{document}")).await?.data()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_nodes_move_at_once_and_no_more() -> Result<()> {
    let world = World::start().await?;
    let owner = world.person("owner").await?;
    let client = &owner.client;
    let (id, other) = (space(&owner, "space").await?, space(&owner, "other").await?);
    let top = page(client, &id, "", "top").await?;
    let (node, object) = (token(&top)?, text(&top, "obj_token")?);
    let fill = |from: i64, to: i64| {
        execute(
            &world,
            &format!(
                "WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n \
                 WHERE i < {to}) INSERT INTO wiki_nodes (token, tenant, space, parent, object, \
                 origin, creator, position, child_count, created_ms) \
                 SELECT 'shortcut' || i, '{}', '{id}', '{node}', '{object}', '{node}', \
                 'user:owner', i, 0, 1 FROM n",
                world.tenant
            ),
        )
    };
    // 1,999 below it, and itself.
    ensure!(fill(1, 1_999)? == 1_999);
    execute(&world, &format!("UPDATE wiki_nodes SET child_count = 1999 WHERE token = '{node}'"))?;
    execute(&world, &format!("UPDATE wiki_spaces SET node_count = 2000 WHERE id = '{id}'"))?;
    let go = async |from: &str, to: &str| {
        let path = format!("{SPACES}/{from}/nodes/{node}/move");
        client.post(&path, &json!({"target_space_id": to})).await
    };
    go(&id, &other).await?.data()?;
    let last = format!("{SPACES}/get_node?token=shortcut1999");
    let seen = client.get(&last).await?;
    ensure!(seen.data()?["node"]["space_id"] == other.as_str(), "{}", seen.body);
    go(&other, &id).await?.data()?;
    ensure!(fill(2_000, 2_000)? == 1);
    refused(&go(&id, &other).await?, 400, 131_003)?;
    // Not one of them went.
    ensure!(client.get(&last).await?.data()?["node"]["space_id"] == id.as_str());
    Ok(())
}
