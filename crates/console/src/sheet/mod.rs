//! A spreadsheet as a grid: the page, and the windows of cells that it asks for while one scrolls.

use askama::Template;
use larkspur_api::{Answer, ApiError, FieldViolation, Operation};
use larkspur_model::workbook::column_name;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::frame::{Frame, Section};
use crate::page;
use crate::visit::{self, Visit, enter};

/// The largest window, cells.
const MOST_CELLS: i64 = 20_000;

#[derive(Deserialize)]
struct Sheets {
    sheets: Vec<Sheet>,
}

#[derive(Deserialize)]
struct Sheet {
    sheet_id: String,
    title: String,
    hidden: bool,
    grid_properties: Grid,
}

#[derive(Deserialize)]
struct Grid {
    row_count: i64,
    column_count: i64,
    frozen_row_count: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    value_range: Range,
}

#[derive(Deserialize)]
struct Range {
    #[serde(default)]
    values: Vec<Vec<Value>>,
}

#[derive(Serialize)]
struct Window {
    rows: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "sheet/sheet.html")]
struct Page {
    f: Frame,
    token: String,
    sub_id: String,
    formats: [&'static str; 2],
    sheets: Vec<Sheet>,
    shown: usize,
}

impl Page {
    /// The sheet that is shown.
    fn sheet(&self) -> Option<&Sheet> {
        self.sheets.get(self.shown)
    }
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        page("consoleSheet", "/console/sheets/{token}", |services, request| {
            Box::pin(enter(services, request, show))
        }),
        page(
            "consoleSheetWindow",
            "/console/sheets/{token}/{sheet_id}/window",
            |services, request| Box::pin(enter(services, request, window)),
        ),
    ]
}

async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let token = visit.request.path_value("token").to_owned();
    let (object, acting) = visit.thing(&token).await?;
    let call = visit.call("sheetsSpreadsheetSheetQuery", &acting);
    let call = call.path("spreadsheet_token", token.clone());
    let Sheets { sheets } = visit.ask(call).await?;
    let wanted = visit.query("sheet").unwrap_or_default();
    let chosen = sheets.iter().position(|sheet| sheet.sheet_id == wanted);
    let shown = chosen.or_else(|| sheets.iter().position(|sheet| !sheet.hidden)).unwrap_or(0);
    let sub_id = sheets.get(shown).map_or_else(String::new, |sheet| sheet.sheet_id.clone());
    let f = visit.frame(Section::Files, object.name).await?;
    visit::show(&Page { f, token, sub_id, formats: ["xlsx", "csv"], sheets, shown })
}

/// Cells as they read: `rows` by `columns` from `top` and `left`, all counted from 0.
async fn window(visit: Visit) -> Result<Answer, ApiError> {
    let figure = |name: &str, least: i64| {
        let number = visit.request.query.integer(name).ok().flatten();
        number.filter(|number| (least..=10_000_000).contains(number)).ok_or_else(|| {
            ApiError::fields(vec![FieldViolation {
                field: name.to_owned(),
                value: visit.query(name).unwrap_or_default(),
                description: format!("a whole number from {least}"),
            }])
        })
    };
    let (top, left) = (figure("top", 0)?, figure("left", 0)?);
    let columns = figure("columns", 1)?.min(MOST_CELLS);
    let rows = figure("rows", 1)?.min(MOST_CELLS / columns);
    let token = visit.request.path_value("token").to_owned();
    let sheet = visit.request.path_value("sheet_id").to_owned();
    let (_, acting) = visit.thing(&token).await?;
    let name = |column: i64| column_name(u32::try_from(column).unwrap_or(u32::MAX));
    let (first, last) = (name(left), name(left + columns - 1));
    let range = format!("{sheet}!{first}{}:{last}{}", top + 1, top + rows);
    let call = visit.call("sheetsV2ValuesGet", &acting);
    let call = call.path("spreadsheetToken", token).path("range", range);
    let call = call.query("valueRenderOption=FormattedValue&dateTimeRenderOption=FormattedString");
    let Values { value_range } = visit.ask(call).await?;
    let rows = value_range.values.iter().map(|row| row.iter().map(shown).collect()).collect();
    Answer::flat(&Window { rows })
}

/// A value as it reads: texts, figures, and the texts of what a cell is put together from.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(shown).collect(),
        Value::Object(part) => part.get("text").map(shown).unwrap_or_default(),
        Value::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        Value::Number(number) => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_read() {
        assert_eq!(shown(&json!([{"text": "a"}, {"text": "b", "link": "x"}])), "ab");
        assert_eq!(
            [shown(&json!(1.5)), shown(&json!(true)), shown(&Value::Null)],
            ["1.5", "TRUE", ""]
        );
    }
}
