//! The nine ways a move's task is shown, each reached by what happens between its submission and
//! its work: tasks here go on only when a test lets them.

use anyhow::{Result, ensure};
use larkspur_tests::client::Client;
use reqwest::Method;
use serde_json::{Value, json};

use super::{execute, look, moving, page, space, token};
use crate::refused;
use crate::world::{Person, World, document, file, folder, root, share, text};

const FILES: &str = "/open-apis/drive/v1/files";

/// A user with a space, and tasks that wait for the operator.
struct Stage {
    world: World,
    owner: Person,
    space: String,
    home: String,
}

impl Stage {
    async fn set() -> Result<Self> {
        let world = World::start().await?;
        let owner = world.person("owner").await?;
        let space = space(&owner, "space").await?;
        let home = root(&owner.client).await?;
        let stage = Self { world, owner, space, home };
        Ok(stage)
    }

    /// From now on tasks take a step only when told so.
    async fn hold(&self) -> Result<()> {
        let body = json!({"default": "by_hand"});
        self.world
            .operator
            .call(Method::PUT, "/larkspur/v1/stepping", Some(&body))
            .await?
            .data()?;
        Ok(())
    }

    async fn document(&self, name: &str) -> Result<String> {
        let client = &self.owner.client;
        document(&self.world, client, &self.home, ("md", "docx"), name, b"# x").await
    }

    /// Lets a task go to its end; its result.
    async fn end(&self, client: &Client, task: &str) -> Result<Value> {
        let path = format!("/larkspur/v1/tasks/{}/step", &task[..19]);
        for _ in 0..2 {
            let shown = look(client, task).await?;
            ensure!(shown == json!({"status": 1, "status_msg": "processing"}), "{shown}");
            self.world.operator.post(&path, &json!({})).await?.data()?;
        }
        look(client, task).await
    }
}

fn failed(result: &Value, text: &str) -> Result<()> {
    ensure!(*result == json!({"status": -1, "status_msg": text}), "not {text}: {result}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn processing_success_and_already_in_wiki() -> Result<()> {
    let stage = Stage::set().await?;
    let client = &stage.owner.client;
    let page = stage.document("page").await?;
    stage.hold().await?;
    let first = moving(client, &stage.space, "docx", &page).await?;
    let second = moving(client, &stage.space, "docx", &page).await?;
    let done = stage.end(client, &first).await?;
    ensure!(done["status"] == 0 && done["status_msg"] == "success", "{done}");
    ensure!(done["node"]["obj_token"] == page.as_str(), "{done}");
    failed(&stage.end(client, &second).await?, "already in wiki")
}

#[tokio::test(flavor = "multi_thread")]
async fn source_not_exist_when_it_went_meanwhile() -> Result<()> {
    let stage = Stage::set().await?;
    let client = &stage.owner.client;
    let page = stage.document("page").await?;
    stage.hold().await?;
    let task = moving(client, &stage.space, "docx", &page).await?;
    let path = format!("{FILES}/{page}?type=docx");
    client.call(Method::DELETE, &path, None).await?.data()?;
    failed(&stage.end(client, &task).await?, "source not exist")
}

#[tokio::test(flavor = "multi_thread")]
async fn permission_denied_when_a_right_went_meanwhile() -> Result<()> {
    let stage = Stage::set().await?;
    let guest = stage.world.person("guest").await?;
    let box_ = folder(&stage.owner.client, &stage.home, "box").await?;
    let guest_id = ("openid", guest.open_id.as_str());
    share(&stage.owner.client, &box_, "folder", guest_id, "edit").await?.data()?;
    let page = document(&stage.world, &guest.client, &box_, ("md", "docx"), "p", b"# p").await?;
    let second = document(
        &stage.world,
        &guest.client,
        &stage.home_of(&guest).await?,
        ("md", "docx"),
        "q",
        b"# q",
    )
    .await?;
    super::join(&stage.owner.client, &stage.space, ("userid", "guest"), "member").await?.data()?;
    stage.hold().await?;
    let task = moving(&guest.client, &stage.space, "docx", &page).await?;
    let target = moving(&guest.client, &stage.space, "docx", &second).await?;
    // The owner of the folder takes it away from the guest: the document's end is closed.
    execute(&stage.world, &format!("DELETE FROM members WHERE object = '{box_}'"))?;
    failed(&stage.end(&guest.client, &task).await?, "permission denied")?;
    // And the space's end.
    let path = format!("{}/{}/setting", super::SPACES, stage.space);
    let body = json!({"create_setting": "admin"});
    stage.owner.client.call(Method::PUT, &path, Some(&body)).await?.data()?;
    failed(&stage.end(&guest.client, &target).await?, "permission denied")
}

#[tokio::test(flavor = "multi_thread")]
async fn not_support_obj_type_for_what_is_no_document() -> Result<()> {
    let stage = Stage::set().await?;
    let client = &stage.owner.client;
    let box_ = folder(client, &stage.home, "box").await?;
    let source = client.upload("a.md", "md", "docx", b"# a".to_vec()).await?;
    stage.hold().await?;
    for token in [box_, source] {
        let task = moving(client, &stage.space, "file", &token).await?;
        failed(&stage.end(client, &task).await?, "not support obj type")?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn not_support_advanced_bitable() -> Result<()> {
    let stage = Stage::set().await?;
    let client = &stage.owner.client;
    let base = file(client, &stage.home, "base", b"x").await?;
    // This server keeps no bases yet: one with advanced permissions, as its room would write it.
    let extra = json!({"is_advanced": true}).to_string();
    let sql = format!("UPDATE objects SET kind = 5, extra = '{extra}' WHERE token = '{base}'");
    ensure!(execute(&stage.world, &sql)? == 1);
    stage.hold().await?;
    let task = moving(client, &stage.space, "bitable", &base).await?;
    failed(&stage.end(client, &task).await?, "not support advanced bitable")
}

#[tokio::test(flavor = "multi_thread")]
async fn tree_limit_when_the_space_filled_up_meanwhile() -> Result<()> {
    let stage = Stage::set().await?;
    let client = &stage.owner.client;
    let (page, other) = (stage.document("page").await?, stage.document("other").await?);
    stage.hold().await?;
    let task = moving(client, &stage.space, "docx", &page).await?;
    let second = moving(client, &stage.space, "docx", &other).await?;
    execute(&stage.world, "UPDATE wiki_spaces SET node_count = 400000")?;
    failed(&stage.end(client, &task).await?, "tree limit")?;
    execute(&stage.world, "UPDATE wiki_spaces SET node_count = 0, child_count = 2000")?;
    failed(&stage.end(client, &second).await?, "tree limit")
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_for_a_task_called_off_and_a_place_that_is_gone() -> Result<()> {
    let stage = Stage::set().await?;
    let client = &stage.owner.client;
    let (doc, other) = (stage.document("page").await?, stage.document("other").await?);
    let parent = token(&page(client, &stage.space, "", "parent").await?)?;
    let elsewhere = space(&stage.owner, "elsewhere").await?;
    stage.hold().await?;
    let task = moving(client, &stage.space, "docx", &doc).await?;
    let path = format!("/larkspur/v1/tasks/{}/cancel", &task[..19]);
    client.post(&path, &json!({})).await?.data()?;
    failed(&look(client, &task).await?, "failure")?;
    let body = json!({"obj_type": "docx", "obj_token": other, "parent_wiki_token": parent});
    let task = super::move_docs(client, &stage.space, &body).await?;
    let task = text(task.data()?, "task_id")?;
    let path = format!("{}/{}/nodes/{parent}/move", super::SPACES, stage.space);
    client.post(&path, &json!({"target_space_id": elsewhere})).await?.data()?;
    failed(&stage.end(client, &task).await?, "failure")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_can_be_rehearsed() -> Result<()> {
    let stage = Stage::set().await?;
    let client = &stage.owner.client;
    let page = stage.document("page").await?;
    for text in [
        "already in wiki",
        "permission denied",
        "not support advanced bitable",
        "source not exist",
        "not support obj type",
        "tree limit",
        "failure",
    ] {
        let rule = json!({"family": "wiki.move", "status": -1, "message": text, "times": 1});
        let made = stage.world.operator.post("/larkspur/v1/faults", &rule).await?;
        made.data()?;
        let task = moving(client, &stage.space, "docx", &page).await?;
        failed(&super::settled(&stage.world, client, &task).await?, text)?;
    }
    let rule = json!({"family": "wiki.move", "status": -1, "message": "full"});
    refused(&stage.world.operator.post("/larkspur/v1/faults", &rule).await?, 400, 88_060_400)
}

impl Stage {
    async fn home_of(&self, person: &Person) -> Result<String> {
        root(&person.client).await
    }
}
