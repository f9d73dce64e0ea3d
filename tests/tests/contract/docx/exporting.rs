//! Edited documents leave again: one made by the API alone, and one that came from a file.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::media::{PIXEL, upload};
use super::{add, blocks, descend, document, id, patch, plain, run};
use crate::app;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_document_made_by_calls_alone_becomes_files() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let token = document(client, "由接口写成").await?;
    let person = world.person("zhang").await?;
    let mention = json!({"mention_user": {"user_id": person.open_id}});
    let reminder = json!({"reminder": {"create_user_id": person.open_id,
                          "expire_time": "1647961200000", "notify_time": "1647961200000"}});
    let made = add(
        client,
        &token,
        json!([
            {"block_type": 3, "heading1": {"elements": [run("第一章")]}},
            {"block_type": 2, "text": {"elements": [run("Hello "), mention, reminder]}},
            {"block_type": 27, "image": {}},
            {"block_type": 27, "image": {}},
            {"block_type": 23, "file": {}},
            {"block_type": 19, "callout": {"emoji_id": "bulb"}},
            {"block_type": 24, "grid": {"column_size": 2}},
            {"block_type": 26, "iframe": {"component": {"url": "https%3A%2F%2Fe.example"}}},
            {"block_type": 43, "board": {}},
            {"block_type": 30, "sheet": {}},
            {"block_type": 40, "add_ons": {"component_type_id": "blk"}},
            {"block_type": 48, "link_preview": {"url": "https://e.example/p",
             "url_type": "Undefined"}},
            {"block_type": 42, "wiki_catalog": {}},
            {"block_type": 31, "table": {"property": {"row_size": 3, "column_size": 3}}},
        ]),
    )
    .await?;
    let image = id(&made[2])?;
    let picture = upload(client, &token, &image, ("docx_image", "a.png"), PIXEL).await?;
    let body = json!({"replace_image": {"token": picture}});
    patch(client, &token, &image, &body).await?.data()?;
    let merge = json!({"merge_table_cells": {"row_start_index": 0, "row_end_index": 2,
                       "column_start_index": 0, "column_end_index": 2}});
    patch(client, &token, &id(&made[13])?, &merge).await?.data()?;
    for extension in ["docx", "pdf"] {
        let ticket = client.export(&token, "docx", extension, None).await?;
        let result = world.app.exported(&ticket, &token).await?;
        ensure!(result["job_status"] == 0, "{extension}: {result}");
        let file = result["file_token"].as_str().context("a file")?;
        let bytes = client.download(file).await?;
        if extension == "pdf" {
            ensure!(bytes.starts_with(b"%PDF"), "no print");
            continue;
        }
        // Read again, it says the same.
        let again = world.app.import("docx", "docx", &bytes, "again").await?;
        let text = plain(client, &again).await?;
        for line in ["第一章", "Hello @zhang2022-03-22 15:00", "drawing board"] {
            ensure!(text.contains(line), "no {line} in {text}");
        }
        let all = blocks(client, &again).await?;
        ensure!(all.iter().filter(|block| block["block_type"] == 27).count() == 1, "pictures");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_document_is_edited_and_leaves_again() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let source = "# Plan\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
    let token = app.import("md", "docx", source.as_bytes(), "plan").await?;
    let before = blocks(client, &token).await?;
    let table = before.iter().find(|block| block["block_type"] == 31).context("a table")?;
    let table = id(table)?;
    patch(client, &token, &table, &json!({"insert_table_row": {"row_index": -1}})).await?.data()?;
    let two = before
        .iter()
        .find(|block| block["bullet"]["elements"][0]["text_run"]["content"] == "two")
        .context("an item")?;
    let body = json!({"update_text_elements": {"elements": [run("second")]}});
    patch(client, &token, &id(two)?, &body).await?.data()?;
    let body = json!({"index": 0, "children_id": ["q"], "descendants":
        [{"block_id": "q", "block_type": 34, "children": ["t"]},
         {"block_id": "t", "block_type": 2, "text": {"elements": [run("said")]}}]});
    descend(client, &token, &token, &body).await?.data()?;
    // What was not touched kept its id.
    let after = blocks(client, &token).await?;
    for block in &before {
        ensure!(after.iter().any(|it| it["block_id"] == block["block_id"]), "{block}");
    }
    let ticket = client.export(&token, "docx", "docx", None).await?;
    let result = app.exported(&ticket, &token).await?;
    let file = result["file_token"].as_str().with_context(|| result.to_string())?;
    let bytes = client.download(file).await?;
    let again = app.import("docx", "docx", &bytes, "again").await?;
    let text = plain(client, &again).await?;
    ensure!(text.contains("said") && text.contains("second") && !text.contains("two"), "{text}");
    let all = blocks(client, &again).await?;
    let table = all.iter().find(|block| block["block_type"] == 31).context("a table")?;
    ensure!(table["table"]["property"]["row_size"] == 3, "{table}");
    Ok(())
}
