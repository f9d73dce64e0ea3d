//! Moves and deletions exactly as the API spells them.

use serde::{Deserialize, Serialize};

/// Body of `driveFileMove`.
#[derive(Deserialize)]
pub(super) struct MoveBody {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) folder_token: Option<String>,
}

/// Data of `driveFileMove` and `driveFileDelete`; a task only where a folder goes.
#[derive(Serialize)]
pub(super) struct TaskData {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) task_id: Option<String>,
}

/// Data of `driveFileTaskCheck`.
#[derive(Serialize)]
pub(super) struct CheckData {
    pub(super) status: &'static str,
}
