//! Copies, moves, deletions, and links: files at once, folders as tasks, whole or not at all.

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::client::{Answer, Client};
use reqwest::Method;
use serde_json::json;

use crate::refused;
use crate::world::{World, document, file, folder, root, share, task, text};

const FILES: &str = "/open-apis/drive/v1/files";
const HOUR_MS: i64 = 3_600_000;

async fn delete(client: &Client, token: &str, kind: &str) -> Result<Answer> {
    client.call(Method::DELETE, &format!("{FILES}/{token}?type={kind}"), None).await
}

async fn move_to(client: &Client, token: &str, kind: &str, to: &str) -> Result<Answer> {
    let body = json!({"type": kind, "folder_token": to});
    client.post(&format!("{FILES}/{token}/move"), &body).await
}

async fn names(client: &Client, folder: &str) -> Result<Vec<String>> {
    let path = format!("{FILES}?folder_token={folder}&order_by=CreatedTime&direction=ASC");
    let files = client.get(&path).await?.data()?["files"].clone();
    files.as_array().context("files")?.iter().map(|file| text(file, "name")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_moves_and_goes_with_everything_in_it() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let home = root(client).await?;
    let (from, to) = (folder(client, &home, "from").await?, folder(client, &home, "to").await?);
    let box_ = folder(client, &from, "box").await?;
    let inner = folder(client, &box_, "inner").await?;
    let page = document(&world, client, &inner, ("md", "docx"), "page", b"# page").await?;

    let moved = move_to(client, &box_, "folder", &to).await?;
    let id = text(moved.data()?, "task_id")?;
    ensure!(task(&world, client, &id).await? == "success");
    ensure!(names(client, &from).await?.is_empty());
    ensure!(names(client, &to).await? == ["box"]);
    client.get(&format!("/open-apis/docx/v1/documents/{page}")).await?.data()?;
    // Not into itself, not deeper than folders may lie.
    refused(&move_to(client, &to, "folder", &inner).await?, 400, 1_061_002)?;
    refused(&move_to(client, &to, "folder", &to).await?, 400, 1_061_002)?;
    let mut deep = from.clone();
    for _ in 0..13 {
        deep = folder(client, &deep, "deep").await?;
    }
    refused(&move_to(client, &box_, "folder", &deep).await?, 400, 1_062_506)?;

    let gone = delete(client, &to, "folder").await?;
    let id = text(gone.data()?, "task_id")?;
    ensure!(task(&world, client, &id).await? == "success");
    ensure!(names(client, &home).await? == ["from"]);
    let read = client.get(&format!("/open-apis/docx/v1/documents/{page}")).await?;
    refused(&read, 400, 1_770_003)?;
    refused(&delete(client, &to, "folder").await?, 404, 1_061_007)?;
    refused(&delete(client, &home, "folder").await?, 403, 1_062_501)?;
    let check = |id: &str| format!("{FILES}/task_check?task_id={id}");
    refused(&client.get(&check("7360595374803812356")).await?, 404, 1_061_003)?;
    refused(&client.get(&check("seven")).await?, 400, 1_061_002)?;
    refused(&client.get(&check("")).await?, 400, 99_992_402)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_moves_and_goes_at_once() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let home = root(client).await?;
    let to = folder(client, &home, "to").await?;
    let note = file(client, &home, "note.txt", b"note").await?;
    ensure!(move_to(client, &note, "file", &to).await?.data()?.get("task_id").is_none());
    ensure!(names(client, &to).await? == ["note.txt"]);
    refused(&move_to(client, &note, "docx", &home).await?, 400, 1_061_002)?;
    refused(&move_to(client, &note, "", &home).await?, 400, 1_061_002)?;
    move_to(client, &note, "file", "").await?.data()?;
    ensure!(names(client, &to).await?.is_empty());
    delete(client, &note, "file").await?.data()?;
    refused(&move_to(client, &note, "file", &to).await?, 404, 1_061_007)?;
    let path = format!("{FILES}/{note}/download");
    ensure!(client.fetch(&path, None).await?.0 == 404);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_and_deleting_take_more_than_the_thing_itself() -> Result<()> {
    let world = World::start().await?;
    let (owner, guest) = (world.person("owner").await?, world.person("guest").await?);
    let home = root(&owner.client).await?;
    let shared = folder(&owner.client, &home, "shared").await?;
    let theirs = file(&owner.client, &shared, "theirs.txt", b"x").await?;
    let guest_id = ("openid", guest.open_id.as_str());
    share(&owner.client, &shared, "folder", guest_id, "view").await?.data()?;
    let guests = root(&guest.client).await?;
    refused(&move_to(&guest.client, &theirs, "file", &guests).await?, 403, 1_061_004)?;
    refused(&delete(&guest.client, &theirs, "file").await?, 403, 1_062_501)?;
    // Full access to the thing alone: its folder stays closed.
    share(&owner.client, &theirs, "file", guest_id, "full_access").await?.data()?;
    refused(&move_to(&guest.client, &theirs, "file", &guests).await?, 403, 1_062_524)?;
    refused(&delete(&guest.client, &theirs, "file").await?, 403, 1_062_501)?;
    // Edit on the folder: what the guest puts there the guest may take away.
    share(&owner.client, &shared, "folder", guest_id, "edit").await?.data()?;
    let mine = file(&guest.client, &shared, "mine.txt", b"x").await?;
    refused(&move_to(&guest.client, &mine, "file", &home).await?, 403, 1_062_535)?;
    delete(&guest.client, &mine, "file").await?.data()?;
    refused(&delete(&guest.client, &shared, "folder").await?, 403, 1_062_501)?;
    move_to(&guest.client, &theirs, "file", &guests).await?.data()?;
    // It is the owner's still, but lies where the guest rules.
    refused(&delete(&owner.client, &theirs, "file").await?, 403, 1_062_501)?;
    delete(&guest.client, &theirs, "file").await?.data()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_stand_on_their_own() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let home = root(client).await?;
    let to = folder(client, &home, "to").await?;
    let note = file(client, &home, "note.txt", b"note").await?;
    let page = document(&world, client, &home, ("md", "docx"), "page", "正文".as_bytes()).await?;
    let book = document(&world, client, &home, ("csv", "sheet"), "book", b"a,b").await?;
    let copy = async |token: &str, kind: &str| {
        let body = json!({"name": format!("copy of {kind}"), "type": kind, "folder_token": to});
        client.post(&format!("{FILES}/{token}/copy"), &body).await
    };
    let mut copies = Vec::new();
    for (token, kind) in [(&note, "file"), (&page, "docx"), (&book, "sheet")] {
        let answer = copy(token, kind).await?;
        let made = answer.data()?["file"].clone();
        ensure!(made["parent_token"] == to.as_str() && made["type"] == kind, "{made}");
        ensure!(made["url"].as_str().is_some_and(|url| url.contains("http")), "{made}");
        copies.push(text(&made, "token")?);
        delete(client, token, kind).await?.data()?;
    }
    let path = format!("{FILES}/{}/download", copies[0]);
    ensure!(client.fetch(&path, None).await?.2 == b"note");
    let path = format!("/open-apis/docx/v1/documents/{}", copies[1]);
    let read = client.get(&path).await?;
    ensure!(read.data()?["document"]["title"] == "copy of docx", "{}", read.body);
    let read = client.get(&format!("{path}/raw_content")).await?;
    ensure!(text(read.data()?, "content")?.contains("正文"));
    let sheet = client.first_sheet(&copies[2]).await?;
    let path = format!("/open-apis/sheets/v2/spreadsheets/{}/values/{sheet}!A1:B1", copies[2]);
    let read = client.get(&path).await?;
    ensure!(read.data()?["valueRange"]["values"][0][1] == "b", "{}", read.body);
    refused(&copy(&note, "file").await?, 404, 1_061_007)?;
    refused(&copy(&to, "folder").await?, 400, 1_061_002)?;
    refused(&copy(&copies[0], "docx").await?, 400, 1_061_002)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_one_picture_for_a_day_without_a_token() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let home = root(client).await?;
    let page = document(&world, client, &home, ("md", "docx"), "page", b"x").await?;
    let extra = json!({"drive_route_token": page}).to_string();
    let parts = [
        ("file_name", "p.png"),
        ("parent_type", "docx_image"),
        ("parent_node", page.as_str()),
        ("size", "7"),
        ("extra", &extra),
        ("file", ""),
    ];
    let sent = client.form("/open-apis/drive/v1/medias/upload_all", &parts, b"picture").await?;
    let picture = text(sent.data()?, "file_token")?;
    let ask = "/open-apis/drive/v1/medias/batch_get_tmp_download_url";
    let made = client.get(&format!("{ask}?file_tokens={picture}&file_tokens={picture}")).await?;
    let links = &made.data()?["tmp_download_urls"];
    ensure!(links[1]["file_token"] == picture.as_str(), "{links}");
    let url = text(&links[0], "tmp_download_url")?;
    let path = url.strip_prefix(&client.url).context("an absolute address")?;
    let anyone = client.with_token("");
    ensure!(anyone.fetch(path, None).await?.2 == b"picture");
    ensure!(anyone.fetch(path, Some("bytes=0-2")).await?.2 == b"pic");
    let (rest, last) = path.split_at(path.len() - 1);
    let forged = format!("{rest}{}", if last == "x" { "y" } else { "x" });
    for bad in [forged.as_str(), path.split('?').next().unwrap_or_default()] {
        ensure!(anyone.fetch(bad, None).await?.0 == 403, "{bad}");
    }
    world.app.clock.advance(24 * HOUR_MS);
    ensure!(anyone.fetch(path, None).await?.0 == 403);
    let client = world.app.fresh_client().await?;
    refused(&client.get(ask).await?, 400, 99_992_402)?;
    let six = vec![format!("file_tokens={picture}"); 6].join("&");
    refused(&client.get(&format!("{ask}?{six}")).await?, 400, 1_061_002)?;
    let other = client.get(&format!("{ask}?file_tokens={page}")).await?;
    refused(&other, 400, 1_061_002)?;
    // It goes with its document.
    let made = client.get(&format!("{ask}?file_tokens={picture}")).await?;
    let url = text(&made.data()?["tmp_download_urls"][0], "tmp_download_url")?;
    let path = url.strip_prefix(&client.url).context("an absolute address")?.to_owned();
    delete(&client, &page, "docx").await?.data()?;
    ensure!(anyone.fetch(&path, None).await?.0 == 404);
    Ok(())
}
