//! Bases: made, filled, read back in both forms, searched.

mod exports;
mod fields;
mod imports;
mod records;
mod search;
mod tables;

use anyhow::Result;
use larkspur_tests::client::Client;
use serde_json::{Value, json};

use crate::world::text;

pub(crate) const APPS: &str = "/open-apis/bitable/v1/apps";

/// A base of `client` with nothing in it: its token and its table.
pub(crate) async fn base(client: &Client) -> Result<(String, String)> {
    let app = client.post(APPS, &json!({"name": "base"})).await?.data()?["app"].clone();
    Ok((text(&app, "app_token")?, text(&app, "default_table_id")?))
}

/// A table of a base with these fields.
pub(crate) async fn table(
    client: &Client,
    base: &str,
    name: &str,
    fields: Value,
) -> Result<String> {
    let body = json!({"table": {"name": name, "default_view_name": "all", "fields": fields}});
    let made = client.post(&format!("{APPS}/{base}/tables"), &body).await?;
    text(made.data()?, "table_id")
}

/// The path of a table.
pub(crate) fn at(base: &str, table: &str, rest: &str) -> String {
    format!("{APPS}/{base}/tables/{table}{rest}")
}
