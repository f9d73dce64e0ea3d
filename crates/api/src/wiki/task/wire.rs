//! Moves into a wiki exactly as the API spells them, and requests for them as Larkspur does.

use serde::{Deserialize, Serialize};

use super::super::view::WireNode;

/// Body of `wikiSpaceNodeMoveDocsToWiki`.
#[derive(Deserialize)]
pub(super) struct MoveBody {
    pub(super) parent_wiki_token: Option<String>,
    pub(super) obj_type: Option<String>,
    pub(super) obj_token: Option<String>,
    pub(super) apply: Option<bool>,
}

/// Data of `wikiSpaceNodeMoveDocsToWiki`: one of the three.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum MoveData {
    /// The document is in a wiki already.
    WikiToken(String),
    /// It will be.
    TaskId(String),
    /// Somebody has been asked.
    Applied(bool),
}

/// Data of `wikiTaskGet`.
#[derive(Serialize)]
pub(super) struct GetData {
    pub(super) task: TaskResult,
}

/// `task_result`; a result for each document, of which there is one.
#[derive(Serialize)]
pub(super) struct TaskResult {
    pub(super) task_id: String,
    pub(super) move_result: Vec<MoveResult>,
}

/// `move_result`.
#[derive(Serialize)]
pub(super) struct MoveResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node: Option<WireNode>,
    pub(super) status: i64,
    pub(super) status_msg: &'static str,
}

/// A request as Larkspur shows it. Times are milliseconds since the epoch.
#[derive(Serialize)]
pub(super) struct WireRequest {
    pub(super) request_id: String,
    /// `user:…` or `app:cli_…`.
    pub(super) requester: String,
    pub(super) obj_token: String,
    pub(super) obj_type: &'static str,
    pub(super) title: String,
    pub(super) space_id: String,
    pub(super) parent_wiki_token: String,
    /// What somebody has yet to allow: `document`, `target`.
    pub(super) wanting: Vec<&'static str>,
    /// `waiting`, `accepted` or `refused`.
    pub(super) state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decided_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decided_ms: Option<i64>,
    pub(super) created_ms: i64,
    /// The task that moves the document, of an accepted one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) task_id: Option<String>,
}

/// Data of accepting and refusing one.
#[derive(Serialize)]
pub(super) struct RequestData {
    pub(super) request: WireRequest,
}

/// Data of the list of them.
#[derive(Serialize)]
pub(super) struct ListData {
    pub(super) items: Vec<WireRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_token: Option<String>,
    pub(super) has_more: bool,
}
