//! Uploads of import sources and media: one call and in parts, sizes, checksums, expiry, downloads.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::{app, refused};

const ALL: &str = "/open-apis/drive/v1/medias/upload_all";
const PREPARE: &str = "/open-apis/drive/v1/medias/upload_prepare";
const PART: &str = "/open-apis/drive/v1/medias/upload_part";
const FINISH: &str = "/open-apis/drive/v1/medias/upload_finish";
const EXTRA: &str = r#"{"obj_type": "docx", "file_extension": "md"}"#;
const HOUR_MS: i64 = 3_600_000;

/// Adler-32, straight from its definition.
fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), &byte| {
        let low = (low + u32::from(byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_the_form_may_come_in_any_order() -> Result<()> {
    let app = app().await?;
    let checksum = adler32(b"# hi").to_string();
    let orders: [&[(&str, &str)]; 3] = [
        &[
            ("file_name", "a.md"),
            ("parent_type", "ccm_import_open"),
            ("parent_node", ""),
            ("size", "4"),
            ("checksum", ""),
            ("extra", EXTRA),
            ("file", ""),
        ],
        &[
            ("file", ""),
            ("extra", EXTRA),
            ("file_name", "a.md"),
            ("parent_node", "x"),
            ("parent_type", "ccm_import_open"),
            ("size", "4"),
        ],
        &[
            ("file_name", "a.md"),
            ("parent_type", "ccm_import_open"),
            ("size", "4"),
            ("file", ""),
            ("checksum", &checksum),
            ("extra", EXTRA),
        ],
    ];
    for order in orders {
        let answer = app.client.form(ALL, order, b"# hi").await?;
        let token = answer.data()?["file_token"].as_str().context("no token")?.to_owned();
        ensure!(token.len() == 27, "{token}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_sizes_checksums_and_names_are_refused() -> Result<()> {
    let app = app().await?;
    let long = "n".repeat(251);
    let cases: [(&[(&str, &str)], i64); 6] = [
        (&[("size", "5"), ("file_name", "a.md"), ("extra", EXTRA)], 1_062_009),
        (&[("size", "4"), ("file_name", "a.md"), ("extra", EXTRA), ("checksum", "1")], 1_062_008),
        (&[("size", "4"), ("file_name", &long), ("extra", EXTRA)], 1_061_008),
        (&[("size", "x"), ("file_name", "a.md"), ("extra", EXTRA)], 1_061_002),
        (&[("size", "4"), ("file_name", "a.md"), ("extra", "{not json")], 1_061_002),
        (&[("file_name", "a.md"), ("extra", EXTRA)], 1_061_002),
    ];
    for (fields, code) in cases {
        let mut parts = vec![("parent_type", "ccm_import_open"), ("file", "")];
        parts.extend_from_slice(fields);
        let answer = app.client.form(ALL, &parts, b"# hi").await?;
        refused(&answer, 400, code).with_context(|| format!("{fields:?}"))?;
    }
    let parts = [("parent_type", "nowhere"), ("file_name", "a"), ("size", "4"), ("file", "")];
    refused(&app.client.form(ALL, &parts, b"# hi").await?, 400, 1_061_002)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_in_parts_is_checked_part_by_part() -> Result<()> {
    let app = app().await?;
    let bytes = vec![7_u8; 5 << 20];
    let body = json!({"file_name": "a.md", "parent_type": "ccm_import_open", "parent_node": "",
                      "size": bytes.len(), "extra": EXTRA});
    let plan = app.client.post(PREPARE, &body).await?.data()?.clone();
    ensure!(plan["block_size"] == 4_194_304 && plan["block_num"] == 2, "{plan}");
    let id = plan["upload_id"].as_str().context("an id")?.to_owned();
    let (first, second) = bytes.split_at(4 << 20);
    let part = async |seq: &str, size: &str, checksum: &str, bytes: &[u8]| {
        let parts = [
            ("upload_id", id.as_str()),
            ("seq", seq),
            ("size", size),
            ("checksum", checksum),
            ("file", ""),
        ];
        app.client.form(PART, &parts, bytes).await
    };
    refused(&part("0", "4194304", "1", first).await?, 400, 1_062_008)?;
    refused(&part("0", "4194303", "", first).await?, 400, 1_062_009)?;
    refused(&part("2", "4194304", "", first).await?, 400, 1_062_011)?;
    let finish = json!({"upload_id": id, "block_num": 2});
    let checksum = adler32(first).to_string();
    ensure!(part("0", "4194304", &checksum, first).await?.data()?.is_object());
    refused(&app.client.post(FINISH, &finish).await?, 400, 1_062_010)?;
    part("1", "1048576", "", second).await?.data()?;
    part("1", "1048576", "", second).await?.data()?;
    refused(
        &app.client.post(FINISH, &json!({"upload_id": id, "block_num": 3})).await?,
        400,
        1_062_011,
    )?;
    let token = app.client.post(FINISH, &finish).await?.data()?["file_token"].clone();
    ensure!(token.as_str().is_some_and(|token| token.len() == 27), "{token}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_lives_a_day() -> Result<()> {
    let app = app().await?;
    let body = json!({"file_name": "a.md", "parent_type": "ccm_import_open", "parent_node": "",
                      "size": 4, "extra": EXTRA});
    let plan = app.client.post(PREPARE, &body).await?.data()?.clone();
    let id = plan["upload_id"].as_str().context("an id")?;
    app.clock.advance(24 * HOUR_MS + 1);
    let client = app.fresh_client().await?;
    let parts = [("upload_id", id), ("seq", "0"), ("size", "4"), ("file", "")];
    refused(&client.form(PART, &parts, b"# hi").await?, 400, 1_061_021)
}

#[tokio::test(flavor = "multi_thread")]
async fn prepare_wants_parent_node_even_if_empty() -> Result<()> {
    let app = app().await?;
    let body =
        json!({"file_name": "a.md", "parent_type": "ccm_import_open", "size": 4, "extra": EXTRA});
    let answer = app.client.post(PREPARE, &body).await?;
    refused(&answer, 400, 99_992_402)?;
    let violation = &answer.body["error"]["field_violations"][0];
    ensure!(violation["field"] == "parent_node", "{}", answer.body);
    Ok(())
}
