//! Requests and answers about who is in a chat or a group.

use serde::{Deserialize, Serialize};

/// Who is in it from now on; nobody where both are left out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetBody {
    pub(super) tenant_id: Option<String>,
    pub(super) user_ids: Option<Vec<String>>,
    pub(super) app_ids: Option<Vec<String>>,
}

/// Who is in it.
#[derive(Serialize)]
pub(super) struct Data {
    pub(super) user_ids: Vec<String>,
    pub(super) app_ids: Vec<String>,
}
