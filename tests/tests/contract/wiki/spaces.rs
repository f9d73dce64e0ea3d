//! Spaces: made by users, listed by their members, read, settled; libraries.

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::json;

use super::{SPACES, join, page, space, told};
use crate::refused;
use crate::world::{World, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_space_is_its_makers_and_its_members() -> Result<()> {
    let world = World::start().await?;
    let (owner, member) = (world.person("owner").await?, world.person("member").await?);
    let body = json!({"name": "知识空间", "description": "d", "open_sharing": "closed"});
    let made = owner.client.post(SPACES, &body).await?;
    let made = &made.data()?["space"];
    let expected = json!({"name": "知识空间", "description": "d", "open_sharing": "closed",
                          "space_id": made["space_id"], "space_type": "team",
                          "visibility": "private"});
    ensure!(*made == expected, "{made}");
    let id = text(made, "space_id")?;
    ensure!(id.len() == 19 && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    let path = format!("{SPACES}/{id}");
    ensure!(owner.client.get(&path).await?.data()?["space"] == expected);
    told(&member.client.get(&path).await?, 131_006, "wiki space permission denied")?;
    told(&world.app.client.get(&path).await?, 131_006, "wiki space permission denied")?;
    join(&owner.client, &id, ("openid", &member.open_id), "member").await?.data()?;
    ensure!(member.client.get(&path).await?.data()?["space"] == expected);
    // A space needs no name, and a published one is open to read for all.
    let open = owner.client.post(SPACES, &json!({"open_sharing": "open"})).await?;
    let open = text(&open.data()?["space"], "space_id")?;
    world.app.client.get(&format!("{SPACES}/{open}")).await?.data()?;
    page(&owner.client, &open, "", "published").await?;
    let nodes = member.client.get(&format!("{SPACES}/{open}/nodes")).await?;
    ensure!(nodes.data()?["items"][0]["title"] == "published", "{}", nodes.body);

    let wrong = owner.client.post(SPACES, &json!({"open_sharing": "ajar"})).await?;
    refused(&wrong, 400, 131_002)?;
    let wrong = owner.client.post(SPACES, &json!({"name": 7})).await?;
    refused(&wrong, 400, 99_992_402)?;
    // Apps make none.
    refused(&world.app.client.post(SPACES, &body).await?, 400, 99_991_663)?;
    told(&owner.client.get(&format!("{SPACES}/seven")).await?, 131_002, "space_id is not int")?;
    let unknown = format!("{SPACES}/7000000000000000000");
    told(&owner.client.get(&unknown).await?, 131_005, "space not found")
}

#[tokio::test(flavor = "multi_thread")]
async fn spaces_are_listed_page_by_page_to_members_alone() -> Result<()> {
    let world = World::start().await?;
    let (owner, member) = (world.person("owner").await?, world.person("member").await?);
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(space(&owner, &format!("space {number}")).await?);
    }
    for id in [&ids[1], &ids[3], &ids[4]] {
        join(&owner.client, id, ("userid", "member"), "member").await?.data()?;
    }
    // The caller's own library is in no list.
    owner.client.get(&format!("{SPACES}/my_library")).await?.data()?;
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let path = format!("{SPACES}?page_size=2&page_token={next}");
        let answer = member.client.get(&path).await?;
        let data = answer.data()?;
        for item in data["items"].as_array().into_iter().flatten() {
            seen.push(text(item, "space_id")?);
        }
        if data["has_more"] != true {
            ensure!(data.get("page_token").is_none(), "{data}");
            break;
        }
        next = text(data, "page_token")?;
    }
    ensure!(seen == [ids[1].as_str(), &ids[3], &ids[4]], "{seen:?} of {ids:?}");
    let all = owner.client.get(SPACES).await?;
    ensure!(all.data()?["items"].as_array().is_some_and(|all| all.len() == 5), "{}", all.body);
    // An app without a space gets an empty list, not a refusal.
    let none = world.app.client.get(SPACES).await?;
    ensure!(none.data()?["items"].as_array().is_some_and(Vec::is_empty), "{}", none.body);
    refused(&owner.client.get(&format!("{SPACES}?page_size=51")).await?, 400, 99_992_402)?;
    refused(&owner.client.get(&format!("{SPACES}?page_size=0")).await?, 400, 99_992_402)?;
    let bad = owner.client.get(&format!("{SPACES}?page_token=abc")).await?;
    told(&bad, 131_002, "invalid page_token")
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_settle_what_members_and_readers_may() -> Result<()> {
    let world = World::start().await?;
    let (owner, member) = (world.person("owner").await?, world.person("member").await?);
    let id = space(&owner, "space").await?;
    join(&owner.client, &id, ("userid", "member"), "member").await?.data()?;
    let path = format!("{SPACES}/{id}/setting");
    let put =
        async |body: serde_json::Value| owner.client.call(Method::PUT, &path, Some(&body)).await;
    // Members make pages of the first level until an administrator says otherwise.
    page(&member.client, &id, "", "a member's").await?;
    let set = put(json!({"create_setting": "admin"})).await?;
    ensure!(
        set.data()?["setting"]
            == json!({"create_setting": "admin", "security_setting": "allow",
                      "comment_setting": "allow"}),
        "{}",
        set.body
    );
    let late = super::create(&member.client, &id, "", "too late").await?;
    told(&late, 131_006, "wiki space permission denied")?;
    let set = put(json!({"security_setting": "not_allow", "comment_setting": "not_allow"})).await?;
    ensure!(
        set.data()?["setting"]
            == json!({"create_setting": "admin", "security_setting": "not_allow",
                      "comment_setting": "not_allow"}),
        "{}",
        set.body
    );
    refused(&put(json!({"create_setting": "admin/admin_and_member"})).await?, 400, 131_002)?;
    refused(&put(json!({})).await?, 400, 131_002)?;
    let theirs = json!({"comment_setting": "allow"});
    let denied = member.client.call(Method::PUT, &path, Some(&theirs)).await?;
    told(&denied, 131_006, "wiki space permission denied")?;
    let unknown = format!("{SPACES}/7000000000000000000/setting");
    let missing = owner.client.call(Method::PUT, &unknown, Some(&theirs)).await?;
    told(&missing, 131_005, "space not found")?;
    let library = format!("{SPACES}/my_library/setting");
    refused(&owner.client.call(Method::PUT, &library, Some(&theirs)).await?, 400, 131_101)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_has_one_library_and_an_app_none() -> Result<()> {
    let world = World::start().await?;
    let (owner, other) = (world.person("owner").await?, world.person("other").await?);
    let path = format!("{SPACES}/my_library");
    let first = owner.client.get(&format!("{path}?lang=zh")).await?;
    let library = &first.data()?["space"];
    ensure!(library["space_type"] == "my_library" && library["name"] == "我的文档库", "{library}");
    let id = text(library, "space_id")?;
    let again = owner.client.get(&path).await?;
    ensure!(again.data()?["space"]["space_id"] == id.as_str(), "{}", again.body);
    ensure!(again.data()?["space"]["name"] == "My Document Library", "{}", again.body);
    refused(&owner.client.get(&format!("{path}?lang=tlh")).await?, 400, 131_002)?;
    let theirs = other.client.get(&path).await?;
    ensure!(theirs.data()?["space"]["space_id"] != id.as_str());
    let denied = other.client.get(&format!("{SPACES}/{id}")).await?;
    told(&denied, 131_006, "wiki space permission denied")?;
    // The alias stands for the space everywhere.
    let made = page(&owner.client, "my_library", "", "mine").await?;
    ensure!(made["space_id"] == id.as_str(), "{made}");
    let nodes = owner.client.get(&format!("{path}/nodes")).await?;
    ensure!(nodes.data()?["items"][0]["title"] == "mine", "{}", nodes.body);
    refused(&world.app.client.get(&path).await?, 400, 131_004)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_opens_a_space_to_every_user() -> Result<()> {
    let world = World::start().await?;
    let (owner, other) = (world.person("owner").await?, world.person("other").await?);
    let id = space(&owner, "space").await?;
    let path = format!("/larkspur/v1/wiki/spaces/{id}");
    let open = async |body: serde_json::Value| {
        world.operator.call(Method::PATCH, &path, Some(&body)).await
    };
    open(json!({"visibility": "public"})).await?.data()?;
    let seen = other.client.get(&format!("{SPACES}/{id}")).await?;
    ensure!(seen.data()?["space"]["visibility"] == "public", "{}", seen.body);
    ensure!(other.client.get(SPACES).await?.data()?["items"][0]["space_id"] == id.as_str());
    page(&other.client, &id, "", "a member's").await?;
    // Every user; no app.
    let app = world.app.client.get(&format!("{SPACES}/{id}")).await?;
    told(&app, 131_006, "wiki space permission denied")?;
    open(json!({"visibility": "private"})).await?.data()?;
    let seen = other.client.get(&format!("{SPACES}/{id}")).await?;
    told(&seen, 131_006, "wiki space permission denied")?;
    refused(&open(json!({"visibility": "hidden"})).await?, 400, 99_992_402)?;
    let unknown = "/larkspur/v1/wiki/spaces/7000000000000000000";
    let body = json!({"visibility": "public"});
    let missing = world.operator.call(Method::PATCH, unknown, Some(&body)).await?;
    refused(&missing, 404, 88_090_404)
}
