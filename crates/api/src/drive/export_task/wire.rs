//! Export tasks exactly as the API spells them.

use serde::{Deserialize, Serialize};

/// Body of `driveExportTaskCreate`.
#[derive(Debug, Deserialize)]
pub(super) struct CreateBody {
    pub(super) file_extension: Option<String>,
    pub(super) token: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) sub_id: Option<String>,
}

/// Data of `driveExportTaskCreate`.
#[derive(Serialize)]
pub(super) struct CreateData {
    pub(super) ticket: String,
}

/// Data of `driveExportTaskGet`.
#[derive(Serialize)]
pub(super) struct GetData<'a> {
    pub(super) result: ExportTask<'a>,
}

/// `export_task`. The file's token, name and size stand together with `job_status` 0 and never
/// without it.
#[derive(Serialize)]
pub(super) struct ExportTask<'a> {
    pub(super) file_extension: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file_size: Option<i64>,
    pub(super) job_error_msg: &'a str,
    pub(super) job_status: i64,
}
