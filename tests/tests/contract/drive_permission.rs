//! Collaborators: who may add whom, every refusal with its number, and that sharing opens a thing
//! wherever things are read.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::refused;
use crate::world::{Person, World, document, file, folder, root, share, text};

const PERMISSIONS: &str = "/open-apis/drive/v1/permissions";
const MISSING: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAA";

async fn world() -> Result<(World, Person, Person)> {
    let world = World::start().await?;
    let (owner, guest) = (world.person("owner").await?, world.person("guest").await?);
    Ok((world, owner, guest))
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_every_kind_are_added_and_listed() -> Result<()> {
    let (world, owner, guest) = world().await?;
    let (app_id, second) = world.second_app(&world.tenant, None).await?;
    let home = root(&owner.client).await?;
    let token = document(&world, &owner.client, &home, ("md", "docx"), "page", b"# page").await?;
    world.chat("oc_family", &["owner"], &[&app_id]).await?;
    let body = json!({"name": "部门", "department_id": "d1", "tenant_id": world.tenant});
    let made = world.operator.post("/larkspur/v1/departments", &body).await?;
    let department = text(&made.data()?["department"], "open_department_id")?;
    // An app finds its own open id as the owner of what it made.
    let mine = file(&second, &root(&second).await?, "a.txt", b"a").await?;
    let asked = json!({"request_docs": [{"doc_token": mine, "doc_type": "file"}]});
    let metas = second.post("/open-apis/drive/v1/metas/batch_query", &asked).await?;
    ensure!(text(&metas.data()?["metas"][0], "owner_id")?.starts_with("ou_"), "{}", metas.body);

    for (member_type, member_id, perm) in [
        ("openid", guest.open_id.as_str(), "view"),
        ("unionid", &guest.union_id, "view"),
        ("userid", &guest.user_id, "edit"),
        ("email", "GUEST@larkspur.test", "full_access"),
        ("opendepartmentid", &department, "view"),
        ("openchat", "oc_family", "edit"),
    ] {
        let added = share(&owner.client, &token, "docx", (member_type, member_id), perm).await?;
        let member = &added.data()?["member"];
        ensure!(member["member_id"] == member_id && member["perm"] == perm, "{member}");
        ensure!(member["perm_type"] == "container", "{member}");
    }
    let path = format!("{PERMISSIONS}/{token}/members?type=docx");
    let plain = owner.client.get(&path).await?;
    let items = plain.data()?["items"].as_array().context("items")?.clone();
    ensure!(items.len() == 4 && items[0]["member_id"] == owner.open_id.as_str(), "{items:?}");
    ensure!(items.iter().all(|item| item.get("name").is_none()), "{items:?}");
    let whole = owner.client.get(&format!("{path}&fields=*")).await?;
    let whole = &whole.data()?["items"];
    let guest = (0..4).map(|at| &whole[at]).find(|one| one["name"] == "guest").context("guest")?;
    ensure!(guest["external_label"] == false, "{whole}");
    ensure!(whole[0]["type"] == "user" && whole[0]["perm"] == "full_access", "{whole}");
    let kinds: Vec<_> = (0..4).map(|at| whole[at]["type"].clone()).collect();
    for kind in ["department", "chat"] {
        ensure!(kinds.contains(&Value::from(kind)), "{kinds:?}");
    }
    // The chat carries the app in.
    let read = second.get(&format!("/open-apis/docx/v1/documents/{token}")).await?;
    read.data()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_has_its_number() -> Result<()> {
    let (world, owner, guest) = world().await?;
    let home = root(&owner.client).await?;
    let token = document(&world, &owner.client, &home, ("md", "docx"), "page", b"x").await?;
    let doomed = file(&owner.client, &home, "gone.txt", b"x").await?;
    let guest_id = ("openid", guest.open_id.as_str());
    // Nobody's, wrong kind, unknown people.
    for (token, kind, member) in [
        (MISSING, "docx", guest_id),
        (&token, "sheet", guest_id),
        (&token, "folders", guest_id),
        (&token, "docx", ("openid", "ou_00000000000000000000000000000000")),
        (&token, "docx", ("userid", guest.open_id.as_str())),
        (&token, "docx", ("email", "nobody@larkspur.test")),
        (&token, "docx", ("openchat", "oc_nothing")),
        (&token, "docx", ("wikispaceid", "7008061636015514000")),
        (&token, "docx", ("telephone", "1")),
    ] {
        let answer = share(&owner.client, token, kind, member, "view").await?;
        refused(&answer, 400, 1_063_001).with_context(|| format!("{kind} {member:?}"))?;
    }
    let bad = share(&owner.client, &token, "docx", guest_id, "own").await?;
    refused(&bad, 400, 1_063_001)?;
    // Rights: none, too little, and what even an owner may not do.
    refused(&share(&guest.client, &token, "docx", guest_id, "view").await?, 403, 1_063_002)?;
    share(&owner.client, &token, "docx", guest_id, "edit").await?.data()?;
    refused(&share(&guest.client, &token, "docx", guest_id, "edit").await?, 403, 1_063_004)?;
    refused(&share(&owner.client, &token, "docx", guest_id, "view").await?, 400, 1_063_003)?;
    let own = ("openid", owner.open_id.as_str());
    refused(&share(&owner.client, &token, "docx", own, "view").await?, 400, 1_063_003)?;
    world.chat("oc_closed", &["guest"], &[]).await?;
    let closed = share(&owner.client, &token, "docx", ("openchat", "oc_closed"), "view").await?;
    refused(&closed, 400, 1_063_003)?;
    // Apps do not see departments.
    let mine = file(&world.app.client, &root(&world.app.client).await?, "a.txt", b"a").await?;
    let member = ("opendepartmentid", "0");
    refused(&share(&world.app.client, &mine, "file", member, "view").await?, 400, 1_063_001)?;
    share(&owner.client, &token, "docx", member, "view").await?.data()?;
    let path = format!("/open-apis/drive/v1/files/{doomed}?type=file");
    owner.client.call(reqwest::Method::DELETE, &path, None).await?.data()?;
    refused(&share(&owner.client, &doomed, "file", guest_id, "view").await?, 404, 1_063_005)?;
    // Lists.
    let list = |kind: &str, rest: &str| format!("{PERMISSIONS}/{token}/members?type={kind}{rest}");
    for path in [list("sheet", ""), list("docx", "&fields=age"), list("docx", "&perm_type=x")] {
        refused(&owner.client.get(&path).await?, 400, 1_063_001).context(path)?;
    }
    refused(&owner.client.get(&list("", "")).await?, 400, 99_992_402)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_adds_all_or_none() -> Result<()> {
    let (world, owner, guest) = world().await?;
    let third = world.person("third").await?;
    let home = root(&owner.client).await?;
    let token = file(&owner.client, &home, "a.txt", b"a").await?;
    let path = format!("{PERMISSIONS}/{token}/members/batch_create?type=file");
    let member = |id: &str| json!({"member_type": "openid", "member_id": id, "perm": "view"});
    let unknown = "ou_00000000000000000000000000000000";
    let mixed = json!({"members": [member(&guest.open_id), member(unknown)]});
    refused(&owner.client.post(&path, &mixed).await?, 400, 1_063_001)?;
    let fetch = format!("/open-apis/drive/v1/files/{token}/download");
    ensure!(guest.client.fetch(&fetch, None).await?.0 == 403);
    let both = json!({"members": [member(&guest.open_id), member(&third.open_id)]});
    let added = owner.client.post(&path, &both).await?;
    ensure!(added.data()?["members"].as_array().is_some_and(|them| them.len() == 2));
    ensure!(guest.client.fetch(&fetch, None).await?.0 == 200);
    let many = json!({"members": vec![member(&guest.open_id); 11]});
    refused(&owner.client.post(&path, &many).await?, 400, 99_992_402)?;
    refused(&owner.client.post(&path, &json!({"members": []})).await?, 400, 1_063_001)?;
    refused(&guest.client.post(&path, &both).await?, 403, 1_063_002)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_shared_is_open_wherever_it_is_read() -> Result<()> {
    let (world, owner, guest) = world().await?;
    let home = root(&owner.client).await?;
    let shared = folder(&owner.client, &home, "shared").await?;
    let inner = folder(&owner.client, &shared, "inner").await?;
    let page = document(&world, &owner.client, &inner, ("md", "docx"), "page", b"# page").await?;
    let book = document(&world, &owner.client, &inner, ("csv", "sheet"), "book", b"a,b").await?;
    let note = file(&owner.client, &inner, "note.md", b"# note").await?;
    let extra = json!({"drive_route_token": page}).to_string();
    let parts = [
        ("file_name", "p.png"),
        ("parent_type", "docx_image"),
        ("parent_node", page.as_str()),
        ("size", "1"),
        ("extra", &extra),
        ("file", ""),
    ];
    let picture = owner.client.form("/open-apis/drive/v1/medias/upload_all", &parts, b"p").await?;
    let picture = text(picture.data()?, "file_token")?;
    share(&owner.client, &shared, "folder", ("openid", &guest.open_id), "view").await?.data()?;

    let client = &guest.client;
    let listed = client.get(&format!("/open-apis/drive/v1/files?folder_token={inner}")).await?;
    ensure!(listed.data()?["files"].as_array().is_some_and(|files| files.len() == 3));
    for path in [
        format!("/open-apis/docx/v1/documents/{page}/raw_content"),
        format!("/open-apis/sheets/v3/spreadsheets/{book}/sheets/query"),
        format!("/open-apis/drive/explorer/v2/folder/{inner}/meta"),
        format!("{PERMISSIONS}/{page}/members?type=docx"),
    ] {
        client.get(&path).await?.data().with_context(|| path.clone())?;
    }
    for path in [format!("files/{note}"), format!("medias/{picture}")] {
        let path = format!("/open-apis/drive/v1/{path}/download");
        ensure!(client.fetch(&path, None).await?.0 == 200, "{path}");
    }
    let asked = json!({"request_docs": [{"doc_token": page, "doc_type": "docx"}]});
    let metas = client.post("/open-apis/drive/v1/metas/batch_query", &asked).await?;
    ensure!(metas.data()?["metas"][0]["owner_id"] == owner.open_id.as_str(), "{}", metas.body);
    // An export of somebody else's document is the exporter's.
    let ticket = client.export(&page, "docx", "docx", None).await?;
    let result = client.exported(&ticket, &page, world.app.patience()).await?;
    let exported = text(&result, "file_token")?;
    client.download(&exported).await?;
    let path = format!("/open-apis/drive/v1/export_tasks/file/{exported}/download");
    ensure!(owner.client.fetch(&path, None).await?.0 == 403);
    // Reading is not writing, until it is allowed.
    let body = json!({"file_extension": "md", "file_token": note, "type": "docx",
                      "point": {"mount_type": 1, "mount_key": inner}});
    let tasks = "/open-apis/drive/v1/import_tasks";
    refused(&client.post(tasks, &body).await?, 403, 1_069_908)?;
    share(&owner.client, &shared, "folder", ("openid", &guest.open_id), "edit").await?.data()?;
    let ticket = text(client.post(tasks, &body).await?.data()?, "ticket")?;
    let result = client.imported(&ticket, world.app.patience()).await?;
    let made = text(&result, "token")?;
    // What the guest put there is the guest's, and open to whoever owns the folder.
    let path = format!("/open-apis/docx/v1/documents/{made}");
    owner.client.get(&path).await?.data()?;
    Ok(())
}
