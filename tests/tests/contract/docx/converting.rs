//! Texts turned into blocks, and documents into Markdown.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{DOCUMENTS, add, blocks, descend, document, plain, run};
use crate::world::World;
use crate::{app, refused};

const CONVERT: &str = "/open-apis/docx/v1/documents/blocks/convert";

#[tokio::test(flavor = "multi_thread")]
async fn markdown_becomes_blocks_that_can_be_put_in() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let markdown = "# Heading\n\nSome **bold** text\n\n- one\n  - two\n\n1. first\n\n\
        - [x] done\n\n| a | b |\n|---|---|\n| 1 |  |\n\n> quoted\n\n```rust\nfn main() {}\n```\n\n\
        ![a picture](https://e.example/a.png)\n\n> [!NOTE]\n> noted\n";
    let body = json!({"content_type": "markdown", "content": markdown});
    let answer = client.post(CONVERT, &body).await?;
    let data = answer.data()?;
    let all = data["blocks"].as_array().context("blocks")?;
    let first = data["first_level_block_ids"].as_array().context("ids")?;
    ensure!(all.iter().all(|block| block["parent_id"] == ""), "{data}");
    let pictures = data["block_id_to_image_urls"].as_array().context("pictures")?;
    ensure!(pictures.len() == 1 && pictures[0]["image_url"] == "https://e.example/a.png", "{data}");
    let image = all.iter().find(|block| block["block_id"] == pictures[0]["block_id"]);
    ensure!(image.context("its block")?["block_type"] == 27, "{data}");
    // As the contract says: without merge_info it is what descendant takes.
    let mut descendants = all.clone();
    for block in &mut descendants {
        if let Some(property) = block.pointer_mut("/table/property").and_then(Value::as_object_mut)
        {
            property.remove("merge_info");
        }
    }
    let token = document(client, "converted").await?;
    let body = json!({"children_id": first, "descendants": descendants});
    let made = descend(client, &token, &token, &body).await?;
    let relations = made.data()?["block_id_relations"].as_array().context("relations")?;
    ensure!(relations.len() == all.len(), "{} {}", relations.len(), all.len());
    let raw = plain(client, &token).await?;
    for line in ["Heading", "Some bold text", "two", "first", "done", "quoted", "noted"] {
        ensure!(raw.contains(line), "no {line} in {raw}");
    }
    ensure!(blocks(client, &token).await?.len() == all.len() + 1);
    let html = "<h2>Title</h2><p>a <b>b</b></p><img src=\"https://e.example/x.png\" width=30>";
    let body = json!({"content_type": "html", "content": html});
    let data = client.post(CONVERT, &body).await?.data()?.clone();
    ensure!(data["blocks"][0]["block_type"] == 4, "{data}");
    ensure!(data["block_id_to_image_urls"][0]["image_url"] == "https://e.example/x.png", "{data}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_are_not_converted_have_their_numbers() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    for body in [
        json!({"content": "x"}),
        json!({"content_type": "markdown"}),
        json!({"content_type": "markdown", "content": ""}),
        json!({"content_type": "rtf", "content": "x"}),
    ] {
        refused(&client.post(CONVERT, &body).await?, 400, 99_992_402)?;
    }
    let long = json!({"content_type": "markdown", "content": "x".repeat(10_485_761)});
    refused(&client.post(CONVERT, &long).await?, 400, 1_770_033)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_read_as_markdown() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let token = document(client, "标题").await?;
    let person = world.person("named").await?;
    let bold = json!({"text_run": {"content": "bold", "text_element_style": {"bold": true}}});
    let mention = json!({"mention_user": {"user_id": person.open_id}});
    add(
        client,
        &token,
        json!([
            {"block_type": 4, "heading2": {"elements": [run("Part")]}},
            {"block_type": 2, "text": {"elements": [bold, run(" by "), mention]}},
            {"block_type": 12, "bullet": {"elements": [run("item")]}},
            {"block_type": 43, "board": {}},
            {"block_type": 27, "image": {"caption": {"content": "to come"}}},
        ]),
    )
    .await?;
    let path = |query: &str| format!("/open-apis/docs/v1/content?{query}");
    let whole = format!("doc_token={token}&doc_type=docx&content_type=markdown");
    let answer = client.get(&path(&whole)).await?;
    let content = answer.data()?["content"].as_str().context("content")?.to_owned();
    for piece in ["标题", "## Part", "**bold** by @named", "- item", "[drawing board]", "to come"]
    {
        ensure!(content.contains(piece.trim_start_matches('[').trim_end_matches(']')), "{content}");
    }
    for (query, status, code) in [
        (format!("doc_token={token}&doc_type=doc&content_type=markdown"), 400, 2_889_904),
        (format!("doc_token={token}&doc_type=docx"), 400, 2_889_904),
        (format!("{whole}&lang=fr"), 400, 2_889_904),
        ("doc_token=short&doc_type=docx&content_type=markdown".to_owned(), 400, 2_889_904),
        (whole.replace(&token, "NNNNNNNNNNNNNNNNNNNNNNNNNNN"), 400, 2_889_914),
    ] {
        refused(&client.get(&path(&query)).await?, status, code)?;
    }
    refused(&person.client.get(&path(&whole)).await?, 403, 2_889_902)?;
    let gone = format!("/open-apis/drive/v1/files/{token}?type=docx");
    client.call(reqwest::Method::DELETE, &gone, None).await?.data()?;
    refused(&client.get(&path(&whole)).await?, 403, 2_889_906)?;
    let read = client.get(&format!("{DOCUMENTS}/{token}")).await?;
    refused(&read, 400, 1_770_003)
}
