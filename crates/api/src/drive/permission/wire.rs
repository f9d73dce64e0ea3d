//! Collaborators exactly as the API spells them.

use serde::{Deserialize, Serialize};

/// Body of `drivePermissionMemberCreate`, and an item of the batch.
#[derive(Debug, Default, Deserialize)]
pub(super) struct MemberBody {
    pub(super) member_type: Option<String>,
    pub(super) member_id: Option<String>,
    pub(super) perm: Option<String>,
    pub(super) perm_type: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

/// Body of `drivePermissionMemberBatchCreate`.
#[derive(Deserialize)]
pub(super) struct BatchBody {
    pub(super) members: Option<Vec<MemberBody>>,
}

/// `base_member`: a collaborator as it was added.
#[derive(Serialize)]
pub(super) struct BaseMember {
    pub(super) member_type: String,
    pub(super) member_id: String,
    pub(super) perm: &'static str,
    pub(super) perm_type: &'static str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
}

/// Data of `drivePermissionMemberCreate`.
#[derive(Serialize)]
pub(super) struct CreateData {
    pub(super) member: BaseMember,
}

/// Data of `drivePermissionMemberBatchCreate`.
#[derive(Serialize)]
pub(super) struct BatchData {
    pub(super) members: Vec<BaseMember>,
}

/// `member`: a collaborator as it is listed; the last four only where they were asked for.
#[derive(Serialize)]
pub(super) struct ListedMember {
    pub(super) member_type: &'static str,
    pub(super) member_id: String,
    pub(super) perm: &'static str,
    pub(super) perm_type: &'static str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) avatar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) external_label: Option<bool>,
}

/// Data of `drivePermissionMemberList`.
#[derive(Serialize)]
pub(super) struct ListData {
    pub(super) items: Vec<ListedMember>,
}
