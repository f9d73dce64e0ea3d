//! Filters, orders and pages, by both ways to ask.

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::client::Client;
use serde_json::{Value, json};

use super::{at, base, table};
use crate::world::text;
use crate::{app, refused};

async fn filled(client: &Client) -> Result<(String, String)> {
    let (token, _) = base(client).await?;
    let fields = json!([
        {"field_name": "姓名", "type": 1},
        {"field_name": "销售额", "type": 2},
        {"field_name": "职位", "type": 3},
        {"field_name": "标签", "type": 4},
        {"field_name": "入职", "type": 5},
        {"field_name": "在职", "type": 7},
    ]);
    let id = table(client, &token, "people", fields).await?;
    // The clock of tests stands at 2026-11-21.
    let now = 1_795_244_000_000_i64;
    let record = |name: &str, sales: f64, title: &str, tags: &[&str], day: i64, on: bool| {
        json!({"fields": {"姓名": name, "销售额": sales, "职位": title, "标签": tags,
                          "入职": now + day * 86_400_000, "在职": on}})
    };
    let mut records = vec![
        record("张三", 12_000.0, "初级销售员", &["甲", "乙"], 0, true),
        record("李四", 8_000.0, "初级销售员", &["甲"], -1, false),
        record("王五", 30_000.0, "高级销售员", &["乙"], -40, true),
    ];
    records.push(json!({"fields": {"姓名": "空"}}));
    let path = at(&token, &id, "/records/batch_create");
    client.post(&path, &json!({"records": records})).await?.data()?;
    Ok((token, id))
}

fn names(data: &Value) -> Vec<String> {
    let name = |item: &Value| match &item["fields"]["姓名"] {
        Value::String(name) => name.clone(),
        pieces => pieces[0]["text"].as_str().unwrap_or_default().to_owned(),
    };
    data["items"].as_array().into_iter().flatten().map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_choose_by_every_type() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let (token, id) = filled(client).await?;
    let path = at(&token, &id, "/records/search");
    let one = |field: &str, operator: &str, value: Value| {
        json!({"filter": {"conjunction": "and", "conditions": [
            {"field_name": field, "operator": operator, "value": value}]}})
    };
    for (field, operator, value, found) in [
        ("姓名", "is", json!(["张三"]), &["张三"][..]),
        ("姓名", "contains", json!(["三"]), &["张三"]),
        ("姓名", "doesNotContain", json!(["三"]), &["李四", "王五", "空"]),
        ("销售额", "isGreater", json!(["10000.0"]), &["张三", "王五"]),
        ("销售额", "isLessEqual", json!(["12000"]), &["张三", "李四"]),
        ("销售额", "isEmpty", json!([]), &["空"]),
        ("职位", "is", json!(["高级销售员"]), &["王五"]),
        ("职位", "isNot", json!(["高级销售员"]), &["张三", "李四", "空"]),
        ("标签", "contains", json!(["乙"]), &["张三", "王五"]),
        ("标签", "is", json!(["甲"]), &["李四"]),
        ("入职", "is", json!(["Today"]), &["张三"]),
        ("入职", "is", json!(["Yesterday"]), &["李四"]),
        ("入职", "isLess", json!(["ExactDate", "1795244000000"]), &["李四", "王五"]),
        ("入职", "isNotEmpty", json!([]), &["张三", "李四", "王五"]),
        ("在职", "is", json!(["true"]), &["张三", "王五"]),
    ] {
        let data = client.post(&path, &one(field, operator, value)).await?.data()?.clone();
        ensure!(names(&data) == found, "{field} {operator}: {data}");
        ensure!(data["total"] == found.len(), "{data}");
    }
    let nested = json!({"filter": {"conjunction": "and",
        "conditions": [{"field_name": "在职", "operator": "is", "value": ["true"]}],
        "children": [{"conjunction": "or", "conditions": [
            {"field_name": "销售额", "operator": "isGreater", "value": ["20000"]},
            {"field_name": "姓名", "operator": "is", "value": ["李四"]}]}]},
        "field_names": ["姓名"]});
    let data = client.post(&path, &nested).await?.data()?.clone();
    ensure!(names(&data) == ["王五"] && data["items"][0]["fields"].get("职位").is_none(), "{data}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_hold_over_pages() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let (token, id) = filled(client).await?;
    let path = at(&token, &id, "/records/search");
    for (sort, order) in [
        (json!([{"field_name": "销售额"}]), ["李四", "张三", "王五", "空"]),
        (json!([{"field_name": "销售额", "desc": true}]), ["王五", "张三", "李四", "空"]),
        (json!([{"field_name": "职位"}, {"field_name": "入职"}]), ["李四", "张三", "王五", "空"]),
    ] {
        let mut seen = Vec::new();
        let mut next = String::new();
        loop {
            let path = format!("{path}?page_size=1{next}");
            let page = client.post(&path, &json!({"sort": sort})).await?.data()?.clone();
            ensure!(page["total"] == 4, "{page}");
            seen.extend(names(&page));
            if page["has_more"] == false {
                break;
            }
            next = format!("&page_token={}", text(&page, "page_token")?);
        }
        ensure!(seen == order, "{sort}: {seen:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_historic_list_takes_formulas() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let (token, id) = filled(client).await?;
    let list = async |query: &[(&str, &str)]| {
        let query: Vec<String> = query
            .iter()
            .map(|(key, value)| {
                let value: Vec<_> = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
                format!("{key}={}", value.concat())
            })
            .collect();
        client.get(&at(&token, &id, &format!("/records?{}", query.join("&")))).await
    };
    let filter = "AND(CurrentValue.[销售额]>9000, CurrentValue.[职位]=\"初级销售员\")";
    let data = list(&[("filter", filter)]).await?.data()?.clone();
    ensure!(names(&data) == ["张三"] && data["total"] == 1, "{data}");
    let sorted = [("sort", "[\"销售额 DESC\"]"), ("field_names", "[\"姓名\"]")];
    let data = list(&sorted).await?.data()?.clone();
    ensure!(names(&data) == ["王五", "张三", "李四", "空"], "{data}");
    ensure!(data["items"][0]["fields"].as_object().map(serde_json::Map::len) == Some(1), "{data}");
    for (query, status, code) in [
        ([("filter", "wrong")], 200, 1_254_018),
        ([("filter", "CurrentValue.[none]=1")], 200, 1_254_045),
        ([("sort", "wrong")], 200, 1_254_016),
        ([("sort", "[\"none\"]")], 200, 1_254_016),
        ([("field_names", "wrong")], 200, 1_254_024),
        ([("field_names", "[\"none\"]")], 200, 1_254_045),
        ([("page_size", "0")], 400, 1_254_011),
        ([("view_id", "vewNNNNNNN")], 200, 1_254_042),
        ([("view_id", "x")], 200, 1_254_005),
        ([("page_token", "recNNN")], 400, 99_992_402),
        ([("automatic_fields", "maybe")], 400, 99_992_402),
    ] {
        let answer = list(&query).await?;
        refused(&answer, status, code).with_context(|| format!("{query:?}"))?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_refuse_what_is_no_search() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let (token, id) = filled(client).await?;
    let path = at(&token, &id, "/records/search");
    let filter = |conjunction: &str, conditions: Value| json!({"filter": {"conjunction": conjunction, "conditions": conditions}});
    let one = |field: &str, operator: &str, value: Value| {
        filter("and", json!([{"field_name": field, "operator": operator, "value": value}]))
    };
    let many: Vec<Value> =
        (0..51).map(|_| json!({"field_name": "姓名", "operator": "isEmpty"})).collect();
    let child = json!({"conjunction": "and", "children": [{"conjunction": "and"}]});
    let sorts: Vec<Value> = (0..101).map(|_| json!({"field_name": "姓名"})).collect();
    for (body, status, code) in [
        (filter("xor", json!([])), 200, 1_254_018),
        (one("none", "is", json!(["x"])), 200, 1_254_045),
        (one("姓名", "like", json!(["x"])), 200, 1_254_018),
        (one("姓名", "is", json!([])), 200, 1_254_018),
        (one("姓名", "isGreater", json!(["x"])), 200, 1_254_018),
        (one("销售额", "is", json!(["x"])), 200, 1_254_018),
        (one("入职", "is", json!(["Someday"])), 200, 1_254_018),
        (filter("and", json!(many)), 200, 1_254_107),
        (json!({"filter": {"conjunction": "and", "children": [child]}}), 200, 1_254_018),
        (json!({"sort": [{"field_name": "none"}]}), 200, 1_254_016),
        (json!({"sort": sorts}), 200, 1_254_108),
        (json!({"field_names": ["none"]}), 200, 1_254_045),
        (json!({"view_id": "x"}), 200, 1_254_005),
        (json!({"view_id": "vewNNNNNNN"}), 200, 1_254_042),
        (json!({"sort": "x"}), 400, 99_992_402),
    ] {
        let answer = client.post(&path, &body).await?;
        refused(&answer, status, code).with_context(|| body.to_string())?;
    }
    refused(&client.post_text(&path, "{").await?, 200, 1_254_000)?;
    refused(&client.post(&format!("{path}?page_size=0"), &json!({})).await?, 400, 1_254_011)
}
