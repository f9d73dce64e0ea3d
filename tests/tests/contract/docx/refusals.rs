//! What new blocks may not be, each with its number; and how often one may edit.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{DOCUMENTS, add, document, id, make, paragraph, patch, run};
use crate::world::World;
use crate::{app, binary, refused};

#[tokio::test(flavor = "multi_thread")]
async fn blocks_that_cannot_be_made_have_their_numbers() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let token = document(client, "t").await?;
    let text = |element: Value| json!({"block_type": 2, "text": {"elements": [element]}});
    let styled =
        |style: Value| text(json!({"text_run": {"content": "x", "text_element_style": style}}));
    let nobody = "ou_00000000000000000000000000000000";
    let cases = [
        (400, 1_770_001, json!({})),
        (400, 1_770_001, json!({"block_type": 16})),
        (400, 1_770_001, json!({"block_type": 2, "text": {}})),
        (400, 1_770_001, text(json!({}))),
        (400, 1_770_001, text(json!({"text_run": {"content": "a"}, "equation": {"content": "b"}}))),
        (400, 1_770_001, styled(json!({"text_color": 8}))),
        (400, 1_770_001, styled(json!({"background_color": 0}))),
        (400, 1_770_001, styled(json!({"link": {}}))),
        (
            400,
            1_770_001,
            json!({"block_type": 2, "text": {"elements": [run("x")],
                                "style": {"align": 4}}}),
        ),
        (
            400,
            1_770_001,
            json!({"block_type": 14, "code": {"elements": [run("x")],
                                "style": {"language": 76}}}),
        ),
        (
            400,
            1_770_001,
            json!({"block_type": 31, "table": {"property": {"row_size": 10,
                                "column_size": 2}}}),
        ),
        (400, 1_770_001, json!({"block_type": 24, "grid": {"column_size": 1}})),
        (400, 1_770_001, json!({"block_type": 30, "sheet": {"row_size": 10}})),
        (
            400,
            1_770_001,
            json!({"block_type": 2, "text": {"elements": [run("x")]},
                                "children": ["y"]}),
        ),
        (400, 99_992_402, json!({"block_type": "two"})),
        (400, 1_770_006, json!({"block_type": 3, "text": {"elements": [run("x")]}})),
        (400, 1_770_012, json!({"block_type": 24, "grid": {"column_size": 6}})),
        (400, 1_770_024, text(json!({"inline_block": {"block_id": "x"}}))),
        (400, 1_770_024, text(json!({"undefined": {}}))),
        (
            400,
            1_770_024,
            text(json!({"equation": {"content": "x", "text_element_style":
                                     {"link": {"url": "https%3A%2F%2Fe.example"}}}})),
        ),
        (400, 1_770_029, json!({"block_type": 1, "page": {"elements": [run("x")]}})),
        (400, 1_770_029, json!({"block_type": 32, "table_cell": {}})),
        (400, 1_770_029, json!({"block_type": 25, "grid_column": {}})),
        (400, 1_770_029, json!({"block_type": 49, "source_synced": {}})),
        (403, 1_770_032, json!({"block_type": 36, "okr": {"okr_id": "1"}})),
        (400, 1_770_033, text(run(&"长".repeat(100_001)))),
        (400, 1_770_038, text(json!({"mention_user": {"user_id": nobody}}))),
        (
            400,
            1_770_038,
            text(json!({"mention_doc": {"obj_type": 1,
                                     "token": "NNNNNNNNNNNNNNNNNNNNNNNNNNN"}})),
        ),
        (400, 1_770_038, json!({"block_type": 20, "chat_card": {"chat_id": "oc_none"}})),
        (
            400,
            1_770_038,
            json!({"block_type": 51, "sub_page_list":
                                {"wiki_token": "NNNNNNNNNNNNNNNNNNNNNNNNNNN"}}),
        ),
    ];
    for (status, code, block) in cases {
        let body = json!({"children": [block]});
        let answer = make(client, &token, &token, "", &body).await?;
        refused(&answer, status, code).with_context(|| body.to_string())?;
    }
    // What is somebody else's.
    let person = world.person("owner").await?;
    let theirs = document(&person.client, "theirs").await?;
    let body =
        json!({"children": [text(json!({"mention_doc": {"obj_type": 22, "token": theirs}}))]});
    refused(&make(client, &token, &token, "", &body).await?, 403, 1_770_032)?;
    world.chat("oc_others", &["owner"], &[]).await?;
    let card = json!({"children": [{"block_type": 20, "chat_card": {"chat_id": "oc_others"}}]});
    refused(&make(client, &token, &token, "", &card).await?, 403, 1_770_032)?;
    // A person's goals are shown by that person.
    let okr = json!([{"block_type": 36, "okr": {"okr_id": "7", "objectives":
                      [{"objective_id": "1", "kr_ids": ["2"]}]}}]);
    let mine = document(&person.client, "mine").await?;
    let made = add(&person.client, &mine, okr.clone()).await?;
    ensure!(made[0]["okr"] == okr[0]["okr"], "{}", made[0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_holds_so_many_of_each_kind() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "t").await?;
    let many = |block: Value, count: usize| json!({"children": vec![block; count]});
    for (count, block) in [(51, json!({"block_type": 22, "divider": {}})), (0, json!({}))] {
        let answer = make(client, &token, &token, "", &many(block, count)).await?;
        refused(&answer, 400, 99_992_402)?;
    }
    for (count, block) in [
        (21, json!({"block_type": 27, "image": {}})),
        (21, json!({"block_type": 28, "isv": {}})),
        (6, json!({"block_type": 30, "sheet": {}})),
        (6, json!({"block_type": 18, "bitable": {"view_type": 1}})),
    ] {
        let answer = make(client, &token, &token, "", &many(block.clone(), count)).await?;
        refused(&answer, 400, 1_770_035).with_context(|| block.to_string())?;
    }
    let mention = json!({"mention_user": {"user_id": "ou_x"}});
    let text = json!({"block_type": 2, "text": {"elements": vec![mention; 201]}});
    let answer = make(client, &token, &token, "", &many(text, 1)).await?;
    refused(&answer, 400, 1_770_035)
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_go_only_where_they_may() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "t").await?;
    let made = add(
        client,
        &token,
        json!([
            {"block_type": 31, "table": {"property": {"row_size": 1, "column_size": 1}}},
            {"block_type": 24, "grid": {"column_size": 2}},
            {"block_type": 19, "callout": {}},
            {"block_type": 22, "divider": {}},
            {"block_type": 14, "code": {"elements": [run("x")]}},
        ]),
    )
    .await?;
    let first = |block: &Value| block["children"][0].as_str().map(str::to_owned);
    let cell = first(&made[0]).context("a cell")?;
    let column = first(&made[1]).context("a column")?;
    let callout = id(&made[2])?;
    let table = json!({"block_type": 31, "table": {"property": {"row_size": 1, "column_size": 1}}});
    let grid = json!({"block_type": 24, "grid": {"column_size": 2}});
    for (parent, block) in [
        (&cell, table.clone()),
        (&column, grid.clone()),
        (&callout, table.clone()),
        (&callout, json!({"block_type": 22, "divider": {}})),
        (&cell, json!({"block_type": 30, "sheet": {}})),
    ] {
        let body = json!({"children": [block]});
        let answer = make(client, &token, parent, "", &body).await?;
        refused(&answer, 400, 1_770_030).with_context(|| body.to_string())?;
    }
    for parent in [&made[0], &made[1], &made[3], &made[4]] {
        let body = json!({"children": [paragraph("x")]});
        let answer = make(client, &token, &id(parent)?, "", &body).await?;
        refused(&answer, 400, 1_770_028).with_context(|| parent.to_string())?;
    }
    let body = json!({"children": [paragraph("x")]});
    make(client, &token, &callout, "", &body).await?.data()?;
    let missing = make(client, &token, "NNNNNNNNNNNNNNNNNNNNNNNNNNN", "", &body).await?;
    refused(&missing, 404, 1_770_002)?;
    let far = json!({"index": 99, "children": [paragraph("x")]});
    refused(&make(client, &token, &token, "", &far).await?, 400, 1_770_001)?;
    let range = super::delete(client, &token, &token, "", (4, 9)).await?;
    refused(&range, 400, 1_770_001)?;
    let range = super::delete(client, &token, &token, "", (2, 2)).await?;
    refused(&range, 400, 1_770_001)?;
    // A deep document takes nothing deeper.
    let mut parent = token.clone();
    for _ in 0..50 {
        let answer = make(client, &token, &parent, "", &body).await?;
        parent = id(&answer.data()?["children"][0])?;
    }
    refused(&make(client, &token, &parent, "", &body).await?, 400, 1_770_005)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_document_is_told_apart() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "gone").await?;
    add(client, &token, json!([paragraph("x")])).await?;
    let path = format!("/open-apis/drive/v1/files/{token}?type=docx");
    client.call(reqwest::Method::DELETE, &path, None).await?.data()?;
    let body = json!({"children": [paragraph("x")]});
    refused(&make(client, &token, &token, "", &body).await?, 400, 1_770_003)?;
    let title = json!({"update_text_elements": {"elements": [run("x")]}});
    refused(&patch(client, &token, &token, &title).await?, 400, 1_770_003)?;
    refused(&client.get(&format!("{DOCUMENTS}/{token}/blocks")).await?, 400, 1_770_003)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_edited_three_times_a_second() -> Result<()> {
    let app = larkspur_tests::app::TestApp::start_as(binary(), |config| {
        config.rate_rules.default = larkspur_http::RateRule::Documented;
    })
    .await?;
    let token = document(&app.client, "busy").await?;
    let body = json!({"children": [paragraph("x")]});
    for _ in 0..3 {
        make(&app.client, &token, &token, "", &body).await?.data()?;
    }
    // Other kinds of edit have buckets of their own, as other apps do; one document's has none.
    refused(&make(&app.client, &token, &token, "", &body).await?, 429, 99_991_400)?;
    let other = document(&app.client, "other").await?;
    refused(&make(&app.client, &other, &other, "", &body).await?, 400, 99_991_400)
}
