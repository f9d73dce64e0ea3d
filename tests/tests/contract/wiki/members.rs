//! Members and administrators of spaces.

use anyhow::{Result, ensure};
use larkspur_tests::client::{Answer, Client};
use reqwest::Method;
use serde_json::json;

use super::{SPACES, execute, join, space, told};
use crate::refused;
use crate::world::{World, text};

async fn leave(
    client: &Client,
    space: &str,
    (member_type, member_id): (&str, &str),
    role: &str,
) -> Result<Answer> {
    let body = json!({"member_type": member_type, "member_role": role, "type": "user"});
    let path = format!("{SPACES}/{space}/members/{member_id}");
    client.call(Method::DELETE, &path, Some(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn members_come_and_go_by_every_kind_of_id() -> Result<()> {
    let world = World::start().await?;
    let owner = world.person("owner").await?;
    let guest = world.person("guest").await?;
    let id = space(&owner, "space").await?;
    for (member_type, member_id) in [
        ("openid", guest.open_id.as_str()),
        ("unionid", &guest.union_id),
        ("userid", "guest"),
        ("email", "guest@larkspur.test"),
    ] {
        let member = (member_type, member_id);
        let added = join(&owner.client, &id, member, "member").await?;
        let shown = json!({"member_type": member_type, "member_id": member_id,
                           "member_role": "member", "type": "user"});
        ensure!(added.data()?["member"] == shown, "{}", added.body);
        refused(&join(&owner.client, &id, member, "member").await?, 400, 131_008)?;
        let gone = leave(&owner.client, &id, member, "member").await?;
        ensure!(gone.data()?["member"] == shown, "{}", gone.body);
        told(&leave(&owner.client, &id, member, "member").await?, 131_005, "member not found")?;
    }
    // A chat: whoever is in it.
    world.chat("oc_team", &["guest", "owner"], &[]).await?;
    join(&owner.client, &id, ("openchat", "oc_team"), "admin").await?.data()?;
    guest.client.get(&format!("{SPACES}/{id}")).await?.data()?;
    join(&guest.client, &id, ("opendepartmentid", "0"), "member").await?.data()?;
    // An app, by the id it has in the same app.
    let app = world.app_open_id().await?;
    join(&owner.client, &id, ("openid", &app), "admin").await?.data()?;
    let by_app = join(&world.app.client, &id, ("opendepartmentid", "0"), "member").await?;
    refused(&by_app, 400, 131_101)?;

    let path = format!("{SPACES}/{id}/members");
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let answer = guest.client.get(&format!("{path}?page_size=1&page_token={next}")).await?;
        let data = answer.data()?.clone();
        let member = data["members"][0].clone();
        seen.push(format!("{} {}", text(&member, "member_role")?, text(&member, "type")?));
        if data["has_more"] != true {
            break;
        }
        next = text(&data, "page_token")?;
    }
    seen.sort();
    ensure!(seen == ["admin chat", "admin user", "admin user", "member department"], "{seen:?}");
    told(&guest.client.get(&format!("{path}?page_token=%00")).await?, 131_002, "page_token")?;
    refused(&guest.client.get(&format!("{path}?page_size=101")).await?, 400, 99_992_402)
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_alone_change_members_and_one_stays() -> Result<()> {
    let world = World::start().await?;
    let (owner, guest) = (world.person("owner").await?, world.person("guest").await?);
    world.person("third").await?;
    let id = space(&owner, "space").await?;
    let guest_id = ("userid", "guest");
    join(&owner.client, &id, guest_id, "member").await?.data()?;
    let denied = join(&guest.client, &id, ("userid", "third"), "member").await?;
    told(&denied, 131_006, "wiki space permission denied")?;
    let denied = leave(&guest.client, &id, ("userid", "owner"), "admin").await?;
    told(&denied, 131_006, "wiki space permission denied")?;
    // Members may look.
    guest.client.get(&format!("{SPACES}/{id}/members")).await?.data()?;
    let third = world.app.client.with_token("u-third");
    let denied = third.get(&format!("{SPACES}/{id}/members")).await?;
    told(&denied, 131_006, "wiki space permission denied")?;

    refused(&leave(&owner.client, &id, ("userid", "owner"), "admin").await?, 400, 131_101)?;
    told(&leave(&owner.client, &id, guest_id, "admin").await?, 131_005, "member not found")?;
    // A member becomes an administrator, and is no member besides.
    join(&owner.client, &id, guest_id, "admin").await?.data()?;
    refused(&join(&owner.client, &id, guest_id, "member").await?, 400, 131_008)?;
    leave(&guest.client, &id, ("userid", "owner"), "admin").await?.data()?;
    told(&owner.client.get(&format!("{SPACES}/{id}")).await?, 131_006, "permission denied")?;

    let nobody = join(&guest.client, &id, ("userid", "nobody"), "member").await?;
    told(&nobody, 131_005, "identity not found")?;
    let nobody = leave(&guest.client, &id, ("email", "n@o.body"), "member").await?;
    told(&nobody, 131_005, "identity not found")?;
    refused(&join(&guest.client, &id, ("groupid", "g"), "member").await?, 400, 131_002)?;
    refused(&join(&guest.client, &id, guest_id, "owner").await?, 400, 131_002)?;
    refused(&join(&guest.client, &id, ("userid", ""), "admin").await?, 400, 99_992_402)?;
    let unknown = join(&guest.client, "7000000000000000000", guest_id, "member").await?;
    told(&unknown, 131_005, "space not found")
}

#[tokio::test(flavor = "multi_thread")]
async fn public_spaces_have_no_members_and_personal_ones_no_administrators() -> Result<()> {
    let world = World::start().await?;
    let owner = world.person("owner").await?;
    world.person("guest").await?;
    let id = space(&owner, "space").await?;
    let guest = ("userid", "guest");
    let body = json!({"visibility": "public"});
    let path = format!("/larkspur/v1/wiki/spaces/{id}");
    world.operator.call(Method::PATCH, &path, Some(&body)).await?.data()?;
    refused(&join(&owner.client, &id, guest, "member").await?, 400, 131_101)?;
    refused(&leave(&owner.client, &id, guest, "member").await?, 400, 131_101)?;
    join(&owner.client, &id, guest, "admin").await?.data()?;
    leave(&owner.client, &id, guest, "admin").await?.data()?;

    refused(&join(&owner.client, "my_library", guest, "admin").await?, 400, 131_101)?;
    let own = leave(&owner.client, "my_library", ("userid", "owner"), "admin").await?;
    refused(&own, 400, 131_101)?;
    join(&owner.client, "my_library", guest, "member").await?.data()?;
    let library = owner.client.get(&format!("{SPACES}/my_library")).await?;
    let library = text(&library.data()?["space"], "space_id")?;
    let seen = world.app.client.with_token("u-guest").get(&format!("{SPACES}/{library}")).await?;
    seen.data()?;
    leave(&owner.client, "my_library", guest, "member").await?.data()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_space_has_five_hundred_members_at_most() -> Result<()> {
    let world = World::start().await?;
    let owner = world.person("owner").await?;
    world.person("guest").await?;
    let id = space(&owner, "space").await?;
    execute(
        &world,
        &format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 499) \
             INSERT INTO members (object, identity, reach, tenant, perm, added_by, added_ms) \
             SELECT '{id}', 'chat:oc_' || i, 0, '{}', 1, 'user:owner', 1 FROM n",
            world.tenant
        ),
    )?;
    refused(&join(&owner.client, &id, ("userid", "guest"), "member").await?, 400, 131_003)
}
