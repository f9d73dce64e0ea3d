//! Revisions: earlier ones read, edits based on them, edits told apart by their names, edits at the
//! same time.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{DOCUMENTS, add, delete, descend, document, id, make, paragraph, patch, plain, run};
use crate::world::{World, share, text};
use crate::{app, refused};

#[tokio::test(flavor = "multi_thread")]
async fn earlier_revisions_are_read_by_who_may_edit() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let token = document(client, "first").await?;
    add(client, &token, json!([paragraph("a")])).await?;
    let made = add(client, &token, json!([paragraph("b")])).await?;
    let body = json!({"update_text_elements": {"elements": [run("c")]}});
    patch(client, &token, &id(&made[0])?, &body).await?.data()?;
    delete(client, &token, &token, "", (0, 1)).await?.data()?;
    let at = async |client: &larkspur_tests::client::Client, revision: i64| {
        let path = format!("{DOCUMENTS}/{token}/blocks?document_revision_id={revision}");
        client.get(&path).await
    };
    let texts = async |revision: i64| -> Result<Vec<String>> {
        let answer = at(client, revision).await?;
        let items = answer.data()?["items"].as_array().context("items")?.clone();
        let content = |block: &Value| {
            let run = &block["text"]["elements"][0]["text_run"]["content"];
            run.as_str().map(str::to_owned)
        };
        Ok(items.iter().filter_map(content).collect())
    };
    ensure!(texts(1).await?.is_empty());
    ensure!(texts(2).await? == ["a"] && texts(3).await? == ["a", "b"]);
    ensure!(texts(4).await? == ["a", "c"] && texts(5).await? == ["c"] && texts(-1).await? == ["c"]);
    refused(&at(client, 6).await?, 400, 1_770_001)?;
    refused(&at(client, 0).await?, 400, 1_770_001)?;
    let reader = world.person("reader").await?;
    share(client, &token, "docx", ("openid", &reader.open_id), "view").await?.data()?;
    at(&reader.client, 5).await?.data()?;
    refused(&at(&reader.client, 4).await?, 403, 1_770_032)?;
    let body = json!({"children": [paragraph("x")]});
    refused(&make(&reader.client, &token, &token, "", &body).await?, 403, 1_770_032)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_counts_from_the_revision_it_is_based_on() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "t").await?;
    let made = add(client, &token, json!([paragraph("a"), paragraph("b"), paragraph("c")])).await?;
    // Somebody puts x in front and deletes b; who still knows revision 2 means what stood there.
    let front = json!({"index": 0, "children": [paragraph("x")]});
    make(client, &token, &token, "", &front).await?.data()?;
    delete(client, &token, &token, "", (2, 3)).await?.data()?;
    let based = "?document_revision_id=2";
    let after_b = json!({"index": 2, "children": [paragraph("y")]});
    make(client, &token, &token, based, &after_b).await?.data()?;
    ensure!(plain(client, &token).await? == "t\nx\na\ny\nc");
    delete(client, &token, &token, based, (1, 3)).await?.data()?;
    ensure!(plain(client, &token).await? == "t\nx\na\ny");
    let gone = json!({"children": [paragraph("z")]});
    refused(&make(client, &token, &id(&made[1])?, based, &gone).await?, 404, 1_770_002)?;
    let future = make(client, &token, &token, "?document_revision_id=99", &gone).await?;
    refused(&future, 400, 1_770_001)?;
    // The shape of a table is another one by now.
    let table =
        json!([{"block_type": 31, "table": {"property": {"row_size": 2, "column_size": 2}}}]);
    let table = id(&add(client, &token, table).await?[0])?;
    let row = json!({"insert_table_row": {"row_index": 0}});
    let known = patch(client, &token, &table, &row).await?;
    let known = known.data()?["document_revision_id"].as_i64().context("a revision")?;
    let path = format!("{DOCUMENTS}/{token}/blocks/{table}?document_revision_id={}", known - 1);
    let late = client.call(reqwest::Method::PATCH, &path, Some(&row)).await?;
    refused(&late, 400, 1_770_024)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_revisions_are_kept() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "0").await?;
    for revision in 2..=1_010 {
        let title = json!({"update_text_elements": {"elements": [run(&revision.to_string())]}});
        patch(client, &token, &token, &title).await?.data()?;
    }
    let at = async |revision: i64| {
        client.get(&format!("{DOCUMENTS}/{token}/blocks?document_revision_id={revision}")).await
    };
    let oldest = at(10).await?;
    let title = &oldest.data()?["items"][0]["page"]["elements"][0]["text_run"]["content"];
    ensure!(title == "10", "{title}");
    refused(&at(9).await?, 400, 1_770_021)?;
    let body = json!({"children": [paragraph("x")]});
    let old = make(client, &token, &token, "?document_revision_id=9", &body).await?;
    refused(&old, 400, 1_770_021)?;
    make(client, &token, &token, "?document_revision_id=11", &body).await?.data()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_edit_is_made_once() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "once").await?;
    let query = "?client_token=fe599b60-450f-46ff-b2ef-9f6675625b97";
    let body = json!({"children": [paragraph("a")]});
    let first = make(client, &token, &token, query, &body).await?;
    add(client, &token, json!([paragraph("b")])).await?;
    let again = make(client, &token, &token, query, &body).await?;
    ensure!(first.data()? == again.data()?, "{} {}", first.body, again.body);
    let name = &again.data()?["client_token"];
    ensure!(name == "fe599b60-450f-46ff-b2ef-9f6675625b97", "{name}");
    ensure!(plain(client, &token).await? == "once\na\nb");
    let other = json!({"children": [paragraph("c")]});
    refused(&make(client, &token, &token, query, &other).await?, 400, 1_770_001)?;
    // A name that was given back is one too.
    let given = text(&add_named(client, &token).await?, "client_token")?;
    let query = format!("?client_token={given}");
    let body = json!({"children_id": ["a"], "descendants":
        [{"block_id": "a", "block_type": 22, "divider": {}}]});
    let path = format!("{DOCUMENTS}/{token}/blocks/{token}/descendant{query}");
    let again = client.post(&path, &body).await?;
    ensure!(again.data()?["document_revision_id"] == 4, "{}", again.body);
    let deleted = delete(client, &token, &token, "?client_token=d", (0, 1)).await?;
    let again = delete(client, &token, &token, "?client_token=d", (0, 1)).await?;
    ensure!(deleted.data()? == again.data()?, "{}", again.body);
    let long = format!("?client_token={}", "x".repeat(129));
    refused(&make(client, &token, &token, &long, &other).await?, 400, 1_770_001)
}

async fn add_named(client: &larkspur_tests::client::Client, token: &str) -> Result<Value> {
    let body = json!({"children_id": ["a"], "descendants":
        [{"block_id": "a", "block_type": 22, "divider": {}}]});
    Ok(descend(client, token, token, &body).await?.data()?.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_at_the_same_time_all_happen() -> Result<()> {
    let app = app().await?;
    let token = document(&app.client, "busy").await?;
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..24 {
        let (client, token) = (app.client.clone(), token.clone());
        calls.spawn(async move {
            let body = json!({"children": [paragraph(&format!("p{number:02}"))]});
            make(&client, &token, &token, "", &body).await?.data().cloned()
        });
    }
    let mut revisions = Vec::new();
    while let Some(done) = calls.join_next().await {
        revisions.push(done??["document_revision_id"].as_i64().context("a revision")?);
    }
    revisions.sort_unstable();
    ensure!(revisions == (2..26).collect::<Vec<_>>(), "{revisions:?}");
    let mut lines: Vec<String> =
        plain(&app.client, &token).await?.lines().skip(1).map(str::to_owned).collect();
    lines.sort_unstable();
    ensure!(lines.len() == 24 && lines[23] == "p23", "{lines:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_outlive_a_restart() -> Result<()> {
    let app = app().await?;
    let token = document(&app.client, "kept").await?;
    for number in 0..300 {
        let index = if number % 2 == 0 { 0 } else { -1 };
        let body = json!({"index": index, "children": [paragraph(&number.to_string())]});
        make(&app.client, &token, &token, "", &body).await?.data()?;
    }
    let before = plain(&app.client, &token).await?;
    let app = app.restart().await?;
    ensure!(plain(&app.client, &token).await? == before);
    let path = format!("{DOCUMENTS}/{token}/blocks?document_revision_id=3");
    let early = app.client.get(&path).await?;
    ensure!(early.data()?["items"].as_array().map(Vec::len) == Some(3), "{}", early.body);
    Ok(())
}
