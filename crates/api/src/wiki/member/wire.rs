//! Members exactly as the API spells them.

use serde::{Deserialize, Serialize};

/// Bodies of `wikiSpaceMemberCreate`, and of `wikiSpaceMemberDelete`, where the id stands in the
/// path.
#[derive(Deserialize)]
pub(super) struct MemberBody {
    pub(super) member_type: Option<String>,
    pub(super) member_id: Option<String>,
    pub(super) member_role: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

/// `member`.
#[derive(Serialize)]
pub(super) struct WireMember {
    pub(super) member_type: String,
    pub(super) member_id: String,
    pub(super) member_role: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

/// Data of `wikiSpaceMemberCreate` and `wikiSpaceMemberDelete`.
#[derive(Serialize)]
pub(super) struct MemberData {
    pub(super) member: WireMember,
}

/// Data of `wikiSpaceMemberList`; a page token only where there are more.
#[derive(Serialize)]
pub(super) struct ListData {
    pub(super) members: Vec<WireMember>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page_token: Option<String>,
    pub(super) has_more: bool,
}
