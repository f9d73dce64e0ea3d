//! Documents of the drive that become pages, as tasks.

use anyhow::{Result, ensure};
use larkspur_tests::client::Client;
use serde_json::json;

use super::{SPACES, join, move_docs, moving, page, settled, space, titles, token, told};
use crate::refused;
use crate::world::{World, document, file, folder, root, share, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_document_leaves_the_drive_and_becomes_a_page() -> Result<()> {
    let world = World::start().await?;
    let owner = world.person("owner").await?;
    let client = &owner.client;
    let id = space(&owner, "space").await?;
    let home = root(client).await?;
    let folder = folder(client, &home, "folder").await?;
    let parent = token(&page(client, &id, "", "parent").await?)?;
    let page = document(&world, client, &folder, ("md", "docx"), "page", b"# page").await?;
    let book = document(&world, client, &folder, ("csv", "sheet"), "book", b"a,b").await?;
    let text_file = file(client, &folder, "note.txt", b"note").await?;

    for (kind, document) in [("docx", &page), ("sheet", &book), ("file", &text_file)] {
        let body = json!({"obj_type": kind, "obj_token": document, "parent_wiki_token": parent});
        let answer = move_docs(client, &id, &body).await?;
        let data = answer.data()?;
        ensure!(data.as_object().is_some_and(|data| data.len() == 1), "one of three: {data}");
        let task = text(data, "task_id")?;
        let (number, key) = task.split_once('-').unwrap_or_default();
        ensure!(number.len() == 19 && key.len() == 40, "{task}");
        let result = settled(&world, client, &task).await?;
        ensure!(result["status"] == 0 && result["status_msg"] == "success", "{result}");
        let node = &result["node"];
        ensure!(node["obj_token"] == document.as_str() && node["obj_type"] == kind, "{node}");
        ensure!(node["parent_node_token"] == parent.as_str(), "{node}");
        ensure!(node["owner"] == owner.open_id.as_str(), "{node}");
        // Once more: it is there.
        let again = move_docs(client, &id, &body).await?;
        ensure!(*again.data()? == json!({"wiki_token": node["node_token"]}), "{}", again.body);
    }
    let listed = client.get(&format!("/open-apis/drive/v1/files?folder_token={folder}")).await?;
    ensure!(listed.data()?["files"].as_array().is_some_and(Vec::is_empty), "{}", listed.body);
    ensure!(titles(client, &id, &parent).await? == ["page", "book", "note.txt"]);
    // Read, exported and downloaded by the same tokens as before.
    client.get(&format!("/open-apis/docx/v1/documents/{page}")).await?.data()?;
    let ticket = client.export(&page, "docx", "docx", None).await?;
    let exported = client.exported(&ticket, &page, world.app.patience()).await?;
    ensure!(exported["job_status"] == 0, "{exported}");
    let download = format!("/open-apis/drive/v1/files/{text_file}/download");
    ensure!(client.fetch(&download, None).await?.2 == b"note");
    let docs = json!([{"doc_token": node_of(client, &id, &page).await?, "doc_type": "wiki"},
                      {"doc_token": "nobody", "doc_type": "wiki"}]);
    let body = json!({"request_docs": docs});
    let metas = client.post("/open-apis/drive/v1/metas/batch_query", &body).await?;
    let meta = &metas.data()?["metas"][0];
    ensure!(meta["doc_token"] == page.as_str() && meta["doc_type"] == "docx", "{meta}");
    ensure!(meta["request_doc_info"]["doc_type"] == "wiki", "{meta}");
    ensure!(metas.data()?["failed_list"][0]["code"] == 970_005, "{}", metas.body);
    // Moving and deleting are no longer the drive's.
    let body = json!({"type": "docx", "folder_token": folder});
    let moved = client.post(&format!("/open-apis/drive/v1/files/{page}/move"), &body).await?;
    refused(&moved, 403, 1_061_004)?;
    let path = format!("/open-apis/drive/v1/files/{page}?type=docx");
    refused(&client.call(reqwest::Method::DELETE, &path, None).await?, 403, 1_062_501)?;
    // The copy lies in the drive again.
    let body = json!({"name": "copy", "type": "docx", "folder_token": folder});
    client.post(&format!("/open-apis/drive/v1/files/{page}/copy"), &body).await?.data()?;
    Ok(())
}

/// The node of a document that is in a wiki.
async fn node_of(client: &Client, space: &str, document: &str) -> Result<String> {
    let body = json!({"obj_type": "docx", "obj_token": document});
    text(move_docs(client, space, &body).await?.data()?, "wiki_token")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_no_folder_to_import_into() -> Result<()> {
    let world = World::start().await?;
    let owner = world.person("owner").await?;
    let client = &owner.client;
    let id = space(&owner, "space").await?;
    let node = token(&page(client, &id, "", "page").await?)?;
    let source = client.upload("a.md", "md", "docx", b"# a".to_vec()).await?;
    let body = json!({"file_extension": "md", "file_token": source, "type": "docx",
                      "file_name": "a", "point": {"mount_type": 1, "mount_key": node}});
    let answer = client.post("/open-apis/drive/v1/import_tasks", &body).await?;
    refused(&answer, 400, 1_069_912)
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_takes_rights_at_both_ends() -> Result<()> {
    let world = World::start().await?;
    let (owner, guest) = (world.person("owner").await?, world.person("guest").await?);
    let id = space(&owner, "space").await?;
    let top = token(&page(&owner.client, &id, "", "top").await?)?;
    let home = root(&owner.client).await?;
    let box_ = folder(&owner.client, &home, "box").await?;
    let doc = document(&world, &owner.client, &box_, ("md", "docx"), "doc", b"# doc").await?;
    let body = json!({"obj_type": "docx", "obj_token": doc});
    let ask = async |body: &serde_json::Value| move_docs(&guest.client, &id, body).await;
    told(&ask(&body).await?, 131_006, "wiki space permission denied")?;
    join(&owner.client, &id, ("userid", "guest"), "member").await?.data()?;
    told(&ask(&body).await?, 131_006, "no move permission for document")?;
    // Full access to the document is not enough: it is its folder's too.
    let guest_id = ("openid", guest.open_id.as_str());
    share(&owner.client, &doc, "docx", guest_id, "full_access").await?.data()?;
    told(&ask(&body).await?, 131_006, "no move permission for document")?;
    share(&owner.client, &box_, "folder", guest_id, "edit").await?.data()?;
    let under = json!({"obj_type": "docx", "obj_token": doc, "parent_wiki_token": top});
    told(&ask(&under).await?, 131_006, "no destination parent node permission")?;
    let task = text(ask(&body).await?.data()?, "task_id")?;
    let result = settled(&world, &guest.client, &task).await?;
    ensure!(result["status"] == 0, "{result}");
    ensure!(result["node"]["node_creator"] == guest.open_id.as_str(), "{result}");
    ensure!(result["node"]["owner"] == owner.open_id.as_str(), "{result}");
    // In a wiki the caller may not see, it stays unseen.
    let elsewhere = space(&owner, "elsewhere").await?;
    let other = document(&world, &owner.client, &home, ("md", "docx"), "other", b"# other").await?;
    let task = moving(&owner.client, &elsewhere, "docx", &other).await?;
    ensure!(settled(&world, &owner.client, &task).await?["status"] == 0);
    let hidden = ask(&json!({"obj_type": "docx", "obj_token": other})).await?;
    told(&hidden, 131_006, "no move permission for document")?;

    refused(&ask(&json!({"obj_type": "docx"})).await?, 400, 99_992_402)?;
    refused(&ask(&json!({"obj_type": "wiki", "obj_token": doc})).await?, 400, 131_002)?;
    let unknown = json!({"obj_type": "docx", "obj_token": "nobody"});
    told(&ask(&unknown).await?, 131_005, "document not found")?;
    let under = json!({"obj_type": "docx", "obj_token": doc, "parent_wiki_token": "nobody"});
    told(&ask(&under).await?, 131_005, "node not found")?;
    let nowhere = move_docs(&guest.client, "7000000000000000000", &body).await?;
    told(&nowhere, 131_005, "space not found")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_its_creators_alone() -> Result<()> {
    let world = World::start().await?;
    let owner = world.person("owner").await?;
    let client = &owner.client;
    let id = space(&owner, "space").await?;
    let home = root(client).await?;
    let doc = document(&world, client, &home, ("md", "docx"), "doc", b"# doc").await?;
    let task = moving(client, &id, "docx", &doc).await?;
    settled(&world, client, &task).await?;
    let path = |id: &str, kind: &str| format!("/open-apis/wiki/v2/tasks/{id}?task_type={kind}");
    let phrase = "only task creator can query status";
    told(&world.app.client.get(&path(&task, "move")).await?, 131_006, phrase)?;
    let other = world.person("other").await?;
    told(&other.client.get(&path(&task, "move")).await?, 131_006, phrase)?;
    let forged = format!("{}-{}", &task[..19], "0".repeat(40));
    for unknown in [&forged, &task[..19], "7000000000000000000-0", "seven"] {
        refused(&client.get(&path(unknown, "move")).await?, 400, 131_005)?;
    }
    refused(&client.get(&path(&task, "")).await?, 400, 99_992_402)?;
    refused(&client.get(&path(&task, "copy")).await?, 400, 131_002)?;
    let own = format!("{SPACES}/{id}/nodes");
    client.get(&own).await?.data()?;
    Ok(())
}
