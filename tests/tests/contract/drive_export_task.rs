//! Exports: every format, every check, the artifact's ten minutes.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::app::TestApp;
use larkspur_tests::client::Client;
use serde_json::json;

use crate::world::World;
use crate::{app, binary, refused};

/// How long a test waits for a task.
const PATIENCE: Duration = Duration::from_mins(1);

const TASKS: &str = "/open-apis/drive/v1/export_tasks";
const MINUTE_MS: i64 = 60_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_document_becomes_docx_and_pdf() -> Result<()> {
    let app = app().await?;
    let token = app.import("md", "docx", "# 标题\n\n正文".as_bytes(), "页面").await?;
    for (extension, magic) in [("docx", &b"PK\x03\x04"[..]), ("pdf", b"%PDF-")] {
        let ticket = app.client.export(&token, "docx", extension, None).await?;
        let result = app.exported(&ticket, &token).await?;
        ensure!(result["job_status"] == 0, "{result}");
        ensure!(result["file_extension"] == extension && result["type"] == "docx", "{result}");
        ensure!(result["file_name"] == "页面", "{result}");
        let file = result["file_token"].as_str().context("file_token")?;
        let bytes = app.client.download(file).await?;
        ensure!(bytes.starts_with(magic));
        ensure!(result["file_size"].as_u64() == Some(bytes.len() as u64), "{result}");
    }
    Ok(())
}

/// The text of each page of a page's export by `client`.
async fn printed(client: &Client) -> Result<Vec<String>> {
    let source = client.upload("page.md", "md", "docx", b"# Page\n\ntext".to_vec()).await?;
    let ticket = client.import(&source, "md", "docx", "page").await?;
    let token = client.imported(&ticket, PATIENCE).await?;
    let token = token["token"].as_str().context("a document")?;
    let ticket = client.export(token, "docx", "pdf", None).await?;
    let result = client.exported(&ticket, token, PATIENCE).await?;
    let pdf = client.download(result["file_token"].as_str().context("file_token")?).await?;
    let pdf = lopdf::Document::load_mem(&pdf)?;
    pdf.get_pages().keys().map(|page| Ok(pdf.extract_text(&[*page])?)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watermark_names_the_app_or_the_user() -> Result<()> {
    let plain = World::start().await?;
    let pages = printed(&plain.app.client).await?;
    ensure!(pages.iter().all(|page| !page.contains(&plain.app.app_id)), "{pages:?}");

    let marked = TestApp::start_as(binary(), |config| config.watermark = true).await?;
    let marked = World::around(marked).await?;
    let pages = printed(&marked.app.client).await?;
    ensure!(pages.iter().all(|page| page.contains(&marked.app.app_id)), "{pages:?}");
    let alice = marked.person("alice").await?;
    let pages = printed(&alice.client).await?;
    let named = |page: &String| page.contains("alice") && !page.contains(&marked.app.app_id);
    ensure!(pages.iter().all(named), "{pages:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_becomes_xlsx_and_csv() -> Result<()> {
    let app = app().await?;
    let source = "编号,名称\r\n0012,\"a, b\"\r\n";
    let token = app.import("csv", "sheet", source.as_bytes(), "表").await?;
    let sheet = app.client.first_sheet(&token).await?;
    let ticket = app.client.export(&token, "sheet", "csv", Some(&sheet)).await?;
    let result = app.exported(&ticket, &token).await?;
    let csv = app.client.download(result["file_token"].as_str().context("file_token")?).await?;
    let text = String::from_utf8(csv)?;
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    ensure!(lines == ["编号,名称", "0012,\"a, b\""], "{text}");
    let ticket = app.client.export(&token, "sheet", "xlsx", None).await?;
    ensure!(app.exported(&ticket, &token).await?["job_status"] == 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_check_of_create_has_its_code() -> Result<()> {
    let app = app().await?;
    let page = app.import("md", "docx", b"x", "page").await?;
    let sheet = app.import("csv", "sheet", b"a,b", "sheet").await?;
    let missing = "AAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for (body, status, code) in [
        (json!({"file_extension": "csv", "token": sheet, "type": "sheet"}), 400, 1_069_904),
        (json!({"file_extension": "xlsx", "token": page, "type": "docx"}), 400, 1_069_918),
        (json!({"file_extension": "pdf", "token": sheet, "type": "sheet"}), 400, 1_069_918),
        (json!({"file_extension": "pdf", "token": missing, "type": "docx"}), 404, 1_069_914),
        (json!({"file_extension": "odt", "token": page, "type": "docx"}), 400, 1_069_904),
    ] {
        let answer = app.client.post(TASKS, &body).await?;
        refused(&answer, status, code).with_context(|| body.to_string())?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn get_wants_the_exported_document() -> Result<()> {
    let app = app().await?;
    let page = app.import("md", "docx", b"x", "page").await?;
    let other = app.import("md", "docx", b"y", "other").await?;
    let ticket = app.client.export(&page, "docx", "docx", None).await?;
    app.exported(&ticket, &page).await?;
    for query in [String::new(), format!("?token={other}"), format!("?token={}", "A".repeat(28))] {
        let answer = app.client.get(&format!("{TASKS}/{ticket}{query}")).await?;
        ensure!(answer.status == 400, "{query}: HTTP {} {}", answer.status, answer.body);
        ensure!([1_069_904, 99_992_402].contains(&answer.code()), "{query}: {}", answer.body);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_vanishes_after_ten_minutes() -> Result<()> {
    let app = app().await?;
    let page = app.import("md", "docx", b"x", "page").await?;
    let ticket = app.client.export(&page, "docx", "docx", None).await?;
    let result = app.exported(&ticket, &page).await?;
    let file = result["file_token"].as_str().context("file_token")?;
    app.clock.advance(9 * MINUTE_MS);
    app.client.download(file).await?;
    app.clock.advance(MINUTE_MS + 1);
    let (status, headers, _) =
        app.client.fetch(&format!("{TASKS}/file/{file}/download"), None).await?;
    ensure!(status >= 400, "HTTP {status}");
    ensure!(headers["content-type"].to_str()?.starts_with("application/json"));
    Ok(())
}
