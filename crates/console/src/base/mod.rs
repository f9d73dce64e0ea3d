//! A base as tables of records.

use askama::Template;
use larkspur_api::{Answer, ApiError, Operation};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::asked::Asked;
use crate::frame::{Frame, Section};
use crate::page;
use crate::visit::{self, Visit, enter};

/// Records on a page.
const PAGE: i64 = 100;
/// The type of fields that hold a time.
const DATE_TIME: i64 = 5;
/// The types of fields that hold when something was made or changed.
const MADE: [i64; 2] = [1001, 1002];

#[derive(Deserialize)]
struct Items<T> {
    #[serde(default = "Vec::new")]
    items: Vec<T>,
    page_token: Option<String>,
    #[serde(default)]
    has_more: bool,
    #[serde(default)]
    total: i64,
}

#[derive(Deserialize)]
struct Table {
    table_id: String,
    name: String,
}

#[derive(Deserialize)]
struct Field {
    field_name: String,
    #[serde(rename = "type")]
    kind: i64,
}

#[derive(Deserialize)]
struct Record {
    fields: Map<String, Value>,
}

#[derive(Template)]
#[template(path = "base/base.html")]
struct Page {
    f: Frame,
    token: String,
    sub_id: String,
    formats: [&'static str; 2],
    tables: Vec<Table>,
    fields: Vec<Field>,
    records: Vec<Record>,
    total: i64,
    next: Option<String>,
}

impl Record {
    /// What it has in a field, as it reads.
    fn value(&self, field: &Field) -> String {
        let Some(value) = self.fields.get(&field.field_name) else { return String::new() };
        match value.as_i64() {
            Some(at_ms) if field.kind == DATE_TIME || MADE.contains(&field.kind) => {
                larkspur_model::time::moment_text(at_ms)
            }
            _ => shown(value),
        }
    }
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![page("consoleBase", "/console/bases/{token}", |services, request| {
        Box::pin(enter(services, request, show))
    })]
}

async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let token = visit.request.path_value("token").to_owned();
    let (object, acting) = visit.thing(&token).await?;
    let call = |operation| visit.call(operation, &acting).path("app_token", token.clone());
    let tables: Items<Table> =
        visit.ask(call("bitableAppTableList").query("page_size=100")).await?;
    let tables = tables.items;
    let wanted = visit.query("table").unwrap_or_default();
    let table = tables.iter().find(|table| table.table_id == wanted).or(tables.first());
    let table = table.map(|table| table.table_id.clone()).unwrap_or_default();
    let (mut fields, mut records, mut total, mut next) = (Vec::new(), Vec::new(), 0, None);
    if !table.is_empty() {
        let of_table = |operation| call(operation).path("table_id", table.clone());
        let list = of_table("bitableAppTableFieldList").query("page_size=100");
        fields = visit.ask::<Items<Field>>(list).await?.items;
        let query = Asked::default().with("page_size", PAGE);
        let query = query.with_some("page_token", visit.query("page_token"));
        let list = of_table("bitableAppTableRecordList").query(query);
        let list: Items<Record> = visit.ask(list).await?;
        records = list.items;
        total = list.total;
        let behind = list.page_token.filter(|_| list.has_more);
        let here = Asked::default().with("table", &table);
        let page = format!("/console/bases/{token}");
        next = behind.map(|behind| here.with("page_token", behind).at(&page));
    }
    let f = visit.frame(Section::Files, object.name).await?;
    let formats = ["xlsx", "csv"];
    visit::show(&Page { f, token, sub_id: table, formats, tables, fields, records, total, next })
}

/// A value as it reads: the texts of what it is put together from, with commas between choices.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "☑".to_owned(),
        Value::Bool(false) => "☐".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Array(parts) => {
            let separator = if parts.iter().any(Value::is_object) { "" } else { ", " };
            parts.iter().map(shown).collect::<Vec<_>>().join(separator)
        }
        Value::Object(part) => ["text", "name", "full_address", "link", "value"]
            .iter()
            .find_map(|key| part.get(*key))
            .map(shown)
            .unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_read() {
        assert_eq!(shown(&json!(["red", "blue"])), "red, blue");
        assert_eq!(shown(&json!([{"text": "a", "type": "text"}, {"text": "b"}])), "ab");
        assert_eq!(shown(&json!({"link": "https://a.example", "text": "A"})), "A");
    }
}
