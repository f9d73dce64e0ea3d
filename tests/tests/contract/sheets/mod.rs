//! Reading an imported spreadsheet back: its sheets, and values in every rendering.

mod pictures;
mod write;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::app;

#[tokio::test(flavor = "multi_thread")]
async fn values_come_back_as_they_were() -> Result<()> {
    let app = app().await?;
    let source = "编号,名称,日期,数\r\n0012,甲,2024-01-31,1.5\r\n9007199254740993,,,-3\r\n";
    let token = app.import("csv", "sheet", source.as_bytes(), "表").await?;
    let query =
        app.client.get(&format!("/open-apis/sheets/v3/spreadsheets/{token}/sheets/query")).await?;
    let sheet = query.data()?["sheets"][0].clone();
    ensure!(sheet["index"] == 0 && sheet["resource_type"] == "sheet", "{sheet}");
    let id = sheet["sheet_id"].as_str().context("sheet_id")?.to_owned();
    ensure!(id.len() == 6, "{id}");
    let values = async |range: &str, options: &str| {
        let path = format!("/open-apis/sheets/v2/spreadsheets/{token}/values/{id}{range}{options}");
        let data = app.client.get(&path).await?.data()?.clone();
        anyhow::Ok(data["valueRange"]["values"].clone())
    };
    let all = values("!A1:D3", "").await?;
    ensure!(all[0] == json!(["编号", "名称", "日期", "数"]), "{all}");
    ensure!(all[1][0] == "0012" && all[1][2] == 45322 && all[1][3] == 1.5, "{all}");
    ensure!(all[2] == json!(["9007199254740993", null, null, -3]), "{all}");
    let shown = values("!A2:D2", "?valueRenderOption=FormattedValue").await?;
    ensure!(shown[0][2] == "2024-01-31", "{shown}");
    let dates = values("!C2:C2", "?dateTimeRenderOption=FormattedString").await?;
    ensure!(dates == json!([["2024-01-31"]]), "{dates}");
    ensure!(values("", "").await?[0][0] == "编号");
    ensure!(values("!A:B", "").await?[1] == json!(["0012", "甲"]));
    ensure!(values("!A2:B", "").await?[0] == json!(["0012", "甲"]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_ranges_have_their_codes() -> Result<()> {
    let app = app().await?;
    let token = app.import("csv", "sheet", b"a,b", "sheet").await?;
    let sheet = app.client.first_sheet(&token).await?;
    for range in ["nosuch!A1:B2".to_owned(), format!("{sheet}!B2:A"), format!("{sheet}!!")] {
        let path = format!("/open-apis/sheets/v2/spreadsheets/{token}/values/{range}");
        let answer = app.client.get(&path).await?;
        ensure!(answer.status >= 400 && answer.code() != 0, "{range}: {}", answer.body);
    }
    Ok(())
}
