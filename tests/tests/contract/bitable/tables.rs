//! Bases, tables and views.

use anyhow::{Result, ensure};
use larkspur_tests::app::TestApp;
use serde_json::json;

use super::{APPS, at, base};
use crate::world::{World, root, text};
use crate::{app, binary, refused};

#[tokio::test(flavor = "multi_thread")]
async fn a_base_is_made_and_read() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let folder = root(client).await?;
    let body =
        json!({"name": "一篇新的多维表格", "folder_token": folder, "time_zone": "Asia/Tokyo"});
    let made = client.post(APPS, &body).await?.data()?["app"].clone();
    let token = text(&made, "app_token")?;
    ensure!(token.len() == 27 && made["folder_token"] == json!(folder), "{made}");
    ensure!(made["url"].as_str().is_some_and(|url| url.ends_with(&format!("/base/{token}"))));
    let read = client.get(&format!("{APPS}/{token}")).await?.data()?["app"].clone();
    ensure!(read["name"] == "一篇新的多维表格" && read["time_zone"] == "Asia/Tokyo", "{read}");
    ensure!(read["is_advanced"] == false && read["revision"] == 2, "{read}");
    let tables = client.get(&format!("{APPS}/{token}/tables")).await?.data()?.clone();
    ensure!(tables["total"] == 1 && tables["has_more"] == false, "{tables}");
    ensure!(tables["items"][0]["table_id"] == made["default_table_id"], "{tables}");
    let files = client.root_files().await?;
    ensure!(files.iter().any(|(name, _)| name == "一篇新的多维表格"), "{files:?}");
    let unnamed = client.post(APPS, &json!({})).await?.data()?["app"].clone();
    ensure!(unnamed["name"] == "未命名多维表格", "{unnamed}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn bases_refuse_what_is_no_base() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    refused(&client.post_text(APPS, "{").await?, 200, 1_254_000)?;
    let long = "名".repeat(256);
    refused(&client.post(APPS, &json!({"name": long})).await?, 400, 1_254_031)?;
    refused(&client.post(APPS, &json!({"time_zone": "Mars"})).await?, 400, 1_254_800)?;
    let nowhere = json!({"folder_token": "N".repeat(27)});
    refused(&client.post(APPS, &nowhere).await?, 404, 1_254_702)?;
    let sheet = app.import("csv", "sheet", b"a,b", "sheet").await?;
    refused(&client.get(&format!("{APPS}/{sheet}")).await?, 200, 1_254_003)?;
    refused(&client.get(&format!("{APPS}/not-a-token")).await?, 200, 1_254_003)?;
    refused(&client.get(&format!("{APPS}/{}", "N".repeat(27))).await?, 200, 1_254_040)?;
    let (token, _) = base(client).await?;
    let gone = format!("/open-apis/drive/v1/files/{token}?type=bitable");
    client.call(reqwest::Method::DELETE, &gone, None).await?.data()?;
    refused(&client.get(&format!("{APPS}/{token}")).await?, 200, 1_254_040)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_made_with_its_fields_and_a_view() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let (token, first) = base(client).await?;
    let tables = format!("{APPS}/{token}/tables");
    // The documented sample.
    let body = json!({"table": {"name": "数据表名称", "default_view_name": "默认的表格视图",
        "fields": [{"field_name": "索引字段", "type": 1},
            {"field_name": "单选", "type": 3, "ui_type": "SingleSelect", "property": {"options": [
                {"name": "Enabled", "color": 0}, {"name": "Disabled", "color": 1},
                {"name": "Draft", "color": 2}]}}]}});
    let made = client.post(&tables, &body).await?.data()?.clone();
    let id = text(&made, "table_id")?;
    ensure!(id.len() == 16 && made["field_id_list"].as_array().is_some_and(|ids| ids.len() == 2));
    let views = client.get(&at(&token, &id, "/views")).await?.data()?.clone();
    ensure!(views["items"][0]["view_name"] == "默认的表格视图", "{views}");
    ensure!(views["items"][0]["view_id"] == made["default_view_id"], "{views}");
    let page = client.get(&format!("{tables}?page_size=1")).await?.data()?.clone();
    ensure!(page["has_more"] == true && page["total"] == 2, "{page}");
    let next = format!("{tables}?page_size=1&page_token={}", text(&page, "page_token")?);
    let next = client.get(&next).await?.data()?.clone();
    ensure!(next["items"][0]["table_id"] == json!(id) && next["has_more"] == false, "{next}");
    ensure!(page["items"][0]["table_id"] == json!(first), "{page}");
    refused(&client.post(&tables, &body).await?, 200, 1_254_013)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_refuse_what_is_no_table() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let (token, id) = base(client).await?;
    let tables = format!("{APPS}/{token}/tables");
    let with = |more: serde_json::Value| {
        let mut table = json!({"name": "t", "default_view_name": "v"});
        for (key, value) in more.as_object().into_iter().flatten() {
            table[key] = value.clone();
        }
        json!({"table": table})
    };
    let field = |field| with(json!({"fields": [{"field_name": "a", "type": 1}, field]}));
    for (body, status, code) in [
        (json!({}), 200, 1_254_001),
        (json!({"table": {}}), 400, 99_992_402),
        (with(json!({"name": "a".repeat(101)})), 400, 99_992_402),
        (with(json!({"name": "a/b"})), 200, 1_254_001),
        (with(json!({"fields": []})), 400, 99_992_402),
        (with(json!({"default_view_name": ""})), 400, 1_254_021),
        (with(json!({"default_view_name": "[v]"})), 400, 1_254_022),
        (field(json!({"field_name": "a", "type": 1})), 400, 1_254_014),
        (field(json!({"field_name": " ", "type": 1})), 400, 1_254_029),
        (field(json!({"field_name": "b", "type": 3, "ui_type": "Text"})), 400, 1_254_012),
        (field(json!({"field_name": "b", "type": 99})), 400, 99_992_402),
        (with(json!({"fields": [{"field_name": "a", "type": 7}]})), 400, 1_254_012),
    ] {
        let answer = client.post(&tables, &body).await?;
        refused(&answer, status, code).map_err(|error| error.context(body.to_string()))?;
    }
    refused(&client.post_text(&tables, "[").await?, 200, 1_254_000)?;
    refused(&client.get(&format!("{tables}?page_size=0")).await?, 400, 1_254_011)?;
    refused(&client.get(&format!("{tables}?page_size=101")).await?, 400, 99_992_402)?;
    refused(&client.get(&format!("{tables}?page_token=tblnone")).await?, 400, 99_992_402)?;
    refused(&client.get(&at(&token, "x", "/fields")).await?, 200, 1_254_004)?;
    refused(&client.get(&at(&token, "tblNNNNNNNNNNNNN", "/fields")).await?, 200, 1_254_041)?;
    refused(&client.get(&at(&token, &id, "/fields?view_id=x")).await?, 200, 1_254_005)?;
    refused(&client.get(&at(&token, &id, "/fields?view_id=vewNNNNNNN")).await?, 200, 1_254_042)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_has_a_hundred_tables() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let (token, _) = base(client).await?;
    let tables = format!("{APPS}/{token}/tables");
    for number in 1..100 {
        let body = json!({"table": {"name": format!("t{number}")}});
        client.post(&tables, &body).await?.data()?;
    }
    refused(&client.post(&tables, &json!({"table": {"name": "one more"}})).await?, 200, 1_254_100)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_a_base_of_its_own() -> Result<()> {
    let app = TestApp::start(binary()).await?;
    let client = &app.client;
    let token = app.import("csv", "bitable", "名称,数\n甲,1\n乙,2\n".as_bytes(), "源").await?;
    let tables = client.get(&format!("{APPS}/{token}/tables")).await?.data()?.clone();
    let table = text(&tables["items"][0], "table_id")?;
    let records = at(&token, &table, "/records");
    client.post(&records, &json!({"fields": {"名称": "丙", "数": 3}})).await?.data()?;
    let body = json!({"name": "copy", "type": "bitable", "folder_token": root(client).await?});
    let copy = client.post(&format!("/open-apis/drive/v1/files/{token}/copy"), &body).await?;
    let copy = text(&copy.data()?["file"], "token")?;
    client.post(&records, &json!({"fields": {"名称": "丁"}})).await?.data()?;
    let of_copy = client.get(&at(&copy, &table, "/records")).await?.data()?.clone();
    ensure!(of_copy["total"] == 3 && of_copy["items"][2]["fields"]["名称"] == "丙", "{of_copy}");
    let gone = format!("/open-apis/drive/v1/files/{token}?type=bitable");
    client.call(reqwest::Method::DELETE, &gone, None).await?.data()?;
    let of_copy = client.get(&at(&copy, &table, "/records")).await?.data()?.clone();
    ensure!(of_copy["items"][0]["fields"]["名称"] == "甲", "{of_copy}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_is_put_back_has_its_bases() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let token = world.app.import("csv", "bitable", "a,b\n1,2\n".as_bytes(), "kept").await?;
    let tables = client.get(&format!("{APPS}/{token}/tables")).await?.data()?.clone();
    let id = text(&tables["items"][0], "table_id")?;
    let records = at(&token, &id, "/records");
    client.post(&records, &json!({"fields": {"a": 3}})).await?.data()?;
    let snapshots = "/larkspur/v1/snapshots";
    world.operator.post(snapshots, &json!({"name": "one"})).await?.data()?;
    client.post(&records, &json!({"fields": {"a": 4}})).await?.data()?;
    let put_back = format!("{snapshots}/one/restore");
    world.operator.post(&put_back, &json!({})).await?.data()?;
    let listed = client.get(&records).await?.data()?.clone();
    ensure!(listed["total"] == 2 && listed["items"][0]["fields"]["a"] == "1", "{listed}");
    Ok(())
}
