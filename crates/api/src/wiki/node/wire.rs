//! Requests about nodes exactly as the API spells them, and pages of nodes.

use serde::{Deserialize, Serialize};

use super::super::view::WireNode;

/// Body of `wikiSpaceNodeCreate`.
#[derive(Deserialize)]
pub(super) struct CreateBody {
    pub(super) obj_type: Option<String>,
    pub(super) parent_node_token: Option<String>,
    pub(super) node_type: Option<String>,
    pub(super) origin_node_token: Option<String>,
    pub(super) title: Option<String>,
}

/// Body of `wikiSpaceNodeMove`.
#[derive(Deserialize)]
pub(super) struct MoveBody {
    pub(super) target_parent_token: Option<String>,
    pub(super) target_space_id: Option<String>,
}

/// Body of `wikiSpaceNodeCopy`; an empty title is one, none is the original's.
#[derive(Deserialize)]
pub(super) struct CopyBody {
    pub(super) target_parent_token: Option<String>,
    pub(super) target_space_id: Option<String>,
    pub(super) title: Option<String>,
}

/// Body of `wikiSpaceNodeUpdateTitle`.
#[derive(Deserialize)]
pub(super) struct TitleBody {
    pub(super) title: Option<String>,
}

/// Data of `wikiSpaceNodeList`; a page token only where there are more.
#[derive(Serialize)]
pub(super) struct ListData {
    pub(super) items: Vec<WireNode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_token: Option<String>,
    pub(super) has_more: bool,
}
