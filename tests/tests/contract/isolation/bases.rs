//! Bases in the matrix: one with a table and a record in it.

use anyhow::Result;
use serde_json::json;

use super::cases::Case;
use super::cases::Outcome::{Open, Refused};
use super::things::Things;
use crate::world::{World, text};

const APPS: &str = "/open-apis/bitable/v1/apps";

/// A base in `folder`, its table, a record of that.
pub(super) async fn make(world: &World, folder: &str) -> Result<(String, String, String)> {
    let client = &world.app.client;
    let body = json!({"name": "zebra base", "folder_token": folder});
    let app = client.post(APPS, &body).await?.data()?["app"].clone();
    let (base, table) = (text(&app, "app_token")?, text(&app, "default_table_id")?);
    let path = format!("{APPS}/{base}/tables/{table}/records");
    let made = client.post(&path, &json!({"fields": {"文本": "zebra"}})).await?;
    let record = text(&made.data()?["record"], "record_id")?;
    Ok((base, table, record))
}

pub(super) fn case(id: &str, things: &Things) -> Option<Case> {
    let Things { folder, base, table, record, .. } = things;
    let missing = Refused(200, 1_254_040);
    let denied = |http| Refused(http, 1_254_302);
    let (read, change) = ([missing, denied(403), Open], [missing, denied(403), denied(403)]);
    let of_records = [missing, denied(200), Open];
    let at = |rest: &str| format!("{APPS}/{base}{rest}");
    let in_table = |rest: &str| at(&format!("/tables/{table}{rest}"));
    Some(match id {
        "bitableAppCreate" => Case::post(
            APPS.to_owned(),
            json!({"name": "zebra too", "folder_token": folder}),
            [Refused(404, 1_254_702), Refused(403, 1_254_701), Refused(403, 1_254_701)],
        ),
        "bitableAppGet" => Case::get(at(""), read),
        "bitableAppTableList" => Case::get(at("/tables"), read),
        "bitableAppTableCreate" => {
            Case::post(at("/tables"), json!({"table": {"name": "zebra table"}}), change)
        }
        "bitableAppTableFieldList" => Case::get(in_table("/fields"), read),
        "bitableAppTableFieldCreate" => {
            Case::post(in_table("/fields"), json!({"field_name": "zebra field", "type": 1}), change)
        }
        "bitableAppTableViewList" => Case::get(in_table("/views"), read),
        "bitableAppTableRecordList" => Case::get(in_table("/records"), of_records),
        "bitableAppTableRecordGet" => {
            Case::get(in_table(&format!("/records/{record}")), of_records)
        }
        "bitableAppTableRecordSearch" => {
            Case::post(in_table("/records/search"), json!({}), of_records)
        }
        "bitableAppTableRecordBatchGet" => Case::post(
            in_table("/records/batch_get"),
            json!({"record_ids": [record]}),
            [Refused(404, 1_254_040), Refused(400, 1_254_302), Open],
        ),
        "bitableAppTableRecordCreate" => {
            Case::post(in_table("/records"), json!({"fields": {}}), change)
        }
        "bitableAppTableRecordBatchCreate" => Case::post(
            in_table("/records/batch_create"),
            json!({"records": [{"fields": {}}]}),
            change,
        ),
        _ => return None,
    })
}
