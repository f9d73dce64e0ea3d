//! Records: written in every type, read in both forms, all of a batch or none.

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::app::TestApp;
use serde_json::{Value, json};

use super::{APPS, at, base, table};
use crate::world::{World, text};
use crate::{app, binary, refused};

const ALL: &[(&str, i64, &str)] = &[
    ("任务名称", 1, "Text"),
    ("条码", 1, "Barcode"),
    ("邮箱", 1, "Email"),
    ("工时", 2, "Number"),
    ("货币", 2, "Currency"),
    ("评分", 2, "Rating"),
    ("进度", 2, "Progress"),
    ("单选", 3, "SingleSelect"),
    ("多选", 4, "MultiSelect"),
    ("日期", 5, "DateTime"),
    ("复选框", 7, "Checkbox"),
    ("人员", 11, "User"),
    ("电话号码", 13, "Phone"),
    ("超链接", 15, "Url"),
    ("附件", 17, "Attachment"),
    ("地理位置", 22, "Location"),
    ("群组", 23, "GroupChat"),
    ("创建时间", 1001, "CreatedTime"),
    ("创建人", 1003, "CreatedUser"),
    ("自动编号", 1005, "AutoNumber"),
];

fn fields() -> Value {
    ALL.iter()
        .map(|(name, number, ui)| json!({"field_name": name, "type": number, "ui_type": ui}))
        .collect()
}

/// A picture that hangs on the base.
async fn attachment(world: &World, base: &str) -> Result<String> {
    let extra = json!({"drive_route_token": base}).to_string();
    let parts = [
        ("file_name", "a.png"),
        ("parent_type", "bitable_image"),
        ("parent_node", base),
        ("size", "5"),
        ("extra", &extra),
        ("file", ""),
    ];
    let form = world.app.client.form("/open-apis/drive/v1/medias/upload_all", &parts, b"bytes");
    text(form.await?.data()?, "file_token")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_is_read_in_both_forms() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let (token, first) = base(client).await?;
    let id = table(client, &token, "all", fields()).await?;
    let person = world.person("zhang").await?;
    world.chat("oc_1", &["zhang"], &[]).await?;
    let file = attachment(&world, &token).await?;
    let written = json!({"任务名称": "拜访潜在客户", "条码": "+$$3170930509104X512356", "邮箱": "a@b.cn",
        "工时": 10, "货币": 3, "评分": 3, "进度": 0.25, "单选": "选项1", "多选": ["选项1", "选项2"],
        "日期": 1_674_206_443_000_i64, "复选框": true, "人员": [{"id": person.open_id}],
        "电话号码": "13026162666",
        "超链接": {"text": "官网", "link": "https://www.example.cn/base"},
        "附件": [{"file_token": file}], "地理位置": "116.397755,39.903179",
        "群组": [{"id": "oc_1"}]});
    let made = client.post(&at(&token, &id, "/records"), &json!({"fields": written})).await?;
    let made = made.data()?["record"].clone();
    ensure!(made["fields"] == written && made["id"] == made["record_id"], "{made}");
    let record = text(&made, "record_id")?;

    let path = at(&token, &id, "/records/search");
    let found = client.post(&path, &json!({"automatic_fields": true})).await?.data()?.clone();
    ensure!(found["total"] == 1 && found["has_more"] == false, "{found}");
    let one = &found["items"][0];
    ensure!(one["created_time"].is_i64() && one["created_by"]["id"].is_string(), "{one}");
    let values = &one["fields"];
    ensure!(values["任务名称"] == json!([{"type": "text", "text": "拜访潜在客户"}]), "{values}");
    ensure!(values["邮箱"] == json!([{"type": "url", "text": "a@b.cn", "link": "mailto:a@b.cn"}]));
    ensure!(values["工时"] == 10 && values["进度"] == 0.25 && values["日期"] == written["日期"]);
    ensure!(values["多选"] == written["多选"] && values["复选框"] == true);
    ensure!(
        values["人员"][0]["name"] == "zhang" && values["人员"][0]["id"] == json!(person.open_id)
    );
    ensure!(values["附件"][0]["name"] == "a.png" && values["附件"][0]["size"] == 5, "{values}");
    ensure!(values["地理位置"]["location"] == "116.397755,39.903179", "{values}");
    ensure!(values["群组"][0]["id"] == "oc_1" && values["自动编号"] == "1", "{values}");
    ensure!(values["创建人"][0]["id"].is_string() && values["创建时间"].is_i64(), "{values}");

    let old =
        client.get(&at(&token, &id, &format!("/records/{record}?with_shared_url=true"))).await?;
    let old = old.data()?["record"].clone();
    ensure!(old["fields"]["任务名称"] == "拜访潜在客户" && old["fields"]["工时"] == "10", "{old}");
    ensure!(old["fields"]["进度"] == "0.25" && old["fields"]["创建人"]["id"].is_string(), "{old}");
    ensure!(old["record_url"].as_str().is_some_and(|url| url.contains(&record)), "{old}");
    let arrays = at(&token, &id, &format!("/records/{record}?text_field_as_array=true"));
    let arrays = client.get(&arrays).await?.data()?["record"]["fields"]["条码"].clone();
    ensure!(arrays[0]["type"] == "text", "{arrays}");

    let unknown = "recNNNNNNNNNNN";
    let body = json!({"record_ids": [record, unknown, record], "with_shared_url": true,
                      "user_id_type": "user_id"});
    let got = client.post(&at(&token, &id, "/records/batch_get"), &body).await?.data()?.clone();
    ensure!(got["absent_record_ids"] == json!([unknown]), "{got}");
    ensure!(got["records"].as_array().is_some_and(|one| one.len() == 1), "{got}");
    ensure!(got["records"][0]["fields"]["人员"][0]["id"] == "zhang", "{got}");

    // A relation is read with what stands in the other table.
    let link = json!({"field_name": "关联", "type": 18, "property": {"table_id": id}});
    client.post(&at(&token, &first, "/fields"), &link).await?.data()?;
    let body = json!({"fields": {"文本": "from", "关联": [record]}});
    client.post(&at(&token, &first, "/records"), &body).await?.data()?;
    let listed = client.get(&at(&token, &first, "/records")).await?.data()?.clone();
    let related = &listed["items"][0]["fields"]["关联"][0];
    ensure!(related["text"] == "拜访潜在客户" && related["table_id"] == json!(id), "{listed}");
    let searched = client.post(&at(&token, &first, "/records/search"), &json!({})).await?;
    let related = searched.data()?["items"][0]["fields"]["关联"].clone();
    ensure!(related == json!({"link_record_ids": [record]}), "{related}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_type_refuses_what_does_not_fit() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let (token, first) = base(client).await?;
    let id = table(client, &token, "all", fields()).await?;
    let link = json!({"field_name": "关联", "type": 18, "property": {"table_id": first}});
    client.post(&at(&token, &id, "/fields"), &link).await?.data()?;
    let (elsewhere, _) = base(client).await?;
    let foreign = attachment(&world, &elsewhere).await?;
    let files = vec![json!({"file_token": foreign}); 101];
    let cases = [
        ("任务名称", json!(5), 200, 1_254_060),
        ("任务名称", json!("长".repeat(100_001)), 200, 1_254_130),
        ("工时", json!("10"), 200, 1_254_061),
        ("评分", json!(6), 200, 1_254_061),
        ("单选", json!(["a"]), 200, 1_254_062),
        ("多选", json!("a"), 200, 1_254_063),
        ("日期", json!("2024-01-01"), 200, 1_254_064),
        ("复选框", json!("yes"), 200, 1_254_065),
        ("人员", json!([{"id": "ou_nobody"}]), 200, 1_254_066),
        ("关联", json!(["recNNNNNNNNNNN"]), 200, 1_254_067),
        ("超链接", json!("https://a.cn"), 200, 1_254_068),
        ("附件", json!([{"file_token": "NNN"}]), 200, 1_254_069),
        ("附件", json!([{"file_token": foreign}]), 200, 1_254_303),
        ("附件", json!(files), 200, 1_254_106),
        ("电话号码", json!("010-62345678"), 200, 1_254_072),
        ("地理位置", json!("Beijing"), 400, 1_254_015),
        ("群组", json!([{"id": "oc_none"}]), 400, 1_254_015),
        ("创建时间", json!(5), 400, 1_254_015),
        ("没有", json!("x"), 200, 1_254_045),
    ];
    for (name, value, status, code) in &cases {
        let fields = json!({"fields": {*name: value}});
        let one = client.post(&at(&token, &id, "/records"), &fields).await?;
        refused(&one, *status, *code).map_err(|error| error.context((*name).to_owned()))?;
        let batch = json!({"records": [{"fields": {"任务名称": "fits"}}, fields]});
        let batch = client.post(&at(&token, &id, "/records/batch_create"), &batch).await?;
        refused(&batch, *status, *code)?;
    }
    let listed = client.get(&at(&token, &id, "/records")).await?.data()?.clone();
    ensure!(listed["total"] == 0, "a part of a batch is there: {listed}");
    for path in [at(&token, &id, "/records"), at(&token, &id, "/records/batch_create")] {
        refused(&client.post_text(&path, "{").await?, 200, 1_254_000)?;
        refused(&client.post(&path, &json!({})).await?, 200, 1_254_001)?;
    }
    let many = json!({"records": vec![json!({"fields": {}}); 1_001]});
    refused(&client.post(&at(&token, &id, "/records/batch_create"), &many).await?, 200, 1_254_104)?;
    refused(&client.get(&at(&token, &id, "/records/x")).await?, 200, 1_254_006)?;
    refused(&client.get(&at(&token, &id, "/records/recNNNNNNNNNNN")).await?, 200, 1_254_043)?;
    let wrong = at(&token, &id, "/records?user_id_type=x");
    refused(&client.get(&wrong).await?, 400, 99_992_402)?;
    let path = at(&token, &id, "/records/batch_get");
    refused(&client.post(&path, &json!({"record_ids": []})).await?, 400, 99_992_402)?;
    refused(&client.post_text(&path, "{").await?, 400, 1_254_000)?;
    refused(
        &client.post(&at("x-y", &id, "/records/batch_get"), &json!({"record_ids": ["a"]})).await?,
        400,
        1_254_003,
    )?;
    refused(
        &client.post(&at(&token, "x", "/records/batch_get"), &json!({"record_ids": ["a"]})).await?,
        400,
        1_254_004,
    )?;
    refused(
        &client
            .post(&at(&token, "tblx", "/records/batch_get"), &json!({"record_ids": ["a"]}))
            .await?,
        404,
        1_254_041,
    )?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_whole_and_repeated_ones_are_one() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let (token, id) = base(client).await?;
    let path = at(&token, &id, "/records/batch_create");
    let key = "client_token=fe599b60-450f-46ff-b2ef-9f6675625b97";
    let records: Vec<Value> = (0..1_000)
        .map(|number| json!({"fields": {"文本": format!("r{number}"), "单选": format!("o{}", number % 3)}}))
        .collect();
    let body = json!({"records": records});
    let made = client.post(&format!("{path}?{key}"), &body).await?.data()?.clone();
    let again = client.post(&format!("{path}?{key}"), &body).await?.data()?.clone();
    ensure!(made == again && made["records"].as_array().is_some_and(|all| all.len() == 1_000));
    let other = json!({"records": [{"fields": {}}]});
    refused(&client.post(&format!("{path}?{key}"), &other).await?, 400, 1_255_006)?;
    refused(&client.post(&format!("{path}?client_token=x"), &other).await?, 400, 1_254_037)?;
    let one = json!({"fields": {}});
    let alone = at(&token, &id, "/records");
    refused(&client.post(&format!("{alone}?{key}"), &one).await?, 400, 1_255_006)?;
    refused(&client.post(&format!("{alone}?client_token=x"), &one).await?, 400, 1_254_037)?;
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let page = client.get(&format!("{alone}?page_size=300{next}")).await?.data()?.clone();
        ensure!(page["total"] == 1_000, "{}", page["total"]);
        for item in page["items"].as_array().context("items")? {
            seen.push(item["fields"]["文本"].clone());
        }
        if page["has_more"] == false {
            break;
        }
        next = format!("&page_token={}", text(&page, "page_token")?);
    }
    ensure!(seen.len() == 1_000 && seen[999] == "r999", "{}", seen.len());
    let fields = client.get(&at(&token, &id, "/fields")).await?.data()?["items"][1].clone();
    let options = fields["property"]["options"].as_array().map(Vec::len);
    ensure!(options == Some(3), "{fields}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_the_same_time_all_get_through() -> Result<()> {
    let app = app().await?;
    let (token, id) = base(&app.client).await?;
    let mut calls = Vec::new();
    for number in 0..4 {
        let (client, path) = (app.client.clone(), at(&token, &id, "/records"));
        calls.push(tokio::spawn(async move {
            let body = json!({"fields": {"文本": format!("{number}")}});
            client.post(&path, &body).await.map(|answer| answer.code())
        }));
    }
    for call in calls {
        ensure!(call.await?? == 0);
    }
    let listed = app.client.get(&at(&token, &id, "/records")).await?.data()?.clone();
    ensure!(listed["total"] == 4, "{listed}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_holds_as_many_records_as_is_set() -> Result<()> {
    let app = TestApp::start_as(binary(), |config| config.base_records = 2).await?;
    let (token, id) = base(&app.client).await?;
    let three = json!({"records": [{"fields": {}}, {"fields": {}}, {"fields": {}}]});
    let path = at(&token, &id, "/records/batch_create");
    refused(&app.client.post(&path, &three).await?, 200, 1_254_103)?;
    let path = at(&token, &id, "/records");
    for _ in 0..2 {
        app.client.post(&path, &json!({"fields": {}})).await?.data()?;
    }
    refused(&app.client.post(&path, &json!({"fields": {}})).await?, 200, 1_254_103)
}

#[tokio::test(flavor = "multi_thread")]
async fn records_outlive_a_restart() -> Result<()> {
    let app = app().await?;
    let (token, id) = base(&app.client).await?;
    let path = at(&token, &id, "/records");
    app.client.post(&path, &json!({"fields": {"文本": "kept"}})).await?.data()?;
    let app = app.restart().await?;
    let listed = app.client.get(&path).await?.data()?.clone();
    ensure!(listed["items"][0]["fields"]["文本"] == "kept", "{listed}");
    ensure!(app.client.get(&format!("{APPS}/{token}")).await?.code() == 0);
    Ok(())
}
