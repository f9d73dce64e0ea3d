//! The wiki in the matrix: a space with a page in it, and a document that moves there.

use anyhow::Result;
use reqwest::Method;
use serde_json::json;

use super::cases::Case;
use super::cases::Outcome::{Open, Refused};
use super::things::Things;
use crate::wiki;
use crate::world::{World, document};

/// A space that the app administers and the viewer is a member of, with a page; a document that is
/// there to become another one, and the task that moved one there.
pub(super) async fn make(world: &World, folder: &str) -> Result<(String, String, String, String)> {
    let client = &world.app.client;
    let keeper = world.person("zebra-keeper").await?;
    let space = wiki::space(&keeper, "zebra space").await?;
    let app = world.app_open_id().await?;
    wiki::join(&keeper.client, &space, ("openid", &app), "admin").await?.data()?;
    wiki::join(&keeper.client, &space, ("userid", "viewer"), "member").await?.data()?;
    let node = wiki::token(&wiki::page(client, &space, "", "zebra page").await?)?;
    let kind = ("md", "docx");
    let movable = document(world, client, folder, kind, "zebra to move", b"# zebra").await?;
    let moved = document(world, client, folder, kind, "zebra moved", b"# zebra").await?;
    let task = wiki::moving(client, &space, "docx", &moved).await?;
    wiki::settled(world, client, &task).await?;
    Ok((space, node, movable, task))
}

pub(super) fn case(id: &str, things: &Things) -> Option<Case> {
    const SPACES: &str = "/open-apis/wiki/v2/spaces";
    let Things { space, node, wiki_movable, wiki_task, .. } = things;
    let (missing, denied) = (Refused(400, 131_005), Refused(400, 131_006));
    let (read, change) = ([missing, denied, Open], [missing, denied, denied]);
    let at = |rest: &str| format!("{SPACES}/{space}{rest}");
    Some(match id {
        "wikiSpaceList" => Case::get(SPACES.to_owned(), [Open; 3]),
        "wikiSpaceGet" => Case::get(at(""), read),
        "wikiSpaceSettingUpdate" => {
            Case::json(Method::PUT, at("/setting"), json!({"comment_setting": "allow"}), change)
        }
        "wikiSpaceMemberList" => Case::get(at("/members"), read),
        "wikiSpaceMemberCreate" => Case::post(
            at("/members"),
            json!({"member_type": "userid", "member_id": "stranger", "member_role": "member"}),
            change,
        ),
        "wikiSpaceMemberDelete" => Case::json(
            Method::DELETE,
            at("/members/stranger"),
            json!({"member_type": "userid", "member_role": "member"}),
            change,
        ),
        "wikiSpaceNodeCreate" => Case::post(
            at("/nodes"),
            json!({"obj_type": "docx", "node_type": "origin", "parent_node_token": node}),
            change,
        ),
        "wikiSpaceNodeList" => Case::get(at(&format!("/nodes?parent_node_token={node}")), read),
        "wikiSpaceGetNode" => Case::get(format!("{SPACES}/get_node?token={node}"), read),
        "wikiSpaceNodeMove" => Case::post(
            at(&format!("/nodes/{node}/move")),
            json!({"target_space_id": space}),
            change,
        ),
        "wikiSpaceNodeCopy" => Case::post(
            at(&format!("/nodes/{node}/copy")),
            json!({"target_parent_token": node}),
            change,
        ),
        "wikiSpaceNodeUpdateTitle" => Case::post(
            at(&format!("/nodes/{node}/update_title")),
            json!({"title": "zebra again"}),
            change,
        ),
        "wikiSpaceNodeMoveDocsToWiki" => Case::post(
            at("/nodes/move_docs_to_wiki"),
            json!({"obj_type": "docx", "obj_token": wiki_movable}),
            change,
        ),
        "wikiTaskGet" => Case::get(
            format!("/open-apis/wiki/v2/tasks/{wiki_task}?task_type=move"),
            [missing, denied, denied],
        ),
        _ => return None,
    })
}
