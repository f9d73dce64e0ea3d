//! What comes down to a page: from pages above it, from its space.

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use super::{SPACES, join, move_docs, moving, page, settled, space, titles, token, told};
use crate::refused;
use crate::world::{World, document, root, share, text};

const DOCX: &str = "/open-apis/docx/v1/documents";

/// Makes somebody a collaborator of a page by its node, with what is below it or alone.
async fn share_page(
    client: &larkspur_tests::client::Client,
    node: &str,
    user: &str,
    perm: &str,
    perm_type: &str,
) -> Result<larkspur_tests::client::Answer> {
    let body = json!({"member_type": "userid", "member_id": user, "perm": perm,
                      "perm_type": perm_type});
    let path = format!("/open-apis/drive/v1/permissions/{node}/members?type=wiki");
    client.post(&path, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space_opens_its_pages_to_members_and_administrators() -> Result<()> {
    let world = World::start().await?;
    let (owner, guest) = (world.person("owner").await?, world.person("guest").await?);
    let id = space(&owner, "space").await?;
    let top = page(&owner.client, &id, "", "top").await?;
    let leaf = page(&owner.client, &id, &token(&top)?, "leaf").await?;
    let document = text(&leaf, "obj_token")?;
    let read = async || guest.client.get(&format!("{DOCX}/{document}")).await;
    refused(&read().await?, 403, 1_770_032)?;
    join(&owner.client, &id, ("userid", "guest"), "member").await?.data()?;
    read().await?.data()?;
    let under = super::create(&guest.client, &id, &token(&leaf)?, "x").await?;
    told(&under, 131_006, "node permission denied")?;
    join(&owner.client, &id, ("userid", "guest"), "admin").await?.data()?;
    super::create(&guest.client, &id, &token(&leaf)?, "x").await?.data()?;
    // An administrator may share what others own.
    world.person("third").await?;
    share_page(&guest.client, &token(&leaf)?, "third", "view", "container").await?.data()?;
    let third = world.app.client.with_token("u-third");
    third.get(&format!("{DOCX}/{document}")).await?.data()?;
    told(&third.get(&format!("{SPACES}/{id}")).await?, 131_006, "permission denied")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_opens_what_is_below_it_or_itself_alone() -> Result<()> {
    let world = World::start().await?;
    let (owner, guest) = (world.person("owner").await?, world.person("guest").await?);
    let id = space(&owner, "space").await?;
    let top = page(&owner.client, &id, "", "top").await?;
    let top_token = token(&top)?;
    let leaf = page(&owner.client, &id, &top_token, "leaf").await?;
    let (leaf_token, document) = (token(&leaf)?, text(&leaf, "obj_token")?);
    let get = |node: &str| format!("{SPACES}/get_node?token={node}");

    // The page alone: read, changed, but nothing put under it, and nothing below it seen.
    let shared = share_page(&owner.client, &top_token, "guest", "edit", "single_page").await?;
    ensure!(shared.data()?["member"]["perm_type"] == "single_page", "{}", shared.body);
    guest.client.get(&get(&top_token)).await?.data()?;
    let rename = format!("{SPACES}/{id}/nodes/{top_token}/update_title");
    guest.client.post(&rename, &json!({"title": "renamed"})).await?.data()?;
    told(&guest.client.get(&get(&leaf_token)).await?, 131_006, "node permission denied")?;
    let under = super::create(&guest.client, &id, &top_token, "x").await?;
    told(&under, 131_006, "node permission denied")?;
    let extra = json!({"drive_route_token": top["obj_token"]}).to_string();
    let parts = [
        ("file_name", "p.png"),
        ("parent_type", "docx_image"),
        ("parent_node", top["obj_token"].as_str().unwrap_or_default()),
        ("size", "7"),
        ("extra", extra.as_str()),
        ("file", ""),
    ];
    let upload = "/open-apis/drive/v1/medias/upload_all";
    let picture = owner.client.form(upload, &parts, b"picture").await?;
    let picture = text(picture.data()?, "file_token")?;
    let path = format!("/open-apis/drive/v1/medias/{picture}/download");
    ensure!(guest.client.fetch(&path, None).await?.0 == 200, "a page's pictures are its own");

    // With what is below it.
    share_page(&owner.client, &top_token, "guest", "edit", "container").await?.data()?;
    guest.client.get(&get(&leaf_token)).await?.data()?;
    guest.client.get(&format!("{DOCX}/{document}")).await?.data()?;
    super::create(&guest.client, &id, &leaf_token, "deeper").await?.data()?;
    ensure!(titles(&guest.client, &id, &leaf_token).await? == ["deeper"]);
    // The list of collaborators tells the two apart.
    let list = format!("/open-apis/drive/v1/permissions/{top_token}/members?type=wiki");
    let alone = owner.client.get(&format!("{list}&perm_type=single_page")).await?;
    ensure!(alone.data()?["items"].as_array().is_some_and(|all| all.len() == 1), "{}", alone.body);
    let all = owner.client.get(&list).await?;
    ensure!(all.data()?["items"].as_array().is_some_and(|all| all.len() == 3), "{}", all.body);
    let wrong = owner.client.get(&list.replace(&top_token, "nobody")).await?;
    refused(&wrong, 400, 1_063_001)?;
    // A page that moves out from under it is closed again.
    let body = json!({"target_space_id": id});
    let path = format!("{SPACES}/{id}/nodes/{leaf_token}/move");
    owner.client.post(&path, &body).await?.data()?;
    told(&guest.client.get(&get(&leaf_token)).await?, 131_006, "node permission denied")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_document_keeps_its_own_and_inherits_the_places_rights() -> Result<()> {
    let world = World::start().await?;
    let (owner, guest) = (world.person("owner").await?, world.person("guest").await?);
    let member = world.person("member").await?;
    let id = space(&owner, "space").await?;
    join(&owner.client, &id, ("userid", "member"), "member").await?.data()?;
    let home = root(&owner.client).await?;
    let box_ = crate::world::folder(&owner.client, &home, "box").await?;
    let doc = document(&world, &owner.client, &box_, ("md", "docx"), "doc", b"# doc").await?;
    share(&owner.client, &box_, "folder", ("userid", "guest"), "view").await?.data()?;
    guest.client.get(&format!("{DOCX}/{doc}")).await?.data()?;
    let task = moving(&owner.client, &id, "docx", &doc).await?;
    ensure!(settled(&world, &owner.client, &task).await?["status"] == 0);
    // What the folder gave is over; what the space gives has begun.
    refused(&guest.client.get(&format!("{DOCX}/{doc}")).await?, 403, 1_770_032)?;
    member.client.get(&format!("{DOCX}/{doc}")).await?.data()?;
    let ticket = member.client.export(&doc, "docx", "docx", None).await?;
    let done = member.client.exported(&ticket, &doc, world.app.patience()).await?;
    ensure!(done["job_status"] == 0, "{done}");
    let body = json!({"file_extension": "docx", "token": doc, "type": "docx"});
    let denied = guest.client.post("/open-apis/drive/v1/export_tasks", &body).await?;
    refused(&denied, 403, 1_069_902)
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_copy_and_export_unless_the_space_says_no() -> Result<()> {
    let world = World::start().await?;
    let (owner, member) = (world.person("owner").await?, world.person("member").await?);
    let id = space(&owner, "space").await?;
    join(&owner.client, &id, ("userid", "member"), "member").await?.data()?;
    let made = page(&owner.client, &id, "", "page").await?;
    let (node, doc) = (token(&made)?, text(&made, "obj_token")?);
    let export = json!({"file_extension": "docx", "token": doc, "type": "docx"});
    let exported = async |client: &larkspur_tests::client::Client| {
        client.post("/open-apis/drive/v1/export_tasks", &export).await
    };
    exported(&member.client).await?.data()?;
    let setting = json!({"security_setting": "not_allow"});
    let path = format!("{SPACES}/{id}/setting");
    owner.client.call(Method::PUT, &path, Some(&setting)).await?.data()?;
    refused(&exported(&member.client).await?, 403, 1_069_902)?;
    let body: Value = json!({"target_space_id": id});
    let path = format!("{SPACES}/{id}/nodes/{node}/copy");
    told(&member.client.post(&path, &body).await?, 131_006, "node permission denied")?;
    let home = root(&member.client).await?;
    let body = json!({"name": "copy", "type": "docx", "folder_token": home});
    let copy = member.client.post(&format!("/open-apis/drive/v1/files/{doc}/copy"), &body).await?;
    refused(&copy, 403, 1_061_004)?;
    member.client.get(&format!("{DOCX}/{doc}")).await?.data()?;
    exported(&owner.client).await?.data()?;
    // Who may edit the page is no mere reader.
    share_page(&owner.client, &node, "member", "edit", "single_page").await?.data()?;
    exported(&member.client).await?.data()?;
    let body = json!({"obj_type": "docx", "obj_token": doc});
    let away = move_docs(&member.client, &id, &body).await?;
    ensure!(away.data()?["wiki_token"] == node.as_str());
    Ok(())
}
