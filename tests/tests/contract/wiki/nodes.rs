//! Nodes: made, read, listed, moved, copied, renamed; shortcuts.

use anyhow::{Result, ensure};
use larkspur_tests::client::{Answer, Client};
use serde_json::{Value, json};

use super::{SPACES, create, join, listed, page, space, titles, token, told};
use crate::refused;
use crate::world::{Person, World, text};

async fn post(client: &Client, space: &str, rest: &str, body: Value) -> Result<Answer> {
    client.post(&format!("{SPACES}/{space}/nodes{rest}"), &body).await
}

async fn get_node(client: &Client, query: &str) -> Result<Answer> {
    client.get(&format!("{SPACES}/get_node?{query}")).await
}

/// A user with a space.
async fn house() -> Result<(World, Person, String)> {
    let world = World::start().await?;
    let owner = world.person("owner").await?;
    let id = space(&owner, "space").await?;
    Ok((world, owner, id))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_node_wraps_an_empty_document() -> Result<()> {
    let (world, owner, id) = house().await?;
    let client = &owner.client;
    let seconds = (world.app.clock.now_ms() / 1000).to_string();
    let made = page(client, &id, "", "标题").await?;
    let expected = json!({
        "space_id": id, "node_token": made["node_token"], "obj_token": made["obj_token"],
        "obj_type": "docx", "parent_node_token": "", "node_type": "origin",
        "origin_node_token": "", "origin_space_id": "", "has_child": false, "title": "标题",
        "obj_create_time": seconds, "obj_edit_time": seconds, "node_create_time": seconds,
        "creator": owner.open_id, "owner": owner.open_id, "node_creator": owner.open_id,
    });
    ensure!(made == expected, "{made}");
    let (node, document) = (token(&made)?, text(&made, "obj_token")?);
    ensure!(node.len() == 27 && document.len() == 27 && node != document);
    let read = client.get(&format!("/open-apis/docx/v1/documents/{document}")).await?;
    ensure!(read.data()?["document"]["title"] == "标题", "{}", read.body);
    for query in [format!("token={node}"), format!("token={document}&obj_type=docx")] {
        ensure!(get_node(client, &query).await?.data()?["node"] == expected, "{query}");
    }
    let body = json!({"obj_type": "sheet", "node_type": "origin", "parent_node_token": node});
    let sheet = post(client, &id, "", body).await?.data()?["node"].clone();
    ensure!(sheet["obj_type"] == "sheet" && sheet["title"] == "", "{sheet}");
    let book = text(&sheet, "obj_token")?;
    let first = client.first_sheet(&book).await?;
    let values = format!("/open-apis/sheets/v2/spreadsheets/{book}/values/{first}!A1:B2");
    client.get(&values).await?.data()?;
    let parent = get_node(client, &format!("token={node}")).await?;
    ensure!(parent.data()?["node"]["has_child"] == true, "{}", parent.body);

    told(&get_node(client, "token=nobody").await?, 131_005, "node not found")?;
    let wrong = get_node(client, &format!("token={document}&obj_type=sheet")).await?;
    told(&wrong, 131_005, "document not found")?;
    let wrong = get_node(client, &format!("token={document}&obj_type=folder")).await?;
    refused(&wrong, 400, 131_002)?;
    refused(&get_node(client, "obj_type=docx").await?, 400, 99_992_402)?;
    let long = get_node(client, &format!("token={}", "x".repeat(1_000))).await?;
    refused(&long, 400, 99_992_402)?;
    let stranger = world.person("stranger").await?;
    let denied = get_node(&stranger.client, &format!("token={node}")).await?;
    told(&denied, 131_006, "node permission denied")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_made_is_refused() -> Result<()> {
    let (_world, owner, id) = house().await?;
    let client = &owner.client;
    let make = async |body: Value| post(client, &id, "", body).await;
    for (kind, code) in [
        ("doc", 131_010),
        ("file", 131_002),
        ("mindnote", 131_002),
        ("slides", 131_002),
        ("folder", 131_002),
    ] {
        refused(&make(json!({"obj_type": kind, "node_type": "origin"})).await?, 400, code)?;
    }
    make(json!({"obj_type": "bitable", "node_type": "origin"})).await?.data()?;
    refused(&make(json!({"obj_type": "docx"})).await?, 400, 99_992_402)?;
    refused(&make(json!({"obj_type": "docx", "node_type": "copy"})).await?, 400, 131_002)?;
    refused(&make(json!({"obj_type": "docx", "node_type": "shortcut"})).await?, 400, 131_002)?;
    let nowhere = create(client, &id, "nobody", "x").await?;
    told(&nowhere, 131_005, "node not found")?;
    let other = space(&owner, "other").await?;
    let there = token(&page(client, &other, "", "there").await?)?;
    told(&create(client, &id, &there, "x").await?, 131_005, "node not found")?;
    let unknown = create(client, "7000000000000000000", "", "x").await?;
    told(&unknown, 131_005, "space not found")
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_are_listed_in_the_order_they_came() -> Result<()> {
    let (world, owner, id) = house().await?;
    let client = &owner.client;
    let parent = token(&page(client, &id, "", "parent").await?)?;
    for number in 0..5 {
        page(client, &id, &parent, &format!("{number}")).await?;
    }
    for size in [1, 2, 5, 50] {
        let nodes = listed(client, &id, &parent, size).await?;
        let titles: Vec<_> = nodes.iter().map(|node| node["title"].clone()).collect();
        ensure!(titles == ["0", "1", "2", "3", "4"], "{size}: {titles:?}");
        ensure!(nodes.iter().all(|node| node["parent_node_token"] == parent.as_str()));
    }
    ensure!(titles(client, &id, "").await? == ["parent"]);
    let list = async |query: &str| client.get(&format!("{SPACES}/{id}/nodes?{query}")).await;
    refused(&list("page_size=51").await?, 400, 99_992_402)?;
    told(&list("page_token=x").await?, 131_002, "invalid page_token")?;
    told(&list("parent_node_token=nobody").await?, 131_005, "node not found")?;
    let stranger = world.person("stranger").await?;
    let path = format!("{SPACES}/{id}/nodes");
    told(&stranger.client.get(&path).await?, 131_006, "wiki space permission denied")?;
    let path = format!("{path}?parent_node_token={parent}");
    told(&stranger.client.get(&path).await?, 131_006, "node permission denied")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_moves_with_everything_below_it() -> Result<()> {
    let (world, owner, id) = house().await?;
    let client = &owner.client;
    let (a, b) = (page(client, &id, "", "a").await?, page(client, &id, "", "b").await?);
    let (a, b) = (token(&a)?, token(&b)?);
    let inner = token(&page(client, &id, &a, "inner").await?)?;
    page(client, &id, &inner, "leaf").await?;
    let relocate =
        async |node: &str, body: Value| post(client, &id, &format!("/{node}/move"), body).await;
    let moved = relocate(&inner, json!({"target_parent_token": b})).await?;
    let node = &moved.data()?["node"];
    ensure!(node["parent_node_token"] == b.as_str() && node["has_child"] == true, "{node}");
    ensure!(titles(client, &id, &a).await?.is_empty());
    ensure!(titles(client, &id, &inner).await? == ["leaf"]);
    // Where it is already; to the first level; below itself.
    relocate(&inner, json!({"target_parent_token": b})).await?.data()?;
    refused(&relocate(&b, json!({"target_parent_token": inner})).await?, 400, 131_002)?;
    refused(&relocate(&b, json!({"target_parent_token": b})).await?, 400, 131_002)?;
    refused(&relocate(&b, json!({})).await?, 400, 131_002)?;
    let top = relocate(&inner, json!({"target_space_id": id})).await?;
    ensure!(top.data()?["node"]["parent_node_token"] == "", "{}", top.body);
    ensure!(titles(client, &id, "").await? == ["a", "b", "inner"]);
    // Into another space, whole.
    let other = space(&owner, "other").await?;
    let there = token(&page(client, &other, "", "there").await?)?;
    let body = json!({"target_space_id": other, "target_parent_token": there});
    let gone = relocate(&inner, body).await?;
    ensure!(gone.data()?["node"]["space_id"] == other.as_str(), "{}", gone.body);
    ensure!(titles(client, &other, &inner).await? == ["leaf"]);
    ensure!(titles(client, &id, "").await? == ["a", "b"]);
    told(&relocate(&inner, json!({"target_space_id": id})).await?, 131_005, "node not found")?;
    told(&relocate("nobody", json!({})).await?, 131_005, "node not found")?;

    // The node, where it comes from, where it goes: each takes a right of its own.
    let guest = world.person("guest").await?;
    let (guest_id, client) = (("userid", "guest"), &guest.client);
    let relocate =
        async |node: &str, body: Value| post(client, &id, &format!("/{node}/move"), body).await;
    join(&owner.client, &id, guest_id, "member").await?.data()?;
    let denied = relocate(&a, json!({"target_parent_token": b})).await?;
    told(&denied, 131_006, "node permission denied")?;
    let theirs = token(&page(client, &id, "", "theirs").await?)?;
    let denied = relocate(&theirs, json!({"target_parent_token": b})).await?;
    told(&denied, 131_006, "no destination parent node permission")?;
    let denied = relocate(&theirs, json!({"target_space_id": other})).await?;
    told(&denied, 131_006, "no destination parent node permission")?;
    // The owner puts it under a page that the guest only reads.
    let body = json!({"target_parent_token": a});
    post(&owner.client, &id, &format!("/{theirs}/move"), body).await?.data()?;
    let denied = relocate(&theirs, json!({"target_space_id": id})).await?;
    told(&denied, 131_006, "no source parent node permission")
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_stand_on_their_own() -> Result<()> {
    let (world, owner, id) = house().await?;
    let client = &owner.client;
    let original = page(client, &id, "", "original").await?;
    let node = token(&original)?;
    page(client, &id, &node, "stays").await?;
    let copy = async |body: Value| post(client, &id, &format!("/{node}/copy"), body).await;
    let same = copy(json!({"target_space_id": id})).await?.data()?["node"].clone();
    ensure!(same["title"] == "original" && same["has_child"] == false, "{same}");
    ensure!(same["obj_token"] != original["obj_token"], "{same}");
    let read = text(&same, "obj_token")?;
    client.get(&format!("/open-apis/docx/v1/documents/{read}")).await?.data()?;
    let named = copy(json!({"target_parent_token": node, "title": "named"})).await?;
    ensure!(named.data()?["node"]["parent_node_token"] == node.as_str(), "{}", named.body);
    let empty = copy(json!({"target_space_id": id, "title": ""})).await?;
    ensure!(empty.data()?["node"]["title"] == "", "{}", empty.body);
    refused(&copy(json!({})).await?, 400, 131_002)?;
    let nowhere = copy(json!({"target_space_id": "7000000000000000000"})).await?;
    told(&nowhere, 131_005, "space not found")?;
    let guest = world.person("guest").await?;
    let path = format!("/{node}/copy");
    let body = json!({"target_space_id": id});
    let denied = post(&guest.client, &id, &path, body.clone()).await?;
    told(&denied, 131_006, "node permission denied")?;
    join(client, &id, ("userid", "guest"), "member").await?.data()?;
    post(&guest.client, &id, &path, body).await?.data()?;
    let denied = post(&guest.client, &id, &path, json!({"target_parent_token": node})).await?;
    told(&denied, 131_006, "no destination parent node permission")
}

#[tokio::test(flavor = "multi_thread")]
async fn shortcuts_point_to_pages_of_any_space() -> Result<()> {
    let (world, owner, id) = house().await?;
    let client = &owner.client;
    let other = space(&owner, "other").await?;
    let origin = page(client, &other, "", "origin").await?;
    let make = async |to: &str, kind: &str| {
        let body = json!({"obj_type": kind, "node_type": "shortcut", "origin_node_token": to});
        post(client, &id, "", body).await
    };
    let origin_token = token(&origin)?;
    let shortcut = make(&origin_token, "docx").await?.data()?["node"].clone();
    ensure!(shortcut["node_type"] == "shortcut" && shortcut["title"] == "origin", "{shortcut}");
    ensure!(shortcut["obj_token"] == origin["obj_token"], "{shortcut}");
    ensure!(shortcut["origin_node_token"] == origin_token.as_str(), "{shortcut}");
    ensure!(shortcut["origin_space_id"] == other.as_str(), "{shortcut}");
    let node = token(&shortcut)?;
    // A shortcut to a shortcut is one to its origin; nothing lies under it; copies are shortcuts.
    let second = make(&node, "docx").await?;
    ensure!(second.data()?["node"]["origin_node_token"] == origin_token.as_str());
    refused(&create(client, &id, &node, "x").await?, 400, 131_002)?;
    let copy = post(client, &id, &format!("/{node}/copy"), json!({"target_space_id": id})).await?;
    ensure!(copy.data()?["node"]["node_type"] == "shortcut", "{}", copy.body);
    refused(&make(&origin_token, "sheet").await?, 400, 131_002)?;
    told(&make("nobody", "docx").await?, 131_005, "node not found")?;
    // By its document's token the page itself is found.
    let document = text(&origin, "obj_token")?;
    let found = get_node(client, &format!("token={document}&obj_type=docx")).await?;
    ensure!(found.data()?["node"]["node_token"] == origin_token.as_str(), "{}", found.body);
    // It moves by itself, and may have a title of its own.
    let rename = format!("/{node}/update_title");
    post(client, &id, &rename, json!({"title": "mine"})).await?.data()?;
    let body = json!({"target_space_id": other});
    let moved = post(client, &id, &format!("/{node}/move"), body).await?;
    let moved = &moved.data()?["node"];
    ensure!(moved["title"] == "mine" && moved["space_id"] == other.as_str(), "{moved}");
    ensure!(titles(client, &other, "").await? == ["origin", "mine"]);

    // Whoever may not read the origin makes none.
    let guest = world.person("guest").await?;
    join(client, &id, ("userid", "guest"), "member").await?.data()?;
    let body = json!({"obj_type": "docx", "node_type": "shortcut",
                      "origin_node_token": origin_token});
    told(&post(&guest.client, &id, "", body).await?, 131_006, "node permission denied")?;
    // Reads the shortcut where it lies, not the document it points to.
    let second = token(&second.data()?["node"])?;
    get_node(&guest.client, &format!("token={second}")).await?.data()?;
    let read = guest.client.get(&format!("/open-apis/docx/v1/documents/{document}")).await?;
    refused(&read, 403, 1_770_032)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_the_documents_too() -> Result<()> {
    let (world, owner, id) = house().await?;
    let client = &owner.client;
    let made = page(client, &id, "", "old").await?;
    let (node, document) = (token(&made)?, text(&made, "obj_token")?);
    let path = format!("/{node}/update_title");
    post(client, &id, &path, json!({"title": "新标题"})).await?.data()?;
    ensure!(titles(client, &id, "").await? == ["新标题"]);
    let read = client.get(&format!("/open-apis/docx/v1/documents/{document}")).await?;
    ensure!(read.data()?["document"]["title"] == "新标题", "{}", read.body);
    ensure!(read.data()?["document"]["revision_id"] == 2, "{}", read.body);
    refused(&post(client, &id, &path, json!({})).await?, 400, 99_992_402)?;
    let body = json!({"obj_type": "sheet", "node_type": "origin"});
    let sheet = token(&post(client, &id, "", body).await?.data()?["node"])?;
    let wrong = post(client, &id, &format!("/{sheet}/update_title"), json!({"title": "x"})).await?;
    refused(&wrong, 400, 131_002)?;
    let unknown = post(client, &id, "/nobody/update_title", json!({"title": "x"})).await?;
    told(&unknown, 131_005, "node not found")?;
    let guest = world.person("guest").await?;
    join(client, &id, ("userid", "guest"), "member").await?.data()?;
    let denied = post(&guest.client, &id, &path, json!({"title": "x"})).await?;
    told(&denied, 131_006, "node permission denied")
}
