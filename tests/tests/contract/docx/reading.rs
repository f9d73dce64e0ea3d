//! Reading an imported document back: the document, its blocks page by page, its raw text.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::app;

const PAGE: &str = "# 标题\n\nHello **bold** [link](https://e.example/a?b=c&d) `code`\n\n- one\n  - two\n\n1. first\n\n\
| a | b |\n|---|---|\n| 1 | 2 |\n\n```rust\nfn main() {}\n```\n\n- [x] done\n\n---\n";

#[tokio::test(flavor = "multi_thread")]
async fn blocks_come_flat_and_pre_order() -> Result<()> {
    let app = app().await?;
    let token = app.import("md", "docx", PAGE.as_bytes(), "page").await?;
    let document = app.client.get(&format!("/open-apis/docx/v1/documents/{token}")).await?;
    let document = &document.data()?["document"];
    ensure!(document["document_id"] == token.as_str() && document["title"] == "page", "{document}");
    ensure!(document["revision_id"].is_i64(), "{document}");

    let mut blocks: Vec<Value> = Vec::new();
    let mut page = String::new();
    loop {
        let path =
            format!("/open-apis/docx/v1/documents/{token}/blocks?page_size=4&page_token={page}");
        let data = app.client.get(&path).await?.data()?.clone();
        blocks.extend(data["items"].as_array().context("items")?.iter().cloned());
        if data["has_more"] != true {
            break;
        }
        page = data["page_token"].as_str().context("page_token")?.to_owned();
    }
    ensure!(
        blocks[0]["block_id"] == token.as_str() && blocks[0]["block_type"] == 1,
        "{}",
        blocks[0]
    );
    // Pre-order: every block stands after its parent, children in their parent's order.
    for block in &blocks {
        for child in block["children"].as_array().into_iter().flatten() {
            let found = blocks.iter().find(|other| other["block_id"] == *child);
            let found = found.with_context(|| format!("no block {child}"))?;
            ensure!(found["parent_id"] == block["block_id"], "{found}");
        }
    }
    let kinds: Vec<i64> = blocks.iter().filter_map(|block| block["block_type"].as_i64()).collect();
    ensure!(
        kinds == [1, 3, 2, 12, 12, 13, 31, 32, 2, 32, 2, 32, 2, 32, 2, 14, 17, 22],
        "{kinds:?}"
    );
    let link = blocks[2]["text"]["elements"]
        .as_array()
        .context("elements")?
        .iter()
        .find_map(|element| element["text_run"]["text_element_style"]["link"]["url"].as_str());
    ensure!(link == Some("https%3A%2F%2Fe.example%2Fa%3Fb%3Dc%26d"), "{link:?}");
    let table = &blocks[6]["table"];
    ensure!(table["property"]["row_size"] == 2 && table["property"]["column_size"] == 2, "{table}");
    ensure!(table["cells"].as_array().map(Vec::len) == Some(4), "{table}");
    ensure!(blocks[15]["code"]["style"]["language"] == 53, "{}", blocks[15]);
    ensure!(blocks[16]["todo"]["style"]["done"] == true, "{}", blocks[16]);

    let one = blocks[3]["block_id"].as_str().context("id")?;
    let got = app.client.get(&format!("/open-apis/docx/v1/documents/{token}/blocks/{one}")).await?;
    ensure!(got.data()?["block"] == blocks[3], "{}", got.body);

    let raw = app.client.get(&format!("/open-apis/docx/v1/documents/{token}/raw_content")).await?;
    let raw = raw.data()?["content"].as_str().context("content")?;
    for line in ["标题", "Hello bold link code", "two", "fn main() {}"] {
        ensure!(raw.contains(line), "no {line} in {raw}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_not_there_has_its_code() -> Result<()> {
    let app = app().await?;
    for rest in ["", "/blocks", "/raw_content"] {
        let path = format!("/open-apis/docx/v1/documents/AAAAAAAAAAAAAAAAAAAAAAAAAAA{rest}");
        crate::refused(&app.client.get(&path).await?, 404, 1_770_002)?;
    }
    Ok(())
}
