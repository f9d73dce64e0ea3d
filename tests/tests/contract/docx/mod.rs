//! Online documents: read, made, edited.

mod converting;
mod creating;
mod descending;
mod exporting;
mod media;
mod reading;
mod refusals;
mod revisions;
mod updating;

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::client::{Answer, Client};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::text;

const DOCUMENTS: &str = "/open-apis/docx/v1/documents";

/// A new document in the root folder of whoever `client` speaks for.
pub(crate) async fn document(client: &Client, title: &str) -> Result<String> {
    let made = client.post(DOCUMENTS, &json!({"title": title})).await?;
    let made = &made.data()?["document"];
    ensure!(made["revision_id"] == 1 && made["title"] == title, "{made}");
    text(made, "document_id")
}

/// A text block with one run.
fn paragraph(content: &str) -> Value {
    json!({"block_type": 2, "text": {"elements": [run(content)], "style": {}}})
}

fn run(content: &str) -> Value {
    json!({"text_run": {"content": content}})
}

/// Makes blocks in `block`; the query stands behind the path, with its question mark.
async fn make(
    client: &Client,
    document: &str,
    block: &str,
    query: &str,
    body: &Value,
) -> Result<Answer> {
    client.post(&format!("{DOCUMENTS}/{document}/blocks/{block}/children{query}"), body).await
}

/// Makes blocks at the end of the page; what was made.
async fn add(client: &Client, document: &str, children: Value) -> Result<Vec<Value>> {
    let answer = make(client, document, document, "", &json!({"children": children})).await?;
    Ok(answer.data()?["children"].as_array().context("children")?.clone())
}

async fn descend(client: &Client, document: &str, block: &str, body: &Value) -> Result<Answer> {
    client.post(&format!("{DOCUMENTS}/{document}/blocks/{block}/descendant"), body).await
}

async fn patch(client: &Client, document: &str, block: &str, body: &Value) -> Result<Answer> {
    let path = format!("{DOCUMENTS}/{document}/blocks/{block}");
    client.call(Method::PATCH, &path, Some(body)).await
}

async fn delete(
    client: &Client,
    document: &str,
    block: &str,
    query: &str,
    (start, end): (i64, i64),
) -> Result<Answer> {
    let path = format!("{DOCUMENTS}/{document}/blocks/{block}/children/batch_delete{query}");
    let body = json!({"start_index": start, "end_index": end});
    client.call(Method::DELETE, &path, Some(&body)).await
}

/// All blocks of a document, the page first.
async fn blocks(client: &Client, document: &str) -> Result<Vec<Value>> {
    let answer = client.get(&format!("{DOCUMENTS}/{document}/blocks")).await?;
    Ok(answer.data()?["items"].as_array().context("items")?.clone())
}

async fn block(client: &Client, document: &str, block: &str) -> Result<Value> {
    let answer = client.get(&format!("{DOCUMENTS}/{document}/blocks/{block}")).await?;
    Ok(answer.data()?["block"].clone())
}

async fn plain(client: &Client, document: &str) -> Result<String> {
    let answer = client.get(&format!("{DOCUMENTS}/{document}/raw_content")).await?;
    text(answer.data()?, "content")
}

fn id(block: &Value) -> Result<String> {
    text(block, "block_id")
}
