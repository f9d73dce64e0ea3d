//! Bases that become files.

use std::io::Cursor;

use anyhow::{Context as _, Result, ensure};
use calamine::{Data, Reader as _};
use larkspur_tests::app::TestApp;
use serde_json::json;

use super::imports::CUSTOMERS;
use super::{APPS, at, base, table};
use crate::world::{World, text};
use crate::{app, refused};

/// The fields of every record of a text of comma-separated values.
fn parsed(csv: &[u8]) -> Vec<Vec<String>> {
    let text = String::from_utf8_lossy(csv);
    let mut records = Vec::new();
    let mut record = vec![String::new()];
    let mut quoted = false;
    let mut letters = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(letter) = letters.next() {
        let last = record.len() - 1;
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                record[last].push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => records.push(std::mem::replace(&mut record, vec![String::new()])),
            other => record[last].push(other),
        }
    }
    records
}

async fn exported(
    app: &TestApp,
    token: &str,
    extension: &str,
    part: Option<&str>,
) -> Result<Vec<u8>> {
    let ticket = app.client.export(token, "bitable", extension, part).await?;
    let result = app.exported(&ticket, token).await?;
    app.client.download(result["file_token"].as_str().with_context(|| result.to_string())?).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_csv_of_customers_comes_out_as_it_went_in() -> Result<()> {
    let app = app().await?;
    let token = app.import("csv", "bitable", CUSTOMERS.as_bytes(), "客户").await?;
    let tables = app.client.get(&format!("{APPS}/{token}/tables")).await?.data()?.clone();
    let id = text(&tables["items"][0], "table_id")?;
    let csv = exported(&app, &token, "csv", Some(&id)).await?;
    ensure!(parsed(&csv) == parsed(CUSTOMERS.as_bytes()), "{}", String::from_utf8_lossy(&csv));
    let body = json!({"fields": {"客户编号": "000129", "签约日期": 1_709_568_000_000_i64,
        "标签": ["重点", "海外"], "合同金额": 1234.5, "折扣": 0.5, "已付": true,
        "网址": {"text": "站点", "link": "https://z.cn"}}});
    app.client.post(&at(&token, &id, "/records"), &body).await?.data()?;
    let csv = exported(&app, &token, "csv", Some(&id)).await?;
    let records = parsed(&csv);
    let wanted = [
        "000129",
        "",
        "",
        "",
        "2024-03-05 00:00",
        "",
        "站点",
        "1,234.50",
        "50.00%",
        "重点;海外",
        "",
        "TRUE",
    ];
    ensure!(records.len() == 8 && records[7] == wanted, "{:?}", records.last());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_has_a_sheet_for_each_table() -> Result<()> {
    let world = World::start().await?;
    let app = &world.app;
    let token = app.import("csv", "bitable", CUSTOMERS.as_bytes(), "客户").await?;
    let tables = app.client.get(&format!("{APPS}/{token}/tables")).await?.data()?.clone();
    let first = text(&tables["items"][0], "table_id")?;
    let person = world.person("zhang").await?;
    let fields = json!([
        {"field_name": "名", "type": 1},
        {"field_name": "客户", "type": 18, "property": {"table_id": first}},
        {"field_name": "人", "type": 11},
        {"field_name": "号", "type": 1005},
        {"field_name": "天", "type": 5},
        {"field_name": "建", "type": 1001},
    ]);
    let second = table(&app.client, &token, "跟进", fields).await?;
    let listed = app.client.get(&at(&token, &first, "/records?page_size=2")).await?.data()?.clone();
    let customer = text(&listed["items"][1], "record_id")?;
    let body = json!({"fields": {"名": "拜访", "客户": [customer], "人": [{"id": person.open_id}],
                                 "天": 1_709_568_000_000_i64}});
    app.client.post(&at(&token, &second, "/records"), &body).await?.data()?;
    let bytes = exported(app, &token, "xlsx", None).await?;
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes))?;
    ensure!(book.sheet_names() == ["客户", "跟进"], "{:?}", book.sheet_names());
    let customers = book.worksheet_range("客户")?;
    ensure!(customers.get_value((1, 0)) == Some(&Data::String("000123".to_owned())));
    for row in 1..7 {
        let date = customers.get_value((row, 4));
        ensure!(matches!(date, Some(Data::DateTime(_))), "{row}: {date:?}");
    }
    ensure!(customers.get_value((1, 7)) == Some(&Data::Float(1000.5)));
    let visits = book.worksheet_range("跟进")?;
    let row: Vec<&Data> = (0..4).filter_map(|column| visits.get_value((1, column))).collect();
    let string = |text: &str| Data::String(text.to_owned());
    ensure!(row == [&string("拜访"), &string("000124"), &string("zhang"), &string("1")], "{row:?}");
    ensure!(matches!(visits.get_value((1, 5)), Some(Data::DateTime(_))));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_of_bases_need_a_table_that_is_there() -> Result<()> {
    let app = app().await?;
    let (token, id) = base(&app.client).await?;
    for part in [json!(null), json!("tblNNNNNNNNNNNNN")] {
        let body =
            json!({"file_extension": "csv", "token": token, "type": "bitable", "sub_id": part});
        let answer = app.client.post("/open-apis/drive/v1/export_tasks", &body).await?;
        refused(&answer, 400, 1_069_904)?;
    }
    let csv = exported(&app, &token, "csv", Some(&id)).await?;
    ensure!(
        parsed(&csv) == [["文本", "单选", "日期", "附件"]],
        "{}",
        String::from_utf8_lossy(&csv)
    );
    Ok(())
}
