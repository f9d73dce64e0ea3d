//! Imports: every check of create in its documented code, the states of get, what was cut.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::{app, refused};

const TASKS: &str = "/open-apis/drive/v1/import_tasks";
const MINUTE_MS: i64 = 60_000;
const DRY_RUN: &str = "X-Larkspur-Dry-Run";

fn task(extension: &str, token: &str, kind: &str) -> Value {
    json!({"file_extension": extension, "file_token": token, "type": kind, "file_name": "n",
           "point": {"mount_type": 1, "mount_key": ""}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_becomes_a_document() -> Result<()> {
    let app = app().await?;
    let source =
        app.client.upload("页.md", "md", "docx", b"# \xe6\xa0\x87\n\ntext".to_vec()).await?;
    let ticket = app.client.import(&source, "md", "docx", "").await?;
    ensure!(ticket.len() == 19 && ticket.bytes().all(|byte| byte.is_ascii_digit()), "{ticket}");
    let first = app.client.import_result(&ticket).await?;
    ensure!(first["ticket"] == ticket.as_str() && first["type"] == "docx", "{first}");
    let result = app.imported(&ticket).await?;
    ensure!(result["job_status"] == 0 && result["job_error_msg"] == "success", "{result}");
    ensure!(result.get("extra").is_none(), "nothing was cut: {result}");
    let token = result["token"].as_str().context("token")?;
    let url = result["url"].as_str().context("url")?;
    ensure!(url == format!("{}/docx/{token}", app.client.url), "{url}");
    let named = app.client.root_files().await?;
    ensure!(named.contains(&("页".to_owned(), token.to_owned())), "{named:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_check_of_create_has_its_code() -> Result<()> {
    let app = app().await?;
    let source = app.client.upload("a.md", "md", "docx", b"x".to_vec()).await?;
    let missing = "AAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let mut elsewhere = task("md", &source, "docx");
    elsewhere["point"]["mount_key"] = json!(missing);
    let mut wrong_mount = task("md", &source, "docx");
    wrong_mount["point"]["mount_type"] = json!(2);
    for (body, status, code) in [
        (task("md", missing, "docx"), 404, 1_069_907),
        (task("markdown", &source, "docx"), 400, 1_069_910),
        (task("md", &source, "sheet"), 400, 1_069_911),
        (task("exe", &source, "docx"), 400, 1_069_904),
        (elsewhere, 400, 1_069_912),
        (wrong_mount, 400, 1_069_904),
    ] {
        let answer = app.client.post(TASKS, &body).await?;
        refused(&answer, status, code).with_context(|| body.to_string())?;
    }
    let long = app.client.post(TASKS, &task("md", &"A".repeat(28), "docx")).await?;
    ensure!(long.status == 400 && long.code() != 0, "{}", long.body);
    let answer = app.client.post(TASKS, &json!({"file_extension": "md"})).await?;
    ensure!(
        answer.status == 400 && [99_992_402, 1_069_904].contains(&answer.code()),
        "{}",
        answer.body
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_lives_five_minutes() -> Result<()> {
    let app = app().await?;
    let source = app.client.upload("a.md", "md", "docx", b"x".to_vec()).await?;
    app.clock.advance(5 * MINUTE_MS + 1);
    refused(&app.client.post(TASKS, &task("md", &source, "docx")).await?, 400, 1_069_913)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submitted_source_outlives_its_minutes_in_the_queue() -> Result<()> {
    let app = app().await?;
    // Enough work before it that it waits when the clock moves.
    let mut tickets = Vec::new();
    for number in 0..20 {
        let source = app.client.upload("a.md", "md", "docx", b"x".to_vec()).await?;
        tickets.push(app.client.import(&source, "md", "docx", &number.to_string()).await?);
    }
    app.clock.advance(10 * MINUTE_MS);
    for ticket in tickets {
        let result = app.imported(&ticket).await?;
        ensure!(result["job_status"] == 0, "{result}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_gone_once_it_was_imported() -> Result<()> {
    let app = app().await?;
    let source = app.client.upload("a.md", "md", "docx", b"x".to_vec()).await?;
    let ticket = app.client.import(&source, "md", "docx", "a").await?;
    app.imported(&ticket).await?;
    let again = app.client.post(TASKS, &task("md", &source, "docx")).await?;
    refused(&again, 404, 1_069_907)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_would_be_made_and_makes_nothing() -> Result<()> {
    let app = app().await?;
    let csv = "客户,电话,金额\n甲,13800000001,1.50\n乙,13800000002,2.25\n".as_bytes().to_vec();
    for (name, extension, kind, bytes) in [
        ("a.md", "md", "docx", b"# x\n\ny\n".to_vec()),
        ("a.csv", "csv", "sheet", csv.clone()),
        ("b.csv", "csv", "bitable", csv),
    ] {
        let before = app.client.root_files().await?;
        let source = app.client.upload(name, extension, kind, bytes).await?;
        let body = task(extension, &source, kind);
        let dry = app.client.with_header(DRY_RUN, "true").post(TASKS, &body).await?;
        let ticket = dry.data()?["ticket"].as_str().context("ticket")?.to_owned();
        let result = app.imported(&ticket).await?;
        ensure!(result["job_status"] == 0, "{result}");
        ensure!(result.get("token").is_none() && result.get("url").is_none(), "{result}");
        match kind {
            "docx" => ensure!(result["preview"]["document"]["blocks"] == 2, "{result}"),
            "sheet" => {
                let sheet = &result["preview"]["sheets"][0];
                ensure!(sheet["rows"] == 3 && sheet["columns"] == 3, "{result}");
            }
            _ => {
                let table = &result["preview"]["base"]["tables"][0];
                let fields = table["fields"].as_array().context("fields")?;
                let types: Vec<&str> =
                    fields.iter().filter_map(|field| field["ui_type"].as_str()).collect();
                ensure!(table["records"] == 2 && types == ["Text", "Phone", "Number"], "{result}");
            }
        }
        ensure!(app.client.root_files().await? == before, "nothing was made");
        // The source is still there to be imported.
        let real = app.client.post(TASKS, &body).await?;
        let ticket = real.data()?["ticket"].as_str().context("ticket")?.to_owned();
        let made = app.imported(&ticket).await?;
        ensure!(made["token"].is_string() && made.get("preview").is_none(), "{made}");
    }
    let source = app.client.upload("c.md", "md", "docx", b"x".to_vec()).await?;
    let body = task("md", &source, "docx");
    let odd = app.client.with_header(DRY_RUN, "maybe").post(TASKS, &body).await?;
    refused(&odd, 400, 1_069_904)
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_tickets_are_refused() -> Result<()> {
    let app = app().await?;
    for ticket in ["7000000000000000000", "nonsense", "-1"] {
        let answer = app.client.get(&format!("{TASKS}/{ticket}")).await?;
        ensure!(answer.status >= 400 && answer.code() != 0, "{}", answer.body);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cut_is_told() -> Result<()> {
    let app = app().await?;
    let many = "x\n\n".repeat(20_050);
    let source = app.client.upload("a.md", "md", "docx", many.into_bytes()).await?;
    let ticket = app.client.import(&source, "md", "docx", "long").await?;
    let result = app.imported(&ticket).await?;
    ensure!(result["job_status"] == 0 && result["extra"] == json!(["1000"]), "{result}");
    let wide = vec!["c"; 13_005].join(",");
    let source = app.client.upload("a.csv", "csv", "sheet", wide.into_bytes()).await?;
    let ticket = app.client.import(&source, "csv", "sheet", "wide").await?;
    let result = app.imported(&ticket).await?;
    ensure!(result["job_status"] == 0 && result["extra"] == json!(["2000"]), "{result}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_are_not_what_they_say_end_in_their_status() -> Result<()> {
    let app = app().await?;
    let cases: [(&str, &str, &[u8], &[i64]); 4] = [
        ("xlsx", "sheet", b"this is no workbook", &[118, 120, 129]),
        ("xlsx", "sheet", b"PK\x03\x04truncated", &[129]),
        ("xls", "sheet", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &[129]),
        ("xls", "sheet", b"<html><table><tr><td>1</td></tr></table></html>", &[118, 120]),
    ];
    for (extension, kind, bytes, expected) in cases {
        let name = format!("a.{extension}");
        let source = app.client.upload(&name, extension, kind, bytes.to_vec()).await?;
        let ticket = app.client.import(&source, extension, kind, "bad").await?;
        let result = app.imported(&ticket).await?;
        let status = result["job_status"].as_i64().unwrap_or(-1);
        ensure!(expected.contains(&status), "{extension}: {result}");
        let explained = result["job_error_msg"].as_str().is_some_and(|msg| !msg.is_empty());
        ensure!(explained && result.get("token").is_none_or(|token| token == ""), "{result}");
    }
    Ok(())
}
