//! Fields of every type that can be made.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{at, base};
use crate::world::text;
use crate::{app, refused};

#[tokio::test(flavor = "multi_thread")]
async fn every_type_has_what_is_documented_about_it() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let (token, table) = base(client).await?;
    let fields = at(&token, &table, "/fields");
    let cases = [
        (1, "Text", json!({}), Value::Null),
        (1, "Email", json!({}), Value::Null),
        (1, "Barcode", json!({}), json!({"allowed_edit_modes": {"manual": true, "scan": true}})),
        (2, "Number", json!({"formatter": "1,000.00"}), json!({"formatter": "1,000.00"})),
        (
            2,
            "Progress",
            json!({}),
            json!({"formatter": "0%", "min": 0.0, "max": 1.0, "range_customize": false}),
        ),
        (
            2,
            "Currency",
            json!({"formatter": "0.0", "currency_code": "EUR"}),
            json!({"formatter": "0.0", "currency_code": "EUR"}),
        ),
        (
            2,
            "Rating",
            json!({}),
            json!({"formatter": "0", "min": 1.0, "max": 5.0, "rating": {"symbol": "star"}}),
        ),
        (5, "DateTime", json!({}), json!({"date_formatter": "yyyy/MM/dd", "auto_fill": false})),
        (7, "Checkbox", json!({}), Value::Null),
        (11, "User", json!({"multiple": false}), json!({"multiple": false})),
        (13, "Phone", json!({}), Value::Null),
        (15, "Url", json!({}), Value::Null),
        (17, "Attachment", json!({}), Value::Null),
        (22, "Location", json!({}), json!({"location": {"input_type": "not_limit"}})),
        (23, "GroupChat", json!({}), json!({"multiple": true})),
        (1001, "CreatedTime", json!({}), json!({"date_formatter": "yyyy/MM/dd"})),
        (1003, "CreatedUser", json!({}), Value::Null),
        (1005, "AutoNumber", json!({}), json!({"auto_serial": {"type": "auto_increment_number"}})),
    ];
    for (number, ui, property, shown) in cases {
        let body = json!({"field_name": ui, "type": number, "ui_type": ui, "property": property});
        let made = client.post(&fields, &body).await?.data()?["field"].clone();
        ensure!(made["type"] == number && made["ui_type"] == ui, "{made}");
        ensure!(made["property"] == shown, "{ui}: {made}");
        ensure!(text(&made, "field_id")?.len() == 10, "{made}");
    }
    let options = json!({"options": [{"name": "a"}, {"name": "b", "color": 54}]});
    for (number, name) in [(3, "one"), (4, "many")] {
        let body = json!({"field_name": name, "type": number, "property": options});
        let made = client.post(&fields, &body).await?.data()?["field"].clone();
        ensure!(made["property"]["options"][1]["color"] == 54, "{made}");
        ensure!(text(&made["property"]["options"][0], "id")?.len() == 10, "{made}");
    }
    let link = json!({"field_name": "link", "type": 18, "property": {"table_id": table}});
    let made = client.post(&fields, &link).await?.data()?["field"].clone();
    ensure!(made["property"]["table_name"] == "数据表" && made["property"]["multiple"] == true);
    let described = json!({"field_name": "described", "type": 1, "description": {"text": "why"}});
    client.post(&fields, &described).await?.data()?;
    let page = client.get(&format!("{fields}?page_size=100")).await?.data()?.clone();
    ensure!(page["total"] == 4 + 18 + 2 + 2, "{page}");
    let items = page["items"].as_array().context("items")?;
    ensure!(items[0]["is_primary"] == true && items[1]["is_primary"] == false);
    ensure!(items.last().is_some_and(|last| last["description"] == "why"), "{page}");
    let page = client.get(&format!("{fields}?page_size=2")).await?.data()?.clone();
    ensure!(page["has_more"] == true && page["items"].as_array().is_some_and(|two| two.len() == 2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_refuse_what_does_not_fit() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let (token, table) = base(client).await?;
    let fields = at(&token, &table, "/fields");
    let property = |number: i64, ui: &str, property: Value| json!({"field_name": "f", "type": number, "ui_type": ui, "property": property});
    let twice = json!({"options": [{"name": "a"}, {"name": "a"}]});
    for (body, status, code) in [
        (json!({"type": 1}), 400, 99_992_402),
        (json!({"field_name": "f", "type": 19}), 400, 99_992_402),
        (json!({"field_name": "", "type": 1}), 400, 1_254_028),
        (json!({"field_name": "f".repeat(101), "type": 1}), 400, 1_254_029),
        (json!({"field_name": "文本", "type": 1}), 200, 1_254_014),
        (json!({"field_name": "f", "type": 1, "ui_type": "Number"}), 200, 1_254_015),
        (property(2, "Number", json!({"formatter": "0.00000"})), 400, 1_254_081),
        (property(2, "Currency", json!({"currency_code": "XXX"})), 400, 1_254_081),
        (property(2, "Progress", json!({"min": 2.0})), 400, 1_254_081),
        (property(2, "Rating", json!({"rating": {"symbol": "x"}})), 400, 1_254_081),
        (property(3, "SingleSelect", twice.clone()), 400, 1_254_082),
        (property(4, "MultiSelect", twice), 400, 1_254_083),
        (property(3, "SingleSelect", json!({"options": [{"name": ""}]})), 200, 1_254_026),
        (property(5, "DateTime", json!({"date_formatter": "soon"})), 400, 1_254_084),
        (property(18, "SingleLink", json!({"table_id": "tblNNN"})), 400, 1_254_089),
        (property(20, "Formula", json!({"formula_expression": "1"})), 400, 1_254_091),
        (property(21, "DuplexLink", json!({"table_id": table})), 400, 1_254_092),
        (property(22, "Location", json!({"location": {"input_type": "x"}})), 200, 1_254_012),
        (property(1005, "AutoNumber", json!({"auto_serial": {"type": "x"}})), 200, 1_254_012),
    ] {
        let answer = client.post(&fields, &body).await?;
        refused(&answer, status, code).map_err(|error| error.context(body.to_string()))?;
    }
    refused(&client.post_text(&fields, "{").await?, 200, 1_254_000)?;
    for number in 4..300 {
        let body = json!({"field_name": format!("f{number}"), "type": 1});
        client.post(&fields, &body).await?.data()?;
    }
    refused(&client.post(&fields, &json!({"field_name": "g", "type": 1})).await?, 200, 1_254_105)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_makes_one_field() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let (token, table) = base(client).await?;
    let key = "client_token=fe599b60-450f-46ff-b2ef-9f6675625b97";
    let fields = at(&token, &table, "/fields");
    let body = json!({"field_name": "once", "type": 1});
    let first = client.post(&format!("{fields}?{key}"), &body).await?.data()?.clone();
    let second = client.post(&format!("{fields}?{key}"), &body).await?.data()?.clone();
    ensure!(first == second, "{first} {second}");
    let other = json!({"field_name": "other", "type": 1});
    refused(&client.post(&format!("{fields}?{key}"), &other).await?, 400, 1_255_006)?;
    refused(&client.post(&format!("{fields}?client_token=1"), &other).await?, 400, 1_254_037)
}
