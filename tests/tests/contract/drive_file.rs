//! The drive: folders, files, listing with pages, downloads with ranges, metas.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::{app, refused};

const FILES: &str = "/open-apis/drive/v1/files";

fn token_of(value: &Value, field: &str) -> Result<String> {
    Ok(value[field].as_str().with_context(|| format!("no {field} in {value}"))?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_listed_page_by_page() -> Result<()> {
    let app = app().await?;
    let root = app.client.get("/open-apis/drive/explorer/v2/root_folder/meta").await?;
    let root = token_of(root.data()?, "token")?;
    let made = app
        .client
        .post(&format!("{FILES}/create_folder"), &json!({"name": "季度", "folder_token": root}))
        .await?;
    let folder = token_of(made.data()?, "token")?;
    ensure!(made.data()?["url"].as_str().is_some_and(|url| url.contains(&folder)));
    for number in 0..5 {
        app.clock.advance(1_000);
        let body = json!({"name": format!("f{number}"), "folder_token": folder});
        app.client.post(&format!("{FILES}/create_folder"), &body).await?.data()?;
    }
    let mut seen = Vec::new();
    let mut page = String::new();
    loop {
        let path = format!(
            "{FILES}?folder_token={folder}&page_size=2&order_by=CreatedTime&direction=ASC&page_token={page}"
        );
        let data = app.client.get(&path).await?.data()?.clone();
        for file in data["files"].as_array().context("files")? {
            ensure!(file["type"] == "folder" && file["parent_token"] == folder.as_str(), "{file}");
            seen.push(token_of(file, "name")?);
        }
        if data["has_more"] == false {
            break;
        }
        page = token_of(&data, "next_page_token")?;
    }
    ensure!(seen == ["f0", "f1", "f2", "f3", "f4"], "{seen:?}");
    let bad = app.client.get(&format!("{FILES}?folder_token={folder}&page_size=201")).await?;
    refused(&bad, 400, 1_064_001)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_back_whole_and_in_pieces() -> Result<()> {
    let app = app().await?;
    let root = app.client.get("/open-apis/drive/explorer/v2/root_folder/meta").await?;
    let root = token_of(root.data()?, "token")?;
    let parts = [
        ("file_name", "报告 v1.txt"),
        ("parent_type", "explorer"),
        ("parent_node", &root),
        ("size", "10"),
        ("file", ""),
    ];
    let answer = app.client.form(&format!("{FILES}/upload_all"), &parts, b"0123456789").await?;
    let token = token_of(answer.data()?, "file_token")?;
    let path = format!("{FILES}/{token}/download");
    let (status, headers, bytes) = app.client.fetch(&path, None).await?;
    ensure!(status == 200 && bytes == b"0123456789");
    let disposition = headers.get("content-disposition").context("a disposition")?;
    let disposition = String::from_utf8_lossy(disposition.as_bytes()).into_owned();
    ensure!(
        disposition.contains("filename=\"") && disposition.contains("filename*=UTF-8''%E6%8A%A5"),
        "{disposition}"
    );
    let (status, headers, bytes) = app.client.fetch(&path, Some("bytes=2-4")).await?;
    ensure!(status == 206 && bytes == b"234");
    ensure!(headers["content-range"] == "bytes 2-4/10", "{headers:?}");
    let (status, _, bytes) = app.client.fetch(&path, Some("bytes=-3")).await?;
    ensure!(status == 206 && bytes == b"789");
    let (status, headers, _) = app.client.fetch(&path, Some("bytes=99-")).await?;
    ensure!(status == 416, "HTTP {status} {headers:?}");
    let (status, headers, body) =
        app.client.fetch(&format!("{FILES}/AAAAAAAAAAAAAAAAAAAAAAAAAAA/download"), None).await?;
    ensure!(!(200..300).contains(&status), "a failed download must not look like a file");
    ensure!(headers["content-type"].to_str()?.starts_with("application/json"), "{headers:?}");
    ensure!(serde_json::from_slice::<Value>(&body)?["code"] == 1_061_003);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn metas_tell_hits_and_misses() -> Result<()> {
    let app = app().await?;
    let token = app.import("md", "docx", b"# meta", "meta").await?;
    let body = json!({"request_docs": [{"doc_token": token, "doc_type": "docx"},
        {"doc_token": "AAAAAAAAAAAAAAAAAAAAAAAAAAA", "doc_type": "docx"}], "with_url": true});
    let answer = app.client.post("/open-apis/drive/v1/metas/batch_query", &body).await?;
    let data = answer.data()?;
    ensure!(data["metas"][0]["title"] == "meta", "{data}");
    ensure!(data["metas"][0]["url"].as_str().is_some_and(|url| url.ends_with(&token)), "{data}");
    ensure!(data["failed_list"][0]["code"] == 970_005, "{data}");
    Ok(())
}
