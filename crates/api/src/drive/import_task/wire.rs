//! Import tasks exactly as the API spells them.

use serde::{Deserialize, Serialize};

use super::preview::Preview;

/// Body of `driveImportTaskCreate`.
#[derive(Debug, Deserialize)]
pub(super) struct CreateBody {
    pub(super) file_extension: Option<String>,
    pub(super) file_token: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) file_name: Option<String>,
    pub(super) point: Option<Point>,
}

/// `import_task_mount_point`.
#[derive(Debug, Deserialize)]
pub(super) struct Point {
    pub(super) mount_type: Option<i64>,
    pub(super) mount_key: Option<String>,
}

/// Data of `driveImportTaskCreate`.
#[derive(Serialize)]
pub(super) struct CreateData {
    pub(super) ticket: String,
}

/// Data of `driveImportTaskGet`.
#[derive(Serialize)]
pub(super) struct GetData<'a> {
    pub(super) result: ImportTask<'a>,
}

/// `import_task`. Token and address stand together with `job_status` 0 and never without it.
#[derive(Serialize)]
pub(super) struct ImportTask<'a> {
    pub(super) ticket: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) job_status: i64,
    pub(super) job_error_msg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) extra: Vec<&'a str>,
    /// Ours: what a dry run has to show, in the place of token and address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) preview: Option<&'a Preview>,
}
